"""Draw what became of the gaps between two studies as one page: each gap by its change, with its cause in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from citycover import terms
from citycover.audit.changed_things import find_changed
from citycover.audit.comparison import Comparison
from citycover.city.model import City
from citycover.publish import palette
from citycover.publish.columnar import named, pack_column
from citycover.publish.comparing import list_figures
from citycover.publish.files import replacing
from citycover.publish.map_base import pack_base
from citycover.publish.map_page import render_map
from citycover.publish.summary import format_number
from citycover.publish.theme_parts import label_column, make_theme, number_column
from citycover.publish.wording import TEXTS, text
from citycover.terms import Lang

STYLE: dict[str, str] = {
    "opened": "high",
    "grown": "medium",
    "split": "medium",
    "merged": "medium",
    "shrunk": "low",
    "closed": "none",
    "same": "low",
}
"""The line, pattern and sign of a change, by the name that the page knows them by."""


def draw_changes(
    comparison: Comparison, path: str | Path, *, city: City, mark: str = "内部资料", lang: Lang = "zh"
) -> Path:
    """Write a page of the gaps of two studies by what became of them, over today's streets and buildings. Restricted.

    Closed gaps stand where they were; the cameras that differ are shown, as they are today or where they were.

    Raises
    ------
    PageError
        A web file that the page must carry is missing.
    OutputError
        The page cannot be written or replaced.
    """
    themes = [t for t in (_pack_cameras(comparison, lang), _pack_gaps(comparison, lang)) if t is not None]
    study = _describe(comparison, mark, lang) | {"themes": [theme["id"] for theme in themes]}
    blocks = {"study": study, "base": pack_base(city)} | {theme["id"]: theme for theme in themes}
    title = f"{mark} {text('change_map', lang)} {comparison.new.date}"
    page = render_map(title, blocks, bounds=city.area.bounds, crs=city.crs, lang=lang)
    with replacing(path) as fresh:
        fresh.write_text(page, encoding="utf-8", newline="\n")
    return Path(path)


def _pack_gaps(comparison: Comparison, lang: Lang) -> dict[str, Any] | None:
    rows = comparison.changes.iloc[::-1].reset_index(drop=True)  # what opened lies on top
    if rows.empty:
        return None
    groups = [
        {
            "key": word,
            "label": terms.label(terms.GAP_CHANGES, word, lang),
            "on": word != "same",
            "colour": palette.CHANGES[word],
            "style": STYLE[word],
        }
        for word in terms.GAP_CHANGES
        if rows["change"].eq(word).any()
    ]
    unit = label_column(rows["unit"], terms.UNITS, lang)
    fields = [
        ("f_change", label_column(rows["change"], terms.GAP_CHANGES, lang)),
        ("f_cause", label_column(rows["cause"], terms.GAP_CAUSES, lang)),
        ("f_cause_words", rows["cause_words"]),
        ("f_size_before", number_column(rows["size_before"]) + " " + unit),
        ("f_size", number_column(rows["size"]) + " " + unit),
        ("f_kind", label_column(rows["kind"], terms.KINDS, lang)),
        ("f_component", label_column(rows["component"], terms.COMPONENTS, lang)),
        ("f_builder", label_column(rows["builder"], terms.BUILDERS, lang)),
        ("f_district", rows["district"]),
        ("f_gap_id", rows["gap_id"]),
        ("f_previous_ids", rows["previous_ids"]),
    ]
    theme = make_theme("gaps", "gaps_by_change", rows, groups, rows["change"], fields, lang, tolerance=0.5)
    theme["names"], theme["ids"] = pack_column(named(rows["name"], lang)), pack_column(rows["gap_id"])
    theme["style"] = pack_column(rows["change"].map(STYLE))
    theme["rank"] = pack_column(rows["size_change"].abs(), decimals=1)
    return theme


def _pack_cameras(comparison: Comparison, lang: Lang) -> dict[str, Any] | None:
    old = comparison.old.to_crs(comparison.new.crs)
    now = find_changed(comparison.new, old).cameras
    gone = {name for name, differs in find_changed(old, comparison.new).cameras.items() if not differs}
    parts = [
        comparison.new.cameras[comparison.new.cameras["camera_id"].isin(list(now))].assign(key="yes"),
        old.cameras[old.cameras["camera_id"].isin(gone)].assign(key="no"),
    ]
    rows = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), geometry="geometry", crs=comparison.new.crs)
    if rows.empty:
        return None
    rows = rows.assign(counts=rows["counts"].fillna("no"))
    groups = [
        {"key": key, "label": text(label, lang), "on": True, "colour": palette.CAMERA[key]}
        for key, label in (("yes", "camera_now"), ("no", "camera_gone"))
        if rows["key"].eq(key).any()
    ]
    fields = [
        ("f_counts", label_column(rows["counts"], terms.COUNTS, lang)),
        ("f_status", label_column(rows["status"], terms.STATUSES, lang)),
        ("f_camera_id", rows["camera_id"]),
    ]
    theme = make_theme("cameras", "cameras_by_change", rows, groups, rows["key"], fields, lang)
    theme["names"] = pack_column(rows["name"].fillna(rows["camera_id"]))
    theme["ids"], theme["style"] = pack_column(rows["camera_id"]), pack_column(rows["key"])
    theme["azimuth"], theme["hfov"] = (pack_column(rows[name], decimals=0) for name in ("azimuth", "hfov"))
    return theme


def _describe(comparison: Comparison, mark: str, lang: Lang) -> dict[str, Any]:
    which = 0 if lang == "zh" else 1
    block = [
        (text("earlier_study", lang), f"{comparison.old.date} {comparison.old.name}"),
        (text("this_study", lang), f"{comparison.new.date} {comparison.new.name}"),
    ]
    return {
        "lang": lang,
        "name": text("change_map", lang),
        "mark": mark,
        "hint": text("restricted_hint", lang),
        "block": block,
        "notes": [text(key, lang) for key in ("validity", "osm_silence", "flat")],
        "figures": list_sections(comparison, lang),
        "words": {key: words[which] for key, words in TEXTS.items()} | {"find_cell": text("find", lang)},
        "colours": palette.BASE | {"priority": palette.PRIORITY, "camera": palette.CAMERA, "view": palette.VIEW_END},
    }


def list_sections(comparison: Comparison, lang: Lang) -> list[dict[str, Any]]:
    """Return the panel of a comparison: gaps by what became of them, and the causes with what each added or took."""
    figures = list_figures(comparison)
    changes = [[terms.label(terms.GAP_CHANGES, word, lang), str(n)] for word, n in figures["changes"].items()]
    causes = [
        [
            f"{terms.label(terms.GAP_CAUSES, row['cause'], lang)}",
            f"{row['gaps_change']:+d} · {'-' if row['size_change'] < 0 else '+'}"
            f"{format_number(abs(row['size_change']), lang)} {terms.label(terms.UNITS, row['unit'], lang)}",
        ]
        for row in figures["by_cause"]
    ]
    sections: list[dict[str, Any]] = [
        {"title": text("gaps", lang), "total": figures["new"]["gaps"], "rows": changes},
        {"title": text("f_cause", lang), "rows": causes},
    ]
    return [section for section in sections if section["rows"]]
