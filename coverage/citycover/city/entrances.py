"""Finds the gates and doors of places, mapped or derived."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import geo, tables
from citycover.city.compounds import COMPOUND_KINDS, LEAST_GROUND
from citycover.city.structures import cluster_near

ON_BOUNDARY = 5.0
"""m: a gate this near to a site's boundary is the site's."""
ON_WALL = 15.0
"""m: a gate on a mapped wall or fence may stand this far from the boundary as drawn."""
STATION_REACH = 300.0
"""m from a mouth to its station; twice that where the mouth bears the station's name."""
ONE_GATE = 20.0
"""m: crossings of a boundary this near to each other, or to a mapped gate, are one gate."""
STEP = 5.0
"""m before and behind a crossing at which a way must be on different sides of the boundary."""
STREET_REACH = 100.0
"""m from a door to the street that it is taken to face."""

GATES = frozenset(
    {"gate", "lift_gate", "swing_gate", "sliding_gate", "entrance", "sally_port", "turnstile", "full-height_turnstile"}
)
_INTO = frozenset(
    [
        "service",
        "residential",
        "living_street",
        "unclassified",
        "road",
        "pedestrian",
        "footway",
        "path",
        "steps",
        "cycleway",
        "track",
        "corridor",
    ]
)
_OPEN_KINDS = frozenset(
    [
        "urban_road",
        "main_highway",
        "expressway",
        "central_town_road",
        "township_main_road",
        "road_junction",
        "city_gateway",
        "bridge",
        "tunnel",
        "pedestrian_crossing_facility",
        "underground_passage",
        "pedestrian_underpass",
        "rail_transit_line",
        "pedestrian_street",
        "commercial_street",
        "public_transport_facility_other",
        "square",
        "reservoir",
        "artificial_lake",
        "river_embankment",
        "water_conservancy_facility",
        "flood_control_area",
        "complex_inland_water",
        "other_social_public_area",
        "emergency_evacuation_site",
        "wharf_pier",
    ]
)
"""Kinds without gates or doors."""

Shapes = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def find_entrances(
    objects: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    place_kinds: pd.DataFrame,
    barriers: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    """Find the entrances of places.

    Mapped ones (``entrance=*``, gates, mouths of stations, of garages) belong to the smallest site whose boundary runs
    within :data:`ON_BOUNDARY` (on a wall :data:`ON_WALL`), mouths to their station; a door deep inside a site is the
    site's only where the site is no compound. A gate that no place claims stays, without a ``place_id``. Derived ones,
    marked so: where a path or minor street crosses the boundary of a site and no gate is mapped there; and for premises
    that have none at all, one point of the outline towards the nearest street (``entrance`` is then ``assumed``). Metro
    stations have only their mapped mouths.

    Parameters
    ----------
    objects, streets, places, place_kinds, barriers
        The city's tables in one metric reference system; ``objects`` carry ``osm_id`` and ``tags``.

    Returns
    -------
    GeoDataFrame
        The declared table: mapped ones in the order of ``objects``, then derived ones by place. ``facing`` is the
        outward direction from true north; null where there is no outline or street to tell it from.

    Examples
    --------
    >>> objects = gpd.GeoDataFrame({"osm_id": ["node/1"], "tags": [{"barrier": "gate"}]},
    ...     geometry=[shapely.Point(500050, 3500100)], crs=32650)
    >>> school = tables.conform("places", gpd.GeoDataFrame({"place_id": ["way/1"]},
    ...     geometry=[shapely.box(500000, 3500000, 500100, 3500100)], crs=32650))
    >>> kinds = tables.conform("place_kinds", [{"place_id": "way/1", "kind": "school_kindergarten"}])
    >>> gate = find_entrances(objects, tables.conform("streets", [], crs=32650), school, kinds,
    ...     tables.conform("barriers", [], crs=32650))
    >>> gate[["place_id", "entrance", "facing", "source"]].round(1).values.tolist()
    [['way/1', 'gate', 0.0, 'mapped']]
    """
    sites = _sites(places, place_kinds, objects)
    mapped = _mapped(objects, sites, barriers)
    crossed = _crossings(objects, sites, mapped)
    assumed = _assumed(objects, streets, sites, pd.concat([mapped["place_id"], crossed["place_id"]]))
    rows = pd.concat([f for f in (mapped, crossed, assumed) if len(f)] or [mapped], ignore_index=True)
    facing = rows["grid_facing"].to_numpy(dtype=float, copy=True)
    known = np.isfinite(facing)
    if known.any():
        x, y = rows["geometry"].map(shapely.get_x).to_numpy(float), rows["geometry"].map(shapely.get_y).to_numpy(float)
        facing[known] = (facing[known] + geo.meridian_convergence(x[known], y[known], objects.crs)) % 360.0
    rows = rows.assign(facing=facing)
    return tables.conform(
        "entrances", gpd.GeoDataFrame(rows.drop(columns="grid_facing"), geometry="geometry", crs=objects.crs)
    )


def outward(polygons: Shapes, points: Shapes) -> npt.NDArray[np.float64]:
    """Return the outward direction (degrees from grid north) of each polygon's boundary at the nearest point of it.

    >>> square = shapely.box(0, 0, 10, 10)
    >>> outward(np.array([square, square]), shapely.points([5, 10], [10, 3])).tolist()
    [0.0, 90.0]
    """
    rings = shapely.boundary(polygons)
    parts, row = shapely.get_parts(rings, return_index=True)
    frame = pd.DataFrame({"row": row, "far": shapely.distance(parts, points[row]), "at": np.arange(len(parts))})
    nearest = frame.sort_values(["row", "far"], kind="stable").drop_duplicates("row")["at"].to_numpy()
    ring = parts[nearest]
    at, total = shapely.line_locate_point(ring, points), shapely.length(ring)
    ahead = shapely.line_interpolate_point(ring, (at + 0.5) % np.maximum(total, 1e-9))
    behind = shapely.line_interpolate_point(ring, (at - 0.5) % np.maximum(total, 1e-9))
    dx, dy = shapely.get_x(ahead) - shapely.get_x(behind), shapely.get_y(ahead) - shapely.get_y(behind)
    length = np.hypot(dx, dy)
    nx, ny = dy / np.maximum(length, 1e-9), -dx / np.maximum(length, 1e-9)
    foot = shapely.line_interpolate_point(ring, at)
    probe = shapely.points(shapely.get_x(foot) + 0.4 * nx, shapely.get_y(foot) + 0.4 * ny)
    inside = shapely.intersects(polygons, probe)
    angle = np.degrees(np.arctan2(np.where(inside, -nx, nx), np.where(inside, -ny, ny))) % 360.0
    return np.asarray(np.where(length > 0, angle, np.nan), dtype=float)


def _sites(places: gpd.GeoDataFrame, place_kinds: pd.DataFrame, objects: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the places that may have gates or doors, with what they are like."""
    kinds = place_kinds.groupby("place_id")["kind"].agg(set)
    of = places["place_id"].map(kinds)
    gated = np.array([isinstance(k, set) and not k <= _OPEN_KINDS for k in of], dtype=bool)
    rows = places.loc[gated, ["place_id", "name", "geometry"]].reset_index(drop=True)
    kinds_of = of[gated].reset_index(drop=True)
    shape = rows["geometry"].to_numpy()
    rows["polygon"] = shapely.get_dimensions(shape) == 2
    rows["ground"] = shapely.area(shape)
    rows["compound"] = [not COMPOUND_KINDS.isdisjoint(k) for k in kinds_of]
    rows["station"] = ["rail_transit_station" in k for k in kinds_of]
    rows["railway"] = ["passenger_station" in k for k in kinds_of]
    rows["parking"] = [not {"parking_facility", "public_parking"}.isdisjoint(k) for k in kinds_of]
    is_building = np.array(["building" in t for t in objects["tags"]], dtype=bool)
    outlines = objects.geometry.to_numpy()[is_building]
    row, _ = shapely.STRtree(outlines).query(shape, predicate="covered_by")
    rows["building"] = False
    rows.loc[np.unique(row), "building"] = True
    rows["building"] &= rows["polygon"]
    return pd.DataFrame(rows)


def _mapped(objects: gpd.GeoDataFrame, sites: pd.DataFrame, barriers: gpd.GeoDataFrame) -> pd.DataFrame:
    what = [_entrance_of(t) for t in objects["tags"]]
    chosen = np.array([w is not None for w in what], dtype=bool)
    chosen &= shapely.get_dimensions(objects.geometry.to_numpy()) < 2
    shapes = objects.geometry.to_numpy()[chosen]
    points = np.asarray(shapely.point_on_surface(shapes), dtype=object)
    rows = pd.DataFrame(
        {
            "entrance_id": objects["osm_id"].to_numpy()[chosen],
            "entrance": np.array(what, dtype=object)[chosen],
            "name": [t.get("name") for t, c in zip(objects["tags"], chosen, strict=True) if c],
            "geometry": points,
            "source": "mapped",
        }
    )
    rows["site"] = _claim(points, rows, sites, barriers)
    rows["place_id"] = [sites["place_id"].iloc[s] if s >= 0 else None for s in rows["site"]]
    rows["grid_facing"] = np.nan
    of = rows["site"].to_numpy()
    solid = np.append(sites["polygon"].to_numpy(bool), False)  # the last one answers for -1, no site
    has = solid[of] & (rows["entrance"] != "station").to_numpy()
    if has.any():
        rows.loc[has, "grid_facing"] = outward(sites["geometry"].to_numpy()[of[has]], points[has])
    return rows.drop(columns="site")


def _entrance_of(tags: dict[str, str]) -> str | None:
    if tags.get("railway") in ("subway_entrance", "train_station_entrance"):
        return "station"
    if tags.get("amenity") == "parking_entrance":
        return "garage"
    if tags.get("entrance", "no") != "no":
        return tags["entrance"]
    return "gate" if tags.get("barrier") in GATES else None


def _claim(points: Shapes, rows: pd.DataFrame, sites: pd.DataFrame, barriers: gpd.GeoDataFrame) -> Ints:
    """Return the row of the site that each mapped entrance belongs to, -1 for none."""
    owner = np.full(len(points), -1, dtype=np.int64)
    if not len(points) or sites.empty:
        return owner
    shape = sites["geometry"].to_numpy()
    what = rows["entrance"].to_numpy(dtype=object)
    polygon = np.flatnonzero((sites["polygon"] & ~sites["station"]).to_numpy())
    reach = np.full(len(points), ON_BOUNDARY)
    walls = barriers.geometry.to_numpy()
    reach[np.unique(shapely.STRtree(walls).query(points, predicate="dwithin", distance=1.0)[0])] = ON_WALL
    point, at = shapely.STRtree(shapely.boundary(shape[polygon])).query(points, predicate="dwithin", distance=reach)
    near = pd.DataFrame({"point": point, "site": polygon[at], "order": 0})
    point, at = shapely.STRtree(shape[polygon]).query(points, predicate="within")
    inner = pd.DataFrame({"point": point, "site": polygon[at], "order": 1})
    inner = inner[~sites["compound"].to_numpy()[inner["site"]]]
    general = pd.concat([near, inner], ignore_index=True)
    general = general[what[general["point"]] != "station"]
    garage = (what[general["point"]] == "garage") & ~sites["parking"].to_numpy()[general["site"]]
    general["order"] += 2 * garage
    general["ground"] = sites["ground"].to_numpy()[general["site"]]
    general = general.sort_values(["point", "order", "ground"], kind="stable").drop_duplicates("point")
    owner[general["point"].to_numpy()] = general["site"].to_numpy()
    mouths = np.flatnonzero(what == "station")
    stations = np.flatnonzero((sites["station"] | sites["railway"]).to_numpy())
    if len(mouths) and len(stations):
        a, b = shapely.STRtree(shape[stations]).query(points[mouths], predicate="dwithin", distance=2 * STATION_REACH)
        pairs = pd.DataFrame({"point": mouths[a], "site": stations[b]})
        pairs["far"] = shapely.distance(points[pairs["point"]], shape[pairs["site"]])
        titles, stops = rows["name"].fillna("").astype(object), sites["name"].fillna("").astype(object)
        pairs["alike"] = [
            bool(stops[s]) and titles[p].startswith(stops[s])
            for p, s in zip(pairs["point"], pairs["site"], strict=True)
        ]
        pairs = pairs[pairs["alike"] | (pairs["far"] <= STATION_REACH)]
        pairs = pairs.sort_values(
            ["point", "alike", "far"], ascending=[True, False, True], kind="stable"
        ).drop_duplicates("point")
        owner[pairs["point"].to_numpy()] = pairs["site"].to_numpy()
    return owner


def _crossings(objects: gpd.GeoDataFrame, sites: pd.DataFrame, mapped: pd.DataFrame) -> pd.DataFrame:
    """Return gates where a way leads through a site's boundary and none is mapped."""
    into = [
        t.get("highway") in _INTO and t.get("bridge", "no") == "no" and t.get("tunnel", "no") == "no"
        for t in objects["tags"]
    ]
    lines = objects.geometry.to_numpy()[np.asarray(into, bool)]
    lines = lines[shapely.get_type_id(lines) == shapely.GeometryType.LINESTRING]
    chosen = np.flatnonzero(
        (sites["polygon"] & ~sites["building"] & ~sites["station"] & (sites["ground"] >= LEAST_GROUND)).to_numpy()
    )
    shape = sites["geometry"].to_numpy()
    site, line = shapely.STRtree(lines).query(shapely.boundary(shape[chosen]), predicate="intersects")
    site = chosen[site]
    cut = shapely.intersection(shapely.boundary(shape[site]), lines[line])
    parts, pair = shapely.get_parts(cut, return_index=True)
    is_point = shapely.get_type_id(parts) == shapely.GeometryType.POINT
    points, site, line = parts[is_point], site[pair[is_point]], line[pair[is_point]]
    at = shapely.line_locate_point(lines[line], points)
    before = shapely.line_interpolate_point(lines[line], np.maximum(at - STEP, 0.0))
    behind = shapely.line_interpolate_point(lines[line], np.minimum(at + STEP, shapely.length(lines[line])))
    through = shapely.contains(shape[site], before) != shapely.contains(shape[site], behind)
    rows = pd.DataFrame({"site": site[through], "geometry": points[through]})
    rows["place_id"] = sites["place_id"].to_numpy()[rows["site"]]
    rows = rows[~_near_known(rows, mapped)]
    rows = _thin(rows)
    rows["entrance"] = "crossing"
    return _derived(rows, sites)


def _near_known(rows: pd.DataFrame, mapped: pd.DataFrame) -> Mask:
    """Return which points have a mapped gate of any place, or of none, near them."""
    hit = np.zeros(len(rows), dtype=bool)
    point, _ = shapely.STRtree(mapped["geometry"].to_numpy()).query(
        rows["geometry"].to_numpy(), predicate="dwithin", distance=ONE_GATE
    )
    hit[np.unique(point)] = True
    return hit


def _thin(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep one of the points of one site that lie within a gate's width: the westernmost."""
    rows = rows.assign(x=shapely.get_x(rows["geometry"].to_numpy()), y=shapely.get_y(rows["geometry"].to_numpy()))
    rows = rows.sort_values(["site", "x", "y"], kind="stable").reset_index(drop=True)
    rows["part"] = cluster_near(rows["geometry"].to_numpy(), ONE_GATE, label=rows["site"].tolist())
    return rows.drop_duplicates("part").reset_index(drop=True)


ASSUMED_REACH = 40.0
"""An assumed door lies at most this far (m) from the middle of its place, else at the wall nearest to it."""


def _assumed(
    objects: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, sites: pd.DataFrame, having: pd.Series
) -> pd.DataFrame:
    """Return a door towards the nearest street for each of the premises that have none."""
    rows = sites[~sites["place_id"].isin(having.dropna()) & ~sites["station"]]
    rows = rows[rows["polygon"] | (shapely.get_dimensions(rows["geometry"].to_numpy()) == 0)]
    roads = streets.geometry.to_numpy()
    if rows.empty or not len(roads):
        return _derived(rows.iloc[:0].assign(site=0, entrance="assumed"), sites)
    shape = rows["geometry"].to_numpy().copy()
    host = _host_building(shape, objects)
    inside = host >= 0
    shape[inside] = objects.geometry.to_numpy()[host[inside]]
    row, road = shapely.STRtree(roads).query_nearest(shape, max_distance=STREET_REACH, all_matches=False)
    inner = shapely.point_on_surface(rows["geometry"].to_numpy())[row]
    end = shapely.get_point(shapely.shortest_line(inner, roads[road]), 1)
    solid = shapely.get_dimensions(shape[row]) == 2
    start = np.where(solid, _on_boundary(shape[row], end), inner)
    far = solid & (shapely.distance(inner, start) > ASSUMED_REACH)  # a large house: its wall nearest to the place
    start[far] = _on_boundary(shape[row[far]], inner[far])
    dx, dy = shapely.get_x(end) - shapely.get_x(start), shapely.get_y(end) - shapely.get_y(start)
    facing = np.where(np.hypot(dx, dy) > 0, np.degrees(np.arctan2(dx, dy)) % 360.0, np.nan)
    facing[solid] = outward(shape[row[solid]], start[solid])
    out = pd.DataFrame({"place_id": rows["place_id"].to_numpy()[row], "geometry": start, "grid_facing": facing})
    return _with_ids(out.assign(entrance="assumed"))


def _on_boundary(polygons: Shapes, points: Shapes) -> Shapes:
    rings = shapely.boundary(polygons)
    return np.asarray(shapely.get_point(shapely.shortest_line(rings, points), 0), dtype=object)


def _host_building(shapes: Shapes, objects: gpd.GeoDataFrame) -> Ints:
    """Return the row of the smallest building that holds each point, -1 for none and for what is no point."""
    host = np.full(len(shapes), -1, dtype=np.int64)
    outline = objects.geometry.to_numpy()
    is_building = np.array(["building" in t for t in objects["tags"]], dtype=bool) & (
        shapely.get_dimensions(outline) == 2
    )
    at = np.flatnonzero(is_building)
    point, building = shapely.STRtree(outline[at]).query(shapes, predicate="within")
    pairs = pd.DataFrame({"point": point, "building": at[building], "ground": shapely.area(outline[at[building]])})
    pairs = pairs[shapely.get_dimensions(shapes[pairs["point"]]) == 0]
    pairs = pairs.sort_values(["point", "ground"], kind="stable").drop_duplicates("point")
    host[pairs["point"].to_numpy()] = pairs["building"].to_numpy()
    return host


def _derived(rows: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    facing = np.full(len(rows), np.nan)
    if len(rows):
        facing = outward(sites["geometry"].to_numpy()[rows["site"].to_numpy()], rows["geometry"].to_numpy())
    return _with_ids(rows[["place_id", "geometry", "entrance"]].assign(grid_facing=facing))


def _with_ids(rows: pd.DataFrame) -> pd.DataFrame:
    points = rows["geometry"].to_numpy()
    x, y = np.round(shapely.get_x(points) / 5).astype(np.int64), np.round(shapely.get_y(points) / 5).astype(np.int64)
    ids = tables.number_repeats(tables.content_ids("E", rows["place_id"], x, y))
    return rows.assign(entrance_id=ids, source="derived", name=None)
