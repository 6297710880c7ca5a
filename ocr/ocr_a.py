"""A row of OCR-A digits read by templates: cut by its pitch, each digit's likeness to all ten.

Nothing is guessed. Every cell gives a probability to each digit, from how alike it is to the
templates, and the check digit is one more witness: of all numbers whose check digit holds, the
likeliest one is taken where it leaves the others far behind, and only where all digits but one
are plain by themselves. A check digit alone passes one number in ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.ocr_a_shapes import HIGH, PITCH, WIDE, templates

Array = NDArray[np.float64]

_SLIDE = 3  # pixels of the strip that a digit may stand off its cell
_AROUND = 3  # cells looked at beyond both ends of the row
_PAPER, _INK = 90.0, 4.0  # percentiles of the strip
_STEEP = 40.0  # log-odds for a likeness of 1 more
_PLAIN_BY = 0.06  # a digit so much likelier than any other stands by itself
_LEAST, _BELOW = 0.5, 0.18  # likeness: at least, and below the row's middle at most
_DOUBTFUL = 1
_MOST_MORE = 24  # cells that other ink may add to a row
SURE = 0.998
"""Of the numbers whose check digit holds, the share that the one taken must have."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a row's cells stand: pixel of cell 0's middle, step to the next, slope, count."""

    x: float
    y: float
    step: float
    slope: float
    cells: int


@dataclass(frozen=True, slots=True)
class Cells:
    """A row cell by cell: likeness to each digit, -1 to 1 (n x 10), and ink of each, 0 to 1."""

    likeness: Array
    ink: Array


@dataclass(frozen=True, slots=True)
class Row:
    """A row read: its digits without blanks, their probability, which are doubtful.

    ``probability`` is that of the digits among all of as many whose check digit holds; ``least``
    the smallest lead of a digit over the next likely one, in likeness.
    """

    text: str
    probability: float
    doubtful: tuple[int, ...]
    least: float

    @property
    def sure(self) -> bool:
        """Whether the digits may be taken."""
        return self.probability >= SURE and len(self.doubtful) <= _DOUBTFUL

    def allows(self, digits: str) -> bool:
        """Whether another reader's digits differ only where this row is doubtful."""
        if len(digits) != len(self.text):
            return False
        pairs = enumerate(zip(digits, self.text, strict=True))
        return all(a == b or place in self.doubtful for place, (a, b) in pairs)


def read(gray: Pixels, row: NDArray[np.int32], groups: Sequence[int]) -> Row | None:
    """A row of components (n x (x, y, width, height)) as groups of digits, a mod-10 check at last.

    ``groups`` are the numbers of digits between single blanks. None where the row keeps no pitch
    or does not fall into such groups, with or without the blanks. Where the check digit holds only
    if a digit that is plain by itself were another, the digits as they look, and nothing is sure.
    """
    grid = grid_of(row)
    if grid is None or not 0 <= grid.cells - sum(groups) + 2 * _AROUND <= _MOST_MORE:
        return None
    cells = look(gray, grid)
    printed = _printed(cells, groups)
    if printed is None:
        return None
    own = cells.likeness[printed]
    ranked = np.sort(own, axis=1)
    lead = ranked[:, -1] - ranked[:, -2]
    floor = max(_LEAST, float(np.median(ranked[:, -1])) - _BELOW)
    doubtful = (lead < _PLAIN_BY) | (ranked[:, -1] < floor)
    chances = np.exp(_STEEP * (own - ranked[:, -1:]))
    chances /= chances.sum(axis=1, keepdims=True)
    best, share = best_checked(chances)
    places = tuple(int(place) for place in np.flatnonzero(doubtful))
    alone = own.argmax(axis=1)
    if np.any((alone != best) & ~doubtful):  # a plain digit would have to be another
        best, share = [int(digit) for digit in alone], 0.0
    signs = "".join(str(digit) for digit in best)
    return Row(signs, share, places, float(lead.min()))


def _printed(cells: Cells, groups: Sequence[int]) -> NDArray[np.intp] | None:
    """The cells of the digits, where they stand in just one way; no digit beside or between."""
    inked = cells.ink > 0.4 * float(np.median(np.sort(cells.ink)[-sum(groups) :]))
    alike = cells.likeness.max(axis=1)
    usual = float(np.median(np.sort(alike)[-sum(groups) :]))
    digit = inked & (alike >= max(_LEAST, usual - _BELOW))
    found = []
    for blanks in (1, 0):
        shape = np.concatenate([[*[True] * group, *[False] * blanks] for group in groups])
        shape = shape[: len(shape) - blanks]
        for start in range(1, len(digit) - len(shape)):
            within = slice(start, start + len(shape))
            free = not (digit[start - 1] or digit[start + len(shape)])
            if free and inked[within][shape].all() and not digit[within][~shape].any():
                found.append(start + np.flatnonzero(shape))
    return found[0] if len(found) == 1 else None


def best_checked(chances: Array) -> tuple[list[int], float]:
    """The likeliest number (n x 10) whose mod-10 check holds, and its share of all such."""
    count = len(chances)
    total, most = np.zeros(10), np.zeros(10)
    total[0] = most[0] = 1.0
    came: list[list[tuple[int, int]]] = []
    for place in range(count):
        twice = (count - 1 - place) % 2 == 1
        worth = [sum(divmod(2 * digit, 10)) if twice else digit for digit in range(10)]
        totals, mosts = np.zeros(10), np.zeros(10)
        step = [(0, 0)] * 10
        for before in range(10):
            for digit in range(10):
                after = (before + worth[digit]) % 10
                totals[after] += total[before] * chances[place, digit]
                way = most[before] * chances[place, digit]
                if way > mosts[after]:
                    mosts[after], step[after] = way, (before, digit)
        total, most = totals, mosts
        came.append(step)
    left, digits = 0, []
    for step in reversed(came):
        left, digit = step[left]
        digits.append(digit)
    return digits[::-1], float(most[0] / total[0]) if total[0] > 0 else 0.0


def grid_of(row: NDArray[np.int32]) -> Grid | None:
    """The pitch of a row of components (n x (x, y, width, height)); None where they keep none."""
    high = float(np.median(row[:, 3]))
    own = row[row[:, 3] > 0.75 * high]
    if len(own) < 8:
        return None
    x = own[:, 0] + own[:, 2] / 2
    y = own[:, 1] + own[:, 3] / 2
    apart = np.diff(np.sort(x))
    guess = float(np.median(apart[apart > 0.5 * high])) if (apart > 0.5 * high).any() else high
    steps = guess * np.arange(0.92, 1.08, 0.001)
    waves = np.exp(2j * np.pi * x[None, :] / steps[:, None])
    together = np.abs(waves.mean(axis=1))
    best = int(together.argmax())
    if together[best] < 0.6:
        return None
    step = float(steps[best])
    phase = float(np.angle(waves[best].mean())) / (2 * np.pi) * step
    number = np.round((x - phase) / step)
    near = np.abs(x - phase - number * step) < 0.3 * step
    if int(near.sum()) < 8:
        return None
    step, phase = (float(each) for each in np.polyfit(number[near], x[near], 1))
    slope, level = _level(x, y)
    first, last = int(number.min()), int(number.max())
    start = phase + first * step
    return Grid(start, level + slope * start, step, slope, last - first + 1)


def _level(x: Array, y: Array) -> tuple[float, float]:
    """Slope and height of the line through the middles, by medians."""
    slope, level = (float(each) for each in np.polyfit(x, y, 1))
    for _ in range(3):
        off = y - slope * x - level
        near = np.abs(off) <= max(1.0, 2.0 * float(np.median(np.abs(off))))
        slope, level = (float(each) for each in np.polyfit(x[near], y[near], 1))
    return slope, level


def look(gray: Pixels, grid: Grid) -> Cells:
    """Every cell of the row, and some beyond both ends, held against all digits."""
    strip = _strip(gray, grid)
    count = grid.cells + 2 * _AROUND
    patches = _patches(strip, count)  # cells x slides x pixels
    ink = patches[:, patches.shape[1] // 2].mean(axis=1)
    patches -= patches.mean(axis=2, keepdims=True)
    patches /= np.linalg.norm(patches, axis=2, keepdims=True) + 0.35  # blank paper is like nothing
    prints = templates()
    alike = np.einsum("csp,tdp->ctsd", patches, prints, optimize=True).max(axis=2)
    inked = ink > 0.4 * float(np.median(np.sort(ink)[-grid.cells :]))
    whole = np.where(inked[:, None], alike.max(axis=2), 0.0).sum(axis=0)
    return Cells(np.asarray(alike[:, int(whole.argmax())], np.float64), np.asarray(ink, np.float64))


def _strip(gray: Pixels, grid: Grid) -> NDArray[np.float32]:
    """The row turned level at ``PITCH`` pixels a cell, ink 1 and paper 0."""
    scale = PITCH / grid.step
    wide = (grid.cells + 2 * _AROUND) * PITCH + 2 * _SLIDE
    high = HIGH + 2 * _SLIDE
    along = 1.0 / scale / float(np.hypot(1.0, grid.slope))
    right = np.array([along, along * grid.slope])
    down = np.array([-along * grid.slope, along])
    middle = np.array([grid.x, grid.y])
    corner = middle - right * ((_AROUND + 0.5) * PITCH + _SLIDE - 0.5) - down * (high / 2 - 0.5)
    matrix = np.array([[right[0], down[0], corner[0]], [right[1], down[1], corner[1]]])
    soft = cv2.GaussianBlur(gray, (0, 0), max(0.3, 0.5 / scale)) if scale < 0.9 else gray
    level = cv2.warpAffine(
        soft, matrix, (wide, high), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    picture = np.asarray(level, np.float32)
    paper, dark = (float(each) for each in np.percentile(picture, (_PAPER, _INK)))
    ink = np.clip((paper - picture) / max(12.0, paper - dark), 0.0, 1.0)
    return np.asarray(ink, np.float32)


def _patches(strip: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """Each cell's pixels at every slide: cells x slides x (HIGH * WIDE)."""
    views = np.lib.stride_tricks.sliding_window_view(strip, (HIGH, WIDE))
    rim = (PITCH - WIDE) // 2
    cut = [
        views[:, rim + n * PITCH : rim + n * PITCH + 2 * _SLIDE + 1].reshape(-1, HIGH * WIDE)
        for n in range(count)
    ]
    return np.asarray(cut, np.float32)
