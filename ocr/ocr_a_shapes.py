"""The digits of OCR-A, size I (ISO 1073-1), as strokes of our own description, and their templates.

Strokes run on a grid 4 wide and 6 high, 0/0 the upper left corner: a digit's centre lines. A pen
as wide as the standard's draws them; what scanners and printers make of it, thinner, bolder or
softer, is a template of its own. Two hands: the standard's proportions, and the plainer ones of
statement printers that have no such face and set the digits from straight strokes.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

DIGITS = "0123456789"
PITCH = 22
"""Pixels from one character to the next in the strip that is compared: a tenth of an inch."""
WIDE, HIGH = 20, 28
"""Pixels of a template: a digit with the white around it."""

Stroke = tuple[tuple[float, float], ...]
_GLYPH = (0.52, 0.89)  # of a pitch: width and height between the outer centre lines
_PENS = (0.10, 0.14, 0.19)  # of a pitch
_SOFT = 0.9  # pixels

_STANDARD: dict[str, tuple[Stroke, ...]] = {
    "0": (((0.2, 0), (3.8, 0), (4, 0.2), (4, 5.8), (3.8, 6), (0.2, 6), (0, 5.8), (0, 0.2),
           (0.2, 0)),),
    "1": (((0.4, 0), (2, 0), (2, 6)), ((0.4, 6), (3.8, 6), (3.8, 3.7))),
    "2": (((0.2, 0), (4, 0), (4, 3), (0.2, 3), (0.2, 6), (4, 6)),),
    "3": (((0, 0), (3.7, 0), (4, 0.3), (4, 2.7), (3.7, 3), (4, 3.3), (4, 5.7), (3.7, 6), (0, 6)),
          ((0.8, 3), (3.7, 3))),
    "4": (((0.4, 0), (0.4, 3.7), (3.8, 3.7)), ((3.2, 0.6), (3.2, 6))),
    "5": (((3.6, 0), (0.8, 0), (0.8, 3), (4, 3), (4, 6), (1.2, 6), (0, 5.6)),),
    "6": (((1, 0), (0.4, 0), (0.4, 6), (3.8, 6), (3.8, 3.5), (0.4, 3.5)),),
    "7": (((0.2, 0.6), (0.2, 0), (3.8, 0), (3.8, 2), (2, 3.6), (2, 6)),),
    "8": (((1, 0), (3, 0), (3, 2.8), (1, 2.8), (1, 0)),
          ((0.6, 2.9), (0.1, 3.4), (0.1, 6), (3.9, 6), (3.9, 3.4), (3.4, 2.9))),
    "9": (((4, 2.3), (0.4, 2.3), (0.4, 0), (4, 0), (4, 6), (3.4, 6)),),
}  # fmt: skip
_PLAIN: dict[str, tuple[Stroke, ...]] = {
    "0": (((1, 0), (3, 0), (4, 1), (4, 5), (3, 6), (1, 6), (0, 5), (0, 1), (1, 0)),),
    "1": (((0.6, 0), (2, 0), (2, 6)), ((0, 6), (4, 6), (4, 4.6))),
    "2": (((0, 0), (4, 0), (4, 3), (0, 3), (0, 6), (4, 6)),),
    "3": (((0, 0), (4, 0), (4, 6), (0, 6)), ((1.2, 3), (4, 3))),
    "4": (((0, 0), (0, 3.7), (4, 3.7)), ((3, 2), (3, 6))),
    "5": (((4, 0), (0, 0), (0, 3), (4, 3), (4, 6), (0, 6)),),
    "6": (((0.5, 0), (0, 0.6), (0, 6), (4, 6), (4, 3), (0, 3)),),
    "7": (((0, 1.2), (0, 0), (4, 0), (4, 1.5), (1.8, 3.5), (1.8, 6)),),
    "8": (((0.8, 0), (3.2, 0), (3.2, 2.8), (0.8, 2.8), (0.8, 0)),
          ((0.8, 2.8), (0, 3.5), (0, 6), (4, 6), (4, 3.5), (3.2, 2.8))),
    "9": (((4, 3), (0, 3), (0, 0), (4, 0), (4, 5.4), (3.5, 6)),),
}  # fmt: skip
_SIZES = (0.94, 1.0, 1.06)


@cache
def templates() -> NDArray[np.float32]:
    """Prints x 10 x (HIGH * WIDE): each digit centred, mean 0 and length 1.

    A print is one hand with one pen in one size; a line is all of one print.
    """
    made = [
        [_normal(_drawn(hand[digit], pen, size)) for digit in DIGITS]
        for hand in (_STANDARD, _PLAIN)
        for pen in _PENS
        for size in _SIZES
    ]
    return np.asarray(made, np.float32)


def _normal(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    flat = picture.ravel() - picture.mean()
    return np.asarray(flat / np.linalg.norm(flat), np.float32)


def _drawn(strokes: tuple[Stroke, ...], pen: float, size: float) -> NDArray[np.float32]:
    """A digit's ink, 0 to 1, drawn eight times as large and made small."""
    fine = 8
    wide, high = (span * PITCH * size for span in _GLYPH)
    canvas = np.zeros((HIGH * fine, WIDE * fine), np.uint8)
    left, top = (WIDE - wide) / 2, (HIGH - high) / 2
    for stroke in strokes:
        points = np.array([[left + x * wide / 4, top + y * high / 6] for x, y in stroke])
        cv2.polylines(canvas, [np.round(points * fine).astype(np.int32)], isClosed=False,
                      color=255, thickness=max(1, round(pen * PITCH * fine)))  # fmt: skip
    small = cv2.resize(canvas, (WIDE, HIGH), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small.astype(np.float32) / 255.0, (0, 0), _SOFT)
    return np.asarray(soft, np.float32)
