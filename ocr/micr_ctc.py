"""A small trained net that reads a whole straightened MICR strip: one opinion of two.

It was trained by ``bench/train/micr.py`` on drawn lines only. Its confidence says nothing about a
symbol that it skipped; ``ocr.micr_fusion`` holds its words against the geometry of the line.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ocr.e13b import PITCH_HALF_UNITS, SYMBOLS

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

    ``probability`` is the net's for ``symbol`` where it stands, ``other`` that of the next symbol,
    ``presence`` that any symbol stands there.
    """

    symbol: str
    right: float
    probability: float
    other: float
    presence: float


@cache
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(_WEIGHTS), options, providers=["CPUExecutionProvider"])


def lattice(strips: Floats) -> Floats:
    """N strips (N x 32 x W, ink 0 to 1) to N x W/4 x 15 probabilities; class 0 is no symbol.

    Safe from several threads at once: a session's ``run`` keeps no state.
    """
    feed = {"strips": np.ascontiguousarray(strips[:, None], np.float32)}
    return np.asarray(_session().run(None, feed)[0], np.float32)


def peaks(probabilities: Floats) -> tuple[Peak, ...]:
    """The symbols of one strip (W/4 x 15), left to right, faint ones included."""
    steps = len(probabilities)
    if steps < 3:
        return ()
    seen = 1.0 - probabilities[:, 0]
    padded = np.pad(seen, 1)
    around = padded[:-2] + padded[1:-1] + padded[2:]
    # The middle one of a plateau, the strongest first, none within _APART of a stronger one.
    order = [int(t) for t in np.argsort(-around, kind="stable") if seen[t] > _FAINT]
    taken = np.zeros(steps, bool)
    found = []
    for step in order:
        if taken[step]:
            continue
        taken[max(0, step - _APART) : step + _APART + 1] = True
        found.append(step)
    return tuple(_peak(probabilities, seen, step) for step in sorted(found))


def _peak(probabilities: Floats, seen: Floats, step: int) -> Peak:
    low, high = max(0, step - 1), min(len(seen), step + 2)
    window = probabilities[low:high, 1:]
    total = window.sum(axis=0)
    best = int(total.argmax())
    # Two steps at least lie near the middle of a symbol; the better two speak for it.
    said = float(np.sort(window[:, best])[-2:].mean())
    total[best] = -1.0
    rest = float(window[:, int(total.argmax())].max())
    wide_low, wide_high = max(0, step - 2), min(len(seen), step + 3)
    weight = seen[wide_low:wide_high]
    middle = float(weight @ np.arange(wide_low, wide_high)) / float(weight.sum())
    right = middle * FRAME + TO_RIGHT
    return Peak(SYMBOLS[best], right, said, rest, float(seen[low:high].max()))
