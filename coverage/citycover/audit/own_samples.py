"""Samples of a camera's own view, for cameras that no mandate's targets speak of."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np

from citycover.audit.sightings import Ints, Rows
from citycover.sight import optics
from citycover.sight.cameras import find_poses

STEP = 2.0
"""Distance between samples (m)."""

SHARE_OF_DENSITY = 0.8
"""A sample must be seen at this share of the density that the camera itself gives there; ours."""

SHARPEST = 62.5
"""… but never sharper than this (px/m): enough to observe (IEC 62676-4:2014)."""


class Samples(NamedTuple):
    """Samples as rows, and the number of the camera that each is of."""

    rows: Rows
    owner: Ints


def sample_views(
    cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, *, step: float = STEP, fewest: int = 0
) -> Samples:
    """Return samples on a square grid over each camera's sector, as if in the open; camera by camera.

    The widest sector and farthest reach are taken where they are not known, the whole circle where the direction is
    not; ground before the near edge is left out. What is hidden is left to the sightings: a sample that its own camera
    does not see is not of its view. ``step`` (m) is narrower, never below :data:`STEP`, where it would leave a view
    fewer samples than ``fewest``.
    """
    poses = find_poses(cameras, buildings)
    reach = np.minimum(poses.reach[:, 2], poses.far)
    all_round = np.isnan(poses.heading) | (poses.known < poses.number) | (poses.hfov[:, 2] >= 360.0)
    ground = np.pi * reach**2 * np.where(all_round, 1.0, poses.hfov[:, 2] / 360.0)
    steps = np.clip(np.sqrt(ground / max(fewest, 1)), STEP, step) if fewest else np.full(len(reach), step)
    side = np.floor(reach / steps).astype(np.int64)
    wide = 2 * side + 1
    count = wide * wide
    owner = np.repeat(np.arange(len(reach)), count)
    number = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count, count)
    dx = (number % wide[owner] - side[owner]) * steps[owner]
    dy = (number // wide[owner] - side[owner]) * steps[owner]
    away = np.hypot(dx, dy)
    heading = np.where(np.isnan(poses.heading), 0.0, poses.heading)[owner]
    inside = all_round[owner] | (
        dx * np.cos(heading) + dy * np.sin(heading) >= np.cos(np.radians(poses.hfov[:, 2]) / 2.0)[owner] * away
    )
    keep = inside & (away <= reach[owner]) & (away >= np.maximum(poses.near[owner], steps[owner] / 2.0))
    owner, dx, dy, away = owner[keep], dx[keep], dy[keep], away[keep]
    scale = optics.pixels_per_radian(poses.pixels[:, 0], poses.hfov[:, 2])
    density = scale[owner] / np.hypot(away, poses.mount_height[owner, 0])
    blank = np.full(len(owner), np.nan)
    rows = Rows(
        x=poses.x[owner] + dx,
        y=poses.y[owner] + dy,
        z=np.zeros(len(owner)),
        facing=blank,
        within=blank,
        layer=np.zeros(len(owner)),
        need=np.minimum(SHARE_OF_DENSITY * density, SHARPEST),
        weight=steps[owner] ** 2,
        number=np.ones(len(owner), np.int64),
    )
    return Samples(rows, owner)
