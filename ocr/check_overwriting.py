"""Writing over writing: a figure pressed on another, and lines struck through what was written."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Box, Pixels
from ocr.check_layout import cut
from ocr.components import components

_INK = 150
_FINER = 2  # times: strokes are three or four pixels wide at 200 dpi
_LEAST_AREA = 80
_HIGH = 0.45  # of the highest mark: what is lower is a point, a comma or raised cents
_WIDE = 0.7  # of the amount: what is wider is several figures grown together
_FEWEST = 3
_HEAVIER = 2.8  # stroke and thickest spot, each as a multiple of the other marks' largest
_USUAL = 1.2  # its usual stroke likewise: of a figure whose loop ran full only a spot is thick
_NARROW = 28  # pixels of the finer picture, 0.07 inch: such figures run full in a soft picture
_FILLED = 0.85  # of the others' share of ink in their boxes
_STRONG = 90
_LONGEST_ROOM = 100
_SEEN_RUN, _JOINED = 31, 25
_LEAST_STRIKE = 60
_ALONG = 0.9  # of the writing's length
_PAST = 45
_MIDDLE = (0.2, 0.8)  # of the writing's height
_UNBROKEN = 0.8  # of its length: strokes that happen to stand in line leave gaps
_CROSSINGS = 3
THROUGH = 0.15
"""Share of a strike's length with strokes above and below at once, at least."""
THROUGH_FIGURES = 0.25
"""The same of figures, which bars of fractions and sides of a box run into."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """One figure: width, half widths of its stroke (broad, usual, thickest), its box's inked share.

    In pixels of the finer picture.
    """

    width: int

    stroke: float
    usual: float
    thickest: float
    filled: float


def overwritten(clean: Pixels, box: Box, sign: Box | None = None) -> bool:
    """Whether one figure of the numerals in ``box`` has much heavier strokes than all others.

    ``clean`` is dark ink on white at 200 dpi. ``sign`` is the printed "$", which is no figure.
    The first mark is not judged: it may be a sign that nobody read.
    """
    x, y, width, height = box
    part = cut(clean, (x - 6, y - 6, width + 12, height + 12)).copy()
    if min(part.shape) < 10:
        return False
    if sign is not None:
        end = sign[0] + sign[2] + 2 - (x - 6)
        part[:, : max(0, end)] = 255
    figures = _marks(part)
    if len(figures) < _FEWEST + (sign is None):
        return False
    for place, one in enumerate(figures):
        if place == 0:
            continue  # it may be the printed sign, which is bold, or the side of a box
        others = figures[:place] + figures[place + 1 :]
        stroke = one.stroke / max(other.stroke for other in others)
        spot = one.thickest / max(other.thickest for other in others)
        usual = one.usual / max(other.usual for other in others)
        filled = one.filled / float(np.median([other.filled for other in others]))
        if one.width < _NARROW:
            continue
        heavy = min(stroke, spot) > 1.0 and stroke * spot >= _HEAVIER
        if heavy and usual >= _USUAL and filled >= _FILLED:
            return True
    return False


def _marks(part: Pixels) -> list[_Mark]:
    """The figures from left."""
    fine = cv2.resize(part, None, fx=_FINER, fy=_FINER, interpolation=cv2.INTER_CUBIC)
    ink = np.asarray(fine < _INK, np.uint8)
    count, labels, stats, _ = components(ink, connectivity=8)
    if count < 2:
        return []
    depth = cv2.distanceTransform(ink, cv2.DIST_L2, 5)
    ridge = (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)) - 1e-3) & (ink > 0)
    large = stats[:, 4] >= _LEAST_AREA
    large[0] = False
    highest = int(stats[large, 3].max()) if large.any() else 0
    found = []
    for number in np.argsort(stats[:, 0], kind="stable"):
        _, _, width, height, area = stats[number]
        if not large[number] or height < _HIGH * highest or width > _WIDE * fine.shape[1]:
            continue
        own = labels == number
        broad, usual = (float(v) for v in np.percentile(depth[own & ridge], (90, 50)))
        share = float(area / (width * height))
        found.append(_Mark(int(width), broad, usual, float(depth[own].max()), share))
    return found


def struck(strength: Pixels, box: Box, *, through: float = THROUGH) -> bool:
    """Whether a line runs through the writing in ``box``, from one end of it to the other.

    ``strength`` is bright ink at 200 dpi. A line that the form prints goes on beyond the writing
    or stands under it; bars of fractions are short.
    """
    x, y, width, height = box
    left, top = max(0, x - _LONGEST_ROOM), max(0, y - 10)
    part = cut(strength, (left, top, width + 2 * _LONGEST_ROOM, height + 20))
    if min(part.shape) < 12:
        return False
    ink = np.asarray(part > _STRONG, np.uint8)
    tall = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    runs = cv2.morphologyEx(tall, cv2.MORPH_OPEN, np.ones((1, _SEEN_RUN), np.uint8))
    lines = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((3, _JOINED), np.uint8))
    _, labels, stats, _ = components(np.asarray(lines, np.uint8), connectivity=8)
    for number in range(1, len(stats)):
        a, b, wide, high, _ = (int(value) for value in stats[number])
        within = left + a >= x - _PAST and left + a + wide <= x + width + _PAST
        level = (top + b + high / 2 - y) / height
        amid = _MIDDLE[0] <= level <= _MIDDLE[1]
        long = wide >= max(_LEAST_STRIKE, _ALONG * width)
        if not (long and within and amid and high <= max(16, 0.12 * wide + 8)):
            continue
        own = np.asarray(labels[b : b + high, a : a + wide] == number)
        seen = (own & (runs[b : b + high, a : a + wide] > 0)).any(axis=0)
        if seen.mean() >= _UNBROKEN and _goes_through(ink[:, a : a + wide], own, b, through):
            return True
    return False


def _goes_through(
    ink: NDArray[np.uint8], line: NDArray[np.bool_], top: int, through: float
) -> bool:
    """Whether strokes stand above and below the line at once, in many places."""
    both = np.zeros(line.shape[1], np.bool_)
    for column in range(line.shape[1]):
        rows = np.flatnonzero(line[:, column])
        if len(rows):
            first, last = top + int(rows[0]), top + int(rows[-1])
            above = ink[max(0, first - 9) : max(0, first - 1), column].any()
            both[column] = above and ink[last + 2 : last + 10, column].any()
    crossings = int((np.diff(both.astype(np.int8), prepend=0) == 1).sum())
    return bool(both.mean() >= through and crossings >= _CROSSINGS)
