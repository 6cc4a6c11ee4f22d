"""Make a package for one department: its rows, its map, its questions, a reply sheet."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from citycover.publish.audience import cut_results
from citycover.publish.book import Sheet
from citycover.publish.gap_map import draw_map
from citycover.publish.questions import write_questions
from citycover.publish.report_blocks import pick
from citycover.publish.results import Results
from citycover.publish.wording import header, text
from citycover.publish.workbook import write_workbook
from citycover.terms import Lang

REPLY_SHEETS = ("sheet_mandates", "sheet_cameras")
"""Sheets of the reply: those with yellow columns, which ``citycover decide`` reads back."""


@dataclass(frozen=True)
class Package:
    """What was made: the department, the files, and how many mandates, gaps, cameras and questions they hold."""

    department: str
    files: tuple[Path, ...]
    mandates: int
    gaps: int
    cameras: int
    questions: int


def write_package(
    results: Results,
    folder: str | Path,
    department: str,
    *,
    template: str | Path | None = None,
    lang: Lang | None = None,
) -> Package:
    """Write a department's package: ``workbook.xlsx``, ``gap_map.html``, ``questions.docx``, ``reply.xlsx``.

    All are cut to the department (:func:`citycover.publish.audience.cut_results`), name it as their recipient, and are
    readable by their owner only. The reply sheet holds the department's own rows; filled in, it goes to
    ``citycover decide`` together with the study's folder.

    Parameters
    ----------
    results
        The study, from :func:`citycover.study.run_study` or :func:`citycover.publish.reopen.open_results`.
    folder
        Where the files shall stand; made where it is absent.
    department
        As it stands in the column ``department`` of mandates or cameras.
    template
        A Word template of the questions; ours without one.
    lang
        ``zh`` or ``en``; by default the language of the study. The reply sheet is always in the study's, for it is
        compared with the study's own workbook.

    Raises
    ------
    InputError
        No row is of that department, or the template is wrong.
    OutputError
        A file cannot be written or replaced.
    """
    lang = lang or results.lang
    cut = cut_results(results, department)
    own = cut.cameras[cut.cameras["department"].eq(department).fillna(False).to_numpy(bool)]
    target = Path(folder)
    book, page = target / "workbook.xlsx", target / "gap_map.html"
    asked, reply = target / "questions.docx", target / "reply.xlsx"
    write_workbook(cut, book, lang=lang)
    draw_map(cut, page, lang=lang)
    count = write_questions(cut, asked, department, template=template, lang=lang)
    how = Sheet(text("sheet_reply", results.lang), _how_to(department, results.lang), "reply")
    write_workbook(replace(cut, cameras=own.reset_index(drop=True)), reply, only=REPLY_SHEETS, first=how)
    return Package(department, (book, page, asked, reply), len(cut.mandates), len(cut.gaps), len(own), count)


def folder_name(department: str) -> str:
    """Return a name of a folder for a department: letters, digits and brackets, nothing that leads elsewhere.

    >>> folder_name("文化旅游（文物）"), folder_name("../../etc"), folder_name("..")
    ('文化旅游（文物）', '_etc', '_')
    """
    return re.sub(r"[^\w（）()-]+", "_", department).strip(".")[:80] or "_"


def _how_to(department: str, lang: Lang) -> pd.DataFrame:
    mandates, cameras = text("sheet_mandates", lang), text("sheet_cameras", lang)
    standing, builder, why = (header(name, lang) for name in ("standing", "builder", "why"))
    steps = (
        pick(
            lang,
            f"本表发给：{department}。只填黄色列，其他列和行的顺序、编号不要改动。",
            f"For: {department}. Fill in yellow columns only; leave other columns and ids as they are.",
        ),
        pick(
            lang,
            f"“{mandates}”：在“{standing}”填“条文点名、符合认定标准、待认定、已确定”之一，在“{builder}”填建设责任主体。",
            f"“{mandates}”: “{standing}” and “{builder}”, in the words that the sheet uses.",
        ),
        pick(
            lang,
            f"“{cameras}”：补充或者更正方位、镜头、状态、联网等。",
            f"“{cameras}”: add or correct direction, lens, status, connection.",
        ),
        pick(
            lang,
            f"“{why}”和“{header('document', lang)}”填写依据。同一编号占数行的，填一行即可，各行填写不得互相矛盾。",
            f"“{why}” and “{header('document', lang)}”: on what ground. Where an id has several rows, fill in one of them.",
        ),
        pick(
            lang,
            "存盘后原样交回，由规划部门用 citycover decide 读入，逐条成为人工决定。",
            "Send it back as it is; citycover decide turns each edit into a decision.",
        ),
    )
    return pd.DataFrame({"step": range(1, len(steps) + 1), "how": steps})
