"""Covering problems made small without losing the best answer, then solved by HiGHS."""

from __future__ import annotations

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csc_array, csr_array, hstack

from citycover.plan import _covering
from citycover.plan._covering import Codes, Flags, Floats, Ints, Net
from citycover.plan.bounds import Prices, price_targets
from citycover.plan.covering_input import Problem

ROUNDS = 3000
"""Rounds of prices before HiGHS: the tighter the bound, the more candidates it settles."""

PAIRS = 30_000_000
"""Dominated candidates are looked for where no more pairs of candidates share targets than this."""


def prove_covering(
    problem: Problem, chosen: Ints, value: float, bound: float, *, time_limit: float | None
) -> tuple[Ints, float, float]:
    """Improve a choice until it is proven best or time is up; return rows chosen, their value, and the bound.

    Before HiGHS sees the problem, candidates are left out that no choice better than ``value`` can hold (the bound with
    one of them forced in lies below), or that another covers all of for no more money; targets with the same candidates
    become one. HiGHS's own tolerances (1e-6) are its proof's.
    """
    net, locked = problem.net, problem.locked
    left = problem.budgets + locked.left
    best = problem.begin(problem.budgets)
    for i in chosen.tolist():
        if not best.chosen[i]:
            _covering.put(net, best, i, 1.0)
    prices = price_targets(problem, count=best.covers, value=value, rounds=ROUNDS)
    bound = max(min(bound, prices.at(left)), value)
    if bound <= value:
        return chosen, value, value
    kept = (
        _could_win(net, prices, left, value)
        & net.free
        & (net.cost <= np.where(np.isfinite(left), left, np.inf)[net.purse])
    )
    kept &= ~_dominated(net, kept)
    rows = np.flatnonzero(kept)
    number = np.maximum(net.number - locked.covers, 0)
    matrix, weight, need = _merge(net, rows, number)
    fixed = problem.value
    if not len(rows) or not matrix.shape[1]:
        return chosen, value, value
    answer, limit = _ask(net, rows, matrix, weight, need, left, time_limit)
    limit = max(min(bound, limit + fixed), value)
    if prices.whole:
        limit = max(float(np.floor(limit + 1e-4)), value)
    if answer is not None:
        trial = problem.begin(problem.budgets)
        for i in rows[answer].tolist():
            _covering.put(net, trial, i, 1.0)
        worth = float(_covering.earned(net, trial))
        if worth > value and np.all(trial.left >= -1e-9 * np.maximum(1.0, problem.budgets)):
            chosen, value = np.flatnonzero(trial.chosen).astype(np.int64), worth
    limit = max(limit, value)
    return chosen, value, value if limit <= value * (1 + 1e-9) else limit


def _could_win(net: Net, prices: Prices, left: Floats, value: float) -> Flags:
    """Return the candidates with which a value above ``value`` is not ruled out by the bound (reduced costs)."""
    _, surplus, rate = prices.spend(left)
    bound = (
        prices.fixed
        + surplus
        + float(np.maximum(prices.weight - prices.number * prices.prices, 0)[prices.number > 0].sum())
    )
    gain = prices.offer - rate[net.purse] * net.cost
    heads = np.zeros(int(net.group.max(initial=-1)) + 1)
    usable = net.free & (net.cost <= left[net.purse])
    np.maximum.at(heads, net.group[usable], np.maximum(gain[usable], 0.0))
    forced = bound - heads[net.group] + gain
    return np.asarray(forced * (1 + 1e-9) >= value + (1.0 - 1e-4 if prices.whole else 0.0))


def _dominated(net: Net, kept: Flags) -> Flags:
    """Return the candidates of which another in ``kept`` covers all, for no more money from the same budget.

    Only where all their targets need one cover, and no group stands in the way of the other.
    """
    out = np.zeros(len(net.cost), np.bool_)
    rows = np.flatnonzero(kept)
    worth = (net.weight > 0)[net.targets]
    full = csr_array((worth.astype(np.int32), net.targets, net.start), shape=(len(net.cost), len(net.weight)))[rows]
    full.eliminate_zeros()
    degree = np.bincount(full.indices, minlength=len(net.weight)).astype(np.int64)
    if not len(rows) or int((degree**2).sum()) > PAIRS:
        return out
    size = np.diff(full.indptr)
    simple = np.ones(len(rows), np.bool_)
    several = net.number[full.indices] > 1
    simple[np.repeat(np.arange(len(rows)), size)[several]] = False
    both = coo_array(full @ full.T)
    small, large = both.coords[0], both.coords[1]
    crowd = np.bincount(net.group[rows], minlength=int(net.group.max(initial=-1)) + 1)[net.group[rows]]
    cost, purse, group = net.cost[rows], net.purse[rows], net.group[rows]
    holds = (both.data == size[small]) & (small != large) & simple[small]
    holds &= (cost[large] <= cost[small]) & (purse[large] == purse[small])
    holds &= (crowd[large] == 1) | (group[large] == group[small])
    same = (size[large] == size[small]) & (cost[large] == cost[small])
    same &= (crowd[small] == 1) | (group[large] == group[small])
    holds &= ~same | (large < small)
    out[rows[np.unique(small[holds])]] = True
    return out


def _merge(net: Net, rows: Ints, number: Codes) -> tuple[csc_array, Floats, Codes]:
    """Return the matrix of the rows by targets that still count, targets with the same rows and number made one."""
    full = csr_array(
        (np.ones(len(net.targets), np.int8), net.targets, net.start), shape=(len(net.cost), len(net.weight))
    )
    matrix = csc_array(full[rows])
    degree = np.diff(matrix.indptr)
    wanted = np.flatnonzero((number > 0) & (net.weight > 0) & (degree >= number))
    matrix, weight, number = csc_array(matrix[:, wanted]), net.weight[wanted], number[wanted].astype(np.int32)
    random = np.random.default_rng(0)
    keys = random.integers(0, 2**63, (2, len(rows)), dtype=np.int64)
    marks = (
        [np.add.reduceat(np.append(key[matrix.indices], 0), matrix.indptr[:-1]) for key in keys] if len(wanted) else []
    )
    if not len(wanted):
        return matrix, weight, number
    _, first, code = np.unique(np.stack([*marks, number]), axis=1, return_index=True, return_inverse=True)
    total = np.bincount(code.ravel(), weights=weight, minlength=len(first)).astype(np.float64)
    return csc_array(matrix[:, first]), total, number[first]


def _ask(
    net: Net,
    rows: Ints,
    matrix: csc_array,
    weight: Floats,
    need: Codes,
    left: Floats,
    time_limit: float | None,
) -> tuple[Flags | None, float]:
    """Return which rows HiGHS takes (None: it found none in time) and its bound."""
    size, count = matrix.shape
    cover = hstack([csr_array(matrix.T).astype(np.float64), csr_array(_diagonal(-need.astype(float)))])
    constraints = [LinearConstraint(cover.tocsr(), 0.0, np.inf)]
    limited = np.flatnonzero(np.isfinite(left))
    if len(limited):
        pays = csr_array((net.cost[rows], (net.purse[rows], np.arange(size))), shape=(len(left), size + count))
        constraints.append(LinearConstraint(pays[limited], -np.inf, left[limited]))
    groups, code, crowd = np.unique(net.group[rows], return_inverse=True, return_counts=True)
    crowded = np.flatnonzero(crowd > 1)
    if len(crowded):
        heads = csr_array((np.ones(size), (code, np.arange(size))), shape=(len(groups), size + count))
        constraints.append(LinearConstraint(heads[crowded], -np.inf, 1.0))
    result = milp(
        np.concatenate([np.zeros(size), -weight]),
        integrality=np.concatenate([np.ones(size), (need > 1).astype(float)]),
        bounds=Bounds(0.0, 1.0),
        constraints=constraints,
        options={"mip_rel_gap": 0.0, "time_limit": np.inf if time_limit is None else float(time_limit)},
    )
    limit = np.inf if result.mip_dual_bound is None else -float(result.mip_dual_bound)
    return (None if result.x is None else result.x[:size] > 0.5), limit


def _diagonal(values: Floats) -> coo_array:
    return coo_array((values, (np.arange(len(values)), np.arange(len(values)))), shape=(len(values), len(values)))
