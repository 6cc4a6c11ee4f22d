"""Measures how much of what is demanded is seen as required: by mandate, rolled up, and once per target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover import tables
from citycover.audit.requirements import States, load_requirements
from citycover.errors import InputError

By = Literal["mandate", "item", "kind", "part", "component", "builder", "district", "department", "street", "state"]
_ENDS = ("low", "expected", "high")
_OF_MANDATE: Mapping[str, tuple[str, ...]] = {
    "item": ("rulebook", "article", "item"),
    "kind": ("kind",),
    "part": ("part",),
    "builder": ("builder",),
    "department": ("department",),
}


_MAIN_COMPONENT: Mapping[str, str] = {
    "site_per_plan": "area",
    "public_parts": "area",
    "whole_length_per_plan": "segment",
    "important_segments": "segment",
    "important_segments_and_junctions": "segment",
    "important_junctions": "junction",
}
"""The component under which a part stands that only a visit can answer; ``entrance`` for the others."""


def find_levels(seen: pd.DataFrame) -> tuple[float, ...]:
    """Return the pixel densities (px/m) that ``seen`` was measured at, ascending.

    >>> find_levels(pd.DataFrame(columns=tables.seen_columns([62.5, 25])))
    (25.0, 62.5)
    """
    heads = [str(c).removeprefix("n_low_") for c in seen.columns if str(c).startswith("n_low_")]
    return tuple(sorted(float(head) for head in heads))


def measure_demands(demands: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Return the demands with ``met_low``, ``met_high`` (0 or 1) and ``met_expected`` (a chance), in the same order.

    A demand is met at the low end when enough cameras of known pose see the target at its density, at the high end
    when enough cameras do that count at all; the expected figure is the chance of it, cameras being independent.

    Raises
    ------
    InputError
        A density that is demanded is no level of ``seen``, a target was not measured, or 3 or more cameras are asked.
    """
    levels = find_levels(seen)
    density = demands["density_required"].to_numpy(dtype=np.float64)
    cameras = demands["cameras_required"].to_numpy(dtype=np.int64)
    unknown = sorted(set(density.tolist()) - set(levels))
    if unknown:
        given, allowed = (", ".join(f"{x:g}" for x in part) for part in (unknown, levels))
        raise InputError(f"requirements: needed densities that were measured ({allowed} px/m), given {given}")
    if len(cameras) and not 1 <= cameras.min() <= cameras.max() <= 2:
        raise InputError(f"requirements: needed 1 or 2 cameras, given {cameras.min()} to {cameras.max()}")
    row = find_rows(seen["target_id"], demands["target_id"])
    if len(row) and row.min() < 0:
        missing = int((row < 0).sum())
        raise InputError(f"seen: needed a row for every target demanded, given none for {missing} demands")
    met = {end: np.zeros(len(demands)) for end in _ENDS}
    for level in levels:
        for wanted in (1, 2):
            here = (density == level) & (cameras == wanted)
            at = row[here]
            met["low"][here] = seen[f"n_low_{level:g}"].to_numpy(dtype=np.float64)[at] >= wanted
            met["high"][here] = seen[f"n_high_{level:g}"].to_numpy(dtype=np.float64)[at] >= wanted
            met["expected"][here] = seen[f"p{wanted}_{level:g}"].to_numpy(dtype=np.float64)[at]
    return demands.assign(**{f"met_{end}": met[end] for end in _ENDS})


def find_rows(ids: pd.Series, wanted: pd.Series | npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the row of each wanted target among ``ids``, -1 where there is none.

    >>> find_rows(pd.Series([3, 5, 9]), np.array([9, 4])).tolist()
    [2, -1]
    """
    have, sought = np.asarray(ids, dtype=np.int64), np.asarray(wanted, dtype=np.int64)
    if not len(have) or not (np.diff(have) > 0).all():
        return np.asarray(pd.Index(have).get_indexer(pd.Index(sought)), dtype=np.int64)
    row = np.minimum(np.searchsorted(have, sought), len(have) - 1)  # in half the memory of a hash table
    row[have[row] != sought] = -1
    return np.asarray(row, dtype=np.int64)


def roll_up(
    demands: pd.DataFrame,
    seen: pd.DataFrame,
    *,
    targets: pd.DataFrame,
    by: By = "mandate",
    mandates: pd.DataFrame | None = None,
    states: States | None = None,
    indoor: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Sum what is required and what is seen, never across units.

    Parameters
    ----------
    demands, seen, targets
        Tables of these names; ``seen`` has a row for every target demanded.
    by
        ``mandate``: the declared table ``coverage``, one row per mandate and component. ``item``, ``kind``, ``part``,
        ``component``, ``builder`` (the effective one) and ``department``: one row per value and unit; ground that
        several mandates demand counts **once per mandate**. ``district``, ``street`` and ``state``: one row per value
        and unit; each target counts **once**, so that the rows of a unit add up to :func:`measure_headline` exactly.
        Rows of unknown value stay, with null; ``street`` is the section, null for what lies on none; the ``state`` of a
        target is *covered* when it is seen for sure, *unknown* when at best, else *uncovered*.
    mandates
        Needed for ``item``, ``kind``, ``part``, ``builder`` and ``department``, not for ``component``.
    states
        Shares at which something is called covered or uncovered; null = ours.
    indoor
        The checklist of ``lay_targets``: by mandate, those that have nothing but a row of it then stand in the table
        too, with nothing required: *indoor*, or *unknown* where the place could not be laid on the map; null = they
        are left out.

    Returns
    -------
    DataFrame
        ``required``, ``seen_low``, ``seen_expected``, ``seen_high`` in ``unit``, the shares, and ``state``: *covered*
        when the low share reaches ``covered_share``, *uncovered* when even the high share stays within
        ``uncovered_share``, *unknown* when only the low share does (nothing is certain, but cameras of unknown azimuth
        may see it), else *partly*. Roll-ups that count once per mandate also have ``mandates``, their number. Sorted by
        the grouping columns.

    Raises
    ------
    InputError
        ``by`` is none of the above, ``mandates`` is needed and missing, or the tables do not fit together.

    Examples
    --------
    Of two samples of 5 m one is seen for sure:

    >>> targets = pd.DataFrame({"target_id": [0, 1], "unit": "m", "size": 5.0, "district": None})
    >>> demands = pd.DataFrame({"target_id": [0, 1], "mandate_id": "M", "component": "segment", "feature_id": "s",
    ...     "weight": 5.0, "density_required": 25.0, "cameras_required": 1})
    >>> seen = pd.DataFrame({"target_id": [0, 1], "n_low_25": [1, 0], "n_high_25": [1, 0], "p1_25": [1.0, 0.0],
    ...     "p2_25": 0.0})
    >>> roll_up(demands, seen, targets=targets)[["required", "seen_low", "unit", "state"]].values.tolist()
    [[10.0, 5.0, 'm', 'partly']]
    """
    if by not in get_args(By):
        raise InputError(f"roll_up: needed by = {', '.join(get_args(By))}, given {by!r}")
    rules = states or load_requirements().states
    if by in ("district", "street", "state"):
        once = measure_once(demands, targets, seen)
        if by == "state":
            sums = add_shares(_summed(once.assign(state=_state_of_target(once)), ["state", "unit"]))
            return sums[["unit", *sums.columns.drop(["unit", "state"]), "state"]]
        return _stated(_summed(once, [by, "unit"]), rules)
    rows = measure_demands(demands, seen)
    rows["unit"] = _of_target(rows, targets, "unit")
    if by == "mandate":
        sums = _summed(rows, ["mandate_id", "component", "unit"]).drop(columns="mandates")
        stated = _stated(sums, rules)
        if indoor is not None and len(indoor):
            stated = pd.concat([stated, _only_indoor(indoor, stated)], ignore_index=True)
            stated = stated.sort_values(["mandate_id", "component"], kind="stable")
        coverage: pd.DataFrame = tables.conform("coverage", stated)
        return coverage
    if by == "component":
        return _stated(_summed(rows, [by, "unit"]), rules)
    if mandates is None:
        raise InputError(f"roll_up: needed mandates for by = {by!r}, given none")
    columns = list(_OF_MANDATE[by])
    facts = pd.DataFrame(mandates)[["mandate_id", *columns]]
    if by == "builder":
        facts = facts.assign(builder=mandates["builder_effective"].fillna(mandates["builder"]))
    return _stated(_summed(rows.merge(facts, on="mandate_id", how="left"), [*columns, "unit"]), rules)


def _only_indoor(indoor: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each mandate that has a checklist and no target."""
    alone = indoor[~indoor["mandate_id"].isin(stated["mandate_id"])].drop_duplicates("mandate_id")
    component = alone["part"].astype(object).map(_MAIN_COMPONENT).fillna("entrance")
    lost = alone["setting"].eq("not_on_map") if "setting" in alone.columns else pd.Series(False, index=alone.index)
    state = np.where(lost.to_numpy(bool), "unknown", "indoor")
    return pd.DataFrame({"mandate_id": alone["mandate_id"], "component": component, "state": state})


def measure_once(demands: pd.DataFrame, targets: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Return every demanded target once: how much of it is required, and whether the strictest demand on it is met.

    ``weight`` is the ground of the target that its features (places, sections, gates) demand together, at most its
    size: two mandates on one place demand the same ground, two places side by side in one cell demand its two parts.
    A target counts as seen when **every** demand on it is met, so the expected figure is the smallest of their chances.
    Where a street is demanded from anywhere and, by another mandate, in both directions, its metres are those of the
    directions, each seen when it and the undirected demand are met.
    ``street`` is the street section it lies on, null where it lies on none. Sorted by target.
    """
    rows = measure_demands(demands, seen)
    per_feature = rows.groupby(["target_id", "feature_id"], dropna=False)["weight"].max()
    weight = per_feature.groupby("target_id").sum()
    met = rows.groupby("target_id")[[f"met_{end}" for end in _ENDS]].min()
    on_line = rows[rows["component"].isin(["segment", "passage"])]
    code, names = pd.factorize(
        on_line["feature_id"].to_numpy(dtype=object), sort=True
    )  # the least name of text is slow
    first = pd.Series(code, index=on_line["target_id"].to_numpy())[code >= 0].groupby(level=0).min()
    street = pd.Series(names[first.to_numpy()], index=first.index, dtype=object)
    kept = targets[targets["target_id"].isin(weight.index)].sort_values("target_id")
    met, kept = _directed_once(met, kept, kept["target_id"].isin(street.index).to_numpy(dtype=bool))
    ids = kept["target_id"].astype("int64").to_numpy()
    size = kept["size"].to_numpy(dtype=np.float64)
    once = pd.DataFrame(
        {
            "target_id": ids,
            "unit": kept["unit"].to_numpy(dtype=object),
            "district": kept["district"].to_numpy(dtype=object),
            "street": street.reindex(ids).to_numpy(dtype=object),
            "weight": np.minimum(weight.reindex(ids).to_numpy(dtype=np.float64), size),
        }
    )
    return once.join(met.reindex(ids).reset_index(drop=True))


def _directed_once(
    met: pd.DataFrame, targets: pd.DataFrame, on_line: npt.NDArray[np.bool_]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out the undirected target of a place on a line that has directed ones; those take over its least chance."""
    if not targets["facing"].notna().to_numpy()[on_line].any():
        return met, targets
    place = targets.assign(x=(targets["x"] * 100).round(), y=(targets["y"] * 100).round(), on_line=on_line)
    number = place.groupby(["on_line", "x", "y", "layer"], dropna=False).ngroup().to_numpy()
    number = np.where(on_line, number, -1 - np.arange(len(number)))
    any_side = targets["facing"].isna().to_numpy()
    directed = np.isin(number, number[~any_side & on_line])
    rows = met.reindex(targets["target_id"])
    undirected = rows[any_side].groupby(number[any_side]).min().reindex(number).fillna(1.0).to_numpy()
    least = np.where(directed[:, None], np.minimum(rows.to_numpy(), undirected), rows.to_numpy())
    folded = pd.DataFrame(least, index=rows.index, columns=rows.columns)
    return folded, targets[~(directed & any_side)]


def _state_of_target(once: pd.DataFrame) -> npt.NDArray[np.object_]:
    low, high = once["met_low"].to_numpy() >= 1, once["met_high"].to_numpy() >= 1
    return np.select([low, high], ["covered", "unknown"], "uncovered").astype(object)


def measure_headline(demands: pd.DataFrame, targets: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Return what is required and seen of the whole study, per unit (m, m2, point), each target once.

    A target counts as seen when the strictest demand on it is met (see :func:`measure_once`). Units are never added.

    Returns
    -------
    DataFrame
        ``unit``, ``targets``, ``required``, ``seen_low``, ``seen_expected``, ``seen_high`` and the three shares, in
        the order of units.
    """
    once = measure_once(demands, targets, seen)
    out = add_shares(_summed(once, ["unit"]))
    out.insert(1, "targets", once.groupby("unit").size().reindex(out["unit"]).to_numpy(dtype=np.int64))
    return out


def _of_target(rows: pd.DataFrame, targets: pd.DataFrame, column: str) -> pd.Series:
    found = find_rows(targets["target_id"], rows["target_id"])
    if len(found) and found.min() < 0:
        raise InputError(f"demands: needed targets that exist, given {int((found < 0).sum())} demands on none")
    return pd.Series(targets[column].to_numpy(dtype=object)[found], index=rows.index, dtype=object)


def _summed(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    weight = rows["weight"].to_numpy(dtype=np.float64)
    sums = rows.assign(required=weight, **{f"seen_{end}": weight * rows[f"met_{end}"].to_numpy() for end in _ENDS})
    grouped = sums.groupby(keys, dropna=False, sort=True)
    out = grouped[["required", *(f"seen_{end}" for end in _ENDS)]].sum()
    if "mandate_id" in rows.columns:
        out["mandates"] = grouped["mandate_id"].nunique()
    return out.reset_index()


def add_shares(sums: pd.DataFrame) -> pd.DataFrame:
    """Return the sums with ``share_low``, ``share_expected`` and ``share_high``; null where nothing is required."""
    required = sums["required"].where(sums["required"] > 0)
    return sums.assign(**{f"share_{end}": sums[f"seen_{end}"] / required for end in _ENDS})


def _stated(sums: pd.DataFrame, rules: States) -> pd.DataFrame:
    out = add_shares(sums)
    low, high = out["share_low"].to_numpy(dtype=np.float64), out["share_high"].to_numpy(dtype=np.float64)
    state = np.select(
        [np.isnan(low), low >= rules.covered_share, high <= rules.uncovered_share, low <= rules.uncovered_share],
        ["unknown", "covered", "uncovered", "unknown"],
        "partly",
    )
    return out.assign(state=state)
