"""Where an envelope's marking may be: yellow labels by colour, stamps and writing as unread ink."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Box, Pixels, Word
from ocr.components import components

_SURE_WORD = 0.6
_YELLOW_HUES = (17, 40)  # of 180; a paper's own tint is taken out before
_LEAST_SATURATION = 80
_MOST_AREAS = 2


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle at a slant: centre, width and height in pixels, degrees its rows rise."""

    x: float
    y: float
    width: float
    height: float
    degrees: float
    colored: bool = False


def yellow_areas(pixels: Pixels, dpi: float) -> list[Area]:
    """Yellow labels, the largest first; none on a page without colour.

    Yellow is measured against the paper, which scanners tint: each channel is divided by its
    paper value before.
    """
    if pixels.ndim != 3:
        return []
    step = max(1, round(dpi / 60))
    small = pixels[::step, ::step].astype(np.float32)
    paper = np.percentile(small.reshape(-1, 3), 70, axis=0)
    even = np.clip(small * (245.0 / np.maximum(paper, 60.0)), 0, 255).astype(np.uint8)
    hsv = cv2.cvtColor(even, cv2.COLOR_BGR2HSV)
    hue, saturation, value = hsv[..., 0], hsv[..., 1], hsv[..., 2]
    yellow = (hue >= _YELLOW_HUES[0]) & (hue <= _YELLOW_HUES[1])
    yellow &= (saturation >= _LEAST_SATURATION) & (value >= 110)
    mask = cv2.morphologyEx(yellow.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    _, named, stats, _ = components(np.asarray(mask, np.uint8), connectivity=8)
    inch = dpi / step
    found = []
    for number in range(1, len(stats)):
        if stats[number, cv2.CC_STAT_AREA] < 0.8 * inch * inch:
            continue
        area = _rectangle(np.asarray(named == number), step, colored=True)
        if area.width > 1.2 * area.height:
            found.append(area)
    return sorted(found, key=lambda area: -area.width * area.height)[:_MOST_AREAS]


def ink_areas(gray: Pixels, dpi: float, words: Sequence[Word], known: Sequence[Box]) -> list[Area]:
    """Patches of ink that was not read: not of sure words, nor in the ``known`` boxes."""
    step = max(1, round(dpi / 100))
    small = np.asarray(cv2.resize(gray, None, fx=1 / step, fy=1 / step,
                                  interpolation=cv2.INTER_AREA), np.uint8)  # fmt: skip
    inch = dpi / step
    paper = cv2.blur(small, (int(0.35 * inch) | 1, int(0.35 * inch) | 1))
    ink = np.asarray(cv2.subtract(paper, small) > 28, np.uint8)
    sure = [word.box for word in words if word.confidence >= _SURE_WORD and len(word.text) > 2]
    for x, y, width, height in (*sure, *known):
        ink[max(0, y // step - 1) : (y + height) // step + 2,
            max(0, x // step - 1) : (x + width) // step + 2] = 0  # fmt: skip
    rim = int(0.08 * inch)
    ink[:rim], ink[-rim:], ink[:, :rim], ink[:, -rim:] = 0, 0, 0, 0
    reach = max(3, int(0.16 * inch))
    joined = cv2.dilate(ink, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    _, named, stats, _ = components(np.asarray(joined, np.uint8), connectivity=8)
    found: list[tuple[float, Area]] = []
    for number in range(1, len(stats)):
        width, height = stats[number, cv2.CC_STAT_WIDTH], stats[number, cv2.CC_STAT_HEIGHT]
        if width < 0.6 * inch or not 0.15 * inch < height < 2.6 * inch:
            continue
        own = np.asarray((named == number) & (ink > 0))
        amount = float(own.sum())
        if amount > 0.02 * inch * inch:
            found.append((amount, _rectangle(own, step, colored=False)))
    found.sort(key=lambda one: -one[0])
    return [area for _, area in found[:_MOST_AREAS]]


def _rectangle(mask: NDArray[np.bool_], step: int, *, colored: bool) -> Area:
    """The smallest rectangle at any slant around the marked pixels, rows along its long side."""
    points = np.argwhere(mask)[:, ::-1].astype(np.float32)
    (x, y), (width, height), degrees = cv2.minAreaRect(points)
    if width < height:
        width, height, degrees = height, width, degrees - 90.0
    degrees = (degrees + 90.0) % 180.0 - 90.0
    return Area(x * step, y * step, width * step, height * step, degrees, colored)
