"""Says in words where a gap is: the street and its cross streets, the gate, the side of the square."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import terms
from citycover.audit import _stretches
from citycover.city.model import City
from citycover.terms import Label, Lang

_ROADS: Mapping[str, Label] = {
    "motorway": ("高速公路", "motorway"),
    "trunk": ("快速路", "expressway"),
    "primary": ("主干路", "main road"),
    "secondary": ("次干路", "secondary road"),
    "tertiary": ("支路", "branch road"),
    "unclassified": ("一般道路", "minor road"),
    "residential": ("居住区道路", "residential street"),
    "living_street": ("生活性街道", "living street"),
    "pedestrian": ("步行街", "pedestrian street"),
    "service": ("内部道路", "service road"),
}
_WORDS: Mapping[str, Label] = {
    "unnamed_place": ("未命名{}", "unnamed place ({})"),
    "unnamed_road": ("未命名道路（{}）", "unnamed road ({})"),
    "road": ("道路", "road"),
    "passage": ("通道", "passages"),
    "ring": ("周界", "boundary"),
    "area": ("场地", "ground"),
    "junction": ("路口", "junction"),
    "entrance": ("出入口", "entrance"),
    "portal": ("隧道洞口", "tunnel portal"),
    "end": ("端部", "end"),
    "assumed": ("位置推定", "assumed position"),
    "around": ("范围推定", "assumed extent"),
    "whole": ("全部", "all of it"),
    "part": ("第{}段/共{}段", "part {} of {}"),
    "near": ("近", "near "),
    "of_kind": ("{}（{}）", "{} ({})"),
    "way": ("{1}向{0}", "{0}bound"),
    "inside": ("内侧", "inside"),
    "outside": ("外侧", "outside"),
    "one_of": ("第{}处/共{}处", "{} of {}"),
    "dash": ("—", "–"),
    "point": ("处", "point"),
    "points": ("处", "points"),
    "comma": ("，", ", "),
    "open": ("（", " ("),
    "close": ("）", ")"),
}
_SIDES: Mapping[Lang, tuple[str, ...]] = {
    "zh": ("北侧", "东北侧", "东侧", "东南侧", "南侧", "西南侧", "西侧", "西北侧"),
    "en": (
        *("north side", "north-east side", "east side", "south-east side"),
        *("south side", "south-west side", "west side", "north-west side"),
    ),
}
_WINDS: Mapping[Lang, tuple[str, ...]] = {
    "zh": ("北", "东北", "东", "东南", "南", "西南", "西", "西北"),
    "en": ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west"),
}
_NEAR = 150.0
"""A street within this (m) tells where a place without a name lies; ours."""


def name_gaps(gaps: pd.DataFrame, mandates: pd.DataFrame, city: City, *, lang: Lang = "zh") -> pd.Series:
    """Return a name for each gap, such as 中山路 240 m（上海路—广州路）; names of places and streets stay as mapped.

    A place that shares its name with a street or another place is told with its kind, one without a name with the
    nearest street; what is unseen in one direction only says which. Equal names of gaps at different spots are numbered
    from west to east.

    Parameters
    ----------
    gaps
        ``mandate_id``, ``component``, ``feature_id``, ``x``, ``y`` (middle), ``size``, ``unit``, ``length`` (metres of
        the line), ``side`` (of :mod:`citycover.audit._stretches`) and ``facing`` (° from true north; null for any),
        ``piece`` and ``pieces`` (of a stretch that was cut), ``whole`` (nothing of the component is seen),
        ``surrogate``.
    mandates
        Table ``mandates``; the place's name, else its kind, begins the name.
    city
        For the names of streets, cross streets, junctions and gates.
    lang
        Language of all words but those names.
    """
    street, ends = _streets(city, lang)
    on = gaps["feature_id"].map(street).astype(object)
    place, raw, alike = _places(gaps, mandates, city, lang)
    unnamed = raw.isna().to_numpy()
    between = gaps["feature_id"].map(ends).astype(object).fillna("")
    is_line = gaps["component"].eq("segment").to_numpy()
    lost = np.where(is_line, between.eq("").to_numpy(), unnamed | alike)
    near = _nearest_streets(gaps, raw.where(~is_line, on), lost, city, lang)
    between = between.where(between != "", near)
    size = _sizes(gaps, lang)
    side = _sides(gaps, mandates, lang)
    way = _ways(gaps, lang)
    pieces = zip(gaps["piece"].astype("int64"), gaps["pieces"].astype("int64"), strict=True)
    part = _texts([_word("part", lang, n, of) if of > 1 else "" for n, of in pieces], gaps)
    gate = gaps["feature_id"].map(_gate_names(city)).astype(object)
    gate = gate.where(gate.notna(), _ends(gaps, mandates, on, lang))
    guessed = _texts(np.where(gaps["surrogate"].astype(bool), _word("assumed", lang), ""), gaps)
    around = _texts(np.where(_of_points(gaps, mandates), _word("around", lang), ""), gaps)
    told = np.array([str(g).startswith(str(p)) for g, p in zip(gate, raw.fillna(place), strict=True)], dtype=bool)
    portal = gate.eq(_word("portal", lang)) & ~unnamed
    gate = (place.where(~portal, raw) + " " + gate).where(~told, gate)
    junction = gaps["feature_id"].map(_junction_names(city)).astype(object)
    called = {c: " " + _word(c, lang) for c in ("passage", "ring", "area", "junction")}
    by_component = {
        "segment": _lines(gaps, mandates, place, unnamed, on, lang) + way + size + _brackets(lang, between, part),
        "passage": place + called["passage"] + way + size + _brackets(lang, on.fillna(near), part),
        "ring": place + called["ring"] + size + _brackets(lang, near, side, way.str.strip(), part),
        "area": place + called["area"] + size + _brackets(lang, near, side, around),
        "entrance": gate + _brackets(lang, near, side, guessed),
        "junction": junction.where(junction.notna(), place) + called["junction"] + size,
    }
    out = _texts("", gaps)
    for component, words in by_component.items():
        out = out.where(gaps["component"] != component, words)
    return _numbered(out, gaps, lang).astype("str")


def _texts(words: object, gaps: pd.DataFrame) -> pd.Series:
    return pd.Series(words, index=gaps.index, dtype=object)


def _places(
    gaps: pd.DataFrame, mandates: pd.DataFrame, city: City, lang: Lang
) -> tuple[pd.Series, pd.Series, npt.NDArray[np.bool_]]:
    """Return what each gap's place is called, its name as mapped, and whether a street or other place shares that."""
    facts = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id")[["name", "kind", "place_id"]]
    kinds = {k: _kind(names, lang) for k, names in terms.KINDS.items()}
    by_kind = facts["kind"].map({k: _word("unnamed_place", lang, words) for k, words in kinds.items()}).astype(object)
    name = facts["name"].astype(object)
    places = facts[["name", "place_id"]].dropna().drop_duplicates()
    shared = set(places.loc[places["name"].duplicated(keep=False), "name"]) | set(city.streets["name"].dropna())
    on_street = facts["place_id"].isin(set(city.streets["street_id"]) | set(city.junctions["junction_id"]))
    of_kind = [_word("of_kind", lang, n, _plain(kinds.get(k, ""))) for n, k in zip(name, facts["kind"], strict=True)]
    alike = name.isin(shared) & ~on_street & facts["kind"].isin(kinds)
    name = name.where(~alike, pd.Series(of_kind, index=facts.index, dtype=object))
    alike |= facts["name"].isin({_plain(words) for words in kinds.values()})  # a car park that is called car park
    called = gaps["mandate_id"].map(name.where(name.notna(), by_kind)).astype(object)
    raw = gaps["mandate_id"].map(facts["name"]).astype(object)
    return called, raw, gaps["mandate_id"].map(alike).fillna(False).to_numpy(dtype=bool)


def _lines(
    gaps: pd.DataFrame,
    mandates: pd.DataFrame,
    place: pd.Series,
    unnamed: npt.NDArray[np.bool_],
    street: pd.Series,
    lang: Lang,
) -> pd.Series:
    """Return what the line of each stretch is called: its street; of a bridge and the like its name, or its kind."""
    facts = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id")
    kind = gaps["mandate_id"].map(facts["kind"]).astype(object)
    own = gaps["mandate_id"].map(facts["place_id"]).astype(object).ne(gaps["feature_id"]) & kind.notna()
    words = {k: _plain(_kind(names, lang)) for k, names in terms.KINDS.items()}
    what = kind.map(words)
    of_kind = _texts([_word("of_kind", lang, s, k) for s, k in zip(street, what, strict=True)], gaps)
    named = street.where(~own.to_numpy() | kind.eq("urban_road"), of_kind.where(unnamed, place))
    return named.where(street.notna(), place)


def _nearest_streets(
    gaps: pd.DataFrame, place: pd.Series, asked: npt.NDArray[np.bool_], city: City, lang: Lang
) -> pd.Series:
    """Return near which street of another name the gaps asked for lie; nothing where none is within 150 m."""
    out = np.full(len(gaps), "", dtype=object)
    streets = city.streets[city.streets["name"].notna()].sort_values("name", kind="stable")
    rows = np.flatnonzero(asked)
    if len(streets) and len(rows):
        lines, names = streets.geometry.to_numpy(), streets["name"].to_numpy(dtype=object)
        tree, own = shapely.STRtree(lines), place.to_numpy(dtype=object)
        for some in np.array_split(rows, -(-len(rows) // 20_000)):
            points = np.asarray(shapely.points(gaps[["x", "y"]].to_numpy(dtype=np.float64)[some]), dtype=object)
            at, line = tree.query(points, predicate="dwithin", distance=_NEAR)
            other = names[line] != own[some][at]
            at, line = at[other], line[other]
            order = np.lexsort((line, shapely.distance(points[at], lines[line]), at))
            first = order[np.r_[True, np.diff(at[order]) != 0]] if len(order) else order
            out[some[at[first]]] = [_word("near", lang) + name for name in names[line[first]]]
    return _texts(out, gaps)


def _ways(gaps: pd.DataFrame, lang: Lang) -> pd.Series:
    """Return in which direction of traffic, or on which side of a boundary, a gap lies that is not on both."""
    facing = gaps["facing"].to_numpy(dtype=np.float64)
    wind = np.mod(np.rint(np.nan_to_num(facing) / 45.0).astype(np.int64), 8)
    words = np.array([_word("way", lang, _WINDS[lang][i], _WINDS[lang][(i + 4) % 8]) for i in range(8)], dtype=object)
    side = gaps["side"].to_numpy(dtype=np.int64)
    along = np.isin(side, (_stretches.ALONG, _stretches.AGAINST)) & np.isfinite(facing)
    beside = [side == _stretches.RIGHT, side == _stretches.LEFT]
    told = np.select(beside, [_word("outside", lang), _word("inside", lang)], "").astype(object)
    told = np.where(along, words[wind], told)
    return _texts(np.where(told == "", "", " " + told), gaps)


def _numbered(names: pd.Series, gaps: pd.DataFrame, lang: Lang) -> pd.Series:
    """Return the names, those that gaps at different spots share with a number, west first."""
    spots = pd.DataFrame({"name": names, "x": gaps["x"].round(1), "y": gaps["y"].round(1)})
    alike = spots.drop_duplicates().sort_values(["name", "x", "y"])
    alike["rank"] = alike.groupby("name").cumcount() + 1
    alike["of"] = alike.groupby("name")["rank"].transform("size")
    several = alike[alike["of"] > 1]
    found = spots.merge(several, on=["name", "x", "y"], how="left")
    rows = np.flatnonzero(found["of"].notna())
    out = names.copy()
    opening, closing = _word("open", lang), _word("close", lang)
    told = []
    for name, n, of in found.iloc[rows][["name", "rank", "of"]].itertuples(index=False):
        head = name[: -len(closing)] + _word("comma", lang) if name.endswith(closing) else name + opening
        told.append(head + _word("one_of", lang, int(n), int(of)) + closing)
    out.iloc[rows] = told
    return out


def _word(key: str, lang: Lang, *filled: object) -> str:
    return terms.label(_WORDS, key, lang).format(*filled)


def _plain(words: str) -> str:
    """Return words without a Chinese bracket behind them."""
    return re.sub(r"（[^（）]*）$", "", words)


def _kind(names: Label, lang: Lang) -> str:
    """Return a kind in a few words: the first of its Chinese names, or its English name without a final remark."""
    return names[0].split("/")[0].removeprefix("等") if lang == "zh" else re.sub(r" \([^()]*\)$", "", names[1])


def _brackets(lang: Lang, *words: pd.Series) -> pd.Series:
    joined = words[0].astype(object)
    for more in words[1:]:
        comma = np.where((joined != "") & (more != ""), _word("comma", lang), "")
        joined = joined + comma + more
    return (_word("open", lang) + joined + _word("close", lang)).where(joined != "", "")


def _sizes(gaps: pd.DataFrame, lang: Lang) -> pd.Series:
    number = gaps["size"].where(gaps["unit"] != "m", gaps["length"]).round().clip(lower=1).astype("int64")
    points = np.where(number == 1, " " + _word("point", lang), " " + _word("points", lang))
    unit = gaps["unit"].map({"m": " m", "m2": " m²"}).astype(object)
    return (" " + number.astype(str) + unit.where(gaps["unit"] != "point", points)).astype(object)


def _streets(city: City, lang: Lang) -> tuple[dict[str, str], dict[str, str]]:
    """Return, by section, its name (else its class) and its cross streets, as A—B."""
    streets = pd.DataFrame(city.streets)[["street_id", "name", "road_class", "from_node", "to_node"]].astype(object)
    named = streets["name"].notna()
    unnamed = {road: _word("unnamed_road", lang, terms.label(_ROADS, road, lang)) for road in _ROADS}
    other_road = _word("unnamed_road", lang, _word("road", lang))
    words = streets["name"].where(named, streets["road_class"].map(unnamed).fillna(other_road))
    rank = streets["road_class"].map({c: i for i, c in enumerate(terms.ROAD_CLASSES)}).fillna(99)
    ends: pd.DataFrame = pd.concat(
        [streets.assign(node=streets[node], end=i, rank=rank) for i, node in enumerate(("from_node", "to_node"))]
    ).dropna(subset=["node"])
    others = ends.loc[ends["name"].notna(), ["node", "name", "rank"]].rename(columns={"name": "other"})
    others = others.sort_values(["node", "other", "rank"]).drop_duplicates(["node", "other"])
    crossing = ends.drop(columns="rank").merge(others, on="node")
    crossing = crossing[crossing["name"].isna() | (crossing["name"] != crossing["other"])]
    crossing = crossing.sort_values(["street_id", "end", "rank", "other"]).drop_duplicates(["street_id", "end"])
    other = crossing.set_index("street_id")["other"].astype(object)
    at_start = (crossing["end"] == 0).to_numpy()
    either = pd.Index(streets["street_id"])
    first, second = other[at_start].reindex(either), other[~at_start].reindex(either)
    both = first.notna() & second.notna() & (first != second)
    one = first.where(first.notna(), second)
    between = (first + _word("dash", lang) + second).where(both, _word("near", lang) + one)
    between = between.dropna()
    return dict(zip(streets["street_id"], words, strict=True)), dict(zip(between.index, between, strict=True))


def _gate_names(city: City) -> dict[str, str]:
    gates = pd.DataFrame(city.entrances)[["entrance_id", "name"]].dropna()
    return dict(zip(gates["entrance_id"], gates["name"], strict=True))


def _junction_names(city: City) -> dict[str, str]:
    junctions = pd.DataFrame(city.junctions)[["junction_id", "name"]].dropna()
    return dict(zip(junctions["junction_id"], junctions["name"], strict=True))


def _ends(gaps: pd.DataFrame, mandates: pd.DataFrame, street: pd.Series, lang: Lang) -> pd.Series:
    """Return what an entrance without a name is called: a gate, the end of a line, or the mouth of a tunnel."""
    own = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id")
    is_line = pd.Series(shapely.get_dimensions(own["geometry"].to_numpy()) == 1, index=own.index)
    along = gaps["mandate_id"].map(is_line).fillna(False).astype(bool)
    kind = gaps["mandate_id"].map(own["kind"])
    below = kind.isin(["tunnel", "underground_passage", "pedestrian_underpass"])
    stairs = street.isna() & kind.eq("pedestrian_crossing_facility")  # one goes up or down there
    words = np.select(
        [stairs, street.notna() | (along & below), along],
        [_word("entrance", lang), _word("portal", lang), _word("end", lang)],
        _word("entrance", lang),
    )
    return pd.Series(words, index=gaps.index, dtype=object)


def _of_points(gaps: pd.DataFrame, mandates: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which gaps are of places that are mapped as a point: the ground around it stands in for theirs."""
    own = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id")["geometry"]
    return np.asarray(shapely.get_dimensions(own.reindex(gaps["mandate_id"]).to_numpy()) == 0, dtype=bool)


def _sides(gaps: pd.DataFrame, mandates: pd.DataFrame, lang: Lang) -> pd.Series:
    """Return on which side of its place a gap lies, or that it is all of the component, nothing for points."""
    geometry = pd.Series(mandates.geometry.to_numpy(), index=mandates["mandate_id"].to_numpy())
    shape = geometry.reindex(gaps["mandate_id"]).to_numpy()
    centre = _centres(shape, gaps)
    east = gaps["x"].to_numpy() - shapely.get_x(centre)
    north = gaps["y"].to_numpy() - shapely.get_y(centre)
    wind = np.mod(np.rint(np.nan_to_num(np.degrees(np.arctan2(east, north))) / 45.0).astype(np.int64), 8)
    words = np.array(_SIDES[lang], dtype=object)[wind]
    least = np.where(gaps["component"] == "entrance", 1, 2)  # the ends of a line have a side, its stretches do not
    flat = (shapely.get_dimensions(shape) < least) | ~(np.hypot(east, north) > 1.0)
    words = np.where(flat, "", words)
    words = np.where(
        gaps["whole"].to_numpy(dtype=bool) & gaps["component"].ne("entrance").to_numpy(), _word("whole", lang), words
    )
    return pd.Series(words, index=gaps.index, dtype=object)


_APART = 50.0
"""Parts of a place further apart than twice this (m) have sides of their own; ours."""


def _centres(shapes: npt.NDArray[np.object_], gaps: pd.DataFrame) -> npt.NDArray[np.object_]:
    """Return the middle of each gap's place; of a place whose parts lie far apart, of those about the gap."""
    centres = np.asarray(shapely.centroid(shapes), dtype=object)
    several = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOLYGON)
    if len(several):
        names, which = np.unique(gaps["mandate_id"].to_numpy(dtype=object)[several], return_inverse=True)
        first = np.full(len(names), len(gaps), dtype=np.int64)
        np.minimum.at(first, which, several)
        place = shapes[first]
        around, owner = shapely.get_parts(shapely.buffer(place, _APART, quad_segs=2), return_index=True)
        middle = shapely.centroid(shapely.intersection(around, place[owner]))
        spots = np.asarray(shapely.points(gaps[["x", "y"]].to_numpy(dtype=np.float64)[several]), dtype=object)
        at, near = shapely.STRtree(around).query(spots, predicate="dwithin", distance=_APART)
        own = owner[near] == which[at]
        at, near = at[own], near[own]
        away = shapely.distance(spots[at], around[near])
        order = np.lexsort((near, -away, at))
        centres[several[at[order]]] = middle[near[order]]  # the last one, so the nearest, stays
    return centres
