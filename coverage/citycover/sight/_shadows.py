"""The kernel of views over low walls: the ground of an envelope less the shadows that low walls cast on it, exact.

Along each direction a wall lower than the lens hides the ground from its front to ``H / (H - h)`` times as far (the
ray over its top, lens at H, wall at h). A front counts +1 from its distance on, a back -1 from the end of its shadow
on, and ground is hidden where the sum is above zero: so a house hides from its front wall to the end of the shadow of
its back wall. A barrier has both. Seen from the camera every such bound is a straight line ``q . n = 1``. Directions
where a bound begins, ends or crosses another cut the view into slabs; within one the order of the bounds is fixed. The
edges of the seen pieces are chained to rings by :mod:`citycover.sight._rings`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

TOUCH = 1e-6
"""Vertices on one direction nearer than this (m) are one."""

SAME = 1e-11
"""Directions nearer than this (radians) are one."""

ROOM = 16
"""Places for each bound in the kernel's room: on one direction it has at most that many vertices and edges."""


@njit(cache=True, nogil=True)
def _turn(x, y, zx, zy):  # type: ignore[no-untyped-def]
    """Return the angle from (zx, zy) counter-clockwise to (x, y), 0 to 2 pi."""
    angle = np.arctan2(zx * y - zy * x, zx * x + zy * y)
    return angle + 2.0 * np.pi if angle < 0.0 else angle


@njit(cache=True, nogil=True)
def _distance(k, dx, dy, nx, ny, radius):  # type: ignore[no-untyped-def]
    """Return how far bound k lies along a unit direction: a line, or an arc (``radius`` above zero)."""
    if radius[k] > 0.0:
        return radius[k]
    along = dx * nx[k] + dy * ny[k]
    return 1.0 / along if along > 1e-12 else 1e12


@njit(cache=True, nogil=True)
def _wider(array, size):  # type: ignore[no-untyped-def]
    out = np.empty(max(size, 2 * len(array)), array.dtype)
    out[: len(array)] = array
    return out


@njit(cache=True, nogil=True)
def _low_walls(g, x, y, reach, lens, stamp, mark, found):  # type: ignore[no-untyped-def]
    """Collect the walls within reach that are lower than the lens; return their number and the list, grown."""
    cell, n = g.cell, 0
    c0, c1 = max(int(np.floor((x - reach) / cell)), 0), min(int(np.floor((x + reach) / cell)), g.columns - 1)
    r0, r1 = max(int(np.floor((y - reach) / cell)), 0), min(int(np.floor((y + reach) / cell)), g.rows - 1)
    for row in range(r0, r1 + 1 if c1 >= c0 else r0):
        for place in range(g.start[row * g.columns + c0], g.start[row * g.columns + c1 + 1]):
            j = g.items[place]
            if stamp[j] == mark or not g.height[j] < lens:
                continue
            stamp[j] = mark
            ax, ay, wx, wy = g.ax[j] - x, g.ay[j] - y, g.bx[j] - g.ax[j], g.by[j] - g.ay[j]
            length = wx * wx + wy * wy
            foot = min(max(-(ax * wx + ay * wy) / length, 0.0), 1.0)
            if (ax + foot * wx) ** 2 + (ay + foot * wy) ** 2 >= reach * reach:
                continue
            if abs(ax * wy - ay * wx) <= 1e-9 * np.sqrt(length):  # edge on
                continue
            if n == len(found):
                found = _wider(found, 0)
            found[n] = j
            n += 1
    return n, found


@njit(cache=True, nogil=True)
def _beyond(pieces, first, p, nx, ny, radius, u0, u1, low, high, ax, ay, bx, by, qx, qy):  # type: ignore[no-untyped-def]
    """Tell whether the bound ``q`` from angle low (direction a) to high (b) lies nowhere before the p first bounds."""
    i, n = 0, p
    while n > 1:
        half = n >> 1
        i += half if u0[i + half] <= low else 0
        n -= half
    while i < p and u0[i] < high - SAME:
        if u1[i] > low + SAME:
            if radius[i] > 0.0:
                return False
            sx, sy = (pieces[first + i, 0], pieces[first + i, 1]) if u0[i] >= low else (ax, ay)
            ex, ey = (pieces[first + i, 2], pieces[first + i, 3]) if u1[i] <= high else (bx, by)
            if sx * qx + sy * qy > (sx * nx[i] + sy * ny[i]) * (1.0 + 1e-12):
                return False
            if ex * qx + ey * qy > (ex * nx[i] + ey * ny[i]) * (1.0 + 1e-12):
                return False
        i += 1
    return True


@njit(cache=True, nogil=True)
def _bounds(  # type: ignore[no-untyped-def]
    g, x, y, lens, walls, m, pieces, kinds, first, last, reach, full, sx, sy, ex, ey, b, step
):
    """Fill the bounds: the envelope's pieces (step 0), then the low walls, those across the first direction twice.

    Rows of ``b``: line (x, y), radius, first and last angle, first and last direction (x, y, x, y).
    """
    k, width, nx, ny, radius, u0, u1 = 0, 2.0 * np.pi, b[0], b[1], b[2], b[3], b[4]
    if not full:
        width = _turn(ex, ey, sx, sy)
        width = width if width > 0.0 else 2.0 * np.pi
    u = 0.0
    for i in range(first, last):
        ax, ay, bx, by = pieces[i, 0], pieces[i, 1], pieces[i, 2], pieces[i, 3]
        cross = ax * by - ay * bx
        swept = np.arctan2(cross, ax * bx + ay * by)
        if swept <= 0.0 and kinds[i] == 2:
            swept += 2.0 * np.pi
        swept = max(swept, 0.0)
        nx[k], ny[k], radius[k] = 0.0, 0.0, reach
        if kinds[i] == 0 and cross > 0.0:
            nx[k], ny[k], radius[k] = (by - ay) / cross, (ax - bx) / cross, 0.0
        u0[k], u1[k], step[k] = u, (width if i == last - 1 else min(u + swept, width)), 0
        b[5, k], b[6, k], b[7, k], b[8, k] = ax, ay, bx, by
        u = u1[k]
        k += 1
    envelope = k
    if full:
        ex, ey = sx, sy
    for i in range(m):
        j = walls[i]
        ax, ay, bx, by = g.ax[j] - x, g.ay[j] - y, g.bx[j] - x, g.by[j] - y
        cross = ax * by - ay * bx
        front = cross < 0.0  # the solid to the left of a to b lies beyond
        scale = 1.0 if front else (lens - g.height[j]) / lens
        px, py = (by - ay) / cross * scale, (ax - bx) / cross * scale
        if front:
            ax, ay, bx, by = bx, by, ax, ay
        start, end = _turn(ax, ay, sx, sy), _turn(bx, by, sx, sy)
        for part in range(1 if start <= end else 2):
            low, lx, ly = (start, ax, ay) if part == 0 else (0.0, sx, sy)
            ends = (start <= end or part == 1) and end <= width
            high, hx, hy = (end, bx, by) if ends else (width, ex, ey)
            if high - low <= SAME:
                continue
            if _beyond(pieces, first, envelope, nx, ny, radius, u0, u1, low, high, lx, ly, hx, hy, px, py):
                continue
            nx[k], ny[k], radius[k], u0[k], u1[k], step[k] = px, py, 0.0, low, high, (1 if front else -1)
            b[5, k], b[6, k], b[7, k], b[8, k] = lx, ly, hx, hy
            k += 1
    return k, width


@njit(cache=True, nogil=True)
def _events(k, first, width, sx, sy, b):  # type: ignore[no-untyped-def]
    """Return the angles where a bound begins, ends or crosses one behind the ``first``, sorted, none twice."""
    out, n, nx, ny, radius, u0, u1 = np.empty(4 * k + 64), 0, b[0], b[1], b[2], b[3], b[4]
    for i in range(k):
        out[n], out[n + 1] = u0[i], u1[i]
        n += 2
    for i in range(k):
        for j in range(max(i + 1, first), k):
            low, high = max(u0[i], u0[j]), min(u1[i], u1[j])
            if high - low <= SAME:
                continue
            if n + 4 >= len(out):
                out = _wider(out, 0)
            if radius[i] <= 0.0:
                px, py = nx[i] - nx[j], ny[i] - ny[j]
                p, q = (i if u0[i] >= u0[j] else j), (i if u1[i] <= u1[j] else j)
                if (b[5, p] * px + b[6, p] * py) * (b[7, q] * px + b[8, q] * py) > 0.0:
                    continue  # on one side of each other at both ends: they do not cross
                for sign in (1.0, -1.0):  # the two directions along which both are as far
                    u = _turn(-py * sign, px * sign, sx, sy)
                    if low + SAME < u < high - SAME and (px != 0.0 or py != 0.0):
                        out[n] = u
                        n += 1
            else:
                r, square = radius[i], nx[j] ** 2 + ny[j] ** 2
                rest = r * r - 1.0 / square
                if rest <= 0.0:
                    continue
                root = np.sqrt(rest / square)
                for sign in (1.0, -1.0):
                    u = _turn(nx[j] / square - sign * ny[j] * root, ny[j] / square + sign * nx[j] * root, sx, sy)
                    if low + SAME < u < high - SAME:
                        out[n] = u
                        n += 1
    out = np.sort(out[:n])
    kept = 0
    for i in range(n):
        if 0.0 <= out[i] <= width and (kept == 0 or out[i] - out[kept - 1] > SAME):
            out[kept] = out[i]
            kept += 1
    out[0] = 0.0
    if kept > 1:
        out[kept - 1] = width
    return out[:kept]


@njit(cache=True, nogil=True)
def _vertex(along, ids, n, r, vx, vy, at, dx, dy):  # type: ignore[no-untyped-def]
    """Return the vertex at r on the present direction: one that is there already, or a new one."""
    for i in range(n):
        if abs(along[i] - r) <= TOUCH:
            return ids[i], n, at
    vx[at], vy[at], along[n], ids[n] = r * dx, r * dy, r, at
    return at, n + 1, at + 1


@njit(cache=True, nogil=True)
def _seen_pieces(mid, zx, zy, k, inside, b, step, order, far, lo, hi):  # type: ignore[no-untyped-def]
    """Fill the bounds (lo, hi) of the seen pieces along one direction, nearest first; lo -1 is the camera."""
    dx, dy = zx * np.cos(mid) - zy * np.sin(mid), zx * np.sin(mid) + zy * np.cos(mid)
    nx, ny, radius, u0, u1 = b[0], b[1], b[2], b[3], b[4]
    met = 0
    for i in range(k):
        hi[met] = i  # the envelope's come first
        met += (u0[i] < mid) & (mid < u1[i])
    if met == 0 or step[hi[0]] != 0:
        return 0
    n, outer = 0, hi[0]
    for j in range(1, met):
        r = _distance(hi[j], dx, dy, nx, ny, radius)
        p = n
        while p > 0 and far[p - 1] > r:
            far[p], order[p] = far[p - 1], order[p - 1]
            p -= 1
        far[p], order[p] = r, hi[j]
        n += 1
    limit = _distance(outer, dx, dy, nx, ny, radius)
    count, pieces, begin = inside, 0, -1
    for p in range(n + 1):
        if p == n or far[p] >= limit:
            if count <= 0:
                lo[pieces], hi[pieces] = begin, outer
                pieces += 1
            break
        before = count
        count += step[order[p]]
        if before <= 0 and count > 0:
            lo[pieces], hi[pieces] = begin, order[p]
            pieces += 1
        elif before > 0 and count <= 0:
            begin = order[p]
    return pieces


@njit(cache=True, nogil=True)
def _edges(events, full, zx, zy, k, inside, b, step, whole, real, vx, vy, ea, eb, arc):  # type: ignore[no-untyped-def]
    """Return vertices and directed edges (seen ground to the left) of one view; bound of an arc's edge, else -1.

    ``whole`` and ``real`` are room for numbers. Returned: how many vertices and edges, and their arrays, grown.
    """
    nx, ny, radius = b[0], b[1], b[2]
    at, m, n_first, first_pieces = 1, 0, 0, 0
    vx[0], vy[0] = 0.0, 0.0
    order, lo, hi, new_lo, new_hi = whole[0], whole[1], whole[2], whole[3], whole[4]
    start_lo, start_hi, ids, first_ids = whole[5], whole[6], whole[7], whole[8]
    far, along, first_along, first_lo, first_hi = real[0], real[1], real[2], real[3], real[4]
    cuts, stops = real[5], real[6]
    for i in range(k):
        start_lo[i], start_hi[i] = -1, -1
    pieces = 0
    for e in range(len(events)):
        last = e == len(events) - 1
        u = events[e]
        if at + ROOM * (k + 2) > len(vx):
            vx, vy = _wider(vx, at + ROOM * (k + 2)), _wider(vy, at + ROOM * (k + 2))
        if m + ROOM * (k + 2) > len(ea):
            size = m + ROOM * (k + 2)
            ea, eb, arc = _wider(ea, size), _wider(eb, size), _wider(arc, size)
        dx, dy = zx * np.cos(u) - zy * np.sin(u), zx * np.sin(u) + zy * np.cos(u)
        n = 0
        if last and full:
            for i in range(n_first):
                along[i], ids[i] = first_along[i], first_ids[i]
            n = n_first
        new_pieces = 0
        if not last:
            new_pieces = _seen_pieces(0.5 * (u + events[e + 1]), zx, zy, k, inside, b, step, order, far, new_lo, new_hi)
        # close the bounds that do not go on
        for i in range(pieces):
            for side in range(2):
                c = lo[i] if side == 0 else hi[i]
                if c < 0:
                    continue
                goes_on = False
                for j in range(new_pieces):
                    if (new_lo[j] if side == 0 else new_hi[j]) == c:
                        goes_on = True
                        break
                if goes_on:
                    continue
                v, n, at = _vertex(along, ids, n, _distance(c, dx, dy, nx, ny, radius), vx, vy, at, dx, dy)
                begin = start_lo[c] if side == 0 else start_hi[c]
                if begin != v or (last and full and side == 1 and radius[c] > 0.0):  # or all the way round
                    ea[m], eb[m] = (v, begin) if side == 0 else (begin, v)
                    arc[m] = radius[c] if side == 1 else 0.0
                    m += 1
                if side == 0:
                    start_lo[c] = -1
                else:
                    start_hi[c] = -1
        for j in range(new_pieces):
            for side in range(2):
                c = new_lo[j] if side == 0 else new_hi[j]
                if c < 0 or (start_lo[c] if side == 0 else start_hi[c]) >= 0:
                    continue
                v, n, at = _vertex(along, ids, n, _distance(c, dx, dy, nx, ny, radius), vx, vy, at, dx, dy)
                if side == 0:
                    start_lo[c] = v
                else:
                    start_hi[c] = v
        # along the direction itself: where ground is seen on one side only
        n_cuts = 0
        for i in range(pieces):
            cuts[n_cuts] = 0.0 if lo[i] < 0 else _distance(lo[i], dx, dy, nx, ny, radius)
            cuts[n_cuts + 1] = _distance(hi[i], dx, dy, nx, ny, radius)
            n_cuts += 2
        middle = n_cuts
        if last and full:
            for i in range(first_pieces):
                cuts[n_cuts], cuts[n_cuts + 1] = first_lo[i], first_hi[i]
                n_cuts += 2
        elif e == 0 and full:
            for j in range(new_pieces):
                first_lo[j] = 0.0 if new_lo[j] < 0 else _distance(new_lo[j], dx, dy, nx, ny, radius)
                first_hi[j] = _distance(new_hi[j], dx, dy, nx, ny, radius)
            first_pieces, n_first = new_pieces, n
            for i in range(n):
                first_along[i], first_ids[i] = along[i], ids[i]
        else:
            for j in range(new_pieces):
                cuts[n_cuts] = 0.0 if new_lo[j] < 0 else _distance(new_lo[j], dx, dy, nx, ny, radius)
                cuts[n_cuts + 1] = _distance(new_hi[j], dx, dy, nx, ny, radius)
                n_cuts += 2
        for i in range(n_cuts):
            p = i
            while p > 0 and stops[p - 1] > cuts[i]:
                stops[p] = stops[p - 1]
                p -= 1
            stops[p] = cuts[i]
        for s in range(n_cuts - 1):
            if stops[s + 1] - stops[s] > TOUCH:
                r = 0.5 * (stops[s] + stops[s + 1])
                before = after = False
                for i in range(0, middle, 2):
                    before = before or cuts[i] < r < cuts[i + 1]
                for i in range(middle, n_cuts, 2):
                    after = after or cuts[i] < r < cuts[i + 1]
                if before == after:
                    continue
                near = 0
                if stops[s] > TOUCH:
                    near, n, at = _vertex(along, ids, n, stops[s], vx, vy, at, dx, dy)
                away, n, at = _vertex(along, ids, n, stops[s + 1], vx, vy, at, dx, dy)
                ea[m], eb[m] = (away, near) if before else (near, away)
                arc[m] = 0.0
                m += 1
        pieces = new_pieces
        for j in range(new_pieces):
            lo[j], hi[j] = new_lo[j], new_hi[j]
    return at, m, vx, vy, ea, eb, arc


@njit(cache=True, nogil=True)
def cast_shadows(g, pieces, kinds, starts, x, y, reach, lens, inside, sx, sy, ex, ey, full, low, high):  # type: ignore[no-untyped-def]
    """Return the views low … high-1 over low walls as edges: vertices, edges, radius of their arcs, numbers of both.

    ``pieces`` are the envelopes of the walls that are not low (``trace_views`` of the same cameras), ``lens`` the
    heights of the lenses (NaN: nothing is low), ``inside`` how many low houses a camera stands on. A camera none of
    whose low walls shows before its envelope has numbers -1: its envelope is its view. Vertices are relative to the
    camera; an edge runs from one to another of its vertices, seen ground to the left, on an arc about the camera where
    the radius is above zero.
    """
    stamp = np.full(len(g.ax), -1, np.int64)
    walls = np.empty(256, np.int64)
    b, step = np.empty((9, 256)), np.empty(256, np.int64)
    whole, real = np.empty((9, ROOM * 256), np.int64), np.empty((7, ROOM * 256))
    vx, vy = np.empty(ROOM * 256), np.empty(ROOM * 256)
    ea, eb, arc = np.empty(ROOM * 256, np.int64), np.empty(ROOM * 256, np.int64), np.empty(ROOM * 256)
    out, at, edge, edges = np.empty((4096, 2)), 0, np.empty((4096, 2), np.int64), 0
    radius = np.empty(4096)
    counts = np.full((high - low, 2), -1, np.int64)
    for i in range(low, high):
        if np.isnan(lens[i]):
            continue
        m, walls = _low_walls(g, x[i], y[i], reach[i], lens[i], stamp, i, walls)
        if m == 0:
            continue
        zx, zy = (1.0, 0.0) if full[i] else (sx[i], sy[i])
        first, last = starts[i], starts[i + 1]
        room = last - first + 2 * m + 2
        if room > len(step):
            b, step = np.empty((9, 2 * room)), np.empty(2 * room, np.int64)
            whole, real = np.empty((9, 2 * ROOM * room), np.int64), np.empty((7, 2 * ROOM * room))
        if full[i] and last > first:
            zx, zy = pieces[first, 0], pieces[first, 1]
            length = np.hypot(zx, zy)
            zx, zy = zx / length, zy / length
        k, width = _bounds(
            g, x[i], y[i], lens[i], walls, m, pieces, kinds, first, last, reach[i], full[i], zx, zy, ex[i], ey[i],
            b, step,
        )  # fmt: skip
        if k == last - first and inside[i] == 0:
            continue
        events = _events(k, last - first, width, zx, zy, b)
        n, m, vx, vy, ea, eb, arc = _edges(
            events, full[i], zx, zy, k, inside[i], b, step, whole, real, vx, vy, ea, eb, arc
        )
        if at + n > len(out):
            more = np.empty((2 * len(out) + n, 2))
            more[:at] = out[:at]
            out = more
        if edges + m > len(radius):
            more_edge = np.empty((2 * len(edge) + m, 2), np.int64)
            more_edge[:edges] = edge[:edges]
            edge, radius = more_edge, _wider(radius, 2 * len(edge) + m)
        for j in range(n):
            out[at + j, 0], out[at + j, 1] = vx[j], vy[j]
        for j in range(m):
            edge[edges + j, 0], edge[edges + j, 1], radius[edges + j] = ea[j], eb[j], arc[j]
        at, edges = at + n, edges + m
        counts[i - low, 0], counts[i - low, 1] = n, m
    return out[:at], edge[:edges], radius[:edges], counts
