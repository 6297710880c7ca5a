"""Reads handwritten and printed numerals (amounts, dates, cents over a hundred) in one line.

The network is small and trained by ``bench/train/numerals.py`` on drawn and spoiled lines; its
data card is ``bench/train/README.md``. It is made once a process and shared by all threads.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray
from intake.types import Pixels
from ocr.components import components
from ocr.engine import LineText, decoded
from ocr.line_net import ink_of, laid, probabilities

ALPHABET = "0123456789.,-/$*#xno? "
"""What can be read. ``?`` stands for a mark that is none of the others, such as a letter; ``n``
and ``o`` occur in ``no/100`` alone. A short bar under raised cents reads as ``/``."""

HEIGHT = 32
STRIDE = 2
MARGIN = 8
_MODEL = Path(__file__).with_name("numerals_net.onnx")
_INK_HEIGHT = 26
_MAX_WIDTH = 640
_DARK = 115
_TALLEST = 2.9  # a figure beside small cents, in heights of the commonest figure
_CENTS = re.compile(r"(?:(?:^|[^0-9])[0-9]{2}|xx|no)$")
_CENTS_SKIPPED = 0.3  # the most that a line is worth whose cents were skipped


def prepared(crop: Pixels, *, scale: float = 1.0) -> NDArray[np.uint8] | None:
    """The crop as the network sees it: ``HEIGHT`` x width, 0 paper to 255 ink.

    Paper is evened out, ink stretched to its own darkest, and the writing (not the crop) scaled
    to a height of 26 pixels times ``scale`` (0.5 to 1.2). None when there is nothing written.
    """
    if crop.size == 0 or min(crop.shape[:2]) < 4:
        return None
    ink = ink_of(gray(crop))
    extent = _extent(ink)
    if extent is None:
        return None
    return laid(ink, extent, HEIGHT, round(_INK_HEIGHT * scale), MARGIN, _MAX_WIDTH)


def _extent(ink: NDArray[np.uint8]) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the writing: marks of like height, and what is level with them.

    Remains of rules do not count as writing, nor a box's side that overtops all else.
    """
    _, _, stats, _ = components(np.asarray(ink > _DARK, np.uint8), connectivity=8)
    marks = stats[1:][stats[1:, 4] >= 6]
    if not len(marks):
        return None
    typical = _figure_height(marks)
    if typical < 4:
        return None
    wide, tall = marks[:, 2], marks[:, 3]
    figures = marks[(tall >= 0.3 * typical) & (tall <= _TALLEST * typical)]
    upright = (figures[:, 3] >= 1.4 * typical) & (figures[:, 2] <= 0.35 * figures[:, 3])
    if upright.any() and not upright.all():
        _, top, _, bottom = _around(figures[~upright])
        sides = upright & (figures[:, 3] >= 1.3 * (bottom - top))
        sides &= figures[:, 3] >= 0.7 * ink.shape[0]
        figures = figures[~sides]
    left, top, right, bottom = _around(figures)
    centre = marks[:, 1] + tall / 2
    flat = (tall < 0.3 * typical) & (centre >= top) & (centre <= bottom) & (wide <= 3 * typical)
    if flat.any():
        first, _, last, _ = _around(marks[flat])
        left, right = min(left, first), max(right, last)
    return max(0, left - 1), max(0, top - 1), min(ink.shape[1], right + 1), bottom + 1


def _around(marks: NDArray[np.int32]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of all marks together."""
    return (
        int(marks[:, 0].min()), int(marks[:, 1].min()),
        int((marks[:, 0] + marks[:, 2]).max()), int((marks[:, 1] + marks[:, 3]).max()),
    )  # fmt: skip


def _figure_height(marks: NDArray[np.int32]) -> float:
    """The height of the figures: the one that most ink is near to, flat and thin marks aside."""
    tall = marks[:, 3].astype(np.float64)
    worth = np.minimum(marks[:, 2], tall) ** 1.5
    near = (tall[None] >= 0.6 * tall[:, None]) & (tall[None] <= 1.5 * tall[:, None])
    best = int((near * worth[None]).sum(axis=1).argmax())
    return float(np.average(tall[near[best]], weights=worth[near[best]]))


def read_numerals_line(crop: Pixels, *, scale: float = 1.0) -> LineText:
    """Read one upright line of numerals, gray or BGR, of any height; about 1 ms.

    ``scale`` is how high the writing is made for the network: a reading at 0.85 is a second
    opinion that does not fail where this one does. The lattice has one row per ``STRIDE`` pixels
    of the prepared picture, each summing to 1. A crop without writing gives no text, no rows.
    """
    picture = prepared(crop, scale=scale)
    if picture is None:
        return LineText("", 0.0, (), (), np.zeros((0, len(ALPHABET) + 1), np.float32), ALPHABET)
    line = decoded(probabilities(_MODEL, picture), ALPHABET)
    if _lacks_cents(line.text) and line.confidence > _CENTS_SKIPPED:
        return replace(line, confidence=_CENTS_SKIPPED)
    return line


def _lacks_cents(text: str) -> bool:
    """Whether a hundred has other than two cents over it: some of a fraction was skipped."""
    bars = re.finditer(r"/(?=100|xx|$)", text)
    return any(not _CENTS.search(text[: bar.start()]) for bar in bars)


def unexplained_ink(crop: Pixels, line: LineText) -> float:
    """How many figures' worth of ink in ``crop`` no symbol of ``line`` accounts for.

    A sequence model's confidence does not see what it skipped. Marks about as high as the figures
    are paired with the symbols in order, none further off than the net's places stray; what
    stays unpaired is summed, a whole figure as 1. From 0.5 on one may have been dropped.
    """
    picture = prepared(crop)
    if picture is None:
        return 0.0
    _, _, stats, _ = components(np.asarray(picture > _DARK, np.uint8), connectivity=8)
    marks = stats[1:][stats[1:, 4] >= 8]
    if not len(marks):
        return 0.0
    figure = _figure_height(marks)
    width = picture.shape[1]
    symbols = [
        (place * width, char)
        for place, char in zip(line.places, line.text, strict=True)
        if char != " "
    ]
    return _unpaired(_slots(marks, figure), symbols, 0.9 * figure)


def _slots(marks: NDArray[np.int32], figure: float) -> list[tuple[float, float, float, bool]]:
    """Left, right, worth and lowness of each place where a figure's ink stands, left to right.

    A mark wider than a figure holds several that touch.
    """
    slots = []
    for left, _, wide, tall, _ in marks.tolist():
        if not 0.42 * figure <= tall <= 2.2 * figure:
            continue
        count = max(1, round(wide / (1.05 * figure)))
        worth = min(1.0, tall / figure) * min(1.0, 0.5 + wide / figure)
        step = wide / count
        slots += [
            (left + n * step, left + (n + 1) * step, worth, tall < 0.7 * figure)
            for n in range(count)
        ]
    return sorted(slots)


def _unpaired(
    slots: list[tuple[float, float, float, bool]], symbols: list[tuple[float, str]], stray: float
) -> float:
    """The least worth of slots that stay without a symbol when both are paired in order."""
    before = [0.0] * (len(symbols) + 1)
    for left, right, worth, low in slots:
        row = [before[0] + worth]
        for number, (x, char) in enumerate(symbols):
            best = min(before[number + 1] + worth, row[number])
            # A point or dash cannot stand for a figure's ink.
            if left - stray <= x <= right + stray and (low or char not in ".,-"):
                best = min(best, before[number])
            row.append(best)
        before = row
    return before[-1]
