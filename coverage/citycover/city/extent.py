"""Settle the study's area: the one asked for, or the ground where the streets are."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

from citycover import geo
from citycover.city.osm_files import Box
from citycover.errors import AreaError

MARGIN = 60.0
"""Metres of ground kept around the outermost streets where the area follows from them."""

_REACHES = (150.0, 300.0, 600.0)  # half of the widest block that still counts as inside, m
_TAIL = 50.0  # strips narrower than twice this lead out of the area, m
_NOTCH = 300.0  # half of the widest notch in the outline that is filled (a park, a lake), m
_BULK = 0.8  # share of the street length that must lie inside
_BOX_SHARE = 0.6  # the streets' hull must fill this share of the stated bounds for them to hold
_CELL = 25.0
_CELLS = 4_000_000
_LEAST_PART = 0.05
Geometries = npt.NDArray[np.object_]


def read_area(area: BaseGeometry | str | Path) -> BaseGeometry:
    """Return an area as one valid polygon in WGS-84 degrees.

    Parameters
    ----------
    area
        A polygon in degrees (longitude first), or a file (GeoJSON, GeoPackage, Shapefile …) whose polygons are united.

    Raises
    ------
    AreaError
        The file cannot be read, has no reference system or no polygon, or the coordinates are no degrees.

    Examples
    --------
    >>> read_area(shapely.box(668000, 3546000, 669000, 3547000))
    Traceback (most recent call last):
    citycover.errors.AreaError: area: needed degrees ...
    """
    name = "area"
    if not isinstance(area, BaseGeometry):
        name = str(area)
        try:
            frame = gpd.read_file(area)
        except (OSError, RuntimeError, ValueError) as error:
            raise AreaError(f"{name}: needed a file of polygons (GeoJSON, GeoPackage …), given {error}") from error
        if not isinstance(frame, gpd.GeoDataFrame) or frame.geometry.dropna().empty:
            raise AreaError(f"{name}: needed a file of polygons (GeoJSON, GeoPackage …), given one without shapes")
        if frame.crs is None:
            raise AreaError(f"{name}: needed a reference system, given none; save it as GeoJSON or GeoPackage")
        area = shapely.union_all(frame.to_crs(4326).geometry.to_numpy())
    area = shapely.make_valid(area)
    west, south, east, north = shapely.bounds(area)
    if area.is_empty or shapely.area(area) == 0:
        raise AreaError(f"{name}: needed a polygon, given {area.geom_type} without extent")
    if west < -180 or east > 180 or south < -90 or north > 90:
        swapped = west >= -90 and east <= 90 and south >= -180 and north <= 180
        hint = "; longitude and latitude look swapped" if swapped else ""
        raise AreaError(
            f"{name}: needed degrees (WGS-84, longitude first), given {_box_text((west, south, east, north))}{hint}"
        )
    return area


def check_overlap(area: BaseGeometry, lines: Geometries, crs: CRS) -> None:
    """Refuse an area (degrees) that no street (metric ``lines``) touches.

    Raises
    ------
    AreaError
        They do not meet; the message names both boxes, and says so when swapped axes would make them meet.
    """
    x0, y0, x1, y1 = shapely.total_bounds(lines)
    lon, lat = geo.to_degrees([x0, x1], [y0, y1], crs)
    streets = shapely.box(lon[0], lat[0], lon[1], lat[1])
    near = shapely.intersects(area, shapely.buffer(streets, 0.01))
    if near and bool(shapely.intersects(to_crs(area, crs), lines).any()):
        return
    flipped = shapely.transform(area, lambda xy: xy[:, ::-1])
    hint = "; with longitude and latitude swapped they would meet" if flipped.intersects(streets) else ""
    raise AreaError(
        f"needed an area that overlaps the streets {_box_text(streets.bounds)}, given {_box_text(area.bounds)}{hint}"
    )


def to_crs(geometry: BaseGeometry, crs: CRS) -> BaseGeometry:
    """Return a geometry in degrees as metric geometry."""
    return shapely.transform(geometry, lambda xy: np.column_stack(geo.to_metric(xy[:, 0], xy[:, 1], crs)))


def find_extent(lines: Geometries, crs: CRS, *, box: Box | None = None) -> BaseGeometry:
    """Return the polygon (metric) of the ground where the streets are.

    The bounds that the extract states hold where the streets fill at least 60 % of them (their convex hull). Otherwise
    the streets decide: blocks up to 300 m wide between streets are inside (600 or 1,200 m where streets are so sparse
    that less than 80 % of their length would be), so are notches of the outline up to 600 m; single streets that lead
    out of the network are not, parts with less than 5 % of the street length neither; 60 m of margin. A stray object
    far away changes nothing. The numbers are ours.

    >>> grid = [shapely.linestrings([(0, y), (1000, y)]) for y in range(0, 1001, 100)]
    >>> grid += [shapely.linestrings([(x, 0), (x, 1000)]) for x in range(0, 1001, 100)]
    >>> tail, stray = shapely.linestrings([(500, 1000), (500, 4000)]), shapely.linestrings([(9e4, 0), (9e4, 50)])
    >>> extent = find_extent(np.array([*grid, tail, stray]), CRS(32650))
    >>> [extent.covers(line) for line in (grid[0], tail, stray)]
    [True, False, False]
    """
    if box is not None:
        stated = to_crs(shapely.box(*box), crs)
        inside = shapely.intersection(lines, stated)
        inside = inside[~shapely.is_empty(inside)]
        if len(inside):
            hull = shapely.convex_hull(shapely.geometrycollections(inside))
            if shapely.area(hull) >= _BOX_SHARE * shapely.area(stated):
                return stated
            return shapely.intersection(_street_ground(inside), stated)
    return _street_ground(lines)


def _street_ground(lines: Geometries) -> BaseGeometry:
    cell = _CELL
    points = shapely.get_coordinates(shapely.segmentize(lines, cell / 2))
    low, high = np.quantile(points, [0.02, 0.98], axis=0)
    room = np.maximum(2 * _REACHES[-1], (high - low) / 4)
    low, high = low - room, high + room
    points = points[((points >= low) & (points <= high)).all(axis=1)]
    cell = max(cell, float(np.sqrt(np.prod(high - low) / _CELLS)))
    size = np.ceil((high - low) / cell).astype(int) + 1
    place = np.floor((points - low) / cell).astype(int)
    streets = np.zeros((size[1], size[0]), bool)
    streets[place[:, 1], place[:, 0]] = True
    inside = streets
    for reach in _REACHES:
        inside = _open(_close(streets, reach / cell), max(_TAIL / cell, 1.0))
        if inside[place[:, 1], place[:, 0]].mean() >= _BULK:
            break
    inside = ndimage.binary_fill_holes(_close(inside, _NOTCH / cell))
    part, number = ndimage.label(inside)
    weight = np.bincount(part[place[:, 1], place[:, 0]], minlength=number + 1)[1:]
    keep = np.flatnonzero(weight >= _LEAST_PART * weight.sum()) + 1 if number and weight.sum() else np.empty(0, int)
    mask = np.isin(part, keep)
    if not mask.any():
        hull: BaseGeometry = shapely.buffer(shapely.convex_hull(shapely.multipoints(points)), MARGIN)
        return hull
    ground = shapely.union_all(_boxes(mask, low, cell))
    outline: BaseGeometry = shapely.simplify(shapely.buffer(ground, MARGIN), cell)
    return outline


def _close(mask: npt.NDArray[np.bool_], reach: float) -> npt.NDArray[np.bool_]:
    wide = np.pad(mask, int(reach) + 2)
    grown = ndimage.distance_transform_edt(~wide) <= reach
    edge = int(reach) + 2
    return np.asarray((ndimage.distance_transform_edt(grown) > reach)[edge:-edge, edge:-edge] | mask, bool)


def _open(mask: npt.NDArray[np.bool_], reach: float) -> npt.NDArray[np.bool_]:
    core = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1] > reach
    if not core.any():
        return np.zeros_like(mask)
    return np.asarray((ndimage.distance_transform_edt(~core) <= reach) & mask, bool)


def _boxes(mask: npt.NDArray[np.bool_], low: npt.NDArray[np.float64], cell: float) -> Geometries:
    """Return one box per run of cells in a row."""
    step = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    row, begin = np.nonzero(step == 1)
    _, end = np.nonzero(step == -1)
    x0, x1 = low[0] + begin * cell, low[0] + end * cell
    y0 = low[1] + row * cell
    return np.asarray(shapely.box(x0, y0, x1, y0 + cell), dtype=object)


def _box_text(bounds: tuple[float, ...]) -> str:
    return "west {:.4f}, south {:.4f}, east {:.4f}, north {:.4f}".format(*bounds)
