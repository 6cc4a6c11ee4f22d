"""Targets of a hand-drawn town, checked with a pencil: every part code, in metres from the town's corner."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from audit.town import EAST, NORTH, make_mandates, make_town
from citycover import tables, terms
from citycover.audit.targets import Laid, count_surrogates, lay_targets

MAIN_STREET = {"street_id": "s1", "name": "中山路", "geometry": LineString([(0, 0), (100, 0)])}


def sums(laid: Laid) -> dict[tuple[str, str], float]:
    weights = laid.demands.groupby(["mandate_id", "component"])["weight"].sum().round(6)
    return {(str(m), str(c)): float(w) for (m, c), w in weights.items()}


def of(laid: Laid, mandate: str, component: str) -> pd.DataFrame:
    """Return the demands of a mandate and component with their targets, in metres from the corner."""
    mine = laid.demands[(laid.demands["mandate_id"] == mandate) & (laid.demands["component"] == component)]
    out = mine.merge(laid.targets.drop(columns="district"), on="target_id")
    return out.assign(x=out["x"] - EAST, y=out["y"] - NORTH)


def points(rows: pd.DataFrame) -> set[tuple[float, float]]:
    return set(zip(rows["x"].round(3), rows["y"].round(3), strict=True))


def road(**more: Any) -> dict[str, Any]:
    return {"part": "whole_length_per_plan", "kind": "urban_road", "place_id": "s1", **more}


def test_a_street_of_100_m_has_20_samples_that_stand_for_5_m_each() -> None:
    laid = lay_targets(make_mandates(road(geometry=MAIN_STREET["geometry"])), make_town(streets=[MAIN_STREET]))
    rows = of(laid, "m0", "segment")
    assert sorted(rows["x"].round(6)) == [2.5 + 5 * n for n in range(20)]
    assert rows["size"].tolist() == [5.0] * 20
    assert set(rows["feature_id"]) == {"s1"}
    assert rows["density_required"].eq(25).all()
    tables.check(laid.targets, "targets")
    tables.check(laid.demands, "demands")
    tables.check(laid.indoor, "indoor")


def test_what_lies_outside_the_study_is_not_laid() -> None:
    # the area ends at x = 63: 63 m in 13 equal pieces
    town = make_town(streets=[MAIN_STREET], area=box(-10, -10, 63, 10))
    laid = lay_targets(make_mandates(road(geometry=MAIN_STREET["geometry"])), town)
    rows = of(laid, "m0", "segment")
    assert len(rows) == 13
    assert rows["weight"].sum() == pytest.approx(63.0)
    assert rows["x"].max() < 63


def test_mandates_over_the_same_ground_share_its_targets() -> None:
    street, square = MAIN_STREET["geometry"], box(200, 200, 220, 220)
    one = lay_targets(
        make_mandates(road(geometry=street), {"part": "site_per_plan", "geometry": square}),
        make_town(streets=[MAIN_STREET]),
    )
    two = lay_targets(
        make_mandates(
            road(geometry=street),
            {"part": "site_per_plan", "geometry": square},
            road(geometry=shapely.reverse(street), item="（二）", place_id="way/77"),
            {"part": "public_parts", "place_id": "way/1", "geometry": square},
        ),
        make_town(streets=[MAIN_STREET]),
    )
    ground = two.targets[two.targets["unit"] != "point"].drop(columns="target_id").reset_index(drop=True)
    pd.testing.assert_frame_equal(one.targets.drop(columns="target_id"), ground)
    assert sums(two)["m0", "segment"] == sums(two)["m2", "segment"] == 100
    assert sums(two)["m1", "area"] == sums(two)["m3", "area"] == 400


def test_a_street_that_merely_crosses_does_not_lend_its_samples() -> None:
    across = {"street_id": "s2", "geometry": LineString([(52.5, -7.5), (52.5, 7.5)])}  # one sample at (52.5, 0)
    town = make_town(streets=[MAIN_STREET, across])
    laid = lay_targets(make_mandates(road(geometry=MAIN_STREET["geometry"])), town)
    assert set(of(laid, "m0", "segment")["feature_id"]) == {"s1"}


def test_a_footbridge_beside_no_street_is_sampled_itself() -> None:
    bridge = {"part": "site_per_plan", "kind": "pedestrian_crossing_facility", "place_id": "way/9"}
    laid = lay_targets(
        make_mandates({**bridge, "geometry": LineString([(50, -15), (50, 15)])}), make_town(streets=[MAIN_STREET])
    )
    rows = of(laid, "m0", "segment")
    assert sorted(rows["y"].round(6)) == [-12.5, -7.5, -2.5, 2.5, 7.5, 12.5]
    assert set(rows["feature_id"]) == {"way/9"}


def test_the_layer_of_a_bridge_is_that_of_its_street() -> None:
    deck = {**MAIN_STREET, "bridge": True, "layer": 1}
    laid = lay_targets(make_mandates(road(kind="bridge", geometry=deck["geometry"])), make_town(streets=[deck]))
    assert set(laid.targets["layer"]) == {1}


def test_of_a_tunnel_only_the_mouths_are_laid_and_the_inside_goes_to_the_checklist() -> None:
    # west of x = 30 and east of x = 70 in the open, a tunnel of two sections between
    streets = [
        {"street_id": "w", "geometry": LineString([(0, 0), (30, 0)])},
        {"street_id": "t1", "tunnel": True, "layer": -1, "geometry": LineString([(30, 0), (50, 0)])},
        {"street_id": "t2", "tunnel": True, "layer": -1, "geometry": LineString([(70, 0), (50, 0)])},
        {"street_id": "e", "geometry": LineString([(70, 0), (100, 0)])},
    ]
    laid = lay_targets(make_mandates(road(geometry=MAIN_STREET["geometry"])), make_town(streets=streets))
    assert sums(laid) == {("m0", "segment"): 60.0, ("m0", "entrance"): 2.0}
    mouths = of(laid, "m0", "entrance")
    facing = dict(zip(mouths["x"].round(3), mouths["facing"].round(1), strict=True))
    assert facing == {30.0: 270.0, 70.0: 90.0}
    assert laid.indoor["mandate_id"].tolist() == ["m0"]


def test_a_tunnel_place_gives_its_two_ends_whatever_its_streets_say() -> None:
    laid = lay_targets(
        make_mandates({"part": "site_per_plan", "kind": "tunnel", "geometry": LineString([(0, 0), (40, 0), (80, 0)])}),
        make_town(),
    )
    assert sums(laid) == {("m0", "entrance"): 2.0}
    assert points(of(laid, "m0", "entrance")) == {(0, 0), (80, 0)}
    assert laid.indoor["what"].str.contains("隧道").all()


def test_the_open_ground_of_a_square_is_the_square_without_its_building() -> None:
    town = make_town(buildings=[{"building_id": "b", "geometry": box(203, 203, 213, 213)}])
    laid = lay_targets(make_mandates({"part": "site_per_plan", "geometry": box(200, 200, 220, 220)}), town)
    assert sums(laid) == {("m0", "area"): 300.0}
    rows = of(laid, "m0", "area")
    assert not shapely.contains_xy(box(203, 203, 213, 213), rows["x"], rows["y"]).any()


def test_a_roof_takes_no_ground_away() -> None:
    town = make_town(buildings=[{"building_id": "b", "opaque": False, "geometry": box(203, 203, 213, 213)}])
    laid = lay_targets(make_mandates({"part": "site_per_plan", "geometry": box(200, 200, 220, 220)}), town)
    assert sums(laid) == {("m0", "area"): 400.0}


@settings(max_examples=15, deadline=None)
@given(
    st.tuples(*[st.floats(-90, 90)] * 6).filter(lambda c: shapely.Polygon([c[:2], c[2:4], c[4:]]).area > 1),
    st.lists(st.tuples(st.floats(-90, 80), st.floats(-90, 80), st.floats(1, 40)), max_size=4),
)
def test_weights_add_up_to_the_open_ground_wherever_polygon_and_buildings_lie(
    corners: tuple[float, ...], houses: list[tuple[float, float, float]]
) -> None:
    triangle = shapely.Polygon([corners[:2], corners[2:4], corners[4:]])
    walls = [box(x, y, x + a, y + a) for x, y, a in houses]
    expected = triangle.difference(shapely.union_all(walls)).area
    town = make_town(buildings=[{"building_id": f"b{i}", "geometry": wall} for i, wall in enumerate(walls)])
    laid = lay_targets(make_mandates({"part": "public_parts", "geometry": triangle}), town)
    # slivers below 0.01 m² per cell are left out: at most one per cell that the boundary meets
    assert sums(laid).get(("m0", "area"), 0.0) == pytest.approx(expected, abs=2.0)


def test_a_square_inside_a_park_with_coarser_cells_is_laid_once() -> None:
    # 300 m × 200 m = 6 ha: cells of 10 m; the square of 5 m cells on it splits four of them
    laid = lay_targets(
        make_mandates(
            {"part": "site_per_plan", "kind": "park", "geometry": box(0, 0, 300, 200)},
            {"part": "site_per_plan", "geometry": box(100, 100, 120, 120)},
        ),
        make_town(),
    )
    assert sums(laid) == {("m0", "area"): 60_000.0, ("m1", "area"): 400.0}
    assert laid.targets["size"].sum() == 60_000.0
    assert laid.targets["cell"].value_counts().to_dict() == {10.0: 596, 5.0: 16}


def test_a_point_place_takes_the_public_ground_around_it() -> None:
    street = box(0, 0, 100, 10)
    town = make_town(public_ground=[{"ground_id": "g", "ground_kind": "street", "geometry": street}])
    toilet = {"part": "site_per_plan", "place_id": "node/1", "geometry": Point(50, 15)}
    laid = lay_targets(make_mandates(toilet), town)
    expected = Point(50, 15).buffer(25).intersection(street).area
    assert sums(laid)["m0", "area"] == pytest.approx(expected, abs=0.5)


def test_a_point_place_without_public_ground_takes_the_disc() -> None:
    laid = lay_targets(make_mandates({"part": "site_per_plan", "geometry": Point(50, 15)}), make_town())
    assert sums(laid)["m0", "area"] == pytest.approx(np.pi * 625, rel=0.01)


def test_a_mapped_entrance_is_seen_from_the_front_and_lies_before_the_wall() -> None:
    gate = {"entrance_id": "e1", "place_id": "way/0", "entrance": "gate", "facing": 90.0, "geometry": Point(40, 20)}
    laid = lay_targets(make_mandates({"part": "key_parts", "geometry": box(0, 0, 40, 40)}), make_town(entrances=[gate]))
    rows = of(laid, "m0", "entrance")
    assert points(rows) == {(40.5, 20.0)}
    assert rows["facing"].tolist() == [90.0]
    assert rows["density_required"].tolist() == [125.0]
    assert rows["feature_id"].tolist() == ["e1"]
    assert count_surrogates(laid.demands) == 0


def test_a_place_without_entrances_gets_one_towards_the_nearest_street_and_it_is_counted() -> None:
    school = {"part": "key_parts", "kind": "school_kindergarten", "geometry": box(40, 20, 60, 40)}
    laid = lay_targets(make_mandates(school), make_town(streets=[MAIN_STREET]))
    rows = of(laid, "m0", "entrance")
    assert len(rows) == 1
    assert points(rows) == {(50.0, 19.5)}  # half a metre south of the middle of the southern boundary
    assert rows["facing"].iloc[0] == pytest.approx(180, abs=0.1)
    assert count_surrogates(laid.demands) == 1


def test_a_point_place_in_a_building_is_entered_where_the_building_meets_the_street() -> None:
    town = make_town(
        streets=[{**MAIN_STREET, "geometry": LineString([(50, -100), (51, 100)])}],
        buildings=[{"building_id": "b", "geometry": box(60, 20, 80, 40)}],
    )
    laid = lay_targets(make_mandates({"part": "key_parts", "geometry": Point(70, 30)}), town)
    rows = of(laid, "m0", "entrance")
    assert rows["x"].iloc[0] == pytest.approx(59.5, abs=0.2)
    assert rows["facing"].iloc[0] == pytest.approx(270, abs=0.1)


def test_a_perimeter_is_seen_from_both_sides_and_its_metres_add_up_to_its_length() -> None:
    laid = lay_targets(
        make_mandates({"part": "entrances_and_perimeter", "geometry": box(300, 300, 340, 340)}), make_town()
    )
    ring = of(laid, "m0", "ring")
    assert ring["weight"].tolist() == [2.5] * 64  # 160 m in 32 pieces of 5 m, half of each on either side
    assert (302.5, 303.0) in points(ring)
    assert (302.5, 297.0) in points(ring)
    assert ("m0", "entrance") in sums(laid)


def test_where_a_building_fills_one_side_of_a_perimeter_the_other_carries_all() -> None:
    town = make_town(buildings=[{"building_id": "b", "geometry": box(300, 300, 340, 310)}])
    laid = lay_targets(
        make_mandates({"part": "production_storage_business_premises", "geometry": box(300, 300, 340, 340)}), town
    )
    ring = of(laid, "m0", "ring")
    south = ring[ring["y"].round(6) == 297.0]
    assert south["weight"].tolist() == [5.0] * 8
    assert ring["weight"].sum() == pytest.approx(160.0)
    assert laid.indoor["what"].str.contains("内部").all()


def test_the_outline_of_a_building_faces_the_street_only() -> None:
    house = box(40, 10, 60, 30)
    town = make_town(streets=[MAIN_STREET], buildings=[{"building_id": "b", "geometry": house}])
    laid = lay_targets(make_mandates({"part": "site_per_plan", "kind": "museum", "geometry": house}), town)
    assert sums(laid) == {("m0", "ring"): 20.0}
    assert points(of(laid, "m0", "ring")) == {(42.5, 7.0), (47.5, 7.0), (52.5, 7.0), (57.5, 7.0)}


def test_the_outline_of_a_building_with_a_door_is_seen_at_its_door() -> None:
    house = box(40, 10, 60, 30)
    door = {"entrance_id": "e", "place_id": "way/0", "entrance": "main", "facing": 180.0, "geometry": Point(50, 10)}
    town = make_town(buildings=[{"building_id": "b", "geometry": house}], entrances=[door])
    laid = lay_targets(make_mandates({"part": "site_per_plan", "geometry": house}), town)
    assert sums(laid) == {("m0", "entrance"): 1.0}


def crossroads() -> dict[str, Any]:
    arms = {"n": (0, 100), "e": (100, 0), "s": (0, -100), "w": (-100, 0)}
    streets = [
        {"street_id": k, "name": "南北路" if k in "ns" else "东西路", "geometry": LineString([(0, 0), tip])}
        for k, tip in arms.items()
    ]
    return {"streets": streets, "junctions": [{"junction_id": "j", "radius": 20.0, "geometry": Point(0, 0)}]}


def test_a_junction_is_its_centre_and_one_point_on_each_approach() -> None:
    junction = {"part": "important_junctions", "kind": "road_junction", "place_id": "j", "geometry": Point(0, 0)}
    laid = lay_targets(make_mandates(junction), make_town(**crossroads()))
    rows = of(laid, "m0", "junction")
    assert {(round(x, 1) + 0.0, round(y, 1) + 0.0) for x, y in zip(rows["x"], rows["y"], strict=True)} == {
        (0, 0), (0, 20), (20, 0), (0, -20), (-20, 0),
    }  # fmt: skip
    assert set(rows["feature_id"]) == {"j"}


def test_two_carriageways_are_one_approach_and_a_flyover_is_none() -> None:
    town = crossroads()
    town["streets"][0]["geometry"] = LineString([(-4, 0), (-4, 100)])
    town["streets"] += [
        {"street_id": "n2", "name": "南北路", "geometry": LineString([(4, 0), (4, 100)])},
        {"street_id": "over", "name": "高架", "bridge": True, "geometry": LineString([(-100, -100), (100, 100)])},
    ]
    junction = {"part": "important_junctions", "kind": "road_junction", "place_id": "j", "geometry": Point(0, 0)}
    laid = lay_targets(make_mandates(junction), make_town(**town))
    assert sums(laid) == {("m0", "junction"): 5.0}


def test_segments_and_junctions_share_the_junction() -> None:
    laid = lay_targets(
        make_mandates(
            {"part": "important_segments_and_junctions", "place_id": "n", "geometry": LineString([(0, 0), (0, 100)])},
            {"part": "important_segments_and_junctions", "place_id": "e", "geometry": LineString([(0, 0), (100, 0)])},
            {"part": "important_segments", "place_id": "w", "geometry": LineString([(0, 0), (-100, 0)])},
        ),
        make_town(**crossroads()),
    )
    assert sums(laid) == {
        ("m0", "junction"): 5.0,
        ("m0", "segment"): 100.0,
        ("m1", "junction"): 5.0,
        ("m1", "segment"): 100.0,
        ("m2", "segment"): 100.0,
    }
    # 60 pieces of 5 m, each in both directions of traffic
    assert laid.targets["unit"].value_counts().to_dict() == {"m": 120, "point": 5}
    assert set(laid.targets.query("unit == 'm'")["size"]) == {2.5}


def test_main_entrances_leave_out_emergency_exits_and_bring_the_passages() -> None:
    gates = [
        {"entrance_id": "a", "place_id": "way/0", "entrance": "main", "facing": 180.0, "geometry": Point(50, -20)},
        {"entrance_id": "b", "place_id": "way/0", "entrance": "emergency", "facing": 0.0, "geometry": Point(50, 20)},
    ]
    town = make_town(streets=[MAIN_STREET], entrances=gates)
    part = "main_entrances_passages_or_key_parts"
    laid = lay_targets(make_mandates({"part": part, "geometry": box(20, -20, 80, 20)}), town)
    assert sums(laid) == {("m0", "entrance"): 1.0, ("m0", "passage"): 60.0}


def test_of_a_bridge_the_ends_are_its_entrances() -> None:
    laid = lay_targets(
        make_mandates(
            {
                "part": "main_entrances_passages_or_key_parts",
                "kind": "bridge",
                "geometry": LineString([(20, 0), (80, 0)]),
            }
        ),
        make_town(streets=[MAIN_STREET]),
    )
    assert sums(laid) == {("m0", "entrance"): 2.0, ("m0", "passage"): 60.0}
    assert points(of(laid, "m0", "entrance")) == {(20, 0), (80, 0)}


def test_business_premises_are_their_door_and_ten_metres_before_it() -> None:
    door = {"entrance_id": "e", "place_id": "way/0", "entrance": "yes", "facing": 180.0, "geometry": Point(50, 20)}
    bank = box(40, 20, 60, 40)
    town = make_town(entrances=[door], buildings=[{"building_id": "b", "geometry": bank}])
    laid = lay_targets(
        make_mandates({"part": "business_premises", "kind": "financial_institution", "geometry": bank}), town
    )
    disc = Point(50, 19.5).buffer(10)  # around the sample, half a metre before the wall
    assert sums(laid)["m0", "entrance"] == 1.0
    assert sums(laid)["m0", "area"] == pytest.approx(disc.difference(bank).area, abs=0.1)
    assert len(laid.indoor) == 1


def test_vehicles_are_never_on_the_map_and_not_on_the_checklist() -> None:
    laid = lay_targets(make_mandates({"part": "vehicle_interior", "geometry": Point(0, 0)}), make_town())
    assert len(laid.targets) == len(laid.demands) == len(laid.indoor) == 0


def test_a_mandate_that_cannot_be_laid_goes_to_the_checklist() -> None:
    laid = lay_targets(
        make_mandates(
            {"part": "site_per_plan", "geometry": None}, {"part": "site_per_plan", "geometry": box(900, 900, 950, 950)}
        ),
        make_town(),
    )
    assert len(laid.demands) == 0
    assert laid.indoor["mandate_id"].tolist() == ["m0", "m1"]


@pytest.mark.parametrize("part", [p for p in terms.PARTS if p != "vehicle_interior"])
@pytest.mark.parametrize(
    "ground",
    [box(200, 200, 240, 240), LineString([(200, 200), (240, 200)]), Point(200, 200)],
    ids=lambda g: g.geom_type,
)
def test_every_part_on_every_shape_has_a_demand_or_a_line_of_the_checklist(part: str, ground: Any) -> None:
    laid = lay_targets(make_mandates({"part": part, "geometry": ground}), make_town(**crossroads()))
    assert len(laid.demands) + len(laid.indoor) > 0
    assert not laid.demands.duplicated(["target_id", "mandate_id", "component"]).any()


def test_shuffling_the_input_changes_nothing() -> None:
    rows = [
        road(geometry=MAIN_STREET["geometry"]),
        {"part": "entrances_and_perimeter", "geometry": box(40, 20, 60, 40)},
        {"part": "site_per_plan", "geometry": box(40, 20, 70, 40)},
        {"part": "important_junctions", "kind": "road_junction", "place_id": "j", "geometry": Point(0, 0)},
    ]
    things = crossroads()
    plain = lay_targets(make_mandates(*rows), make_town(**things))
    mandates = make_mandates(*rows).iloc[[2, 0, 3, 1]]
    things["streets"] = things["streets"][::-1]
    shuffled = lay_targets(mandates, make_town(**things))
    for one, two in zip(plain, shuffled, strict=True):
        pd.testing.assert_frame_equal(one, two)


def test_laying_does_not_change_its_input() -> None:
    mandates, town = make_mandates(road(geometry=MAIN_STREET["geometry"])), make_town(streets=[MAIN_STREET])
    before, streets = mandates.copy(), town.streets.copy()
    lay_targets(mandates, town)
    pd.testing.assert_frame_equal(mandates, before)
    pd.testing.assert_frame_equal(town.streets, streets)


def test_a_target_lies_in_the_district_of_its_mandate() -> None:
    laid = lay_targets(
        make_mandates(road(geometry=MAIN_STREET["geometry"], district="新吴区")), make_town(streets=[MAIN_STREET])
    )
    assert set(laid.targets["district"]) == {"新吴区"}


def test_areas_lie_in_the_district_around_them_and_a_border_street_in_its_own() -> None:
    town = make_town(
        streets=[{**MAIN_STREET, "district": "东区"}],
        districts=[
            {"district_id": "1", "name": "西区", "level": "6", "geometry": box(-500, -500, 50, 500)},
            {"district_id": "2", "name": "东区", "level": "6", "geometry": box(50, -500, 500, 500)},
        ],
    )
    square = {"part": "site_per_plan", "geometry": box(30, 100, 70, 110), "district": "西区"}
    laid = lay_targets(make_mandates(road(geometry=MAIN_STREET["geometry"]), square), town)
    streets, cells = laid.targets[laid.targets["unit"] == "m"], laid.targets[laid.targets["unit"] == "m2"]
    assert set(streets["district"]) == {"东区"}
    assert cells["district"].value_counts().to_dict() == {"西区": 8, "东区": 8}


def test_a_door_mapped_inside_a_building_is_seen_at_the_nearest_wall_from_outside() -> None:
    # 3 m from the western wall of a house of 20 m: the sample stands half a metre west of that wall
    door = {"entrance_id": "e", "place_id": "way/0", "entrance": "yes", "geometry": Point(103, 110)}
    town = make_town(entrances=[door], buildings=[{"building_id": "b", "geometry": box(100, 100, 120, 120)}])
    laid = lay_targets(make_mandates({"part": "key_parts", "geometry": Point(110, 110)}), town)
    rows = of(laid, "m0", "entrance")
    assert points(rows) == {(99.5, 110.0)}
    assert rows["facing"].iloc[0] == pytest.approx(270, abs=0.1)


def test_an_entrance_that_the_city_only_assumes_is_counted_as_a_surrogate() -> None:
    door = {"entrance_id": "e", "place_id": "way/0", "entrance": "assumed", "facing": 90.0, "geometry": Point(40, 20)}
    laid = lay_targets(make_mandates({"part": "key_parts", "geometry": box(0, 0, 40, 40)}), make_town(entrances=[door]))
    assert len(laid.demands) == count_surrogates(laid.demands) == 1


def test_a_metro_station_under_the_street_takes_no_ground_away() -> None:
    hall = {"building_id": "b", "layer": -1, "opaque": False, "geometry": box(203, 203, 213, 213)}
    laid = lay_targets(
        make_mandates({"part": "site_per_plan", "geometry": box(200, 200, 220, 220)}), make_town(buildings=[hall])
    )
    assert sums(laid) == {("m0", "area"): 400.0}


def test_the_checklist_is_in_one_language_and_nothing_else_depends_on_it() -> None:
    mandates = make_mandates(
        {"part": "business_premises", "geometry": box(300, 300, 340, 340)},
        {"part": "site_per_plan", "kind": "tunnel", "geometry": LineString([(0, 0), (80, 0)])},
        {"part": "site_per_plan", "geometry": None},
    )
    zh, en = lay_targets(mandates, make_town()), lay_targets(mandates, make_town(), lang="en")
    assert en.indoor["what"].tolist() == [
        "inside of the business premises: check on site",
        "inside of a tunnel or underground: no view from the ground answers it; check on site",
        "no target could be laid on the map (no position, outside the study, or no open ground): check on site",
    ]
    assert not zh.indoor["what"].str.contains("[a-z]").any()
    pd.testing.assert_frame_equal(zh.indoor.drop(columns="what"), en.indoor.drop(columns="what"))
    pd.testing.assert_frame_equal(zh.targets, en.targets)
    pd.testing.assert_frame_equal(zh.demands, en.demands)
