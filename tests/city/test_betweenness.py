"""Betweenness of street networks whose shortest routes can be counted with a pencil."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, box

from audit.town import at, make_town
from citycover.city.betweenness import measure_betweenness, rate_streets


def lines(*points: list[tuple[float, float]]) -> np.ndarray:
    return np.array([LineString(p) for p in points], dtype=object)


def test_the_bridge_between_two_quarters_carries_every_route_between_them() -> None:
    # two triangles a-b-c and d-e-f, joined by c-d: 9 of the 15 pairs cross it
    left = [[(0, 0), (0, 10)], [(0, 0), (9, 5)], [(0, 10), (9, 5)]]
    right = [[(29, 0), (29, 10)], [(20, 5), (29, 0)], [(20, 5), (29, 10)]]
    values = measure_betweenness(lines(*left, *right, [(9, 5), (20, 5)]))
    assert values[-1] == pytest.approx(9 / 15)
    assert values[0] == pytest.approx(1 / 15)  # only a-b itself
    assert values[1] == pytest.approx(4 / 15)  # a to c, d, e and f


def test_equally_short_ways_around_a_block_share_the_route() -> None:
    square = lines([(0, 0), (10, 0)], [(10, 0), (10, 10)], [(10, 10), (0, 10)], [(0, 10), (0, 0)])
    # each side: its own pair, and half of either diagonal pair: 1 + 2 · ½ of 6
    assert measure_betweenness(square) == pytest.approx([2 / 6] * 4)


def test_the_longer_of_two_ways_carries_nothing() -> None:
    values = measure_betweenness(lines([(0, 0), (10, 0)], [(0, 0), (5, 9), (10, 0)], [(10, 0), (20, 0)]))
    assert values == pytest.approx([2 / 3, 0, 2 / 3])


def test_streets_that_are_not_joined_keep_the_pairs_that_have_no_route_as_pairs() -> None:
    assert measure_betweenness(lines([(0, 0), (1, 0)], [(5, 5), (6, 5)])) == pytest.approx([1 / 6, 1 / 6])
    assert len(measure_betweenness(lines())) == 0
    assert measure_betweenness(lines([(0, 0), (4, 0), (4, 4), (0, 0)])).tolist() == [0]  # a ring leads nowhere


def town(seed: int, size: int) -> np.ndarray:
    """A grid of crossroads, shifted a little, some streets left out."""
    chance = np.random.default_rng(seed)
    x, y = np.meshgrid(np.arange(size) * 100.0, np.arange(size) * 100.0)
    spots = np.stack([x, y], axis=-1) + np.round(chance.uniform(-30, 30, (size, size, 2)), 2)
    drawn = [LineString(p) for row in (*spots, *spots.swapaxes(0, 1)) for p in pairwise(row)]
    return np.array(drawn, dtype=object)[chance.random(len(drawn)) > 0.15]


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000))
def test_it_agrees_with_networkx_whatever_the_order_of_the_streets(seed: int) -> None:
    networkx = pytest.importorskip("networkx", reason="the reference is networkx")
    streets = town(seed, 5)
    graph = networkx.Graph()
    ends = [tuple(tuple(np.round(c, 2)) for c in (line.coords[0], line.coords[-1])) for line in streets]
    graph.add_weighted_edges_from((a, b, round(line.length * 1000)) for (a, b), line in zip(ends, streets, strict=True))
    told = networkx.edge_betweenness_centrality(graph, weight="weight")
    expected = [told.get((a, b), told.get((b, a))) for a, b in ends]
    values = measure_betweenness(streets)
    assert values == pytest.approx(expected, abs=1e-12)
    mixed = np.random.default_rng(seed).permutation(len(streets))
    assert (measure_betweenness(shapely.reverse(streets[mixed]), workers=1) == values[mixed]).all()


def test_a_sample_of_the_nodes_finds_the_same_busy_streets() -> None:
    streets = town(7, 20)
    exact = measure_betweenness(streets)
    rough = measure_betweenness(streets, exact_up_to=10, samples=150)
    busy = exact >= np.quantile(exact, 0.95)
    assert rough[busy] == pytest.approx(exact[busy], rel=0.25)
    assert (rough == measure_betweenness(streets, exact_up_to=10, samples=150, workers=1)).all()


def test_ranks_are_shares_of_the_length_and_far_streets_have_none() -> None:
    rows = [[(0, 0), (100, 0)], [(100, 0), (200, 0)], [(200, 0), (400, 0)], [(9000, 0), (9100, 0)]]
    streets = make_town(
        streets=[{"street_id": f"s{i}", "geometry": LineString(row)} for i, row in enumerate(rows)]
    ).streets
    rated = rate_streets(streets, area=at(box(-500, -500, 500, 500)))
    # 3, 4 and 3 of 6 routes; the middle one of 100 m is busier than 300 of 400 m
    assert rated["betweenness"].tolist()[:3] == pytest.approx([3 / 6, 4 / 6, 3 / 6])
    assert rated["betweenness_rank"].tolist()[:3] == pytest.approx([0, 300 / 400, 0])
    assert rated.iloc[3][["betweenness", "betweenness_rank"]].isna().all()
