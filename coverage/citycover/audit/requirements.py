"""How sharply, from how many cameras and on which ground each part must be seen: the planner's numbers, or ours."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from citycover import terms
from citycover.errors import InputError

Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=100)]
Angle = Annotated[float, Field(gt=0, lt=90)]
Component = Literal["entrance", "ring", "segment", "junction", "passage", "area"]
Facing = Literal["any", "front", "both"]
FACINGS: Mapping[str, tuple[str, ...]] = {
    "entrance": ("any", "front"),
    "ring": ("any", "front"),
    "segment": ("any", "both"),
    "passage": ("any", "both"),
    "junction": ("any",),
    "area": ("any",),
}
"""From where a component may be asked to be seen: from anywhere, from its front, or along both directions of a line."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ground(_Frozen):
    """How samples are laid; lengths in metres, ground in square metres."""

    line_step: Positive
    cell: Positive
    cell_10_above: Positive
    cell_20_above: Positive
    point_buffer: Positive
    ring_offset: Positive
    forecourt: Positive
    junction_radius: Positive
    frontage_reach: Positive
    whole_area_step: Positive
    entrance_offset: Annotated[float, Field(ge=0)]
    outline_share: Share
    underground_kinds: tuple[str, ...]
    endless_kinds: tuple[str, ...]
    minor_entrances: tuple[str, ...]
    store_buildings: tuple[str, ...]


class Need(_Frozen):
    """What one component needs: px/m, cameras, the height over the ground that must be seen (m), and from where.

    ``front``: up to how many degrees to either side of straight ahead, where ``facing`` asks for a side.
    """

    density: Positive
    cameras: Annotated[int, Field(ge=1, le=2)]
    height: Annotated[float, Field(ge=0)]
    facing: Facing
    front: Angle


class PartNeed(_Frozen):
    """What one part asks beyond the default of a component; null keeps the default."""

    density: Positive | None = None
    cameras: Annotated[int, Field(ge=1, le=2)] | None = None
    facing: Facing | None = None
    front: Angle | None = None


class States(_Frozen):
    """Shares between which a component is called covered, partly covered or uncovered."""

    covered_share: Share
    uncovered_share: Share


class GapRules(_Frozen):
    """Longest stretch (m) and largest patch (m²) that is one gap; what is less than the least of each is a remnant."""

    longest: Positive
    largest: Positive
    shortest: Weight
    smallest: Weight


class Priority(_Frozen):
    """The summands of a gap's priority; duty in points, the others as weights times 0…1."""

    kind_weight: Weight
    road_weight: Weight
    size_weight: Weight
    kind_default: Share
    road_default: Share
    betweenness_share: Share
    duty: dict[str, Weight]
    full_size: dict[str, Positive]
    roads: dict[str, Share]
    kinds: dict[str, Share]


class Words(_Frozen):
    """A text in both languages; a plain text stands for both."""

    zh: Annotated[str, Field(min_length=1)]
    en: Annotated[str, Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return {"zh": given, "en": given} if isinstance(given, str) else given

    def in_language(self, lang: terms.Lang) -> str:
        """Return the text of a language."""
        return self.zh if lang == "zh" else self.en


class Requirements(_Frozen):
    """All numbers that decide what must be seen; ``origin`` says whose they are."""

    title: str
    origin: str
    ground: Ground
    components: dict[Component, Need]
    parts: dict[str, dict[Component, PartNeed]]
    purposes: dict[str, tuple[Component, ...]]
    indoor: dict[str, Words]
    states: States
    gaps: GapRules
    priority: Priority

    @model_validator(mode="after")
    def _sides(self) -> Requirements:
        asked = [(f"components.{component}", component, need.facing) for component, need in self.components.items()]
        for part, needs in self.parts.items():
            asked += [(f"parts.{part}.{component}", component, own.facing or "any") for component, own in needs.items()]
        for where, component, facing in asked:
            if facing not in FACINGS[component]:
                raise ValueError(f"{where}.facing: needed {' or '.join(FACINGS[component])}, given {facing}")
        return self

    def need(self, part: str, component: Component) -> Need:
        """Return what a component of a part needs: its own row where the part has one, else the default.

        >>> load_requirements().need("entrances_and_perimeter", "ring").density
        62.5
        """
        need = self.components[component]
        own = self.parts.get(part, {}).get(component, PartNeed())
        return need.model_copy(update={k: v for k, v in own.model_dump().items() if v is not None})


_CLOSED: dict[tuple[str, ...], tuple[str, ...]] = {
    ("components",): tuple(terms.COMPONENTS),
    ("parts",): tuple(terms.PARTS),
    ("indoor",): tuple(terms.PARTS),
    ("purposes",): tuple(terms.PURPOSES),
    ("priority", "duty"): tuple(terms.STANDINGS),
    ("priority", "full_size"): tuple(terms.UNITS),
    ("priority", "roads"): terms.ROAD_CLASSES,
    ("priority", "kinds"): tuple(terms.KINDS),
}
"""Tables of the file whose keys are a vocabulary."""


def load_requirements(path: str | Path | None = None) -> Requirements:
    """Return the requirements: ours, with the rows of a planner's TOML file laid over them.

    Parameters
    ----------
    path
        File that holds only what differs from ``requirements.toml`` of this package; null = ours alone.

    Raises
    ------
    InputError
        The file is missing or is no TOML, a key is unknown (the nearest right one is named), or a value is not allowed.

    Examples
    --------
    >>> load_requirements().need("site_per_plan", "entrance").density
    125.0
    """
    ours = tomllib.loads(resources.files(__package__).joinpath("requirements.toml").read_text("utf-8"))
    if path is None:
        return Requirements.model_validate(ours)
    file = Path(path)
    try:
        theirs = tomllib.loads(file.read_text("utf-8-sig"))
    except FileNotFoundError as error:
        raise InputError(
            f"requirements file {file.name}: needed a TOML file, given a path where there is none"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"requirements file {file.name}: needed TOML in UTF-8, given a file that is not: {error}"
        ) from error
    faults = list(_wrong_keys(theirs, ours, ()))
    if faults:
        raise InputError(f"requirements file {file.name}: " + "; ".join(faults))
    try:
        return Requirements.model_validate(_laid_over(ours, {"origin": file.name, **theirs}))
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}, given {e['input']!r}" for e in error.errors()]
        raise InputError(f"requirements file {file.name}: " + "; ".join(lines)) from error


def _wrong_keys(theirs: Mapping[str, Any], ours: Mapping[str, Any], at: tuple[str, ...]) -> list[str]:
    if len(at) == 2 and at[0] == "parts":
        allowed: tuple[str, ...] = tuple(terms.COMPONENTS)
    elif len(at) == 3 and at[0] == "parts":
        allowed = tuple(PartNeed.model_fields)
    elif len(at) == 2 and at[0] == "indoor":
        allowed = tuple(Words.model_fields)
    else:
        allowed = _CLOSED.get(at, tuple(ours))
    faults: list[str] = []
    for key, value in theirs.items():
        name = ".".join((*at, key))
        if key not in allowed:
            near = difflib.get_close_matches(key, allowed, 1, 0.0)
            faults.append(f"unknown key {name}, nearest right one: {'.'.join((*at, *near))}")
        elif isinstance(value, Mapping):
            below = ours.get(key, {})
            faults += _wrong_keys(value, below if isinstance(below, Mapping) else {}, (*at, key))
    return faults


def _laid_over(ours: Mapping[str, Any], theirs: Mapping[str, Any], at: tuple[str, ...] = ()) -> dict[str, Any]:
    merged = dict(ours)
    for key, value in theirs.items():
        below = merged.get(key)
        both = isinstance(value, Mapping) and isinstance(below, Mapping) and at != ("indoor",)  # texts come whole
        merged[key] = _laid_over(below, value, (*at, key)) if both else value  # type: ignore[arg-type]
    return merged
