"""Whether a picture with little ink is bare paper, or may hold marks too faint or dark to count."""

from __future__ import annotations

from typing import Literal

import cv2
import numpy as np

from intake.types import Pixels

Bareness = Literal["bare", "faint", "doubtful"]

_MARGIN = 0.03
DARK_PAPER = 100
"""Paper is lighter, even in bad light: a picture darker than this for the most part shows none."""
_ROUGH = 25.0
"""Mean step from pixel to pixel; noise of a scanner makes 1 to 8, static and halftones more."""
_LEAST_STEP, _OF_NOISE = 4.0, 6.0
_STRONG, _SHOWN_THROUGH = 50.0, 30.0
_LEAST_RANGE, _POOR_RANGE = 12.0, 60.0
_LEAST_MARKS, _LEAST_PIXELS, _SPECK = 15, 150, 6


def bareness(image: Pixels) -> Bareness:
    """How surely a gray picture in which no ink was found is bare paper.

    ``image`` is near 100 dpi. ``faint`` has many marks no stronger than what shows through from
    a sheet's other side; ``doubtful`` has stronger ones, or is dark or rough as no paper is.
    """
    height, width = image.shape
    rows, cols = round(_MARGIN * height), round(_MARGIN * width)
    inner = np.ascontiguousarray(image[rows : height - rows, cols : width - cols])
    if float(np.median(inner)) < DARK_PAPER or is_rough(inner):
        return "doubtful"
    smooth = cv2.blur(inner, (3, 3))
    depth = cv2.subtract(cv2.medianBlur(smooth, 21), smooth).astype(np.float32)
    noise = 1.4826 * float(np.median(np.abs(depth - np.median(depth))))
    marked = np.asarray(depth > max(_LEAST_STEP, _OF_NOISE * noise), np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(marked, connectivity=8)
    deepest = np.zeros(count, np.float32)
    sharp = cv2.subtract(cv2.medianBlur(inner, 21), inner).astype(np.float32)
    np.maximum.at(
        deepest, np.asarray(labels, np.intp).ravel(), np.asarray(sharp, np.float32).ravel()
    )
    faint = (stats[:, cv2.CC_STAT_AREA] >= _SPECK) & (deepest < _STRONG)  # the rest is dust
    faint[0] = False
    if int(faint.sum()) < _LEAST_MARKS or int(stats[faint, cv2.CC_STAT_AREA].sum()) < _LEAST_PIXELS:
        return "bare"
    return "faint" if float(np.percentile(deepest[faint], 90)) < _SHOWN_THROUGH else "doubtful"


def is_rough(image: Pixels) -> bool:
    """Whether neighbouring pixels differ all over, as in static."""
    if min(image.shape) < 2:
        return False
    return float(np.abs(np.diff(image.astype(np.int16), axis=1)).mean()) > _ROUGH


def stretched(pixels: Pixels) -> Pixels | None:
    """A faint or dark picture with its grays from black to white; None where they are fine.

    Gray or BGR; colours keep their order and turn a little stronger. What has no grays at all
    (one shade and its noise) stays as it is.
    """
    sample = pixels[::4, ::4]
    low, high = (float(v) for v in np.percentile(sample, (0.2, 99.0)))
    if not _LEAST_RANGE <= high - low <= _POOR_RANGE:
        return None
    table = np.clip((np.arange(256) - low) * 255.0 / (high - low), 0, 255).astype(np.uint8)
    return np.asarray(cv2.LUT(pixels, table), np.uint8)


def negative(pixels: Pixels) -> Pixels | None:
    """The picture with light and dark changed over where it is dark with light marks, else None."""
    sample = pixels[::4, ::4]
    middle, high = (float(v) for v in np.percentile(sample, (50.0, 99.8)))
    return 255 - pixels if middle < DARK_PAPER and high - middle > _POOR_RANGE else None
