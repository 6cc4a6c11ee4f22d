"""Where a spot of the plan lies on the earth: plan grid to metres, metres to degrees, WGS-84 to GCJ-02.

The plan is drawn on a straight grid (x east, y north, metres). A gentle bend and a turn make the streets look grown.
"""

from __future__ import annotations

import math
from typing import Final

Point = tuple[float, float]

LON0: Final = 120.2920
LAT0: Final = 31.5640
TURN: Final = math.radians(3.5)
WIDTH: Final = 1700.0
HEIGHT: Final = 1270.0

_A: Final = 6378137.0
_E2: Final = 0.00669437999014
_SIN: Final = math.sin(math.radians(LAT0))
_M: Final = _A * (1 - _E2) / (1 - _E2 * _SIN**2) ** 1.5
_N: Final = _A / math.sqrt(1 - _E2 * _SIN**2) * math.cos(math.radians(LAT0))


def metres(x: float, y: float) -> Point:
    """Return metres east and north of the district's south-west corner for a spot of the plan's grid."""
    bx = x + 14.0 * math.sin(y / 260.0 + 0.5)
    by = y + 12.0 * math.sin(x / 330.0 + 1.0)
    return bx * math.cos(TURN) + by * math.sin(TURN), by * math.cos(TURN) - bx * math.sin(TURN)


def heading(x: float, y: float) -> float:
    """Return how far, in radians counter-clockwise, the grid's east is turned at a spot of the plan."""
    ax, ay = metres(x - 1, y)
    bx, by = metres(x + 1, y)
    cx, cy = metres(x, y - 1)
    dx, dy = metres(x, y + 1)
    along = math.atan2(by - ay, bx - ax)
    across = math.atan2(dy - cy, dx - cx) - math.pi / 2
    return (along + across) / 2


def degrees(east: float, north: float) -> Point:
    """Return WGS-84 longitude and latitude of metres east and north (good to a centimetre over 2 km)."""
    lat = LAT0 + math.degrees(north / _M)
    return LON0 + math.degrees(east / _N), lat


def lonlat(x: float, y: float) -> Point:
    """Return WGS-84 longitude and latitude of a spot of the plan, to 7 decimals."""
    lon, lat = degrees(*metres(x, y))
    return round(lon, 7), round(lat, 7)


def true_azimuth(x: float, y: float, grid_azimuth: float) -> float:
    """Return the azimuth from true north of a direction given from the grid's north (degrees, clockwise)."""
    rad = math.radians(grid_azimuth)
    ax, ay = metres(x, y)
    bx, by = metres(x + math.sin(rad), y + math.cos(rad))
    return round(math.degrees(math.atan2(bx - ax, by - ay)) % 360.0, 1)


def rigid(x: float, y: float, dx: float, dy: float, turn: float = 0.0) -> Point:
    """Return metres of a point ``dx``, ``dy`` off a spot, in a frame that keeps right angles (for buildings)."""
    cx, cy = metres(x, y)
    a = heading(x, y) + turn
    return cx + dx * math.cos(a) - dy * math.sin(a), cy + dx * math.sin(a) + dy * math.cos(a)


def ring_m2(ring: list[Point]) -> float:
    """Return the surface inside a ring of metric points (shoelace)."""
    twice = sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    return abs(twice) / 2


def gcj02(lon: float, lat: float) -> Point:
    """Return GCJ-02 degrees of WGS-84 degrees (the widely published forward formula, Krasovsky 1940 ellipsoid)."""
    x, y = lon - 105.0, lat - 35.0
    wave = (20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)) * 2.0 / 3.0
    dlat = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x)) + wave
    dlat += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2.0 / 3.0
    dlat += (160.0 * math.sin(y / 12.0 * math.pi) + 320.0 * math.sin(y * math.pi / 30.0)) * 2.0 / 3.0
    dlon = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x)) + wave
    dlon += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2.0 / 3.0
    dlon += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2.0 / 3.0
    a, e2 = 6378245.0, 0.00669342162296594323
    rad = math.radians(lat)
    magic = 1 - e2 * math.sin(rad) ** 2
    dlat = math.degrees(dlat / ((a * (1 - e2)) / magic**1.5))
    dlon = math.degrees(dlon / (a / math.sqrt(magic) * math.cos(rad)))
    return lon + dlon, lat + dlat


class Dice:
    """A small linear congruential generator, so that the sample is the same under every Python."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def roll(self, low: float = 0.0, high: float = 1.0) -> float:
        """Return the next number between ``low`` and ``high``."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % 2**64
        return low + (high - low) * (self._state >> 11) / 2**53

    def pick(self, items: list[str]) -> str:
        """Return one of the items."""
        return items[int(self.roll(0, len(items)))]
