"""Views of cameras that look over low walls, as polygons: holes and islands where the walls cast shadows."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.sight._grid import WallGrid
from citycover.sight._rings import chain_rings
from citycover.sight._shadows import cast_shadows
from citycover.sight.cameras import Poses
from citycover.sight.walls import select_opaque

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SPECK = 1e-6
"""Pieces of ground smaller than this (m²) are left out: rounding."""


def count_roofs(poses: Poses, buildings: gpd.GeoDataFrame) -> Ints:
    """Return on how many buildings lower than its lens each camera stands."""
    out = np.zeros(len(poses.x), np.int64)
    high = np.flatnonzero(poses.standing.roof & np.isfinite(poses.lens))
    if not len(high) or "height" not in buildings.columns:
        return out
    solid = select_opaque(buildings)
    height = pd.to_numeric(solid["height"]).to_numpy(float, na_value=np.inf)
    points = shapely.points(poses.x[high], poses.y[high])
    camera, house = shapely.STRtree(solid.geometry.to_numpy()).query(points, predicate="within")
    below = height[house] < poses.lens[high[camera]]
    out[high] = np.bincount(camera[below], minlength=len(high))
    return out


def cast_rings(grid: WallGrid, *cast: Any) -> tuple[Floats, Floats, Ints, Ints]:
    """Return the views over low walls as rings, see :mod:`citycover.sight._shadows` and :mod:`citycover.sight._rings`.

    ``cast`` is what :func:`citycover.sight._shadows.cast_shadows` asks for.
    """
    rings: tuple[Floats, Floats, Ints, Ints] = chain_rings(*cast_shadows(grid, *cast))
    return rings


def draw_shadowed(
    x: Floats, y: Floats, ends: Ints, counts: Ints, at: tuple[Floats, Floats], near: Floats
) -> tuple[Ints, npt.NDArray[np.object_]]:
    """Return which views the kernel's rings are of, and their polygons, with the ground before the near edge cut out.

    ``x``, ``y`` and ``ends`` are the rings of :func:`cast_rings`, ``counts`` how many each view has (-1: its envelope
    is its view), ``at`` the cameras. Invalid polygons (rings that touch themselves) are mended.
    """
    chosen = np.flatnonzero(counts >= 0)
    out = np.full(len(chosen), shapely.Polygon(), dtype=object)
    if not len(ends):
        return chosen, out
    owner = np.repeat(np.arange(len(chosen)), counts[chosen])
    ring = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    xy = np.column_stack([x + at[0][chosen][owner[ring]], y + at[1][chosen][owner[ring]]])
    first = np.concatenate([[0], ends[:-1]])
    twice = x * np.roll(y, -1) - np.roll(x, -1) * y
    last = ends - 1
    twice[last] = x[last] * y[first] - x[first] * y[last]
    size = np.add.reduceat(twice, first) / 2.0
    real = np.abs(size) > SPECK
    rings = np.asarray(shapely.linearrings(xy, indices=ring), dtype=object)
    shell, hole = np.flatnonzero(real & (size > 0.0)), np.flatnonzero(real & (size < 0.0))
    shells = np.asarray(shapely.polygons(rings[shell]), dtype=object)
    of_hole = _shells_of(rings, shells, owner[shell], hole, owner[hole])
    order = np.argsort(np.concatenate([np.arange(len(shell)), of_hole]), kind="stable")
    part = np.concatenate([np.arange(len(shell)), of_hole])[order]
    polygons = np.asarray(
        shapely.polygons(np.concatenate([rings[shell], rings[hole]])[order], indices=part), dtype=object
    )
    view = owner[shell]
    broken = ~shapely.is_valid(polygons)
    if broken.any():
        mended, of = shapely.get_parts(shapely.make_valid(polygons[broken]), return_index=True)
        mended, again = shapely.get_parts(mended, return_index=True)  # mended ones may nest collections
        view = np.concatenate([view[~broken], view[broken][of[again]]])
        polygons = np.concatenate([polygons[~broken], mended])
    keep = shapely.area(polygons) > SPECK
    view, polygons = view[keep], polygons[keep]
    alone = np.bincount(view, minlength=len(chosen))[view] == 1
    out[view[alone]] = polygons[alone]
    if not alone.all():
        parts, view = polygons[~alone], view[~alone]
        order = np.argsort(view, kind="stable")
        several, number = np.unique(view[order], return_inverse=True)
        out[several] = shapely.multipolygons(parts[order], indices=number)
    blind = near[chosen] > 0.0
    if blind.any():
        disc = shapely.buffer(
            shapely.points(at[0][chosen][blind], at[1][chosen][blind]), near[chosen][blind], quad_segs=64
        )
        out[blind] = shapely.difference(out[blind], disc)
    return chosen, out


def _shells_of(
    rings: npt.NDArray[np.object_], shells: npt.NDArray[np.object_], owner: Ints, hole: Ints, owner_of_hole: Ints
) -> Ints:
    """Return the shell of each hole: the smallest of its view that holds it."""
    if not len(hole):
        return np.zeros(0, np.int64)
    start = np.searchsorted(owner, np.arange(owner.max() + 2))
    number = start[owner_of_hole + 1] - start[owner_of_hole]
    out = start[owner_of_hole].copy()
    many = np.flatnonzero(number > 1)
    if len(many):
        pair = np.repeat(many, number[many])
        shell = np.concatenate([np.arange(start[o], start[o + 1]) for o in owner_of_hole[many]])
        inside = shapely.covers(shells[shell], shapely.polygons(rings[hole[pair]]))
        rows = pd.DataFrame({"pair": pair[inside], "shell": shell[inside], "size": shapely.area(shells[shell[inside]])})
        best = rows.sort_values(["pair", "size"]).drop_duplicates("pair")
        out[best["pair"].to_numpy()] = best["shell"].to_numpy()
    return out
