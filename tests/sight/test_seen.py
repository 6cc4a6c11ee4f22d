"""How many cameras see a target and how sharply, with unknowns as ranges and chances worked out with a pencil."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from citycover import tables
from citycover.errors import TableError
from citycover.sight import coverage
from citycover.sight.coverage import measure_coverage
from citycover.sight.optics import load_edition
from citycover.sight.unseen import explain_unseen
from sight import towns
from sight.reference import rectangle

NOTHING = gpd.GeoDataFrame(geometry=[], crs=towns.CRS)


def _targets(*spots, **columns):
    at = np.array(spots, float)
    return pd.DataFrame(
        {"target_id": range(len(at)), "x": towns.X0 + at[:, 0], "y": towns.Y0 + at[:, 1], "z": 1.5} | columns
    )


def _cameras(rows=1, **columns):
    """Cameras at the origin that look north; lens at the targets' height, so that slant is ground distance."""
    known = {"azimuth": 0.0, "hfov": 90.0, "reach": 50.0, "pixels": 1920, "mount_height": 1.5}
    filled = {name: [value] * rows for name, value in known.items()}
    return towns.cameras(**({"x": [towns.X0] * rows, "y": [towns.Y0] * rows} | filled | columns))


def test_columns_and_rows_are_those_declared_for_every_edition():
    for edition in ("IEC 62676-4:2014", "IEC 62676-4:2025"):
        seen = measure_coverage(_targets((0, 10), (0, -10)), _cameras(), NOTHING, edition=edition)
        assert seen.columns.tolist() == tables.seen_columns(load_edition(edition))
        assert seen["target_id"].tolist() == [0, 1]


def test_the_golden_density_counts_at_each_level_that_it_reaches():
    """1920 px over 90° at 10 m are 96 px/m: observed (62.5), not recognised (125)."""
    seen = measure_coverage(_targets((0, 10)), _cameras(), NOTHING).iloc[0]
    assert seen["density_low"] == pytest.approx(96.0, abs=1e-9)
    assert seen["density_high"] == seen["density_low"]
    assert seen["best_camera"] == "c0"
    assert [seen[f"n_low_{level:g}"] for level in load_edition()] == [1, 1, 1, 0, 0, 0]
    assert [seen[f"p1_{level:g}"] for level in load_edition()] == [1, 1, 1, 0, 0, 0]


def test_density_is_taken_along_the_slant_from_lens_to_target():
    """Lens 5.5 m, target 1.5 m, 3 m away: slant 5 m, 960 / 5 = 192 px/m."""
    seen = measure_coverage(_targets((0, 3)), _cameras(mount_height=[5.5]), NOTHING)
    assert seen["density_low"][0] == pytest.approx(192.0)


def test_a_target_behind_beside_or_beyond_is_not_seen_and_has_no_best_camera():
    seen = measure_coverage(_targets((0, -10), (20, 10), (0, 51)), _cameras(), NOTHING)
    assert seen["density_high"].tolist() == [0, 0, 0]
    assert seen["best_camera"].isna().all()


def test_an_unknown_azimuth_counts_nothing_for_certain_a_quarter_expected_and_one_at_best():
    seen = measure_coverage(_targets((0, -10)), _cameras(azimuth=[None]), NOTHING).iloc[0]
    assert (seen["n_low_25"], seen["n_expected_25"], seen["n_high_25"]) == (0, 0.25, 1)
    assert (seen["p1_25"], seen["p2_25"]) == (0.25, 0.0)
    assert (seen["density_low"], seen["density_high"], seen["best_camera"]) == (0.0, pytest.approx(96.0), "c0")


def test_a_row_of_three_cameras_of_unknown_azimuth_is_three_independent_chances():
    """p = 1/4: expected 3/4; p1 = 1 - 27/64; p2 = 1 - 27/64 - 3 · 1/4 · 9/16 = 10/64."""
    seen = measure_coverage(_targets((0, -10)), _cameras(azimuth=[None], count=[3]), NOTHING).iloc[0]
    assert (seen["n_low_25"], seen["n_expected_25"], seen["n_high_25"]) == (0, 0.75, 3)
    assert seen["p1_25"] == pytest.approx(37 / 64)
    assert seen["p2_25"] == pytest.approx(10 / 64)


def test_a_row_of_three_with_a_known_azimuth_is_one_for_certain_and_two_chances():
    """Ahead: one sees, two more with 1/4 each: 1 + 1/2 expected, p2 = 1 - 9/16. Behind: two chances, p2 = 1/16."""
    seen = measure_coverage(_targets((0, 10), (0, -10)), _cameras(count=[3]), NOTHING)
    assert seen["n_low_25"].tolist() == [1, 0]
    assert seen["n_high_25"].tolist() == [3, 2]
    assert seen["n_expected_25"].tolist() == [1.5, 0.5]
    assert seen["p1_25"].tolist() == pytest.approx([1.0, 7 / 16])
    assert seen["p2_25"].tolist() == pytest.approx([7 / 16, 1 / 16])


def test_cameras_that_look_all_round_need_no_azimuth_and_all_of_a_row_count():
    seen = measure_coverage(_targets((0, -5)), _cameras(azimuth=[None], hfov=[360.0], count=[2]), NOTHING).iloc[0]
    assert (seen["n_low_25"], seen["n_expected_25"], seen["n_high_25"], seen["p2_25"]) == (2, 2.0, 2, 1.0)


def test_known_and_unknown_cameras_add_up_to_the_chance_of_two():
    """One certain, one of 1/4: p1 = 1, p2 = 1/4; two of 1/4 alone: p1 = 7/16, p2 = 1/16."""
    seen = measure_coverage(_targets((0, 10)), _cameras(2, azimuth=[0.0, None]), NOTHING).iloc[0]
    assert (seen["p1_25"], seen["p2_25"], seen["n_expected_25"]) == (1.0, 0.25, 1.25)
    seen = measure_coverage(_targets((0, 10)), _cameras(2, azimuth=[None, None]), NOTHING).iloc[0]
    assert (seen["p1_25"], seen["p2_25"]) == (pytest.approx(7 / 16), pytest.approx(1 / 16))


def test_only_cameras_that_count_are_counted_whoever_judged_them():
    register = _cameras(3, status=["in_use", "repair", "planned"])
    assert measure_coverage(_targets((0, 10)), register, NOTHING)["n_high_25"].tolist() == [1]
    judged = _cameras(2, counts=["no", "yes"], counts_reason=["indoor", ""])
    assert measure_coverage(_targets((0, 10)), judged, NOTHING)["best_camera"].tolist() == ["c1"]


def test_unknown_lenses_give_a_low_end_that_no_default_exceeds_and_a_high_end_that_none_reaches_beyond():
    """Type unknown: hfov 50 to 100°, 1280 to 2560 px, reach 30 to 80 m: ends as defaults.toml says, by hand here."""
    register = _cameras(hfov=[None], pixels=[None], reach=[None])
    ahead, aside, afar = np.radians(20), np.radians(40), 70.0
    spots = _targets(
        (20 * np.sin(ahead), 20 * np.cos(ahead)), (20 * np.sin(aside), 20 * np.cos(aside)), (0, afar), (0, 45)
    )
    seen = measure_coverage(spots, register, NOTHING)
    low, high = 1280 / (2 * np.tan(np.radians(50))) / 20, 2560 / (2 * np.tan(np.radians(25))) / 20
    assert seen["density_low"].tolist() == pytest.approx([low, 0, 0, 0])
    assert seen["density_high"].tolist() == pytest.approx([high, high, high * 20 / afar, high * 20 / 45])
    assert seen["n_expected_12.5"].tolist() == [1, 0, 0, 1]
    assert (seen["n_low_12.5"] <= seen["n_expected_12.5"]).all()
    assert (seen["n_expected_12.5"] <= seen["n_high_12.5"]).all()


def test_a_target_that_must_be_seen_from_the_north_is_seen_by_cameras_north_of_it_only():
    """Facing 0°: the camera at the origin lies south of a target ahead of it, so 180 ± 60° sees it and 0° does not."""
    spots = _targets((0, 10), (0, 10), (0, 10), (0, 10), facing=[0.0, 180.0, 239.0, 241.0])
    assert measure_coverage(spots, _cameras(), NOTHING)["n_low_25"].tolist() == [0, 1, 1, 0]


def test_a_target_below_the_picture_or_in_a_tunnel_is_not_seen():
    register = _cameras(mount_height=[4.0], tilt=[30.0], vfov=[30.0])
    spots = _targets((0, 3.9), (0, 4.1), (0, 14.9), (0, 15.0), (0, 10), layer=[0, 0, 0, 0, -1])
    assert measure_coverage(spots, register, NOTHING)["n_low_12.5"].tolist() == [0, 1, 1, 0, 0]


def test_the_best_camera_is_the_sharpest_of_known_pose():
    register = _cameras(3, y=[towns.Y0, towns.Y0 + 5, towns.Y0 + 9], azimuth=[0.0, 0.0, None])
    assert measure_coverage(_targets((0, 10)), register, NOTHING)["best_camera"].tolist() == ["c1"]


def test_order_threads_and_batches_change_nothing(monkeypatch):
    solids = towns.loose_town(3)
    at, spots = towns.open_points(1, solids, 50), towns.open_points(2, solids, 400)
    random = np.random.default_rng(0)
    register = _cameras(
        50,
        x=at[:, 0],
        y=at[:, 1],
        azimuth=np.where(random.uniform(size=50) < 0.4, np.nan, random.uniform(0, 360, 50)),
        count=random.integers(1, 4, 50),
    )
    targets = pd.DataFrame({"target_id": range(400), "x": spots[:, 0], "y": spots[:, 1]})
    houses = towns.buildings(solids)
    seen = measure_coverage(targets, register, houses, workers=2)
    assert 0 < (seen["n_high_12.5"] > 0).sum() < 400
    monkeypatch.setattr(coverage, "BATCH", 7)
    other = measure_coverage(
        targets.sample(frac=1, random_state=1), register.sample(frac=1, random_state=2), houses, workers=1
    )
    other = other.sort_values("target_id", ignore_index=True)
    pd.testing.assert_frame_equal(seen, other, check_exact=False, rtol=1e-12)


def test_a_further_camera_never_lowers_any_figure():
    solids = towns.loose_town(4)
    at, spots = towns.open_points(1, solids, 30), towns.open_points(2, solids, 300)
    register = _cameras(
        30, x=at[:, 0], y=at[:, 1], azimuth=np.where(np.arange(30) % 3 == 0, np.nan, np.arange(30) * 12.0)
    )
    targets = pd.DataFrame({"target_id": range(300), "x": spots[:, 0], "y": spots[:, 1]})
    houses = towns.buildings(solids)
    less = measure_coverage(targets, register.iloc[:20], houses).drop(columns="best_camera")
    more = measure_coverage(targets, register, houses).drop(columns="best_camera")
    assert (more >= less - 1e-12).all(axis=None)


def test_no_cameras_and_no_targets_are_answered():
    seen = measure_coverage(_targets((0, 1)), _cameras().iloc[:0], NOTHING)
    assert seen["n_high_25"].tolist() == [0]
    assert len(measure_coverage(_targets((0, 1)).iloc[:0], _cameras(), NOTHING)) == 0


def test_targets_without_a_place_are_refused():
    with pytest.raises(TableError, match="missing: y"):
        measure_coverage(_targets((0, 1)).drop(columns="y"), _cameras(), NOTHING)
    with pytest.raises(TableError, match="row 1"):
        measure_coverage(_targets((0, 1), (np.nan, 1)), _cameras(), NOTHING)


def test_why_a_target_is_not_seen_is_told_with_the_nearest_camera():
    house = towns.buildings([[rectangle(towns.X0 - 5, towns.Y0 + 30, 10, 5)]])
    spots = _targets((0, 10), (0, 29), (0, -10), (0, 40), (0, 500), (0, 10))
    register = _cameras(2, azimuth=[0.0, None], reach=[50.0, 20.0])
    told = explain_unseen(
        spots, register, house, [62.5, 62.5, 62.5, 62.5, 62.5, 62.5], cameras_required=[1, 1, 1, 1, 1, 3]
    )
    assert told["reason"].tolist() == ["", "too_coarse", "only_optimistic", "hidden", "no_camera_near", "too_few"]
    assert told["nearest_camera"].tolist() == pytest.approx([10, 29, 10, 40, 500, 10])
    aimed = explain_unseen(spots.iloc[[2]], register.iloc[[0]], house, 62.5)
    assert aimed["reason"].tolist() == ["out_of_view"]
    assert aimed["nearest_camera_id"].tolist() == ["c0"]
    assert explain_unseen(spots, register.iloc[:0], house, 62.5)["reason"].unique().tolist() == ["no_camera_near"]
