"""Gaps of a hand-drawn town: stretches, patches, gates and junctions, with reasons, names and ids."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import LineString, Point, box

from audit.town import EAST, NORTH, at, make_cameras, make_mandates, make_seen, make_town
from citycover import tables
from citycover.audit._merging import split_by_cause
from citycover.audit.coverage import roll_up
from citycover.audit.gaps import find_gaps
from citycover.audit.priorities import find_roads
from citycover.audit.requirements import Requirements, load_requirements
from citycover.audit.targets import Laid, lay_targets
from citycover.city.model import City
from citycover.law.rulebook import load_rulebook

SURE = (1, 1.0, 1, 1.0, 0.0)
MAYBE = (0, 0.25, 1, 0.25, 0.0)


def street(length: float, **more: Any) -> dict[str, Any]:
    return {"street_id": "s1", "name": "中山路", "geometry": LineString([(0, 0), (length, 0)]), **more}


def road(length: float, **more: Any) -> dict[str, Any]:
    line = LineString([(0, 0), (length, 0)])
    return {"part": "important_segments", "kind": "urban_road", "place_id": "s1", "geometry": line, **more}


def seen_where(
    laid: Laid, inside: shapely.Geometry, figures: tuple[int, float, int, float, float] = SURE
) -> pd.DataFrame:
    """Return ``seen`` with the figures for the targets inside a polygon, zeros for the others."""
    held = shapely.contains_xy(at(inside), laid.targets["x"], laid.targets["y"])
    return make_seen(laid.targets, dict.fromkeys(laid.targets["target_id"][held].astype(int), figures))


def gaps_of(laid: Laid, seen: pd.DataFrame, mandates: gpd.GeoDataFrame, city: City, **more: Any) -> gpd.GeoDataFrame:
    cameras = more.pop("cameras", city.cameras)
    return find_gaps(laid.demands, laid.targets, seen, mandates=mandates, cameras=cameras, city=city, **more)


def with_rules(**rules: float) -> Requirements:
    """Return our requirements with other rules for gaps."""
    ours = load_requirements()
    return ours.model_copy(update={"gaps": ours.gaps.model_copy(update=rules)})


NOWHERE = box(-9, -9, -8, -8)


def test_a_street_seen_in_its_middle_has_a_gap_at_either_end() -> None:
    town, mandates = make_town(streets=[street(300)]), make_mandates(road(300))
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, box(100, -1, 200, 1)), mandates, town)
    assert gaps["size"].tolist() == [100, 100]
    ends = sorted((round(g.bounds[0] - EAST, 3), round(g.bounds[2] - EAST, 3)) for g in gaps.geometry)
    assert ends == [(0, 100), (200, 300)]
    assert gaps["unit"].eq("m").all()
    tables.check(gaps, "gaps")


def test_a_stretch_of_450_m_is_cut_into_three_equal_gaps() -> None:
    town, mandates = make_town(streets=[street(450)]), make_mandates(road(450))
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town)
    assert gaps["size"].tolist() == [150, 150, 150]
    assert sorted(n[-8:-1] for n in gaps["name"]) == ["第1段/共3段", "第2段/共3段", "第3段/共3段"]
    assert gaps["gap_id"].is_unique


def test_gaps_add_up_to_what_the_roll_up_finds_unseen() -> None:
    town = make_town(streets=[street(300)])
    mandates = make_mandates(
        road(300),
        {"part": "public_parts", "geometry": box(40, 20, 93, 71)},
        {"part": "entrances_and_perimeter", "geometry": box(140, 20, 193, 71)},
    )
    laid = lay_targets(mandates, town)
    seen = seen_where(laid, box(50, -10, 150, 50))
    coverage = roll_up(laid.demands, seen, targets=laid.targets).set_index(["mandate_id", "component"])
    gaps = gaps_of(laid, seen, mandates, town).groupby(["mandate_id", "component"])["size"].sum()
    unseen = (coverage["required"] - coverage["seen_low"]).loc[gaps.index]
    assert gaps.to_dict() == pytest.approx(unseen.to_dict())
    assert {("m0", "segment"), ("m1", "area"), ("m2", "ring")} <= set(gaps.index)


def test_a_square_seen_in_its_middle_strip_has_two_patches() -> None:
    town, mandates = make_town(), make_mandates({"part": "site_per_plan", "geometry": box(200, 200, 260, 220)})
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, box(220, 190, 240, 230)), mandates, town)
    assert gaps["size"].tolist() == [400, 400]
    assert sorted(g.area for g in gaps.geometry) == pytest.approx([400, 400])
    assert sorted(gaps["name"].str[-3:-1]) == ["东侧", "西侧"]


def test_cells_of_different_size_that_touch_are_one_patch() -> None:
    # the park has cells of 10 m, split to 5 m where the square lies
    town = make_town()
    mandates = make_mandates(
        {"part": "site_per_plan", "kind": "park", "geometry": box(0, 0, 300, 200)},
        {"part": "site_per_plan", "geometry": box(100, 100, 120, 120)},
    )
    laid = lay_targets(mandates, town)
    whole = with_rules(largest=60_000)
    gaps = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town, requirements=whole).set_index("mandate_id")
    assert gaps["size"].to_dict() == {"m0": 60_000, "m1": 400}
    assert gaps.loc["m0"].geometry.area == pytest.approx(60_000)


def test_each_gate_is_a_gap_of_its_own() -> None:
    gates = [
        {
            "entrance_id": "a",
            "place_id": "way/0",
            "name": "北门",
            "entrance": "gate",
            "facing": 0.0,
            "geometry": Point(50, 40),
        },
        {"entrance_id": "b", "place_id": "way/0", "entrance": "gate", "facing": 180.0, "geometry": Point(50, 0)},
    ]
    town = make_town(entrances=gates)
    mandates = make_mandates(
        {"part": "key_parts", "kind": "school_kindergarten", "name": "新吴小学", "geometry": box(0, 0, 100, 40)}
    )
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town)
    assert sorted(gaps["name"]) == ["新吴小学 出入口（南侧）", "新吴小学 北门（北侧）"]
    assert gaps["size"].tolist() == [1, 1]


def test_nanchang_s_duty_of_main_entrances_gives_one_gap_per_gate() -> None:
    """The part is the text's own; of three gates the emergency exit is no main one, and each of the others is a gap."""
    assert "main_entrances_passages_or_key_parts" in {row.part for row in load_rulebook("nanchang_2016").rows}
    gates = [
        {"entrance_id": k, "place_id": "way/0", "entrance": kind, "facing": f, "geometry": Point(x, y)}
        for k, kind, f, x, y in (
            ("a", "gate", 0.0, 50, 40),
            ("b", "gate", 180.0, 50, 0),
            ("c", "emergency", 90.0, 100, 20),
        )
    ]
    town = make_town(entrances=gates)
    duty = {
        "part": "main_entrances_passages_or_key_parts",
        "kind": "hospital",
        "name": "市医院",
        "geometry": box(0, 0, 100, 40),
    }
    mandates = make_mandates(duty)
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town)
    gaps = gaps[gaps["component"] == "entrance"]
    assert sorted(gaps["name"]) == ["市医院 出入口（北侧）", "市医院 出入口（南侧）"]
    assert gaps["size"].tolist() == [1, 1]


def every_component() -> tuple[City, gpd.GeoDataFrame]:
    """Return a town with an unseen gap of each component, none of whose places has a name."""
    arms = {"n": (0, 300), "e": (300, 0)}
    streets = [
        {"street_id": k, "name": None, "road_class": "primary", "geometry": LineString([(0, 0), tip])}
        for k, tip in arms.items()
    ]
    town = make_town(
        streets=streets, junctions=[{"junction_id": "j", "name": "甲路–乙路", "radius": 20.0, "geometry": Point(0, 0)}]
    )
    return town, make_mandates(
        {
            "part": "important_segments",
            "kind": "urban_road",
            "place_id": "e",
            "geometry": LineString([(0, 0), (300, 0)]),
        },
        {"part": "site_per_plan", "kind": "square", "geometry": box(100, 100, 120, 120)},
        {"part": "entrances_and_perimeter", "kind": "hospital", "geometry": box(300, 300, 340, 340)},
        {"part": "key_parts", "kind": "financial_institution", "geometry": box(20, 400, 60, 440)},
        {"part": "important_junctions", "kind": "road_junction", "place_id": "j", "geometry": Point(0, 0)},
        {"part": "site_per_plan", "kind": "tunnel", "geometry": LineString([(500, 500), (600, 500)])},
    )


def test_the_names_of_gaps_are_in_one_language_and_their_ids_in_none() -> None:
    town, mandates = every_component()
    laid = lay_targets(mandates, town)
    seen = seen_where(laid, NOWHERE)
    zh = gaps_of(laid, seen, mandates, town)
    en = gaps_of(laid, seen, mandates, town, lang="en")
    assert {"segment", "ring", "area", "entrance", "junction"} <= set(en["component"])
    pd.testing.assert_frame_equal(pd.DataFrame(zh.drop(columns="name")), pd.DataFrame(en.drop(columns="name")))
    mapped = "甲路–乙路"  # the one name on this map
    assert not en["name"].str.replace(mapped, "").str.contains(r"[\u3000-\u9fff\uff00-\uffef]").any()
    assert not zh["name"].str.contains(r"[A-Za-z]{3}").any()


@pytest.mark.parametrize(
    ("component", "zh", "en"),
    [
        ("area", "未命名广场 场地 400 m²（全部）", "unnamed place (Squares and plazas) ground 400 m² (all of it)"),
        ("segment", "未命名道路（主干路） 150 m（第1段/共2段）", "unnamed road (main road) 150 m (part 1 of 2)"),
        ("junction", "甲路–乙路 路口 3 处", "甲路–乙路 junction 3 points"),
    ],
)
def test_a_name_says_the_same_in_both_languages(component: str, zh: str, en: str) -> None:
    # 300 m in equal pieces of at most 200 m are 2 of 150 m; 20 m by 20 m of open ground; two arms and the middle
    town, mandates = every_component()
    laid = lay_targets(mandates, town)
    seen = seen_where(laid, NOWHERE)
    for lang, name in (("zh", zh), ("en", en)):
        gaps = gaps_of(laid, seen, mandates, town, lang=lang)
        assert gaps.loc[gaps["component"] == component, "name"].min() == name


def test_an_english_gate_is_told_with_its_side_and_whether_it_is_assumed() -> None:
    town = make_town(
        entrances=[{"entrance_id": "b", "place_id": "way/0", "entrance": "gate", "geometry": Point(50, 0)}],
        streets=[street(100)],
    )
    mandates = make_mandates(
        {"part": "key_parts", "kind": "school_kindergarten", "name": "新吴小学", "geometry": box(0, 0, 100, 40)}
    )
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town, lang="en")
    assert gaps["name"].tolist() == ["新吴小学 entrance (south side)"]
    laid = laid._replace(demands=laid.demands.assign(surrogate=True))
    gaps = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town, lang="en")
    assert gaps["name"].tolist() == ["新吴小学 entrance (south side, assumed position)"]


def test_a_junction_is_one_gap_of_as_many_points_as_are_unseen() -> None:
    arms = {"n": (0, 100), "e": (100, 0), "s": (0, -100), "w": (-100, 0)}
    town = make_town(
        streets=[{"street_id": k, "name": k, "geometry": LineString([(0, 0), tip])} for k, tip in arms.items()],
        junctions=[{"junction_id": "j", "name": "南北路–东西路", "radius": 20.0, "geometry": Point(0, 0)}],
    )
    mandates = make_mandates(
        {"part": "important_junctions", "kind": "road_junction", "place_id": "j", "geometry": Point(0, 0)}
    )
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, box(10, -5, 30, 5)), mandates, town)  # the eastern approach is seen
    assert gaps["size"].tolist() == [4]
    assert gaps["name"].tolist() == ["南北路–东西路 路口 4 处"]


def test_a_street_gap_names_its_cross_streets() -> None:
    streets = [
        street(100, from_node="a", to_node="b"),
        {
            "street_id": "s2",
            "name": "上海路",
            "from_node": "a",
            "to_node": "x",
            "geometry": LineString([(0, 0), (0, 50)]),
        },
        {
            "street_id": "s3",
            "name": "广州路",
            "from_node": "y",
            "to_node": "b",
            "geometry": LineString([(100, 50), (100, 0)]),
        },
    ]
    town, mandates = make_town(streets=streets), make_mandates(road(100))
    laid = lay_targets(mandates, town)
    assert gaps_of(laid, seen_where(laid, NOWHERE), mandates, town)["name"].tolist() == [
        "中山路 100 m（上海路—广州路）"
    ]


def test_a_street_without_a_name_is_called_by_its_class() -> None:
    town = make_town(streets=[street(100, name=None, road_class="primary")])
    mandates = make_mandates(road(100))
    laid = lay_targets(mandates, town)
    assert gaps_of(laid, seen_where(laid, NOWHERE), mandates, town)["name"].tolist() == ["未命名道路（主干路） 100 m"]


def test_without_cameras_there_is_none_near_and_the_nearest_is_unknown() -> None:
    town, mandates = make_town(streets=[street(100)]), make_mandates(road(100))
    laid = lay_targets(mandates, town)
    row = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town).iloc[0]
    assert row["reason"] == "no_camera_near"
    assert pd.isna(row["nearest_camera"])
    assert pd.isna(row["nearest_camera_id"])


def reason_with(camera: dict[str, Any], **things: Any) -> tuple[str, float, str]:
    """Return reason, distance and id of the nearest camera for one gate at (0, 0) facing south, needed at 125 px/m.

    The camera has 90° and 1920 pixels: 960 / d px/m, which is 32 at 30 m and 125 at 7.68 m.
    """
    gate = {"entrance_id": "a", "place_id": "way/0", "entrance": "gate", "facing": 180.0, "geometry": Point(0, 0)}
    town = make_town(entrances=[gate], **things)
    mandates = make_mandates({"part": "key_parts", "geometry": box(-20, 0, 20, 40)})
    laid = lay_targets(mandates, town)
    pose = {"hfov": 90.0, "reach": 50.0, "pixels": 1920, "mount_height": 1.5}
    row = gaps_of(laid, make_seen(laid.targets, {}), mandates, town, cameras=make_cameras(pose | camera)).iloc[0]
    return row["reason"], round(row["nearest_camera"]), row["nearest_camera_id"]


def test_reasons_tell_the_cases_apart() -> None:
    south = {"geometry": Point(0, -30)}
    assert reason_with({"geometry": Point(0, -150), "azimuth": 0.0}) == ("no_camera_near", 150, "c0")
    assert reason_with(south | {"azimuth": 180.0}) == ("out_of_view", 30, "c0")
    assert reason_with(south | {"azimuth": 0.0}) == ("too_coarse", 30, "c0")
    near = {"geometry": Point(0, -7.6), "counts": "range"}
    assert reason_with(near) == ("only_optimistic", 7, "c0")
    wall = {"building_id": "b", "geometry": box(-5, -20, 5, -15)}
    assert reason_with(south | {"azimuth": 0.0}, buildings=[wall]) == ("hidden", 30, "c0")
    assert reason_with(south | {"azimuth": 0.0}, buildings=[{**wall, "opaque": False}]) == ("too_coarse", 30, "c0")


def test_a_camera_that_does_not_count_is_not_the_nearest() -> None:
    town, mandates = make_town(streets=[street(100)]), make_mandates(road(100))
    laid = lay_targets(mandates, town)
    cameras = make_cameras({"geometry": Point(50, 3), "counts": "no"})
    row = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town, cameras=cameras).iloc[0]
    assert row["reason"] == "no_camera_near"
    assert pd.isna(row["nearest_camera"])


def test_one_camera_where_two_are_required_is_too_few() -> None:
    town, mandates = make_town(streets=[street(100)]), make_mandates(road(100, part="whole_length_per_plan"))
    laid = lay_targets(mandates, town)
    demands = laid.demands.assign(cameras_required=2)
    seen = make_seen(laid.targets, dict.fromkeys(range(20), SURE))
    gaps = find_gaps(
        demands, laid.targets, seen, mandates=mandates, cameras=make_cameras({"geometry": Point(50, 3)}), city=town
    )
    assert gaps["reason"].tolist() == ["too_few"]


def test_who_must_close_a_gap_is_the_effective_builder() -> None:
    town, mandates = make_town(streets=[street(100)]), make_mandates(road(100, builder_effective="government"))
    laid = lay_targets(mandates, town)
    assert gaps_of(laid, seen_where(laid, NOWHERE), mandates, town)["builder"].tolist() == ["government"]


def test_an_undecided_duty_weighs_less_than_a_named_one() -> None:
    town = make_town(streets=[street(100)])
    mandates = make_mandates(road(100, standing="undecided"), road(100, standing="named"))
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town)
    assert gaps["standing"].tolist() == ["named", "undecided"]
    # 35 or 10 for the duty, 25 · 0.6 for a road, 20 · 0.8 for a secondary road, 20 · 100/200 for its length
    assert gaps["priority"].tolist() == [76.0, 51.0]


def test_ids_do_not_depend_on_the_order_of_rows() -> None:
    town = make_town(streets=[street(450)])
    mandates = make_mandates(road(450), {"part": "entrances_and_perimeter", "geometry": box(40, 20, 60, 40)})
    laid = lay_targets(mandates, town)
    seen = seen_where(laid, box(100, -50, 120, 50))
    plain = gaps_of(laid, seen, mandates, town)
    mixed = find_gaps(
        laid.demands.sample(frac=1, random_state=1),
        laid.targets.sample(frac=1, random_state=2),
        seen.sample(frac=1, random_state=3),
        mandates=mandates.iloc[::-1],
        cameras=town.cameras,
        city=town,
    )
    pd.testing.assert_frame_equal(pd.DataFrame(plain), pd.DataFrame(mixed))


def test_a_gap_that_shrinks_a_little_keeps_its_id_with_the_earlier_gaps() -> None:
    town, mandates = make_town(streets=[street(180)]), make_mandates(road(180))
    laid = lay_targets(mandates, town)
    before = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town)
    seen = seen_where(laid, box(0, -1, 50, 1))  # the middle moves by 25 m
    alone = gaps_of(laid, seen, mandates, town)
    after = gaps_of(laid, seen, mandates, town, previous=before)
    assert alone["gap_id"].tolist() != before["gap_id"].tolist()
    assert after["gap_id"].tolist() == before["gap_id"].tolist()


def test_what_is_seen_everywhere_leaves_no_gap() -> None:
    town, mandates = make_town(streets=[street(100)]), make_mandates(road(100))
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, box(-50, -50, 150, 50)), mandates, town)
    assert len(gaps) == 0
    assert gaps.crs == town.crs


def test_only_what_is_certain_closes_a_gap() -> None:
    town, mandates = make_town(streets=[street(100)]), make_mandates(road(100))
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, box(-50, -50, 150, 50), MAYBE), mandates, town)
    assert gaps["size"].tolist() == [100]


def test_gaps_lie_where_their_targets_lie() -> None:
    town, mandates = (
        make_town(),
        make_mandates({"part": "entrances_and_perimeter", "geometry": box(300, 300, 340, 340)}),
    )
    laid = lay_targets(mandates, town)
    gaps = gaps_of(laid, seen_where(laid, NOWHERE), mandates, town).set_index("component")
    ring = gaps.loc["ring"].geometry  # between its two sides, on the boundary itself
    assert ring.bounds == pytest.approx((EAST + 300, NORTH + 300, EAST + 340, NORTH + 340))
    assert gaps.loc["ring", "size"] == 160


def test_a_stretch_with_two_causes_is_cut_where_the_cause_changes():
    # 30 m without a camera near, then 30 m hidden: two parts; 10 m of another cause between do not cut
    sequence, weight = np.arange(12), np.full(12, 5.0)
    cause = np.array([0] * 6 + [1] * 6)
    assert split_by_cause(np.zeros(12, int), sequence, weight, cause)[0].tolist() == [0] * 6 + [1] * 6
    cause[4:6] = 2
    assert split_by_cause(np.zeros(12, int), sequence, weight, cause)[0].tolist() == [0] * 6 + [1] * 6
    # a step in the sequence ends a stretch: what is short beyond it stays by itself
    sequence[6:] += 1
    cause = np.array([0] * 6 + [1] * 2 + [0] * 4)
    assert split_by_cause(np.zeros(12, int), sequence, weight, cause)[0].tolist() == [0] * 6 + [1] * 6


def test_a_planner_can_recompute_a_priority_by_hand_from_its_columns() -> None:
    # a primary street of 300 m that carries more routes than 80 % of the streets' length; 100 m of it are not seen
    rated = {"road_class": "primary", "betweenness_rank": 0.8}
    town, mandates = make_town(streets=[street(300, **rated)]), make_mandates(road(300, standing="qualified"))
    laid = lay_targets(mandates, town)
    gap = gaps_of(laid, seen_where(laid, box(100, -1, 301, 1)), mandates, town).iloc[0]
    parts = gap[["priority_duty", "priority_kind", "priority_road", "priority_size"]].tolist()
    # qualified 30; 城市道路 25 · 0.6; 20 · (½ · 1 + ½ · 0.8); 20 · 100 m / 200 m
    assert parts == [30, 15, 18, 10]
    assert gap["priority"] == sum(parts)


def test_a_junction_is_as_important_as_the_busiest_street_that_touches_it() -> None:
    streets = [
        street(100, road_class="primary", betweenness_rank=0.3),
        {
            "street_id": "s2",
            "road_class": "residential",
            "betweenness_rank": 0.9,
            "geometry": LineString([(0, 18), (0, 90)]),
        },
        {"street_id": "s3", "betweenness_rank": 1.0, "geometry": LineString([(0, 60), (50, 60)])},
    ]
    junction = {"junction_id": "j", "radius": 20.0, "road_class": "primary", "geometry": Point(0, 0)}
    town = make_town(streets=streets, junctions=[junction])
    roads = find_roads(pd.Series(["j", "s2", "gate"]), town)
    assert roads["road_class"].fillna("").tolist() == ["primary", "residential", ""]
    assert roads["betweenness_rank"].fillna(-1).tolist() == [0.9, 0.9, -1]
