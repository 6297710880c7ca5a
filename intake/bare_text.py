"""Whether a page that came with its words shows anything else: a code, a MICR line, a picture."""

from __future__ import annotations

import cv2
import numpy as np

from intake.pixels import gray
from intake.types import Page
from intake.types import Pixels as Gray

_PAPER = 192  # grays from here on are paper, or a shade over which words are printed
_RULE_INCHES = 0.25  # twice the height of E-13B print; bars of mail codes are shorter too
_BARS_INCHES, _CODE_INCHES = 0.08, 0.3  # bars stand closer than columns do, over more than this
_LETTER_INCHES2 = 0.0025  # the ink of one small letter
_FEWEST_WORDS = 12
_DASH_INCHES = 0.03  # dashes and dots of a line are lower than any mark with a meaning
_RIM = 2  # pixels around a word's box that its ink may reach


def shows_words_alone(page: Page) -> bool:
    """Whether all that is printed is words of the page's text layer and level or upright rules.

    Such a page has no barcode, no MICR line and no picture but what its words say. Where there is
    any doubt (dark areas, a page of few words, words read from pixels), False.
    """
    if len(page.words) < _FEWEST_WORDS or not page.dpi or page.item is not None:
        return False
    dpi = page.dpi
    dark = np.asarray(gray(page.pixels) < _PAPER, np.uint8)
    long = max(3, round(_RULE_INCHES * dpi))
    down = _opened(dark, long)
    # Where all rows together show no bars, none does; most pages are done with one row.
    if _shows_bars(down.max(axis=0, keepdims=True), dpi) and _shows_bars(down, dpi):
        return False
    left = dark & ~down
    for word in page.words:
        x, y, wide, high = word.box
        left[max(0, y - _RIM) : y + high + _RIM, max(0, x - _RIM) : x + wide + _RIM] = 0
    flat, most = max(2, round(_DASH_INCHES * dpi)), _LETTER_INCHES2 * dpi * dpi
    if _ink_of_marks(left, flat) <= most:
        return True
    # Level rules are sought only where something is left; where nothing is they take nothing away.
    rows = np.concatenate([np.arange(top, end) for top, end in _bands(left, flat)])
    turned = np.asarray(cv2.transpose(dark[rows]), np.uint8)
    left[rows] &= ~np.asarray(cv2.transpose(_opened(turned, long)), np.uint8)
    return _ink_of_marks(left, flat) <= most


def _bands(left: Gray, flat: int) -> list[tuple[int, int]]:
    """Rows with ink, each band from the first to behind the last, that are more than ``flat``."""
    inked = np.asarray(cv2.reduce(left, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)).reshape(-1) > 0
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inked, [0]))))
    return [(int(top), int(end)) for top, end in edges.reshape(-1, 2) if end - top > flat]


def _ink_of_marks(left: Gray, flat: int) -> int:
    """The ink in rows that no dashed or dotted line explains: of bands higher than ``flat``."""
    return sum(cv2.countNonZero(left[top:end]) for top, end in _bands(left, flat))


def _shows_bars(down: Gray, dpi: float) -> bool:
    """Whether upright strokes stand as close as bars do, over more than rules would."""
    bars = cv2.morphologyEx(down, cv2.MORPH_CLOSE, _brush(round(_BARS_INCHES * dpi)))
    return bool(cv2.countNonZero(cv2.erode(bars, _brush(round(_CODE_INCHES * dpi)))))


def _opened(dark: Gray, high: int) -> Gray:
    """What OpenCV's opening with an upright line makes of truths, eight columns at a time."""
    packed = np.packbits(dark, axis=1)
    above = high // 2
    room = (above, high - 1 - above), (0, 0)
    eroded = _over(np.pad(packed, room, constant_values=255), high, np.bitwise_and)
    grown = _over(np.pad(eroded, room), high, np.bitwise_or)
    return np.unpackbits(grown, axis=1, count=dark.shape[1])


def _over(rows: Gray, count: int, joined: np.ufunc) -> Gray:
    """Each row joined with those below it, ``count`` in all."""
    done = 1
    while done < count:
        step = min(done, count - done)
        rows = joined(rows[: len(rows) - step], rows[step:])
        done += step
    return rows


def _brush(wide: int) -> Gray:
    return np.ones((1, max(1, wide)), np.uint8)
