"""The proof of a day as a spreadsheet: amounts are numbers, texts are never formulas."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from deposits.day_sheet import DaySheet, Section

_MONEY = "#,##0.00;[Red]-#,##0.00"
_BOLD = Font(bold=True)
_RED = Font(bold=True, color="00B00020")
_WIDTHS = (34, 22, 44, 18, 18)
_MOST_NAME = 31


def day_xlsx(sheets: Sequence[DaySheet]) -> bytes:
    """A workbook: for each bank account a sheet of the figures and one of the items."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in sheets:
        code = re.sub(r"[^A-Za-z0-9 _-]", "", sheet.lines[0].rpartition("(")[2].partition(")")[0])
        _fill(_page(book, code, "figures"), sheet, sheet.summary)
        _fill(_page(book, code, "items"), sheet, sheet.items)
    if not sheets:
        book.create_sheet("empty")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _page(book: Workbook, code: str, name: str) -> Worksheet:
    made: Worksheet = book.create_sheet(f"{code[: _MOST_NAME - len(name) - 1]} {name}".strip())
    for column, width in zip("ABCDE", _WIDTHS, strict=True):
        made.column_dimensions[column].width = width
    return made


def _fill(page: Worksheet, sheet: DaySheet, sections: Iterable[Section]) -> None:
    at = 1
    for line in (sheet.title, *sheet.lines, *sheet.signature):
        _text(page.cell(at, 1), line).font = _BOLD if at == 1 else Font()
        at += 1
    for section in sections:
        at += 1
        _text(page.cell(at, 1), section.heading).font = _BOLD
        _text(page.cell(at + 1, 1), section.note)
        for column, heading in enumerate(section.columns, start=1):
            _text(page.cell(at + 2, column), heading).font = _BOLD
        at += 3
        for row in section.rows:
            for column, value in enumerate(row.cells, start=1):
                cell = page.cell(at, column)
                if isinstance(value, int):
                    cell.value = Decimal(value) / 100
                    cell.number_format = _MONEY
                else:
                    _text(cell, value)
                if row.red or row.total:
                    cell.font = _RED if row.red else _BOLD
            at += 1


def _text(cell: Cell | MergedCell, text: str) -> Cell | MergedCell:
    """Put text in as text: a name that begins with ``=`` is no formula."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    return cell
