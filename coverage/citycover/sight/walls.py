"""The walls that block sight, cut from buildings and barriers into single segments."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

Floats = npt.NDArray[np.float64]

BATCH = 20_000
"""Buildings whose walls are cut at once: what bounds the memory."""


class Walls(NamedTuple):
    """Wall segments: the solid lies to the left of (ax, ay) → (bx, by); ``height`` is infinite where unknown.

    ``owner`` is the row in the table of buildings, ascending, or -1 for a barrier.
    """

    ax: Floats
    ay: Floats
    bx: Floats
    by: Floats
    height: Floats
    owner: npt.NDArray[np.int64]

    def first(self, count: int) -> Walls:
        """Return the first walls."""
        ax, ay, bx, by, height = self[:5]
        return Walls(ax[:count], ay[:count], bx[:count], by[:count], height[:count], self.owner[:count])


def find_walls(buildings: gpd.GeoDataFrame, barriers: gpd.GeoDataFrame | None = None) -> Walls:
    """Return the wall segments of all that blocks sight, in the order of the tables.

    Buildings block up to ``height``; an unknown height blocks all (the safe side). Not blocking: ``opaque`` false
    (roofs on posts, passages, what lies under the ground). Barriers block where ``opaque`` is true, from both
    sides. Walls may touch, overlap, repeat and lie in line. Invalid polygons are mended first.

    >>> square = gpd.GeoDataFrame({"height": [9.0]}, geometry=[shapely.box(0, 0, 1, 1)], crs=32650)
    >>> len(find_walls(square).ax)
    4
    """
    solid = select_opaque(buildings.reset_index(drop=True))
    row = solid.index.to_numpy(np.int64)
    polygons = np.asarray(solid.geometry.array, dtype=object)
    heights = _heights(solid)
    broken = ~shapely.is_valid(polygons)
    if broken.any():
        polygons = polygons.copy()
        polygons[broken] = shapely.make_valid(polygons[broken])
    most = int(shapely.get_num_coordinates(polygons).sum())
    ax, ay, bx, by, height = (np.empty(most) for _ in range(5))
    walls = Walls(ax, ay, bx, by, height, np.empty(most, np.int64))
    end = 0
    for low in range(0, len(polygons), BATCH):
        some = slice(low, low + BATCH)
        cut = _ring_walls(polygons[some], heights[some], row[some])
        start, end = end, end + len(cut.ax)
        for whole, part in zip(walls, cut, strict=True):
            whole[start:end] = part
    walls = walls.first(end)
    if barriers is None or not len(barriers):
        return walls
    return Walls(*(np.concatenate(pair) for pair in zip(walls, _line_walls(barriers), strict=True)))


def select_opaque(buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the buildings that block sight from the ground up, in order.

    >>> roof = gpd.GeoDataFrame({"opaque": [False, None]}, geometry=[shapely.box(0, 0, 1, 1)] * 2, crs=32650)
    >>> len(select_opaque(roof))
    1
    """
    keep = np.ones(len(buildings), bool)
    if "opaque" in buildings.columns:
        keep &= buildings["opaque"].astype("boolean").fillna(True).to_numpy(bool)
    geometry = np.asarray(buildings.geometry.array, dtype=object)
    keep &= ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    return buildings[keep]


def _heights(rows: gpd.GeoDataFrame) -> Floats:
    if "height" not in rows.columns:
        return np.full(len(rows), np.inf)
    height = pd.to_numeric(rows["height"]).to_numpy(float, na_value=np.nan)
    return np.where(np.isnan(height), np.inf, height)


def _ring_walls(solids: npt.NDArray[np.object_], heights: Floats, rows: npt.NDArray[np.int64]) -> Walls:
    parts, whole = shapely.get_parts(solids, return_index=True)
    parts, again = shapely.get_parts(parts, return_index=True)  # make_valid may nest collections
    keep = shapely.get_type_id(parts) == 3
    polygons, whole = parts[keep], whole[again[keep]]
    heights, rows = heights[whole], rows[whole]
    rings, owner = shapely.get_rings(polygons, return_index=True)
    is_hole = np.zeros(len(rings), bool)
    is_hole[1:] = owner[1:] == owner[:-1]
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    a, b = xy[:-1], xy[1:]
    real = (ring[1:] == ring[:-1]) & (a != b).any(axis=1)
    a, b, ring = a[real], b[real], ring[:-1][real]
    first = np.zeros((len(rings), 2))
    first[ring[::-1]] = a[::-1]
    u, v = a - first[ring], b - first[ring]  # near zero, so that the shoelace sum keeps its digits
    twice = np.bincount(ring, u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0], minlength=len(rings))
    turn = ((twice > 0.0) == is_hole)[ring][:, None]
    start, end = np.where(turn, b, a), np.where(turn, a, b)
    return Walls(
        np.ascontiguousarray(start[:, 0]),
        np.ascontiguousarray(start[:, 1]),
        np.ascontiguousarray(end[:, 0]),
        np.ascontiguousarray(end[:, 1]),
        heights[owner[ring]],
        rows[owner[ring]],
    )


def _line_walls(barriers: gpd.GeoDataFrame) -> Walls:
    opaque = (
        barriers["opaque"].astype("boolean").fillna(False).to_numpy(bool)
        if "opaque" in barriers.columns
        else np.zeros(len(barriers), bool)
    )
    rows = barriers[opaque]
    lines = np.asarray(rows.geometry.array, dtype=object)
    parts, owner = shapely.get_parts(lines, return_index=True)
    xy, part = shapely.get_coordinates(parts, return_index=True)
    a, b = xy[:-1], xy[1:]
    real = (part[1:] == part[:-1]) & (a != b).any(axis=1)
    a, b = a[real], b[real]
    height = _heights(rows)[owner[part[:-1][real]]]
    start, end = np.concatenate([a, b]), np.concatenate([b, a])
    return Walls(
        np.ascontiguousarray(start[:, 0]),
        np.ascontiguousarray(start[:, 1]),
        np.ascontiguousarray(end[:, 0]),
        np.ascontiguousarray(end[:, 1]),
        np.concatenate([height, height]),
        np.full(len(start), -1),
    )
