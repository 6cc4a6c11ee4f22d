"""Aim a camera at what is wanted: the few directions of a position in which most of it can be seen."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover import tables
from citycover.city.model import City
from citycover.plan.openness import OpenGround
from citycover.plan.reach import Sight, find_sight
from citycover.sight.coverage import FACING

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEP = 5.0
"""Aims are tried in whole multiples of this many degrees from true north: what a fitter can set; ours."""

LEAST_WORTH = 0.15
"""A direction that would see less than this share of the best one of its position is not tried; ours."""


HONEST = 0.5
"""Least share of the worth in a direction that is seen over open ground; ours."""


def aim_at(
    xy: Floats,
    wants: pd.DataFrame,
    sight: Sight,
    *,
    scale: float,
    reach: float,
    hfov: float,
    convergence: Floats,
    most: int,
    ground: OpenGround,
) -> tuple[Ints, Floats]:
    """Return positions and azimuths (true north) in which most of the wanted worth lies within the angle of view.

    ``sight`` holds what a camera that looks all round at each position sees. At each position the best direction is
    taken, what it covers is struck out, and the next best follows, up to ``most``. Only what is seen over open ground
    (:mod:`citycover.plan.openness`) draws an aim, and it must be :data:`HONEST` of all in view.
    """
    density = wants["density"].to_numpy(float)[sight.point]
    slant = np.hypot(sight.away, 4.0)
    keep = (sight.away <= reach) & (scale / np.maximum(slant, 1e-3) >= density)
    row, point = sight.camera[keep], sight.point[keep]
    d = wants[["x", "y"]].to_numpy(float)[point] - xy[row]
    bearing = np.mod(np.degrees(np.arctan2(d[:, 0], d[:, 1])) + convergence[row], 360.0)
    worth = wants["worth"].to_numpy(float)[point]
    bins = int(360.0 / STEP)
    at = row * bins + np.floor(bearing / STEP).astype(np.int64) % bins
    over = ground.let_through(xy[row], wants[["x", "y"]].to_numpy(float)[point])
    left = np.bincount(at, worth * over, len(xy) * bins).reshape(len(xy), bins)
    hidden = np.bincount(at, worth * ~over, len(xy) * bins).reshape(len(xy), bins)
    wide = min(max(int(hfov / STEP), 1), bins)
    rows, azimuths, best = [], [], np.zeros(len(xy))
    for turn in range(most):
        ring = np.concatenate([left, left[:, : wide - 1]], axis=1)
        sums = np.cumsum(np.pad(ring, ((0, 0), (1, 0))), axis=1)
        window = sums[:, wide:] - sums[:, :-wide]
        start = window.argmax(axis=1)
        value = window[np.arange(len(xy)), start]
        best = value if turn == 0 else best
        some = np.flatnonzero((value > 0.0) & (value >= LEAST_WORTH * best))
        if not len(some):
            break
        columns = (start[some, None] + np.arange(wide)) % bins
        inside = left[some[:, None], columns]
        left[some[:, None], columns] = 0.0
        honest = inside.sum(axis=1) * (1.0 - HONEST) >= hidden[some[:, None], columns].sum(axis=1) * HONEST
        good, inside = some[honest], inside[honest]
        middle = (inside * np.arange(wide)).sum(axis=1) / inside.sum(axis=1)
        # not farther from the window's middle than its content allows: nothing of it may fall out
        filled = inside > 0.0
        first, last = filled.argmax(axis=1), wide - 1 - filled[:, ::-1].argmax(axis=1)
        low, high = last + 1 - wide / 2.0, first + wide / 2.0
        centre = np.clip(middle + 0.5, np.minimum(low, high), np.maximum(low, high))
        rows.append(good)
        azimuths.append(np.mod(np.round(start[good] + centre) * STEP, 360.0))
    if not rows:
        return np.zeros(0, np.int64), np.zeros(0)
    return np.concatenate(rows), np.concatenate(azimuths)


def look_round(
    positions: gpd.GeoDataFrame, wants: pd.DataFrame, city: City, *, mount_height: float, reach: float
) -> Sight:
    """Return what a sharp camera at each position that looks all round would see of the wanted targets."""
    probe = gpd.GeoDataFrame(
        {"camera_id": np.arange(len(positions)).astype(str), "azimuth": 0.0, "hfov": 360.0, "pixels": 1_000_000.0,
         "reach": reach, "mount_height": mount_height, "layer": 0.0},
        geometry=positions.geometry.to_numpy(), crs=positions.crs,
    )  # fmt: skip
    return find_sight(probe, wants, city, facing=FACING)


def finish(rows: gpd.GeoDataFrame, city: City) -> gpd.GeoDataFrame:
    """Return the candidates as table ``cameras``, with their ids and groups."""
    camera = rows["camera_id"] if "camera_id" in rows.columns else pd.Series(None, index=rows.index, dtype="object")
    x, y = rows.geometry.x.round(1), rows.geometry.y.round(1)
    ids = tables.content_ids(
        "S", rows["nature"], x, y, rows["azimuth"].round(0), rows["device_class"].fillna(""), camera.fillna("")
    )
    side = np.floor(np.mod(rows["azimuth"].fillna(0.0), 360.0) / 30.0).astype("int64").astype("str")
    new = "P" + x.astype("str") + "/" + y.astype("str") + "/" + side
    fixed = {"owner_class": "government", "status": "in_use", "count": 1, "layer": 0.0, "networked": True}
    out = rows.assign(**{k: v for k, v in fixed.items() if k not in rows.columns})
    out = out.assign(candidate_id=ids, group=new.where(camera.isna(), "C" + camera.fillna("").astype("str")))
    out["source_camera"] = camera
    out["camera_id"] = ids
    return tables.conform("cameras", out, crs=city.crs)
