"""Printed remittances on an office scanner: skewed, folded, noisy, too light or too dark."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from web.demo.mail import Picture
from web.demo.scan_files import encode, write_pdf, write_tiff
from web.demo.scanner import add_noise

Pixels = NDArray[np.uint8]
Exposure = Literal["normal", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Capture:
    """How a document was scanned: ``skew`` in degrees, ``fold`` as a share of the height.

    ``dpi`` 200 is black and white, 300 gray. ``specks`` counts dark and light dots a page.
    """

    dpi: Literal[200, 300]
    skew: float
    exposure: Exposure
    fold: float | None
    blur: float
    noise: float
    specks: int

    @property
    def name(self) -> str:
        """The kind of scan for a table: ``bitonal light``, ``gray``."""
        return "gray" if self.dpi == 300 else f"bitonal {self.exposure}"


def random_capture(rng: random.Random) -> Capture:
    """Three of four black and white at 200 dpi, up to two degrees askew, half of them folded."""
    dpi: Literal[200, 300] = 300 if rng.random() < 0.25 else 200
    return Capture(
        dpi,
        max(-2.0, min(2.0, rng.gauss(0, 0.9))),
        rng.choices(("normal", "light", "dark"), weights=(3, 1, 1))[0],
        rng.choice((1 / 3, 2 / 3, 1 / 2)) + rng.uniform(-0.01, 0.01)
        if rng.random() < 0.5
        else None,
        rng.uniform(0.35, 0.75),
        rng.uniform(3.0, 8.0),
        rng.randint(0, 120),
    )


def scanned_file(pdf: bytes, capture: Capture, rng: random.Random) -> tuple[str, bytes]:
    """The pages of a PDF printed and scanned: file ending and bytes (TIFF, or PDF of pictures)."""
    document = pypdfium2.PdfDocument(pdf)
    pages = []
    for page in document:
        pixels = np.asarray(page.render(scale=capture.dpi / 72, grayscale=True).to_numpy())
        gray = np.ascontiguousarray(pixels.reshape(pixels.shape[:2]), np.uint8)
        mode: Literal["gray", "bitonal"] = "gray" if capture.dpi == 300 else "bitonal"
        scanned = scan(gray, capture, rng)
        pages.append(encode(Picture(scanned, capture.dpi, "remittance", mode, 82)))
    document.close()
    if capture.dpi == 200 and rng.random() < 0.5:
        return "tif", write_tiff(pages)
    return "pdf", write_pdf(pages)


def scan(gray: Pixels, capture: Capture, rng: random.Random) -> Pixels:
    """One drawn page (gray) as the scanner gives it."""
    page = _folded(_printed(gray), capture, rng)
    page = _turned(page, capture.skew)
    page = cv2.GaussianBlur(page, (0, 0), capture.blur * capture.dpi / 200).astype(np.uint8)
    gamma = {"normal": 1.0, "light": 0.76, "dark": 1.3}[capture.exposure]
    curve = (255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)
    page = add_noise(cv2.LUT(page, curve).astype(np.uint8), capture.noise, rng)
    if capture.dpi == 300:
        return page
    level = {"normal": 150, "light": 130, "dark": 182}[capture.exposure]
    black = np.where(page >= level, 255, 0).astype(np.uint8)
    return _specked(black, capture.specks, rng)


def _printed(gray: Pixels) -> Pixels:
    """Toner spreads: hairlines of a drawn letter come out wider than they were drawn."""
    spread = cv2.erode(gray, cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)))
    return cv2.addWeighted(gray, 0.55, spread, 0.45, 0).astype(np.uint8)


def _folded(gray: Pixels, capture: Capture, rng: random.Random) -> Pixels:
    """A crease across the page: a thin broken line, gray beside it on one side."""
    if capture.fold is None:
        return gray.copy()
    page = gray.astype(np.int16)
    rows = page.shape[0]
    at = round(rows * capture.fold)
    reach = round(0.06 * capture.dpi)
    shade = np.linspace(34, 0, reach).astype(np.int16)[:, None]
    page[at : at + reach] -= shade[: page[at : at + reach].shape[0]]
    start = 0
    while start < page.shape[1]:
        run = rng.randint(capture.dpi // 10, capture.dpi)
        page[at : at + rng.choice((1, 1, 2)), start : start + run] -= 110
        start += run + rng.randint(capture.dpi // 20, capture.dpi // 2)
    return np.clip(page, 0, 255).astype(np.uint8)


def _turned(page: Pixels, skew: float) -> Pixels:
    if abs(skew) < 0.02:
        return page
    rows, cols = page.shape
    pad = math.ceil(math.sin(math.radians(abs(skew))) * max(rows, cols) / 2)
    matrix = cv2.getRotationMatrix2D((cols / 2, rows / 2), skew, 1.0)
    matrix[:, 2] += pad
    size = (cols + 2 * pad, rows + 2 * pad)
    turned = cv2.warpAffine(page, matrix, size, flags=cv2.INTER_LINEAR,
                            borderMode=cv2.BORDER_CONSTANT, borderValue=255)  # fmt: skip
    return turned.astype(np.uint8)


def _specked(page: Pixels, count: int, rng: random.Random) -> Pixels:
    rows, cols = page.shape
    for number in range(count):
        x, y = rng.randrange(cols - 3), rng.randrange(rows - 3)
        page[y : y + rng.randint(1, 2), x : x + rng.randint(1, 2)] = 0 if number % 3 else 255
    return page
