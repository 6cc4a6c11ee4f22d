"""Where a camera really stands: on the wall that its coordinates miss by a little, on a roof, or inside a building."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from numba import njit

from citycover.sight.walls import find_walls, select_opaque

OUTWARD = 0.001
"""A camera on a wall is moved this far in front of it (m)."""

DEEPEST = 2.0
"""A camera up to this far inside a building's outline (m) is taken to hang on the nearest wall; ours."""

ROOF = 0.5
"""A lens at least this little under the roof's height (m) is taken to stand on the roof; ours."""

Bools = npt.NDArray[np.bool_]


class Standing(NamedTuple):
    """Positions after the move, and what was found: moved at all, deep inside a building, on a building's roof."""

    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    moved: Bools
    inside: Bools
    roof: Bools


def stand_cameras(cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame | None) -> Standing:
    """Return where the cameras stand, in the table's order.

    A camera on a wall, or up to 2 m inside, is moved to 1 mm in front of the nearest wall (at a corner: along the
    middle of both walls' outward directions). One that cannot get out within three moves, or is deeper, is ``inside``
    and stays where it is. One whose mount height is known and reaches the roof of its building stays there too.

    >>> house = gpd.GeoDataFrame(geometry=[shapely.box(0, 0, 10, 10)], crs=32650)
    >>> door = gpd.GeoDataFrame(geometry=gpd.points_from_xy([5, 5], [0.5, 5]), crs=32650)
    >>> stand_cameras(door, house).y.tolist(), stand_cameras(door, house).inside.tolist()
    ([-0.001, 5.0], [False, True])
    """
    points = np.asarray(cameras.geometry.array, dtype=object)
    x, y = np.full(len(points), np.nan), np.full(len(points), np.nan)
    real = ~(shapely.is_missing(points) | shapely.is_empty(points))  # asking an empty point for x raises
    x[real], y[real] = shapely.get_x(points[real]), shapely.get_y(points[real])
    rows = len(cameras)
    moved, inside, roof = (np.zeros(rows, bool) for _ in range(3))
    if buildings is None or not len(buildings) or not rows:
        return Standing(x, y, moved, inside, roof)
    solid = select_opaque(buildings)
    shapes = np.asarray(solid.geometry.array, dtype=object)
    tree = shapely.STRtree(shapes)
    todo = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    row, house = tree.query(points[todo], predicate="dwithin", distance=0.99 * OUTWARD)
    row = todo[row]
    low = _reaches_roof(cameras, solid, row, house)
    roof[row] = True
    roof[row[~low]] = False
    todo, home = np.unique(row[~roof[row]]), (x.copy(), y.copy())
    for attempt in range(4):
        reach = 0.99 * OUTWARD if attempt < 3 else 0.0
        row, house = tree.query(shapely.points(x[todo], y[todo]), predicate="dwithin", distance=reach)
        row, first = np.unique(row, return_index=True)
        todo, house = todo[row], house[first]
        if not len(todo) or attempt == 3:
            break
        which, number = np.unique(house, return_inverse=True)
        walls = find_walls(gpd.GeoDataFrame(geometry=shapes[which], crs=solid.crs))
        start = np.searchsorted(walls.owner, np.arange(len(which) + 1))
        ends = (walls.ax, walls.ay, walls.bx, walls.by)
        x[todo], y[todo] = _step_out(x[todo], y[todo], start[number], start[number + 1], *ends, OUTWARD)
        moved[todo] = True
        far = np.hypot(x[todo] - home[0][todo], y[todo] - home[1][todo]) > DEEPEST + 2.0 * OUTWARD
        inside[todo[far]] = True
        todo = todo[~far]
    inside[todo] = True
    x[inside], y[inside], moved[inside] = home[0][inside], home[1][inside], False
    return Standing(x, y, moved, inside, roof)


def _reaches_roof(
    cameras: gpd.GeoDataFrame, solid: gpd.GeoDataFrame, row: npt.NDArray[np.int64], house: npt.NDArray[np.int64]
) -> Bools:
    if "mount_height" not in cameras.columns or "height" not in solid.columns:
        return np.zeros(len(row), bool)
    lens = pd.to_numeric(cameras["mount_height"]).to_numpy(float, na_value=np.nan)[row]
    height = pd.to_numeric(solid["height"]).to_numpy(float, na_value=np.nan)[house]
    return np.asarray(lens >= height - ROOF, bool)


@njit(cache=True)
def _step_out(x, y, start, stop, ax, ay, bx, by, outward):  # type: ignore[no-untyped-def]
    """Move each point in front of the nearest of its walls start … stop-1; the solid lies left of a → b."""
    new_x, new_y = np.empty(len(x)), np.empty(len(x))
    for i in range(len(x)):
        best, qx, qy, sum_x, sum_y = np.inf, x[i], y[i], 0.0, 0.0
        for k in range(start[i], stop[i]):
            wx, wy = bx[k] - ax[k], by[k] - ay[k]
            square = wx * wx + wy * wy
            s = min(max(((x[i] - ax[k]) * wx + (y[i] - ay[k]) * wy) / square, 0.0), 1.0)
            px, py = ax[k] + s * wx, ay[k] + s * wy
            away, length = np.hypot(px - x[i], py - y[i]), np.sqrt(square)
            if away < best - 1e-6:
                best, qx, qy, sum_x, sum_y = away, px, py, wy / length, -wx / length
            elif away <= best + 1e-6:
                sum_x, sum_y = sum_x + wy / length, sum_y - wx / length
        size = np.hypot(sum_x, sum_y)
        scale = outward / size if size > 1e-9 else 0.0
        new_x[i], new_y[i] = qx + sum_x * scale, qy + sum_y * scale
    return new_x, new_y
