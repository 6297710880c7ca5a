"""Where a MICR line leaves its straight baseline: curved paper, or a field printed by another.

The bank that encodes an amount does it on a machine of its own, so its field may stand higher or
lower than the rest of the line.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.components import components
from ocr.micr_glyphs import ink_level
from ocr.micr_line import Bend, MicrLine, strip

_UNIT = 1.0
_AROUND = 24.0  # half-units searched above and below the digits
_ALIKE = 0.14
_NEGLIGIBLE = 0.9  # half-units
_STEADY = 5  # marks whose median speaks for a place
_FARTHEST = 20.0
_BREAK = 34.0  # half-units between two marks of different fields
_LEAST, _MOST = 7.0, 26.0  # half-units: heights of what may be a symbol or a stroke of one
_INKY = 22.0
_NEAR = 16.0
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Survey:
    """What stands about a line: its ``bend``, and the page x of every mark that may be a symbol."""

    bend: Bend | None
    marks: Floats


def survey(strength: Pixels, line: MicrLine) -> Survey:
    """Look along the line, also somewhat above and below it, as far as the page goes."""
    band, to_page = strip(strength, line, _UNIT, _AROUND, _AROUND)
    boxes = _boxes(band)
    away = np.abs(boxes[:, 1] + boxes[:, 3] / 2.0 - (_AROUND + 9.0))
    high = (boxes[:, 3] >= _LEAST) & (boxes[:, 3] <= _MOST)
    glyphs = boxes[high & (boxes[:, 2] <= _MOST) & (boxes[:, 4] >= _INKY) & (away <= _NEAR)]
    marks = to_page[0, 0] * (glyphs[:, 0] + glyphs[:, 2] / 2.0) + to_page[0, 2]
    x, below = _digits(boxes)
    return Survey(_bend(x, below, line, to_page), np.asarray(marks, np.float64))


def _bend(x: Floats, below: Floats, line: MicrLine, to_page: Floats) -> Bend | None:
    """The line's departures from its baseline, None where they are too small to matter."""
    if len(x) < 4 or float(np.abs(below).max()) < _NEGLIGIBLE:
        return None
    steady = np.concatenate(
        [_running_median(part) for part in np.split(below, np.flatnonzero(np.diff(x) > _BREAK) + 1)]
    )
    if float(np.abs(steady).max()) < _NEGLIGIBLE:
        return None
    down = line.height / 18.0 / _UNIT
    return Bend(to_page[0, 0] * x + to_page[0, 2], steady * down)


def _boxes(band: NDArray[np.float32]) -> Floats:
    """Boxes and ink of the marks: x, y, width, height, area."""
    _, _, stats, _ = components((band > ink_level(band)).astype(np.uint8))
    return np.asarray(stats[1:], np.float64)


def _digits(boxes: Floats) -> tuple[Floats, Floats]:
    """Digit-high marks in order of x: middle x and distance below the line, in half-units."""
    high, wide = boxes[:, 3], boxes[:, 2]
    alike = (np.abs(high - 18.0) <= 18.0 * _ALIKE + 0.5) & (wide >= 5) & (wide <= 19)
    boxes = boxes[alike]
    x = boxes[:, 0] + boxes[:, 2] / 2.0
    below = boxes[:, 1] + boxes[:, 3] / 2.0 - (_AROUND + 9.0)
    # Where marks stand one above the other, the one nearest the line is the line's.
    kept: list[int] = []
    for number in np.argsort(np.abs(below)):
        if abs(below[number]) > _FARTHEST:
            break
        if all(abs(x[number] - x[other]) > 12.0 for other in kept):
            kept.append(int(number))
    order = sorted(kept, key=lambda number: x[number])
    return x[order], below[order]


def _running_median(values: Floats) -> Floats:
    """Medians of five, of fewer at the ends."""
    half = _STEADY // 2
    return np.array(
        [np.median(values[max(0, n - half) : n + half + 1]) for n in range(len(values))]
    )
