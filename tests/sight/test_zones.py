"""Views cut at the densities of an edition, by pencil; and conventions of azimuth and scale."""

from __future__ import annotations

import math

import geopandas as gpd
import pyproj
import pytest

from citycover.geo import meridian_convergence
from citycover.sight.views import camera_views
from citycover.sight.zones import view_zones

NOTHING = gpd.GeoDataFrame(geometry=[], crs=32650)


def test_zones_of_a_sector_are_rings_at_the_distances_of_the_densities():
    fields = {"camera_id": ["a"], "azimuth": [0.0], "hfov": [90.0], "reach": [50.0], "pixels": [1920]}
    at = gpd.points_from_xy([500_000.0], [3_500_000.0])
    low = gpd.GeoDataFrame(fields | {"mount_height": [0.0]}, geometry=at, crs=32650)
    views = camera_views(low, NOTHING)
    zones = view_zones(views, low).set_index("density_from")["ground"]
    # 960 px/m at 1 m: 62.5 px/m at 15.36 m, 125 at 7.68 m; a quarter ring between them: π/4 · (15.36² - 7.68²) = 138.97
    assert zones[62.5] == pytest.approx(math.pi / 4 * (15.36**2 - 7.68**2), rel=1e-3)
    assert zones.sum() == pytest.approx(views["ground"].iloc[0])
    assert zones[12.5] == pytest.approx(math.pi / 4 * (50.0**2 - 38.4**2), rel=1e-3)  # ends at the reach, not at 76.8 m
    # a lens at 6 m: 125 px/m at 7.68 m of slant, √(7.68² - 6²) = 4.794 m on the ground; 250 px/m (3.84 m) nowhere
    high = gpd.GeoDataFrame(fields | {"mount_height": [6.0]}, geometry=at, crs=32650)
    zones = view_zones(camera_views(high, NOTHING), high).set_index("density_from")["ground"]
    assert zones[125.0] == pytest.approx(math.pi / 4 * 4.794**2, rel=2e-3)
    assert 250.0 not in zones.index


def test_grid_north_of_nanjing_is_off_true_north_by_the_known_angle():
    # 118.78° E, 32.04° N in the zone of 117° E: Δλ · sin φ = 1.78 · 0.5305 = 0.944°
    to_grid = pyproj.Transformer.from_crs(4326, 32650, always_xy=True)
    x, y = to_grid.transform(118.78, 32.04)
    assert float(meridian_convergence([x], [y], pyproj.CRS.from_epsg(32650))[0]) == pytest.approx(0.944, abs=0.002)
    # so a camera that looks to true north looks 0.944° to the west of grid north
    camera = gpd.GeoDataFrame(
        {"camera_id": ["a"], "azimuth": [0.0], "hfov": [2.0], "reach": [100.0]},
        geometry=gpd.points_from_xy([x], [y]),
        crs=32650,
    )
    middle = camera_views(camera, NOTHING).geometry.iloc[0].centroid
    assert math.degrees(math.atan2(middle.x - x, middle.y - y)) == pytest.approx(-0.944, abs=0.01)
