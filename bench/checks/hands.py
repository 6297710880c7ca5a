"""Handwriting: a typeface made unsteady, slanted, bent and pressed as one writer would."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from web.demo.fonts import FOLDER as DEMO_FOLDER
from web.demo.fonts import HANDS as DEMO_HANDS
from web.demo.sheet import Color, Sheet

FOLDER = Path(__file__).parents[1] / "fonts"
TUNE_FACES = (
    *DEMO_HANDS, "architects-daughter", "just-another-hand", "zeyada", "cedarville-cursive",
    "annie-use-your-telescope", "give-you-glory",
)  # fmt: skip
HELD_OUT_FACES = (
    "gloria-hallelujah", "indie-flower", "dawning-of-a-new-day", "rock-salt", "la-belle-aurore",
)  # fmt: skip
_JOINED = {
    "homemade-apple", "nothing-you-could-do", "zeyada", "cedarville-cursive", "give-you-glory",
    "dawning-of-a-new-day", "la-belle-aurore",
}  # fmt: skip
_BROAD = {"just-another-hand", "covered-by-your-grace", "rock-salt"}  # drawn with a felt pen
_INKS: tuple[Color, ...] = (
    (28, 44, 128), (34, 52, 150), (20, 30, 96), (30, 30, 36), (24, 24, 26), (44, 44, 52),
    (70, 40, 110), (16, 84, 70), (150, 34, 44),
)  # fmt: skip
_INK_WEIGHTS = (6, 4, 3, 6, 4, 3, 1, 0.6, 0.3)

Rect = tuple[float, float, float, float]
"""x0, y0, x1, y1 in inches from the sheet's upper left corner."""


@dataclass(frozen=True, slots=True)
class Hand:
    """How one person writes with one pen today.

    ``digit`` is the height of digits in inches, ``slant`` in inches sideways per inch up,
    ``weight`` -1 (hairline) to 1 (felt pen), ``jitter`` the unsteadiness of letters, ``wander``
    that of the baseline and ``bend`` the elastic warp, all in digit heights.
    """

    face: str
    ink: Color
    digit: float
    slant: float
    weight: float
    jitter: float
    wander: float
    bend: float
    spacing: float
    opacity: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """A run of text in one line of writing.

    ``size`` is relative to the hand's, ``rise`` lifts it by digit heights; ``stack`` is written
    under a bar below it, ``under`` draws the bar alone; ``gap`` is blank before it, digit heights.
    """

    text: str
    size: float = 1.0
    rise: float = 0.0
    stack: str = ""
    under: bool = False
    gap: float = 0.0


@lru_cache(maxsize=768)
def _loaded(face: str, pixels: int) -> ImageFont.FreeTypeFont:
    folder = DEMO_FOLDER if face in DEMO_HANDS else FOLDER
    return ImageFont.truetype(str(folder / f"{face}-latin-400-normal.woff2"), pixels)


def _font(face: str, pixels: float) -> ImageFont.FreeTypeFont:
    """The face at about this em: loading one takes 5 ms, so sizes are kept two pixels apart."""
    return _loaded(face, max(8, 2 * round(pixels / 2)))


@lru_cache(maxsize=32)
def _digit_ratio(face: str) -> float:
    """Height of a typical digit over the em; of the median digit, since some reach low."""
    heights = []
    for digit in "0123456789":
        box = _font(face, 200).getbbox(digit, anchor="ls")
        heights.append(box[3] - box[1])
    return float(np.median(heights)) / 200


def random_hand(rng: random.Random, face: str) -> Hand:
    """A writer with this letter form: size, slant, pen and steadiness by chance."""
    loose = rng.betavariate(2.0, 3.0)  # 0 a steady hand, 1 a hurried one
    joined = face in _JOINED
    return Hand(
        face=face,
        ink=rng.choices(_INKS, weights=_INK_WEIGHTS)[0],
        digit=rng.triangular(0.09, 0.165, 0.122),
        slant=rng.gauss(0.06, 0.14) * (0.6 if joined else 1.0),
        weight=rng.triangular(-0.7, 0.85, 0.0) - (0.45 if face in _BROAD else 0.0),
        jitter=(0.015 if joined else 0.03) + (0.02 if joined else 0.075) * loose,
        wander=0.03 + 0.11 * loose,
        bend=0.03 + 0.075 * loose,
        spacing=rng.uniform(0.97, 1.03) if joined else rng.uniform(0.94, 1.16),
        opacity=rng.triangular(0.68, 1.0, 0.95),
    )


def write(sheet: Sheet, rng: random.Random, hand: Hand, x: float, y: float,
          strokes: tuple[Stroke, ...] | str, *, size: float = 1.0,
          fit: float | None = None) -> Rect:  # fmt: skip
    """Write on the line at ``y`` from ``x``; return the rectangle of the ink.

    ``fit`` is the room in inches: a writer who sees it end squeezes a little, then writes smaller.
    """
    runs = (Stroke(strokes),) if isinstance(strokes, str) else strokes
    digit = hand.digit * size
    squeeze = 1.0
    if fit is not None:
        width = _length(runs, hand, digit)
        if width > fit:
            squeeze = max(0.8, fit / width)
            digit *= min(1.0, fit / (width * squeeze))
    over = 2.0 if sheet.dpi <= 250 else 1.5
    unit = digit * sheet.dpi * over  # a digit's height in pixels of the fine canvas
    fine, base = _draw(runs, hand, rng, unit, squeeze)
    ink, origin = _settle(fine, base, hand, rng, unit / over, over)
    left, top = round(x * sheet.dpi) - origin[0], round(y * sheet.dpi) - origin[1]
    _lay(sheet, ink, left, top, hand)
    rows, cols = np.flatnonzero(ink.max(axis=1) > 60), np.flatnonzero(ink.max(axis=0) > 60)
    if not len(rows):
        return (x, y, x, y)
    dpi = sheet.dpi
    return ((left + cols[0]) / dpi, (top + rows[0]) / dpi,
            (left + cols[-1] + 1) / dpi, (top + rows[-1] + 1) / dpi)  # fmt: skip


def _length(runs: tuple[Stroke, ...], hand: Hand, digit: float) -> float:
    """Width of the runs in inches."""
    em = 100.0 / _digit_ratio(hand.face)
    total = 0.0
    for run in runs:
        typeface = _font(hand.face, em * run.size)
        wide = max(typeface.getlength(run.text), typeface.getlength(run.stack) * 0.9)
        figures = sum(char.isdigit() for char in run.text + run.stack)
        total += wide * hand.spacing / 100.0 + run.gap + 0.1 + 0.07 * figures * run.size
    return total * digit


def _draw(runs: tuple[Stroke, ...], hand: Hand, rng: random.Random, unit: float,
          squeeze: float) -> tuple[NDArray[np.uint8], int]:  # fmt: skip
    """The runs on a fine canvas (255 is ink) and the row of its baseline."""
    em = unit / _digit_ratio(hand.face)
    width = round(_length(runs, hand, unit) * squeeze * 1.05 + 3 * unit)
    base = round(3.0 * unit)
    canvas = Image.new("L", (width, round(5.2 * unit)), 0)
    draw = ImageDraw.Draw(canvas)
    pen = unit
    for run in runs:
        pen += run.gap * unit * squeeze
        level = base - run.rise * unit
        end = _glyphs(draw, run.text, hand, rng, (pen, level, em * run.size, squeeze), unit)
        if run.stack or run.under:
            bar = level + unit * rng.uniform(0.08, 0.22)
            tilt = rng.uniform(-0.12, 0.05) * unit
            thick = max(2, round(unit * 0.085))
            draw.line([pen - 0.08 * unit, bar, end + 0.12 * unit, bar + tilt], 255, thick)
            if run.stack:
                low = bar + unit * (run.size * 0.9 + 0.14)
                end = max(end, _glyphs(draw, run.stack, hand, rng,
                                       (pen - 0.05 * unit, low, em * run.size * 0.9, squeeze),
                                       unit))  # fmt: skip
        pen = end + 0.1 * unit * squeeze
    return np.asarray(canvas), base


def _glyphs(draw: ImageDraw.ImageDraw, text: str, hand: Hand, rng: random.Random,
            place: tuple[float, float, float, float], unit: float) -> float:  # fmt: skip
    """Draw letter by letter, each a little off; return where the pen ends."""
    x, level, em, squeeze = place
    whole = _font(hand.face, em)
    stretch = hand.spacing * squeeze
    apart = (0.05 + 0.1 * max(0.0, hand.weight)) * unit  # a broad pen needs more room
    push, reach = 0.0, -1e9  # moved right so far; right edge of the ink so far
    for index, char in enumerate(text):
        if char == " ":
            continue
        step = max(-3, min(3, round(rng.gauss(0, 18) * hand.jitter)))
        typeface = _font(hand.face, em * squeeze**0.5 * (1 + 0.03 * step))
        at = x + push + float(whole.getlength(text[:index])) * stretch
        at += rng.gauss(0, 0.5) * hand.jitter * unit
        left, _, right, _ = typeface.getbbox(char, anchor="ls")
        if not (char.isalpha() and index and text[index - 1].isalpha()):
            # Figures are set down one by one: they may touch, but do not cover each other.
            need = max(0.0, reach + apart - (at + left))
            push, at = push + need, at + need
        drop = rng.gauss(0, 0.8) * hand.jitter * unit
        draw.text((at, level + drop), char, 255, typeface, anchor="ls")
        reach = max(reach, at + right)
    return max(reach, x + push + float(whole.getlength(text)) * stretch)


def _settle(fine: NDArray[np.uint8], base: int, hand: Hand, rng: random.Random, unit: float,
            over: float) -> tuple[NDArray[np.uint8], tuple[int, int]]:  # fmt: skip
    """Slant, bend and press the writing; the sheet's resolution, and the origin in its pixels."""
    rows, cols = round(fine.shape[0] / over), round(fine.shape[1] / over)
    noise = np.random.default_rng(rng.getrandbits(63))
    grid = (max(3, round(rows / (0.9 * unit))), max(3, round(cols / (0.9 * unit))))

    def field(shape: tuple[int, int], spread: float) -> NDArray[np.float32]:
        small = noise.standard_normal(shape).astype(np.float32) * np.float32(spread)
        return np.asarray(
            cv2.resize(small, (cols, rows), interpolation=cv2.INTER_CUBIC), np.float32
        )

    v, u = np.mgrid[0:rows, 0:cols].astype(np.float32)
    level = base / over
    bend = hand.bend * unit
    drift = field((1, max(3, round(cols / (5 * unit)))), hand.wander * unit)
    map_x = (u + hand.slant * (v - level) + field(grid, bend)) * over
    map_y = (v + field(grid, bend * 0.9) + drift) * over
    soft = cv2.GaussianBlur(fine, (0, 0), 0.42 * over)
    ink = cv2.remap(soft, map_x.astype(np.float32), map_y.astype(np.float32), cv2.INTER_LINEAR)
    # A broad pen spreads the line before paper takes it; a hard one thins it.
    sigma = 0.02 * unit + 0.045 * unit * max(0.0, hand.weight)
    gain = 1.35 + 1.5 * hand.weight if hand.weight > 0 else 1.35 + 0.45 * hand.weight
    spread = cv2.GaussianBlur(ink, (0, 0), max(0.25, sigma)).astype(np.float32) * gain
    press = 1.0 + field((max(2, grid[0] // 3), max(3, grid[1] // 2)), 0.1)
    pressed = np.clip(spread * press, 0, 255) * hand.opacity
    return pressed.astype(np.uint8), (round(unit), round(level))


def _lay(sheet: Sheet, ink: NDArray[np.uint8], left: int, top: int, hand: Hand) -> None:
    mask = Image.fromarray(ink)
    sheet.image.paste(Image.new("RGB", mask.size, hand.ink), (left, top), mask)
