"""A sheet of paper to draw on: inches from the upper left corner, at a resolution."""

from __future__ import annotations

import random
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from web.demo.fonts import SANS, font, font_by_digit_height

Color = tuple[int, int, int]
Point = tuple[float, float]
BLACK: Color = (22, 22, 24)
GRAY: Color = (95, 95, 100)
BLUE_INK: Color = (28, 44, 128)
BLACK_INK: Color = (30, 30, 36)


class Sheet:
    """A white sheet of ``width`` x ``height`` inches; text positions are baselines."""

    def __init__(
        self, width: float, height: float, dpi: int, paper: Color = (255, 255, 255)
    ) -> None:
        self.width, self.height, self.dpi = width, height, dpi
        size = (round(width * dpi), round(height * dpi))
        self.image = Image.new("RGB", size, paper)
        self.draw = ImageDraw.Draw(self.image)

    def px(self, inches: float) -> int:
        """Inches as whole pixels."""
        return round(inches * self.dpi)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        face: str = SANS,
        pt: float = 9,
        fill: Color = BLACK,
        anchor: Literal["l", "m", "r"] = "l",
    ) -> float:
        """Print ``text`` with its baseline at ``y``; return its width in inches."""
        typeface = font(face, round(pt / 72 * self.dpi, 1))
        self.draw.text((x * self.dpi, y * self.dpi), text, fill, typeface, anchor=f"{anchor}s")
        return float(typeface.getlength(text)) / self.dpi

    def lines(
        self,
        x: float,
        y: float,
        rows: tuple[str, ...] | list[str],
        *,
        face: str = SANS,
        pt: float = 9,
        fill: Color = BLACK,
        leading: float = 1.2,
        anchor: Literal["l", "m", "r"] = "l",
    ) -> float:
        """Print rows under each other; return the baseline of the row that would follow."""
        for row in rows:
            self.text(x, y, row, face=face, pt=pt, fill=fill, anchor=anchor)
            y += pt * leading / 72
        return y

    def rule(self, x0: float, y0: float, x1: float, y1: float, pt: float = 0.6,
             fill: Color = BLACK) -> None:  # fmt: skip
        """A straight line ``pt`` points thick."""
        thick = max(1, round(pt / 72 * self.dpi))
        self.draw.line([self.px(x0), self.px(y0), self.px(x1), self.px(y1)], fill, thick)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        pt: float = 0.7,
        outline: Color | None = BLACK,
        fill: Color | None = None,
    ) -> None:
        """A rectangle, outlined or filled or both."""
        corners = [self.px(x), self.px(y), self.px(x + width), self.px(y + height)]
        thick = max(1, round(pt / 72 * self.dpi)) if outline else 0
        self.draw.rectangle(corners, fill, outline, thick)

    def hand(
        self,
        rng: random.Random,
        x: float,
        y: float,
        text: str,
        *,
        face: str,
        digit: float = 0.12,
        ink: Color = BLUE_INK,
        fit: float | None = None,
        slope: float = 0.0,
    ) -> float:
        """Write ``text`` by hand, word by word with unsteady baseline; return the width in inches.

        ``digit`` is the height of the writer's digits in inches; ``fit`` the room there is: the
        writing gets smaller rather than longer.
        """
        typeface = font_by_digit_height(face, digit * self.dpi)
        gaps = [rng.uniform(0.85, 1.25) for _ in text.split(" ")]
        space = max(typeface.getlength(" "), digit * self.dpi * 0.5)
        total = sum(
            _reach(typeface, word) + space * gap
            for word, gap in zip(text.split(" "), gaps, strict=True)
        )
        if fit is not None and total > fit * self.dpi:
            shrink = fit * self.dpi / total
            typeface = font_by_digit_height(face, digit * shrink * self.dpi)
            space *= shrink
        pen, start = x * self.dpi, x * self.dpi
        for word, gap in zip(text.split(" "), gaps, strict=True):
            rise = rng.gauss(0, 0.055 * digit * self.dpi) + slope * (pen - start)
            self._word(typeface, word, pen, y * self.dpi + rise, rng.uniform(-1.3, 1.3), ink)
            pen += _reach(typeface, word) + space * gap
        return (pen - start) / self.dpi

    def _word(self, typeface: ImageFont.FreeTypeFont, word: str, x: float, y: float,
              angle: float, ink: Color) -> None:  # fmt: skip
        left, top, right, bottom = typeface.getbbox(word, anchor="ls")
        pad = 6
        size = (int(right - left) + 2 * pad, int(bottom - top) + 2 * pad)
        mask = Image.new("L", size, 0)
        ImageDraw.Draw(mask).text((pad - left, pad - top), word, 255, typeface, anchor="ls")
        mask = mask.rotate(angle, Image.Resampling.BICUBIC)
        self.image.paste(Image.new("RGB", size, ink), (round(x + left - pad),
                                                       round(y + top - pad)), mask)  # fmt: skip

    def scribble(self, points: list[Point], pt: float, ink: Color) -> None:
        """A smooth pen stroke through ``points`` (inches), ``pt`` points thick."""
        curve = [(px * self.dpi, py * self.dpi) for px, py in smooth(points)]
        thick = max(1, round(pt / 72 * self.dpi))
        self.draw.line(curve, ink, thick, joint="curve")

    def stamp(self, ink: NDArray[np.uint8], x: float, y: float) -> None:
        """Darken the sheet with a gray picture (0 is ink) whose upper left corner is at x, y."""
        left, top = self.px(x), self.px(y)
        region = (left, top, left + ink.shape[1], top + ink.shape[0])
        under = np.asarray(self.image.crop(region)).astype(np.uint16)
        dark = (under * ink[:, :, None] // 255).astype(np.uint8)
        self.image.paste(Image.fromarray(dark), region)

    def paste(self, picture: NDArray[np.uint8], x: float, y: float, height: float) -> None:
        """Lay a gray or RGB picture on the sheet, scaled without smoothing to ``height`` inches."""
        scale = height * self.dpi / picture.shape[0]
        size = (max(1, round(picture.shape[1] * scale)), self.px(height))
        resized = cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST)
        self.image.paste(Image.fromarray(resized).convert("RGB"), (self.px(x), self.px(y)))

    def overlay(self, other: Sheet, x: float, y: float, angle: float = 0.0) -> tuple[int, int]:
        """Lay another sheet on this one, turned by ``angle`` degrees; return its size in pixels."""
        turned = other.image.convert("RGBA").rotate(angle, Image.Resampling.BICUBIC, expand=True)
        self.image.paste(turned.convert("RGB"), (self.px(x), self.px(y)), turned.getchannel("A"))
        return turned.size

    def pixels(self) -> NDArray[np.uint8]:
        """The sheet as height x width x 3 in RGB order."""
        return np.asarray(self.image)


def _reach(typeface: ImageFont.FreeTypeFont, word: str) -> float:
    """How far a written word goes: swashes may pass the advance width."""
    return max(float(typeface.getlength(word)), float(typeface.getbbox(word, anchor="ls")[2]))


def smooth(points: list[Point], steps: int = 10) -> list[Point]:
    """A Catmull-Rom curve through ``points``."""
    if len(points) < 3:
        return points
    padded = [points[0], *points, points[-1]]
    curve: list[Point] = []
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            curve.append((_spline(p0[0], p1[0], p2[0], p3[0], t),
                          _spline(p0[1], p1[1], p2[1], p3[1], t)))  # fmt: skip
    curve.append(points[-1])
    return curve


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (
        2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
    )


def from_array(pixels: NDArray[Any], dpi: int) -> Sheet:
    """A sheet that shows ``pixels`` (RGB) at ``dpi``."""
    sheet = Sheet(pixels.shape[1] / dpi, pixels.shape[0] / dpi, dpi)
    sheet.image = Image.fromarray(pixels.astype(np.uint8)).convert("RGB")
    sheet.draw = ImageDraw.Draw(sheet.image)
    return sheet
