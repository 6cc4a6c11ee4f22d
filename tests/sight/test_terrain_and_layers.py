"""Sight over uneven ground, under decks and through crowns: by pencil, and against a ray at a time in plain Python."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from checkout import SHARED
from citycover.city.terrain import Terrain, read_terrain
from citycover.errors import FileFormatError, InputError
from citycover.sight.coverage import measure_coverage
from citycover.sight.reverse import cameras_that_see
from citycover.sight.views import camera_views

CRS = "EPSG:32650"
E, N = 500_000.0, 3_500_000.0  # on the central meridian: grid north is true north
NOTHING = gpd.GeoDataFrame(geometry=[], crs=CRS)


def camera(x: float = 0.0, y: float = 0.0, **fields) -> gpd.GeoDataFrame:
    row = {"camera_id": "c", "azimuth": 0.0, "hfov": 360.0, "reach": 200.0, "pixels": 40_000.0, "mount_height": 4.0}
    return gpd.GeoDataFrame([row | fields], geometry=gpd.points_from_xy([E + x], [N + y]), crs=CRS)


def spots(*at: tuple[float, float], **columns) -> pd.DataFrame:
    x, y = np.array(at, float).T
    return pd.DataFrame({"target_id": range(len(at)), "x": E + x, "y": N + y, "z": 0.0}).assign(**columns)


def grid(heights: list[list[float]], cell: float = 10.0) -> Terrain:
    """Heights whose first row is the north, its middle cell of the last row at the origin of the drawing."""
    rows = np.array(heights, float)
    return Terrain(rows, E - cell * (rows.shape[1] // 2), N + cell * (rows.shape[0] - 1), cell)


def ends(seen: pd.DataFrame) -> list[tuple[int, int]]:
    return list(zip(seen["n_low_12.5"], seen["n_high_12.5"], strict=True))


def test_a_ridge_hides_what_lies_behind_it_as_far_as_geometry_says():
    # a ridge of 10 m, 50 m north; lens at 4 m: nothing behind it on level ground; from a lens at 30 m over the ground
    # the ray over the top (20 m down in 50 m) meets the ground 75 m out: 60 m is hidden, 80 m is seen
    ridge = grid([[0, 0, 0]] * 5 + [[10, 10, 10]] + [[0, 0, 0]] * 5)
    at = spots((0, 40), (0, 60), (0, 80), (0, 100))
    assert ends(measure_coverage(at, camera(), NOTHING, terrain=ridge)) == [(1, 1), (0, 0), (0, 0), (0, 0)]
    high = camera(mount_height=30.0)
    assert ends(measure_coverage(at, high, NOTHING, terrain=ridge)) == [(1, 1), (0, 0), (1, 1), (1, 1)]
    assert ends(measure_coverage(at, high, NOTHING)) == [(1, 1)] * 4


def test_ground_across_a_void_is_unknown_and_counts_at_the_high_end_only():
    hole = grid([[0, 0, 0]] * 5 + [[np.nan] * 3] + [[0, 0, 0]] * 5)
    seen = measure_coverage(spots((0, 30), (0, 80)), camera(), NOTHING, terrain=hole)
    assert ends(seen) == [(1, 1), (0, 1)]


def test_an_unknown_lens_is_lowest_at_the_low_end_and_highest_at_the_high_end():
    # defaults of an unknown type: 3.5 to 6.8 m; a swell of 5 m, 50 m out, hides 90 m from 3.5 m, from 6.8 m too
    # ((6.8 - 5) / 50 · 90 = 3.24 m fall < 6.8); a swell of 3 m: the ray from 3.5 falls 0.9 m, from 6.8 m 6.84 m by 90 m
    low = grid([[0, 0, 0]] * 5 + [[3, 3, 3]] + [[0, 0, 0]] * 5)
    unknown = camera(mount_height=None)
    assert ends(measure_coverage(spots((0, 90)), unknown, NOTHING, terrain=low)) == [(0, 1)]


def test_a_house_down_the_slope_does_not_hide_what_lies_above_it():
    # ground rises 1 m in 2 m to the north; the house 20 m north stands at 10 m and is 3 m high: top at 13 m over the
    # sea. Lens 4 m over ground 0; target at 60 m on ground 30: the ray passes the house at
    # 4 + 26/60 · 20.1 = 12.7: hidden; a target 3 m over the ground: 4 + 29/60 · 20.1 = 13.7: free.
    slope = grid([[5.0 * k] * 3 for k in range(12, -1, -1)])
    house = gpd.GeoDataFrame({"height": [3.0]}, geometry=[shapely.box(E - 3, N + 20, E + 3, N + 20.2)], crs=CRS)
    low, high = spots((0, 60)), spots((0, 60), z=3.0)
    assert ends(measure_coverage(low, camera(), house, terrain=slope)) == [(0, 0)]
    assert ends(measure_coverage(high, camera(), house, terrain=slope)) == [(1, 1)]


def bilinear(terrain: Terrain, x: float, y: float) -> float:
    c, r = (x - terrain.x0) / terrain.cell, (terrain.y0 - y) / terrain.cell
    j, i = math.floor(c), math.floor(r)
    h, u, v = terrain.heights, c - j, r - i
    north = h[i, j] * (1 - u) + h[i, j + 1] * u
    south = h[i + 1, j] * (1 - u) + h[i + 1, j + 1] * u
    return north * (1 - v) + south * v


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_lines_over_random_hills_agree_with_a_ray_walked_in_small_steps(seed):
    rng = np.random.default_rng(seed)
    hills = Terrain(rng.uniform(0, 8, (14, 14)), E - 65.0, N + 65.0, 10.0)
    at = [tuple(p) for p in rng.uniform(-55, 55, (25, 2))]
    seen = measure_coverage(spots(*at), camera(), NOTHING, terrain=hills)
    start = bilinear(hills, E, N) + 4.0
    for (x, y), low in zip(at, seen["n_low_12.5"], strict=True):
        end = bilinear(hills, E + x, N + y)
        excess = max(
            bilinear(hills, E + s * x, N + s * y) - (start + s * (end - start)) for s in np.linspace(0, 1, 800)
        )
        if abs(excess - 0.01) > 0.02:  # nearer than 2 cm to the line the steps are too coarse to tell
            assert (low == 1) == (excess <= 0.01)


def test_views_lose_the_ground_behind_a_ridge():
    ridge = grid([[0, 0, 0]] * 5 + [[10, 10, 10]] + [[0, 0, 0]] * 5)
    fields = {"azimuth": 0.0, "hfov": 10.0, "reach": 90.0}
    flat = camera_views(camera(**fields), NOTHING).geometry.iloc[0]
    seen = camera_views(camera(**fields), NOTHING, terrain=ridge).geometry.iloc[0]
    assert seen.is_valid
    assert flat.covers(shapely.Point(E, N + 70))
    assert not seen.covers(shapely.Point(E, N + 70))
    assert seen.covers(shapely.Point(E, N + 30))


def test_monaco_s_voids_are_unknown_and_not_the_sea():
    file = SHARED / "data" / "monaco_srtm3_N43E007.tif"
    if not file.exists():
        pytest.skip("the real terrain of Monaco is not here")
    terrain = read_terrain(file, crs=pyproj.CRS.from_epsg(32632), bounds=(372_000, 4_841_000, 376_000, 4_847_000))
    known = terrain.heights[np.isfinite(terrain.heights)]
    assert known.min() > -50.0  # no void of -32768 has a part in any height
    assert known.max() > 300.0  # the Tête de Chien stands over 500 m
    assert terrain.ground([0.0], [0.0]).tolist() != [0.0]


def test_what_is_no_raster_or_lies_elsewhere_is_refused(tmp_path):
    text = tmp_path / "heights.tif"
    text.write_text("no raster")
    with pytest.raises(FileFormatError, match="cannot be read"):
        read_terrain(text, crs=pyproj.CRS.from_epsg(32650))
    file = SHARED / "data" / "monaco_srtm3_N43E007.tif"
    if file.exists():
        with pytest.raises(InputError, match="elsewhere"):
            read_terrain(file, crs=pyproj.CRS.from_epsg(32632), bounds=(0, 0, 10, 10))


def test_a_camera_under_a_viaduct_does_not_see_its_deck():
    deck, ground = spots((0, 20), (0, 5), layer=1), spots((0, 20), (0, 5), layer=0)
    assert ends(measure_coverage(ground, camera(), NOTHING)) == [(1, 1)] * 2
    assert ends(measure_coverage(deck, camera(layer=0), NOTHING)) == [(0, 0)] * 2  # lens at 4 m, the deck at 5.5 m
    assert ends(measure_coverage(deck, camera(layer=1), NOTHING)) == [(1, 1)] * 2  # on the deck
    assert ends(measure_coverage(deck, camera(), NOTHING)) == [(0, 1)] * 2  # on it or under it: unknown
    assert ends(measure_coverage(deck, camera(layer=0, mount_height=7.0), NOTHING)) == [(1, 1)] * 2
    far = spots((0, 60), (0, 40), layer=1)  # a bridge it does not stand at: on the level of its approaches
    assert ends(measure_coverage(far, camera(), NOTHING)) == [(1, 1)] * 2
    assert ends(measure_coverage(spots((0, 20), layer=-1), camera(), NOTHING)) == [(0, 0)]


def test_from_a_deck_what_lies_below_is_not_certain():
    assert ends(measure_coverage(spots((0, 20), layer=0), camera(layer=1), NOTHING)) == [(0, 1)]


def test_sight_through_a_crown_is_reported_and_taken_from_nobody():
    trees = gpd.GeoDataFrame({"tree_id": ["t"]}, geometry=gpd.points_from_xy([E], [N + 20]), crs=CRS)
    at = spots((0, 40), (20, 40), (0, 10))
    seen = measure_coverage(at, camera(), NOTHING, trees=trees)
    assert ends(seen) == [(1, 1)] * 3
    assert seen["through_trees"].tolist() == [True, False, False]
    assert measure_coverage(at, camera(), NOTHING)["through_trees"].isna().all()
    view = camera_views(camera(azimuth=0.0, hfov=20.0, reach=40.0), NOTHING, trees=trees).iloc[0]
    # crown of 3 m at 20 m: 2 · atan(3 / 20) = 17.06° wide of 20°, from about 17 m (its front) out to 40 m: of the
    # sector's ground share 17.06 / 20 · (1 - (17 / 40)²) = 0.70
    assert view["tree_share"] == pytest.approx(0.70, abs=0.03)
    assert view["ground"] == pytest.approx(math.radians(20) / 2 * 40**2, rel=1e-3)


def test_a_pan_tilt_s_swept_circle_stands_apart_from_its_home_preset():
    views = camera_views(camera(ptz=True, hfov=60.0, reach=50.0), NOTHING)
    assert views["end"].tolist() == ["exact", "swept"]
    assert views["ground"].tolist() == pytest.approx([math.pi * 2500 / 6, math.pi * 2500], rel=1e-3)
    behind = spots((0, -20))
    assert ends(measure_coverage(behind, camera(ptz=True, hfov=60.0, reach=50.0), NOTHING)) == [(0, 0)]


def test_the_cameras_that_see_a_point_are_ranked_by_density():
    lens = {"hfov": 90.0, "pixels": 1920.0, "mount_height": 0.0}
    rows = [
        camera(camera_id="near", **lens),
        camera(0, -20, camera_id="far", **lens),
        camera(0, 300, camera_id="away"),
        camera(5, 5, camera_id="unaimed", azimuth=None, **lens),
    ]
    both = pd.concat(rows, ignore_index=True)
    seen = cameras_that_see((E, N + 10), gpd.GeoDataFrame(both, crs=CRS), NOTHING)
    # 1920 px and 90°: 960 px at 1 m; 96 px/m at 10 m, 32 px/m at 30 m; the unaimed one, 7.07 m off, may see 135.8 px/m
    assert seen["camera_id"].tolist() == ["near", "far", "unaimed"]
    assert seen["density_low"].round(1).tolist() == [96.0, 32.0, 0.0]
    assert seen["density_high"].round(1).tolist() == [96.0, 32.0, 135.8]
    wall = gpd.GeoDataFrame({"height": [9.0]}, geometry=[shapely.box(E - 9, N - 2, E + 9, N - 1)], crs=CRS)
    assert "far" not in cameras_that_see((E, N + 10), gpd.GeoDataFrame(both, crs=CRS), wall)["camera_id"].tolist()
    front = cameras_that_see((E, N + 10), gpd.GeoDataFrame(both, crs=CRS), NOTHING, facing=0.0)
    assert front.empty  # it faces north, all stand south of it
    with pytest.raises(InputError, match="finite"):
        cameras_that_see((math.nan, 0.0), gpd.GeoDataFrame(both, crs=CRS), NOTHING)


def test_density_at_the_point_is_that_of_the_coverage():
    one = camera(3, 4, hfov=70.0, azimuth=20.0)
    seen = measure_coverage(spots((10, 40)), one, NOTHING)
    asked = cameras_that_see((E + 10, N + 40), one, NOTHING)
    assert asked["density_low"].tolist() == pytest.approx(seen["density_low"].tolist())
