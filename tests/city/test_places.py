"""One real site is one place; derived kinds; facts for the law."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citycover import tables
from citycover.city.built_up import BuiltUp
from citycover.city.derived import _gateways
from citycover.city.facts import read_facts
from citycover.city.places import find_places
from citycover.city.structures import measure_strip

X, Y = 500_000, 3_500_000
CRS = 32650


def box(x, y, wide, tall=None):
    """Return a rectangle by its south-west corner, in metres from the town's corner."""
    return shapely.box(X + x, Y + y, X + x + wide, Y + y + (tall or wide))


def point(x, y):
    return shapely.Point(X + x, Y + y)


def line(*positions):
    return shapely.LineString([(X + x, Y + y) for x, y in positions])


TOWN = box(-2000, -2000, 4000)


def objects_of(*rows):
    """Return raw objects from (osm_id, tags, geometry)."""
    frame = {"osm_id": [r[0] for r in rows], "tags": [dict(r[1]) for r in rows], "closed": False}
    return gpd.GeoDataFrame(frame, geometry=[r[2] for r in rows], crs=CRS)


def streets_of(*rows):
    """Return streets from (street_id, geometry, columns)."""
    columns = [
        {"street_id": i, "length": g.length, "width": 10.0, "width_source": "class", "osm_ids": f"way/{n}", **more}
        for n, (i, g, more) in enumerate(rows, start=900)
    ]
    return tables.conform("streets", gpd.GeoDataFrame(columns, geometry=[g for _, g, _ in rows], crs=CRS))


def find(objects, streets=None, junctions=None, buildings=None, area=TOWN):
    empty = {name: tables.conform(name, [], crs=CRS) for name in ("streets", "junctions", "buildings")}
    places, kinds = find_places(
        objects,
        empty["streets"] if streets is None else streets,
        empty["junctions"] if junctions is None else junctions,
        empty["buildings"] if buildings is None else buildings,
        area=area,
    )
    tables.check(places, "places")
    tables.check(kinds, "place_kinds")
    assert set(kinds["place_id"]) == set(places["place_id"])
    return places, kinds


def of_kind(found, kind, *, sure=True):
    places, kinds = found
    chosen = kinds[(kinds["kind"] == kind) & (kinds["candidate"] != sure)]
    return places[places["place_id"].isin(chosen["place_id"])].reset_index(drop=True)


SCHOOL = {"amenity": "school", "name": "第三中学"}


def test_a_school_mapped_as_site_building_node_and_word_is_one_place():
    """Site polygon, a building=school, a named hall, a node and a building that carries only the name: one school."""
    found = find(
        objects_of(
            ("way/1", SCHOOL, box(0, 0, 100)),
            ("way/2", {"building": "school"}, box(10, 10, 20)),
            ("way/3", {"building": "school", "name": "逸夫楼"}, box(40, 10, 20)),
            ("way/4", {"building": "yes", "name": "第三中学"}, box(10, 60, 20)),
            ("node/5", SCHOOL, point(50, 50)),
        )
    )
    school = of_kind(found, "school_kindergarten")
    assert school["place_id"].tolist() == ["way/1"]
    assert school["osm_ids"].tolist() == ["way/1;node/5;way/2;way/3;way/4"]
    assert school["ground"].tolist() == [10_000.0]  # 100 m by 100 m


def test_a_kindergarten_inside_a_university_is_a_place_of_its_own():
    found = find(
        objects_of(
            ("way/1", {"amenity": "university", "name": "江南大学"}, box(0, 0, 500)),
            ("way/2", {"amenity": "university", "name": "设计学院"}, box(10, 10, 50)),
            ("node/3", {"amenity": "kindergarten", "name": "江大幼儿园"}, point(300, 300)),
        )
    )
    assert set(of_kind(found, "school_kindergarten")["place_id"]) == {"way/1", "node/3"}


def test_two_polygons_of_one_name_that_adjoin_are_one_place():
    """A lane of 10 m between the halves: within 15 m; a namesake 20 m away is another school."""
    found = find(
        objects_of(
            ("way/1", SCHOOL, box(0, 0, 50)), ("way/2", SCHOOL, box(60, 0, 100)), ("way/3", SCHOOL, box(180, 0, 50))
        )
    )
    school = of_kind(found, "school_kindergarten").set_index("place_id")
    assert school["ground"].to_dict() == {"way/2": 50 * 50 + 100 * 100, "way/3": 2500.0}
    assert school.loc["way/2", "osm_ids"] == "way/2;way/1"


def test_different_names_side_by_side_stay_apart():
    bank = {"amenity": "bank"}
    found = find(
        objects_of(
            ("node/1", {**bank, "name": "中国银行"}, point(0, 0)),
            ("node/2", {**bank, "name": "招商银行"}, point(5, 0)),
            ("node/3", {**bank, "name": "中国银行"}, point(5, 5)),
        )
    )
    assert of_kind(found, "financial_institution")["place_id"].tolist() == ["node/1", "node/2"]


def test_an_unnamed_building_takes_the_name_of_its_one_node():
    found = find(
        objects_of(
            ("way/1", {"building": "hotel"}, box(0, 0, 30)),
            ("node/2", {"tourism": "hotel", "name": "新安大酒店", "operator": "某集团"}, point(10, 10)),
        )
    )
    hotel = of_kind(found, "hotel_lodging")
    assert hotel[["place_id", "name", "operator"]].to_numpy().tolist() == [["way/1", "新安大酒店", "某集团"]]
    kinds = found[1].set_index("kind")
    assert kinds.loc["hotel_lodging", ["evidence", "confidence"]].tolist() == ["tourism=hotel; node/2", "high"]


def test_an_unnamed_building_with_two_hotels_gives_way_to_them():
    hotel = {"tourism": "hotel"}
    found = find(
        objects_of(
            ("way/1", {"building": "hotel"}, box(0, 0, 30)),
            ("node/2", {**hotel, "name": "如家"}, point(10, 10)),
            ("node/3", {**hotel, "name": "全季"}, point(20, 20)),
        )
    )
    assert of_kind(found, "hotel_lodging")["place_id"].tolist() == ["node/2", "node/3"]


def test_a_part_keeps_the_kinds_that_the_site_does_not_have():
    found = find(
        objects_of(
            ("way/1", {"tourism": "hotel", "name": "中央饭店"}, box(0, 0, 50)),
            ("node/2", {"tourism": "hotel", "amenity": "cinema", "name": "中央饭店"}, point(10, 10)),
        )
    )
    assert of_kind(found, "hotel_lodging")["place_id"].tolist() == ["way/1"]
    assert of_kind(found, "cinema_theatre")["place_id"].tolist() == ["node/2"]


def test_scattered_unnamed_school_buildings_are_one_site():
    """Gaps of 30 m chain them; the one that lies 100 m off is another."""
    blocks = [("way/1", 0), ("way/2", 50), ("way/3", 100), ("way/4", 220)]
    found = find(objects_of(*((i, {"building": "school"}, box(x, 0, 20)) for i, x in blocks)))
    assert sorted(of_kind(found, "school_kindergarten")["ground"]) == [400.0, 1200.0]


@pytest.mark.parametrize(("names", "expected"), [(["人民中学"], 1), (["人民中学", "第五中学"], 3)])
def test_unnamed_school_buildings_take_the_name_of_the_one_point_beside_them(names, expected):
    """The points stand 10 m from the building. Where two names claim it, it stays a site without a name."""
    points = [
        (f"node/{i}", {"amenity": "school", "name": n}, point(30 + 10, 5 * i)) for i, n in enumerate(names, start=2)
    ]
    school = of_kind(find(objects_of(("way/1", {"building": "school"}, box(0, 0, 30)), *points)), "school_kindergarten")
    assert len(school) == expected
    assert school["name"].fillna("").tolist() == (["人民中学"] if expected == 1 else ["", *names])
    assert school["ground"].tolist()[0] == 900.0  # 30 m by 30 m


def test_a_name_with_and_without_accents_is_one_name():
    organ = {"office": "government"}
    found = find(
        objects_of(
            ("way/1", {**organ, "name": "Ministère d'État"}, box(0, 0, 30)),
            ("node/2", {**organ, "name": "Ministere d'Etat"}, point(10, 10)),
        )
    )
    assert of_kind(found, "state_organ")["place_id"].tolist() == ["way/1"]


def test_the_pontoons_of_one_marina_are_one_wharf():
    """Pontoons 40 m apart; the next basin lies 150 m away."""
    pontoon = {"man_made": "pier", "mooring": "yes"}
    rows = [(f"way/{i}", pontoon, box(x, 0, 10, 50)) for i, x in enumerate((0, 50, 100, 260), start=1)]
    wharf = of_kind(find(objects_of(*rows)), "wharf_pier")
    assert wharf["osm_ids"].tolist() == ["way/1;way/2;way/3", "way/4"]


def test_the_post_of_a_stop_and_its_platform_are_one_and_the_other_side_another():
    post = {"highway": "bus_stop", "name": "新街口东"}
    found = find(
        objects_of(
            ("way/1", {"public_transport": "platform", "name": "新街口东"}, box(0, 0, 20, 3)),
            ("node/2", post, point(10, 5)),
            ("node/3", post, point(10, 25)),
        )
    )
    assert of_kind(found, "public_transport_facility_other")["osm_ids"].tolist() == ["way/1;node/2", "node/3"]


def test_the_tanks_of_a_depot_are_counted_without_its_water_tank():
    tank = {"man_made": "storage_tank"}
    found = find(
        objects_of(
            ("way/1", {"landuse": "industrial", "industrial": "oil", "name": "港北油库"}, box(0, 0, 100)),
            ("way/2", {**tank, "content": "oil"}, box(10, 10, 10)),
            ("way/3", {**tank, "content": "oil"}, box(40, 10, 10)),
            ("way/4", tank, box(70, 10, 10)),
            ("way/5", {**tank, "content": "water"}, box(10, 70, 10)),
            ("way/6", {"amenity": "school"}, box(300, 0, 100)),
        )
    )
    places = found[0].set_index("place_id")
    assert places.loc["way/1", "tanks"] == 3.0
    assert pd.isna(places.loc["way/6", "tanks"])


def test_the_halls_of_a_party_school_do_not_make_it_a_school_for_pupils():
    found = find(
        objects_of(
            ("way/1", {"amenity": "school", "name": "秦淮区委党校"}, box(0, 0, 60)),
            ("way/2", {"building": "school"}, box(10, 10, 20)),
        )
    )
    assert of_kind(found, "education_institution")["place_id"].tolist() == ["way/1"]
    assert of_kind(found, "school_kindergarten", sure=False)["place_id"].tolist() == ["way/1"]


def test_objects_outside_the_area_make_no_place_and_those_on_its_edge_stay_whole():
    found = find(
        objects_of(("way/1", SCHOOL, box(1950, 0, 100)), ("way/2", {**SCHOOL, "name": "远"}, box(2100, 0, 100)))
    )
    assert of_kind(found, "school_kindergarten")[["place_id", "ground"]].to_numpy().tolist() == [["way/1", 10_000.0]]


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(5)))
def test_the_order_of_objects_does_not_change_the_places(order):
    rows = [
        ("way/1", SCHOOL, box(0, 0, 100)),
        ("way/2", {"building": "school"}, box(10, 10, 20)),
        ("way/3", SCHOOL, box(105, 0, 100, 50)),
        ("node/4", {"amenity": "bank", "name": "中国银行"}, point(300, 0)),
        ("way/5", {"building": "yes", "name": "中国银行"}, box(290, -10, 20)),
    ]
    places, kinds = find(objects_of(*(rows[i] for i in order)))
    assert set(places["place_id"]) == {"way/1", "way/5"}
    assert len(kinds) == 3


def test_floor_area_is_footprint_times_storeys_and_null_when_one_is_unknown():
    """Two blocks of 20 m by 20 m: 5 and 3 storeys give 400·5 + 400·3 = 3 200 m²; unknown counts as one in the bound."""
    mall = objects_of(("way/1", {"shop": "mall", "name": "万达"}, box(0, 0, 100)))
    blocks = [box(10, 10, 20), box(50, 10, 20)]
    for second, full, least in ((3.0, 3200.0, 3200.0), (None, None, 2400.0)):
        homes = tables.conform(
            "buildings",
            gpd.GeoDataFrame({"building_id": ["b1", "b2"], "levels": [5.0, second]}, geometry=blocks, crs=CRS),
        )
        place = of_kind(find(mall, buildings=homes), "commercial_centre").iloc[0]
        assert place["gfa_low"] == least
        assert pd.isna(place["gfa"]) if full is None else place["gfa"] == full


def test_facts_of_tags_are_read_with_their_units():
    facts = read_facts(
        [
            {"amenity": "parking", "capacity": "350", "access": "yes", "fee": "yes"},
            {"amenity": "theatre", "capacity": "1 200", "operator:type": "public"},
            {"power": "substation", "voltage": "220000;110000"},
            {"power": "plant", "plant:output:electricity": "yes"},
            {"military": "barracks", "start_date": "1998"},
        ]
    )
    assert facts["spaces"].tolist()[0] == 350.0
    assert pd.isna(facts["capacity"][1]), "a number that cannot be read stays unknown"
    assert facts["voltage_kv"].tolist()[2] == 220.0
    assert pd.isna(facts["output_mw"][3])
    assert facts["secret"].tolist() == [False, False, False, False, True]


# --- derived -------------------------------------------------------------------------------------------------------

HOMES = tables.conform(  # 40 blocks of 30 m by 30 m in a square of 500 m: 14 % of the ground, so built up
    "buildings",
    gpd.GeoDataFrame(
        {"building_id": [f"b{i}" for i in range(64)]},
        geometry=[box(x * 60, y * 60, 30) for x in range(8) for y in range(8)],
        crs=CRS,
    ),
)


def test_streets_are_urban_in_town_and_highways_in_the_country():
    streets = streets_of(
        ("S1", line((0, 250), (500, 250)), {"road_class": "primary", "name": "人民路"}),
        ("S2", line((-1900, 250), (-1500, 250)), {"road_class": "primary", "ref": "G312"}),
        ("S3", line((0, -1800), (500, -1800)), {"road_class": "motorway"}),
        ("S4", line((0, 55), (400, 55)), {"road_class": "service"}),
        ("S5", line((0, 100), (400, 100)), {"road_class": "residential"}),
    )
    found = find(objects_of(("node/1", {"place": "hamlet"}, point(0, 0))), streets, buildings=HOMES)
    assert of_kind(found, "urban_road")["place_id"].tolist() == ["S1", "S5"]
    assert of_kind(found, "expressway")["place_id"].tolist() == ["S3"]
    assert set(of_kind(found, "main_highway")["place_id"]) == {"S2", "S3"}
    row = of_kind(found, "urban_road").iloc[0]
    assert (row["road_class"], row["length"], bool(row["built_up"])) == ("primary", 500.0, True)


def test_a_lane_inside_a_compound_is_no_urban_road_but_a_main_road_through_it_is():
    compound = objects_of(("way/1", {"landuse": "residential", "name": "春江花园"}, box(100, 100, 200)))
    streets = streets_of(
        ("lane", line((150, 110), (150, 290)), {"road_class": "residential"}),
        ("road", line((250, 110), (250, 290)), {"road_class": "secondary"}),
        ("along", line((0, 90), (400, 90)), {"road_class": "residential"}),
        ("private", line((0, 50), (400, 50)), {"road_class": "residential", "access": "private"}),
    )
    found = find(compound, streets, buildings=HOMES)
    assert of_kind(found, "urban_road")["place_id"].tolist() == ["road", "along"]


def test_town_roads_need_a_town_and_a_street_office_is_none():
    streets = streets_of(("S1", line((0, 250), (500, 250)), {"road_class": "secondary"}))
    for name, found_it in (("新安镇", ["S1"]), ("新安街道", [])):
        found = find(objects_of(("node/1", {"place": "town", "name": name}, point(100, 100))), streets, buildings=HOMES)
        assert of_kind(found, "township_main_road")["place_id"].tolist() == found_it
        assert of_kind(found, "central_town_road", sure=False)["place_id"].tolist() == found_it


def test_a_road_nearer_to_the_citys_seat_or_outside_a_towns_outline_is_no_town_road():
    streets = streets_of(
        ("S1", line((0, 100), (100, 100)), {"road_class": "secondary"}),
        ("S2", line((400, 100), (500, 100)), {"road_class": "secondary"}),
    )
    city = ("node/1", {"place": "city", "name": "无锡市"}, point(500, 100))
    for town in (
        ("node/2", {"place": "town", "name": "新安镇"}, point(0, 100)),
        ("way/3", {"place": "town"}, box(-50, 50, 200)),
    ):
        found = find(objects_of(city, town), streets, buildings=HOMES)
        assert of_kind(found, "township_main_road")["place_id"].tolist() == ["S1"]


def test_a_bridge_over_two_carriageways_is_one_and_measured_once():
    """Two parallel ways of 120 m, 12 m apart, one of them in two sections: one bridge, 120 m long, not 240."""
    on = {"road_class": "primary", "name": "运河大桥", "bridge": True}
    streets = streets_of(
        ("S1", line((0, 0), (120, 0)), on),
        ("S2", line((0, 12), (50, 12)), on),
        ("S3", line((50, 12), (120, 12)), on),
        ("S4", line((300, 0), (340, 0)), {**on, "name": "另一座桥"}),
        ("S5", line((0, 60), (90, 60)), {**on, "road_class": "service", "name": None}),
    )
    bridges = of_kind(find(objects_of(("node/1", {"place": "hamlet"}, point(0, 0))), streets), "bridge")
    assert bridges.set_index("name")["length"].to_dict() == pytest.approx({"运河大桥": 120.0, "另一座桥": 40.0})
    assert bridges.set_index("name").loc["运河大桥", "osm_ids"] == "way/900;way/901;way/902"


def test_an_unnamed_stub_belongs_to_the_one_bridge_that_it_continues():
    """The stub of 10 m carries on the bridge of 120 m; a ramp, a stub of another class and one between two do not."""
    on = {"road_class": "primary", "bridge": True}
    streets = streets_of(
        ("S1", line((0, 0), (120, 0)), {**on, "name": "运河大桥"}),
        ("S2", line((120, 0), (130, 0)), on),
        ("S3", line((0, 0), (-20, 40)), {**on, "link": True}),
        ("S4", line((0, 0), (-20, -40)), {**on, "road_class": "tertiary"}),
        ("S5", line((0, 200), (50, 200)), {**on, "name": "东桥"}),
        ("S6", line((50, 200), (80, 200)), on),
        ("S7", line((80, 200), (130, 200)), {**on, "name": "西桥"}),
    )
    bridges = of_kind(find(objects_of(("node/1", {"place": "hamlet"}, point(0, 0))), streets), "bridge")
    found = bridges.assign(length=bridges["length"].round()).set_index("osm_ids")["length"].to_dict()
    assert found.pop("way/900;way/901") == 130.0
    assert set(found) == {"way/902", "way/903", "way/904", "way/905", "way/906"}


def test_ways_that_bear_the_name_of_one_tunnel_are_one():
    """The ramp has no street name, but the tunnel's own; the mapped names settle it."""
    below = {"road_class": "primary", "tunnel": True}
    streets = streets_of(
        ("S1", line((0, 0), (300, 0)), {**below, "name": "滨江大道", "osm_ids": "way/1"}),
        ("S2", line((100, 10), (180, 10)), {**below, "link": True, "osm_ids": "way/2"}),
        ("S3", line((0, 500), (300, 500)), {**below, "osm_ids": "way/3"}),
    )
    tags = {"highway": "primary", "tunnel": "yes", "tunnel:name": "滨江隧道"}
    objects = objects_of(*[(f"way/{i}", tags, line((0, 0), (1, 0))) for i in (1, 2, 3)])
    tunnels = of_kind(find(objects, streets), "tunnel")
    assert sorted(tunnels["osm_ids"]) == ["way/1;way/2", "way/3"]
    assert set(tunnels["name"]) == {"滨江隧道"}


def test_the_id_of_a_bridge_does_not_hang_on_osm_ids():
    on = {"road_class": "primary", "name": "运河大桥", "bridge": True}
    hamlet = objects_of(("node/1", {"place": "hamlet"}, point(0, 0)))
    first = of_kind(find(hamlet, streets_of(("S1", line((0, 0), (120, 0)), on))), "bridge")
    second = of_kind(find(hamlet, streets_of(("S9", line((0, 0), (120, 0)), {**on, "osm_ids": "way/5"}))), "bridge")
    assert first["place_id"].tolist() == second["place_id"].tolist()


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 5), st.floats(30, 2000), st.floats(0, 360))
def test_a_strip_is_as_long_as_one_of_its_ways(ways, length, turn):
    """Property: neither the number of parallel ways nor the direction changes the length."""
    lines = [shapely.LineString([(0, 8 * i), (length, 8 * i)]) for i in range(ways)]
    lines = [shapely.affinity.rotate(one, turn, origin=(0, 0)) for one in lines]
    wide = 8 * (ways - 1) + 32
    if length > wide:  # the longer side of the rectangle is taken
        assert measure_strip(np.array(lines, dtype=object)) == pytest.approx(length, rel=1e-6)


def test_tunnels_leave_out_garage_ramps_and_passages_through_buildings():
    below = {"road_class": "secondary", "tunnel": True}
    streets = streets_of(
        ("S1", line((0, 0), (700, 0)), {**below, "name": "惠山隧道"}),
        ("S2", line((0, 90), (60, 90)), {**below, "road_class": "service"}),
        ("S3", line((0, 190), (60, 190)), {**below, "road_class": "residential", "osm_ids": "way/77"}),
        ("S4", line((0, 390), (90, 390)), {**below, "name": "学府路下穿"}),
    )
    passage = objects_of(
        ("way/77", {"highway": "residential", "tunnel": "building_passage"}, line((0, 190), (60, 190)))
    )
    found = find(passage, streets)
    tunnels = of_kind(found, "tunnel")
    assert set(tunnels["name"]) == {"惠山隧道", "学府路下穿"}
    assert tunnels["underground"].all()
    assert of_kind(found, "underground_passage", sure=False)["name"].tolist() == ["学府路下穿"]


def test_foot_crossings_cross_a_street_and_are_neither_zebras_nor_pavements():
    foot = {"highway": "footway"}
    streets = streets_of(
        ("S1", line((-500, 0), (500, 0)), {"road_class": "primary"}),
        ("S2", line((300, -100), (300, 100)), {"road_class": "primary", "bridge": True}),
    )
    found = find(
        objects_of(
            ("way/1", {**foot, "bridge": "yes", "name": "人民路天桥"}, line((0, -30), (0, 30))),
            ("way/2", {"highway": "steps", "bridge": "yes"}, line((0, 30), (10, 30))),
            ("way/3", {**foot, "tunnel": "yes"}, line((100, -20), (100, 20))),
            ("way/4", {**foot, "footway": "crossing"}, line((150, -20), (150, 20))),
            ("way/5", {**foot, "bridge": "yes"}, line((305, -100), (305, 100))),  # pavement of the road's own bridge
            ("way/6", {**foot, "bridge": "yes"}, line((0, 200), (50, 200))),  # over a pond in a park
            ("way/7", {**foot, "tunnel": "building_passage"}, line((-100, -20), (-100, 20))),
        ),
        streets,
    )
    over = of_kind(found, "pedestrian_crossing_facility")
    assert over["osm_ids"].tolist() == ["way/1;way/2", "way/3"]
    assert of_kind(found, "pedestrian_underpass")["osm_ids"].tolist() == ["way/3"]
    assert of_kind(found, "underground_passage")["length"].tolist() == [40.0]


def test_a_metro_line_is_one_place_cut_at_the_area_and_its_station_is_no_railway_station():
    metro = {"railway": "subway", "name": "无锡地铁1号线", "tunnel": "yes"}
    found = find(
        objects_of(
            ("way/1", metro, line((-5000, 0), (0, 0))),
            ("way/2", {**metro, "name": "无锡地铁1号线(江南大学方向)"}, line((0, 0), (5000, 0))),
            ("way/3", metro, line((-5000, 10), (5000, 10))),
            ("way/4", {**metro, "name": "渡线"}, line((0, 0), (50, 10))),
            ("way/5", {**metro, "service": "yard"}, line((0, 500), (50, 500))),
            ("node/6", {"railway": "station", "station": "subway", "name": "三阳广场"}, point(0, 0)),
            ("way/7", {"railway": "station", "station": "subway", "name": "三阳广场站"}, box(50, 50, 60)),
            ("relation/8", {"type": "route", "route": "subway", "name": "无锡地铁1号线"}, line((-5000, 0), (5000, 0))),
        )
    )
    lines = of_kind(found, "rail_transit_line")
    assert lines[["name", "underground"]].to_numpy().tolist() == [["无锡地铁1号线", True]]
    assert lines["length"].tolist() == pytest.approx([4000.0])  # the town is 4 km wide, the two tracks count once
    assert of_kind(found, "rail_transit_station")["place_id"].tolist() == ["way/7"]
    assert of_kind(found, "passenger_station").empty


def test_junctions_keep_what_the_law_asks_and_crossings_of_service_ways_are_none():
    rows = [
        {"junction_id": "J1", "legs": 4, "signals": True, "road_class": "primary", "second_class": "tertiary"},
        {"junction_id": "J2", "legs": 3, "road_class": "service"},
    ]
    junctions = tables.conform("junctions", gpd.GeoDataFrame(rows, geometry=[point(0, 0), point(9, 9)], crs=CRS))
    found = find(objects_of(("node/1", {"place": "hamlet"}, point(0, 0))), junctions=junctions)
    place = of_kind(found, "road_junction")
    assert place[["place_id", "legs", "signals", "second_class"]].to_numpy().tolist() == [["J1", 4, True, "tertiary"]]
    assert found[1]["evidence"].tolist() == ["4 legs, primary × tertiary, signals"]


def test_the_booths_of_one_toll_plaza_are_one_gateway_and_those_of_a_car_park_none():
    streets = streets_of(("S1", line((-500, 0), (500, 0)), {"road_class": "motorway"}))
    booths = [("node/1", point(0, 5)), ("node/2", point(0, 15)), ("node/3", point(30, -10)), ("node/4", point(0, 900))]
    found = find(objects_of(*((i, {"barrier": "toll_booth"}, at) for i, at in booths)), streets)
    gate = of_kind(found, "city_gateway", sure=False)
    assert gate["osm_ids"].tolist() == ["node/1;node/2;node/3"]


@pytest.mark.parametrize(("end", "gateways"), [(1800, 0), (6000, 1)])
def test_a_main_road_makes_a_gateway_where_it_leaves_the_town_not_where_it_passes_a_field_inside(end, gateways):
    """A town of 10 by 10 cells (2.5 km) with a field of 3 by 3 in its middle; the area reaches 4 km beyond."""
    cells = np.ones((10, 10), dtype=bool)
    cells[4:7, 4:7] = False
    built = BuiltUp(float(X), float(Y), cells)
    road = streets_of(("S1", line((1250, 100), (1250, end)), {"road_class": "trunk", "name": "人民大道"}))
    found = _gateways(objects_of(), road, built, box(-4000, -4000, 12_000))
    assert len(found.kinds) == gateways


def test_a_pedestrian_street_in_a_park_is_none_and_one_called_so_is_commercial():
    streets = streets_of(
        ("S1", line((0, 0), (200, 0)), {"road_class": "pedestrian", "name": "南禅寺步行街"}),
        ("S2", line((510, 510), (590, 590)), {"road_class": "pedestrian", "name": "樱花大道"}),
        ("S3", line((0, 50), (200, 50)), {"road_class": "residential", "name": "南市商业街"}),
    )
    found = find(objects_of(("way/1", {"leisure": "park", "name": "锡惠公园"}, box(500, 500, 100))), streets)
    assert of_kind(found, "pedestrian_street")["place_id"].tolist() == ["S1"]
    assert of_kind(found, "commercial_street")["place_id"].tolist() == ["S1", "S3"]


def test_the_lines_over_a_square_and_the_joints_of_paving_are_no_pedestrian_streets():
    walk = {"road_class": "pedestrian"}
    streets = streets_of(
        ("over", line((10, 50), (90, 50)), {**walk, "name": "市民广场"}),
        ("joint", line((300, 0), (320, 0)), walk),
        ("lane", line((300, 50), (340, 50)), walk),
        ("short", line((300, 90), (320, 90)), {**walk, "name": "正洪街"}),
    )
    square = objects_of(("way/1", {"place": "square", "name": "市民广场"}, box(0, 0, 100)))
    found = find(square, streets)
    assert of_kind(found, "pedestrian_street")["place_id"].tolist() == ["short"]
    assert of_kind(found, "pedestrian_street", sure=False)["place_id"].tolist() == ["lane"]


def test_an_empty_city_has_no_places():
    places, kinds = find(objects_of())
    assert len(places) == len(kinds) == 0
