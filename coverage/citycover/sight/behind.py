"""The ground of a view that lies behind an object: its shadow as seen from the lens."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import shapely

from citycover import tiles
from citycover.sight.relief import stack_rows
from citycover.sight.shadows import SPECK

Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]

GRID = 1e-3
"""Metres to which the outlines of shadows are rounded when they are joined."""

NEAREST = 0.01
"""Metres: an object nearer to the lens than this is taken to be this near, so that its shadow has an end."""


def find_behind(
    views: Shapes,
    x: Floats,
    y: Floats,
    lens: Floats,
    reach: Floats,
    objects: Shapes,
    *,
    top: Floats,
    base: Floats,
    workers: int | None = None,
) -> Shapes:
    """Return, row by row, the part of a view that lies under or behind an object, on level ground.

    From a lens at ``H`` over the ground at (x, y) an object that is solid from its ``base`` ``m`` to its ``top`` ``h``
    hides the ground from ``H / (H - m)`` times (no sight under it: never, where ``m`` reaches ``H``) to ``H / (H - h)``
    times as far as itself: similar triangles, as for low walls (:mod:`citycover.sight._shadows`). Where ``H`` or ``h``
    is unknown (NaN), or ``h`` reaches ``H``, all behind it is hidden; an unknown ``m`` is 0. Lines and polygons only;
    the camera stands outside of the object, or else sees nothing past it.

    Examples
    --------
    A house 10 m deep, 10 m before a lens at 6 m: if it is 3 m high it hides itself and as much again behind it.

    >>> view, house = shapely.box(-2, 0, 2, 100), shapely.box(-9, 10, 9, 20)
    >>> one = [np.array([v]) for v in (0.0, 0.0, 6.0, 100.0)]
    >>> hidden = find_behind(np.array([view]), *one, np.array([house]), top=np.array([3.0]), base=np.array([0.0]))
    >>> shapely.bounds(hidden)[0].tolist(), float(shapely.area(hidden)[0])
    ([-2.0, 10.0, 2.0, 40.0], 120.0)
    """

    def work(part: tuple[int, int]) -> Shapes:
        rows = slice(*part)
        at = (views[rows], x[rows], y[rows], lens[rows], reach[rows], objects[rows], top[rows], base[rows])
        return _behind(*at)

    parts = tiles.run_parts(work, tiles.cut_rows(len(views), size=256), workers=workers)
    return np.concatenate(parts) if parts else np.empty(0, dtype=object)


def _behind(
    views: Shapes, x: Floats, y: Floats, lens: Floats, reach: Floats, objects: Shapes, top: Floats, base: Floats
) -> Shapes:
    # only what lies between the lens and the view can hide any of it
    between = shapely.convex_hull(shapely.union(views, shapely.points(x, y)))
    near = shapely.intersection(objects, between)
    base = np.nan_to_num(base)
    under, over = lens - base, lens - top
    first = np.where((base <= 0.0) | np.isnan(lens), 1.0, lens / np.where(under > 0.0, under, np.nan))  # NaN: never
    last = np.where(over > 0.0, lens / np.where(over > 0.0, over, 1.0), np.inf)
    parts, row = shapely.get_parts(near, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)  # an intersection may nest collections
    row = row[inner]
    keep = (shapely.get_dimensions(parts) >= 1) & ~np.isnan(first[row])
    parts, row = parts[keep], row[keep]
    solid = np.flatnonzero(shapely.get_dimensions(parts) == 2)
    itself = _scaled(parts[solid], x[row[solid]], y[row[solid]], first[row[solid]])
    fans, of = _fans(parts, row, np.column_stack([x, y]), reach, first, last)
    return _union_within(np.concatenate([itself, fans]), np.concatenate([row[solid], of]), views)


def _scaled(parts: Shapes, x: Floats, y: Floats, factor: Floats) -> Shapes:
    """Return shapes so many times as far from (x, y)."""
    xy, row = shapely.get_coordinates(parts, return_index=True)
    home = np.column_stack([x, y])[row]
    return np.asarray(shapely.set_coordinates(parts.copy(), home + (xy - home) * factor[row][:, None]), dtype=object)


def _fans(
    parts: Shapes, row: npt.NDArray[np.int64], home: Floats, reach: Floats, first: Floats, last: Floats
) -> tuple[Shapes, npt.NDArray[np.int64]]:
    """Return the shadow of each edge of the parts, a quadrangle, and the row that it belongs to."""
    solid = shapely.get_dimensions(parts) == 2
    rings, of = shapely.get_rings(parts[solid], return_index=True)
    lines, row = np.concatenate([rings, parts[~solid]]), np.concatenate([row[solid][of], row[~solid]])
    xy, line = shapely.get_coordinates(lines, return_index=True)
    real = line[1:] == line[:-1]
    row = row[line[:-1][real]]
    a, b = xy[:-1][real] - home[row], xy[1:][real] - home[row]
    along = b - a
    square = np.maximum((along**2).sum(axis=1), 1e-18)
    foot = np.clip(-(a * along).sum(axis=1) / square, 0.0, 1.0)[:, None]
    away = np.maximum(np.hypot(*(a + foot * along).T), NEAREST)
    far = np.minimum(last[row], np.maximum(1.05 * reach[row] / away, 1.0))[:, None]
    near = np.minimum(first[row][:, None], far)
    corners = np.stack([a * near, b * near, b * far, a * far], axis=1) + home[row][:, None, :]
    quads = np.asarray(shapely.polygons(corners), dtype=object)
    wide = shapely.area(quads) > SPECK  # an edge along the line of sight has no shadow of its own
    return quads[wide], row[wide]


def _union_within(pieces: Shapes, row: npt.NDArray[np.int64], views: Shapes) -> Shapes:
    """Return for each view the union of the pieces of its row inside of it, empty where there is none."""
    out = np.full(len(views), shapely.Polygon(), dtype=object)
    inside = shapely.intersection(pieces, views[row])
    size = shapely.area(inside)
    inside, row, size = inside[size > SPECK], row[size > SPECK], size[size > SPECK]
    if not len(row):
        return out
    order = np.argsort(row, kind="stable")
    some, number = np.unique(row[order], return_inverse=True)
    joined = np.asarray(shapely.union_all(stack_rows(inside[order], number), axis=1, grid_size=GRID), dtype=object)
    largest = np.zeros(len(some))
    np.maximum.at(largest, number, size[order])
    lost = np.flatnonzero(shapely.area(joined) < largest * (1.0 - 1e-3) - 1e-2)  # GEOS loses ground now and then
    for at in lost:
        joined[at] = shapely.union_all(shapely.set_precision(inside[order][number == at], GRID))
    out[some] = joined
    return out
