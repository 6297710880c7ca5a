"""The codes of the coupon in an envelope, where they show: its barcode and its scanline."""

from __future__ import annotations

from collections.abc import Sequence

from intake.types import Box, Page
from ocr.barcodes import Barcode, read_barcodes
from ocr.scanline import parse_payload, parse_scanline, scanline
from ocr.scanline_finder import ReadScanline, find_scanline
from ocr.text import Line, PageText
from ocr.types import Field

_LIKE_A_SCANLINE = 18  # digits in a row of print; of 29 some are lost
_SURE = {"text_layer": 0.99, "ocr_a": 0.99, "recogniser": 0.94}
"""By how a scanline was read (`lockbox bench scanline`)."""


def coupon_codes(page: Page, text: PageText, codes: Sequence[Barcode]) -> dict[str, Field]:
    """``barcodes`` and ``scanline`` of a coupon of ours; what does not show is left out.

    What the page's text makes of OCR-A is not believed, check digit or not: the row is read by
    itself. Around it the barcode is looked for again, sharpened and at twice the size.
    """
    found: dict[str, Field] = {}
    line = _scanline(page, text)
    row = line.box if line is not None else next(
        (each.box for each in text.lines if _digits(each) >= _LIKE_A_SCANLINE), None)  # fmt: skip
    ours = [code for code in codes if parse_payload(code.text) is not None]
    if not ours and row is not None:
        ours = [code for code in _around(page, row) if parse_payload(code.text) is not None]
    if ours:
        listed = [code.as_json() for code in ours]
        found["barcodes"] = Field(listed, 0.99, page.index, ours[0].box, "barcode")
    if line is not None:
        value = scanline(line.numbers)
        found["scanline"] = Field(value, _SURE[line.how], page.index, line.box, line.how)
    return found


def _scanline(page: Page, text: PageText) -> ReadScanline | None:
    """The scanline, from the text layer where there is one."""
    for each in text.lines if text.exact else ():
        numbers = parse_scanline(each.text)
        if numbers is not None:
            return ReadScanline(numbers, each.box, 1.0, "text_layer")
    return find_scanline(page.pixels, page.dpi)


def _digits(line: Line) -> int:
    return sum(char.isdigit() for char in line.text)


def _around(page: Page, row: Box) -> tuple[Barcode, ...]:
    """Barcodes within an inch of the row."""
    x, y, width, height = row
    inch = round(page.dpi or 200.0)
    top, left = max(0, y - inch), max(0, x - inch)
    crop = page.pixels[top : y + height + inch, left : x + width + inch]
    return read_barcodes(crop, thorough=True)
