"""Draw the map of a study as one page that opens anywhere and asks nobody for anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from citycover import terms
from citycover.publish import palette
from citycover.publish.figures import SEEN_ENDS, figures_of
from citycover.publish.files import replacing
from citycover.publish.filters import NONE, figures_by_choice, list_choices
from citycover.publish.map_base import pack_base
from citycover.publish.map_page import render_map
from citycover.publish.map_themes import pack_themes
from citycover.publish.results import Results
from citycover.publish.summary import format_number, format_share
from citycover.publish.wording import TEXTS, text
from citycover.terms import Label, Lang


def draw_map(results: Results, path: str | Path, *, lang: Lang | None = None) -> Path:
    """Write ``gap_map.html``: gaps by builder, mandates by item, cameras, views, over the study's own streets.

    The page is self-contained: its policy forbids any request. It is restricted and says so. Outlines are
    simplified by at most half a metre for drawing. ``#gap=ID`` behind its address opens a gap.

    Parameters
    ----------
    results
        The study.
    path
        Where the page shall stand; an old one is replaced in one step.
    lang
        ``zh`` or ``en``; by default the language of the study.

    Returns
    -------
    The path written.

    Raises
    ------
    PageError
        A web file that the page must carry is missing.
    OutputError
        The page cannot be written or replaced.
    """
    page = render_page(results, lang or results.lang)
    with replacing(path) as fresh:
        fresh.write_text(page, encoding="utf-8", newline="\n")
    return Path(path)


def render_page(results: Results, lang: Lang) -> str:
    """Return the page as text."""
    themes = pack_themes(results, lang)
    study = _describe_study(results, lang) | {"themes": [theme["id"] for theme in themes]}
    blocks = {"study": study, "base": pack_base(results.city)} | {theme["id"]: theme for theme in themes}
    bounds = results.city.area.bounds
    return render_map(_title(results, lang), blocks, bounds=bounds, crs=results.city.crs, lang=lang)


def _title(results: Results, lang: Lang) -> str:
    return f"{results.classification} {results.name} {text('gap_map', lang)} {results.date}"


def _describe_study(results: Results, lang: Lang) -> dict[str, Any]:
    which = 0 if lang == "zh" else 1
    rulebook = results.rulebook.title[which] if results.rulebook else results.rulebook_title
    overlay = results.overlay.title[which] if results.overlay else results.overlay_title or results.overlay_id
    block = [
        (text("date", lang), results.date),
        (text("rulebook", lang), rulebook),
        (text("overlay", lang), overlay or text("none", lang)),
        (text("recipient", lang), results.recipient or text("not_named", lang)),
    ]
    standing_notes = [text(key, lang) for key in ("validity", "osm_silence", "high_bound", "flat", "counting")]
    return {
        "lang": lang,
        "name": results.name,
        "mark": results.classification,
        "sub": text("gap_map", lang),
        "hint": text("restricted_hint", lang),
        "block": block,
        "notes": [*standing_notes, *(note[which] for note in results.notes)],
        "figures": _figures(results, lang),
        "filters": _filters(results, lang),
        "words": {key: words[which] for key, words in TEXTS.items()},
        "colours": palette.BASE | {"priority": palette.PRIORITY, "camera": palette.CAMERA},
    }


def _figures(results: Results, lang: Lang) -> list[dict[str, Any]]:
    """Return the panel of figures of the whole study: sections with rows of label and number, and bars of coverage."""
    figures = figures_of(results)
    mandates, gaps, cameras, unknown = (figures[key] for key in ("mandates", "gaps", "cameras", "unknown"))
    sections = _sections(
        standings=mandates["by_standing"],
        seen=figures.get("seen", {}),
        gaps={builder: row["gaps"] for builder, row in gaps["by_builder"].items()},
        undecided_gaps=gaps["undecided"],
        counts=cameras["by_counts"],
        reasons=cameras["by_reason"],
        lang=lang,
    )
    rows = [[text(key, lang), str(n)] for key, n in unknown.items() if n]
    more = [*_beside(results, lang), {"title": text("unknown", lang), "rows": rows}]
    return [*sections, *(section for section in more if section["rows"])]


def _beside(results: Results, lang: Lang) -> list[dict[str, Any]]:
    """Return what stands beside the headline: all public ground, sets of cameras, what the map likely lacks."""
    whole = results.levels_seen[results.levels_seen["scope"].eq("whole_area")]
    levels = [[f"{row['level']:g} px/m", _span(row, lang)] for row in whole.to_dict("records")]
    told = pd.DataFrame(results.apart)
    told = told[told.groupby("unit")["cameras"].diff().ne(0)]  # a set that adds no camera tells nothing
    apart = [
        [
            f"{terms.label(terms.APART, row['which'], lang)}: {terms.label(terms.UNITS, row['unit'], lang)}",
            _span(row, lang),
        ]
        for row in told.to_dict("records")
    ]
    lacks = results.completeness[results.completeness["standing"].eq("likely_missing")]
    missing = [
        [
            terms.label_all(terms.KINDS | terms.COMPLETENESS, row["matter"], lang),
            f"{format_number(row['found'], lang)} / {format_number(row['expected'], lang)}",
        ]
        for row in lacks.to_dict("records")
    ]
    return [
        {"title": text("whole_area_seen", lang), "rows": levels},
        {"title": text("cameras_apart", lang), "rows": apart},
        {"title": text("likely_missing_here", lang), "rows": missing},
    ]


def _span(row: Mapping[Any, Any], lang: Lang) -> str:
    return " – ".join(format_share(row[f"share_{end}"], lang) for end in ("low", "high"))


def _filters(results: Results, lang: Lang) -> dict[str, Any]:
    """Return what the filters offer, and the panel of figures of every choice of district and builder."""
    districts, builders = list_choices(results)
    named = {NONE: text("outside_districts", lang)}
    sections = {}
    for (district, builder), part in figures_by_choice(results).items():
        seen = {unit: part["seen"][unit] for unit in terms.UNITS if unit in part["seen"]}
        shares = {
            unit: row | {f"share_{end}": row[end] / row["required"] if row["required"] else None for end in SEEN_ENDS}
            for unit, row in seen.items()
        }
        sections[f"{district}|{builder}"] = _sections(**{**part, "seen": shares}, lang=lang)
    return {
        "districts": [[name, named.get(name, name)] for name in districts],
        "builders": [[name, terms.label(terms.BUILDERS, name, lang)] for name in builders],
        "figures": sections,
    }


def _sections(
    *,
    standings: Mapping[str, int],
    seen: Mapping[str, Mapping[str, float | None]],
    gaps: Mapping[str, int],
    undecided_gaps: int,
    counts: Mapping[str, int],
    reasons: Mapping[str, int],
    lang: Lang,
) -> list[dict[str, Any]]:
    def rows(numbers: Mapping[str, int], labels: Mapping[str, Label], sign: str = "") -> list[list[str]]:
        order = [key for key in [*labels, *(k for k in numbers if k not in labels)] if numbers.get(key)]
        return [[sign + (terms.label(labels, k, lang) if k in labels else k), str(numbers[k])] for k in order]

    no_register = [] if sum(counts.values()) else [[text("no_register", lang), ""]]
    sections: list[dict[str, Any]] = [
        {"title": text("mandates", lang), "total": sum(standings.values()), "rows": rows(standings, terms.STANDINGS)},
        {"title": text("coverage", lang), "bars": [_bar(u, row, lang) for u, row in seen.items()]},
        {
            "title": text("gaps", lang),
            "total": sum(gaps.values()),
            "rows": rows(gaps, terms.BUILDERS)
            + ([[text("gaps_undecided", lang), f"+ {undecided_gaps}"]] if undecided_gaps else []),
        },
        {
            "title": text("cameras", lang),
            "total": sum(counts.values()),
            "rows": rows(counts, terms.COUNTS) + rows(reasons, terms.COUNT_REASONS, "· ") + no_register,
        },
    ]
    return [section for section in sections if section.get("rows") or section.get("bars") or section.get("total")]


def _bar(unit: str, row: Mapping[str, float | None], lang: Lang) -> dict[str, Any]:
    name = terms.label(terms.UNITS, unit, lang)
    return {
        "label": text("seen_in", lang, unit=name),
        "of": text("of_required", lang, n=f"{format_number(row['required'], lang)} {name}"),
        "ends": [
            [text(end, lang), format_share(row[f"share_{end}"], lang), row[f"share_{end}"] or 0.0]
            for end in ("low", "expected", "high")
        ],
    }
