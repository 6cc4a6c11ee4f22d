"""Lay out what the registers say against the regulation, and the fleets: sheets, figures and notes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import geopandas as gpd
import pandas as pd

from citycover import terms
from citycover.law.regulation import PATHS
from citycover.publish.results import Results
from citycover.publish.wording import text
from citycover.terms import Label, Lang

_BREACH_COLUMNS = (
    *("standing", "clause", "fact", "article", "due", "overdue_days", "fine", "fine_path", "camera_id", "place_id"),
    *("owner_class", "department", "district", "overlay_article", "overlay_due", "overlay_fine", "rulebook"),
    *("register", "source_row", "lon", "lat", "breach_id"),
)
_FLEET_COLUMNS = (
    *("kind", "operator", "name", "required", "fitted", "missing", "article", "item", "term", "qualifier"),
    *("standing", "source_row", "fleet_id"),
)
_PATHS: dict[str, Label] = {**PATHS, "none": ("无专门罚款", "no fine of its own")}
SUMS = ("required", "fitted", "missing")


def breach_rows(results: Results, lang: Lang) -> pd.DataFrame:
    """Return the breaches with clause, standing and path in words and WGS-84 degrees; every row says 疑似."""
    rows = results.breaches
    if rows.empty or not isinstance(rows, gpd.GeoDataFrame):
        return pd.DataFrame(columns=list(_BREACH_COLUMNS))
    spots = rows.geometry.to_crs(4326)
    out = pd.DataFrame(rows.drop(columns="geometry")).assign(lon=spots.x, lat=spots.y)
    which = 0 if lang == "zh" else 1
    for column, words in (("clause", terms.BREACHES), ("standing", terms.BREACH_STANDINGS), ("fine_path", _PATHS)):
        out[column] = out[column].map({key: label[which] for key, label in words.items()})
    return out[list(_BREACH_COLUMNS)].rename(columns={"standing": "breach_standing"})


def fleet_rows(results: Results) -> pd.DataFrame:
    """Return the fleets under each item that names their kind."""
    return pd.DataFrame(results.fleets)[list(_FLEET_COLUMNS)].rename(columns={"required": "vehicles_required"})


def gather_compliance(results: Results) -> dict[str, Any]:
    """Return the figures ``breaches`` (where clauses were checked) and ``fleets`` (where a register was given)."""
    figures: dict[str, Any] = {}
    if len(results.checks):
        found = results.breaches
        by_clause = results.checks.groupby("clause", sort=False)
        unknown, spoken = by_clause["not_checkable"].max(), by_clause[["suspected", "met"]].sum().sum(axis="columns")
        figures["breaches"] = {
            "total": len(found),
            "cameras": int(found["camera_id"].nunique()),
            "by_clause": {c: n for c in terms.BREACHES if (n := int((found["clause"] == c).sum()))},
            "not_checkable": {c: int(unknown[c]) for c in terms.BREACHES if c in unknown.index and unknown[c]},
            "silent": [c for c in terms.BREACHES if c in unknown.index and unknown[c] and not spoken[c]],
        }
    if len(results.fleets):
        fleets = results.fleets.drop_duplicates("fleet_id")  # a fleet under two items is told once
        known = fleets[fleets["required"].notna() & fleets["fitted"].notna()]
        by_kind = known.groupby("kind", sort=True)[list(SUMS)].sum()
        figures["fleets"] = {
            "total": len(fleets),
            "unknown": len(fleets) - len(known),
            **{name: int(known[name].sum()) for name in SUMS},
            "by_kind": {str(kind): {name: int(by_kind.loc[kind, name]) for name in SUMS} for kind in by_kind.index},
        }
    return figures


def compliance_summary(figures: Any, lang: Lang) -> Iterator[tuple[str, object, str]]:
    """Yield the rows of the summary sheet: name, value and unit."""
    row_word = text("rows", lang)
    if "breaches" in figures:
        head = text("n_breaches", lang)
        yield head, figures["breaches"]["total"], row_word
        for clause, n in figures["breaches"]["by_clause"].items():
            yield f"{head}: {terms.label(terms.BREACHES, clause, lang)}", n, row_word
    if "fleets" in figures:
        for name in SUMS:
            yield text(f"fleet_{name}", lang), figures["fleets"][name], text("vehicles", lang)


def compliance_unknown(figures: Any, lang: Lang) -> Iterator[tuple[str, object]]:
    """Yield how many cameras each clause could not be checked on, and how many fleets have no numbers."""
    for clause, n in figures.get("breaches", {}).get("not_checkable", {}).items():
        yield f"{text('not_checkable', lang)}: {terms.label(terms.BREACHES, clause, lang)}", n
    if figures.get("fleets", {}).get("unknown"):
        yield text("fleets_unknown", lang), figures["fleets"]["unknown"]


def compliance_notes(results: Results) -> Iterator[Label]:
    """Yield what was checked and what could not be, as ``(zh, en)``."""
    figures = gather_compliance(results)
    if "breaches" in figures:
        found = figures["breaches"]
        partly = [c for c in found["not_checkable"] if c not in found["silent"]]
        zh = f"合规疑点 {found['total']} 项，涉及 {found['cameras']} 行登记：均为疑似，须核实后方可认定"
        en = (
            f"{found['total']} suspected breaches in {found['cameras']} rows of the registers: "
            "each must be verified before anyone is told so"
        )
        if partly:
            zh += "；部分行登记未载明，不能核查，也不作为疑点：" + "、".join(
                f"{terms.BREACHES[c][0]} {found['not_checkable'][c]} 行" for c in partly
            )
            en += "; not checkable on some rows, which is no breach: " + ", ".join(
                f"{terms.BREACHES[c][1]} {found['not_checkable'][c]}" for c in partly
            )
        if found["silent"]:
            zh += "；登记完全未载明，不能核查：" + "、".join(terms.BREACHES[c][0] for c in found["silent"])
            en += "; not checkable at all, as no register says: "
            en += ", ".join(terms.BREACHES[c][1] for c in found["silent"])
        yield zh, en
    if "fleets" in figures:
        sums = figures["fleets"]
        yield (
            f"车船登记 {sums['total']} 行：应装 {sums['required']}，已装 {sums['fitted']}，缺 {sums['missing']}；"
            "车船内部不在地图上表示",
            f"{sums['total']} fleets: {sums['required']} vehicles and vessels must be fitted, {sums['fitted']} are, "
            f"{sums['missing']} are missing; they are never drawn on a map",
        )
