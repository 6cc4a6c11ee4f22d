"""The kernel of sight over terrain: whether a straight line clears the ground between a lens and a target."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def height_at(heights, x0, y0, cell, x, y):  # type: ignore[no-untyped-def]
    """Return the ground's height, bilinear between the middles of the cells; NaN outside and at voids.

    Rows run north to south: ``heights[0, 0]`` is the north-west cell, its middle at (x0, y0).
    """
    c, r = (x - x0) / cell, (y0 - y) / cell
    i, j = int(np.floor(r)), int(np.floor(c))
    if i < 0 or j < 0 or i >= heights.shape[0] or j >= heights.shape[1]:
        return np.nan
    k, m = min(i + 1, heights.shape[0] - 1), min(j + 1, heights.shape[1] - 1)
    v, u = r - i, c - j
    north = heights[i, j] * (1.0 - u) + heights[i, m] * u
    south = heights[k, j] * (1.0 - u) + heights[k, m] * u
    return north * (1.0 - v) + south * v


@njit(cache=True, nogil=True)
def clear_of_ground(heights, x0, y0, cell, ax, ay, az, bx, by, bz):  # type: ignore[no-untyped-def]
    """Tell how the line from (ax, ay, az) to (bx, by, bz) passes: 1 free, 0 the ground hides b, -1 it crosses a void.

    On each patch between four middles the ground along the line is a parabola: its highest excess over the line is
    found from three heights on the patch, exactly.
    """
    wx, wy, wz = bx - ax, by - ay, bz - az
    steps = int(np.ceil(max(abs(wx), abs(wy)) / cell)) + 1
    cuts = np.empty(2 * steps + 8)
    n = 0
    cuts[n] = 0.0
    n += 1
    if wx != 0.0:
        first, last = (ax - x0) / cell, (bx - x0) / cell
        for k in range(int(np.ceil(min(first, last))), int(np.floor(max(first, last))) + 1):
            cuts[n] = (x0 + k * cell - ax) / wx
            n += 1
    if wy != 0.0:
        first, last = (y0 - ay) / cell, (y0 - by) / cell
        for k in range(int(np.ceil(min(first, last))), int(np.floor(max(first, last))) + 1):
            cuts[n] = (y0 - k * cell - ay) / wy
            n += 1
    cuts[n] = 1.0
    n += 1
    cuts = np.sort(cuts[:n])
    void = False
    for k in range(n - 1):
        s, e = max(cuts[k], 0.0), min(cuts[k + 1], 1.0)
        if e - s <= 1e-12:
            continue
        inner = 1e-9 * (e - s)
        s, e = s + inner, e - inner
        m = 0.5 * (s + e)
        fs = height_at(heights, x0, y0, cell, ax + s * wx, ay + s * wy) - (az + s * wz)
        fm = height_at(heights, x0, y0, cell, ax + m * wx, ay + m * wy) - (az + m * wz)
        fe = height_at(heights, x0, y0, cell, ax + e * wx, ay + e * wy) - (az + e * wz)
        if np.isnan(fs + fm + fe):
            void = True
            continue
        worst = max(fs, fm, fe)
        bend = 2.0 * (fs + fe - 2.0 * fm)
        if bend < 0.0:
            slope = 4.0 * fm - 3.0 * fs - fe
            at = -slope / (2.0 * bend)
            if 0.0 < at < 1.0:
                worst = max(worst, fs + slope * at + bend * at * at)
        if worst > 0.01:
            return 0
    return -1 if void else 1


@njit(cache=True, nogil=True)
def judge_pairs(heights, x0, y0, cell, camera, target, x, y, lens, tx, ty, tz, low, high):  # type: ignore[no-untyped-def]
    """Return for the pairs low … high-1 how their line passes the ground; heights over the sea."""
    out = np.empty(high - low, np.int8)
    for k in range(low, high):
        c, t = camera[k], target[k]
        out[k - low] = clear_of_ground(heights, x0, y0, cell, x[c], y[c], lens[c], tx[t], ty[t], tz[t])
    return out
