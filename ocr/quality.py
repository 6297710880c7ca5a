"""Image quality of a page: simple measures with names, each one a reason to look again."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.types import Page, Pixels
from ocr.types import Quality

_SIDE = 900.0
_MAX_SKEW = 5.0


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
    measures = measure(page.pixels)
    skew = measures.skew_degrees if skew_degrees is None else skew_degrees
    known = dpi or page.dpi
    suspect = []
    if measures.ink < 0.0015:
        suspect.append("blank")
    elif measures.ink < 0.006:
        suspect.append("too_light")
    if measures.ink > 0.45 or (not measures.bitonal and measures.paper < 95):
        suspect.append("too_dark")
    if not measures.bitonal and measures.contrast < 45 and "blank" not in suspect:
        suspect.append("low_contrast")
    if not measures.bitonal and measures.sharpness < 0.16 * max(measures.contrast, 1.0):
        suspect.append("blurred")
    if abs(skew) > 3.0:
        suspect.append("skewed")
    if measures.streak > 0.002:
        suspect.append("streaks")
    if measures.edge_ink > 0.6:
        suspect.append("partial")
    if known is not None and known < 140:
        suspect.append("low_resolution")
    return Quality(tuple(suspect), round(float(skew), 2), round(known) if known else None)


def measure(pixels: Pixels) -> Measures:
    """Take all measures of a page image (gray or colour)."""
    gray = pixels if pixels.ndim == 2 else np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY))
    scale = min(1.0, _SIDE / max(gray.shape))
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = np.asarray(small, np.uint8)
    sample = gray[::3, ::3]
    bitonal = bool(np.mean((sample > 8) & (sample < 247)) < 0.01)
    paper = float(np.percentile(small, 90))
    dark = (small < 0.8 * paper).astype(np.uint8)
    foreground = float(small[dark > 0].mean()) if dark.any() else paper
    return Measures(
        ink=float(dark.mean()),
        paper=paper,
        contrast=paper - foreground,
        sharpness=_sharpness(np.asarray(gray, np.uint8)),
        edge_ink=_edge_ink(dark),
        streak=float(np.mean(dark.mean(axis=0) > 0.97)) if dark.mean() < 0.5 else 0.0,
        skew_degrees=_skew(dark),
        bitonal=bitonal,
    )


def _sharpness(gray: Pixels) -> float:
    """Mean of the steepest one in two hundred steps between neighbours, in gray levels."""
    step = np.abs(np.diff(gray[::2].astype(np.int16), axis=1))
    if step.size == 0:
        return 0.0
    top = np.percentile(step, 99.5)
    return float(step[step >= top].mean())


def _edge_ink(dark: NDArray[np.uint8]) -> float:
    """The darkest of the four border strips: a cut-off or folded sheet shows the bed there."""
    depth = max(2, min(dark.shape) // 60)
    strips = (dark[:depth], dark[-depth:], dark[:, :depth], dark[:, -depth:])
    return max(float(strip.mean()) for strip in strips)


def _skew(dark: NDArray[np.uint8]) -> float:
    """The slant in degrees (clockwise positive) that makes rows of ink stand out most."""
    if dark.mean() < 0.002 or dark.mean() > 0.5:
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
