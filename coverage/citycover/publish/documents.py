"""Fill Word templates with plain data, in a sandbox that no template can leave."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from jinja2 import StrictUndefined, TemplateError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from citycover.errors import FileFormatError, InputError
from citycover.publish.files import clean_text, replacing

TWIPS = 1440 / 25.4
"""Twentieths of a point in a millimetre."""

KEPT = 16
"""Rows up to which a table stays on one page."""

LETTER, SIGN, PADDING, LONGEST = 1.65, 3.25, 2.4, 46.0
"""Millimetres: of a Latin letter or digit and of a Chinese one in a table, of a cell's sides, and the most that one
word may claim."""

SHORT, TOGETHER = 6, 4
"""Chinese letters up to which a cell is not broken at all, and how many of a longer one stand together on a line."""

NARROW = 22
"""Sum of the columns' wishes below which a table takes two thirds of the width."""


_RUN = re.compile(r"[!-~]+")


class Paper:
    """A Word template that is being filled: the city's own, or one that the program made.

    A template sees text, numbers, lists and dicts, nothing else; it is rendered in jinja2's sandbox with escaping on,
    and a name that it does not know is an error.

    Parameters
    ----------
    template
        A ``.docx`` file, or its bytes.
    name
        What to call it in errors, where it is no file.

    Raises
    ------
    FileFormatError
        The template is no Word file.
    """

    def __init__(self, template: str | Path | bytes, *, name: str = "template") -> None:
        from docxtpl import DocxTemplate

        self.name = name if isinstance(template, bytes) else Path(template).name
        try:
            content = template if isinstance(template, bytes) else Path(template).read_bytes()
            self._paper = DocxTemplate(io.BytesIO(content))
            self._paper.init_docx()
        except OSError as error:
            raise FileFormatError(f"{self.name}: needed a Word template, given none: {error.strerror}") from error
        except (BadZipFile, KeyError, ValueError) as error:
            raise FileFormatError(f"{self.name}: needed a Word template (.docx), given a file that is none") from error

    def picture(self, png: bytes, *, width: float, words: str = "") -> Markup:
        """Return a picture, ``width`` in millimetres, for a run of the template: ``{{ picture }}``.

        ``words`` are told to those who do not see it.
        """
        from docx.shared import Mm

        inline = self._paper.docx.part.new_pic_inline(io.BytesIO(png), Mm(width), None)
        inline.docPr.set("descr", clean_text(words))
        close, open_ = "</w:t></w:r>", '<w:r><w:t xml:space="preserve">'
        return Markup(f"{close}<w:r><w:drawing>{inline.xml}</w:drawing></w:r>{open_}")  # noqa: S704  made here

    def write(self, context: Mapping[str, Any], path: str | Path, *, title: str = "") -> Path:
        """Fill the template and write it; readable by its owner only.

        Raises
        ------
        InputError
            The template names something that is not there, is malformed, or reaches for what it may not.
        OutputError
            The file cannot be written or replaced.
        """
        known = ", ".join(context)
        box = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
        box.globals.clear()
        try:
            self._paper.render(seal(dict(context)), jinja_env=box, autoescape=True)
        except SecurityError as error:
            raise InputError(f"{self.name}: reaches for what a template may not: {error}") from error
        except UndefinedError as error:
            raise InputError(f"{self.name}: names what is not there: {error}; there are: {known}") from error
        except TemplateError as error:
            raise InputError(
                f"{self.name}: needed marks like {{{{ study.name }}}}, given malformed ones: {error}"
            ) from error
        about = self._paper.docx.core_properties
        about.title, about.author, about.comments = clean_text(title)[:255], "", ""
        with replacing(path) as fresh:
            self._paper.save(str(fresh))
        return Path(path)


def seal(value: Any) -> Any:
    r"""Return a value as plain data: cleaned text, numbers, lists and dicts.

    >>> seal({"a": ["x\x07y", 1]})
    {'a': ['xy', 1]}
    >>> seal(open)
    Traceback (most recent call last):
    TypeError: a template may see plain data only, given builtin_function_or_method
    """
    if isinstance(value, Markup) or value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {str(key): seal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [seal(item) for item in value]
    raise TypeError(f"a template may see plain data only, given {type(value).__name__}")


def draw_table(
    heads: list[str],
    rows: list[list[str]],
    *,
    width: float,
    numbers: frozenset[int] = frozenset(),
    bold_last: bool = False,
) -> Markup:
    """Return a table ready for a paragraph of its own, ``{{p table }}``: grid, repeated header, numbers to the right.

    Parameters
    ----------
    heads, rows
        Text of the cells.
    width
        Width of the table in millimetres; columns share it by their longest words.
    numbers
        Columns, counted from 0, that hold numbers.
    bold_last
        The last row holds sums.
    """
    shares = [_share(head, [row[i] for row in rows[:200]]) for i, head in enumerate(heads)]
    width = width if sum(shares) > NARROW else width * 0.66
    least = [_unbroken(head, [row[i] for row in rows[:200]]) for i, head in enumerate(heads)]
    widths = [round(TWIPS * wide) for wide in share_width(width, shares, least)]
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="7F7F7F"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    out = [
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/><w:tblBorders>{lines}'
        '</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="60" w:type="dxa"/>'
        f'<w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>{grid}</w:tblGrid>',
        _row(heads, widths, head=True, keep=True),
    ]
    last = len(rows) - 1
    whole = len(rows) <= KEPT
    out += [
        _row(row, widths, numbers=numbers, bold=bold_last and i == last, keep=i < last and (whole or i == last - 1))
        for i, row in enumerate(rows)
    ]
    return Markup("".join([*out, "</w:tbl>"]))  # noqa: S704  cells are escaped


def share_width(width: float, shares: list[float], least: list[float]) -> list[float]:
    """Return widths by share that add up to ``width``, none below its least; where these do not fit, by the least.

    >>> share_width(100.0, [1.0, 1.0, 2.0], [40.0, 0.0, 0.0])
    [40.0, 20.0, 40.0]
    >>> share_width(12.0, [1.0, 1.0], [20.0, 10.0])
    [8.0, 4.0]
    """
    if sum(least) >= width:
        wanted = [max(part, LETTER + PADDING) for part in least]
        return [width * part / sum(wanted) for part in wanted]
    held: set[int] = set()
    while True:
        rest = width - sum(least[i] for i in held)
        free = sum(share for i, share in enumerate(shares) if i not in held)
        wide = [least[i] if i in held else rest * share / free for i, share in enumerate(shares)]
        short = {i for i, value in enumerate(wide) if value < least[i] - 1e-9}
        if not short:
            return wide
        held |= short


def _row(
    cells: list[str],
    widths: list[int],
    *,
    head: bool = False,
    numbers: frozenset[int] = frozenset(),
    bold: bool = False,
    keep: bool = False,
) -> str:
    style = "<w:b/>" if head or bold else ""
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="E4ECF2"/>' if head else ""
    hold = "<w:keepNext/>" if keep else ""
    parts = [f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}</w:trPr>"]
    for i, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        side = "center" if head else ("right" if i in numbers else "left")
        parts.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/></w:tcPr>'
            f"<w:p><w:pPr>{hold}"
            '<w:spacing w:before="20" w:after="20" w:line="240" w:lineRule="auto"/><w:ind w:firstLineChars="0" '
            f'w:firstLine="0"/><w:jc w:val="{side}"/></w:pPr><w:r><w:rPr>{style}<w:sz w:val="18"/><w:szCs w:val="18"/>'
            f'</w:rPr><w:t xml:space="preserve">{escape(clean_text(cell))}</w:t></w:r></w:p></w:tc>'
        )
    return "".join([*parts, "</w:tr>"])


def _share(head: str, cells: list[str]) -> float:
    """Return how much of a table's width a column asks for; an empty one is meant to be filled in by hand."""
    if cells and not any(cells):
        return float(max(_wide(head), 22) ** 0.8)
    longest = max((min(_wide(cell), 60) for cell in cells), default=0)
    return float(max(min(_wide(head), 12), longest, 5) ** 0.8)


def _unbroken(head: str, cells: list[str]) -> float:
    """Return the width (mm) below which words would break: ids, numbers, days, short Chinese words."""
    longest = max((len(run) for cell in cells for run in _RUN.findall(cell[:80])), default=0)
    longest = max(longest, max((min(len(run), SHORT + 2) for run in _RUN.findall(head)), default=0))
    signs = max((sum(ord(letter) > 0x2E7F for letter in cell[:60]) for cell in cells), default=0)
    together = max(signs if signs <= SHORT else TOGETHER, min(2, _wide(head) // 2))
    return min(max(longest * LETTER, together * SIGN) + PADDING, LONGEST)


def _wide(words: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in words[:60])
