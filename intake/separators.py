"""Separator sheets: printed before a scan to part one envelope from the next, and found again."""

from __future__ import annotations

import io
import secrets
from collections.abc import Sequence

import cv2
import numpy as np
import zxingcpp
from reportlab.graphics import renderPDF
from reportlab.graphics.barcode.code128 import Code128
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib.pagesizes import letter
from reportlab.lib.units import inch
from reportlab.pdfgen.canvas import Canvas

from intake.pixels import gray
from intake.types import Pixels
from records.errors import WrongUse

PREFIX = "LOCKBOX-SEP"
MAX_SHEETS = 1_000

_SCAN_SIDE = 1_200
"""Long side in pixels at which sheets are looked for: some 110 dpi, four pixels a QR module."""
_FORMATS = "QRCode,Code128"


def payload_of(nonce: str) -> str:
    """What a sheet's codes say: mark, version, and the sheet's own number."""
    return f"{PREFIX}*1*{nonce}"


def separator_pdf(count: int, nonces: Sequence[str] = ()) -> bytes:
    """``count`` sheets (1 to 1,000) as a letter-size PDF for any black-and-white printer.

    Each has a QR code, a Code 128 bar, the word SEPARATOR and a short number that a person can
    say. ``nonces`` names the sheets; missing ones are drawn at random. Raises ``WrongUse``.
    """
    if not 1 <= count <= MAX_SHEETS:
        raise WrongUse("wrong_count", f"Print 1 to {MAX_SHEETS} separator sheets at a time.")
    names = [*nonces[:count], *(secrets.token_hex(3).upper() for _ in range(count - len(nonces)))]
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=letter)
    canvas.setTitle("Separator sheets")
    canvas.setAuthor("Open Lockbox")
    for number, name in enumerate(names, start=1):
        _draw_sheet(canvas, name, f"{number} / {count}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw_sheet(canvas: Canvas, nonce: str, place: str) -> None:
    width, height = letter
    payload = payload_of(nonce)
    canvas.setFont("Helvetica-Bold", 54)
    canvas.drawCentredString(width / 2, height - 1.3 * inch, "SEPARATOR")
    side = 4.2 * inch
    code = QrCodeWidget(payload, barLevel="H", barWidth=side, barHeight=side, barBorder=4)
    drawing = Drawing(side, side)
    drawing.add(code)
    renderPDF.draw(drawing, canvas, (width - side) / 2, height - 1.7 * inch - side)
    bars = Code128(payload, barWidth=0.022 * inch, barHeight=0.8 * inch, humanReadable=False)
    bars.drawOn(canvas, (width - bars.width) / 2, height - 7.2 * inch)
    canvas.setFont("Helvetica-Bold", 28)
    canvas.drawCentredString(width / 2, height - 8.1 * inch, nonce)
    canvas.setFont("Helvetica", 13)
    lines = (
        "Lay one sheet before each envelope's papers, this side the way you scan.",
        "Sheets can be used again and again. Do not fold across the codes.",
        f"Sheet {place}",
    )
    for row, line in enumerate(lines):
        canvas.drawCentredString(width / 2, height - (8.6 + 0.3 * row) * inch, line)


def read_separator(pixels: Pixels) -> str | None:
    """The payload when the page is a separator sheet, either way up; else None.

    A small copy is looked at first. A sheet that is missed joins two envelopes, so a page whose
    small copy shows none is looked at in full: shrinking by an odd factor can blur the modules.
    """
    image = gray(pixels)
    shrink = _SCAN_SIDE / max(image.shape)
    if shrink < 1:
        small = cv2.resize(image, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        found = _payload(np.asarray(small, dtype=np.uint8))
        if found is not None:
            return found
    return _payload(image)


def _payload(image: Pixels) -> str | None:
    formats = zxingcpp.barcode_formats_from_str(_FORMATS)
    found = zxingcpp.read_barcodes(image, formats=formats, try_invert=False)
    return next((code.text for code in found if code.text.startswith(PREFIX)), None)
