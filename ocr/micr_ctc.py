"""A small trained net that reads a whole straightened MICR strip: one opinion of two.

It was trained by ``bench/train/micr.py`` on drawn lines only. Its confidence says nothing about a
symbol that it skipped; ``ocr.micr_fusion`` holds its words against the geometry of the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocr.e13b import PITCH_HALF_UNITS, SYMBOLS
from ocr.line_net import session

_WEIGHTS = Path(__file__).with_name("micr_ctc.onnx")
ROWS = 32
UNIT = 1.2  # pixels per half-unit
MARGIN = (ROWS / UNIT - 18.0) / 2.0  # half-units above the digits and below them
MARGIN_ROWS = MARGIN * UNIT
PITCH = PITCH_HALF_UNITS * UNIT
FRAME = 4  # pixels a step of the net's output stands for
TO_RIGHT = 7.0 * UNIT  # from the middle of a symbol's cell to its right edge
Floats = NDArray[np.float32]

_APART = 3  # steps; symbols of the standard stand 5.8 apart, badly spaced ones 4
_FAINT = 0.15


@dataclass(frozen=True, slots=True)
class Peak:
    """One symbol the net saw: ``right`` is its right edge in strip pixels (to a tenth of a cell).

    ``probability`` is the net's for ``symbol`` where it stands, ``presence`` that any symbol
    stands there.
    """

    symbol: str
    right: float
    probability: float
    presence: float


def lattice(strips: Floats) -> Floats:
    """N strips (N x 32 x W, ink 0 to 1) to N x W/4 x 15 probabilities; class 0 is no symbol.

    Safe from several threads at once: a session's ``run`` keeps no state.
    """
    feed = {"strips": np.ascontiguousarray(strips[:, None], np.float32)}
    return np.asarray(session(_WEIGHTS).run(None, feed)[0], np.float32)


def peaks(probabilities: Floats) -> tuple[Peak, ...]:
    """The symbols of one strip (W/4 x 15), left to right, faint ones included."""
    steps = len(probabilities)
    if steps < 3:
        return ()
    seen = 1.0 - probabilities[:, 0]
    padded = np.pad(seen, 1)
    around = padded[:-2] + padded[1:-1] + padded[2:]
    # The middle one of a plateau, the strongest first, none within _APART of a stronger one.
    order = np.flatnonzero(seen > _FAINT)
    taken = np.zeros(steps, bool)
    found = []
    for step in order[np.argsort(-around[order], kind="stable")].tolist():
        if taken[step]:
            continue
        taken[max(0, step - _APART) : step + _APART + 1] = True
        found.append(step)
    return _named(probabilities, seen, np.array(sorted(found), np.int64))


def _named(probabilities: Floats, seen: Floats, at: NDArray[np.int64]) -> tuple[Peak, ...]:
    """What stands at each of the steps ``at``."""
    if not len(at):
        return ()
    padded = np.pad(probabilities[:, 1:], ((1, 1), (0, 0)))
    window = padded[at[:, None] + np.arange(3)]  # the step and one on either side
    total = window.sum(axis=1)
    rows = np.arange(len(at))
    best = total.argmax(axis=1)
    # Two steps at least lie near the middle of a symbol; the better two speak for it.
    said = np.sort(window[rows, :, best], axis=1)[:, 1:].mean(axis=1)
    weight = np.pad(seen, 2)[at[:, None] + np.arange(5)]
    middle = at + (weight @ np.arange(-2, 3)) / weight.sum(axis=1)
    right = middle * FRAME + TO_RIGHT
    presence = weight[:, 1:4].max(axis=1)
    return tuple(
        Peak(SYMBOLS[int(best[n])], float(right[n]), float(said[n]), float(presence[n]))
        for n in range(len(at))
    )
