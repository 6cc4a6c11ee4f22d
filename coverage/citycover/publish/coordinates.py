"""Place sites in the coordinates that a city files them in: CGCS2000, GCJ-02, a grid, or its own plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import Geod, Transformer

from citycover import geo
from citycover.errors import CrsError

Floats = npt.NDArray[np.float64]

CGCS2000 = 4490
_ELLIPSOID = Geod(ellps="GRS80")


@dataclass(frozen=True)
class LocalGrid:
    """A city's own plane: CGCS2000 Gauss-Krüger metres, shifted (m), turned (seconds of arc) and scaled.

    x' = dx + k (x cos r − y sin r), y' = dy + k (x sin r + y cos r), with x east and y north, k = 1 + scale_ppm / 10⁶,
    r counter-clockwise: the plane four-parameter (Helmert) transformation of Chinese surveying practice. The parameters
    are the city's and often confidential; none is shipped, none is written into a file.
    """

    meridian: float
    dx: float
    dy: float
    rotation: float = 0.0
    scale_ppm: float = 0.0

    def transform(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Return east and north (m) of CGCS2000 degrees.

        >>> grid = LocalGrid(meridian=120.0, dx=1000.0, dy=-3_000_000.0)
        >>> [round(float(v[0]), 3) for v in grid.transform(np.array([120.0]), np.array([31.0]))]
        [501000.0, 430974.323]
        """
        x, y = Transformer.from_crs(CGCS2000, gauss_krueger(self.meridian), always_xy=True).transform(lon, lat)
        turn, size = np.radians(self.rotation / 3600.0), 1.0 + self.scale_ppm / 1e6
        east = self.dx + size * (np.asarray(x) * np.cos(turn) - np.asarray(y) * np.sin(turn))
        north = self.dy + size * (np.asarray(x) * np.sin(turn) + np.asarray(y) * np.cos(turn))
        return np.asarray(east, float), np.asarray(north, float)


@dataclass(frozen=True)
class Coordinates:
    """Coordinates of sites in one system: its name, whether they are metres, and the values, east first."""

    system: str
    metric: bool
    x: Floats
    y: Floats


def gauss_krueger(meridian: float) -> str:
    """Return the CGCS2000 Gauss-Krüger plane of a central meridian (°), false easting 500 km, without a zone number."""
    return f"+proj=tmerc +lon_0={meridian} +x_0=500000 +ellps=GRS80 +units=m +no_defs"


def place_points(lon: Floats, lat: Floats, system: str | LocalGrid = "CGCS2000") -> Coordinates:
    """Return degrees in a system.

    Parameters
    ----------
    lon, lat
        WGS-84 degrees. CGCS2000 is taken as the same: what the plates moved since the year 2000, up to about a metre
        in China, is not told apart, for OpenStreetMap does not tell it either.
    system
        ``CGCS2000`` (degrees), ``gcj02``, an EPSG code or PROJ string, or a city's :class:`LocalGrid`.

    Raises
    ------
    CrsError
        The system is unknown.

    Examples
    --------
    >>> place_points(np.array([116.38404]), np.array([39.91335]), "gcj02").x.round(4).tolist()
    [116.3903]
    """
    if isinstance(system, LocalGrid):
        return Coordinates(f"local, meridian {system.meridian:g}", True, *system.transform(lon, lat))
    if system.upper().replace("-", "").replace(" ", "") == "CGCS2000":
        return Coordinates("CGCS2000", False, np.asarray(lon, float), np.asarray(lat, float))
    datum = geo.parse_datum(system)
    if datum.name == "gcj02":
        x, y = geo.gcj02_from_wgs84(lon, lat)
        return Coordinates("GCJ-02", False, np.asarray(x, float), np.asarray(y, float))
    if datum.crs is None:
        raise CrsError(f"coordinates of sites: needed CGCS2000, gcj02, EPSG:n or a PROJ string, given {system!r}")
    x, y = Transformer.from_crs(4326, datum.crs, always_xy=True).transform(lon, lat)
    return Coordinates(datum.name, datum.metric, np.asarray(x, float), np.asarray(y, float))


def place_sites(sites: pd.DataFrame, system: str | LocalGrid = "CGCS2000") -> Coordinates:
    """Return the coordinates of sites (``lon`` and ``lat`` in degrees) in a system; see :func:`place_points`."""
    return place_points(sites["lon"].to_numpy(float), sites["lat"].to_numpy(float), system)


def drawing_system(sites: pd.DataFrame, system: str | LocalGrid) -> tuple[str | LocalGrid, str]:
    """Return a system in metres to draw sites in, and its name: the named one, else CGCS2000 Gauss-Krüger of 3°.

    >>> drawing_system(pd.DataFrame({"lon": [118.7], "lat": [32.0]}), "CGCS2000")[1]
    'CGCS2000 / 3-degree Gauss-Kruger CM 120E'
    """
    named = place_sites(sites.iloc[:1], system)
    if named.metric:
        return system, named.system
    meridian = 3.0 * round(float(sites["lon"].median()) / 3.0)
    return gauss_krueger(meridian), f"CGCS2000 / 3-degree Gauss-Kruger CM {meridian:g}E"


def look_ahead(sites: pd.DataFrame, metres: Floats) -> tuple[Floats, Floats]:
    """Return the degrees of the point so many metres ahead of each site, in its direction from true north."""
    azimuth = sites["azimuth"].fillna(0.0).to_numpy(float)
    lon, lat, _ = _ELLIPSOID.fwd(sites["lon"].to_numpy(float), sites["lat"].to_numpy(float), azimuth, metres)
    return np.asarray(lon, float), np.asarray(lat, float)
