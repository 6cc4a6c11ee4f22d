"""A point lies in a view exactly when its line of sight is free."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from citycover.sight.coverage import measure_coverage
from citycover.sight.views import camera_views
from sight import towns
from sight.reference import clears, inside, rectangle, sees

TOWNS = [(towns.crowded_town, seed) for seed in range(4)] + [(towns.loose_town, seed) for seed in range(3)]


def _courtyard_of(solids):
    ring = solids[-1][1] if len(solids[-1]) > 1 else None
    return None if ring is None else np.mean(ring, axis=0)


def _off_walls(houses, points):
    """Points more than 2 cm off every wall: on a wall either answer is right."""
    walls = shapely.union_all(houses.boundary.values)
    return shapely.distance(walls, shapely.points(points)) > 0.02


@pytest.mark.parametrize(("town", "seed"), TOWNS)
def test_a_point_is_in_the_view_and_counted_exactly_when_a_plain_line_of_sight_is_free(town, seed):
    solids = town(seed)
    at = towns.open_points(seed, solids, 14)
    yard = _courtyard_of(solids)
    if yard is not None and not inside(tuple(yard), solids):
        at[0] = yard  # in a courtyard: holes filled by mistake show only there
    random = np.random.default_rng(seed + 100)
    hfov = random.choice([30.0, 90.0, 200.0, 360.0], len(at))
    azimuth = random.uniform(0, 360, len(at))
    reach = random.uniform(20, 90, len(at))
    register = towns.cameras(
        x=at[:, 0], y=at[:, 1], azimuth=azimuth, hfov=hfov, reach=reach, mount_height=[4.0] * len(at)
    )
    houses = towns.buildings(solids)
    views = camera_views(register, houses)
    assert views["end"].eq("exact").all()
    points = at[random.integers(0, len(at), 120)] + random.uniform(-60, 60, (120, 2))
    targets = pd.DataFrame({"target_id": range(120), "x": points[:, 0], "y": points[:, 1], "z": 4.0})
    off_wall = _off_walls(houses, points)
    checked = 0
    for i in range(len(at)):
        one = register.iloc[[i]]
        counted = measure_coverage(targets, one, houses)["density_low"].to_numpy() > 0.0
        off_rim = np.abs(np.hypot(*(points - at[i]).T) - reach[i]) > 1e-3 * reach[i]
        for j in np.flatnonzero(off_wall & off_rim):
            free = sees(tuple(at[i]), tuple(points[j]), solids, reach=reach[i], axis=90 - azimuth[i], hfov=hfov[i])
            assert shapely.contains_xy(views.geometry[i], *points[j]) == free, (i, j)
            assert counted[j] == free, (i, j)
            checked += 1
    assert checked > 1000


@pytest.mark.parametrize("seed", range(3))
def test_over_low_walls_a_target_is_seen_exactly_when_the_straight_line_clears_every_roof_on_its_way(seed):
    solids = towns.loose_town(seed, houses=40, size=120.0)
    random = np.random.default_rng(seed)
    heights = random.choice([2.0, 3.5, 6.0, np.nan], len(solids), p=[0.4, 0.3, 0.2, 0.1])
    at = towns.open_points(seed, solids, 5)
    spots = towns.open_points(seed + 9, solids, 150)
    houses = towns.buildings(solids, height=heights)
    solid = [(rings, np.inf if np.isnan(h) else h) for rings, h in zip(solids, heights, strict=True)]
    lens, over = random.uniform(5, 12, len(at)), 0
    off_wall = _off_walls(houses, spots)
    z = random.choice([0.0, 1.5, 4.0], len(spots))
    targets = pd.DataFrame({"target_id": range(len(spots)), "x": spots[:, 0], "y": spots[:, 1], "z": z})
    for i in range(len(at)):
        one = towns.cameras(
            x=[at[i, 0]], y=[at[i, 1]], azimuth=[0.0], hfov=[360.0], reach=[200.0], mount_height=[lens[i]]
        )
        counted = measure_coverage(targets, one, houses)["density_low"].to_numpy() > 0.0
        for j in np.flatnonzero(off_wall):
            free = clears((*at[i], lens[i]), (*spots[j], z[j]), solid)
            assert counted[j] == free, (i, j)
            over += free and not sees(tuple(at[i]), tuple(spots[j]), solids, reach=200.0)
    assert over > 20  # the heights do matter here


def test_the_shadow_behind_a_low_wall_ends_where_the_ray_over_its_roof_meets_the_targets_height():
    """Lens 6 m, roof 3 m with its far edge at d, target 1.5 m: by similar triangles (6 - 1.5) / (6 - 3) d = 1.5 d."""
    for far in (10.0, 20.0, 40.0):
        house = towns.buildings([[rectangle(towns.X0 - 50, towns.Y0 + far - 4, 100, 4)]], height=[3.0])
        camera = towns.cameras(
            x=[towns.X0], y=[towns.Y0], azimuth=[0.0], hfov=[90.0], reach=[200.0], pixels=[1920], mount_height=[6.0]
        )
        y = np.array([1.5 * far - 0.01, 1.5 * far + 0.01])
        targets = pd.DataFrame({"target_id": [1, 2], "x": towns.X0, "y": towns.Y0 + y, "z": 1.5})
        assert measure_coverage(targets, camera, house)["n_low_12.5"].tolist() == [0, 1]


def test_a_lens_of_unknown_height_never_sees_over_a_wall_and_a_wall_of_unknown_height_is_never_looked_over():
    spot = pd.DataFrame({"target_id": [1], "x": [towns.X0], "y": [towns.Y0 + 60.0], "z": [1.5]})
    shape = [[rectangle(towns.X0 - 5, towns.Y0 + 5, 10, 5)]]
    pose = {"x": [towns.X0], "y": [towns.Y0], "azimuth": [0.0], "hfov": [90.0], "reach": [100.0]}

    def seen(height, lens):
        camera = towns.cameras(**pose, mount_height=[lens])
        return measure_coverage(spot, camera, towns.buildings(shape, height=[height]))["n_high_12.5"].tolist()

    assert seen(2.0, 8.0) == [1]
    assert seen(2.0, None) == [0]
    assert seen(None, 8.0) == [0]


def test_a_door_in_a_wall_is_seen_from_in_front_and_not_through_the_house():
    house = towns.buildings([[rectangle(towns.X0 - 5, towns.Y0 + 10, 10, 10)]])
    camera = towns.cameras(x=[towns.X0], y=[towns.Y0], azimuth=[0.0], hfov=[90.0], reach=[100.0])
    doors = pd.DataFrame({"target_id": [1, 2], "x": towns.X0, "y": [towns.Y0 + 10.0, towns.Y0 + 20.0], "z": 1.5})
    assert measure_coverage(doors, camera, house)["n_low_12.5"].tolist() == [1, 0]


def test_a_camera_on_a_roof_sees_over_its_own_edge_only_what_the_edge_lets_it_see():
    """Lens 31 m, roof 30 m, edge 10 m off: the ray over the edge falls 1 m in 10 and meets the ground at 310 m."""
    house = towns.buildings([[rectangle(towns.X0 - 10, towns.Y0 - 10, 20, 20)]], height=[30.0])
    roof = towns.cameras(
        x=[towns.X0], y=[towns.Y0], azimuth=[0.0], hfov=[60.0], reach=[500.0], mount_height=[31.0], pixels=[7680]
    )
    spots = pd.DataFrame({"target_id": [1, 2], "x": towns.X0, "y": towns.Y0 + np.array([309.0, 311.0]), "z": 0.0})
    assert measure_coverage(spots, roof, house)["n_low_12.5"].tolist() == [0, 1]


def test_a_garden_wall_of_known_height_is_looked_over_and_one_of_unknown_height_is_not():
    """Lens 6 m, wall 2 m high at 10 m: the ray over it falls 4 m in 10 and meets 0 m at 15 m."""
    camera = towns.cameras(x=[towns.X0], y=[towns.Y0], azimuth=[0.0], hfov=[60.0], reach=[50.0], mount_height=[6.0])
    line = shapely.LineString([(towns.X0 - 40, towns.Y0 + 10), (towns.X0 + 40, towns.Y0 + 10)])
    spots = pd.DataFrame({"target_id": [1, 2], "x": towns.X0, "y": towns.Y0 + np.array([14.9, 15.1]), "z": 0.0})
    for height, seen in ((2.0, [0, 1]), (None, [0, 0])):
        walls = gpd.GeoDataFrame({"opaque": [True], "height": [height]}, geometry=[line], crs=towns.CRS)
        nothing = gpd.GeoDataFrame(geometry=[], crs=towns.CRS)
        assert measure_coverage(spots, camera, nothing, barriers=walls)["n_low_12.5"].tolist() == seen
