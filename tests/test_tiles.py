"""Cutting and running parts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from citycover.tiles import cut_rows, cut_tiles, run_parts

bound = st.floats(-5000, 5000)


@given(bound, bound, st.floats(0, 900), st.floats(0, 900), st.sampled_from([50.0, 200.0]))
def test_tiles_stand_on_a_fixed_grid_and_hold_every_point_of_the_bounds_once(x, y, width, depth, size):
    tiles = cut_tiles((x, y, x + width, y + depth), size=size, halo=10.0)
    for px, py in ((x, y), (x + width, y + depth), (x + width / 3, y + depth / 2)):
        assert sum(t.core[0] <= px < t.core[2] and t.core[1] <= py < t.core[3] for t in tiles) == 1
    assert all(t.core[0] % size == 0 and t.core[1] % size == 0 for t in tiles)
    assert all(t.halo == (t.core[0] - 10, t.core[1] - 10, t.core[2] + 10, t.core[3] + 10) for t in tiles)


@given(st.integers(0, 5000), st.integers(1, 700))
def test_runs_of_rows_follow_one_another_without_gap(rows, size):
    runs = cut_rows(rows, size=size)
    assert [low for low, _ in runs] == [0, *(high for _, high in runs)][: len(runs)]
    assert sum(high - low for low, high in runs) == rows
    assert all(0 < high - low <= size for low, high in runs)


def test_results_come_in_the_order_of_the_parts_on_any_number_of_workers():
    for workers in (None, 1, 3):
        assert run_parts(lambda part: part * 2, range(50), workers=workers) == list(range(0, 100, 2))
    assert run_parts(abs, []) == []
