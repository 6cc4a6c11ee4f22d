"""Find the same camera standing twice in the registers: a fault of the papers, not a duplicate build."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from citycover import geo, tables
from citycover.city.headers import normal

SAME_SPOT = 0.5
"""Rows within this distance (m) stand on one spot; ours."""

SAME_AZIMUTH = 1.0
"""Directions that differ by at most this (°) are the same on one spot; ours."""

SHIFT_ERROR = 3.0
"""How far (m) a coordinate may miss the place where the other datum's shift puts its like; ours."""

Ints = npt.NDArray[np.int64]
_PAIRS = ("camera_a", "camera_b", "kind")


def find_repeats(cameras: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the pairs of rows that tell of one device twice: table ``camera_repeats``, by kind, then row.

    - ``same_id``: the same device id, wherever the rows stand;
    - ``same_pose``: one spot and pole, one owner, one known direction, one purpose, and no lens, height, name or
      device id that speaks against it. Several cameras on one pole are the rule: rows of unknown direction are no
      repeats;
    - ``two_datums``: one name or device id, and the coordinates apart by the shift between WGS-84 and GCJ-02 at that
      place (within 3 m): one of the two was read in the wrong datum.

    Each later row is paired with the first of its like. Rows that readers linked already (``same_as``) are told too:
    they count once, but the papers still hold two.

    Parameters
    ----------
    cameras
        Table ``cameras`` in a metric reference system.

    Raises
    ------
    TableError
        A column does not fit its declaration.

    Examples
    --------
    >>> at = gpd.points_from_xy([500000.0, 500300.0], [3500000.0, 3500000.0])
    >>> rows = gpd.GeoDataFrame({"camera_id": ["a:1", "b:1"], "device_id": ["7", "7"]}, geometry=at, crs=32650)
    >>> find_repeats(rows)[["camera_a", "camera_b", "kind", "distance"]].values.tolist()
    [['a:1', 'b:1', 'same_id', 300.0]]
    """
    xy = np.column_stack([cameras.geometry.x, cameras.geometry.y]) if len(cameras) else np.zeros((0, 2))
    found = [("same_id", _same_id(cameras)), ("same_pose", _same_pose(cameras, xy))]
    found.append(("two_datums", _two_datums(cameras, xy)))
    parts = [pd.DataFrame({"first": a, "later": b, "kind": kind}) for kind, (a, b) in found]
    pairs = pd.concat(parts, ignore_index=True)
    rank = pairs["kind"].map({"two_datums": 0, "same_id": 1, "same_pose": 2})  # the plainest kind is told
    told = pairs.iloc[np.argsort(rank.to_numpy(), kind="stable")]
    pairs = pairs.loc[told.drop_duplicates(["first", "later"]).index].sort_index()
    order = pairs["kind"].map({kind: i for i, (kind, _) in enumerate(found)})
    pairs = pairs.iloc[np.lexsort((pairs["later"], order))]
    a, b = pairs["first"].to_numpy(np.int64), pairs["later"].to_numpy(np.int64)

    def both(name: str) -> tuple[Any, Any]:
        values = _column(cameras, name).to_numpy(object)
        return values[a], values[b]

    frame = pd.DataFrame(
        {
            "camera_a": both("camera_id")[0],
            "camera_b": both("camera_id")[1],
            "kind": pairs["kind"].to_numpy(object),
            "distance": np.round(np.hypot(*(xy[a] - xy[b]).T), 1),
            "name": both("name")[0],
            "owner": both("owner")[0],
            "register_a": both("register")[0],
            "register_b": both("register")[1],
            "row_a": both("source_row")[0],
            "row_b": both("source_row")[1],
            "linked": pd.array(_column(cameras, "same_as").notna().to_numpy(bool)[b], dtype="boolean"),
            "geometry": shapely.linestrings(np.stack([xy[a], xy[b]], axis=1)) if len(a) else [],
        }
    )
    return tables.conform("camera_repeats", frame, crs=cameras.crs)


def _same_id(cameras: gpd.GeoDataFrame) -> tuple[Ints, Ints]:
    return _with_first(_column(cameras, "device_id"))


def _same_pose(cameras: gpd.GeoDataFrame, xy: npt.NDArray[np.float64]) -> tuple[Ints, Ints]:
    none = np.zeros(0, np.int64)
    azimuth = _number(cameras, "azimuth")
    usable = np.flatnonzero(np.isfinite(azimuth) & _column(cameras, "owner").notna().to_numpy(bool))
    if len(usable) < 2:
        return none, none
    near = cKDTree(xy[usable]).query_pairs(SAME_SPOT, output_type="ndarray")
    a, b = np.sort(usable[near], axis=1).T if len(near) else (none, none)
    turn = np.abs((azimuth[a] - azimuth[b] + 180.0) % 360.0 - 180.0)
    alike = turn <= SAME_AZIMUTH
    for name in ("owner", "purpose"):
        codes = pd.factorize(_column(cameras, name))[0]
        alike &= codes[a] == codes[b]
    for name in ("device_id", "name"):  # a difference speaks against it, a gap does not
        codes = pd.factorize(_column(cameras, name))[0]
        alike &= (codes[a] == codes[b]) | (codes[a] < 0) | (codes[b] < 0)
    for name, most in (("hfov", 1.0), ("mount_height", 0.5), ("tilt", 1.0)):
        values = _number(cameras, name)
        alike &= ~(np.abs(values[a] - values[b]) > most)
    a, b = a[alike], b[alike]
    order = np.lexsort((a, b))
    first = np.unique(b[order], return_index=True)[1]
    return a[order][first], b[order][first]


def _two_datums(cameras: gpd.GeoDataFrame, xy: npt.NDArray[np.float64]) -> tuple[Ints, Ints]:
    """Return pairs of one name (or device id) whose distance is the datums' shift, in either direction."""
    none = np.zeros(0, np.int64)
    if not len(cameras) or cameras.crs is None:
        return none, none
    lon, lat = geo.to_degrees(xy[:, 0], xy[:, 1], cameras.crs)
    there = np.column_stack(geo.to_metric(*geo.gcj02_from_wgs84(lon, lat), cameras.crs))
    moved = np.flatnonzero(np.hypot(*(there - xy).T) > 10.0 * SHIFT_ERROR)  # nowhere outside China
    if not len(moved):
        return none, none
    keys = [_column(cameras, "device_id"), _column(cameras, "name").astype("str").map(normal, na_action="ignore")]
    a_all, b_all = [none], [none]
    tree = cKDTree(xy)
    close: Any = tree.query_ball_point(there[moved], SHIFT_ERROR)
    count = np.array(list(map(len, list(close))), np.int64)
    from_, to = np.repeat(moved, count), np.concatenate([np.asarray(c, np.int64) for c in close] or [none])
    for key in keys:
        codes = pd.factorize(key)[0]
        same = (codes[from_] == codes[to]) & (codes[from_] >= 0) & (from_ != to)
        a_all.append(np.minimum(from_[same], to[same]))
        b_all.append(np.maximum(from_[same], to[same]))
    pairs = np.unique(np.column_stack([np.concatenate(a_all), np.concatenate(b_all)]), axis=0)
    return pairs[:, 0], pairs[:, 1]


def _with_first(key: pd.Series) -> tuple[Ints, Ints]:
    """Return for each later row of a known key the first row of it, and the row."""
    row = pd.Series(np.arange(len(key)))
    first = row.groupby(key.to_numpy(object), dropna=True).transform("first").fillna(-1).to_numpy(np.int64)
    later = np.flatnonzero((first >= 0) & (first < row.to_numpy()))
    return first[later], later


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return pd.Series(frame[name]) if name in frame.columns else pd.Series(None, index=frame.index, dtype="object")


def _number(frame: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    return np.asarray(pd.to_numeric(_column(frame, name)).to_numpy(float, na_value=np.nan), float)
