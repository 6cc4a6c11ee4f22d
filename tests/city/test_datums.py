"""Datums: the shifts between WGS-84, GCJ-02 and BD-09, and the alarm when a register was read in the wrong one."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from citycover import geo
from citycover.city.datum_check import check_datum
from citycover.errors import CrsError
from citycover.tables import conform

WEST, SOUTH, EAST, NORTH = geo.CHINA_BOUNDS
inland_lon = st.floats(WEST + 0.02, EAST - 0.02)
inland_lat = st.floats(SOUTH + 0.02, NORTH - 0.02)


def test_the_published_pairs_of_gcj02_are_met(shared_data):
    pairs = pd.read_csv(shared_data / "gcj02_wgs84_pairs.csv")
    lon, lat = geo.gcj02_from_wgs84(pairs["wgs84_lon"], pairs["wgs84_lat"])
    np.testing.assert_allclose(lon, pairs["gcj02_lon"], atol=1e-9, rtol=0)
    np.testing.assert_allclose(lat, pairs["gcj02_lat"], atol=1e-9, rtol=0)


@settings(max_examples=100, deadline=None)
@given(inland_lon, inland_lat)
def test_gcj02_and_back_is_the_same_place_to_a_billionth_of_a_degree(lon, lat):
    back = geo.wgs84_from_gcj02(*geo.gcj02_from_wgs84([lon], [lat]))
    assert abs(back[0][0] - lon) < 1e-9
    assert abs(back[1][0] - lat) < 1e-9


@settings(max_examples=100, deadline=None)
@given(inland_lon, inland_lat)
def test_bd09_and_back_is_the_same_place_to_a_billionth_of_a_degree(lon, lat):
    back = geo.gcj02_from_bd09(*geo.bd09_from_gcj02([lon], [lat]))
    assert abs(back[0][0] - lon) < 1e-9
    assert abs(back[1][0] - lat) < 1e-9


@settings(max_examples=50, deadline=None)
@given(inland_lon, inland_lat)
def test_the_shift_of_gcj02_is_known_to_stay_under_a_kilometre(lon, lat):
    there = geo.gcj02_from_wgs84([lon], [lat])
    metres = Geod(ellps="WGS84").inv(lon, lat, there[0][0], there[1][0])[2]
    assert metres < 1500


def test_outside_china_nothing_is_shifted_in_either_direction():
    lon, lat = np.array([7.42, -0.12, 151.2]), np.array([43.73, 51.5, -33.9])
    for shift in (geo.gcj02_from_wgs84, geo.wgs84_from_gcj02, geo.bd09_from_gcj02, geo.gcj02_from_bd09):
        moved = shift(lon, lat)
        np.testing.assert_array_equal(moved[0], lon)
        np.testing.assert_array_equal(moved[1], lat)


def test_a_missing_coordinate_stays_missing_and_spoils_no_other():
    lon, _ = geo.to_wgs84([np.nan, 118.78], [32.0, 32.04], "gcj02")
    assert np.isnan(lon[0])
    assert abs(lon[1] - 118.7748) < 1e-3  # GCJ-02 lies about 5 millidegrees east of WGS-84 in Nanjing


def test_a_missing_datum_is_refused_with_the_choices():
    for nothing in (None, "", " "):
        with pytest.raises(CrsError, match=r"has no default.*gcj02.*EPSG:4490"):
            geo.parse_datum(nothing)


def test_an_unknown_datum_is_refused_with_the_choices():
    for wrong in ("gcj2000", "EPSG:99999", "EPSG:4978"):
        with pytest.raises(CrsError, match="needed one of"):
            geo.parse_datum(wrong)


def test_the_zones_of_cgcs2000_have_x_to_the_north_and_utm_has_not():
    assert geo.parse_datum("EPSG:4549").north_first
    assert geo.parse_datum("EPSG:4528").north_first
    assert not geo.parse_datum("EPSG:32650").north_first
    assert not geo.parse_datum("EPSG:4490").metric


def test_a_point_on_the_central_meridian_of_its_zone_has_the_false_easting():
    """120° E is the central meridian of EPSG:4549, whose false easting is 500 km; the equator is its north zero."""
    lon, lat = geo.to_wgs84([500_000.0], [0.0], "EPSG:4549")
    assert abs(lon[0] - 120.0) < 1e-9
    assert abs(lat[0]) < 1e-9


# --- the alarm -----------------------------------------------------------------------------------------------------

CRS = geo.metric_crs(118.78, 32.04)
X0, Y0 = (float(v[0]) for v in geo.to_metric([118.78], [32.04], CRS))


def street_grid() -> gpd.GeoDataFrame:
    """A town of 3 km with streets every 150 m, a little irregular so that no shift maps the grid onto itself."""
    rng = np.random.default_rng(1)
    at = np.cumsum(rng.uniform(110, 190, 20))
    lines = [shapely.LineString([(X0, Y0 + v), (X0 + 3000, Y0 + v)]) for v in at]
    lines += [shapely.LineString([(X0 + v, Y0), (X0 + v, Y0 + 3000)]) for v in at]
    return gpd.GeoDataFrame({"street_id": [str(i) for i in range(len(lines))]}, geometry=lines, crs=CRS)


def roadside(n: int, *, said: str, truly: str) -> gpd.GeoDataFrame:
    """Cameras 6 m beside the streets, whose register is in ``truly`` and was read as ``said``."""
    rng = np.random.default_rng(2)
    streets = street_grid().geometry.to_numpy()
    line = streets[rng.integers(0, len(streets), n)]
    points = shapely.line_interpolate_point(line, rng.uniform(700, 2300, n))
    xy = shapely.get_coordinates(points) + rng.choice([-6.0, 6.0], (n, 2))
    lon, lat = geo.to_degrees(xy[:, 0], xy[:, 1], CRS)
    to = {
        "wgs84": lambda a, b: (a, b),
        "gcj02": geo.gcj02_from_wgs84,
        "bd09": lambda a, b: geo.bd09_from_gcj02(*geo.gcj02_from_wgs84(a, b)),
    }
    x, y = geo.to_metric(*geo.to_wgs84(*to[truly](lon, lat), said), CRS)
    rows = {"camera_id": [str(i) for i in range(n)], "owner_class": "unknown", "status": "in_use"}
    return conform("cameras", gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy(x, y)), crs=CRS)


@pytest.mark.parametrize("truly", ["wgs84", "gcj02", "bd09"])
@pytest.mark.parametrize("said", ["wgs84", "gcj02", "bd09"])
def test_a_wrong_datum_is_noticed_and_a_right_one_is_not(said, truly):
    finding = check_datum(roadside(200, said=said, truly=truly), street_grid(), datum=said)
    if said == truly:
        assert finding is None
    else:
        assert finding is not None
        assert finding.likely == truly
        assert finding.distance_likely < finding.distance_given
        name = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}[truly]
        assert f"read as {name}" in finding.en
        assert f"按 {name} 读入" in finding.zh


def test_without_a_named_datum_the_right_reading_raises_no_alarm():
    assert check_datum(roadside(200, said="gcj02", truly="gcj02"), street_grid()) is None


def test_fewer_than_fifty_cameras_say_nothing_about_the_datum():
    streets = street_grid()
    west, south, east, north = streets.total_bounds
    inside = roadside(200, said="wgs84", truly="gcj02").cx[west:east, south:north]
    assert check_datum(inside.head(49), streets, datum="wgs84") is None
    assert check_datum(inside.head(50), streets, datum="wgs84") is not None


def test_cameras_outside_the_study_do_not_count_towards_the_fifty():
    cameras = roadside(80, said="wgs84", truly="gcj02")
    cameras["outside"] = pd.array([True] * 40 + [False] * 40, dtype="boolean")
    assert check_datum(cameras, street_grid(), datum="wgs84") is None


def test_cameras_scattered_far_from_all_streets_raise_no_alarm():
    rng = np.random.default_rng(5)
    cameras = roadside(400, said="wgs84", truly="wgs84")
    xy = rng.uniform(500, 2500, (400, 2)) + np.array([X0, Y0])
    assert check_datum(cameras.set_geometry(gpd.points_from_xy(xy[:, 0], xy[:, 1], crs=CRS)), street_grid()) is None
