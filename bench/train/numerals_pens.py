"""Pens that write the marks of a line: typefaces, and handwritten figures from the MNIST data."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from bench.train.numerals_texts import Random, chance

Ink = NDArray[np.uint8]
DIGIT = 48
"""Height of a figure in the pixels that pens draw in."""

HANDS = (
    "annie-use-your-telescope", "architects-daughter", "bad-script", "caveat", "cedarville-cursive",
    "coming-soon", "covered-by-your-grace", "crafty-girls", "gaegu", "give-you-glory", "handlee",
    "homemade-apple", "just-another-hand", "just-me-again-down-here", "kalam", "kristi",
    "loved-by-the-king", "mali", "mansalva", "nanum-pen-script", "nothing-you-could-do",
    "over-the-rainbow", "patrick-hand", "permanent-marker", "rancho", "reenie-beanie", "schoolbell",
    "sedgwick-ave", "shadows-into-light", "short-stack", "sriracha", "sue-ellen-francisco",
    "swanky-and-moo-moo", "the-girl-next-door", "waiting-for-the-sunrise", "walter-turncoat",
    "zeyada",
)  # fmt: skip
PRINTED = (
    "allerta-stencil", "arimo", "courier-prime", "cousine", "cutive-mono", "ibm-plex-mono",
    "inconsolata", "libre-baskerville", "oswald", "roboto", "share-tech-mono", "source-serif-4",
    "special-elite", "stardos-stencil", "tinos", "vt323",
)  # fmt: skip
HELD_OUT = (
    "gloria-hallelujah", "indie-flower", "dawning-of-a-new-day", "rock-salt", "la-belle-aurore",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Glyph:
    """A mark's ink, cut tight: ``left`` and ``top`` from the pen point on the baseline."""

    ink: Ink
    left: int
    top: int
    advance: float


class Pen(Protocol):
    """Writes one mark after another at a figure height of ``DIGIT`` pixels."""

    def glyph(self, char: str, random: Random) -> Glyph:
        """The mark for ``char``; may differ each time."""
        ...


class FontPen:
    """A typeface, each mark always alike."""

    def __init__(self, file: Path) -> None:
        probe = ImageFont.truetype(str(file), 200)
        left, top, right, bottom = probe.getbbox("0458", anchor="ls")
        del left, right
        self._face = ImageFont.truetype(str(file), max(8.0, DIGIT * 200 / max(40, bottom - top)))
        self._known: dict[str, Glyph] = {}

    def glyph(self, char: str, random: Random) -> Glyph:
        """See Pen."""
        del random
        if char not in self._known:
            left, top, right, bottom = self._face.getbbox(char, anchor="ls")
            box = (max(1, int(right - left) + 2), max(1, int(bottom - top) + 2))
            picture = Image.new("L", box, 0)
            ImageDraw.Draw(picture).text((1 - left, 1 - top), char, 255, self._face, anchor="ls")
            advance = max(float(self._face.getlength(char)), 0.12 * DIGIT)
            self._known[char] = Glyph(np.asarray(picture), int(left) - 1, int(top) - 1, advance)
        return self._known[char]


class FigurePen:
    """Handwritten figures of the MNIST data, other marks by strokes or by a typeface."""

    def __init__(self, figures: dict[str, NDArray[np.uint8]], marks: FontPen,
                 random: Random) -> None:  # fmt: skip
        self._figures, self._marks = figures, marks
        # One writer keeps to few shapes; a narrow hand stays narrow.
        self._own: dict[str, int] = {}
        self._narrow = float(random.uniform(0.75, 1.25))
        self._gap = float(random.uniform(-0.04, 0.22)) * DIGIT
        self._pen = int(random.integers(3, 7))
        self._plain_one = chance(random, 0.4)

    def glyph(self, char: str, random: Random) -> Glyph:
        """See Pen."""
        if char == "1" and self._plain_one:
            return self._stroke(random, (0.0, 0.0), (float(random.normal(0.04, 0.05)), -1.0))
        if char in self._figures:
            return self._figure(char, random)
        if char == "." and chance(random, 0.8):
            size = float(random.uniform(0.02, 0.08))
            return self._stroke(random, (0.0, 0.0), (size, -size * float(random.uniform(-1, 1))))
        if char == ",":
            return self._stroke(random, (0.05, -0.06), (float(random.uniform(-0.08, 0.03)), 0.16))
        if char == "-":
            rise = -float(random.uniform(0.25, 0.55))
            return self._stroke(random, (0.0, rise), (float(random.uniform(0.2, 0.7)), rise))
        if char == "/":
            reach = float(random.uniform(0.15, 0.6))
            return self._stroke(random, (0.0, float(random.uniform(0.0, 0.25))), (reach, -1.1))
        return self._marks.glyph(char, random)

    def _figure(self, char: str, random: Random) -> Glyph:
        chosen = self._own.get(char)
        if chosen is None or chance(random, 0.35):
            chosen = self._own[char] = int(random.integers(len(self._figures[char])))
        small = self._figures[char][chosen]
        rows, columns = np.flatnonzero(small.any(axis=1)), np.flatnonzero(small.any(axis=0))
        tight = small[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        high = DIGIT * float(random.uniform(0.88, 1.1))
        factor = high / tight.shape[0]
        wide = max(3, round(tight.shape[1] * factor * self._narrow))
        if char == "1":
            wide = min(wide, round(0.55 * DIGIT))
        large = cv2.resize(tight, (wide, round(high)), interpolation=cv2.INTER_CUBIC)
        sharp = np.clip((np.asarray(large, np.float32) - 70) * 2.4, 0, 255).astype(np.uint8)
        return Glyph(sharp, 0, -round(high), wide + self._gap)

    def _stroke(self, random: Random, start: tuple[float, float],
                end: tuple[float, float]) -> Glyph:  # fmt: skip
        """A pen stroke between two places in units of a figure's height, y down."""
        pen = self._pen + int(random.integers(-1, 2))
        points = np.array([start, end]) * DIGIT
        low = np.floor(points.min(axis=0)).astype(int) - pen
        high = np.ceil(points.max(axis=0)).astype(int) + pen
        ink = np.zeros((high[1] - low[1] + 1, high[0] - low[0] + 1), np.uint8)
        first, last = ((points - low).round().astype(int)).tolist()
        cv2.line(ink, first, last, 255.0, pen, cv2.LINE_AA)
        return Glyph(ink, int(low[0]) + pen, int(low[1]), float(ink.shape[1] - pen) + self._gap)


@lru_cache(maxsize=4)
def figures(folder: Path, half: int) -> dict[str, NDArray[np.uint8]]:
    """MNIST's test figures by label; half 0 is the first 5,000 (train), 1 the rest (judge)."""
    with gzip.open(folder / "t10k-images-idx3-ubyte.gz") as file:
        pictures = np.frombuffer(file.read(), np.uint8, offset=16).reshape(-1, 28, 28)
    with gzip.open(folder / "t10k-labels-idx1-ubyte.gz") as file:
        labels = np.frombuffer(file.read(), np.uint8, offset=8)
    part = slice(5000 * half, 5000 * (half + 1))
    return {str(digit): pictures[part][labels[part] == digit] for digit in range(10)}


def font_file(folders: tuple[Path, ...], name: str) -> Path:
    """The file of a face, in a plain folder or in an npm tree of @fontsource."""
    file = f"{name}-latin-400-normal.woff2"
    for folder in folders:
        for place in (folder / file, folder / name / "files" / file):
            if place.is_file():
                return place
    raise FileNotFoundError(file)


@lru_cache(maxsize=4)
def font_pens(folders: tuple[Path, ...], names: tuple[str, ...]) -> tuple[FontPen, ...]:
    """A pen for each face."""
    return tuple(FontPen(font_file(folders, name)) for name in names)
