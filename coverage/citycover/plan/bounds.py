"""Upper bounds of what any choice can cover, from prices of targets (Lagrangian relaxation)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from citycover.plan import _prices
from citycover.plan._covering import Codes, Flags, Floats, Ints, Net
from citycover.plan.covering_input import Problem
from citycover.tiles import run_parts

HALVINGS = 14
"""How often the range of a budget's rate is halved in each round; any rate gives a bound, a better one a lower one."""

CALM, FEW = 8, 150
"""Rounds without progress after which steps are halved; half as many where fewer rounds than ``FEW`` are to be had."""

DEFLECTION = 0.7
"""Share of the last direction that the next one keeps (Camerini, Fratta, Maffioli 1975)."""

_PART = 2_000_000


@dataclass(frozen=True)
class Prices:
    """A certificate that anyone can check: ``prices`` of one cover of each target, and the bound that follows.

    The bound of :meth:`at` holds for any prices from 0 on; those here make it low.
    """

    net: Net
    fixed: float
    weight: Floats
    number: Codes
    free: Flags
    prices: Floats
    offer: Floats
    """Of each candidate: the sum of its targets' prices."""
    whole: bool
    """True where all weights are whole numbers, so that no value lies between two of them."""
    orders: tuple[Ints, ...] = ()
    """Candidates bought at some of the prices met, the surest first: good choices begin with them."""

    def at(self, left: Floats) -> float:
        """Return the bound when ``left`` of each budget is still to be spent."""
        surplus = self.spend(left)[1]
        return self.settle(surplus)

    def spend(self, left: Floats) -> tuple[Floats, float, Floats]:
        """Return the parts bought of each candidate, their surplus and each budget's rate for money."""
        rate = np.zeros(len(left))
        net, budget = self.net, _finite(left)
        heads = int(net.group.max(initial=-1)) + 1
        free = self.free & (net.cost <= budget[net.purse])
        parts, surplus = _prices.spend(self.offer, net.cost, net.purse, net.group, free, budget, rate, heads, 60)
        return parts, float(surplus), rate

    def settle(self, surplus: float) -> float:
        """Return the bound that a surplus gives, whole where values are whole."""
        bound = self.fixed + surplus + float(_prices.unsold(self.weight, self.number, self.prices))
        return float(np.floor(bound * (1 + 1e-9) + 1e-9)) if self.whole else bound


def price_targets(
    problem: Problem,
    *,
    count: Codes,
    value: float,
    budgets: Floats | None = None,
    rounds: int | None = None,
    orders: int = 0,
) -> Prices:
    """Price the covers of targets so that the bound comes down, by steps against its slope.

    Each target t that still needs r covers is worth w − r·λ above its price, each candidate j the sum p of its targets'
    prices; the best that the budgets could buy then costs nothing to work out, and for any prices λ in [0, w / r]

        Σ max(0, w − r λ) + max { Σ p x : Σ c x ≤ B, one of a group, 0 ≤ x ≤ 1 }

    is no less than what any choice covers (Geoffrion 1974; for covering Galvão and ReVelle 1996). Steps are Polyak's
    (1969), each target's in measure of its weight. ``count``, how often a good choice covers each target, and the
    ``value`` of that choice start and scale them. At best the bound is that of the linear relaxation.

    >>> from citycover.plan.covering_input import read_problem
    >>> problem = read_problem(np.array([[1, 1, 0], [0, 1, 1]]), [3, 1, 2], budget=1)
    >>> price_targets(problem, count=np.array([1, 1, 0], np.int32), value=4.0).at(np.array([1.0]))
    4.0
    """
    net, locked = problem.net, problem.locked
    number = np.maximum(net.number - locked.covers, 0).astype(np.int32)
    left = _finite((problem.budgets if budgets is None else budgets) + locked.left)
    free = net.free & (net.cost <= left[net.purse])
    reach = _reach(net, net.free)
    fixed = problem.value
    number[reach < number] = 0  # can no longer be covered: worth nothing in the bound
    weight = np.where(number > 0, net.weight, 0.0)
    heads = int(net.group.max(initial=-1)) + 1
    most = weight / np.maximum(number, 1)
    prices = np.where(count < net.number, most, np.where(count == net.number, 0.8 * most, 0.0))
    whole = bool(np.all(net.weight == np.floor(net.weight)) and net.weight.sum() < 1e8)
    size, links = len(net.cost), len(net.targets)
    if rounds is None:
        rounds = int(np.clip(6e7 / max(links, 1), 60, 400))
    parts, patience = _cut(net), CALM if rounds >= FEW else CALM // 2
    offer, rate, covers = np.zeros(size), np.zeros(len(left)), np.zeros(len(weight))
    towards = np.zeros(len(weight))
    best, kept, scale, calm = np.inf, prices.copy(), 1.0, 0
    history: list[float] = []
    met: deque[Ints] = deque(maxlen=orders)
    for _ in range(rounds):
        _offer(net, prices, offer, parts)
        bought, surplus = _prices.spend(offer, net.cost, net.purse, net.group, free, left, rate, heads, HALVINGS)
        bound = fixed + surplus + _prices.unsold(weight, number, prices)
        calm = 0 if bound < best * (1 - 1e-4) else calm + 1
        if bound < best:
            best, kept = bound, prices.copy()
        history.append(best)
        if orders and calm == 0 and (len(history) % 4 == 0 or len(history) > 24):
            taken = np.flatnonzero(bought > 0)
            met.append(taken[np.lexsort([-offer[taken], -bought[taken]])])
        if best - value <= max(1e-9 * value, 0.999999 if whole else 0.0) or scale < 1e-3:
            break
        if len(history) > 4 * CALM and history[-4 * CALM] - best < 2e-4 * best:
            break
        if calm >= patience:
            scale, calm = scale / 2, 0
            prices = kept.copy()
            towards[:] = 0.0
            continue
        _prices.count_parts(net.start, net.targets, bought, covers)
        square = float(_prices.turn_towards(weight, number, prices, covers, DEFLECTION, towards))
        if square <= 0.0:
            break
        _prices.step_prices(weight, number, prices, towards, scale * max(bound - value, 1e-9 * best) / square)
    _offer(net, kept, offer, parts)
    return Prices(net, fixed, weight, number, net.free, kept, offer, whole, tuple(met))


def _offer(net: Net, prices: Floats, offer: Floats, parts: list[tuple[int, int]]) -> None:
    if len(parts) == 1:
        _prices.sum_prices(net.start, net.targets, prices, *parts[0], offer)
        return
    run_parts(lambda part: _prices.sum_prices(net.start, net.targets, prices, part[0], part[1], offer), parts)


def _cut(net: Net) -> list[tuple[int, int]]:
    """Return runs of candidates with about as many targets each, for the threads."""
    size = len(net.cost)
    runs = max(1, min(64, len(net.targets) // _PART))
    edges = [int(i) for i in np.searchsorted(net.start, np.linspace(0, len(net.targets), runs + 1)[1:-1])]
    edges = [0, *edges, size]
    return [(a, b) for a, b in pairwise(edges) if b > a]


def _reach(net: Net, free: Flags) -> Codes:
    """Return by how many free candidates each target could be covered."""
    if free.all():
        return np.diff(net.back).astype(np.int32)
    owner = np.repeat(free, np.diff(net.start))
    return np.bincount(net.targets[owner], minlength=len(net.weight)).astype(np.int32)


def _finite(left: Floats) -> Floats:
    """Return budgets with a number for no limit that no sum of costs reaches."""
    return np.where(np.isfinite(left), np.maximum(left, 0.0), 1e300)
