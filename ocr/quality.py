"""Image quality of a page: simple measures with names, each one a reason to look again."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray as to_gray
from intake.pixels import reduced
from intake.types import Page, Pixels
from ocr.types import Quality

_SIDE = 900.0
_MAX_SKEW = 5.0
_SKEWED = 3.0  # degrees


@dataclass(frozen=True, slots=True)
class Measures:
    """What ``assess`` judges by. Shares are of all pixels; sharpness is in gray levels.

    ``ink`` share of dark pixels · ``paper`` the paper's gray (90th percentile) · ``contrast``
    paper less ink · ``sharpness`` the steepest edges' mean step over one pixel · ``edge_ink``
    the darkest share of the four border strips · ``streak`` share of columns dark all the way.
    """

    ink: float
    paper: float
    contrast: float
    sharpness: float
    edge_ink: float
    streak: float
    skew_degrees: float
    bitonal: bool


def assess(page: Page, *, dpi: float | None = None, skew_degrees: float | None = None) -> Quality:
    """Judge a page: names of suspect conditions, skew and resolution.

    ``dpi`` and ``skew_degrees`` are what a reader measured (the MICR pitch is exact); without
    them the declared resolution and the text's own slant count. Names: ``too_light``,
    ``too_dark``, ``low_contrast``, ``blurred``, ``skewed``, ``streaks``, ``partial``,
    ``low_resolution``, ``blank``.
    """
    measures = measure(page.pixels, skew_degrees=skew_degrees)
    skew = measures.skew_degrees
    known = dpi or page.dpi
    suspect = []
    if measures.ink < 0.0015 and measures.paper >= 95:
        suspect.append("blank")
    elif measures.ink < 0.006 and measures.paper >= 95:
        suspect.append("too_light")
    if measures.ink > 0.45 or measures.paper < 95:
        suspect.append("too_dark")
    if not measures.bitonal and measures.contrast < 45 and "blank" not in suspect:
        suspect.append("low_contrast")
    if not measures.bitonal and measures.sharpness < 0.16 * max(measures.contrast, 1.0):
        suspect.append("blurred")
    if abs(skew) > _SKEWED:
        suspect.append("skewed")
    if measures.streak > 0.002:
        suspect.append("streaks")
    if measures.edge_ink > 0.6:
        suspect.append("partial")
    if known is not None and known < 140:
        suspect.append("low_resolution")
    return Quality(tuple(suspect), round(float(skew), 2), round(known) if known else None)


def of_print(page: Page, skew_degrees: float) -> Quality:
    """The quality of a page that came as characters: nothing that scanning does can ail it."""
    suspect = ("skewed",) if abs(skew_degrees) > _SKEWED else ()
    return Quality(suspect, round(skew_degrees, 2), round(page.dpi) if page.dpi else None)


def measure(pixels: Pixels, *, skew_degrees: float | None = None) -> Measures:
    """Take all measures of a page image (gray or colour); a skew that is known costs nothing."""
    gray = to_gray(pixels)
    scale = min(1.0, _SIDE / max(gray.shape))
    size = max(1, round(scale * gray.shape[1])), max(1, round(scale * gray.shape[0]))
    small = reduced(gray, size)
    sample = gray[::3, ::3]
    bitonal = bool(np.mean((sample > 8) & (sample < 247)) < 0.01)
    grays = _histogram(small)
    paper = float(_from_top(grays, 0.1))
    level = int(np.ceil(0.8 * paper))  # the grays below it are ink
    inked = grays[:level]
    ink = float(inked.sum() / grays.sum())
    foreground = float(inked @ np.arange(level) / inked.sum()) if inked.any() else paper
    dark = np.asarray(small < level, np.uint8)
    return Measures(
        ink=ink,
        paper=paper,
        contrast=paper - foreground,
        sharpness=_sharpness(np.asarray(gray, np.uint8)),
        edge_ink=_edge_ink(dark),
        streak=float(
            np.mean(cv2.reduce(dark, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S) > 0.97 * dark.shape[0])
        )
        if ink < 0.5
        else 0.0,
        skew_degrees=_skew(dark, ink) if skew_degrees is None else skew_degrees,
        bitonal=bitonal,
    )


def _histogram(gray: Pixels) -> NDArray[np.int64]:
    """How many pixels there are of each of the 256 grays."""
    counted = cv2.calcHist([gray], [0], None, [256], [0, 256])
    return np.asarray(counted, np.int64).reshape(-1)


def _from_top(counts: NDArray[np.int64], share: float) -> int:
    """The gray that ``share`` of the pixels reach or pass."""
    above = np.cumsum(counts[::-1])
    return 255 - int(np.searchsorted(above, max(1.0, share * float(above[-1]))))


def _sharpness(gray: Pixels) -> float:
    """Mean of the steepest one in two hundred steps between neighbours, in gray levels."""
    rows = np.ascontiguousarray(gray[::2])
    if rows.shape[1] < 2:
        return 0.0
    steps = _histogram(np.asarray(cv2.absdiff(rows[:, 1:], rows[:, :-1]), np.uint8))
    least = _from_top(steps, 0.005)
    top = steps[least:]
    return float(top @ np.arange(least, 256) / top.sum())


def _edge_ink(dark: NDArray[np.uint8]) -> float:
    """The darkest of the four border strips: a cut-off or folded sheet shows the bed there."""
    depth = max(2, min(dark.shape) // 60)
    strips = (dark[:depth], dark[-depth:], dark[:, :depth], dark[:, -depth:])
    return max(float(strip.mean()) for strip in strips)


def _skew(dark: NDArray[np.uint8], ink: float) -> float:
    """The slant in degrees (clockwise positive) that makes rows of ink stand out most."""
    if ink < 0.002 or ink > 0.5:
        return 0.0
    reduced = np.asarray(
        cv2.resize(dark * 255, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA), np.uint8
    )
    coarse = np.arange(-_MAX_SKEW, _MAX_SKEW + 0.01, 1.0)
    best = max(coarse, key=lambda angle: _rows_stand_out(reduced, float(angle)))
    fine = np.arange(best - 0.75, best + 0.76, 0.25)
    return float(max(fine, key=lambda angle: _rows_stand_out(reduced, float(angle))))


def _rows_stand_out(picture: NDArray[np.uint8], angle: float) -> float:
    """How much the row sums vary after shearing the picture level."""
    slope = float(np.tan(np.radians(angle)))
    width, height = picture.shape[1], picture.shape[0]
    shear = np.array([[1, 0, 0], [-slope, 1, slope * width / 2]], np.float64)
    level = cv2.warpAffine(picture, shear, (width, height), flags=cv2.INTER_NEAREST)
    return float(np.square(np.diff(level.sum(axis=1, dtype=np.int64))).sum())
