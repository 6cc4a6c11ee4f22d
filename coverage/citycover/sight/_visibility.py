"""The kernel: the ground that a camera sees between walls, exact, as an angular envelope.

Walls are met cell by cell, nearest first; a cell that the envelope already hides is not opened. The envelope is a
list of directions (breakpoints) with one wall between each two; a wall is the line ``q . n = 1`` seen from the camera,
so that along a direction d the nearer of two walls is the one of larger ``d . n``: no trigonometry, no division.
Angles are diamond angles: 4 to the circle, monotone, from one division. Walls are one-sided (solid to the left):
seen from behind they do not block, so that a camera inside a solid looks out of it.

All kernels that call each other stand in this one file: numba's cache does not notice a change in another file.
They release the lock and are run on chunks of cameras by threads; one code path, the same answer on any number.
"""

from __future__ import annotations

import numpy as np
from numba import njit

SAME = 1e-14
"""Directions closer than this (diamond angle) are one."""

TOUCH = 0.01
"""A target this near (m) in front of a wall or behind its face, such as a door in it, is not hidden by it."""

CHORD, BOW, WIDE = 0, 1, 2
"""Pieces of an outline: along a wall, along an arc, along an arc of more than half a right angle."""


@njit(cache=True, nogil=True)
def _angle(x, y):  # type: ignore[no-untyped-def]
    total = abs(x) + abs(y)
    if y >= 0.0:
        return y / total if x >= 0.0 else 1.0 - x / total
    return 2.0 - y / total if x < 0.0 else 3.0 + x / total


@njit(cache=True, nogil=True)
def _turn(x, y, zero):  # type: ignore[no-untyped-def]
    u = _angle(x, y) - zero
    return u + 4.0 if u < 0.0 else u


@njit(cache=True, nogil=True)
def _find(th, n, u):  # type: ignore[no-untyped-def]
    """Return the last breakpoint, short of the end, at or before u."""
    low, high = 0, n
    while high - low > 1:
        middle = (low + high) >> 1
        if th[middle] <= u:
            low = middle
        else:
            high = middle
    return low


@njit(cache=True, nogil=True)
def _grown(array, size):  # type: ignore[no-untyped-def]
    out = np.empty(max(size, 2 * len(array)), array.dtype)
    out[: len(array)] = array
    return out


@njit(cache=True, nogil=True)
def _insert(th, dx, dy, sg, n, t_th, t_dx, t_dy, t_sg, nx, ny, k, u0, ax, ay, u1, bx, by, zero):  # type: ignore[no-untyped-def]
    """Lay wall k, seen from u0 (a) to u1 (b), into the envelope of n pieces; return the new n."""
    first = _find(th, n, u0 + SAME)
    kx, ky = nx[k], ny[k]
    if th[first + 1] >= u1 - SAME:  # within one piece, as most are: hidden, or laid in without a crossing
        old = sg[first]
        px, py = kx - nx[old], ky - ny[old]
        fs, fe = ax * px + ay * py, bx * px + by * py
        ts, te = 1e-12 * (ax * kx + ay * ky), 1e-12 * (bx * kx + by * ky)
        if fs <= ts and fe <= te:
            return n
        if fs > -ts and fe > -te:
            left, right = th[first] < u0 - SAME, th[first + 1] > u1 + SAME
            at, shift = first + left, int(left) + int(right)
            if shift > 0:
                for j in range(n, first, -1):
                    th[j + shift], dx[j + shift], dy[j + shift], sg[j + shift] = th[j], dx[j], dy[j], sg[j]
            if left:
                th[at], dx[at], dy[at] = u0, ax, ay
            sg[at] = k
            if right:
                th[at + 1], dx[at + 1], dy[at + 1], sg[at + 1] = u1, bx, by, old
            return n + shift
    nearer = False
    i = first
    while i < n and th[i] < u1 - SAME:
        px, py = kx - nx[sg[i]], ky - ny[sg[i]]
        sx, sy = (dx[i], dy[i]) if th[i] >= u0 - SAME else (ax, ay)
        ex, ey = (dx[i + 1], dy[i + 1]) if th[i + 1] <= u1 + SAME else (bx, by)
        if sx * px + sy * py > 1e-12 * (sx * kx + sy * ky) or ex * px + ey * py > 1e-12 * (ex * kx + ey * ky):
            nearer = True
            break
        i += 1
    if not nearer:
        return n
    m = 0
    if th[first] < u0 - SAME:
        t_th[0], t_dx[0], t_dy[0], t_sg[0] = th[first], dx[first], dy[first], sg[first]
        m = 1
    i = first
    while i < n and th[i] < u1 - SAME:
        old = sg[i]
        px, py = kx - nx[old], ky - ny[old]
        if th[i] >= u0 - SAME:
            us, sx, sy = th[i], dx[i], dy[i]
        else:
            us, sx, sy = u0, ax, ay
        if th[i + 1] <= u1 + SAME:
            ue, ex, ey = th[i + 1], dx[i + 1], dy[i + 1]
        else:
            ue, ex, ey = u1, bx, by
        fs, fe = sx * px + sy * py, ex * px + ey * py
        ts, te = 1e-12 * abs(sx * kx + sy * ky), 1e-12 * abs(ex * kx + ey * ky)
        if (fs > ts and fe < -te) or (fs < -ts and fe > te):  # they cross: the direction where f, linear, is zero
            here, there = (k, old) if fs > 0.0 else (old, k)
            weight = 1.0 / (abs(fs) + abs(fe))
            cx, cy = (sx * abs(fe) + ex * abs(fs)) * weight, (sy * abs(fe) + ey * abs(fs)) * weight
            uc = _turn(cx, cy, zero)
            if uc > us + SAME and (m == 0 or t_sg[m - 1] != here):
                t_th[m], t_dx[m], t_dy[m], t_sg[m] = us, sx, sy, here
                m += 1
            if uc < ue - SAME and (m == 0 or t_sg[m - 1] != there):
                if uc <= us + SAME:
                    uc, cx, cy = us, sx, sy
                t_th[m], t_dx[m], t_dy[m], t_sg[m] = uc, cx, cy, there
                m += 1
        else:
            win = k if fs > ts or fe > te else old
            if m == 0 or t_sg[m - 1] != win:
                t_th[m], t_dx[m], t_dy[m], t_sg[m] = us, sx, sy, win
                m += 1
        i += 1
    if th[i] > u1 + SAME and t_sg[m - 1] != sg[i - 1]:
        t_th[m], t_dx[m], t_dy[m], t_sg[m] = u1, bx, by, sg[i - 1]
        m += 1
    shift = m - (i - first)
    if shift > 0:
        for j in range(n, i - 1, -1):
            th[j + shift], dx[j + shift], dy[j + shift], sg[j + shift] = th[j], dx[j], dy[j], sg[j]
    elif shift < 0:
        for j in range(i, n + 1):
            th[j + shift], dx[j + shift], dy[j + shift], sg[j + shift] = th[j], dx[j], dy[j], sg[j]
    for j in range(m):
        th[first + j], dx[first + j], dy[first + j], sg[first + j] = t_th[j], t_dx[j], t_dy[j], t_sg[j]
    return n + shift


@njit(cache=True, nogil=True)
def _behind(th, dx, dy, sg, n, nx, ny, u0, u1, square, wall, height, lens):  # type: ignore[no-untyped-def]
    """Tell whether all between u0 and u1 and farther than the root of ``square`` is hidden by walls not under lens."""
    i = _find(th, n, u0)
    while i < n and th[i] < u1:
        k = sg[i]
        if k == 0 or height[wall[k]] < lens:
            return False
        for j in range(i, i + 2):
            g = dx[j] * nx[k] + dy[j] * ny[k]
            if g <= 0.0 or dx[j] * dx[j] + dy[j] * dy[j] >= square * g * g:
                return False
        i += 1
    return True


@njit(cache=True, nogil=True)
def _shut(th, dx, dy, sg, n, nx, ny, zero, x0, y0, x1, y1, square, wall, height, lens):  # type: ignore[no-untyped-def]
    """Tell whether a box beside the camera (relative corners) is hidden or out of the sector."""
    if x0 >= 0.0:
        ax, ay = (x1, y0) if y0 > 0.0 else (x0, y0)
        bx, by = (x1, y1) if y1 < 0.0 else (x0, y1)
    elif x1 <= 0.0:
        ax, ay = (x0, y1) if y1 < 0.0 else (x1, y1)
        bx, by = (x0, y0) if y0 > 0.0 else (x1, y0)
    elif y0 >= 0.0:
        ax, ay, bx, by = x1, y0, x0, y0
    else:
        ax, ay, bx, by = x0, y1, x1, y1
    u0, u1, width = _turn(ax, ay, zero), _turn(bx, by, zero), th[n]
    if u0 <= u1:
        return u0 > width or _behind(th, dx, dy, sg, n, nx, ny, u0, min(u1, width), square, wall, height, lens)
    if u0 < width and not _behind(th, dx, dy, sg, n, nx, ny, u0, width, square, wall, height, lens):
        return False
    return _behind(th, dx, dy, sg, n, nx, ny, 0.0, min(u1, width), square, wall, height, lens)


@njit(cache=True, nogil=True)
def _look(x, y, reach, lens, sx, sy, ex, ey, full, g, th, dx, dy, sg, t_th, t_dx, t_dy, t_sg, nx, ny, wall):  # type: ignore[no-untyped-def]
    """Build the envelope of one camera; the buffers come back, grown where needed, with the number of pieces."""
    zero, width = 0.0, 4.0
    if full:
        sx, sy, ex, ey = 1.0, 0.0, 1.0, 0.0
    else:
        zero = _angle(sx, sy)
        width = _turn(ex, ey, zero)
    th[0], dx[0], dy[0], th[1], dx[1], dy[1] = 0.0, sx, sy, width, ex, ey
    sg[0], nx[0], ny[0], wall[0] = 0, 0.0, 0.0, -1
    n, k, square, cell = 1, 1, reach * reach, g.cell
    column, row = int(np.floor(x / cell)), int(np.floor(y / cell))
    for ring in range(int(reach / cell) + 2):
        for r in range(max(row - ring, 0), min(row + ring, g.rows - 1) + 1):
            step = 1 if abs(r - row) == ring else 2 * ring
            for c in range(column - ring, column + ring + 1, step):
                if c < 0 or c >= g.columns or g.start[r * g.columns + c] == g.start[r * g.columns + c + 1]:
                    continue
                x0, y0 = c * cell - x, r * cell - y
                away_x, away_y = max(x0, -x0 - cell, 0.0), max(y0, -y0 - cell, 0.0)
                away = away_x * away_x + away_y * away_y
                if away > square:
                    continue
                if away > 0.0 and _shut(
                    th, dx, dy, sg, n, nx, ny, zero, x0, y0, x0 + cell, y0 + cell, away, wall, g.height, np.nan
                ):
                    continue
                for place in range(g.start[r * g.columns + c], g.start[r * g.columns + c + 1]):
                    j = g.items[place]
                    if lens == lens and g.height[j] < lens:  # seen over; never where the lens is unknown (NaN)
                        continue
                    ax, ay, bx, by = g.ax[j] - x, g.ay[j] - y, g.bx[j] - x, g.by[j] - y
                    cross = ax * by - ay * bx
                    wx, wy = bx - ax, by - ay
                    length = wx * wx + wy * wy
                    if cross >= 0.0 or cross * cross <= 1e-18 * length:  # from behind, or edge on
                        continue
                    if ax * ax + ay * ay > square and bx * bx + by * by > square:
                        foot = -(ax * wx + ay * wy)
                        if foot <= 0.0 or foot >= length or cross * cross > square * length:
                            continue
                    if k + 1 >= len(nx):
                        nx, ny, wall = _grown(nx, 0), _grown(ny, 0), _grown(wall, 0)
                    nx[k], ny[k], wall[k] = wy / cross, -wx / cross, j
                    u0, u1 = _turn(bx, by, zero), _turn(ax, ay, zero)
                    for part in range(1 if u0 <= u1 else 2):  # a wall across the first direction comes in two parts
                        us, px, py = (u0, bx, by) if part == 0 else (0.0, sx, sy)
                        ue, qx, qy = (u1, ax, ay) if u1 <= width and (part == 1 or u0 <= u1) else (width, ex, ey)
                        if us >= width - SAME or ue - us <= SAME:
                            continue
                        if 2 * n + 8 > len(th):
                            th, dx, dy, sg = _grown(th, 0), _grown(dx, 0), _grown(dy, 0), _grown(sg, 0)
                            t_th, t_dx, t_dy, t_sg = _grown(t_th, 0), _grown(t_dx, 0), _grown(t_dy, 0), _grown(t_sg, 0)
                        n = _insert(th, dx, dy, sg, n, t_th, t_dx, t_dy, t_sg, nx, ny, k, us, px, py, ue, qx, qy, zero)
                    k += 1
        edge = min(x - (column - ring) * cell, (column + ring + 1) * cell - x)
        edge = min(edge, y - (row - ring) * cell, (row + ring + 1) * cell - y)
        if edge >= reach or _behind(th, dx, dy, sg, n, nx, ny, 0.0, width, edge * edge, wall, g.height, np.nan):
            break
    return n, zero, th, dx, dy, sg, t_th, t_dx, t_dy, t_sg, nx, ny, wall


@njit(cache=True, nogil=True)
def _pieces(reach, th, dx, dy, sg, n, nx, ny, q, kind):  # type: ignore[no-untyped-def]
    """Cut the envelope at the reach into chords (walls) and arcs, each with its start and end; return their number."""
    square, m, span = reach * reach, 0, 0.0
    rb = reach / np.sqrt(dx[0] * dx[0] + dy[0] * dy[0])
    for i in range(n):
        k = sg[i]
        ra, rb = rb, reach / np.sqrt(dx[i + 1] * dx[i + 1] + dy[i + 1] * dy[i + 1])
        cx, cy = dx[i + 1] * rb, dy[i + 1] * rb
        ga, gb = dx[i] * nx[k] + dy[i] * ny[k], dx[i + 1] * nx[k] + dy[i + 1] * ny[k]
        s, e, px, py, wx, wy = -1.0, -1.0, 0.0, 0.0, 0.0, 0.0  # the wall lies in reach from s to e
        if k > 0 and ga > 0.0 and gb > 0.0:
            px, py = dx[i] / ga, dy[i] / ga
            wx, wy = dx[i + 1] / gb - px, dy[i + 1] / gb - py
            a, b, c = wx * wx + wy * wy, px * wx + py * wy, px * px + py * py - square
            d = b * b - a * c
            if a > 0.0 and d > 0.0:
                root = np.sqrt(d)
                s, e = max((-b - root) / a, 0.0), min((-b + root) / a, 1.0)
                if s >= e:
                    s, e = -1.0, -1.0
            elif c <= 0.0:
                s, e = 0.0, 1.0
        if s != 0.0:
            if e >= 0.0:
                cx, cy = px + s * wx, py + s * wy
            if m > 0 and kind[m - 1] != CHORD:
                span += th[i + 1] - th[i]
                m -= 1
            else:
                span = th[i + 1] - th[i]
                q[m, 0], q[m, 1] = dx[i] * ra, dy[i] * ra
            q[m, 2], q[m, 3], kind[m] = cx, cy, (WIDE if span > 0.7 else BOW)
            m += 1
        if e >= 0.0:
            q[m, 0], q[m, 1], q[m, 2], q[m, 3] = px + s * wx, py + s * wy, px + e * wx, py + e * wy
            kind[m] = CHORD
            m += 1
            if e < 1.0:
                q[m, 0], q[m, 1], q[m, 2], q[m, 3] = px + e * wx, py + e * wy, dx[i + 1] * rb, dy[i + 1] * rb
                span = th[i + 1] - th[i]
                kind[m] = WIDE if span > 0.7 else BOW
                m += 1
    return m


@njit(cache=True, nogil=True)
def trace_views(g, x, y, reach, lens, sx, sy, ex, ey, full, low, high):  # type: ignore[no-untyped-def]
    """Trace the views of the cameras low … high-1 as pieces, counter-clockwise, relative to each camera.

    Positions are relative to the grid's origin, (sx, sy) and (ex, ey) are the directions where a sector starts and
    ends; walls lower than ``lens`` (NaN: none) do not block. Returned: start and end of each piece (x, y, x, y), its
    kind, and the number of pieces of each camera.
    """
    th, dx, dy, sg = np.empty(128), np.empty(128), np.empty(128), np.empty(128, np.int32)
    t_th, t_dx, t_dy, t_sg = np.empty(128), np.empty(128), np.empty(128), np.empty(128, np.int32)
    nx, ny, wall = np.empty(256), np.empty(256), np.empty(256, np.int64)
    pieces, kinds, at = np.empty((32 * (high - low) + 256, 4)), np.empty(32 * (high - low) + 256, np.int8), 0
    counts = np.zeros(high - low, np.int64)
    for i in range(low, high):
        n, _, th, dx, dy, sg, t_th, t_dx, t_dy, t_sg, nx, ny, wall = _look(
            x[i], y[i], reach[i], lens[i], sx[i], sy[i], ex[i], ey[i], full[i], g,
            th, dx, dy, sg, t_th, t_dx, t_dy, t_sg, nx, ny, wall,
        )  # fmt: skip
        if at + 3 * n + 8 > len(kinds):
            more = np.empty((2 * len(kinds) + 6 * n, 4))
            more[:at] = pieces[:at]
            pieces, kinds = more, _grown(kinds, len(more))
        counts[i - low] = _pieces(reach[i], th, dx, dy, sg, n, nx, ny, pieces[at:], kinds[at:])
        at += counts[i - low]
    return pieces[:at].copy(), kinds[:at].copy(), counts


@njit(cache=True, nogil=True)
def _walk(g, x, y, z, tx, ty, tz):  # type: ignore[no-untyped-def]
    """Tell whether the straight line from (x, y, z) to (tx, ty, tz) clears every wall, cell by cell."""
    wx, wy, cell = tx - x, ty - y, g.cell
    length = np.hypot(wx, wy)
    if length <= TOUCH:
        return True
    last = 1.0 - TOUCH / length
    c, r = int(np.floor(x / cell)), int(np.floor(y / cell))
    c1, r1 = int(np.floor(tx / cell)), int(np.floor(ty / cell))
    step_c, step_r = (1 if wx > 0.0 else -1), (1 if wy > 0.0 else -1)
    for _ in range(abs(c1 - c) + abs(r1 - r) + 1):
        if 0 <= c < g.columns and 0 <= r < g.rows:
            for place in range(g.start[r * g.columns + c], g.start[r * g.columns + c + 1]):
                j = g.items[place]
                ax, ay = g.ax[j] - x, g.ay[j] - y
                ex, ey = g.bx[j] - g.ax[j], g.by[j] - g.ay[j]
                det = wx * ey - wy * ex
                if det == 0.0:
                    continue
                s, u = (ax * ey - ay * ex) / det, (ax * wy - ay * wx) / det
                if 0.0 < s < last and 0.0 <= u <= 1.0 and not z + s * (tz - z) >= g.height[j]:
                    return False
        if c == c1 and r == r1:
            break
        to_c = ((c + (step_c > 0)) * cell - x) / wx if c != c1 else np.inf
        to_r = ((r + (step_r > 0)) * cell - y) / wy if r != r1 else np.inf
        if to_c <= to_r:
            c += step_c
        else:
            r += step_r
    return True


@njit(cache=True, nogil=True)
def find_pairs(g, p, dx0, dy0, x, y, z, reach, near, sx, sy, ex, ey, full, above, tz, low, high):  # type: ignore[no-untyped-def]
    """Find the targets in free sight of the cameras low … high-1, within reach, beyond the near edge, in the sector.

    ``p`` is the grid of the targets, (dx0, dy0) its origin relative to that of the walls' grid ``g``; ``z`` the lens'
    height (NaN: unknown, it never sees over a wall), ``above`` whether the camera stands on a roof, ``tz`` the
    targets' heights in the grid's order. Returned: cameras and targets (grid's order), pair by pair.
    """
    th, dx, dy, sg = np.empty(128), np.empty(128), np.empty(128), np.empty(128, np.int32)
    t_th, t_dx, t_dy, t_sg = np.empty(128), np.empty(128), np.empty(128), np.empty(128, np.int32)
    nx, ny, wall = np.empty(256), np.empty(256), np.empty(256, np.int64)
    camera, target, at = np.empty(4096, np.int32), np.empty(4096, np.int32), 0
    highest = tz.max() if len(tz) else 0.0
    for i in range(low, high):
        lens = z[i] if not z[i] < highest else np.inf  # a wall lower than this may be looked over
        px, py, square = x[i] - dx0, y[i] - dy0, reach[i] * reach[i]
        c0, c1 = (
            max(int(np.floor((px - reach[i]) / p.cell)), 0),
            min(int(np.floor((px + reach[i]) / p.cell)), p.columns - 1),
        )
        r0, r1 = (
            max(int(np.floor((py - reach[i]) / p.cell)), 0),
            min(int(np.floor((py + reach[i]) / p.cell)), p.rows - 1),
        )
        n, zero = 0, 0.0
        width = max(c1 - c0 + 1, 0)
        for cell in range(width * max(r1 - r0 + 1, 0)):
            row, column = r0 + cell // width, c0 + cell % width
            spot = row * p.columns + column
            if p.start[spot] == p.start[spot + 1]:
                continue
            x0, y0 = column * p.cell - px, row * p.cell - py
            off = np.hypot(max(x0, -x0 - p.cell, 0.0), max(y0, -y0 - p.cell, 0.0))
            if off > reach[i]:
                continue
            if n == 0:
                n, zero, th, dx, dy, sg, t_th, t_dx, t_dy, t_sg, nx, ny, wall = _look(
                    x[i], y[i], reach[i], np.nan, sx[i], sy[i], ex[i], ey[i], full[i], g,
                    th, dx, dy, sg, t_th, t_dx, t_dy, t_sg, nx, ny, wall,
                )  # fmt: skip
            if off > 2.0 * TOUCH and _shut(
                th, dx, dy, sg, n, nx, ny, zero, x0, y0, x0 + p.cell, y0 + p.cell, (off - 2.0 * TOUCH) ** 2,
                wall, g.height, lens,
            ):  # fmt: skip
                continue
            for j in range(p.start[spot], p.start[spot + 1]):
                tx, ty = p.x[j] - px, p.y[j] - py
                away = tx * tx + ty * ty
                if away > square or away < near[i] * near[i]:
                    continue
                if away > 0.0:
                    u = _turn(tx, ty, zero)
                    if u > th[n] + 1e-12 and u < 4.0 - 1e-12:
                        continue
                    k = sg[_find(th, n, u)]
                    over = tx * nx[k] + ty * ny[k]  # how far the target lies, with the wall at 1
                    free = k == 0 or (over - 1.0) * np.sqrt(away) <= TOUCH * over
                    if not free and not z[i] + (tz[j] - z[i]) / over >= g.height[wall[k]]:
                        continue
                    if (above[i] or not free) and not _walk(g, x[i], y[i], z[i], x[i] + tx, y[i] + ty, tz[j]):
                        continue
                if at == len(camera):
                    camera, target = _grown(camera, 0), _grown(target, 0)
                camera[at], target[at] = i, j
                at += 1
    return camera[:at].copy(), target[:at].copy()
