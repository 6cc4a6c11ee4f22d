"""Write the report: a Word draft of the construction plan, from a template that the city may replace."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from citycover.errors import CitycoverWarning
from citycover.publish.documents import Paper, draw_table
from citycover.publish.figures import figures_of
from citycover.publish.fonts import NO_FONT, find_font
from citycover.publish.report_annexes import write_annexes
from citycover.publish.report_basis import write_basis, write_method
from citycover.publish.report_blocks import Chapter, Heading, Picture, Sheet, number_blocks, pick
from citycover.publish.report_budget import write_budget
from citycover.publish.report_duplicates import write_duplicates
from citycover.publish.report_plan import (
    write_aims,
    write_organisation,
    write_plan,
    write_privacy,
    write_risks,
)
from citycover.publish.report_state import write_gaps, write_state
from citycover.publish.report_template import WIDE, WIDTH, build_report_template
from citycover.publish.results import Results
from citycover.publish.static_maps import Ground
from citycover.publish.summary import five_figures
from citycover.publish.wording import TEXTS, text
from citycover.terms import Lang


def write_report(
    results: Results, path: str | Path, *, template: str | Path | None = None, lang: Lang | None = None
) -> Path:
    """Write ``report.docx``: a draft of the construction plan in the order of ``docs/report_outline.md``.

    Every table has a number, a unit, a source and a sentence that says what it shows; figures are those of
    ``summary.json``. Restricted, and says so.

    Parameters
    ----------
    results
        The study.
    path
        Where the report shall stand; an old one is replaced in one step.
    template
        The city's own Word template; the names that it may use stand in ``docs/report_outline.md``. It is filled in a
        sandbox and sees plain data only. Without one the template of :mod:`citycover.publish.report_template`.
    lang
        ``zh`` or ``en``; by default the language of the study.

    Returns
    -------
    The path written.

    Raises
    ------
    FileFormatError
        The template is no Word file.
    InputError
        The template names what is not there, or reaches for what it may not.
    OutputError
        The file cannot be written or replaced.

    Warns
    -----
    CitycoverWarning
        There is no font with Chinese letters on this machine: the maps are left out, and their places say so.
    """
    lang = lang or results.lang
    if find_font() is None:
        warnings.warn(f"report: maps are left out: {NO_FONT}", CitycoverWarning, stacklevel=2)
    paper = Paper(template or build_report_template(), name="report template")
    chapters, annexes = compose_report(results, lang)
    context = describe_study(results, lang) | {
        "chapters": [_chapter(chapter, paper, WIDTH, lang) for chapter in chapters],
        "annexes": [_chapter(chapter, paper, WIDE, lang) for chapter in annexes],
        "figures": dict(figures_of(results)),
        "five_figures": five_figures(results, lang=lang),
    }
    blocks = [block for chapter in context["chapters"] + context["annexes"] for block in chapter["blocks"]]
    context["tables"] = {block["key"]: block for block in blocks if block["what"] == "table"}
    context["pictures"] = {block["key"]: block for block in blocks if block["what"] == "figure"}
    return paper.write(context, path, title=results.name)


def compose_report(results: Results, lang: Lang) -> tuple[tuple[Chapter, ...], tuple[Chapter, ...]]:
    """Return the chapters and the annexes, numbered; pictures are drawn only when the report is written."""
    ground = Ground(results.city)
    chapters = [
        write_basis(results, lang),
        write_method(results, lang),
        write_state(results, lang, ground),
        write_gaps(results, lang, ground),
        write_duplicates(results, lang, ground),
        write_aims(results, lang),
        write_plan(results, lang, ground),
        write_budget(results, lang),
        write_organisation(results, lang),
        write_privacy(results, lang),
        write_risks(results, lang),
    ]
    return number_blocks(chapters, lang), number_blocks(write_annexes(results, lang), lang, annex=True)


def describe_study(results: Results, lang: Lang) -> dict[str, Any]:
    """Return what every paper may say of its study: ``study`` and ``words``."""
    which = 0 if lang == "zh" else 1
    return {
        "study": {
            "name": results.name,
            "date": results.date,
            "mark": results.classification,
            "recipient": results.recipient or text("not_named", lang),
            "rulebook": pick(lang, f"《{results.rulebook_title}》", results.rulebook_title),
            "rulebook_id": results.rulebook_id,
            "overlay": results.overlay_title or text("none", lang),
            "validity": TEXTS["validity"][which],
            "osm": text("osm", lang),
        },
        "words": {
            "subtitle": pick(lang, "建设规划（草案）", "Construction plan (draft)"),
            "author": pick(lang, "编制单位：（由编制单位填写）", "Drafted by: (to be filled in)"),
            "recipient": text("recipient", lang),
            "date": text("date", lang),
            "rulebook": text("rulebook", lang),
            "restricted": text("restricted_hint", lang),
            "contents": pick(lang, "目　录", "Contents"),
            "unit": text("unit", lang),
            "source": pick(lang, "资料来源", "Source"),
        },
    }


def _chapter(chapter: Chapter, paper: Paper, width: float, lang: Lang) -> dict[str, Any]:
    """Return a chapter as plain data, its tables and pictures ready for the paper."""
    blocks: list[dict[str, Any]] = []
    no_map = pick(
        lang,
        "（本机没有中文字体，此处地图未绘制；安装中文字体后重新生成。）",
        "(No font with Chinese letters on this machine: the map is left out here.)",
    )
    for block in chapter.blocks:
        if isinstance(block, Sheet):
            heads, rows = list(block.heads), [list(row) for row in block.rows]
            drawn = draw_table(heads, rows, width=width, numbers=block.numbers, bold_last=block.bold_last)
            told = {
                "key": block.key,
                "title": block.title,
                "number": block.number,
                "unit": block.unit,
                "says": block.says,
            }
            blocks.append(
                {"what": "table", **told, "source": block.source, "heads": heads, "rows": rows, "drawn": drawn}
            )
        elif isinstance(block, Picture) and find_font() is None:
            blocks.append({"what": "text", "text": no_map})
        elif isinstance(block, Picture):
            picture = paper.picture(block.draw(), width=width, words=block.title)
            told = {"key": block.key, "title": block.title, "number": block.number, "says": block.says}
            blocks.append({"what": "figure", **told, "source": block.source, "picture": picture})
        else:
            what, words = ("heading", block.text) if isinstance(block, Heading) else ("text", block)
            blocks.append({"what": what, "text": words})
    return {"key": chapter.key, "title": chapter.title, "blocks": blocks}
