"""What plain tools get from the same pages: pdfplumber's tables, and rows by regular expression.

Both look for a service's date, procedure, charge and payment only; neither knows a payer's layout.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pdfplumber

from bench.remittance_aligning import aligned
from bench.remittances.cases import Case
from intake.types import Page
from ocr.text import page_text
from ocr.values import parse_cents, parse_date

NAMES = {
    "tables": "pdfplumber extract_tables, columns by the words of their heads",
    "rows": "the page's text (pdfplumber, Tesseract), rows by regular expression",
}
ASKED = ("service_on", "procedure_code", "charged_cents", "paid_cents")
_CODE = re.compile(r"^[A-Z]?\d{4,5}$")
_HEADS = {
    "service_on": re.compile(r"date|dos|rendered|performed|from", re.IGNORECASE),
    "procedure_code": re.compile(r"proc|code|cdt|cpt|service$", re.IGNORECASE),
    "charged_cents": re.compile(r"billed|charge|submitted|fee", re.IGNORECASE),
    "paid_cents": re.compile(r"paid|payment|benefit|\bpd\b", re.IGNORECASE),
}


@dataclass(frozen=True, slots=True)
class PeerRows:
    """A peer on one case: lines of the truth, found, right in what it was asked; seconds."""

    name: str
    lines: int
    found: int
    right: int
    invented: int
    seconds: float


def ask(drawn: Case, form: Literal["digital", "scanned"], pages: Sequence[Page]
        ) -> tuple[PeerRows, ...]:  # fmt: skip
    """Every peer that can read the form, on one case."""
    made: list[PeerRows] = []
    begun = time.perf_counter()
    if form == "digital":
        with pdfplumber.open(io.BytesIO(drawn.pdf)) as document:
            rows = [row for page in document.pages for row in _of_tables(page)]
        made.append(_judged("tables", drawn, rows, time.perf_counter() - begun))
        begun = time.perf_counter()
        with pdfplumber.open(io.BytesIO(drawn.pdf)) as document:
            texts = [page.extract_text() for page in document.pages]
    else:
        texts = ["\n".join(line.text for line in page_text(page).lines) for page in pages]
    rows = [row for text in texts for line in text.splitlines() for row in _of_line(line)]
    made.append(_judged("rows", drawn, rows, time.perf_counter() - begun))
    return tuple(made)


def _judged(
    name: str, drawn: Case, rows: Sequence[dict[str, Any]], seconds: float
) -> PeerRows:  # fmt: skip
    wanted = [
        {field: line[field] for field in ASKED}
        for document in drawn.documents
        for claim in document["fields"]["claims"]
        for line in claim["lines"]
    ]
    pairs = aligned(wanted, rows)
    right = sum(all(wanted[t][f] == rows[r].get(f) for f in ASKED) for t, r in pairs)
    return PeerRows(name, len(wanted), len(pairs), right, len(rows) - len(pairs), seconds)


def _of_tables(page: pdfplumber.page.Page) -> Iterator[dict[str, Any]]:
    """The rows of a page's tables, by ruling lines where there are any, else by the text."""
    found = page.extract_tables()
    if not any(len(table) > 2 for table in found):
        found = page.extract_tables({"vertical_strategy": "text", "horizontal_strategy": "text"})
    for table in found:
        columns: dict[str, int] = {}
        for row in table:
            cells = [" ".join((cell or "").split()) for cell in row]
            heads = {
                field: place
                for place, cell in enumerate(cells)
                for field, pattern in _HEADS.items()
                if pattern.search(cell) and not re.search(r"\d", cell)
            }
            if len(heads) >= 3:
                columns = heads
            elif {"charged_cents", "paid_cents"} <= columns.keys():
                yield from _cells_of(cells, columns)


def _cells_of(cells: Sequence[str], columns: dict[str, int]) -> Iterator[dict[str, Any]]:
    said = {field: cells[place] for field, place in columns.items() if place < len(cells)}
    charged, paid = parse_cents(said["charged_cents"]), parse_cents(said["paid_cents"])
    code = said.get("procedure_code", "").split(" ")[0]
    if charged is not None and paid is not None and _CODE.match(code):
        day = parse_date(said.get("service_on", ""))
        yield {"service_on": day, "procedure_code": code, "charged_cents": charged,
               "paid_cents": paid}  # fmt: skip


def _of_line(line: str) -> Iterator[dict[str, Any]]:
    """A line of text with a date, a procedure and two amounts: the first charged, the last paid."""
    words = line.split()
    days = [day for word in words if (day := parse_date(word)) is not None]
    codes = [word for word in words if _CODE.match(word)]
    amounts = [cents for word in words if (cents := parse_cents(word)) is not None]
    if days and codes and len(amounts) >= 2:
        yield {"service_on": days[0], "procedure_code": codes[0], "charged_cents": amounts[0],
               "paid_cents": amounts[-1]}  # fmt: skip
