"""Where a coupon's scanline stands, and what the template and line readers make of it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray as to_gray
from intake.types import Box, Pixels
from ocr import engine, ocr_a
from ocr.components import components
from ocr.scanline import DIGITS, GROUPS, CouponNumbers, parse_scanline
from ocr.text import around

_FEWEST = DIGITS - 7  # characters that touch or broke apart
_DEFAULT_DPI = 200.0
_SURE_CHARACTER = 0.9


@dataclass(frozen=True, slots=True)
class ReadScanline:
    """A line whose check digit holds, its place, how sure its reader is, and which one it was.

    ``how``: ``ocr_a`` by templates, ``recogniser`` where they could not tell.
    """

    numbers: CouponNumbers
    box: Box
    confidence: float
    how: str


def find_scanline(pixels: Pixels, dpi: float | None) -> ReadScanline | None:
    """The lowest row of 29 characters that is read surely and whose check digit holds, or None."""
    gray = np.ascontiguousarray(to_gray(pixels), np.uint8)
    for row in _rows(gray, dpi or _DEFAULT_DPI)[:3]:
        seen = ocr_a.read(gray, row, GROUPS)
        if seen is not None and seen.sure:
            numbers, sure, how = parse_scanline(seen.text), seen.probability, "ocr_a"
        else:
            line = _recognised(gray, row)
            if line is None or (seen is not None and not seen.allows(line[0])):
                continue
            numbers, sure, how = parse_scanline(line[0]), line[1], "recogniser"
        if numbers is not None:
            return ReadScanline(numbers, around(_as_box(part) for part in row), sure, how)
    return None


def _recognised(gray: Pixels, row: NDArray[np.int32]) -> tuple[str, float] | None:
    """The 29 digits that the line recogniser sees, each of them surely; in any typeface.

    Its word alone is no more than a check digit that holds by luck, so it needs every character.
    """
    crop = _levelled(gray, row)
    for characters in ("0123456789 ", "0123456789"):
        line = engine.line_engine().read_line(crop, characters=characters)
        if parse_scanline(line.text) is not None and min(line.probabilities) >= _SURE_CHARACTER:
            return "".join(line.text.split()), line.confidence
    return None


def _as_box(part: NDArray[np.int32]) -> Box:
    return (int(part[0]), int(part[1]), int(part[2]), int(part[3]))


def _rows(gray: Pixels, dpi: float) -> list[NDArray[np.int32]]:
    """Rows of character-sized components, lowest first; each n x (x, y, width, height)."""
    soft = cv2.GaussianBlur(gray, (0, 0), max(0.3, 0.004 * dpi))
    block = max(3, int(0.2 * dpi) | 1)
    ink = cv2.adaptiveThreshold(
        soft, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 12
    )
    # A lost row of the printer's dots cuts digits in two; lines of text stay apart.
    mend = np.ones((max(2, round(0.02 * dpi)), 1), np.uint8)
    ink = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, mend)
    _, _, stats, _ = components(np.asarray(ink, np.uint8), connectivity=8)
    boxes = np.asarray(stats[1:, :4], np.int32)
    keep = (
        (boxes[:, 3] >= 0.055 * dpi)
        & (boxes[:, 3] <= 0.17 * dpi)
        & (boxes[:, 2] >= 0.008 * dpi)
        & (boxes[:, 2] <= 0.14 * dpi)
    )
    boxes = boxes[keep]
    boxes = boxes[np.lexsort((boxes[:, 1], boxes[:, 0]))]
    middles = boxes[:, 1] + boxes[:, 3] / 2
    free = np.ones(len(boxes), bool)
    rows: list[NDArray[np.int32]] = []
    for first in range(len(boxes)):
        if not free[first]:
            continue
        chain = [first]
        for other in range(first + 1, len(boxes)):
            last = chain[-1]
            apart = int(boxes[other, 0] - boxes[last, 0] - boxes[last, 2])
            if apart > 0.3 * dpi:
                break
            level = abs(float(middles[other] - middles[last])) <= 0.25 * boxes[last, 3]
            alike = 0.75 < boxes[other, 3] / boxes[last, 3] < 1.33
            if free[other] and level and alike and apart > -0.02 * dpi:
                chain.append(other)
        if len(chain) >= _FEWEST:
            free[chain] = False
            rows.append(boxes[chain])
    return sorted(rows, key=lambda row: -float(np.median(row[:, 1])))


def _levelled(gray: Pixels, row: NDArray[np.int32]) -> Pixels:
    """The row turned level, with half a character's height around it."""
    x = row[:, 0] + row[:, 2] / 2
    y = row[:, 1] + row[:, 3] / 2
    slope = float(np.polyfit(x, y, 1)[0])
    height = float(np.median(row[:, 3]))
    left, right = float(row[:, 0].min()), float((row[:, 0] + row[:, 2]).max())
    middle = float(np.median(y - slope * x))
    half = 0.9 * height
    start = left - height
    matrix = np.array([[1.0, 0.0, start], [slope, 1.0, slope * start + middle - half]])
    size = (int(right - left + 2 * height), max(8, int(2 * half)))
    crop = cv2.warpAffine(
        gray,
        matrix,
        size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop, np.uint8)
