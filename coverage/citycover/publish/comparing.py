"""Compare two studies, or the folders that they left, and say of each gap in words what changed it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from citycover import terms
from citycover.audit.comparison import Comparison, compare_snapshots
from citycover.audit.snapshot import Snapshot
from citycover.publish.results import Results
from citycover.publish.run_folder import read_run, snapshot_of
from citycover.publish.summary import format_number
from citycover.publish.wording import header, text
from citycover.terms import Lang


def compare_studies(
    old: Results | Snapshot | str | Path, new: Results | Snapshot | str | Path, *, lang: Lang = "zh"
) -> Comparison:
    """Compare two studies of one area: the gaps that closed, opened and changed, each with one cause.

    Parameters
    ----------
    old, new
        Results, or folders that runs left (``layers.gpkg`` and ``summary.json`` are read).
    lang
        Language of ``cause_words``.

    Returns
    -------
    Comparison
        ``changes`` (table ``gap_changes``) and ``by_cause``, whose sums are the changes of number and size.

    Raises
    ------
    StudyError
        A folder holds no run.

    Examples
    --------
    >>> changes = compare_studies("maps/spring", "maps/autumn").changes  # doctest: +SKIP
    """
    sides = [
        s if isinstance(s, Snapshot) else snapshot_of(s) if isinstance(s, Results) else read_run(s) for s in (old, new)
    ]
    found = compare_snapshots(sides[0], sides[1])
    return replace(found, changes=found.changes.assign(cause_words=tell_causes(found, lang=lang)))


def tell_causes(comparison: Comparison, *, lang: Lang = "zh") -> pd.Series:
    """Return for each row of ``changes`` its cause in words; null where nothing changed."""
    rows = comparison.changes
    names = _names(comparison)
    keys = ["cause", "detail", "side", "cause_ids"]
    once = rows[keys].drop_duplicates().dropna(subset=["cause"]).fillna("")
    words = {
        tuple(row): _words(comparison, names, *row, lang=lang) for row in once[keys].astype(object).to_numpy().tolist()
    }
    told = [
        words.get(tuple(row)) for row in rows[keys].astype(object).where(rows[keys].notna(), "").to_numpy().tolist()
    ]
    return pd.Series(told, index=rows.index, dtype="str")


def list_figures(comparison: Comparison) -> dict[str, Any]:
    """Return the figures of a comparison as plain numbers: both studies, the changes, and the causes that add up."""
    changes = comparison.changes
    counted = changes["change"].value_counts()
    sizes = changes.groupby("unit")["size_change"].sum()
    return {
        "old": _study(comparison.old),
        "new": _study(comparison.new),
        "gaps_change": int(changes["gaps_change"].sum()),
        "size_change": {unit: round(float(sizes[unit]), 3) for unit in terms.UNITS if unit in sizes.index},
        "changes": {word: int(counted[word]) for word in terms.GAP_CHANGES if word in counted.index},
        "by_cause": [
            {**row, "size_change": round(row["size_change"], 3)} for row in comparison.by_cause.to_dict("records")
        ],
    }


def say_comparison(comparison: Comparison, *, lang: Lang = "zh") -> list[str]:
    """Return the figures of a comparison as lines for people: the studies, the changes, and one line by cause."""
    figures = list_figures(comparison)
    zh = lang == "zh"
    between = "，" if zh else ", "
    said = [f"{terms.label(terms.GAP_CHANGES, word, lang)} {n}" for word, n in figures["changes"].items()]
    lines = [
        text("compared", lang, old=figures["old"]["date"], new=figures["new"]["date"]),
        text(
            "compared_gaps",
            lang,
            old=figures["old"]["gaps"],
            new=figures["new"]["gaps"],
            n=f"{figures['gaps_change']:+d}",
        )
        + (between.join(said) or text("none", lang)),
    ]
    for cause, rows in comparison.by_cause.groupby("cause", sort=False):
        parts = [
            f"{'-' if change < 0 else '+'}{format_number(abs(change), lang)} {terms.label(terms.UNITS, unit, lang)}"
            for unit, change in zip(rows["unit"], rows["size_change"], strict=True)
        ]
        counts = text("by_cause", lang, opened=int(rows["opened"].sum()), closed=int(rows["closed"].sum()))
        lines.append(
            f"  {terms.label(terms.GAP_CAUSES, str(cause), lang)}{'：' if zh else ': '}{counts}{between.join(parts)}"
        )
    return lines


def _study(study: Snapshot) -> dict[str, Any]:
    sizes = study.gaps.groupby("unit")["size"].sum()
    return {
        "name": study.name,
        "date": study.date,
        "gaps": len(study.gaps),
        "size": {unit: round(float(sizes[unit]), 3) for unit in terms.UNITS if unit in sizes.index},
    }


def _names(comparison: Comparison) -> dict[str, str]:
    """Return the names of places, cameras and buildings by id, today's before those of the earlier study."""
    found: dict[str, str] = {}
    for study in (comparison.old, comparison.new):
        for table, key in ((study.buildings, "building_id"), (study.places, "place_id"), (study.cameras, "camera_id")):
            if "name" in table.columns:
                known = table[table["name"].fillna("") != ""]
                found |= dict(zip(known[key], known["name"], strict=True))
    return found


def _words(
    comparison: Comparison, names: dict[str, str], cause: str, detail: str, side: str, ids: str, *, lang: Lang
) -> str:
    zh = lang == "zh"
    wrap = "（{}）" if zh else " ({})"
    things = [i + (wrap.format(names[i]) if i in names else "") for i in ids.split(";") if i]
    what = ("、" if zh else ", ").join(things)
    if cause == "rulebook":
        before, after = (s.settings.get("rulebook", "?") for s in (comparison.old, comparison.new))
        return text("cause_rulebook" if before != after else "cause_rules", lang, old=before, new=after)
    if cause == "decision":
        return text("cause_decision", lang, what=what, detail=detail)
    if cause == "camera" and detail not in ("absent", "near"):
        fields = ("、" if zh else ", ").join(header(f, lang) for f in detail.split(";"))
        return text("cause_camera_changed", lang, what=what, fields=fields)
    return text(f"cause_{cause}_{detail}_{side}", lang, what=what)
