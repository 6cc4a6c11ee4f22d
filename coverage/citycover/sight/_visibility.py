"""The kernel: the ground that a camera sees between walls, exact, as an angular envelope.

Walls are met cell by cell, nearest first; a cell that the envelope already hides is not opened. The envelope is a
list of pieces with one wall each; a wall is the line ``q . n = 1`` seen from the camera, so that along a direction d
the nearer of two walls is the one of larger ``d . n``: no trigonometry, no division.
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

PIECE = np.dtype([(name, "f8") for name in ("u", "dx", "dy", "nx", "ny", "top")] + [("wall", "i8")])
"""A piece of the envelope: its start (diamond angle and direction), its wall's line, height and number, -1: none.
A row behind the last holds where the envelope ends."""

SPAN = np.dtype([(name, "f8") for name in ("u0", "ax", "ay", "u1", "bx", "by", "nx", "ny", "top")] + [("wall", "i8")])
"""A wall as the camera sees it: from direction a, at u0, counter-clockwise to b, at u1; its line, height and number."""

CHORD, BOW, WIDE = 0, 1, 2
"""Pieces of an outline: along a wall, along an arc, along an arc of more than half a right angle."""


@njit(cache=True, nogil=True)
def _angle(x, y):  # type: ignore[no-untyped-def]
    t = x / (abs(x) + abs(y))
    return 1.0 - t if y >= 0.0 else 3.0 + t


@njit(cache=True, nogil=True)
def _turn(x, y, zero):  # type: ignore[no-untyped-def]
    u = _angle(x, y) - zero
    return u + 4.0 if u < 0.0 else u


@njit(cache=True, nogil=True)
def _find(e, n, u):  # type: ignore[no-untyped-def]
    """Return the last of n pieces that starts at or before u."""
    low = 0
    while n > 1:
        half = n >> 1
        low += half if e[low + half].u <= u else 0
        n -= half
    return low


@njit(cache=True, nogil=True)
def _grown(array, size):  # type: ignore[no-untyped-def]
    out = np.empty(max(size, 2 * len(array)), array.dtype)
    out[: len(array)] = array
    return out


@njit(cache=True, nogil=True)
def _cells(low, high, cell, number):  # type: ignore[no-untyped-def]
    return max(int(np.floor(low / cell)), 0), min(int(np.floor(high / cell)), number - 1)


@njit(cache=True, nogil=True)
def _put(piece, u, dx, dy, source):  # type: ignore[no-untyped-def]
    """Fill a row: a piece from direction (dx, dy) on, of the wall that ``source``, a piece or a span, is of."""
    piece.u, piece.dx, piece.dy = u, dx, dy
    piece.nx, piece.ny, piece.top, piece.wall = source.nx, source.ny, source.top, source.wall


@njit(cache=True, nogil=True)
def _add(t, m, u, dx, dy, source):  # type: ignore[no-untyped-def]
    """Add a piece behind m others, unless it goes on with the last one's wall; return how many there are now."""
    if m > 0 and t[m - 1].wall == source.wall:
        return m
    _put(t[m], u, dx, dy, source)
    return m + 1


@njit(cache=True, nogil=True)
def _move(e, low, high, shift):  # type: ignore[no-untyped-def]
    """Move the rows low … high of the envelope by ``shift`` rows."""
    first, last, step = (high, low - 1, -1) if shift > 0 else (low, high + 1, 1)
    for j in range(first, last, step):
        e[j + shift] = e[j]


@njit(cache=True, nogil=True)
def _meet(piece, after, span, u0, ax, ay, u1, bx, by):  # type: ignore[no-untyped-def]
    """Return where a piece and a span overlap, how much nearer the span is at both ends, and what is too little."""
    us, sx, sy = (piece.u, piece.dx, piece.dy) if piece.u >= u0 - SAME else (u0, ax, ay)
    ue, ex, ey = (after.u, after.dx, after.dy) if after.u <= u1 + SAME else (u1, bx, by)
    px, py = span.nx - piece.nx, span.ny - piece.ny
    ts, te = 1e-12 * abs(sx * span.nx + sy * span.ny), 1e-12 * abs(ex * span.nx + ey * span.ny)
    return us, sx, sy, ue, ex, ey, sx * px + sy * py, ex * px + ey * py, ts, te


@njit(cache=True, nogil=True)
def _insert(e, n, t, span, u0, ax, ay, u1, bx, by, zero):  # type: ignore[no-untyped-def]
    """Lay the wall of a span, seen from u0 (a) to u1 (b), into the envelope of n pieces; return the new n."""
    first = _find(e, n, u0 + SAME)
    i, met = first, 0  # met: 1 where the wall is nearer, 2 where it is not, 3 where it is both
    while True:
        _, _, _, _, _, _, fs, fe, ts, te = _meet(e[i], e[i + 1], span, u0, ax, ay, u1, bx, by)
        met |= (1 if (fs > ts) | (fe > te) else 2) | (2 if (fs < -ts) | (fe < -te) else 0)
        i += 1
        if e[i].u >= u1 - SAME:
            break
    if met == 2:
        return n
    left, right = e[first].u < u0 - SAME, e[i].u > u1 + SAME
    if met == 1:
        t[0] = e[i - 1]
        shift = int(left) + 1 + int(right) - (i - first)
        _move(e, i, n, shift)
        u, dx, dy = (u0, ax, ay) if left else (e[first].u, e[first].dx, e[first].dy)
        first += left
        _put(e[first], u, dx, dy, span)
        if right:
            _put(e[first + 1], u1, bx, by, t[0])
        return n + shift
    t[0], m = e[first], int(left)
    for j in range(first, i):
        piece = e[j]
        us, sx, sy, ue, ex, ey, fs, fe, ts, te = _meet(piece, e[j + 1], span, u0, ax, ay, u1, bx, by)
        if (fs > ts and fe < -te) or (fs < -ts and fe > te):  # they cross: the direction where f, linear, is zero
            weight = 1.0 / (abs(fs) + abs(fe))
            cx, cy = (sx * abs(fe) + ex * abs(fs)) * weight, (sy * abs(fe) + ey * abs(fs)) * weight
            uc = _turn(cx, cy, zero)
            if uc > us + SAME:
                m = _add(t, m, us, sx, sy, span) if fs > 0.0 else _add(t, m, us, sx, sy, piece)
            else:
                uc, cx, cy = us, sx, sy
            if uc < ue - SAME:
                m = _add(t, m, uc, cx, cy, piece) if fs > 0.0 else _add(t, m, uc, cx, cy, span)
        elif fs > ts or fe > te:
            m = _add(t, m, us, sx, sy, span)
        else:
            m = _add(t, m, us, sx, sy, piece)
    if right:
        m = _add(t, m, u1, bx, by, e[i - 1])
    shift = m - (i - first)
    _move(e, i, n, shift)
    for j in range(m):
        e[first + j] = t[j]
    return n + shift


@njit(cache=True, nogil=True)
def _behind(e, n, u0, u1, square, lens):  # type: ignore[no-untyped-def]
    """Tell whether all between u0 and u1 and farther than the root of ``square`` is hidden by walls not under lens."""
    i = _find(e, n, u0)
    while i < n:
        piece, after = e[i], e[i + 1]
        if piece.u >= u1:
            break
        g, h = piece.dx * piece.nx + piece.dy * piece.ny, after.dx * piece.nx + after.dy * piece.ny
        far = piece.dx * piece.dx + piece.dy * piece.dy >= square * g * g
        farther = after.dx * after.dx + after.dy * after.dy >= square * h * h
        if (g <= 0.0) | (h <= 0.0) | far | farther | (piece.top < lens):  # no wall: g is 0
            return False
        i += 1
    return True


@njit(cache=True, nogil=True)
def _sides(x0, y0, x1, y1, zero):  # type: ignore[no-untyped-def]
    """Return the angles where a box beside the camera (relative corners) begins and ends."""
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
    return _turn(ax, ay, zero), _turn(bx, by, zero)


@njit(cache=True, nogil=True)
def _shut(e, n, sides, square, lens):  # type: ignore[no-untyped-def]
    """Tell whether all between two angles and farther than the root of ``square`` is hidden or out of the sector."""
    (u0, u1), width = sides, e[n].u
    if u0 <= u1:
        return u0 > width or _behind(e, n, u0, min(u1, width), square, lens)
    if u0 < width and not _behind(e, n, u0, width, square, lens):
        return False
    return _behind(e, n, 0.0, min(u1, width), square, lens)


@njit(cache=True, nogil=True)
def _sector(reach, sx, sy, ex, ey, full):  # type: ignore[no-untyped-def]
    """Return where angles start, how far they go, and how far the sector reaches west, south, east and north."""
    if full:
        return 0.0, 4.0, -reach, -reach, reach, reach
    zero = _angle(sx, sy)
    width = _turn(ex, ey, zero)
    west = -reach if _turn(-1.0, 0.0, zero) <= width else min(sx, ex, 0.0) * reach
    south = -reach if _turn(0.0, -1.0, zero) <= width else min(sy, ey, 0.0) * reach
    east = reach if _turn(1.0, 0.0, zero) <= width else max(sx, ex, 0.0) * reach
    north = reach if _turn(0.0, 1.0, zero) <= width else max(sy, ey, 0.0) * reach
    return zero, width, west, south, east, north


@njit(cache=True, nogil=True)
def _look(x, y, reach, lens, sx, sy, ex, ey, full, g, e, t, w):  # type: ignore[no-untyped-def]
    """Build the envelope e of one camera; return the number of pieces and the buffers, grown if need be.

    Walls of a cell are met in three loops: which are seen from the front and in reach, where they lie, and into the
    envelope with them. The first two do not branch: what a wall does is anyone's guess, and a wrong guess costs more
    than the arithmetic.
    """
    zero, width, west, south, east, north = _sector(reach, sx, sy, ex, ey, full)
    if full:
        sx, sy, ex, ey = 1.0, 0.0, 1.0, 0.0
    w[0].nx, w[0].ny, w[0].top, w[0].wall = 0.0, 0.0, np.inf, -1
    _put(e[0], 0.0, sx, sy, w[0])
    _put(e[1], width, ex, ey, w[0])
    n, square, cell = 1, reach * reach, g.cell
    # a sector of up to half the circle lies to the left of its start and to the right of its end
    lx, ly, rx, ry = (sx, sy, ex, ey) if width <= 2.0 else (0.0, 0.0, 0.0, 0.0)
    column, row = int(np.floor(x / cell)), int(np.floor(y / cell))
    c_low, c_high = _cells(x + west, x + east, cell, g.columns)
    r_low, r_high = _cells(y + south, y + north, cell, g.rows)
    for ring in range(int(reach / cell) + 2):
        for r in range(max(row - ring, r_low), min(row + ring, r_high) + 1):
            step = 1 if abs(r - row) == ring else 2 * ring
            for c in range(column - ring, column + ring + 1, step):
                if c < c_low or c > c_high:
                    continue
                begin, end = g.start[r * g.columns + c], g.start[r * g.columns + c + 1]
                x0, y0 = c * cell - x, r * cell - y
                x1, y1 = x0 + cell, y0 + cell
                away_x, away_y = max(x0, -x1, 0.0), max(y0, -y1, 0.0)
                away = away_x * away_x + away_y * away_y
                out = (max(lx * y0, lx * y1) + max(-ly * x0, -ly * x1) < 0.0) | (away > square)
                if (begin == end) | out | (max(ry * x0, ry * x1) + max(-rx * y0, -rx * y1) < 0.0):
                    continue
                if away > 0.0 and _shut(e, n, _sides(x0, y0, x1, y1, zero), away, np.nan):
                    continue
                if end - begin > len(w):
                    w = np.empty(2 * (end - begin), SPAN)
                m = 0
                for place in range(begin, end):
                    j = g.items[place]
                    ax, ay, bx, by = g.ax[j] - x, g.ay[j] - y, g.bx[j] - x, g.by[j] - y
                    cross, wx, wy = ax * by - ay * bx, bx - ax, by - ay
                    length, foot = wx * wx + wy * wy, -(ax * wx + ay * wy)
                    w[m].wall = j
                    near = (ax * ax + ay * ay <= square) | (bx * bx + by * by <= square)
                    ahead = (lx * ay - ly * ax >= 0.0) | (lx * by - ly * bx >= 0.0)
                    m += (
                        (cross < 0.0)  # from the front
                        & (cross * cross > 1e-18 * length)  # not edge on
                        & (near | ((foot > 0.0) & (foot < length) & (cross * cross <= square * length)))
                        & (ahead & ((ax * ry - ay * rx >= 0.0) | (bx * ry - by * rx >= 0.0)))
                        & (not g.height[j] < lens)  # seen over; never where the lens is unknown (NaN)
                    )
                for i in range(m):
                    span = w[i]
                    j = span.wall
                    ax, ay, bx, by = g.ax[j] - x, g.ay[j] - y, g.bx[j] - x, g.by[j] - y
                    scale = 1.0 / (ax * by - ay * bx)
                    span.nx, span.ny, span.top = (by - ay) * scale, (ax - bx) * scale, g.height[j]
                    span.u0, span.ax, span.ay = _turn(bx, by, zero), bx, by
                    span.u1, span.bx, span.by = _turn(ax, ay, zero), ax, ay
                for i in range(m):
                    span = w[i]
                    u0, u1 = span.u0, span.u1
                    for part in range(1 if u0 <= u1 else 2):  # a wall across the first direction comes in two parts
                        us, px, py = (u0, span.ax, span.ay) if part == 0 else (0.0, sx, sy)
                        ends = u1 <= width and (part == 1 or u0 <= u1)
                        ue, qx, qy = (u1, span.bx, span.by) if ends else (width, ex, ey)
                        if us >= width - SAME or ue - us <= SAME:
                            continue
                        if 2 * n + 8 > len(e):
                            e, t = _grown(e, 0), _grown(t, 0)
                        n = _insert(e, n, t, span, us, px, py, ue, qx, qy, zero)
        off_x, off_y = x - column * cell, y - row * cell
        edge = ring * cell + min(off_x, cell - off_x, off_y, cell - off_y)
        if edge >= reach or _behind(e, n, 0.0, width, edge * edge, np.nan):
            break
    return n, e, t, w


@njit(cache=True, nogil=True)
def _pieces(reach, e, n, q, kind):  # type: ignore[no-untyped-def]
    """Cut the envelope at the reach into chords (walls) and arcs, each with its start and end; return their number."""
    square, m, span = reach * reach, 0, 0.0
    rb = reach / np.sqrt(e[0].dx * e[0].dx + e[0].dy * e[0].dy)
    for i in range(n):
        nx, ny, dx, dy, dx1, dy1 = e[i].nx, e[i].ny, e[i].dx, e[i].dy, e[i + 1].dx, e[i + 1].dy
        swept = e[i + 1].u - e[i].u
        ra, rb = rb, reach / np.sqrt(dx1 * dx1 + dy1 * dy1)
        ga, gb = dx * nx + dy * ny, dx1 * nx + dy1 * ny
        s, till, px, py, wx, wy = -1.0, -1.0, 0.0, 0.0, 0.0, 0.0  # the wall lies in reach from s to till
        if ga > 0.0 and gb > 0.0:
            px, py = dx / ga, dy / ga
            wx, wy = dx1 / gb - px, dy1 / gb - py
            a, b, c = wx * wx + wy * wy, px * wx + py * wy, px * px + py * py - square
            d = b * b - a * c
            if a > 0.0 and d > 0.0:
                root = np.sqrt(d)
                s, till = max((-b - root) / a, 0.0), min((-b + root) / a, 1.0)
                if s >= till:
                    s, till = -1.0, -1.0
            elif c <= 0.0:
                s, till = 0.0, 1.0
        if s != 0.0:
            cx, cy = (px + s * wx, py + s * wy) if till >= 0.0 else (dx1 * rb, dy1 * rb)
            if m > 0 and kind[m - 1] != CHORD:
                span += swept
                m -= 1
            else:
                span = swept
                q[m, 0], q[m, 1] = dx * ra, dy * ra
            q[m, 2], q[m, 3], kind[m] = cx, cy, (WIDE if span > 0.7 else BOW)
            m += 1
        if till >= 0.0:
            q[m, 0], q[m, 1], q[m, 2], q[m, 3] = px + s * wx, py + s * wy, px + till * wx, py + till * wy
            kind[m] = CHORD
            m += 1
            if till < 1.0:
                q[m, 0], q[m, 1], q[m, 2], q[m, 3] = px + till * wx, py + till * wy, dx1 * rb, dy1 * rb
                span = swept
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
    e, t, w = np.empty(128, PIECE), np.empty(128, PIECE), np.empty(256, SPAN)
    pieces, kinds, at = np.empty((32 * (high - low) + 256, 4)), np.empty(32 * (high - low) + 256, np.int8), 0
    counts = np.zeros(high - low, np.int64)
    for i in range(low, high):
        n, e, t, w = _look(x[i], y[i], reach[i], lens[i], sx[i], sy[i], ex[i], ey[i], full[i], g, e, t, w)
        if at + 3 * n + 8 > len(kinds):
            more = np.empty((2 * len(kinds) + 6 * n, 4))
            more[:at] = pieces[:at]
            pieces, kinds = more, _grown(kinds, len(more))
        counts[i - low] = _pieces(reach[i], e, n, pieces[at:], kinds[at:])
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
    e, t, w = np.empty(128, PIECE), np.empty(128, PIECE), np.empty(256, SPAN)
    camera, target, at = np.empty(4096, np.int32), np.empty(4096, np.int32), 0
    highest = tz.max() if len(tz) else 0.0
    for i in range(low, high):
        lens = z[i] if not z[i] < highest else np.inf  # a wall lower than this may be looked over
        px, py, square, least, known = x[i] - dx0, y[i] - dy0, reach[i] * reach[i], near[i] * near[i], z[i] == z[i]
        zero, most, west, south, east, north = _sector(reach[i], sx[i], sy[i], ex[i], ey[i], full[i])
        c0, c1 = _cells(px + west, px + east, p.cell, p.columns)
        r0, r1 = _cells(py + south, py + north, p.cell, p.rows)
        n, width = 0, max(c1 - c0 + 1, 0)
        for cell in range(width * max(r1 - r0 + 1, 0)):
            row, column = r0 + cell // width, c0 + cell % width
            spot = row * p.columns + column
            begin, end = p.start[spot], p.start[spot + 1]
            x0, y0 = column * p.cell - px, row * p.cell - py
            off = np.hypot(max(x0, -x0 - p.cell, 0.0), max(y0, -y0 - p.cell, 0.0))
            if begin == end or off > reach[i]:
                continue
            if n == 0:
                n, e, t, w = _look(x[i], y[i], reach[i], np.nan, sx[i], sy[i], ex[i], ey[i], full[i], g, e, t, w)
            first, last = 0, n - 1  # the pieces that the cell lies in
            if off > 2.0 * TOUCH:
                u0, u1 = _sides(x0, y0, x0 + p.cell, y0 + p.cell, zero)
                if _shut(e, n, (u0, u1), (off - 2.0 * TOUCH) ** 2, lens):
                    continue
                if u0 <= u1:
                    first, last = _find(e, n, u0), _find(e, n, u1)
            if at + end - begin > len(camera):
                camera, target = _grown(camera, at + end - begin), _grown(target, at + end - begin)
            for j in range(begin, end):
                tx, ty = p.x[j] - px, p.y[j] - py
                away = tx * tx + ty * ty
                u = _turn(tx, ty, zero) if away > 0.0 else 0.0
                k = first
                for m in range(first + 1, last + 1):
                    k += e[m].u <= u
                piece = e[k]
                over = tx * piece.nx + ty * piece.ny  # how far the target lies, with the wall at 1
                free = (over <= 1.0) | ((over - 1.0) * (over - 1.0) * away <= TOUCH * TOUCH * over * over)
                ahead = (u <= most + 1e-12) | (u >= 4.0 - 1e-12)
                seen = (away <= square) & (away >= least) & ahead
                if known and seen & (above[i] | (not free)) and (free or z[i] + (tz[j] - z[i]) / over >= piece.top):
                    free = _walk(g, x[i], y[i], z[i], x[i] + tx, y[i] + ty, tz[j])
                camera[at], target[at] = i, j
                at += seen & free
    return camera[:at].copy(), target[:at].copy()
