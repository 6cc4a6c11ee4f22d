"""Propose what exists before what is new: cameras connected, repaired, upgraded, turned or moved."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from citycover import geo
from citycover.audit.catalogue import Catalogue
from citycover.city.model import City
from citycover.plan.after import NOT_CONNECTED
from citycover.plan.aiming import aim_at, finish
from citycover.plan.openness import OpenGround
from citycover.plan.reach import find_sight
from citycover.sight import optics
from citycover.sight.cameras import assign_counting, find_poses

PUBLIC_OWNERS = ("government", "police", "public_body")
"""Owners whose cameras the public plan may turn, move or upgrade; those of others are only connected or repaired."""

MOVE_REACH = 100.0
"""How far (m) a camera that nothing needs may be moved; ours."""

MOVES = 3
"""To how many of the nearest positions; ours."""

Bools = npt.NDArray[np.bool_]


def propose_mends(
    cameras: gpd.GeoDataFrame,
    wants: pd.DataFrame,
    city: City,
    catalogue: Catalogue,
    *,
    demands: pd.DataFrame | None,
    targets: pd.DataFrame | None,
    positions: gpd.GeoDataFrame,
    retention_days: float,
    ground: OpenGround,
) -> gpd.GeoDataFrame:
    """Return candidates made of existing cameras; empty where there are none.

    - ``connect``: works and is aimed, but is known not to be connected to the platform, so that it was not counted
      (:func:`~citycover.plan.after.cameras_before`);
    - ``repair``: aimed, under repair or out of use;
    - ``upgrade``: works, of public owners, with fewer pixels than the catalogue's class for it;
    - ``re-aim`` and ``move``: works, of public owners, and nothing that is demanded depends on it: see
      :func:`find_spare`.

    Poses keep what the register says; what it leaves out counts at its pessimistic end, as in ``measure_coverage``.
    """
    if cameras.empty or wants.empty:
        return cameras.iloc[:0]
    able = ~cameras["indoor"].fillna(False).astype(bool) & ~cameras["outside"].fillna(False).astype(bool)
    able &= cameras["same_as"].isna() & cameras["azimuth"].notna()
    public = cameras["owner_class"].isin(PUBLIC_OWNERS)
    counts = cameras["counts"].eq("yes")
    apart = cameras["counts_reason"].eq(NOT_CONNECTED)
    broken = cameras["status"].isin(["repair", "out_of_use"])
    of = pd.Series(catalogue.classes_of(cameras), index=cameras.index)
    better = of.map({k: c.pixels for k, c in catalogue.classes.items()}).astype("float64")
    pixels = cameras["pixels"].astype("float64")
    parts = [
        _as_is(cameras[able & apart], "connect", of),
        _as_is(cameras[able & broken], "repair", of),
        _as_is(
            cameras.assign(pixels=pixels.clip(lower=better), pixels_before=pixels)[
                able & counts & public & (pixels < better)
            ],
            "upgrade",
            of,
        ),
    ]
    if demands is not None and targets is not None:
        spare = find_spare(cameras, demands, targets, city)
        free = cameras[(able & counts & public).to_numpy(bool) & spare]
        parts += [_turned(free, free, wants, city, of, "re-aim", ground)]
        parts += [_moved(free, wants, city, of, positions, ground)]
    parts = [part for part in parts if len(part)]
    if not parts:
        return cameras.iloc[:0]
    rows = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=city.crs)
    days = rows["retention_days"].fillna(retention_days)
    mbps = rows["device_class"].map({k: c.mbps for k, c in catalogue.classes.items()}).astype("float64")
    rows = rows.assign(
        cost=[catalogue.action_cost(nature) for nature in rows["nature"]],
        cost_year=0.0,
        power="existing",
        link=np.where(rows["nature"] == "connect", "fibre", "existing"),
        storage_tb=mbps * 86_400.0 * days / 8.0 / 1e6,
        mbps=mbps,
        status="in_use",
        networked=True,
        position=-1,
    )
    out = finish(rows.drop(columns=["counts", "counts_reason"], errors="ignore"), city)
    judged = assign_counting(out.drop(columns=["same_as"]).assign(same_as=None), city.buildings)
    return gpd.GeoDataFrame(out[judged["counts"].eq("yes").to_numpy(bool)].reset_index(drop=True), crs=city.crs)


def _as_is(rows: gpd.GeoDataFrame, nature: str, of: pd.Series) -> gpd.GeoDataFrame:
    return rows.assign(
        nature=nature, spot="pole", support="existing_pole", support_id=rows["pole_id"], device_class=of.loc[rows.index]
    )


def _turned(
    free: gpd.GeoDataFrame,
    at: gpd.GeoDataFrame,
    wants: pd.DataFrame,
    city: City,
    of: pd.Series,
    nature: str,
    ground: OpenGround,
) -> gpd.GeoDataFrame:
    """Return cameras ``free`` (one row each) standing where ``at`` does, turned to what is wanted there."""
    if not len(free):
        return np.asarray(free, bool)
    poses = find_poses(free.set_geometry(at.geometry.to_numpy(), crs=city.crs), city.buildings)
    reach, hfov = poses.reach[:, 0], poses.hfov[:, 0]
    scale = optics.pixels_per_radian(poses.pixels[:, 0], hfov)
    probe = free.set_geometry(at.geometry.to_numpy(), crs=city.crs).assign(
        azimuth=0.0, hfov=360.0, vfov=None, tilt=None
    )
    sight = find_sight(probe.assign(pixels=1e6, reach=reach), wants, city)
    xy = np.column_stack([poses.x, poses.y])
    convergence = geo.meridian_convergence(xy[:, 0], xy[:, 1], city.crs)
    found = []
    for angle in np.unique(hfov):  # the few lenses of a fleet
        some = np.flatnonzero(hfov == angle)
        pick = sight.pick(np.isin(sight.camera, some))
        least, far = float(scale[some].min()), float(reach[some].max())
        row, azimuth = aim_at(
            xy, wants, pick, scale=least, reach=far, hfov=float(angle), convergence=convergence, most=3, ground=ground
        )
        found.append((row, azimuth))
    row, azimuth = (np.concatenate(part) for part in zip(*found, strict=True))
    out = _as_is(free.iloc[row], nature, of).assign(azimuth=azimuth, azimuth_source="plan")
    return out.set_geometry(at.geometry.to_numpy()[row], crs=city.crs)


def _moved(
    free: gpd.GeoDataFrame,
    wants: pd.DataFrame,
    city: City,
    of: pd.Series,
    positions: gpd.GeoDataFrame,
    ground: OpenGround,
) -> gpd.GeoDataFrame:
    if not len(free) or not len(positions):
        return free.iloc[:0]
    new = np.column_stack([positions.geometry.x, positions.geometry.y])
    old = np.column_stack([free.geometry.x, free.geometry.y])
    away, nearest = cKDTree(new).query(old, k=MOVES, distance_upper_bound=MOVE_REACH)
    away, nearest = np.asarray(away).reshape(len(old), -1), np.asarray(nearest).reshape(len(old), -1)
    good = np.isfinite(away) & (away > 5.0)
    who, which = np.nonzero(good)
    if not len(who):
        return free.iloc[:0]
    spots = positions.iloc[nearest[who, which]].reset_index(drop=True)
    rows = free.iloc[who].assign(row=np.arange(len(who)))
    out = _turned(rows, spots, wants, city, of, "move", ground)
    told: dict[str, Any] = {
        name: spots[name].to_numpy(object)[out["row"].to_numpy(int)] for name in ("spot", "support", "support_id")
    }
    return out.assign(**told).drop(columns="row")


def find_spare(cameras: gpd.GeoDataFrame, demands: pd.DataFrame, targets: pd.DataFrame, city: City) -> Bools:
    """Return which cameras could be turned away all together without any demanded target losing what it needs.

    Of the cameras that no target depends on alone, each target lets go as many as it has more than it needs, in the
    order of the table: so those returned may all be turned. A camera that already helps a target for which too few
    look is kept.
    """
    asked = demands.groupby("target_id", sort=True)[["density_required", "cameras_required"]].max()
    ground = targets.set_index("target_id").loc[asked.index]
    working = cameras["counts"].eq("yes").to_numpy(bool)
    sight = find_sight(cameras, ground.reset_index(drop=True), city)
    need = asked["density_required"].to_numpy(float)
    sight = sight.pick((sight.density >= need[sight.point]) & working[sight.camera])
    number = asked["cameras_required"].to_numpy(np.int64)
    count = np.bincount(sight.point, minlength=len(need))
    over = count - number
    bound = np.zeros(len(cameras), bool)
    bound[sight.camera[over[sight.point] < 1]] = True
    free = working & ~bound
    pairs = pd.DataFrame({"camera": sight.camera, "point": sight.point})[free[sight.camera]]
    turn = pairs.sort_values(["point", "camera"], kind="stable").groupby("point").cumcount().to_numpy()
    rank = (
        pd.Series(turn, index=pairs.sort_values(["point", "camera"], kind="stable").index).loc[pairs.index].to_numpy()
    )
    late = rank >= over[pairs["point"].to_numpy()]
    free[pairs["camera"].to_numpy()[late]] = False
    return np.asarray(free, bool)
