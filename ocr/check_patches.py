"""Patches of other paper on a check: correction fluid, and places rubbed bare of the pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Box, Pixels
from ocr.components import components
from ocr.micr_line import is_bitonal
from ocr.prepare import CheckRegion

# All lengths are pixels of half the crop: 1/100 inch.
_INK = 45
_ABOUT = (35, 20)  # around a place that is looked at
_BEYOND = (120, 45)  # around it: the paper that it is compared with
_KEPT_OFF = (16, 12)  # around writing: no paper to compare with
_NUMERALS_OFF = (25, 18)  # around the numerals, whose panel is whiter on many forms
_RIM = 14
_FEWEST = 500
_LINES_ACROSS, _LINES_DOWN = (0.03, 0.74), (0.30, 0.72)  # where payee and words stand
_LIFT = 4.0  # levels of 200 above the middle of that paper
_AREA, _WIDE, _HIGH = 350, 30, 12
_OUTLINED, _OUTLINES = 0.7, 2
_WEAK = 60
_LEVEL = 200.0

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Limits:
    """A patch is whiter by ``margin`` than so many percent of the paper it is compared with.

    It may reach out of the window on ``open_sides``.
    """

    brightest: float
    margin: float
    open_sides: int


# Paper beside the place has no patch in it; paper of the whole place may be one in ten parts.
_BESIDE, _WITHIN = _Limits(98.0, 2.5, 1), _Limits(90.0, 4.0, 0)


@dataclass(frozen=True, slots=True)
class _Ground:
    """Brightness of the paper at 100 dpi, 200 for what is usual about each point.

    ``bare`` tells paper from ink, ``ink`` is the ink's strength.
    """

    level: Floats
    bare: NDArray[np.bool_]
    ink: Pixels


def patched(region: CheckRegion, numerals: Box | None) -> tuple[str, ...]:
    """Where a patch of whiter paper lies: ``numerals``, or ``lines`` (payee, amount in words).

    ``numerals`` is the box of the amount in figures in the crop. A patch is whiter than nearly
    all paper about it and ends on all sides; a panel printed with an outline is none, nor is the
    white box that many forms have for the figures. Black and white pictures show no paper and
    give nothing.
    """
    if is_bitonal(region.pixels):
        return ()
    ground = _ground(region)
    floor = region.micr_top // 2
    ground.bare[floor:] = False
    ground.bare[:_RIM] = False
    ground.bare[:, :_RIM] = ground.bare[:, -_RIM:] = False
    panel = None if numerals is None else _half(numerals)
    found = []
    if panel is not None:
        about = _slices(panel, _BEYOND)
        away = ground.bare.copy()
        away[_slices(panel, _KEPT_OFF)] = False
        paper = ground.level[about][away[about]]
        if _has_patch(ground, _slices(panel, _ABOUT), paper, _BESIDE, None):
            found.append("numerals")
    wide = ground.level.shape[1]
    left, right = (round(part * wide) for part in _LINES_ACROSS)
    top, foot = (round(part * floor) for part in _LINES_DOWN)
    lines = slice(top, foot), slice(left, right)
    paper = ground.level[lines][ground.bare[lines]]
    if _has_patch(ground, lines, paper, _WITHIN, panel):
        found.append("lines")
    return tuple(found)


def _half(box: Box) -> Box:
    x, y, width, height = box
    return x // 2, y // 2, width // 2, height // 2


def _slices(box: Box, pad: tuple[int, int]) -> tuple[slice, slice]:
    x, y, width, height = box
    return (slice(max(0, y - pad[1]), max(0, y + height + pad[1])),
            slice(max(0, x - pad[0]), max(0, x + width + pad[0])))  # fmt: skip


def _ground(region: CheckRegion) -> _Ground:
    small = cv2.resize(region.pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    high, wide = small.shape
    ink = cv2.resize(region.strength, (wide, high), interpolation=cv2.INTER_AREA)
    inked = cv2.dilate(np.asarray(ink > _INK, np.uint8), np.ones((5, 5), np.uint8))
    paper = _filled(np.asarray(small, np.float32), np.asarray(inked == 0, np.float32))
    # Shadows and tints vary over inches: a median over two inches follows them and no patch.
    tiny = cv2.resize(paper, (max(1, wide // 8), max(1, high // 8)), interpolation=cv2.INTER_AREA)
    usual = cv2.medianBlur(np.asarray(np.clip(tiny, 0, 255), np.uint8), 21)
    usual = cv2.resize(cv2.blur(usual, (5, 5)), (wide, high)).astype(np.float32)
    level = paper / np.maximum(usual, 20.0) * _LEVEL
    return _Ground(np.asarray(level, np.float32), np.asarray(inked == 0), np.asarray(ink, np.uint8))


def _filled(small: Floats, bare: Floats) -> Floats:
    """The paper's brightness, under ink what the paper next to it has."""
    found = None
    for size, least in ((61, 0.0), (15, 0.05), (5, 0.15)):
        share = cv2.blur(bare, (size, size))
        mean = cv2.blur(small * bare, (size, size)) / np.maximum(share, 1e-3)
        found = mean if found is None else np.where(share > least, mean, found)
    return np.asarray(found, np.float32)


def _has_patch(
    ground: _Ground,
    window: tuple[slice, slice],
    paper: Floats,
    limits: _Limits,
    panel: Box | None,
) -> bool:
    """Whether a patch lies in ``window``, whiter than ``paper``; ``panel`` may be white."""
    if paper.size < _FEWEST:
        return False
    level = ground.level[window]
    usual = float(np.median(paper))
    limit = float(np.percentile(paper, limits.brightest)) + limits.margin
    white: NDArray[Any] = np.asarray(level > limit, np.uint8)
    if panel is not None:
        whole = np.zeros(ground.level.shape, np.bool_)
        whole[_slices(panel, _NUMERALS_OFF)] = True
        white[whole[window]] = 0
    white = cv2.morphologyEx(white, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    white = cv2.morphologyEx(white, cv2.MORPH_CLOSE, np.ones((5, 9), np.uint8))
    _, labels, stats, _ = components(np.asarray(white, np.uint8), connectivity=8)
    for number in range(1, len(stats)):
        x, y, width, height, area = (int(value) for value in stats[number])
        if area < _AREA or width < _WIDE or height < _HIGH:
            continue
        ends = (x == 0, y == 0, x + width == level.shape[1], y + height == level.shape[0])
        lift = float(np.median(level[labels == number])) - usual
        outlines = _outlines(ground.ink[window] > _WEAK, (x, y, width, height))
        if sum(ends) <= limits.open_sides and lift >= _LIFT and outlines < _OUTLINES:
            return True
    return False


def _outlines(dark: NDArray[np.bool_], box: Box) -> int:
    """How many sides of a patch have a printed line along them, as a panel has."""
    x, y, width, height = box
    across, down = slice(x, x + width), slice(y, y + height)
    sides = (
        dark[max(0, y - 4) : y + 3, across].any(axis=0),
        dark[y + height - 3 : y + height + 4, across].any(axis=0),
        dark[down, max(0, x - 4) : x + 3].any(axis=1),
        dark[down, x + width - 3 : x + width + 4].any(axis=1),
    )
    return sum(bool(side.mean() > _OUTLINED) for side in sides)
