"""The kernel that sums, target by target, how many cameras see it and how sharply."""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def sort_pairs(camera, target, sure, targets):  # type: ignore[no-untyped-def]
    """Sort pairs by target, cameras ascending as they came; return where each target starts, cameras, certainty."""
    start = np.zeros(targets + 1, np.int64)
    for j in target:
        start[j + 1] += 1
    for j in range(targets):
        start[j + 1] += start[j]
    place, out, certain = start[:-1].copy(), np.empty(len(camera), np.int32), np.empty(len(camera), np.bool_)
    for k in range(len(camera)):
        out[place[target[k]]], certain[place[target[k]]] = camera[k], sure[k]
        place[target[k]] += 1
    return start, out, certain


@njit(cache=True, nogil=True)
def tally(  # type: ignore[no-untyped-def]
    start, pairs, certain, tx, ty, tz, fx, fy, face,
    x, y, ux, uy, half, scale, mount, reach, number, known, chance, levels,
    density, best, low_n, expected, high_n, none, one, first, last,
):  # fmt: skip
    """Add the cameras of ``pairs`` to the sums of the targets first … last-1.

    Columns 0, 1, 2 of ``half`` (cosine of half the angle of view), ``scale`` (pixels per radian), ``mount`` and
    ``reach`` are the pessimistic, expected and optimistic ends. ``known``: how many of the ``number`` cameras of a row
    have a known pose; the others see with ``chance``. ``none`` and ``one``: the chance that no and that exactly one
    camera sees the target. A pair that is not ``certain`` counts at the optimistic end only. (fx, fy) is
    the direction it must be seen from, NaN for any; ``face`` the cosine allowed. Sums by level have a row for
    each level, so that each becomes a column without a copy.
    """
    least = levels * (1.0 - 1e-12)
    for t in range(first, last):
        for place in range(start[t], start[t + 1]):
            c, trusted = pairs[place], certain[place]
            dx, dy = tx[t] - x[c], ty[t] - y[c]
            square = dx * dx + dy * dy
            away = np.sqrt(square)
            if fx[t] == fx[t] and -(dx * fx[t] + dy * fy[t]) < face * away - 1e-12:
                continue
            ahead = dx * ux[c] + dy * uy[c]
            far = np.sqrt(square + (mount[c, 0] - tz[t]) ** 2)
            low = scale[c, 0] / max(far, 1e-3) if away <= reach[c, 0] else 0.0
            if mount[c, 1] != mount[c, 0]:
                far = np.sqrt(square + (mount[c, 1] - tz[t]) ** 2)
            middle = scale[c, 1] / max(far, 1e-3) if away <= reach[c, 1] else 0.0
            if mount[c, 2] != mount[c, 1]:
                far = np.sqrt(square + (mount[c, 2] - tz[t]) ** 2)
            high = scale[c, 2] / max(far, 1e-3) if away <= reach[c, 2] else 0.0
            sure, rest = known[c], number[c] - known[c]
            posed = sure > 0
            aimed_low = trusted & posed & ((half[c, 0] <= -1.0) | (ahead >= half[c, 0] * away - 1e-9))
            aimed = trusted & posed & ((half[c, 1] <= -1.0) | (ahead >= half[c, 1] * away - 1e-9))
            aimed_high = posed & ((half[c, 2] <= -1.0) | (ahead >= half[c, 2] * away - 1e-9))
            if aimed_low and low > density[t, 0]:
                density[t, 0], best[t, 0] = low, c
            if (aimed_high or rest > 0) and high > density[t, 1]:
                density[t, 1], best[t, 1] = high, c
            top, most = max(low, middle, high), (sure if aimed_high else 0) + rest
            for k in range(len(least)):
                level = least[k]
                if level > top:
                    continue
                if aimed_low and low >= level:
                    low_n[k, t] += sure
                if high >= level:
                    high_n[k, t] += most
                if middle < level or not trusted:
                    continue
                if aimed:
                    expected[k, t] += sure
                    one[k, t] = none[k, t] if sure == 1 else 0.0
                    none[k, t] = 0.0
                if rest > 0:
                    p = chance[c]
                    expected[k, t] += rest * p
                    miss = (1.0 - p) ** rest
                    one[k, t] = one[k, t] * miss + none[k, t] * rest * p * (1.0 - p) ** (rest - 1)
                    none[k, t] *= miss
