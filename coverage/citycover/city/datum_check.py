"""Whether cameras fall beside the streets by the known offset between two Chinese datums."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from citycover import geo

MINIMUM = 50
"""Fewer cameras inside the study say nothing about a datum."""
_SAMPLE = 2000
_MARGIN = 60.0
_BETTER = 0.6  # the known offset must bring the median distance down to this share
_CLEARER = 0.75  # and to this share of what offsets of the same length in other directions bring

Floats = npt.NDArray[np.float64]
_Shift = Callable[[Floats, Floats], tuple[Floats, Floats]]
_NAMES = {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"}


@dataclass(frozen=True)
class DatumFinding:
    """A datum that fits the streets clearly better than the one that was named.

    ``offset`` is the median distance (m) by which the cameras are displaced; ``distance_given`` and ``distance_likely``
    are median distances to the nearest street (m) of ``cameras`` cameras.
    """

    said: str
    likely: str
    offset: float
    distance_given: float
    distance_likely: float
    cameras: int

    @property
    def zh(self) -> str:
        """The finding as a sentence in Chinese."""
        said = _NAMES.get(self.said, self.said)
        return (
            f"坐标系可能有误：{self.cameras} 个摄像机按 {said} 读入，距最近道路的中位距离为 "
            f"{self.distance_given:.0f} 米；若按 {_NAMES[self.likely]} 读入则为 {self.distance_likely:.0f} 米"
            f"（整体偏移约 {self.offset:.0f} 米）。请核对 datum。"
        )

    @property
    def en(self) -> str:
        """The finding as a sentence in English."""
        said = _NAMES.get(self.said, self.said)
        return (
            f"the datum is probably wrong: read as {said}, {self.cameras} cameras lie "
            f"{self.distance_given:.0f} m (median) from the nearest street; read as {_NAMES[self.likely]}, "
            f"{self.distance_likely:.0f} m (all displaced by about {self.offset:.0f} m). Check datum"
        )


def check_datum(
    cameras: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, *, datum: str | None = None
) -> DatumFinding | None:
    """Return a finding where another datum fits clearly better, else None.

    The median distance of the cameras to the nearest street is compared with what it would be had the register's
    coordinates been in another of WGS-84, GCJ-02 and BD-09. A datum is only reported where it cuts that distance to
    0.6 and where shifts of the same length in five other directions do not come near: cameras that simply stand far
    from streets raise no alarm. Cameras outside the study (``outside``, or beyond the streets' bounds) do not count;
    fewer than :data:`MINIMUM` inside say nothing.

    Parameters
    ----------
    cameras
        Table ``cameras``, read with some datum.
    streets
        Table ``streets`` in the same metric reference system.
    datum
        The datum that was named; without it, each of the three is held possible.
    """
    if not len(cameras) or not len(streets) or cameras.crs is None:
        return None
    inside = cameras[~cameras["outside"].fillna(False).to_numpy(dtype=bool)] if "outside" in cameras else cameras
    points = inside.geometry[~shapely.is_missing(inside.geometry.to_numpy())]
    x, y = points.x.to_numpy(dtype=float), points.y.to_numpy(dtype=float)
    west, south, east, north = streets.total_bounds
    within = (x >= west - _MARGIN) & (x <= east + _MARGIN) & (y >= south - _MARGIN) & (y <= north + _MARGIN)
    x, y = x[within], y[within]
    if len(x) < MINIMUM:
        return None
    pick = np.unique(np.linspace(0, len(x) - 1, min(len(x), _SAMPLE)).astype(int))
    x, y = x[pick], y[pick]
    tree = shapely.STRtree(streets.geometry.to_numpy())

    def median(px: Floats, py: Floats) -> float:
        return float(np.median(tree.query_nearest(shapely.points(px, py), all_matches=False, return_distance=True)[1]))

    given = median(x, y)
    name = geo.parse_datum(datum).name if datum is not None else None
    lon, lat = geo.to_degrees(x, y, cameras.crs)
    best: DatumFinding | None = None
    for (said, likely), shift in _SHIFTS.items():
        if datum is not None and said != _plain(datum):
            continue
        moved = geo.to_metric(*shift(lon, lat), cameras.crs)
        dx, dy = float(np.median(moved[0] - x)), float(np.median(moved[1] - y))
        offset = float(np.hypot(dx, dy))
        if offset < 10:  # outside China nothing is shifted
            continue
        there = (moved[0] >= west - _MARGIN) & (moved[0] <= east + _MARGIN)
        there &= (moved[1] >= south - _MARGIN) & (moved[1] <= north + _MARGIN)
        if 2 * int(there.sum()) < len(x):
            continue
        likely_distance = median(*moved)
        if likely_distance > _BETTER * given or (best is not None and likely_distance >= best.distance_likely):
            continue
        turns = np.radians(np.arange(60, 360, 60))
        others = [median(x + dx * np.cos(t) - dy * np.sin(t), y + dx * np.sin(t) + dy * np.cos(t)) for t in turns]
        if likely_distance <= _CLEARER * min(others):
            best = DatumFinding(name or said, likely, offset, given, likely_distance, len(x))
    return best


def _plain(datum: str) -> str:
    name = geo.parse_datum(datum).name
    return name if name in ("gcj02", "bd09") else "wgs84"


def _bd09_from_wgs84(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return geo.bd09_from_gcj02(*geo.gcj02_from_wgs84(lon, lat))


def _wgs84_from_bd09(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    return geo.wgs84_from_gcj02(*geo.gcj02_from_bd09(lon, lat))


_SHIFTS: dict[tuple[str, str], _Shift] = {
    # (said, truly): from where a camera was put to where it stands, both in WGS-84
    ("wgs84", "gcj02"): geo.wgs84_from_gcj02,
    ("wgs84", "bd09"): _wgs84_from_bd09,
    ("gcj02", "wgs84"): geo.gcj02_from_wgs84,
    ("gcj02", "bd09"): lambda lon, lat: _wgs84_from_bd09(*geo.gcj02_from_wgs84(lon, lat)),
    ("bd09", "wgs84"): _bd09_from_wgs84,
    ("bd09", "gcj02"): lambda lon, lat: geo.wgs84_from_gcj02(*_bd09_from_wgs84(lon, lat)),
}
