"""Lines of sight over open ground: along a street and over a square, but not across a block of unknown ground."""

from __future__ import annotations

import numpy as np
import pandas as pd
from shapely.geometry import box

from audit.town import EAST, NORTH, make_town
from citycover.plan.openness import find_open_ground


def streets(*y: float) -> list[dict[str, object]]:
    """Return carriageways of 8 m that run east."""
    return [{"ground_kind": "street", "geometry": box(0, at - 4, 200, at + 4)} for at in y]


def test_a_view_along_its_street_is_open_and_a_view_across_the_block_is_not() -> None:
    city = make_town(area=box(-50, -50, 250, 150), public_ground=streets(0.0, 60.0))
    wants = pd.DataFrame({"x": [EAST + 102.5] * 2, "y": [NORTH, NORTH + 60.0]})
    corner = np.array([EAST, NORTH])
    pole = np.add(corner, [[100.0, 5.0]] * 3)
    # the carriageways reach 4 m, their sidewalks 6 m farther: from y 10 to y 50 the ground is unknown, 40 m
    at = np.add(corner, [[180.0, 0.0], [102.5, 60.0], [102.5, 22.0]])
    assert find_open_ground(city, wants).let_through(pole, at).tolist() == [True, False, True]


def test_ground_near_anything_wanted_is_open() -> None:
    city = make_town(area=box(-50, -50, 250, 150), public_ground=streets(0.0))
    rows = np.arange(8.0, 80.0, 5.0)
    pole, far = np.array([[EAST + 100.0, NORTH + 5.0]]), np.array([[EAST + 100.0, NORTH + 75.0]])
    alone = pd.DataFrame({"x": [EAST + 100.0], "y": [NORTH + 75.0]})
    ring = pd.DataFrame({"x": np.full(len(rows), EAST + 100.0), "y": NORTH + rows})
    assert not find_open_ground(city, alone).let_through(pole, far)[0]
    assert find_open_ground(city, ring).let_through(pole, far)[0]


def test_no_lines_are_an_answer_too() -> None:
    city = make_town(area=box(0, 0, 10, 10), public_ground=streets(0.0))
    none = np.zeros((0, 2))
    assert find_open_ground(city, pd.DataFrame({"x": [], "y": []})).let_through(none, none).tolist() == []
