"""Tells from the tags and the name of an OSM object which kinds of place it is, by the rules of ``kinds.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import terms
from citycover.errors import FileFormatError

Mask = npt.NDArray[np.bool_]
Values = dict[str, frozenset[str]]

NAME_KEYS = ("name", "name:zh", "name:zh-Hans", "official_name", "name:en")
"""Keys that hold a name, best first."""

_SECTIONS = ("bare", "words", "zones", "groups")
_RULE_KEYS = frozenset(
    [
        "tags",
        "not_tags",
        "name",
        "ends",
        "not_name",
        "bare",
        "geometry",
        "min_ground",
        "max_ground",
        "inside",
        "not_inside",
        "holds",
        "confidence",
        "candidate",
    ]
)
_SHAPES = {0: "node", 1: "line", 2: "area"}


@dataclass(frozen=True)
class Rule:
    """One way to know a kind; holds when all that it names holds (the language is explained in ``kinds.toml``)."""

    kind: str
    number: int
    tags: Values
    not_tags: Values
    name: re.Pattern[str] | None
    not_name: re.Pattern[str] | None
    bare: bool
    geometry: frozenset[str]
    min_ground: float
    max_ground: float
    inside: tuple[str, ...]
    not_inside: tuple[str, ...]
    holds: str
    confidence: str
    candidate: bool

    @property
    def building_only(self) -> bool:
        """Whether nothing but a building tag speaks for the kind."""
        return set(self.tags) == {"building"} and not self.bare


@dataclass(frozen=True)
class Zone:
    """Ground that rules may ask for: polygons with one of the tags, up to a size (m²)."""

    tags: Values
    max_ground: float


@dataclass(frozen=True)
class KindRules:
    """The rules of all kinds, what a bare name may stand on, and per kind how several objects become one place."""

    rules: tuple[Rule, ...]
    derived: dict[str, str]
    unshown: dict[str, str]
    own_unit: dict[str, str]
    merge: dict[str, float]
    estate: dict[str, float]
    zones: dict[str, Zone]
    groups: dict[str, Values]
    blocking: frozenset[str]
    neutral: Values
    not_building: frozenset[str]
    bare_not_name: re.Pattern[str]
    in_campus: frozenset[str]


@cache
def load_kinds(path: Path | None = None) -> KindRules:
    """Return the rules of ``kinds.toml``, or of another file of the same form.

    Raises
    ------
    FileFormatError
        A kind is unknown or has no reading, or a rule has a word that the language lacks, names an unknown zone, or
        holds a regular expression that does not compile. The message names the kind and the rule.

    Examples
    --------
    >>> len(load_kinds().unshown) + len({rule.kind for rule in load_kinds().rules} | set(load_kinds().derived))
    120
    """
    path = path or Path(__file__).with_name("kinds.toml")
    with path.open("rb") as file:
        data = tomllib.load(file)
    bare, words, zones, groups = (data[s] for s in _SECTIONS)
    kinds = {k: v for k, v in data.items() if k not in _SECTIONS}
    wrong = sorted(set(kinds) ^ set(terms.KINDS))
    if wrong:
        raise FileFormatError(f"{path.name}: needed each kind of the vocabulary once, at fault: {', '.join(wrong)}")
    empty = [k for k, v in kinds.items() if not {"rules", "derived", "unshown"} & set(v)]
    if empty:
        raise FileFormatError(f"{path.name}: needed rules, derived or unshown, {', '.join(empty)} has none")
    rules = [
        _read_rule(kind, number, rule, tail=bare["tail"], words=words, zones=zones, groups=groups, file=path.name)
        for kind, entry in kinds.items()
        for number, rule in enumerate(entry.get("rules", []), start=1)
    ]
    return KindRules(
        rules=tuple(rules),
        derived={k: v["derived"] for k, v in kinds.items() if "derived" in v},
        unshown={k: v["unshown"] for k, v in kinds.items() if "unshown" in v},
        own_unit={k: v.get("own_unit", ".") for k, v in kinds.items()},
        merge={k: float(v.get("merge", 15.0)) for k, v in kinds.items()},
        estate={k: float(v["estate"]) for k, v in kinds.items() if "estate" in v},
        zones={k: Zone(_values(z["tags"]), float(z.get("max_ground", np.inf))) for k, z in zones.items()},
        groups={k: _values(g) for k, g in groups.items()},
        blocking=frozenset(bare["blocking"]),
        neutral=_values(bare["neutral"]),
        not_building=frozenset(bare["not_building"]),
        bare_not_name=re.compile(bare["not_name"]),
        in_campus=frozenset(bare["in_campus"]),
    )


def unshown_kinds() -> list[str]:
    """Return the kinds that OpenStreetMap cannot show: the planner supplies them as tables of places.

    >>> "weapons_ammunition_site" in unshown_kinds(), "bridge" in unshown_kinds()
    (True, False)
    """
    return list(load_kinds().unshown)


def match_kinds(objects: gpd.GeoDataFrame, rules: KindRules | None = None) -> pd.DataFrame:
    """Return which object is of which kind by its own tags and name.

    Parameters
    ----------
    objects
        ``osm_id``, ``tags`` (a dict per row) and metric geometry.
    rules
        Rules to use; those of the package where left out.

    Returns
    -------
    DataFrame
        One row per object and kind, in the order of objects, then kinds: ``row`` (position in ``objects``), ``kind``,
        ``evidence`` (the tags and words that spoke), ``confidence``, ``candidate``, ``weak`` (only a building tag or
        only words spoke) and ``building_only``. Where several rules hold, the surest one counts.

    Examples
    --------
    >>> tags = [{"building": "yes", "name": "第三中学"}, {"highway": "bus_stop", "name": "第三中学"}]
    >>> rows = gpd.GeoDataFrame({"osm_id": ["way/1", "node/2"], "tags": tags},
    ...     geometry=[shapely.box(0, 0, 9, 9), shapely.Point(20, 0)], crs=32650)
    >>> match_kinds(rows)[["row", "kind", "evidence"]].values.tolist()
    [[0, 'education_institution', 'building=yes; name: 中学'],
     [0, 'school_kindergarten', 'building=yes; name: 中学'],
     [1, 'public_transport_facility_other', 'highway=bus_stop']]
    """
    rules = rules or load_kinds()
    cards = _Cards(objects, rules)
    found = [cards.apply(rule) for rule in rules.rules]
    found = [f for f in found if len(f)]
    columns = ["row", "kind", "evidence", "confidence", "candidate", "weak", "building_only"]
    if not found:
        return pd.DataFrame({c: pd.Series(dtype=object) for c in columns})
    table = pd.concat(found, ignore_index=True)
    table["_order"] = table["kind"].map({k: i for i, k in enumerate(terms.KINDS)})
    table["_sure"] = table["confidence"].map({c: i for i, c in enumerate(terms.CONFIDENCES)})
    table = table.sort_values(["row", "_order", "candidate", "_sure", "weak"], kind="stable")
    return table.drop_duplicates(["row", "kind"])[columns].reset_index(drop=True)


def names(tags: Iterable[Mapping[str, str]]) -> list[str | None]:
    """Return the name of each object, Chinese where the main name is missing; null where there is none.

    >>> names([{"name": "总统府"}, {"name:zh": "朝天宫"}, {}])
    ['总统府', '朝天宫', None]
    """
    return [next((t[k] for k in NAME_KEYS if k in t), None) for t in tags]


def _values(table: Mapping[str, str | list[str]]) -> Values:
    return {k: frozenset([v] if isinstance(v, str) else v) for k, v in table.items()}


def _read_rule(
    kind: str,
    number: int,
    given: Mapping[str, Any],
    *,
    tail: str,
    words: Mapping[str, str],
    zones: Mapping[str, Any],
    groups: Mapping[str, Any],
    file: str,
) -> Rule:
    where = f"{file}: {kind}, rule {number}"
    unknown = sorted(set(given) - _RULE_KEYS)
    if unknown:
        raise FileFormatError(f"{where}: needed one of {', '.join(sorted(_RULE_KEYS))}, given {', '.join(unknown)}")
    if not given.get("tags") and not given.get("bare"):
        raise FileFormatError(f"{where}: needed tags, or bare = true; a name alone proves nothing")
    if given.get("bare") and not ({"ends", "name"} & set(given)):
        raise FileFormatError(f"{where}: needed words beside bare = true, given none")
    lost = sorted({*given.get("inside", []), *given.get("not_inside", [])} - set(zones))
    lost += [given["holds"]] if given.get("holds", "") not in {"", *groups} else []
    if lost:
        raise FileFormatError(f"{where}: needed a zone or group of the file, given {', '.join(lost)}")
    texts = {k: _expand(given[k], words, where) for k in ("name", "ends", "not_name") if k in given}
    if "ends" in texts:
        texts["name"] = f"{texts.get('name', '')}.*?(?P<w>{texts['ends']}){tail}$"
    try:
        name = re.compile(texts["name"]) if "name" in texts else None
        not_name = re.compile(texts["not_name"]) if "not_name" in texts else None
    except re.error as error:
        raise FileFormatError(
            f"{where}: needed a regular expression, given one that does not compile: {error}"
        ) from error
    bare = bool(given.get("bare", False))
    return Rule(
        kind=kind,
        number=number,
        tags=_values(given.get("tags", {})),
        not_tags=_values(given.get("not_tags", {})),
        name=name,
        not_name=not_name,
        bare=bare,
        geometry=frozenset(given.get("geometry", ["node", "area"])),
        min_ground=float(given.get("min_ground", 0.0)),
        max_ground=float(given.get("max_ground", np.inf)),
        inside=tuple(given.get("inside", [])),
        not_inside=tuple(given.get("not_inside", [])),
        holds=given.get("holds", ""),
        confidence=given.get("confidence", "medium" if bare else "high"),
        candidate=bool(given.get("candidate", False)),
    )


def _expand(text: str, words: Mapping[str, str], where: str) -> str:
    for word in re.findall(r"(?<![?P])<([a-z ]+)>", text):
        if word not in words:
            raise FileFormatError(f"{where}: needed a word of [words], given <{word}>")
        text = text.replace(f"<{word}>", words[word])
    return text


@dataclass
class _Cards:
    """The objects as columns by tag key, made when asked for; each test is done once per distinct value."""

    objects: gpd.GeoDataFrame
    rules: KindRules
    _columns: dict[str, tuple[npt.NDArray[np.int64], list[str]]] = field(default_factory=dict)
    _zones: dict[str, Mask] = field(default_factory=dict)

    @cached_property
    def rows(self) -> npt.NDArray[np.int64]:
        """Positions of the objects that any rule can reach: plain unnamed buildings and the like are left out."""
        used: dict[str, set[str]] = {}
        for rule in self.rules.rules:
            for key, values in rule.tags.items():
                used.setdefault(key, set()).update(values if rule.name is None else ())
        common = {key: values for key, values in used.items() if "*" not in values}
        keys = frozenset(used) - frozenset(common)
        named = frozenset(NAME_KEYS)
        hit = [
            not named.isdisjoint(t)
            or not keys.isdisjoint(t)
            or any(k in common and (t[k] in common[k] or ";" in t[k]) for k in t)
            for t in self.objects["tags"]
        ]
        return np.flatnonzero(np.asarray(hit, bool)).astype(np.int64)

    @cached_property
    def tags(self) -> list[Mapping[str, str]]:
        return list(self.objects["tags"].iloc[self.rows])

    @cached_property
    def shapes(self) -> npt.NDArray[np.object_]:
        return np.asarray(self.objects.geometry.iloc[self.rows].to_numpy(), dtype=object)

    @cached_property
    def shape(self) -> npt.NDArray[np.str_]:
        dimension = shapely.get_dimensions(self.shapes)
        return np.array([_SHAPES.get(int(d), "") for d in dimension], dtype="U4")

    @cached_property
    def ground(self) -> npt.NDArray[np.float64]:
        return np.asarray(shapely.area(self.shapes), float)

    def column(self, key: str) -> tuple[npt.NDArray[np.int64], list[str]]:
        """Return the code of each object's value of a key (-1 for none) and the distinct values."""
        if key not in self._columns:
            values = names(self.tags) if key == "name" else [t.get(key) for t in self.tags]
            codes, distinct = pd.factorize(np.array(values, dtype=object), use_na_sentinel=True)
            self._columns[key] = codes.astype(np.int64), [str(d) for d in distinct]
        return self._columns[key]

    def test(self, key: str, holds: Callable[[str], object]) -> Mask:
        """Return where the value of a key passes a test; an object without the key never does."""
        codes, distinct = self.column(key)
        passed = np.array([*(bool(holds(v)) for v in distinct), False], dtype=bool)
        return np.asarray(passed[codes], dtype=bool)

    def tagged(self, key: str, wanted: frozenset[str]) -> Mask:
        if "*" in wanted:
            return self.test(key, lambda v: v != "no")
        return self.test(key, lambda v: not wanted.isdisjoint(p.strip() for p in v.split(";")))

    @cached_property
    def bare(self) -> Mask:
        """Where an object carries a name, maybe a building or a use of land, and nothing that says it is something."""
        ok = self.test("name", lambda v: not self.rules.bare_not_name.search(v))
        for key in self.rules.blocking:
            neutral = self.rules.neutral.get(key, frozenset())
            ok &= ~self.test(key, lambda v, neutral=neutral: v not in neutral)  # type: ignore[misc]
        ok &= ~self.tagged("building", self.rules.not_building)
        return np.asarray(ok & (self.shape != "line"), dtype=bool)

    def in_zone(self, name: str) -> Mask:
        """Return which objects lie in a polygon of a zone other than themselves."""
        if name not in self._zones:
            zone = self.rules.zones[name]
            is_zone = np.zeros(len(self.rows), dtype=bool)
            for key, wanted in zone.tags.items():
                is_zone |= self.tagged(key, wanted)
            # Zone polygons must be among the rows; each zone key is a key of some rule.
            is_zone &= (self.shape == "area") & (self.ground <= zone.max_ground)
            where = np.flatnonzero(is_zone)
            inside = np.zeros(len(self.rows), dtype=bool)
            points = shapely.point_on_surface(self.shapes)
            point, polygon = shapely.STRtree(self.shapes[where]).query(points, predicate="within")
            smaller = self.ground[point] < self.ground[where[polygon]]
            inside[point[(where[polygon] != point) & smaller]] = True
            self._zones[name] = inside
        return self._zones[name]

    def holding(self, group: str) -> Mask:
        """Return which polygons hold at least two buildings of a group."""
        keys = self.rules.groups[group]
        member = [any(t.get(k) in v for k, v in keys.items()) for t in self.objects["tags"]]
        points = shapely.centroid(self.objects.geometry.to_numpy()[np.asarray(member, bool)])
        area = np.flatnonzero(self.shape == "area")
        polygon, _ = shapely.STRtree(points).query(self.shapes[area], predicate="contains")
        counts = np.bincount(polygon, minlength=len(area))
        held = np.zeros(len(self.rows), dtype=bool)
        held[area[counts >= 2]] = True
        return held

    def tests(self, rule: Rule) -> Iterator[Callable[[], Mask]]:
        """Yield the tests of a rule, the cheap ones first."""
        for key, wanted in rule.tags.items():
            yield partial(self.tagged, key, wanted)
        if rule.name is not None:
            yield partial(self.test, "name", rule.name.search)
        for key, refused in rule.not_tags.items():
            yield partial(self.lacks, key, refused)
        if rule.not_name is not None:
            yield lambda: ~self.test("name", rule.not_name.search)  # type: ignore[union-attr]
        yield lambda: np.isin(self.shape, list(rule.geometry))
        yield lambda: (self.ground >= rule.min_ground) & (self.ground <= rule.max_ground)
        for zone in rule.inside:
            yield partial(self.in_zone, zone)
        part = ("campus",) if rule.bare and rule.kind not in self.rules.in_campus else ()
        for zone in (*rule.not_inside, *part):
            yield partial(self.outside_zone, zone)
        if rule.holds:
            yield partial(self.holding, rule.holds)

    def lacks(self, key: str, refused: frozenset[str]) -> Mask:
        return ~self.tagged(key, refused)

    def outside_zone(self, name: str) -> Mask:
        return ~self.in_zone(name)

    def apply(self, rule: Rule) -> pd.DataFrame:
        """Return the objects for which a rule holds, with the evidence."""
        ok = self.bare.copy() if rule.bare else np.ones(len(self.rows), dtype=bool)
        for test in self.tests(rule):
            if not ok.any():
                return pd.DataFrame()
            ok &= test()
        at = np.flatnonzero(ok)
        if not len(at):
            return pd.DataFrame()
        weak = rule.bare or rule.building_only
        return pd.DataFrame(
            {
                "row": self.rows[at],
                "kind": rule.kind,
                "evidence": self.evidence(rule, at),
                "confidence": rule.confidence,
                "candidate": rule.candidate,
                "weak": weak,
                "building_only": rule.building_only,
            }
        )

    def evidence(self, rule: Rule, at: npt.NDArray[np.int64]) -> list[str]:
        """Return the tags and words that spoke, such as ``amenity=school`` or ``building=yes; name: 中学``."""
        keys = [k for k in rule.tags if k != "name"] or ["building", "landuse"]
        texts = []
        for i in at:
            tags = self.tags[i]
            parts = [f"{k}={tags[k]}" for k in keys if k in tags]
            if rule.name is not None and (rule.name.pattern != "." or not parts):
                found = rule.name.search(names([tags])[0] or "")
                word = found.groupdict().get("w") or found.group(0) if found else ""
                parts.append(f"name: {word}")
            if rule.holds:
                parts.append(f"holds {rule.holds}")
            texts.append("; ".join(parts))
        return texts
