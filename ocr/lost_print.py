"""Print on a page that no word covers: what stands between ruled lines or broke into pieces."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray
from intake.types import Box, Pixels
from ocr.components import Marks, marks_of

_INK = 140
_RULE = 2.0  # letters high: a straight stroke so much longer is a ruled line
_SPECK = 6  # pixels
_STEEPEST = 10.0  # times as wide as it rises, a dotted rule on a page that lies askew
_DOT, _DOTS_APART, _DOTTED_RULE = 0.35, 0.8, 6.0  # letters high: the same in dots
_LETTERS = 9.0  # letters high: a word whose letters touch is no wider
_ALONG, _INKED = 0.12, 0.3  # letters high over and under a stroke; of it with ink there
_THICK = 0.3  # letters high, at most, a short ruled line
_GAP = 0.45  # letters high: figures of one number stand no further apart
_LEAST, _MOST = 0.55, 1.7  # of a letter's height
_WIDEST = 14.0
_FEWEST, _CAPITALS, _FULL = 40, 0.7, 1.08  # marks; of their heights from the lowest


def without_rules(pixels: Pixels, height: float) -> NDArray[np.uint8]:
    """The page in gray, ruled and dotted lines painted white; ``height`` is that of its letters."""
    page = gray(pixels)
    ink = _ink_of(page)
    long = max(24, round(_RULE * height))
    flat = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    steep = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    flat = _no_strokes(np.asarray(flat, np.uint8), ink, height)
    rules = cv2.max(cv2.max(flat, steep), _dotted(ink, height))
    return np.asarray(cv2.max(page, cv2.dilate(rules, np.ones((3, 3), np.uint8))), np.uint8)


def _ink_of(page: Pixels) -> NDArray[np.uint8]:
    """255 where a gray page is dark, else 0."""
    return np.asarray(cv2.threshold(page, _INK - 1, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


def _no_strokes(
    flat: NDArray[np.uint8], ink: NDArray[np.uint8], height: float
) -> NDArray[np.uint8]:
    """Flat strokes without those of letters that touch: shorter, and with ink along them."""
    marks = marks_of(cv2.dilate(flat, np.ones((3, 3), np.uint8)))
    thick = np.ones((3, 1), np.uint8)
    other = cv2.subtract(ink, np.asarray(cv2.dilate(flat, thick), np.uint8))
    near = cv2.dilate(other, np.ones((2 * max(2, round(_ALONG * height)) + 1, 1), np.uint8))
    at = np.flatnonzero(flat != 0)
    own = marks.labels().ravel()[at]
    every = np.bincount(own, minlength=len(marks.stats))
    beside = np.asarray(near, np.uint8).ravel()[at] > 0
    along = np.bincount(own[beside], minlength=len(marks.stats))
    wide = marks.stats[:, 2]
    thin = every <= _THICK * height * wide
    rules = (wide >= _LETTERS * height) | (thin & (along <= _INKED * every))
    rules[0] = False
    return np.asarray(cv2.min(flat, marks.mask(rules)), np.uint8)


def _dotted(ink: NDArray[np.uint8], height: float) -> NDArray[np.uint8]:
    """The dots of rules and leaders: specks that stand in a row many letters long."""
    every = marks_of(ink)
    stats = every.stats
    specks = (stats[:, 2] <= _DOT * height) & (stats[:, 3] <= _DOT * height)
    specks[0] = False
    marks = every.mask(specks)
    reach = max(3, round(_DOTS_APART * height))
    joined = cv2.morphologyEx(marks, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    rows = marks_of(joined)
    extents = rows.stats
    long = extents[:, 2] >= np.maximum(_DOTTED_RULE * height, _STEEPEST * extents[:, 3])
    long[0] = False
    return np.asarray(cv2.min(marks, rows.mask(long)), np.uint8)


def letters_high(page: NDArray[np.uint8], boxes_high: float) -> float:
    """How high figures and capitals are printed on a page, in pixels.

    The engine's boxes (``boxes_high`` usually) are higher than their print where rows are askew;
    the marks themselves tell. ``page`` is gray without ruled lines.
    """
    stats = marks_of(_ink_of(page)).stats
    tall, wide = stats[1:, 3], stats[1:, 2]
    letters = (stats[1:, 4] >= _SPECK) & (tall >= 0.3 * boxes_high)
    letters &= (tall <= _MOST * boxes_high) & (wide <= 2 * boxes_high)
    if letters.sum() < _FEWEST:
        return boxes_high
    return min(boxes_high, _FULL * float(np.quantile(tall[letters], _CAPITALS)))


def uncovered(page: NDArray[np.uint8], words: Sequence[Box], height: float) -> list[Box]:
    """Boxes of print as high as letters (``height`` pixels) outside of ``words``, top to bottom.

    ``page`` is gray without ruled lines.
    """
    ink = _ink_of(page)
    for x, y, wide, tall in words:
        ink[max(0, y - 2) : y + tall + 2, max(0, x - 2) : x + wide + 2] = 0
    every = marks_of(ink)
    stats = every.stats
    high, long = stats[:, 3], stats[:, 2]
    run_together = (high >= _LEAST * height) & (long <= _LETTERS * height)  # of dark print
    marks = (stats[:, 4] >= _SPECK) & (high <= _MOST * height)
    marks &= (long <= 3 * height) | run_together
    marks[0] = False
    reach = max(3, round(_GAP * height))
    near = cv2.dilate(every.mask(marks), np.ones((1, 2 * reach + 1), np.uint8))
    found = []
    for x, y, wide, tall in _extents(marks_of(near), every, marks):
        figure = 0.8 * height <= tall <= 1.2 * height and wide >= 0.2 * height  # a lone 1
        wide_enough = wide >= 0.5 * height or figure
        if _LEAST * height <= tall <= _MOST * height and wide_enough and wide <= _WIDEST * height:
            found.append((x, y, wide, tall))
    return sorted(found, key=lambda box: (box[1], box[0]))


def _extents(groups: Marks, every: Marks, kept: NDArray[np.bool_]) -> list[Box]:
    """The extent of the kept marks in each group, which covers them whole."""
    if not kept.any():
        return []
    first = np.zeros(len(every.stats), np.intp)
    first[every.runs[::-1, 3]] = np.arange(len(every.runs))[::-1]
    begun = every.runs[first[kept]]
    numbers = groups.labels()[begun[:, 0], begun[:, 1]]
    order = np.argsort(numbers, kind="stable")
    left, top, wide, high = every.stats[kept][order, :4].T
    starts = np.flatnonzero(np.diff(numbers[order], prepend=-1))
    x, y = np.minimum.reduceat(left, starts), np.minimum.reduceat(top, starts)
    right, bottom = (
        np.maximum.reduceat(left + wide, starts),
        np.maximum.reduceat(top + high, starts),
    )
    return [
        (int(x1), int(y1), int(x2 - x1), int(y2 - y1))
        for x1, y1, x2, y2 in zip(x, y, right, bottom, strict=True)
    ]
