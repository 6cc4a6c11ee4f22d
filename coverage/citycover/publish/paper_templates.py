"""Make the default Word templates of statutory papers: notice to a builder, filing table, report on dismantling."""

from __future__ import annotations

from typing import Any

from citycover.publish.report_template import HEAD, add_line, as_bytes, lay_across, style_paper


def build_notice_template() -> bytes:
    """Return the template of notices: one page each, with what is not seen, by which articles, and who must close it."""
    paper = _begin()
    add_line(paper, "{%p for notice in notices %}")
    _title(paper, "{{ words.notice }}")
    add_line(paper, "{{ words.number }}：{{ notice.number }}", size=10.5, align="right")
    add_line(paper, "{{ notice.place }}（{{ notice.builder }}）：", size=12)
    add_line(paper, "{{ notice.says }}", indent=True)
    add_line(paper, "{{p notice.drawn }}")
    _after_table(paper, "{{ words.builder_ground }}：{{ notice.builder_ground }}")
    add_line(paper, "{%p if notice.records %}")
    add_line(paper, "{{ words.records }}：{{ notice.records }}", indent=True)
    add_line(paper, "{%p endif %}")
    add_line(paper, "{{ words.ask }}", indent=True)
    add_line(paper, "{{ study.validity }}", size=10.5)
    _sign(paper)
    add_line(paper, "{%p endfor %}")
    return as_bytes(paper)


def build_filing_template() -> bytes:
    """Return the template of the filing table: per unit position, number, type and days of storage."""
    paper = _begin()
    lay_across(paper.sections[0])
    add_line(paper, "{%p for unit in units %}")
    _title(paper, "{{ words.filing }}")
    add_line(paper, "{{ words.unit_name }}：{{ unit.name }}", size=12)
    add_line(paper, "{{ unit.says }}", indent=True)
    add_line(paper, "{{p unit.drawn }}")
    _after_table(paper, "{{ words.filing_days }}")
    _sign(paper)
    add_line(paper, "{%p endfor %}")
    return as_bytes(paper)


def build_dismantling_template() -> bytes:
    """Return the template of the report on dismantling."""
    paper = _begin()
    _title(paper, "{{ words.dismantling }}")
    add_line(paper, "{{ report.to }}：", size=12)
    add_line(paper, "{{ report.says }}", indent=True)
    add_line(paper, "{{p report.drawn }}")
    _after_table(paper, "{{ report.days }}")
    add_line(paper, "{{ words.reason_line }}", indent=True)
    _sign(paper)
    return as_bytes(paper)


def _begin() -> Any:
    from docx import Document

    paper = Document()
    style_paper(paper)
    return paper


def _title(paper: Any, words: str) -> None:
    line = add_line(paper, words, size=20, font=HEAD, align="center")
    line.paragraph_format.page_break_before = True


def _after_table(paper: Any, words: str) -> None:
    from docx.shared import Pt

    add_line(paper, words, indent=True).paragraph_format.space_before = Pt(8)


def _sign(paper: Any) -> None:
    add_line(paper, "{{ words.signature }}", size=12, align="right")
    add_line(paper, "{{ words.signed_on }}", size=12, align="right")
