"""Heights of buildings, and outlines against their parts."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from citycover import tables
from citycover.city.buildings import find_buildings


def objects(*rows):
    """Raw objects: (tags, geometry) each."""
    return gpd.GeoDataFrame(
        {
            "osm_id": [f"way/{i + 1}" for i in range(len(rows))],
            "tags": pd.Series([tags for tags, _ in rows], dtype=object),
            "closed": True,
        },
        geometry=[shape for _, shape in rows],
        crs=32650,
    )


HOUSE = shapely.box(0, 0, 10, 10)


@pytest.mark.parametrize(
    ("tags", "height", "source"),
    [
        ({"height": "12"}, 12.0, "tag"),
        ({"height": "12 m"}, 12.0, "tag"),
        ({"height": "12,5"}, 12.5, "tag"),
        ({"height": "12.5m"}, 12.5, "tag"),
        ({"height": "40'"}, 12.192, "tag"),  # 40 × 0.3048
        ({"height": "12", "building:levels": "9"}, 12.0, "tag"),
        ({"building:levels": "6"}, 18.0, "levels"),  # 6 × 3.0
        ({"building:levels": "6", "roof:height": "2.5 m"}, 20.5, "levels"),
    ],
)
def test_the_height_is_the_tag_else_storeys_of_three_metres(tags, height, source):
    found = find_buildings(objects(({"building": "yes", **tags}, HOUSE))).iloc[0]
    assert (found["height"], found["height_source"]) == (pytest.approx(height), source)


@pytest.mark.parametrize(
    "tags", [{}, {"height": "high"}, {"height": "-3"}, {"height": "9-12"}, {"building:levels": "0"}]
)
def test_an_unknown_height_stays_null(tags):
    found = find_buildings(objects(({"building": "yes", **tags}, HOUSE))).iloc[0]
    assert pd.isna(found["height"])
    assert found["height_source"] == "unknown"


@pytest.mark.parametrize(
    ("tags", "opaque"),
    [
        ({"building": "house"}, True),
        ({"building": "roof"}, False),
        ({"building": "yes", "layer": "-1"}, False),  # a metro hall under the street
        ({"building": "office", "layer": "2"}, True),  # towers of Nanjing are tagged so
        ({"building": "bridge", "layer": "1"}, False),
        ({"building": "carport"}, False),
        ({"building": "yes", "tunnel": "building_passage"}, False),
        ({"building": "yes", "min_height": "4"}, False),
        ({"building": "yes", "building:min_level": "1"}, False),
        ({"building": "yes", "min_height": "0"}, True),
    ],
)
def test_what_one_can_look_under_is_not_opaque(tags, opaque):
    assert find_buildings(objects((tags, HOUSE)))["opaque"].tolist() == [opaque]


def test_only_surfaces_that_stand_are_buildings():
    rows = [
        ({"building": "no"}, HOUSE),
        ({"building": "construction"}, HOUSE),
        ({"building": "yes"}, shapely.Point(0, 0)),
        ({"amenity": "school"}, HOUSE),
    ]
    assert find_buildings(objects(*rows)).empty


def test_parts_that_cover_the_outline_replace_it_and_take_its_name():
    found = find_buildings(
        objects(
            ({"building": "hotel", "name": "Grand", "height": "50"}, HOUSE),
            ({"building:part": "yes", "height": "20"}, shapely.box(0, 0, 5, 10)),
            ({"building:part": "yes", "height": "50"}, shapely.box(5, 0, 10, 10)),
        )
    )
    assert found[["building_id", "name", "building", "height"]].values.tolist() == [
        ["way/2", "Grand", "hotel", 20.0],
        ["way/3", "Grand", "hotel", 50.0],
    ]
    assert found.area.sum() == pytest.approx(100.0)
    tables.check(found, "buildings")


def test_an_outline_that_its_parts_do_not_cover_stays_and_takes_their_greatest_height():
    found = find_buildings(
        objects(
            ({"building": "yes"}, HOUSE),
            ({"building:part": "yes", "building:levels": "4"}, shapely.box(0, 0, 5, 5)),
            ({"building:part": "yes"}, shapely.box(5, 5, 10, 10)),
        )
    )
    assert found[["building_id", "height", "height_source"]].values.tolist() == [["way/1", 12.0, "levels"]]


def test_a_part_without_an_outline_is_a_building():
    rows = [({"building:part": "yes"}, HOUSE), ({"building": "yes"}, shapely.box(50, 50, 60, 60))]
    assert find_buildings(objects(*rows))["building_id"].tolist() == ["way/1", "way/2"]


def test_stacked_parts_do_not_make_the_outline_look_covered():
    # two parts over each other on a quarter of the ground: their areas add up, their ground does not
    quarter = shapely.box(0, 0, 5, 5)
    rows = [({"building": "yes", "height": "9"}, HOUSE)] + [({"building:part": "yes"}, quarter)] * 4
    assert find_buildings(objects(*rows))["building_id"].tolist() == ["way/1"]


def test_no_objects_give_an_empty_table():
    assert find_buildings(objects(({"amenity": "school"}, HOUSE)).iloc[:0]).empty
