"""Choose sites phase by phase: most worth for the money, with a bound on what any other choice could bring."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from citycover.city.model import City
from citycover.errors import InputError
from citycover.plan.covering import solve_covering
from citycover.plan.money import Budget, choose_lines
from citycover.plan.reach import find_covers

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PRIVATE_PRICE = 1.0
"""Yuan by which each square metre of private ground in view makes a candidate dearer when sites are chosen; ours."""

FACADE_PRICE = 200.0
"""Yuan for each metre of façade of homes, hotels and wards at recognisable density; ours."""


class Choice(NamedTuple):
    """Rows of the candidates in the order of the plan, the phase (from 1) and line of each, and the phases' figures.

    ``phases``: phase, year, budget, spent (yuan), value (worth), bound, optimality_gap.
    """

    rows: Ints
    phase: Ints
    line: Ints
    phases: pd.DataFrame


def shadow_costs(
    candidates: pd.DataFrame, *, private_price: float = PRIVATE_PRICE, facade_price: float = FACADE_PRICE
) -> Floats:
    """Return what the choice counts for each candidate: money, and the price of what it sees that is private (yuan).

    >>> shadow_costs(pd.DataFrame({"cost": [1000.0], "private": [50.0], "facade": [0.5]})).tolist()
    [1150.0]
    """
    return np.asarray(
        candidates["cost"].to_numpy(float)
        + private_price * candidates["private"].to_numpy(float)
        + facade_price * candidates["facade"].to_numpy(float)
    )


def choose_sites(
    candidates: gpd.GeoDataFrame,
    targets: pd.DataFrame,
    *,
    budget: Budget | float,
    method: Literal["fast", "exact"] = "fast",
    city: City | None = None,
    covers: csr_array | None = None,
    locked_in: Iterable[int] = (),
    locked_out: Iterable[int] = (),
    private_price: float = PRIVATE_PRICE,
    time_limit: float | None = None,
    seed: int = 0,
) -> Choice:
    """Choose candidates under a budget, one phase a year, each the best for its money after those before it.

    The problem of a phase (:func:`~citycover.plan.covering.solve_covering`): targets of worth w are covered once enough
    chosen candidates see them; candidates cost money and, so that what is private stays out of view, a price for each
    square metre of it, which is paid from the budget too: what is really spent is never more. Each line of the budget
    pays for the candidates whose main target is of its builders and kinds. At most one candidate of a group (a position
    and direction, or an existing camera) is chosen. Those of earlier phases stay.

    Parameters
    ----------
    candidates
        From :func:`~citycover.plan.candidates.propose_sites`.
    targets
        The wanted ones, from :func:`~citycover.plan.wants.find_wants`.
    budget
        A :class:`~citycover.plan.money.Budget`, or yuan in one phase.
    method, time_limit, seed
        As in ``solve_covering``.
    city, covers
        The matrix candidates × targets; made from the city where it is not given.
    locked_in, locked_out
        Rows that must be in (paid in the first phase that can) and that must not.
    private_price
        Yuan for each square metre of private ground in view.

    Raises
    ------
    InputError
        Neither matrix nor city is given, or what is locked in costs more than the first phase has.
    """
    if covers is None:
        if city is None:
            raise InputError("choose_sites: needed the matrix of covers, or the city to make it, given neither")
        covers = find_covers(candidates, targets, city)
    plan = budget if isinstance(budget, Budget) else Budget.of(budget, 0)
    builder, kind = find_main(covers, targets)
    cost = shadow_costs(candidates, private_price=private_price)
    groups = pd.factorize(candidates["group"])[0].astype(np.int64)
    worth = targets["worth"].to_numpy(float)
    required = targets["cameras"].to_numpy(np.int64)
    out, fixed = np.unique(np.asarray(list(locked_out), np.int64)), np.unique(np.asarray(list(locked_in), np.int64))
    taken: Ints = np.zeros(0, np.int64)
    rows: list[Ints] = []
    phases: list[dict[str, Any]] = []
    lines_of: list[Ints] = []
    for number, year in enumerate(plan.years, start=1):
        lines = plan.of_year(year)
        line = choose_lines(lines, builder, kind)
        free = line >= 0
        paid = np.where(np.isin(np.arange(len(cost)), taken), 0.0, cost)
        amounts = np.array([entry.yuan for entry in lines])
        purse = np.where(free, line, 0)
        shut = np.union1d(out, np.setdiff1d(np.flatnonzero(~free), taken))
        inside = np.union1d(taken, fixed[free[fixed]] if number == 1 else taken)
        answer = solve_covering(
            covers,
            worth,
            costs=paid,
            budget=amounts if len(amounts) > 1 else float(amounts[0]),
            budget_of=purse if len(amounts) > 1 else None,
            required=required,
            locked_in=inside.tolist(),
            locked_out=np.setdiff1d(shut, inside).tolist(),
            groups=groups,
            method=method,
            time_limit=time_limit,
            seed=seed,
        )
        new = np.setdiff1d(answer.chosen, taken)
        rows.append(new)
        lines_of.append(line[new])
        spent = float(candidates["cost"].to_numpy(float)[new].sum())
        phases.append(
            {
                "phase": number,
                "year": year,
                "budget": float(amounts.sum()),
                "spent": spent,
                "sites": len(new),
                "value": answer.value,
                "bound": answer.bound,
                "optimality_gap": answer.optimality_gap,
            }
        )
        taken = np.union1d(taken, new)
    phase = np.repeat(np.arange(1, len(rows) + 1), [len(part) for part in rows])
    return Choice(np.concatenate(rows), phase, np.concatenate(lines_of), pd.DataFrame(phases))


def find_main(covers: csr_array, wants: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return for each candidate the builder and kind for which it would do most; null where it does nothing."""
    label = pd.Series(wants["builder"].astype(str) + "\x1f" + wants["kind"].astype(str))
    code, names = pd.factorize(label, sort=True)
    hot = csr_array(
        (wants["worth"].to_numpy(float), (np.arange(len(code)), code)), shape=(len(code), max(len(names), 1))
    )
    sums = np.asarray((csr_array(covers).astype(np.float64) @ hot).toarray())
    best = sums.argmax(axis=1) if sums.size else np.zeros(covers.shape[0], np.int64)
    something = sums.max(axis=1, initial=0.0) > 0.0
    words = np.array([str(name).split("\x1f") for name in names], dtype=object).reshape(-1, 2)
    out = []
    for column in (0, 1):
        named = np.full(covers.shape[0], None, dtype=object)
        named[something] = words[best[something], column]
        out.append(pd.Series(named, dtype="str"))
    return out[0], out[1]


def find_gains(covers: csr_array, wants: pd.DataFrame, rows: Ints) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what each chosen row adds to those before it, and the pairs (place in ``rows``, want) it is there for.

    A target that needs n cameras is gained by the n-th of the chosen that sees it; the first n are there for it.
    """
    chosen = csr_array(covers[rows]).tocoo()
    pairs = pd.DataFrame({"site": chosen.coords[0], "want": chosen.coords[1]}).sort_values(["want", "site"])
    number = wants["cameras"].to_numpy(np.int64)[pairs["want"].to_numpy()]
    turn = pairs.groupby("want").cumcount().to_numpy()
    enough = pairs.groupby("want")["site"].transform("size").to_numpy() >= number
    needed = pairs[enough & (turn < number)]
    last = pairs[enough & (turn == number - 1)]
    facts = wants.iloc[last["want"].to_numpy()]
    gained = pd.DataFrame({"site": last["site"].to_numpy(), "worth": facts["worth"].to_numpy(float)})
    for unit, name in (("m", "gain_m"), ("m2", "gain_m2"), ("point", "gain_points")):
        gained[name] = np.where(facts["unit"].eq(unit), facts["size"].to_numpy(float), 0.0)
    sums = gained.groupby("site").sum().reindex(np.arange(len(rows)), fill_value=0.0)
    return sums.rename(columns={"worth": "gain"}), needed.reset_index(drop=True)
