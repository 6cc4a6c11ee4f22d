"""Uniform grids over the plane: wall segments and points, found by cell."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CELL = 50.0
"""Side of a cell in metres: 40 to 60 was fastest in towns."""

POINT_CELL = 16.0
"""Side of a cell of points in metres: small enough that a hidden cell saves more than asking for it costs."""

MOST_CELLS = 16_000_000
"""Beyond this many cells (a stray camera far off) the cells grow instead."""

MARGIN = 1e-6
"""A wall is entered in every cell that it comes this near (m), so that no walk can slip through a corner."""


class WallGrid(NamedTuple):
    """Walls relative to (x0, y0), in the order of their cells, and the walls of each cell, row by row."""

    x0: float
    y0: float
    cell: float
    columns: int
    rows: int
    start: npt.NDArray[np.int32]
    items: npt.NDArray[np.int32]
    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    height: Floats


class PointGrid(NamedTuple):
    """Points relative to (x0, y0), sorted by cell; ``order`` is their number in the caller's arrays."""

    x0: float
    y0: float
    cell: float
    columns: int
    rows: int
    start: Ints
    order: Ints
    x: Floats
    y: Floats


def grid_walls(
    ax: Floats, ay: Floats, bx: Floats, by: Floats, height: Floats, *, bounds: tuple[float, float, float, float]
) -> WallGrid:
    """Return the grid of the walls that touch ``bounds`` (xmin, ymin, xmax, ymax)."""
    near = (
        (np.maximum(ax, bx) >= bounds[0])
        & (np.minimum(ax, bx) <= bounds[2])
        & (np.maximum(ay, by) >= bounds[1])
        & (np.minimum(ay, by) <= bounds[3])
    )
    ax, ay, bx, by, height = ax[near], ay[near], bx[near], by[near], height[near]
    if not len(ax):
        none = np.zeros(0)
        return WallGrid(
            bounds[0], bounds[1], CELL, 1, 1, np.zeros(2, np.int32), np.zeros(0, np.int32), none, none, none, none, none
        )
    x0 = max(float(min(ax.min(), bx.min())), bounds[0]) - 1.0
    y0 = max(float(min(ay.min(), by.min())), bounds[1]) - 1.0
    width = min(float(max(ax.max(), bx.max())), bounds[2]) + 1.0 - x0
    depth = min(float(max(ay.max(), by.max())), bounds[3]) + 1.0 - y0
    cell = max(CELL, float(np.sqrt(width * depth / MOST_CELLS)), width / MOST_CELLS, depth / MOST_CELLS)
    columns, rows = int(width // cell) + 1, int(depth // cell) + 1
    middle = _cells((ax + bx) / 2.0 - x0, (ay + by) / 2.0 - y0, cell, columns, rows)
    order = _count(middle, columns * rows)[1]
    ax, ay, bx, by = ax[order] - x0, ay[order] - y0, bx[order] - x0, by[order] - y0
    start, items = _enter_walls(ax, ay, bx, by, cell, columns, rows)
    return WallGrid(x0, y0, cell, columns, rows, start, items, ax, ay, bx, by, height[order])


def grid_points(x: Floats, y: Floats, *, cell: float = POINT_CELL) -> PointGrid:
    """Return the grid of points; those of one cell stay in the caller's order."""
    if not len(x):
        return PointGrid(0.0, 0.0, cell, 1, 1, np.zeros(2, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    x0, y0 = float(x.min()), float(y.min())
    width, depth = float(x.max()) - x0, float(y.max()) - y0
    cell = max(cell, float(np.sqrt(width * depth / MOST_CELLS)), width / MOST_CELLS, depth / MOST_CELLS)
    columns, rows = int(width // cell) + 1, int(depth // cell) + 1
    number = _cells(x - x0, y - y0, cell, columns, rows)
    start, order = _count(number, columns * rows)
    return PointGrid(x0, y0, cell, columns, rows, start, order, x[order] - x0, y[order] - y0)


def _cells(x: Floats, y: Floats, cell: float, columns: int, rows: int) -> Ints:
    column = np.clip(np.floor(x / cell), 0, columns - 1).astype(np.int64)
    row = np.clip(np.floor(y / cell), 0, rows - 1).astype(np.int64)
    return row * columns + column


@njit(cache=True, nogil=True)
def _count(number, cells):  # type: ignore[no-untyped-def]
    """Sort by cell, those of one cell in their order: where each cell starts, and the sorted row numbers."""
    start = np.zeros(cells + 1, np.int64)
    for cell in number:
        start[cell + 1] += 1
    for cell in range(cells):
        start[cell + 1] += start[cell]
    order, at = np.empty(len(number), np.int64), start[:-1].copy()
    for i in range(len(number)):
        order[at[number[i]]] = i
        at[number[i]] += 1
    return start, order


@njit(cache=True, nogil=True)
def _span(low, high, cell, most):  # type: ignore[no-untyped-def]
    first = int(np.floor((low - MARGIN) / cell))
    last = int(np.floor((high + MARGIN) / cell))
    return max(first, 0), min(last, most - 1)


@njit(cache=True, nogil=True)
def _touches(ax, ay, bx, by, xmin, ymin, size):  # type: ignore[no-untyped-def]
    """Tell whether a segment, whose box meets the cell's, comes within MARGIN of the cell: corners on both sides."""
    nx, ny = by - ay, ax - bx
    reach = MARGIN * (abs(nx) + abs(ny))
    first = nx * (xmin - ax) + ny * (ymin - ay)
    low = high = first
    for k in range(1, 4):
        value = first + nx * size * (k & 1) + ny * size * (k >> 1)
        low = min(low, value)
        high = max(high, value)
    return low <= reach and high >= -reach


@njit(cache=True, nogil=True)
def _enter_walls(ax, ay, bx, by, cell, columns, rows):  # type: ignore[no-untyped-def]
    start = np.zeros(columns * rows + 1, np.int32)
    for fill in range(2):
        if fill == 1:
            for c in range(columns * rows):
                start[c + 1] += start[c]
            items = np.empty(start[columns * rows], np.int32)
            place = start[:-1].copy()
        for k in range(len(ax)):
            c0, c1 = _span(min(ax[k], bx[k]), max(ax[k], bx[k]), cell, columns)
            r0, r1 = _span(min(ay[k], by[k]), max(ay[k], by[k]), cell, rows)
            for row in range(r0, r1 + 1):
                for column in range(c0, c1 + 1):
                    if (c0 == c1 or r0 == r1) or _touches(ax[k], ay[k], bx[k], by[k], column * cell, row * cell, cell):
                        c = row * columns + column
                        if fill == 0:
                            start[c + 1] += 1
                        else:
                            items[place[c]] = k
                            place[c] += 1
    return start, items
