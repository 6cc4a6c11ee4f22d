"""Consolidate the nodes where street sections meet into junctions.

A crossing of two dual carriageways is four nodes in OSM and one junction to a planner. Nodes are put together by the
names and directions of their streets, not by distance alone: Chinese arterials hold 50 to 60 m between the outer nodes,
more than lies between two junctions of an old town. Two nodes are one junction where

1. they lie within 60 m and share two street names, one of them of one-way carriageways at both (a dual carriageway and
   its side roads 辅路 share a name), or within 25 m where no carriageway is divided,
2. a section of at most 60 m joins them across the carriageways of one street that run in opposite directions,
3. a slip road leaves the street at most 60 m before the crossing (it belongs to the nearest one, and is nothing else),
4. they lie on one roundabout,
5. at most 15 m of street part them and neither is only the mouth of a service road, or
6. streets end face to face on the two carriageways of one street, at most 60 m across and 15 m along it.

The distances are ours. Where the result has fewer than three legs (a carriageway that divides, a place to turn) it is
no junction. Streets that pass over each other share no node and make none.
"""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from citycover import geo, tables, terms
from citycover.city.osm import RawOsm, tag_values

CROSSING_WIDTH = 60.0
UNDIVIDED_WIDTH = 25.0
STAGGER = 15.0
SAME_DIRECTION = 35.0
SAME_STREET = 60.0
LINK_DIRECTION = 45.0
SIGNAL_REACH = 40.0
SMALLEST_RADIUS = 20.0
_LOOK = 30.0  # metres along a leg at which its direction is taken
_INSIDE = 100.0  # a section that leaves a junction and comes back within this length lies inside it
_SIDE_ROAD = r"(?:辅路|辅道|主路|主道)$"
_CLASSES = {c: i for i, c in enumerate(terms.ROAD_CLASSES)}
_SERVICE = _CLASSES["service"]
_CLASSED = _CLASSES["tertiary"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class _Chains(NamedTuple):
    """Sections end to end between two crossing nodes: the sections' chain, and per chain its nodes and length."""

    of_section: Ints
    a: Ints
    b: Ints
    length: npt.NDArray[np.float64]


def consolidate_junctions(streets: gpd.GeoDataFrame, raw: RawOsm) -> gpd.GeoDataFrame:
    """Return the table ``junctions`` of whole (unclipped) ``streets``, sorted by ``junction_id``.

    ``legs`` counts directions of approach: carriageways of one street within 60° (35° where they bear no name) are one
    leg, slip roads within 45° of a street or that only lead to another street of the junction belong to it, and the
    mouths of service roads count only where fewer than three streets meet.
    ``second_class`` is the highest class among legs of another name that do not run along the main street, else among
    all of another name, else among legs that turn off it; ``service`` where fewer than three streets meet.
    ``signals``: a ``highway=traffic_signals`` node lies within 40 m, or a signalled crossing within 30 m, of a node of
    the junction and no other junction is nearer. Position and ``radius`` follow from the nodes where streets cross,
    not from those where slip roads leave; the radius reaches the outermost and half of the widest leg, at least 20 m.
    ``junction_id`` follows from the names and the position (a grid of 1e-3 degrees, unnamed 1e-4).
    """
    ends = _section_ends(streets)
    nodes = _crossing_nodes(ends)
    if nodes.empty:
        return tables.conform("junctions", gpd.GeoDataFrame(geometry=[], crs=raw.crs))
    ends["crossing"] = nodes.set_index("node")["crossing"].reindex(ends["node"]).fillna(-1).to_numpy(np.int64)
    chains = _chain_sections(ends, len(streets), streets["length"].to_numpy(float))
    cluster = _cluster(nodes, ends, chains)
    legs = _external_ends(ends, chains, cluster)
    slip = _count_streets(ends[ends["crossing"] >= 0], len(nodes))[1]
    found = _describe(legs, nodes.assign(cluster=cluster, slip=slip), raw)
    return _with_ids(found, raw)


def angle_between(a: npt.ArrayLike, b: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return the angle between two directions, 0 to 180 degrees.

    >>> angle_between([350, 90], [10, 270]).tolist()
    [20.0, 180.0]
    """
    d = np.abs(np.asarray(a, float) - np.asarray(b, float)) % 360.0
    return np.asarray(np.minimum(d, 360.0 - d), float)


def count_directions(group: Ints, bearing: npt.NDArray[np.float64], *, gap: float = SAME_DIRECTION) -> pd.Series:
    """Return by group how many bundles of directions there are: neighbours within ``gap`` degrees are one bundle.

    >>> count_directions(np.array([0, 0, 0, 1]), np.array([355.0, 5.0, 90.0, 10.0])).tolist()
    [2, 1]
    """
    frame = pd.DataFrame({"group": group, "bearing": np.asarray(bearing) % 360.0})
    frame = frame.sort_values(["group", "bearing"], kind="stable")
    by = frame.groupby("group")["bearing"]
    step = by.diff()
    wrap = by.transform("first") + 360.0 - by.transform("last")
    new = step.fillna(wrap) > gap
    return new.groupby(frame["group"]).sum().clip(lower=1).astype("int64")


def _section_ends(streets: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return both ends of every section with node, position, direction away from the node, and the street's traits."""
    lines = streets.geometry.to_numpy()
    half = np.minimum(_LOOK, shapely.length(lines) / 2)
    plain = streets["name"].str.replace(_SIDE_ROAD, "", regex=True).fillna("")
    rank = streets["road_class"].map(_CLASSES).to_numpy(np.int64)
    frames = []
    for end, column in enumerate(("from_node", "to_node")):
        here = shapely.get_point(lines, -end)
        ahead = shapely.line_interpolate_point(lines, half if end == 0 else -half)
        x, y = shapely.get_x(here), shapely.get_y(here)
        bearing = np.degrees(np.arctan2(shapely.get_x(ahead) - x, shapely.get_y(ahead) - y)) % 360.0
        frames.append(
            pd.DataFrame(
                {
                    "section": np.arange(len(streets)),
                    "end": end,
                    "node": streets[column].to_numpy(),
                    "x": x,
                    "y": y,
                    "bearing": bearing,
                    "name": plain.to_numpy(),
                    "label": streets["name"].fillna("").to_numpy(),
                    "rank": rank,
                    "link": streets["link"].to_numpy(bool),
                    "oneway": streets["oneway"].to_numpy(bool),
                    "roundabout": streets["roundabout"].to_numpy(bool),
                    "width": streets["width"].to_numpy(float),
                }
            )
        )
    ends = pd.concat(frames, ignore_index=True)
    # the street as a key: its name, or for roads without one their class
    ends["key"] = ends["name"].where(ends["name"] != "", "~" + ends["rank"].astype("str"))
    return ends


def _crossing_nodes(ends: pd.DataFrame) -> pd.DataFrame:
    """Return the nodes of three or more section ends, numbered, with whether they are only mouths of service roads."""
    by = ends.assign(street=ends["rank"] != _SERVICE).groupby("node")
    nodes = by.agg(x=("x", "first"), y=("y", "first"), n=("section", "size"), streets=("street", "sum"))
    nodes = nodes[nodes["n"] >= 3].sort_values(["x", "y"]).reset_index()
    return nodes.assign(crossing=np.arange(len(nodes)), mouth=nodes["streets"] < 3)


def _chain_sections(ends: pd.DataFrame, n: int, length: npt.NDArray[np.float64]) -> _Chains:
    """Join sections at nodes of two ends (a name or a class changes there) into chains between crossing nodes."""
    between = ends[ends.groupby("node")["section"].transform("size") == 2].sort_values("node", kind="stable")
    one, other = between["section"].to_numpy()[::2], between["section"].to_numpy()[1::2]
    links = coo_array((np.ones(len(one)), (one, other)), shape=(n, n))
    count, label = connected_components(links, directed=False)
    chain = np.asarray(label, np.int64)
    at = ends[ends["crossing"] >= 0]
    mark = pd.DataFrame({"chain": chain[at["section"].to_numpy()], "crossing": at["crossing"].to_numpy()})
    two = mark.groupby("chain")["crossing"].agg(["first", "last", "size"]).reindex(range(count))
    whole = (two["size"] == 2).to_numpy()
    a = np.where(whole, two["first"].fillna(-1), -1).astype(np.int64)
    b = np.where(whole, two["last"].fillna(-1), -1).astype(np.int64)
    total = np.asarray(np.bincount(chain, weights=length, minlength=count), np.float64)
    return _Chains(chain, a, b, total)


def _cluster(nodes: pd.DataFrame, ends: pd.DataFrame, chains: _Chains) -> Ints:
    xy = nodes[["x", "y"]].to_numpy()
    at = ends[ends["crossing"] >= 0]
    slips = _slip_roads(xy, at, chains)
    owned = np.zeros(len(nodes), bool)
    owned[slips[:, 0]] = True
    # the end of one crossing's slip road often lies beside the next crossing: it must not tie the two together
    others = [_across_carriageways(at, chains), _staggered(nodes, chains), _face_to_face(nodes, at)]
    free = [pairs[~owned[pairs].any(axis=1)] for pairs in others]
    i, j = np.concatenate([_sharing_two_names(xy, at), slips, _on_roundabouts(at, chains), *free]).T
    links = coo_array((np.ones(len(i)), (i, j)), shape=(len(nodes), len(nodes)))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _sharing_two_names(xy: npt.NDArray[np.float64], at: pd.DataFrame) -> Ints:
    near = cKDTree(xy).query_pairs(CROSSING_WIDTH, output_type="ndarray")
    pairs = pd.DataFrame({"pair": np.arange(len(near)), "i": near[:, 0], "j": near[:, 1]})
    named = at[(at["name"] != "") & ~at["link"]].groupby(["crossing", "name"], as_index=False)["oneway"].any()
    shared = pairs.merge(named, left_on="i", right_on="crossing").merge(
        named, left_on=["j", "name"], right_on=["crossing", "name"], suffixes=("_i", "_j")
    )
    number = np.bincount(shared["pair"].to_numpy(), minlength=len(near))
    divided = shared.loc[shared["oneway_i"] & shared["oneway_j"], "pair"].to_numpy()
    is_divided = np.bincount(divided, minlength=len(near)) > 0
    close = np.hypot(*(xy[near[:, 0]] - xy[near[:, 1]]).T) <= UNDIVIDED_WIDTH
    return np.asarray(near[(number >= 2) & (is_divided | close)], np.int64)


def _across_carriageways(at: pd.DataFrame, chains: _Chains) -> Ints:
    """Return the pairs of nodes on opposite carriageways of one street that a short way across joins."""
    chain = np.flatnonzero((chains.a >= 0) & (chains.a != chains.b) & (chains.length <= CROSSING_WIDTH))
    short = pd.DataFrame({"chain": chain, "i": chains.a[chain], "j": chains.b[chain]})
    away = _carriageways(at)
    away = away.assign(own=chains.of_section[away["section"].to_numpy()])
    both = short.merge(away, left_on="i", right_on="crossing").merge(
        away, left_on=["j", "key"], right_on=["crossing", "key"], suffixes=("_i", "_j")
    )
    other = (both["own_i"] != both["chain"]) & (both["own_j"] != both["chain"])
    opposite = angle_between(both["bearing_i"], both["bearing_j"]) > 180.0 - SAME_DIRECTION
    return both.loc[other & opposite, ["i", "j"]].drop_duplicates().to_numpy(np.int64).reshape(-1, 2)


def _carriageways(at: pd.DataFrame) -> pd.DataFrame:
    """Return the one-way sections that leave a crossing node and may be half of a dual carriageway."""
    half = at["oneway"] & (at["end"] == 0) & ~at["link"] & ((at["name"] != "") | (at["rank"] <= _CLASSED))
    return at.loc[half, ["crossing", "key", "bearing", "section"]]


def _face_to_face(nodes: pd.DataFrame, at: pd.DataFrame) -> Ints:
    """Return the pairs of nodes where streets end on opposite carriageways of one street, right across."""
    xy = nodes[["x", "y"]].to_numpy()
    near = cKDTree(xy).query_pairs(CROSSING_WIDTH, output_type="ndarray")
    mouth = nodes["mouth"].to_numpy(bool)
    near = near[~mouth[near].any(axis=1)]
    pairs = pd.DataFrame({"i": near[:, 0], "j": near[:, 1]})
    away = _carriageways(at)
    both = pairs.merge(away, left_on="i", right_on="crossing").merge(
        away, left_on=["j", "key"], right_on=["crossing", "key"], suffixes=("_i", "_j")
    )
    axis = np.radians(both["bearing_i"].to_numpy(float))
    d = xy[both["j"].to_numpy()] - xy[both["i"].to_numpy()]
    along = np.abs(d[:, 0] * np.sin(axis) + d[:, 1] * np.cos(axis))
    opposite = angle_between(both["bearing_i"], both["bearing_j"]) > 180.0 - SAME_DIRECTION
    facing = both.loc[opposite & (along <= STAGGER), ["i", "j"]].drop_duplicates()
    return np.asarray(facing, np.int64)


def _slip_roads(xy: npt.NDArray[np.float64], at: pd.DataFrame, chains: _Chains) -> Ints:
    """Return the pairs of a node where a slip road leaves a street and the crossing on that street it belongs to."""
    keys, slip = _count_streets(at, len(xy))
    key = at[~at["link"]].groupby("crossing")["key"].first().reindex(range(len(xy)), fill_value="").to_numpy()
    chain = np.flatnonzero((chains.a >= 0) & (chains.length <= 1.5 * CROSSING_WIDTH))
    a = np.concatenate([chains.a[chain], chains.b[chain]])
    b = np.concatenate([chains.b[chain], chains.a[chain]])
    distance = np.hypot(*(xy[a] - xy[b]).T)
    fits = slip[a] & (keys[b] >= 2) & (distance <= CROSSING_WIDTH) & ~_only_mouth(at, len(xy))[b]
    pairs = pd.DataFrame({"i": a[fits], "j": b[fits], "key": key[a[fits]], "distance": distance[fits]})
    owned = at[["crossing", "key"]].drop_duplicates()
    pairs = pairs.merge(owned, left_on=["j", "key"], right_on=["crossing", "key"])
    nearest = pairs.sort_values(["i", "distance", "j"]).drop_duplicates("i")
    return np.asarray(nearest[["i", "j"]], np.int64)


def _only_mouth(at: pd.DataFrame, n: int) -> Bools:
    """Return which crossing nodes are only where a service road meets a street."""
    plain = at[~at["link"] & (at["rank"] != _SERVICE)]
    return np.asarray(plain.groupby("crossing")["key"].nunique().reindex(range(n), fill_value=0) < 2, bool)


def _count_streets(at: pd.DataFrame, n: int) -> tuple[Ints, Bools]:
    """Return by crossing node how many streets meet, and whether it is only where a slip road leaves its street."""
    number = at[~at["link"]].groupby("crossing")["key"].nunique().reindex(range(n), fill_value=0)
    streets = np.asarray(number, np.int64)
    has_link = np.zeros(n, bool)
    has_link[at.loc[at["link"], "crossing"].to_numpy()] = True
    return streets, np.asarray(has_link & (streets == 1), bool)


def _on_roundabouts(at: pd.DataFrame, chains: _Chains) -> Ints:
    ring = np.unique(chains.of_section[at.loc[at["roundabout"], "section"].to_numpy()])
    ring = ring[chains.a[ring] >= 0]
    return np.column_stack([chains.a[ring], chains.b[ring]])


def _staggered(nodes: pd.DataFrame, chains: _Chains) -> Ints:
    mouth = nodes["mouth"].to_numpy(bool)
    short = (chains.a >= 0) & (chains.length <= STAGGER)
    short &= ~mouth[chains.a] & ~mouth[chains.b]
    return np.column_stack([chains.a[short], chains.b[short]])


def _external_ends(ends: pd.DataFrame, chains: _Chains, cluster: Ints) -> pd.DataFrame:
    """Return the section ends through which a junction is left."""
    known = chains.a >= 0
    back = known & (cluster[chains.a] == cluster[chains.b])
    ring = np.zeros(len(known), bool)
    ring[chains.of_section[ends.loc[ends["roundabout"], "section"].to_numpy()]] = True
    inside = back & (ring | ((chains.a != chains.b) & (chains.length <= _INSIDE)))
    leaves = (ends["crossing"] >= 0).to_numpy(bool) & ~inside[chains.of_section[ends["section"].to_numpy()]]
    out: pd.DataFrame = ends.loc[leaves].reset_index(drop=True)
    out = out.assign(junction=cluster[out["crossing"].to_numpy()])
    return out.assign(shortcut=_are_shortcuts(out, ends, chains, cluster))


def _are_shortcuts(out: pd.DataFrame, ends: pd.DataFrame, chains: _Chains, cluster: Ints) -> Bools:
    """Return which ends begin a short slip road that only leads to another street of the same junction."""
    chain = chains.of_section[out["section"].to_numpy()]
    a, b = chains.a[chain], chains.b[chain]
    far = np.where(cluster[a] == out["junction"].to_numpy(), b, a)
    links = pd.DataFrame({"leg": np.arange(len(out)), "junction": out["junction"], "far": far})
    links = links[out["link"].to_numpy(bool) & (a >= 0) & (chains.length[chain] <= _INSIDE)]
    plain = ends.loc[(ends["crossing"] >= 0) & ~ends["link"] & (ends["name"] != ""), ["crossing", "key"]]
    there = links.merge(plain.drop_duplicates(), left_on="far", right_on="crossing")
    here = plain.assign(junction=cluster[plain["crossing"].to_numpy()])[["junction", "key"]].drop_duplicates()
    shortcut = np.zeros(len(out), bool)
    shortcut[there.merge(here, on=["junction", "key"])["leg"].to_numpy(np.int64)] = True
    return shortcut


def _describe(legs: pd.DataFrame, nodes: pd.DataFrame, raw: RawOsm) -> pd.DataFrame:
    """Return one row per cluster of at least three legs."""
    street = legs["rank"] != _SERVICE
    plain = legs[~legs["link"]]
    links = legs[legs["link"]].reset_index(names="leg")
    beside = links.merge(plain[["junction", "bearing"]], on="junction", suffixes=("", "_plain"))
    absorbed = beside.loc[angle_between(beside["bearing"], beside["bearing_plain"]) <= LINK_DIRECTION, "leg"].unique()
    legs = legs.assign(street=street, absorbed=legs.index.isin(absorbed) | legs["shortcut"])
    # carriageways of one street bundle by key; each two-way section is a leg of its own
    own = np.where(legs["oneway"] | legs["link"], legs["key"], "|" + legs.index.astype("str"))
    legs["bundle"] = pd.factorize(legs["junction"].astype("str") + own)[0]
    counted = legs[~legs["absorbed"]]
    named = counted["name"] != ""
    per_bundle = [
        count_directions(part["bundle"].to_numpy(np.int64), part["bearing"].to_numpy(float), gap=gap)
        for part, gap in ((counted[named], SAME_STREET), (counted[~named], SAME_DIRECTION))
    ]
    bundles = counted.drop_duplicates("bundle").set_index("bundle")[["junction", "street"]]
    bundles = bundles.assign(n=pd.concat(per_bundle))
    all_legs = bundles.groupby("junction")["n"].sum()
    street_legs = bundles[bundles["street"]].groupby("junction")["n"].sum().reindex(all_legs.index, fill_value=0)
    count = street_legs.where(street_legs >= 3, all_legs)
    count = count[count >= 3]
    legs = legs[legs["junction"].isin(count.index)]
    main = legs[legs["street"] | (street_legs.reindex(legs["junction"]).to_numpy() < 3)]
    core = nodes[~nodes["slip"]]  # where slip roads leave a street lies outside the crossing itself
    core = pd.concat([core, nodes[~nodes["cluster"].isin(core["cluster"])]])
    found = core.groupby("cluster").agg(x=("x", "mean"), y=("y", "mean"))
    found["osm_ids"] = nodes.sort_values("node").groupby("cluster")["node"].agg(";".join)
    found = found.loc[count.index].assign(legs=count)
    found = found.join(_classes(main)).join(_names(main))
    few = street_legs.reindex(found.index) < 3
    found["second_class"] = found["second_class"].where(~few, "service")
    centre = found[["x", "y"]].reindex(core["cluster"]).to_numpy()
    reach = pd.Series(np.hypot(*(core[["x", "y"]].to_numpy() - centre).T))
    outermost = reach.groupby(core["cluster"].to_numpy()).max().reindex(found.index)
    widest = main.groupby("junction")["width"].max().reindex(found.index)
    found["radius"] = (outermost + widest / 2).clip(lower=SMALLEST_RADIUS)
    found["signals"] = found.index.isin(_signalled(nodes[nodes["cluster"].isin(found.index)], found, raw))
    return found


def _classes(legs: pd.DataFrame) -> pd.DataFrame:
    """Return by junction its highest class and the highest class that crosses it; slip roads only where all are."""
    ranked = legs.assign(unnamed=legs["name"] == "").sort_values(
        ["junction", "link", "rank", "unnamed", "name", "bearing"], kind="stable"
    )
    first = ranked.drop_duplicates("junction").set_index("junction")
    top = first.reindex(ranked["junction"])
    angle = angle_between(ranked["bearing"], top["bearing"])
    along = np.minimum(angle, 180.0 - angle) <= SAME_DIRECTION
    same_name = (ranked["name"].to_numpy() == top["name"].to_numpy()) & ~ranked["unnamed"].to_numpy()
    crossing = ranked[~same_name & ~along & ~ranked["link"]].groupby("junction")["rank"].min()
    turning = ranked[~along].groupby("junction")["rank"].min()
    other = ranked[(ranked["key"].to_numpy() != top["key"].to_numpy()) & ~ranked["link"]]
    beside = other.groupby("junction")["rank"].min()
    second = first["rank"]
    for better in (turning, beside, crossing):
        second = better.reindex(first.index).fillna(second)
    names = np.array(terms.ROAD_CLASSES)
    return pd.DataFrame(
        {"road_class": names[first["rank"].to_numpy(int)], "second_class": names[second.to_numpy(int)]},
        index=first.index,
    )


def _names(legs: pd.DataFrame) -> pd.Series:
    """Return by junction the names of its streets, higher classes first, joined by –."""
    named = legs[legs["name"] != ""].sort_values(["junction", "rank", "name"], kind="stable")
    named = named.drop_duplicates(["junction", "name"])
    return named.groupby("junction")["name"].agg("–".join)


def _signalled(nodes: pd.DataFrame, found: pd.DataFrame, raw: RawOsm) -> npt.NDArray[np.int64]:
    """Return the clusters that have traffic signals."""
    points = raw.objects[raw.objects["osm_id"].str.startswith("node/")]
    lights = tag_values(points, "highway") == "traffic_signals"
    crossing = (tag_values(points, "crossing") == "traffic_signals") | (tag_values(points, "crossing:signals") == "yes")
    kept = (lights | crossing).to_numpy(bool)
    where = points.geometry.to_numpy()[kept]
    nodes = nodes[found["second_class"].reindex(nodes["cluster"]).to_numpy() != "service"]
    if not len(where) or nodes.empty:
        return np.empty(0, np.int64)
    distance, nearest = cKDTree(nodes[["x", "y"]].to_numpy()).query(
        np.column_stack([shapely.get_x(where), shapely.get_y(where)])
    )
    reach = np.where(lights.to_numpy(bool)[kept], SIGNAL_REACH, SIGNAL_REACH - 10.0)
    hit = np.asarray(nearest, np.int64)[np.asarray(distance) <= reach]
    return np.unique(nodes["cluster"].to_numpy(np.int64)[hit])


def _with_ids(found: pd.DataFrame, raw: RawOsm) -> gpd.GeoDataFrame:
    lon, lat = geo.to_degrees(found["x"], found["y"], raw.crs)
    name = found["name"].fillna("").to_numpy()
    sorted_name = pd.Series(name).str.split("–").map(sorted).str.join("–")
    two = sorted_name.str.contains("–", regex=False).to_numpy()
    cells = np.where(two, 1e3, 1e4)
    keys = [np.floor(v * cells).astype(np.int64) for v in (lon, lat)]
    out = gpd.GeoDataFrame(found, geometry=gpd.points_from_xy(found["x"], found["y"]), crs=raw.crs)
    out["junction_id"] = tables.content_ids("J", sorted_name.where(two, ""), *keys)
    out = out.sort_values(["junction_id", "x", "y"], kind="stable").drop(columns=["x", "y"])
    out["junction_id"] = tables.number_repeats(out["junction_id"])
    return tables.conform("junctions", out, crs=raw.crs)
