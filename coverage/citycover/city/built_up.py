"""Tells town from country: the built-up area as cells of a grid fixed to the reference system's origin."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

CELL = 250.0
"""Side of a cell, m."""
LEAST_FOOTPRINT = 0.04
"""Share of the ground under buildings from which a cell is built up."""
LEAST_STREETS = 6.0
"""Streets (km per km²; motorways and service ways left out) from which a cell is built up."""
LEAST_LAND_USE = 0.5
"""Share of the ground in urban uses of land from which a cell is built up."""
LEAST_CELLS = 4
"""Smaller patches of cells are hamlets; smaller holes are parks and lakes of the town."""

URBAN_USES = frozenset(
    [
        "residential",
        "commercial",
        "retail",
        "industrial",
        "education",
        "institutional",
        "religious",
        "construction",
        "garages",
        "depot",
    ]
)
_NO_STREET = frozenset({"motorway", "service"})

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BuiltUp:
    """The built-up cells: ``cells[i, j]`` is the cell with its south-west corner at ``(x0 + i·CELL, y0 + j·CELL)``."""

    x0: float
    y0: float
    cells: Mask

    def contains(self, x: npt.ArrayLike, y: npt.ArrayLike) -> Mask:
        """Return which positions (m) lie in a built-up cell.

        >>> built = BuiltUp(0.0, 0.0, np.array([[True, False]]))
        >>> built.contains([100, 100, -1], [100, 300, 100]).tolist()
        [True, False, False]
        """
        i = np.floor((np.asarray(x, float) - self.x0) / CELL).astype(np.int64)
        j = np.floor((np.asarray(y, float) - self.y0) / CELL).astype(np.int64)
        inside = (i >= 0) & (j >= 0) & (i < self.cells.shape[0]) & (j < self.cells.shape[1])
        found = np.zeros(inside.shape, dtype=bool)
        found[inside] = self.cells[i[inside], j[inside]]
        return found

    def outline(self) -> BaseGeometry:
        """Return the largest patch of the built-up area (m) without its holes: a lake or a field inside is the town's.

        >>> ring = np.array([[True, True, True], [True, False, True], [False, True, True]])
        >>> BuiltUp(0.0, 0.0, ring).outline().area / CELL**2
        8.0
        """
        patches, _ = ndimage.label(self.cells, structure=np.ones((3, 3)))
        size = np.bincount(patches.ravel())
        size[0] = 0
        # patches hang together over corners, holes do not
        i, j = np.nonzero(ndimage.binary_fill_holes(self.cells & (patches == size.argmax())))
        x, y = self.x0 + i * CELL, self.y0 + j * CELL
        return shapely.union_all(shapely.box(x, y, x + CELL, y + CELL))


def find_built_up(
    objects: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, *, area: BaseGeometry
) -> BuiltUp:
    """Find the built-up area (建成区) of the study's area.

    A cell is built up where, averaged over it and those of its eight neighbours that lie in the study's area and of
    which the map knows anything, buildings cover :data:`LEAST_FOOTPRINT` of the ground, or streets reach
    :data:`LEAST_STREETS`, or urban uses of land cover :data:`LEAST_LAND_USE`. Patches under :data:`LEAST_CELLS` cells
    are dropped, such holes filled. Our own definition: no regulation gives one.
    """
    west, south, east, north = shapely.bounds(area)
    x0, y0 = np.floor(west / CELL) * CELL, np.floor(south / CELL) * CELL
    shape = int(np.ceil((east - x0) / CELL)) or 1, int(np.ceil((north - y0) / CELL)) or 1
    grid = _Grid(x0, y0, shape)
    footprint = shapely.centroid(buildings.geometry.to_numpy())
    built = grid.sum(shapely.get_x(footprint), shapely.get_y(footprint), shapely.area(buildings.geometry.to_numpy()))
    roads = streets.loc[~streets["road_class"].isin(_NO_STREET)].geometry.to_numpy()
    points, metres = _spread(roads, step=25.0)
    street = grid.sum(points[:, 0], points[:, 1], metres)
    used = grid.share_within(_urban_ground(objects))
    known = (built > 0) | (street > 0) | (used > 0)
    weight = grid.share_of(area) * known

    def mean(values: Floats) -> Floats:
        window = np.ones((3, 3))
        total = ndimage.convolve(weight, window, mode="constant")
        return np.asarray(
            ndimage.convolve(values, window, mode="constant") / np.maximum(total, 1e-9) * (weight > 0), float
        )

    cells = (
        (mean(built / CELL**2) >= LEAST_FOOTPRINT)
        | (mean(street / 1000.0 / (CELL / 1000.0) ** 2) >= LEAST_STREETS)
        | (mean(used) >= LEAST_LAND_USE)
    )
    return BuiltUp(float(x0), float(y0), _without_small(~_without_small(~_without_small(cells))))


def _without_small(cells: Mask) -> Mask:
    patches, n = ndimage.label(cells, structure=np.ones((3, 3)))
    size = np.bincount(patches.ravel(), minlength=n + 1)
    edge = np.unique(np.concatenate([patches[[0, -1], :].ravel(), patches[:, [0, -1]].ravel()]))
    keep = size >= LEAST_CELLS
    keep[edge] = True  # a patch at the edge may go on beyond it
    keep[0] = False
    return np.asarray(keep[patches], dtype=bool)


def _urban_ground(objects: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    urban = np.array(
        [t.get("landuse") in URBAN_USES and t.get("residential") != "rural" for t in objects["tags"]], dtype=bool
    )
    shapes = objects.geometry.to_numpy()[urban]
    return np.asarray(shapes[shapely.get_dimensions(shapes) == 2], dtype=object)


def _spread(lines: npt.NDArray[np.object_], *, step: float) -> tuple[Floats, Floats]:
    """Return points along lines, about ``step`` metres apart, and the length that each stands for."""
    length = shapely.length(lines)
    pieces = np.maximum(np.ceil(length / step), 1).astype(np.int64)
    row = np.repeat(np.arange(len(lines)), pieces)
    number = np.arange(len(row)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    at = (number + 0.5) / pieces[row]
    points = shapely.line_interpolate_point(lines[row], at, normalized=True)
    return np.column_stack([shapely.get_x(points), shapely.get_y(points)]), length[row] / pieces[row]


@dataclass(frozen=True)
class _Grid:
    x0: float
    y0: float
    shape: tuple[int, int]

    def sum(self, x: Floats, y: Floats, values: Floats) -> Floats:
        i, j = np.floor((x - self.x0) / CELL), np.floor((y - self.y0) / CELL)
        ok = (i >= 0) & (j >= 0) & (i < self.shape[0]) & (j < self.shape[1])
        total = np.zeros(self.shape)
        np.add.at(total, (i[ok].astype(np.int64), j[ok].astype(np.int64)), values[ok])
        return total

    def _samples(self) -> tuple[Floats, Floats]:
        x = self.x0 + (np.arange(self.shape[0] * 5) + 0.5) * CELL / 5
        y = self.y0 + (np.arange(self.shape[1] * 5) + 0.5) * CELL / 5
        gx, gy = np.meshgrid(x, y, indexing="ij")
        return gx.ravel(), gy.ravel()

    def share_within(self, shapes: npt.NDArray[np.object_]) -> Floats:
        """Return per cell the share of 5 x 5 samples that lie in any of the shapes."""
        x, y = self._samples()
        if not len(shapes):
            return np.zeros(self.shape)
        points = np.asarray(shapely.points(x, y), dtype=object)
        shapely.prepare(shapes)
        _, hit = shapely.STRtree(points).query(shapes, predicate="contains")
        hit = np.unique(hit)
        return self.sum(x[hit], y[hit], np.full(len(hit), 1 / 25))

    def share_of(self, area: BaseGeometry) -> Floats:
        x, y = self._samples()
        shapely.prepare(area)
        return self.sum(x, y, shapely.contains_xy(area, x, y) / 25.0)
