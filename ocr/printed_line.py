"""Reads one line of printed type, cut from a cleaned check, by a small network of our own.

The network is trained by ``bench/train/printed.py`` on drawn and spoiled lines; its data card is
``bench/train/PRINTED.md``. It is made once a process and shared by all threads.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.engine import LineText
from ocr.line_net import extent_of, probabilities
from ocr.machine_code import compiled

ALPHABET = "".join(chr(code) for code in range(33, 127)) + " "
"""Printable ASCII, the space last."""

HEIGHT = 24
STRIDE = 2
MARGIN = 8
MODEL = Path(__file__).with_name("printed_net.onnx")
_INK_HEIGHT = 20
_MAX_WIDTH = 1600
_DARK = 90
_LEAST_SPACE = 5  # pixels of the prepared picture
_MAY_BE_SPACE = 0.005
_LETTER, _FIGURE = 2, 1
_SORTS = np.array(
    [0] + [_LETTER if char.isalpha() else _FIGURE if char.isdigit() else 0 for char in ALPHABET]
)
_EDGE = 0.003  # of the ink: what stands above or below this much is a speck


def prepared(crop: Pixels, *, scale: float = 1.0) -> NDArray[np.uint8] | None:
    """The gray crop, dark on white paper, as the network sees it: ``HEIGHT`` x width, 255 ink.

    All but the outermost ink is scaled to 20 pixels times ``scale`` (0.5 to 1.15). None when
    there is nothing printed.
    """
    seen = _seen(crop, scale)
    return None if seen is None else seen.picture


@dataclass(frozen=True, slots=True)
class _Seen:
    """A prepared picture: its columns from ``MARGIN`` on show the crop from ``left`` on."""

    picture: NDArray[np.uint8]
    left: int
    factor: float


def _seen(crop: Pixels, scale: float) -> _Seen | None:
    if crop.size == 0 or min(crop.shape[:2]) < 3:
        return None
    ink = np.asarray(255 - crop, np.uint8)
    extent = extent_of(ink > _DARK, edge=_EDGE, least=4, lowest=2)
    if extent is None:
        return None
    left, top, right, bottom = extent
    part = ink[top:bottom, left:right]
    high = round(_INK_HEIGHT * scale)
    wide = min(_MAX_WIDTH, max(3, round((right - left) * _INK_HEIGHT * scale / (bottom - top))))
    method = cv2.INTER_AREA if high < bottom - top else cv2.INTER_LINEAR
    scaled = cv2.resize(part, (wide, high), interpolation=method)
    few = part[::2, ::2].ravel()
    darkest = float(np.partition(few, int(0.97 * (len(few) - 1)))[int(0.97 * (len(few) - 1))])
    gain = 255.0 / max(80.0, darkest)
    width = -(-(wide + 2 * MARGIN) // STRIDE) * STRIDE
    canvas = np.zeros((HEIGHT, width), np.uint8)
    start = (HEIGHT - high) // 2
    canvas[start : start + high, MARGIN : MARGIN + wide] = cv2.convertScaleAbs(scaled, alpha=gain)
    return _Seen(canvas, left, wide / (right - left))


def read_printed_line(crop: Pixels, model: Path = MODEL) -> LineText:
    """Read one upright line of type, gray, dark on white, rules erased; about 1 ms.

    The lattice has one row per ``STRIDE`` pixels of the prepared picture, each summing to 1. A
    crop without print gives no text and no rows. ``model`` is a net of this alphabet and stride.
    """
    seen = _seen(crop, 1.0)
    if seen is None:
        return LineText("", 0.0, (), (), np.zeros((0, len(ALPHABET) + 1), np.float32), ALPHABET)
    lattice = probabilities(model, seen.picture)
    best, chances = lattice.argmax(axis=1), lattice.max(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    middles = (starts + np.append(starts[1:], len(best))) / 2
    marks = best[starts] > 0
    symbols, middles = best[starts[marks]], middles[marks]
    sure = np.maximum.reduceat(chances, starts)[marks].astype(float)
    lost = _lost_spaces(symbols, middles, lattice, seen.picture)
    if lost:
        places = [place for place, _ in lost]
        symbols = np.insert(symbols, places, len(ALPHABET))
        middles = np.insert(middles, places, [middle for _, middle in lost])
        sure = np.insert(sure, places, 1.0)
    at = (middles * STRIDE - MARGIN) / seen.factor + seen.left
    across = np.clip(at / crop.shape[1], 0.0, 1.0)
    text = "".join(ALPHABET[symbol - 1] for symbol in symbols)
    whole = float(sure.prod()) if len(sure) else 0.0
    return LineText(text, whole, tuple(sure.tolist()), tuple(across.tolist()), lattice, ALPHABET)


def _lost_spaces(
    symbols: NDArray[np.intp],
    middles: NDArray[np.float64],
    lattice: NDArray[np.float32],
    picture: NDArray[np.uint8],
) -> list[tuple[int, float]]:
    """Gaps as wide as this line's spaces are, or far wider than all others, that bear no space.

    Figures and stars stand apart by themselves, so only gaps beside a letter count. Gives the
    place in ``symbols`` before which a space is missing, and its step.
    """
    space = len(ALPHABET)
    blank = picture.max(axis=0) < _DARK
    between, gaps, at = _gaps(symbols, middles, blank, space, STRIDE)
    parted = symbols[np.maximum(between[:, 1] - 1, 0)] == space
    one, other = _SORTS[symbols[between[:, 0]]], _SORTS[symbols[between[:, 1]]]
    beside = ~parted & (np.maximum(one, other) == _LETTER) & (np.minimum(one, other) > 0)
    first, last = middles[between[:, 0]].astype(int), middles[between[:, 1]].astype(int)
    may = beside & (gaps >= _LEAST_SPACE)
    may[may] = [
        lattice[start : end + 1, space].max() >= _MAY_BE_SPACE
        for start, end in zip(first[may], last[may], strict=True)
    ]
    usual = int(gaps[beside & ~may].max(initial=0))
    least = 0.6 * float(np.median(gaps[parted])) if parted.any() else 2.5 * usual
    lost = may & (gaps >= max(least, 1.5 * usual, _LEAST_SPACE))
    places = first[lost] + at[lost] / STRIDE
    return list(zip(between[lost, 1].tolist(), places.tolist(), strict=True))


@compiled
def _gaps(
    symbols: NDArray[np.intp],
    middles: NDArray[np.float64],
    blank: NDArray[np.bool_],
    space: int,
    stride: int,
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Each pair of marks beside each other, spaces apart: places, widest blank, its middle."""
    between = np.empty((len(symbols), 2), np.intp)
    widest = np.zeros(len(symbols), np.intp)
    at = np.zeros(len(symbols))
    count, before = 0, -1
    for place in range(len(symbols)):
        if symbols[place] == space:
            continue
        if before >= 0:
            start = stride * int(middles[before])
            end = min(stride * int(middles[place]), len(blank))
            at[count] = (end - start) / 2
            run = 0
            for column in range(start, end):
                run = run + 1 if blank[column] else 0
                if run > widest[count]:
                    widest[count], at[count] = run, column + 1 - start - run / 2
            between[count, 0], between[count, 1] = before, place
            count += 1
        before = place
    return between[:count], widest[:count], at[:count]
