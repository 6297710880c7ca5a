"""The symbols of a MICR line in order, with what the paper between them says.

A sequence net is blind to a symbol that it skipped. So every symbol is held against the 1/8-inch
pitch and against the ink around it: a gap with ink in it may hide one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocr.micr_fit import fitting, in_step, inks
from ocr.micr_glyphs import (
    PITCH,
    REJECT,
    glyph_sized,
    ink_between,
    ink_level,
    left_edge,
    unexplained,
)
from ocr.micr_symbols import Seen, Symbol, named

_END_REACH = 3.2  # cells: a mark farther off than this is not part of the line
_SPLIT = 26.0
_BLOT = 2.6  # square units of ink that could hide a symbol
_STUMP = 1.5  # square units in an empty cell that could be what is left of one
_OFF_PITCH = 0.3
_CUT = 0.6  # of a cell: less of a symbol than this on the picture is no symbol


@dataclass(frozen=True, slots=True)
class Cells:
    """The symbols of one line in order, with blank cells before each and trust in each.

    ``clean[i]`` is False where something near the symbol could be another one: ink that no symbol
    explains, ink that is not of the symbol's own size, an edge of the picture, a step that is no
    whole number of cells or unlike the others. ``steps[i]`` is the distance from the symbol before
    in cells. ``unexplained`` counts the marks along the line, as far as the page goes, that may be
    symbols and were not read. ``before`` and ``after`` are the cells of the picture beyond the
    line's ends, infinite where someone cut the line itself out.
    """

    symbols: tuple[Symbol, ...]
    gaps: tuple[int, ...]
    steps: tuple[float, ...]
    clean: tuple[bool, ...]
    unexplained: int
    before: float = math.inf
    after: float = math.inf

    @property
    def text(self) -> str:
        """The line, ``?`` where a symbol was rejected."""
        return "".join(symbol.symbol for symbol in self.symbols)


def assembled(seen: Seen) -> Cells | None:
    """The cells of a line; None when fewer than three symbols could be named."""
    band = seen.band
    level = ink_level(band)
    marks = glyph_sized(band, level)
    symbols = _trimmed(tuple(named(place) for place in seen.places), band, level, marks)
    if sum(symbol.symbol != REJECT for symbol in symbols) < 3:
        return None
    steps = (0.0, *((after.right - before.right) / PITCH for before, after in pairwise(symbols)))
    stray = unexplained(marks, tuple(symbol.right for symbol in symbols))
    gaps = tuple(max(0, round(step) - 1) for step in steps)
    blots = _blots(band, level, symbols, gaps)
    found = inks(band, symbols)
    fits = [a and b for a, b in zip(fitting(found, symbols), in_step(found), strict=True)]
    clean = []
    for number, symbol in enumerate(symbols):
        near = any(-1.7 * PITCH <= x - symbol.right <= 0.9 * PITCH for x in stray)
        at_edge = symbol.right - 0.75 * PITCH < 2 or symbol.right > band.shape[1] - 1
        blotted = blots[number] or blots[number + 1]
        regular = abs(steps[number] - round(steps[number])) <= _OFF_PITCH
        clean.append(not near and not at_edge and not blotted and regular and fits[number])
    before, after = left_edge(symbols[0].likely, symbols[0].right), symbols[-1].right
    room = (math.inf, math.inf)
    if not seen.cut_out:
        room = (before / PITCH, (band.shape[1] - after) / PITCH)
    unread = _unread(seen.marks, symbols)
    return Cells(symbols, gaps, steps, tuple(clean), unread, *room)


def _unread(marks: NDArray[np.float64], symbols: tuple[Symbol, ...]) -> int:
    """How many of the marks stand outside every cell, no farther off than the line can reach."""
    ends = np.array([symbol.right for symbol in symbols])
    away = marks[:, None] - ends[None, :]
    inside = ((away >= -0.95 * PITCH) & (away <= 3.0)).any(axis=1)
    far = (marks < ends[0] - _SPLIT * PITCH) | (marks > ends[-1] + _SPLIT * PITCH)
    return int(np.count_nonzero(~inside & ~far))


def _blots(
    band: NDArray[np.float32], level: float, symbols: tuple[Symbol, ...], gaps: tuple[int, ...]
) -> list[bool]:
    """Whether ink of any shape lies before each symbol and after the last: a hidden symbol."""
    edge = 1.6 * PITCH
    lefts = [left_edge(symbol.likely, symbol.right) for symbol in symbols]
    places = [(lefts[0] - edge, lefts[0] - 3.0)]
    places += [(symbols[n].right + 3.0, lefts[n + 1] - 3.0) for n in range(len(symbols) - 1)]
    places.append((symbols[-1].right + 3.0, symbols[-1].right + edge))
    most = [_BLOT, *(_STUMP if 1 <= gap <= 2 else _BLOT for gap in gaps[1:]), _BLOT]
    return [
        ink_between(band, level, start, stop) > limit
        for (start, stop), limit in zip(places, most, strict=True)
    ]


def _trimmed(
    symbols: tuple[Symbol, ...],
    band: NDArray[np.float32],
    level: float,
    marks: NDArray[np.float64],
) -> tuple[Symbol, ...]:
    """Drop what is no symbol: borders, rules, handwriting, far-off marks, stumps at an edge."""
    centres = marks[:, 0] + marks[:, 2] / 2
    width = band.shape[1]

    def is_mark(symbol: Symbol) -> bool:
        inside = (centres > symbol.right - 0.8 * PITCH) & (centres <= symbol.right + 2)
        return bool(inside.any())

    def is_inky(symbol: Symbol) -> bool:
        return ink_between(band, level, symbol.right - 0.8 * PITCH, symbol.right + 1) > _BLOT

    whole = [s for s in symbols if s.right >= _CUT * PITCH and s.right <= width + 0.3 * PITCH]
    sure = [number for number, symbol in enumerate(whole) if symbol.symbol != REJECT]
    if not sure:
        return ()
    kept = [
        symbol
        for number, symbol in enumerate(whole)
        if symbol.symbol != REJECT
        or (symbol.present and is_inky(symbol) if sure[0] < number < sure[-1] else is_mark(symbol))
    ]
    groups: list[list[Symbol]] = []
    for symbol in kept:
        if not groups or symbol.right - groups[-1][-1].right > _SPLIT * PITCH:
            groups.append([])
        groups[-1].append(symbol)
    best = max(groups, key=lambda group: sum(s.symbol != REJECT for s in group))
    while best and best[0].symbol == REJECT and _ends_off(best[0], best[1:2]):
        best = best[1:]
    while best and best[-1].symbol == REJECT and _ends_off(best[-1], best[-2:-1]):
        best = best[:-1]
    return tuple(best)


def _ends_off(end: Symbol, inner: list[Symbol]) -> bool:
    """Whether a reject at an end lies too far from its neighbour to belong to the line."""
    if not inner:
        return True
    distance = abs(end.right - inner[0].right) / PITCH
    return distance > _END_REACH or (end.match < 0.3 and distance > 1.4)
