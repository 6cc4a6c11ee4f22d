"""Ids from run to run: what was drawn anew, split, merged, moved or half closed keeps, halves or closes its id."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box
from shapely.geometry.base import BaseGeometry

from audit.town import at, make_mandates, make_seen, make_town
from citycover.audit.gap_ids import keep_gap_ids, keep_mandate_ids, match_gaps
from citycover.audit.gaps import find_gaps
from citycover.audit.targets import lay_targets

SURE = (1, 1.0, 1, 1.0, 0.0)


def road(x0: float, x1: float, number: int = 1, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a street section from x0 to x1 and the mandate on it."""
    line = LineString([(x0, 0), (x1, 0)])
    street = {"street_id": f"s{number}", "name": "中山路", "geometry": line}
    duty = {"part": "important_segments", "kind": "urban_road", "place_id": f"s{number}", "name": "中山路", **more}
    return street, {**duty, "geometry": line}


def meeting(
    *roads: tuple[dict[str, Any], dict[str, Any]],
    duties: tuple[dict[str, Any], ...] = (),
    gates: tuple[dict[str, Any], ...] = (),
    seen: BaseGeometry | None = None,
    before: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame] | None = None,
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Return mandates and gaps of one study; ``seen`` is the ground that cameras see, ``before`` an earlier study."""
    town = make_town(streets=[street for street, _ in roads], entrances=gates)
    mandates = make_mandates(*(duty for _, duty in roads), *duties)
    if before is not None:
        mandates = keep_mandate_ids(mandates.assign(mandate_id="new-" + mandates["mandate_id"]), before[0])
    laid = lay_targets(mandates, town)
    held = shapely.contains_xy(at(seen or box(-9, -9, -8, -8)), laid.targets["x"], laid.targets["y"])
    table = make_seen(laid.targets, dict.fromkeys(laid.targets["target_id"][held].astype(int), SURE))
    gaps = find_gaps(
        laid.demands,
        laid.targets,
        table,
        mandates=mandates,
        cameras=town.cameras,
        city=town,
        previous=None if before is None else before[1],
    )
    return mandates, gaps


def by_size(gaps: gpd.GeoDataFrame) -> list[tuple[float, str, str]]:
    """Return size, change and earlier ids of each gap, largest first, west before east."""
    rows = gaps.assign(x=gaps.geometry.centroid.x).sort_values(["size", "x"], ascending=[False, True])
    return list(zip(rows["size"].round(3), rows["change"], rows["previous_ids"], strict=True))


def test_a_street_that_a_new_crossing_cuts_in_two_halves_its_gap() -> None:
    before = meeting(road(0, 200))
    mandates, gaps = meeting(road(0, 80, 7), road(80, 200, 8), before=before)
    one = before[1]["gap_id"].iloc[0]
    assert mandates["mandate_id"].tolist() == ["new-m0", "m0"]  # the longer part is what the street was
    assert by_size(gaps) == [(120, "split", one), (80, "split", one)]
    assert gaps.set_index("size")["gap_id"].eq(one).to_dict() == {120.0: True, 80.0: False}
    assert gaps["gap_id"].is_unique


def test_two_sections_that_become_one_are_told_as_merged() -> None:
    before = meeting(road(0, 80, 7), road(80, 200, 8))
    mandates, gaps = meeting(road(0, 200), before=before)
    ids = before[1].set_index("size")["gap_id"]
    assert mandates["mandate_id"].tolist() == ["m1"]
    assert by_size(gaps) == [(200, "merged", f"{ids[120.0]};{ids[80.0]}")]
    assert gaps["gap_id"].tolist() == [ids[120.0]]


def test_what_was_drawn_anew_under_another_number_keeps_its_ids() -> None:
    square = {"part": "site_per_plan", "name": "中心广场", "geometry": box(0, 0, 60, 60)}
    park = {"part": "site_per_plan", "kind": "park", "geometry": box(200, 0, 260, 60)}
    before = meeting(duties=(square, park))
    anew = {**square, "place_id": "way/901", "geometry": box(2, 1, 61, 62)}  # IoU 58 · 59 / (3600 + 3599 - 3422) = 0.91
    mandates, gaps = meeting(duties=({**park, "place_id": "way/900"}, anew), before=before)
    assert mandates["mandate_id"].tolist() == ["m1", "m0"]
    assert mandates["place_id"].tolist() == ["way/900", "way/901"]  # what today's map says
    assert sorted(gaps["gap_id"]) == sorted(before[1]["gap_id"])
    assert set(gaps["change"]) == {"same"}


@pytest.mark.parametrize(("moved", "kept"), [(3.0, True), (29.0, True), (40.0, False)])
def test_a_gate_moved_by_three_metres_keeps_its_id(moved: float, kept: bool) -> None:
    gate = {"entrance_id": "a", "place_id": "way/0", "entrance": "gate", "facing": 180.0, "geometry": Point(30, 0)}
    duty = {"part": "key_parts", "kind": "school_kindergarten", "geometry": box(0, 0, 100, 40)}
    before = meeting(duties=(duty,), gates=(gate,))
    elsewhere = {**gate, "entrance_id": "b", "geometry": Point(30 + moved, 0)}
    _, gaps = meeting(duties=(duty,), gates=(elsewhere,), before=before)
    assert (gaps["gap_id"].tolist() == before[1]["gap_id"].tolist()) == kept
    assert gaps["change"].tolist() == ["same" if kept else "opened"]


def test_of_two_gates_side_by_side_each_keeps_its_own_id() -> None:
    gates = [
        {"entrance_id": k, "place_id": "way/0", "entrance": "gate", "facing": 180.0, "geometry": Point(x, 0)}
        for k, x in (("a", 30), ("b", 45))
    ]
    duty = {"part": "key_parts", "kind": "school_kindergarten", "geometry": box(0, 0, 100, 40)}
    before = meeting(duties=(duty,), gates=tuple(gates))
    moved = tuple({**g, "geometry": Point(g["geometry"].x + 6, 0)} for g in gates)  # a now lies 9 m from the old b
    _, gaps = meeting(duties=(duty,), gates=moved, before=before)
    west = [table.assign(x=table.geometry.x).sort_values("x")["gap_id"].tolist() for table in (before[1], gaps)]
    assert west[0] == west[1]
    assert set(gaps["change"]) == {"same"}  # 15 m apart, and neither is part of the other
    _, gaps = meeting(duties=(duty,), gates=tuple(gates[:1]), before=before)
    assert gaps["change"].tolist() == ["merged"]  # the one that is left answers for both


def test_a_gap_half_closed_keeps_its_id_and_is_told_as_shrunk() -> None:
    before = meeting(road(0, 180))
    _, gaps = meeting(road(0, 180), seen=box(-1, -1, 90, 1), before=before)
    one = before[1]["gap_id"].iloc[0]
    assert by_size(gaps) == [(90, "shrunk", one)]
    assert gaps["gap_id"].tolist() == [one]


def test_a_gap_closed_in_its_middle_leaves_two_of_which_one_keeps_the_id() -> None:
    before = meeting(road(0, 180))
    _, gaps = meeting(road(0, 180), seen=box(60, -1, 120, 1), before=before)
    one = before[1]["gap_id"].iloc[0]
    assert by_size(gaps) == [(60, "split", one), (60, "split", one)]
    assert (gaps["gap_id"] == one).sum() == 1


def test_a_gap_that_was_closed_frees_no_id_for_another_one() -> None:
    before = meeting(road(0, 100))
    _, closed = meeting(road(0, 100), seen=box(-1, -1, 101, 1), before=before)
    assert len(closed) == 0
    _, elsewhere = meeting(road(300, 400), before=before)
    assert elsewhere["change"].tolist() == ["opened"]
    assert not set(elsewhere["gap_id"]) & set(before[1]["gap_id"])


def test_another_bank_beside_a_bank_that_closed_is_another_place() -> None:
    bank = {"part": "key_parts", "kind": "financial_institution", "place_id": "node/1", "name": "工商银行"}
    before = meeting(duties=({**bank, "geometry": Point(0, 0)},))
    other = {**bank, "place_id": "node/2", "name": "建设银行", "geometry": Point(6, 0)}
    mandates, gaps = meeting(duties=(other,), before=before)
    assert mandates["mandate_id"].tolist() == ["new-m0"]
    assert gaps["change"].tolist() == ["opened"]
    renamed = {**other, "geometry": Point(0, 0)}
    assert meeting(duties=(renamed,), before=before)[0]["mandate_id"].tolist() == ["m0"]


def test_a_square_within_a_square_is_never_part_of_it() -> None:
    squares = (
        {"part": "site_per_plan", "geometry": box(0, 0, 200, 200)},
        {"part": "site_per_plan", "geometry": box(20, 20, 80, 80)},
    )
    before = meeting(duties=squares)
    _, gaps = meeting(duties=squares, before=before)
    assert set(gaps["change"]) == {"same"}
    assert gaps["previous_ids"].tolist() == gaps["gap_id"].tolist()


def test_gaps_of_another_rulebook_are_other_gaps() -> None:
    before = meeting(road(0, 100))
    mandates, gaps = meeting(
        road(0, 100, rulebook="other_2021"), before=(before[0], before[1].assign(rulebook="town_2020"))
    )
    assert mandates["mandate_id"].tolist() == ["new-m0"]
    assert gaps["change"].tolist() == ["opened"]


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False), st.floats(0, 2))
def test_the_order_of_rows_and_a_slight_shift_change_no_id(random: Any, shift: float) -> None:
    rows = [
        {"gap_id": f"g{i}", "mandate_id": f"m{i % 3}", "component": c, "size": 1.0, "unit": u, "article": "第八条"}
        | {"item": "（一）", "kind": "square", "geometry": at(shape)}
        for i, (c, u, shape) in enumerate(
            [("segment", "m", LineString([(50 * n, 0), (50 * n + 45, 0)])) for n in range(4)]
            + [("area", "m2", box(70 * n, 50, 70 * n + 40, 90)) for n in range(3)]
            + [("entrance", "point", Point(12 * n, 120)) for n in range(4)]
        )
    ]
    old = gpd.GeoDataFrame(rows, geometry="geometry", crs=32650)
    order = list(range(len(rows)))
    random.shuffle(order)
    new = old.iloc[order].reset_index(drop=True)
    new = new.assign(gap_id=[f"x{i}" for i in range(len(new))]).set_geometry(new.geometry.translate(shift, shift))
    kept = keep_gap_ids(new, old)
    assert kept["gap_id"].tolist() == old["gap_id"].iloc[order].tolist()
    assert set(kept["change"]) == {"same"}
    assert match_gaps(old, old.iloc[:0]).empty
    assert keep_gap_ids(new, old.iloc[:0])["change"].eq("opened").all()
    assert isinstance(kept, pd.DataFrame)
