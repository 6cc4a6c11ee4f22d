"""Views on real buildings against pysovist, an exact visibility library of other hands."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from citycover import geo
from citycover.city.buildings import find_buildings
from citycover.city.osm import read_raw
from citycover.sight._grid import grid_walls
from citycover.sight._visibility import CHORD, trace_views
from citycover.sight.standing import stand_cameras
from citycover.sight.views import camera_views
from citycover.sight.walls import find_walls

pysovist = pytest.importorskip("pysovist", reason="pysovist is not installed")
REACH = 100.0


@pytest.fixture(scope="module")
def nanjing(shared_data):
    """Buildings of Nanjing's centre, and 100 places in the open, some of them a millimetre from a wall."""
    raw = read_raw(shared_data / "nanjing_xinjiekou.osm")
    buildings = find_buildings(raw.objects, crs=raw.crs)
    random = np.random.default_rng(4)
    (xmin, xmax), (ymin, ymax) = geo.to_metric([118.769, 118.795], [32.037, 32.050], raw.crs)
    x, y = random.uniform(xmin, xmax, 400), random.uniform(ymin, ymax, 400)
    corners = shapely.get_coordinates(buildings.geometry.values)
    x[:60], y[:60] = corners[random.integers(0, len(corners), 60)].T
    cameras = gpd.GeoDataFrame(
        {"camera_id": [str(i) for i in range(400)]}, geometry=gpd.points_from_xy(x, y), crs=raw.crs
    )
    stand = stand_cameras(cameras, buildings)
    good = np.flatnonzero(~stand.inside)[:100]
    return buildings, stand.x[good], stand.y[good]


def _true_ground(pieces, kinds, counts):
    """Ground of each view with true arcs: triangles under chords, sectors under arcs."""
    ax, ay, bx, by = pieces.T
    cross, dot = ax * by - ay * bx, ax * bx + ay * by
    sweep = np.arctan2(cross, dot)
    sweep = np.where((kinds == 2) & (sweep <= 0), sweep + 2 * np.pi, sweep)
    ground = np.where(kinds == CHORD, cross / 2, REACH**2 / 2 * sweep)
    return np.bincount(np.repeat(np.arange(len(counts)), counts), ground, minlength=len(counts))


@pytest.mark.parametrize("hfov", [360.0, 90.0])
def test_ground_differs_from_pysovist_by_less_than_a_millionth(nanjing, hfov):
    buildings, x, y = nanjing
    walls = find_walls(buildings)
    grid = grid_walls(*walls[:5], bounds=(x.min() - REACH, y.min() - REACH, x.max() + REACH, y.max() + REACH))
    axis, half = np.linspace(-3.0, 3.0, len(x)), np.radians(hfov) / 2
    rays = [np.cos(axis - half), np.sin(axis - half), np.cos(axis + half), np.sin(axis + half)]
    full, none = np.full(len(x), hfov == 360.0), np.full(len(x), np.nan)
    ground = _true_ground(
        *trace_views(grid, x - grid.x0, y - grid.y0, np.full(len(x), REACH), none, *rays, full, 0, len(x))
    )
    segments = np.stack([np.stack([walls.ax, walls.ay], 1), np.stack([walls.bx, walls.by], 1)], 1)
    theirs = np.empty(len(x))
    for i in range(len(x)):
        here = np.array([x[i], y[i]])
        local = segments - here
        near = (np.abs(local).min(axis=1) <= REACH + 60).all(axis=1)
        found = pysovist.isovist(local[near], (0.0, 0.0), max_distance=REACH, fov=np.radians(hfov), direction=axis[i])
        theirs[i] = found.area
    relative = np.abs(ground / theirs - 1.0)
    assert relative.max() < 1e-6, (int(relative.argmax()), relative.max())


def test_the_polygons_on_real_buildings_are_valid_and_lose_at_most_a_ten_thousandth_to_their_chords(nanjing):
    buildings, x, y = nanjing
    cameras = gpd.GeoDataFrame(
        {"camera_id": np.arange(len(x)).astype(str), "azimuth": 0.0, "hfov": 360.0, "reach": REACH},
        geometry=gpd.points_from_xy(x, y),
        crs=buildings.crs,
    )
    views = camera_views(cameras, buildings)
    assert views.geometry.is_valid.all()
    walls = find_walls(buildings)
    grid = grid_walls(*walls[:5], bounds=(x.min() - REACH, y.min() - REACH, x.max() + REACH, y.max() + REACH))
    none, full, blind = np.zeros(len(x)), np.ones(len(x), bool), np.full(len(x), np.nan)
    ground = _true_ground(
        *trace_views(
            grid, x - grid.x0, y - grid.y0, np.full(len(x), REACH), blind, none, none, none, none, full, 0, len(x)
        )
    )
    assert (views["ground"] <= ground + 0.01).all()
    assert (views["ground"] >= ground * (1 - 2e-4)).all()
