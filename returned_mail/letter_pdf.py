"""A letter about a returned statement as PDF for a number 10 window envelope."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Paragraph, Spacer

_BODY = ParagraphStyle("letter", fontName="Helvetica", fontSize=11, leading=15, spaceAfter=8)
_MARGIN = 1.0 * inch
_WINDOW = (0.9 * inch, 2.6 * inch)
"""Left edge of the address and its depth from the top: in the window once folded in three."""
_FOLD = 3.7 * inch


def letter_pdf(sender: Sequence[str], to: Sequence[str], body: str, day: str) -> bytes:
    """One letter; ``sender`` and ``to`` are lines of an address.

    Through the windows show these two alone. The body begins below the first fold, so that not a
    word of it can be seen.
    """
    out = io.BytesIO()
    document = BaseDocTemplate(
        out, pagesize=letter, invariant=1, title="Letter", author=sender[0] if sender else ""
    )

    def windows(canvas: Canvas, _: Any) -> None:
        canvas.saveState()
        canvas.setFont("Helvetica", 10)
        _lines(canvas, sender, _WINDOW[0], letter[1] - 0.8 * inch)
        canvas.setFont("Helvetica", 11)
        _lines(canvas, to, _WINDOW[0], letter[1] - _WINDOW[1])
        canvas.restoreState()

    width, height = letter
    first = Frame(_MARGIN, _MARGIN, width - 2 * _MARGIN, height - _FOLD - _MARGIN, id="first")
    document.addPageTemplates(PageTemplate("letter", [first], onPage=windows))
    story: list[Any] = [Paragraph(escape(day), _BODY), Spacer(1, 6)]
    story += [
        Paragraph(escape(part).replace("\n", "<br/>"), _BODY)
        for part in body.split("\n\n")
        if part.strip()
    ]
    document.build(story)
    return out.getvalue()


def _lines(canvas: Canvas, lines: Sequence[str], left: float, top: float) -> None:
    for place, line in enumerate(lines):
        canvas.drawString(left, top - 13 * place, line[:60])
