"""Crowns of trees: they hide nothing for certain, and are reported."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from citycover.sight.relief import stack_rows

Floats = npt.NDArray[np.float64]

CROWN = 3.0
"""Radius of a tree's crown (m) where none is drawn; ours."""


def find_crowns(trees: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    """Return the crowns of trees: :data:`CROWN` metres about single trees and rows of trees, woods as drawn.

    >>> tree = gpd.GeoDataFrame(geometry=gpd.points_from_xy([0.0], [0.0]), crs=32650)
    >>> shapely.bounds(find_crowns(tree))[0].tolist()
    [-3.0, -3.0, 3.0, 3.0]
    """
    shapes = np.asarray(trees.geometry.array, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    flat = shapely.get_dimensions(shapes) < 2
    return np.asarray(np.where(flat, shapely.buffer(shapes, CROWN), shapes), dtype=object)


def share_behind(
    polygons: npt.NDArray[np.object_], x: Floats, y: Floats, reach: Floats, trees: gpd.GeoDataFrame
) -> Floats:
    """Return the share of each view's ground under or behind crowns of trees, as seen from the camera."""
    crowns = find_crowns(trees)
    out = np.zeros(len(polygons))
    view, crown = shapely.STRtree(crowns).query(polygons, predicate="intersects")
    if not len(view):
        return out
    centre = shapely.centroid(crowns[crown])
    radius = np.sqrt(shapely.area(crowns[crown]) / np.pi)
    dx, dy = shapely.get_x(centre) - x[view], shapely.get_y(centre) - y[view]
    away = np.hypot(dx, dy)
    apart = away > radius
    far = 2.0 * reach[view]
    sx, sy = -dy / np.maximum(away, 1e-9) * radius, dx / np.maximum(away, 1e-9) * radius
    scale = far / np.maximum(away, 1e-9)
    corners = np.stack(
        [
            np.column_stack([dx - sx, dy - sy]),
            np.column_stack([(dx - sx) * scale, (dy - sy) * scale]),
            np.column_stack([(dx + sx) * scale, (dy + sy) * scale]),
            np.column_stack([dx + sx, dy + sy]),
        ],
        axis=1,
    )
    corners += np.column_stack([x[view], y[view]])[:, None, :]
    shade = np.where(apart, shapely.union(shapely.polygons(corners), crowns[crown]), crowns[crown])
    part = shapely.intersection(polygons[view], shade)
    some, number = np.unique(view, return_inverse=True)
    joined = shapely.union_all(stack_rows(part, number), axis=1, grid_size=1e-3)
    out[some] = shapely.area(joined) / np.maximum(shapely.area(polygons[some]), 1e-9)
    return np.clip(out, 0.0, 1.0)
