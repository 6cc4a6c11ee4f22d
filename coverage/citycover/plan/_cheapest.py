"""The kernels of the cheapest choice: greedy by what items still miss, and giving up what is needless."""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _rate(net, i, covers, item, missing, partly, sums, touched):  # type: ignore[no-untyped-def]
    """Return what i adds to what the items miss, for a unit of money."""
    n, total = 0, 0.0
    for p in range(net.start[i], net.start[i + 1]):
        t = net.targets[p]
        k = item[t]
        if missing[k] <= 0.0 or covers[t] >= net.number[t]:
            continue
        even = partly / net.number[t] if net.number[t] > 1 else 0.0
        last = covers[t] == net.number[t] - 1
        if sums[k] == 0.0:
            touched[n] = k
            n += 1
        sums[k] += (
            net.weight[t] * (even + (1.0 - partly if net.number[t] > 1 else 1.0) * (1.0 if last else 0.0)) + 1e-300
        )
    for q in range(n):
        k = touched[q]
        total += min(sums[k], missing[k])
        sums[k] = 0.0
    return total / net.cost[i] if net.cost[i] > 0.0 else total * 1e30


@njit(cache=True, nogil=True)
def reach(net, chosen, covers, head, item, missing, partly):  # type: ignore[no-untyped-def]
    """Choose by what is added for the money until no item misses anything or nothing adds any more."""
    number = len(missing)
    sums, touched = np.zeros(number), np.empty(number, np.int64)
    heap = [(0.0, 0)]
    heap.pop()
    for i in range(len(net.cost)):
        if net.free[i] and not chosen[i]:
            rate = _rate(net, i, covers, item, missing, partly, sums, touched)
            if rate > 0.0:
                heap.append((-rate, i))
    heapq.heapify(heap)
    while len(heap) > 0 and missing.max() > 0.0:
        key, i = heap[0]
        now = -_rate(net, i, covers, item, missing, partly, sums, touched)
        if now >= 0.0 or head[net.group[i]] >= 0:
            heapq.heappop(heap)
            continue
        if now > key:
            heapq.heapreplace(heap, (now, i))
            continue
        heapq.heappop(heap)
        chosen[i], head[net.group[i]] = True, i
        for p in range(net.start[i], net.start[i + 1]):
            t = net.targets[p]
            covers[t] += 1
            if covers[t] == net.number[t]:
                missing[item[t]] -= net.weight[t]


@njit(cache=True, nogil=True)
def thin(net, chosen, covers, order, item, spare):  # type: ignore[no-untyped-def]
    """Give up in ``order`` what the items can spare: ``spare`` is the weight that each has above its share."""
    lost = np.zeros(len(spare))
    for i in order:
        lost[:] = 0.0
        for p in range(net.start[i], net.start[i + 1]):
            t = net.targets[p]
            if covers[t] == net.number[t]:
                lost[item[t]] += net.weight[t]
        if np.all(lost <= spare):
            chosen[i] = False
            spare -= lost
            for p in range(net.start[i], net.start[i + 1]):
                covers[net.targets[p]] -= 1
