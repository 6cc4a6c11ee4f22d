"""The same camera twice in the registers: a fault of the papers, kept apart from duplicate builds."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest

from citycover.audit.repeats import find_repeats
from citycover.geo import gcj02_from_wgs84, metric_crs, to_metric

LON, LAT = 120.30, 31.57
CRS = metric_crs(LON, LAT)
X, Y = (float(v[0]) for v in to_metric([LON], [LAT], CRS))


def register(*rows: dict) -> gpd.GeoDataFrame:
    """Cameras on one spot unless ``x`` and ``y`` (m) tell otherwise; of one owner, looking north."""
    base = {"azimuth": 0.0, "owner": "甲", "purpose": "overview", "x": 0.0, "y": 0.0, "pole_id": "P1"}
    whole = [base | {"camera_id": f"r:{i}"} | row for i, row in enumerate(rows)]
    at = gpd.points_from_xy([X + r["x"] for r in whole], [Y + r["y"] for r in whole])
    return gpd.GeoDataFrame(pd.DataFrame(whole).drop(columns=["x", "y"]), geometry=at, crs=CRS)


def kinds(*rows: dict) -> list[tuple[str, str, str]]:
    found = find_repeats(register(*rows))
    return list(zip(found["camera_a"], found["camera_b"], found["kind"], strict=True))


def test_one_device_id_is_one_device_wherever_its_rows_stand():
    twice = kinds({"device_id": "7"}, {"device_id": "8", "x": 5.0}, {"device_id": "7", "x": 300.0})
    assert twice == [("r:0", "r:2", "same_id")]


def test_one_spot_one_direction_one_owner_is_one_device():
    assert kinds({}, {"x": 0.3, "azimuth": 359.5}) == [("r:0", "r:1", "same_pose")]


@pytest.mark.parametrize(
    "other",
    [
        {"azimuth": 90.0},  # one pole, another direction
        {"azimuth": None},
        {"owner": "乙"},
        {"owner": None},
        {"purpose": "face"},
        {"x": 3.0},
        {"hfov": 30.0},
        {"device_id": "8"},
        {"name": "东侧"},
    ],
)
def test_several_cameras_on_one_pole_are_no_fault(other):
    assert kinds({"hfov": 60.0, "device_id": "7", "name": "西侧"}, other) == []


def test_two_coordinates_of_one_device_in_two_datums_are_one_device():
    lon, lat = gcj02_from_wgs84([LON], [LAT])
    x, y = (float(v[0]) for v in to_metric(lon, lat, CRS))
    assert 300.0 < ((x - X) ** 2 + (y - Y) ** 2) ** 0.5 < 700.0  # the shift there
    there = {"x": x - X, "y": y - Y, "azimuth": 45.0}
    assert kinds({"name": "安和路口"}, there | {"name": "安和路口"}) == [("r:0", "r:1", "two_datums")]
    assert kinds({"name": "安和路口"}, there | {"name": "望山路口"}) == []
    assert kinds({"name": "安和路口"}, there | {"name": "安和路口", "x": x - X + 20.0}) == []
    assert kinds({"device_id": "7"}, there | {"device_id": "7"}) == [
        ("r:0", "r:1", "two_datums")
    ]  # the plainest is told


def test_repeated_rows_are_no_duplicate_builds_and_rows_linked_already_say_so():
    found = find_repeats(register({"device_id": "7"}, {"device_id": "7", "same_as": "r:0"}, {"device_id": "7"}))
    assert found["linked"].tolist() == [True, False]
    assert find_repeats(register({}).iloc[:0]).empty
