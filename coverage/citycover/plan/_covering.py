"""The kernels of the covering solvers: credit kept up to date, greedy choice, exchanges, prices of targets."""

from __future__ import annotations

import heapq
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

FAR = 32
"""Candidates tried in exchange for one with which they share nothing: the best so many; ours."""


class Net(NamedTuple):
    """Who covers what, both ways, and what may be bought, as arrays.

    ``targets[start[i]:start[i + 1]]`` are the targets of candidate i, ``sources[back[t]:back[t + 1]]`` the candidates
    of target t, both ascending. Of a target: ``weight`` and ``number`` of covers it needs. Of a candidate: ``cost``,
    ``purse`` (which budget pays), ``group`` (at most one of a group; each its own group where there are none) and
    whether it is ``free`` to be chosen.
    """

    start: Ints
    targets: Codes
    back: Ints
    sources: Codes
    weight: Floats
    number: Codes
    cost: Floats
    purse: Codes
    group: Codes
    free: Flags


class Choice(NamedTuple):
    """A set of candidates that changes in place.

    ``chosen``; ``covers``, how often each target is covered; ``worth`` of each candidate: what it would add, or, where
    chosen, what would be lost without it; ``left`` of each budget; the chosen ``head`` of each group (-1 none).
    """

    chosen: Flags
    covers: Codes
    worth: Floats
    left: Floats
    head: Codes


@njit(cache=True, nogil=True)
def turn(start, targets, size):  # type: ignore[no-untyped-def]
    """Return ``back`` and ``sources`` of :class:`Net`."""
    back = np.zeros(size + 1, np.int64)
    for t in targets:
        back[t + 1] += 1
    for t in range(size):
        back[t + 1] += back[t]
    fill = back[:-1].copy()
    sources = np.empty(len(targets), np.int32)
    for i in range(len(start) - 1):
        for p in range(start[i], start[i + 1]):
            t = targets[p]
            sources[fill[t]] = i
            fill[t] += 1
    return back, sources


@njit(cache=True, nogil=True)
def _credit(weight, number, k, partly):  # type: ignore[no-untyped-def]
    """Return what the k-th cover of a target earns: ``partly`` of its weight in even parts, the rest by the last."""
    if k < 1 or k > number:
        return 0.0
    if number == 1:
        return weight
    even = partly / number
    return weight * (even + 1.0 - partly) if k == number else weight * even


@njit(cache=True, nogil=True)
def weigh(net, choice, partly):  # type: ignore[no-untyped-def]
    """Work out ``worth`` anew."""
    for i in range(len(net.start) - 1):
        step = 0 if choice.chosen[i] else 1
        total = 0.0
        for p in range(net.start[i], net.start[i + 1]):
            t = net.targets[p]
            total += _credit(net.weight[t], net.number[t], choice.covers[t] + step, partly)
        choice.worth[i] = total


@njit(cache=True, nogil=True)
def _pass_on(net, choice, t, i, before, after, partly):  # type: ignore[no-untyped-def]
    """Tell the candidates of target t, but i, that its covers went from ``before`` to ``after``."""
    weight, number = net.weight[t], net.number[t]
    if min(before, after) > number:
        return
    adds = _credit(weight, number, after + 1, partly) - _credit(weight, number, before + 1, partly)
    loses = _credit(weight, number, after, partly) - _credit(weight, number, before, partly)
    if adds == 0.0 and loses == 0.0:
        return
    for q in range(net.back[t], net.back[t + 1]):
        k = net.sources[q]
        if k == i:
            continue
        if choice.chosen[k]:
            choice.worth[k] += loses
        else:
            choice.worth[k] += adds


@njit(cache=True, nogil=True)
def put(net, choice, i, partly):  # type: ignore[no-untyped-def]
    """Choose candidate i; return what it adds."""
    for p in range(net.start[i], net.start[i + 1]):
        t = net.targets[p]
        count = choice.covers[t]
        choice.covers[t] = count + 1
        _pass_on(net, choice, t, i, count, count + 1, partly)
    choice.chosen[i] = True
    choice.left[net.purse[i]] -= net.cost[i]
    choice.head[net.group[i]] = i
    return choice.worth[i]


@njit(cache=True, nogil=True)
def take(net, choice, i, partly):  # type: ignore[no-untyped-def]
    """Give candidate i up; return what is lost, which is what it would add again."""
    choice.chosen[i] = False
    for p in range(net.start[i], net.start[i + 1]):
        t = net.targets[p]
        count = choice.covers[t]
        choice.covers[t] = count - 1
        _pass_on(net, choice, t, i, count, count - 1, partly)
    choice.left[net.purse[i]] += net.cost[i]
    choice.head[net.group[i]] = -1
    return choice.worth[i]


@njit(cache=True, nogil=True)
def _fits(net, choice, i):  # type: ignore[no-untyped-def]
    return not choice.chosen[i] and choice.head[net.group[i]] < 0 and net.cost[i] <= choice.left[net.purse[i]]


@njit(cache=True, nogil=True)
def grow(net, choice, partly, by_cost, least):  # type: ignore[no-untyped-def]
    """Choose the best that fits, by worth or by worth for the money, until nothing adds more than ``least``.

    Lazy (Minoux 1978): what a candidate adds never grows while others are chosen (``partly`` 1, or one cover needed).
    """
    heap = [(0.0, 0)]
    heap.pop()
    for i in range(len(net.cost)):
        if net.free[i] and choice.worth[i] > least and _fits(net, choice, i):
            heap.append((-_rate(net, choice, i, by_cost), i))  # noqa: PERF401  (numba: the list keeps its type)
    heapq.heapify(heap)
    while len(heap) > 0:
        key, i = heap[0]
        if choice.worth[i] <= least or not _fits(net, choice, i):
            heapq.heappop(heap)
            continue
        now = -_rate(net, choice, i, by_cost)
        if now > key:
            heapq.heapreplace(heap, (now, i))
            continue
        heapq.heappop(heap)
        put(net, choice, i, partly)


@njit(cache=True, nogil=True)
def follow(net, choice, order, partly, least):  # type: ignore[no-untyped-def]
    """Choose in the order given whatever fits and adds more than ``least``."""
    for i in order:
        if net.free[i] and choice.worth[i] > least and _fits(net, choice, i):
            put(net, choice, i, partly)


@njit(cache=True, nogil=True)
def _rate(net, choice, i, by_cost):  # type: ignore[no-untyped-def]
    if not by_cost:
        return choice.worth[i]
    return choice.worth[i] / net.cost[i] if net.cost[i] > 0.0 else np.inf


@njit(cache=True, nogil=True)
def refill(net, choice, partly, least, barred, near, added):  # type: ignore[no-untyped-def]
    """Choose by worth for the money among the candidates ``near`` until nothing fits or ``added`` is full.

    The candidate ``barred`` stays out. Returns how many stand in ``added`` and what they add.
    """
    n, gain = 0, 0.0
    while n < len(added):
        best, which = 0.0, -1
        for i in near:
            if choice.worth[i] > least and net.free[i] and i != barred and _fits(net, choice, i):
                rate = _rate(net, choice, i, True)
                if rate > best:
                    best, which = rate, i
        if which < 0:
            break
        gain += put(net, choice, which, partly)
        added[n] = which
        n += 1
    return n, gain


@njit(cache=True, nogil=True)
def lengthen(net, choice, partly, least, by_cost, until):  # type: ignore[no-untyped-def]
    """Choose in the order that ``until`` would bring, as far as money goes; return the rate of the next, or 0."""
    beyond = until - choice.left[0]
    heap = [(0.0, 0)]
    heap.pop()
    for i in range(len(net.cost)):
        if net.free[i] and choice.worth[i] > least and not choice.chosen[i]:
            heap.append((-_rate(net, choice, i, by_cost), i))  # noqa: PERF401  (numba: the list keeps its type)
    heapq.heapify(heap)
    while len(heap) > 0:
        key, i = heap[0]
        if choice.worth[i] <= least or choice.head[net.group[i]] >= 0 or net.cost[i] > choice.left[0] + beyond:
            heapq.heappop(heap)
            continue
        now = -_rate(net, choice, i, by_cost)
        if now > key:
            heapq.heapreplace(heap, (now, i))
            continue
        if net.cost[i] > choice.left[0]:
            return _rate(net, choice, i, True)
        heapq.heappop(heap)
        put(net, choice, i, partly)
    return 0.0


@njit(cache=True, nogil=True)
def _saves(net, choice, j, partly, kept, met, touched):  # type: ignore[no-untyped-def]
    """Fill ``kept[i]``: what i would save of j's loss in its stead; return how many i stand in ``touched``."""
    n = 0
    for p in range(net.start[j], net.start[j + 1]):
        t = net.targets[p]
        count, number = choice.covers[t], net.number[t]
        if count > number:
            continue
        saved = _credit(net.weight[t], number, count, partly) - _credit(net.weight[t], number, count + 1, partly)
        if saved == 0.0:
            continue
        for q in range(net.back[t], net.back[t + 1]):
            i = net.sources[q]
            if not choice.chosen[i]:
                if not met[i]:
                    met[i] = True
                    touched[n] = i
                    n += 1
                kept[i] += saved
    return n


@njit(cache=True, nogil=True)
def _pays(net, choice, i, j):  # type: ignore[no-untyped-def]
    """Tell whether i may be chosen and fits once j is given up."""
    if not net.free[i] or choice.chosen[i]:
        return False
    back = net.cost[j] if net.purse[j] == net.purse[i] else 0.0
    head = choice.head[net.group[i]]
    return net.cost[i] <= choice.left[net.purse[i]] + back and (head < 0 or head == j)


@njit(cache=True, nogil=True)
def _promising(net, choice, least, most, by_cost):  # type: ignore[no-untyped-def]
    """Return the candidates, at most ``most``, that would add the most (for the money), whether they fit or not."""
    heap = [(0.0, 0)]
    heap.pop()
    for i in range(len(net.cost)):
        if net.free[i] and not choice.chosen[i] and choice.worth[i] > least:
            rate = _rate(net, choice, i, by_cost)
            if len(heap) < most:
                heapq.heappush(heap, (rate, -i))
            elif (rate, -i) > heap[0]:
                heapq.heapreplace(heap, (rate, -i))
    out = np.empty(len(heap), np.int64)
    for q in range(len(heap)):
        out[q] = -heap[q][1]
    return np.sort(out)


@njit(cache=True, nogil=True)
def exchange(net, choice, partly, least, rounds, fill, rate):  # type: ignore[no-untyped-def]
    """Put one in for one while that adds more than ``least``, in at most ``rounds`` rounds over what is chosen.

    What costs more must add ``rate`` for each unit of money more.

    For each one chosen, all that share a target with it are tried, and those that would add the most of all others.
    ``fill``: what still fits is put in too.
    """
    size = len(net.cost)
    kept, met, touched = np.zeros(size), np.zeros(size, np.bool_), np.empty(size, np.int64)
    for _ in range(rounds):
        moved = False
        if fill:
            grow(net, choice, partly, True, least)
        best_far, far = _promising(net, choice, least, FAR, False), _promising(net, choice, least, FAR, True)
        for j in range(size):
            if not choice.chosen[j] or not net.free[j]:
                continue
            best, which = least, -1
            for q in range(_saves(net, choice, j, partly, kept, met, touched)):
                i = touched[q]
                change = choice.worth[i] + kept[i] - choice.worth[j] - rate * max(net.cost[i] - net.cost[j], 0.0)
                kept[i], met[i] = 0.0, False
                if change > best and _pays(net, choice, i, j):
                    best, which = change, i
            for others in (best_far, far):
                for i in others:
                    change = choice.worth[i] - choice.worth[j] - rate * max(net.cost[i] - net.cost[j], 0.0)
                    if change > best and _pays(net, choice, i, j):
                        best, which = change, i
            if which >= 0:
                take(net, choice, j, partly)
                put(net, choice, which, partly)
                moved = True
        if not moved:
            break


@njit(cache=True, nogil=True)
def earned(net, choice):  # type: ignore[no-untyped-def]
    """Return the weight of the targets covered as often as needed."""
    total = 0.0
    for t in range(len(net.weight)):
        if choice.covers[t] >= net.number[t]:
            total += net.weight[t]
    return total


@njit(cache=True, nogil=True)
def _neighbour(net, choice, j):  # type: ignore[no-untyped-def]
    """Return a chosen candidate that shares a target with one that shares a target with j; -1 where none was met."""
    at = j
    for _ in range(2):
        size = net.start[at + 1] - net.start[at]
        if size == 0:
            return -1
        t = net.targets[net.start[at] + np.random.randint(size)]  # noqa: NPY002
        first, size = net.back[t], net.back[t + 1] - net.back[t]
        turn = np.random.randint(size)  # noqa: NPY002
        for q in range(size):
            k = net.sources[first + (q + turn) % size]
            if choice.chosen[k] and net.free[k]:
                return k
        at = net.sources[first + turn]
    return -1


@njit(cache=True, nogil=True)
def _surround(net, gone, others, mark, stamp, near):  # type: ignore[no-untyped-def]
    """Fill ``near`` with ``others`` and all candidates that share a target with those ``gone``; return how many."""
    m = 0
    for i in others:
        stamp[i] = mark
        near[m] = i
        m += 1
    for j in gone:
        for p in range(net.start[j], net.start[j + 1]):
            t = net.targets[p]
            for q in range(net.back[t], net.back[t + 1]):
                k = net.sources[q]
                if stamp[k] != mark:
                    stamp[k] = mark
                    near[m] = k
                    m += 1
        if stamp[j] != mark:
            stamp[j] = mark
            near[m] = j
            m += 1
    return m


@njit(cache=True, nogil=True)
def renew(net, choice, partly, least, trials, most, heat, seed):  # type: ignore[no-untyped-def]
    """Give up one to ``most`` neighbours, put in what then fits best, and keep that where it is little or no worse.

    So one goes for two, two for one, any few for any few, within the budgets (ruin and recreate: Schrimpf et al. 2000).
    ``heat``, in parts of the mean loss of one chosen, is what may be lost at first; it falls to 0. The best choice met
    stands at the end.
    """
    np.random.seed(seed)  # noqa: NPY002  (numba's own state, not numpy's)
    size = len(net.cost)
    chosen, places, n = np.empty(size, np.int64), np.full(size, -1), 0
    for j in range(size):
        if choice.chosen[j] and net.free[j]:
            chosen[n], places[j] = j, n
            n += 1
    gone, added = np.empty(most, np.int64), np.empty(4 * most + 4, np.int64)
    near, stamp = np.empty(size, np.int64), np.full(size, -1)
    others = _promising(net, choice, least, 4 * most, True)
    now, best, record = 0.0, 0.0, choice.chosen.copy()
    mean = 0.0
    for q in range(n):
        mean += choice.worth[chosen[q]] / n
    for trial in range(trials):
        if n == 0:
            break
        wanted = 1 + trial % most
        gone[0] = chosen[np.random.randint(n)]  # noqa: NPY002
        change = -take(net, choice, gone[0], partly)
        out = 1
        for _ in range(3 * wanted):
            if out == wanted:
                break
            j = _neighbour(net, choice, gone[np.random.randint(out)])  # noqa: NPY002
            if j >= 0:
                change -= take(net, choice, j, partly)
                gone[out] = j
                out += 1
        m = _surround(net, gone[:out], others, trial, stamp, near)
        barred = gone[np.random.randint(out)]  # noqa: NPY002
        new, gain = refill(net, choice, partly, least, barred, near[:m], added)
        change += gain
        bar = heat * mean * (1.0 - trial / trials) * np.log(1.0 - np.random.random())  # noqa: NPY002
        if change < bar:
            for q in range(new):
                take(net, choice, added[q], partly)
            for q in range(out):
                put(net, choice, gone[q], partly)
            continue
        now += change
        for q in range(out):
            j = gone[q]
            if not choice.chosen[j]:
                n -= 1
                chosen[places[j]], places[chosen[n]] = chosen[n], places[j]
                places[j] = -1
        for q in range(new):
            if places[added[q]] < 0:
                chosen[n], places[added[q]] = added[q], n
                n += 1
        if now > best + least:
            best = now
            record[:] = choice.chosen
    for i in range(size):
        if choice.chosen[i] and not record[i]:
            take(net, choice, i, partly)
    for i in range(size):
        if record[i] and not choice.chosen[i]:
            put(net, choice, i, partly)
