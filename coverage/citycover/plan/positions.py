"""Find where a camera can stand near what is to be seen: poles, lamps, signals, walls, street corners and kerbs."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import terms
from citycover.city.model import City
from citycover.plan.ground import Ground, find_ground, place_points

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Shapes = npt.NDArray[np.object_]

KERB = 0.8
"""How far off the carriageway (m) a new pole is set; ours. At least 0.5 m is asked of every candidate."""

CLEAR = 0.5
"""Least distance from a carriageway (m) of anything that stands."""

SPACING = 20.0
"""Metres between new poles tried along a kerb; ours."""

NEAR_KERB, NEAR_WALL, NEAR_SUPPORT = 25.0, 15.0, 40.0
"""How near to something wanted a kerb, a wall, or a pole, lamp or signal must be to be tried (m); ours."""

SNAP = 15.0
"""A signal mapped on the carriageway stands at the nearest kerb within this distance (m); ours."""

OFF_WALL = 0.3
"""How far in front of its wall a lens hangs (m); ours."""

TURN = 40.0
"""Least turn (degrees) of a kerb or wall that makes a corner; ours."""

APART = 5.0
"""Of candidates within a cell of this side (m) only the best support is tried; ours."""

DOOR = 3.0
"""Least distance (m) from a gate or door: nothing may stand in a way in; ours."""

_RANK = {spot: i for i, spot in enumerate(("pole", "signal", "lamp", "corner", "wall", "kerb"))}
_SUPPORT = {
    "pole": "existing_pole",
    "signal": "signal",
    "lamp": "lamp",
    "wall": "wall",
    "corner": "new_pole",
    "kerb": "new_pole",
}


class _Spots(NamedTuple):
    """Candidate points of one spot: coordinates, and the id of what they hang on (None for a new pole)."""

    spot: str
    xy: Floats
    base: npt.NDArray[np.object_]


def find_positions(
    wants: pd.DataFrame,
    city: City,
    *,
    cameras: gpd.GeoDataFrame | None = None,
    spacing: float = SPACING,
    ground: Ground | None = None,
) -> gpd.GeoDataFrame:
    """Return the positions where a camera for the wanted targets may stand, each on a named support.

    Poles of the register come first, then signals, lamps, street corners, building corners and kerbs. Each lies in the
    study's area, at least :data:`CLEAR` off every carriageway (street width tagged or by class), out of buildings,
    water, rails, gates and forbidden places, and not on private ground (:mod:`citycover.plan.ground`). A kerb point is
    a point of the line that runs :data:`KERB` off the carriageways of all streets together, so none lies in the mouth
    of a junction or driveway. Streets on bridges and in tunnels give no kerbs. Walls of homes, hotels and wards give
    no supports.

    Parameters
    ----------
    wants
        From :func:`citycover.plan.wants.find_wants`.
    city, cameras
        The city, and the registers' cameras for their poles.
    spacing
        Metres between new poles tried along a kerb.
    ground
        What bars positions; made here where it is not given.

    Returns
    -------
    GeoDataFrame
        ``spot``, ``support``, ``support_id`` (null for a new pole), geometry. By spot in the order above, then place.
    """
    tree = shapely.STRtree(place_points(wants[["x", "y"]].to_numpy(float)))
    kerbs = _kerb_lines(city, tree)
    found = [
        _poles(cameras, tree),
        _mapped(city, tree, "lamp"),
        _signals(city, tree, kerbs),
        _corners(kerbs, tree),
        _walls(city, tree),
        _along(kerbs, tree, spacing),
    ]
    spot = np.concatenate([np.full(len(part.xy), part.spot, dtype=object) for part in found])
    xy = np.concatenate([part.xy for part in found]).round(2)
    base = np.concatenate([part.base for part in found])
    keep = (ground or find_ground(city)).allows(xy, on_wall=spot == "wall")
    frame = pd.DataFrame({"spot": spot, "support_id": base, "x": xy[:, 0], "y": xy[:, 1]})[keep]
    frame["rank"] = frame["spot"].map(_RANK).astype("int64")
    frame["i"], frame["j"] = np.floor(frame["x"] / APART), np.floor(frame["y"] / APART)
    frame = frame.sort_values(["rank", "x", "y"], kind="stable").drop_duplicates(["i", "j"]).reset_index(drop=True)
    return gpd.GeoDataFrame(
        {
            "spot": frame["spot"].astype("str"),
            "support": frame["spot"].map(_SUPPORT).astype("str"),
            "support_id": frame["support_id"].astype("str"),
        },
        geometry=place_points(frame[["x", "y"]].to_numpy(float)),
        crs=city.crs,
    )


def share_by_support(sites: pd.DataFrame) -> dict[str, float]:
    """Return the share of sites on each support, in the order of ``terms.SUPPORTS``.

    >>> share_by_support(pd.DataFrame({"support": ["lamp", "new_pole", "lamp", "lamp"]}))
    {'lamp': 0.75, 'new_pole': 0.25}
    """
    counted = sites["support"].value_counts(normalize=True)
    return {name: float(counted[name]) for name in terms.SUPPORTS if name in counted.index}


def _near(tree: shapely.STRtree, xy: Floats, distance: float) -> Bools:
    out = np.zeros(len(xy), bool)
    if len(xy):
        out[tree.query(place_points(xy), predicate="dwithin", distance=distance)[0]] = True
    return out


def _spots(spot: str, xy: Floats, tree: shapely.STRtree, distance: float, base: npt.ArrayLike | None = None) -> _Spots:
    xy = np.asarray(xy, float).reshape(-1, 2)
    ids = np.full(len(xy), None, dtype=object) if base is None else np.asarray(base, dtype=object)
    keep = _near(tree, xy, distance)
    return _Spots(spot, xy[keep], ids[keep])


def _poles(cameras: gpd.GeoDataFrame | None, tree: shapely.STRtree) -> _Spots:
    """Poles of the register: outdoors, standing, each once."""
    if cameras is None or cameras.empty:
        return _spots("pole", np.zeros((0, 2)), tree, NEAR_SUPPORT)
    standing = ~cameras["status"].isin(["removed", "planned"]) & ~cameras["indoor"].fillna(False).astype(bool)
    standing &= cameras["counts_reason"].ne("inside_building") if "counts_reason" in cameras.columns else True
    rows = cameras[standing.to_numpy(bool)].drop_duplicates("pole_id")
    xy = shapely.get_coordinates(rows.geometry.to_numpy())
    return _spots("pole", xy, tree, NEAR_SUPPORT, rows["pole_id"].to_numpy(object))


def _mapped(city: City, tree: shapely.STRtree, spot: str) -> _Spots:
    rows = city.supports[city.supports["support"].isin(["lamp", "existing_pole"])]
    xy = shapely.get_coordinates(rows.geometry.to_numpy())
    return _spots(spot, xy, tree, NEAR_SUPPORT, rows["support_id"].to_numpy(object))


def _signals(city: City, tree: shapely.STRtree, kerbs: Shapes) -> _Spots:
    rows = city.supports[city.supports["support"] == "signal"]
    points = rows.geometry.to_numpy()
    if not len(points) or not len(kerbs):
        return _spots("signal", np.zeros((0, 2)), tree, NEAR_SUPPORT)
    near, line = shapely.STRtree(kerbs).query_nearest(points, max_distance=SNAP, all_matches=False)
    xy = shapely.get_coordinates(
        shapely.line_interpolate_point(kerbs[line], shapely.line_locate_point(kerbs[line], points[near]))
    )
    return _spots("signal", xy, tree, NEAR_SUPPORT, rows["support_id"].to_numpy(object)[near])


def _kerb_lines(city: City, tree: shapely.STRtree) -> Shapes:
    """Return the rings that run :data:`KERB` off the carriageways near what is wanted, streets to their left."""
    streets = city.streets
    shapes = streets.geometry.to_numpy()
    ground = ~streets["tunnel"].fillna(False).to_numpy(bool) & ~streets["bridge"].fillna(False).to_numpy(bool)
    ground &= (streets["layer"].fillna(0) == 0).to_numpy(bool) & (streets["width"] > 0).to_numpy(bool)
    near = np.zeros(len(shapes), bool)
    near[tree.query(shapes, predicate="dwithin", distance=NEAR_SUPPORT + NEAR_KERB)[0]] = True
    chosen = ground & near
    if not chosen.any():
        return np.zeros(0, dtype=object)
    width = streets["width"].to_numpy(float)[chosen]
    bands = shapely.buffer(shapes[chosen], width / 2.0 + KERB, quad_segs=4)
    whole = shapely.union_all(bands, grid_size=0.01)  # on a grid: this union never loses ground
    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(whole)))
    return np.asarray(rings[shapely.length(rings) > 4.0 * KERB], dtype=object)


def _bends(rings: Shapes, tolerance: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return each ring's vertices, the turn there (degrees, left positive) and the unit vectors in and out."""
    plain = shapely.simplify(rings, tolerance)
    xy, ring = shapely.get_coordinates(plain, return_index=True)
    here, before, after = [], [], []
    start = np.flatnonzero(np.r_[True, ring[1:] != ring[:-1]])
    stop = np.r_[start[1:], len(xy)]
    size = stop - start - 1  # the last vertex repeats the first
    index = np.arange(len(xy))
    last = np.repeat(stop - 1, stop - start)
    first = np.repeat(start, stop - start)
    real = index != last
    here = xy[real]
    before = xy[np.where(index == first, last - 1, index - 1)[real]]
    after = xy[(index + 1)[real]]
    enough = np.repeat(size >= 3, np.maximum(size, 0))
    u, v = here - before, after - here
    u, v = (w / np.maximum(np.hypot(*w.T), 1e-9)[:, None] for w in (u, v))
    turn = np.degrees(np.arctan2(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0], (u * v).sum(axis=1)))
    return here[enough], turn[enough], u[enough], v[enough]


def _corners(kerbs: Shapes, tree: shapely.STRtree) -> _Spots:
    """Street corners: where the kerb turns right, away from the streets to its left."""
    if not len(kerbs):
        return _spots("corner", np.zeros((0, 2)), tree, NEAR_KERB)
    xy, turn, _, _ = _bends(kerbs, 0.3)
    return _spots("corner", xy[turn < -TURN], tree, NEAR_KERB)


def _along(kerbs: Shapes, tree: shapely.STRtree, spacing: float) -> _Spots:
    if not len(kerbs):
        return _spots("kerb", np.zeros((0, 2)), tree, NEAR_KERB)
    number = np.maximum((shapely.length(kerbs) / spacing).astype(np.int64), 1)
    ring = np.repeat(np.arange(len(kerbs)), number)
    step = np.arange(len(ring)) - np.repeat(np.cumsum(number) - number, number)
    share = (step + 0.5) / number[ring]
    points = shapely.line_interpolate_point(kerbs[ring], share, normalized=True)
    return _spots("kerb", shapely.get_coordinates(points), tree, NEAR_KERB)


def _walls(city: City, tree: shapely.STRtree) -> _Spots:
    """Corners of buildings that are no homes, hotels or wards, a little in front of both walls."""
    buildings = city.buildings
    shapes = buildings.geometry.to_numpy()
    standing = buildings["opaque"].fillna(True).to_numpy(bool) & (buildings["layer"].fillna(0) >= 0).to_numpy(bool)
    standing &= ~buildings["building"].isin(HOMES).to_numpy(bool)
    near = np.zeros(len(shapes), bool)
    near[tree.query(shapes, predicate="dwithin", distance=NEAR_WALL)[0]] = True
    chosen = np.flatnonzero(standing & near)
    bans = city.ban_places[(city.ban_places["located"] == "building").to_numpy(bool)].geometry.to_numpy()
    if len(bans) and len(chosen):
        hosts = shapely.STRtree(bans).query(shapely.point_on_surface(shapes[chosen]), predicate="within")[0]
        chosen = np.delete(chosen, np.unique(hosts))
    if not len(chosen):
        return _spots("wall", np.zeros((0, 2)), tree, NEAR_WALL)
    parts, owner = shapely.get_parts(shapely.orient_polygons(shapes[chosen]), return_index=True)
    rings = shapely.get_exterior_ring(parts)
    ids = buildings["building_id"].to_numpy(object)[chosen][owner]
    xy, turn, u, v = _bends(rings, 0.3)
    plain = shapely.simplify(rings, 0.3)
    size = shapely.get_num_coordinates(plain) - 1
    base = np.repeat(ids, np.where(size >= 3, size, 0))
    out = np.stack([u[:, 1] + v[:, 1], -u[:, 0] - v[:, 0]], axis=1)  # the house lies to the left
    out = out / np.maximum(np.hypot(*out.T), 1e-9)[:, None]
    convex = turn > TURN
    return _spots("wall", (xy + OFF_WALL * out)[convex], tree, NEAR_WALL, base[convex])


HOMES = (
    "apartments",
    "residential",
    "house",
    "detached",
    "terrace",
    "semidetached_house",
    "dormitory",
    "hotel",
    "bungalow",
)
"""Buildings on whose walls no camera is proposed: people live behind their windows; ours."""
