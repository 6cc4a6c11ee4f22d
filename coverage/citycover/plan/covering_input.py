"""What a covering problem is given: checked once, and turned into the arrays of the kernels."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, issparse

from citycover.errors import InputError
from citycover.plan import _covering
from citycover.plan._covering import Choice, Codes, Flags, Floats, Ints, Net


@dataclass(frozen=True)
class Problem:
    """A net, the budgets, and the choice that the locked candidates make before anything else is chosen."""

    net: Net
    budgets: Floats
    locked: Choice
    counted: bool
    """True where no costs were given: each candidate counts one."""

    @property
    def value(self) -> float:
        """Weight that the locked candidates cover alone."""
        return float(_covering.earned(self.net, self.locked))

    def begin(self, budgets: Floats) -> Choice:
        """Return a copy of the locked choice with these budgets, what is locked paid."""
        c = self.locked
        left = budgets + c.left
        return Choice(c.chosen.copy(), c.covers.copy(), c.worth.copy(), left, c.head.copy())


def read_problem(
    covers: Any,
    weights: npt.ArrayLike,
    *,
    costs: npt.ArrayLike | None = None,
    budget: npt.ArrayLike | None = None,
    budget_of: npt.ArrayLike | None = None,
    required: npt.ArrayLike | None = None,
    locked_in: Iterable[int] | None = None,
    locked_out: Iterable[int] | None = None,
    groups: npt.ArrayLike | None = None,
) -> Problem:
    """Check the inputs of :func:`~citycover.plan.covering.solve_covering` and turn them into arrays.

    Raises:
        InputError: Any of them cannot be used; all faults are named that were found in one array.

    >>> read_problem(np.eye(2), [1, 2], budget=1).net.cost.tolist()
    [1.0, 1.0]
    """
    start, targets, shape = _incidence(covers)
    size, count = shape
    weight = _amounts("weights", weights, count, "target")
    cost = np.ones(size) if costs is None else _amounts("costs", costs, size, "candidate")
    number = np.ones(count, np.int32) if required is None else _numbers(required, count)
    budgets, purse = _budgets(budget, budget_of, size)
    if costs is None:
        budgets = np.floor(budgets)
    inside, outside = _picks("locked_in", locked_in, size), _picks("locked_out", locked_out, size)
    if both := np.intersect1d(inside, outside).tolist():
        raise InputError(f"locked_in and locked_out: a candidate is in one of them; in both: {_some(both)}")
    group, heads = _groups(groups, size)
    taken = np.full(heads, -1, np.int32)
    for i in inside:
        if taken[group[i]] >= 0:
            raise InputError(f"locked_in: at most one of a group; {taken[group[i]]} and {i} are of one group")
        taken[group[i]] = i
    free = taken[group] < 0
    free[outside] = False
    back, sources = _covering.turn(start, targets, count)
    net = Net(start, targets, back, sources, weight, number, cost, purse, group, free)
    choice = Choice(
        np.zeros(size, np.bool_),
        np.zeros(count, np.int32),
        np.zeros(size),
        np.zeros(len(budgets)),
        np.full(heads, -1, np.int32),
    )
    _covering.weigh(net, choice, 1.0)
    for i in inside:
        _covering.put(net, choice, i, 1.0)
    short = np.flatnonzero(-choice.left > budgets * (1 + 1e-12))
    if len(short):
        k = int(short[0])
        raise InputError(
            f"budget {k}: {budgets[k]:g} does not pay for what is locked in, which costs {-choice.left[k]:g}"
        )
    return Problem(net, budgets, choice, costs is None)


def _incidence(covers: Any) -> tuple[Ints, Codes, tuple[int, int]]:
    """Return the pattern of a matrix of candidates (rows) by targets, its columns ascending in each row."""
    if not issparse(covers):
        covers = np.asarray(covers)
        if covers.ndim != 2:
            raise InputError(f"covers: a matrix of candidates by targets is needed; given {covers.ndim} dimensions")
    matrix = csr_array(covers)
    if not matrix.has_canonical_format:
        matrix = matrix.copy() if matrix is covers else matrix
        matrix.sum_duplicates()
    start, targets = matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32)
    if matrix.nnz and not np.all(matrix.data):
        kept = matrix.data != 0
        start = np.concatenate([[0], np.cumsum(kept)])[start].astype(np.int64)
        targets = targets[kept]
    return start, targets, (int(matrix.shape[0]), int(matrix.shape[1]))


def _amounts(name: str, given: npt.ArrayLike, size: int, of: str) -> Floats:
    values = np.array(given, dtype=np.float64)
    if values.shape != (size,):
        raise InputError(f"{name}: one number for each {of} is needed, {size} in all; given shape {values.shape}")
    wrong = np.flatnonzero(~np.isfinite(values) | (values < 0.0))
    if len(wrong):
        raise InputError(f"{name}: finite numbers, none below 0, are needed; not so at {_some(wrong.tolist())}")
    return values


def _numbers(given: npt.ArrayLike, size: int) -> Codes:
    values = np.broadcast_to(np.asarray(given, dtype=np.float64), (size,))
    wrong = np.flatnonzero(~(values >= 1) | (values != np.floor(values)) | (values > 1_000_000))
    if len(wrong):
        raise InputError(f"required: whole numbers from 1 are needed; not so at {_some(wrong.tolist())}")
    return values.astype(np.int32)


def _budgets(budget: npt.ArrayLike | None, budget_of: npt.ArrayLike | None, size: int) -> tuple[Floats, Codes]:
    amounts = np.atleast_1d(np.array(np.inf if budget is None else budget, dtype=np.float64))
    if amounts.ndim != 1 or not len(amounts) or np.isnan(amounts).any() or (amounts < 0).any():
        raise InputError(f"budget: one number or a row of numbers, none below 0, is needed; given {budget!r}")
    if budget_of is None:
        if len(amounts) > 1:
            raise InputError(f"budget_of: {len(amounts)} budgets need to know which of them pays for each candidate")
        return amounts, np.zeros(size, np.int32)
    purse = np.asarray(budget_of)
    if purse.shape != (size,) or (size and not np.issubdtype(purse.dtype, np.integer)):
        raise InputError(
            f"budget_of: one whole number for each candidate, {size} in all, is needed; given {purse.shape}"
        )
    if size and (purse.min() < 0 or purse.max() >= len(amounts)):
        raise InputError(
            f"budget_of: numbers from 0 to {len(amounts) - 1} are needed; given {purse.min()} to {purse.max()}"
        )
    return amounts, purse.astype(np.int32)


def _picks(name: str, given: Iterable[int] | None, size: int) -> Ints:
    values = np.unique(np.asarray(list(given) if given is not None else [], dtype=np.float64))
    wrong = values[~((values >= 0) & (values < size) & (values == np.floor(values)))]
    if len(wrong):
        raise InputError(f"{name}: rows of candidates from 0 to {size - 1} are needed; given {_some(wrong.tolist())}")
    return values.astype(np.int64)


def _groups(given: npt.ArrayLike | None, size: int) -> tuple[Codes, int]:
    """Return each candidate's group and how many there are; below 0 (or none given): a group of its own."""
    if given is None:
        return np.arange(size, dtype=np.int32), size
    values = np.asarray(given)
    if values.shape != (size,) or (size and not np.issubdtype(values.dtype, np.integer)):
        raise InputError(f"groups: one whole number for each candidate, {size} in all, is needed; given {values.shape}")
    keys = values.astype(np.int64)
    alone = keys < 0
    keys[alone] = keys.max(initial=0) + 1 + np.arange(int(alone.sum()))
    names, codes = np.unique(keys, return_inverse=True)
    return codes.astype(np.int32), len(names)


def _some(values: list[Any]) -> str:
    return ", ".join(f"{value:g}" for value in values[:8]) + (f" and {len(values) - 8} more" if len(values) > 8 else "")


def pick(chosen: Flags) -> Ints:
    """Return the rows that are chosen, ascending."""
    return np.flatnonzero(chosen).astype(np.int64)
