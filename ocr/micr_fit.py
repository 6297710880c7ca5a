"""Whether a symbol's ink has its published size and its place: half a digit is no digit.

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
from ocr.micr_glyphs import PITCH, REJECT, UNIT, upper
from ocr.micr_symbols import Symbol

_LEFT, _RIGHT, _ABOVE, _BELOW = 16.6, 2.4, 2.5, 20.5  # half-units about a symbol that are its own
_FAINT = 0.25  # of the symbol's darkest print: less is no ink
_DARK, _PALEST = 0.1, 0.2  # the share of a cell that is darkest, and the palest print there is
_NARROW, _LOW = 0.8, 3.0  # half-units lacking: a pixel at 200 dpi; far less than half a digit
_COARSE = 5.0  # half-units lacking of a symbol that is no digit: half of one looks like no other
_EDGE = 0.4  # of the ink an edge should have
_ODD = 4.0  # standard deviations of the line's own sizes
_TO_DEVIATION = 1.4826  # from the median distance, for a normal spread
_OFF_STEP = 0.15  # cells: the standard's 0.010 inch and a pixel or two of a coarse scan
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


@dataclass(frozen=True, slots=True)
class Ink:
    """The ink of one symbol: what it exceeds the published size by, in half-units (less than 0 if
    it lacks), and the strip x where its right edge should stand by its middle.
    """

    width: float
    height: float
    right: float


def inks(band: NDArray[np.float32], symbols: Sequence[Symbol]) -> tuple[Ink | None, ...]:
    """The ink of each symbol of a line, None for a rejected one and where there is none.

    ``band`` is the template strip of ``ocr.micr_glyphs``.
    """
    return tuple(None if symbol.symbol == REJECT else _ink(band, symbol) for symbol in symbols)


def fitting(found: Sequence[Ink | None], symbols: Sequence[Symbol]) -> tuple[bool, ...]:
    """Whether each symbol's ink is as large as that symbol is; rejected ones count as fitting.

    A line of fewer than five symbols is not judged.
    """
    named = [symbol.symbol != REJECT for symbol in symbols]
    if sum(named) < _LEAST_ALIKE:
        return (True,) * len(symbols)
    known = np.array([(ink.width, ink.height) for ink in found if ink is not None]).reshape(-1, 2)
    if len(known) < _LEAST_ALIKE:
        return tuple(not name for name in named)
    usual, spread = _usual(known)
    digit = -np.maximum(spread, (_NARROW, _LOW))
    other = -np.maximum(spread, _COARSE)
    fits = []
    for symbol, ink in zip(symbols, found, strict=True):
        if ink is None:
            fits.append(symbol.symbol == REJECT)
            continue
        away = np.array((ink.width, ink.height)) - usual
        fits.append(bool(np.all(away >= (digit if symbol.symbol.isdigit() else other))))
    return tuple(fits)


def in_step(found: Sequence[Ink | None]) -> tuple[bool, ...]:
    """Whether each symbol stands as far from its neighbour before it as the line's others do.

    Paper that slips or sticks in the feeder takes away or repeats a part of a cell. Only symbols
    of neighbouring cells are held against each other: fields may be of different machines.
    """
    rights = np.array([np.nan if ink is None else ink.right for ink in found])
    steps = np.diff(rights, prepend=np.nan) / PITCH
    beside = np.abs(steps - 1.0) < 0.5
    if np.count_nonzero(beside) < _LEAST_ALIKE:
        return (True,) * len(found)
    usual, spread = _usual(steps[beside][:, None])
    off = np.abs(steps - usual[0]) > max(_OFF_STEP, float(spread[0]))
    return tuple((~(beside & off)).tolist())


def _usual(values: Floats) -> tuple[Floats, Floats]:
    """The median of each column, and how far from it a value may be before it is odd."""
    usual = np.median(values, axis=0)
    return usual, _ODD * _TO_DEVIATION * np.median(np.abs(values - usual), axis=0)


def _ink(band: NDArray[np.float32], symbol: Symbol) -> Ink | None:
    size = _size(symbol.symbol)
    left, right = max(0, round(symbol.right - _LEFT * UNIT)), round(symbol.right + _RIGHT * UNIT)
    top, bottom = symbol.top - _ABOVE * UNIT, symbol.top + _BELOW * UNIT
    cell = band[max(0, round(top)) : max(0, round(bottom)), left:right]
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
    last, lowest = len(columns) - 1 - last, len(rows) - 1 - lowest
    return Ink(
        (last - first) / UNIT - size.width,
        (lowest - upmost) / UNIT - size.height,
        left + (first + last + size.width * UNIT) / 2,
    )


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
