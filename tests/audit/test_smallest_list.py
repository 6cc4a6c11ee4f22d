"""The smallest list keeps the coverage of the whole one, and its bound is one that no smaller list can beat."""

from __future__ import annotations

import itertools

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citycover.audit import smallest_list
from citycover.audit.smallest_list import find_smallest_list
from citycover.errors import InputError

CRS = "EPSG:32650"
E, N = 500_000.0, 3_500_000.0


def cameras(prefix: str, spots: np.ndarray, status: str = "planned") -> gpd.GeoDataFrame:
    """Cameras of 60°, 40 m, 41.6 px/m at 40 m; a row of ``spots`` is x, y, azimuth."""
    frame = pd.DataFrame({"camera_id": [f"{prefix}{i}" for i in range(len(spots))], "azimuth": spots[:, 2]})
    frame = frame.assign(hfov=60.0, reach=40.0, pixels=1920.0, mount_height=4.0, purpose="overview", status=status)
    frame = frame.assign(owner_class="police", networked=True, retention_days=30.0)
    return gpd.GeoDataFrame(frame, geometry=shapely.points(E + spots[:, 0], N + spots[:, 1]), crs=CRS)


def targets_at(spots: np.ndarray, number: np.ndarray) -> dict:
    targets = pd.DataFrame({"target_id": range(len(spots)), "x": E + spots[:, 0], "y": N + spots[:, 1], "z": 0.0})
    demands = pd.DataFrame({"target_id": range(len(spots)), "mandate_id": "M", "component": "area", "weight": 1.0})
    return {"targets": targets, "demands": demands.assign(density_required=25.0, cameras_required=number)}


def sees(frame: gpd.GeoDataFrame, spots: np.ndarray) -> np.ndarray:
    """Which camera (column) sees which spot (row): within 40 m and 30° of the axis, in the open, by hand."""
    dx = E + spots[:, :1] - np.array(frame.geometry.x)
    dy = N + spots[:, 1:] - np.array(frame.geometry.y)
    off = np.abs((np.degrees(np.arctan2(dx, dy)) - frame["azimuth"].to_numpy() + 180) % 360 - 180)
    return (off <= 30) & (np.hypot(dx, dy) <= 40)


def test_one_of_two_that_see_the_same_is_enough():
    kept = find_smallest_list(cameras("p", np.array([[0, 0, 0], [0.2, 0, 0]])), cameras("e", np.zeros((0, 3))))
    assert (kept.number, kept.bound, kept.gap) == (1, 1, 0.0)


def test_what_the_existing_cameras_hold_needs_no_proposal():
    kept = find_smallest_list(
        cameras("p", np.array([[0.2, 0, 0], [500.0, 0, 0]])), cameras("e", np.array([[0, 0, 0.0]]), "in_use")
    )
    assert kept.chosen == ("p1",)


def test_what_persons_settled_stays_and_holds_for_others():
    pair = cameras("p", np.array([[0, 0, 0], [0.2, 0, 0]]))
    kept = find_smallest_list(pair, pair.iloc[:0], keep={"p1"})
    assert (kept.chosen, kept.number, kept.bound) == (("p1",), 1, 1)
    both = find_smallest_list(pair, pair.iloc[:0], keep={"p0", "p1"})
    assert (both.number, both.bound, both.gap) == (2, 2, 0.0)


def test_a_camera_of_unknown_direction_is_kept():
    proposed = cameras("p", np.array([[0, 0, 0], [0.2, 0, np.nan]]))
    assert find_smallest_list(proposed, proposed.iloc[:0]).chosen == ("p0", "p1")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_it_is_the_smallest_by_trying_every_part(seed):
    rng = np.random.default_rng(seed)
    proposed = cameras("p", rng.uniform(0, [40, 40, 360], (8, 3)))
    existing = cameras("e", rng.uniform(0, [40, 40, 360], (2, 3)), "in_use")
    spots, number = rng.uniform(0, 40, (25, 2)), rng.integers(1, 3, 25)
    seen, old = sees(proposed, spots), sees(existing, spots).sum(axis=1)
    proposed = proposed[seen.any(axis=0)]  # one that sees no target is judged by its own view
    seen = seen[:, seen.any(axis=0)]
    whole = np.minimum(number, old + seen.sum(axis=1))
    count = len(proposed)
    best = next(
        n
        for n in range(count + 1)
        if any(
            (np.minimum(number, old + seen[:, list(part)].sum(axis=1)) >= whole).all()
            for part in itertools.combinations(range(count), n)
        )
    )
    kept = find_smallest_list(proposed, existing, **targets_at(spots, number))
    assert (kept.number, kept.bound) == (best, best)
    which = proposed["camera_id"].isin(kept.chosen).to_numpy()
    assert (np.minimum(number, old + seen[:, which].sum(axis=1)) >= whole).all()


def test_a_large_group_is_chosen_greedily_and_says_how_far_from_the_best_it_may_be(monkeypatch):
    monkeypatch.setattr(smallest_list, "EXACT", 1)
    rng = np.random.default_rng(4)
    proposed = cameras("p", rng.uniform(0, [40, 40, 360], (30, 3)))
    spots = rng.uniform(0, 40, (60, 2))
    options = targets_at(spots, np.ones(60, int))
    kept = find_smallest_list(proposed, proposed.iloc[:0], **options)
    seen = sees(proposed, spots)
    which = proposed["camera_id"].isin(kept.chosen).to_numpy()
    assert (seen[:, which].any(axis=1) == seen.any(axis=1)).all()
    monkeypatch.undo()
    exact = find_smallest_list(proposed, proposed.iloc[:0], **options)
    assert kept.greedy == 1
    assert kept.bound <= exact.number <= kept.number
    assert kept.gap == pytest.approx((kept.number - kept.bound) / kept.bound)


def test_a_share_out_of_its_range_is_named():
    with pytest.raises(InputError, match="share"):
        find_smallest_list(cameras("p", np.zeros((1, 3))), cameras("e", np.zeros((0, 3))), share=0.0)
