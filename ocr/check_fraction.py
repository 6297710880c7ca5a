"""Cents written over a hundred: a short bar with small digits above and below it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from intake.types import Pixels
from ocr.components import components
from ocr.engine import Engines

_DIGITS = "0123456789xXoO"


@dataclass(frozen=True, slots=True)
class Fraction:
    """A bar in a crop: what is over it, and how far left the whole fraction reaches."""

    left: int
    right: int
    bar_top: int


def find_fraction(crop: Pixels) -> Fraction | None:
    """The last short level stroke with ink over and under it, None when there is none.

    Strokes of the digits touch the bar at times, so it is sought as a run of ink, not a mark.
    """
    dark = np.asarray(crop < 150, np.uint8)
    height, width = dark.shape
    if height < 24 or width < 40:
        return None
    runs = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, 16), np.uint8))
    joined = cv2.dilate(runs, np.ones((5, 5), np.uint8))
    _, _, stats, _ = components(joined)
    best: Fraction | None = None
    for x, y, wide, high, _ in stats[1:]:
        middle = y + high / 2
        if not (18 <= wide <= 90 and high <= 16 and 0.25 * height < middle < 0.8 * height):
            continue
        left, right = max(0, x - 4), min(width, x + wide + 4)
        over = dark[: max(0, y + 1), left:right]
        under = dark[y + high - 1 :, left:right]
        if over.sum() < 30 or under.sum() < 30 or _rows(over) < 8 or _rows(under) < 8:
            continue
        if best is None or right > best.right:
            best = Fraction(int(left), int(right), int(y + 2))
    return best


def _rows(part: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> int:
    return int(part.any(axis=1).sum())


def read_over(crop: Pixels, fraction: Fraction, engines: Engines) -> int | None:
    """The two digits over the bar (``xx`` and ``no`` are 0), None when they are not clear."""
    over = crop[: fraction.bar_top, max(0, fraction.left - 6) : fraction.right + 6]
    rows = np.flatnonzero((over < 150).any(axis=1))
    if len(rows) < 8:
        return None
    tight = over[rows[0] : rows[-1] + 1]
    padded = cv2.copyMakeBorder(tight, 8, 8, 10, 10, cv2.BORDER_CONSTANT, value=255.0)
    line = engines.line.read_line(np.asarray(padded, np.uint8), characters=_DIGITS)
    text = line.text.lower().replace("o", "0")
    if text in {"xx", "00", "x"}:
        return 0
    if len(text) == 2 and text.isdigit() and line.confidence >= 0.4:
        return int(text)
    return None
