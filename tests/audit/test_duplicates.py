"""A duplicate is a build whose useful view others already have: pairs of the same overlap and opposite answers."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citycover.audit import duplicates
from citycover.audit.duplicates import find_duplicates
from citycover.errors import CrsError, InputError

CRS = "EPSG:32650"
E, N = 500_000.0, 3_500_000.0  # on the central meridian: grid north is true north


NORTHERN = {"y": 60.0, "azimuth": 180.0, "hfov": 100.0, "pixels": 12_000.0, "reach": 80.0}
"""60 m north, turned to the new one: 50° to each side reach 23.8 m at 40 m, where 30° reach 23.1 m; 84 px/m at 60 m."""


def cameras(*rows: dict) -> gpd.GeoDataFrame:
    """Cameras that look north over 40 m of open ground: 1920 px and 60° give 41.6 px/m at 40 m."""
    base = {"azimuth": 0.0, "hfov": 60.0, "reach": 40.0, "pixels": 1920.0, "mount_height": 4.0, "purpose": "overview"}
    base |= {"owner_class": "police", "owner": "甲", "status": "in_use", "networked": True, "retention_days": 30.0}
    whole = [base | {"x": 0.0, "y": 0.0} | row for row in rows]
    frame = pd.DataFrame([{k: v for k, v in row.items() if k not in ("x", "y")} for row in whole])
    at = shapely.points([E + row["x"] for row in whole], [N + row["y"] for row in whole])
    return gpd.GeoDataFrame(frame, geometry=at, crs=CRS)


def verdict(old: dict | list[dict], new: dict | None = None, **options) -> pd.Series:
    olds = [{"camera_id": f"e{i}"} | row for i, row in enumerate([old] if isinstance(old, dict) else old)]
    fresh = {"camera_id": "p", "x": 1.2, "status": "planned", "owner": "乙"} | (new or {})
    return find_duplicates(cameras(fresh), cameras(*olds), **options).iloc[0]


def house(xmin: float, ymin: float, xmax: float, ymax: float) -> gpd.GeoDataFrame:
    shape = shapely.box(E + xmin, N + ymin, E + xmax, N + ymax)
    return gpd.GeoDataFrame({"height": [None]}, geometry=[shape], crs=CRS)


def strip(*, number: int = 1, facing: float | None = None, density: float = 25.0) -> dict:
    """Targets every metre from 10 to 30 m north of the cameras, one mandate; 25 px/m is met up to 66 m."""
    y = np.arange(10.0, 31.0)
    targets = pd.DataFrame({"target_id": np.arange(len(y)), "x": E, "y": N + y, "z": 0.0, "facing": facing})
    demands = pd.DataFrame(
        {"target_id": targets["target_id"], "mandate_id": "M", "component": "segment", "weight": 1.0}
    ).assign(density_required=density, cameras_required=number)
    return {"targets": targets, "demands": demands}


def test_a_camera_beside_another_that_looks_the_same_way_is_dropped():
    # 1.2 m to the side: of two sectors of 60° and 40 m (838 m²) all but a strip 1.2 m wide along one edge is shared
    row = verdict({})
    assert (row["standing"], row["action"], row["reason"], row["camera_b"]) == ("certain", "drop", "held", "e0")
    assert row["shared_share"] > 0.9


@pytest.mark.parametrize(
    ("old", "new", "action", "standing", "reason"),
    [
        ({"pixels": 800.0}, {}, "keep", "none", "partly"),  # 800 px: 17 px/m where the new one gives 41
        ({}, {"purpose": "face"}, "keep", "none", "other_purpose"),
        ({"purpose": "face"}, {"purpose": "face"}, "drop", "certain", "held"),
        ({"status": "approved"}, {}, "drop", "certain", "held"),
        ({"status": "planned"}, {}, "keep", "none", "alone"),
        ({"status": "repair"}, {}, "repair", "certain", "held_once_repair"),
        ({"status": "removed"}, {}, "keep", "none", "alone"),
        ({"owner_class": "residents", "networked": False}, {}, "connect", "certain", "held_once_connect"),
        ({"retention_days": 15.0}, {}, "upgrade", "certain", "held_once_upgrade"),
        ({"azimuth": None}, {}, "keep", "possible", "pose_unknown"),
        ({"azimuth": 180.0}, {}, "keep", "none", "alone"),
        ({"indoor": True}, {}, "keep", "none", "alone"),
        ({"azimuth": None, "x": 1.2, "owner": "乙"}, {}, "keep", "none", "one_pole"),
        ({"azimuth": 0.0, "x": 1.2, "owner": "乙"}, {}, "drop", "certain", "held"),
        # plates, read from the south by the new one: one to the north, wide and sharp enough, reads the other end
        (NORTHERN | {"purpose": "plate"}, {"purpose": "plate"}, "keep", "none", "other_side"),
        (NORTHERN, {}, "drop", "certain", "held"),  # for a scene the side is all the same
        ({"purpose": "plate"}, {"purpose": "plate"}, "drop", "certain", "held"),
    ],
)
def test_the_same_overlap_has_opposite_answers(old, new, action, standing, reason):
    row = verdict(old, new)
    assert (row["action"], row["standing"], row["reason"]) == (action, standing, reason)


def test_a_wall_between_makes_it_no_duplicate():
    # a house from 2 m to 30 m north, between x = 0.4 and x = 0.8: each camera sees its own side of it only
    row = verdict({}, buildings=house(0.4, 0.5, 0.8, 40.0))
    assert row["action"] == "keep"
    assert row["shared_share"] < 0.6


def test_two_cameras_where_two_are_required_are_no_duplicate_and_a_third_is():
    assert verdict({}, **strip(number=2))["reason"] == "too_few"
    assert verdict([{}, {"x": 0.5, "camera_id": "e9"}], **strip(number=2))["action"] == "drop"
    assert verdict({}, **strip(number=1))["action"] == "drop"


def test_a_target_that_must_be_seen_from_the_front_is_not_held_from_behind():
    # the strip faces south: cameras south of it see its front; the old one stands north of it and looks south
    behind = {"y": 40.0, "azimuth": 180.0}
    assert verdict(behind, **strip(facing=180.0))["action"] == "keep"
    assert verdict(behind, **strip())["action"] == "drop"


def test_a_build_is_a_duplicate_of_three_that_hold_it_together_only():
    # targets at 10 … 30 m: three cameras of 5 m reach stand 4 m beside it: 3 m to each side, 7 targets each
    reach = {"reach": 5.0, "azimuth": 90.0, "hfov": 120.0}
    three = [reach | {"x": -4.0, "y": y} for y in (13.0, 20.0, 27.0)]
    row = verdict(three, **strip())
    assert (row["action"], row["reason"], row["n_b"]) == ("drop", "held_together", 3)
    assert row["camera_b"] == "e0;e1;e2"
    for gone in range(3):
        assert verdict([c for i, c in enumerate(three) if i != gone], **strip())["action"] == "keep"


def test_no_target_may_fall_below_what_it_needs_though_nine_tenths_are_held():
    # the old camera reaches 29 m: 20 of 21 targets (95 %) are held, the one at 30 m is not
    row = verdict({"reach": 29.5}, {"x": 0.0, "y": 0.3}, **strip())
    assert row["shared_share"] == pytest.approx(20 / 21)
    assert (row["action"], row["reason"], row["needed"]) == ("keep", "needed", 1)


def test_of_a_mutual_pair_the_later_then_the_dearer_then_the_higher_id_goes():
    def left(first: dict, second: dict) -> list[str]:
        both = cameras({"camera_id": "a", "status": "planned"} | first, {"camera_id": "b", "x": 0.5} | second)
        found = find_duplicates(both, cameras({"camera_id": "far", "x": 5000.0}))
        return found.loc[found["action"] != "drop", "camera_a"].tolist()

    planned = {"status": "planned"}
    assert left({}, planned) == ["a"]
    assert left({"status": "planned"}, {"status": "approved"}) == ["b"]
    assert left(planned | {"cost": 9.0}, planned | {"cost": 5.0}) == ["b"]
    assert left(planned | {"filed_on": "2026-02-01"}, planned | {"filed_on": "2026-01-01", "cost": 99.0}) == ["b"]


def test_the_one_that_stays_of_a_mutual_pair_says_that_it_stands_for_the_other():
    both = cameras({"camera_id": "a", "status": "planned"}, {"camera_id": "b", "x": 0.5, "status": "planned"})
    found = find_duplicates(both, cameras({"camera_id": "far", "x": 5000.0})).set_index("camera_a")
    assert found["reason"].to_dict() == {"a": "stands_in", "b": "proposed_twice"}
    assert found.loc["a", "shared_share"] == 0.0  # what others hold once b is gone


def test_cameras_of_unknown_direction_are_not_added_up():
    # at x = -4, reach 8: 6.9 m to each side; one may see the targets at 10 … 19 m, the other those at 21 … 30 m
    two = [{"x": -4.0, "y": y, "reach": 8.0, "azimuth": None} for y in (13.0, 27.0)]
    row = verdict(two, **strip())
    assert (row["standing"], row["action"]) == ("none", "keep")
    assert row["shared_share_high"] == pytest.approx(10 / 21)
    assert verdict({"x": -4.0, "y": 20.0, "azimuth": None}, **strip())["standing"] == "possible"


def test_a_register_held_against_itself_takes_one_owners_cameras_to_look_different_ways():
    def reasons(owner: str) -> set[tuple[str, str]]:
        base = {"azimuth": None, "status": "in_use"}
        both = cameras(base | {"camera_id": "a"}, base | {"camera_id": "b", "x": 5.0, "owner": owner})
        found = find_duplicates(both, both.iloc[:0])
        return set(zip(found["standing"], found["reason"], strict=True))

    assert reasons("甲") == {("none", "one_owner")}
    assert reasons("乙") == {("possible", "pose_unknown")}


def test_a_long_list_that_is_screened_first_gets_the_same_answers(monkeypatch):
    rng = np.random.default_rng(8)
    x, y, to = rng.uniform(0, [80, 80, 360], (60, 3)).T
    rows = [
        {"x": float(x[i]), "y": float(y[i]), "azimuth": None if i % 5 == 0 else float(to[i]), "owner": "甲乙丙"[i % 3]}
        for i in range(60)
    ]
    new = cameras(*(row | {"camera_id": f"p{i}", "status": "planned"} for i, row in enumerate(rows[:40])))
    old = cameras(*(row | {"camera_id": f"e{i}", "hfov": 110.0} for i, row in enumerate(rows[40:])))
    whole = find_duplicates(new, old)
    monkeypatch.setattr(duplicates, "BATCH", 8)
    monkeypatch.setattr(duplicates, "PERHAPS", 4)
    names = ["camera_a", "camera_b", "standing", "action"]
    parts = find_duplicates(new, old)
    pd.testing.assert_frame_equal(pd.DataFrame(parts[names]), pd.DataFrame(whole[names]))
    assert set(whole["standing"]) == {"certain", "possible", "none"}


def test_a_settled_pair_is_honoured():
    settled = pd.DataFrame([{"camera_a": "p", "camera_b": "e0", "decided_by": "联席会议", "why": "两侧各一"}])
    row = verdict({}, not_duplicates=settled)
    assert (row["action"], row["reason"]) == ("keep", "settled")
    every = settled.assign(camera_b="*")
    assert verdict([{}, {"x": 0.4}], not_duplicates=every)["action"] == "keep"


def test_a_pole_there_is_to_be_shared():
    old = {"pole_id": "JK1", "azimuth": 180.0}
    assert verdict(old, {"x": 0.5})["action"] == "co-locate"
    assert verdict(old, {"x": 0.5})["camera_b"] == "e0"
    assert verdict(old | {"pole_id": None}, {"x": 0.5})["action"] == "keep"
    assert verdict(old, {"x": 200.0})["action"] == "keep"


def test_a_private_camera_of_unknown_network_must_be_connected_first_a_police_one_not():
    register = [{"networked": None, "owner_class": "residents"}, {"networked": True, "x": 900.0}]
    assert verdict(register)["action"] == "connect"
    assert verdict([{"networked": None}, {"networked": True, "x": 900.0}])["action"] == "drop"


def test_the_saving_is_the_cost_of_what_is_dropped():
    assert verdict({}, {"cost": 28_000.0})["saving"] == 28_000.0
    assert np.isnan(verdict({"azimuth": 180.0}, {"cost": 28_000.0})["saving"])


def test_bad_input_is_named():
    one, two = cameras({"camera_id": "a"}), cameras({"camera_id": "b"})
    with pytest.raises(InputError, match="duplicate_share"):
        find_duplicates(one, two, duplicate_share=0.0)
    with pytest.raises(InputError, match="'a' twice"):
        find_duplicates(one, one)
    with pytest.raises(CrsError, match="reference system"):
        find_duplicates(one, two.to_crs(32651))
    with pytest.raises(InputError, match="both or neither"):
        find_duplicates(one, two, targets=pd.DataFrame())


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_dropping_all_that_is_marked_lowers_no_coverage_and_order_does_not_matter(seed):
    rng = np.random.default_rng(seed)

    def some(n: int, prefix: str, status: str) -> gpd.GeoDataFrame:
        rows = [
            {"camera_id": f"{prefix}{i}", "x": float(x), "y": float(y), "azimuth": float(a), "status": status}
            for i, (x, y, a) in enumerate(rng.uniform(0, [60, 60, 360], (n, 3)))
        ]
        return cameras(*rows)

    old, new = some(6, "e", "in_use"), some(12, "p", "planned")
    spots = rng.uniform(0, 60, (60, 2))
    targets = pd.DataFrame({"target_id": range(60), "x": E + spots[:, 0], "y": N + spots[:, 1], "z": 0.0})
    demands = pd.DataFrame({"target_id": range(60), "mandate_id": "M", "component": "area", "weight": 1.0}).assign(
        density_required=25.0, cameras_required=rng.integers(1, 3, 60)
    )
    found = find_duplicates(new, old, targets, None, demands=demands)
    turned = found[found["action"] == "re-aim"].set_index("camera_b")["turn_to"]
    gone = found.loc[found["action"].isin(["drop", "re-aim"]), "camera_a"]
    kept = new[~new["camera_id"].isin(gone)]
    after = old.assign(azimuth=old["camera_id"].map(turned).fillna(old["azimuth"]))

    def met(frame: gpd.GeoDataFrame) -> np.ndarray:
        """Count by hand which cameras see each target: within 40 m, 30° of the axis, at 25 px/m or more."""
        x, y = np.array(frame.geometry.x), np.array(frame.geometry.y)
        dx, dy = targets["x"].to_numpy()[:, None] - x, targets["y"].to_numpy()[:, None] - y
        off = np.abs((np.degrees(np.arctan2(dx, dy)) - frame["azimuth"].to_numpy(float) + 180) % 360 - 180)
        sharp = 1920 / (2 * np.tan(np.radians(30))) / np.hypot(np.hypot(dx, dy), 4.0) >= 25.0
        count = ((off <= 30) & (np.hypot(dx, dy) <= 40) & sharp).sum(axis=1)
        return np.minimum(count, demands["cameras_required"])

    before = met(pd.concat([old, new]))
    assert (met(pd.concat([after, kept])) >= before).all()
    shuffled = find_duplicates(new.sample(frac=1, random_state=seed), old, targets, None, demands=demands)
    assert (
        shuffled.set_index("camera_a")["action"].sort_index().equals(found.set_index("camera_a")["action"].sort_index())
    )
