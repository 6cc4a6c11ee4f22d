"""Which candidates reach a share of every item for the least money: set cover in whole or in part, with a bound."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack

from citycover.errors import InputError
from citycover.plan import _cheapest
from citycover.plan._covering import Choice, Floats, Ints
from citycover.plan.bounds import price_targets
from citycover.plan.covering import Method
from citycover.plan.covering_input import Problem, pick, read_problem

HALVINGS = 40
"""How often the range of a bound on the cost is halved."""

ROUNDS = 6
"""How often worths of items are moved towards what is still missing while a bound is sought; ours."""


@dataclass(frozen=True)
class Cheapest:
    """An answer with its certificate.

    ``chosen``: rows of the candidates, ascending; ``cost`` of them; ``bound``: no choice that reaches the shares costs
    less; ``optimality_gap``: (cost − bound) / cost, 0 when proven best. ``reached`` and ``reachable``: by item, the
    share of its weight that is covered, and that all candidates together could cover.
    """

    chosen: Ints
    cost: float
    bound: float
    optimality_gap: float
    reached: Floats
    reachable: Floats


def solve_cheapest(
    covers: Any,
    weights: npt.ArrayLike,
    *,
    costs: npt.ArrayLike | None = None,
    shares: npt.ArrayLike = 1.0,
    item_of: npt.ArrayLike | None = None,
    required: npt.ArrayLike | None = None,
    method: Method = "fast",
    time_limit: float | None = None,
    locked_in: Iterable[int] | None = None,
    locked_out: Iterable[int] | None = None,
    groups: npt.ArrayLike | None = None,
) -> Cheapest:
    """Choose the cheapest candidates that cover the share asked of every item.

    The problem (weighted set cover where all shares are 1, partial cover else): targets t of item k(t), weight w_t and
    r_t covers needed; candidate j costs c_j, belongs to group g(j) and covers t where a_jt = 1::

        least   Σ_j c_j x_j
        with    r_t y_t ≤ Σ_j a_jt x_j                       y_t ∈ {0, 1}
                Σ_{k(t)=k} w_t y_t ≥ s_k Σ_{k(t)=k} w_t      each item, as far as the candidates together reach
                Σ_{g(j)=g} x_j ≤ 1;  x_j ∈ {0, 1}; 1 where locked in, 0 where locked out

    Args:
        covers: Candidates (rows) × targets (columns); sparse or dense. What is not 0 covers.
        weights: Of each target, none below 0.
        costs: Of each candidate; None: each counts one.
        shares: Of each item, 0 to 1 (1 of what the law names, less elsewhere); one number for all.
        item_of: Of each target its item, from 0; None: one item.
        required: Covers needed, one number or one each.
        method: ``fast``: greedy by what is still missing for the money, then what has become needless is given up,
            the dearest first, and a bound from prices of targets. ``exact``: from there on by HiGHS.
        time_limit: Seconds for HiGHS; None: no limit.
        locked_in: Candidates that stand in every answer.
        locked_out: Candidates that stand in none.
        groups: A number for each candidate; at most one of those that share a number is chosen. Below 0: no group.

    The bound: with any worth u_k of an item's weight, what reaches the shares is worth Σ u_k s_k W_k at least; money
    for which the covering bound (:class:`~citycover.plan.bounds.Prices`) lies below that cannot be enough.
    With several candidates of a group, greedy choice may stop short of a share that another choice reaches.

    Raises:
        InputError: An array does not fit, or a share does not lie within 0 and 1.

    >>> answer = solve_cheapest([[1, 1, 0], [0, 1, 1], [1, 1, 1]], [1, 1, 1], costs=[2, 2, 5], method="exact")
    >>> answer.chosen.tolist(), answer.cost, answer.bound
    ([0, 1], 4.0, 4.0)
    """
    problem = read_problem(
        covers, weights, costs=costs, required=required, locked_in=locked_in, locked_out=locked_out, groups=groups
    )
    if method not in ("fast", "exact"):
        raise InputError(f'method: "fast" or "exact" is needed; given {method!r}')
    net = problem.net
    item, share = _items(item_of, shares, len(net.weight))
    total = np.bincount(item, net.weight, len(share))
    reachable = _weigh(problem, _possible(problem), item, len(share))
    asked = np.minimum(share * total, reachable)
    choice = _choose(problem, item, asked)
    chosen = pick(choice.chosen)
    cost = float(net.cost[chosen].sum())
    enough = bool(np.all(_weigh(problem, choice.covers, item, len(share)) >= asked * (1 - 1e-9)))
    bound = min(_bound(problem, choice, item, asked), cost) if enough else _bound(problem, choice, item, asked)
    if method == "exact" and (bound < cost * (1 - 1e-9) or not enough):
        chosen, cost, bound = _prove(problem, item, asked, chosen, cost if enough else np.inf, bound, time_limit)
    cost = float(net.cost[chosen].sum())
    owner = np.repeat(np.isin(np.arange(len(net.cost)), chosen), np.diff(net.start))
    times = np.bincount(net.targets[owner], minlength=len(net.weight)).astype(np.int32)
    covered = _weigh(problem, times, item, len(share))
    ratio = np.divide(covered, total, out=np.ones(len(share)), where=total > 0)
    possible = np.divide(reachable, total, out=np.ones(len(share)), where=total > 0)
    return Cheapest(chosen, cost, bound, max(0.0, (cost - bound) / cost) if cost > 0 else 0.0, ratio, possible)


def _items(item_of: npt.ArrayLike | None, shares: npt.ArrayLike, count: int) -> tuple[Ints, Floats]:
    item = np.zeros(count, np.int64) if item_of is None else np.asarray(item_of)
    if item.shape != (count,) or (count and (not np.issubdtype(item.dtype, np.integer) or item.min() < 0)):
        raise InputError(f"item_of: one whole number from 0 for each target, {count} in all, is needed")
    number = int(item.max(initial=0)) + 1
    share = np.asarray(shares, float)
    if share.ndim > 1 or (share.ndim == 1 and len(share) < number):
        raise InputError(f"shares: one number, or one for each of {number} items, is needed; given {share.shape}")
    share = np.broadcast_to(share, (number,)) if share.ndim == 0 else share
    if not np.all((share >= 0) & (share <= 1)):
        raise InputError(f"shares: numbers from 0 to 1 are needed; given {share.min():g} to {share.max():g}")
    return item.astype(np.int64), share.astype(float)


def _possible(problem: Problem) -> npt.NDArray[np.int32]:
    """Return how often each target is covered when all that may stand does (groups left aside)."""
    net = problem.net
    may = net.free | problem.locked.chosen
    owner = np.repeat(may, np.diff(net.start))
    return np.bincount(net.targets[owner], minlength=len(net.weight)).astype(np.int32)


def _weigh(problem: Problem, covers: npt.NDArray[np.int32], item: Ints, number: int) -> Floats:
    """Return the weight covered as often as required, by item."""
    net = problem.net
    return np.bincount(item, np.where(covers >= net.number, net.weight, 0.0), number).astype(float)


def _choose(problem: Problem, item: Ints, asked: Floats) -> Choice:
    """Choose by what items still miss for the money, then give up what is needless, the dearest first."""
    net, choice = problem.net, problem.begin(np.array([np.inf]))
    partly = 0.1 if int(net.number.max(initial=1)) > 1 else 0.0
    missing = asked * (1 - 1e-12) - _weigh(problem, choice.covers, item, len(asked))
    _cheapest.reach(net, choice.chosen, choice.covers, choice.head, item, missing, partly)
    free = np.flatnonzero(choice.chosen & net.free)
    order = free[np.lexsort((free, -net.cost[free]))]
    spare = np.maximum(_weigh(problem, choice.covers, item, len(asked)) - asked * (1 - 1e-12), 0.0)
    _cheapest.thin(net, choice.chosen, choice.covers, order, item, spare)
    return choice


def _bound(problem: Problem, choice: Choice, item: Ints, asked: Floats) -> float:
    """Return a cost below which no choice reaches the shares."""
    net, number = problem.net, len(asked)
    paid = float(net.cost[problem.locked.chosen].sum())
    spent = float(net.cost[choice.chosen].sum())
    worth, best = np.where(asked > 0, 1.0, 0.0), paid
    total = np.bincount(item, net.weight, number)
    for _ in range(ROUNDS if number > 1 else 1):
        priced = replace(problem, net=net._replace(weight=net.weight * worth[item]), budgets=np.array([spent]))
        need = float((worth * asked).sum())
        prices = price_targets(priced, count=choice.covers, value=need * (1 - 1e-9))
        prices = replace(prices, whole=False)
        low, high = best, spent
        if prices.at(np.array([high - paid])) < need * (1 - 1e-9):
            low = high
        for _ in range(HALVINGS):
            middle = 0.5 * (low + high)
            if prices.at(np.array([middle - paid])) < need * (1 - 1e-9):
                low = middle
            else:
                high = middle
        best = max(best, low)
        # items that the bound's money covers too little of are worth more in the next round
        parts, _, _ = prices.spend(np.array([max(best - paid, 0.0)]))
        covered = np.zeros(len(net.weight))
        owner = np.repeat(parts, np.diff(net.start))
        np.add.at(covered, net.targets, owner)
        met = np.bincount(item, net.weight * np.minimum(1.0, (covered + problem.locked.covers) / net.number), number)
        worth = worth * np.clip(1.0 + 0.7 * (asked - met) / np.maximum(total, 1e-12), 0.3, 2.0)
    return float(np.ceil(best - 1e-6)) if bool(np.all(net.cost == np.floor(net.cost))) else best


def _prove(
    problem: Problem, item: Ints, asked: Floats, chosen: Ints, cost: float, bound: float, time_limit: float | None
) -> tuple[Ints, float, float]:
    """Return the best that HiGHS finds, its cost and its bound."""
    net = problem.net
    size, count = len(net.cost), len(net.weight)
    cover = csr_array((np.ones(len(net.targets)), net.targets, net.start), shape=(size, count)).T
    need = csr_array((-net.number.astype(float), (np.arange(count), np.arange(count))), shape=(count, count))
    rows = [LinearConstraint(hstack([csr_array(cover), need]).tocsr(), 0.0, np.inf)]
    weigh = csr_array((net.weight, (item, np.arange(count))), shape=(len(asked), count))
    rows.append(LinearConstraint(hstack([csr_array((len(asked), size)), weigh]).tocsr(), asked * (1 - 1e-9), np.inf))
    groups, code, crowd = np.unique(net.group, return_inverse=True, return_counts=True)
    if crowd.max(initial=1) > 1:
        heads = csr_array((np.ones(size), (code, np.arange(size))), shape=(len(groups), size))[
            np.flatnonzero(crowd > 1)
        ]
        rows.append(LinearConstraint(hstack([heads, csr_array((heads.shape[0], count))]).tocsr(), -np.inf, 1.0))
    low = np.concatenate([problem.locked.chosen.astype(float), np.zeros(count)])
    high = np.concatenate([(net.free | problem.locked.chosen).astype(float), np.ones(count)])
    result = milp(
        np.concatenate([net.cost, np.zeros(count)]),
        integrality=np.concatenate([np.ones(size), np.ones(count)]),
        bounds=Bounds(low, high),
        constraints=rows,
        options={"mip_rel_gap": 0.0, "time_limit": np.inf if time_limit is None else float(time_limit)},
    )
    if result.mip_dual_bound is not None and np.isfinite(result.mip_dual_bound):
        bound = max(bound, float(result.mip_dual_bound))
    if result.x is not None and result.fun < cost - 1e-9:
        chosen = np.flatnonzero(result.x[:size] > 0.5).astype(np.int64)
        cost = float(net.cost[chosen].sum())
    return chosen, cost, cost if bound >= cost * (1 - 1e-9) else bound
