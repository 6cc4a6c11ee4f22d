"""Lays entrances, their surrogates where the map has none, and junctions with their approach legs."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import geo
from citycover.audit import _samples
from citycover.audit._samples import Floats, bearings, unit_vectors
from citycover.audit.laying_areas import open_buildings
from citycover.audit.requirements import Ground
from citycover.city.model import City

_SAME_LEG = 60.0  # degrees between two carriageways of one street that are still one approach
_ALONG = 15.0  # m between a line and the junctions on it
_ALONGSIDE = 1.0  # m: a front turns this much without ending
_ON_WALL = 0.05  # m: an entrance this near to a building is in its wall
_NEAR = 30.0  # m between a place and the consolidated junction that it is


def lay_entrances(grounds: gpd.GeoDataFrame, city: City, rules: Ground, *, main_only: bool) -> pd.DataFrame:
    """Lay the known entrances of the places of grounds, a little outside the wall, facing outward.

    With ``main_only`` the minor ones (emergency exits, service doors) are left out where others are known.
    """
    known = pd.DataFrame(city.entrances.drop(columns="geometry")).assign(
        x=city.entrances.geometry.x.to_numpy(), y=city.entrances.geometry.y.to_numpy()
    )
    shapely.prepare(city.area)
    known = known[shapely.contains_xy(city.area, known["x"], known["y"])]
    owned = grounds[["ground", "place_id"]].merge(known, on="place_id").sort_values(["ground", "entrance_id"])
    if main_only:
        minor = owned["entrance"].isin(rules.minor_entrances)
        others = (~minor).groupby(owned["ground"]).transform("any")
        owned = owned[~(minor & others)]
    return _facing_points(
        ground=owned["ground"].to_numpy(),
        x=owned["x"].to_numpy(),
        y=owned["y"].to_numpy(),
        facing=owned["facing"].to_numpy(dtype=np.float64),
        feature_id=owned["entrance_id"].to_numpy(dtype=object),
        city=city,
        rules=rules,
        surrogate=(owned["entrance"] == "assumed").to_numpy(dtype=bool),
    )


def lay_surrogates(grounds: gpd.GeoDataFrame, city: City, rules: Ground) -> pd.DataFrame:
    """Lay one stand-in entrance per ground: the point of its boundary that is nearest to a street, facing outward.

    Of a front that runs along the street, that is the middle. A place mapped as a point takes the boundary of the
    building around it, else itself. Where there is no street the first corner stands in. Motorways, tunnels and bridges
    are no streets that one enters from.
    """
    if len(grounds) == 0:
        return _samples.empty()
    shape = grounds.geometry.to_numpy().copy()
    buildings = open_buildings(city)
    is_point = shapely.get_dimensions(shape) == 0
    if len(buildings) and is_point.any():
        rows = np.flatnonzero(is_point)
        centre = shapely.centroid(shape[rows])
        shape[rows] = centre
        at, building = shapely.STRtree(buildings).query(centre, predicate="within")
        first = np.unique(at, return_index=True)[1]
        shape[rows[at[first]]] = buildings[building[first]]
    is_polygon = shapely.get_dimensions(shape) == 2
    edge = shape.copy()
    edge[is_polygon] = shapely.boundary(shape[is_polygon])
    at_x, at_y, street_x, street_y = _nearest_on_street(edge, city)
    dx, dy = _outward(shape, at_x, at_y)
    to_street_x, to_street_y = unit_vectors(np.column_stack([street_x - at_x, street_y - at_y]))
    dx, dy = np.where(is_polygon, dx, to_street_x), np.where(is_polygon, dy, to_street_y)
    return _facing_points(
        ground=grounds["ground"].to_numpy(),
        x=at_x,
        y=at_y,
        facing=bearings(dx, dy, at_x, at_y, city.crs),
        feature_id=grounds["place_id"].to_numpy(dtype=object),
        city=city,
        rules=rules,
        surrogate=np.ones(len(grounds), dtype=bool),
    )


def lay_stores(grounds: gpd.GeoDataFrame, doors: pd.DataFrame, city: City, rules: Ground) -> pd.DataFrame:
    """Lay the tanks and warehouses on polygon grounds: the middle of the front of each towards the nearest street.

    They are the buildings of ``store_buildings`` that lie inside the polygon and are not nearly all of it; one with a
    known entrance is seen there. The stand-ins are marked as surrogates; the map rarely tells their doors.
    """
    solid = city.buildings["building"].isin(rules.store_buildings) & city.buildings["opaque"].fillna(True).astype(bool)
    stores = city.buildings[solid.to_numpy(dtype=bool)]
    polygons, walls = grounds.geometry.to_numpy(), stores.geometry.to_numpy()
    if len(polygons) == 0 or len(walls) == 0:
        return _samples.empty()
    row, store = shapely.STRtree(walls).query(polygons, predicate="intersects")
    inside = shapely.contains(polygons[row], shapely.point_on_surface(walls[store]))
    inside &= shapely.area(walls[store]) < (1.0 - rules.outline_share) * shapely.area(polygons[row])
    entered = np.zeros(len(walls), dtype=bool)
    if len(doors):
        near = shapely.STRtree(walls).query(
            shapely.points(doors["x"], doors["y"]), predicate="dwithin", distance=rules.entrance_offset + _ON_WALL
        )
        entered[near[1]] = True
    row, store = row[inside & ~entered[store]], store[inside & ~entered[store]]
    fronts = gpd.GeoDataFrame(
        {
            "ground": grounds["ground"].to_numpy()[row],
            "place_id": stores["building_id"].to_numpy(dtype=object)[store],
        },
        geometry=walls[store],
        crs=city.crs,
    )
    laid = lay_surrogates(fronts.sort_values(["ground", "place_id"], ignore_index=True), city, rules)
    shapely.prepare(city.area)
    return laid[shapely.contains_xy(city.area, laid["x"], laid["y"])].reset_index(drop=True)


def _nearest_on_street(edge: npt.NDArray[np.object_], city: City) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the point of each edge nearest to a street, and the nearest point of that street."""
    corners, edge_of = shapely.get_coordinates(edge, return_index=True)
    here = corners[np.unique(edge_of, return_index=True)[1]]
    there = here.copy()
    streets = city.streets
    usable = ~(
        streets["road_class"].eq("motorway").to_numpy(dtype=bool)
        | streets["tunnel"].fillna(False).to_numpy(dtype=bool)
        | streets["bridge"].fillna(False).to_numpy(dtype=bool)
    )
    lines = streets.geometry.to_numpy()[usable]
    if len(lines):
        at, line = shapely.STRtree(lines).query_nearest(edge, all_matches=False)
        ways = shapely.shortest_line(edge[at], lines[line])
        here[at] = shapely.get_coordinates(shapely.get_point(ways, 0))
        there[at] = shapely.get_coordinates(shapely.get_point(ways, -1))
        here[at] = _middles(edge[at], lines[line], shapely.length(ways), here[at])
    return here[:, 0], here[:, 1], there[:, 0], there[:, 1]


def _middles(edge: npt.NDArray[np.object_], line: npt.NDArray[np.object_], distance: Floats, here: Floats) -> Floats:
    """Return the middle of the stretch of each edge that is as near to its line, within a metre, as its nearest point.

    So a front along a street is entered in its middle, not at a corner of it.
    """
    strip = shapely.intersection(edge, shapely.buffer(line, distance + _ALONGSIDE, quad_segs=4))
    parts, row = shapely.get_parts(shapely.line_merge(strip), return_index=True)
    keep = shapely.get_type_id(parts) == 1
    parts, row = parts[keep], row[keep]
    away = shapely.distance(parts, shapely.points(here[row]))
    nearest = pd.DataFrame({"row": row, "away": away}).sort_values(["row", "away"], kind="stable")
    chosen = nearest.drop_duplicates("row").index.to_numpy()
    out = here.copy()
    out[row[chosen]] = shapely.get_coordinates(shapely.line_interpolate_point(parts[chosen], 0.5, normalized=True))
    return out


def _outward(shape: npt.NDArray[np.object_], x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Return the unit direction out of each shape at a point of its edge: towards what of a 1 m disc lies outside."""
    outside = shapely.centroid(shapely.difference(shapely.buffer(shapely.points(x, y), 1.0), shape))
    away = np.column_stack([shapely.get_x(outside) - x, shapely.get_y(outside) - y])
    return unit_vectors(np.nan_to_num(away))


def _facing_points(
    *,
    ground: npt.NDArray[np.int64],
    x: Floats,
    y: Floats,
    facing: Floats,
    feature_id: npt.NDArray[np.object_],
    city: City,
    rules: Ground,
    surrogate: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    """Return entrance samples, moved ``entrance_offset`` metres outward where the outward direction is known.

    One that lies in a building or on its wall is first brought to the nearest point of that wall, where what leads out
    of the building is outward: a door is seen from the street, not from the middle of the house.
    """
    x, y, facing = _on_walls(x, y, facing, city)
    known = ~np.isnan(facing)
    grid = np.zeros(len(x))
    if known.any():
        grid[known] = np.radians(facing[known] - geo.meridian_convergence(x[known], y[known], city.crs))
    step = np.where(known, rules.entrance_offset, 0.0)
    return _samples.frame(
        "entrance",
        "point",
        ground=ground,
        x=x + step * np.sin(grid),
        y=y + step * np.cos(grid),
        facing=facing,
        size=np.ones(len(x)),
        weight=np.ones(len(x)),
        feature_id=feature_id,
        sequence=np.arange(len(x)),
        surrogate=surrogate,
    )


def _on_walls(x: Floats, y: Floats, facing: Floats, city: City) -> tuple[Floats, Floats, Floats]:
    """Return positions and directions, those inside a building brought to its wall and turned outward where unknown."""
    walls = open_buildings(city)
    if len(walls) == 0 or len(x) == 0:
        return x, y, facing
    points = np.asarray(shapely.points(x, y), dtype=object)
    at, wall = shapely.STRtree(walls).query(points, predicate="dwithin", distance=_ON_WALL)
    at, first = np.unique(at, return_index=True)
    wall = wall[first]
    way = shapely.shortest_line(shapely.boundary(walls[wall]), points[at])
    on = shapely.get_coordinates(shapely.get_point(way, 0))
    dx, dy = _outward(walls[wall], on[:, 0], on[:, 1])
    out_x, out_y, out_facing = x.copy(), y.copy(), facing.copy()
    out_x[at], out_y[at] = on[:, 0], on[:, 1]
    turned = bearings(dx, dy, on[:, 0], on[:, 1], city.crs)
    out_facing[at] = np.where(np.isnan(facing[at]), turned, facing[at])
    return out_x, out_y, out_facing


def lay_junctions(grounds: gpd.GeoDataFrame, city: City, rules: Ground) -> pd.DataFrame:
    """Lay the junctions of grounds: the centre of each, and one point where each approach leg crosses its disc.

    A ground that is mapped as a point is the consolidated junction of its id, else the nearest within 30 m, else a disc
    of its own; a line or polygon has every junction within 15 m of it. An approach is a
    street section that ends inside the disc and leaves it; two carriageways of one street within 60° are one approach.
    Service roads and tunnels are none.
    """
    found = _junctions_of(grounds, city, rules)
    discs = found.drop_duplicates("junction_id").sort_values("junction_id").reset_index(drop=True)
    if len(discs) == 0:
        return _samples.empty()
    legs = _legs(discs, city)
    points = pd.concat([discs[["junction_id", "x", "y"]].assign(sequence=0), legs], ignore_index=True)
    laid = found[["ground", "junction_id"]].merge(points, on="junction_id")
    shapely.prepare(city.area)
    laid = laid[shapely.contains_xy(city.area, laid["x"], laid["y"])]
    return _samples.frame(
        "junction",
        "point",
        ground=laid["ground"].to_numpy(),
        x=laid["x"].to_numpy(),
        y=laid["y"].to_numpy(),
        size=np.ones(len(laid)),
        weight=np.ones(len(laid)),
        feature_id=laid["junction_id"].to_numpy(dtype=object),
        sequence=laid["sequence"].to_numpy(),
    )


def _junctions_of(grounds: gpd.GeoDataFrame, city: City, rules: Ground) -> pd.DataFrame:
    """Return which junctions each ground has: ground, junction_id, x, y, radius."""
    junctions = pd.DataFrame(
        {
            "junction_id": city.junctions["junction_id"].to_numpy(dtype=object),
            "x": city.junctions.geometry.x.to_numpy(),
            "y": city.junctions.geometry.y.to_numpy(),
            "radius": city.junctions["radius"].fillna(rules.junction_radius).to_numpy(dtype=np.float64),
        }
    )
    shape = grounds.geometry.to_numpy()
    ids = grounds[["ground", "place_id"]].reset_index(drop=True)
    is_point = shapely.get_dimensions(shape) == 0
    by_id = ids[is_point].merge(junctions, left_on="place_id", right_on="junction_id")
    rest = np.flatnonzero(is_point & ~ids["ground"].isin(by_id["ground"]).to_numpy())
    wide = np.flatnonzero(~is_point)
    parts = [by_id[["ground", *junctions.columns]]]
    lone = np.ones(len(rest), dtype=bool)
    if len(junctions):
        tree = shapely.STRtree(np.asarray(shapely.points(junctions["x"], junctions["y"]), dtype=object))
        at, hit = tree.query_nearest(shape[rest], max_distance=_NEAR, all_matches=False)
        lone[at] = False
        touch, crossing = tree.query(shape[wide], predicate="dwithin", distance=_ALONG)
        rows = np.concatenate([rest[at], wide[touch]])
        hits = junctions.iloc[np.concatenate([hit, crossing])].reset_index(drop=True)
        parts.append(hits.assign(ground=ids["ground"].to_numpy()[rows]))
    alone = rest[lone]
    centre = shapely.centroid(shape[alone])
    parts.append(
        pd.DataFrame(
            {
                "ground": ids["ground"].to_numpy()[alone],
                "junction_id": ids["place_id"].to_numpy(dtype=object)[alone],
                "x": shapely.get_x(centre),
                "y": shapely.get_y(centre),
                "radius": rules.junction_radius,
            }
        )
    )
    found: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return found.drop_duplicates(["ground", "junction_id"])


def _legs(discs: pd.DataFrame, city: City) -> pd.DataFrame:
    """Return one row per approach leg: junction_id, x, y, sequence from 1 clockwise from north."""
    streets = city.streets
    usable = ~(streets["road_class"].eq("service") | streets["tunnel"].fillna(False)).to_numpy(dtype=bool)
    lines = streets.geometry.to_numpy()[usable]
    columns = ["junction_id", "x", "y", "sequence"]
    if len(lines) == 0:
        return pd.DataFrame(columns=columns)
    name = streets["name"].where(streets["name"].notna(), streets["street_id"]).to_numpy(dtype=object)[usable]
    centre = np.asarray(shapely.points(discs["x"], discs["y"]), dtype=object)
    radius = discs["radius"].to_numpy(dtype=np.float64)
    circle = shapely.get_exterior_ring(shapely.buffer(centre, radius, quad_segs=32))
    disc, line = shapely.STRtree(lines).query(circle, predicate="intersects")
    reach = radius[disc] + 1.0
    ends_inside = (shapely.distance(shapely.get_point(lines[line], 0), centre[disc]) <= reach) | (
        shapely.distance(shapely.get_point(lines[line], -1), centre[disc]) <= reach
    )
    disc, line = disc[ends_inside], line[ends_inside]
    points, pair = shapely.get_parts(shapely.intersection(lines[line], circle[disc]), return_index=True)
    at = shapely.centroid(points)
    crossings = pd.DataFrame(
        {"disc": disc[pair], "name": name[line[pair]], "x": shapely.get_x(at), "y": shapely.get_y(at)}
    )
    crossings["bearing"] = np.mod(
        np.degrees(
            np.arctan2(
                crossings["x"] - discs["x"].to_numpy()[crossings["disc"]],
                crossings["y"] - discs["y"].to_numpy()[crossings["disc"]],
            )
        ),
        360.0,
    )
    crossings = crossings.sort_values(["disc", "name", "bearing", "x", "y"]).reset_index(drop=True)
    street = crossings.groupby(["disc", "name"], sort=False)
    turn = street["bearing"].diff()
    crossings["leg"] = (turn.isna() | (turn > _SAME_LEG)).astype(np.int64).cumsum()
    # the last approach of a street continues its first across north
    across = street["bearing"].transform("first") + 360.0 - street["bearing"].transform("last") <= _SAME_LEG
    first, last = street["leg"].transform("first"), street["leg"].transform("last")
    crossings["leg"] = crossings["leg"].where(~(across & (crossings["leg"] == last)), first)
    legs = crossings.groupby(["disc", "leg"], as_index=False).agg(
        x=("x", "mean"), y=("y", "mean"), bearing=("bearing", "min")
    )
    legs = legs.sort_values(["disc", "bearing", "leg"])
    legs["sequence"] = legs.groupby("disc").cumcount() + 1
    legs["junction_id"] = discs["junction_id"].to_numpy(dtype=object)[legs["disc"]]
    return legs[columns].reset_index(drop=True)
