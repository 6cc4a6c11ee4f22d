"""Gather the figures of a study: the one place where counts and sums of every product come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from citycover import terms
from citycover.audit.conflicts import count_unaimed
from citycover.publish.compliance import gather_compliance
from citycover.publish.duplicate_report import gather_duplicates
from citycover.publish.plan_figures import plan_figures
from citycover.publish.results import Results
from citycover.publish.roll_ups import NOWHERE, gather_roll_ups

UNSETTLED_BUILDERS = ("review", "unspecified")
SEEN_ENDS = ("low", "expected", "high")
NO_DISTRICT = NOWHERE
"""Under this key stands what lies in no district."""


def figures_of(results: Results) -> Mapping[str, Any]:
    """Return the figures that the results carry, or gather them where they carry none."""
    return results.figures or gather_figures(results)


def gather_figures(results: Results, *, headline: pd.DataFrame | None = None) -> dict[str, Any]:
    """Return all figures as plain numbers, lists and dicts (they go into ``summary.json`` as they are).

    Parameters
    ----------
    results
        The study. Its own ``figures`` are not read.
    headline
        One row per unit (column ``unit`` or the index): ``required``, ``seen_low``, ``seen_expected``,
        ``seen_high``, each target counted once, as ``audit.measure_headline`` gives it. Without it, ``seen`` is
        left out: sums over mandates would count shared ground twice.

    Returns
    -------
    ``mandates``, ``seen``, ``coverage_by_…`` and ``completeness`` (see ``gather_roll_ups``), ``gaps``, ``cameras``,
    ``unknown``, ``indoor``, ``rejects``, and where they were looked for ``conflicts``, ``obstructions``, ``breaches``
    and ``fleets``, each a dict.

    Examples
    --------
    >>> from citycover.publish.figures import gather_figures
    >>> gather_figures(results)["gaps"]["total"]  # doctest: +SKIP
    23
    """
    figures: dict[str, Any] = {"mandates": _mandates(results.mandates)}
    if headline is not None and len(headline):
        figures["seen"] = _seen(headline)
    figures |= gather_roll_ups(results)
    figures["gaps"] = _gaps(results.gaps)
    figures["cameras"] = _cameras(results.cameras)
    figures["indoor"] = {"total": len(results.indoor)}
    if results.ban_features is not None:
        figures["conflicts"] = _conflicts(results.conflicts, results.ban_features)
        figures["conflicts"]["unaimed"] = count_unaimed(results.cameras, results.views)
    figures["obstructions"] = {
        "total": len(results.obstructions),
        "cameras": int(results.obstructions["camera_id"].nunique()),
        "by_obstacle": _count(results.obstructions, "obstacle", order=terms.OBSTACLES),
    }
    if len(results.duplicates):
        figures["duplicates"] = gather_duplicates(results.duplicates)
    if len(results.camera_repeats):
        figures["repeats"] = _count(results.camera_repeats, "kind", order=terms.REPEAT_KINDS)
    figures |= gather_compliance(results)
    if results.plan is not None:
        figures["plan"] = plan_figures(results.plan)
    figures["rejects"] = {"total": len(results.rejects), "by_source": _count(results.rejects, "source")}
    figures["unknown"] = _unknown(results)
    return figures


def items_of(frame: pd.DataFrame) -> pd.Series:
    """Return article and item of each row as one text, such as 第八条（六）; empty where there is neither."""
    return (frame["article"].fillna("") + frame["item"].fillna("")).astype("str")


def is_undecided(frame: pd.DataFrame) -> pd.Series:
    """Tell for each mandate or gap whether its duty is undecided; one without a standing is."""
    return frame["standing"].fillna("undecided").eq("undecided")


def effective_builder(mandates: pd.DataFrame) -> pd.Series:
    """Return who must build by the highest law that speaks; where no builder is named, ``review``."""
    return mandates["builder_effective"].fillna(mandates["builder"]).fillna("review")


def _mandates(mandates: pd.DataFrame) -> dict[str, Any]:
    return {
        "total": len(mandates),
        "places": int(mandates["place_id"].nunique()),
        "undecided": int(is_undecided(mandates).sum()),
        "by_standing": _count(mandates, "standing", order=terms.STANDINGS),
        "by_item": {str(k): int(v) for k, v in items_of(mandates).value_counts(sort=False).items()},
        "by_builder": _count(mandates.assign(builder=effective_builder(mandates)), "builder", order=terms.BUILDERS),
        "by_kind": _count(mandates, "kind", order=terms.KINDS),
        "by_district": _count(mandates.assign(district=mandates["district"].fillna(NO_DISTRICT)), "district"),
        "by_department": _count(mandates, "department"),
    }


def _seen(headline: pd.DataFrame) -> dict[str, dict[str, float | None]]:
    rows = headline if "unit" in headline.columns else headline.rename_axis("unit").reset_index()
    rows = rows.set_index("unit")
    seen: dict[str, dict[str, float | None]] = {}
    columns = ["required", *(f"seen_{end}" for end in SEEN_ENDS)]
    for unit in (u for u in terms.UNITS if u in rows.index):
        ends: list[float] = rows.loc[[unit], columns].to_numpy("float64")[0].tolist()
        required = ends.pop(0)
        values: dict[str, float | None] = {"required": required}
        for end, value in zip(SEEN_ENDS, ends, strict=True):
            values[end] = value
            values[f"share_{end}"] = value / required if required > 0 else None
        seen[unit] = values
    return seen


def _gaps(gaps: pd.DataFrame) -> dict[str, Any]:
    undecided = is_undecided(gaps)
    duty = gaps.assign(builder=gaps["builder"].fillna("review"))[~undecided]
    return {
        "total": len(gaps),
        "decided": int((~undecided).sum()),
        "undecided": int(undecided.sum()),
        "places": int(gaps["place_id"].nunique()),
        "by_builder": _sized(duty, "builder", order=terms.BUILDERS),
        "by_item": _sized(duty.assign(clause=items_of(duty)), "clause"),
        "by_district": _sized(duty.assign(district=duty["district"].fillna(NO_DISTRICT)), "district"),
        "by_department": _sized(duty, "department"),
        "by_reason": _count(gaps, "reason", order=terms.GAP_REASONS),
    }


def _sized(rows: pd.DataFrame, column: str, *, order: Mapping[str, Any] | None = None) -> dict[str, dict[str, float]]:
    """Return for each value of a column the number of gaps and the sums of their sizes by unit."""
    keys = rows[column].astype("object").fillna("unknown").replace("", "unknown")
    sizes = rows.assign(_key=keys).pivot_table(
        index="_key", columns="unit", values="size", aggfunc="sum", observed=True
    )
    counts = _count(rows, column, order=order)
    units = [unit for unit in terms.UNITS if unit in sizes.columns]
    sums = sizes.reindex(index=list(counts), columns=units).fillna(0.0).to_numpy("float64").tolist()
    return {
        key: {"gaps": n, **dict(zip(units, row, strict=True))}
        for (key, n), row in zip(counts.items(), sums, strict=True)
    }


def _cameras(cameras: pd.DataFrame) -> dict[str, Any]:
    shut_out, ranging = cameras[cameras["counts"].eq("no")], cameras[cameras["counts"].eq("range")]
    return {
        "total": len(cameras),
        "devices": int(cameras["count"].fillna(1).sum()),
        "by_counts": {"yes": 0, "range": 0, "no": 0} | _count(cameras, "counts", order=terms.COUNTS),
        "by_reason": _count(shut_out, "counts_reason", order=terms.COUNT_REASONS),
        "range_by_reason": _count(ranging, "counts_reason", order=terms.COUNT_REASONS),
        "by_status": _count(cameras, "status", order=terms.STATUSES),
        "by_owner_class": _count(cameras, "owner_class", order=terms.OWNER_CLASSES),
        "by_department": _count(cameras, "department"),
        "networked": _yes_no(cameras["networked"]),
        "retention_30": _yes_no(cameras["retention_days"].ge(30).where(cameras["retention_days"].notna())),
        "by_year": dict(sorted(_count(cameras.assign(year=cameras["in_use_since"].str[:4]), "year").items())),
    }


def _yes_no(values: pd.Series) -> dict[str, int]:
    known = values.dropna().astype(bool)
    return {"yes": int(known.sum()), "no": int((~known).sum()), "unknown": len(values) - len(known)}


def _conflicts(conflicts: pd.DataFrame, features: int) -> dict[str, Any]:
    rows = conflicts.reindex(columns=["camera_id", "level", "check"])
    return {
        "total": len(rows),
        "cameras": int(rows["camera_id"].nunique()),
        "features": features,
        "by_level": _count(rows, "level", order=terms.CONFLICT_LEVELS),
        "by_check": _count(rows, "check", order=terms.CONFLICT_CHECKS),
    }


def _unknown(results: Results) -> dict[str, int]:
    """Count what stayed unknown, in the order in which it is told; only cameras that could count are asked."""
    mandates, cameras, buildings = results.mandates, results.cameras, results.city.buildings
    usable = cameras[cameras["counts"].ne("no")]
    builder = effective_builder(mandates)
    return {
        "mandates_undecided": int(is_undecided(mandates).sum()),
        "builder_unsettled": int(builder.isin(UNSETTLED_BUILDERS).sum()),
        "needs_record": int(mandates["needs_record"].fillna("").ne("").sum()),
        "azimuth_unknown": int((usable["azimuth"].isna() & ~usable["hfov"].ge(360.0)).sum()),
        "hfov_unknown": int(usable["hfov"].isna().sum()),
        "status_assumed": int(cameras["status_assumed"].fillna(False).sum()),
        "height_unknown": int(buildings["height"].isna().sum()),
        "indoor_parts": len(results.indoor),
        "no_district": int(mandates["district"].isna().sum()),
        "rejects": len(results.rejects),
    }


def _count(frame: pd.DataFrame, column: str, *, order: Mapping[str, Any] | None = None) -> dict[str, int]:
    counts = frame[column].astype("object").fillna("unknown").replace("", "unknown").value_counts()
    found = {str(key): int(n) for key, n in counts.items()}
    if order is None:
        return found
    return {key: found[key] for key in [*order, *(k for k in found if k not in order)] if key in found}
