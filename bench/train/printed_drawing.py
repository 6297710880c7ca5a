"""Draws one line of type and gives the crop that the reader of checks would cut of it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bench.train.numerals_texts import Random, chance
from ocr.micr_line import ink_strength
from ocr.prepare import READING_DPI

Ink = NDArray[np.uint8]
FACES = (
    "alegreya-sans", "anonymous-pro", "archivo", "archivo-narrow", "arvo", "asap-condensed",
    "b612-mono", "barlow", "barlow-condensed", "bitter", "cardo", "carlito", "castoro", "copse",
    "cormorant-garamond", "crimson-text", "dm-mono", "dm-sans", "domine", "eb-garamond",
    "fira-mono", "fira-sans", "fira-sans-condensed", "gelasio", "gentium-book-plus", "hind",
    "ibm-plex-sans", "ibm-plex-sans-condensed", "ibm-plex-serif", "im-fell-english", "inter",
    "jost", "kameron", "karla", "lato", "libre-caslon-text", "libre-franklin", "lora",
    "merriweather", "monda", "montserrat", "nanum-gothic-coding", "newsreader", "noto-sans",
    "noto-serif", "nunito-sans", "old-standard-tt", "open-sans", "overpass-mono", "oxygen-mono",
    "pathway-gothic-one", "playfair-display", "prata", "pt-mono", "pt-sans", "pt-sans-narrow",
    "pt-serif", "public-sans", "quattrocento", "rokkitt", "saira-condensed", "source-code-pro",
    "source-sans-3", "space-mono", "spectral", "tenor-sans", "titillium-web", "unna", "vollkorn",
    "work-sans", "zilla-slab", "arimo", "cousine", "cutive-mono", "ibm-plex-mono", "inconsolata",
    "oswald", "share-tech-mono", "source-serif-4", "special-elite", "tinos", "vt323",
)  # fmt: skip
"""Faces to learn from; ``HELD_OUT`` and those the bench prints with are kept out."""
PLAIN = ("arimo", "tinos", "cousine", "carlito", "open-sans", "source-sans-3", "libre-franklin")
"""What most checks are printed with is drawn more often."""
HELD_OUT = ("mulish", "crimson-pro", "archivo-black", "yanone-kaffeesatz", "goudy-bookletter-1911")
_MARGIN = 30


@lru_cache(maxsize=4)
def faces(folders: tuple[Path, ...], names: tuple[str, ...]) -> tuple[Path, ...]:
    """Files of the faces in plain folders or npm trees of @fontsource, regular and bold."""
    found = []
    for name in names:
        for weight in (400, 700):
            file = f"{name}-latin-{weight}-normal.woff2"
            places = [p for f in folders for p in (f / file, f / name / "files" / file)]
            found += [place for place in places if place.is_file()][:1]
    return tuple(found)


@lru_cache(maxsize=600)
def _face(file: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(file), size)


def _set(text: str, file: Path, em: float, random: Random) -> Ink:
    """The ink of a line, 255 where it is, at twice its size; letters apart as printers set them."""
    face = _face(file, max(12, round(2 * em)))
    apart = float(random.normal(0.0, 0.02)) if chance(random, 0.3) else 0.0
    if chance(random, 0.06):
        apart = float(random.uniform(0.02, 0.22))
    left, top, right, bottom = face.getbbox(text or " ", anchor="ls")
    step = apart * 2 * em
    wide = int(right - left + abs(step) * len(text)) + 8
    picture = Image.new("L", (wide, int(bottom - top) + 8), 0)
    pen = ImageDraw.Draw(picture)
    if step == 0.0:
        pen.text((4 - left, 4 - top), text, 255, face, anchor="ls")
    else:
        x = 4.0 - left
        for char in text:
            pen.text((x, 4 - top), char, 255, face, anchor="ls")
            x += face.getlength(char) + step
    return np.asarray(picture, np.uint8)


def drawn(text: str, file: Path, random: Random) -> tuple[Ink, tuple[int, int, int, int]]:
    """The cleaned picture about a line, dark on white at 200 dpi, and the box of the line."""
    dpi = float(random.choice([200, 200, 230, 240, 300, 300]))
    points = float(np.clip(random.lognormal(np.log(9.5), 0.27), 5.6, 18))
    ink = _set(text, file, points * dpi / 72, random)
    if chance(random, 0.25):
        brush = np.ones((2, 2), np.uint8)
        ink = np.asarray(cv2.dilate(ink, brush) if chance(random, 0.6) else
                         cv2.erode(ink, brush), np.uint8)  # fmt: skip
    page, place = _captured(ink, dpi, random)
    shrink = READING_DPI / dpi
    if shrink < 1:
        if shrink < 1 / 1.2:
            page = np.asarray(cv2.GaussianBlur(page, (0, 0), 0.35 / shrink), np.uint8)
        page = np.asarray(cv2.resize(page, None, fx=shrink, fy=shrink), np.uint8)
    clean = 255 - ink_strength(page, READING_DPI)
    x, y, wide, high = (round(value * shrink) for value in place)
    return np.asarray(clean, np.uint8), (x, y, wide, high)


def _captured(ink: Ink, dpi: float, random: Random) -> tuple[Ink, tuple[float, ...]]:
    """The line on paper as a scanner or a camera stores it, and where it stands there."""
    stretch = float(random.uniform(0.9, 1.1))
    wide, high = ink.shape[1] / 2 * stretch, ink.shape[0] / 2
    margin = _MARGIN * dpi / READING_DPI
    size = round(wide + 2 * margin), round(high + 2 * margin)
    turn = float(np.clip(random.normal(0, 0.004), -0.012, 0.012)) * min(1.0, 600 / wide)
    lean = float(random.normal(0, 0.03)) if chance(random, 0.3) else 0.0
    if chance(random, 0.05):
        lean = float(random.uniform(-0.3, -0.1))
    x, y = margin + float(random.uniform(0, 1)), margin + float(random.uniform(0, 1))
    to_page = np.array([[stretch / 2, lean / 2, x - lean * high / 2],
                        [turn * stretch / 2, 0.5, y - turn * wide / 2]], np.float64)  # fmt: skip
    soft = cv2.GaussianBlur(ink, (0, 0), 0.6)
    laid = np.asarray(cv2.warpAffine(soft, to_page, size), np.float32)
    depth = float(random.uniform(90, 235))
    gray = _paper((size[1], size[0]), dpi, random)
    gray -= laid * np.float32(depth / 255)
    if chance(random, 0.12):
        _junk(gray, margin, random)
    blur = float(random.triangular(0.25, 0.5, 1.15)) * dpi / 200
    gray = np.asarray(cv2.GaussianBlur(gray, (0, 0), blur), np.float32)
    gray += random.normal(0, float(random.uniform(0.5, 8)), gray.shape).astype(np.float32)
    page = _stored(np.clip(gray, 0, 255).astype(np.uint8), dpi, random)
    return page, (margin, margin, wide, high)


def _paper(shape: tuple[int, int], dpi: float, random: Random) -> NDArray[np.float32]:
    """Paper with uneven light, and a security background at times."""
    height, width = shape
    paper = np.full(shape, float(random.uniform(185, 255)), np.float32)
    if chance(random, 0.3):
        paper += np.linspace(0, float(random.normal(0, 25)), width, dtype=np.float32)[None]
    if chance(random, 0.4):
        y, x = (np.mgrid[0:height, 0:width] * (200 / dpi)).astype(np.float32)
        wave = np.sin(x * random.uniform(0.05, 1.0) + y * random.uniform(-1.0, 1.0)
                      + 2 * np.sin(y * random.uniform(0.02, 0.3)))  # fmt: skip
        if chance(random, 0.4):  # thin lines
            wave = np.where(wave > 0.8, wave, -1.0)
        paper -= np.float32(random.uniform(3, 40)) * (0.5 + 0.5 * wave).astype(np.float32)
    return paper


def _junk(gray: NDArray[np.float32], margin: float, random: Random) -> None:
    """A stroke of handwriting or a piece of a rule across the line's edge."""
    height, width = gray.shape
    x = float(random.uniform(margin, width - margin))
    y = float(random.choice([random.uniform(0, 1.2 * margin),
                             random.uniform(height - 1.2 * margin, height)]))  # fmt: skip
    reach = float(random.uniform(10, 80))
    end = (round(x + reach), round(y + random.normal(0, 6)))
    shade = float(random.uniform(20, 150))
    cv2.line(gray, (round(x), round(y)), end, shade, int(random.integers(1, 4)), cv2.LINE_AA)


def _stored(gray: Ink, dpi: float, random: Random) -> Ink:
    """Gray, JPEG, or black and white in two ways."""
    form = random.random()
    if form < 0.25:
        return gray
    if form < 0.55:
        quality = int(random.integers(35, 92))
        stored = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.uint8)
    if form < 0.85:
        block = round(dpi * float(random.uniform(0.08, 0.35))) | 1
        mean = cv2.boxFilter(gray, -1, (block, block), borderType=cv2.BORDER_REPLICATE)
        level = np.clip(np.asarray(mean, np.float32) - float(random.uniform(12, 45)), 60, 215)
    else:
        otsu = cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)[0]
        level = np.full(gray.shape, otsu + random.uniform(-20, 20), np.float32)
    return np.where(gray >= level, 255, 0).astype(np.uint8)
