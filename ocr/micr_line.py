"""Finding MICR lines on a page: marks of equal height whose right edges stand 1/8 inch apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Pixels
from ocr.components import marks_of
from ocr.e13b import DIGIT_HEIGHT_INCH, PITCH_INCH

_PITCH_PER_HEIGHT = PITCH_INCH / DIGIT_HEIGHT_INCH
_MAX_MARKS = 4000
_STRETCHES = np.linspace(0.84, 1.16, 33)  # of the pitch that the height promises
ALONG = 66.0
"""Cells either side of the marks found: a business check's line has 65 positions."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MicrLine:
    """Where a line may stand: digits' bottoms lie on ``slope * x + offset``, all in pixels."""

    slope: float
    offset: float
    left: float
    right: float
    height: float
    pitch: float
    marks: int
    misfit: float

    @property
    def dpi(self) -> float:
        """Resolution by the pitch of 1/8 inch."""
        return self.pitch / PITCH_INCH

    def bottom_at(self, x: float) -> float:
        """The y of the digits' lower edge at ``x``."""
        return self.slope * x + self.offset


def ink_strength(gray: Pixels, dpi: float) -> Pixels:
    """How much darker each pixel is than the paper around it, 0 to 255 (ink is bright).

    Local paper colour is the brightest within about 1/10 inch, smoothed, so shading and patterns
    larger than a glyph fall away. Black-and-white images come back just inverted.
    """
    if is_bitonal(gray):
        return np.asarray(255 - gray, np.uint8)
    size = max(5, int(dpi * 0.11) | 1)
    small = cv2.resize(gray, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    paper = cv2.dilate(cv2.blur(small, (3, 3)), np.ones((size // 2 | 1, size // 2 | 1), np.uint8))
    paper = cv2.blur(paper, (size, size))
    paper = cv2.resize(paper, (gray.shape[1], gray.shape[0]), interpolation=cv2.INTER_LINEAR)
    depth = cv2.subtract(paper, gray)
    peak = float(np.percentile(depth[::3, ::3], 99.5))
    gain = 255.0 / max(peak, 40.0)
    return np.asarray(cv2.convertScaleAbs(depth, alpha=gain), np.uint8)


def is_bitonal(gray: Pixels) -> bool:
    """Whether nearly all pixels are black or white."""
    sample = gray[:: max(1, gray.shape[0] // 200), :: max(1, gray.shape[1] // 200)]
    return bool(np.mean((sample > 8) & (sample < 247)) < 0.01)


def glyph_marks(ink: NDArray[np.uint8]) -> Floats:
    """Boxes ``x, y, width, height`` of components that may be digits, in a mask of ink."""
    boxes = marks_of(ink).stats[1:, :4].astype(np.float64)
    short, long = boxes[:, 2:].min(axis=1), boxes[:, 2:].max(axis=1)
    digit_like = (long >= 7) & (long <= 160) & (short > 0.28 * long)
    digit_like &= long <= max(16.0, min(ink.shape) * 0.75)
    marks = boxes[digit_like]
    if len(marks) > _MAX_MARKS:
        marks = marks[np.argsort(-marks[:, 2:].max(axis=1))[:_MAX_MARKS]]
    return np.asarray(marks, np.float64)


def turned_marks(marks: Floats, shape: tuple[int, int], quarter_turns: int) -> Floats:
    """The same boxes after ``np.rot90(image, quarter_turns)`` of an image of that shape."""
    height, width = shape
    x, y, w, h = marks.T if len(marks) else np.zeros((4, 0))
    turned = {
        0: (x, y, w, h),
        1: (y, width - x - w, h, w),
        2: (width - x - w, height - y - h, w, h),
        3: (height - y - h, x, h, w),
    }[quarter_turns % 4]
    return np.stack(turned, axis=1)


def find_lines(marks: Floats, *, limit: int = 6) -> tuple[MicrLine, ...]:
    """Likely MICR lines among the marks, best first; the text must run left to right.

    Resolution need not be known; never raises for odd input.
    """
    marks = marks[(marks[:, 2] < 0.95 * marks[:, 3]) & (marks[:, 2] > 0.28 * marks[:, 3])]
    found = [line for chain in _chains(marks) if (line := _fit(marks[chain])) is not None]
    # Type in other faces keeps no pitch at the right edges, however long its lines are.
    found.sort(key=lambda line: -min(line.marks, 30) * (1.0 - 5.5 * line.misfit))
    return tuple(found[:limit])


def _chains(marks: Floats) -> list[list[int]]:
    """Groups of marks of like height that follow one another on one baseline."""
    order = np.argsort(marks[:, 0]) if len(marks) else np.zeros(0, int)
    marks = marks[order]
    rights, bottoms, heights = marks[:, 0] + marks[:, 2], marks[:, 1] + marks[:, 3], marks[:, 3]
    parent = list(range(len(marks)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for number, other in zip(*_followers(marks, rights, bottoms, heights), strict=True):
        parent[root(other)] = root(number)
    groups: dict[int, list[int]] = {}
    for number in range(len(marks)):
        groups.setdefault(root(number), []).append(int(order[number]))
    return [group for group in groups.values() if len(group) >= 4]


def _followers(
    marks: Floats, rights: Floats, bottoms: Floats, heights: Floats
) -> tuple[list[int], list[int]]:
    """Pairs of a mark and one of the next three to its right that may stand on its line.

    The marks are sorted by their left edges. Only marks of nearly one foot are compared.
    """
    reach = np.maximum(1.6, 0.75 * heights)  # no less than what _rise may allow within nine heights
    by_foot = np.argsort(bottoms)
    feet = bottoms[by_foot]
    first = np.searchsorted(feet, bottoms - reach)
    counts = np.searchsorted(feet, bottoms + reach, side="right") - first
    one = np.repeat(np.arange(len(marks)), counts)
    within = np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
    other = by_foot[np.repeat(first, counts) + within]
    size = heights[one]
    kept = (other > one) & (marks[other, 0] < rights[one] + 9.0 * size)
    kept &= np.abs(heights[other] - size) <= np.maximum(1.5, 0.1 * size)
    one, other = one[kept], other[kept]
    size, step = heights[one], rights[other] - rights[one]
    away = np.abs(bottoms[other] - bottoms[one])
    near = (step > 0.6 * size) & (away <= np.maximum(1.6, 0.06 * size + _rise(step, size)))
    one, other = one[near], other[near]
    order = np.lexsort((other, one))
    one, other = one[order], other[order]
    place = np.arange(len(one)) - np.searchsorted(one, one)
    return one[place < 3].tolist(), other[place < 3].tolist()


def _rise(step: Floats, size: Floats) -> Floats:
    """How far a skewed line may climb over a step: seven degrees to a neighbour, then less."""
    return np.asarray(np.maximum(0.06 * step, np.minimum(0.13 * step, 0.3 * size)), np.float64)


def _fit(marks: Floats) -> MicrLine | None:
    """Baseline, digit height and pitch of one chain; None when it does not step by the pitch."""
    marks = marks[np.argsort(marks[:, 0])]
    height = _median(marks[:, 3])
    marks = marks[np.abs(marks[:, 3] - height) <= max(1.5, 0.1 * height)]
    if len(marks) < 4:
        return None
    rights, bottoms = marks[:, 0] + marks[:, 2], marks[:, 1] + marks[:, 3]
    slope, offset = _straight(rights, bottoms)
    kept = np.abs(bottoms - slope * rights - offset) <= max(1.5, 0.12 * height)
    if kept.sum() < 4:
        return None
    rights = rights[kept]
    pitch, misfit = _pitch(rights, height)
    if misfit > 0.16:
        return None
    left = float(marks[kept, 0].min())
    right = float(rights.max())
    return MicrLine(slope, offset, left, right, height, pitch, int(kept.sum()), misfit)


def _median(values: Floats) -> float:
    """The median of a few numbers, without the cost of NumPy's care for many."""
    held = sorted(values.tolist())
    return float((held[(len(held) - 1) // 2] + held[len(held) // 2]) / 2)


def _straight(x: Floats, y: Floats) -> tuple[float, float]:
    """A robust straight line: least squares, then again without the worst."""
    slope, offset = _least_squares(x, y)
    away = np.abs(y - slope * x - offset)
    kept = away <= max(1.0, 2.0 * _median(away))
    return _least_squares(x[kept], y[kept]) if kept.sum() >= 3 else (slope, offset)


def _least_squares(x: Floats, y: Floats) -> tuple[float, float]:
    """Slope and offset; level where all ``x`` are one."""
    middle, height = float(x.sum()) / len(x), float(y.sum()) / len(y)
    away = x - middle
    spread = float(away @ away)
    slope = float(away @ (y - height)) / spread if spread > 0 else 0.0
    return slope, height - slope * middle


def _pitch(rights: Floats, height: float) -> tuple[float, float]:
    """The step that fits the right edges best, and the mean misfit in steps."""
    steps = np.diff(rights)
    usual = height * _PITCH_PER_HEIGHT
    guesses = usual * _STRETCHES
    cells = np.round(steps[None, :] / guesses[:, None])
    counted = np.maximum((cells > 0).sum(axis=1), 1)
    off = np.abs(steps[None, :] / guesses[:, None] - cells) * (cells > 0)
    # Nearness to the pitch that the height promises decides between equal fits.
    misfit = off.sum(axis=1) / counted + 0.02 * np.abs(guesses / usual - 1.0)
    misfit[(cells > 0).sum(axis=1) == 0] = 1.0
    best = int(misfit.argmin())
    near = cells[best] > 0
    if not near.any():
        return usual, 1.0
    return float(steps[near].sum() / cells[best][near].sum()), float(misfit[best])


def mask(strength: Pixels, level: float = 0.0) -> NDArray[np.uint8]:
    """Ink as 0 or 255: above ``level`` (of 255), or above Otsu's split when that is 0."""
    if level <= 0:
        level, _ = cv2.threshold(strength[::2, ::2], 0, 255, cv2.THRESH_OTSU)
        level = max(40.0, level * 0.85)
    return np.asarray(cv2.threshold(strength, level, 255, cv2.THRESH_BINARY)[1], np.uint8)


@dataclass(frozen=True, slots=True)
class Bend:
    """How far the digits' feet stand below the straight baseline (``below``) at page ``x``."""

    x: Floats
    below: Floats


def strip(
    strength: Pixels,
    line: MicrLine,
    unit: float,
    above: float,
    below: float,
    *,
    reach: float = ALONG,
    bend: Bend | None = None,
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """The line's band straightened and scaled, ink 0 to 1, and the map from strip to page.

    ``unit`` is pixels per half-unit (1/18 of the digit height down, 0.0065 inch across);
    ``above`` and ``below`` are half-units kept above the digits' tops and below their bottoms.
    The band runs up to 66 cells past either end, as far as the page goes. The map is 2 x 3 and
    leaves ``bend`` out.
    """
    beyond = line.pitch * reach
    start = max(0.0, line.left - beyond)
    stop = min(float(strength.shape[1]), line.right + beyond)
    across = line.pitch / (PITCH_INCH / 0.0065) / unit
    down = line.height / 18.0 / unit
    width = max(1, int((stop - start) / across))
    height = round((18.0 + above + below) * unit)
    top = line.bottom_at(start) - (18.0 + above) * unit * down
    shear = line.slope * across
    # Rows step across the baseline's own normal: a skewed glyph is upright in the strip.
    to_page = np.array([[across, -line.slope * down, start], [shear, down, top]], np.float64)
    to_page[0, 2] += line.slope * down * (18.0 + above) * unit
    shrink = max(across, down)
    first = 0
    source = strength
    if shrink > 1.3:  # only the band itself is softened, not the page
        ends = (line.bottom_at(0.0), line.bottom_at(float(strength.shape[1])))
        reach_down = (18.0 + above + below) * unit * down + 4 * line.height
        first = max(0, int(min(ends) - reach_down))
        band = strength[first : max(first + 1, int(max(ends) + reach_down))]
        source = np.asarray(cv2.GaussianBlur(band, (0, 0), 0.4 * shrink), np.uint8)
    in_source = to_page.copy()
    in_source[1, 2] -= first
    if bend is None:
        picture = cv2.warpAffine(
            source,
            in_source,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=0,
        )
    else:
        columns, rows = np.arange(width)[None, :], np.arange(height)[:, None]
        x = in_source[0, 0] * columns + in_source[0, 1] * rows + in_source[0, 2]
        y = in_source[1, 0] * columns + in_source[1, 1] * rows + in_source[1, 2]
        y = y + np.interp(in_source[0, 0] * columns[0] + start, bend.x, bend.below)[None, :]
        picture = cv2.remap(
            source, x.astype(np.float32), y.astype(np.float32), cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT, borderValue=0,
        )  # fmt: skip
    return np.asarray(picture, np.float32) / 255.0, to_page


def to_page_box(
    to_page: NDArray[np.float64], corners: Sequence[float]
) -> tuple[int, int, int, int]:
    """The upright page box around ``(left, top, right, bottom)`` of a strip."""
    left, top, right, bottom = corners
    points = np.array([[left, top, 1], [right, top, 1], [right, bottom, 1], [left, bottom, 1]])
    mapped = points @ to_page.T
    low, high = mapped.min(axis=0), mapped.max(axis=0)
    x, y = int(np.floor(low[0])), int(np.floor(low[1]))
    return x, y, int(np.ceil(high[0])) - x, int(np.ceil(high[1])) - y
