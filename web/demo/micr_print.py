"""E-13B lines drawn from the published geometry (ANSI X9.100-20), at exact document positions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from web.demo.sheet import Sheet

UNIT = 0.0065
"""Half of the standard's 0.013 inch unit: one grid cell."""
PITCH = 0.125
EDGE = 5 / 16
"""From the right edge of the document to the right edge of the symbol in position 1, inches."""
CENTRE = 5 / 16
"""From the bottom edge of the document to the middle of the symbols, inches."""
ON_US_RIGHT, TRANSIT_RIGHT, TRANSIT_LEFT, AUX_RIGHT = 14, 33, 43, 45
_SUPER = 6

# Each symbol: grid rows top to bottom, `width:row*count` with the row as a hexadecimal bit mask.
_ROWS: dict[str, str] = {
    "0": "14:0ffc*1 1ffe*1 3003*14 1ffe*1 0ffc*1",
    "1": "8:f0*3 30*7 ff*8",
    "2": "8:ff*2 03*6 ff*2 c0*6 ff*2",
    "3": "10:3fc*2 00c*6 3fc*1 3ff*1 00f*6 3ff*2",
    "4": "12:f00*10 f0f*2 fff*2 00f*4",
    "5": "10:3ff*2 300*6 3ff*2 003*6 3ff*2",
    "6": "12:ff0*2 c30*3 c00*5 fff*2 c03*4 fff*2",
    "7": "10:3ff*2 303*4 003*1 007*1 01e*1 038*1 030*8",
    "8": "14:0ffc*2 0c0c*6 0ffc*1 3fff*1 3c0f*6 3fff*2",
    "9": "12:fff*2 c03*6 fff*2 00f*8",
    "A": "14:003f*3 3c3f*3 3c1e*1 3c00*5 3c1e*1 3c3f*2 003f*3",
    "B": "14:000f*5 00cf*3 00c0*2 3cc0*3 3c00*5",
    "C": "14:003f*2 333f*6 3300*6",
    "D": "14:38f3*8",
}
_OFFSETS = {"C": 1, "D": 5}


@dataclass(frozen=True, slots=True)
class MicrLine:
    """What a check's MICR line says; ``layout`` tells where a personal check has its serial."""

    routing: str
    account: str
    serial: str
    layout: str = "serial_after"

    @property
    def text(self) -> str:
        """The line as text: A transit, C on-us, digits, no spaces; left to right."""
        ordered = sorted(self.placed(), key=lambda pair: -pair[0])
        return "".join(symbol for _, symbol in ordered)

    @property
    def on_us(self) -> str:
        """The on-us field as printed, without spaces."""
        return self.text.rpartition("A")[2]

    @property
    def aux_on_us(self) -> str | None:
        """The digits of the auxiliary on-us field, business checks only."""
        return self.serial if self.layout == "business" else None

    def placed(self) -> tuple[tuple[int, str], ...]:
        """Every symbol with its position, counted from the right edge of the document."""
        spots = [(TRANSIT_LEFT, "A"), (TRANSIT_RIGHT, "A")]
        spots += [(TRANSIT_LEFT - 1 - place, digit) for place, digit in enumerate(self.routing)]
        if self.layout == "business":
            spots += _run(AUX_RIGHT, f"C{self.serial}C")
            spots += _run(31 - len(self.account), f"{self.account}C")
        elif self.layout == "serial_first":
            right = 31 - len(self.serial) - 1 - len(self.account)
            spots += _run(32 - len(self.serial), self.serial)
            spots += _run(right, f"{self.account}C")
        elif self.layout == "no_serial":
            spots += _run(31 - len(self.account), f"{self.account}C")
        else:
            spots += _run(31 - len(self.account), f"{self.account}C")
            spots += _run(30 - len(self.account) - len(self.serial), self.serial)
        return tuple(spots)


def _run(right: int, symbols: str) -> list[tuple[int, str]]:
    """Symbols left to right, the last of them in position ``right``."""
    return [(right + place, symbol) for place, symbol in enumerate(reversed(symbols))]


@lru_cache(maxsize=16)
def glyph(symbol: str) -> NDArray[np.bool_]:
    """The symbol's ink on a grid of half-units, 18 rows high."""
    head, _, body = _ROWS[symbol].partition(":")
    width = int(head)
    rows = []
    for part in body.split():
        mask, _, count = part.partition("*")
        bits = [bool(int(mask, 16) >> (width - 1 - x) & 1) for x in range(width)]
        rows += [bits] * int(count)
    grid = np.zeros((18, width), dtype=np.bool_)
    offset = _OFFSETS.get(symbol, 0)
    grid[offset : offset + len(rows)] = np.array(rows, dtype=np.bool_)
    return grid


def right_edge(width: float, position: int) -> float:
    """Inches from the left edge of a document of ``width`` to the symbol's right edge."""
    return width - EDGE - (position - 1) * PITCH


def print_line(sheet: Sheet, line: MicrLine, *, gain: float = 0.0, shift: float = 0.0) -> None:
    """Print ``line`` on ``sheet``: ``gain`` widens (or thins) strokes, in half-units, by up to 0.5;
    ``shift`` moves the line sideways in inches, within the standard's 1/16.
    """
    scale = sheet.dpi * _SUPER
    strip_top = sheet.height - CENTRE - 12 * UNIT
    strip = np.zeros((round(24 * UNIT * scale), round(sheet.width * scale)), dtype=np.uint8)
    for position, symbol in line.placed():
        grid = glyph(symbol)
        left = (right_edge(sheet.width, position) + shift - grid.shape[1] * UNIT) * scale
        top = 3 * UNIT * scale
        size = (round(grid.shape[1] * UNIT * scale), round(18 * UNIT * scale))
        cell = cv2.resize(grid.astype(np.uint8) * 255, size, interpolation=cv2.INTER_NEAREST)
        x, y = round(left), round(top)
        strip[y : y + cell.shape[0], x : x + cell.shape[1]] |= cell.astype(np.uint8)
    # Blur and threshold round the corners; the threshold's height sets the print gain.
    sigma = 0.55 * UNIT * scale
    soft = cv2.GaussianBlur(strip, (0, 0), sigma)
    level = 127.0 - 80.0 * max(-0.5, min(0.5, gain))
    ink = np.where(soft > level, 0, 255).astype(np.uint8)
    low = cv2.resize(ink, (sheet.px(sheet.width), round(24 * UNIT * sheet.dpi)),
                     interpolation=cv2.INTER_AREA)  # fmt: skip
    dark = np.maximum(low, 25).astype(np.uint8)
    sheet.stamp(dark, 0.0, strip_top)
