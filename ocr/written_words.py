"""Reads an amount written in words, by hand or in print, in one line.

The network is small and trained by ``bench/train/words.py`` on drawn and spoiled lines; its data
card is ``bench/train/WORDS.md``. It is made once a process and shared by all threads.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray
from intake.types import Pixels
from ocr.engine import LineText, decoded
from ocr.line_net import extent_of, ink_of, laid, probabilities

ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789/&? "
"""What can be read: letters of either case as small ones; ``?`` is any other mark."""

HEIGHT = 40
STRIDE = 4
MARGIN = 8
_INK_HEIGHT = 34
_MAX_WIDTH = 1100
_MODEL = Path(__file__).with_name("words_net.onnx")
_DARK = 100
_EDGE = 0.004  # of the ink: what stands above or below this much is a stray stroke


def prepared(crop: Pixels, *, scale: float = 1.0) -> NDArray[np.uint8] | None:
    """The crop as the network sees it: ``HEIGHT`` x width, 0 paper to 255 ink.

    All but the outermost ink is scaled to 34 pixels times ``scale`` (0.5 to 1.15). None when
    there is nothing written.
    """
    if crop.size == 0 or min(crop.shape[:2]) < 6:
        return None
    ink = ink_of(gray(crop))
    extent = extent_of(ink > _DARK, edge=_EDGE, least=12, lowest=5)
    if extent is None:
        return None
    left, top, right, bottom = extent
    whole = left, max(0, top - 1), right, min(len(ink), bottom + 1)
    picture = laid(ink, whole, HEIGHT, round(_INK_HEIGHT * scale), MARGIN, _MAX_WIDTH)
    return np.pad(picture, ((0, 0), (0, -picture.shape[1] % STRIDE)))


def read_words_line(crop: Pixels, *, scale: float = 1.0) -> LineText:
    """Read one upright line of words, gray or BGR, of any height; about 6 ms.

    The lattice has one row per ``STRIDE`` pixels of the prepared picture, each summing to 1. A
    crop without writing gives no text and no rows.
    """
    picture = prepared(crop, scale=scale)
    if picture is None:
        return LineText("", 0.0, (), (), np.zeros((0, len(ALPHABET) + 1), np.float32), ALPHABET)
    return decoded(probabilities(_MODEL, picture), ALPHABET)
