"""The kernel that sends shortest routes over the street network and counts them by section."""

from __future__ import annotations

import heapq

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def count_routes(start, other, metres, section, sources, first, last, sections):  # type: ignore[no-untyped-def]
    """Return, by section, how many shortest routes from ``sources[first:last]`` to all other nodes run along it.

    Brandes (2001) with Dijkstra's order, edges instead of nodes: where several routes are equally short, each counts
    its share. ``start``, ``other``, ``metres`` (whole numbers above 0) and ``section`` are the network by node.
    """
    nodes = len(start) - 1
    away = np.full(nodes, -1, np.int64)
    routes, behind = np.zeros(nodes), np.zeros(nodes)
    settled = np.zeros(nodes, np.bool_)
    order = np.empty(nodes, np.int64)
    counts = np.zeros(sections)
    for at in range(first, last):
        source, found = sources[at], 0
        away[source], routes[source] = 0, 1.0
        heap = [(np.int64(0), np.int64(source))]
        while len(heap):
            far, v = heapq.heappop(heap)
            if settled[v]:
                continue
            settled[v] = True
            order[found] = v
            found += 1
            for k in range(start[v], start[v + 1]):
                w, there = other[k], far + metres[k]
                if away[w] < 0 or there < away[w]:
                    away[w], routes[w] = there, routes[v]
                    heapq.heappush(heap, (there, w))
                elif there == away[w]:
                    routes[w] += routes[v]
        for place in range(found - 1, 0, -1):
            w = order[place]
            for k in range(start[w], start[w + 1]):
                v = other[k]
                if away[v] + metres[k] == away[w]:
                    share = routes[v] / routes[w] * (1.0 + behind[w])
                    counts[section[k]] += share
                    behind[v] += share
        for place in range(found):
            v = order[place]
            away[v], routes[v], behind[v], settled[v] = -1, 0.0, 0.0, False
    return counts
