"""Why targets are not seen as sharply or as often as they must be."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import cKDTree

from citycover.city.terrain import Terrain
from citycover.sight._grid import grid_points, grid_walls
from citycover.sight.cameras import find_poses
from citycover.sight.coverage import (
    count_seeing,
    counting_cameras,
    find_aims,
    find_pairs_of,
)
from citycover.sight.views import grid_of


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
    counting = counting_cameras(cameras, buildings)
    aims = find_aims(targets, counting)
    poses = find_poses(counting, buildings)
    rows = len(targets)
    required = np.broadcast_to(np.asarray(density_required, float), rows)
    number = np.broadcast_to(np.asarray(cameras_required, np.int64), rows)
    reason = np.full(rows, "no_camera_near", dtype=object)
    nearest, names = np.full(rows, np.nan), np.full(rows, None, dtype=object)
    if len(poses.x) and rows:
        grid, points = grid_of(poses, buildings, barriers, terrain=terrain), grid_points(aims.x, aims.y)
        nothing = np.zeros(0)
        empty = grid_walls(nothing, nothing, nothing, nothing, nothing, bounds=(grid.x0, grid.y0, grid.x0, grid.y0))
        span = (0, len(poses.x))
        reason[find_pairs_of(poses, aims, empty, points, span, any_aim=True, tunnels=True)[1]] = "hidden"
        reason[find_pairs_of(poses, aims, grid, points, span, any_aim=True)[1]] = "out_of_view"
        low, high, density = count_seeing(poses, aims, grid, points, required, terrain=terrain)
        reason[density > 0.0] = "too_coarse"
        reason[high > 0] = "too_few"
        reason[high >= number] = "only_optimistic"
        reason[low >= number] = ""
        tree = cKDTree(np.column_stack([poses.x, poses.y]))
        distance, index = tree.query(np.column_stack([aims.x, aims.y]))
        nearest, names = np.asarray(distance, float), poses.camera_id[index]
    return pd.DataFrame(
        {
            "reason": pd.Series(reason, dtype="str"),
            "nearest_camera_id": pd.Series(names, dtype="str"),
            "nearest_camera": nearest,
        }
    ).set_index(targets.index)
