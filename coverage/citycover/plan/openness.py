"""Tell which lines of sight run over ground that is known to be open, so that nothing is aimed across a block."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.city.model import City
from citycover.plan.ground import SIDEWALK, place_points

Floats = npt.NDArray[np.float64]

CLOSED = 15.0
"""Metres of ground not known to be open that a line of sight to what a camera is aimed at may cross; ours."""

CELL = 4.0
"""Side (m) of the cells by which ground is asked."""

MARGIN = 200.0
"""How far (m) around what is wanted ground is asked; what lies farther off counts as not open."""

SAMPLES = 16
"""Points asked along each line of sight."""

_BATCH = 200_000


@dataclass(frozen=True)
class OpenGround:
    """Which cells of a grid lie on open ground: rows by x, columns by y, from ``corner`` (m)."""

    corner: Floats
    cells: npt.NDArray[np.bool_]

    def let_through(self, a: Floats, b: Floats) -> npt.NDArray[np.bool_]:
        """Return which lines from ``a`` to ``b`` (n × 2, m) cross at most :data:`CLOSED` metres that are not open."""
        out = [self._batch(a[low : low + _BATCH], b[low : low + _BATCH]) for low in range(0, len(a), _BATCH)]
        return np.concatenate(out) if out else np.zeros(0, bool)

    def _batch(self, a: Floats, b: Floats) -> npt.NDArray[np.bool_]:
        share = ((np.arange(SAMPLES) + 0.5) / SAMPLES)[None, :]
        inside, at = np.ones((len(a), SAMPLES), bool), []
        for k in (0, 1):
            cell = np.floor((a[:, k, None] + (b - a)[:, k, None] * share - self.corner[k]) / CELL).astype(np.int64)
            inside &= (cell >= 0) & (cell < self.cells.shape[k])
            at.append(np.clip(cell, 0, self.cells.shape[k] - 1))
        closed = (~(self.cells[at[0], at[1]] & inside)).mean(axis=1)
        return np.asarray(closed * np.hypot(*(b - a).T) <= CLOSED, bool)


def find_open_ground(city: City, wants: pd.DataFrame) -> OpenGround:
    """Return where ground is known to be open around what is wanted.

    Open is public ground (streets, squares, parks, paths), what lies within :data:`~citycover.plan.ground.SIDEWALK` of
    it, and what lies as near to anything wanted. All else may hold houses, walls or yards that nobody has drawn: many
    extracts lack buildings, and a view across a block would be a promise that the ground does not keep.
    """
    xy = wants[["x", "y"]].to_numpy(float)
    if not len(xy):
        return OpenGround(np.zeros(2), np.zeros((1, 1), bool))
    corner = np.floor((xy.min(axis=0) - MARGIN) / CELL) * CELL
    nx, ny = (np.ceil((xy.max(axis=0) + MARGIN - corner) / CELL).astype(np.int64)).tolist()
    far = corner + np.array([nx, ny]) * CELL
    ground = np.asarray(city.public_ground.geometry.array, dtype=object)
    ground = ground[shapely.intersects(ground, shapely.box(*corner, *far))]
    ground = shapely.get_parts(shapely.buffer(ground, SIDEWALK, quad_segs=2))
    wanted = shapely.union_all(shapely.buffer(place_points(xy), SIDEWALK, quad_segs=2), grid_size=0.01)
    shapes = np.concatenate([ground, shapely.get_parts(wanted)])
    shapely.prepare(shapes)
    cells = np.zeros((nx, ny), bool)
    strip = max(1, 2_000_000 // ny)
    y = corner[1] + (np.arange(ny) + 0.5) * CELL
    for low in range(0, nx, strip):
        x = corner[0] + (np.arange(low, min(low + strip, nx)) + 0.5) * CELL
        tree = shapely.STRtree(place_points(np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)))
        row = tree.query(shapes, predicate="contains")[1]
        cells[low : low + len(x)].reshape(-1)[row] = True
    return OpenGround(corner, cells)
