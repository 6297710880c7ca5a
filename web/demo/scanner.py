"""What scanners and telephones do to paper: skew, blur, noise, background, G4, perspective."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from web.demo.mail import Kind, Mode, Picture
from web.demo.sheet import Sheet

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Look:
    """How a page is captured. Angles in degrees, blur in pixels, noise in gray levels (sigma),
    margin (scanner bed around the sheet) in inches; ``bed`` is the bed's gray level.
    """

    mode: Mode = "gray"
    skew: float = 0.0
    blur: float = 0.5
    noise: float = 4.0
    gamma: float = 1.0
    margin: float = 0.0
    bed: int = 250
    jpeg_quality: int = 80


def random_look(rng: random.Random, mode: Mode) -> Look:
    """An ordinary office scanner's look: skew mostly under a degree, at most two."""
    skew = max(-2.0, min(2.0, rng.gauss(0, 0.6)))
    return Look(
        mode=mode,
        skew=skew,
        blur=rng.uniform(0.35, 0.75),
        noise=rng.uniform(2.0, 6.0),
        gamma=rng.uniform(0.9, 1.12),
        margin=rng.uniform(0.0, 0.12),
        bed=rng.choice((252, 246, 38)) if mode != "bitonal" else 252,
        jpeg_quality=rng.choice((70, 80, 88)),
    )


@lru_cache(maxsize=1)
def _grain() -> NDArray[np.float32]:
    """A tile of unit Gaussian noise, cut at random places: far quicker than fresh noise."""
    return np.random.default_rng(20261116).standard_normal((1024, 1024)).astype(np.float32)


def add_noise(pixels: Pixels, sigma: float, rng: random.Random) -> Pixels:
    """Add sensor noise of ``sigma`` gray levels."""
    if sigma <= 0:
        return pixels
    rows, cols = pixels.shape[:2]
    tile = np.roll(_grain(), (rng.randrange(1024), rng.randrange(1024)), axis=(0, 1))
    reps = (rows // 1024 + 1, cols // 1024 + 1)
    noise = np.tile((tile * sigma).astype(np.int16), reps)[:rows, :cols]
    if pixels.ndim == 3:
        noise = cv2.merge([noise, noise, noise]).astype(np.int16)
    return cv2.add(pixels, noise, dtype=cv2.CV_8U).astype(np.uint8, copy=False)


def scan(sheet: Sheet, kind: Kind, look: Look, rng: random.Random) -> Picture:
    """The sheet as a scanner gives it; same resolution as the sheet was drawn in."""
    rgb = sheet.pixels()
    source: Pixels = (
        cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR) if look.mode == "color"
        else cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    ).astype(np.uint8)  # fmt: skip
    source = _turn(source, look, sheet.dpi)
    if look.blur > 0:
        source = cv2.GaussianBlur(source, (0, 0), look.blur * sheet.dpi / 200).astype(np.uint8)
    if abs(look.gamma - 1) > 0.01:
        curve = (255 * (np.arange(256) / 255) ** look.gamma).astype(np.uint8)
        source = cv2.LUT(source, curve).astype(np.uint8)
    source = add_noise(source, look.noise, rng)
    if look.mode == "bitonal":
        source = binarise(source, sheet.dpi)
    return Picture(source, sheet.dpi, kind, look.mode, look.jpeg_quality)


def _turn(pixels: Pixels, look: Look, dpi: int) -> Pixels:
    """Turn the page by the look's skew on a bed that is larger by its margin."""
    rows, cols = pixels.shape[:2]
    pad = round(look.margin * dpi)
    if pad == 0 and abs(look.skew) < 0.02:
        return pixels
    matrix = cv2.getRotationMatrix2D((cols / 2, rows / 2), look.skew, 1.0)
    matrix[:, 2] += pad
    return cv2.warpAffine(
        pixels, matrix, (cols + 2 * pad, rows + 2 * pad), flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT, borderValue=(look.bed, look.bed, look.bed),
    ).astype(np.uint8)  # fmt: skip


def binarise(gray: Pixels, dpi: int) -> Pixels:
    """Black and white the way check scanners do: darker than the neighbourhood, within limits.

    The limits keep solid bars solid and the soft edges of letters from growing.
    """
    block = round(0.22 * dpi) | 1
    mean = cv2.boxFilter(gray, -1, (block, block), borderType=cv2.BORDER_REPLICATE)
    level = np.clip(cv2.subtract(mean, np.full_like(mean, 26)), 80, 165).astype(np.uint8)
    return cv2.compare(gray, level, cv2.CMP_GE).astype(np.uint8, copy=False)


def photograph(sheet: Sheet, kind: Kind, rng: random.Random, *, tilt: float = 0.035) -> Picture:
    """The sheet on a desk as a telephone sees it: perspective, shadow, soft focus, JPEG.

    ``tilt`` is how far, as a share of the sheet's width, a corner strays.
    """
    page = cv2.cvtColor(sheet.pixels(), cv2.COLOR_RGB2BGR)
    rows, cols = page.shape[:2]
    pad = round(cols * 0.07)
    height, width = rows + 2 * pad, cols + 2 * pad
    desk = np.empty((height, width, 3), np.uint8)
    desk[:] = rng.choice(((64, 88, 118), (92, 92, 96), (58, 70, 84)))
    grain = np.sin(np.arange(height) / 9.0 + rng.uniform(0, 6)) * 7
    desk = np.clip(desk + grain[:, None, None], 0, 255).astype(np.uint8)

    def stray() -> float:
        return rng.uniform(-tilt, tilt) * float(cols)

    corners = np.array([[0, 0], [cols, 0], [cols, rows], [0, rows]], np.float32)
    target = corners + pad + np.array([[stray(), stray()] for _ in corners], np.float32)
    matrix = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
    cv2.warpPerspective(page, matrix, (width, height), dst=desk, flags=cv2.INTER_LINEAR,
                        borderMode=cv2.BORDER_TRANSPARENT)  # fmt: skip
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = rng.uniform(0, 6.28)
    ramp = np.cos(angle) * x / width + np.sin(angle) * y / height
    light = 0.86 + 0.16 * (ramp - ramp.min()) / (ramp.max() - ramp.min())
    edge = 1 / (1 + np.exp(-(ramp - np.quantile(ramp, 0.22)) * 28))
    light *= 0.8 + 0.2 * edge
    lit = np.clip(desk * light.astype(np.float32)[:, :, None], 0, 255).astype(np.uint8)
    lit = cv2.GaussianBlur(lit, (0, 0), rng.uniform(0.6, 0.9) * sheet.dpi / 200).astype(np.uint8)
    return Picture(add_noise(lit, 3.0, rng), sheet.dpi, kind, "color", 82)
