"""Why a target is not seen as required, and which camera is nearest."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from citycover.audit.coverage import find_levels
from citycover.audit.laying_areas import standing_walls

_OWN_WALL = 1.0  # m: a camera this near to a wall hangs on it


def explain_unseen(
    rows: pd.DataFrame, seen: pd.DataFrame, cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, *, near: float
) -> pd.DataFrame:
    """Explain demands that are not met at the low end.

    Parameters
    ----------
    rows
        Demands with ``x``, ``y`` of their targets and ``met_high`` of ``measure_demands``.
    seen
        What was measured at the targets.
    cameras
        Cameras; where there is a column ``counts``, those that count as ``no`` are left out.
    buildings
        Obstacles; those not ``opaque`` hide nothing.
    near
        Metres from a camera beyond which there is none near.

    Returns
    -------
    DataFrame
        In the order of ``rows``: ``reason`` (``terms.GAP_REASONS``), ``nearest_camera`` (m, null where there is no
        camera), ``nearest_camera_id``. The first that holds: *only_optimistic* (met at the high end), *no_camera_near*,
        *too_few* (sharp enough, but by fewer than required), *too_coarse* (a camera of known pose sees it, not sharply
        enough), *hidden* (a building stands between it and the nearest camera), else *out_of_view*.
    """
    counting = cameras[cameras["counts"] != "no"] if "counts" in cameras.columns else cameras
    counting = counting[counting.geometry.notna().to_numpy()]
    distance, nearest = _nearest(rows, counting)
    at = pd.Index(seen["target_id"].astype("int64")).get_indexer(pd.Index(rows["target_id"].astype("int64")))
    enough = np.zeros(len(rows))
    density = rows["density_required"].to_numpy(dtype=np.float64)
    for level in find_levels(seen):
        here = density == level
        enough[here] = seen[f"n_low_{level:g}"].to_numpy(dtype=np.float64)[at[here]]
    sharpest = seen["density_low"].fillna(0.0).to_numpy(dtype=np.float64)[at]
    far = ~(distance <= near)
    open_question = ~far & (enough == 0) & (sharpest <= 0)
    hidden = np.zeros(len(rows), dtype=bool)
    asked = np.flatnonzero(open_question)
    hidden[asked] = _behind_buildings(rows.iloc[asked], counting.iloc[nearest[asked]], buildings)
    reason = np.select(
        [rows["met_high"].to_numpy() > 0, far, enough > 0, sharpest > 0, hidden],
        ["only_optimistic", "no_camera_near", "too_few", "too_coarse", "hidden"],
        "out_of_view",
    )
    ids = np.full(len(rows), None, dtype=object)
    if len(counting):
        ids = counting["camera_id"].to_numpy(dtype=object)[nearest]
    return pd.DataFrame({"reason": reason, "nearest_camera": distance, "nearest_camera_id": ids}, index=rows.index)


def _nearest(rows: pd.DataFrame, cameras: gpd.GeoDataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    if len(cameras) == 0 or len(rows) == 0:
        return np.full(len(rows), np.nan), np.zeros(len(rows), dtype=np.int64)
    ordered = np.argsort(cameras["camera_id"].to_numpy(dtype=object), kind="stable")
    where = np.column_stack([cameras.geometry.x.to_numpy(), cameras.geometry.y.to_numpy()])[ordered]
    distance, index = cKDTree(where).query(rows[["x", "y"]].to_numpy(dtype=np.float64))
    return np.asarray(distance, dtype=np.float64), ordered[index].astype(np.int64)


def _behind_buildings(
    rows: pd.DataFrame, cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame
) -> npt.NDArray[np.bool_]:
    """Tell whether a building stands between each row and its camera; the wall that it hangs on is none."""
    hidden = np.zeros(len(rows), dtype=bool)
    walls = standing_walls(buildings)
    if len(rows) == 0 or len(walls) == 0:
        return hidden
    x, y = rows["x"].to_numpy(dtype=np.float64), rows["y"].to_numpy(dtype=np.float64)
    camera_x, camera_y = cameras.geometry.x.to_numpy(), cameras.geometry.y.to_numpy()
    length = np.hypot(x - camera_x, y - camera_y)
    inset = np.minimum(_OWN_WALL / np.maximum(length, 1e-9), 0.5)
    ends = np.stack(
        [
            np.column_stack([camera_x + inset * (x - camera_x), camera_y + inset * (y - camera_y)]),
            np.column_stack([x, y]),
        ],
        axis=1,
    )
    sight, _ = shapely.STRtree(walls).query(shapely.linestrings(ends), predicate="intersects")
    hidden[sight] = True
    return hidden
