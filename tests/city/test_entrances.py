"""Gates and doors: whose they are, and which way they face, checked by pencil."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citycover import geo, tables
from citycover.city.entrances import find_entrances, outward

X, Y = 500_000, 3_500_000  # on the middle meridian of the zone: grid north is true north, to 0.001° within 100 m
CRS = 32650


def box(x, y, wide, tall=None):
    return shapely.box(X + x, Y + y, X + x + wide, Y + y + (tall or wide))


def point(x, y):
    return shapely.Point(X + x, Y + y)


def line(*positions):
    return shapely.LineString([(X + x, Y + y) for x, y in positions])


def frame(name, rows, crs=CRS):
    """Return a declared table from (columns, geometry)."""
    if not rows:
        return tables.conform(name, [], crs=crs)
    return tables.conform(name, gpd.GeoDataFrame([r for r, _ in rows], geometry=[g for _, g in rows], crs=crs))


def find(objects=(), places=(), streets=(), barriers=(), crs=CRS):
    """Return entrances; objects are (id, tags, geometry), places (id, kinds, name, geometry)."""
    raw = gpd.GeoDataFrame(
        {"osm_id": [o[0] for o in objects], "tags": [dict(o[1]) for o in objects]},
        geometry=[o[2] for o in objects],
        crs=crs,
    )
    kinds = [
        {"place_id": p[0], "kind": k, "evidence": "x", "confidence": "high"} for p in places for k in p[1].split(",")
    ]
    found = find_entrances(
        raw,
        frame("streets", [({"street_id": f"S{i}", "road_class": "primary"}, g) for i, g in enumerate(streets)], crs),
        frame("places", [({"place_id": p[0], "name": p[2]}, p[3]) for p in places], crs),
        tables.conform("place_kinds", kinds),
        frame("barriers", [({"barrier_id": f"w{i}"}, g) for i, g in enumerate(barriers)], crs),
    )
    tables.check(found, "entrances")
    return found


SCHOOL = ("way/1", "school_kindergarten", "第三中学", box(0, 0, 100))


def test_gates_on_the_four_sides_face_outward():
    """North side 0°, east 90°, south 180°, west 270°."""
    sides = {"n": (50, 100, 0.0), "e": (100, 50, 90.0), "s": (50, 0, 180.0), "w": (0, 50, 270.0)}
    gates = [(f"node/{k}", {"barrier": "gate"}, point(x, y)) for k, (x, y, _) in sides.items()]
    found = find(gates, [SCHOOL])
    assert found["place_id"].tolist() == ["way/1"] * 4
    assert found["facing"].tolist() == pytest.approx([a for _, _, a in sides.values()], abs=0.01)


def test_facing_is_from_true_north_not_grid_north():
    """At 118.78° E, 32.04° N grid north lies 0.94° clockwise of true north, so a gate on the north side faces 0.94°."""
    crs = geo.metric_crs(118.78, 32.04)
    x, y = (float(v[0]) for v in geo.to_metric([118.78], [32.04], crs))
    place = ("way/1", "school_kindergarten", "校", shapely.box(x - 50, y - 100, x + 50, y))
    found = find([("node/1", {"barrier": "gate"}, shapely.Point(x, y))], [place], crs=crs)
    assert found["facing"].tolist() == pytest.approx([0.94], abs=0.01)


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 359), st.sampled_from([(50, 100, 0.0), (100, 40, 90.0), (20, 0, 180.0), (0, 70, 270.0)]))
def test_turning_the_site_turns_its_gate(turn, side):
    """Property: rotating site and gate by an angle adds the angle to the facing."""
    x, y, facing = side
    rotated = [
        shapely.affinity.rotate(g, -turn, origin=(0, 0)) for g in (shapely.box(0, 0, 100, 100), shapely.Point(x, y))
    ]
    angle = outward(np.array([rotated[0]]), np.array([rotated[1]]))[0]
    assert (angle - facing - turn + 180) % 360 == pytest.approx(180, abs=1e-3)


def test_a_gate_without_a_compound_belongs_to_no_place():
    found = find([("node/1", {"barrier": "gate", "name": "小区大门"}, point(500, 500))], [SCHOOL])
    gate = found[found["source"] == "mapped"].iloc[0]
    assert pd.isna(gate["place_id"])
    assert pd.isna(gate["facing"])
    assert gate["name"] == "小区大门"


def test_a_gate_on_a_wall_may_stand_further_from_the_boundary_as_drawn():
    gate = [("node/1", {"barrier": "gate"}, point(50, 110))]
    assert find(gate, [SCHOOL])["place_id"].isna().tolist()[0]
    assert find(gate, [SCHOOL], barriers=[line((0, 110), (100, 110))])["place_id"].tolist()[0] == "way/1"


def test_a_gate_on_two_boundaries_is_the_smaller_sites():
    small = ("way/2", "hospital", "校医院", box(0, 0, 30))
    assert find([("node/1", {"barrier": "gate"}, point(0, 15))], [SCHOOL, small])["place_id"].tolist()[0] == "way/2"


def test_a_door_deep_inside_is_the_sites_only_where_it_is_no_compound():
    door = [("node/1", {"entrance": "main"}, point(50, 50))]
    mall = ("way/2", "commercial_centre", "万达", box(0, 0, 100))
    assert find(door, [mall])["place_id"].tolist()[0] == "way/2"
    mapped = find(door, [SCHOOL])
    assert mapped.loc[mapped["source"] == "mapped", "place_id"].isna().all()


def test_a_metro_mouth_belongs_to_the_station_whose_name_it_bears():
    stations = [
        ("way/1", "rail_transit_station", "新街口", box(0, 0, 60)),
        ("way/2", "rail_transit_station", "大行宫", box(600, 0, 60)),
    ]
    mouths = [
        ("node/1", {"railway": "subway_entrance", "name": "新街口#8"}, point(400, 0)),
        ("node/2", {"railway": "subway_entrance"}, point(500, 0)),
        ("node/3", {"railway": "subway_entrance"}, point(5000, 0)),
    ]
    found = find(mouths, stations, streets=[line((0, -50), (900, -50))])
    assert found["place_id"].fillna("-").tolist() == ["way/1", "way/2", "-"]
    assert set(found["entrance"]) == {"station"}


def test_a_path_through_the_boundary_makes_a_gate_that_is_marked_derived():
    """A lane enters from the south at x = 40 and ends inside; another runs along the west side and never enters."""
    lane = ("way/8", {"highway": "service"}, line((40, -50), (40, 50)))
    along = ("way/9", {"highway": "footway"}, line((-3, -50), (-3, 150)))
    found = find([lane, along], [SCHOOL])
    assert found[["place_id", "entrance", "source"]].to_numpy().tolist() == [["way/1", "crossing", "derived"]]
    assert found.geometry.iloc[0].equals(point(40, 0))
    assert found["facing"].tolist() == pytest.approx([180.0], abs=0.01)


def test_a_mapped_gate_stands_for_the_crossing_and_two_lanes_side_by_side_are_one_gate():
    lanes = [(f"way/{i}", {"highway": "service"}, line((40 + 6 * i, -50), (40 + 6 * i, 50))) for i in range(2)]
    assert len(find(lanes, [SCHOOL])) == 1
    found = find([*lanes, ("node/5", {"barrier": "lift_gate"}, point(43, 1))], [SCHOOL])
    assert found["source"].tolist() == ["mapped"]


def test_main_roads_bridges_and_tunnels_make_no_gate():
    ways = [
        ("way/7", {"highway": "primary"}, line((10, -50), (10, 50))),
        ("way/8", {"highway": "footway", "bridge": "yes"}, line((40, -50), (40, 50))),
        ("way/9", {"highway": "service", "tunnel": "yes"}, line((70, -50), (70, 50))),
    ]
    assert find(ways, [SCHOOL]).empty


def test_premises_without_any_door_get_one_towards_the_nearest_street():
    """Bank node 20 m north of a street, in a building whose south wall is 10 m from it: the door is in that wall."""
    bank = ("node/1", "financial_institution", "中国银行", point(50, 20))
    house = ("way/2", {"building": "yes"}, box(30, 10, 40, 30))
    street = line((0, 0), (100, 0))
    inside = find([house], [bank], [street])
    assert inside[["place_id", "entrance", "source"]].to_numpy().tolist() == [["node/1", "assumed", "derived"]]
    assert inside.geometry.iloc[0].y - Y == pytest.approx(10.0)
    assert inside["facing"].tolist() == pytest.approx([180.0], abs=0.01)
    alone = find([], [bank], [street])
    assert alone.geometry.iloc[0].equals(point(50, 20))
    assert alone["facing"].tolist() == pytest.approx([180.0], abs=0.01)
    assert find([], [bank], [line((0, -500), (100, -500))]).empty, "no street within 100 m: nothing is made up"


def test_streets_squares_and_waters_have_no_doors():
    places = [
        ("S1", "urban_road", "人民路", line((0, 0), (100, 0))),
        ("way/2", "square", "市民广场", box(0, 10, 50)),
        ("way/3", "reservoir", "水库", box(0, 100, 50)),
        ("node/4", "public_transport_facility_other", "某站", point(0, 5)),
    ]
    assert find([("way/9", {"highway": "footway"}, line((25, -50), (25, 500)))], places, [line((0, 0), (100, 0))]).empty


def test_ids_of_derived_gates_hang_on_place_and_position_only():
    lane = line((40, -50), (40, 50))
    first = find([("way/8", {"highway": "service"}, lane)], [SCHOOL])
    second = find([("way/9", {"highway": "footway"}, shapely.reverse(lane))], [SCHOOL])
    assert first["entrance_id"].tolist() == second["entrance_id"].tolist()


def test_no_objects_and_no_places_give_an_empty_table():
    assert find().empty
