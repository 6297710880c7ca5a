"""Cents written over a hundred: a short bar with small digits above and below it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.components import components

_DARK = 150
_BEHIND = 44  # pixels at 200 dpi that may stand right of the bar


@dataclass(frozen=True, slots=True)
class Fraction:
    """A bar in a crop: how far left and right it reaches, and the row above which the cents are."""

    left: int
    right: int
    bar_top: int


def find_fraction(crop: Pixels) -> Fraction | None:
    """The short level stroke at the end with ink over and under it, None when there is none.

    Strokes of the digits touch the bar at times, so it is sought as a run of ink, not a mark.
    """
    dark = np.asarray(crop < _DARK, np.uint8)
    height, width = dark.shape
    if height < 24 or width < 40:
        return None
    runs = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, 13), np.uint8))
    joined = cv2.dilate(runs, np.ones((5, 5), np.uint8))
    _, _, stats, _ = components(joined)
    best: Fraction | None = None
    for x, y, wide, high, _ in stats[1:]:
        middle = y + high / 2
        if x + wide < width - _BEHIND:
            continue
        if not (16 <= wide <= 90 and high <= 16 and 0.25 * height < middle < 0.8 * height):
            continue
        left, right = max(0, x - 4), min(width, x + wide + 4)
        over = dark[: max(0, y + 1), left:right]
        under = dark[y + high - 1 :, left:right]
        if over.sum() < 20 or under.sum() < 20 or _rows(over) < 6 or _rows(under) < 5:
            continue
        if best is None or right > best.right:
            best = Fraction(int(left), int(right), int(y + 2))
    return best


def find_raised(crop: Pixels) -> Fraction | None:
    """Small figures that stand raised behind the last full one; None when there are none.

    A bar under them, whatever stands under that, and a decimal point do not count as theirs.
    """
    dark = np.asarray(crop < _DARK, np.uint8)
    height, width = dark.shape
    if height < 16 or width < 24:
        return None
    _, _, stats, _ = components(dark)
    marks = stats[1:][stats[1:, 4] >= 6]
    tall = marks[(marks[:, 3] >= 0.55 * height) & (marks[:, 2] <= 1.6 * marks[:, 3])]
    if not len(tall):
        return None
    figure, base = float(np.median(tall[:, 3])), float(np.median(tall[:, 1] + tall[:, 3]))
    full = marks[(marks[:, 3] >= 0.8 * figure) & (marks[:, 1] + marks[:, 3] >= base - 0.2 * figure)]
    if not len(full):
        return None
    end = int((full[:, 0] + full[:, 2]).max())
    behind = marks[marks[:, 0] >= end - 2]
    figures = behind[(behind[:, 3] >= 0.25 * figure) & (behind[:, 1] < base - 0.5 * figure)]
    if not len(figures) or int(figures[:, 3].max()) > 0.78 * figure:
        return None
    left, right = int(figures[:, 0].min()), int((figures[:, 0] + figures[:, 2]).max())
    if right - left < 0.45 * figure or right < width - _BEHIND:
        return None
    foot = _bar_under(dark[:, left:right], int(figures[:, 1].min()))
    if foot is None:
        foot = int((figures[:, 1] + figures[:, 3]).max())
        if foot > base - 0.15 * figure:
            return None
    return Fraction(left, right, foot)


def _bar_under(part: NDArray[np.uint8], top: int) -> int | None:
    """The first row, well below ``top``, of which a level stroke fills most."""
    wide = part.shape[1]
    runs = cv2.morphologyEx(part, cv2.MORPH_OPEN, np.ones((1, max(5, round(0.5 * wide))), np.uint8))
    rows = np.flatnonzero(runs.sum(axis=1) >= 0.6 * wide)
    below = rows[rows >= top + 7]
    return int(below[0]) if len(below) else None


def _rows(part: NDArray[np.uint8]) -> int:
    return int(part.any(axis=1).sum())


def over_bar(crop: Pixels, fraction: Fraction) -> Pixels | None:
    """What stands over the bar, cut tightly and padded with paper; None when that is nothing."""
    over = crop[: fraction.bar_top, max(0, fraction.left - 8) : fraction.right + 6]
    dark = over < _DARK
    # The last digit of the dollars may reach in: start at the gap nearest to the bar's end.
    gaps = np.flatnonzero(~dark[:, :14].any(axis=0))
    start = int(gaps[-1]) if len(gaps) else 0
    over, dark = over[:, start:], dark[:, start:]
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if len(rows) < 6 or len(columns) < 5:
        return None
    tight = over[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.asarray(
        cv2.copyMakeBorder(tight, 6, 6, 8, 8, cv2.BORDER_CONSTANT, value=255.0), np.uint8
    )
