"""How a check on paper becomes a picture: seven kinds of scan and photo, places carried along."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.checks.hands import Rect
from intake.types import Box, Pixels
from web.demo.scanner import add_noise, binarise
from web.demo.sheet import Sheet

Capture = Literal["g4_200", "g4_240", "gray_200", "gray_300", "color_200", "color_300", "photo"]
CAPTURES: tuple[Capture, ...] = get_args(Capture)
_DESKS = ((64, 88, 118), (92, 92, 96), (58, 70, 84), (150, 170, 188), (40, 44, 46), (196, 200, 204))


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture; ``matrix`` takes sheet inches to its pixels; ``turned`` is 180 for upside down."""

    pixels: Pixels
    dpi: float | None
    matrix: NDArray[np.float64]
    turned: int

    def box(self, place: Rect) -> Box:
        """The upright box in pixels around a rectangle of the sheet (inches)."""
        x0, y0, x1, y1 = place
        corners = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], np.float64)
        moved = cv2.perspectiveTransform(corners, self.matrix)[0]
        left, top = np.floor(moved.min(axis=0)).astype(int)
        right, bottom = np.ceil(moved.max(axis=0)).astype(int)
        return (int(left), int(top), int(right - left), int(bottom - top))


def drawn_dpi(capture: Capture) -> int:
    """The resolution to draw a sheet in for this capture."""
    return 230 if capture == "photo" else int(capture.partition("_")[2])


def take(sheet: Sheet, capture: Capture, rng: random.Random) -> Shot:
    """The sheet as this kind of device gives it."""
    return _photograph(sheet, rng) if capture == "photo" else _scan(sheet, capture, rng)


def _scan(sheet: Sheet, capture: Capture, rng: random.Random) -> Shot:
    mode = capture.partition("_")[0]
    code = cv2.COLOR_RGB2BGR if mode == "color" else cv2.COLOR_RGB2GRAY
    source: Any = cv2.cvtColor(sheet.pixels(), code)
    turned = 180 if rng.random() < 0.02 else 0
    skew = max(-2.5, min(2.5, rng.gauss(0, 0.6))) + turned
    pad = round(rng.choice((0.0, 0.0, rng.uniform(0.0, 0.15))) * sheet.dpi)
    bed = rng.choice((252, 246, 38)) if mode != "g4" else 252
    rows, cols = source.shape[:2]
    turn = np.eye(3)
    turn[:2] = cv2.getRotationMatrix2D((cols / 2, rows / 2), skew, 1.0)
    turn[:2, 2] += pad
    source = cv2.warpAffine(
        source, turn[:2], (cols + 2 * pad, rows + 2 * pad), flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(bed, bed, bed),
    )  # fmt: skip
    blur = rng.triangular(0.3, 1.0, 0.5)
    source = cv2.GaussianBlur(source, (0, 0), blur * sheet.dpi / 200)
    curve = (255 * (np.arange(256) / 255) ** rng.uniform(0.85, 1.18)).astype(np.uint8)
    source = cv2.LUT(source, curve)
    source = add_noise(source, rng.uniform(1.5, 7.0), rng)
    if mode == "g4":
        source = binarise(source, sheet.dpi) if rng.random() < 0.85 else _global(source, rng)
    else:
        source = _jpeg(source, rng.randint(55, 92))
    return Shot(source, float(sheet.dpi), turn @ np.diag([sheet.dpi, sheet.dpi, 1.0]), turned)


def _global(gray: Pixels, rng: random.Random) -> Pixels:
    """Black and white by one level for the whole check, as older scanners do."""
    level, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)
    level = min(level + rng.uniform(-6, 10), 190)
    return np.where(gray >= level, 255, 0).astype(np.uint8)


def _jpeg(pixels: Any, quality: int) -> Pixels:
    _, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    flag = cv2.IMREAD_GRAYSCALE if pixels.ndim == 2 else cv2.IMREAD_COLOR
    return np.asarray(cv2.imdecode(encoded, flag), np.uint8)


def _photograph(sheet: Sheet, rng: random.Random) -> Shot:
    """A telephone held over a desk: perspective, tilt, shadow, uneven light, soft focus, JPEG."""
    page = cv2.cvtColor(sheet.pixels(), cv2.COLOR_RGB2BGR)
    rows, cols = page.shape[:2]
    pad = round(cols * rng.uniform(0.05, 0.16))
    height, width = rows + 2 * pad, cols + 2 * pad
    tilt = rng.uniform(0.008, 0.034)
    corners = np.array([[0, 0], [cols, 0], [cols, rows], [0, rows]], np.float32)
    stray = [[rng.uniform(-tilt, tilt) * cols, rng.uniform(-tilt, tilt) * cols] for _ in corners]
    matrix = cv2.getPerspectiveTransform(corners, corners + pad + np.array(stray, np.float32))
    spin = np.eye(3)
    spin[:2] = cv2.getRotationMatrix2D((width / 2, height / 2), rng.gauss(0, 1.3), 1.0)
    matrix = spin @ matrix
    desk = np.empty((height, width, 3), np.uint8)
    desk[:] = rng.choice(_DESKS)
    grain = np.sin(np.arange(height) / rng.uniform(5, 14) + rng.uniform(0, 6)) * 7
    desk = np.clip(desk + grain[:, None, None], 0, 255).astype(np.uint8)
    cv2.warpPerspective(page, matrix, (width, height), dst=desk, flags=cv2.INTER_LINEAR,
                        borderMode=cv2.BORDER_TRANSPARENT)  # fmt: skip
    lit = cv2.multiply(desk, cv2.merge([_light(height, width, rng)] * 3), dtype=cv2.CV_8U)
    lit = cv2.GaussianBlur(lit, (0, 0), rng.uniform(0.5, 1.05) * sheet.dpi / 200)
    lit = add_noise(np.asarray(lit, np.uint8), rng.uniform(2.0, 6.0), rng)
    inches = matrix @ np.diag([sheet.dpi, sheet.dpi, 1.0])
    return Shot(_jpeg(lit, rng.randint(60, 90)), None, inches, 0)


def _light(height: int, width: int, rng: random.Random) -> NDArray[np.float32]:
    """How much light falls where, 0 to about 1: a ramp, and often the edge of a shadow."""
    y, x = np.mgrid[0:60, 0:120].astype(np.float32)
    angle = rng.uniform(0, 6.28)
    ramp = np.cos(angle) * x / 120 + np.sin(angle) * y / 60
    span = (ramp - ramp.min()) / (ramp.max() - ramp.min())
    light = rng.uniform(0.74, 0.92) + 0.16 * span
    if rng.random() < 0.7:
        edge = 1 / (1 + np.exp(-(span - rng.uniform(0.1, 0.5)) * rng.uniform(8, 40)))
        light = light * (1 - rng.uniform(0.1, 0.35) * (1 - edge))
    return np.asarray(cv2.resize(light.astype(np.float32), (width, height)), np.float32)
