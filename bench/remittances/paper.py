"""Pages that lines of print run down: a cursor, page breaks, columns, numbers and dates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

import reportlab
from reportlab.lib.colors import Color
from reportlab.lib.pagesizes import landscape, letter
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from bench.remittances.facts import Remittance

Align = Literal["l", "r", "c"]
Negative = Literal["minus", "paren", "trailing", "cr"]
Cell = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Print:
    """How a payer writes numbers and dates: ``zero`` in place of 0.00, ``days`` for strftime."""

    dollar: bool = False
    comma: bool = True
    negative: Negative = "minus"
    zero: str = "0.00"
    days: str = "%m/%d/%Y"

    def money(self, cents: int) -> str:
        """Cents as this payer prints them."""
        if cents == 0:
            return f"${self.zero}" if self.dollar and self.zero == "0.00" else self.zero
        whole, part = divmod(abs(cents), 100)
        text = f"{whole:,}.{part:02d}" if self.comma else f"{whole}.{part:02d}"
        text = f"${text}" if self.dollar else text
        if cents > 0:
            return text
        return {"minus": f"-{text}", "paren": f"({text})", "trailing": f"{text}-",
                "cr": f"{text}CR"}[self.negative]  # fmt: skip

    def day(self, when: date) -> str:
        """A date as this payer prints it."""
        return when.strftime(self.days)


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the lines of its head, and the point its cells begin, end or stand around."""

    head: tuple[str, ...]
    x: float
    align: Align = "l"


@cache
def verdana() -> str:
    """The wide sans serif that comes with reportlab, made known to it; returns its name."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in ("Vera", "VeraBd", "VeraIt"):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    return "Vera"


class Paper:
    """A canvas with a cursor ``y`` that goes down and begins a new page when it must.

    ``header`` prints the top of every page and leaves the cursor below it. Points throughout.
    """

    def __init__(self, canvas: Canvas, remittance: Remittance, header: Callable[[Paper], None], *,
                 wide: bool = False, face: str = "Helvetica", bold: str = "Helvetica-Bold",
                 size: float = 8, bottom: float = 46,
                 sheet: tuple[float, float] = letter) -> None:  # fmt: skip
        self.canvas, self.remittance, self.header = canvas, remittance, header
        self.width, self.height = landscape(sheet) if wide else sheet
        self.face, self.bold, self.size, self.bottom = face, bold, size, bottom
        self.number, self.y = 0, 0.0
        self._begin()

    def _begin(self) -> None:
        self.canvas.setPageSize((self.width, self.height))
        self.number += 1
        self.y = self.height - 44
        self.header(self)

    def turn(self) -> None:
        """Begin a new page."""
        self.canvas.showPage()
        self._begin()

    def room(self, points: float) -> bool:
        """Begin a new page unless ``points`` are left; whether one began."""
        if self.y - points >= self.bottom:
            return False
        self.turn()
        return True

    def text(self, x: float, text: str, align: Align = "l", *, bold: bool = False,
             size: float | None = None, face: str | None = None, dy: float = 0.0,
             narrow: float = 100) -> None:  # fmt: skip
        """Print on the cursor's line; ``narrow`` is the width of letters in percent."""
        used = face or (self.bold if bold else self.face)
        points = size or self.size
        wide = pdfmetrics.stringWidth(text, used, points) * narrow / 100
        left = {"l": x, "r": x - wide, "c": x - wide / 2}[align]
        ink = self.canvas.beginText(left, self.y + dy)
        ink.setFont(used, points)
        ink.setHorizScale(narrow)
        ink.textOut(text)
        self.canvas.drawText(ink)

    def down(self, points: float) -> None:
        """Move the cursor down."""
        self.y -= points

    def rule(self, left: float, right: float, *, dy: float = -3, pt: float = 0.6,
             dots: bool = False) -> None:  # fmt: skip
        """A level line below the cursor's line."""
        self.canvas.setLineWidth(pt)
        self.canvas.setDash(*((1, 2) if dots else ()))
        self.canvas.line(left, self.y + dy, right, self.y + dy)
        self.canvas.setDash()

    def tint(self, left: float, right: float, tall: float, gray: float, dy: float = -3) -> None:
        """A gray bar behind the cursor's line."""
        self.canvas.setFillColor(Color(gray, gray, gray))
        self.canvas.rect(left, self.y + dy, right - left, tall, stroke=0, fill=1)
        self.canvas.setFillColor(Color(0, 0, 0))

    def heads(self, columns: Sequence[Column], *, leading: float = 9, bold: bool = True,
              size: float | None = None, narrow: float = 100) -> None:  # fmt: skip
        """The heads of a table, their last lines level; the cursor goes to the last."""
        deep = max(len(column.head) for column in columns)
        for depth in range(deep):
            for column in columns:
                at = depth - (deep - len(column.head))
                if at >= 0:
                    self.text(column.x, column.head[at], column.align, bold=bold, size=size,
                              narrow=narrow)  # fmt: skip
            if depth < deep - 1:
                self.down(leading)

    def row(self, columns: Sequence[Column], cells: Sequence[Cell], *, bold: bool = False,
            size: float | None = None, leading: float = 9, narrow: float = 100) -> int:  # fmt: skip
        """One row on the cursor's line; cells of several lines go below. Returns its lines."""
        deep = 1
        for column, cell in zip(columns, cells, strict=True):
            lines = [cell] if isinstance(cell, str) else list(cell)
            deep = max(deep, len(lines))
            for depth, line in enumerate(lines):
                if line:
                    self.text(column.x, line, column.align, bold=bold, size=size,
                              dy=-leading * depth, narrow=narrow)  # fmt: skip
        self.down(leading * (deep - 1))
        return deep

    def boxes(self, edges: Sequence[float], tall: float, dy: float = -4) -> None:
        """A ruled cell between every two edges around the cursor's line."""
        self.canvas.setLineWidth(0.5)
        for left, right in pairwise(edges):
            self.canvas.rect(left, self.y + dy, right - left, tall, stroke=1, fill=0)


def wrapped(text: str, most: int) -> list[str]:
    """Words of ``text`` in lines of at most ``most`` letters."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
