"""The kernel that turns pieces of a view into closed rings: arcs become chords, the near edge is cut out."""

from __future__ import annotations

import numpy as np
from numba import njit

from citycover.sight._visibility import CHORD, WIDE

TINY = 1e-7
"""Vertices closer, and strips of a view narrower than this (m), are left out: so every outline is valid."""

ARC = 64
"""Chords to a quarter circle; the outline lies inside the true circle and loses at most 1e-4 of an open view."""

STEP = 0.5 * np.pi / ARC
COS, SIN = np.cos(np.arange(4 * ARC) * STEP), np.sin(np.arange(4 * ARC) * STEP)


@njit(cache=True, nogil=True)
def _drop_thin(q, kind, m):  # type: ignore[no-untyped-def]
    """Leave out pieces that are narrower than TINY where their neighbours come nearest; return how many stay."""
    kept = 0
    for i in range(m):
        ax, ay, bx, by = q[i, 0], q[i, 1], q[i, 2], q[i, 3]
        cross, dot = ax * by - ay * bx, ax * bx + ay * by
        if kind[i] != WIDE and dot > 0.0 and cross < 0.1 * dot:
            before, after = (kept - 1) if kept > 0 else m - 1, (i + 1) % m
            a, b = ax * ax + ay * ay, bx * bx + by * by
            near = min(a, b)
            near = min(near, q[before, 2] * q[before, 2] + q[before, 3] * q[before, 3])
            near = min(near, q[after, 0] * q[after, 0] + q[after, 1] * q[after, 1])
            if cross <= 0.0 or cross * cross * near < TINY * TINY * a * b:
                continue
        if kept != i:
            for j in range(4):
                q[kept, j] = q[i, j]
            kind[kept] = kind[i]
        kept += 1
    return kept


@njit(cache=True, nogil=True)
def _cut_near(near, q, kind, m, full, p, p_kind, gap):  # type: ignore[no-untyped-def]
    """Cut the pieces at the near edge; ``gap`` marks a piece that does not join the one before it."""
    square, kept, joined = near * near, 0, False
    for i in range(m):
        px, py, wx, wy = q[i, 0], q[i, 1], q[i, 2] - q[i, 0], q[i, 3] - q[i, 1]
        a, b, c = wx * wx + wy * wy, px * wx + py * wy, px * px + py * py - square
        s, e = 1.0, 1.0  # hidden from s to e
        d = b * b - a * c
        if kind[i] != CHORD:
            pass
        elif d > 0.0 and a > 0.0:
            root = np.sqrt(d)
            s, e = max((-b - root) / a, 0.0), min((-b + root) / a, 1.0)
            if s >= e:
                s, e = 1.0, 1.0
        elif c <= 0.0:
            s, e = 0.0, 1.0
        if s > 0.0:
            p[kept, 0], p[kept, 1], p[kept, 2], p[kept, 3] = px, py, px + s * wx, py + s * wy
            p_kind[kept], gap[kept] = kind[i], not joined
            kept += 1
            joined = s >= 1.0
        else:
            joined = False
        if s < 1.0 and e < 1.0:
            p[kept, 0], p[kept, 1], p[kept, 2], p[kept, 3] = px + e * wx, py + e * wy, q[i, 2], q[i, 3]
            p_kind[kept], gap[kept] = CHORD, True
            kept += 1
            joined = True
        elif s < 1.0:
            joined = False
    if kept > 0 and full and joined and q[0, 0] == p[0, 0] and q[0, 1] == p[0, 1]:
        gap[0] = False
    return kept


@njit(cache=True, nogil=True)
def _put(out, at, first, x, y):  # type: ignore[no-untyped-def]
    if at > first and (out[at - 1, 0] - x) ** 2 + (out[at - 1, 1] - y) ** 2 <= TINY * TINY:
        return at
    out[at, 0], out[at, 1] = x, y
    return at + 1


@njit(cache=True, nogil=True)
def _sweep(ax, ay, bx, by, wide):  # type: ignore[no-untyped-def]
    angle = np.arctan2(ax * by - ay * bx, ax * bx + ay * by)
    return angle + 2.0 * np.pi if wide and angle <= 0.0 else max(angle, 0.0)


@njit(cache=True, nogil=True)
def _put_arc(out, at, first, ax, ay, bx, by, radius, wide):  # type: ignore[no-untyped-def]
    """Put an arc from the direction of a to that of b, counter-clockwise, with vertices at fixed directions."""
    start = np.arctan2(ay, ax)
    end = start + _sweep(ax, ay, bx, by, wide)
    scale = radius / np.hypot(ax, ay)
    at = _put(out, at, first, ax * scale, ay * scale)
    for j in range(int(np.floor(start / STEP + 1e-6)) + 1, int(np.ceil(end / STEP - 1e-6))):
        at = _put(out, at, first, radius * COS[j % (4 * ARC)], radius * SIN[j % (4 * ARC)])
    scale = radius / np.hypot(bx, by)
    return _put(out, at, first, bx * scale, by * scale)


@njit(cache=True, nogil=True)
def _close(out, at, first):  # type: ignore[no-untyped-def]
    """Close the ring begun at ``first``; a ring without ground is taken back."""
    while (
        at - first > 1 and (out[at - 1, 0] - out[first, 0]) ** 2 + (out[at - 1, 1] - out[first, 1]) ** 2 <= TINY * TINY
    ):
        at -= 1
    if at - first < 3:
        return first
    out[at, 0], out[at, 1] = out[first, 0], out[first, 1]
    return at + 1


@njit(cache=True, nogil=True)
def _put_back(out, at, first, ax, ay, bx, by, radius, wide):  # type: ignore[no-untyped-def]
    """Put an arc from b back to a, clockwise: put forwards, then turned round."""
    back = at
    at = _put_arc(out, at, back, ax, ay, bx, by, radius, wide)
    low, high = back, at - 1
    while low < high:
        for axis in range(2):
            out[low, axis], out[high, axis] = out[high, axis], out[low, axis]
        low, high = low + 1, high - 1
    if back > first and (out[back, 0] - out[back - 1, 0]) ** 2 + (out[back, 1] - out[back - 1, 1]) ** 2 <= TINY * TINY:
        for j in range(back, at - 1):
            out[j, 0], out[j, 1] = out[j + 1, 0], out[j + 1, 1]
        at -= 1
    return at


@njit(cache=True, nogil=True)
def _outline(reach, near, full, q, q_kind, m, p, p_kind, gap, out, at, ring, hole, rings):  # type: ignore[no-untyped-def]
    """Put the rings of one view behind vertex ``at``; return the new numbers of vertices and of rings."""
    if near > 0.0:
        m = _cut_near(near, q, q_kind, m, full, p, p_kind, gap)
    else:
        p, p_kind = q, q_kind
        for i in range(m):
            gap[i] = i == 0 and not full
    if m == 0:
        return at, rings
    begin = 0
    while begin < m and not gap[begin]:
        begin += 1
    whole = begin == m  # all round the camera: with a near edge the view has a hole
    i = 0
    while i < m:
        first, start, turned = at, (begin + i) % m, 0.0
        while True:
            j = (begin + i) % m
            if p_kind[j] != CHORD:
                at = _put_arc(out, at, first, p[j, 0], p[j, 1], p[j, 2], p[j, 3], reach, p_kind[j] == WIDE)
            else:
                at = _put(out, at, first, p[j, 0], p[j, 1])
                at = _put(out, at, first, p[j, 2], p[j, 3])
            if near > 0.0:
                turned += _sweep(p[j, 0], p[j, 1], p[j, 2], p[j, 3], p_kind[j] == WIDE)
            i += 1
            if i >= m or gap[(begin + i) % m]:
                break
        if not whole and near > 0.0:
            at = _put_back(out, at, first, p[start, 0], p[start, 1], p[j, 2], p[j, 3], near, turned > 1.0)
        elif not whole:
            at = _put(out, at, first, 0.0, 0.0)
        at = _close(out, at, first)
        if at > first:
            ring[rings], hole[rings] = at, False
            rings += 1
    if whole and near > 0.0:
        first = at
        at = _close(out, _put_arc(out, at, at, near, 0.0, near, 0.0, near, True), first)
        if at > first:
            ring[rings], hole[rings] = at, True
            rings += 1
    return at, rings


@njit(cache=True, nogil=True)
def draw_rings(pieces, kinds, starts, x, y, reach, near, full, low, high):  # type: ignore[no-untyped-def]
    """Draw the rings of the views low … high-1 from their pieces (``starts`` … of each camera), at (x, y).

    Returned: vertices, the end of each ring in them, whether it is a hole of the ring before, and the number of rings
    of each camera.
    """
    out, at = np.empty((64 * (high - low) + 4096, 2)), 0
    ring, hole, rings = np.empty(high - low + 1024, np.int64), np.empty(high - low + 1024, np.bool_), 0
    q, kind, p = np.empty((512, 4)), np.empty(512, np.int8), np.empty((1024, 4))
    p_kind, gap = np.empty(1024, np.int8), np.empty(1024, np.bool_)
    counts = np.zeros(high - low, np.int64)
    for i in range(low, high):
        m = starts[i + 1] - starts[i]
        if m + 8 > len(q):
            q, kind, p = np.empty((2 * m + 16, 4)), np.empty(2 * m + 16, np.int8), np.empty((4 * m + 32, 4))
            p_kind, gap = np.empty(4 * m + 32, np.int8), np.empty(4 * m + 32, np.bool_)
        if at + 12 * m + 12 * ARC + 64 > len(out):
            more = np.empty((2 * len(out) + 24 * m + 24 * ARC, 2))
            more[:at] = out[:at]
            out = more
        if rings + 2 * m + 16 > len(ring):
            more_ring, more_hole = np.empty(2 * len(ring) + 4 * m, np.int64), np.empty(2 * len(ring) + 4 * m, np.bool_)
            more_ring[:rings], more_hole[:rings] = ring[:rings], hole[:rings]
            ring, hole = more_ring, more_hole
        before, first = rings, at
        if near[i] < reach[i]:
            for j in range(m):
                kind[j] = kinds[starts[i] + j]
                for axis in range(4):
                    q[j, axis] = pieces[starts[i] + j, axis]
            m = _drop_thin(q, kind, m)
            at, rings = _outline(reach[i], near[i], full[i], q, kind, m, p, p_kind, gap, out, at, ring, hole, rings)
        counts[i - low] = rings - before
        for j in range(first, at):
            out[j, 0] += x[i]
            out[j, 1] += y[i]
    return out[:at].copy(), ring[:rings].copy(), hole[:rings].copy(), counts
