"""Sums the coverage up for people: by every key, pixel density and set of cameras; and tells what the map lacks."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from citycover import terms
from citycover.audit.coverage import find_levels, roll_up
from citycover.publish.results import Results
from citycover.terms import Label, Lang

Key = Literal["item", "kind", "part", "component", "builder", "department", "district", "street", "state"]
KEYS: tuple[Key, ...] = ("item", "kind", "part", "component", "builder", "department", "district", "street", "state")
NOWHERE = "–"
"""Under this stands what has no such key: what lies in no district, on no street, answers to no department."""

_SUMS = ("required", "seen_low", "seen_expected", "seen_high")
_SHARES = ("share_low", "share_expected", "share_high")
_WORDS: dict[str, dict[str, Label]] = {
    "kind": terms.KINDS,
    "part": terms.PARTS,
    "component": terms.COMPONENTS,
    "builder": terms.BUILDERS,
    "state": terms.COVERAGE_STATES,
}


def roll_up_by(results: Results, by: Key) -> pd.DataFrame:
    """Return the coverage of settled duties by a key: ``key``, ``unit``, sums, shares; empty where none was measured.

    ``district``, ``street`` and ``state`` count each target once and add up to the headline; the others count ground
    once per duty (see ``roll_up``).
    """
    undecided = results.mandates["standing"].fillna("undecided").eq("undecided")
    settled = results.mandates.loc[~undecided, "mandate_id"]
    demands = results.demands[results.demands["mandate_id"].isin(settled)]
    if not find_levels(results.seen) or demands.empty:
        return pd.DataFrame(columns=["key", "unit", *_SUMS, *_SHARES])
    mandates = results.mandates if by in ("item", "kind", "part", "builder", "department") else None
    rows = roll_up(demands, results.seen, targets=results.targets, by=by, mandates=mandates)
    name = rows["article"].fillna("") + rows["item"].fillna("") if by == "item" else rows[by].astype(object)
    rows = rows.assign(key=name.fillna(NOWHERE).replace("", NOWHERE).astype("str"))
    return pd.DataFrame(rows[["key", "unit", *_SUMS, *_SHARES]])


def roll_up_rows(results: Results, lang: Lang) -> pd.DataFrame:
    """Return the sheet of all roll-ups: ``scope``, ``scope_value`` in words, ``unit``, sums and shares."""
    streets = pd.DataFrame(results.city.streets).drop_duplicates("street_id").set_index("street_id")["name"]
    parts: list[pd.DataFrame] = []
    for by in KEYS:
        rows = roll_up_by(results, by)
        words = {key: terms.label(_WORDS[by], key, lang) for key in _WORDS.get(by, {})}
        named = rows["key"].astype(object).replace(words)
        if by == "street":
            street = rows["key"].map(streets.dropna().to_dict()).astype(object)
            named = (street + " ").where(street.notna(), "") + named
        told = rows.assign(scope=terms.label(terms.ROLL_UPS, by, lang), scope_value=named)
        parts.append(told)
    return pd.concat(parts, ignore_index=True)[["scope", "scope_value", "unit", *_SUMS, *_SHARES]]


def gather_roll_ups(results: Results) -> dict[str, Any]:
    """Return the sums of every key but streets, the coverage by level and set of cameras, and completeness.

    ``coverage_by_…``: by key, then unit. ``coverage_by_level``: ``headline`` and ``whole_area`` (all public ground),
    by unit, then level. ``coverage_by_cameras``: by set of cameras, then unit. ``completeness``: by matter.
    """
    out: dict[str, Any] = {}
    for by in (key for key in KEYS if key != "street"):
        rows = roll_up_by(results, by)
        if len(rows):
            out[f"coverage_by_{by}"] = _nested(rows, ["key", "unit"])
    levels = results.levels_seen[results.levels_seen["scope"].isin(["headline", "whole_area"])]
    if len(levels):
        out["coverage_by_level"] = _nested(
            levels.assign(level=levels["level"].map("{:g}".format)), ["scope", "unit", "level"]
        )
    if len(results.apart):
        out["coverage_by_cameras"] = _nested(results.apart, ["which", "unit"])
    if len(results.completeness):
        named = results.completeness.set_index("matter")[["found", "expected", "unit", "standing"]]
        out["completeness"] = named.astype(object).to_dict("index")
    return out


def _nested(rows: pd.DataFrame, keys: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in pd.DataFrame(rows)[[*keys, *_SUMS]].to_dict("records"):
        at = found
        for key in keys[:-1]:
            at = at.setdefault(str(row[key]), {})
        at[str(row[keys[-1]])] = {name: float(row[name]) for name in _SUMS}
    return found
