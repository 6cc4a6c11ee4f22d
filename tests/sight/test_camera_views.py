"""Views: exact, whatever the order, the place and the turn of the world, and always valid."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import affinity

from citycover import geo, tables
from citycover.errors import CrsError, InputError, TableError
from citycover.sight.views import camera_views, union_views
from sight import towns
from sight.reference import rectangle

NOTHING = gpd.GeoDataFrame(geometry=[], crs=towns.CRS)


def _one(**columns):
    return towns.cameras(
        **({"x": [towns.X0], "y": [towns.Y0], "azimuth": [0.0], "hfov": [90.0], "reach": [50.0]} | columns)
    )


@settings(deadline=None, max_examples=40)
@given(st.floats(1, 360), st.floats(0, 360), st.floats(1, 500))
def test_an_empty_field_gives_half_r_squared_theta_less_a_ten_thousandth(hfov, azimuth, reach):
    ground = camera_views(_one(azimuth=[azimuth], hfov=[hfov], reach=[reach]), NOTHING)["ground"][0]
    whole = 0.5 * reach**2 * np.radians(hfov)
    assert whole * (1 - 1.1e-4) <= ground <= whole * (1 + 1e-9)


def test_a_house_across_the_sector_leaves_the_triangle_before_it():
    """House 10 m ahead, wider than the sector: a triangle 10 m high and 20 m wide, 100 m²."""
    views = camera_views(_one(), towns.buildings([[rectangle(towns.X0 - 20, towns.Y0 + 10, 40, 5)]]))
    assert views["ground"][0] == pytest.approx(100.0, abs=1e-6)
    expected = shapely.Polygon([(towns.X0, towns.Y0), (towns.X0 + 10, towns.Y0 + 10), (towns.X0 - 10, towns.Y0 + 10)])
    assert shapely.hausdorff_distance(views.geometry[0], expected) < 1e-6


def test_a_row_says_what_it_is_and_ends_are_by_what_is_known():
    register = _one(
        x=[towns.X0] * 5,
        y=[towns.Y0] * 5,
        azimuth=[0.0, 0.0, None, None, 10.0],
        hfov=[90.0, None, 90.0, 360.0, 90.0],
        reach=[50.0, 50.0, 50.0, 50.0, None],
        tilt=[20.0, None, None, None, None],
        vfov=[60.0, None, None, None, None],
        mount_height=[4.0, None, None, None, None],
    )
    views = camera_views(register, NOTHING)
    tables.check(views, "views")
    assert views["view_id"].tolist() == ["c0/exact", "c1/low", "c1/high", "c2/high", "c3/exact", "c4/low", "c4/high"]
    assert views["assumed"].tolist() == ["", "hfov", "hfov", "azimuth", "", "reach", "reach"]
    assert views["near_unknown"].tolist() == [False] + [True] * 6
    assert views["ground"][3] == pytest.approx(np.pi * 2500, rel=1.1e-4)  # any aim: the full circle, a bound
    assert views["ground"][1] < views["ground"][2]


def test_the_ground_below_and_above_the_picture_is_cut_where_tilt_and_angle_and_height_are_known():
    """h 4, tilt 30°, vfov 30°: from 4.00 to 14.93 m, a quarter ring of π/4 (14.928² - 4²) m²."""
    view = camera_views(_one(tilt=[30.0], vfov=[30.0], mount_height=[4.0]), NOTHING)
    assert view["ground"][0] == pytest.approx(np.pi / 4 * ((4 * (2 + 3**0.5)) ** 2 - 16), rel=2e-4)
    assert not view["near_unknown"][0]
    unknown = camera_views(_one(tilt=[30.0], vfov=[30.0], mount_height=[None]), NOTHING)
    assert unknown["ground"][0] == pytest.approx(np.pi / 4 * 2500, rel=2e-4)
    assert unknown["near_unknown"][0]


def test_a_near_edge_and_a_wall_before_it_leave_two_pieces_and_a_full_circle_leaves_a_ring():
    """Wall 2 m ahead from -1 to 1 m: it hides the middle of a sector that begins at 4 m (h 4, tilt 0, vfov 90)."""
    pose = {"tilt": [0.0], "vfov": [90.0], "mount_height": [4.0], "reach": [20.0]}
    wall = towns.buildings([[rectangle(towns.X0 - 1, towns.Y0 + 2, 2, 0.5)]])
    half = np.degrees(np.arctan(0.5))
    view = camera_views(_one(**pose, hfov=[120.0]), wall)
    assert view.geometry[0].geom_type == "MultiPolygon"
    assert len(view.geometry[0].geoms) == 2
    assert view["ground"][0] == pytest.approx(np.radians(120 - 2 * half) / 2 * (400 - 16), rel=2e-4)
    ring = camera_views(_one(**pose, hfov=[360.0]), NOTHING)
    assert len(ring.geometry[0].interiors) == 1
    assert ring["ground"][0] == pytest.approx(np.pi * (400 - 16), rel=2e-4)
    cut = camera_views(_one(**pose, hfov=[360.0], azimuth=[77.0]), wall)
    assert cut.geometry[0].geom_type == "Polygon"
    assert cut["ground"][0] == pytest.approx(np.radians(360 - 2 * half) / 2 * (400 - 16), rel=2e-4)
    assert all(frame.geometry.is_valid.all() for frame in (view, ring, cut))


def test_a_picture_without_ground_gives_an_empty_view():
    assert camera_views(_one(tilt=[-40.0], vfov=[30.0], mount_height=[4.0]), NOTHING)["ground"].tolist() == [0.0]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(0, 39))
def test_a_further_building_never_adds_ground(seed, last):
    solids = towns.loose_town(seed, houses=40, size=150.0)
    at = towns.open_points(seed, solids, 5)
    register = _one(x=at[:, 0], y=at[:, 1], azimuth=[30.0] * 5, hfov=[140.0] * 5, reach=[80.0] * 5)
    less = camera_views(register, towns.buildings(solids[:last]))["ground"]
    more = camera_views(register, towns.buildings(solids))["ground"]
    assert (more <= less + 2e-4 * less).all()  # an arc cut at another place has other chords


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.floats(0, 360), st.floats(-20_000, 20_000))
def test_moving_and_turning_the_world_changes_no_ground(seed, turn, move):
    solids = towns.crowded_town(seed)
    at = towns.open_points(seed, solids, 6)
    register = _one(x=at[:, 0], y=at[:, 1], azimuth=[70.0] * 6, hfov=[80.0] * 6, reach=[70.0] * 6)
    houses = towns.buildings(solids)
    origin = (towns.X0, towns.Y0)
    turned = houses.rotate(-turn, origin=origin).translate(0.0, move)
    moved = register.set_geometry(register.rotate(-turn, origin=origin).translate(0.0, move))
    moved["azimuth"] = moved["azimuth"] + turn
    # grid north at the new place is not true north: the test turns in the grid, the register speaks of true north
    moved["azimuth"] += geo.meridian_convergence(moved.geometry.x, moved.geometry.y, moved.crs)
    before = camera_views(register, houses)["ground"]
    after = camera_views(moved, gpd.GeoDataFrame(geometry=turned, crs=towns.CRS))["ground"]
    assert np.allclose(before, after, rtol=2e-4, atol=0.01)


def test_the_order_of_cameras_and_buildings_and_the_number_of_threads_change_nothing():
    solids = towns.crowded_town(5)
    at = towns.open_points(5, solids, 40)
    rows = len(at)
    register = _one(x=at[:, 0], y=at[:, 1], azimuth=range(rows), hfov=[100.0] * rows, reach=[60.0] * rows)
    houses = towns.buildings(solids)
    views = camera_views(register, houses)
    assert views["camera_id"].tolist() == register["camera_id"].tolist()
    shuffled = camera_views(register.sample(frac=1, random_state=1), houses.sample(frac=1, random_state=2), workers=1)
    again = shuffled.set_index("camera_id").loc[views["camera_id"]]
    assert np.allclose(again["ground"], views["ground"], rtol=1e-9)


def test_inputs_are_never_changed():
    register, houses = _one(), towns.buildings(towns.crowded_town(1))
    before = register.copy(), houses.copy()
    camera_views(register, houses)
    pd.testing.assert_frame_equal(register, before[0])
    pd.testing.assert_frame_equal(houses, before[1])


@pytest.mark.parametrize(("town", "seed"), [(towns.crowded_town, 11), (towns.loose_town, 12)])
def test_ten_thousand_random_views_are_all_valid(town, seed):
    solids = town(seed)
    random = np.random.default_rng(seed)
    rows = 10_000
    x, y = towns.X0 + random.uniform(-60, 60, rows), towns.Y0 + random.uniform(-60, 60, rows)
    walls = np.array([corner for rings in solids for ring in rings for corner in ring])
    on_corner = random.integers(0, len(walls), rows // 5)  # on corners, and thereby on walls: the worst places
    x[: len(on_corner)], y[: len(on_corner)] = walls[on_corner].T
    register = _one(
        x=x,
        y=y,
        azimuth=random.choice([0.0, 90.0, 33.3], rows) + random.choice([0.0, 1e-9, 20.0], rows),
        hfov=random.choice([1.0, 90.0, 180.0, 270.0, 360.0], rows),
        reach=random.choice([5.0, 50.0, 100.0], rows),
        tilt=random.choice([np.nan, 10.0, 40.0], rows),
        vfov=[40.0] * rows,
        mount_height=random.choice([3.0, 8.0], rows),
    )
    views = camera_views(register, towns.buildings(solids))
    assert views.geometry.is_valid.all()
    assert (views["ground"] >= 0.0).all()
    assert len(views) == rows


def test_azimuths_are_from_true_north():
    """At 118.78° E in UTM zone 50 grid north lies 0.94° east of true north: due north is 0.94° left of the grid's."""
    crs = geo.metric_crs(118.78, 32.04)
    x, y = geo.to_metric([118.78], [32.04], crs)
    camera = gpd.GeoDataFrame(
        {"camera_id": ["n"], "azimuth": [0.0], "hfov": [2.0], "reach": [1000.0]},
        geometry=gpd.points_from_xy(x, y),
        crs=crs,
    )
    middle = camera_views(camera, gpd.GeoDataFrame(geometry=[], crs=crs)).geometry[0].centroid
    lon, _ = geo.to_degrees([middle.x], [middle.y], crs)
    assert lon[0] == pytest.approx(118.78, abs=1e-6)  # due north keeps the longitude
    assert np.degrees(np.arctan2(middle.x - x[0], middle.y - y[0])) == pytest.approx(-0.94, abs=0.01)


def test_roofs_on_posts_and_fences_do_not_block_and_walls_do_from_both_sides():
    shape = [[rectangle(towns.X0 - 40, towns.Y0 + 10, 80, 5)]] * 2
    houses = towns.buildings(shape, opaque=[False, False])
    whole = camera_views(_one(), NOTHING)["ground"][0]
    assert camera_views(_one(), houses)["ground"][0] == pytest.approx(whole)
    line = shapely.LineString([(towns.X0 - 40, towns.Y0 + 10), (towns.X0 + 40, towns.Y0 + 10)])
    for path in (line, line.reverse()):
        barriers = gpd.GeoDataFrame({"opaque": [True]}, geometry=[path], crs=towns.CRS)
        assert camera_views(_one(), NOTHING, barriers=barriers)["ground"][0] == pytest.approx(100.0)
        fence = barriers.assign(opaque=False)
        assert camera_views(_one(), NOTHING, barriers=fence)["ground"][0] == pytest.approx(whole)


def test_a_broken_building_still_blocks():
    bow = shapely.Polygon([(-40, 10), (40, 14), (40, 10), (-40, 14)])  # crosses itself
    broken = gpd.GeoDataFrame(geometry=[affinity.translate(bow, towns.X0, towns.Y0)], crs=towns.CRS)
    view = camera_views(_one(hfov=[60.0]), broken).geometry[0]
    assert view.bounds[3] < towns.Y0 + 14.0


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({"reach": [0.0]}, "reach"),
        ({"hfov": [361.0]}, "hfov"),
        ({"hfov": [-1.0]}, "hfov"),
        ({"x": [np.nan]}, "geometry"),
        ({"azimuth": [np.inf]}, "azimuth"),
        ({"mount_height": [-1.0]}, "mount_height"),
    ],
)
def test_an_impossible_number_is_refused_with_the_camera_that_has_it(columns, word):
    with pytest.raises(InputError, match=f"{word}.*c0"):
        camera_views(_one(**columns), NOTHING)


def test_tables_without_ids_or_with_other_reference_systems_are_refused():
    with pytest.raises(TableError, match="camera_id"):
        camera_views(_one().drop(columns="camera_id"), NOTHING)
    with pytest.raises(CrsError, match="metric"):
        camera_views(_one().set_crs(4326, allow_override=True), NOTHING)
    with pytest.raises(CrsError, match="buildings"):
        camera_views(_one(), towns.buildings(towns.crowded_town(1)).set_crs(32651, allow_override=True))


def test_no_cameras_give_an_empty_table():
    assert len(camera_views(_one().iloc[:0], NOTHING)) == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_union_by_tiles_is_neither_less_than_the_largest_view_nor_more_than_all_and_keeps_sampled_points(seed):
    solids = towns.loose_town(seed)
    at = towns.open_points(seed, solids, 60, size=280.0)
    rows = len(at)
    views = camera_views(
        _one(x=at[:, 0], y=at[:, 1], azimuth=np.arange(rows) * 7.0, hfov=[120.0] * rows, reach=[60.0] * rows),
        towns.buildings(solids),
    )
    union = union_views(views, size=50.0)
    assert views["ground"].max() <= union["ground"].sum() <= views["ground"].sum()
    random = np.random.default_rng(seed)
    x, y = towns.X0 + random.uniform(-180, 180, 20_000), towns.Y0 + random.uniform(-180, 180, 20_000)
    points = shapely.points(x, y)
    seen = np.zeros(len(x), bool)
    seen[shapely.STRtree(points).query(views.geometry.values, predicate="intersects")[1]] = True
    kept = np.zeros(len(x), bool)
    kept[shapely.STRtree(points).query(union.geometry.values, predicate="intersects")[1]] = True
    assert (seen != kept).sum() <= 2  # a point within 0.1 mm of an edge may fall either way
    assert union_views(views.iloc[:0])["ground"].tolist() == []
