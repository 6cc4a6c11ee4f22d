"""Sight over uneven ground: lines that must clear it, and views without the cells that it hides."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from citycover import tiles
from citycover.city.terrain import Terrain
from citycover.sight._terrain import judge_pairs

Floats = npt.NDArray[np.float64]

STEP = 5.0
"""Side of the cells (m) that are hidden or not, by their middles: finer than any terrain that is to be had; ours."""


def judge_lines(
    terrain: Terrain,
    pairs: tuple[Any, Any],
    cameras: tuple[Floats, Floats, Floats],
    targets: tuple[Floats, Floats, Floats],
    *,
    workers: int | None = None,
) -> npt.NDArray[np.int8]:
    """Return how the line of each pair passes the ground: 1 free, 0 hidden, -1 over a void (unknown).

    ``cameras`` and ``targets`` are x, y and height over the sea; ``pairs`` their numbers.
    """

    def work(part: tuple[int, int]) -> npt.NDArray[np.int8]:
        grid = (terrain.heights, terrain.x0, terrain.y0, terrain.cell)
        done: npt.NDArray[np.int8] = judge_pairs(*grid, *pairs, *cameras, *targets, *part)
        return done

    parts = tiles.run_parts(work, tiles.cut_rows(len(pairs[0]), size=65_536), workers=workers)
    return np.concatenate(parts) if parts else np.zeros(0, np.int8)


def cut_hidden(
    polygons: npt.NDArray[np.object_],
    x: Floats,
    y: Floats,
    lens: Floats,
    terrain: Terrain,
    *,
    unknown: npt.NDArray[np.bool_],
    workers: int | None = None,
) -> npt.NDArray[np.object_]:
    """Return the views without the ground that the terrain hides.

    Walls are those of flat ground; each cell of :data:`STEP` metres (a grid fixed to the reference system's origin) is
    cut out where the line to the ground at its middle does not clear the terrain.

    Parameters
    ----------
    polygons, x, y, lens
        Views, positions, and heights of the lenses over the ground (m).
    terrain
        Heights of the ground.
    unknown
        Views that lose the cells across voids too, because they must not claim what is unknown.
    workers
        Threads; the answer does not depend on it.
    """

    def work(part: tuple[int, int]) -> npt.NDArray[np.object_]:
        low, high = part
        shapes = polygons[low:high]
        box = np.nan_to_num(shapely.bounds(shapes))
        first = np.floor(box[:, :2] / STEP).astype(np.int64)
        wide = np.floor(box[:, 2:] / STEP).astype(np.int64) - first + 1
        count = np.where(shapely.is_empty(shapes), 0, wide.prod(axis=1))
        view = np.repeat(np.arange(high - low), count)
        number = np.arange(len(view)) - np.repeat(np.cumsum(count) - count, count)
        cx = (first[view, 0] + number % wide[view, 0] + 0.5) * STEP
        cy = (first[view, 1] + number // wide[view, 0] + 0.5) * STEP
        ground = terrain.ground(x[low:high], y[low:high])
        targets = (cx, cy, terrain.ground(cx, cy))
        cameras = (x[low:high], y[low:high], ground + lens[low:high])
        told = judge_lines(terrain, (view, np.arange(len(view))), cameras, targets, workers=1)
        hidden = (told == 0) | ((told < 0) & unknown[low:high][view])
        view, cx, cy = view[hidden], cx[hidden], cy[hidden]
        if not len(view):
            return shapes
        half = STEP / 2.0
        boxes = shapely.box(cx - half, cy - half, cx + half, cy + half)
        some, number = np.unique(view, return_inverse=True)
        lost = shapely.union_all(stack_rows(boxes, number), axis=1, grid_size=1e-3)
        out = shapes.copy()
        out[some] = shapely.difference(shapes[some], lost)
        return out

    parts = tiles.run_parts(work, tiles.cut_rows(len(polygons), size=64), workers=workers)
    return np.concatenate(parts) if parts else polygons


def stack_rows(shapes: npt.NDArray[np.object_], number: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """Return sorted shapes as one row per number, filled up with None."""
    start = np.searchsorted(number, np.arange(number.max() + 1))
    place = np.arange(len(number)) - start[number]
    out = np.full((int(number.max()) + 1, int(place.max()) + 1), None, dtype=object)
    out[number, place] = shapes
    return out
