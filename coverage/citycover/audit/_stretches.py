"""Numbers the stretches of unseen samples along lines, as arrays: cut where the cause or the direction changes."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from citycover.audit._merging import merge_stretches, split_by_cause

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ANY, ALONG, AGAINST, RIGHT, LEFT = range(5)
"""The side that a sample must be seen from: any, traffic along or against its line, the line's right or left."""

_DIGIT = 16  # causes are written as one digit per side: 0 is no unseen sample there, 1 the first cause …


_BATCH = 400_000  # samples worked on at once, so that memory does not grow with the city

HOLE = 20.0
"""A boundary that a building interrupts for no more than this (m) goes on behind it; ours."""


class Stretches(NamedTuple):
    """Per sample: number of its stretch, 0 … n-1, its side, and the metres of line it stands for in it."""

    number: Ints
    side: npt.NDArray[np.int8]
    metres: Floats


def number_stretches(
    feature: Ints | npt.NDArray[np.int32],
    sequence: Ints,
    x: Floats,
    y: Floats,
    facing: Floats,
    weight: Floats,
    cause: Ints | npt.NDArray[np.int8],
    longest: float,
) -> Stretches:
    """Number the stretches of unseen samples.

    A stretch is cut where the causes change for ``SHORTEST_CAUSE`` metres or more, a direction that is seen being a
    cause of its own, so that what is unseen in one direction stands apart from what is unseen in both. Where both
    directions are unseen and their causes differ, each is a stretch by itself. What is longer than ``longest`` is cut
    into equal pieces.

    Parameters
    ----------
    feature
        Number of mandate, component and feature together; rows are sorted by it, then by ``sequence``.
    sequence
        Number of the sample along its feature; a step of more than 1 ends the stretch.
    x, y
        Metres.
    facing
        Direction it must be seen from, ° from north; NaN for any.
    weight
        Metres that each sample counts: of a street asked for in both directions half of its piece.
    cause
        Number of the cause, 0 to 14.
    longest
        Metres along the line.

    Examples
    --------
    Ten samples of a line to the east, unseen in both directions, then ten unseen for those who drive east only:

    >>> at = np.r_[np.repeat(np.arange(10), 2), np.arange(10, 20)]
    >>> facing = np.r_[np.tile([90.0, 270.0], 10), np.full(10, 90.0)]
    >>> line = number_stretches(np.zeros(30, int), at, at * 5.0, np.zeros(30), facing, np.full(30, 2.5),
    ...     np.zeros(30, int), 200.0)
    >>> line.number.tolist() == [0] * 20 + [1] * 10, line.side[[0, 1]].tolist(), line.metres[[0, 29]].tolist()
    (True, [1, 2], [2.5, 5.0])
    """
    count = len(feature)
    number, side, metres = np.zeros(count, np.int64), np.zeros(count, np.int8), np.zeros(count)
    starts = np.flatnonzero(np.r_[True, np.diff(feature) != 0]) if len(feature) else np.zeros(0, np.int64)
    cuts = np.unique(starts[np.searchsorted(starts, np.arange(0, len(feature), _BATCH), side="right") - 1])
    top = 0
    for low, high in itertools.pairwise(np.r_[cuts, len(feature)].tolist()):
        some = slice(low, high)
        found = _number_batch(
            feature[some], sequence[some], x[some], y[some], facing[some], weight[some], cause[some], longest
        )
        number[some] = found.number + top
        top += int(found.number.max()) + 1
        side[some], metres[some] = found.side, found.metres
    return Stretches(number, side, metres)


def _number_batch(
    feature: Ints | npt.NDArray[np.int32],
    sequence: Ints,
    x: Floats,
    y: Floats,
    facing: Floats,
    weight: Floats,
    cause: Ints | npt.NDArray[np.int8],
    longest: float,
) -> Stretches:
    new = np.r_[True, (np.diff(feature) != 0) | (np.diff(sequence) != 0)]
    spot = np.cumsum(new) - 1  # one spot of the line, whichever its sides
    first = np.flatnonzero(new)
    here, at = feature[first].astype(np.int64), sequence[first]
    count = np.bincount(spot)
    mx, my = np.bincount(spot, x) / count, np.bincount(spot, y) / count
    side = tell_sides(here, mx, my, spot, facing)
    summed = np.asarray(np.bincount(spot, weight), dtype=np.float64)
    metres = np.where(np.bincount(spot, side != ANY) > 0, _spacing(here, at, mx, my, summed), summed)
    digits = np.zeros(len(first), dtype=np.int64)
    order = np.lexsort((-cause, weight, side, spot))  # of several on one side the heaviest, then the first cause, tells
    last = order[np.r_[np.diff(spot[order] * 8 + side[order]) != 0, True]]
    np.add.at(digits, spot[last], (cause[last] + 1) * _DIGIT ** side[last])
    run, settled = split_by_cause(here, at, metres, digits)
    key = run[spot] * 8 + np.where(_differ(settled)[spot], side, ANY)
    order = np.lexsort((sequence, key))
    fresh = np.r_[True, (np.diff(key[order]) != 0) | (np.diff(spot[order]) != 0)]
    part = np.cumsum(fresh) - 1
    one = order[fresh]
    pieces = merge_stretches(key[one], np.zeros(len(one), np.int64), metres[spot[one]], longest)
    number, shared = np.empty(len(key), dtype=np.int64), np.empty(len(key))
    number[order] = pieces[part]
    shared[order] = metres[spot[order]] / np.bincount(part)[part]
    return Stretches(number, side.astype(np.int8), shared)


def close_holes(feature: Ints, sequence: Ints, most: int) -> Ints:
    """Return sequences in which up to ``most`` missing numbers do not end a stretch, and more of them do.

    Parameters
    ----------
    feature, sequence
        Of all samples of the lines, seen or not, in any order.
    most
        How many samples may be missing.

    Examples
    --------
    >>> close_holes(np.zeros(5, int), np.array([0, 0, 4, 9, 10]), 3).tolist()
    [0, 0, 1, 3, 4]
    """
    order = np.lexsort((sequence, feature))
    step = np.diff(sequence[order], prepend=sequence[order][:1])
    step = np.where(step == 0, 0, np.where(step <= most + 1, 1, 2))
    step[np.diff(feature[order], prepend=feature[order][:1]) != 0] = 2
    out = np.empty(len(order), dtype=np.int64)
    out[order] = np.cumsum(step)
    return out


def tell_sides(feature: Ints, x: Floats, y: Floats, spot: Ints, facing: Floats) -> Ints:
    """Return from which side each sample must be seen, seen along its line.

    ``feature``, ``x`` and ``y`` are those of the spots of the lines, ``spot`` and ``facing`` those of the
    samples. The line's direction at a spot is taken from its neighbours; a spot without any counts as one that runs
    from west to east, or due north.
    """
    ahead = np.r_[np.diff(feature) == 0, False]
    dx, dy = np.r_[np.diff(x), 0.0], np.r_[np.diff(y), 0.0]
    tx, ty = np.where(ahead, dx, 0.0), np.where(ahead, dy, 0.0)
    tx[1:] += np.where(ahead[:-1], dx[:-1], 0.0)
    ty[1:] += np.where(ahead[:-1], dy[:-1], 0.0)
    angle = np.radians(facing)
    fx, fy = np.sin(angle), np.cos(angle)
    px, py = tx[spot], ty[spot]
    lone = np.hypot(px, py) < 1e-6
    px, py = np.where(lone, np.abs(fx), px), np.where(lone, np.where(fx > 0, fy, -fy), py)
    px = np.where(lone & (np.abs(fx) < 1e-9), 0.0, px)
    py = np.where(lone & (np.abs(fx) < 1e-9), 1.0, py)
    dot, cross = px * fx + py * fy, px * fy - py * fx
    beside = np.where(cross < 0, RIGHT, LEFT)
    side = np.where(np.abs(dot) >= np.abs(cross), np.where(dot > 0, ALONG, AGAINST), beside)
    return np.where(np.isnan(facing), ANY, side).astype(np.int64)


def _spacing(feature: Ints, sequence: Ints, x: Floats, y: Floats, otherwise: Floats) -> Floats:
    """Return the metres of the line that each spot stands for: the lesser distance to its neighbours."""
    near = (np.diff(feature) == 0) & (np.diff(sequence) == 1)
    step = np.where(near, np.hypot(np.diff(x), np.diff(y)), np.inf)
    least = np.minimum(np.r_[step, np.inf], np.r_[np.inf, step])
    return np.where(np.isfinite(least), least, otherwise)


def _differ(digits: Ints) -> npt.NDArray[np.bool_]:
    """Tell whether the causes of the sides, written as digits, are several; never where none is told (-1)."""
    shown = np.maximum(digits, 0)
    high, low = np.zeros(len(digits), np.int64), np.full(len(digits), _DIGIT)
    for side in range(LEFT + 1):
        digit = (shown // _DIGIT**side) % _DIGIT
        high, low = np.maximum(high, digit), np.where(digit > 0, np.minimum(low, digit), low)
    return np.asarray(high > low, dtype=bool)
