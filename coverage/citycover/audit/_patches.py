"""Numbers the patches of unseen cells, as arrays: by cause, none larger than a limit; and joins remnants to them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from citycover.audit._merging import merge_cells

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SMALLEST_CAUSE = 100.0
"""A cause that holds on less than this (m²) does not cut a patch; ours."""
KEPT_UP_TO = 1.2
"""An earlier patch stays whole until it is this many times the largest; ours."""


def number_patches(
    group: Ints,
    side: Floats,
    x: Floats,
    y: Floats,
    weight: Floats,
    cause: Ints,
    largest: float,
    earlier: Ints | None = None,
) -> Ints:
    """Number the patches of cells that touch and share their cause, within each group.

    A cause that holds on less than :data:`SMALLEST_CAUSE` within a patch takes that of most of the patch. A patch
    larger than ``largest`` (m²) is halved across its longer side, by ground, until no piece is; a part of such a piece
    that hangs together with none of it is a patch by itself, unless it is smaller than :data:`SMALLEST_CAUSE`.

    Parameters
    ----------
    group
        Number of mandate and component together.
    side, x, y
        As for ``merge_cells``.
    weight
        Ground of each cell, m².
    cause
        Number of the cause.
    largest
        Square metres.
    earlier
        Number of the patch of an earlier study that holds the cell, -1 where none does: what is to be cut is cut as it
        was, fresh ground going with the nearest earlier patch, so that gaps keep their numbers.

    Examples
    --------
    >>> x = np.array([2.5, 7.5, 12.5, 17.5])
    >>> same = dict(group=np.zeros(4, int), side=np.full(4, 5.0), x=x, y=np.full(4, 2.5))
    >>> number_patches(**same, weight=np.full(4, 120.0), cause=np.array([1, 1, 2, 2]), largest=1e4).tolist()
    [0, 0, 1, 1]
    >>> number_patches(**same, weight=np.full(4, 25.0), cause=np.array([1, 1, 1, 2]), largest=1e4).tolist()
    [0, 0, 0, 0]
    >>> number_patches(**same, weight=np.full(4, 120.0), cause=np.zeros(4, int), largest=240.0).tolist()
    [0, 0, 1, 1]
    >>> number_patches(**same, weight=np.full(4, 120.0), cause=np.zeros(4, int), largest=360.0,
    ...     earlier=np.array([7, 8, 8, -1])).tolist()
    [0, 1, 1, 1]
    """
    if len(group) == 0:
        return np.zeros(0, dtype=np.int64)
    causes = int(cause.max()) + 1
    patch = merge_cells(group, side, x, y)
    share = np.bincount(patch * causes + cause, weights=weight, minlength=(int(patch.max()) + 1) * causes)
    main_cause = share.reshape(-1, causes).argmax(axis=1)
    piece = merge_cells(patch * causes + cause, side, x, y)
    small = np.bincount(piece, weights=weight)[piece] < SMALLEST_CAUSE
    number = merge_cells(patch * causes + np.where(small, main_cause[patch], cause), side, x, y)
    before, most = (number, largest) if earlier is None else _as_before(number, earlier, x, y, weight, largest)
    cut = _halved(before, x, y, weight, most)
    if (cut != number).any():
        part = merge_cells(cut, side, x, y)
        size = np.bincount(part, weights=weight)
        main = np.zeros(int(cut.max()) + 1, dtype=np.int64)
        order = np.lexsort((-part, size[part], cut))
        main[cut[order]] = part[order]  # the last one, so the largest, stays
        number = np.where(size[part] < SMALLEST_CAUSE, main[cut], part)
    return _dense(number)


def _as_before(
    number: Ints, earlier: Ints, x: Floats, y: Floats, weight: Floats, largest: float
) -> tuple[Ints, Floats]:
    """Return new numbers after cutting what is too large as it was cut before, and how large each may be."""
    number = _dense(number)
    large = np.bincount(number, weights=weight)[number] > largest
    rows = np.flatnonzero(large)
    known = large & (earlier >= 0)
    held = np.bincount(number, weights=known) > 0
    rows = rows[held[number[rows]]]
    if not len(rows):
        return number, np.full(int(number.max()) + 1, largest)
    apart = 10.0 * (np.ptp(x) + np.ptp(y) + 1.0)
    at = np.column_stack([x, y, number * apart])
    homes = np.flatnonzero(known)
    _, nearest = cKDTree(at[homes]).query(at[rows])
    key = np.zeros((len(number), 3), dtype=np.int64)
    key[:, 0] = number
    key[rows, 1], key[rows, 2] = 1, earlier[homes[nearest]]
    names, cut = np.unique(key, axis=0, return_inverse=True)
    return cut.ravel().astype(np.int64), np.where(names[:, 1] == 1, KEPT_UP_TO * largest, largest)


def _halved(number: Ints, x: Floats, y: Floats, weight: Floats, largest: float | Floats) -> Ints:
    """Return new numbers after halving what is larger than ``largest`` (of each number), until nothing is."""
    number = number.copy()
    size = np.bincount(number, weights=weight)
    pieces = np.maximum(1, np.ceil(size / largest - 1e-9)).astype(np.int64)  # how many each is to become
    while (pieces > 1).any():
        rows = np.flatnonzero(pieces[number] > 1)
        names, of = np.unique(number[rows], return_inverse=True)
        spread = []
        for at in (x[rows], y[rows]):
            low, high = np.full(len(names), np.inf), np.full(len(names), -np.inf)
            np.minimum.at(low, of, at)
            np.maximum.at(high, of, at)
            spread.append(high - low)
        wide = (spread[0] >= spread[1])[of]
        first, second = np.where(wide, x[rows], y[rows]), np.where(wide, y[rows], x[rows])
        order = np.lexsort((second, first, of))
        ground = np.cumsum(weight[rows][order])
        start = np.r_[0, np.flatnonzero(np.diff(of[order])) + 1]
        before = np.r_[0.0, ground[start[1:] - 1]]
        total = np.bincount(of, weights=weight[rows])
        middle = ground - weight[rows][order] / 2.0 - before[of[order]]
        left = pieces[names] // 2
        beyond = middle > (total * left / pieces[names])[of[order]]
        moved = rows[order[beyond]]
        fresh = int(number.max()) + 1
        number[moved] = fresh + of[order[beyond]]
        grown = np.ones(fresh + len(names), dtype=np.int64)
        grown[: len(pieces)] = pieces
        grown[names], grown[fresh:] = left, pieces[names] - left
        pieces = grown
    return number


def join_remnants(
    number: Ints, group: Ints | npt.NDArray[np.int32], x: Floats, y: Floats, weight: Floats, least: float
) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Join what is smaller than ``least`` to the nearest other of its group; return numbers 0 … n-1 and what is apart.

    ``number`` is 0 … n-1. Where a group has nothing but remnants they are joined to one another, so that it keeps one.

    Examples
    --------
    >>> at, zero = np.array([0.0, 5.0, 90.0, 0.0]), np.zeros(4)
    >>> ground = np.array([9.0, 0.5, 9.0, 0.5])
    >>> number, joined = join_remnants(np.arange(4), np.array([7, 7, 7, 8]), at, zero, ground, 1.0)
    >>> number.tolist(), joined.tolist()
    ([0, 0, 1, 2], [False, True, False, False])
    """
    apart = np.zeros(len(number), dtype=bool)
    size = np.bincount(number, weights=weight)
    if not (size < least).any():
        return number, apart
    owner = np.zeros(len(size), dtype=np.int64)
    owner[number] = group
    held = np.unique(owner[size < least])
    rows = np.flatnonzero(np.isin(group, held))  # only groups that have a remnant
    _, inside = np.unique(group[rows], return_inverse=True)
    small = (size < least)[number[rows]]
    whole = np.bincount(inside, weights=~small) > 0
    lost, homes = np.flatnonzero(small & whole[inside]), np.flatnonzero(~small)
    home = np.arange(len(size))
    if len(lost):
        far = 10.0 * (np.ptp(x) + np.ptp(y) + 1.0)  # groups lie in planes so far from each other that none is nearer
        at = np.column_stack([x[rows], y[rows], inside * far])
        found = cKDTree(at[homes]).query(at[lost])
        away, nearest = np.asarray(found[0], dtype=np.float64), np.asarray(found[1], dtype=np.int64)
        order = np.lexsort((number[rows[homes[nearest]]], away, number[rows[lost]]))[::-1]
        home[number[rows[lost[order]]]] = number[rows[homes[nearest[order]]]]  # the last, so the nearest, stays
        apart[rows[lost]] = True
    lone = np.flatnonzero(small & ~whole[inside])
    if len(lone):
        first = np.full(len(whole), len(size), dtype=np.int64)
        np.minimum.at(first, inside[lone], number[rows[lone]])
        home[number[rows[lone]]] = first[inside[lone]]
    fresh = np.cumsum(np.bincount(home, minlength=len(size)) > 0) - 1
    return fresh[home][number], apart


def _dense(number: Ints) -> Ints:
    return np.asarray(np.unique(number, return_inverse=True)[1].ravel(), dtype=np.int64)
