"""The kernel that chains the edges of views over low walls to closed rings, with chords for their arcs."""

from __future__ import annotations

import numpy as np
from numba import njit

from citycover.sight._outline import ARC, COS, SIN, STEP


@njit(cache=True, nogil=True)
def _next(vertex, edge, v0, out, begin, end, used, a, b):  # type: ignore[no-untyped-def]
    """Return which unused edge from b, come from a, turns least from the way back, clockwise; -1: none is left."""
    best, sharpest = -1, -10.0
    ix, iy = vertex[a, 0] - vertex[b, 0], vertex[a, 1] - vertex[b, 1]
    for place in range(begin, end):
        other = out[place]
        if used[other]:
            continue
        if end - begin == 1:
            return other
        to = v0 + edge[other, 1]
        ox, oy = vertex[to, 0] - vertex[b, 0], vertex[to, 1] - vertex[b, 1]
        angle = np.arctan2(ix * oy - iy * ox, ix * ox + iy * oy)  # from the way back, counter-clockwise
        angle = -angle if angle <= 0.0 else 2.0 * np.pi - angle  # clockwise, 0 to 2 pi
        if angle > sharpest:
            best, sharpest = other, angle
    return best


@njit(cache=True, nogil=True)
def chain_rings(vertex, edge, radius, counts):  # type: ignore[no-untyped-def]
    """Return the rings of all views: points, the end of each ring in them, rings of each view (-1: not asked).

    Arguments are what :func:`citycover.sight._shadows.cast_shadows` returns. Rings that run counter-clockwise are
    shells, the others holes.
    """
    room = 4 * len(edge) + 64
    px, py, n = np.empty(room), np.empty(room), 0
    ends, rings = np.empty(len(edge) + 1, np.int64), 0
    asked = np.full(len(counts), -1, np.int64)
    most_v, most_e = max(counts[:, 0].max(), 0), max(counts[:, 1].max(), 0)
    start, place = np.empty(most_v + 1, np.int64), np.empty(most_v + 1, np.int64)
    out, used = np.empty(most_e, np.int64), np.empty(len(edge), np.bool_)
    used[:] = False
    v0, e0 = 0, 0
    for i in range(len(counts)):
        if counts[i, 0] < 0:
            continue
        size, m, before = counts[i, 0], counts[i, 1], rings
        start[: size + 1] = 0
        for j in range(e0, e0 + m):
            start[edge[j, 0] + 1] += 1
        for j in range(size):
            start[j + 1] += start[j]
            place[j] = start[j]
        for j in range(e0, e0 + m):
            out[place[edge[j, 0]]] = j
            place[edge[j, 0]] += 1
        for first in range(e0, e0 + m):
            if used[first]:
                continue
            now, begin, closed = first, n, False
            for _ in range(m + 1):
                used[now] = True
                a, b = v0 + edge[now, 0], v0 + edge[now, 1]
                ax, ay, r = vertex[a, 0], vertex[a, 1], radius[now]
                low, high = 0, 0
                if r > 0.0:  # vertices at fixed directions, as in the outline of a view without low walls
                    swept = np.arctan2(ax * vertex[b, 1] - ay * vertex[b, 0], ax * vertex[b, 0] + ay * vertex[b, 1])
                    turn = np.arctan2(ay, ax)
                    low = int(np.floor(turn / STEP + 1e-6)) + 1
                    high = int(np.ceil((turn + swept + (2.0 * np.pi if swept <= 0.0 else 0.0)) / STEP - 1e-6))
                if n + max(high - low, 0) + 2 > len(px):
                    more = np.empty((2, 2 * len(px) + high - low))
                    more[0, :n], more[1, :n] = px[:n], py[:n]
                    px, py = more[0], more[1]
                px[n], py[n] = ax, ay
                n += 1
                for c in range(low, high):
                    px[n], py[n] = r * COS[c % (4 * ARC)], r * SIN[c % (4 * ARC)]
                    n += 1
                if b == v0 + edge[first, 0]:
                    closed = True
                    break
                now = _next(vertex, edge, v0, out, start[b - v0], start[b - v0 + 1], used, a, b)
                if now < 0:
                    break
            if not closed or n - begin < 3:
                n = begin
                continue
            ends[rings] = n
            rings += 1
        asked[i] = rings - before
        v0, e0 = v0 + size, e0 + m
    return px[:n], py[:n], ends[:rings], asked
