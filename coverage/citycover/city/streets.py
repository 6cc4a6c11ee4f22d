"""Cut the carriageway ways of OSM into street sections between junctions.

Carriageway roads are the OSM classes of ``terms.ROAD_CLASSES``, their links and ``highway=road``; footways, steps,
cycle ways, paths and tracks are not streets, aisles of car parks and drive-throughs neither. Roads that are only
proposed or under construction are left out. All three are counted by :func:`count_left_out`.
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

from citycover import geo, tables
from citycover.city.measures import is_yes, parse_metres, parse_number
from citycover.city.osm import RawOsm, tag_values
from citycover.city.osm_tags import CARRIAGEWAYS, FUTURE, LINKS, PATHS

LANE_WIDTH: dict[str, float] = {"motorway": 3.75, "trunk": 3.75, "primary": 3.5, "secondary": 3.5}
"""Width of a lane by class, m; 3.25 for the others. Ours, after the range 3.25 to 3.75 m of CJJ 37 (second-hand)."""

CLASS_WIDTH: dict[str, tuple[float, float]] = {
    "motorway": (22.5, 11.25),
    "trunk": (22.5, 11.25),
    "primary": (21.0, 10.5),
    "secondary": (14.0, 7.0),
    "tertiary": (10.0, 6.5),
    "unclassified": (7.0, 5.0),
    "residential": (7.0, 5.0),
    "living_street": (5.0, 4.0),
    "pedestrian": (8.0, 8.0),
    "service": (4.0, 4.0),
}
"""Carriageway from kerb to kerb where neither width nor lanes are tagged, m: (both directions, one direction). Ours."""

LINK_WIDTH = (7.0, 5.5)
_WIDEST = 120.0
_CELLS_PER_DEGREE = 1e4  # end points are told apart on a grid of about 11 m
_NOT_STREETS = frozenset({"parking_aisle", "drive-through"})
_SAME = ["name", "road_class", "link", "bridge", "tunnel", "layer", "oneway", "roundabout", "access"]

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class _Pieces(NamedTuple):
    """Parts of ways between breaks; ``way`` is the row of the way, nodes are codes."""

    way: Ints
    start: Ints
    end: Ints
    lines: npt.NDArray[np.object_]


def cut_streets(raw: RawOsm) -> gpd.GeoDataFrame:
    """Return the table ``streets``: sections between the nodes where three or more carriageways meet.

    Ways that follow each other at a node of no third way become one section where name, class, link, bridge, tunnel,
    layer, direction, roundabout and access agree. Where their other tags differ, those of the longest part hold.
    ``width`` is the tag ``width``, else lanes times :data:`LANE_WIDTH`, else :data:`CLASS_WIDTH`; ``width_source`` says
    which. Sections are whole: nothing is clipped here. One-way sections run in the direction of traffic, the others
    from west to east.

    ``street_id`` follows from name, class and the end points on a grid of 1e-4 degrees (about 11 m), not from OSM ids;
    rows are sorted by it. A further column ``roundabout`` stands last.
    """
    ways = _describe_ways(raw)
    used = ~ways["service"].isin(_NOT_STREETS).to_numpy(bool)
    pieces, xy, names = _cut_ways(raw, used)
    of_piece = ways.iloc[pieces.way].reset_index(drop=True)
    back = of_piece["backward"].to_numpy(bool)
    start, end = np.where(back, pieces.end, pieces.start), np.where(back, pieces.start, pieces.end)
    lines = np.where(back, shapely.reverse(pieces.lines), pieces.lines)
    pieces = _Pieces(pieces.way, start, end, lines)
    section = _join_pieces(pieces, of_piece, len(xy))
    rows = _merge_sections(pieces, of_piece, section, xy, names)
    return _finish(rows, raw)


def count_left_out(raw: RawOsm) -> dict[str, int]:
    """Return how many ways are no streets, and why."""
    highway = tag_values(raw.objects, "highway")
    lines = shapely.get_dimensions(raw.objects.geometry.to_numpy()) == 1
    service = tag_values(raw.road_ways.ways, "service")
    return {
        "ways_proposed_or_under_construction": int((highway.isin(FUTURE) & lines).sum()),
        "ways_for_walking_or_cycling_only": int((highway.isin(PATHS) & lines).sum()),
        "ways_in_car_parks": int(service.isin(_NOT_STREETS).sum()),
    }


def _describe_ways(raw: RawOsm) -> pd.DataFrame:
    ways = raw.road_ways.ways
    highway = tag_values(ways, "highway")
    oneway = tag_values(ways, "oneway")
    roundabout = tag_values(ways, "junction").isin(["roundabout", "circular"])
    implied = roundabout | highway.isin(["motorway", "motorway_link"])
    lanes = parse_number(tag_values(ways, "lanes"))
    both = parse_number(tag_values(ways, "lanes:forward")) + parse_number(tag_values(ways, "lanes:backward"))
    width = parse_metres(tag_values(ways, "width:carriageway", "width"))
    frame = pd.DataFrame(
        {
            "osm_id": ways["osm_id"],
            "name": tag_values(ways, "name", "name:zh"),
            "ref": tag_values(ways, "ref"),
            "road_class": highway.map(CARRIAGEWAYS).astype("str"),
            "link": highway.isin(list(LINKS)),
            "bridge": is_yes(tag_values(ways, "bridge")),
            "tunnel": is_yes(tag_values(ways, "tunnel"))
            & ~tag_values(ways, "tunnel").isin(["building_passage", "culvert"]),
            "layer": parse_number(tag_values(ways, "layer")).fillna(0.0).round().clip(-20, 20).astype("int64"),
            "oneway": oneway.isin(["yes", "true", "1", "-1", "reverse"]) | (implied & (oneway != "no")),
            "backward": oneway.isin(["-1", "reverse"]),
            "roundabout": roundabout,
            "access": tag_values(ways, "access"),
            "service": tag_values(ways, "service"),
            "lanes": lanes.fillna(both).where(lambda n: n.between(0.5, 20)),
            "tag_width": width.where(width.between(1.0, _WIDEST)),
        }
    )
    return frame.reset_index(drop=True)


def _cut_ways(raw: RawOsm, used: Bools) -> tuple[_Pieces, npt.NDArray[np.float64], Ints]:
    """Cut ways at their ends and wherever three or more neighbours meet; return pieces, node positions, node ids."""
    roads = raw.road_ways
    way = np.repeat(np.arange(len(roads.ways)), np.diff(roads.offsets))
    keep = used[way]
    same_as_before = np.zeros(len(way), bool)
    same_as_before[1:] = (roads.nodes[1:] == roads.nodes[:-1]) & (way[1:] == way[:-1])
    keep &= ~same_as_before
    way, ids = way[keep], roads.nodes[keep]
    names, first, node = np.unique(ids, return_index=True, return_inverse=True)
    xy = np.column_stack([roads.x[keep][first], roads.y[keep][first]])
    along = way[1:] == way[:-1]
    a, b = node[:-1][along], node[1:][along]
    pairs = np.unique(np.column_stack([np.minimum(a, b), np.maximum(a, b)]), axis=0)
    degree = np.bincount(pairs.ravel(), minlength=len(names))
    is_first, is_last = np.ones(len(way), bool), np.ones(len(way), bool)
    is_first[1:], is_last[:-1] = ~along, ~along
    cut = degree[node] != 2
    begin = np.flatnonzero((cut | is_first) & ~is_last)
    finish = np.flatnonzero((cut | is_last) & ~is_first)
    size = finish - begin + 1
    piece = np.repeat(np.arange(len(begin)), size)
    position = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size) + np.repeat(begin, size)
    lines = shapely.linestrings(xy[node[position]], indices=piece) if len(piece) else np.empty(0, dtype=object)
    return _Pieces(way[begin], node[begin], node[finish], lines), xy, names


def _join_pieces(pieces: _Pieces, of_piece: pd.DataFrame, n_nodes: int) -> Ints:
    """Return the section number of each piece: pieces that only a tag border parts share one."""
    n = len(pieces.way)
    same = of_piece.groupby(_SAME, dropna=False, sort=False).ngroup().to_numpy()
    oneway = of_piece["oneway"].to_numpy(bool)
    node = np.concatenate([pieces.start, pieces.end])
    piece = np.tile(np.arange(n), 2)
    is_start = np.repeat([True, False], n)
    two = np.bincount(node, minlength=n_nodes)[node] == 2
    order = np.flatnonzero(two)[np.argsort(node[two], kind="stable")]
    one, other = order[::2], order[1::2]
    fits = (same[piece[one]] == same[piece[other]]) & (~oneway[piece[one]] | (is_start[one] != is_start[other]))
    fits &= piece[one] != piece[other]
    links = coo_array((np.ones(fits.sum()), (piece[one][fits], piece[other][fits])), shape=(n, n))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _merge_sections(
    pieces: _Pieces, of_piece: pd.DataFrame, section: Ints, xy: npt.NDArray[np.float64], names: Ints
) -> gpd.GeoDataFrame:
    rows = of_piece.assign(
        section=section,
        piece_length=shapely.length(pieces.lines),
        start=pieces.start,
        end=pieces.end,
        line=pieces.lines,
    )
    rows = rows.sort_values(["section", "piece_length"], ascending=[True, False], kind="stable").reset_index(drop=True)
    lines = rows["line"].to_numpy(dtype=object)
    number = rows["section"].to_numpy(np.int64)
    merged = np.asarray(shapely.line_merge(shapely.multilinestrings(lines, indices=number)), dtype=object)
    # rings, and pieces that touch away from their ends, stay sections of their own
    line = (shapely.get_type_id(merged) == shapely.GeometryType.LINESTRING) & ~shapely.is_closed(merged)
    joined = line[number] & (np.bincount(number)[number] > 1)
    geometry = np.where(joined, merged[number], lines)
    rows["section"] = np.where(line[number], number, len(merged) + np.arange(len(rows)))
    third = shapely.line_interpolate_point(lines, 1 / 3, normalized=True)
    later = shapely.line_interpolate_point(lines, 2 / 3, normalized=True)
    against = joined & (shapely.line_locate_point(geometry, third) > shapely.line_locate_point(geometry, later))
    rows["line"] = np.where(against, shapely.reverse(geometry), geometry)
    rows = rows.sort_values("section", kind="stable")
    head = rows.groupby("section", sort=True)
    out = head[[*_SAME[1:], "lanes", "tag_width", "ref"]].first()
    out["name"] = head["name"].first()
    out["access"] = head["access"].first()
    ids = rows[["section", "osm_id"]].drop_duplicates().sort_values(["section", "osm_id"])
    out["osm_ids"] = ids.groupby("section")["osm_id"].agg(";".join)
    first = ~rows.duplicated("section").to_numpy()
    out = gpd.GeoDataFrame(
        out.reset_index(drop=True), geometry=gpd.GeoSeries(rows["line"].to_numpy(dtype=object)[first])
    )
    ends = rows.melt("section", ["start", "end"], value_name="node")[["section", "node"]]
    ends["x"], ends["y"] = xy[ends["node"].to_numpy(), 0], xy[ends["node"].to_numpy(), 1]
    ends = ends.drop_duplicates(["section", "x", "y"])
    numbers = np.sort(rows["section"].unique())
    for column, place in (("from_node", 0), ("to_node", -1)):
        point = shapely.get_point(out.geometry.to_numpy(), place)
        wanted = pd.DataFrame({"section": numbers, "x": shapely.get_x(point), "y": shapely.get_y(point)})
        found = wanted.merge(ends, on=["section", "x", "y"], how="left")["node"].to_numpy()
        out[column] = "node/" + pd.Series(names[found.astype(np.int64)]).astype("str")
    return out


def _finish(rows: gpd.GeoDataFrame, raw: RawOsm) -> gpd.GeoDataFrame:
    lines = rows.geometry.to_numpy()
    x0, y0, x1, y1 = _ends(lines)
    eastward = (x0 < x1) | ((x0 == x1) & (y0 <= y1))
    flip = ~rows["oneway"].to_numpy(bool) & ~eastward
    lines = np.where(flip, shapely.reverse(lines), lines)
    before, after = rows["from_node"].to_numpy(), rows["to_node"].to_numpy()
    link, oneway = rows["link"].to_numpy(bool), rows["oneway"].to_numpy(bool)
    by_lanes = rows["lanes"] * rows["road_class"].map(LANE_WIDTH).fillna(3.25)
    wide, narrow = (rows["road_class"].map({c: w[i] for c, w in CLASS_WIDTH.items()}).to_numpy(float) for i in (0, 1))
    by_class = np.where(oneway, np.where(link, LINK_WIDTH[1], narrow), np.where(link, LINK_WIDTH[0], wide))
    out = rows.assign(
        geometry=lines,
        from_node=np.where(flip, after, before),
        to_node=np.where(flip, before, after),
        length=shapely.length(lines),
        width=rows["tag_width"].fillna(by_lanes).fillna(pd.Series(by_class, index=rows.index)),
        width_source=np.where(rows["tag_width"].notna(), "tag", np.where(by_lanes.notna(), "lanes", "class")),
    )
    x0, y0, x1, y1 = _ends(lines)
    out["street_id"] = _street_ids(out, raw, lines)
    order = pd.DataFrame({"id": out["street_id"], "x0": x0, "y0": y0, "x1": x1, "y1": y1, "length": out["length"]})
    order = order.sort_values(list(order.columns), kind="stable")
    out = out.loc[order.index].drop(columns="tag_width")
    out["street_id"] = tables.number_repeats(out["street_id"])
    roundabout = out.pop("roundabout").to_numpy(bool)
    streets = tables.conform("streets", out, crs=raw.crs)
    return streets.assign(roundabout=roundabout)


def _ends(lines: npt.NDArray[np.object_]) -> tuple[geo.Floats, geo.Floats, geo.Floats, geo.Floats]:
    first, last = shapely.get_point(lines, 0), shapely.get_point(lines, -1)
    return shapely.get_x(first), shapely.get_y(first), shapely.get_x(last), shapely.get_y(last)


def _street_ids(rows: pd.DataFrame, raw: RawOsm, lines: npt.NDArray[np.object_]) -> list[str]:
    x0, y0, x1, y1 = _ends(lines)
    closed = shapely.is_closed(lines)
    middle = shapely.centroid(lines)
    x0, y0 = np.where(closed, shapely.get_x(middle), x0), np.where(closed, shapely.get_y(middle), y0)
    x1, y1 = np.where(closed, x0, x1), np.where(closed, y0, y1)
    lon, lat = geo.to_degrees(np.concatenate([x0, x1]), np.concatenate([y0, y1]), raw.crs)
    cells = np.floor(np.column_stack([lon, lat]) * _CELLS_PER_DEGREE).astype(np.int64)
    n = len(rows)
    low = np.minimum.reduce([cells[:n, 0] * 10**8 + cells[:n, 1], cells[n:, 0] * 10**8 + cells[n:, 1]])
    high = np.maximum.reduce([cells[:n, 0] * 10**8 + cells[:n, 1], cells[n:, 0] * 10**8 + cells[n:, 1]])
    name = rows["name"].astype(object).where(rows["name"].notna(), "")
    return tables.content_ids("S", name, rows["road_class"], rows["link"], low, high)
