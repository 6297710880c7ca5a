"""Which instrument a check is: a person's, a business's, a money order, a bank's or another."""

from __future__ import annotations

import re
from typing import Literal

from ocr.check_layout import INCH, Sheet
from ocr.check_read import Read
from ocr.check_trust import trusted
from ocr.micr import MicrReading

Instrument = Literal[
    "personal", "business", "money_order", "postal_money_order", "cashier", "treasury",
    "bill_pay", "insurance", "canadian",
]  # fmt: skip

# Routing numbers that only one issuer uses (Federal Reserve, "Special routing numbers").
_TREASURY_ROUTING = ("000000518",)
_POSTAL_ROUTING = ("000000800", "000000204", "000008002")
_BY_PRINT: tuple[tuple[Instrument, re.Pattern[str]], ...] = (
    ("postal_money_order", re.compile(r"postal\s*money\s*order|postal\s+service|u\.?s\.?p\.?s\b")),
    ("money_order", re.compile(r"money\s*order|moneygram|western\s+union")),
    ("treasury", re.compile(r"united\s*states\s*treasury|disbursing|u\.?s\.?\s*treasury")),
    ("cashier", re.compile(r"cashier.?s?\s*check|official\s*check|teller.?s\s*check|"
                           r"bank\s*(?:check|draft)\b|\bremitter\b")),
    ("bill_pay", re.compile(r"signature\s*on\s*file|bill\s*pay|direction\s+of\s+(?:your|our)\s+"
                            r"(?:customer|depositor)|by\s+(?:your|our)\s+depositor|online\s*payment")),
)  # fmt: skip
_WIDTHS = (6.9 * INCH, 9.3 * INCH)  # business stock; a photo may show the table beside it
_INSURER = re.compile(
    r"\binsur|\bhealth|\bmutual\b|\bindemnity|\bassurance|\bmedicare|\bmedicaid|\bpart\s*b\b|"
    r"\bblue\s*(?:cross|shield)|\bbenefit|\bdental\s*plan|\blife\b|\bpayer\b"
)
_STUB = 1.7
"""A page this much higher than its one check has a stub on it."""


def read_instrument(sheet: Sheet, micr: MicrReading | None, *, share: float = 1.0) -> Read:
    """The kind of instrument, by its print, its MICR line and its size.

    ``share`` is the part of the page's height that the check takes up; an insurer's check is
    one with its stub on the same sheet.
    """
    kind, sign, box = _kind(sheet, micr, share)
    wide = sheet.width / INCH
    signs = {
        "wide": min(9.5, wide), "aux": float(micr is not None and micr.aux_on_us is not None),
        "words": float(min(60, len(sheet.words))), "micr": float(micr is not None),
        "insurer": float(_insurer(sheet)), "share": share,
    }  # fmt: skip
    read = trusted("instrument", Read(kind, 0.5, box, f"{kind}_{sign}", signs=signs))
    assert read is not None  # noqa: S101 - a read that is given comes back
    return Read(kind, read.confidence, box, sign, signs=signs)


def _kind(
    sheet: Sheet, micr: MicrReading | None, share: float
) -> tuple[Instrument, str, tuple[int, int, int, int]]:
    whole = (0, 0, sheet.width, max(1, sheet.floor))
    routing = micr.routing_number.value if micr and micr.routing_number else ""
    if routing in _TREASURY_ROUTING:
        return "treasury", "micr", whole
    if routing in _POSTAL_ROUTING:
        return "postal_money_order", "micr", whole
    if micr is not None and _canadian(micr.text):
        return "canadian", "micr", whole
    for kind, pattern in _BY_PRINT:
        for row in sheet.rows:
            if pattern.search(row.text.lower()):
                return kind, "tesseract", row.box
    wide = micr is None and _WIDTHS[0] < sheet.width < _WIDTHS[1]
    if (micr is not None and micr.aux_on_us is not None) or wide:
        stub = share < 1.0 / _STUB
        return ("insurance" if stub else "business"), "layout", whole
    return "personal", "layout", whole


def _insurer(sheet: Sheet) -> bool:
    high = [row for row in sheet.rows if row.box[1] < 0.3 * sheet.floor]
    return any(_INSURER.search(row.text.lower()) for row in high)


def _canadian(text: str) -> bool:
    """Transit as five digits of branch, a dash and three of institution (CPA Standard 006)."""
    return re.search(r"A[0-9]{5}D[0-9]{3}A", text) is not None
