"""The lines of a check's back that may be a stamp, one below another for one reading."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Box, Pixels
from ocr.components import components

_INK = 160
_TYPE = 5  # work pixels: no mark of type is lower
_LEAST_MARKS = 4  # of a line
_TALL, _NEAR_TALLEST = 11.5, 0.88  # pixels at 200 dpi, and share of the tallest line
_GAP = 10  # white rows between the parts
_AROUND = 5
_ACROSS, _TOGETHER = (19, 3), (27, 13)  # letters to lines, lines to blocks


@dataclass(frozen=True, slots=True)
class Stack:
    """Blocks of type cut from a page and put one below another, with where each was taken from.

    ``tops`` are the rows of ``picture`` at which the blocks begin, ``boxes`` theirs in the page;
    ``quarters`` the turns (as ``numpy.rot90``) that made their lines level.
    """

    picture: Pixels
    tops: tuple[int, ...]
    boxes: tuple[Box, ...]
    quarters: tuple[int, ...]

    def in_page(self, box: Box) -> Box:
        """A box of ``picture`` where it stands in the page."""
        x, y, width, height = box
        middle = y + height / 2
        place = max(0, sum(top <= middle for top in self.tops) - 1)
        left, top, wide, tall = self.boxes[place]
        y -= self.tops[place]
        if self.quarters[place] == 1:
            return left + wide - y - height, top + x, height, width
        if self.quarters[place] == 3:
            return left + y, top + tall - x - width, height, width
        return left + x, top + y, width, height


def stacked(printed: Pixels) -> Stack | None:
    """The larger type of a back (dark on white, near 200 dpi); None where there is none.

    Stamps are larger than the notices printed on backs, which say nothing that matters and are
    long to read; where all type is small all of it is taken. Lines that run up or down the page
    are turned level both ways.
    """
    ink = np.asarray(printed < _INK, np.uint8)
    boxes, level = _blocks(ink), 1
    if not boxes:
        boxes, level = _blocks(np.ascontiguousarray(ink.T)), 0
        boxes = [(y, x, height, width) for x, y, width, height in boxes]
    if not boxes:
        return None
    taken = [(box, quarter) for box in boxes for quarter in ((0,) if level else (1, 3))]
    crops = [np.rot90(_cut(printed, box), quarter) for box, quarter in taken]
    height = sum(crop.shape[0] + _GAP for crop in crops)
    picture = np.full((height, max(crop.shape[1] for crop in crops)), 255, np.uint8)
    tops, row = [], 0
    for crop in crops:
        picture[row : row + crop.shape[0], : crop.shape[1]] = crop
        tops.append(row)
        row += crop.shape[0] + _GAP
    return Stack(picture, tuple(tops), tuple(box for box, _ in taken), tuple(q for _, q in taken))


def _cut(printed: Pixels, box: Box) -> Pixels:
    x, y, width, height = box
    return printed[y : y + height, x : x + width]


def _blocks(ink: NDArray[np.uint8]) -> list[Box]:
    """Boxes around the larger lines that run across, lines close to one another in one box."""
    lines = _lines(ink)
    if not lines:
        return []
    least = min(_TALL, _NEAR_TALLEST * max(size for _, size in lines))
    chosen = np.zeros_like(ink)
    for (x, y, width, height), size in lines:
        if size >= least:
            chosen[y : y + height, x : x + width] = 1
    joined = cv2.dilate(chosen, np.ones(_TOGETHER[::-1], np.uint8))
    _, _, stats, _ = components(np.asarray(joined, np.uint8))
    blocks = []
    for x, y, width, height in sorted(stats[1:, :4].tolist(), key=lambda box: box[1]):
        blocks.append((int(x), int(y), int(width), int(height)))
    return blocks


def _lines(ink: NDArray[np.uint8]) -> list[tuple[Box, float]]:
    """Lines of type that run across, and how high their letters are."""
    _, _, stats, _ = components(ink)
    marks = stats[1:][stats[1:, 3] >= _TYPE]
    joined = np.asarray(cv2.dilate(ink, np.ones(_ACROSS[::-1], np.uint8)), np.uint8)
    _, labels, spans, _ = components(joined)
    own = labels[marks[:, 1] + marks[:, 3] // 2, marks[:, 0] + marks[:, 2] // 2]
    found = []
    for number in np.unique(own[own > 0]).tolist():
        heights = np.sort(marks[own == number, 3])
        x, y, width, height = (int(value) for value in spans[number, :4])
        if len(heights) >= _LEAST_MARKS and width > 2 * height:
            found.append(((x, y, width, height), float(heights[(3 * len(heights)) // 4])))
    return found
