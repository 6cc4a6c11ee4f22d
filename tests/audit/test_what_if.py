"""What cameras would bring, lose or close: a street of 100 m, one camera at each end, checked with a pencil.

On the axis of a 1080p camera of 90° a target at d metres has 960 / d px/m: 25 px/m up to 38.4 m, 62.5 up to 15.4 m,
125 up to 7.7 m, 250 up to 3.8 m. Samples lie at 2.5, 7.5, 12.5 … m and stand for 5 m each.
"""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from audit.town import make_cameras, make_mandates, make_town
from citycover import tables
from citycover.audit.coverage import measure_headline, roll_up
from citycover.audit.fitting import measure_apart, measure_fitting
from citycover.audit.levels import lay_public_ground, measure_levels, measure_whole_area
from citycover.audit.requirements import load_requirements
from citycover.audit.targets import lay_targets
from citycover.audit.what_if import coverage_if_networked, coverage_with, coverage_without
from citycover.errors import InputError
from citycover.law.rulebook import load_rulebook

STREET = LineString([(0, 0), (100, 0)])
TOWN = make_town(
    streets=[{"street_id": "s", "name": "中山路", "geometry": STREET}],
    entrances=[{"entrance_id": "g", "place_id": "gate", "entrance": "gate", "facing": 90.0, "geometry": Point(-1, 0)}],
)
MANDATES = make_mandates(
    {"part": "whole_length_per_plan", "place_id": "s", "builder": "government", "geometry": STREET}
)
LAID = lay_targets(MANDATES, TOWN)


def camera(x: float, azimuth: float | None = 90.0, reach: float = 30.0, **more: Any) -> dict[str, Any]:
    pose = {"azimuth": azimuth, "hfov": 90.0, "pixels": 1920, "reach": reach, "mount_height": 1.5}
    return {"geometry": Point(x, 0), "owner_class": "government", **pose, **more}


# c0 sees 0–30 m, c1, of an enterprise and not connected, 70–100 m
BOTH = make_cameras(camera(0), camera(100, 270.0, owner_class="enterprise", networked=False, owner="一家公司"))
ASKED: dict[str, Any] = {"demands": LAID.demands, "targets": LAID.targets, "city": TOWN}


def proposed(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    out = make_cameras(*rows)
    return out.assign(camera_id=[f"p{i}" for i in range(len(out))], status="planned")


def test_a_proposed_camera_brings_what_only_it_sees() -> None:
    answer = coverage_with(proposed(camera(20, 90.0)), cameras=BOTH, **ASKED)  # sees 20–50, of which 20–30 is seen
    row = answer.headline.iloc[0]
    assert row[["unit", "required", "seen_low_before", "seen_low_after", "seen_low_change"]].tolist() == [
        *("m", 100, 60, 80, 20)
    ]
    assert answer.changes[["mandate_id", "component", "seen_low_change"]].values.tolist() == [["m0", "segment", 20.0]]
    assert answer.cameras[["camera_id", "feature_id", "unit", "size"]].values.tolist() == [["p0", "s", "m", 20.0]]
    tables.check(answer.coverage, "coverage")


def test_a_camera_cannot_be_proposed_under_an_id_that_exists() -> None:
    with pytest.raises(InputError, match="new camera ids.*c0"):
        coverage_with(make_cameras(camera(20)), cameras=BOTH, **ASKED)


def test_dismantling_loses_what_only_they_see_and_names_the_day_of_notice() -> None:
    answer = coverage_without(["c1"], cameras=BOTH, rulebook=load_rulebook("wuxi_2019"), on="2026-03-31", **ASKED)
    assert answer.headline["seen_low_change"].tolist() == [-30]
    assert answer.cameras[["camera_id", "owner", "size"]].values.tolist() == [["c1", "一家公司", 30.0]]
    # Wuxi art. 17: ten days before
    assert answer.notices.values.tolist() == [["c1", "2026-03-31", "2026-03-21", "before", "第十七条", "公安机关"]]


def test_what_each_lost_camera_saw_adds_up_to_the_loss() -> None:
    answer = coverage_without(["c0", "c1"], cameras=BOTH, **ASKED)
    assert answer.cameras.set_index("camera_id")["size"].to_dict() == {"c0": 30, "c1": 30}
    assert answer.changes["seen_low_change"].tolist() == [-60]
    assert len(answer.notices) == 0


def test_the_day_of_notice_follows_the_register_and_may_come_after_or_be_unknown() -> None:
    cameras = BOTH.assign(removed_on=["2026-02-01", None])
    rulebook = load_rulebook("changzhou_2014")
    answer = coverage_without(["c0", "c1"], cameras=cameras, rulebook=rulebook, **ASKED)
    told = answer.notices[["report_by", "direction"]].astype(object)
    # Changzhou art. 19: within fifteen days after
    assert told.where(told.notna(), None).values.tolist() == [["2026-02-16", "after"], [None, "after"]]


def test_dismantling_one_of_two_equal_cameras_loses_nothing() -> None:
    twin = make_cameras(camera(0), camera(0))
    answer = coverage_without(["c1"], cameras=twin, **ASKED)
    assert len(answer.changes) == len(answer.cameras) == 0


def test_unknown_ids_and_days_are_refused() -> None:
    with pytest.raises(InputError, match="1 unknown, such as c7"):
        coverage_without(["c7"], cameras=BOTH, **ASKED)
    with pytest.raises(InputError, match="31 March"):
        coverage_without(["c1"], cameras=BOTH, rulebook=load_rulebook("wuxi_2019"), on="31 March", **ASKED)


def test_connecting_an_existing_camera_closes_what_it_already_sees() -> None:
    answer = coverage_if_networked(cameras=BOTH, **ASKED)  # c0 is not known to be unconnected
    assert answer.headline[["seen_low_before", "seen_low_after"]].values.tolist() == [[30, 60]]
    assert answer.cameras[["camera_id", "owner_class", "mandate_id", "size"]].values.tolist() == [
        ["c1", "enterprise", "m0", 30.0]
    ]


def test_private_approved_and_planned_cameras_are_told_apart() -> None:
    cameras = make_cameras(
        camera(0),
        camera(100, 270.0, owner_class="enterprise"),
        camera(30, reach=10.0, status="building", counts="no", counts_reason="not_accepted"),  # 30–40
        camera(50, reach=20.0, status="planned", counts="no", counts_reason="not_accepted"),  # 50–70
    )
    seen = measure_fitting(LAID.targets, LAID.demands, cameras, TOWN)
    out = measure_apart(LAID.targets, LAID.demands, seen, mandates=MANDATES, cameras=cameras, city=TOWN)
    assert out[["which", "cameras", "seen_low"]].values.tolist() == [
        ["base", 1, 30],
        ["private", 2, 60],
        ["approved", 3, 70],
        ["planned", 4, 90],
    ]
    tables.check(out, "coverage_apart")


def test_on_ground_that_its_owner_must_cover_a_private_camera_counts_from_the_start() -> None:
    mandates = MANDATES.assign(builder="owner")
    seen = measure_fitting(LAID.targets, LAID.demands, BOTH, TOWN)
    out = measure_apart(LAID.targets, LAID.demands, seen, mandates=mandates, cameras=BOTH, city=TOWN)
    assert out.set_index("which")["seen_low"].to_dict() == dict.fromkeys(("base", "private", "approved", "planned"), 60)


def test_a_plate_camera_answers_for_the_street_and_not_for_the_gate_and_an_unknown_purpose_for_both() -> None:
    mandates = make_mandates(
        {"part": "whole_length_per_plan", "place_id": "s", "geometry": STREET},
        {"part": "key_parts", "place_id": "gate", "geometry": box(-20, -10, -1, 10)},
    )
    laid = lay_targets(mandates, TOWN)
    seen_by = {}
    for purpose in ("plate", "overview", None):
        cameras = make_cameras(camera(6, 270.0, purpose=purpose))  # 6.5 m before the gate: 148 px/m
        seen = measure_fitting(laid.targets, laid.demands, cameras, TOWN)
        assert seen["target_id"].tolist() == laid.targets["target_id"].tolist()
        sums = roll_up(laid.demands, seen, targets=laid.targets).set_index("component")["seen_low"]
        seen_by[purpose] = sums[["entrance", "segment"]].tolist()
    assert seen_by == {"plate": [0, 5], "overview": [1, 5], None: [1, 5]}


def test_every_level_is_told_from_one_measurement() -> None:
    seen = measure_fitting(LAID.targets, LAID.demands, BOTH.iloc[:1], TOWN)
    out = measure_levels(LAID.demands, LAID.targets, seen, mandates=MANDATES)
    for scope in ("headline", "component", "kind", "item"):
        rows = out[out["scope"] == scope].set_index("level")["seen_low"]
        assert rows[[25.0, 62.5, 125.0, 250.0]].tolist() == [30, 15, 10, 5], scope
    assert out["value"].unique().tolist() == ["", "segment", "square", "第八条（一）"]
    tables.check(out, "coverage_levels")


def test_the_whole_area_is_all_public_ground_outside_buildings() -> None:
    # 100 × 10 m of street, 10 × 10 m of it under a house: 9 points of the 10 m grid, 100 m² each
    city = make_town(
        public_ground=[{"ground_id": "g", "ground_kind": "street", "geometry": box(0, 0, 100, 10)}],
        buildings=[{"building_id": "b", "geometry": box(90, 0, 100, 10)}],
    )
    assert lay_public_ground(city)["size"].tolist() == [100.0] * 9
    cameras = make_cameras({**camera(0), "geometry": Point(0, 5)})  # 5, 15 and 25 m lie within its reach
    out = measure_whole_area(city, cameras).set_index("level")
    assert out.loc[25.0, ["required", "seen_low", "unit", "scope"]].tolist() == [900, 300, "m2", "whole_area"]
    assert len(measure_whole_area(make_town(), cameras)) == 0


poses = st.tuples(st.integers(-20, 120), st.integers(-20, 20), st.one_of(st.none(), st.integers(0, 359)))


@settings(max_examples=15, deadline=None)
@given(st.lists(poses, max_size=4), poses, st.sampled_from(["plate", "overview", None]))
def test_a_counting_camera_never_lowers_a_share_and_taking_it_away_undoes_it(
    there: list[tuple[int, int, int | None]], new: tuple[int, int, int | None], purpose: str | None
) -> None:
    def drawn(x: int, y: int, azimuth: int | None) -> dict[str, Any]:
        counts = "range" if azimuth is None else "yes"
        return {**camera(0, azimuth), "geometry": Point(x, y), "counts": counts, "purpose": purpose}

    cameras = make_cameras(*(drawn(*pose) for pose in [*there, new]))
    added = cameras.iloc[[-1]].assign(camera_id="p0")
    answer = coverage_with(added, cameras=cameras.iloc[:-1], **ASKED)
    assert (answer.headline[[f"seen_{end}_change" for end in ("low", "expected", "high")]] >= -1e-9).all(axis=None)
    back = coverage_without(["p0"], cameras=pd.concat([cameras.iloc[:-1], added], ignore_index=True), **ASKED)
    assert back.headline["seen_low_change"].tolist() == pytest.approx((-answer.headline["seen_low_change"]).tolist())
    assert answer.cameras["size"].sum() == pytest.approx(answer.headline["seen_low_change"].sum())
    levels = measure_levels(LAID.demands, LAID.targets, answer.seen, mandates=MANDATES)
    for end in ("low", "expected", "high"):
        assert (levels.groupby("scope")[f"share_{end}"].diff().dropna() <= 1e-9).all()


def test_shuffled_input_changes_nothing() -> None:
    seen = measure_fitting(LAID.targets, LAID.demands, BOTH, TOWN)
    mixed = measure_fitting(LAID.targets.iloc[::-1], LAID.demands.iloc[::-1], BOTH.iloc[::-1], TOWN)
    pd.testing.assert_frame_equal(
        measure_levels(LAID.demands, LAID.targets, seen, mandates=MANDATES),
        measure_levels(LAID.demands.iloc[::-1], LAID.targets.iloc[::-1], mixed, mandates=MANDATES.iloc[::-1]),
    )
    assert measure_headline(LAID.demands, LAID.targets, mixed)["seen_low"].tolist() == [60]


def test_a_purpose_that_is_no_purpose_is_refused(tmp_path: Any) -> None:
    file = tmp_path / "r.toml"
    file.write_text('[purposes]\nplates = ["segment"]\n', encoding="utf-8")
    with pytest.raises(InputError, match="nearest right one: purposes.plate"):
        load_requirements(file)
