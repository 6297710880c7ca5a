"""One word of a page's table as the net for cells sees it: without pieces of the rows about it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.components import marks_of

_DARK = 140
_RULE_HIGH, _RULE_LONG = (
    0.22,
    0.6,
)  # of the crop's height and width: a flat stroke so long is a rule
_PIECE = 0.42  # of the crop's height: what comes in from above or below by no more is another row's


def tidied(crop: Pixels) -> Pixels:
    """The gray crop with rules, and what reaches in from the rows above and below, painted white.

    A rule makes the letters small beside it once the ink is scaled to the net's height.
    """
    high, wide = crop.shape
    if high < 8 or wide < 4:
        return crop
    marks = marks_of(crop < _DARK)
    stats = marks.stats
    top, tall = stats[:, 1], stats[:, 3]
    rules = (
        (tall <= _RULE_HIGH * high) & (stats[:, 2] >= _RULE_LONG * wide) & (stats[:, 2] > 2 * tall)
    )
    edge = (top == 0) | (top + tall == high)
    other = rules | (edge & (tall <= _PIECE * high))
    other[0] = False
    if not other.any() or not _enough_left(stats, other):
        return crop
    away = marks.mask(other)
    around = cv2.dilate(away, np.ones((3, 3), np.uint8)) > 0
    return np.where((away > 0) | (around & (crop >= _DARK)), np.uint8(255), crop)


def _enough_left(stats: NDArray[np.int32], other: NDArray[np.bool_]) -> bool:
    """Whether print is left as high as what is taken away."""
    kept = ~other
    kept[0] = False
    return bool(kept.any()) and int(stats[kept, 3].max()) >= int(stats[other, 3].max())
