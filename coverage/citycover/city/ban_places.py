"""Find the features that bans and duties of consent speak of: toilets, baths, hosts of private rooms, secret ground."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import tables, terms
from citycover.city.kinds import Rule, load_kinds, match_kinds, names
from citycover.city.model import City
from citycover.errors import FileFormatError

Objects = npt.NDArray[np.object_]

PLACE_TYPES: dict[str, terms.Label] = {**terms.BAN_PLACES, **terms.CONSENT_PLACES}
BEYOND = 300.0
"""Metres around the study's area from which a planner's features are kept: a camera inside may be near them."""

_SECTIONS = ("own_building", "rooms")
_RULE_KEYS = frozenset({"tags", "not_tags", "name", "not_name", "geometry", "min_ground", "max_ground", "direct"})


@dataclass(frozen=True)
class BanRules:
    """What ``bans.toml`` says; ``rules[i].kind`` is ``<place type>:<i>`` and ``direct[i]`` tells of what it finds."""

    rules: tuple[Rule, ...]
    direct: tuple[bool, ...]
    near: Mapping[str, float]
    site_buildings: Mapping[str, frozenset[str]]
    own_ground: float
    own_values: frozenset[str]
    own_name: re.Pattern[str]
    plain: frozenset[str]
    open_rooms: re.Pattern[str]
    closed_rooms: re.Pattern[str]

    @property
    def types(self) -> tuple[str, ...]:
        """The place type of each rule."""
        return tuple(rule.kind.partition(":")[0] for rule in self.rules)

    def is_direct(self, place_type: str) -> bool:
        """Return whether a row of a planner's list with this place type is the forbidden place itself."""
        said = [d for t, d in zip(self.types, self.direct, strict=True) if t == place_type]
        return any(said) or not said


@cache
def load_bans(path: Path | None = None) -> BanRules:
    """Return the rules of ``bans.toml``, or of another file of the same form.

    Raises
    ------
    FileFormatError
        A place type is unknown or has neither rules nor ``listed``, or a rule has a word that the language lacks, or a
        regular expression that does not compile. The message names the place type and the rule.

    Examples
    --------
    >>> sorted(set(PLACE_TYPES) - set(load_bans().types))
    ['classified_unit', 'voting_place']
    """
    path = path or Path(__file__).with_name("bans.toml")
    with path.open("rb") as file:
        data = tomllib.load(file)
    own, rooms = (data.pop(section) for section in _SECTIONS)
    wrong = sorted(set(data) ^ set(PLACE_TYPES))
    if wrong:
        raise FileFormatError(f"{path.name}: needed each place type once, at fault: {', '.join(wrong)}")
    empty = [t for t, entry in data.items() if not {"rules", "listed"} & set(entry)]
    if empty:
        raise FileFormatError(f"{path.name}: needed rules or listed, {', '.join(empty)} has none")
    given = [(t, n, rule) for t, entry in data.items() for n, rule in enumerate(entry.get("rules", []), start=1)]
    return BanRules(
        rules=tuple(_read_rule(t, n, i, rule, path.name) for i, (t, n, rule) in enumerate(given)),
        direct=tuple(bool(rule.get("direct", False)) for _, _, rule in given),
        near={t: float(entry["near"]) for t, entry in data.items() if "near" in entry},
        site_buildings={t: frozenset(entry["buildings"]) for t, entry in data.items() if "buildings" in entry},
        own_ground=float(own["max_ground"]),
        own_values=frozenset(own["values"]),
        own_name=re.compile(own["name"]),
        plain=frozenset(own["plain"]),
        open_rooms=re.compile(rooms["open"], re.IGNORECASE),
        closed_rooms=re.compile(rooms["closed"], re.IGNORECASE),
    )


def _read_rule(place_type: str, number: int, position: int, given: Mapping[str, Any], file: str) -> Rule:
    where = f"{file}: {place_type}, rule {number}"
    unknown = sorted(set(given) - _RULE_KEYS)
    if unknown:
        raise FileFormatError(f"{where}: needed one of {', '.join(sorted(_RULE_KEYS))}, given {', '.join(unknown)}")
    if not given.get("tags"):
        raise FileFormatError(f"{where}: needed tags; a name alone proves nothing")
    try:
        name, not_name = (re.compile(given[k]) if k in given else None for k in ("name", "not_name"))
    except re.error as error:
        raise FileFormatError(f"{where}: needed a regular expression, given one that fails: {error}") from error
    return Rule(
        kind=f"{place_type}:{position}",
        number=number,
        tags=_values(given["tags"]),
        not_tags=_values(given.get("not_tags", {})),
        name=name,
        not_name=not_name,
        bare=False,
        geometry=frozenset(given.get("geometry", ["node", "area"])),
        min_ground=float(given.get("min_ground", 0.0)),
        max_ground=float(given.get("max_ground", np.inf)),
        inside=(),
        not_inside=(),
        holds="",
        confidence="high",
        candidate=False,
    )


def _values(table: Mapping[str, str | list[str]]) -> dict[str, frozenset[str]]:
    return {k: frozenset([v] if isinstance(v, str) else v) for k, v in table.items()}


def find_ban_places(objects: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table ``ban_places`` of raw OSM objects: place types in the order of ``bans.toml``, then of objects.

    A direct feature keeps its ground; one mapped as a point takes the building that it stands in where that is plainly
    its own (a public toilet), else the building only hosts it. A host takes the buildings on its ground. Military
    ground is secret: its name is not kept. Nothing else is ever inferred to be secret.

    Parameters
    ----------
    objects
        ``osm_id``, ``tags`` (a dict per row) and metric geometry.
    buildings
        Table of that name in the same reference system.

    Examples
    --------
    >>> tags = [{"amenity": "toilets"}, {"tourism": "hotel", "building": "yes", "name": "望江宾馆"}]
    >>> rows = gpd.GeoDataFrame({"osm_id": ["node/1", "way/2"], "tags": tags},
    ...     geometry=[shapely.Point(50, 50), shapely.box(0, 0, 9, 9)], crs=32650)
    >>> found = find_ban_places(rows, tables.conform("buildings", [], crs=32650))
    >>> found[["ban_id", "direct", "located"]].values.tolist()[:2]
    [['node/1:toilet', True, 'point'], ['way/2:hotel_guest_room', False, 'building']]
    """
    bans = load_bans()
    matches = match_kinds(objects, replace(load_kinds(), rules=bans.rules))
    if matches.empty:
        return tables.conform("ban_places", [], crs=objects.crs)
    number = matches["kind"].str.partition(":")[2].astype("int64").to_numpy()
    matches = matches.assign(
        place_type=matches["kind"].str.partition(":")[0], direct=np.array(bans.direct, bool)[number], number=number
    )
    order = {t: i for i, t in enumerate(dict.fromkeys(bans.types))}
    matches["_type"] = matches["place_type"].map(order)
    matches["_host"] = ~matches["direct"]
    matches = matches.sort_values(["_type", "row", "_host", "number"], kind="stable")
    matches = matches.drop_duplicates(["row", "place_type"]).reset_index(drop=True)
    row = matches["row"].to_numpy(dtype=np.int64)
    tags = objects["tags"].iloc[row].to_list()
    military = (matches["place_type"] == "military").to_numpy()
    found = pd.DataFrame(
        {
            "place_id": objects["osm_id"].to_numpy()[row],
            "place_type": matches["place_type"],
            "name": pd.Series(names(tags), dtype="str").where(~military),
            "osm_ids": objects["osm_id"].to_numpy()[row],
            "direct": matches["direct"],
            "evidence": matches["evidence"],
            "source": "osm",
            "secret": military,
            "is_building": ["building" in t and t["building"] != "no" for t in tags],
        }
    )
    return _locate(found, objects.geometry.to_numpy()[row], buildings, crs=objects.crs)


def find_listed_ban_places(places: gpd.GeoDataFrame, city: City) -> gpd.GeoDataFrame:
    """Return the table ``ban_places`` of those rows of a planner's places whose kind is a place type of a ban.

    A row without a shape takes that of the city's place whose id it bears. Rows with no shape, or more than 300 m
    outside the study's area, are left out. ``valid_from`` and ``valid_to`` are kept; units that need consent, and rows
    marked as secret, are secret.

    Parameters
    ----------
    places
        As :func:`citycover.city.registers.read_places` returns it, in the city's reference system.
    city
        The city; its places, buildings and area are read.
    """
    bans = load_bans()
    rows = pd.DataFrame(places).dropna(subset=["kinds"]) if "kinds" in places else pd.DataFrame(places)[:0]
    rows = rows.assign(place_type=rows["kinds"].str.split(";") if len(rows) else None).explode("place_type")
    rows = rows[rows["place_type"].isin(PLACE_TYPES)].reset_index(drop=True)
    shapes = np.array(rows["geometry"].array, dtype=object)
    known = city.places.drop_duplicates("place_id").set_index("place_id").geometry
    blank = shapely.is_missing(shapes)
    shapes[blank] = known.reindex(rows["place_id"][blank]).to_numpy()
    keep = ~shapely.is_missing(shapes)
    keep[keep] = shapely.dwithin(shapes[keep], city.area, BEYOND)
    rows, shapes = rows[keep].reset_index(drop=True), shapes[keep]
    if rows.empty:
        return tables.conform("ban_places", [], crs=city.crs)
    found = pd.DataFrame(
        {
            **{name: rows[name] for name in ("place_id", "place_type", "name", "osm_ids", "evidence")},
            **{name: rows.get(name) for name in ("valid_from", "valid_to")},
            "direct": [bans.is_direct(t) for t in rows["place_type"]],
            "source": "register",
            "secret": rows["secret"].fillna(False).astype(bool) | rows["place_type"].isin(terms.CONSENT_PLACES),
            "is_building": False,
        }
    )
    return _locate(found, shapes, city.buildings, crs=city.crs)


def is_ban_only(places: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows of a planner's places name nothing but place types of bans: they are no places to cover."""
    if "kinds" not in places:
        return np.zeros(len(places), bool)
    kinds = [{*str(k).split(";")} if isinstance(k, str) else set() for k in places["kinds"]]
    return np.array([bool(k) and k <= set(PLACE_TYPES) for k in kinds], dtype=bool)


def _locate(found: pd.DataFrame, shapes: Objects, buildings: gpd.GeoDataFrame, *, crs: Any) -> gpd.GeoDataFrame:
    """Return the declared table: what of the ground or which buildings each feature takes."""
    bans = load_bans()
    shapes = shapes.copy()
    plane = shapely.get_dimensions(shapes) == 2
    secret = found["place_type"].isin(terms.CONSENT_PLACES).to_numpy()
    fixed = secret | (found["place_type"] == "voting_place").to_numpy()  # never a whole building
    direct = found["direct"].to_numpy(bool)
    located = np.where(plane, np.where(direct | fixed, "ground", "site"), "point").astype(object)
    located[plane & ~direct & found["is_building"].to_numpy(bool)] = "building"
    houses = buildings[buildings["opaque"].fillna(True).astype(bool)].reset_index(drop=True)
    home = np.full(len(found), -1)
    loose = np.flatnonzero(~plane & ~fixed)
    home[loose] = _holding_building(shapes[loose], houses)
    in_house = home >= 0
    own = np.zeros(len(found), bool)
    own[in_house] = direct[in_house] & _is_own(houses.iloc[home[in_house]], bans)
    shapes[in_house] = houses.geometry.to_numpy()[home[in_house]]
    located[in_house] = np.where(own[in_house], "ground", "building")
    direct = direct & (own | ~in_house)
    _gather_houses(found["place_type"], shapes, located, houses, bans)
    mapped = pd.MultiIndex.from_frame(found[["place_id", "place_type"]])
    held = houses["building_id"].astype(object).reindex(home).to_numpy()
    repeat = in_house & pd.MultiIndex.from_arrays([held, found["place_type"]]).isin(mapped)
    out = found.assign(direct=direct, located=located, near=found["place_type"].map(bans.near), geometry=shapes)
    out["ban_id"] = tables.number_repeats(out["place_id"].astype(str) + ":" + out["place_type"].astype(str))
    return tables.conform("ban_places", out[~repeat].drop(columns="is_building"), crs=crs)


def _holding_building(points: Objects, houses: gpd.GeoDataFrame) -> npt.NDArray[np.int64]:
    """Return the smallest building that each point stands in or on, -1 for none."""
    shapes = houses.geometry.to_numpy()
    point, house = shapely.STRtree(shapes).query(points, predicate="intersects")
    order = np.lexsort((shapely.area(shapes[house]), point))
    which, first = np.unique(point[order], return_index=True)
    home = np.full(len(points), -1, dtype=np.int64)
    home[which] = house[order][first]
    return home


def _is_own(houses: pd.DataFrame, bans: BanRules) -> npt.NDArray[np.bool_]:
    """Return which buildings are plainly the toilet or bath that stands in them as a point."""
    value, name = houses["building"].fillna("yes"), houses["name"]
    said = value.isin(bans.own_values) | name.str.contains(bans.own_name, na=False)
    small = shapely.area(houses.geometry.to_numpy()) <= bans.own_ground
    return np.asarray(said | (small & name.isna() & value.isin(bans.plain)), dtype=bool)


def _gather_houses(
    place_type: pd.Series, shapes: Objects, located: Objects, houses: gpd.GeoDataFrame, bans: BanRules
) -> None:
    """Put in place of each host site the buildings on its ground; a site without any stays as it is."""
    sites = np.flatnonzero(located == "site")
    if not len(sites) or houses.empty:
        return
    spots = shapely.point_on_surface(houses.geometry.to_numpy())
    house, site = shapely.STRtree(shapes[sites]).query(spots, predicate="within")
    value, kind = houses["building"].to_numpy(object)[house], place_type.to_numpy(object)[sites[site]]
    fits = np.ones(len(house), bool)
    for name, values in bans.site_buildings.items():
        fits &= (kind != name) | np.isin(value.astype(str), list(values))
    house, site = house[fits], site[fits]
    order = np.argsort(site, kind="stable")
    parts, part = shapely.get_parts(houses.geometry.to_numpy()[house[order]], return_index=True)
    which, number = np.unique(site[order][part], return_inverse=True)
    if len(which):
        joined = shapely.multipolygons(parts, indices=number)
        shapes[sites[which]] = shapely.make_valid(joined, method="structure", keep_collapsed=False)
        located[sites[which]] = "building"
