"""One town with an answer for every part code, worked out with a pencil; metres from the town's corner.

A crossroads at (0, 0): 中山路 from west to east, 解放路 from south to north, each arm 200 m. North-east a compound of
100 × 80 m with a house of 40 × 20 m, a gate in the south, a garage mouth in the east and an inner road of 18 m.
North-west a depot of 80 × 80 m with a tank and a warehouse, whose gate nobody mapped. A shop of 20 × 15 m on 中山路.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from audit.town import EAST, NORTH, make_cameras, make_mandates, make_seen, make_town
from citycover import terms
from citycover.audit.coverage import measure_headline, roll_up
from citycover.audit.fitting import measure_fitting
from citycover.audit.requirements import load_requirements
from citycover.audit.targets import Laid, count_surrogates, lay_targets
from citycover.city.model import City
from sight.reference import sees

COMPOUND, DEPOT, SHOP = box(40, 40, 140, 120), box(-140, 40, -60, 120), box(-60, 10, -40, 25)
STORES = box(-120, 60, -110, 70), box(-90, 60, -70, 70)
ARMS = {"w": (-200, 0), "e": (200, 0), "n": (0, 200), "s": (0, -200)}


def town(**more: Any) -> City:
    streets = [
        {
            "street_id": arm,
            "name": "中山路" if arm in "we" else "解放路",
            "oneway": arm == "s",
            "geometry": LineString([(0, 0), tip]),
        }
        for arm, tip in ARMS.items()
    ]
    inner = {"street_id": "inner", "road_class": "service", "geometry": LineString([(90, 40), (90, 58)])}
    houses = {"house": box(60, 60, 100, 80), "shop": SHOP}
    stores = dict(zip(("storage_tank", "warehouse"), STORES, strict=True))
    gates = [
        {"entrance_id": "gate", "place_id": "compound", "entrance": "gate", "facing": 180.0, "geometry": Point(90, 40)},
        {"entrance_id": "way", "place_id": "compound", "entrance": "garage", "facing": 90, "geometry": Point(140, 100)},
        {"entrance_id": "door", "place_id": "shop", "entrance": "yes", "facing": 180.0, "geometry": Point(-50, 10)},
    ]  # fmt: skip
    return make_town(
        streets=[*streets, inner],
        junctions=[{"junction_id": "j", "radius": 20.0, "geometry": Point(0, 0)}],
        buildings=[
            *({"building_id": name, "building": "yes", "geometry": shape} for name, shape in houses.items()),
            *({"building_id": use, "building": use, "geometry": shape} for use, shape in stores.items()),
        ],
        entrances=[*gates, *more.pop("entrances", ())],
        **more,
    )


def lay(part: str, place: str, geometry: Any, **more: Any) -> Laid:
    return lay_targets(make_mandates({"part": part, "place_id": place, "geometry": geometry}), town(**more))


def sums(laid: Laid) -> dict[str, float]:
    return {str(k): round(float(v), 3) for k, v in laid.demands.groupby("component")["weight"].sum().items()}


HALF_DISC = 100 * (math.pi / 2 + math.asin(0.05) + 0.05 * math.sqrt(1 - 0.05**2))
"""A disc of 10 m whose centre lies half a metre before a wall as long as the disc is wide: its part before it."""

ANSWERS: dict[str, tuple[str, Any, dict[str, float], int, int]] = {
    # part: place, its ground, sums by component, targets, rows of the checklist
    # 8,000 m² less 800 m² of house, in cells of 5 m: 20 · 16 - 8 · 4; gate and garage mouth
    "site_per_plan": ("compound", COMPOUND, {"area": 7200, "entrance": 2}, 290, 0),
    "public_parts": ("compound", COMPOUND, {"area": 7200, "entrance": 2}, 290, 0),
    # 200 m in pieces of 5 m
    "whole_length_per_plan": ("e", LineString([(0, 0), (200, 0)]), {"segment": 200}, 40, 0),
    "key_parts": ("compound", COMPOUND, {"entrance": 2}, 2, 1),
    "key_parts_or_business_premises": ("shop", SHOP, {"entrance": 1}, 1, 1),
    "lobby_lift_passages_entrances": ("compound", COMPOUND, {"entrance": 2}, 2, 1),
    # four sides of 80 m in pieces of 5 m, both sides of each; a stand-in for the gate, one for each store
    "production_storage_business_premises": ("depot", DEPOT, {"entrance": 3, "ring": 320}, 131, 1),
    # 360 m in 72 pieces, both sides of each; two mouths
    "entrances_and_perimeter": ("compound", COMPOUND, {"entrance": 2, "ring": 360}, 146, 0),
    # the inner road of 18 m in 4 pieces
    "main_entrances_passages_or_key_parts": ("compound", COMPOUND, {"entrance": 2, "passage": 18}, 6, 0),
    "public_safety_parts": ("compound", COMPOUND, {"entrance": 2, "passage": 18}, 6, 1),
    # 40 pieces of 5 m in both directions
    "important_segments": ("n", LineString([(0, 0), (0, 200)]), {"segment": 200}, 80, 0),
    # and the crossroads: its centre and four approaches
    "important_segments_and_junctions": ("w", LineString([(0, 0), (-200, 0)]), {"segment": 200, "junction": 5}, 85, 0),
    "important_junctions": ("j", Point(0, 0), {"junction": 5}, 5, 0),
    "vehicle_interior": ("bus", Point(0, 0), {}, 0, 0),
}


def test_there_is_an_answer_for_every_part_code() -> None:
    assert {*ANSWERS, "business_premises"} == set(terms.PARTS)


@pytest.mark.parametrize("part", ANSWERS)
def test_the_part_is_laid_as_the_pencil_says(part: str) -> None:
    place, ground, answer, targets, indoor = ANSWERS[part]
    laid = lay(part, place, ground)
    assert sums(laid) == answer
    assert len(laid.targets) == targets
    assert len(laid.indoor) == indoor


def test_business_premises_are_the_door_and_the_forecourt() -> None:
    laid = lay("business_premises", "shop", SHOP)
    assert sums(laid)["entrance"] == 1
    assert sums(laid)["area"] == pytest.approx(HALF_DISC, rel=0.003)  # the disc is drawn with 64 corners
    assert laid.indoor["what"].tolist() == ["营业场所内部：现场核查"]


def test_the_stores_of_a_depot_are_seen_at_their_fronts_and_marked_as_stand_ins() -> None:
    laid = lay("production_storage_business_premises", "depot", DEPOT)
    gates = laid.demands[laid.demands["component"] == "entrance"].merge(laid.targets, on="target_id")
    where = {f: (round(x - EAST, 2), round(y - NORTH, 2)) for f, x, y in gates[["feature_id", "x", "y"]].to_numpy()}
    assert where == {"depot": (-100, 39.5), "storage_tank": (-115, 59.5), "warehouse": (-80, 59.5)}
    assert gates["facing"].tolist() == pytest.approx([180] * 3, abs=0.1)
    assert count_surrogates(laid.demands) == 3


def test_a_store_with_a_known_door_gets_no_second_one() -> None:
    door = {"entrance_id": "d", "place_id": "depot", "entrance": "yes", "facing": 180.0, "geometry": Point(-80, 60)}
    laid = lay("production_storage_business_premises", "depot", DEPOT, entrances=[door])
    assert set(laid.demands.query("component == 'entrance'")["feature_id"]) == {"d", "storage_tank"}


def test_a_depot_that_is_one_warehouse_has_one_gate() -> None:
    laid = lay("production_storage_business_premises", "warehouse", box(-90, 60, -70, 70))
    assert set(laid.demands.query("component == 'entrance'")["feature_id"]) == {"warehouse"}
    assert sums(laid)["entrance"] == 1


def test_an_important_street_is_seen_from_ahead_in_both_directions() -> None:
    laid = lay("important_segments", "n", LineString([(0, 0), (0, 200)]))
    assert sorted(set(laid.targets["facing"].round())) == [0, 180]
    assert set(laid.targets["size"]) == {2.5}
    assert (laid.targets.groupby(["x", "y"])["facing"].count() == 2).all()


def test_a_one_way_street_has_one_direction_and_its_whole_length() -> None:
    laid = lay("important_segments", "s", LineString([(0, -200), (0, 0)]))
    assert set(laid.targets["facing"].round()) == {180}  # traffic runs south and is seen from the south
    assert set(laid.targets["size"]) == {5.0}


def test_by_default_a_ring_and_a_whole_street_may_be_seen_from_anywhere_and_a_gate_from_its_front() -> None:
    ring = lay("entrances_and_perimeter", "compound", COMPOUND)
    facing = ring.demands.merge(ring.targets, on="target_id").groupby("component")["facing"]
    assert facing.count().to_dict() == {"entrance": 2, "ring": 0}
    assert lay("whole_length_per_plan", "e", LineString([(0, 0), (200, 0)])).targets["facing"].isna().all()


def test_a_planner_may_ask_for_the_front_of_both_sides_of_a_ring(tmp_path: Any) -> None:
    file = tmp_path / "r.toml"
    file.write_text('[components.ring]\nfacing = "front"\n[components.entrance]\nfacing = "any"\n', encoding="utf-8")
    mandates = make_mandates({"part": "entrances_and_perimeter", "place_id": "compound", "geometry": COMPOUND})
    laid = lay_targets(mandates, town(), requirements=load_requirements(file))
    ring = laid.targets.query("unit == 'm'")
    outer = ring[(ring["y"] - NORTH).round(3) == 37]  # 3 m south of the southern side
    inner = ring[(ring["y"] - NORTH).round(3) == 43]
    assert set(outer["facing"].round()) == {180}
    assert set(inner.loc[(inner["x"] - EAST).between(45, 135), "facing"].round()) == {0}
    assert laid.targets.query("unit == 'point'")["facing"].isna().all()


@pytest.mark.parametrize("mapped", [Point(0, -60), box(-20, -70, 20, -50)], ids=["point", "polygon"])
def test_of_a_station_under_the_ground_only_its_mouths_are_seen_from_above(mapped: Any) -> None:
    mouths = [
        {"entrance_id": f"m{x}", "place_id": "metro", "entrance": "station", "facing": None, "geometry": Point(x, -60)}
        for x in (-15, 15)
    ]
    laid = lay(
        "site_per_plan",
        "metro",
        mapped,
        entrances=mouths,
        places=[{"place_id": "metro", "underground": True, "geometry": mapped}],
    )
    assert sums(laid) == {"entrance": 2}
    assert laid.indoor["what"].str.contains("地下").all()
    assert laid.indoor["mandate_id"].tolist() == ["m0"]


def test_of_a_bridge_the_deck_and_of_a_tunnel_the_portals_are_laid() -> None:
    deck = {"street_id": "deck", "bridge": True, "layer": 1, "geometry": LineString([(200, 0), (260, 0)])}
    tube = {"street_id": "tube", "tunnel": True, "layer": -1, "geometry": LineString([(260, 0), (320, 0)])}
    city = make_town(streets=[deck, tube])
    mandates = make_mandates(
        {"part": "whole_length_per_plan", "kind": "bridge", "place_id": "bridge", "geometry": deck["geometry"]},
        {"part": "whole_length_per_plan", "kind": "tunnel", "place_id": "tunnel", "geometry": tube["geometry"]},
    )
    laid = lay_targets(mandates, city)
    weights = laid.demands.groupby(["mandate_id", "component"])["weight"].sum().to_dict()
    assert weights == {("m0", "segment"): 60.0, ("m1", "entrance"): 2.0}
    assert laid.indoor["mandate_id"].tolist() == ["m1"]


DISTRICTS = [
    {"district_id": "1", "name": "西区", "level": "6", "geometry": box(-500, -500, 0, 500)},
    {"district_id": "2", "name": "东区", "level": "6", "geometry": box(0, -500, 500, 500)},
]
EVERYTHING = make_mandates(
    *({"part": part, "place_id": place, "geometry": ground} for part, (place, ground, *_) in ANSWERS.items()),
    # the northern arm again, from anywhere: its metres are those of its two directions
    {"part": "whole_length_per_plan", "place_id": "n", "geometry": LineString([(0, 0), (0, 200)])},
)
WHOLE = lay_targets(EVERYTHING, town(districts=DISTRICTS))


def test_of_the_whole_town_every_metre_gate_and_square_metre_counts_once() -> None:
    headline = measure_headline(WHOLE.demands, WHOLE.targets, make_seen(WHOLE.targets, {})).set_index("unit")
    # the arms n, w, e of 200 m, the inner road of 18 m, the rings of 360 and 320 m
    assert headline.loc["m", "required"] == pytest.approx(3 * 200 + 18 + 360 + 320)
    assert headline.loc["m2", "required"] == pytest.approx(7200)
    # two mouths of the compound, the door of the shop, the depot's gate and stores, five points of the crossroads
    assert headline.loc["point", "required"] == 2 + 1 + 3 + 5


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_districts_streets_and_states_add_up_to_the_headline_whatever_is_seen(seed: int) -> None:
    chance = np.random.default_rng(seed)
    figures = {}
    for target in WHOLE.targets["target_id"].astype(int):
        low, more, p = int(chance.integers(0, 2)), int(chance.integers(0, 2)), float(chance.random())
        figures[target] = (low, low + more * p, low + more, 1.0 if low else more * p, 0.0)
    seen = make_seen(WHOLE.targets, figures)
    headline = measure_headline(WHOLE.demands, WHOLE.targets, seen).set_index("unit")
    assert (headline["seen_low"] <= headline["seen_expected"] + 1e-9).all()
    assert (headline["seen_expected"] <= headline["seen_high"] + 1e-9).all()
    for by in ("district", "street", "state"):
        parts = roll_up(WHOLE.demands, seen, targets=WHOLE.targets, by=by).groupby("unit")  # type: ignore[arg-type]
        for column in ("required", "seen_low", "seen_expected", "seen_high"):
            assert parts[column].sum().to_dict() == pytest.approx(headline[column].to_dict()), (by, column)
    # once per mandate: the compound's ground is demanded by two, its gates by six
    items = roll_up(WHOLE.demands, seen, targets=WHOLE.targets, by="item", mandates=EVERYTHING).set_index("unit")
    assert items.loc["m2", "required"] == pytest.approx(2 * 7200)


# ---- what cameras see of each part: one camera due south of a thing that faces south, with a pencil

ROUND = {"hfov": 360.0, "azimuth": 0.0, "reach": 200.0, "pixels": 100_000, "mount_height": 1.5}
"""A camera that looks all round and sharply enough for anything within its reach."""


def seen_share(part: str, place: str, ground: Any, camera: tuple[float, float], **more: Any) -> dict[str, float]:
    """Return the share of each component that one camera sees for sure."""
    city = town()
    laid = lay(part, place, ground)
    cameras = make_cameras({**ROUND, "geometry": Point(camera), **more})
    seen = measure_fitting(laid.targets, laid.demands, cameras, city)
    rows = roll_up(laid.demands, seen, targets=laid.targets)
    return dict(zip(rows["component"].astype(str), rows["share_low"].round(3), strict=True))


SEEN: dict[str, tuple[tuple[float, float], dict[str, float]]] = {
    # part: where the camera stands; what it sees of each component.
    # From (90, 20), 20 m before the gate: all of the gate, nothing of the garage mouth in the east (seen from behind).
    "key_parts": ((90, 20), {"entrance": 0.5}),
    "lobby_lift_passages_entrances": ((90, 20), {"entrance": 0.5}),
    # the inner road runs from the gate to the house, free of walls: 18 of 18 m
    "main_entrances_passages_or_key_parts": ((90, 20), {"entrance": 0.5, "passage": 1.0}),
    "public_safety_parts": ((90, 20), {"entrance": 0.5, "passage": 1.0}),
    # before the shop's door, 10 m south
    "key_parts_or_business_premises": ((-50, 0), {"entrance": 1.0}),
    # in the middle of the crossroads: its centre and four approaches
    "important_junctions": ((0, 0.5), {"junction": 1.0}),
    # at the northern end of the northern arm, looking south: traffic to the north is seen from ahead, all 200 m of it,
    # traffic to the south from behind: half of the metres
    "important_segments": ((0, 199.9), {"segment": 0.5}),
    "whole_length_per_plan": ((0, 1), {"segment": 1.0}),
    # from the crossroads the western arm's traffic towards it is seen from ahead, away from it not
    "important_segments_and_junctions": ((0, 0.5), {"junction": 1.0, "segment": 0.5}),
    # from (90, 20) the outside of the southern side of 100 m, and through the gateless fence everything the house does
    # not hide; the gate but not the mouth: shares of area and ring are those of the slow reference below
    "entrances_and_perimeter": ((90, 20), {"entrance": 0.5}),
    "site_per_plan": ((90, 20), {"entrance": 0.5}),
    "public_parts": ((90, 20), {"entrance": 0.5}),
    # south of the depot its stand-in gate, and the fronts of tank and warehouse over the open yard
    "production_storage_business_premises": ((-100, 20), {"entrance": 1.0}),
    "business_premises": ((-50, 0), {"entrance": 1.0, "area": 1.0}),
}


def test_what_is_seen_is_asked_of_every_part_that_a_view_can_answer() -> None:
    assert set(SEEN) == set(terms.PARTS) - {"vehicle_interior"}


@pytest.mark.parametrize("part", SEEN)
def test_one_camera_sees_of_the_part_what_the_pencil_says(part: str) -> None:
    camera, answer = SEEN[part]
    place, ground = ("shop", SHOP) if part == "business_premises" else ANSWERS[part][:2]
    told = seen_share(part, place, ground, camera)
    assert {name: told[name] for name in answer} == answer
    laid = lay(part, place, ground)
    solids = [[list(b.exterior.coords)[:-1]] for b in (box(60, 60, 100, 80), SHOP, STORES[0], STORES[1])]
    for component in ("area", "ring"):  # one line of sight at a time
        of = laid.demands[laid.demands["component"] == component].merge(laid.targets, on="target_id")
        if len(of):
            free = [sees(camera, (x - EAST, y - NORTH), solids, reach=200.0) for x, y in of[["x", "y"]].to_numpy()]
            assert told[component] == pytest.approx((of["weight"] * free).sum() / of["weight"].sum(), abs=6e-4)


@pytest.mark.parametrize(("front", "seen"), [(30, 0.0), (44, 0.0), (46, 1.0), (80, 1.0)])
def test_a_door_is_seen_from_its_front_within_the_angle_that_its_part_asks(
    tmp_path: Any, front: int, seen: float
) -> None:
    # the sample lies 0.5 m before the door at (-50, 9.5) and faces south; a camera at 45° to the south-west
    file = tmp_path / "r.toml"
    file.write_text(f"[parts.key_parts.entrance]\nfront = {front}\n", encoding="utf-8")
    needs = load_requirements(file)
    rows = [{"part": part, "place_id": "shop", "geometry": SHOP} for part in ("key_parts", "business_premises")]
    laid = lay_targets(make_mandates(*rows), town(), requirements=needs)
    doors = laid.demands[laid.demands["component"] == "entrance"]
    assert doors["target_id"].nunique() == 2  # one door, asked within two angles
    camera = make_cameras({**ROUND, "geometry": Point(-58, 1.5)})
    found = measure_fitting(laid.targets, laid.demands, camera, town(), requirements=needs)
    shares = roll_up(laid.demands, found, targets=laid.targets).set_index(["mandate_id", "component"])["share_low"]
    assert shares["m0", "entrance"] == seen
    assert shares["m1", "entrance"] == 1.0  # within 60° by default


def test_both_sides_of_a_ring_are_laid_and_seen_each_from_its_own(tmp_path: Any) -> None:
    file = tmp_path / "r.toml"
    file.write_text('[components.ring]\nfacing = "front"\nfront = 80\n', encoding="utf-8")
    needs = load_requirements(file)
    yard = box(300, 300, 340, 340)  # no walls anywhere near
    mandates = make_mandates({"part": "entrances_and_perimeter", "place_id": "yard", "geometry": yard})
    laid = lay_targets(mandates, town(), requirements=needs)
    ring = laid.targets[laid.targets["unit"] == "m"]
    assert set(ring["facing_within"]) == {80.0}
    middle = make_cameras({**ROUND, "geometry": Point(320, 320)})
    seen = measure_fitting(laid.targets, laid.demands, middle, town(), requirements=needs)
    rows = roll_up(laid.demands, seen, targets=laid.targets).set_index("component")
    assert rows.loc["ring", "share_low"] == 0.5  # from the yard's middle every inner side, no outer one
