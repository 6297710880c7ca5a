"""From any picture of a check to the two views a bank takes: upright, 200 dpi, ink and paper.

Writing survives and shadows, tints and background patterns do not: what counts as ink is how much
darker a pixel is than the paper around it, and faint ink counts where it hangs on firm ink.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from deposits.icl.group4 import Bits
from intake.pixels import gray, reduced
from intake.types import Box, Page, Pixels
from ocr.check_region import READING_DPI, CheckRegion
from ocr.micr_line import ink_strength, is_bitonal

DPI = round(READING_DPI)
"""Every view is made at this resolution (X9.100-181 takes 200 and 240)."""

_FAINT = 0.55
_LEAST_LEVEL = 36.0
_SPECK_PIXELS = 2
_BAND_INCHES = 0.25
_STAYS = 0.05
_ALONG = 0.2
_SAME_SHAPE = 0.06
_BED, _DARK = 0.55, 0.72
_LEAST_PAPER, _MOSTLY, _WHOLLY = 0.3, 0.5, 0.95
_EDGE_PIXELS, _LARGE_SQUARE_INCHES = 4, 0.02
_NEAR_EDGE, _WRITING = np.ones((9, 9), np.uint8), np.ones((15, 15), np.uint8)


@dataclass(frozen=True, slots=True)
class View:
    """One side of a check at ``DPI``, and what was there before ink and paper were parted.

    ``shades`` is gray, of the same size; ``skew_degrees`` is what the picture was turned by.
    ``made`` says that there was no picture of this side.
    """

    ink: Bits
    shades: Pixels
    skew_degrees: float = 0.0
    made: bool = False

    @property
    def inches(self) -> tuple[float, float]:
        """Width and height."""
        return self.ink.shape[1] / DPI, self.ink.shape[0] / DPI


def front_view(region: CheckRegion) -> View:
    """The front, from the check found on its page (``ocr.prepare.find_checks``)."""
    return View(to_ink(region.pixels), region.pixels, region.skew_degrees)


def back_view(page: Page, front: View, sheet: Page, box: Box) -> View:
    """The back, as large as its front.

    ``page`` is the picture of the back, ``sheet`` that of the front and ``box`` the check's place
    on it: a scanner that takes both sides of a sheet sees the back at the mirrored place. A back
    pictured by itself is taken whole.
    """
    part = behind(gray(page.pixels), sheet.pixels.shape[:2], box)
    if not part.size:
        return blank_view(front)
    shades = _sized(part, (front.ink.shape[1], front.ink.shape[0]))
    return View(to_ink(shades), shades)


def behind(back: Pixels, sheet: tuple[int, ...], box: Box) -> Pixels:
    """The part of a back's picture that is behind ``box`` of a sheet (height, width)."""
    height, width = back.shape[:2]
    same = abs((width / max(height, 1)) / (sheet[1] / max(sheet[0], 1)) - 1.0) < _SAME_SHAPE
    if not same:
        return back
    across, down = width / sheet[1], height / sheet[0]
    x, y, wide, high = box
    left, right = (sheet[1] - x - wide) * across, (sheet[1] - x) * across
    return back[
        max(0, round(y * down)) : round((y + high) * down), max(0, round(left)) : round(right)
    ]


def blank_view(front: View) -> View:
    """A white back as large as the front, for a bank that takes one where none was scanned."""
    shape = front.ink.shape
    return View(np.zeros(shape, np.bool_), np.full(shape, 255, np.uint8), made=True)


def to_ink(shades: Pixels) -> Bits:
    """Ink and paper of a gray picture at ``DPI``; a two-valued one stays as it is."""
    if is_bitonal(shades):
        return np.asarray(shades < 128, np.bool_)
    strength = ink_strength(shades, READING_DPI)
    white = float(np.percentile(shades[::4, ::4], 80))
    on_bed = _along_a_side(shades, _BED * white)
    level = max(_LEAST_LEVEL, 0.85 * _split(strength, surrounded=on_bed))
    firm = _above(strength, level)
    company = cv2.boxFilter(firm, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    firm = np.asarray(firm & (company > _SPECK_PIXELS), np.uint8)
    # Faint ink beside firm ink alone: a tint that touches one letter would come along whole.
    near = np.asarray(cv2.dilate(firm, np.ones((5, 5), np.uint8)), np.uint8)
    ink = np.asarray(firm | (near & _above(strength, level * _FAINT)), np.bool_)
    if _along_a_side(shades, _DARK * white):
        ink = _without_frame(ink, shades < _DARK * white)
    return _without_surround(ink)


def _along_a_side(shades: Pixels, level: float) -> bool:
    """Whether the picture is darker than this along a part of one of its sides."""
    sides = (shades[0], shades[-1], shades[:, 0], shades[:, -1])
    return bool(max(float((side < level).mean()) for side in sides) >= _ALONG)


def _split(strength: Pixels, *, surrounded: bool) -> float:
    """Between the paper's grain and its ink; a dark surround says nothing of either."""
    band = round(_BAND_INCHES * DPI)
    looked = strength[band:-band, band:-band] if surrounded else strength
    looked = looked if looked.size else strength
    return float(cv2.threshold(looked[::2, ::2].copy(), 0, 255, cv2.THRESH_OTSU)[0])


def _above(strength: Pixels, level: float) -> Pixels:
    """1 where the ink is darker than ``level``."""
    return np.asarray(cv2.threshold(strength, level, 1, cv2.THRESH_BINARY)[1], np.uint8)


def _without_frame(ink: Bits, dark: Bits) -> Bits:
    """Without the frame that the desk leaves around bright paper, whole marks of it alone.

    Paper is the convex hull of the largest part that is not dark. A mark goes that lies mostly
    outside and is long, or is a large one at the picture's edge; letters in a shadow are neither.
    """
    paper = _paper(dark)
    if not _LEAST_PAPER < paper.mean() < 1.0:
        return ink
    outside = cv2.erode(paper, _NEAR_EDGE, borderValue=1) == 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    beyond = np.bincount(labels[outside].ravel(), minlength=count)
    left, top, wide, high, area = stats.T
    long = (wide > ink.shape[1] / 2) | (high > ink.shape[0] / 2)
    right, bottom = ink.shape[1] - left - wide, ink.shape[0] - top - high
    at_edge = np.min([left, top, right, bottom], axis=0) < _EDGE_PIXELS
    large = at_edge & (area > _LARGE_SQUARE_INCHES * DPI**2)
    gone = (long & (beyond >= _MOSTLY * area)) | (large & (beyond >= _WHOLLY * area))
    gone[0] = False
    return np.asarray(ink & ~gone[labels], np.bool_) if gone.any() else ink


def _paper(dark: Bits) -> Pixels:
    """1 on the largest bright part of a picture and in its convex hull."""
    bright = cv2.morphologyEx((~dark).astype(np.uint8), cv2.MORPH_CLOSE, _WRITING)
    bright = cv2.morphologyEx(bright, cv2.MORPH_OPEN, _WRITING)
    parts, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    found = np.zeros(dark.shape, np.uint8)
    if parts:
        cv2.fillConvexPoly(found, cv2.convexHull(max(parts, key=cv2.contourArea)), (1,))
    return found


def _without_surround(ink: Bits) -> Bits:
    """Without the dark desk around a photo: what runs along an edge and stays there."""
    if max(ink[0].mean(), ink[-1].mean(), ink[:, 0].mean(), ink[:, -1].mean()) < _ALONG:
        return ink
    band = round(_BAND_INCHES * DPI)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    edge = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    inside = np.bincount(labels[band:-band, band:-band].ravel(), minlength=count)
    found = ink.copy()
    for mark in np.unique(edge[edge > 0]):
        wide, high, area = (int(stats[mark, each]) for each in (2, 3, 4))
        long = wide > ink.shape[1] / 2 or high > ink.shape[0] / 2
        if long and inside[mark] < _STAYS * area:
            found[labels == mark] = False
    return found


def _sized(shades: Pixels, size: tuple[int, int]) -> Pixels:
    if shades.shape[1] > size[0] and shades.shape[0] > size[1]:
        return reduced(shades, size)
    return np.asarray(cv2.resize(shades, size, interpolation=cv2.INTER_LINEAR), np.uint8)
