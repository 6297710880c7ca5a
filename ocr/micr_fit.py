"""Whether the ink of a symbol named has that symbol's published size: half a digit is no digit.

Half an 8 looks like a 3 and half a 2 like a 7, to nets as to people, but neither is as wide and
as high as ANSI X9.100-20 has it. Sizes are held against the other symbols of the line, so print
gain and the scanner's threshold do not count.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocr.e13b import GRIDS, OFFSETS
from ocr.micr_glyphs import REJECT, UNIT, upper
from ocr.micr_symbols import Symbol

_LEFT, _RIGHT, _ABOVE, _BELOW = 16.6, 2.4, 2.5, 20.5  # half-units about a symbol that are its own
_FAINT = 0.25  # of the symbol's darkest print: less is no ink
_DARK, _PALEST = 0.1, 0.2  # the share of a cell that is darkest, and the palest print there is
_NARROW, _LOW = 0.8, 3.0  # half-units lacking: a pixel at 200 dpi; far less than half a digit
_COARSE = 5.0  # half-units lacking of a symbol that is no digit: half of one looks like no other
_EDGE = 0.4  # of the ink an edge should have
_ODD = 4.0  # standard deviations of the line's own sizes
_TO_DEVIATION = 1.4826  # from the median distance, for a normal spread
_LEAST_ALIKE = 5  # symbols whose median tells what the line's print adds
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Size:
    """Half-units of a symbol, and the ink of its outermost rows and columns."""

    width: int
    height: int
    above: int
    left: float
    right: float
    top: float
    bottom: float


@cache
def _size(symbol: str) -> _Size:
    grid = np.array([[char == "X" for char in row] for row in GRIDS[symbol]], np.float64)
    columns, rows = grid.sum(axis=0), grid.sum(axis=1)
    return _Size(
        grid.shape[1], grid.shape[0], OFFSETS.get(symbol, 0),
        float(columns[:2].mean()), float(columns[-2:].mean()),
        float(rows[:2].mean()), float(rows[-2:].mean()),
    )  # fmt: skip


def fitting(band: NDArray[np.float32], symbols: Sequence[Symbol]) -> tuple[bool, ...]:
    """Whether each symbol's ink is as large as that symbol is; rejected ones count as fitting.

    ``band`` is the template strip of ``ocr.micr_glyphs``. A line of fewer than five symbols is
    not judged.
    """
    named = [number for number, symbol in enumerate(symbols) if symbol.symbol != REJECT]
    fits = [True] * len(symbols)
    if len(named) < _LEAST_ALIKE:
        return tuple(fits)
    found = {number: _excess(band, symbols[number]) for number in named}
    known = np.array([size for size in found.values() if size is not None]).reshape(-1, 2)
    if len(known) < _LEAST_ALIKE:
        return tuple(symbol.symbol == REJECT for symbol in symbols)
    usual = np.median(known, axis=0)
    spread = _ODD * _TO_DEVIATION * np.median(np.abs(known - usual), axis=0)
    digit = np.maximum(spread, (_NARROW, _LOW))
    for number, size in found.items():
        lacking = digit if symbols[number].symbol.isdigit() else np.maximum(spread, _COARSE)
        fits[number] = size is not None and bool(np.all(np.asarray(size) - usual >= -lacking))
    return tuple(fits)


def _excess(band: NDArray[np.float32], symbol: Symbol) -> tuple[float, float] | None:
    """How much wider and higher than published the ink is, in half-units; None without ink."""
    size = _size(symbol.symbol)
    left, right = symbol.right - _LEFT * UNIT, symbol.right + _RIGHT * UNIT
    top, bottom = symbol.top - _ABOVE * UNIT, symbol.top + _BELOW * UNIT
    cell = band[max(0, round(top)) : max(0, round(bottom)), max(0, round(left)) : round(right)]
    if cell.size == 0:
        return None
    # Another machine's ink, as an amount's, may be paler than the rest of the line.
    ink = np.clip(cell / max(_PALEST, upper(cell, _DARK)), 0.0, 1.0)
    ink[ink < _FAINT] = 0.0
    columns, rows = ink.sum(axis=0) / UNIT, ink.sum(axis=1) / UNIT
    edges = (
        _reached(columns, size.left * _EDGE), _reached(columns[::-1], size.right * _EDGE),
        _reached(rows, size.top * _EDGE), _reached(rows[::-1], size.bottom * _EDGE),
    )  # fmt: skip
    if any(edge is None for edge in edges):
        return None
    first, last, upmost, lowest = (float(edge or 0.0) for edge in edges)
    wide = (len(columns) - 1 - first - last) / UNIT
    high = (len(rows) - 1 - upmost - lowest) / UNIT
    return wide - size.width, high - size.height


def _reached(profile: Floats, level: float) -> float | None:
    """Where a profile first reaches a level, between its samples; None where it never does."""
    over = np.flatnonzero(profile >= level)
    if not len(over):
        return None
    at = int(over[0])
    if at == 0:
        return -0.5
    before, after = float(profile[at - 1]), float(profile[at])
    return at - 1 + (level - before) / (after - before)
