"""What OpenStreetMap likely lacks: expected from the length of streets, or from the inhabitants."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from checkout import SHARED
from citycover import tables
from citycover.city.completeness import find_missing, summarise_missing
from citycover.city.model import City
from citycover.city.read import read_osm
from citycover.errors import InputError

CRS = "EPSG:32650"


def town(*, kindergartens: int = 0, height: float | None = None, gates: int = 0) -> City:
    """A town of 28.8 km of street, which is 3.6 km² at 8 km to the km², with one building of 18 ha (5 % of 360 ha)."""
    line = shapely.LineString([(0, 0), (14_400, 0)])
    streets = gpd.GeoDataFrame(
        {
            "street_id": ["a", "b", "c"],
            "road_class": ["primary", "residential", "footway"],
            "name": ["甲路", None, None],
        },
        geometry=[line, line, line],
        crs=CRS,
    ).assign(length=14_400.0)
    places = [{"place_id": f"K{i}", "name": "幼儿园", "geometry": shapely.Point(i, 0)} for i in range(kindergartens)]
    places += [{"place_id": f"C{i}", "name": None, "geometry": shapely.Point(i, 9)} for i in range(4)]
    kinds = [{"place_id": f"K{i}", "kind": "school_kindergarten", "evidence": "t"} for i in range(kindergartens)]
    kinds += [{"place_id": f"C{i}", "kind": "residential_compound", "evidence": "t"} for i in range(4)]
    doors = [
        {"entrance_id": f"E{i}", "place_id": f"C{i}", "source": "mapped", "geometry": shapely.Point(i, 8)}
        for i in range(gates)
    ]
    house = {"building_id": "B", "height": height, "geometry": shapely.box(0, 0, 300, 600)}
    frames = {"streets": streets, "places": places, "entrances": doors, "buildings": [house]}
    made = {name: tables.conform(name, rows, crs=CRS) for name, rows in frames.items()}
    empty = ("junctions", "barriers", "trees", "public_ground", "districts", "landscape", "cameras")
    made |= {name: tables.conform(name, [], crs=CRS) for name in empty}
    return City(
        crs=CRS,
        area=shapely.box(-10, -10, 15_000, 700),
        place_kinds=tables.conform("place_kinds", kinds),
        rejects=tables.conform("rejects", []),
        **made,
    )


def row(city: City, matter: str, **options) -> dict:
    table = find_missing(city, **options)
    return table[table["matter"] == matter].iloc[0]


def test_kindergartens_are_expected_by_the_length_of_streets():
    # 28.8 km of street / 8 km per km² = 360 ha; one kindergarten to 18 ha: 20; foot ways do not count
    found = row(town(kindergartens=3), "school_kindergarten")
    assert (found["found"], found["expected"], found["standing"]) == (3, 20, "likely_missing")
    assert row(town(kindergartens=12), "school_kindergarten")["standing"] == "thin"  # over half, under all
    assert row(town(kindergartens=20), "school_kindergarten")["standing"] == "as_expected"


def test_inhabitants_speak_where_they_are_known():
    # one kindergarten to 12,000 people: 36,000 people have at least 3
    found = row(town(kindergartens=3), "school_kindergarten", population=36_000)
    assert (found["expected"], found["standing"]) == (3, "as_expected")


def test_a_small_area_expects_nothing_that_only_a_larger_one_has():
    # 360 ha hold no whole circle of 450 ha: no filling station is expected
    found = row(town(), "fuel_station")
    assert (found["expected"], found["standing"]) == (0, "as_expected")


def test_buildings_heights_gates_and_names_are_told_as_shares():
    city = town(height=9.0, gates=1)
    assert row(city, "ground_built")["found"] == 5.0  # 18 ha of 360 ha
    assert row(city, "building_heights")["found"] == 100.0
    assert row(town(), "building_heights")["standing"] == "likely_missing"
    gates = row(city, "compound_gates")
    assert (gates["found"], gates["standing"]) == (25.0, "thin")  # 1 of 4, exactly half of what is expected
    assert row(town(), "compound_gates")["standing"] == "likely_missing"
    assert row(city, "street_names")["found"] == 50.0


def test_the_sentence_names_what_is_missing_in_both_languages():
    zh, en = summarise_missing(find_missing(town()))
    assert "学校（含幼儿园）" in zh
    assert "Schools incl. kindergartens" in en


def test_a_population_must_be_above_zero():
    with pytest.raises(InputError, match="above zero"):
        find_missing(town(), population=0)


def test_an_extract_without_buildings_is_told():
    file = SHARED / "data" / "seoul_myeongdong_roads.osm"
    if not file.exists():
        pytest.skip("the real extract of Seoul is not here")
    assert row(read_osm(file), "ground_built")["standing"] == "likely_missing"
