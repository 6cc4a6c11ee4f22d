"""Write sheets of rows as one Excel workbook: labelled, filtered, fit for printing, with nothing that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import xlsxwriter

from citycover import tables, terms
from citycover.audit.priorities import PARTS
from citycover.errors import OutputError
from citycover.publish.edits import EDITABLE, REASONS
from citycover.publish.files import clean_text, replacing
from citycover.publish.wording import header, text
from citycover.publish.workbook_sheets import SHARE
from citycover.terms import Label, Lang

MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its header."""

YELLOW = "#FFF4B8"
"""Of the columns that a person may fill in or change: ``citycover decide`` reads them back."""

_VOCABULARIES: dict[str, Mapping[str, Label]] = {
    "kind": terms.KINDS,
    "part": terms.PARTS,
    "standing": terms.STANDINGS,
    "confidence": terms.CONFIDENCES,
    "builder": terms.BUILDERS,
    "builder_effective": terms.BUILDERS,
    "builder_confidence": terms.CONFIDENCES,
    "component": terms.COMPONENTS,
    "change": terms.GAP_CHANGES,
    "cause": terms.GAP_CAUSES,
    "unit": terms.UNITS,
    "state": terms.COVERAGE_STATES,
    "counts": terms.COUNTS,
    "reason": terms.GAP_REASONS,
    "needs_record": terms.RECORD_FACTS,
    "builder_alternatives": terms.BUILDERS,
    "counts_reason": terms.COUNT_REASONS,
    "status": terms.STATUSES,
    "owner_class": terms.OWNER_CLASSES,
    "purpose": terms.PURPOSES,
    "check": terms.CONFLICT_CHECKS,
    "level": terms.CONFLICT_LEVELS,
    "remedy": terms.REMEDIES,
    "matter": terms.KINDS | terms.COMPLETENESS,
    "nature": terms.NATURES,
    "support": terms.SUPPORTS,
    "spot": terms.SPOTS,
    "power": terms.POWERS,
    "link": terms.LINKS,
    "survey": terms.SURVEYS,
    "verdict": terms.RIVAL_VERDICTS,
    "rival_nature": terms.NATURES,
    "rival_spot": terms.SPOTS,
    "scope": terms.LEVEL_SCOPES,
    "setting": terms.INDOOR_SETTINGS,
    "obstacle": terms.OBSTACLES,
    "obstacle_state": terms.OBSTACLE_STATES,
    "obstacle_remedy": terms.OBSTACLE_REMEDIES,
    "which": terms.APART,
    "completeness_standing": terms.COMPLETENESS_STANDINGS,
    "duplicate_standing": terms.DUPLICATE_STANDINGS,
    "duplicate_reason": terms.DUPLICATE_REASONS,
    "action": terms.ACTIONS,
    "mends": terms.MENDS,
    "price_basis": terms.PRICE_BASES,
    "authority": terms.AUTHORITIES,
    "repeat_kind": terms.REPEAT_KINDS,
}

LINK = "map_link"

MAP = "gap_map.html"

WIDEST, LINE, MOST_TALL = 46, 15.0, 5_000
"""Half-width letters of the widest column, points of a line, and how many rows at most are made tall for their text."""

MOST_LINKS = 65_000
"""Links that a sheet of a workbook may hold; rows behind them have none."""

_FORMATS = {
    "share": "0.0%",
    "metres": "#,##0.0",
    "degrees": "0.000000",
    "whole": "#,##0",
    "one": "0.0",
    "money": "#,##0.00",
}

_KINDS_OF_NUMBER = {
    "share": "share",
    "ground_at_risk": "metres",
    "share_low": "share",
    "share_expected": "share",
    "share_high": "share",
    "required": "metres",
    "seen_low": "metres",
    "seen_expected": "metres",
    "seen_high": "metres",
    "size": "metres",
    "size_before": "metres",
    "size_change": "metres",
    "nearest_camera": "metres",
    "metres": "metres",
    "square_metres": "metres",
    "points": "whole",
    "distance": "metres",
    "depth": "metres",
    "lon": "degrees",
    "lat": "degrees",
    "azimuth": "one",
    "hfov": "one",
    "priority": "one",
    "private_share": "share",
    **dict.fromkeys(PARTS, "one"),
    "shared_share": "share",
    "shared_share_high": "share",
    "cost": "whole",
    "saving": "whole",
    "useful": "metres",
    **dict.fromkeys(("lon_2000", "lat_2000"), "degrees"),
    **dict.fromkeys(("share_m", "share_m2", "share_point", "share_of_worth", "share_bound"), "share"),
    **dict.fromkeys(("asked", "reached", "reachable"), "share"),
    **dict.fromkeys(
        ("worth", "rival_worth", "private", "rival_private", "cost_so_far", "estimate_wan", "budget_wan"), "money"
    ),
    "rival_cost_wan": "money",
    "named_x": "degrees",
    "named_y": "degrees",
    **dict.fromkeys(("cost_wan", "cost_year_wan", "storage_tb", "gain", "gain_m", "gain_m2", "facade"), "money"),
    "turn_to": "one",
}


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its rows, and whether its columns are declared ones (labelled here) or ready headers.

    Of a wide sheet only the first ``printed`` columns are printed; 0: all.
    """

    name: str
    rows: pd.DataFrame
    declared: str = ""
    printed: int = 0


class Mark(NamedTuple):
    """What stands above each printed page: the mark, the name of the study and its date."""

    classification: str
    name: str
    date: str


def write_book(sheets: Sequence[Sheet], path: str | Path, *, mark: Mark, lang: Lang) -> Path:
    """Write sheets as one workbook; see :func:`write_workbook` for the form and the errors."""
    for sheet in sheets:
        if len(sheet.rows) > MOST_ROWS:
            raise OutputError(
                f"sheet {sheet.name}: needed at most {MOST_ROWS:,} rows, given {len(sheet.rows):,}; "
                "cut the study's area"
            )
    options: dict[str, Any] = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    options |= {"default_date_format": "yyyy-mm-dd"}
    with replacing(path) as fresh, xlsxwriter.Workbook(str(fresh), options) as book:
        book.set_properties({"title": mark.name, "status": mark.classification, "company": ""})
        styles = {key: book.add_format({"num_format": form, "valign": "top"}) for key, form in _FORMATS.items()}
        styles["text"] = book.add_format({"text_wrap": True, "valign": "top"})
        head = {"bold": True, "bg_color": "#E4ECF2", "border": 1, "text_wrap": True, "valign": "vcenter"}
        styles["head"] = book.add_format(head)
        styles["yellow head"] = book.add_format({**head, "bg_color": YELLOW})
        styles["link"] = book.add_format({"font_color": "#08519C", "underline": 1, "valign": "top"})
        styles["yellow"] = book.add_format({"bg_color": YELLOW})
        for sheet in sheets:
            _write_sheet(book, sheet, styles, mark, lang)
    return Path(path)


def _write_sheet(book: Any, sheet: Sheet, styles: Mapping[str, Any], mark: Mark, lang: Lang) -> None:
    page = book.add_worksheet(sheet.name)
    meanings = _meanings(sheet.declared)
    lines = np.ones(len(sheet.rows), np.int64)
    for at, column in enumerate(sheet.rows.columns):
        values = sheet.rows[column]
        title = header(column, lang) if sheet.declared else str(column)
        yellow = sheet.declared in EDITABLE and column in (*EDITABLE[sheet.declared].columns, *REASONS)
        page.write_string(0, at, title, styles["yellow head" if yellow else "head"])
        if sheet.declared:
            page.write_comment(0, at, f"{column}\n{meanings.get(column, '')}".strip(), {"x_scale": 1.6})
        vocabulary = _VOCABULARIES.get(column) if sheet.declared else None
        kinds = [_KINDS_OF_NUMBER.get(str(column), "") if sheet.declared else ""] * len(values)
        if not sheet.declared and len(sheet.rows.columns) == 3:  # figure, value, unit
            kinds = ["share" if unit == SHARE else "" for unit in sheet.rows.iloc[:, 2]]
        if column == LINK:
            longest = _write_links(page, at, values, styles, lang)
        else:
            longest = _write_column(page, at, values, styles, kinds, vocabulary, lang)
        page.set_column(at, at, min(max(_width(title) + 3, longest + 1, 6), WIDEST))
        if vocabulary is None and column != LINK:
            lines = np.maximum(lines, _lines(values))
        if yellow:
            page.conditional_format(
                1, at, len(sheet.rows), at, {"type": "formula", "criteria": "=TRUE", "format": styles["yellow"]}
            )
    for row in np.flatnonzero(lines[:MOST_TALL] > 1):  # not every program makes room for wrapped text by itself
        page.set_row(int(row) + 1, LINE * min(int(lines[row]), 12))
    page.freeze_panes(1, 1 if len(sheet.rows.columns) > 6 else 0)
    page.autofilter(0, 0, len(sheet.rows), len(sheet.rows.columns) - 1)
    page.set_landscape()
    page.set_paper(8)  # A3
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    if sheet.printed:
        page.print_area(0, 0, len(sheet.rows), min(sheet.printed, len(sheet.rows.columns)) - 1)
    above = clean_text("　".join(mark)).replace("&", "&&")
    page.set_header(f"&L{above[:180]}&R&A")
    page.set_footer(f"&L{text('osm', 'en')}&R&P / &N")


def _write_links(page: Any, at: int, ids: pd.Series, styles: Mapping[str, Any], lang: Lang) -> int:
    """Write a link to the place on the map for each gap; a sheet holds no more than :data:`MOST_LINKS`."""
    words = text("on_the_map", lang)
    for row, gap in enumerate(ids.head(MOST_LINKS), start=1):
        page.write_url(row, at, f"external:{MAP}#gap={_quote(str(gap))}", styles["link"], words)
    return _width(words)


def _quote(words: str) -> str:
    """Return words as they stand in an address.

    >>> _quote("G1 甲#")
    'G1%20%E7%94%B2%23'
    """
    plain = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in words.encode())


def _write_column(
    page: Any,
    at: int,
    values: pd.Series,
    styles: Mapping[str, Any],
    kinds: Sequence[str],
    vocabulary: Mapping[str, Label] | None,
    lang: Lang,
) -> int:
    """Write one column below its header; return the width of its widest cell, in half-width letters."""
    longest = 0
    yes_no = ("是", "否") if lang == "zh" else ("yes", "no")
    for row, (value, kind) in enumerate(zip(values.astype("object"), kinds, strict=True), start=1):
        if value is None or value is pd.NA or value != value:
            continue
        if isinstance(value, bool):
            page.write_string(row, at, yes_no[0] if value else yes_no[1], styles["text"])
        elif isinstance(value, int | float) or hasattr(value, "item"):
            whole = float(value).is_integer() and kind not in ("share", "degrees")
            page.write_number(row, at, float(value), styles[kind if kind and not whole else "whole"])
            longest = max(longest, 11)
        else:
            words = clean_text(terms.label_all(vocabulary, str(value), lang) if vocabulary else value)
            if not words:
                continue
            page.write_string(row, at, words, styles["text"])
            longest = max(longest, _width(words))
    return longest


def _lines(values: pd.Series) -> npt.NDArray[np.int64]:
    """Return on how many lines each cell is wrapped in the widest column."""
    words = values.astype("str").fillna("")
    width = words.str.len() + words.str.count("[\u2e80-\uffff]")
    return np.asarray(np.ceil(width.to_numpy(float) / (WIDEST - 2)), np.int64)


def _width(words: str) -> int:
    longest_line = max(words.split("\n"), key=len)
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in longest_line[:60])


def _meanings(name: str) -> dict[str, str]:
    """Return the meaning of each column that a sheet may hold, those of its own table first."""
    found: dict[str, str] = {LINK: text("map_link_meaning", "en")}
    for table in (name, "mandates", "coverage", "sites"):
        if table in tables.TABLES:
            for column in tables.TABLES[table].columns:
                unit = f" ({column.unit})" if column.unit else ""
                found.setdefault(column.name, column.meaning + unit)
    return found
