"""Which camera sees which target as it must be seen, for certain or perhaps: pairs, where coverage only counts."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover.audit._overlap import rate_pairs
from citycover.sight import optics
from citycover.sight._grid import grid_points
from citycover.sight.cameras import Poses, find_poses
from citycover.sight.coverage import BATCH, FACING, find_aims, find_pairs_of
from citycover.sight.views import grid_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Rows(NamedTuple):
    """Points of ground and how each must be seen: px/m, by how many cameras, from where (° or NaN; how far off)."""

    x: Floats
    y: Floats
    z: Floats
    facing: Floats
    within: Floats
    layer: Floats
    need: Floats
    weight: Floats
    number: Ints


class Sightings(NamedTuple):
    """Pairs of a camera and a row (numbers in the caller's tables), sorted by row, and the flags of each."""

    camera: Ints
    row: Ints
    flags: npt.NDArray[np.uint8]


def merge_demands(targets: pd.DataFrame, demands: pd.DataFrame) -> Rows:
    """Return the demanded targets, each once: the sharpest density, most cameras and largest weight asked of it."""
    asked = demands.groupby("target_id", sort=True)[["density_required", "cameras_required", "weight"]].max()
    at = targets.set_index("target_id").loc[asked.index]

    def column(name: str, missing: float) -> Floats:
        if name not in at.columns:
            return np.full(len(at), missing)
        return np.asarray(pd.to_numeric(at[name]).to_numpy(float, na_value=missing), float)

    return Rows(
        x=column("x", np.nan),
        y=column("y", np.nan),
        z=column("z", 0.0),
        facing=column("facing", np.nan),
        within=column("facing_within", np.nan),
        layer=column("layer", 0.0),
        need=asked["density_required"].to_numpy(float),
        weight=asked["weight"].to_numpy(float),
        number=asked["cameras_required"].to_numpy(np.int64),
    )


def find_sightings(
    cameras: gpd.GeoDataFrame,
    rows: Rows,
    buildings: gpd.GeoDataFrame,
    *,
    barriers: gpd.GeoDataFrame | None = None,
    workers: int | None = None,
) -> Sightings:
    """Return the pairs of cameras and rows that meet the row's density, by row, then camera.

    Whether a camera counts is not asked: repaired or not yet built ones see as they would. Sight, sector, density and
    facing are those of :func:`citycover.sight.coverage.measure_coverage`.
    """
    poses = find_poses(cameras, buildings)
    frame = pd.DataFrame(
        {"target_id": np.arange(len(rows.x)), "x": rows.x, "y": rows.y, "z": rows.z}
        | {"facing": rows.facing, "facing_within": rows.within, "layer": rows.layer}
    )
    aims = find_aims(frame, cameras)
    found: list[Sightings] = []
    if len(poses.x) and len(rows.x):
        grid, points = grid_of(poses, buildings, barriers), grid_points(aims.x, aims.y)
        optic = _optic(poses)
        face = float(np.cos(np.radians(FACING)))
        for low in range(0, len(poses.x), BATCH):
            span = (low, min(low + BATCH, len(poses.x)))
            camera, row = find_pairs_of(poses, aims, grid, points, span, workers=workers)
            asked: tuple[Any, ...] = (*optic, *aims[:5], rows.need, face)
            flags = rate_pairs(camera, row, *asked)
            keep = flags > 0
            found.append(Sightings(np.asarray(camera[keep], np.int64), np.asarray(row[keep], np.int64), flags[keep]))
    if not found:
        return Sightings(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.uint8))
    seer, at, how = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(at, kind="stable")
    return Sightings(np.asarray(seer[order], np.int64), np.asarray(at[order], np.int64), how[order].astype(np.uint8))


def _optic(poses: Poses) -> tuple[npt.NDArray[np.generic], ...]:
    """Return what the rating needs of each camera; columns 0, 1, 2 are the low, expected and high ends."""
    heading = np.where(np.isnan(poses.heading), 0.0, poses.heading)
    scale = optics.pixels_per_radian(poses.pixels, poses.hfov[:, ::-1])
    half = np.where(poses.hfov >= 360.0, -2.0, np.cos(np.radians(poses.hfov) / 2.0))
    reach = np.minimum(poses.reach, poses.far[:, None])
    wide = tuple(np.ascontiguousarray(part) for part in (half, scale, poses.mount_height, reach))
    return (poses.x, poses.y, np.cos(heading), np.sin(heading), *wide, poses.known > 0)
