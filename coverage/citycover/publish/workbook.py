"""Write the workbook that planners sort and filter: one sheet per question, the numbers of ``summary.json``."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from citycover import terms
from citycover.city.decisions import STATES
from citycover.publish.book import Mark, Sheet, write_book
from citycover.publish.comments import comment_rows, storage_rows
from citycover.publish.compliance import breach_rows, fleet_rows
from citycover.publish.duplicate_report import PRINTED, duplicate_sheet, repeat_rows
from citycover.publish.edits import REASONS
from citycover.publish.figures import effective_builder
from citycover.publish.plan_figures import (
    curve_rows,
    money_rows,
    phase_rows,
    promise_rows,
    rival_rows,
    say_devices,
    site_rows,
)
from citycover.publish.results import Results
from citycover.publish.roll_ups import roll_up_rows
from citycover.publish.wording import text
from citycover.publish.workbook_sheets import (
    CONFLICT_COLUMNS,
    GAP_COLUMNS,
    assumption_rows,
    mandate_rows,
    summary_rows,
    unknown_rows,
)
from citycover.terms import Lang

_CAMERA_COLUMNS = (
    *("camera_id", "name", "address", "register", "source_row", "counts", "counts_reason", "status", "status_assumed"),
    *(
        "owner_class",
        "owner",
        "department",
        "camera_type",
        "count",
        "azimuth",
        "azimuth_source",
        "hfov",
        "vfov",
        "tilt",
    ),
    *(
        "mount_height",
        "pixels",
        "reach",
        "purpose",
        "indoor",
        "networked",
        "retention_days",
        "answers",
        "pole_id",
        "device_id",
    ),
    *("same_as", "outside", "district", "lon", "lat"),
)

_NOTICE_COLUMNS = (
    *("builder", "name", "articles", "points", "metres", "square_metres", "needs_record", "department", "district"),
    *("heads", "devices", "estimate_wan", "gaps", "place_id", "notice_id"),
)

_CHANGE_COLUMNS = (
    *("name", "change", "cause", "cause_words", "size_before", "size", "size_change", "unit", "gaps_change", "builder"),
    *("article", "item", "kind", "component", "standing", "department", "district", "cause_ids", "place_id"),
    *("gap_id", "previous_ids"),
)

_DECISION_COLUMNS = (
    *("subject", "id", "field", "value", "state", "detail", "found_id", "decided_by", "decided_on", "why", "document"),
    "valid_until",
)


def write_workbook(
    results: Results,
    path: str | Path,
    *,
    lang: Lang | None = None,
    only: Collection[str] | None = None,
    first: Sheet | None = None,
) -> Path:
    """Write ``workbook.xlsx``: summary, mandates and coverage, gaps, cameras, notices, unknowns and the rest.

    Headers are frozen and filtered; each column's key and meaning stand in a note on its header. Text is written as
    text, whatever it begins with, and control characters are left out. A sheet without rows is left out, but for
    the summary, the unknowns and the assumptions. Restricted, and says so.

    Parameters
    ----------
    results
        The study.
    path
        Where the workbook shall stand; an old one is replaced in one step.
    lang
        ``zh`` or ``en``; by default the language of the study.
    only
        Keys of sheets (``sheet_mandates``, ``sheet_cameras`` …) where not all of them are wanted.
    first
        A sheet to stand before the others.

    Returns
    -------
    The path written.

    Raises
    ------
    OutputError
        A table has more rows than a sheet holds, or the file cannot be written or replaced.
    """
    lang = lang or results.lang
    names = None if only is None else {text(key, lang) for key in only}
    chosen = [sheet for sheet in _sheets(results, lang) if names is None or sheet.name in names]
    sheets = [sheet for sheet in ([first] if first else []) + chosen if len(sheet.rows)]
    return write_book(sheets, path, mark=Mark(results.classification, results.name, results.date), lang=lang)


def _sheets(results: Results, lang: Lang) -> list[Sheet]:
    gaps = results.gaps.assign(builder=results.gaps["builder"].fillna("review"), map_link=results.gaps["gap_id"])
    cameras = _with_degrees(results.cameras)
    notices = results.notices.sort_values(["builder", "notice_id"], kind="stable")
    if "estimate" in notices.columns:
        notices = notices.assign(estimate_wan=notices["estimate"] / 10_000.0)
    if results.plan is not None:
        notices = notices.assign(devices=say_devices(notices["devices"], results.plan, lang))
    return [
        Sheet(text("sheet_summary", lang), summary_rows(results, lang)),
        Sheet(text("sheet_mandates", lang), with_reasons(mandate_rows(results)), "mandates"),
        Sheet(text("sheet_gaps", lang), with_reasons(_pick(_with_degrees(gaps), GAP_COLUMNS)), "gaps"),
        Sheet(text("sheet_changes", lang), pick_changes(results.gap_changes), "gap_changes"),
        *_plan_sheets(results, lang),
        Sheet(text("sheet_cameras", lang), with_reasons(_pick(cameras, _CAMERA_COLUMNS)), "cameras"),
        Sheet(text("sheet_notices", lang), _pick(notices, _NOTICE_COLUMNS), "notices"),
        Sheet(text("sheet_comments", lang), comment_rows(results), "comments"),
        Sheet(text("sheet_indoor", lang), _with_builder(results), "indoor"),
        Sheet(text("sheet_duplicates", lang), duplicate_sheet(results.duplicates, lang), "duplicates", PRINTED),
        Sheet(text("sheet_repeats", lang), repeat_rows(results.camera_repeats), "camera_repeats"),
        Sheet(text("sheet_storage", lang), storage_rows(results), "storage"),
        Sheet(text("sheet_conflicts", lang), _conflicts(results, lang), "conflicts"),
        Sheet(text("sheet_breaches", lang), breach_rows(results, lang), "breaches"),
        Sheet(text("sheet_obstructions", lang), _obstructions(results), "obstructions"),
        Sheet(text("sheet_fleets", lang), fleet_rows(results), "fleets"),
        Sheet(text("sheet_decisions", lang), _decisions(results, lang), "decisions"),
        Sheet(text("sheet_roll_ups", lang), roll_up_rows(results, lang), "coverage_levels"),
        Sheet(text("sheet_levels", lang), _levels(results, lang), "coverage_levels"),
        Sheet(text("sheet_apart", lang), _apart(results), "coverage_apart"),
        Sheet(text("sheet_completeness", lang), _completeness(results), "completeness"),
        Sheet(text("sheet_unknown", lang), unknown_rows(results, lang)),
        Sheet(text("sheet_rejects", lang), pd.DataFrame(results.rejects), "rejects"),
        Sheet(text("sheet_assumptions", lang), assumption_rows(results, lang)),
    ]


def pick_changes(changes: Any) -> pd.DataFrame:
    """Return what became of the gaps, as a sheet shows it; without those that stayed the same."""
    if changes.empty:
        return pd.DataFrame(changes)
    rows = changes[changes["change"].ne("same") | changes["cause"].notna()]
    return _pick(_with_degrees(rows), [*_CHANGE_COLUMNS, "lon", "lat"])


def _plan_sheets(results: Results, lang: Lang) -> list[Sheet]:
    """Return the sheets of the construction plan; none where there is no plan."""
    if results.plan is None:
        return []
    return [
        Sheet(text("sheet_plan", lang), promise_rows(results.plan, lang)),
        Sheet(
            text("sheet_sites", lang),
            with_reasons(site_rows(results.sites, devices=results.plan.devices, lang=lang)),
            "sites",
        ),
        Sheet(text("sheet_phases", lang), phase_rows(results.plan, lang)),
        Sheet(text("sheet_reached", lang), _reached(results), "reached"),
        Sheet(text("sheet_curve", lang), curve_rows(results.plan), "curve"),
        Sheet(text("sheet_money", lang), money_rows(results.plan), "money"),
        Sheet(text("sheet_rivals", lang), rival_rows(results.plan, lang), "rivals"),
    ]


def _reached(results: Results) -> pd.DataFrame:
    """Return what share of each item the plan closes; without rows where no shares were asked for."""
    rows = results.plan.reached if results.plan is not None else None
    return pd.DataFrame() if rows is None else rows.rename(columns={"size": "open_size"})


def with_reasons(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with empty columns behind them for the reason and the paper of an edit."""
    return rows.assign(**{name: pd.Series(None, index=rows.index, dtype="str") for name in REASONS})


def _decisions(results: Results, lang: Lang) -> pd.DataFrame:
    """Return the decisions of persons with what became of each, in words."""
    if results.decisions.empty:
        return results.decisions
    said = {state: label[0 if lang == "zh" else 1] for state, label in STATES.items()}
    rows = results.decisions.assign(state=results.decisions["state"].map(said))
    return _pick(rows, _DECISION_COLUMNS)


def _levels(results: Results, lang: Lang) -> pd.DataFrame:
    """Return the coverage at every pixel density, components and kinds in words."""
    rows = pd.DataFrame(results.levels_seen).rename(columns={"level": "density_level", "value": "scope_value"})
    which = 0 if lang == "zh" else 1
    words = {key: label[which] for key, label in (terms.KINDS | terms.COMPONENTS).items()}
    return rows.assign(scope_value=rows["scope_value"].map(words).fillna(rows["scope_value"]))


def _apart(results: Results) -> pd.DataFrame:
    return pd.DataFrame(results.apart).rename(columns={"cameras": "camera_rows"})


def _completeness(results: Results) -> pd.DataFrame:
    """Return what OpenStreetMap likely lacks; ``matter`` and ``found`` under names of their own."""
    return (
        pd.DataFrame(results.completeness)
        .rename(columns={"standing": "completeness_standing"})
        .replace({"unit": {"percent": "%"}})
    )


def _conflicts(results: Results, lang: Lang) -> pd.DataFrame:
    """Return the conflicts, the gravest first, with the place types in words."""
    rows = results.conflicts
    if rows.empty:
        return rows
    rank = {level: i for i, level in enumerate(terms.CONFLICT_LEVELS)}
    rows = _with_degrees(rows).sort_values("level", key=lambda level: level.map(rank), kind="stable")
    vocabulary = terms.KINDS | terms.BAN_PLACES | terms.CONSENT_PLACES
    types = rows["place_type"].str.split(";").explode()
    said = types.map({term: label[0 if lang == "zh" else 1] for term, label in vocabulary.items()}).fillna(types)
    rows["place_type"] = said.groupby(level=0).agg("、".join if lang == "zh" else ", ".join)
    return _pick(rows, CONFLICT_COLUMNS)


def _obstructions(results: Results) -> pd.DataFrame:
    """Return the obstacles in views; state and remedy under names of their own."""
    rows = pd.DataFrame(results.obstructions.drop(columns="geometry"))
    return rows.rename(columns={"state": "obstacle_state", "remedy": "obstacle_remedy"})


def _with_builder(results: Results) -> pd.DataFrame:
    """Return the indoor checklist with the builder and the item of each mandate."""
    facts = results.mandates.assign(builder=effective_builder(results.mandates)).set_index("mandate_id")
    rows = pd.DataFrame(results.indoor)
    return rows.join(facts[["article", "item", "kind", "builder", "district"]], on="mandate_id")


def _with_degrees(frame: Any) -> pd.DataFrame:
    """Return the frame without geometry and with ``lon`` and ``lat`` of a point on each shape, in WGS-84 degrees."""
    spots = frame.geometry.representative_point().to_crs(4326)
    return pd.DataFrame(frame.drop(columns="geometry")).assign(lon=spots.x, lat=spots.y)


def _pick(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    return pd.DataFrame(frame)[[column for column in columns if column in frame.columns]]
