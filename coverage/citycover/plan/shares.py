"""Choose the cheapest sites that close a share of what is open under each item: all that must be, less elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from citycover.errors import InputError
from citycover.plan.cheapest import solve_cheapest
from citycover.plan.choice import PRIVATE_PRICE, Choice, shadow_costs
from citycover.plan.covering import Method

Ints = npt.NDArray[np.int64]

_PHASE = ("phase", "year", "budget", "spent", "sites", "value", "bound", "optimality_gap", "least_cost")

OTHERS = "*"
"""Key of the share that holds for items not named."""


class Reached(NamedTuple):
    """The choice, and by item and unit the share asked, reached and reachable of what was open (``size``)."""

    choice: Choice
    items: pd.DataFrame


MOST_ALONE = 6
"""Items whose own least cost is asked for a bound on that of all: the heaviest; ours."""


def _heaviest(weights: npt.NDArray[np.float64]) -> list[int]:
    """Return the items of most weight, none where there is one only."""
    if len(weights) < 2:
        return []
    return [int(k) for k in np.argsort(-weights, kind="stable")[:MOST_ALONE] if weights[k] > 0.0]


def choose_cheapest(
    candidates: gpd.GeoDataFrame,
    wants: pd.DataFrame,
    mandates: pd.DataFrame,
    *,
    shares: float | Mapping[str, float],
    covers: csr_array,
    year: int = 0,
    method: Method = "fast",
    locked_in: Iterable[int] = (),
    locked_out: Iterable[int] = (),
    private_price: float = PRIVATE_PRICE,
    time_limit: float | None = None,
) -> Reached:
    """Choose candidates of least cost so that of each item's open metres, square metres and points a share is closed.

    Parameters
    ----------
    candidates, wants, covers, method, locked_in, locked_out, private_price, time_limit
        As in :func:`~citycover.plan.choice.choose_sites`. A want under several items goes with the one asked most of.
    mandates
        Name the article and item of each want.
    shares
        0 to 1 of what is open: one number, or by article and item (``第八条（六）``) with ``*`` for the others, 0
        without it. What no candidate can see is left aside; ``items`` tells it.
    year
        Of the one phase.

    Returns
    -------
    Reached
        Of the choice, ``phases`` holds ``least_cost``: no choice of these candidates costs less, the price of privacy
        included; ``optimality_gap`` = (cost − that) / cost.

    Raises
    ------
    InputError
        A share is not within 0 and 1, or names an item under which nothing is open.
    """
    named = {OTHERS: float(shares)} if isinstance(shares, int | float) else {k: float(v) for k, v in shares.items()}
    if wants.empty:
        empty = np.zeros(0, np.int64)
        columns = ["item", "unit", "size", "asked", "reached", "reachable"]
        return Reached(Choice(empty, empty, empty, pd.DataFrame(columns=_PHASE)), pd.DataFrame(columns=columns))
    facts = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id")
    clause = facts["article"].fillna("") + facts["item"].fillna("")
    each = pd.DataFrame({"want": np.arange(len(wants)), "mandate": wants["mandates"].str.split(";").to_numpy(object)})
    each = each.explode("mandate", ignore_index=True)
    each["item"] = each["mandate"].map(clause).fillna("")
    unknown = set(named) - set(each["item"]) - {OTHERS}
    if unknown:
        known, wrong = "、".join(sorted(set(each["item"]))[:8]), ", ".join(sorted(unknown))
        raise InputError(f"shares: needed items with something open ({known}), given {wrong}")
    each["asked"] = each["item"].map(named).fillna(named.get(OTHERS, 0.0))
    first = each.sort_values(["want", "asked", "item"], ascending=[True, False, True], kind="stable")
    first = first.drop_duplicates("want").reset_index(drop=True)
    key = pd.MultiIndex.from_arrays([first["item"], wants["unit"].astype("str")])
    code, groups = pd.factorize(key, sort=True)
    size = wants["size"].to_numpy(float)
    asked = first.groupby(code)["asked"].first().to_numpy(float)
    required = wants["cameras"].to_numpy(np.int64)
    more: dict[str, Any] = {
        "costs": shadow_costs(candidates, private_price=private_price),
        "locked_in": list(locked_in),
        "locked_out": list(locked_out),
        "groups": pd.factorize(candidates["group"])[0].astype(np.int64),
    }
    answer = solve_cheapest(
        covers, size, shares=asked, item_of=code.astype(np.int64), required=required, method=method,
        time_limit=time_limit, **more,
    )  # fmt: skip
    price = float(more["costs"][np.asarray(answer.chosen, np.int64)].sum())
    alone = [
        solve_cheapest(
            covers[:, code == k], size[code == k], shares=asked[k], required=required[code == k], **more
        ).bound
        for k in _heaviest(np.bincount(code, size, len(groups)) * asked)
    ]  # what closes all shares closes each
    least = min(max([answer.bound, *alone]), price)
    rows = np.asarray(answer.chosen, np.int64)
    spent = float(candidates["cost"].to_numpy(float)[rows].sum())
    seen = np.asarray(covers[rows].sum(axis=0)).ravel() >= wants["cameras"].to_numpy(np.int64)
    value = float(wants["worth"].to_numpy(float)[seen].sum())
    phase = {"phase": 1, "year": year, "budget": spent, "spent": spent, "sites": len(rows), "value": value}
    phase |= {"bound": value, "optimality_gap": (price - least) / price if price > 0.0 else 0.0, "least_cost": least}
    items = pd.DataFrame(
        {
            "item": [str(name[0]) for name in groups],
            "unit": [str(name[1]) for name in groups],
            "size": np.bincount(code, size, len(groups)),
            "asked": asked,
            "reached": answer.reached[: len(groups)],
            "reachable": answer.reachable[: len(groups)],
        }
    )
    choice = Choice(rows, np.ones(len(rows), np.int64), np.zeros(len(rows), np.int64), pd.DataFrame([phase]))
    return Reached(choice, items)
