"""Machine-readable print: OCR-A digits by own strokes, QR, Code 128, separator sheets, IMb."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import zxingcpp
from numpy.typing import NDArray
from reportlab.graphics.barcode.usps4s import USPS_4State

from web.demo.fonts import BOLD, MONO
from web.demo.sheet import BLACK, Point, Sheet

OCR_A_PITCH, OCR_A_WIDTH, OCR_A_HEIGHT, OCR_A_STROKE = 0.1, 0.055, 0.094, 0.0138
"""Size I of ISO 1073-1, in inches."""

# Strokes on a grid of 4 columns (0-4) and 6 rows (0 top - 6 bottom), after the look of ISO 1073-1.
_OCR_A: dict[str, tuple[tuple[Point, ...], ...]] = {
    "0": (((1, 0), (3, 0), (4, 1), (4, 5), (3, 6), (1, 6), (0, 5), (0, 1), (1, 0)),),
    "1": (((0.6, 0), (2, 0), (2, 6)), ((0, 6), (4, 6), (4, 4.6))),
    "2": (((0, 0), (4, 0), (4, 3), (0, 3), (0, 6), (4, 6)),),
    "3": (((0, 0), (4, 0), (4, 6), (0, 6)), ((1.2, 3), (4, 3))),
    "4": (((0, 0), (0, 3.6), (4, 3.6)), ((3, 2.2), (3, 6))),
    "5": (((4, 0), (0, 0), (0, 3), (4, 3), (4, 6), (0, 6)),),
    "6": (((0.4, 0), (0, 0.6), (0, 6), (4, 6), (4, 3), (0, 3)),),
    "7": (((0, 1.2), (0, 0), (4, 0), (4, 1.4), (1.8, 3.6), (1.8, 6)),),
    "8": (((0.8, 0), (3.2, 0), (3.2, 2.8), (0.8, 2.8), (0.8, 0)),
          ((0.8, 2.8), (0, 3.4), (0, 6), (4, 6), (4, 3.4), (3.2, 2.8))),
    "9": (((4, 3), (0, 3), (0, 0), (4, 0), (4, 5.4), (3.6, 6)),),
}  # fmt: skip


def ocr_a(sheet: Sheet, x: float, y: float, text: str) -> float:
    """Print digits and spaces in OCR-A, bottoms at ``y``; return the width in inches."""
    unit_x, unit_y = OCR_A_WIDTH / 4, OCR_A_HEIGHT / 6
    thick = max(2, round(OCR_A_STROKE * sheet.dpi))
    for place, symbol in enumerate(text):
        left = x + place * OCR_A_PITCH
        for stroke in _OCR_A.get(symbol, ()):
            points = [
                ((left + px * unit_x) * sheet.dpi, (y - OCR_A_HEIGHT + py * unit_y) * sheet.dpi)
                for px, py in stroke
            ]
            sheet.draw.line(points, BLACK, thick, joint="curve")
            for px, py in (points[0], points[-1]):
                radius = thick / 2 - 0.5
                sheet.draw.ellipse([px - radius, py - radius, px + radius, py + radius], BLACK)
    return len(text) * OCR_A_PITCH


@lru_cache(maxsize=512)
def _modules(payload: str, symbology: str) -> NDArray[np.uint8]:
    """The barcode at one pixel a module, quiet zone included, 0 is ink."""
    kind = zxingcpp.BarcodeFormat.QRCode if symbology == "qr" else zxingcpp.BarcodeFormat.Code128
    made = zxingcpp.create_barcode(payload, kind)
    return np.array(made.to_image(scale=1), dtype=np.uint8)


def qr(sheet: Sheet, x: float, y: float, payload: str, size: float) -> None:
    """A QR symbol, quiet zone included, in a square of about ``size`` inches."""
    modules = _modules(payload, "qr")
    step = max(1, round(size * sheet.dpi / modules.shape[0]))
    big = np.kron(modules, np.ones((step, step), np.uint8))
    sheet.stamp(big, x, y)


def code128(sheet: Sheet, x: float, y: float, payload: str, height: float,
            module: float = 0.0135) -> float:  # fmt: skip
    """A Code 128 bar ``height`` inches high with bars of whole pixels; return its width."""
    row = _modules(payload, "code128")[10:11]
    step = max(2, round(module * sheet.dpi))
    big = np.kron(row, np.ones((sheet.px(height), step), np.uint8))
    sheet.stamp(big, x, y)
    return float(big.shape[1]) / sheet.dpi


def separator(dpi: int, nonce: str) -> Sheet:
    """The sheet that ``lockbox separator`` prints: QR, Code 128 and the word."""
    payload = f"LOCKBOX-SEP*1*{nonce}"
    sheet = Sheet(8.5, 11, dpi)
    sheet.text(4.25, 1.6, "SEPARATOR", face=BOLD, pt=48, anchor="m")
    qr(sheet, 2.75, 2.6, payload, 3.0)
    code128(sheet, 2.4, 7.2, payload, 0.8, module=0.014)
    sheet.text(4.25, 8.6, payload, face=MONO, pt=11, anchor="m")
    sheet.text(4.25, 9.4, "Put this sheet between two envelopes.", pt=14, anchor="m")
    return sheet


@lru_cache(maxsize=512)
def imb_bars(digits: str) -> str:
    """The 65 bar states (T, A, D, F) of 20 tracking digits and 0, 5, 9 or 11 of routing."""
    bars = USPS_4State(digits[:20], digits[20:]).barcodes
    return "".join(bars)


def imb(sheet: Sheet, x: float, y: float, digits: str) -> float:
    """Print an Intelligent Mail barcode whose trackers are centred at ``y``; return its width."""
    pitch, thick = 1 / 22, 0.02
    half, stub = 0.0725, 0.024
    for place, state in enumerate(imb_bars(digits)):
        top = half if state in "AF" else stub
        bottom = half if state in "DF" else stub
        left = sheet.px(x + place * pitch)
        sheet.draw.rectangle(
            [left, sheet.px(y - top), left + sheet.px(thick) - 1, sheet.px(y + bottom)], BLACK
        )
    return 65 * pitch
