"""The proof of a day as a PDF: what a controller signs and an auditor files."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle, getSampleStyleSheet
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    KeepTogether,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

from deposits.day_sheet import DaySheet, Section
from records.money import Money

_STYLES = getSampleStyleSheet()
_BODY = ParagraphStyle("body", parent=_STYLES["BodyText"], fontSize=9, leading=11)
_NOTE = ParagraphStyle("note", parent=_BODY, textColor=colors.HexColor("#555555"))
_RED = colors.HexColor("#b00020")
_RED_BODY = ParagraphStyle("red", parent=_BODY, textColor=_RED, fontName="Helvetica-Bold")
_MARGIN = 0.7 * inch
_TOGETHER_ROWS = 12


def day_pdf(sheets: Sequence[DaySheet]) -> bytes:
    """A PDF of letter pages, each bank account's day on pages of its own."""
    out = io.BytesIO()
    title = sheets[0].title if sheets else "Proof of the day"
    document = SimpleDocTemplate(
        out, pagesize=letter, title=title, author="Open Lockbox", invariant=1,
        leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
    )  # fmt: skip
    story: list[Flowable] = []
    for number, sheet in enumerate(sheets):
        if number:
            story.append(PageBreak())
        story += _sheet(sheet)
    document.build(story, onFirstPage=_foot, onLaterPages=_foot)
    return out.getvalue()


def _foot(canvas: Canvas, document: SimpleDocTemplate) -> None:
    canvas.saveState()
    canvas.setFont("Helvetica", 8)
    canvas.drawRightString(letter[0] - _MARGIN, 0.4 * inch, f"Page {document.page}")
    canvas.restoreState()


def _sheet(sheet: DaySheet) -> Iterable[Flowable]:
    yield Paragraph(escape(sheet.title), _STYLES["Heading1"])
    for line in sheet.lines[:-1]:
        yield Paragraph(escape(line), _BODY)
    yield Paragraph(escape(sheet.lines[-1]), _BODY if sheet.explained else _RED_BODY)
    for line in sheet.signature:
        yield Paragraph(escape(line), _BODY)
    for section in (*sheet.summary, *sheet.items):
        yield from _section(section)


def _section(section: Section) -> Iterable[Flowable]:
    head = [
        Spacer(1, 0.12 * inch),
        Paragraph(escape(section.heading), _STYLES["Heading3"]),
        Paragraph(escape(section.note), _NOTE),
    ]
    if not section.rows:
        yield KeepTogether([*head, Paragraph("None.", _BODY)])
    elif len(section.rows) <= _TOGETHER_ROWS:
        yield KeepTogether([*head, _table(section)])
    else:
        yield from head
        yield _table(section)


def _table(section: Section) -> Table:
    rows: list[list[object]] = [list(section.columns)]
    style: list[Any] = [
        ("FONTSIZE", (0, 0), (-1, -1), 8),
        ("FONTNAME", (0, 0), (-1, 0), "Helvetica-Bold"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    for at, row in enumerate(section.rows, start=1):
        words = _RED_BODY if row.red else _BODY
        rows.append([
            str(Money(cell)) if isinstance(cell, int) else Paragraph(escape(cell), words)
            for cell in row.cells
        ])  # fmt: skip
        if row.red:
            style.append(("TEXTCOLOR", (0, at), (-1, at), _RED))
        if row.total:
            style.append(("LINEABOVE", (0, at), (-1, at), 0.5, colors.black))
    numeric = [n for n, cell in enumerate(section.rows[0].cells) if isinstance(cell, int)]
    style += [("ALIGN", (n, 0), (n, -1), "RIGHT") for n in numeric]
    width = letter[0] - 2 * _MARGIN
    narrow = 1.15 * inch
    others = len(section.columns) - len(numeric)
    wide = (width - narrow * len(numeric)) / max(others, 1)
    widths = [narrow if n in numeric else wide for n in range(len(section.columns))]
    return Table(rows, colWidths=widths, repeatRows=1, style=TableStyle(style), hAlign="LEFT")
