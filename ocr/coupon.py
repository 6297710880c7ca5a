"""Payment coupons: numbers from scanline, barcode and print, each confirming the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from intake.pixels import gray as to_gray
from intake.types import Box, Page, Pixels
from ocr import labels
from ocr.barcodes import Barcode
from ocr.fields import complete
from ocr.labels import Found
from ocr.scanline import CouponNumbers, parse_payload, parse_scanline, scanline
from ocr.scanline_finder import find_scanline
from ocr.text import PageText, around
from ocr.types import Alternative, Field, ReadingWarning
from ocr.values import parse_cents, parse_date

_ACCOUNT = ("account number", "patient account number", "patient account", "account",
            "patient number", "guarantor number", "responsible party number")  # fmt: skip
_STATEMENT = ("statement number", "invoice number", "bill number", "statement id")
_STATEMENT_DATE = ("statement date", "date of statement", "bill date", "billing date",
                   "invoice date")  # fmt: skip
_PATIENT = ("patient name", "patient", "name of patient")
_DUE = ("total amount due", "amount due", "balance due", "total due", "pay this amount",
        "total balance due", "new balance", "current balance", "amount now due",
        "account balance", "statement balance", "please pay")  # fmt: skip
_ENCLOSED = ("amount enclosed", "amount paid", "payment amount", "payment enclosed",
             "amount remitted", "show amount paid here")  # fmt: skip
_NOT_DUE = ("minimum", "min", "past", "insurance", "pending")
_CHANGED = ("address has changed", "address changed", "address is incorrect", "change of address",
            "address change", "new address", "if address has changed", "my address has changed",
            "address or insurance")  # fmt: skip

_LABEL_WORDS = {"account", "amount", "balance", "date", "due", "enclosed", "minimum", "number",
                "patient", "payment", "statement", "total"}  # fmt: skip

# Evidence to probability; text alone stays under 0.9 since nothing checks it.
_BARCODE_AND_SCANLINE = 0.998
_BARCODE_AND_TEXT = 0.995
_SCANLINE_AND_TEXT = 0.99
_BARCODE = 0.985
_SCANLINE = 0.94
_TEXT = 0.86
_LAYER_TEXT = 0.95
_CONTRADICTED = 0.5


def looks_like_coupon(text: PageText, codes: Sequence[Barcode]) -> float:
    """Probability that the page is a payment coupon, from its barcodes and words."""
    if any(parse_payload(code.text) for code in codes):
        return 0.995
    if any(parse_scanline(line.text) for line in text.lines):
        return 0.98
    signs = [
        any(labels.find_labels(text, _ACCOUNT + _STATEMENT)),
        any(labels.find_labels(text, _DUE)),
        any(labels.find_labels(text, _ENCLOSED)),
        any(labels.find_labels(text, ("return this portion", "detach and return",
            "return with payment", "detach here", "make check payable",
            "make checks payable", "remit payment")))
    ]  # fmt: skip
    return {0: 0.0, 1: 0.1, 2: 0.35, 3: 0.85, 4: 0.97}[sum(signs)]


def read_coupon(
    page: Page, text: PageText, codes: Sequence[Barcode]
) -> tuple[dict[str, Field | None], tuple[ReadingWarning, ...]]:
    """All coupon fields of a page, and what its sources disagree about."""
    scan, box = _scanline(page, text)
    coded, code_box = _payload(codes)
    fields: dict[str, Any] = {}
    warnings: list[ReadingWarning] = []
    printed = {
        "account_number": labels.value_of(text, _ACCOUNT, _is_number),
        "statement_number": labels.value_of(text, _STATEMENT, _is_number),
        "amount_due_cents": labels.value_of(
            text, _DUE, _is_amount, most_words=2, not_after=_NOT_DUE
        ),
    }
    for name, found in printed.items():
        seen: int | str | None = found.text if found else None
        if found and name == "amount_due_cents":
            seen = parse_cents(found.text)
        fields[name] = _agreed(
            page.index,
            (getattr(coded, name, None), code_box),
            (getattr(scan, name, None), box),
            (seen, found),
            exact=text.exact,
        )
        if fields[name] is not None and fields[name].confidence <= _CONTRADICTED:
            message = f"scanline, barcode and print do not say the same {name.replace('_', ' ')}"
            warnings.append(ReadingWarning("sources_disagree", message))
    if scan is not None:
        sure = 0.99 if coded == scan else _SCANLINE
        for name, value in (("scanline", scanline(scan)), ("scanline_valid", True)):
            fields[name] = Field(value, sure, page.index, box, "scanline")
    fields["barcodes"] = (
        Field([code.as_json() for code in codes], 0.99, page.index, codes[0].box, "barcode")
        if codes
        else None
    )
    fields["statement_on"] = _date(page.index, text)
    fields["patient_name"] = _name(page.index, text)
    fields["amount_enclosed_cents"] = _typed_amount(page.index, text)
    fields["address_changed"] = _ticked(page, text)
    return complete("coupon", fields), tuple(warnings)


def _payload(codes: Sequence[Barcode]) -> tuple[CouponNumbers | None, Box | None]:
    for code in codes:
        numbers = parse_payload(code.text)
        if numbers is not None:
            return numbers, code.box
    return None, None


def _scanline(page: Page, text: PageText) -> tuple[CouponNumbers | None, Box | None]:
    """The scanline from the text layer, or read where its characters stand."""
    for line in text.lines:
        found = parse_scanline(line.text) if text.exact else None
        if found is not None:
            return found, line.box
    seen = find_scanline(page.pixels, page.dpi)
    return (seen.numbers, seen.box) if seen is not None else (None, None)


def _agreed(
    page: int,
    coded: tuple[int | str | None, Box | None],
    scanned: tuple[int | str | None, Box | None],
    printed: tuple[int | str | None, Found | None],
    *,
    exact: bool,
) -> Field | None:
    """One value out of barcode, scanline and print, with the confidence their agreement gives."""
    found = printed[1]
    if printed[0] is None and found is None:
        printed = (None, None)
    text_sure = (_LAYER_TEXT if exact else _TEXT) * (found.confidence if found else 0.0)
    text_box = found.box if found else None
    bar, scan, seen = coded[0], scanned[0], printed[0]
    if bar is not None and scan is not None:
        if bar == scan:
            return Field(bar, _BARCODE_AND_SCANLINE, page, scanned[1], "barcode+scanline")
        other = (Alternative(scan, 0.4),)
        sure = 0.9 if seen == bar else _CONTRADICTED
        return Field(bar, sure, page, coded[1], "barcode", other)
    for value, box, both, alone, name in (
        (bar, coded[1], _BARCODE_AND_TEXT, _BARCODE, "barcode"),
        (scan, scanned[1], _SCANLINE_AND_TEXT, _SCANLINE, "scanline"),
    ):
        if value is None:
            continue
        if seen == value:
            return Field(value, both, page, text_box, f"{name}+text")
        # Print that differs is more often misread than a symbol with a check of its own.
        others = () if seen is None else (Alternative(seen, 0.1),)
        sure = alone if seen is None or not exact else _CONTRADICTED
        return Field(value, sure, page, box, name, others)
    if seen is None:
        return None
    return Field(seen, text_sure, page, text_box, "text_layer" if exact else "tesseract")


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"[A-Z0-9][A-Z0-9-]{3,19}", text)) and sum(
        c.isdigit() for c in text
    ) >= max(3, len(text) // 2)


def _is_amount(text: str) -> bool:
    return parse_cents(text) is not None


def _is_name(text: str) -> bool:
    words = text.replace(",", " ").split()
    if set(labels.tokens(text)) & _LABEL_WORDS:
        return False
    return 2 <= len(words) <= 4 and all(re.fullmatch(r"[A-Za-z][A-Za-z.'-]*", w) for w in words)


def _plain(page: int, text: PageText, found: Found | None, value: Any) -> Field | None:
    if found is None or value is None:
        return None
    sure = (_LAYER_TEXT if text.exact else _TEXT + 0.03) * found.confidence
    return Field(value, sure, page, found.box, text.source)


def _date(page: int, text: PageText) -> Field | None:
    found = labels.value_of(
        text, _STATEMENT_DATE, lambda t: parse_date(t) is not None, most_words=3
    )
    return _plain(page, text, found, parse_date(found.text) if found else None)


def _name(page: int, text: PageText) -> Field | None:
    found = labels.value_of(text, _PATIENT, _is_name, most_words=4)
    return _plain(page, text, found, found.text if found else None)


def _typed_amount(page: int, text: PageText) -> Field | None:
    """An enclosed amount that was typed; handwriting in the text engine's eyes stays unread."""
    if not text.exact:
        return None
    found = labels.value_of(text, _ENCLOSED, _is_amount, most_words=2)
    return _plain(page, text, found, parse_cents(found.text) if found else None)


def _ticked(page: Page, text: PageText) -> Field | None:
    """Whether the little square left of "my address has changed" holds ink."""
    for label in labels.find_labels(text, _CHANGED):
        words = text.lines[label.line].words[: label.last + 1]
        starts = [word for word in words if word.box[0] <= label.box[0]]
        # The box itself often reads as a short odd word.
        while len(starts) > 1 and not (starts[0].text.isalpha() and starts[0].confidence > 0.8):
            starts = starts[1:]
        left = around(word.box for word in starts[-6:])
        square = _square(page.pixels, left, label.box[3])
        if square is None:
            crossed = _crossed_square(page.pixels, left, label.box[3])
            if crossed is not None:
                return Field(value=True, confidence=0.88, page=page.index, box=crossed,
                             source="mark")  # fmt: skip
            continue
        x, y, width, height = square
        gray = page.pixels if page.pixels.ndim == 2 else page.pixels.min(axis=2)
        edge = max(2, round(0.22 * min(width, height)))
        inside = gray[y + edge : y + height - edge, x + edge : x + width - edge]
        paper = float(np.percentile(gray[max(0, y - height) : y + 2 * height], 80))
        share = float((inside < 0.72 * paper).mean()) if inside.size else 0.0
        marked = share > 0.10
        sure = 0.93 if marked else 0.95 if share < 0.03 else 0.8
        return Field(marked, sure, page.index, square, "mark")
    return None


def _square(pixels: Pixels, words: Box, height: int) -> Box | None:
    """A drawn square of about the text's height, left of the words."""
    gray = to_gray(pixels)
    reach = 8 * height
    left, top = max(0, words[0] - reach), max(0, words[1] - 2 * height)
    part = gray[top : words[1] + words[3] + 2 * height, left : words[0] + words[2]]
    if min(part.shape) < 8:
        return None
    _, ink = cv2.threshold(part, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    contours, _ = cv2.findContours(ink, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    best: Box | None = None
    for contour in contours:
        x, y, width, tall = cv2.boundingRect(contour)
        even = 0.75 < width / tall < 1.33 if tall else False
        if not even or not 0.75 * height <= tall <= 2.8 * height:
            continue
        if cv2.contourArea(contour) < 0.7 * width * tall:
            continue
        if best is None or width * tall > best[2] * best[3]:
            best = (left + x, top + y, width, tall)
    return best


def _crossed_square(pixels: Pixels, words: Box, height: int) -> Box | None:
    """A tick box that a pen stroke runs through: two level and two upright strokes, and more."""
    gray = to_gray(pixels)
    left, top = max(0, words[0] - 4 * height), max(0, words[1] - 2 * height)
    part = gray[top : words[1] + words[3] + 2 * height, left : max(left + 1, words[0])]
    if min(part.shape) < 8:
        return None
    _, ink = cv2.threshold(part, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, max(5, round(0.7 * height)))))
    upright = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((max(5, round(0.7 * height)), 1)))
    rows, columns = np.flatnonzero(across.any(axis=1)), np.flatnonzero(upright.any(axis=0))
    if not rows.size or not columns.size:
        return None
    tall, wide = int(rows[-1] - rows[0]), int(columns[-1] - columns[0])
    size = 0.75 * height <= tall <= 2.4 * height and 0.75 * height <= wide <= 2.4 * height
    if not size or not 0.7 < tall / max(1, wide) < 1.43:
        return None
    edge = max(2, round(0.2 * min(tall, wide)))
    inside = ink[rows[0] + edge : rows[-1] - edge, columns[0] + edge : columns[-1] - edge]
    if not inside.size or float((inside > 0).mean()) < 0.08:
        return None
    return (left + int(columns[0]), top + int(rows[0]), wide, tall)
