"""Which candidates cover the most under budgets: one answer, what it costs, and how far from the best it can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from citycover.errors import InputError
from citycover.plan import _covering
from citycover.plan._covering import Choice, Floats, Ints
from citycover.plan.bounds import Prices, price_targets
from citycover.plan.covering_input import Problem, pick, read_problem
from citycover.plan.exact import prove_covering

Method = Literal["fast", "exact"]

PARTLY = 0.1
"""While it searches, this share of a target's weight is earned by its covers before the last, in even parts; ours."""

RUNS, TRIALS, LOOKS = 5, 2000, 80_000_000
"""Runs of renewals; in each at most so many, and so many links between candidates and targets looked at; ours."""

MOST, HEAT = 3, 0.03
"""Neighbours that one renewal gives up at most, and what it may lose at first in mean losses of one candidate; ours."""

ORDERS, LINKS = 40, 20_000_000
"""Choices begun from prices: at most, and links, candidates and targets looked at in all; ours."""

NEAR = 0.003
"""Gap at which a search leaves it at greedy choice and exchanges; ours."""

LARGE = 350_000
"""Above so many links between candidates and targets one climb stands for the searches at fixed amounts; ours."""

BOTTOM, PASSES = 8.0, 2
"""A climb first stops at so many candidates of usual cost; rounds of exchanges at each stop; ours."""

STAIRS = (1.0, 1.12, 1.25, 1.4, 1.6, 1.8, 2.0, 2.24, 2.5, 2.8, 3.15, 3.55, 4.0, 4.5, 5.0, 5.6, 6.3, 7.1, 8.0, 9.0)
"""Amounts of each power of ten at which a climb stops to exchange (Renard's R20); ours."""


@dataclass(frozen=True)
class Covering:
    """An answer with its certificate.

    ``chosen``: rows of the candidates, ascending, locked ones among them; ``value``: weight of the targets covered as
    often as required; ``cost`` of the chosen (their number where no costs were given); ``bound``: no choice within the
    budgets is worth more; ``optimality_gap``: (bound − value) / value, 0 when proven best.
    """

    chosen: Ints
    value: float
    cost: float
    bound: float
    optimality_gap: float


def solve_covering(
    covers: Any,
    weights: npt.ArrayLike,
    *,
    costs: npt.ArrayLike | None = None,
    budget: npt.ArrayLike | None = None,
    required: npt.ArrayLike | None = None,
    method: Method = "fast",
    time_limit: float | None = None,
    seed: int = 0,
    budget_of: npt.ArrayLike | None = None,
    locked_in: Iterable[int] | None = None,
    locked_out: Iterable[int] | None = None,
    groups: npt.ArrayLike | None = None,
    start: Iterable[int] | None = None,
) -> Covering:
    """Choose the candidates that cover the most under the budgets.

    The problem (maximal covering, Church and ReVelle 1974, with costs and numbers required): targets t of weight w_t
    need r_t covers; candidate j costs c_j from budget k(j), belongs to group g(j) and covers t where a_jt = 1::

        most    Σ_t w_t y_t
        with    r_t y_t ≤ Σ_j a_jt x_j        y_t ∈ {0, 1}: no credit for fewer covers than required
                Σ_{k(j)=k} c_j x_j ≤ B_k      each budget: by builder, level or year
                Σ_{g(j)=g} x_j ≤ 1            one head for each position and direction
                x_j ∈ {0, 1};  x_j = 1 where locked in, 0 where locked out

    Args:
        covers: Candidates (rows) × targets (columns); sparse or dense. What is not 0 covers.
        weights: Of each target, none below 0, in any unit; ``value`` and ``bound`` are in it.
        costs: Of each candidate, in the budgets' money. None: each counts one, the budget is a number of candidates.
        budget: One amount, or one for each number in ``budget_of``. None or infinite: no limit. What is locked in is
            paid from it too.
        required: Covers needed, one number for all targets or one each; None: 1.
        method: ``fast``: greedy choice, exchanges and renewals, and a bound from prices of targets (Lagrangian).
            ``exact``: from there on by HiGHS, until proven or ``time_limit``.
        time_limit: Seconds for HiGHS; None: no limit. ``fast`` is not limited, so that it is the same on every machine.
        seed: Of the renewals. The same inputs and seed give the same answer.
        budget_of: Which budget pays for each candidate, from 0; needed where there are several.
        locked_in: Candidates that stand in every answer.
        locked_out: Candidates that stand in none.
        groups: A number for each candidate; at most one of those that share a number is chosen. Below 0: no group.
        start: A choice known from elsewhere; where it keeps to the budgets and locks, the answer is worth no less.

    A larger budget never gives less, when there is one budget and ``fast`` answers: the answer is the best of searches
    at fixed amounts (1.00, 1.05, 1.10 … of each power of ten) up to the budget, each lengthened in a fixed order, and a
    smaller budget's searches are among a larger one's. Searches whose bound lies below the best found are not run: they
    could not win. Problems of more than :data:`LARGE` links are climbed instead: chosen in a fixed order, which is
    improved at fixed amounts (1.00, 1.12, 1.25 …) without losing anything; a smaller budget stops lower on the same
    way. With several budgets, or ``exact`` out of time, pass the former answer as ``start``.

    Raises:
        InputError: An array does not fit, holds what it must not, or what is locked in costs more than a budget.

    >>> covers = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]])
    >>> answer = solve_covering(covers, [1, 5, 4, 2], budget=2)
    >>> answer.chosen.tolist(), answer.value, answer.bound, answer.optimality_gap
    ([0, 2], 12.0, 12.0, 0.0)
    >>> solve_covering(covers, [1, 5, 4, 2], costs=[3, 4, 3], budget=4).chosen.tolist()
    [1]
    """
    if method not in ("fast", "exact"):
        raise InputError(f'method: "fast" or "exact" is needed; given {method!r}')
    problem = read_problem(
        covers,
        weights,
        costs=costs,
        budget=budget,
        budget_of=budget_of,
        required=required,
        locked_in=locked_in,
        locked_out=locked_out,
        groups=groups,
    )
    best, value, bound = _find(problem, seed, start)
    bound = max(bound, value)
    chosen = pick(best.chosen)
    if method == "exact" and bound > value:
        chosen, value, bound = prove_covering(problem, chosen, value, bound, time_limit=time_limit)
    return describe(problem, chosen, value, bound)


def describe(problem: Problem, chosen: Ints, value: float, bound: float) -> Covering:
    """Return the answer of a choice and its bound."""
    gap = (bound - value) / value if value > 0 else (0.0 if bound <= value else np.inf)
    return Covering(chosen, value, float(problem.net.cost[chosen].sum()), bound, float(gap))


class _Search:
    """Finds a good choice for given budgets; what it finds depends on nothing else but the problem and the seed."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem, self.seed = problem, seed
        net = problem.net
        self.partly = PARTLY if int(net.number.max(initial=1)) > 1 else 1.0
        self.least = 1e-12 * float(net.weight.sum())
        self.priced = bool(len(net.cost)) and bool(np.any(net.cost != net.cost[0]))

    def at(self, budgets: Floats) -> tuple[Choice, Prices]:
        """Return the best of greedy choices and of choices begun from prices, renewed; and those prices."""
        problem, net = self.problem, self.problem.net
        found: list[Choice] = []
        for by_cost in (True, False) if self.priced else (True,):
            choice = problem.begin(budgets)
            _covering.grow(net, choice, 1.0, by_cost, self.least)
            if self.partly < 1.0:
                found.append(_copy(choice))
            found.append(self._exchange(choice))
        best = max(found, key=self.worth)
        looks = len(net.targets) + 20 * (len(net.cost) + len(net.weight)) + 1
        orders = int(np.clip(LINKS // looks, 1, ORDERS))
        prices = price_targets(problem, count=best.covers, value=self.worth(best), budgets=budgets, orders=orders)
        bound = prices.at(budgets + problem.locked.left)
        if bound <= self.worth(best) * (1 + NEAR):
            return best, prices
        for order in prices.orders:
            choice = problem.begin(budgets)
            _covering.follow(net, choice, order, 1.0, self.least)
            _covering.grow(net, choice, 1.0, True, self.least)
            found.append(self._exchange(choice))
        best = max(found, key=self.worth)
        found.sort(key=self.worth, reverse=True)
        for run in range(RUNS):
            if bound <= self.worth(best):
                break
            renewed, seed = _copy(found[run] if run < min(2, len(found)) else best), (self.seed + run) % 2**32
            _covering.weigh(net, renewed, self.partly)
            _covering.renew(net, renewed, self.partly, self.least, self._trials(), MOST, HEAT, seed)
            best = max(best, self._exchange(renewed), key=self.worth)
        return best, prices

    def worth(self, choice: Choice) -> float:
        """Return the weight covered as often as required."""
        return float(_covering.earned(self.problem.net, choice))

    def _exchange(self, choice: Choice) -> Choice:
        if self.partly < 1.0:
            _covering.weigh(self.problem.net, choice, self.partly)
        _covering.exchange(self.problem.net, choice, self.partly, self.least, 50, True, 0.0)
        return choice

    def _trials(self) -> int:
        net = self.problem.net
        links, sources = len(net.targets) / max(len(net.cost), 1), len(net.targets) / max(len(net.weight), 1)
        looks = MOST * links * (sources + 10.0) + 1.0
        return int(np.clip(LOOKS / looks / (1 + len(net.targets) / 1e5), 20, min(TRIALS, 4 * len(net.cost))))

    def between(self, low: float, high: float, budget: float) -> tuple[list[Choice], Prices]:
        """Return what the search at ``low`` found, lengthened up to ``budget`` in the orders that ``high`` brings."""
        base, prices = self.at(np.array([low]))
        found = []
        for by_cost in (True, False) if self.priced else (True,):
            choice = _copy(base)
            choice.left[0] += budget - low
            _covering.lengthen(
                self.problem.net, choice, self.partly, self.least, by_cost, choice.left[0] + high - budget
            )
            found.append(choice)
        return found, prices

    def climb(self, budget: float, paid: float) -> Choice:
        """Return what is met at ``budget`` on the one way up that begins with what is locked, ``paid`` already."""
        problem, net = self.problem, self.problem.net
        choice, low = problem.begin(np.array([paid])), paid
        _covering.weigh(net, choice, self.partly)
        usual = float(np.median(net.cost[net.free])) if net.free.any() else 0.0
        amounts = (step * 10.0**power for power in range(-3, 19) for step in STAIRS)
        for amount in (a for a in amounts if a > paid + BOTTOM * usual):
            step = min(amount, budget)
            choice.left[0] += step - low
            rate = _covering.lengthen(net, choice, self.partly, self.least, True, choice.left[0] + amount - step)
            low = step
            if budget <= amount:
                return choice
            _covering.exchange(net, choice, self.partly, self.least, PASSES, False, rate)
        return choice


def _copy(choice: Choice) -> Choice:
    c = choice
    return Choice(c.chosen.copy(), c.covers.copy(), c.worth.copy(), c.left.copy(), c.head.copy())


def list_steps(budget: float, *, fine: int, counted: bool) -> Iterator[tuple[float, float]]:
    """Yield the fixed amounts up to a budget, from the top, each with the next higher one.

    They are 1.00, 1.05 … 2.0, 2.1 … 5.0, 5.2 … 10 of each power of ten, ``fine`` times as many; whole where candidates
    are counted.

    >>> steps = list_steps(2_345_678, fine=1, counted=False)
    >>> next(steps), next(steps)
    ((2300000.0, 2400000.0), (2200000.0, 2300000.0))
    """
    if not 0 < budget < np.inf:
        return
    power = int(np.floor(np.log10(budget))) + 1
    above = np.inf
    for exponent in range(power, power - 14, -1):
        for mantissa in range(200 * fine - 1, 20 * fine - 1, -1):
            if mantissa % (1 if mantissa < 40 * fine else 2 if mantissa < 100 * fine else 4):
                continue
            amount = mantissa * 10.0**exponent / (20 * fine)
            amount = float(np.floor(amount)) if counted else amount
            if amount <= budget and amount < above and above < np.inf and amount > 0:
                yield amount, above
            above = min(above, amount)


def _find(problem: Problem, seed: int, start: Iterable[int] | None) -> tuple[Choice, float, float]:
    """Return the best choice found, its value, and a bound of every choice."""
    search, paid = _Search(problem, seed), -problem.locked.left
    ready = [problem.begin(problem.budgets), *_known(problem, start)]
    everything = np.bincount(problem.net.purse, weights=problem.net.cost * problem.net.free, minlength=len(paid))
    if np.all(everything <= problem.budgets - paid):
        choice, prices = search.at(np.full(len(paid), np.inf))
    elif len(paid) > 1:
        choice, prices = search.at(problem.budgets)
    else:
        return (_descend if len(problem.net.targets) <= LARGE else _climb)(
            search, ready, float(problem.budgets[0]), float(paid[0])
        )
    best = max([*ready, choice], key=search.worth)
    return best, search.worth(best), prices.at(problem.budgets - paid)


def _descend(search: _Search, ready: list[Choice], budget: float, paid: float) -> tuple[Choice, float, float]:
    """Return the best of the searches at fixed amounts up to the budget; those whose bound is below it are not run."""
    problem = search.problem
    net, bound, prices = problem.net, np.inf, None
    best = max(ready, key=search.worth)
    least = paid + float(net.cost[net.free].min(initial=np.inf))
    links = len(net.targets)
    for low, high in list_steps(budget, fine=2 if links <= 20_000 else 1, counted=problem.counted):
        until = min(budget, high)
        if until < least or low < paid:
            break
        if prices is not None and prices.at(np.array([until - paid])) * (1 + 1e-9) <= search.worth(best):
            break
        found, prices = search.between(low, high, until)
        best = max([best, *found], key=search.worth)
        bound = min(bound, prices.at(np.array([budget - paid])))
    if prices is None:
        bound = price_targets(problem, count=best.covers, value=search.worth(best)).at(np.array([budget - paid]))
    return best, search.worth(best), bound


def _climb(search: _Search, ready: list[Choice], budget: float, paid: float) -> tuple[Choice, float, float]:
    """Return what the climb meets at the budget, and a bound."""
    best = max([*ready, search.climb(budget, paid)], key=search.worth)
    value = search.worth(best)
    return best, value, price_targets(search.problem, count=best.covers, value=value).at(np.array([budget - paid]))


def _known(problem: Problem, start: Iterable[int] | None) -> Sequence[Choice]:
    """Return the choice known from elsewhere, where it keeps to the budgets, the groups and the locks."""
    if start is None:
        return []
    net, choice = problem.net, problem.begin(problem.budgets)
    for i in np.unique(np.asarray(list(start), dtype=np.int64)).tolist():
        if choice.chosen[i]:
            continue
        if not net.free[i] or choice.head[net.group[i]] >= 0:
            return []
        _covering.put(net, choice, i, 1.0)
    return [choice] if bool(np.all(choice.left >= -1e-12 * problem.budgets)) else []
