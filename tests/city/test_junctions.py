"""Junctions of hand-drawn crossings whose legs can be counted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citycover import tables
from citycover.city.junctions import consolidate_junctions, count_directions
from citycover.city.osm import read_raw
from citycover.city.streets import cut_streets
from osm_drawing import draw, metric, write


def junctions_of(folder, nodes, ways, **more):
    raw = read_raw(write(folder, draw(nodes, ways, **more)))
    return consolidate_junctions(cut_streets(raw), raw)


def two_way(name, klass="residential", **more):
    return {"highway": klass, "name": name, **more}


def one_way(name, klass="primary", **more):
    return {"highway": klass, "name": name, "oneway": "yes", **more}


CROSS = {1: (-200, 0), 2: (0, 0), 3: (200, 0), 4: (0, 200), 5: (0, -200)}


def test_two_crossing_streets_are_one_junction_of_four_legs(tmp_path):
    ways = [(1, [1, 2, 3], two_way("East", "secondary")), (2, [4, 2, 5], two_way("North", "tertiary"))]
    found = junctions_of(tmp_path, CROSS, ways)
    assert found[["legs", "road_class", "second_class", "name", "osm_ids"]].values.tolist() == [
        [4, "secondary", "tertiary", "East–North", "node/2"]
    ]
    assert not found["signals"].any()
    # half of the 14 m of a secondary road is less than the least radius
    assert found["radius"].tolist() == [20.0]
    assert found.geometry[0].coords[0] == pytest.approx(metric(0, 0), abs=0.02)
    tables.check(found, "junctions")


def test_a_street_that_ends_on_another_makes_three_legs(tmp_path):
    ways = [(1, [1, 2, 3], two_way("East")), (2, [4, 2], two_way("North"))]
    assert junctions_of(tmp_path, CROSS, ways)["legs"].tolist() == [3]


def test_a_bridge_over_a_street_is_no_junction(tmp_path):
    nodes = {**CROSS, 6: (5, 0)}
    ways = [(1, [1, 2, 3], two_way("East")), (2, [4, 6, 5], two_way("High", bridge="yes", layer="1"))]
    assert junctions_of(tmp_path, nodes, ways).empty


def test_a_change_of_name_or_lanes_is_no_junction(tmp_path):
    ways = [(1, [1, 2], two_way("East")), (2, [2, 3], two_way("East Two", lanes="4"))]
    assert junctions_of(tmp_path, CROSS, ways).empty


def dual_crossing(gap=30.0):
    """Two dual carriageways, ``gap`` apart, that cross in four nodes 1 to 4.

    Traffic keeps right: the southern carriageway of East runs east, the eastern one of North runs north.
    """
    g = gap / 2
    nodes = {1: (-g, -g), 2: (g, -g), 3: (g, g), 4: (-g, g)}
    nodes |= {11: (-300, -g), 12: (300, -g), 13: (300, g), 14: (-300, g)}
    nodes |= {21: (g, -300), 22: (g, 300), 23: (-g, 300), 24: (-g, -300)}
    ways = [
        (1, [11, 1, 2, 12], one_way("East")),
        (2, [13, 3, 4, 14], one_way("East")),
        (3, [21, 2, 3, 22], one_way("North", "secondary")),
        (4, [23, 4, 1, 24], one_way("North", "secondary")),
    ]
    return nodes, ways


@pytest.mark.parametrize("gap", [12.0, 30.0, 55.0])
def test_two_dual_carriageways_are_one_junction_of_four_legs(tmp_path, gap):
    found = junctions_of(tmp_path, *dual_crossing(gap))
    assert found[["legs", "road_class", "second_class", "name"]].values.tolist() == [
        [4, "primary", "secondary", "East–North"]
    ]
    # the nodes lie gap / √2 from the centre, the primary half is 10.5 m wide
    assert found["radius"][0] == pytest.approx(max(20.0, gap / np.sqrt(2) + 5.25), abs=0.05)
    assert found.geometry[0].coords[0] == pytest.approx(metric(0, 0), abs=0.05)


def test_unnamed_dual_carriageways_are_joined_by_their_directions(tmp_path):
    nodes, ways = dual_crossing()
    bare = [(w, refs, {k: v for k, v in tags.items() if k != "name"}) for w, refs, tags in ways]
    assert junctions_of(tmp_path, nodes, bare)["legs"].tolist() == [4]


def test_the_streets_of_a_tight_grid_stay_separate_junctions(tmp_path):
    # two unnamed and two named crossings 50 m apart on one two-way street
    nodes = {1: (-200, 0), 2: (0, 0), 3: (50, 0), 4: (250, 0), 5: (0, 90), 6: (0, -90), 7: (50, 90), 8: (50, -90)}
    ways = [(1, [1, 2, 3, 4], two_way("East")), (2, [5, 2, 6], two_way("A")), (3, [7, 3, 8], two_way("B"))]
    assert junctions_of(tmp_path, nodes, ways)["legs"].tolist() == [4, 4]


def test_a_carriageway_that_divides_is_no_junction(tmp_path):
    nodes = {1: (0, 0), 2: (100, 0), 3: (300, 10), 4: (300, -10)}
    ways = [(1, [1, 2], two_way("East", "primary")), (2, [2, 4], one_way("East")), (3, [3, 2], one_way("East"))]
    assert junctions_of(tmp_path, nodes, ways).empty


def test_a_place_to_turn_between_carriageways_is_no_junction(tmp_path):
    nodes = {1: (-200, 0), 2: (0, 0), 3: (200, 0), 4: (200, 20), 5: (0, 20), 6: (-200, 20)}
    ways = [(1, [1, 2, 3], one_way("East")), (2, [4, 5, 6], one_way("East")), (3, [2, 5], {"highway": "primary_link"})]
    assert junctions_of(tmp_path, nodes, ways).empty


def test_a_slip_road_belongs_to_the_crossing(tmp_path):
    nodes = {**CROSS, 6: (-40, 0), 7: (0, -40)}
    ways = [
        (1, [1, 6, 2, 3], two_way("East", "primary")),
        (2, [4, 2, 7, 5], two_way("North", "secondary")),
        (3, [6, 7], {"highway": "primary_link", "oneway": "yes"}),
    ]
    found = junctions_of(tmp_path, nodes, ways)
    assert found[["legs", "second_class"]].values.tolist() == [[4, "secondary"]]
    assert found["osm_ids"].tolist() == ["node/2;node/6;node/7"]


def test_slip_roads_move_no_centre_and_raise_no_class(tmp_path):
    nodes = {**CROSS, 6: (-40, 0), 7: (0, -40)}
    ways = [
        (1, [1, 6, 2, 3], two_way("East", "secondary")),
        (2, [4, 2, 7, 5], two_way("North", "tertiary")),
        (3, [6, 7], {"highway": "motorway_link"}),
    ]
    found = junctions_of(tmp_path, nodes, ways)
    assert found[["legs", "road_class", "second_class", "radius"]].values.tolist() == [
        [4, "secondary", "tertiary", 20.0]
    ]
    assert found.geometry[0].coords[0] == pytest.approx(metric(0, 0), abs=0.02)


@pytest.mark.parametrize(("shift", "expected"), [(0, [4]), (10, [4]), (30, [3, 3])])
def test_streets_that_end_face_to_face_on_a_dual_carriageway_are_one_junction(tmp_path, shift, expected):
    nodes = {1: (-200, 0), 2: (0, 0), 3: (200, 0), 4: (200, 20), 5: (shift, 20), 6: (-200, 20)}
    nodes |= {7: (0, -150), 8: (shift, 170)}
    ways = [(1, [1, 2, 3], one_way("East")), (2, [4, 5, 6], one_way("East"))]
    ways += [(3, [2, 7], two_way("South")), (4, [5, 8], two_way("North"))]
    assert junctions_of(tmp_path, nodes, ways)["legs"].tolist() == expected


def test_slip_roads_between_two_crossings_do_not_tie_them_together(tmp_path):
    """Gwanghwamun and the next crossing, 100 m south: both have slip roads that end between them, side by side."""
    nodes = {1: (-5, 300), 2: (-5, 0), 3: (-5, -50), 4: (-5, -100), 5: (-5, -400)}  # southbound
    nodes |= {11: (5, 300), 12: (5, 0), 13: (5, -50), 14: (5, -100), 15: (5, -400)}  # northbound
    nodes |= {21: (-200, 0), 22: (200, 0), 31: (-200, -100), 32: (200, -100), 41: (-40, 0), 42: (40, -100)}
    ways = [
        (1, [1, 2, 3, 4, 5], one_way("South")),
        (2, [15, 14, 13, 12, 11], one_way("South")),
        (3, [21, 41, 2, 12, 22], two_way("First", "secondary")),
        (4, [31, 4, 14, 42, 32], two_way("Second", "secondary")),
        (5, [41, 3], {"highway": "primary_link", "oneway": "yes"}),
        (6, [42, 13], {"highway": "primary_link", "oneway": "yes"}),
    ]
    found = junctions_of(tmp_path, nodes, ways)
    assert sorted(found["name"]) == ["South–First", "South–Second"]
    assert found["legs"].tolist() == [4, 4]
    assert (found["radius"] < 30).all()


@pytest.mark.parametrize(("name", "legs"), [("North", 3), (None, 4)])
def test_carriageways_that_splay_at_a_roundabout_are_one_leg_when_they_bear_one_name(tmp_path, name, legs):
    """Two carriageways 50° apart: above 35°, below 60°."""
    far = 100 * np.tan(np.radians(25))
    nodes = {1: (-200, 0), 2: (0, 0), 3: (200, 0), 4: (-far, 100), 5: (far, 100)}
    half = {"highway": "primary", "oneway": "yes"} | ({"name": name} if name else {})
    ways = [(1, [1, 2, 3], two_way("East", "primary")), (2, [4, 2], half), (3, [2, 5], half)]
    assert junctions_of(tmp_path, nodes, ways)["legs"].tolist() == [legs]


def test_a_slip_road_to_another_street_of_the_junction_is_no_leg(tmp_path):
    """It leaves more than 45° off every leg and ends 85 m down the other street, as 永庆巷 to 上海路 in Nanjing."""
    nodes = {1: (75, 185), 2: (0, 0), 7: (-25, -81), 3: (-58, -191)}
    nodes |= {4: (189, 65), 6: (-28, -10), 5: (-189, -65), 8: (-10, -26)}
    ways = [
        (1, [1, 2, 7, 3], two_way("上海路", "secondary")),
        (2, [4, 2, 6, 5], two_way("永庆巷", "tertiary")),
        (3, [6, 8, 7], {"highway": "tertiary_link", "oneway": "yes"}),
    ]
    assert junctions_of(tmp_path, nodes, ways)["legs"].tolist() == [4]


@pytest.mark.parametrize(("klass", "second"), [("tertiary", "tertiary"), ("service", "service")])
def test_a_street_that_joins_at_a_sharp_angle_gives_the_second_class(tmp_path, klass, second):
    """A lane that runs into a primary road at 20° makes no crossing of primary roads."""
    nodes = {**CROSS, 6: (200 * np.cos(np.radians(20)), 200 * np.sin(np.radians(20)))}
    ways = [(1, [1, 2, 3], two_way("East", "primary")), (2, [6, 2], {"highway": klass})]
    assert junctions_of(tmp_path, nodes, ways)["second_class"].tolist() == [second]


def test_a_bend_with_the_mouth_of_a_service_road_is_no_crossing_of_streets(tmp_path):
    ways = [
        (1, [1, 2], two_way("East", "secondary")),
        (2, [2, 4], two_way("North", "secondary")),
        (3, [2, 5], {"highway": "service"}),
    ]
    assert junctions_of(tmp_path, CROSS, ways)["second_class"].tolist() == ["service"]


def test_a_roundabout_is_one_junction(tmp_path):
    r, far = 40.0, 250.0
    around = [(r, 0), (0, r), (-r, 0), (0, -r)]
    nodes = {i + 1: p for i, p in enumerate(around)}
    nodes |= {i + 11: (x * far / r, y * far / r) for i, (x, y) in enumerate(around)}
    ways = [(1, [1, 2, 3, 4, 1], {"highway": "primary", "junction": "roundabout"})]
    ways += [(i + 2, [i + 1, i + 11], two_way(f"Leg {i}", "primary")) for i in range(4)]
    found = junctions_of(tmp_path, nodes, ways)
    assert found["legs"].tolist() == [4]
    assert found["radius"][0] == pytest.approx(40.0 + 21.0 / 2, abs=0.1)


def test_the_mouth_of_a_service_road_adds_no_leg_to_a_crossing_of_streets(tmp_path):
    nodes = {**CROSS, 6: (100, 0), 7: (100, 100), 8: (80, 80)}
    ways = [
        (1, [1, 2, 6, 3], two_way("East")),
        (2, [4, 2, 5], two_way("North")),
        (3, [6, 7], {"highway": "service"}),
        (4, [2, 8], {"highway": "service"}),
    ]
    found = junctions_of(tmp_path, nodes, ways).sort_values("legs")
    assert found[["legs", "second_class"]].values.tolist() == [[3, "service"], [4, "residential"]]


def test_the_second_class_is_that_of_the_street_that_crosses_not_of_the_continuation(tmp_path):
    # the main street changes its name at the crossing, as Chinese streets do
    ways = [
        (1, [1, 2], two_way("中山西路", "primary")),
        (2, [2, 3], two_way("中山东路", "primary")),
        (3, [4, 2, 5], two_way("小巷")),
    ]
    assert junctions_of(tmp_path, CROSS, ways)["second_class"].tolist() == ["residential"]


@pytest.mark.parametrize(("where", "expected"), [((25, 0), True), ((90, 0), False)])
def test_signals_count_for_the_junction_that_they_stand_at(tmp_path, where, expected):
    nodes = {**CROSS, 9: where}
    ways = [(1, [1, 2, 9, 3], two_way("East")), (2, [4, 2, 5], two_way("North"))]
    found = junctions_of(tmp_path, nodes, ways, node_tags={9: {"highway": "traffic_signals"}})
    assert found["signals"].tolist() == [expected]


def test_junction_ids_do_not_follow_osm_ids(tmp_path):
    nodes, ways = dual_crossing()
    before = junctions_of(tmp_path, nodes, ways)
    nodes = {900 - n: p for n, p in nodes.items()}
    ways = [(800 - w, [900 - n for n in refs], tags) for w, refs, tags in ways]
    after = junctions_of(tmp_path, nodes, ways)
    assert before["junction_id"].tolist() == after["junction_id"].tolist()


@settings(max_examples=8, deadline=None)
@given(turn=st.floats(0, 360), names=st.booleans())
def test_turning_the_town_changes_no_leg(tmp_path_factory, turn, names):
    nodes, ways = dual_crossing()
    a = np.radians(turn)
    nodes = {n: (x * np.cos(a) - y * np.sin(a), x * np.sin(a) + y * np.cos(a)) for n, (x, y) in nodes.items()}
    if not names:
        ways = [(w, refs, {k: v for k, v in tags.items() if k != "name"}) for w, refs, tags in ways]
    found = junctions_of(tmp_path_factory.mktemp("turned"), nodes, ways)
    assert found["legs"].tolist() == [4]


@given(st.lists(st.floats(0, 359), min_size=1, max_size=8), st.floats(0, 360))
def test_the_number_of_directions_does_not_depend_on_where_north_is(bearings, turn):
    one = np.zeros(len(bearings), np.int64)
    # whole degrees keep the gaps away from the threshold of 35°
    first = count_directions(one, np.round(bearings) * 2 + 1)
    second = count_directions(one, (np.round(bearings) * 2 + 1 + np.round(turn)) % 360)
    assert first.tolist() == second.tolist()
