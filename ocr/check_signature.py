"""Whether a check front is signed."""

from __future__ import annotations

import re

import numpy as np

from intake.types import Box
from ocr.check_layout import INCH, Sheet, cut, writing
from ocr.check_read import Read
from ocr.check_trust import DOUBT, trusted
from ocr.components import components

_ON_FILE = re.compile(
    r"signature\s*(?:is\s*)?(?:on\s*file|not\s*required)|no\s*signature|authori[sz]ed\s+by\s+(?:your|our)"
    r"\s+(?:depositor|customer)",
    re.IGNORECASE,
)
_NONE_BELOW = 0.012
_SPECKS = 0.003
_STROKE = (0.3, 0.1)  # inches across and up: no letter of type reaches as far


def read_signed(sheet: Sheet) -> Read:
    """Whether there is a signature's ink on the line at the lower right."""
    box, ruled = _place(sheet)
    on_file = next((row for row in sheet.rows if _ON_FILE.search(row.text)), None)
    share, widest, tallest = _ink(sheet, box)
    signs = {
        "ruled": float(ruled), "share": min(0.2, share), "wide": widest, "tall": tallest,
        "on_file": float(on_file is not None),
    }  # fmt: skip
    pen_stroke = widest >= _STROKE[0] and tallest >= _STROKE[1]
    enough = share >= _NONE_BELOW and widest > 0.12
    signed = on_file is None and (enough or pen_stroke)
    some = share >= _SPECKS * (1 if tallest >= _STROKE[1] else 2)
    # Ink that is too little for a signature and too much for none.
    signs[DOUBT] = float(on_file is None and not enough and some)
    found = writing(sheet.clean, box) if signed else None
    where = on_file.box if on_file is not None else found[1] if found else box
    read = Read(signed, 0.5, where, "signed" if signed else "unsigned", signs=signs)
    told = trusted("signed", read)
    assert told is not None  # noqa: S101 - a read that is given comes back
    source = "tesseract" if on_file is not None else "ink"
    return Read(signed, told.confidence, where, source, signs=signs)


def _place(sheet: Sheet) -> tuple[Box, bool]:
    """Above the lowest rule at the right, else the lower right corner."""
    low = [
        rule for rule in sheet.rules
        if rule.y > 0.6 * sheet.floor and rule.right > 0.7 * sheet.width
        and rule.left > 0.35 * sheet.width and rule.length >= 1.1 * INCH
    ]  # fmt: skip
    if low:
        rule = low[-1]
        return (rule.left, rule.y - round(0.32 * INCH), rule.length, round(0.3 * INCH)), True
    box = (round(0.55 * sheet.width), round(0.72 * sheet.floor), round(0.42 * sheet.width),
           round(0.26 * sheet.floor))  # fmt: skip
    return box, False


def _ink(sheet: Sheet, box: Box) -> tuple[float, float, float]:
    """Share of dark pixels, and the largest mark's width and height in inches, type left out."""
    part = cut(sheet.clean, box).copy()
    for word in sheet.words:  # printed type under or on the line signs nothing
        x, y, width, height = word.box
        if word.confidence >= 0.8 and height <= 0.12 * INCH and len(word.text) >= 3:
            left, top = max(0, x - box[0]), max(0, y - box[1])
            part[top : max(0, y - box[1] + height), left : max(0, x - box[0] + width)] = 255
    if part.size == 0:
        return 0.0, 0.0, 0.0
    dark = np.asarray(part < 140, np.uint8)
    _, _, stats, _ = components(dark)
    marks = stats[1:]
    if not len(marks):
        return 0.0, 0.0, 0.0
    return float(dark.mean()), float(marks[:, 2].max()) / INCH, float(marks[:, 3].max()) / INCH
