"""Weigh a plan against others: coverage for other money, the best stand-in for each site, two plans side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from citycover.errors import InputError
from citycover.plan.choice import choose_sites, shadow_costs
from citycover.plan.draft import Plan

Floats = npt.NDArray[np.float64]

SAME_WORTH = 0.01
"""Share of a site's worth within which a stand-in is as good; ours."""

UNITS = {"m": "gain_m", "m2": "gain_m2", "point": "gain_points"}


def trace_plan(plan: Plan) -> pd.DataFrame:
    """Return what share is seen after each site of the plan, in its order: the curve of coverage against money.

    Columns: ``sites`` and ``cost`` (yuan) so far, ``phase``, and ``share_m``, ``share_m2``, ``share_point`` of what
    must be seen (null for a unit that nobody asks for). The first row is the state before the plan. Each share is what
    the site adds to those before it, so an earlier row is a plan too, though not the best for its money.
    """
    first = {"sites": 0, "phase": 0, "cost": 0.0}
    rows = pd.DataFrame(plan.sites)
    out = pd.DataFrame(
        {"sites": np.arange(1, len(rows) + 1), "phase": rows["phase"].to_numpy(), "cost": rows["cost"].cumsum()}
    )
    out = pd.concat([pd.DataFrame([first]), out], ignore_index=True)
    told = plan.promise.set_index("unit")
    for unit, name in UNITS.items():
        required = float(told["required"].get(unit, 0.0)) if len(told) else 0.0
        before = float(told["seen_before"].get(unit, 0.0)) if len(told) else 0.0
        gained = np.r_[0.0, rows[name].to_numpy(float).cumsum()]
        out[f"share_{unit}"] = (before + gained) / required if required > 0.0 else np.nan
    return out


def trace_money(plan: Plan, amounts: Sequence[float], *, seed: int = 0) -> pd.DataFrame:
    """Return what other sums of money would bring in one phase, each chosen anew among the plan's candidates.

    Columns: ``budget``, ``cost`` (yuan), ``sites``, ``value`` and ``bound`` (worth), ``share`` and ``share_bound`` of
    all worth that is wanted: no choice of these candidates reaches more than the bound. By budget; never falling.

    Raises
    ------
    InputError
        An amount is below 0.
    """
    wanted = float(plan.wants["worth"].sum()) if len(plan.wants) else 0.0
    shut = np.flatnonzero(plan.candidates["candidate_id"].isin((*plan.rejected, *plan.locked_out)).to_numpy(bool))
    rows: list[dict[str, Any]] = []
    for amount in sorted(amounts):
        choice = choose_sites(
            plan.candidates, plan.wants, budget=float(amount), covers=plan.covers, locked_out=shut,
            private_price=plan.private_price, seed=seed,
        )  # fmt: skip
        row = choice.phases.iloc[0]
        rows.append({"budget": float(amount), **{n: row[n] for n in ("spent", "sites", "value", "bound")}})
    out = pd.DataFrame(rows, columns=["budget", "spent", "sites", "value", "bound"]).rename(columns={"spent": "cost"})
    for name, of in (("share", "value"), ("share_bound", "bound")):
        out[name] = out[of] / wanted if wanted > 0.0 else np.nan
    return out


@dataclass(frozen=True)
class Exchange:
    """Worth of the plan's sites and of what could stand in for each.

    ``own``: worth that is lost without the site, by its place. ``pairs``: ``site`` (place), ``row`` of the candidate
    and ``worth`` that it would bring once that site is gone.
    """

    own: Floats
    pairs: pd.DataFrame


def find_exchanges(plan: Plan) -> Exchange:
    """Return what each site alone holds, and what each other candidate would bring in its place."""
    covers = csr_array(plan.covers).astype(np.float64)
    rows = np.asarray(plan.chosen, np.int64)
    worth = plan.wants["worth"].to_numpy(float)
    need = plan.wants["cameras"].to_numpy(np.int64)
    chosen = covers[rows]
    count = np.asarray(chosen.sum(axis=0)).ravel()
    held = chosen.multiply(((count == need) * worth)[None, :]).tocsr()  # worth lost where one of just enough goes
    own = np.asarray(held.sum(axis=1)).ravel()
    adds = covers @ ((count == need - 1) * worth)
    free = np.setdiff1d(np.arange(covers.shape[0]), rows)
    barred = plan.candidates["candidate_id"].isin((*plan.rejected, *plan.locked_out)).to_numpy(bool)
    free = free[~barred[free]]
    again = csr_array(covers[free] @ held.T).tocoo()
    pairs = pd.DataFrame({"site": again.coords[1], "row": free[again.coords[0]], "worth": again.data})
    pairs["worth"] += np.asarray(adds)[pairs["row"].to_numpy(np.int64)]
    return Exchange(own, pairs)


def find_rivals(plan: Plan) -> pd.DataFrame:
    """Return for each site the candidate that would best take its place, and why it was not chosen.

    ``verdict`` (``terms.RIVAL_VERDICTS``): ``less`` worth, ``dearer``, more ``private`` ground in view, ``equal``, or
    ``better`` (by itself: then phase, budget line or another site stands against it, and the plan should be looked at).
    Those that the site's money and what is left could pay for come before dearer ones.
    Worth is what the site alone adds to all others (``worth``), or the candidate in its place (``rival_worth``). Money
    in yuan, ``private`` in m², ``distance`` in m. Sites without a candidate that sees any of their targets have no row.
    In the order of the plan.
    """
    found = find_exchanges(plan)
    sites, candidates = plan.sites, plan.candidates
    price = shadow_costs(candidates, private_price=plan.private_price)
    pairs = found.pairs.assign(price=price[found.pairs["row"].to_numpy(np.int64)])
    left = float((plan.phases["budget"] - plan.phases["spent"]).iloc[-1]) if len(plan.phases) else 0.0
    cost = candidates["cost"].to_numpy(float)
    mine = np.asarray(plan.chosen, np.int64)[pairs["site"].to_numpy(np.int64)]
    pairs["beyond"] = cost[pairs["row"].to_numpy(np.int64)] > cost[mine] + left
    order = ["site", "beyond", "worth", "price", "row"]
    best = pairs.sort_values(order, ascending=[True, True, False, True, True], kind="stable")
    best = best.drop_duplicates("site").reset_index(drop=True)
    site, row = best["site"].to_numpy(np.int64), best["row"].to_numpy(np.int64)
    own = candidates.iloc[np.asarray(plan.chosen, np.int64)[site]]
    other = candidates.iloc[row]
    table = pd.DataFrame(sites).iloc[site].reset_index(drop=True)
    out = table[["site_id", "name", "nature", "device_class", "azimuth", "cost"]].assign(
        worth=found.own[site], private=own["private"].to_numpy(float)
    )
    same = ("nature", "spot", "device_class", "azimuth", "cost", "private")
    out = out.assign(**{f"rival_{name}": other[name].to_numpy() for name in same})
    out["rival_id"], out["rival_worth"] = other["candidate_id"].to_numpy(object), best["worth"].to_numpy(float)
    away = np.hypot(
        own.geometry.x.to_numpy() - other.geometry.x.to_numpy(), own.geometry.y.to_numpy() - other.geometry.y.to_numpy()
    )
    out["distance"] = away
    more = out["rival_worth"] - out["worth"]
    level = np.abs(more) <= SAME_WORTH * out["worth"].clip(lower=1e-9)
    dearer, bare = out["rival_cost"] > out["cost"] + 0.5, out["rival_private"] > out["private"] + 0.5
    out["verdict"] = np.select(
        [~level & (more < 0), dearer, bare, level], ["less", "dearer", "private", "equal"], default="better"
    )
    return out


def explain_site(plan: Plan, candidate_id: str) -> dict[str, Any]:
    """Return why a candidate is in the plan or not: what it adds, what it costs, and which sites see its targets.

    Returns
    -------
    dict
        ``state``: ``chosen``, ``rejected`` (conflict with a ban), ``refused`` (by a person), ``taken`` (its position
        and direction, or its camera, is used by another), ``seen`` (others see all it would), ``other`` (it would add,
        but less for its money than what was chosen, or the money is gone). ``adds``: worth beside all (other) sites;
        ``alone``: worth without any; ``cost``, ``private``; ``per_10000``: worth added for each 10,000 yuan, of it and
        the least of the new sites (``least_per_10000``); ``seen_by``: the sites that see most of its targets.

    Raises
    ------
    InputError
        The id is none of the plan's candidates.
    """
    at = np.flatnonzero(plan.candidates["candidate_id"].eq(candidate_id).to_numpy(bool))
    if not len(at):
        raise InputError(f"plan: needed the id of one of {len(plan.candidates)} candidates, given {candidate_id!r}")
    row = int(at[0])
    covers = csr_array(plan.covers).astype(np.float64)
    rows = np.asarray(plan.chosen, np.int64)
    others = rows[rows != row]
    worth, need = plan.wants["worth"].to_numpy(float), plan.wants["cameras"].to_numpy(np.int64)
    count = np.asarray(covers[others].sum(axis=0)).ravel()
    mine = covers[[row]]
    adds = float((mine @ ((count == need - 1) * worth))[0])
    shared = np.asarray((covers[others] @ mine.multiply(worth[None, :]).T.tocsr()).toarray()).ravel()
    order = [int(i) for i in np.argsort(-shared, kind="stable")[:3] if shared[i] > 0.0]
    names = plan.candidates["candidate_id"].to_numpy(object)
    candidate = plan.candidates.iloc[row]
    group = plan.candidates["group"].to_numpy(object)
    price = shadow_costs(plan.candidates, private_price=plan.private_price)
    new = (plan.sites["nature"] == "new").to_numpy(bool)
    rates = 1e4 * plan.sites["gain"].to_numpy(float)[new] / price[rows[new]]
    states = {
        "chosen": row in set(rows.tolist()),
        "rejected": candidate_id in plan.rejected,
        "refused": candidate_id in plan.locked_out,
        "taken": group[row] in set(group[others]),
        "seen": adds <= 0.0,
    }
    return {
        "candidate_id": candidate_id,
        "state": next((name for name, holds in states.items() if holds), "other"),
        "adds": adds,
        "alone": float((mine @ ((need == 1) * worth))[0]),
        "cost": float(candidate["cost"]),
        "private": float(candidate["private"]),
        "per_10000": 1e4 * adds / price[row] if price[row] > 0.0 else np.inf,
        "least_per_10000": float(rates.min()) if len(rates) else np.nan,
        "seen_by": [str(names[others[i]]) for i in order],
    }


def compare_plans(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return the sites of two plans side by side: in both, only in the first, only in the second.

    Parameters
    ----------
    first, second
        Tables ``sites``.

    Returns
    -------
    DataFrame
        ``which`` (``both``, ``first``, ``second``), ``site_id``, ``name``, ``nature``, and of each plan ``phase``,
        ``cost``, ``gain`` and ``azimuth`` under ``first_`` and ``second_``. Those in both first, then the first's, then
        the second's, each in its order.

    Examples
    --------
    >>> one = pd.DataFrame({"site_id": ["a", "b"], "name": "", "nature": "new", "phase": 1, "cost": 5.0, "gain": 1.0,
    ...                     "azimuth": 0.0})
    >>> compare_plans(one, one.iloc[1:])[["which", "site_id"]].values.tolist()
    [['both', 'b'], ['first', 'a']]
    """
    same = ["phase", "cost", "gain", "azimuth"]
    named = [
        pd.DataFrame(sites)[["site_id", "name", "nature", *same]].reset_index(drop=True) for sites in (first, second)
    ]
    left, right = (
        rows.rename(columns={name: f"{word}_{name}" for name in (*same, "name", "nature")}).assign(
            **{f"{word}_at": np.arange(len(rows))}
        )
        for rows, word in zip(named, ("first", "second"), strict=True)
    )
    both = left.merge(right, on="site_id", how="outer")
    for name in ("name", "nature"):
        both[name] = both[f"first_{name}"].fillna(both[f"second_{name}"])
    here, there = both["first_at"].notna().to_numpy(bool), both["second_at"].notna().to_numpy(bool)
    both["which"] = np.select([here & there, here], ["both", "first"], default="second")
    rank = both["which"].map({"both": 0, "first": 1, "second": 2})
    both = both.assign(rank=rank, at=both["first_at"].fillna(both["second_at"]))
    both = both.sort_values(["rank", "at"], kind="stable").reset_index(drop=True)
    columns = [f"{word}_{name}" for name in same for word in ("first", "second")]
    return both[["which", "site_id", "name", "nature", *columns]]
