"""How many of the shortest routes through the street network run along each section."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from citycover import tiles
from citycover.city._routes import count_routes

Floats = npt.NDArray[np.float64]

EXACT_UP_TO = 1500
"""Networks of up to this many nodes are counted from every node; larger ones from :data:`SAMPLES` of them. Ours."""

SAMPLES = 256
"""Nodes from which the routes of a large network are counted. Ours: of 3,600 nodes, twice as many gave the busiest
hundredth of the streets to 4 % on average, 13 % at most."""

SEED = 1
"""Of the choice of those nodes: the same network always gives the same figures."""

BEYOND = 1000.0
"""Metres around the study's area whose streets carry routes too, so that figures do not sink towards its edge. Ours."""


def rate_streets(streets: gpd.GeoDataFrame, *, area: BaseGeometry | None = None) -> gpd.GeoDataFrame:
    """Return the streets with ``betweenness`` and ``betweenness_rank``; null where they lie far outside the area.

    ``betweenness_rank`` is the share of the network's length along which fewer routes run: 0 for dead ends, near 1 for
    the busiest street. Only streets within :data:`BEYOND` metres of ``area`` are part of the network.
    """
    near = np.ones(len(streets), bool)
    if area is not None and len(streets):
        near = np.asarray(shapely.dwithin(area, streets.geometry.to_numpy(), BEYOND), dtype=bool)
    values, ranks = np.full(len(streets), np.nan), np.full(len(streets), np.nan)
    values[near] = measure_betweenness(streets.geometry.to_numpy()[near])
    length = shapely.length(streets.geometry.to_numpy()[near])
    ranks[near] = _rank(values[near], length)
    return streets.assign(betweenness=values, betweenness_rank=ranks)


def measure_betweenness(
    lines: npt.NDArray[np.object_],
    *,
    exact_up_to: int = EXACT_UP_TO,
    samples: int = SAMPLES,
    workers: int | None = None,
) -> Floats:
    """Return, for each line, the share of all pairs of nodes whose shortest route runs along it, 0 to 1.

    Nodes are the ends of lines (the same to a centimetre), routes are shortest in metres (whole millimetres), every
    line is open in both directions, and equally short routes share. Pairs without a route count as pairs. Exact
    (Brandes 2001) up to ``exact_up_to`` nodes; beyond that from ``samples`` nodes, chosen with a fixed seed from the
    nodes in the order of their coordinates, scaled up (Brandes and Pich 2007): the cost grows with the network, not
    with its square. The answer depends neither on the order of the lines nor on ``workers`` (threads).

    Examples
    --------
    Of four nodes in a row the middle line lies on 4 of 6 routes, the outer ones on 3:

    >>> row = shapely.linestrings([[(0, 0), (5, 0)], [(5, 0), (9, 0)], [(9, 0), (20, 0)]])
    >>> measure_betweenness(row).round(3).tolist()
    [0.5, 0.667, 0.5]
    """
    out = np.zeros(len(lines))
    if not len(lines):
        return out
    ends = np.concatenate([shapely.get_coordinates(shapely.get_point(lines, end)) for end in (0, -1)])
    nodes, node = np.unique(np.round(ends * 100.0).astype(np.int64), axis=0, return_inverse=True)
    a, b = node[: len(lines)], node[len(lines) :]
    metres = np.maximum(np.rint(shapely.length(lines) * 1000.0), 1.0).astype(np.int64)
    open_ = np.flatnonzero(a != b)  # a ring leads nowhere else
    rows = np.concatenate([open_, open_])
    source, other = np.concatenate([a[open_], b[open_]]), np.concatenate([b[open_], a[open_]])
    order = np.lexsort((metres[rows], other, source))
    rows, source, other = rows[order], source[order], other[order]
    start = np.searchsorted(source, np.arange(len(nodes) + 1)).astype(np.int64)
    chosen = np.arange(len(nodes))
    if len(nodes) > exact_up_to:
        chosen = np.sort(np.random.default_rng(SEED).choice(len(nodes), min(samples, len(nodes)), replace=False))
    network = (start, other.astype(np.int64), metres[rows], rows.astype(np.int64), chosen.astype(np.int64))

    def work(part: tuple[int, int]) -> Floats:
        counts: Floats = count_routes(*network, *part, len(lines))
        return counts

    for counts in tiles.run_parts(work, tiles.cut_rows(len(chosen), size=128), workers=workers):
        out += counts
    return out / (len(chosen) * max(len(nodes) - 1, 1))


def _rank(values: Floats, length: Floats) -> Floats:
    """Return the share of the length whose value is smaller; values are the same to nine digits."""
    if not len(values):
        return np.zeros(0)
    _, group = np.unique(np.round(values, 9), return_inverse=True)
    metres = np.bincount(group, length)
    below = np.concatenate([[0.0], np.cumsum(metres)[:-1]])
    return np.asarray((below / max(float(length.sum()), 1e-9))[group], dtype=np.float64)
