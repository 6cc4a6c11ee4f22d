"""The kernels that tell how much of what a proposed camera adds the others already see, and which few of them do."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LOW, HIGH = 1, 2
"""Flags of a pair: the camera sees the row as it must be seen at its pessimistic end, at its optimistic end."""

USABLE, REPAIR, CONNECT, UPGRADE, PROPOSED, ACCEPT, NEVER = 0, 1, 2, 3, 4, 5, 9
"""What a camera is worth to others: as it stands, once mended, only if it is built, not at all."""

REASONS = ("", "settled", "one_owner", "one_pole", "other_purpose", "other_side", "too_few")
"""Why a camera that sees the same does not stand for another; in the order of :func:`weigh_reasons`."""

SCENE, FACE, PLATE, UNKNOWN = 0, 1, 2, 3
"""Groups of purposes: one camera can stand for another of its own group only."""


class Ledger(NamedTuple):
    """Who sees what, as arrays: rows (targets, or samples of a proposal's own view), cameras, and pairs of both.

    ``own[own_start[p]:own_start[p + 1]]`` are the useful rows of camera p (none unless it is proposed);
    ``seer[start[r]:start[r + 1]]`` the cameras that see row r with the ``flags`` of each pair. Of a row: ``weight``,
    ``number`` of cameras it needs, position. Of a camera: ``worth``, ``group`` of purposes, ``pole`` and ``owner``
    (codes, -1 unknown), ``aimed`` (of known direction, not all round),
    ``stands`` (built already), position, those barred from pairing,
    and whether persons ``settled`` that it repeats none at all.
    """

    own_start: Ints
    own: Ints
    start: Ints
    seer: Ints
    flags: npt.NDArray[np.uint8]
    weight: Floats
    number: Ints
    tx: Floats
    ty: Floats
    worth: Ints
    group: Ints
    pole: Ints
    owner: Ints
    aimed: npt.NDArray[np.bool_]
    stands: npt.NDArray[np.bool_]
    barred_start: Ints
    barred: Ints
    settled: npt.NDArray[np.bool_]
    x: Floats
    y: Floats


@njit(cache=True, nogil=True)
def rate_pairs(  # type: ignore[no-untyped-def]
    camera, row, x, y, ux, uy, half, scale, mount, reach, known, tx, ty, tz, fx, fy, need, face
):
    """Return for each pair of camera and row whether it meets the row's density: bits LOW and HIGH, 0 for neither.

    Columns 0 and 2 of ``half`` (cosine of half the angle of view), ``scale`` (pixels per radian), ``mount`` and
    ``reach`` are the pessimistic and optimistic ends. A camera of unknown aim meets only the optimistic one.
    """
    out = np.zeros(len(camera), np.uint8)
    for k in range(len(camera)):
        c, r = camera[k], row[k]
        dx, dy = tx[r] - x[c], ty[r] - y[c]
        away = np.hypot(dx, dy)
        if not np.isnan(fx[r]) and -(dx * fx[r] + dy * fy[r]) < face * away - 1e-12:
            continue
        ahead = dx * ux[c] + dy * uy[c]
        for end in (0, 2):
            slant = max(np.hypot(away, mount[c, end] - tz[r]), 1e-3)
            sharp = scale[c, end] >= need[r] * slant * (1.0 - 1e-12) and away <= reach[c, end]
            aimed = half[c, end] <= -1.0 or ahead >= half[c, end] * away - 1e-9
            if sharp and ((known[c] and aimed) or (not known[c] and end == 2)):
                out[k] |= LOW if end == 0 else HIGH
    return out


@njit(cache=True, nogil=True)
def _bar(p, c, r, g):  # type: ignore[no-untyped-def]
    """Return why camera c cannot stand for proposal p at row r: a number of REASONS, 0 where it can."""
    if g.settled[p]:
        return 1
    for k in range(g.barred_start[p], g.barred_start[p + 1]):
        if g.barred[k] == c:
            return 1
    if g.owner[c] == g.owner[p] and not (g.aimed[c] and g.aimed[p]):
        if g.pole[c] == g.pole[p]:
            return 3
        if g.stands[c] and g.stands[p]:
            return 2
    if g.group[p] != UNKNOWN and g.group[c] != UNKNOWN and g.group[p] != g.group[c]:
        return 4
    if g.group[p] == FACE or g.group[p] == PLATE:  # from the same side, within 60 degrees
        ax, ay, bx, by = g.x[p] - g.tx[r], g.y[p] - g.ty[r], g.x[c] - g.tx[r], g.y[c] - g.ty[r]
        if ax * bx + ay * by < 0.5 * np.hypot(ax, ay) * np.hypot(bx, by):
            return 5
    return 0


@njit(cache=True, nogil=True)
def _fits(p, c, r, g):  # type: ignore[no-untyped-def]
    """Return whether camera c can stand for proposal p at row r: 2 for certain, 1 perhaps, 0 not."""
    if c == p or _bar(p, c, r, g) > 0:
        return 0
    narrow = g.group[p] in (FACE, PLATE) or g.group[c] in (FACE, PLATE)
    return 1 if narrow and (g.group[p] == UNKNOWN or g.group[c] == UNKNOWN) else 2


@njit(cache=True, nogil=True)
def _holds(  # type: ignore[no-untyped-def]
    p, r, stage, alive, g
):
    """Tell whether enough others see row r as required.

    At stage 0 usable ones, at 1 proposals too, at 2 mendable ones too (without proposals); all at the low end.
    """
    count = 0
    for k in range(g.start[r], g.start[r + 1]):
        if not g.flags[k] & LOW:
            continue
        c = g.seer[k]
        if g.worth[c] == NEVER or (g.worth[c] == PROPOSED and (stage in (0, 2) or not alive[c])):
            continue
        if g.worth[c] in (REPAIR, CONNECT, UPGRADE, ACCEPT) and stage < 2:
            continue
        if _fits(p, c, r, g) == 2:
            count += 1
    return count >= g.number[r]


@njit(cache=True, nogil=True)
def share_held(  # type: ignore[no-untyped-def]
    p, stage, alive, g
):
    """Return the share by weight of p's useful rows that the others hold at a stage; 0 where it has none."""
    held = total = 0.0
    for k in range(g.own_start[p], g.own_start[p + 1]):
        r = g.own[k]
        total += g.weight[r]
        if _holds(p, r, stage, alive, g):
            held += g.weight[r]
    return held / total if total > 0.0 else 0.0


@njit(cache=True, nogil=True)
def _weigh(  # type: ignore[no-untyped-def]
    p, alive, gain, touched, g
):
    """Return the shares of p's useful rows at the three stages of :func:`_holds`, the best chance's, and its camera.

    The best chance: all hold at the low end, and one camera beside them at its high end. Several cameras of unknown
    pose are never added up: one may be aimed as the proposal is; that each of many looks wherever it is wanted is what
    no real aiming does. ``gain`` and ``touched`` are scratch, of one number per camera, ``gain`` all 0, and left so.
    The camera is -1 where none adds anything; of equal ones the first.
    """
    now = later = mended = all_of_them = total = 0.0
    n = 0
    for k in range(g.own_start[p], g.own_start[p + 1]):
        r = g.own[k]
        weight, need = g.weight[r], g.number[r]
        total += weight
        usable = proposed = mendable = 0
        for j in range(g.start[r], g.start[r + 1]):
            if not g.flags[j] & LOW:
                continue
            c = g.seer[j]
            if g.worth[c] == NEVER or (g.worth[c] == PROPOSED and not alive[c]) or _fits(p, c, r, g) != 2:
                continue
            if g.worth[c] == USABLE:
                usable += 1
            elif g.worth[c] == PROPOSED:
                proposed += 1
            else:
                mendable += 1
        now += weight if usable >= need else 0.0
        later += weight if usable + proposed >= need else 0.0
        mended += weight if usable + mendable >= need else 0.0
        sure = usable + proposed + mendable
        if sure >= need:
            all_of_them += weight
        elif sure == need - 1:
            for j in range(g.start[r], g.start[r + 1]):
                c = g.seer[j]
                if not g.flags[j] & HIGH or g.worth[c] == NEVER or not alive[c]:
                    continue
                fit = _fits(p, c, r, g)
                if fit == 0 or (fit == 2 and g.flags[j] & LOW):
                    continue
                if gain[c] == 0.0:
                    touched[n] = c
                    n += 1
                gain[c] += weight
    best, most = -1, 0.0
    for m in range(n):
        c = touched[m]
        if gain[c] > most or (gain[c] == most and c < best):
            best, most = c, gain[c]
        gain[c] = 0.0
    total = total if total > 0.0 else 1.0
    return now / total, later / total, mended / total, (all_of_them + most) / total, best


@njit(cache=True, nogil=True)
def weigh_shares(  # type: ignore[no-untyped-def]
    proposals, alive, g
):
    """Return the shares of each proposal at the stages of :func:`_holds`, then of the best chance (:func:`_weigh`)."""
    gain, touched = np.zeros(len(g.worth)), np.empty(len(g.worth), np.int64)
    out = np.zeros((len(proposals), 4))
    for i in range(len(proposals)):
        out[i, 0], out[i, 1], out[i, 2], out[i, 3], _ = _weigh(proposals[i], alive, gain, touched, g)
    return out


@njit(cache=True, nogil=True)
def _who_leans(turn, g):  # type: ignore[no-untyped-def]
    """Return, camera by camera, the proposals of ``turn`` of whose useful rows it sees any: starts, and proposals."""
    start = np.zeros(len(g.worth) + 1, np.int64)
    last = np.full(len(g.worth), -1, np.int64)
    for i in range(len(turn)):
        for k in range(g.own_start[turn[i]], g.own_start[turn[i] + 1]):
            for j in range(g.start[g.own[k]], g.start[g.own[k] + 1]):
                if last[g.seer[j]] != i:
                    last[g.seer[j]] = i
                    start[g.seer[j] + 1] += 1
    start = np.cumsum(start)
    leans, fill = np.empty(start[-1], np.int64), start[:-1].copy()
    last[:] = -1
    for i in range(len(turn)):
        for k in range(g.own_start[turn[i]], g.own_start[turn[i] + 1]):
            for j in range(g.start[g.own[k]], g.start[g.own[k] + 1]):
                c = g.seer[j]
                if last[c] != i:
                    last[c] = i
                    leans[fill[c]] = turn[i]
                    fill[c] += 1
    return start, leans


@njit(cache=True, nogil=True)
def drop_in_turn(  # type: ignore[no-untyped-def]
    turn, least, demanded, standing, g
):
    """Drop proposals in turn while the rest holds; return which stay, and how many demanded rows need each that stays.

    One goes where the usable and the standing proposed cameras hold ``least`` of its useful rows, where each proposal
    that went before still finds its own held, and where no demanded row loses a camera that it needs.
    """
    alive = standing.copy()
    leans_start, leans = _who_leans(turn, g)
    needed = np.zeros(len(g.worth), np.int64)
    for i in range(len(turn)):
        p = turn[i]
        share = share_held(p, 1, alive, g)
        if share < least - 1e-12:
            continue
        if demanded:
            for k in range(g.own_start[p], g.own_start[p + 1]):
                r = g.own[k]
                count = 0
                mine = False
                for j in range(g.start[r], g.start[r + 1]):
                    c = g.seer[j]
                    if g.flags[j] & LOW and (g.worth[c] == USABLE or (g.worth[c] == PROPOSED and alive[c])):
                        count += 1
                        mine = mine or c == p
                if mine and count <= g.number[r]:
                    needed[p] += 1
            if needed[p] > 0:
                continue
        alive[p] = False
        for j in range(leans_start[p], leans_start[p + 1]):
            q = leans[j]
            if not alive[q] and share_held(q, 1, alive, g) < least - 1e-12:
                alive[p] = True
                break
    return alive, needed


@njit(cache=True, nogil=True)
def smallest_set(  # type: ignore[no-untyped-def]
    p, stage, least, most, alive, g
):
    """Return the few others that hold ``least`` of p's useful rows: one if one does, two if two do, else greedily.

    Stages as for :func:`_holds`; at stage 3 all at the low end, and the best chance of :func:`_weigh` at its high end.
    """
    rows = g.own_start[p + 1] - g.own_start[p]
    chance = -1
    if stage == 3:
        chance = _weigh(p, alive, np.zeros(len(g.worth)), np.empty(len(g.worth), np.int64), g)[4]
    names = np.empty(rows * 4 + 8, np.int64)
    n = 0
    for k in range(g.own_start[p], g.own_start[p + 1]):
        r = g.own[k]
        for j in range(g.start[r], g.start[r + 1]):
            c = g.seer[j]
            if (
                g.worth[c] == NEVER
                or (g.worth[c] == PROPOSED and (stage in (0, 2) or not alive[c]))
                or not g.flags[j] & (HIGH | LOW if c == chance else LOW)
            ):
                continue
            if g.worth[c] in (REPAIR, CONNECT, UPGRADE, ACCEPT) and stage < 2:
                continue
            known = False
            for m in range(n):
                if names[m] == c:
                    known = True
                    break
            if not known and n < len(names):
                names[n] = c
                n += 1
    names = np.sort(names[:n])
    sees = np.zeros((n, rows), np.bool_)
    total = 0.0
    for k in range(rows):
        r = g.own[g.own_start[p] + k]
        total += g.weight[r]
        for j in range(g.start[r], g.start[r + 1]):
            c = g.seer[j]
            m = np.searchsorted(names, c)
            if m < n and names[m] == c and g.flags[j] & (HIGH | LOW if c == chance else LOW):
                fit = _fits(p, c, r, g)
                sees[m, k] = fit == 2 or (fit == 1 and c == chance)
    left = np.empty(rows, np.int64)
    for k in range(rows):
        left[k] = g.number[g.own[g.own_start[p] + k]]
    if n and left.max() == 1:  # one that does alone, else a pair: the smallest there is
        gain = np.zeros(n)
        for m in range(n):
            for k in range(rows):
                if sees[m, k]:
                    gain[m] += g.weight[g.own[g.own_start[p] + k]]
        top = np.argmax(gain)
        if gain[top] >= least * total - 1e-9:
            return names[top : top + 1].copy()
        for a in range(min(n, 64)):
            for b in range(a + 1, min(n, 64)):
                if gain[a] + gain[b] < least * total - 1e-9:
                    continue
                both = 0.0
                for k in range(rows):
                    if sees[a, k] or sees[b, k]:
                        both += g.weight[g.own[g.own_start[p] + k]]
                if both >= least * total - 1e-9:
                    pair = np.empty(2, np.int64)
                    pair[0], pair[1] = names[a], names[b]
                    return pair
    chosen = np.empty(most, np.int64)
    used = np.zeros(n, np.bool_)
    count, held = 0, 0.0
    while count < most and held < least * total - 1e-9:
        best, most_gain = -1, 0.0
        for m in range(n):
            gained = 0.0
            if used[m]:
                continue
            for k in range(rows):
                if sees[m, k] and left[k] > 0:
                    gained += g.weight[g.own[g.own_start[p] + k]]
            if gained > most_gain:
                best, most_gain = m, gained
        if best < 0:
            break
        used[best] = True
        chosen[count] = names[best]
        count += 1
        for k in range(rows):
            if sees[best, k] and left[k] > 0:
                left[k] -= 1
                if left[k] == 0:
                    held += g.weight[g.own[g.own_start[p] + k]]
    return np.sort(chosen[:count])


@njit(cache=True, nogil=True)
def weigh_reasons(p, g):  # type: ignore[no-untyped-def]
    """Return the share of p's useful rows that others see, and yet do not hold, by the reason: a row of REASONS.

    A row goes to the reason that is nearest to a duplicate: too few of them, then side, purpose, pole, settled; those
    who see it for certain speak before those who may.
    """
    out = np.zeros(len(REASONS))
    total = 0.0
    for k in range(g.own_start[p], g.own_start[p + 1]):
        r = g.own[k]
        total += g.weight[r]
        held, why, perhaps = 0, 0, 0
        for j in range(g.start[r], g.start[r + 1]):
            c = g.seer[j]
            if c == p or g.worth[c] == NEVER:
                continue
            bar = _bar(p, c, r, g)
            if not g.flags[j] & LOW:
                perhaps = max(perhaps, bar)
                continue
            if bar == 0:
                held += 1
            why = max(why, bar)
        why = why if why > 0 else perhaps
        if 0 < held < g.number[r]:
            why = 6
        elif held >= g.number[r]:
            why = 0
        if why > 0:
            out[why] += g.weight[r]
    return out / total if total > 0.0 else out
