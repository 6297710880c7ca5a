"""A row of bars cut out of its page: level, at one pitch, its ink between paper and black."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr import imb
from ocr.imb_places import FEWEST, STEP
from ocr.imb_rows import Row

_Array = NDArray[np.float64]
HIGH = 92
"""Rows of the straightened strip: .35 in at `STEP` pixels a bar."""
_LEAN = 10
_LEAST_CONTRAST = 25.0  # gray levels


def straightened(gray: Pixels, row: Row) -> tuple[_Array, slice, Row] | None:
    """Ink (0 to 1) along the row's line at `STEP` pixels a bar, which columns are the row's, and
    the row levelled.

    It goes on past both ends as far as a whole code may.
    """
    bars = row.length / row.pitch + 1
    margin = max(4.0, imb.BARS - bars + 3.0)
    if not FEWEST <= bars <= 90:
        return None
    rough = strip_of(gray, row, 0.0)
    row = levelled(rough, row, np.arange(rough.shape[1]), rough.shape[1])
    wide = strip_of(gray, row, margin)
    first = round(margin * STEP)
    own = slice(first, max(first + 1, wide.shape[1] - first))
    ink = ink_of(wide, own)
    return None if ink is None else (ink, own, row)


def _dark_and_light(pixels: Pixels) -> tuple[float, float]:
    """The gray levels of ink and of paper."""
    below = np.cumsum(np.bincount(pixels.ravel(), minlength=256)) / pixels.size
    return float(np.searchsorted(below, 0.04)), float(np.searchsorted(below, 0.85))


def levelled(rough: Pixels, row: Row, columns: NDArray[np.int64], wide: int) -> Row:
    """The row turned a little: the band's edges are sharpest where it is level.

    ``rough`` holds these ``columns`` of a strip ``wide`` pixels long.
    """
    dark = 255.0 - rough.astype(np.float32)
    starts = np.arange(16) * len(columns) // 16
    counts = np.diff(np.append(starts, len(columns)))
    profiles = (np.add.reduceat(dark, starts, axis=1) / counts).T
    at = np.add.reduceat(columns, starts) / counts / wide - 0.5
    level = profiles[np.arange(16)[None, :, None], _leans(at)].mean(axis=1)
    best = int(np.square(np.diff(level, axis=1)).sum(axis=1).argmax()) - _LEAN
    turn = best / max(1, wide)
    along = np.array([row.along_x - turn * row.along_y, row.along_y + turn * row.along_x])
    along /= np.hypot(*along)
    return Row(row.x, row.y, float(along[0]), float(along[1]), row.length, row.pitch)


def _leans(at: _Array) -> NDArray[np.int64]:
    """Rows to take of each block for each lean (pixels of the strip from end to end).

    ``at`` is where a block stands along the strip, -.5 to .5.
    """
    lean = np.arange(-_LEAN, _LEAN + 1)
    shift = np.round(lean[:, None] * at).astype(int)
    rows = np.clip(np.arange(HIGH) + shift[:, :, None], 0, HIGH - 1)
    return np.asarray(rows, np.int64)


def strip_of(gray: Pixels, row: Row, margin: float) -> Pixels:
    """The pixels around the row, level, with ``margin`` bars more at both ends."""
    scale = row.pitch / STEP  # source pixels for one strip pixel
    length = round(row.length / scale + 2 * margin * STEP)
    cos, sin = scale * row.along_x, scale * row.along_y
    half, middle = HIGH / 2, length / 2
    matrix = np.array(
        [[cos, -sin, row.x - cos * middle + sin * half],
         [sin, cos, row.y - sin * middle - cos * half]]
    )  # fmt: skip
    return np.asarray(
        cv2.warpAffine(gray, matrix, (length, HIGH),
                       flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                       borderMode=cv2.BORDER_REPLICATE), np.uint8
    )  # fmt: skip


def ink_of(strip: Pixels, columns: slice | NDArray[np.int64]) -> _Array | None:
    """Ink, 0 (paper) to 1, by what these columns show; None where nothing stands out."""
    dark, light = _dark_and_light(strip[:, columns])
    if light - dark < _LEAST_CONTRAST:
        return None
    return np.clip((light - strip.astype(np.float64)) / (light - dark), 0.0, 1.0)
