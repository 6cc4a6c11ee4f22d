"""The cameras that OSM itself has."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from citycover import tables
from citycover.city.osm_cameras import find_osm_cameras


def cameras(*tags):
    frame = gpd.GeoDataFrame(
        {
            "osm_id": [f"node/{i + 1}" for i in range(len(tags))],
            "tags": pd.Series([{"man_made": "surveillance", **t} for t in tags], dtype=object),
            "closed": False,
        },
        geometry=[shapely.Point(i, 0) for i in range(len(tags))],
        crs=32650,
    )
    return find_osm_cameras(frame)


def one(**tags):
    found, _ = cameras({k.replace("__", ":"): v for k, v in tags.items()})
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize(
    ("text", "azimuth", "hfov"),
    [
        ("90", 90.0, None),
        ("0", 0.0, None),
        ("360", 0.0, None),
        ("NE", 45.0, None),
        ("sse", 157.5, None),
        ("45-135", 90.0, 90.0),
        ("350-10", 0.0, 20.0),  # clockwise through north
        ("10-350", 180.0, 340.0),
        ("NW-NE", 0.0, 90.0),
        ("0-360", None, 360.0),
        ("forward", None, None),
    ],
)
def test_a_direction_is_a_bearing_a_word_or_a_clockwise_range(text, azimuth, hfov):
    row = one(camera__direction=text)
    for value, expected in ((row["azimuth"], azimuth), (row["hfov"], hfov)):
        assert pd.isna(value) if expected is None else value == pytest.approx(expected)


def test_a_list_of_directions_is_several_cameras_on_one_pole():
    found, _ = cameras({"camera:direction": "45; 135;200-240", "camera:count": "3"})
    assert found["azimuth"].tolist() == [45.0, 135.0, 220.0]
    assert found["camera_id"].tolist() == ["osm:node/1#1", "osm:node/1#2", "osm:node/1#3"]
    assert set(found["pole_id"]) == {"osm:node/1"}
    assert found["count"].tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("tags", "tilt"),
    [
        ({"camera__angle": "15"}, 15.0),
        ({"camera__tilt": "-15"}, 15.0),
        ({"camera__tilt": "0"}, 0.0),
        ({"camera__tilt": "15"}, None),
        ({"camera__tilt": "20", "camera__angle": "20"}, None),
        ({}, None),
    ],
)
def test_tilt_is_degrees_below_the_horizon_whatever_the_sign_of_the_tag(tags, tilt):
    value = one(**tags)["tilt"]
    assert pd.isna(value) if tilt is None else value == tilt


def test_a_tilt_into_the_sky_is_counted_as_doubtful():
    _, counts = cameras({"camera:tilt": "15"}, {"camera:tilt": "-15"})
    assert counts["osm_camera_tilt_doubtful"] == 1


def test_guards_are_no_cameras_and_plate_readers_are_for_plates():
    found, counts = cameras(
        {"surveillance:type": "guard"}, {"surveillance:type": "ALPR"}, {"surveillance:type": "camera"}, {}
    )
    assert found["camera_id"].tolist() == ["osm:node/2", "osm:node/3", "osm:node/4"]
    assert found["purpose"].fillna("-").tolist() == ["plate", "-", "-"]
    assert counts["osm_surveillance_no_camera"] == 1


def test_what_osm_does_not_say_stays_unknown():
    row = one()
    assert row[["azimuth", "hfov", "tilt", "mount_height", "ptz", "purpose", "owner", "camera_type"]].isna().all()
    assert (row["status"], bool(row["status_assumed"]), row["owner_class"]) == ("in_use", True, "unknown")


def test_types_heights_owners_and_indoor_are_read():
    found, _ = cameras(
        {"camera:type": "panning", "height": "6 m", "operator": "无锡市公安局"},
        {"camera:type": "panorama", "surveillance": "indoor", "operator": "某某有限公司"},
        {"camera:type": "dome", "operator": "王小明"},
    )
    assert found["camera_type"].tolist() == ["ptz", "panoramic", "dome"]
    assert found["ptz"].fillna(False).tolist() == [True, False, False]
    assert found["mount_height"].fillna(0).tolist() == [6.0, 0.0, 0.0]
    assert found["owner_class"].tolist() == ["police", "enterprise", "unknown"]
    assert found["owner"].isna().tolist() == [False, False, True]
    assert found["indoor"].tolist() == [False, True, False]
    assert found["hfov"].fillna(0).tolist() == [0.0, 360.0, 0.0]
    tables.check(found, "cameras")
