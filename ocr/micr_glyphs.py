"""What the drawn E-13B symbols say of a cell of a straightened strip, and what ink they leave.

The strip has ``UNIT`` pixels per half-unit, ink 0 to 1, digits ``MARGIN`` half-units below its top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from ocr import micr_net
from ocr.components import components
from ocr.e13b import GRIDS, PITCH_HALF_UNITS, SYMBOLS, drawing

UNIT = 1.5
MARGIN = 6.0
PITCH = PITCH_HALF_UNITS * UNIT
REJECT = "?"
CELL_ROWS = 30
CELL_COLUMNS = round(PITCH)
_GAINS = (-0.4, 0.0, 0.5, 0.9)
_TOP = round((MARGIN - 1.0) * UNIT)
_RIGHT_MARGIN = round(UNIT)
_SHIFTS = tuple((y, x) for y in range(-2, 3) for x in range(-1, 2))
_FINE = 8
Strip = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Glyph:
    """What the drawings say of one cell: ``best`` is the symbol most alike, ``top`` its strip y.

    ``match`` is the correlation with the drawn symbol (1 is perfect), ``margin`` how far behind
    the next symbol is, ``by_net`` the cell net's probability for ``best``.
    """

    best: str
    top: float
    match: float
    margin: float
    by_net: float


@dataclass(frozen=True, slots=True)
class Templates:
    """Unit vectors of all symbols, each at all print gains."""

    vectors: NDArray[np.float32]


@cache
def templates() -> Templates:
    """The 14 symbols drawn at each print gain and softened as a scanner does."""
    vectors = []
    for symbol in SYMBOLS:
        for gain in _GAINS:
            fine = drawing(symbol, gain)
            soft = cv2.GaussianBlur(fine, (0, 0), 0.45 * _FINE)
            cell = soft[:, soft.shape[1] - round(PITCH_HALF_UNITS * _FINE) :]
            small = np.asarray(
                cv2.resize(cell, (CELL_COLUMNS, CELL_ROWS), interpolation=cv2.INTER_AREA),
                np.float32,
            )
            centred = small.ravel() - small.mean()
            vectors.append(centred / np.linalg.norm(centred))
    return Templates(np.stack(vectors).astype(np.float32))


def _correlate(patches: NDArray[np.float32]) -> NDArray[np.float32]:
    """Correlation of N patches (N x rows x columns) with each template: N x templates."""
    flat = patches.reshape(len(patches), -1)
    # The templates have mean 0, so only the norm needs the patch's own mean.
    square = np.einsum("ij,ij->i", flat, flat) - flat.shape[1] * flat.mean(axis=1) ** 2
    floor = 0.08 * np.sqrt(flat.shape[1])  # a nearly empty cell matches nothing
    norm = np.maximum(np.sqrt(np.maximum(square, 0.0)), floor)
    return np.asarray(flat @ templates().vectors.T / norm[:, None], np.float32)


def judged(strip: Strip, rights: Sequence[float]) -> tuple[Glyph, ...]:
    """What the drawings (and the cell net) see at each of the given right edges (strip x).

    Each cell is tried at small shifts and all print gains.
    """
    if not rights or strip.shape[0] < _TOP + CELL_ROWS:
        return ()
    wide = np.pad(strip, ((0, 0), (CELL_COLUMNS, CELL_COLUMNS)))
    windows = sliding_window_view(wide, (CELL_ROWS, CELL_COLUMNS))
    places = []
    for right in rights:
        left = round(right) + _RIGHT_MARGIN
        places += [(_TOP + y, left + x) for y, x in _SHIFTS]
    spots = np.clip(np.array(places), 0, np.array(windows.shape[:2]) - 1)
    patches = windows[spots[:, 0], spots[:, 1]]
    scores = _correlate(patches)
    cells, tried = len(rights), len(_SHIFTS)
    by_cell = scores.reshape(cells, -1)
    where = by_cell.argmax(axis=1) // scores.shape[1]
    symbols = scores.reshape(cells, tried, len(SYMBOLS), len(_GAINS)).max(axis=(1, 3))
    rows = np.arange(cells) * tried
    # The net looks at the best fit and one pixel around it.
    near = [rows + np.clip(where + step, 0, tried - 1) for step in (0, -3, 3)]
    said = micr_net.probabilities(patches[np.concatenate(near)])
    said = said.reshape(len(near), cells, -1).mean(axis=0)
    order = np.argsort(-symbols, axis=1)[:, :2]
    tops = spots[rows + where, 0] + UNIT
    return tuple(
        Glyph(
            SYMBOLS[int(first)],
            float(tops[cell]),
            float(symbols[cell, first]),
            float(symbols[cell, first] - symbols[cell, second]),
            float(said[cell, first]),
        )
        for cell, (first, second) in enumerate(order)
    )


def ink_level(strip: Strip) -> float:
    """What counts as ink in this strip: half its darkest print, never less than 0.3."""
    return max(0.3, 0.5 * upper(strip, 0.01))


def upper(strip: Strip, share: float) -> float:
    """The ink that only a ``share`` of the strip's pixels exceeds, by every other one."""
    flat = strip[::2, ::2].ravel()
    place = min(len(flat) - 1, int(len(flat) * (1.0 - share)))
    return float(np.partition(flat, place)[place]) if len(flat) else 0.0


def glyph_sized(strip: Strip, level: float) -> NDArray[np.float64]:
    """Boxes ``x, y, width, height`` of marks as large as a symbol or a stroke of one.

    Handwriting, rules and borders that run through the band from top to bottom do not count.
    """
    _, _, stats, _ = components((strip > level).astype(np.uint8))
    boxes = stats[1:, :4].astype(np.float64)
    high, wide = boxes[:, 3] / UNIT, boxes[:, 2] / UNIT
    inside = (boxes[:, 1] > 0) & (boxes[:, 1] + boxes[:, 3] < strip.shape[0])
    return np.asarray(
        boxes[inside & (high > 5.0) & (high < 26.0) & (wide < 30.0) & (stats[1:, 4] > 14)],
        np.float64,
    )


def ink_between(strip: Strip, level: float, left: float, right: float) -> float:
    """Ink of any shape in the digits' band between two places, in square units."""
    start, stop = max(0, round(left)), min(strip.shape[1], round(right))
    if stop - start < 2:
        return 0.0
    top = round(MARGIN * UNIT)
    band = strip[top : top + round(18 * UNIT), start:stop]
    return float(np.count_nonzero(band > level)) / (2.0 * UNIT) ** 2


def left_edge(symbol: str, right: float) -> float:
    """Where the ink of a symbol with this right edge begins."""
    return right - len(GRIDS[symbol][0]) * UNIT


def unexplained(marks: NDArray[np.float64], rights: Sequence[float]) -> tuple[float, ...]:
    """Centres (strip x) of those glyph-sized ``marks`` that stand outside every cell read."""
    centres = marks[:, 0] + marks[:, 2] / 2
    ends = np.asarray(rights, np.float64)
    away = centres[:, None] - ends[None, :]
    inside = (away >= -0.9 * PITCH) & (away <= 2.5)
    return tuple(float(centre) for centre in centres[~inside.any(axis=1)])
