"""The kernel of views over low walls: the ground of an envelope less the shadows that low walls cast on it, exact.

Along each direction a wall lower than the lens hides the ground from its front to ``H / (H - h)`` times as far (the
ray over its top, lens at H, wall at h). A front counts +1 from its distance on, a back -1 from the end of its shadow
on, and ground is hidden where the sum is above zero: so a house hides from its front wall to the end of the shadow of
its back wall. A barrier has both. Seen from the camera every such bound is a straight line ``q . n = 1``. Directions
where a bound begins, ends or crosses another cut the view into slabs; within one the order of the bounds is fixed. The
edges of the seen pieces are chained to rings.
"""

from __future__ import annotations

import numpy as np
from numba import njit

TOUCH = 1e-6
"""Vertices on one direction nearer than this (m) are one."""

SAME = 1e-11
"""Directions nearer than this (radians) are one."""

STEP = 0.5 * np.pi / 64
"""Radians of a chord that stands for an arc: 64 to a quarter circle."""


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
def _bounds(  # type: ignore[no-untyped-def]
    g, x, y, lens, walls, m, pieces, kinds, first, last, reach, full, sx, sy, ex, ey, nx, ny, radius, step, u0, u1
):
    """Fill the bounds: the envelope's pieces (step 0), then the low walls, those across the first direction twice."""
    k, width = 0, 2.0 * np.pi
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
        u = u1[k]
        k += 1
    for i in range(m):
        j = walls[i]
        ax, ay, bx, by = g.ax[j] - x, g.ay[j] - y, g.bx[j] - x, g.by[j] - y
        cross = ax * by - ay * bx
        front = cross < 0.0  # the solid to the left of a to b lies beyond
        scale = 1.0 if front else (lens - g.height[j]) / lens
        if not front:
            start, end = _turn(ax, ay, sx, sy), _turn(bx, by, sx, sy)
        else:
            start, end = _turn(bx, by, sx, sy), _turn(ax, ay, sx, sy)
        for part in range(1 if start <= end else 2):
            low = start if part == 0 else 0.0
            high = end if (start <= end or part == 1) else width
            low, high = max(low, 0.0), min(high, width)
            if high - low <= SAME:
                continue
            nx[k], ny[k], radius[k] = (by - ay) / cross * scale, (ax - bx) / cross * scale, 0.0
            u0[k], u1[k], step[k] = low, high, (1 if front else -1)
            k += 1
    return k, width


@njit(cache=True, nogil=True)
def _events(k, width, sx, sy, nx, ny, radius, u0, u1):  # type: ignore[no-untyped-def]
    """Return the angles where a bound begins, ends or crosses another, sorted, none twice."""
    out, n = np.empty(4 * k + 64), 0
    vx, vy = np.empty(2 * k), np.empty(2 * k)  # the directions where each bound begins and ends
    for i in range(k):
        for side in range(2):
            u = u0[i] if side == 0 else u1[i]
            c, d = np.cos(u), np.sin(u)
            vx[2 * i + side], vy[2 * i + side] = sx * c - sy * d, sx * d + sy * c
    for i in range(k):
        out[n], out[n + 1] = u0[i], u1[i]
        n += 2
    for i in range(k):
        for j in range(i + 1, k):
            low, high = max(u0[i], u0[j]), min(u1[i], u1[j])
            if high - low <= SAME or (radius[i] > 0.0 and radius[j] > 0.0):
                continue
            if n + 4 >= len(out):
                out = _wider(out, 0)
            if radius[i] <= 0.0 and radius[j] <= 0.0:
                px, py = nx[i] - nx[j], ny[i] - ny[j]
                p, q = (i if u0[i] >= u0[j] else j), (i if u1[i] <= u1[j] else j)
                if (vx[2 * p] * px + vy[2 * p] * py) * (vx[2 * q + 1] * px + vy[2 * q + 1] * py) > 0.0:
                    continue  # on one side of each other at both ends: they do not cross
                for sign in (1.0, -1.0):  # the two directions along which both are as far
                    u = _turn(-py * sign, px * sign, sx, sy)
                    if low + SAME < u < high - SAME and (px != 0.0 or py != 0.0):
                        out[n] = u
                        n += 1
            else:
                line, r = (j, radius[i]) if radius[i] > 0.0 else (i, radius[j])
                square = nx[line] ** 2 + ny[line] ** 2
                rest = r * r - 1.0 / square
                if rest <= 0.0:
                    continue
                root = np.sqrt(rest / square)
                for sign in (1.0, -1.0):
                    u = _turn(
                        nx[line] / square - sign * ny[line] * root, ny[line] / square + sign * nx[line] * root, sx, sy
                    )
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
            return ids[i], n, at, vx, vy
    if at == len(vx):
        vx, vy = _wider(vx, 0), _wider(vy, 0)
    vx[at], vy[at] = r * dx, r * dy
    if n < len(along):
        along[n], ids[n] = r, at
    return at, n + 1, at + 1, vx, vy


@njit(cache=True, nogil=True)
def _seen_pieces(mid, zx, zy, k, inside, nx, ny, radius, step, u0, u1, order, far, lo, hi):  # type: ignore[no-untyped-def]
    """Fill the bounds (lo, hi) of the seen pieces along one direction, nearest first; lo -1 is the camera."""
    dx, dy = zx * np.cos(mid) - zy * np.sin(mid), zx * np.sin(mid) + zy * np.cos(mid)
    n, outer = 0, -1
    for i in range(k):
        if u0[i] < mid < u1[i]:
            if step[i] == 0:
                outer = i
                continue
            r = _distance(i, dx, dy, nx, ny, radius)
            p = n
            while p > 0 and far[p - 1] > r:
                far[p], order[p] = far[p - 1], order[p - 1]
                p -= 1
            far[p], order[p] = r, i
            n += 1
    if outer < 0:
        return 0
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
def _edges(events, full, zx, zy, k, inside, nx, ny, radius, step, u0, u1):  # type: ignore[no-untyped-def]
    """Return vertices and directed edges (seen ground to the left) of one view; bound of an arc's edge, else -1."""
    vx, vy, at = np.empty(256), np.empty(256), 1
    vx[0], vy[0] = 0.0, 0.0
    ea, eb, arc, m = np.empty(512, np.int64), np.empty(512, np.int64), np.empty(512), 0
    order, far = np.empty(k + 1, np.int64), np.empty(k + 1)
    lo, hi, new_lo, new_hi = (
        np.empty(k + 2, np.int64),
        np.empty(k + 2, np.int64),
        np.empty(k + 2, np.int64),
        np.empty(k + 2, np.int64),
    )
    start_lo, start_hi = np.full(k, -1, np.int64), np.full(k, -1, np.int64)
    along, ids = np.empty(8 * k + 16), np.empty(8 * k + 16, np.int64)
    first_along, first_ids, n_first = np.empty(4 * k + 8), np.empty(4 * k + 8, np.int64), 0
    first_lo, first_hi, first_pieces = np.empty(k + 2), np.empty(k + 2), 0
    cuts = np.empty(8 * k + 16)
    pieces = 0
    for e in range(len(events)):
        last = e == len(events) - 1
        u = events[e]
        dx, dy = zx * np.cos(u) - zy * np.sin(u), zx * np.sin(u) + zy * np.cos(u)
        n = 0
        if last and full:
            for i in range(n_first):
                along[i], ids[i] = first_along[i], first_ids[i]
            n = n_first
        new_pieces = 0
        if not last:
            new_pieces = _seen_pieces(
                0.5 * (u + events[e + 1]), zx, zy, k, inside, nx, ny, radius, step, u0, u1, order, far, new_lo, new_hi
            )
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
                v, n, at, vx, vy = _vertex(along, ids, n, _distance(c, dx, dy, nx, ny, radius), vx, vy, at, dx, dy)
                begin = start_lo[c] if side == 0 else start_hi[c]
                if begin != v or (last and full and side == 1 and radius[c] > 0.0):  # or all the way round
                    if m + 2 >= len(ea):
                        ea, eb, arc = _wider(ea, 0), _wider(eb, 0), _wider(arc, 0)
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
                v, n, at, vx, vy = _vertex(along, ids, n, _distance(c, dx, dy, nx, ny, radius), vx, vy, at, dx, dy)
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
        if n_cuts > 0:
            stops = np.sort(cuts[:n_cuts].copy())
            for s in range(n_cuts - 1):
                if stops[s + 1] - stops[s] <= TOUCH:
                    continue
                r = 0.5 * (stops[s] + stops[s + 1])
                before = after = False
                for i in range(0, middle, 2):
                    before = before or cuts[i] < r < cuts[i + 1]
                for i in range(middle, n_cuts, 2):
                    after = after or cuts[i] < r < cuts[i + 1]
                if before == after:
                    continue
                near, n, at, vx, vy = (
                    (0, n, at, vx, vy) if stops[s] <= TOUCH else _vertex(along, ids, n, stops[s], vx, vy, at, dx, dy)
                )
                away, n, at, vx, vy = _vertex(along, ids, n, stops[s + 1], vx, vy, at, dx, dy)
                if m + 2 >= len(ea):
                    ea, eb, arc = _wider(ea, 0), _wider(eb, 0), _wider(arc, 0)
                ea[m], eb[m] = (away, near) if before else (near, away)
                arc[m] = 0.0
                m += 1
        pieces = new_pieces
        for j in range(new_pieces):
            lo[j], hi[j] = new_lo[j], new_hi[j]
    return vx[:at], vy[:at], ea[:m], eb[:m], arc[:m]


@njit(cache=True, nogil=True)
def _chain(vx, vy, ea, eb, arc):  # type: ignore[no-untyped-def]
    """Chain the edges to closed rings; return the points and where each ring ends in them."""
    m, size = len(ea), len(vx)
    start = np.zeros(size + 1, np.int64)
    for i in range(m):
        start[ea[i] + 1] += 1
    for i in range(size):
        start[i + 1] += start[i]
    place, out = start[:-1].copy(), np.empty(m, np.int64)
    for i in range(m):
        out[place[ea[i]]] = i
        place[ea[i]] += 1
    used = np.zeros(m, np.bool_)
    px, py, n = np.empty(4 * m + 16), np.empty(4 * m + 16), 0
    ends, rings = np.empty(m + 1, np.int64), 0
    for first in range(m):
        if used[first]:
            continue
        edge, begin = first, n
        closed = False
        for _ in range(m + 1):
            used[edge] = True
            a, b = ea[edge], eb[edge]
            begin_step, end_step, turn = 0, 0, 0.0
            if arc[edge] > 0.0:  # vertices at fixed directions, as in the outline of a view without low walls
                swept = np.arctan2(vx[a] * vy[b] - vy[a] * vx[b], vx[a] * vx[b] + vy[a] * vy[b])
                if swept <= 0.0:
                    swept += 2.0 * np.pi
                turn = np.arctan2(vy[a], vx[a])
                begin_step = int(np.floor(turn / STEP + 1e-6)) + 1
                end_step = int(np.ceil((turn + swept) / STEP - 1e-6))
            room = max(end_step - begin_step, 0)
            if n + room + 2 > len(px):
                px, py = _wider(px, 2 * len(px) + room + 2), _wider(py, 2 * len(py) + room + 2)
            px[n], py[n] = vx[a], vy[a]
            n += 1
            for c in range(begin_step, end_step):
                px[n], py[n] = arc[edge] * np.cos(c * STEP), arc[edge] * np.sin(c * STEP)
                n += 1
            if b == ea[first]:
                closed = True
                break
            best, sharpest = -1, -10.0
            ix, iy = vx[a] - vx[b], vy[a] - vy[b]
            for place_ in range(start[b], start[b + 1]):
                other = out[place_]
                if used[other]:
                    continue
                ox, oy = vx[eb[other]] - vx[b], vy[eb[other]] - vy[b]
                angle = np.arctan2(ix * oy - iy * ox, ix * ox + iy * oy)  # from the way back, counter-clockwise
                angle = -angle if angle <= 0.0 else 2.0 * np.pi - angle  # clockwise, 0 to 2 pi
                if angle > sharpest:
                    best, sharpest = other, angle
            if best < 0:
                break
            edge = best
        if not closed or n - begin < 3:
            n = begin
            continue
        ends[rings] = n
        rings += 1
    return px[:n], py[:n], ends[:rings]


@njit(cache=True, nogil=True)
def cast_shadows(g, pieces, kinds, starts, x, y, reach, lens, inside, sx, sy, ex, ey, full, low, high):  # type: ignore[no-untyped-def]
    """Return the views low … high-1 over low walls as rings: points, the end of each ring, rings of each camera.

    ``pieces`` are the envelopes of the walls that are not low (``trace_views`` of the same cameras), ``lens`` the
    heights of the lenses (NaN: nothing is low), ``inside`` how many low houses a camera stands on. A camera without a
    low wall in reach has -1 rings: its envelope is its view. Rings that run counter-clockwise are shells, the others
    holes; points are relative to the camera.
    """
    stamp = np.full(len(g.ax), -1, np.int64)
    walls = np.empty(256, np.int64)
    ox, oy, at = np.empty(4096), np.empty(4096), 0
    ends, rings = np.empty(1024, np.int64), 0
    counts = np.full(high - low, -1, np.int64)
    for i in range(low, high):
        if np.isnan(lens[i]):
            continue
        m, walls = _low_walls(g, x[i], y[i], reach[i], lens[i], stamp, i, walls)
        if m == 0:
            continue
        zx, zy = (1.0, 0.0) if full[i] else (sx[i], sy[i])
        room = starts[i + 1] - starts[i] + 2 * m + 2
        nx, ny, radius, u0, u1 = np.empty(room), np.empty(room), np.empty(room), np.empty(room), np.empty(room)
        step = np.empty(room, np.int64)
        first, last = starts[i], starts[i + 1]
        if full[i] and last > first:
            zx, zy = pieces[first, 0], pieces[first, 1]
            length = np.hypot(zx, zy)
            zx, zy = zx / length, zy / length
        k, width = _bounds(
            g, x[i], y[i], lens[i], walls, m, pieces, kinds, first, last, reach[i], full[i], zx, zy, ex[i], ey[i],
            nx, ny, radius, step, u0, u1,
        )  # fmt: skip
        events = _events(k, width, zx, zy, nx, ny, radius, u0, u1)
        vx, vy, ea, eb, arc = _edges(events, full[i], zx, zy, k, inside[i], nx, ny, radius, step, u0, u1)
        px, py, closed = _chain(vx, vy, ea, eb, arc)
        if at + len(px) > len(ox):
            ox, oy = _wider(ox, at + len(px) + len(ox)), _wider(oy, at + len(px) + len(oy))
        if rings + len(closed) > len(ends):
            ends = _wider(ends, rings + len(closed) + len(ends))
        ox[at : at + len(px)], oy[at : at + len(px)] = px, py
        ends[rings : rings + len(closed)] = closed + at
        at, rings = at + len(px), rings + len(closed)
        counts[i - low] = len(closed)
    return ox[:at], oy[:at], ends[:rings], counts
