"""What a planned camera would see of what is private: private ground, façades, doors of forbidden places."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import geo
from citycover.audit.conflicts import select_features
from citycover.audit.view_conflicts import ENTRANCES, FACADE_DENSITY, FACADES, SILL, STEEPEST
from citycover.city.model import City
from citycover.law.criteria import Criteria, load_criteria
from citycover.law.regulation import Rulebook
from citycover.plan.ground import place_points
from citycover.plan.reach import Sight, find_sight
from citycover.sight import optics

Floats = npt.NDArray[np.float64]

GRID = 5.0
"""Step (m) of the samples of private ground."""

PIECE = 0.5
"""Length (m) of the pieces of façade that are asked."""

AHEAD = 0.05
"""Pieces of façade are asked for this far in front of their wall (m)."""


class Intrusion(NamedTuple):
    """By candidate: private ground (m²) and façade at recognisable density (m) seen, and whether a banned door is."""

    private: Floats
    facade: Floats
    door: npt.NDArray[np.bool_]


class Sensitive(NamedTuple):
    """Samples of what cameras should not see, to be asked of any number of candidates."""

    private: pd.DataFrame
    facade: pd.DataFrame
    doors: pd.DataFrame
    criteria: Criteria


def find_sensitive(
    city: City,
    rulebook: Rulebook,
    private: npt.NDArray[np.object_],
    *,
    near: npt.NDArray[np.float64],
    reach: float,
    overlay: Rulebook | None = None,
    on: str | None = None,
    criteria: Criteria | None = None,
) -> Sensitive:
    """Lay samples on private ground (a grid of :data:`GRID`), on façades behind which people live, and at banned doors.

    Parameters
    ----------
    city, rulebook, overlay, on, criteria
        The law decides which features are forbidden places on the day (ISO 8601), the planner's numbers when a façade
        is looked into.
    private
        From :func:`citycover.plan.ground.find_private`.
    near, reach
        Positions (x, y) of cameras and their farthest reach (m): nothing farther off is sampled.
    """
    tree = shapely.STRtree(place_points(near))
    features = select_features(city.ban_places, rulebook, overlay=overlay, on=on)
    return Sensitive(
        private=_grid(private, city, tree, reach),
        facade=_facades(features, city, tree, reach),
        doors=_doors(features, city, tree, reach),
        criteria=criteria or load_criteria(),
    )


def measure_intrusion(candidates: gpd.GeoDataFrame, sensitive: Sensitive, city: City) -> Intrusion:
    """Return what each candidate sees of the samples, for certain; façades as check C4 asks, doors as C3 does."""
    n = len(candidates)
    density, steepest, sill = (sensitive.criteria.value(key) for key in (FACADE_DENSITY, STEEPEST, SILL))
    private = find_sight(candidates, sensitive.private, city)
    walls = find_sight(candidates, sensitive.facade, city, facing=steepest)
    scale = optics.pixels_per_radian(candidates["pixels"].to_numpy(float), candidates["hfov"].to_numpy(float))
    walls = walls.pick(walls.away <= (scale / density)[walls.camera])  # by the distance on the ground, as C4 does
    top = candidates["mount_height"].to_numpy(float)[walls.camera] + walls.away * np.tan(
        np.radians((candidates["vfov"] / 2.0 - candidates["tilt"]).to_numpy(float)[walls.camera].clip(-89.0, 89.0))
    )
    walls = walls.pick(~(top < sill))
    doors = find_sight(candidates, sensitive.doors, city, facing=180.0)
    seen = np.zeros(n, bool)
    seen[doors.camera] = True
    return Intrusion(
        private=_sums(private, sensitive.private, n),
        facade=_sums(walls, sensitive.facade, n),
        door=seen,
    )


def _sums(sight: Sight, samples: pd.DataFrame, n: int) -> Floats:
    size = samples["size"].to_numpy(float)
    return np.asarray(np.bincount(sight.camera, size[sight.point], n), float)


def _frame(xy: Floats, size: npt.ArrayLike, facing: npt.ArrayLike = np.nan) -> pd.DataFrame:
    xy = np.asarray(xy, float).reshape(-1, 2)
    whole = np.broadcast_to(np.asarray(size, float), len(xy)), np.broadcast_to(np.asarray(facing, float), len(xy))
    return pd.DataFrame({"x": xy[:, 0], "y": xy[:, 1], "z": 0.0, "facing": whole[1], "layer": 0.0, "size": whole[0]})


def _grid(private: npt.NDArray[np.object_], city: City, tree: shapely.STRtree, reach: float) -> pd.DataFrame:
    if not len(private):
        return _frame(np.zeros((0, 2)), 0.0)
    x0, y0, x1, y1 = shapely.total_bounds(private)
    x, y = (np.arange(np.floor(a / GRID), np.ceil(b / GRID)) * GRID + GRID / 2.0 for a, b in ((x0, x1), (y0, y1)))
    xy = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    points = place_points(xy)
    keep = np.zeros(len(xy), bool)
    keep[shapely.STRtree(points).query(private, predicate="contains")[1]] = True
    houses = city.buildings.geometry.to_numpy()
    keep[shapely.STRtree(points).query(houses, predicate="contains")[1]] = False
    xy, points = xy[keep], points[keep]
    near = np.zeros(len(xy), bool)
    if len(xy):
        near[tree.query(points, predicate="dwithin", distance=reach)[0]] = True
    return _frame(xy[near], GRID * GRID)


def _facades(features: gpd.GeoDataFrame, city: City, tree: shapely.STRtree, reach: float) -> pd.DataFrame:
    held = (features["place_type"].isin(FACADES) & (features["located"] == "building")).to_numpy(bool)
    shapes = features.geometry.to_numpy()[held]
    shapes = shapes[shapely.get_dimensions(shapes) == 2]
    near = np.zeros(len(shapes), bool)
    near[tree.query(shapes, predicate="dwithin", distance=reach)[0]] = True
    parts = shapely.get_parts(shapely.orient_polygons(_once(shapes[near])))
    rings = shapely.get_rings(parts)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    real = ring[1:] == ring[:-1]
    a, b = xy[:-1][real], xy[1:][real]
    length = np.hypot(*(b - a).T)
    a, b, length = a[length > 0.01], b[length > 0.01], length[length > 0.01]
    number = np.maximum(np.ceil(length / PIECE).astype(np.int64), 1)
    wall = np.repeat(np.arange(len(a)), number)
    step = (np.arange(len(wall)) - np.repeat(np.cumsum(number) - number, number) + 0.5) / number[wall]
    along = (b - a) / length[:, None]
    out = np.stack([along[:, 1], -along[:, 0]], axis=1)  # the house lies to the left
    at = a[wall] + (b - a)[wall] * step[:, None] + AHEAD * out[wall]
    facing = np.degrees(np.arctan2(out[wall, 0], out[wall, 1]))
    if len(at):
        facing = facing + geo.meridian_convergence(at[:, 0], at[:, 1], city.crs)
    return _frame(at, length[wall] / number[wall], facing)


def _doors(features: gpd.GeoDataFrame, city: City, tree: shapely.STRtree, reach: float) -> pd.DataFrame:
    rows = features[features["place_type"].isin(ENTRANCES).to_numpy(bool)]
    shapes = rows.geometry.to_numpy()
    near = np.zeros(len(shapes), bool)
    near[tree.query(shapes, predicate="dwithin", distance=reach)[0]] = True
    shapes = _once(shapes[near])
    if not len(shapes):
        return _frame(np.zeros((0, 2)), 1.0)
    doors = city.entrances.geometry.to_numpy()
    feature, door = shapely.STRtree(doors).query(shapes, predicate="dwithin", distance=1.0)
    plane = shapely.get_dimensions(shapes) == 2
    blank = np.flatnonzero(plane & ~np.isin(np.arange(len(shapes)), feature))
    ring = shapely.segmentize(shapely.buffer(shapes[blank], 0.1, quad_segs=1), 2.0)
    dots = shapely.get_coordinates(ring)
    spots = shapely.get_coordinates(doors[np.unique(door)])
    return _frame(np.concatenate([dots, spots]), 1.0)


def _once(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return each shape once, in order: one building may hold several kinds of rooms."""
    return shapes[np.sort(np.unique(shapely.to_wkb(shapes), return_index=True)[1])] if len(shapes) else shapes
