"""Which cameras count and why the others do not; where they stand; which defaults they need."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from citycover import terms
from citycover.sight.cameras import assign_counting, count_defaults, find_poses
from citycover.sight.standing import stand_cameras
from sight import towns
from sight.reference import rectangle

HOUSE = [[rectangle(towns.X0, towns.Y0, 20, 20)]]


def _row(**columns):
    return towns.cameras(**({"x": [towns.X0 - 50], "y": [towns.Y0], "azimuth": [0.0]} | columns))


@pytest.mark.parametrize(
    ("columns", "counts", "reason"),
    [
        ({}, "yes", ""),
        ({"status": ["accepted"]}, "yes", ""),
        ({"status": [None]}, "yes", ""),
        ({"status": ["planned"]}, "no", "not_accepted"),
        ({"status": ["approved"]}, "no", "not_accepted"),
        ({"status": ["building"]}, "no", "not_accepted"),
        ({"status": ["repair"]}, "no", "not_in_use"),
        ({"status": ["out_of_use"]}, "no", "not_in_use"),
        ({"status": ["removed"]}, "no", "not_in_use"),
        ({"count": [0]}, "no", "not_in_use"),
        ({"indoor": [True]}, "no", "indoor"),
        ({"outside": [True]}, "no", "outside_study"),
        ({"same_as": ["r/7"]}, "no", "same_device"),
        ({"azimuth": [None]}, "range", "azimuth_unknown"),
        ({"azimuth": [None], "hfov": [360.0]}, "yes", ""),
        ({"azimuth": [None], "hfov": [90.0], "ptz": [True]}, "range", "azimuth_unknown"),
        ({"x": [towns.X0 + 10], "y": [towns.Y0 + 10]}, "no", "inside_building"),
        ({"x": [towns.X0 + 1.5], "y": [towns.Y0 + 10]}, "yes", ""),
        ({"x": [towns.X0 + 10], "y": [towns.Y0 + 10], "mount_height": [31.0]}, "yes", ""),
    ],
)
def test_a_camera_counts_only_when_it_works_is_accepted_stands_outside_and_its_direction_is_known(
    columns, counts, reason
):
    judged = assign_counting(_row(**columns), towns.buildings(HOUSE, height=[30.0]))
    assert (judged["counts"][0], judged["counts_reason"][0]) == (counts, reason)
    assert reason in terms.COUNT_REASONS


def test_rows_stay_in_order_and_other_columns_stay_as_they_are():
    register = _row(x=[towns.X0 - 9, towns.X0 - 8], y=[towns.Y0] * 2, azimuth=[None, 1.0], name=["a", "b"]).set_index(
        pd.Index([7, 3])
    )
    judged = assign_counting(register)
    pd.testing.assert_frame_equal(judged.drop(columns=["counts", "counts_reason"]), register)
    assert judged["counts"].tolist() == ["range", "yes"]


def test_a_camera_on_a_wall_or_corner_or_little_inside_is_moved_a_millimetre_in_front_and_one_deeper_stays():
    x = towns.X0 + np.array([10, 0, 20, 1.5, 10, -5])
    y = towns.Y0 + np.array([0, 0, 20, 10, 10, 3])
    found = stand_cameras(towns.cameras(x=x, y=y), towns.buildings(HOUSE))
    out = 0.001 / np.sqrt(2)
    assert found.x - towns.X0 == pytest.approx([10, -out, 20 + out, -0.001, 10, -5], abs=1e-6)
    assert found.y - towns.Y0 == pytest.approx([-0.001, -out, 20 + out, 10, 10, 3], abs=1e-6)
    assert found.moved.tolist() == [True, True, True, True, False, False]
    assert found.inside.tolist() == [False, False, False, False, True, False]


def test_a_camera_on_the_wall_between_two_houses_is_inside_and_one_in_a_courtyard_is_not():
    row = [[rectangle(towns.X0, towns.Y0, 20, 20)], [rectangle(towns.X0 + 20, towns.Y0, 20, 20)]]
    party = stand_cameras(towns.cameras(x=[towns.X0 + 20], y=[towns.Y0 + 10]), towns.buildings(row))
    assert party.inside.tolist() == [True]
    yard = [[rectangle(towns.X0, towns.Y0, 20, 20), rectangle(towns.X0 + 5, towns.Y0 + 5, 10, 10)]]
    within = stand_cameras(towns.cameras(x=[towns.X0 + 10, towns.X0 + 4], y=[towns.Y0 + 10] * 2), towns.buildings(yard))
    assert within.inside.tolist() == [False, False]
    assert within.moved.tolist() == [False, True]
    assert within.x[1] - towns.X0 == pytest.approx(5.001, abs=1e-6)  # into the courtyard, the nearest wall's front


def test_a_notch_between_two_houses_is_left_by_the_open_side():
    notch = [[rectangle(towns.X0, towns.Y0, 20, 20)], [rectangle(towns.X0 + 20, towns.Y0 - 10, 20, 30)]]
    found = stand_cameras(towns.cameras(x=[towns.X0 + 20], y=[towns.Y0]), towns.buildings(notch))
    assert not found.inside[0]
    assert found.x[0] < towns.X0 + 20
    assert found.y[0] < towns.Y0


def test_defaults_that_counting_cameras_need_are_counted_by_field():
    register = _row(
        x=[towns.X0 - 50] * 3,
        y=[towns.Y0] * 3,
        azimuth=[0.0] * 3,
        hfov=[90.0, None, None],
        pixels=[None] * 3,
        reach=[50.0] * 3,
        counts=["yes", "yes", "no"],
    )
    assert count_defaults(register) == {"hfov": 1, "pixels": 2, "reach": 0, "mount_height": 2}


def test_ends_bracket_the_expected_and_a_known_value_has_no_range():
    kinds = ["fixed", "dome", "ptz", "panoramic", None, "thermal"]
    rows = len(kinds)
    poses = find_poses(
        _row(x=[0.0] * rows, y=[0.0] * rows, azimuth=[0.0] * rows, camera_type=kinds, hfov=[None] * rows)
    )
    for values in (poses.hfov, poses.reach, poses.pixels, -poses.mount_height):
        assert (np.diff(values, axis=1) >= 0).all()
    assert (poses.hfov[4] == poses.hfov[5]).all()  # a type that we have no numbers for is as unknown
    known = find_poses(_row(hfov=[77.0], reach=[33.0], pixels=[1000], mount_height=[5.0]))
    for values, value in ((known.hfov, 77), (known.reach, 33), (known.pixels, 1000), (known.mount_height, 5)):
        assert values.tolist() == [[value] * 3]


def test_no_default_is_used_for_the_near_edge():
    poses = find_poses(_row(tilt=[30.0], vfov=[30.0]))
    assert (poses.near[0], poses.near_unknown[0]) == (0.0, True)
    sure = find_poses(_row(tilt=[30.0], vfov=[30.0], mount_height=[4.0]))
    assert (round(sure.near[0], 2), round(sure.far[0], 2), sure.near_unknown[0]) == (4.0, 14.93, False)
