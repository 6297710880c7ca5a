"""Lines of a scanned page with print in them that no word tells: a mark or a figure was lost."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from intake.types import Box, Word
from ocr.lost_print import uncovered
from ocr.text import PageText

_READ = 0.5  # of a word's confidence, from where its print counts as read
_REACH = 0.8  # heights of a word over and under its middle that print of its line stands in


def unread_lines(text: PageText, clean: NDArray[np.uint8], height: float) -> frozenset[Box]:
    """The lines, by box, in which print stands that was not read.

    What a line does not say then is not printed in it either where the line is none of these.
    ``clean`` is the page in gray without ruled lines, ``height`` that of its letters.
    """
    read = [word.box for word in text.words if word.confidence >= _READ]
    slope = math.tan(math.radians(text.skew_degrees))
    lost = uncovered(clean, read, height)
    return frozenset(
        line.box for line in text.lines if any(_in_line(line.words, box, slope) for box in lost)
    )


def _in_line(words: Sequence[Word], box: Box, slope: float) -> bool:
    """Whether a place is on the level of a line's words, however far from them."""
    across, middle = box[0] + box[2] / 2, box[1] + box[3] / 2
    near = min(words, key=lambda word: abs(word.box[0] + word.box[2] / 2 - across))
    x, y, wide, tall = near.box
    level = y + tall / 2 + slope * (across - x - wide / 2)
    return abs(middle - level) <= _REACH * max(tall, box[3])
