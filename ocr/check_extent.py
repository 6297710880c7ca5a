"""Where on a page a check lies around its line: edges that the standard counts, sizes by form."""

from __future__ import annotations

from dataclasses import dataclass

from ocr.micr import MicrReading
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
