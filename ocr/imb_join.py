"""Rows of bars on both sides of a label, measured again as the one code that the label cuts.

A side of a dozen bars is too short to tell its own direction: bars that go up at one end and down
at the other make it lean. The line through the middles of both sides is sure, and so is the pitch
that both share; how far apart they stand then tells how many bars lie between.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from intake.types import Pixels
from ocr import imb
from ocr.imb_rows import Row
from ocr.imb_strip import Sampled, across

_MOST = 6
_LEAN = 0.15  # between the directions of the two sides, and that of the line through both
_OFF_LINE = 1.0  # bars that a side may stand off its own line
_BEYOND = 2  # bars more than a code has, where the sides took in marks of the label
_PITCHES = 0.08


@dataclass(frozen=True, slots=True)
class _Side:
    """The middle of a row, its direction, and its length and pitch in pixels."""

    x: float
    y: float
    along: tuple[float, float]
    length: float
    pitch: float


def together(gray: Pixels, sides: Sequence[Sampled]) -> Iterator[Sampled]:
    """What each two rows in one line show as one code."""
    parts: list[_Side] = []
    for each in sorted(sides, key=lambda one: -one.seen * one.clear):
        side = _side(each)
        if len(parts) < _MOST and not any(_over(side, before) for before in parts):
            parts.append(side)
    for place, one in enumerate(parts):
        for two in parts[place + 1 :]:
            line = _line(one, two)
            if line is not None:
                row, ends = line
                yield from across(gray, row, ends)


def _side(each: Sampled) -> _Side:
    x, y = each.end[0] - each.start[0], each.end[1] - each.start[1]
    length = max(1.0, math.hypot(x, y))
    return _Side((each.start[0] + each.end[0]) / 2, (each.start[1] + each.end[1]) / 2,
                 (x / length, y / length), length, length / max(1, each.bars - 1))  # fmt: skip


def _over(one: _Side, two: _Side) -> bool:
    """Whether two rows stand at the same place."""
    return math.hypot(one.x - two.x, one.y - two.y) < max(one.length, two.length) / 2


def _line(one: _Side, two: _Side) -> tuple[Row, tuple[float, float]] | None:
    """The row from the far end of one to that of the other, and how long each is, first to last;
    None where they are not of one code."""
    x, y = two.x - one.x, two.y - one.y
    apart = math.hypot(x, y)
    along = (x / apart, y / apart)
    if along[0] * one.along[0] + along[1] * one.along[1] < 0:
        one, two, along = two, one, (-along[0], -along[1])
    pitch = (one.pitch + two.pitch) / 2
    length = apart + (one.length + two.length) / 2
    if abs(one.pitch - two.pitch) > _PITCHES * pitch:
        return None
    if length > (imb.BARS - 1 + _BEYOND) * pitch or apart < (one.length + two.length) / 2:
        return None
    for side in (one, two):
        lean = abs(along[0] * side.along[1] - along[1] * side.along[0])
        if lean > _LEAN + _OFF_LINE * pitch / apart:
            return None
    start = -one.length / 2, apart + two.length / 2
    middle = (start[0] + start[1]) / 2
    row = Row(one.x + middle * along[0], one.y + middle * along[1], *along, length, pitch)
    return row, (one.length, two.length)
