"""Write what became of the gaps between two studies as a workbook, a table, figures, or all of it into a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from citycover.audit.comparison import Comparison
from citycover.city.model import City
from citycover.errors import OutputError
from citycover.publish.before_after import draw_before_after
from citycover.publish.book import Mark, Sheet, write_book
from citycover.publish.change_map import draw_changes
from citycover.publish.comparing import list_figures
from citycover.publish.files import clean_text, replacing
from citycover.publish.wording import header, text
from citycover.publish.workbook import pick_changes
from citycover.terms import GAP_CAUSES, UNITS, Lang, label

KINDS = (".xlsx", ".csv", ".html", ".json")


def write_comparison(
    comparison: Comparison, out: str | Path, *, city: City, mark: str = "内部资料", lang: Lang = "zh"
) -> list[Path]:
    """Write a comparison: into a folder its maps, workbook and figures; or one file of the kind that its ending names.

    The folder holds ``before_after.html`` too, both states on either side of a divider.

    The kinds are ``.xlsx``, ``.csv``, ``.html`` and ``.json``. All are restricted.

    Returns
    -------
    The files written.

    Raises
    ------
    OutputError
        The ending is none of these, or a file cannot be written or replaced.
    PageError
        A web file that the map must carry is missing.
    """
    target = Path(out)
    if target.suffix and not target.is_dir():
        if target.suffix.lower() not in KINDS:
            raise OutputError(f"{target.name}: needed a folder or a file ending in {', '.join(KINDS)}")
        files = [target]
    else:
        files = [target / f"gap_changes{kind}" for kind in (".html", ".xlsx", ".json")]
        files.append(target / "before_after.html")
    for file in files:
        kind = file.suffix.lower()
        if file.name == "before_after.html":
            draw_before_after(comparison, file, city=city, mark=mark, lang=lang)
        elif kind == ".html":
            draw_changes(comparison, file, city=city, mark=mark, lang=lang)
        elif kind == ".xlsx":
            above = Mark(mark, text("change_map", lang), comparison.new.date)
            write_book(_sheets(comparison, lang), file, mark=above, lang=lang)
        else:
            with replacing(file) as fresh:
                if kind == ".json":
                    words = json.dumps(list_figures(comparison), ensure_ascii=False, indent=1)
                    fresh.write_text(words + "\n", encoding="utf-8")
                else:
                    _for_csv(pick_changes(comparison.changes)).to_csv(
                        fresh, index=False, encoding="utf-8-sig", lineterminator="\r\n"
                    )
    return files


def _sheets(comparison: Comparison, lang: Lang) -> list[Sheet]:
    by_cause = comparison.by_cause
    titles = [header("cause", lang), *(text(key, lang) for key in ("more_gaps", "fewer_gaps"))]
    titles += [header(key, lang) for key in ("gaps_change", "size_change", "unit")]
    cells = by_cause.assign(
        cause=by_cause["cause"].map(lambda cause: label(GAP_CAUSES, cause, lang)),
        unit=by_cause["unit"].map(lambda unit: label(UNITS, unit, lang)),
    )
    summed = cells[["cause", "opened", "closed", "gaps_change", "size_change", "unit"]].set_axis(titles, axis=1)
    sheets = [
        Sheet(text("sheet_causes", lang), summed),
        Sheet(text("sheet_changes", lang), pick_changes(comparison.changes), "gap_changes"),
    ]
    filled = [sheet for sheet in sheets if len(sheet.rows)]
    return filled or [Sheet(text("sheet_causes", lang), pd.DataFrame({text("gaps", lang): [text("none", lang)]}))]


def _for_csv(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with cells that no spreadsheet takes for a formula."""
    words = {
        c: rows[c].map(clean_text, na_action="ignore").astype("str") for c in rows.columns if rows[c].dtype == "str"
    }
    safe = {c: w.str.replace(r"^(?=[=@+\-])", "'", regex=True) for c, w in words.items()}
    return rows.assign(**safe)
