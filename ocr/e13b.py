"""E-13B magnetic ink characters: the 14 glyphs as data, drawn at any resolution.

ANSI X9.100-20 / ISO 1004: a unit is 0.013 inch, the grids below are on half-units. Symbols stand
on a pitch of 1/8 inch measured at their right edges; a digit is 18 half-units (0.117 inch) high.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels

HALF_UNIT_INCH = 0.0065
PITCH_INCH = 0.125
DIGIT_ROWS = 18
DIGIT_HEIGHT_INCH = DIGIT_ROWS * HALF_UNIT_INCH
STRIP_HEIGHT_INCH = 0.25
CLEAR_BAND_INCH = 0.625
"""Height of the band at a check's foot in which nothing but this line may stand."""
PITCH_HALF_UNITS = PITCH_INCH / HALF_UNIT_INCH

OFFSETS: dict[str, int] = {"C": 1, "D": 5}
"""Half-units between the top of a digit and the top of the symbol, where that is not 0."""

# `A` transit, `B` amount, `C` on-us, `D` dash; `X` is ink.
GRIDS: dict[str, tuple[str, ...]] = {
    "0": (
        "..XXXXXXXXXX..",
        ".XXXXXXXXXXXX.",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        "XX..........XX",
        ".XXXXXXXXXXXX.",
        "..XXXXXXXXXX..",
    ),
    "1": (
        "XXXX....",
        "XXXX....",
        "XXXX....",
        "..XX....",
        "..XX....",
        "..XX....",
        "..XX....",
        "..XX....",
        "..XX....",
        "..XX....",
        "XXXXXXXX",
        "XXXXXXXX",
        "XXXXXXXX",
        "XXXXXXXX",
        "XXXXXXXX",
        "XXXXXXXX",
        "XXXXXXXX",
        "XXXXXXXX",
    ),
    "2": (
        "XXXXXXXX",
        "XXXXXXXX",
        "......XX",
        "......XX",
        "......XX",
        "......XX",
        "......XX",
        "......XX",
        "XXXXXXXX",
        "XXXXXXXX",
        "XX......",
        "XX......",
        "XX......",
        "XX......",
        "XX......",
        "XX......",
        "XXXXXXXX",
        "XXXXXXXX",
    ),
    "3": (
        "XXXXXXXX..",
        "XXXXXXXX..",
        "......XX..",
        "......XX..",
        "......XX..",
        "......XX..",
        "......XX..",
        "......XX..",
        "XXXXXXXX..",
        "XXXXXXXXXX",
        "......XXXX",
        "......XXXX",
        "......XXXX",
        "......XXXX",
        "......XXXX",
        "......XXXX",
        "XXXXXXXXXX",
        "XXXXXXXXXX",
    ),
    "4": (
        "XXXX........",
        "XXXX........",
        "XXXX........",
        "XXXX........",
        "XXXX........",
        "XXXX........",
        "XXXX........",
        "XXXX........",
        "XXXX........",
        "XXXX........",
        "XXXX....XXXX",
        "XXXX....XXXX",
        "XXXXXXXXXXXX",
        "XXXXXXXXXXXX",
        "........XXXX",
        "........XXXX",
        "........XXXX",
        "........XXXX",
    ),
    "5": (
        "XXXXXXXXXX",
        "XXXXXXXXXX",
        "XX........",
        "XX........",
        "XX........",
        "XX........",
        "XX........",
        "XX........",
        "XXXXXXXXXX",
        "XXXXXXXXXX",
        "........XX",
        "........XX",
        "........XX",
        "........XX",
        "........XX",
        "........XX",
        "XXXXXXXXXX",
        "XXXXXXXXXX",
    ),
    "6": (
        "XXXXXXXX....",
        "XXXXXXXX....",
        "XX....XX....",
        "XX....XX....",
        "XX....XX....",
        "XX..........",
        "XX..........",
        "XX..........",
        "XX..........",
        "XX..........",
        "XXXXXXXXXXXX",
        "XXXXXXXXXXXX",
        "XX........XX",
        "XX........XX",
        "XX........XX",
        "XX........XX",
        "XXXXXXXXXXXX",
        "XXXXXXXXXXXX",
    ),
    "7": (
        "XXXXXXXXXX",
        "XXXXXXXXXX",
        "XX......XX",
        "XX......XX",
        "XX......XX",
        "XX......XX",
        "........XX",
        ".......XXX",
        ".....XXXX.",
        "....XXX...",
        "....XX....",
        "....XX....",
        "....XX....",
        "....XX....",
        "....XX....",
        "....XX....",
        "....XX....",
        "....XX....",
    ),
    "8": (
        "..XXXXXXXXXX..",
        "..XXXXXXXXXX..",
        "..XX......XX..",
        "..XX......XX..",
        "..XX......XX..",
        "..XX......XX..",
        "..XX......XX..",
        "..XX......XX..",
        "..XXXXXXXXXX..",
        "XXXXXXXXXXXXXX",
        "XXXX......XXXX",
        "XXXX......XXXX",
        "XXXX......XXXX",
        "XXXX......XXXX",
        "XXXX......XXXX",
        "XXXX......XXXX",
        "XXXXXXXXXXXXXX",
        "XXXXXXXXXXXXXX",
    ),
    "9": (
        "XXXXXXXXXXXX",
        "XXXXXXXXXXXX",
        "XX........XX",
        "XX........XX",
        "XX........XX",
        "XX........XX",
        "XX........XX",
        "XX........XX",
        "XXXXXXXXXXXX",
        "XXXXXXXXXXXX",
        "........XXXX",
        "........XXXX",
        "........XXXX",
        "........XXXX",
        "........XXXX",
        "........XXXX",
        "........XXXX",
        "........XXXX",
    ),
    "A": (
        "........XXXXXX",
        "........XXXXXX",
        "........XXXXXX",
        "XXXX....XXXXXX",
        "XXXX....XXXXXX",
        "XXXX....XXXXXX",
        "XXXX.....XXXX.",
        "XXXX..........",
        "XXXX..........",
        "XXXX..........",
        "XXXX..........",
        "XXXX..........",
        "XXXX.....XXXX.",
        "XXXX....XXXXXX",
        "XXXX....XXXXXX",
        "........XXXXXX",
        "........XXXXXX",
        "........XXXXXX",
    ),
    "B": (
        "..........XXXX",
        "..........XXXX",
        "..........XXXX",
        "..........XXXX",
        "..........XXXX",
        "......XX..XXXX",
        "......XX..XXXX",
        "......XX..XXXX",
        "......XX......",
        "......XX......",
        "XXXX..XX......",
        "XXXX..XX......",
        "XXXX..XX......",
        "XXXX..........",
        "XXXX..........",
        "XXXX..........",
        "XXXX..........",
        "XXXX..........",
    ),
    "C": (
        "........XXXXXX",
        "........XXXXXX",
        "XX..XX..XXXXXX",
        "XX..XX..XXXXXX",
        "XX..XX..XXXXXX",
        "XX..XX..XXXXXX",
        "XX..XX..XXXXXX",
        "XX..XX..XXXXXX",
        "XX..XX........",
        "XX..XX........",
        "XX..XX........",
        "XX..XX........",
        "XX..XX........",
        "XX..XX........",
    ),
    "D": (
        "XXX...XXXX..XX",
        "XXX...XXXX..XX",
        "XXX...XXXX..XX",
        "XXX...XXXX..XX",
        "XXX...XXXX..XX",
        "XXX...XXXX..XX",
        "XXX...XXXX..XX",
        "XXX...XXXX..XX",
    ),
}

SYMBOLS = "".join(GRIDS)
_FINE = 8  # pixels per half-unit of the master drawing


@cache
def drawing(symbol: str, gain: float = 0.0) -> NDArray[np.float32]:
    """Ink (0 to 1) of one symbol in a pitch-wide, digit-high cell, 8 pixels per half-unit.

    The cell has a margin of one half-unit above and below and its right edge is the symbol's
    right edge plus one half-unit. ``gain`` is the growth of every stroke edge in half-units
    (print gain, about -0.5 to 0.5). Corners are rounded by about half a unit as printed.
    """
    grid = np.array([[char == "X" for char in row] for row in GRIDS[symbol]], np.float32)
    height = (DIGIT_ROWS + 2) * _FINE
    width = round(PITCH_HALF_UNITS * _FINE) + 2 * _FINE
    cell = np.zeros((height, width), np.float32)
    ink = np.kron(grid, np.ones((_FINE, _FINE), np.float32))
    top = (1 + OFFSETS.get(symbol, 0)) * _FINE
    left = width - _FINE - ink.shape[1]
    cell[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    inside = cv2.distanceTransform((cell > 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    outside = cv2.distanceTransform((cell <= 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    edge = np.asarray(cv2.GaussianBlur(inside - outside, (0, 0), 0.4 * _FINE), np.float32)
    return np.asarray(np.clip(edge + gain * _FINE + 0.5, 0.0, 1.0), np.float32)


def render_line(text: str, dpi: float, gain: float = 0.0) -> Pixels:
    """Draw a MICR line: gray, 0 black on 255, one 1/8-inch cell for each character.

    ``text`` holds digits, ``A``-``D`` and spaces (an empty cell). The strip is a quarter inch
    high with the digits centred, so it fits the space from 3/16 to 7/16 inch above the bottom
    edge of a check; its width is ``len(text) / 8`` inch. Raises ValueError for other characters.
    """
    unknown = set(text) - set(GRIDS) - {" "}
    if unknown:
        raise ValueError(f"not E-13B: {''.join(sorted(unknown))!r}")
    fine_dpi = _FINE / HALF_UNIT_INCH
    height = round(STRIP_HEIGHT_INCH * fine_dpi)
    pitch = PITCH_INCH * fine_dpi
    width = max(1, round(pitch * len(text)))
    master = np.zeros((height, width + 4 * _FINE), np.float32)
    for number, symbol in enumerate(text):
        if symbol == " ":
            continue
        cell = drawing(symbol, gain)
        right = round((number + 1) * pitch) + _FINE
        left = max(0, right - cell.shape[1])
        top = (height - cell.shape[0]) // 2
        part = cell[:, cell.shape[1] - (right - left) :]
        area = master[top : top + cell.shape[0], left:right]
        np.maximum(area, part, out=area)
    size = (max(1, round(len(text) * PITCH_INCH * dpi)), max(1, round(STRIP_HEIGHT_INCH * dpi)))
    small = cv2.resize(master[:, :width], size, interpolation=cv2.INTER_AREA)
    return np.asarray(np.clip(255.0 * (1.0 - small), 0, 255), np.uint8)
