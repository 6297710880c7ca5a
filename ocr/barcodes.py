"""Barcodes of a page by zxing-cpp: symbology, text and box."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import zxingcpp

from intake.pixels import gray as to_gray
from intake.types import Box, Pixels

# Mail bears these; the rest of what zxing knows is left out, since each format more is another
# chance to see a barcode in a logo.
_FORMATS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.DataMatrix,
        zxingcpp.BarcodeFormat.PDF417,
        zxingcpp.BarcodeFormat.Code39,
        zxingcpp.BarcodeFormat.Aztec,
    ]
)


@dataclass(frozen=True, slots=True)
class Barcode:
    """One symbol: ``symbology`` as zxing names it (``QRCode``, ``Code128``, ...)."""

    symbology: str
    text: str
    box: Box

    def as_json(self) -> dict[str, str]:
        """``{symbology, text}`` (contract, coupon)."""
        return {"symbology": self.symbology, "text": self.text}


def read_barcodes(pixels: Pixels, *, thorough: bool = False) -> tuple[Barcode, ...]:
    """All symbols that pass their own checks, top down then left to right.

    ``thorough`` looks again at a sharpened picture of twice the size when there is none.
    """
    gray = to_gray(pixels)
    found = _read(np.ascontiguousarray(gray, np.uint8), 1.0)
    if not found and thorough:
        found = _read(*_sharpened(np.asarray(gray, np.uint8)))
    return found


def _sharpened(gray: Pixels) -> tuple[Pixels, float]:
    """Contrast stretched, edges raised, at most twice the size."""
    scale = 2.0 if max(gray.shape) <= 2600 else 1.0
    big = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(big, (0, 0), 3)
    sharp = cv2.addWeighted(big, 2.0, soft, -1.0, 0)
    even = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(8, 8)).apply(sharp)
    return np.asarray(even, np.uint8), scale


def _read(gray: Pixels, scale: float) -> tuple[Barcode, ...]:
    if min(gray.shape) < 16:
        return ()
    symbols: list[Any] = zxingcpp.read_barcodes(gray, _FORMATS, try_invert=False)
    height, width = gray.shape
    unscaled = (round(width / scale), round(height / scale))
    found = {
        Barcode(symbol.format.name, symbol.text, _box(symbol.position, scale, unscaled))
        for symbol in symbols
        if symbol.valid and symbol.text
    }
    return tuple(sorted(found, key=lambda code: (code.box[1], code.box[0], code.text)))


def _box(position: Any, scale: float, size: tuple[int, int]) -> Box:
    """The upright box around a symbol's corners, inside the page."""
    corners = (position.top_left, position.top_right, position.bottom_left, position.bottom_right)
    across = [min(size[0], max(0, round(corner.x / scale))) for corner in corners]
    down = [min(size[1], max(0, round(corner.y / scale))) for corner in corners]
    left, top = min(across), min(down)
    return (left, top, max(1, max(across) - left), max(1, max(down) - top))
