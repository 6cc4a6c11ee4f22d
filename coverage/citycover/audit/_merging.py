"""Merges unseen samples, as arrays: consecutive ones to stretches, neighbouring cells to patches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def merge_stretches(group: Ints, sequence: Ints, weight: Floats, longest: float) -> Ints:
    """Number the stretches of samples, cutting what is longer than ``longest`` metres into equal pieces.

    Parameters
    ----------
    group
        Number of mandate, component and feature together; rows are sorted by it, then by ``sequence``.
    sequence
        Number of the sample along its feature; equal numbers are the two sides of one place, a step of more than 1
        ends the stretch.
    weight
        Metres that each sample stands for.
    longest
        Metres.

    Examples
    --------
    >>> merge_stretches(np.array([0, 0, 0, 1]), np.array([3, 4, 6, 7]), np.full(4, 5.0), 200.0).tolist()
    [0, 0, 1, 2]
    """
    if len(group) == 0:
        return np.zeros(0, dtype=np.int64)
    breaks = np.r_[True, (np.diff(group) != 0) | (np.diff(sequence) > 1)]
    run = np.cumsum(breaks) - 1
    starts = np.flatnonzero(breaks)
    before = np.cumsum(weight) - weight
    middle = before - before[starts][run] + weight / 2.0
    length = np.add.reduceat(weight, starts)
    pieces = np.maximum(1, np.ceil(length / longest - 1e-9)).astype(np.int64)
    piece = np.minimum((middle / (length / pieces)[run]).astype(np.int64), pieces[run] - 1)
    number: Ints = (np.cumsum(pieces) - pieces)[run] + piece
    return number


SHORTEST_CAUSE = 20.0
"""A cause that holds for less than this (m) does not cut a stretch; ours."""


def split_by_cause(group: Ints, sequence: Ints, weight: Floats, cause: Ints) -> tuple[Ints, Ints]:
    """Number the parts of each group between which the cause changes, ascending; return also the cause of each part.

    Parameters
    ----------
    group, sequence, weight
        As for :func:`merge_stretches`, sorted alike.
    cause
        Number of the cause of each sample. A run of one cause shorter than :data:`SHORTEST_CAUSE` takes that of the run
        before it in its stretch, the first ones that of the next long run; a stretch without a long run has cause -1.

    Examples
    --------
    >>> cause = np.array([1, 1, 1, 1, 2, 3, 3, 3, 3])
    >>> part, settled = split_by_cause(np.zeros(9, int), np.arange(9), np.full(9, 5.0), cause)
    >>> part.tolist(), settled.tolist()
    ([0, 0, 0, 0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 3, 3, 3, 3])
    """
    if len(group) == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    ends = np.r_[True, (np.diff(group) != 0) | (np.diff(sequence) > 1)]
    starts = np.flatnonzero(ends | np.r_[True, np.diff(cause) != 0])
    run = np.cumsum(np.r_[True, np.diff(cause) != 0] | ends) - 1
    stretch = (np.cumsum(ends) - 1)[starts]
    long = np.add.reduceat(weight, starts) >= SHORTEST_CAUSE
    known = pd.Series(np.where(long, cause[starts], np.nan)).groupby(stretch)
    filled = known.ffill().groupby(stretch).bfill().fillna(-1.0).to_numpy()
    new = ends | np.r_[True, np.diff(filled[run]) != 0]
    number: Ints = np.cumsum(new) - 1
    return number, np.asarray(filled[run], dtype=np.int64)


def merge_cells(group: Ints, side: Floats, x: Floats, y: Floats) -> Ints:
    """Number the patches of cells that touch, corners included, within each group.

    Parameters
    ----------
    group
        Number of mandate and component together.
    side
        Side of each cell, metres; sides are the smallest times 1, 2, 4 … and cells lie on one grid of the origin.
    x, y
        A position inside each cell, metres.

    Examples
    --------
    >>> x, y = np.array([2.5, 7.5, 17.5]), np.array([2.5, 7.5, 2.5])
    >>> merge_cells(np.zeros(3, dtype=np.int64), np.full(3, 5.0), x, y).tolist()
    [0, 0, 1]
    """
    count = len(group)
    if count == 0:
        return np.zeros(0, dtype=np.int64)
    smallest = side.min()
    level = np.rint(np.log2(side / smallest)).astype(np.int64)
    col, line = np.floor(x / side).astype(np.int64), np.floor(y / side).astype(np.int64)
    edges_from, edges_to = [np.arange(count)], [np.arange(count)]
    for coarse in np.unique(level):
        hosts = np.flatnonzero(level == coarse)
        guests = np.flatnonzero(level <= coarse)
        shift = coarse - level[guests]
        low = np.array([col[hosts].min(), line[hosts].min()])
        wide, tall = np.array([col[hosts].max(), line[hosts].max()]) - low + 1

        def keys(rows: Ints, cols: Ints, lines: Ints, low: Ints = low, wide: int = wide, tall: int = tall) -> Ints:
            at_col, at_line = cols - low[0], lines - low[1]
            inside = (at_col >= 0) & (at_col < wide) & (at_line >= 0) & (at_line < tall)
            return np.where(inside, (group[rows] * tall + at_line) * wide + at_col, -1)

        host_keys = keys(hosts, col[hosts], line[hosts])
        order = np.argsort(host_keys, kind="stable")
        hosts, host_keys = hosts[order], host_keys[order]
        for right in (-1, 0, 1):
            for up in (-1, 0, 1):
                wanted = keys(guests, (col[guests] + right) >> shift, (line[guests] + up) >> shift)
                at = np.minimum(np.searchsorted(host_keys, wanted), len(hosts) - 1)
                found = host_keys[at] == wanted
                edges_from.append(guests[found])
                edges_to.append(hosts[at[found]])
    tail, head = np.concatenate(edges_from), np.concatenate(edges_to)
    links = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
