"""Draws gaps: a line for a stretch, polygons for a patch, points for gates and junctions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.audit.laying_areas import around_points, open_buildings
from citycover.audit.requirements import Ground
from citycover.city.model import City

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Samples(NamedTuple):
    """Unseen samples, in the order in which they were merged: the gap, whether a stretch, cell (m), place."""

    gap: Ints
    line: npt.NDArray[np.bool_]
    cell: Floats
    sequence: Ints
    x: Floats
    y: Floats

    def take(self, kept: npt.NDArray[np.bool_] | Ints) -> Samples:
        """Return some of them."""
        return Samples._make(column[kept] for column in self)


def shape_gaps(
    rows: Samples, gaps: pd.DataFrame, mandates: gpd.GeoDataFrame, city: City, rules: Ground
) -> npt.NDArray[np.object_]:
    """Return the geometry of each gap: a line for a stretch, polygons for a patch, points for gates and junctions.

    A patch is drawn as the cells of its samples, less the buildings. Of a place that is a polygon, that part inside or
    outside is drawn whose ground is nearer to the gap's size: a forecourt lies before its house. Of one that is a point
    the part on the ground that stands in for it (see ``around_points``) is drawn, where that is nearer than all.
    """
    out = np.full(len(gaps), None, dtype=object)
    is_cell = ~np.isnan(rows.cell)
    for part in _batches(rows.gap, rows.line):
        _put(out, _lines(rows.take(part)))
    patches = _patches(rows.take(is_cell))
    if len(patches):
        owner = pd.Series(mandates.geometry.to_numpy(), index=mandates["mandate_id"].to_numpy())
        place = owner.reindex(gaps["mandate_id"].iloc[patches.index]).to_numpy().copy()
        spot = shapely.get_dimensions(place) == 0
        place[spot] = around_points(gpd.GeoDataFrame(geometry=place[spot], crs=city.crs), city, rules)
        flat = shapely.get_dimensions(place) == 2
        shape = _without(patches.to_numpy().copy(), open_buildings(city))
        size = gaps["size"].to_numpy(dtype=np.float64)[patches.index][flat]
        valid = shapely.make_valid(place[flat])
        inside, outside = shapely.intersection(shape[flat], valid), shapely.difference(shape[flat], valid)
        other = np.where(spot[flat], shape[flat], outside)
        nearer = np.abs(shapely.area(inside) - size) <= np.abs(shapely.area(other) - size)
        chosen = np.where(nearer, inside, other)
        shape[flat] = np.where(shapely.area(chosen) > 0, chosen, shape[flat])
        _put(out, pd.Series(shape, index=patches.index))
    rest = rows.take(~rows.line & ~is_cell)
    order = np.argsort(rest.gap, kind="stable")
    points = np.asarray(shapely.points(rest.x[order], rest.y[order]), dtype=object)
    number, place = np.unique(rest.gap[order], return_inverse=True)
    if len(number):
        together = np.asarray(shapely.multipoints(points, indices=place), dtype=object)
        single = shapely.get_num_geometries(together) == 1
        together[single] = shapely.get_geometry(together[single], 0)
        _put(out, pd.Series(together, index=number))
    return out


_BATCH = 400_000  # samples of stretches drawn at once, so that memory does not grow with the city


def _batches(gap: Ints, line: npt.NDArray[np.bool_]) -> Iterator[Ints]:
    """Yield the samples of stretches, gap by gap and in their order, some gaps at a time."""
    rows = np.flatnonzero(line)
    if (np.diff(gap[rows]) < 0).any():
        rows = rows[np.argsort(gap[rows], kind="stable")]
    starts = np.flatnonzero(np.r_[True, np.diff(gap[rows]) != 0]) if len(rows) else np.zeros(0, np.int64)
    cuts = np.unique(starts[np.searchsorted(starts, np.arange(0, len(rows), _BATCH), side="right") - 1])
    for low, high in itertools.pairwise(np.r_[cuts, len(rows)].tolist()):
        yield rows[low:high]


def _without(shapes: npt.NDArray[np.object_], solid: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return the shapes less the buildings on them; one that would vanish stays as it is."""
    if not len(solid):
        return shapes
    row, house = shapely.STRtree(solid).query(shapes, predicate="intersects")
    parts, part = shapely.get_parts(solid[house], return_index=True)
    order = np.argsort(row[part], kind="stable")
    if not len(order):
        return shapes
    owners, index = np.unique(row[part][order], return_inverse=True)
    blocks = shapely.buffer(shapely.multipolygons(parts[order], indices=index), 0.0)
    open_ground = shapely.difference(shapes[owners], blocks)
    out = shapes.copy()
    out[owners] = np.where(shapely.area(open_ground) > 0, open_ground, shapes[owners])
    return out


def _put(out: npt.NDArray[np.object_], shapes: pd.Series) -> None:
    out[shapes.index.to_numpy(dtype=np.int64)] = shapes.to_numpy()


def _lines(rows: Samples) -> pd.Series:
    """Return a line through the samples of each stretch, lengthened by half a step at both ends.

    A single sample is drawn as a point. The two sides of a boundary are drawn as the line between them.
    """
    if len(rows.gap) == 0:
        return pd.Series(dtype=object)
    step = np.diff(rows.gap)
    if ((step < 0) | ((step == 0) & (np.diff(rows.sequence) < 0))).any():
        rows = Samples._make(column[np.lexsort((rows.sequence, rows.gap))] for column in rows)
    first = np.flatnonzero(np.r_[True, (np.diff(rows.gap) != 0) | (np.diff(rows.sequence) != 0)])
    both = np.diff(np.r_[first, len(rows.gap)])
    gap = rows.gap[first]
    xy = np.column_stack([np.add.reduceat(v, first) / both for v in (rows.x, rows.y)])
    number, start, count = np.unique(gap, return_index=True, return_counts=True)
    end = start + count - 1
    several = count > 1
    before = xy[start[several]] - (xy[start[several] + 1] - xy[start[several]]) / 2.0
    after = xy[end[several]] + (xy[end[several]] - xy[end[several] - 1]) / 2.0
    line = np.repeat(np.arange(len(number)), count)
    inner = several[line]
    row = np.concatenate([np.flatnonzero(several), line[inner], np.flatnonzero(several)])
    step = np.repeat([0, 1, 2], [int(several.sum()), int(inner.sum()), int(several.sum())])
    points = np.vstack([before, xy[inner], after])
    order = np.lexsort((np.arange(len(row)), step, row))
    shapes = np.full(len(number), None, dtype=object)
    if several.any():
        index = np.unique(row[order], return_inverse=True)[1]
        shapes[several] = shapely.linestrings(points[order], indices=index)
    shapes[~several] = shapely.points(xy[start[~several]])
    return pd.Series(shapes, index=number)


def _patches(rows: Samples) -> pd.Series:
    """Return the cells of each patch, joined."""
    if len(rows.gap) == 0:
        return pd.Series(dtype=object)
    side = rows.cell
    x, y = (np.floor(v / side) * side for v in (rows.x, rows.y))
    boxes = np.asarray(shapely.box(x, y, x + side, y + side), dtype=object)
    order = np.argsort(rows.gap, kind="stable")
    number, patch = np.unique(rows.gap[order], return_inverse=True)
    joined = shapely.buffer(shapely.multipolygons(boxes[order], indices=patch), 0.0)
    return pd.Series(joined, index=number)
