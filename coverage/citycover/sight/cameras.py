"""Which cameras count, where they stand, and how they look: registers become poses, unknowns become ranges."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import geo
from citycover.errors import CrsError, InputError, TableError
from citycover.sight import optics
from citycover.sight.standing import Standing, stand_cameras

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

FIELDS = ("hfov", "pixels", "reach", "mount_height")
"""What a default may stand in for."""

COUNTING_STATUSES = ("accepted", "in_use")
NOT_YET = ("planned", "approved", "building")


@dataclass(frozen=True)
class Poses:
    """Poses of cameras as arrays, in the table's order; columns 0, 1, 2 are the low, expected and high ends.

    ``heading`` is the optical axis in the grid, radians counter-clockwise from east, NaN where unknown and needed (a
    register's azimuth of 413° is 53°);
    ``mount_height`` is null-free (for slant distances), ``lens`` NaN where unknown (for sight over walls); ``near`` is
    the near edge on the ground, 0 where unknown; ``far`` is infinite where unknown; ``number`` is how many cameras a
    row stands for and ``known`` how many of them have a known pose; ``layer`` is NaN where unknown.
    """

    camera_id: npt.NDArray[np.object_]
    x: Floats
    y: Floats
    heading: Floats
    hfov: Floats
    pixels: Floats
    reach: Floats
    mount_height: Floats
    lens: Floats
    near: Floats
    far: Floats
    near_unknown: Bools
    number: npt.NDArray[np.int64]
    known: npt.NDArray[np.int64]
    layer: Floats
    standing: Standing
    assumed: Mapping[str, Bools]

    def take(self, keep: Bools) -> Poses:
        """Return the poses of some rows."""
        arrays = {n: v[keep] for n, v in vars(self).items() if isinstance(v, np.ndarray)}
        rest = {
            "standing": Standing._make(a[keep] for a in self.standing),
            "assumed": {name: used[keep] for name, used in self.assumed.items()},
        }
        return Poses(**{**vars(self), **arrays, **rest})


def assign_counting(cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None = None) -> gpd.GeoDataFrame:
    """Return the cameras with ``counts`` (``yes``, ``range``, ``no``) and ``counts_reason``; same rows, same order.

    The first reason that holds is given: the same device as another row, outside the study, a status other than
    accepted or in use (a null status is taken as in use), a row of 0 cameras, indoor, position deep inside a building.
    What remains counts ``yes`` when its azimuth is known or it looks all round, else ``range`` (expected and high
    figures only). A pan-tilt counts by its home preset. A camera up to 2 m inside its building's outline stands on
    its wall and counts; one that stands higher than its building's roof stands on the roof and counts.

    Raises
    ------
    TableError
        ``camera_id`` or the geometry is missing.
    CrsError
        The tables have no, different, or no metric reference systems.

    Examples
    --------
    >>> register = gpd.GeoDataFrame(
    ...     {"camera_id": ["a", "b", "c"], "azimuth": [90.0, None, 0.0], "status": ["in_use", "in_use", "planned"]},
    ...     geometry=gpd.points_from_xy([0, 1, 2], [0, 0, 0]), crs=32650)
    >>> assign_counting(register)[["counts", "counts_reason"]].values.tolist()
    [['yes', ''], ['range', 'azimuth_unknown'], ['no', 'not_accepted']]
    """
    _check(cameras, buildings)
    rows = len(cameras)
    standing = stand_cameras(cameras, buildings)
    status = _texts(cameras, "status").fillna("in_use").to_numpy(object)
    hfov = _floats(complete_lenses(cameras), "hfov")
    aimed = np.isfinite(_floats(cameras, "azimuth")) | (hfov >= 360.0)
    same = _texts(cameras, "same_as")
    tests: list[tuple[str, npt.NDArray[np.bool_]]] = [
        ("same_device", (same.notna() & (same != "")).to_numpy(bool)),
        ("outside_study", _flags(cameras, "outside")),
        ("not_accepted", np.isin(status, NOT_YET)),
        ("not_in_use", ~np.isin(status, COUNTING_STATUSES) | (_floats(cameras, "count") == 0.0)),
        ("indoor", _flags(cameras, "indoor")),
        ("inside_building", standing.inside),
        ("azimuth_unknown", ~aimed),
    ]
    reason = np.full(rows, "", dtype=object)
    for name, holds in reversed(tests):
        reason[holds] = name
    counts = np.where(reason == "", "yes", np.where(reason == "azimuth_unknown", "range", "no"))
    return cameras.assign(
        counts=pd.Series(counts, index=cameras.index, dtype="str"),
        counts_reason=pd.Series(reason, index=cameras.index, dtype="str"),
    )


def complete_lenses(cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the cameras with ``hfov`` and ``vfov`` from ``focal_length`` and ``sensor`` where the register tells none.

    >>> one = gpd.GeoDataFrame({"camera_id": ["a"], "focal_length": [4.0], "sensor": ["1/3"]})
    >>> complete_lenses(one)[["hfov", "vfov"]].round(2).values.tolist()
    [[61.93, 48.46]]
    """
    if "focal_length" not in cameras.columns or "sensor" not in cameras.columns:
        return cameras
    angles = optics.find_angles(_floats(cameras, "focal_length"), cameras["sensor"].tolist())
    known = {name: _floats(cameras, name) for name in ("hfov", "vfov")}
    return cameras.assign(
        **{n: np.where(np.isnan(v), angle, v) for (n, v), angle in zip(known.items(), angles, strict=True)}
    )


def longest_reach() -> float:
    """Return the farthest reach (m) that a default gives to a camera whose reach is unknown."""
    return max(max(kind["reach"]) for kind in _defaults().values())


def find_poses(cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None = None) -> Poses:
    """Return where the cameras stand and how they look; what the register leaves out becomes a range of defaults.

    Pessimistic, expected and optimistic ends come from ``defaults.toml`` by type of camera. The near edge needs
    ``tilt``, ``vfov`` and ``mount_height`` from the register: no default cuts ground away.

    Raises
    ------
    TableError
        ``camera_id`` or the geometry is missing.
    CrsError
        The tables have no, different, or no metric reference systems.
    InputError
        A position, angle, reach or number of pixels is impossible; the message names the cameras.
    """
    _check(cameras, buildings)
    _check_numbers(cameras)
    cameras = complete_lenses(cameras)
    standing = stand_cameras(cameras, buildings)
    ends, assumed = _fill(cameras)
    azimuth, hfov = _floats(cameras, "azimuth"), _floats(cameras, "hfov")
    tilt, vfov, height = _floats(cameras, "tilt"), _floats(cameras, "vfov"), _floats(cameras, "mount_height")
    near_unknown = np.isnan(tilt) | np.isnan(vfov) | np.isnan(height)
    near, far = np.zeros(len(cameras)), np.full(len(cameras), np.inf)
    sure = ~near_unknown
    near[sure] = optics.near_edge(height[sure], tilt[sure], vfov[sure])
    far[sure] = optics.far_edge(height[sure], tilt[sure], vfov[sure])
    count = _floats(cameras, "count")
    number = np.where(np.isnan(count), 1.0, np.maximum(count, 0.0)).astype(np.int64)
    all_round = hfov >= 360.0
    known = np.where(all_round, number, np.where(np.isnan(azimuth), 0, np.minimum(number, 1)))
    convergence = geo.meridian_convergence(standing.x, standing.y, cameras.crs) if len(cameras) else np.zeros(0)
    heading = np.radians(90.0 - (azimuth - convergence))
    heading = np.where(all_round & np.isnan(heading), 0.0, heading)
    return Poses(
        camera_id=_texts(cameras, "camera_id").to_numpy(object),
        x=standing.x,
        y=standing.y,
        heading=heading,
        hfov=ends["hfov"],
        pixels=ends["pixels"],
        reach=ends["reach"],
        mount_height=ends["mount_height"],
        lens=height,
        near=near,
        far=far,
        near_unknown=near_unknown,
        number=number,
        known=known.astype(np.int64),
        layer=_floats(cameras, "layer"),
        standing=standing,
        assumed=assumed,
    )


def count_defaults(cameras: pd.DataFrame) -> dict[str, int]:
    """Return how many of the cameras that count (all, where ``counts`` is missing) need each default, by field.

    >>> count_defaults(pd.DataFrame({"camera_id": ["a"], "hfov": [90.0], "reach": [50.0]}))
    {'hfov': 0, 'pixels': 1, 'reach': 0, 'mount_height': 1}
    """
    counting = cameras[cameras["counts"] != "no"] if "counts" in cameras.columns else cameras
    return {name: int(np.isnan(_floats(counting, name)).sum()) for name in FIELDS}


@cache
def _defaults() -> dict[str, dict[str, list[float]]]:
    text = resources.files("citycover.sight").joinpath("defaults.toml").read_text(encoding="utf-8")
    return {kind: values for kind, values in tomllib.loads(text).items() if isinstance(values, dict)}


def _fill(cameras: gpd.GeoDataFrame) -> tuple[dict[str, Floats], dict[str, Bools]]:
    """Return the three ends of each field of every camera, and where a default was used."""
    table = _defaults()
    kinds = list(table)
    given = _texts(cameras, "camera_type")
    ptz = _flags(cameras, "ptz") & given.isna().to_numpy(bool)
    name = pd.Series(np.where(ptz, "ptz", given.fillna("unknown").to_numpy(object)), dtype=object)
    code = pd.Categorical(name.where(name.isin(kinds), "unknown"), categories=kinds).codes
    ends: dict[str, Floats] = {}
    assumed: dict[str, Bools] = {}
    for field in FIELDS:
        values = _floats(cameras, field)
        missing = np.isnan(values)
        default = np.array([table[kind][field] for kind in kinds], float)
        ends[field] = np.where(missing[:, None], default[code], values[:, None])
        assumed[field] = missing
    return ends, assumed


def _check(cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None) -> None:
    if "camera_id" not in cameras.columns or not isinstance(cameras, gpd.GeoDataFrame):
        raise TableError(f"cameras: needed camera_id and point geometry, given {', '.join(map(str, cameras.columns))}")
    if cameras.crs is None or not cameras.crs.is_projected:
        raise CrsError(f"cameras: needed a metric reference system, given {cameras.crs}")
    if buildings is not None and len(buildings) and buildings.crs != cameras.crs:
        raise CrsError(f"buildings: needed the reference system of the cameras, {cameras.crs}, given {buildings.crs}")


def _check_numbers(cameras: gpd.GeoDataFrame) -> None:
    geometry = np.asarray(cameras.geometry.array, dtype=object)
    point = (shapely.get_type_id(geometry) == 0) & ~shapely.is_empty(geometry)
    point[point] = np.isfinite(shapely.get_coordinates(geometry[point])).all(axis=1)
    faults = [("geometry", "a point with finite coordinates", ~point)]
    hfov, reach = _floats(cameras, "hfov"), _floats(cameras, "reach")
    vfov, tilt = _floats(cameras, "vfov"), _floats(cameras, "tilt")
    pixels, lens = _floats(cameras, "pixels"), _floats(cameras, "mount_height")
    faults += [
        ("hfov", "0 < hfov <= 360", (hfov <= 0.0) | (hfov > 360.0)),
        ("vfov", "0 < vfov <= 180", (vfov <= 0.0) | (vfov > 180.0)),
        ("tilt", "-90 <= tilt <= 90", np.abs(tilt) > 90.0),
        ("reach", "0 < reach < infinity", (reach <= 0.0) | np.isinf(reach)),
        ("pixels", "0 < pixels < infinity", (pixels <= 0.0) | np.isinf(pixels)),
        ("mount_height", "0 <= mount_height < infinity", (lens < 0.0) | np.isinf(lens)),
        ("azimuth", "a finite azimuth", np.isinf(_floats(cameras, "azimuth"))),
    ]
    ids = _texts(cameras, "camera_id").to_numpy(object)
    told = [
        f"{column}: needed {needed}, not so in {int(wrong.sum())} rows, such as {ids[wrong][0]}"
        + ("" if column == "geometry" else f", given {_floats(cameras, column)[wrong][0]:g}")
        for column, needed, wrong in faults
        if wrong.any()
    ]
    if told:
        raise InputError("cameras: " + "; ".join(told))


def _floats(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[name]).to_numpy(float, na_value=np.nan), float)


def _texts(frame: pd.DataFrame, name: str) -> pd.Series[str]:
    if name not in frame.columns:
        return pd.Series([None] * len(frame), index=frame.index, dtype="str")
    return frame[name].astype("str")


def _flags(frame: pd.DataFrame, name: str) -> Bools:
    if name not in frame.columns:
        return np.zeros(len(frame), bool)
    return np.asarray(frame[name].astype("boolean").fillna(False).to_numpy(bool), bool)
