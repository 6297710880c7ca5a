"""The peer: a plain hard decoder, as one writes it from the standard, with no soft bits.

No package on PyPI that may be used freely decodes this barcode from pictures (zxing-cpp reads no
4-state codes), so this stands for the usual way: threshold, marks in a row, each bar's ends
against the tracker's, and the barcode's check on 65 letters.
"""

from __future__ import annotations

import cv2
import numpy as np

from intake.types import Pixels
from ocr import imb

NAME = "plain hard decoder (Otsu, marks, heights, check), upright or upside down"


def read(page: Pixels, dpi: float) -> imb.Imb | None:
    """The first row of exactly 65 marks whose letters pass the check."""
    _, ink = cv2.threshold(page, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink)
    wide, tall = stats[:, 2], stats[:, 3]
    keep = (wide <= 0.045 * dpi) & (tall >= 0.03 * dpi) & (tall <= 0.22 * dpi) & (tall > wide)
    marks = stats[keep]
    marks = marks[np.argsort(marks[:, 0], kind="stable")]
    middles = marks[:, 1] + marks[:, 3] / 2
    for start in np.unique(np.round(middles / (0.05 * dpi))):
        row = marks[np.abs(middles - start * 0.05 * dpi) < 0.06 * dpi]
        if len(row) == imb.BARS:
            found = imb.decode(_letters(row))
            if found is not None:
                return found
    return None


def _letters(row: np.ndarray[tuple[int, ...], np.dtype[np.int32]]) -> str:
    """T, A, D or F for each mark, by how far it goes beyond the middle of the row."""
    top, bottom = row[:, 1], row[:, 1] + row[:, 3]
    up = top < (top.min() + top.max()) / 2
    down = bottom > (bottom.min() + bottom.max()) / 2
    return "".join("TDAF"[int(low) + 2 * int(high)] for low, high in zip(down, up, strict=True))
