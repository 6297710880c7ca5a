"""Rows of bars on both sides of a label, put together as the one code that the label cuts.

Each side is measured by itself, since its direction is too vague to follow it across the label;
how far apart they stand along the line tells how many bars lie between.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ocr import imb
from ocr.imb_strip import Sampled

_MOST = 6
_LEAN = 0.10  # between the directions of the two sides
_OFF_LINE = 1.5  # bars that a side may stand off the other's line


def together(sides: Sequence[Sampled]) -> Iterator[Sampled]:
    """What each row makes with the others in its line, where that is more than the row alone."""
    parts = [_Part(each) for each in sorted(sides, key=lambda one: -one.seen * one.clear)[:_MOST]]
    for place, part in enumerate(parts):
        made = part
        for other in parts[:place] + parts[place + 1 :]:
            joined = made.joined(other)
            made = joined if joined is not None else made
        if made is not part:
            yield made.sampled


class _Part:
    """A row with its bars from the first to the last that is shown."""

    def __init__(self, sampled: Sampled) -> None:
        self.sampled = sampled
        self.x, self.y = sampled.start
        across, down = sampled.end[0] - self.x, sampled.end[1] - self.y
        self.bars = sampled.bars
        self.pitch = math.hypot(across, down) / max(1, self.bars - 1)
        self.along = (across / self.pitch / max(1, self.bars - 1),
                      down / self.pitch / max(1, self.bars - 1))  # fmt: skip

    def turned(self) -> _Part:
        """The same row, told from its other end."""
        given = self.sampled
        held = np.zeros((imb.BARS, 2))
        held[: self.bars] = given.likelihoods[: self.bars][::-1, ::-1]
        return _Part(Sampled(held, given.seen, given.clear, given.end, given.start, self.bars))

    def joined(self, other: _Part) -> _Part | None:
        """Both as one row, the other on either side; None where they are not of one code."""
        agree = self.along[0] * other.along[0] + self.along[1] * other.along[1]
        if agree < 0:
            other = other.turned()
        lean = self.along[0] * other.along[1] - self.along[1] * other.along[0]
        pitch = (self.pitch + other.pitch) / 2
        if abs(lean) > _LEAN or abs(self.pitch - other.pitch) > 0.06 * pitch:
            return None
        one, two = self, other
        if (two.x - one.x) * one.along[0] + (two.y - one.y) * one.along[1] < 0:
            one, two = two, one
        x, y = two.x - one.x, two.y - one.y
        apart = math.hypot(x, y)
        number = round(apart / pitch)
        total = number + two.bars
        if number < one.bars or total > imb.BARS or abs(apart / pitch - number) > 0.35:
            return None
        off = max(abs(x * each.along[1] - y * each.along[0]) for each in (one, two))
        if off > _OFF_LINE * pitch + _LEAN * apart:
            return None
        held: NDArray[np.float64] = np.zeros((imb.BARS, 2))
        held[: one.bars] = one.sampled.likelihoods[: one.bars]
        held[number:total] = two.sampled.likelihoods[: two.bars]
        return _Part(
            Sampled(held, one.sampled.seen + two.sampled.seen,
                    min(one.sampled.clear, two.sampled.clear),
                    one.sampled.start, two.sampled.end, total)
        )  # fmt: skip
