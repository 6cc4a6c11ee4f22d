"""Make the default Word template of the report: cover, contents, chapters, annexes; a city may put its own in place."""

from __future__ import annotations

import io
from typing import Any

BODY, HEAD, SIDE = "仿宋", "黑体", "楷体"
"""Fonts of official papers: body, headings, second headings; Word puts another in place where one is missing."""

LATIN = "Times New Roman"
PORTRAIT = (28.0, 26.0)
"""Left and right margin of upright pages (mm), as official papers have them."""

WIDTH, WIDE = 156.0, 247.0
"""Width of the text (mm) on upright pages and on the annexes' pages, which lie across."""


def build_report_template() -> bytes:
    """Return the template as the bytes of a ``.docx`` file; ``docs/report_outline.md`` names what it may say.

    >>> build_report_template()[:2]
    b'PK'
    """
    from docx import Document

    paper = Document()
    style_paper(paper)
    _cover(paper)
    _contents(paper)
    _blocks(paper, "chapters")
    _across(paper)
    _blocks(paper, "annexes")
    return as_bytes(paper)


def as_bytes(paper: Any) -> bytes:
    """Return a python-docx document as bytes."""
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def style_paper(paper: Any, *, size: float = 12.0) -> None:
    """Set page, fonts and styles of an official paper, with the mark above and the page number below."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    page = paper.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin, page.right_margin = Mm(PORTRAIT[0]), Mm(PORTRAIT[1])
    page.top_margin, page.bottom_margin = Mm(32), Mm(28)
    styles = paper.styles
    plans = (
        ("Normal", BODY, size, False, 1.4, 0, 4),
        ("Title", HEAD, 24.0, True, 1.3, 12, 12),
        ("Heading 1", HEAD, 16.0, False, 1.3, 18, 8),
        ("Heading 2", SIDE, 14.0, True, 1.3, 10, 4),
        ("Caption", HEAD, 10.5, False, 1.1, 8, 2),
    )
    for name, font, points, bold, spacing, before, after in plans:
        style = styles[name]
        set_font(style, font, points, bold=bold)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.font.italic = False
        shape = style.paragraph_format
        shape.line_spacing, shape.space_before, shape.space_after = spacing, Pt(before), Pt(after)
    styles["Heading 1"].paragraph_format.keep_with_next = True
    rule = styles["Title"].element.pPr.find(qn("w:pBdr"))
    if rule is not None:
        styles["Title"].element.pPr.remove(rule)
    styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    head = page.header.paragraphs[0]
    head.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    add_run(head, "{{ study.mark }}　{{ study.name }}　{{ study.date }}", 9)
    foot = page.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    add_field(foot, "PAGE")
    add_run(foot, " / ", 9)
    add_field(foot, "NUMPAGES")
    add_run(foot, "　© OpenStreetMap contributors", 9)


def set_font(style: Any, font: str, points: float, *, bold: bool = False) -> None:
    """Set Latin and East Asian font, size and weight of a style or a run."""
    from docx.oxml.ns import qn
    from docx.shared import Pt

    style.font.name, style.font.size, style.font.bold = LATIN, Pt(points), bold
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)


def add_run(paragraph: Any, words: str, points: float, *, font: str = BODY, bold: bool = False) -> Any:
    """Add words in a size (points) to a paragraph."""
    run = paragraph.add_run(words)
    set_font(run, font, points, bold=bold)
    return run


def add_line(
    paper: Any,
    words: str,
    *,
    style: str = "Normal",
    size: float | None = None,
    font: str = BODY,
    align: str = "",
    bold: bool = False,
    indent: bool = False,
    keep: bool = False,
) -> Any:
    """Add a paragraph; ``indent`` begins it two letters in, ``keep`` holds it with the next one."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml.ns import qn
    from docx.shared import Pt

    line = paper.add_paragraph(style=style)
    if size is None:
        line.add_run(words)
    else:
        add_run(line, words, size, font=font, bold=bold)
    if align:
        line.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
    if indent:
        line.paragraph_format.first_line_indent = Pt(24)  # for programs that do not count in letters
        line._p.get_or_add_pPr().ind.set(qn("w:firstLineChars"), "200")
    line.paragraph_format.keep_with_next = keep or None
    return line


def add_field(paragraph: Any, code: str, *, dirty: bool = False) -> None:
    """Add a field of Word's own, such as the page number."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind in ("begin", "", "separate", "shown", "end"):
        run = paragraph.add_run()
        set_font(run, BODY, 9)
        if kind == "shown":
            run.text = "1"
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            if dirty and kind == "begin":
                mark.set(qn("w:dirty"), "true")
            run._r.append(mark)
        else:
            words = OxmlElement("w:instrText")
            words.set(qn("xml:space"), "preserve")
            words.text = f" {code} "
            run._r.append(words)


def _cover(paper: Any) -> None:
    add_line(paper, "{{ study.mark }}", size=16, font=HEAD)
    for _ in range(5):
        paper.add_paragraph()
    add_line(paper, "{{ study.name }}", style="Title")
    add_line(paper, "{{ words.subtitle }}", size=18, font=SIDE, align="center")
    for _ in range(7):
        paper.add_paragraph()
    for line in (
        "{{ words.author }}",
        "{{ words.recipient }}：{{ study.recipient }}",
        "{{ words.date }}：{{ study.date }}",
        "{{ words.rulebook }}：{{ study.rulebook }}",
    ):
        add_line(paper, line, size=14, align="center")
    paper.add_paragraph()
    add_line(paper, "{{ study.validity }}", size=10.5, align="center")
    add_line(paper, "{{ words.restricted }}", size=10.5, align="center").add_run().add_break(_page())


def _contents(paper: Any) -> None:
    add_line(paper, "{{ words.contents }}", size=16, font=HEAD, align="center")
    add_line(paper, "{%p for chapter in chapters + annexes %}")
    add_line(paper, "{{ chapter.title }}", size=12)
    add_line(paper, "{%p endfor %}")
    paper.add_paragraph().add_run().add_break(_page())


def _blocks(paper: Any, name: str) -> None:
    from docx.shared import Pt

    add_line(paper, "{%p for chapter in " + name + " %}")
    add_line(paper, "{{ chapter.title }}", style="Heading 1")
    add_line(paper, "{%p for block in chapter.blocks %}")
    add_line(paper, "{%p if block.what == 'heading' %}")
    add_line(paper, "{{ block.text }}", style="Heading 2")
    add_line(paper, "{%p elif block.what == 'text' %}")
    add_line(paper, "{{ block.text }}", indent=True)
    add_line(paper, "{%p elif block.what == 'table' %}")
    add_line(paper, "{{ block.says }}", indent=True)
    add_line(paper, "{{ block.number }}　{{ block.title }}", style="Caption", align="center", keep=True)
    add_line(paper, "{{ words.unit }}：{{ block.unit }}", size=9, align="right", keep=True)
    add_line(paper, "{{p block.drawn }}")
    add_line(paper, "{{ words.source }}：{{ block.source }}", size=9).paragraph_format.space_before = Pt(3)
    add_line(paper, "{%p elif block.what == 'figure' %}")
    add_line(paper, "{{ block.says }}", indent=True)
    add_line(paper, "{{ block.picture }}", align="center", keep=True)
    add_line(paper, "{{ block.number }}　{{ block.title }}", style="Caption", align="center", keep=True)
    add_line(paper, "{{ words.source }}：{{ block.source }}", size=9, align="center")
    add_line(paper, "{%p endif %}")
    add_line(paper, "{%p endfor %}")
    add_line(paper, "{%p endfor %}")


def _across(paper: Any) -> None:
    """Begin the section of the annexes, whose pages lie across."""
    from docx.enum.section import WD_SECTION

    lay_across(paper.add_section(WD_SECTION.NEW_PAGE))


def lay_across(page: Any) -> None:
    """Turn a section's pages so that they lie across, with :data:`WIDE` between the margins."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Mm

    page.orientation, page.page_width, page.page_height = WD_ORIENT.LANDSCAPE, Mm(297), Mm(210)
    page.left_margin = page.right_margin = Mm((297 - WIDE) / 2)
    page.top_margin, page.bottom_margin = Mm(24), Mm(20)


def _page() -> Any:
    from docx.enum.text import WD_BREAK

    return WD_BREAK.PAGE
