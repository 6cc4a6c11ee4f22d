"""Excel workbooks (.xlsx, .xls) as rows of text cells, merged cells filled."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from citycover.city.archives import repack, unpack_zip
from citycover.errors import FileFormatError, SheetError

Rows = list[list[str]]
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br\s*=\s*[\"']([A-Z]{1,3})(\d{1,7})[\"'][^>]*(?<!/)>")
_EXCEL_DIGITS = 1e15  # Excel keeps 15 significant digits of a number


def read_sheet(
    path: Path,
    *,
    sheet: str | None,
    choose: Callable[[Rows], int],
    max_bytes: int,
    max_cells: int,
) -> tuple[str, Rows]:
    """Return the name and the rows of one sheet; row 1 of the sheet is ``rows[0]``.

    Without ``sheet`` it is the sheet for which ``choose`` (rows → score) is highest, the first of equals. Numbers
    become plain text; a whole number of 16 digits and more, of which Excel keeps 15, becomes ``1.23E+19``. Dates
    become ISO 8601. The value of merged cells stands in each of them, unless they span half the sheet's width, as
    titles do.

    Raises
    ------
    FileFormatError
        No workbook, protected, or larger than the limits.
    SheetError
        The workbook has no sheet of that name.
    """
    try:
        book = CalamineWorkbook.from_filelike(_bounded(path, max_bytes=max_bytes, max_cells=max_cells))
        names = book.sheet_names
        if sheet is not None:
            if sheet not in names:
                raise SheetError(f"{path.name}: has no sheet {sheet!r}; its sheets: {', '.join(names)}")
            return sheet, _rows(book.get_sheet_by_name(sheet))
        best: tuple[int, str, Rows] | None = None
        for name in names:
            rows = _rows(book.get_sheet_by_name(name))
            score = choose(rows)
            if best is None or score > best[0]:
                best = (score, name, rows)
    except PasswordError as error:
        raise FileFormatError(f"{path.name}: the workbook is protected by a password; save it without one") from error
    except CalamineError as error:
        raise FileFormatError(f"{path.name}: cannot be read as an Excel workbook ({error})") from error
    if best is None:
        raise FileFormatError(f"{path.name}: the workbook has no sheet")
    return best[1], best[2]


def _bounded(path: Path, *, max_bytes: int, max_cells: int) -> io.BytesIO:
    content = path.read_bytes()
    if not content.startswith(b"PK"):
        return io.BytesIO(content)  # the old binary format is not compressed and ends at 65,536 rows
    members = unpack_zip(path, limit=max_bytes)
    for name, xml in members.items():
        if "worksheets/" not in name:
            continue
        if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise FileFormatError(f"{path.name}: a sheet is not in UTF-8; save the workbook again")
        cells = _CELL.findall(xml)
        width = max((_column(letters) for letters in {letters for letters, _ in cells}), default=0)
        height = max((int(row) for row in {row for _, row in cells}), default=0)
        if width * height > max_cells:
            raise FileFormatError(
                f"{path.name}: a sheet spans {height:,} rows × {width:,} columns, over the limit of {max_cells:,} cells"
            )
    return repack(members)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _rows(sheet: CalamineSheet) -> Rows:
    rows = [[_text(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    _fill_merged(rows, sheet.merged_cell_ranges or [])
    return rows


def _fill_merged(rows: Rows, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    width = max((len(row) for row in rows), default=0)
    for (top, left), (bottom, right) in ranges:
        if top >= len(rows) or left >= width or (right > left + 1 and 2 * (right - left + 1) >= width):
            continue
        value = rows[top][left]
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [value] * len(row[left : right + 1])


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        if abs(value) >= _EXCEL_DIGITS:
            return f"{value:.14E}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value)
