"""The codes of the coupon in an envelope, where they show: its barcode and its scanline."""

from __future__ import annotations

from collections.abc import Sequence

from intake.types import Page
from ocr.barcodes import Barcode, read_barcodes
from ocr.scanline import parse_payload, parse_scanline, scanline
from ocr.scanline_finder import find_scanline
from ocr.text import Line, PageText
from ocr.types import Field

_LIKE_A_SCANLINE = 18  # digits in a row of print; of 29 some are lost


def coupon_codes(page: Page, text: PageText, codes: Sequence[Barcode]) -> dict[str, Field]:
    """``barcodes`` and ``scanline`` of a coupon of ours; what does not show is left out.

    Where a row looks like a scanline, what stands around it is looked at again by itself: the
    row by the line recogniser, and the barcode sharpened and at twice the size.
    """
    found: dict[str, Field] = {}
    row = next((line for line in text.lines if _digits(line) >= _LIKE_A_SCANLINE), None)
    ours = [code for code in codes if parse_payload(code.text) is not None]
    if not ours and row is not None:
        ours = [code for code in _around(page, row) if parse_payload(code.text) is not None]
    if ours:
        listed = [code.as_json() for code in ours]
        found["barcodes"] = Field(listed, 0.99, page.index, ours[0].box, "barcode")
    for line in text.lines:
        numbers = parse_scanline(line.text)
        if numbers is not None:
            found["scanline"] = Field(scanline(numbers), 0.94, page.index, line.box, text.source)
    if row is not None and not found:
        again = find_scanline(page.pixels, page.dpi)
        if again is not None:
            value = scanline(again.numbers)
            found["scanline"] = Field(value, 0.94, page.index, again.box, "scanline")
    return found


def _digits(line: Line) -> int:
    return sum(char.isdigit() for char in line.text)


def _around(page: Page, row: Line) -> tuple[Barcode, ...]:
    """Barcodes within an inch of the row."""
    x, y, width, height = row.box
    inch = round(page.dpi or 200.0)
    top, left = max(0, y - inch), max(0, x - inch)
    crop = page.pixels[top : y + height + inch, left : x + width + inch]
    return read_barcodes(crop, thorough=True)
