"""Which planned camera would see which point for certain, by the measure of existing cameras, without a polygon."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from citycover.audit.requirements import Requirements, load_requirements
from citycover.city.model import City
from citycover.sight._grid import grid_points
from citycover.sight.cameras import Poses, find_poses
from citycover.sight.coverage import (
    BATCH,
    FACING,
    Aims,
    Optic,
    find_aims,
    find_decks,
    find_optic,
    find_pairs_of,
    rate_pairs,
)
from citycover.sight.views import grid_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class Sight(NamedTuple):
    """Pairs of a camera and a point (row numbers) that it sees for certain: sharpness (px/m) and distance (m)."""

    camera: Ints
    point: Ints
    density: Floats
    away: Floats

    def pick(self, keep: npt.NDArray[np.bool_]) -> Sight:
        """Return some of the pairs."""
        return Sight(self.camera[keep], self.point[keep], self.density[keep], self.away[keep])


def find_sight(
    cameras: gpd.GeoDataFrame, points: pd.DataFrame, city: City, *, facing: float = FACING, workers: int | None = None
) -> Sight:
    """Return the pairs that ``measure_coverage`` would count at the low end, by camera, then point.

    Every row is taken as one camera in use; whether it counts is for the caller to ask.

    Parameters
    ----------
    cameras
        Table ``cameras``; a null azimuth looks all round only where ``hfov`` is 360.
    points
        ``x``, ``y`` (m), and where they have them ``z``, ``facing`` (° from true north) and ``layer``.
    city
        For buildings, barriers and terrain.
    facing
        How far (°) a camera may stand off a point's facing, where the point has no ``facing_within`` of its own.
    workers
        Threads; None: as many as cores.
    """
    poses = find_poses(cameras, city.buildings)
    frame = points.assign(target_id=np.arange(len(points)))
    aims = find_aims(frame, cameras)
    none = np.zeros(0)
    found = [Sight(none.astype(np.int64), none.astype(np.int64), none, none)]
    if len(poses.x) and len(aims.x):
        grid = grid_of(poses, city.buildings, city.barriers, terrain=city.terrain)
        spots, optic, decks = grid_points(aims.x, aims.y), find_optic(poses), find_decks(poses, aims)
        for low in range(0, len(poses.x), BATCH):
            span = (low, min(low + BATCH, len(poses.x)))
            pairs = find_pairs_of(poses, aims, grid, spots, span, terrain=city.terrain, workers=workers)
            pairs, sure = rate_pairs(poses, aims, pairs, decks, terrain=city.terrain, workers=workers)
            camera, point = (np.asarray(part[sure], np.int64) for part in pairs)
            found.append(_rate(camera, point, poses, aims, optic, city, float(np.cos(np.radians(facing)))))
    camera, point, density, away = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Sight(np.asarray(camera, np.int64), np.asarray(point, np.int64), density, away)


def _rate(camera: Ints, point: Ints, poses: Poses, aims: Aims, optic: Optic, city: City, face: float) -> Sight:
    """Keep what lies in the sector, reach and facing at the pessimistic end; see the kernel ``tally``."""
    dx, dy = aims.x[point] - optic.x[camera], aims.y[point] - optic.y[camera]
    away = np.hypot(dx, dy)
    z, mount = aims.z[point], optic.mount[camera, 0]
    if city.terrain is not None:
        z = z + city.terrain.filled(aims.x[point], aims.y[point])
        mount = mount + city.terrain.filled(optic.x[camera], optic.y[camera])
    density = optic.scale[camera, 0] / np.maximum(np.hypot(away, mount - z), 1e-3)
    fx, fy = aims.fx[point], aims.fy[point]
    keep = np.isnan(fx) | (-(dx * fx + dy * fy) >= face * away - 1e-12)
    ahead = dx * optic.ux[camera] + dy * optic.uy[camera]
    keep &= (optic.half[camera, 0] <= -1.0) | (ahead >= optic.half[camera, 0] * away - 1e-9)
    keep &= (away <= optic.reach[camera, 0]) & (poses.known[camera] > 0)
    return Sight(camera, point, density, away).pick(keep)


def find_covers(
    candidates: gpd.GeoDataFrame, wants: pd.DataFrame, city: City, *, requirements: Requirements | None = None
) -> csr_array:
    """Return the matrix candidates × wants: 1 where the candidate sees the target as it is wanted, for certain.

    Density, facing and sight are those of existing cameras; a camera whose purpose does not answer every component that
    a target is demanded as (``purposes`` of the requirements) does not count for it.
    """
    shape = (len(candidates), len(wants))
    sight = find_sight(candidates, wants, city)
    sight = sight.pick(sight.density >= wants["density"].to_numpy(float)[sight.point] * (1.0 - 1e-12))
    if "pixels_before" in candidates.columns:  # an upgraded camera's own share was counted before
        was = (candidates["pixels_before"] / candidates["pixels"]).fillna(0.0).to_numpy(float)
        need = wants["density"].to_numpy(float) * (1.0 - 1e-12)
        sight = sight.pick(sight.density * was[sight.camera] < need[sight.point])
    fits = _fits(candidates, wants, requirements or load_requirements())
    sight = sight.pick(fits[sight.camera, sight.point] if fits is not None else np.ones(len(sight.camera), bool))
    ones = np.ones(len(sight.camera), np.int8)
    return csr_array((ones, (sight.camera, sight.point)), shape=shape)


def _fits(candidates: pd.DataFrame, wants: pd.DataFrame, requirements: Requirements) -> _Fits | None:
    limited = [p for p in sorted(requirements.purposes) if bool((candidates["purpose"] == p).any())]
    return _Fits(candidates, wants, requirements, limited) if limited else None


class _Fits:
    """Which purposes answer which wants, asked pair by pair."""

    def __init__(
        self, candidates: pd.DataFrame, wants: pd.DataFrame, requirements: Requirements, limited: list[str]
    ) -> None:
        code = {purpose: i + 1 for i, purpose in enumerate(limited)}
        self.of = candidates["purpose"].map(code).fillna(0).to_numpy(np.int64)
        kinds, which = np.unique(wants["components"].to_numpy(object).astype(str), return_inverse=True)
        rows = [[all(c in requirements.purposes[p] for c in kind.split(";")) for kind in kinds] for p in limited]
        self.table = np.vstack([np.ones(len(kinds), bool), np.array(rows, bool).reshape(len(limited), len(kinds))])
        self.kind = which

    def __getitem__(self, pair: tuple[Ints, Ints]) -> npt.NDArray[np.bool_]:
        return np.asarray(self.table[self.of[pair[0]], self.kind[pair[1]]], bool)
