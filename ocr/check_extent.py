"""Where on a page a check lies around its line: edges that the standard counts, sizes by form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.micr import MicrReading
from ocr.micr_line import Floats
from ocr.side_by_side import right_edge

_LINE_TO_EDGE = 0.254  # inches from the digits' feet to the check's lower edge
PERSONAL = (6.0, 2.75)
_BUSINESS = (8.5, 3.5)
_BY_FORM = {
    "canadian": (6.75, 2.75),
    "postal_money_order": (7.75, 3.25),
    "treasury": (7.375, 3.25),
}
_SLACK = 0.06
_BEYOND = 0.25  # inches past an edge: checks are torn and tables show round them
_AS_WIDE = 0.6  # inches that a check may be wider than its form and be of its size
_LEAST_PRINT = 0.05  # inches high
_DARK = 125  # of 255, the strength of ink
_FEW, _MANY = 3, 8  # marks of print that are another check's, at a sure edge and at a likely one


@dataclass(frozen=True, slots=True)
class Extent:
    """The edges of a check in the pixels its line was read in."""

    left: float
    top: float
    right: float
    bottom: float


def extents(readings: list[MicrReading], shape: tuple[int, ...]) -> list[Extent]:
    """The extent of the check of each line, from top to bottom; none reaches into another."""
    kept: list[Extent] = []
    edges = [_lower_right(reading, shape) for reading in readings]
    for reading, (right, bottom) in zip(readings, edges, strict=True):
        dpi = reading.dpi
        wide, high = size_of(reading)
        left = min(max(0.0, right - (wide + 2 * _SLACK) * dpi), max(0.0, reading.box[0] - 4.0))
        top = bottom - (high + 2 * _SLACK) * dpi
        for other, (end, foot) in zip(readings, edges, strict=True):
            level = foot > top + 0.5 * dpi and bottom > foot - size_of(other)[1] * dpi
            if other is not reading and level and end < reading.box[0] + _SLACK * dpi:
                left = max(left, end - 2 * _SLACK * dpi)
        for above in kept:
            if above.left < right and left < above.right and above.bottom < bottom - 0.3 * dpi:
                top = max(top, above.bottom)
        kept.append(Extent(max(0.0, left), max(0.0, top), right, bottom))
    return kept


def alone_in(place: Extent, dpi: float, marks: Floats, strength: Pixels) -> Extent:
    """The check of a picture that has room for one: all of it, but for what is of another check.

    ``marks`` are boxes that may be glyphs (n x 4) in ``strength``. Print beyond the edges that the
    standard counts from the line is another's, from behind or beside. So is print above a check
    that is as wide as its form has it and yet higher.
    """
    height, width = float(strength.shape[0]), float(strength.shape[1])
    left, top, right, bottom = 0.0, 0.0, width, height
    marks = marks[marks[:, 3] >= _LEAST_PRINT * dpi]
    far, low = marks[:, 0] + marks[:, 2], marks[:, 1] + marks[:, 3]

    def printed(outside: NDArray[np.bool_]) -> int:
        return _dark(marks[outside], strength)

    if width - place.right > _BEYOND * dpi and printed(marks[:, 0] > place.right) >= _FEW:
        right = place.right
    if height - place.bottom > _BEYOND * dpi and printed(marks[:, 1] > place.bottom) >= _FEW:
        bottom = place.bottom
    above = place.top > _BEYOND * dpi and place.left < _AS_WIDE * dpi
    if above and printed(low < place.top) >= _MANY:
        left = place.left if printed(far < place.left) else 0.0
        top = place.top
    return Extent(left, top, right, bottom)


def _dark(marks: Floats, strength: Pixels) -> int:
    """How many marks are as dark as print: the grain of a table and the rim of a sheet are not."""
    boxes = marks.round().astype(int).tolist()
    return sum(int(strength[y : y + h, x : x + w].max()) >= _DARK for x, y, w, h in boxes)


def size_of(reading: MicrReading) -> tuple[float, float]:
    """Width and height in inches that a check with such a line usually has."""
    usual = _BUSINESS if reading.aux_on_us is not None else PERSONAL
    return _BY_FORM.get(reading.form, usual)


def _lower_right(reading: MicrReading, shape: tuple[int, ...]) -> tuple[float, float]:
    """The check's right and lower edge by its line, a little beyond, as far as the page goes."""
    dpi = reading.dpi
    feet = reading.line.bottom_at(reading.box[0] + reading.box[2] / 2)
    right = min(right_edge(reading) + _SLACK * dpi, float(shape[1]))
    return right, min(feet + (_LINE_TO_EDGE + _SLACK) * dpi, float(shape[0]))
