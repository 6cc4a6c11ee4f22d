"""The reverse question: which cameras see a point, and how sharply."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry import Point

from citycover.city.terrain import Terrain
from citycover.errors import InputError
from citycover.sight._grid import grid_points
from citycover.sight.cameras import find_poses, longest_reach
from citycover.sight.coverage import FACING, counting_cameras, find_aims, find_optic, find_pairs_of
from citycover.sight.views import grid_of


def cameras_that_see(
    point: Point | tuple[float, float],
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    height: float = 0.0,
    facing: float | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    terrain: Terrain | None = None,
) -> pd.DataFrame:
    """Return the counting cameras that see a point, the sharpest first.

    Sight, sector, reach, facing and density are those of :func:`citycover.sight.coverage.measure_coverage`.

    Parameters
    ----------
    point
        Position in the reference system of the cameras (m).
    cameras, buildings, barriers, terrain
        As in ``measure_coverage``.
    height
        Height over the ground (m) of what must be seen.
    facing
        Direction (° from true north) from which it must be seen; None: any.

    Returns
    -------
    DataFrame
        ``camera_id``, ``end`` (``exact``: its pose is known and its pessimistic end sees the point; ``high``: only at
        the optimistic end, or its direction is unknown), ``density_low`` (0 where it is not certain),
        ``density_high`` (px/m), ``distance`` (m on the ground); by ``density_low``, then ``density_high``, both
        falling, then ``camera_id``.

    Raises
    ------
    InputError
        The point is not finite.
    TableError, CrsError
        As in ``measure_coverage``.

    Examples
    --------
    >>> two = gpd.GeoDataFrame(
    ...     {"camera_id": ["a", "b"], "azimuth": [0.0, None], "hfov": [90.0] * 2, "reach": [50.0] * 2,
    ...      "pixels": [1920] * 2, "mount_height": [0.0] * 2},
    ...     geometry=gpd.points_from_xy([500000.0] * 2, [3500000.0, 3500030.0]), crs=32650)
    >>> seen = cameras_that_see((500000.0, 3500010.0), two, gpd.GeoDataFrame(geometry=[], crs=32650))
    >>> seen[["camera_id", "end", "density_low", "density_high"]].round(3).values.tolist()
    [['a', 'exact', 96.0, 96.0], ['b', 'high', 0.0, 48.0]]
    """
    x, y = (point.x, point.y) if isinstance(point, Point) else (float(point[0]), float(point[1]))
    if not np.isfinite([x, y, height]).all():
        raise InputError(f"point: needed finite x, y and height, given {x}, {y}, {height}")
    if facing is not None and not np.isfinite(facing):
        raise InputError(f"facing: needed degrees from true north, or None, given {facing}")
    reach = cameras["reach"].max() if "reach" in cameras.columns else np.nan
    far = float(np.nanmax([longest_reach(), reach]))
    shapes = np.asarray(cameras.geometry.array, dtype=object)
    near = cameras[shapely.dwithin(shapes, shapely.Point(x, y), far + 5.0)]  # a camera on a wall is moved by up to 2 m
    counting = counting_cameras(near, buildings)
    target = pd.DataFrame({"target_id": [0], "x": [x], "y": [y], "z": [height], "facing": [facing]})
    poses, aims = find_poses(counting, buildings), find_aims(target, counting)
    if not len(poses.x):
        columns = ["density_low", "density_high", "distance"]
        empty = pd.DataFrame({name: pd.Series([], dtype=float) for name in columns})
        return empty.assign(camera_id=pd.Series([], dtype="str"), end=pd.Series([], dtype="str"))[
            ["camera_id", "end", *columns]
        ]
    grid, points = grid_of(poses, buildings, barriers), grid_points(aims.x, aims.y)
    camera, _ = find_pairs_of(poses, aims, grid, points, (0, len(poses.x)), terrain=terrain)
    optic = find_optic(poses)
    dx, dy = x - optic.x[camera], y - optic.y[camera]
    away = np.hypot(dx, dy)
    fits = np.isnan(aims.fx[0]) | (-(dx * aims.fx[0] + dy * aims.fy[0]) >= np.cos(np.radians(FACING)) * away - 1e-12)
    density = {}
    for end in (0, 2):
        sharp = optic.scale[camera, end] / np.maximum(np.hypot(away, optic.mount[camera, end] - height), 1e-3)
        ahead = dx * optic.ux[camera] + dy * optic.uy[camera]
        aimed = (optic.half[camera, end] <= -1.0) | (ahead >= optic.half[camera, end] * away - 1e-9)
        known = optic.known[camera] > 0
        free = optic.number[camera] > optic.known[camera] if end == 2 else np.zeros(len(camera), bool)
        density[end] = np.where(fits & ((known & aimed) | free) & (away <= optic.reach[camera, end]), sharp, 0.0)
    rows = pd.DataFrame(
        {
            "camera_id": pd.Series(poses.camera_id[camera], dtype="str"),
            "end": pd.Series(np.where(density[0] > 0.0, "exact", "high"), dtype="str"),
            "density_low": density[0],
            "density_high": density[2],
            "distance": away,
        }
    )
    order = ["density_low", "density_high", "camera_id"]
    rows = rows[rows["density_high"] > 0.0].sort_values(order, ascending=[False, False, True], kind="stable")
    return rows.reset_index(drop=True)
