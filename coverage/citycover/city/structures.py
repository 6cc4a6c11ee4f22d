"""Merges the ways of one bridge, tunnel, foot crossing or rail line into one place and measures it once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from shapely.geometry.base import BaseGeometry

from citycover import tables, terms

PARALLEL = 30.0
"""m: ways of one name and layer this near are the carriageways of one structure. Ours."""
FOOT_GAP = 15.0
"""m: parts of one footbridge or foot tunnel lie this near to each other."""
SIDEWALK = 12.0
"""m: a footway this near along a road's bridge is its pavement, not a footbridge."""
TRACKS = 25.0
"""m: half the width that holds both tracks of a line."""
LONG_UNDERPASS = 500.0
"""m: a road tunnel called 下穿 and no longer is an underground passage."""

FOOTWAYS = frozenset({"footway", "steps", "pedestrian", "cycleway", "path", "corridor"})
TRANSIT = frozenset({"subway", "light_rail", "monorail", "tram"})
_NO_LINE = "渡线|联络线|出入段线|出入场线|存车线|折返线|停车线|试车线"
_NO_CROSSED = frozenset({"service", "pedestrian"})

Shapes = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]


class Structures(NamedTuple):
    """Places and their kinds, as rows of the declared tables."""

    places: gpd.GeoDataFrame
    kinds: pd.DataFrame


_BESIDE = 0.8


def measure_strip(lines: Shapes, *, half_width: float = PARALLEL / 2 + 1.0) -> float:
    """Return the length (m) of a strip of lines, however many run side by side.

    Carriageways side by side (each for four fifths along the longest) are as long as the longest. Otherwise the lines
    are widened to one strip with flat ends; a strip of perimeter P and ground A is as long as the rectangle with the
    same P and A: L = (P/2 + √(P²/4 - 4A)) / 2. Branches count, holes between carriageways do not.

    >>> two = shapely.linestrings([[(0, 0), (100, 0)], [(6, 12), (106, 12)]])
    >>> measure_strip(two), measure_strip(two[:1])
    (100.0, 100.0)
    """
    merged = shapely.line_merge(shapely.union_all(lines))
    chains = shapely.get_parts(merged)
    longest = chains[np.argmax(shapely.length(chains))]
    beside = shapely.intersection(chains, shapely.buffer(longest, 2 * half_width, cap_style="flat"))
    if (shapely.length(beside) >= _BESIDE * shapely.length(chains)).all():
        return round(float(shapely.length(longest)), 6)
    strip = shapely.union_all(shapely.buffer(chains, half_width, cap_style="flat"))
    total = 0.0
    for part in shapely.get_parts(strip):
        whole = shapely.polygons(shapely.get_exterior_ring(part))
        half, ground = shapely.length(whole) / 2, shapely.area(whole)
        side = (half + np.sqrt(max(half * half - 4 * ground, 0.0))) / 2
        total += min(float(side), float(shapely.length(lines).sum()))
    return round(total, 6)


def cluster_near(shapes: Shapes, distance: float, *, label: Sequence[object] | None = None) -> npt.NDArray[np.int64]:
    """Return the number of each shape's cluster: chains of shapes (of one label) at most ``distance`` metres apart.

    >>> cluster_near(shapely.points([0, 5, 50], [0, 0, 0]), 10).tolist()
    [0, 0, 1]
    """
    if not len(shapes):
        return np.zeros(0, dtype=np.int64)
    a, b = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=distance)
    if label is not None:
        code = pd.factorize(np.array(list(label), dtype=object), use_na_sentinel=False)[0]
        a, b = a[code[a] == code[b]], b[code[a] == code[b]]
    links = coo_array((np.ones(len(a)), (a, b)), shape=(len(shapes), len(shapes)))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def find_structures(objects: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, *, area: BaseGeometry) -> Structures:
    """Return bridges, tunnels, foot crossings and rail transit lines, each once, with content keys, in that order.

    A bridge or tunnel is what street sections (no service or pedestrian ways) of one name, or unnamed of one class and
    layer, make that lie at most :data:`PARALLEL` apart, or that one ``man_made=bridge`` outline holds. An unnamed stub
    that continues just one named structure of its class belongs to it. A foot crossing is a footway on a bridge or in
    a tunnel that crosses a street and is no pavement of a road's own bridge or tunnel. A rail line is all ways of one
    name, cut at the edge of ``area``: its ways may reach far beyond the extract.
    """
    parts = [_road_structures(objects, streets, "bridge"), _road_structures(objects, streets, "tunnel")]
    parts += [_foot_crossings(objects, streets), _rail_lines(objects, area)]
    kept = [p for p in parts if len(p.places)] or parts[:1]
    places = gpd.GeoDataFrame(
        pd.concat([p.places for p in kept], ignore_index=True), geometry="geometry", crs=objects.crs
    )
    return Structures(places, pd.concat([p.kinds for p in kept], ignore_index=True))


def _road_structures(objects: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, kind: str) -> Structures:
    chosen = streets[streets[kind].fillna(False).astype(bool) & ~streets["road_class"].isin(["service", "pedestrian"])]
    if kind == "tunnel":
        passages = {
            i for i, t in zip(objects["osm_id"], objects["tags"], strict=True) if t.get("tunnel") == "building_passage"
        }
        through = [not passages.issuperset(ids.split(";")) for ids in chosen["osm_ids"].fillna("")]
        chosen = chosen[np.asarray(through, bool)] if len(chosen) else chosen
    lines = chosen.geometry.to_numpy()
    unnamed = zip(chosen["layer"].fillna(0), chosen["road_class"], chosen["link"].fillna(False), strict=True)
    label = [n if isinstance(n, str) else str(u) for n, u in zip(chosen["name"], unnamed, strict=True)]
    part = cluster_near(lines, PARALLEL, label=label)
    titles = _own_names(objects, kind)
    title = [next((titles[i] for i in ids.split(";") if i in titles), None) for ids in chosen["osm_ids"].fillna("")]
    part = _unite_titled(part, lines, np.array(title, dtype=object))
    part = _unite_stubs(part, chosen)
    decks = _named_outlines(objects, kind)
    within = np.full(len(lines), -1, dtype=np.int64)
    if len(decks) and len(lines):
        line, deck = shapely.STRtree(decks.geometry.to_numpy()).query(lines, predicate="intersects")
        share = shapely.length(shapely.intersection(lines[line], decks.geometry.to_numpy()[deck]))
        most = share >= 0.5 * shapely.length(lines[line])
        within[line[most]] = deck[most]
        # sections on one outline are one structure, with all that hangs together with them by name
        part = _components(part, part[within >= 0], part.max() + 1 + within[within >= 0])
    rows = pd.DataFrame(
        {
            "part": part,
            "name": chosen["name"].to_numpy(dtype=object),
            "osm_ids": chosen["osm_ids"].to_numpy(dtype=object),
        }
    )
    rows["road_class"] = chosen["road_class"].to_numpy(dtype=object)
    rows["deck"] = within
    return _assemble(rows, lines, objects, kind=kind, decks=decks, streets_crs=streets.crs)


def _own_names(objects: gpd.GeoDataFrame, kind: str) -> dict[str, str]:
    """Return by OSM id the name that a structure bears beside its street's."""
    key = f"{kind}:name"
    return {i: t[key] for i, t in zip(objects["osm_id"], objects["tags"], strict=True) if key in t}


def _unite_titled(part: Ints, lines: Shapes, title: Shapes) -> Ints:
    """Return the parts with those put together that bear one name of a bridge or tunnel near each other."""
    at = np.flatnonzero(title != None)  # noqa: E711 - element by element
    if not len(at):
        return part
    hub = part.max() + 1 + cluster_near(lines[at], PARALLEL, label=title[at].tolist())
    return _components(part, part[at], hub)


def _unite_stubs(part: Ints, chosen: gpd.GeoDataFrame) -> Ints:
    """Return the parts with unnamed stubs put to the one named structure of their class that they continue.

    What touches several named structures (a roundabout in a tunnel) stays a structure of its own, as do slip roads.
    """
    lines = chosen.geometry.to_numpy()
    named = chosen["name"].notna().to_numpy()
    loose = ~named & ~chosen["link"].fillna(False).to_numpy(bool)
    if not loose.any() or not named.any():
        return part
    ends = np.concatenate([shapely.get_point(lines, 0), shapely.get_point(lines, -1)])
    a, b = shapely.STRtree(ends).query(ends, predicate="dwithin", distance=0.01)
    a, b = a % len(lines), b % len(lines)
    road = chosen["road_class"].to_numpy(dtype=object)
    ok = loose[a] & (loose[b] | named[b]) & (road[a] == road[b]) & (part[a] != part[b])
    a, b = a[ok], b[ok]
    stub = _components(part, part[a[loose[b]]], part[b[loose[b]]])
    reached = pd.DataFrame({"stub": stub[a], "host": part[b]})[named[b]].drop_duplicates()
    only = reached[reached.groupby("stub")["host"].transform("size") == 1]
    return _components(stub, only["stub"].to_numpy(np.int64), stub[_first_of(part, only["host"].to_numpy(np.int64))])


def _first_of(part: Ints, wanted: Ints) -> Ints:
    found, first = np.unique(part, return_index=True)
    return np.asarray(first[np.searchsorted(found, wanted)], np.int64)


def _components(part: Ints, one: Ints, other: Ints) -> Ints:
    """Return the parts numbered anew, with the given pairs of them (or of them and hubs beyond) made one."""
    n = int(max([part.max(initial=0), *one, *other])) + 1
    links = coo_array((np.ones(len(one)), (one, other)), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1][part], np.int64)


def _named_outlines(objects: gpd.GeoDataFrame, kind: str) -> gpd.GeoDataFrame:
    is_outline = np.array([t.get("man_made") == kind for t in objects["tags"]], dtype=bool)
    is_outline &= shapely.get_dimensions(objects.geometry.to_numpy()) == 2
    chosen = objects[is_outline].reset_index(drop=True)
    return chosen.assign(name=[t.get("name") for t in chosen["tags"]])


def _assemble(
    rows: pd.DataFrame,
    lines: Shapes,
    objects: gpd.GeoDataFrame,
    *,
    kind: str,
    decks: gpd.GeoDataFrame,
    streets_crs: object,
) -> Structures:
    rank = {c: i for i, c in enumerate(terms.ROAD_CLASSES)}
    own_names = _own_names(objects, kind)
    places = []
    for part, group in rows.groupby("part", sort=True):
        at = group.index.to_numpy()
        deck = group["deck"].max()
        ids = sorted({i for text in group["osm_ids"].dropna() for i in text.split(";")})
        titles = [decks["name"].iloc[deck]] if deck >= 0 else []
        titles += [own_names[i] for i in ids if i in own_names]
        titles += list(group["name"].dropna().mode()[:1])
        shape = shapely.union_all(lines[at])
        places.append(
            {
                "part": part,
                "name": next((t for t in titles if isinstance(t, str)), None),
                "osm_ids": ";".join([*ids, *([decks["osm_id"].iloc[deck]] if deck >= 0 else [])]),
                "road_class": min(group["road_class"], key=lambda c: rank.get(c, 99)),
                "length": measure_strip(lines[at]),
                "geometry": shape,
            }
        )
    frame = _with_keys(places, kind, streets_crs)
    kinds = kind_rows(frame, kind, f"{kind}=* on its streets, merged over parallel ways", "high")
    frame["underground"] = kind == "tunnel"
    if kind == "tunnel" and len(frame):
        short = frame[
            frame["name"].str.contains("下穿|地下通道|地道").fillna(False).astype(bool)
            & (frame["length"] <= LONG_UNDERPASS)
        ]
        kinds = pd.concat(
            [kinds, kind_rows(short, "underground_passage", "tunnel; name: 下穿", "low", candidate=True)],
            ignore_index=True,
        )
    return Structures(frame, kinds)


def _foot_crossings(objects: gpd.GeoDataFrame, streets: gpd.GeoDataFrame) -> Structures:
    tags = objects["tags"].to_list()
    on = {
        "bridge": [t.get("highway") in FOOTWAYS and t.get("bridge", "no") not in ("no", "boardwalk") for t in tags],
        "tunnel": [
            t.get("highway") in FOOTWAYS
            and t.get("tunnel", "no") not in ("no", "building_passage")
            and t.get("indoor") != "yes"
            for t in tags
        ],
    }
    ground = streets[~streets["road_class"].isin(_NO_CROSSED)]
    frames, kinds = [], []
    for mode, chosen in on.items():
        pick = np.asarray(chosen, bool) & (shapely.get_dimensions(objects.geometry.to_numpy()) == 1)
        lines = objects.geometry.to_numpy()[pick]
        if not len(lines):
            continue
        road = ground[ground[mode].fillna(False).astype(bool)].geometry.to_numpy()
        pavement = _runs_along(lines, road)
        others = (
            ground[~ground[mode].fillna(False).astype(bool)].geometry.to_numpy()
            if mode == "tunnel"
            else ground.geometry.to_numpy()
        )
        crosses = np.zeros(len(lines), dtype=bool)
        crosses[np.unique(shapely.STRtree(others).query(lines, predicate="crosses")[0])] = True
        named = np.array(
            [
                ("天桥" if mode == "bridge" else "地下通道") in t.get("name", "")
                for t, p in zip(tags, pick, strict=True)
                if p
            ]
        )
        part = cluster_near(lines, FOOT_GAP, label=pavement.tolist())
        good = np.zeros(part.max() + 1, dtype=bool)
        good[part[(crosses | named) & ~pavement]] = True
        keep = good[part] & ~pavement
        places = []
        rows = pd.DataFrame({"part": part, "at": np.arange(len(lines)), "osm_id": objects["osm_id"].to_numpy()[pick]})[
            keep
        ]
        titles = np.array([t.get("name") for t, p in zip(tags, pick, strict=True) if p], dtype=object)
        rows["name"] = titles[keep]
        for number, group in rows.groupby("part", sort=True):
            mine = lines[group["at"].to_numpy()]
            places.append(
                {
                    "part": number,
                    "name": next(iter(group["name"].dropna()), None),
                    "osm_ids": ";".join(group["osm_id"]),
                    "length": measure_strip(mine, half_width=2.0),
                    "geometry": shapely.union_all(mine),
                }
            )
        frame = _with_keys(places, f"foot_{mode}", objects.crs)
        frame["underground"] = mode == "tunnel"
        frames.append(frame)
        evidence = f"footway with {mode}, crosses a street"
        kinds.append(kind_rows(frame, "pedestrian_crossing_facility", evidence, "high"))
        if mode == "tunnel":
            kinds.append(kind_rows(frame, "underground_passage", evidence, "high"))
            kinds.append(kind_rows(frame, "pedestrian_underpass", evidence, "high"))
    if not frames:
        return _none(objects.crs)
    return Structures(pd.concat(frames, ignore_index=True), pd.concat(kinds, ignore_index=True))


def _runs_along(lines: Shapes, roads: Shapes) -> npt.NDArray[np.bool_]:
    """Return which lines lie near roads of the same structure for most of their length."""
    along = np.zeros(len(lines))
    if len(roads):
        strips = shapely.buffer(roads, SIDEWALK)
        line, road = shapely.STRtree(strips).query(lines, predicate="intersects")
        np.maximum.at(along, line, shapely.length(shapely.intersection(lines[line], strips[road])))
    return np.asarray(along >= 0.7 * shapely.length(lines), dtype=bool)


def _rail_lines(objects: gpd.GeoDataFrame, area: BaseGeometry) -> Structures:
    tags = objects["tags"].to_list()
    pick = [
        t.get("railway") in TRANSIT
        and not {"service", "type"} & set(t)
        and not any(w in t.get("name", "") for w in _NO_LINE.split("|"))
        for t in tags
    ]
    keep = np.asarray(pick, bool) & (shapely.get_dimensions(objects.geometry.to_numpy()) == 1)
    chosen = objects[keep]
    if chosen.empty:
        return _none(objects.crs)
    rows = pd.DataFrame(
        {
            "osm_id": chosen["osm_id"].to_numpy(),
            "name": [t.get("name") for t in chosen["tags"]],
            "ref": [t.get("ref") for t in chosen["tags"]],
            "railway": [t["railway"] for t in chosen["tags"]],
            "below": [
                t.get("tunnel", "no") != "no" or str(t.get("layer", "0")).startswith("-") for t in chosen["tags"]
            ],
        }
    )
    clean = rows["name"].astype("str").str.replace(r"\s*[（(:：].*$", "", regex=True)
    rows["line"] = clean.fillna(rows["ref"].astype("str")).fillna(rows["railway"].astype("str"))
    lines = shapely.intersection(chosen.geometry.to_numpy(), area)
    length = shapely.length(lines)
    rows = rows[length > 0]
    places = []
    for line, group in rows.groupby("line", sort=True):
        mine = lines[group.index.to_numpy()]
        below = length[group.index.to_numpy()][group["below"].to_numpy(bool)].sum()
        places.append(
            {
                "part": line,
                "name": line if bool(group[["name", "ref"]].notna().any(axis=None)) else None,
                "osm_ids": ";".join(group["osm_id"]),
                "length": measure_strip(mine, half_width=TRACKS),
                "underground": bool(below > 0.5 * length[group.index.to_numpy()].sum()),
                "geometry": shapely.union_all(mine),
                "railway": group["railway"].iloc[0],
            }
        )
    # a line's key holds no position: its ways reach as far as the extract
    frame = gpd.GeoDataFrame(places, geometry="geometry", crs=objects.crs).drop(columns="part")
    frame["place_id"] = tables.number_repeats(tables.content_ids("R", frame["name"].fillna("-"), frame["railway"]))
    evidence = "railway=" + frame["railway"].astype(object)
    frame = frame.drop(columns="railway").assign(source="derived")
    return Structures(frame, kind_rows(frame, "rail_transit_line", evidence, "high"))


def _with_keys(places: list[dict[str, object]], prefix: str, crs: object) -> gpd.GeoDataFrame:
    if not places:
        return _none(crs).places
    frame = gpd.GeoDataFrame(places, geometry="geometry", crs=crs).drop(columns="part")
    centre = shapely.centroid(frame.geometry.to_numpy())
    ids = tables.content_ids(
        prefix[0].upper() + ("f" if prefix.startswith("foot") else ""),
        [prefix] * len(frame),
        frame["name"].astype(object).fillna("-"),
        np.round(shapely.get_x(centre) / 50).astype(int),
        np.round(shapely.get_y(centre) / 50).astype(int),
    )
    return frame.assign(place_id=tables.number_repeats(ids), source="derived")


def kind_rows(
    places: pd.DataFrame,
    kind: str,
    evidence: str | pd.Series | npt.NDArray[np.object_],
    confidence: str,
    *,
    candidate: bool = False,
) -> pd.DataFrame:
    """Return rows of ``place_kinds`` that make each of the places of one kind, in their order."""
    said = evidence if isinstance(evidence, str) else np.asarray(evidence, dtype=object)
    rows = pd.DataFrame({"place_id": places["place_id"].to_numpy(), "kind": kind})
    return rows.assign(evidence=said, confidence=confidence, candidate=candidate)


def _none(crs: object) -> Structures:
    columns = ["place_id", "name", "osm_ids", "length", "road_class", "underground", "source"]
    empty = gpd.GeoDataFrame({c: pd.Series(dtype=object) for c in columns}, geometry=gpd.GeoSeries([], crs=crs))
    return Structures(
        empty,
        pd.DataFrame({c: pd.Series(dtype=object) for c in ("place_id", "kind", "evidence", "confidence", "candidate")}),
    )
