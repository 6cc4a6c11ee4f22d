"""Reference systems: the metric CRS of an area, true north against grid north, and the Chinese datums.

Degrees exist only in readers and publishers; everything between works in metres. Every axis order here is x = east,
y = north (longitude first), whatever the authority says.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Proj, Transformer

from citycover.errors import CrsError

Floats = npt.NDArray[np.float64]


def metric_crs(lon: float, lat: float) -> CRS:
    """Return the WGS-84 UTM zone that holds a position (degrees).

    Its scale error is at most 4e-4 inside the zone and grows slowly beyond. A study uses one zone, chosen by the
    centre of its area, also where a zone's border cuts it (120° E lies between Changzhou and Wuxi).

    Raises
    ------
    CrsError
        The position is no longitude and latitude.

    Examples
    --------
    >>> metric_crs(118.78, 32.04).to_epsg()
    32650
    """
    if not (-180.0 <= lon <= 180.0 and -80.0 <= lat <= 84.0):
        raise CrsError(f"needed a longitude in -180…180 and a latitude in -80…84, given {lon}, {lat}")
    zone = min(int((lon + 180.0) // 6.0) + 1, 60)
    return CRS.from_epsg((32600 if lat >= 0 else 32700) + zone)


def to_metric(lon: npt.ArrayLike, lat: npt.ArrayLike, crs: CRS) -> tuple[Floats, Floats]:
    """Return x (east) and y (north), in metres, of WGS-84 degrees; arrays of equal shape."""
    x, y = Transformer.from_crs(4326, crs, always_xy=True).transform(np.asarray(lon, float), np.asarray(lat, float))
    return np.asarray(x, float), np.asarray(y, float)


def to_degrees(x: npt.ArrayLike, y: npt.ArrayLike, crs: CRS) -> tuple[Floats, Floats]:
    """Return WGS-84 longitude and latitude of metric positions; arrays of equal shape."""
    lon, lat = Transformer.from_crs(crs, 4326, always_xy=True).transform(np.asarray(x, float), np.asarray(y, float))
    return np.asarray(lon, float), np.asarray(lat, float)


def meridian_convergence(x: npt.ArrayLike, y: npt.ArrayLike, crs: CRS) -> Floats:
    """Return the angle from true north to grid north, degrees clockwise, at metric positions.

    A direction of ``azimuth`` from true north is ``azimuth - meridian_convergence`` from grid north.

    >>> crs = metric_crs(118.78, 32.04)
    >>> x, y = to_metric([118.78], [32.04], crs)
    >>> meridian_convergence(x, y, crs).round(2).tolist()
    [0.94]
    """
    lon, lat = to_degrees(x, y, crs)
    factors = Proj(crs).get_factors(lon, lat)
    return np.asarray(factors.meridian_convergence, float)
