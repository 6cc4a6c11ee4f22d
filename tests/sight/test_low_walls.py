"""A lens over a low wall: the ground behind is hidden as far as the ray over the wall's top says, and no farther."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citycover.sight.coverage import measure_coverage
from citycover.sight.views import camera_views

CRS = "EPSG:32650"
E, N = 500_000.0, 3_500_000.0  # on the central meridian: grid north is true north


CHORDS = 0.05
"""An arc that is cut gets a vertex there: its chords come nearer to the circle by less than this (m²)."""


def view(houses: list[tuple[shapely.Polygon, float | None]], *, at=(0.0, 0.0), lens: float | None = 8.0, **camera):
    """The view of one camera over houses, moved back to the origin of the drawing."""
    fields = {"camera_id": ["c"], "azimuth": [0.0], "hfov": [360.0], "reach": [60.0], "mount_height": [lens]}
    fields |= {name: [value] for name, value in camera.items()}
    frame = gpd.GeoDataFrame(fields, geometry=gpd.points_from_xy([E + at[0]], [N + at[1]]), crs=CRS)
    shapes = [shapely.transform(shape, lambda c: c + np.array([E, N])) for shape, _ in houses]
    buildings = gpd.GeoDataFrame({"height": [h for _, h in houses]}, geometry=shapes, crs=CRS)
    seen = camera_views(frame, buildings)
    assert seen.geometry.is_valid.all()
    return shapely.transform(seen.geometry.iloc[0], lambda c: c - np.array([E, N]))


def free(at: tuple[float, float], lens: float, spot: tuple[float, float], houses) -> bool:
    """One line of sight by plain Python: hidden where it runs, below a roof, through a house."""
    (x, y), (tx, ty) = at, spot
    for shape, height in houses:
        inside = shapely.LineString([(x, y), (tx, ty)]).intersection(shape)
        for part in getattr(inside, "geoms", [inside]):
            if part.is_empty or part.length < 1e-9:
                continue
            away = max(math.hypot(cx - x, cy - y) for cx, cy in part.coords)
            if height is None or height >= lens or lens * (1 - away / math.hypot(tx - x, ty - y)) < height:
                return False
    return True


@pytest.mark.parametrize("distance", [5.0, 10.0, 20.0])
def test_the_shadow_ends_where_the_ray_over_the_top_meets_the_ground(distance):
    # lens 8 m, wall 4 m high and 0.2 m thick: its shadow ends at (distance + 0.2) · 8 / (8 - 4), twice as far
    wall = shapely.box(-30.0, distance, 30.0, distance + 0.2)
    seen = view([(wall, 4.0)])
    end = 2.0 * (distance + 0.2)
    assert seen.covers(shapely.Point(0.0, distance - 0.01))
    assert not seen.intersects(shapely.Point(0.0, distance + 0.01))
    assert not seen.intersects(shapely.Point(0.0, end - 0.01))
    assert seen.covers(shapely.Point(0.0, end + 0.01))
    # the end of the shadow is a line parallel to the wall
    assert not seen.intersects(shapely.Point(9.0, end - 0.01))
    assert seen.covers(shapely.Point(9.0, end + 0.01))


def test_the_ground_of_a_low_house_and_its_shadow_by_hand():
    # house 10 m x 10 m, 4 m high, 10 m north of a lens at 8 m: hidden is the trapezium from its front (10 m wide at
    # 10 m) out to its sides' rays: the house and its shadow, from y = 10 to y = 40. The corners (±5, 10) cast to
    # (±10, 20), the corners (±5, 20) to (±10, 40): hexagon (-5,10) (5,10) (10,20) (10,40) (-10,40) (-10,20):
    # 10..20 m: (10 + 20) / 2 · 10 = 150; 20..40 m: 20 · 20 = 400; together 550
    seen = view([(shapely.box(-5.0, 10.0, 5.0, 20.0), 4.0)])
    circle = 0.5 * 60.0**2 * 256 * math.sin(2 * math.pi / 256)  # 64 chords a quarter
    assert circle - seen.area == pytest.approx(550.0, rel=2e-3)
    assert len(seen.interiors) == 1


@pytest.mark.parametrize(("height", "lens"), [(None, 8.0), (8.0, 8.0), (9.0, 8.0), (4.0, None)])
def test_unknown_heights_unknown_lenses_and_walls_as_high_hide_all_behind(height, lens):
    wall = shapely.box(-30.0, 10.0, 30.0, 11.0)
    seen = view([(wall, height)], lens=lens)
    assert not seen.intersects(shapely.Point(0.0, 50.0))


def test_a_camera_on_a_roof_sees_down_over_its_edge():
    # lens at 12 m on the middle of a roof at 10 m, 10 m to the edge: the ground is seen from 10 · 12 / (12 - 10) = 60 m
    roof = shapely.box(-10.0, -10.0, 10.0, 10.0)
    seen = view([(roof, 10.0)], lens=12.0, reach=100.0)
    assert not seen.intersects(shapely.Point(0.0, 59.9))
    assert seen.covers(shapely.Point(0.0, 60.1))
    assert not seen.intersects(shapely.Point(0.0, 1.0))


def test_a_courtyard_is_seen_over_its_low_front():
    # a ring of 4 m, its inner court from 30 to 50 m: the front wing (20 … 30 m) hides to 60 m from a lens at 8 m; from
    # a lens at 40 m it hides to 30 · 40 / 36 = 33.3 m, and the court behind is seen
    ring = shapely.box(-20, 20, 20, 60).difference(shapely.box(-10, 30, 10, 50))
    assert not view([(ring, 4.0)]).intersects(shapely.Point(0.0, 45.0))
    seen = view([(ring, 4.0)], lens=40.0)
    assert not seen.intersects(shapely.Point(0.0, 33.0))
    assert seen.covers(shapely.Point(0.0, 33.6))
    assert not seen.intersects(shapely.Point(0.0, 52.0))  # the far wing itself


def random_town(rng: np.random.Generator) -> list[tuple[shapely.Polygon, float | None]]:
    houses = []
    for _ in range(int(rng.integers(1, 9))):
        x, y = rng.uniform(-45, 45, 2)
        w, d = rng.uniform(1, 15, 2)
        shape = shapely.box(x, y, x + w, y + d)
        if rng.random() < 0.7:
            shape = shapely.affinity.rotate(shape, float(rng.uniform(0, 90)))
        if shape.distance(shapely.Point(0, 0)) > 0.5:
            houses.append((shape, [None, 3.0, 4.0, 6.0, 7.9, 12.0][int(rng.integers(0, 6))]))
    return houses


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), hfov=st.sampled_from([360.0, 90.0, 200.0]))
def test_a_point_is_in_the_view_exactly_when_its_line_of_sight_is_free(seed, hfov):
    rng = np.random.default_rng(seed)
    houses = random_town(rng)
    azimuth = float(rng.uniform(0, 360))
    seen = view(houses, azimuth=azimuth, hfov=hfov)
    edge = seen.boundary
    spots = rng.uniform(-58, 58, (60, 2))
    for x, y in spots:
        point = shapely.Point(x, y)
        off = abs((math.degrees(math.atan2(x, y)) - azimuth + 180) % 360 - 180)
        if math.hypot(x, y) > 59.9 or abs(off - hfov / 2) < 0.01 or edge.distance(point) < 1e-3:
            continue
        in_sector = hfov == 360.0 or off < hfov / 2
        inside_house = any(shape.contains(point) for shape, _ in houses)
        expected = in_sector and not inside_house and free((0.0, 0.0), 8.0, (x, y), houses)
        assert seen.covers(point) == expected, (x, y)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_taller_or_a_further_house_never_shows_more_ground(seed):
    rng = np.random.default_rng(seed)
    houses = random_town(rng)
    before = view(houses).area
    taller = [(shape, None if h is None else h + 1.5) for shape, h in houses]
    assert view(taller).area <= before + CHORDS
    more = [*houses, (shapely.box(12.0, 12.0, 20.0, 20.0), 5.0)]
    assert view(more).area <= before + CHORDS


def test_touching_overlapping_and_repeated_low_houses_are_one():
    one = view([(shapely.box(-10.0, 10.0, 10.0, 20.0), 4.0)])
    halves = [(shapely.box(-10.0, 10.0, 0.0, 20.0), 4.0), (shapely.box(0.0, 10.0, 10.0, 20.0), 4.0)]
    assert view(halves).symmetric_difference(one).area < 1e-3
    lapped = [(shapely.box(-10.0, 10.0, 3.0, 20.0), 4.0), (shapely.box(-3.0, 10.0, 10.0, 20.0), 4.0)]
    assert view(lapped).symmetric_difference(one).area < 1e-3
    assert view([*lapped, *halves, *halves]).symmetric_difference(one).area < 1e-3


def test_a_low_wall_before_a_tall_one_leaves_the_ground_between_and_one_behind_it_hides_nothing_more():
    # lens 8 m; low wall (4 m) from 10 to 11 m hides to 11 · 8 / (8 - 4) = 22 m; a tall one at 30 m ends the view
    low, tall = shapely.box(-60.0, 10.0, 60.0, 11.0), shapely.box(-60.0, 30.0, 60.0, 31.0)
    seen = view([(low, 4.0), (tall, None)])
    for y, free in ((9.9, True), (21.9, False), (22.1, True), (29.9, True), (31.1, False), (50.0, False)):
        assert seen.covers(shapely.Point(0.0, y)) == free, y
    behind = view([(tall, None), (shapely.box(-60.0, 40.0, 60.0, 41.0), 4.0)])
    assert behind.equals_exact(view([(tall, None)]), 1e-9)


def test_the_near_edge_and_a_low_walls_shadow_are_both_cut_out():
    # lens 8 m, tilt 15°, vfov 60°: the lower rim meets the ground at 8 / tan 45° = 8 m; the wall's shadow is 10 … 22 m
    seen = view([(shapely.box(-60.0, 10.0, 60.0, 11.0), 4.0)], hfov=90.0, tilt=15.0, vfov=60.0)
    for y, free in ((7.9, False), (8.1, True), (9.9, True), (10.5, False), (21.9, False), (22.1, True)):
        assert seen.covers(shapely.Point(0.0, y)) == free, y
    assert seen.is_valid


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), lens=st.floats(3.5, 14.0))
def test_a_lower_target_never_shows_more_behind_a_wall_and_a_taller_house_never_shows_more(seed, lens):
    rng = np.random.default_rng(seed)
    houses = random_town(rng)
    camera = gpd.GeoDataFrame(
        {"camera_id": ["c"], "azimuth": [0.0], "hfov": [360.0], "reach": [60.0], "mount_height": [lens]},
        geometry=[shapely.Point(E, N)],
        crs=CRS,
    )
    at = np.repeat(rng.uniform(-45, 45, (60, 2)), 3, axis=0)
    z = np.tile([0.0, 1.5, 3.0], 60)
    targets = pd.DataFrame({"target_id": range(180), "x": E + at[:, 0], "y": N + at[:, 1], "z": z})

    def seen(raise_by: float) -> np.ndarray:
        shapes = [shapely.transform(shape, lambda c: c + np.array([E, N])) for shape, _ in houses]
        heights = [None if height is None else height + raise_by for _, height in houses]
        town = gpd.GeoDataFrame({"height": heights}, geometry=shapes, crs=CRS)
        return measure_coverage(targets, camera, town)["density_low"].to_numpy().reshape(60, 3) > 0.0

    free = seen(0.0)
    assert (free[:, 0] <= free[:, 1]).all()
    assert (free[:, 1] <= free[:, 2]).all()
    assert (seen(1.0) <= free).all()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_thin_wall_hides_from_over_it_what_a_house_as_thin_hides(seed):
    rng = np.random.default_rng(seed)
    y, height = float(rng.uniform(5, 30)), float(rng.uniform(1, 7))
    line = shapely.LineString([(E - rng.uniform(5, 20), N + y), (E + rng.uniform(5, 20), N + y + rng.uniform(-3, 3))])
    barrier = gpd.GeoDataFrame({"opaque": [True], "height": [height]}, geometry=[line], crs=CRS)
    camera = gpd.GeoDataFrame(
        {"camera_id": ["c"], "azimuth": [0.0], "hfov": [360.0], "reach": [60.0], "mount_height": [8.0]},
        geometry=[shapely.Point(E, N)],
        crs=CRS,
    )
    spots = rng.uniform(-40, 40, (200, 2))
    spots = spots[shapely.distance(line, shapely.points(E + spots[:, 0], N + spots[:, 1])) > 0.05]
    targets = pd.DataFrame({"target_id": range(len(spots)), "x": E + spots[:, 0], "y": N + spots[:, 1], "z": 0.0})
    nothing = gpd.GeoDataFrame(geometry=[], crs=CRS)
    counted = measure_coverage(targets, camera, nothing, barriers=barrier)["density_low"].to_numpy() > 0.0
    drawn = camera_views(camera, nothing, barriers=barrier).geometry.iloc[0]
    (ax, ay), (bx, by) = (np.array(c) - (E, N) for c in line.coords)
    for (px, py), free in zip(spots, counted, strict=True):
        # where the sight line crosses the wall, s of the way: it passes over when 8 (1 - s) >= height
        cross = px * (by - ay) - py * (bx - ax)
        s = (ax * (by - ay) - ay * (bx - ax)) / cross
        u = ((s * px - ax) * (bx - ax) + (s * py - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2)
        blocked = 0.0 < s < 1.0 and 0.0 <= u <= 1.0 and 8.0 * (1.0 - s) < height
        if math.hypot(px, py) > 59.0 or drawn.boundary.distance(shapely.Point(E + px, N + py)) < 1e-3:
            continue
        assert free == (not blocked)
        assert drawn.covers(shapely.Point(E + px, N + py)) == free
