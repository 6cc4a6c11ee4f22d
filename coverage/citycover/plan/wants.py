"""Say what a plan is to reach: the targets that are not yet seen as the law asks, with their worth."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.audit.coverage import find_levels, measure_demands, measure_once
from citycover.city.finding_decisions import is_settled
from citycover.errors import InputError

PUBLIC = ("government", "police")
"""Builders whose gaps public money closes; all others are told by notices."""

UNIT_WORTH = {"m": 1.0, "m2": 0.1, "point": 20.0}
"""What one metre, square metre and gate count against each other when sites are chosen; ours. Never shown as a sum."""

DECIDED = ("named", "qualified", "designated")

COLUMNS = (
    *("target_id", "x", "y", "z", "facing", "facing_within", "layer", "unit"),
    *("size", "worth", "density", "cameras", "builder", "kind", "mandates", "gaps", "components"),
)


def select_duties(mandates: pd.DataFrame, builders: Collection[str] = PUBLIC) -> pd.DataFrame:
    """Return the settled mandates whose effective builder is one of ``builders``, in their order.

    >>> some = pd.DataFrame({"mandate_id": ["a", "b"], "standing": ["named", "undecided"],
    ...     "builder": ["government"] * 2, "builder_effective": [None, None]})
    >>> select_duties(some)["mandate_id"].tolist()
    ['a']
    """
    builder = mandates["builder_effective"].fillna(mandates["builder"])
    chosen: pd.DataFrame = mandates[mandates["standing"].isin(DECIDED) & builder.isin(list(builders))]
    return chosen


def find_wants(
    demands: pd.DataFrame,
    targets: pd.DataFrame,
    seen: pd.DataFrame,
    *,
    mandates: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    builders: Collection[str] = PUBLIC,
    on: str | None = None,
    unit_worth: dict[str, float] | None = None,
) -> pd.DataFrame:
    """Return the targets that the builders must still bring into sight, each once, at its strictest open demand.

    Parameters
    ----------
    demands, targets, seen
        From ``lay_targets`` and ``measure_fitting``.
    mandates
        With builders; undecided ones are left out: nobody is told to build for what is not settled.
    gaps
        Table ``gaps``: names the gap of each target and weighs it by its priority.
    builders
        Whose duties the plan serves.
    on
        Day of the study (ISO 8601): gaps that a person accepted or postponed until this day or a later one are left
        out; without it none is.
    unit_worth
        Worth of one metre, square metre and point; ours by default.

    Returns
    -------
    DataFrame
        ``target_id``, position and facing as in ``targets``, ``unit``, ``size`` (what the headline counts for it),
        ``worth`` (size × worth of its unit × priority / 100 of its weightiest gap), ``density`` (px/m), ``cameras``
        (how many more must see it), ``builder`` and ``kind`` of that gap's mandate,
        ``mandates``, ``gaps`` and ``components`` joined by ``;``. By target.

    Raises
    ------
    InputError
        The tables do not fit together.
    """
    duties = select_duties(mandates, builders)
    asked = demands[demands["mandate_id"].isin(duties["mandate_id"])].reset_index(drop=True)
    if asked.empty:
        return pd.DataFrame({name: [] for name in COLUMNS})
    rows = measure_demands(asked, seen)
    once = measure_once(asked, targets, seen).set_index("target_id")
    rows = rows[(rows["met_low"] == 0) & rows["target_id"].isin(once.index)].reset_index(drop=True)
    rows["missing"] = rows["cameras_required"].astype("int64") - _counted(rows, seen)
    rows["gap_id"], rows["priority"] = _gap_of(rows, targets, gaps)
    rows = rows[~rows["gap_id"].isin(gaps.loc[is_settled(gaps, on=on), "gap_id"])].reset_index(drop=True)
    if rows.empty:
        return pd.DataFrame({name: [] for name in COLUMNS})
    facts = duties.drop_duplicates("mandate_id").set_index("mandate_id")
    rows["builder"] = rows["mandate_id"].map(facts["builder_effective"].fillna(facts["builder"]))
    rows["kind"] = rows["mandate_id"].map(facts["kind"])
    heavy = rows.sort_values(["target_id", "priority", "mandate_id"], ascending=[True, False, True], kind="stable")
    first = heavy.drop_duplicates("target_id").set_index("target_id")
    grouped = rows.groupby("target_id", sort=True)
    wants = pd.DataFrame(
        {
            "density": grouped["density_required"].max(),
            "cameras": grouped["missing"].max().clip(lower=1),
            "priority": grouped["priority"].max(),
            "builder": first["builder"],
            "kind": first["kind"],
            "mandates": join_by(rows, "target_id", "mandate_id"),
            "gaps": join_by(rows, "target_id", "gap_id"),
            "components": join_by(rows, "target_id", "component"),
        }
    )
    wants = wants.join(once[["unit", "weight"]]).rename(columns={"weight": "size"})
    worth = (unit_worth or UNIT_WORTH) | {}
    missing = sorted(set(wants["unit"]) - set(worth))
    if missing:
        raise InputError(f"unit_worth: needed a worth for {', '.join(missing)}, given {worth}")
    wants["worth"] = wants["size"] * wants["unit"].map(worth) * wants["priority"].fillna(50.0).clip(lower=1.0) / 100.0
    ground = targets.set_index("target_id")
    for name in ("x", "y", "z", "facing", "facing_within", "layer"):
        wants[name] = ground[name].reindex(wants.index) if name in ground.columns else np.nan
    return wants.reset_index()[list(COLUMNS)]


def _counted(rows: pd.DataFrame, seen: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return how many cameras see each demand's target at its density for sure."""
    at = pd.Index(seen["target_id"].astype("int64")).get_indexer(pd.Index(rows["target_id"].astype("int64")))
    out = np.zeros(len(rows), np.int64)
    for level in find_levels(seen):
        here = (rows["density_required"] == level).to_numpy()
        out[here] = seen[f"n_low_{level:g}"].to_numpy(np.int64)[at[here]]
    return out


def _gap_of(
    rows: pd.DataFrame, targets: pd.DataFrame, gaps: gpd.GeoDataFrame
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.float64]]:
    """Return the gap of each open demand (nearest of its mandate and component) and its priority."""
    ground = targets.set_index("target_id").loc[rows["target_id"], ["x", "y"]].to_numpy(float)
    left = rows[["mandate_id", "component"]].assign(row=np.arange(len(rows)))
    right = pd.DataFrame(gaps[["mandate_id", "component"]]).assign(gap=np.arange(len(gaps)))
    pairs = left.merge(right, on=["mandate_id", "component"])
    names = np.full(len(rows), None, dtype=object)
    priority = np.full(len(rows), np.nan)
    if len(pairs):
        shapes = np.asarray(gaps.geometry.array, dtype=object)[pairs["gap"].to_numpy()]
        points = shapely.points(ground[pairs["row"].to_numpy()])
        several = pairs.duplicated("row", keep=False).to_numpy()
        pairs["away"] = np.where(several, 0.0, -1.0)
        pairs.loc[several, "away"] = shapely.distance(points[several], shapes[several])
        best = pairs.sort_values(["row", "away", "gap"], kind="stable").drop_duplicates("row")
        at, gap = best["row"].to_numpy(), best["gap"].to_numpy()
        names[at] = gaps["gap_id"].to_numpy(object)[gap]
        priority[at] = gaps["priority"].to_numpy(float)[gap]
    return names, priority


def join_by(rows: pd.DataFrame, key: str, column: str) -> pd.Series:
    """Return the different values of a column by key, sorted, joined by ``;``; empty where there is none.

    >>> join_by(pd.DataFrame({"k": [1, 1, 2], "v": ["b", "a", None]}), "k", "v").to_dict()
    {1: 'a;b', 2: ''}
    """
    pairs = rows[[key, column]].dropna().astype({column: "str"}).drop_duplicates().sort_values([key, column])
    keys = np.sort(rows[key].unique())
    several = pairs.duplicated(key, keep=False)
    alone = pairs[~several].set_index(key)[column]
    joined = pairs[several].groupby(key)[column].agg(";".join) if several.any() else alone.iloc[:0]
    both: pd.Series = pd.concat([alone, joined]).reindex(keys).fillna("").astype("str")
    return both
