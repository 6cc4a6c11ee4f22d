"""In which district a row lies."""

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from citycover import tables
from citycover.city.districts import assign_districts
from citycover.errors import TableError


def districts(*rows):
    """(id, name, level, polygon) each."""
    return tables.conform(
        "districts",
        gpd.GeoDataFrame(
            {"district_id": [r[0] for r in rows], "name": [r[1] for r in rows], "level": [r[2] for r in rows]},
            geometry=[r[3] for r in rows],
            crs=32650,
        ),
    )


WEST, EAST = shapely.box(-100, -100, 0, 100), shapely.box(0, -100, 100, 100)
SIDES = districts(("320214", "east", "6", EAST), ("320213", "west", "6", WEST))


def district_of(shape, table=SIDES):
    return assign_districts(gpd.GeoDataFrame(geometry=[shape], crs=32650), table)["district"].tolist()[0]


def test_a_border_street_goes_to_the_side_with_more_of_its_length():
    assert district_of(shapely.LineString([(-30, 5), (20, 5)])) == "west"
    assert district_of(shapely.LineString([(-20, 5), (30, 5)])) == "east"


def test_a_tie_goes_to_the_smaller_code():
    assert district_of(shapely.LineString([(-20, 5), (20, 5)])) == "west"
    assert district_of(shapely.LineString([(0, 5), (0, 50)])) == "west"
    assert district_of(shapely.Point(0, 0)) == "west"


def test_codes_of_other_lengths_compare_as_numbers_do():
    table = districts(("10", "east", "6", EAST), ("9", "west", "6", WEST))
    assert district_of(shapely.Point(0, 0), table) == "west"


def test_a_surface_goes_to_the_side_with_more_of_its_ground():
    assert district_of(shapely.box(-1, 0, 5, 5)) == "east"


def test_the_finest_level_decides_where_it_reaches():
    table = districts(("1", "city", "6", shapely.box(-100, -100, 100, 100)), ("2", "quarter", "8", WEST))
    assert district_of(shapely.Point(-5, 0), table) == "quarter"
    assert district_of(shapely.Point(5, 0), table) == "city"


def test_outside_every_district_and_without_districts_it_is_unknown():
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=32650)
    assert assign_districts(frame, SIDES.iloc[:0])["district"].isna().all()
    assert (
        assign_districts(gpd.GeoDataFrame(geometry=[shapely.Point(500, 0)], crs=32650), SIDES)["district"].isna().all()
    )


def test_another_reference_system_is_refused():
    with pytest.raises(TableError, match="needed the reference system"):
        assign_districts(gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)], crs=32651), SIDES)


def test_the_frame_given_is_not_changed():
    frame = gpd.GeoDataFrame({"district": ["old"]}, geometry=[shapely.Point(5, 0)], crs=32650)
    assert assign_districts(frame, SIDES)["district"].tolist() == ["east"]
    assert frame["district"].tolist() == ["old"]


@given(st.lists(st.tuples(*[st.integers(-90, 90)] * 4), min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_shuffling_rows_and_districts_changes_nothing(lines, random):
    shapes = [shapely.LineString([(a, b), (c, d + 0.5)]) for a, b, c, d in lines]
    frame = gpd.GeoDataFrame(geometry=shapes, crs=32650)
    order = list(range(len(frame)))
    random.shuffle(order)
    straight = assign_districts(frame, SIDES)["district"]
    shuffled = assign_districts(frame.iloc[order], SIDES.iloc[::-1])["district"]
    assert shuffled.sort_index().tolist() == straight.tolist()
