"""Draws one line of numerals by some pen, unsteady, slanted and bent as writing is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.train.numerals_pens import DIGIT, FigurePen, Glyph, Ink, Pen
from bench.train.numerals_spoiling import spoiled, spoiled_gently
from bench.train.numerals_texts import Part, Random, chance, said

_SIDE = DIGIT // 2


@dataclass(frozen=True, slots=True)
class Habit:
    """How a writer sets marks: unsteadiness in figure heights, gaps as factors of the advance.

    ``joined`` writers move whole words, not letters.
    """

    sway: float
    tight: float
    uneven: float
    small: float
    joined: bool = False

    @classmethod
    def of(cls, random: Random, *, printed: bool) -> Habit:
        """A writer by chance; printers are steady."""
        if printed:
            return cls(0.0, 1.0, 0.0, 0.6)
        return cls(
            float(random.uniform(0.0, 0.07)), float(random.uniform(0.82, 1.12)),
            float(random.uniform(0.0, 0.1)), float(random.uniform(0.45, 0.75)),
        )  # fmt: skip


class _Canvas:
    """Ink that grows to the right, with places as if the baseline were y 0."""

    def __init__(self, width: int) -> None:
        self.ink: Ink = np.zeros((4 * DIGIT, width), np.uint8)
        self.base = round(2.4 * DIGIT)

    def stamp(self, glyph: Glyph, x: float, y: float, scale: float) -> None:
        ink = glyph.ink
        if scale != 1.0:
            wide = max(1, round(ink.shape[1] * scale))
            high = max(1, round(ink.shape[0] * scale))
            ink = np.asarray(cv2.resize(ink, (wide, high), interpolation=cv2.INTER_AREA), np.uint8)
        left, top = round(x + glyph.left * scale), round(self.base + y + glyph.top * scale)
        left, top = max(0, left), max(0, top)
        area = self.ink[top : top + ink.shape[0], left : left + ink.shape[1]]
        np.maximum(area, ink[: area.shape[0], : area.shape[1]], out=area)

    def stroke(self, points: list[tuple[float, float]], pen: int) -> None:
        """A line through places (x, y up to the baseline at 0)."""
        places = np.array([(x, self.base + y) for x, y in points]).round().astype(np.int32)
        cv2.polylines(self.ink, [places], isClosed=False, color=255.0, thickness=pen,
                      lineType=cv2.LINE_AA)  # fmt: skip


def written(parts: tuple[Part, ...], pen: Pen, random: Random, *, printed: bool,
            sign: Pen | None = None, joined: bool = False) -> Ink:  # fmt: skip
    """The ink of a line, 255 where it is, with half a figure's room at every side."""
    canvas = _Canvas(round(DIGIT * (6 + 1.25 * sum(len(p.over) + len(p.under) for p in parts))))
    habit = replace(Habit.of(random, printed=printed), joined=joined)
    x = float(_SIDE)
    if sign is not None and parts:
        steady = Habit.of(random, printed=True)
        y = DIGIT * float(random.normal(0, 0.12))
        x = _set(canvas, "$", x, y, float(random.uniform(0.7, 1.15)), sign, random, steady)
        x += DIGIT * float(random.uniform(0.15, 2.5))
        parts = parts[1:]
    for part in parts:
        if part.standing == "line":
            x = _set(canvas, part.over, x, 0.0, 1.0, pen, random, habit)
        else:
            x = _set_small(canvas, part, x, pen, random, habit)
    return _trimmed(canvas.ink)


def _set(canvas: _Canvas, text: str, x: float, y: float, scale: float, pen: Pen,
         random: Random, habit: Habit) -> float:  # fmt: skip
    """Write ``text`` from ``x`` with its baseline at ``y``; where the pen stands after it."""
    rise = 0.0
    linked = not isinstance(pen, FigurePen) or chance(random, 0.8)
    marks = re.findall(r" |[^ ]+", text) if habit.joined else list(text)
    for place, char in enumerate(marks):
        if char == " ":
            x += DIGIT * scale * float(random.uniform(0.35, 0.9))
            continue
        glyph = pen.glyph(char, random)
        own = scale * (1.0 + float(random.normal(0, habit.uneven))) if habit.uneven else scale
        rise = 0.6 * rise + float(random.normal(0, habit.sway)) * DIGIT * scale
        canvas.stamp(glyph, x, y + rise, own)
        step = glyph.advance * own * habit.tight
        after = x + step * (1.0 + float(random.normal(0, 0.06 if habit.sway else 0.0)))
        if not linked and char == "0" and marks[place + 1 : place + 2] == ["0"]:
            top = y + rise - DIGIT * scale * float(random.uniform(0.75, 1.0))
            canvas.stroke([(x + step * 0.6, top), (after + step * 0.4, top)],
                          int(random.integers(2, 5)))  # fmt: skip
        x = after
    return x


def _set_small(canvas: _Canvas, part: Part, x: float, pen: Pen, random: Random,
               habit: Habit) -> float:  # fmt: skip
    """Cents small and high, over a bar, or over a bar and a hundred."""
    scale = habit.small * (0.85 if part.standing == "stacked" else 1.0)
    middle = -DIGIT * float(random.uniform(0.38, 0.6))
    foot = middle - DIGIT * float(random.uniform(0.03, 0.16))
    if part.standing == "raised":
        return _set(canvas, part.over, x, -DIGIT * float(random.uniform(0.3, 0.6)), scale, pen,
                    random, habit)  # fmt: skip
    shift = DIGIT * float(random.uniform(0.0, 0.25))
    end = _set(canvas, part.over, x + shift, foot, scale, pen, random, habit)
    if part.standing == "stacked":
        lower = middle + DIGIT * (scale + float(random.uniform(0.05, 0.16)))
        narrow = scale * float(random.uniform(0.75, 1.0))
        start = x + DIGIT * float(random.uniform(-0.05, 0.25))
        end = max(end, _set(canvas, part.under, start, lower, narrow, pen, random, habit))
    slope = float(random.normal(0, 0.05)) * (end - x)
    reach = DIGIT * float(random.uniform(-0.05, 0.15))
    canvas.stroke([(x - reach, middle - slope), (end + reach, middle + slope)],
                  int(random.integers(2, 6)))  # fmt: skip
    if part.standing == "barred" and chance(random, 0.25):
        low = middle + DIGIT * 0.12
        canvas.stroke([(x, low - slope), (end, low + slope)], int(random.integers(2, 5)))
    return end + reach


def _trimmed(ink: Ink) -> Ink:
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    if not len(rows):
        return np.zeros((2 * DIGIT, 4 * DIGIT), np.uint8)
    tight = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.pad(tight, _SIDE)


def shaped(ink: Ink, random: Random, *, printed: bool) -> Ink:
    """Thicken or thin, slant, turn up to 3 degrees and bend a line of ink."""
    pen = int(random.integers(-2, 3)) if printed else int(random.integers(-2, 6))
    if pen:
        size = (abs(pen) + 1, abs(pen) + 1)
        brush = np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, size), np.uint8)
        ink = np.asarray(cv2.dilate(ink, brush) if pen > 0 else _thinned(ink, brush), np.uint8)
    height, width = ink.shape
    slant = 0.0 if printed else float(random.normal(0, 0.16))
    turn = float(np.clip(random.normal(0, 0.016), -0.055, 0.055))
    turn *= min(1.0, 16 * DIGIT / width)  # a long line that is turned so much is straightened
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    source_x = x + np.float32(slant) * (y - height / 2)
    source_y = y + np.float32(turn) * (x - width / 2)
    if not printed:
        across = max(2, width // DIGIT)
        bend = random.normal(0, float(random.uniform(0, 1.8)), (2, 3, across)).astype(np.float32)
        source_x += cv2.resize(bend[0], (width, height), interpolation=cv2.INTER_CUBIC)
        source_y += cv2.resize(bend[1], (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.remap(ink, source_x, source_y, cv2.INTER_LINEAR), np.uint8)


def _thinned(ink: Ink, brush: Ink) -> Ink:
    """Thinner strokes, unless little would remain of them."""
    thin = np.asarray(cv2.erode(ink, brush), np.uint8)
    return thin if int(thin.sum()) > 0.45 * int(ink.sum()) else ink


def drawn(
    parts: tuple[Part, ...],
    pen: Pen,
    random: Random,
    *,
    printed: bool,
    gentle: bool = False,
    sign: Pen | None = None,
    joined: bool = False,
) -> tuple[NDArray[np.uint8], str]:
    """A spoiled crop and the text a reader should give for it.

    ``sign`` prints a ``$`` before the writing, as forms do; ``gentle`` spoils no more than office
    scanners and the reader's own cleaning do.
    """
    if sign is not None and parts:
        parts = (Part("$ "), replace(parts[0], over=parts[0].over.lstrip("$ ")), *parts[1:])
    ink = written(parts, pen, random, printed=printed, sign=sign, joined=joined)
    ink = shaped(ink, random, printed=printed)
    stacked = any(part.under for part in parts)
    if gentle:
        return spoiled_gently(ink, random, sides=0.02 if joined else 0.12), said(parts)
    return spoiled(ink, random, least=18.0 if stacked else 12.0), said(parts)
