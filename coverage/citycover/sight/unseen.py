"""Why targets are not seen as sharply or as often as they must be."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from citycover.city.terrain import Terrain
from citycover.sight._grid import WallGrid, grid_points, grid_walls
from citycover.sight.cameras import Poses, find_poses
from citycover.sight.coverage import (
    Aims,
    count_seeing,
    counting_cameras,
    find_aims,
    find_decks,
    find_pairs_of,
)
from citycover.sight.views import HIGH, grid_of

REASONS = ("", "only_optimistic", "too_few", "too_coarse", "out_of_view", "hidden", "no_camera_near")
"""Why a target is not seen as required, by what would help least to mend; empty: it is seen."""


BATCH = 250_000
"""Targets that are judged at once: what bounds the memory."""


def explain_unseen(
    targets: pd.DataFrame,
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    density_required: npt.ArrayLike,
    *,
    cameras_required: npt.ArrayLike = 1,
    barriers: gpd.GeoDataFrame | None = None,
    terrain: Terrain | None = None,
) -> pd.DataFrame:
    """Return why each target is not seen as required: ``reason``, ``nearest_camera_id``, ``nearest_camera`` (m).

    The first that holds, by what would help least to mend: empty (it is seen as required by known poses),
    ``only_optimistic`` (enough cameras at the optimistic end), ``too_few`` (some camera at that end, not enough),
    ``too_coarse`` (a camera sees it, not sharply enough), ``out_of_view`` (in free sight within a camera's reach, but
    outside its picture or on the wrong side), ``hidden`` (within reach, behind a wall or the ground), else
    ``no_camera_near``. The nearest camera is the nearest that counts, however far; null where there is none.

    Parameters
    ----------
    targets, cameras, buildings, barriers, terrain
        As in :func:`citycover.sight.coverage.measure_coverage`.
    density_required, cameras_required
        Per target, or one number: px/m, and how many cameras.

    Raises
    ------
    TableError, CrsError, InputError
        As in ``measure_coverage``.

    Examples
    --------
    >>> camera = gpd.GeoDataFrame(
    ...     {"camera_id": ["a"], "azimuth": [0.0], "hfov": [90.0], "reach": [50.0], "pixels": [1920]},
    ...     geometry=gpd.points_from_xy([500000.0], [3500000.0]), crs=32650)
    >>> at = pd.DataFrame({"target_id": [1, 2], "x": [500000.0] * 2, "y": [3499990.0, 3500040.0]})
    >>> explain_unseen(at, camera, gpd.GeoDataFrame(geometry=[], crs=32650), 62.5)["reason"].tolist()
    ['out_of_view', 'too_coarse']
    """
    found = find_reasons(
        targets,
        cameras,
        buildings,
        density_required,
        cameras_required=cameras_required,
        barriers=barriers,
        terrain=terrain,
    )
    names = np.append(found.camera_id, [None])
    return pd.DataFrame(
        {
            "reason": pd.Series(np.array(REASONS, dtype=object)[found.reason], dtype="str"),
            "nearest_camera_id": pd.Series(names[found.nearest], dtype="str"),
            "nearest_camera": found.distance,
        }
    ).set_index(targets.index)


class Reasons(NamedTuple):
    """Per target the number of its reason in :data:`REASONS`, and the nearest camera (-1: none) with its distance."""

    reason: npt.NDArray[np.int8]
    camera_id: npt.NDArray[np.object_]
    nearest: npt.NDArray[np.int32]
    distance: npt.NDArray[np.float64]


def find_reasons(
    targets: pd.DataFrame,
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    density_required: npt.ArrayLike,
    *,
    rows: npt.NDArray[np.int64] | None = None,
    cameras_required: npt.ArrayLike = 1,
    barriers: gpd.GeoDataFrame | None = None,
    terrain: Terrain | None = None,
) -> Reasons:
    """Return what :func:`explain_unseen` returns, as arrays; of some ``rows`` of the targets, a batch at a time."""
    asked = np.arange(len(targets)) if rows is None else rows
    counting = counting_cameras(cameras, buildings)
    poses = find_poses(counting, buildings)
    required = np.broadcast_to(np.asarray(density_required, float), len(asked))
    number = np.broadcast_to(np.asarray(cameras_required, np.int64), len(asked))
    reason = np.full(len(asked), REASONS.index("no_camera_near"), dtype=np.int8)
    nearest, distance = np.full(len(asked), -1, dtype=np.int32), np.full(len(asked), np.nan)
    facts = ("target_id", "x", "y", "z", "facing", "facing_within", "layer")
    needed = [name for name in facts if name in targets.columns]
    if len(poses.x) and len(asked):
        grid = grid_of(poses, buildings, barriers, terrain=terrain)
        tree = cKDTree(np.column_stack([poses.x, poses.y]))
        x, y, layer = (
            pd.to_numeric(targets[name]).to_numpy(np.float64, na_value=np.nan)[asked]
            if name in targets.columns
            else np.zeros(len(asked))
            for name in ("x", "y", "layer")
        )
        raised = targets[needed].iloc[asked[layer > 0.0]]
        decks = find_decks(poses, find_aims(raised, counting))
        reach = poses.reach[:, HIGH]
        for part in _blocks(x, y):
            near = (np.abs(poses.x - (x[part].min() + x[part].max()) / 2.0) <= np.ptp(x[part]) / 2.0 + reach + 1.0) & (
                np.abs(poses.y - (y[part].min() + y[part].max()) / 2.0) <= np.ptp(y[part]) / 2.0 + reach + 1.0
            )
            aims = find_aims(targets[needed].iloc[asked[part]], counting)
            if near.any():
                few, under = (poses, decks) if near.all() else (poses.take(near), decks[near])
                reason[part] = _judge(few, aims, grid, required[part], number[part], under, terrain)
            distance[part], nearest[part] = tree.query(np.column_stack([aims.x, aims.y]))
    else:
        find_aims(targets[needed].iloc[asked], counting)  # says what is wrong with the targets
    return Reasons(reason, poses.camera_id, nearest, distance)


def _blocks(x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]) -> list[npt.NDArray[np.int64]]:
    """Cut targets into compact blocks of at most ``BATCH``, so that each meets few cameras, however large the city."""
    if len(x) <= BATCH or not (np.isfinite(x).all() and np.isfinite(y).all()):
        return [np.arange(len(x))]
    wide = max(np.ptp(x) * np.sqrt(BATCH / len(x)), 1.0)
    order = np.lexsort((y, ((x - x.min()) // wide).astype(np.int32)))
    return np.array_split(order, -(-len(x) // BATCH))


def _judge(
    poses: Poses,
    aims: Aims,
    grid: WallGrid,
    required: npt.NDArray[np.float64],
    number: npt.NDArray[np.int64],
    decks: npt.NDArray[np.bool_],
    terrain: Terrain | None,
) -> npt.NDArray[np.int8]:
    """Return the number of the reason of each target."""
    reason = np.full(len(aims.x), REASONS.index("no_camera_near"), dtype=np.int8)
    points, nothing = grid_points(aims.x, aims.y), np.zeros(0)
    empty = grid_walls(nothing, nothing, nothing, nothing, nothing, bounds=(grid.x0, grid.y0, grid.x0, grid.y0))
    span = (0, len(poses.x))
    reason[find_pairs_of(poses, aims, empty, points, span, any_aim=True, tunnels=True)[1]] = REASONS.index("hidden")
    reason[find_pairs_of(poses, aims, grid, points, span, any_aim=True)[1]] = REASONS.index("out_of_view")
    low, high, density = count_seeing(poses, aims, grid, points, required, decks=decks, terrain=terrain)
    reason[density > 0.0] = REASONS.index("too_coarse")
    reason[high > 0] = REASONS.index("too_few")
    reason[high >= number] = REASONS.index("only_optimistic")
    reason[low >= number] = REASONS.index("")
    return reason
