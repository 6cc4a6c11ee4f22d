"""Reference systems: the metric CRS of an area, true north against grid north, and the Chinese datums.

Degrees exist only in readers and publishers; everything between works in metres. Every axis order here is x = east,
y = north (longitude first), whatever the authority says.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Proj, Transformer
from pyproj.exceptions import CRSError

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


DATUM_CHOICES = (
    "'wgs84', 'gcj02', 'bd09', 'EPSG:4490' (CGCS2000 degrees), 'EPSG:4549' and its like (CGCS2000 Gauss-Krüger, "
    "X = north, Y = east), another 'EPSG:n', or a PROJ string"
)
CHINA_BOUNDS = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north (degrees) of the box in which the public GCJ-02 formula shifts; identity outside."""

_SEMI_MAJOR = 6378245.0  # Krassowsky 1940, as in the public GCJ-02 formula
_ECCENTRICITY2 = 0.00669342162296594323
_BD_ANGLE = np.pi * 3000.0 / 180.0


@dataclass(frozen=True)
class Datum:
    """What a file's coordinates mean: ``crs`` is None for GCJ-02 and BD-09, which no authority describes.

    ``metric`` coordinates are metres; ``north_first`` says that the first axis, X, points north (Gauss-Krüger).
    """

    name: str
    crs: CRS | None
    metric: bool
    north_first: bool


def parse_datum(datum: str | None) -> Datum:
    """Return the datum of a name; there is no default, for a wrong guess moves every camera by half a kilometre.

    Raises
    ------
    CrsError
        No datum is named, or the name is unknown; the message lists the choices.

    Examples
    --------
    >>> parse_datum("GCJ-02").name, parse_datum("EPSG:4549").north_first
    ('gcj02', True)
    """
    if datum is None or not str(datum).strip():
        raise CrsError(f"the datum must be named, it has no default: needed one of {DATUM_CHOICES}; given none")
    name = str(datum).strip()
    plain = name.lower().replace("-", "").replace("_", "").replace(" ", "")
    if plain in ("gcj02", "bd09"):
        return Datum(plain, None, metric=False, north_first=False)
    if plain == "wgs84":
        return Datum("wgs84", CRS.from_epsg(4326), metric=False, north_first=False)
    try:
        crs = CRS.from_user_input("EPSG:4490" if plain == "cgcs2000" else name)
    except CRSError as error:
        raise CrsError(f"unknown datum {name!r}: needed one of {DATUM_CHOICES}") from error
    if not (crs.is_geographic or crs.is_projected):
        raise CrsError(f"datum {name!r} is neither in degrees nor a map projection: needed one of {DATUM_CHOICES}")
    authority = crs.to_authority()
    label = ":".join(authority) if authority else name
    first = crs.axis_info[0].direction if crs.axis_info else "east"
    return Datum(label, crs, metric=crs.is_projected, north_first=crs.is_projected and first == "north")


def to_wgs84(x: npt.ArrayLike, y: npt.ArrayLike, datum: Datum | str) -> tuple[Floats, Floats]:
    """Return WGS-84 longitude and latitude (degrees) of positions in a datum.

    ``x`` is east or longitude and ``y`` is north or latitude, whatever the datum's own axis order; arrays of equal
    shape. Positions that the datum cannot hold come back as infinite.

    >>> lon, lat = to_wgs84([121.531541859215], [31.17530398364597], "gcj02")
    >>> lon.round(6).tolist(), lat.round(6).tolist()
    ([121.527211], [31.177428])
    """
    given = parse_datum(datum) if isinstance(datum, str) else datum
    east, north = np.asarray(x, float), np.asarray(y, float)
    if given.name == "gcj02":
        return wgs84_from_gcj02(east, north)
    if given.name == "bd09":
        return wgs84_from_gcj02(*gcj02_from_bd09(east, north))
    if given.crs is None or given.name == "wgs84":
        return east.copy(), north.copy()
    lon, lat = Transformer.from_crs(given.crs, 4326, always_xy=True).transform(east, north)
    return np.asarray(lon, float), np.asarray(lat, float)


def gcj02_from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return GCJ-02 longitude and latitude of WGS-84 degrees; outside :data:`CHINA_BOUNDS` nothing is shifted.

    The formula is the one in public use since 2010 (for example googollee/eviltransform); GCJ-02 itself is not
    published, and Hong Kong, Macau and Taiwan, which it does not shift, lie inside the box.

    >>> [a.round(6).tolist() for a in gcj02_from_wgs84([116.377817], [39.911954])]
    [[116.384047], [39.913345]]
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    shift_lon, shift_lat = _gcj02_shift(lon, lat)
    inside = _in_china(lon, lat)
    return np.where(inside, lon + shift_lon, lon), np.where(inside, lat + shift_lat, lat)


def wgs84_from_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return WGS-84 degrees of GCJ-02 longitude and latitude, by iteration until no step exceeds 1e-11 degrees.

    The answer is good to 1e-9 degrees. Positions whose origin lies outside :data:`CHINA_BOUNDS` stay as they are.

    >>> [a.round(7).tolist() for a in wgs84_from_gcj02([0.0], [51.5])]
    [[0.0], [51.5]]
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    w_lon, w_lat = lon.copy(), lat.copy()
    for _ in range(30):
        shift_lon, shift_lat = _gcj02_shift(w_lon, w_lat)
        step = np.nanmax(np.abs(np.stack([lon - shift_lon - w_lon, lat - shift_lat - w_lat])), initial=0.0)
        w_lon, w_lat = lon - shift_lon, lat - shift_lat
        if step < 1e-11:
            break
    inside = _in_china(w_lon, w_lat)
    return np.where(inside, w_lon, lon), np.where(inside, w_lat, lat)


def bd09_from_gcj02(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return BD-09 longitude and latitude of GCJ-02 degrees, by the formula in public use; identity outside China.

    >>> [a.round(5).tolist() for a in bd09_from_gcj02([116.404], [39.915])]
    [[116.41037], [39.92134]]
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    b_lon, b_lat = _bd09(lon, lat)
    inside = _in_china(lon, lat)
    return np.where(inside, b_lon, lon), np.where(inside, b_lat, lat)


def gcj02_from_bd09(lon: npt.ArrayLike, lat: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return GCJ-02 degrees of BD-09 longitude and latitude, by iteration; good to 1e-9 degrees.

    >>> [a.round(5).tolist() for a in gcj02_from_bd09(*bd09_from_gcj02([116.38404], [39.91335]))]
    [[116.38404], [39.91335]]
    """
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    g_lon, g_lat = lon - 0.0065, lat - 0.006
    for _ in range(30):
        b_lon, b_lat = _bd09(g_lon, g_lat)
        step = np.nanmax(np.abs(np.stack([lon - b_lon, lat - b_lat])), initial=0.0)
        g_lon, g_lat = g_lon + (lon - b_lon), g_lat + (lat - b_lat)
        if step < 1e-11:
            break
    inside = _in_china(g_lon, g_lat)
    return np.where(inside, g_lon, lon), np.where(inside, g_lat, lat)


def _in_china(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    west, south, east, north = CHINA_BOUNDS
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _gcj02_shift(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    x, y = lon - 105.0, lat - 35.0
    root = np.sqrt(np.abs(x))
    both = (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + both
    north += (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi / 3.0 * y)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi / 12.0 * y) + 320.0 * np.sin(np.pi / 30.0 * y)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + both
    east += (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi / 3.0 * x)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi / 12.0 * x) + 300.0 * np.sin(np.pi / 30.0 * x)) * 2.0 / 3.0
    phi = np.radians(lat)
    magic = 1.0 - _ECCENTRICITY2 * np.sin(phi) ** 2
    shift_lat = np.degrees(north * magic * np.sqrt(magic) / (_SEMI_MAJOR * (1.0 - _ECCENTRICITY2)))
    shift_lon = np.degrees(east * np.sqrt(magic) / (_SEMI_MAJOR * np.cos(phi)))
    return np.asarray(shift_lon), np.asarray(shift_lat)


def _bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _BD_ANGLE)
    theta = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BD_ANGLE)
    return np.asarray(radius * np.cos(theta) + 0.0065), np.asarray(radius * np.sin(theta) + 0.006)
