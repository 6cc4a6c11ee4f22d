"""Ask a department what only it knows: one question a page, the rows it concerns, what each answer changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from citycover import terms
from citycover.publish.documents import Paper, draw_table
from citycover.publish.figures import effective_builder, items_of
from citycover.publish.report import describe_study
from citycover.publish.report_annexes import cells_of
from citycover.publish.report_blocks import pick
from citycover.publish.report_template import WIDTH, add_line, as_bytes, style_paper
from citycover.publish.results import Results
from citycover.publish.wording import header, text
from citycover.terms import Lang

MOST_ROWS = 18
"""Rows that one page of questions holds; the others are in the reply sheet, and the page says how many."""

UNSETTLED = ("review", "unspecified")


@dataclass(frozen=True)
class Question:
    """A question: what is asked, why, where the answer goes, and the rows that it concerns."""

    title: str
    ask: str
    why: str
    reply: str
    rows: pd.DataFrame
    columns: tuple[str, ...]


def list_questions(results: Results, department: str, lang: Lang) -> list[Question]:
    """Return the questions to a department, from results that are cut to it; the order is that of the law's chain.

    Undecided duties by item and reason; builders that a record would settle, by record; cameras of unknown direction;
    suspected breaches by clause; suspected conflicts by check; indoor parts.
    """
    return [
        *_duties(results, lang),
        *_builders(results, lang),
        *_directions(results, department, lang),
        *_suspicions(results, lang),
        *_indoor(results, lang),
    ]


def write_questions(
    results: Results,
    path: str | Path,
    department: str,
    *,
    template: str | Path | None = None,
    lang: Lang | None = None,
) -> int:
    """Write ``questions.docx``: each question on a page of its own; return how many there are.

    The template sees ``study``, ``words``, ``department`` and ``questions`` (``number``, ``title``, ``ask``, ``why``,
    ``reply``, ``count``, ``more``, ``heads``, ``rows``, ``drawn``).

    Raises
    ------
    FileFormatError, InputError, OutputError
        As :func:`citycover.publish.report.write_report`.
    """
    lang = lang or results.lang
    questions = list_questions(results, department, lang)
    paper = Paper(template or build_question_template(), name="questions template")
    told = []
    for number, question in enumerate(questions, start=1):
        shown = question.rows.head(MOST_ROWS)
        heads = [header(column, lang) for column in question.columns]
        rows = [
            list(row)
            for row in zip(*(cells_of(shown[column], column, lang) for column in question.columns), strict=True)
        ]
        left = len(question.rows) - len(shown)
        more = pick(lang, f"另有 {left} 行，见答复表。", f"{left} more rows are in the reply sheet.") if left else ""
        words = {"title": question.title, "ask": question.ask, "why": question.why, "reply": question.reply}
        told.append(
            {"number": number, **words, "count": len(question.rows), "more": more, "heads": heads, "rows": rows}
            | {"drawn": draw_table(heads, rows, width=WIDTH)}
        )
    context = describe_study(results, lang)
    context["words"] |= {
        "questions": pick(lang, "需由部门答复的问题", "Questions to the department"),
        "question": pick(lang, "问题", "Question"),
        "why": pick(lang, "为什么问", "Why we ask"),
        "reply": pick(lang, "如何答复", "How to reply"),
        "no_questions": pick(lang, "没有需要该部门答复的问题。", "There are no questions to this department."),
        "answer_line": pick(
            lang, "答复人：　　　　　　　　联系方式：　　　　　　　　日期：", "Answered by:                         on:"
        ),
    }
    paper.write(context | {"department": department, "questions": told}, path, title=results.name)
    return len(questions)


def build_question_template() -> bytes:
    """Return the default template of the questions: one page each."""
    from docx import Document

    paper = Document()
    style_paper(paper)
    add_line(paper, "{%p if not questions %}")
    add_line(paper, "{{ department }}：{{ words.no_questions }}")
    add_line(paper, "{%p endif %}")
    add_line(paper, "{%p for question in questions %}")
    title = add_line(
        paper,
        "{{ words.question }} {{ question.number }} / {{ questions|length }}　{{ question.title }}",
        style="Heading 1",
    )
    title.paragraph_format.page_break_before = True
    add_line(paper, "{{ department }}：", size=12)
    add_line(paper, "{{ question.ask }}", indent=True)
    add_line(paper, "{{p question.drawn }}")
    add_line(paper, "{{ question.more }}", size=9)
    add_line(paper, "{{ words.why }}：{{ question.why }}", indent=True)
    add_line(paper, "{{ words.reply }}：{{ question.reply }}", indent=True)
    add_line(paper, "{{ words.answer_line }}", size=12)
    add_line(paper, "{%p endfor %}")
    return as_bytes(paper)


def _duties(results: Results, lang: Lang) -> Iterator[Question]:
    open_ = results.mandates["standing_reason"].fillna("")
    rows = pd.DataFrame(results.mandates).assign(articles=items_of(results.mandates), why_open=open_)
    rows = rows[rows["standing"] == "undecided"]
    for (article, term, reason), group in rows.groupby(["articles", "term", "why_open"], sort=False, dropna=False):
        yield Question(
            pick(lang, f"{article}“{_word(term)}”的认定", f"Is it “{_word(term)}” under {article}?"),
            pick(
                lang,
                f"下列 {len(group)} 处场所是否属于{article}规定的“{_word(term)}”，请逐处认定。",
                f"Do these {len(group)} places fall under {article}, “{_word(term)}”? Please decide place by place.",
            ),
            pick(
                lang,
                f"{reason or '现有资料不足以判断'}。认定前不计入覆盖率和待办。",
                f"{reason or 'the data do not decide'}; until then they stay out of figures and notices.",
            ),
            _reply(lang, "sheet_mandates", "standing"),
            group,
            ("name", "kind", "evidence", "district", "mandate_id"),
        )


def _builders(results: Results, lang: Lang) -> Iterator[Question]:
    mandates = pd.DataFrame(results.mandates).assign(
        articles=items_of(results.mandates), who=effective_builder(results.mandates)
    )
    mandates["needs"] = mandates["needs_record"].fillna("")
    rows = mandates[mandates["needs"].ne("") | mandates["who"].isin(UNSETTLED)]
    for record, group in rows.groupby("needs", sort=True):
        said = (
            terms.label_all(terms.RECORD_FACTS, str(record), lang)
            if record
            else pick(lang, "建设责任主体", "the builder")
        )
        yield Question(
            pick(lang, f"材料：{said}", f"Record: {said}"),
            pick(
                lang,
                f"下列 {len(group)} 处场所的建设责任主体取决于{said}，请提供材料或者直接填写建设责任主体。",
                f"Who builds for these {len(group)} places hangs on: {said}. Please give the record, or name the builder.",
            ),
            pick(
                lang,
                "建设责任主体按条款和事实认定，目前的认定在取得材料后可能改变。",
                "The builder follows from articles and facts; today's answer may change with the record.",
            ),
            _reply(lang, "sheet_mandates", "builder"),
            group.assign(builder=group["who"]),
            ("name", "articles", "builder", "builder_article", "district", "mandate_id"),
        )


def _directions(results: Results, department: str, lang: Lang) -> Iterator[Question]:
    cameras = results.cameras
    mine = cameras["department"].eq(department).fillna(False) & cameras["counts"].ne("no")
    rows = pd.DataFrame(cameras[mine & cameras["azimuth"].isna() & ~cameras["hfov"].ge(360.0)])
    if len(rows):
        yield Question(
            pick(lang, "摄像机方位", "Directions of cameras"),
            pick(
                lang,
                f"下列 {len(rows)} 台摄像机的监控方位未登记，请核实填写（正北为0°，顺时针）。",
                f"These {len(rows)} cameras have no direction; please give it (true north 0°, clockwise).",
            ),
            pick(
                lang,
                "方位未知的摄像机仅计入期望值与最高值，补齐后覆盖率的区间即可收窄。",
                "Of unknown direction they count in the expected and high figures only.",
            ),
            _reply(lang, "sheet_cameras", "azimuth"),
            rows,
            ("camera_id", "name", "address", "register", "source_row"),
        )


def _suspicions(results: Results, lang: Lang) -> Iterator[Question]:
    which = 0 if lang == "zh" else 1
    parts: Sequence[tuple[pd.DataFrame, str, Mapping[str, Any], tuple[str, ...]]] = (
        (results.breaches, "clause", terms.BREACHES, ("camera_id", "fact", "article", "due", "register", "source_row")),
        (results.conflicts, "check", terms.CONFLICT_CHECKS, ("camera_id", "level", "reason", "article", "remedy")),
    )
    for rows, column, words, columns in parts:
        for key in [key for key in words if len(rows) and (rows[column] == key).any()]:
            group = pd.DataFrame(rows[rows[column] == key])
            said = words[key][which]
            yield Question(
                said,
                pick(
                    lang,
                    f"下列 {len(group)} 项疑似“{said}”，请核实是否属实。",
                    f"These {len(group)} rows are suspected of: {said}. Please verify.",
                ),
                pick(
                    lang,
                    "以上均为据登记资料和地图作出的疑点，未经核实不作认定。",
                    "All are suspicions from registers and map; nothing is held before it is verified.",
                ),
                _reply(lang, "sheet_cameras", "status"),
                group,
                columns,
            )


def _indoor(results: Results, lang: Lang) -> Iterator[Question]:
    if len(results.indoor):
        yield Question(
            pick(lang, "室内部位核查", "Indoor parts"),
            pick(
                lang,
                f"下列 {len(results.indoor)} 处室内部位不能由平面分析判断，请现场核查是否已覆盖。",
                f"These {len(results.indoor)} indoor parts cannot be judged from a plan; please check them on site.",
            ),
            pick(lang, "条文要求覆盖的部位在建筑内部。", "The text asks for parts inside the building."),
            pick(lang, "现场核查后书面答复。", "Please answer in writing after the visit."),
            pd.DataFrame(results.indoor),
            ("name", "part", "what", "place_id"),
        )


def _reply(lang: Lang, sheet: str, column: str) -> str:
    return pick(
        lang,
        f"在答复表（reply.xlsx）“{text(sheet, 'zh')}”的黄色列“{header(column, 'zh')}”中填写，理由和文件填在末尾两列，原样交回。",
        f"Fill the yellow column “{header(column, 'en')}” of sheet “{text(sheet, 'en')}” in reply.xlsx, reason and paper in the last columns, and send it back.",
    )


def _word(term: Any) -> str:
    return "" if pd.isna(term) else str(term)
