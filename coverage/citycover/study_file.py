"""The study file: what one study reads, over which area, by which rulebook and for whom."""

from __future__ import annotations

import datetime as dt
import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from citycover.errors import StudyError


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


_P = TypeVar("_P", bound=_Part)


class OsmInput(_Part):
    """One OpenStreetMap extract."""

    file: Path


class TableInput(_Part):
    """One table of the planner's: places or districts."""

    file: Path
    sheet: str | None = None
    datum: str | None = None
    columns: dict[str, str] | Path | None = None


class FleetInput(_Part):
    """One register of vehicles or vessels: required and fitted by kind; it has no positions."""

    file: Path
    sheet: str | None = None
    columns: dict[str, str] | Path | None = None


class CameraInput(TableInput):
    """One camera register; ``edition`` is that of its code tables, where editions disagree."""

    name: str | None = None
    edition: str | dict[str, str] | None = None
    department: str | None = None
    owner_class: str | None = None


class BudgetInput(_Part):
    """Money of one year: by whom, of which level, and for which kinds of places (none named: all)."""

    yuan: float = Field(ge=0)
    year: int
    builders: tuple[str, ...] = ("government", "police")
    level: str = ""
    kinds: tuple[str, ...] = ()


class GridInput(_Part):
    """A city's own plane by four parameters: shifts (m), rotation (″), scale (ppm), from CGCS2000 Gauss-Krüger."""

    meridian: float
    dx: float
    dy: float
    rotation: float = 0.0
    scale_ppm: float = 0.0


class PlanInput(_Part):
    """The construction plan: its money, and what stands on its cover; without it no plan is made.

    ``budget`` (yuan) is one sum in ``year``; ``lines`` are several, by year, level and builder. ``private_price`` is
    the yuan by which a square metre of private ground in view makes a site dearer when sites are chosen,
    ``most_private`` the square metres of it that one site may have in view;
    ``shares`` asks for the least cost instead: 0 to 1 of what is open, for all items or by article and item (``*``: the
    others). ``curve`` holds other sums (yuan) whose coverage is told beside the plan's.
    ``count_unconnected`` counts cameras that are known not to be connected as if they were.
    """

    budget: float | None = Field(default=None, ge=0)
    year: int | None = None
    lines: tuple[BudgetInput, ...] = ()
    private_price: float = Field(default=1.0, ge=0)
    most_private: float | None = Field(default=None, ge=0)
    spacing: float = Field(default=20.0, ge=5)
    retention_days: float = Field(default=30.0, gt=0)
    count_unconnected: bool = False
    state: Literal["draft", "for comment", "submitted", "approved"] = "draft"
    version: str = "1"
    drafters: tuple[str, ...] = ()
    approver: str = ""
    coordinates: str = "CGCS2000"
    local_grid: GridInput | None = None
    curve: tuple[float, ...] = ()
    shares: float | dict[str, float] | None = None


class Study(_Part):
    """One study: every flag of ``citycover run`` is a key of it, and every key is optional but ``osm``.

    Relative paths count from the folder of the study file (from the current folder where there is none).
    """

    name: str = "公共安全视频图像信息系统覆盖研究"
    date: dt.date = Field(default_factory=lambda: dt.datetime.now(tz=dt.UTC).date())
    area: Path | None = None
    rulebook: str = "wuxi_2019"
    overlay: str = "auto"
    edition: str = "IEC 62676-4:2014"
    osm: tuple[OsmInput, ...]
    cameras: tuple[CameraInput, ...] = ()
    places: tuple[TableInput, ...] = ()
    proposed: tuple[CameraInput, ...] = ()
    fleets: tuple[FleetInput, ...] = ()
    districts: tuple[TableInput, ...] = ()
    buildings: Path | None = None
    planned: Path | None = None
    terrain: Path | None = None
    records: Path | None = None
    criteria: Path | None = None
    requirements: Path | None = None
    catalogue: Path | None = None
    plan: PlanInput | None = None
    decisions: Path | None = None
    not_duplicates: Path | None = None
    previous: Path | None = None
    public_cell: float = Field(default=500.0, ge=500)
    map_review: str = ""
    population: float | None = Field(default=None, gt=0)
    report_template: Path | None = None
    atlas: bool = False
    marking: str = "内部资料"
    recipient: str = ""
    lang: Literal["zh", "en"] = "zh"


def read_study(path: str | Path) -> Study:
    """Read a study file (TOML).

    Returns
    -------
    The study, its paths made absolute against the folder of the file.

    Raises
    ------
    StudyError
        The file is missing or no TOML, holds a wrong key (the nearest right one is named), or a value of a wrong type.
    """
    file = Path(path)
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise StudyError(f"{file}: no such study file") from error
    except OSError as error:
        raise StudyError(f"{file}: needed a study file that can be read, given: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StudyError(f"{file.name}: needed TOML in UTF-8, given a file that is not: {error}") from error
    return make_study(raw, source=file.name, folder=file.resolve().parent)


def make_study(raw: Mapping[str, Any], *, source: str = "study", folder: Path | None = None) -> Study:
    """Make a study from plain values, as a TOML file or the flags of ``run`` give them.

    Parameters
    ----------
    raw
        Keys of :class:`Study`; ``osm``, ``cameras``, ``proposed``, ``places``, ``fleets`` and ``districts`` are lists
        of tables.
    source
        What to name in errors.
    folder
        Where relative paths count from; the current folder where it is not given.

    Raises
    ------
    StudyError
        As :func:`read_study`, or a file that the study names does not exist.

    Examples
    --------
    >>> make_study({"osm": [{"file": "a.osm"}], "rulebok": "wuxi_2019"})
    Traceback (most recent call last):
    citycover.errors.StudyError: study: unknown key 'rulebok'; did you mean 'rulebook'?
    """
    try:
        study = Study.model_validate(dict(raw))
    except ValidationError as error:
        raise StudyError(f"{source}: " + "; ".join(_sentence(e) for e in error.errors())) from error
    base = folder or Path.cwd()
    study = _absolute(study, base)
    missing = [str(p) for p in files_of(study) if not p.exists()]
    if missing:
        raise StudyError(f"{source}: no such file: {', '.join(missing)}")
    folders = [str(p) for p in files_of(study) if p.is_dir() and p != study.previous]
    if folders:
        raise StudyError(f"{source}: needed files, given folders or empty paths: {', '.join(folders)}")
    return study


def files_of(study: Study) -> list[Path]:
    """Return every file that the study reads, in the order of its keys."""
    found: list[Path] = []
    for value in dict(study).values():
        for part in value if isinstance(value, tuple) else (value,):
            found += [v for v in (dict(part).values() if isinstance(part, _Part) else (part,)) if isinstance(v, Path)]
    return found


def _absolute(part: _P, base: Path) -> _P:
    changes: dict[str, Any] = {}
    for key, value in dict(part).items():
        if isinstance(value, Path):
            changes[key] = base / value.expanduser()
        elif key == "edition" and isinstance(value, str) and value.lower().endswith(".toml"):  # the planner's densities
            changes[key] = str(base / Path(value).expanduser())
        elif isinstance(value, tuple) and value and isinstance(value[0], _Part):
            changes[key] = tuple(_absolute(v, base) for v in value)
    return part.model_copy(update=changes)


_TABLE_ERRORS = ("tuple_type", "model_type", "model_attributes_type", "dict_type")
_PARTS: dict[str, type[_Part]] = {
    "osm": OsmInput,
    "cameras": CameraInput,
    "proposed": CameraInput,
    "places": TableInput,
    "fleets": FleetInput,
    "districts": TableInput,
    "plan": PlanInput,
}


def _sentence(error: Any) -> str:
    where = [str(p) for p in error["loc"]]
    if error["type"] == "extra_forbidden":
        model = _PARTS.get(where[0], Study) if len(where) > 1 else Study
        near = difflib.get_close_matches(where[-1], list(model.model_fields), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else f"; known keys: {', '.join(model.model_fields)}"
        if len(where) > 1 and where[-1] in Study.model_fields:
            hint = f"; {where[-1]!r} is a key of the study: write it before the first [[…]]"
        return f"unknown key {'.'.join(where)!r}{hint}"
    if error["type"] in _TABLE_ERRORS and where[0] in _PARTS:
        given = error["input"]
        return f"key {where[0]!r}: needed tables, each written as [[{where[0]}]] with file = …, given {given!r}"
    if error["type"] == "path_type":
        return f"key {'.'.join(where)!r}: needed a path in quotes, given {error['input']!r}"
    if error["type"] == "missing":
        return f"needed the key {'.'.join(where)!r}, which is not given"
    return f"key {'.'.join(where)!r}: needed {error['msg'].lower()}, given {error['input']!r}"
