"""Draws one line of numerals by some pen and spoils it as paper, scanners and cameras do."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.train.numerals_pens import DIGIT, FigurePen, Glyph, Ink, Pen
from bench.train.numerals_texts import Part, Random, chance, said

Floats = NDArray[np.float32]
_SIDE = DIGIT // 2


@dataclass(frozen=True, slots=True)
class Habit:
    """How a writer sets marks: unsteadiness in figure heights, gaps as factors of the advance."""

    sway: float
    tight: float
    uneven: float
    small: float

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


def written(parts: tuple[Part, ...], pen: Pen, random: Random, *, printed: bool) -> Ink:
    """The ink of a line, 255 where it is, with half a figure's room at every side."""
    canvas = _Canvas(round(DIGIT * (2.5 + 0.95 * sum(len(p.over) + len(p.under) for p in parts))))
    habit = Habit.of(random, printed=printed)
    x = float(_SIDE)
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
    for place, char in enumerate(text):
        if char == " ":
            x += DIGIT * scale * float(random.uniform(0.35, 0.9))
            continue
        glyph = pen.glyph(char, random)
        own = scale * (1.0 + float(random.normal(0, habit.uneven))) if habit.uneven else scale
        rise = 0.6 * rise + float(random.normal(0, habit.sway)) * DIGIT * scale
        canvas.stamp(glyph, x, y + rise, own)
        step = glyph.advance * own * habit.tight
        after = x + step * (1.0 + float(random.normal(0, 0.06 if habit.sway else 0.0)))
        if not linked and char == "0" and text[place + 1 : place + 2] == "0":
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


def spoiled(ink: Ink, random: Random, *, least: float = 12.0) -> NDArray[np.uint8]:
    """The gray crop that a reader would get of the ink, figures ``least`` to 52 pixels high."""
    digit = float(np.clip(random.lognormal(np.log(24), 0.33), least, 52))
    width, height = (max(8, round(side * digit / DIGIT)) for side in ink.shape[::-1])
    small = np.asarray(cv2.resize(ink, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    own = small.astype(np.float32)
    rules = _rules(own.shape, digit, random)
    junk = _neighbours(own.shape, digit, random)
    depth = float(random.uniform(80, 225))
    dark = np.maximum.reduce([own * depth, rules, junk]) / 255.0
    gray = _paper(own.shape, random) - dark
    gray = cv2.GaussianBlur(gray, (0, 0), float(random.uniform(0.25, 0.3 + 0.032 * digit)))
    gray += random.normal(0, float(random.uniform(0, 9)), gray.shape).astype(np.float32)
    page = _captured(np.clip(gray, 0, 255).astype(np.uint8), digit, random)
    if rules.any() and chance(random, 0.65):
        page = _erased(page, rules, own, random)
    return _cut(page, digit, random)


def _paper(shape: tuple[int, ...], random: Random) -> Floats:
    """Paper with uneven light and a security background."""
    height, width = shape
    paper = np.full(shape, float(random.uniform(185, 255)), np.float32)
    if chance(random, 0.4):
        paper += np.linspace(0, float(random.normal(0, 18)), width, dtype=np.float32)[None]
    if chance(random, 0.35):
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        wave = np.sin(x * random.uniform(0.05, 1.2) + y * random.uniform(-1.2, 1.2)
                      + 2 * np.sin(y * random.uniform(0.02, 0.3)))  # fmt: skip
        paper -= np.float32(random.uniform(3, 30)) * (0.5 + 0.5 * wave).astype(np.float32)
    return paper


def _rules(shape: tuple[int, ...], digit: float, random: Random) -> Floats:
    """Darkness of the rule that people write on, and of the box about it."""
    height, width = shape
    rules = np.zeros(shape, np.uint8)
    side = digit / 2
    pen = max(1, round(digit * float(random.uniform(0.02, 0.1))))
    if chance(random, 0.35):
        y = height - side + digit * float(random.normal(0.0, 0.13))
        tilt = float(random.normal(0, 0.01)) * width
        cv2.line(rules, (0, round(y - tilt)), (width, round(y + tilt)), 255.0, pen)
    if chance(random, 0.2):
        y = side + digit * float(random.normal(-0.3, 0.12))
        cv2.line(rules, (0, round(y)), (width, round(y)), 255.0, pen)
    for x in (float(random.uniform(0, 0.6)) * side, width - float(random.uniform(0, 0.6)) * side):
        if chance(random, 0.12):
            thick = pen if chance(random, 0.7) else round(side)
            cv2.line(rules, (round(x), 0), (round(x), height), 255.0, thick)
    return rules.astype(np.float32) * float(random.uniform(50, 200))


def _neighbours(shape: tuple[int, ...], digit: float, random: Random) -> Floats:
    """Darkness of stray strokes, specks, and the feet or heads of lines above and below."""
    height, width = shape
    junk = np.zeros(shape, np.uint8)
    pen = max(1, round(digit * 0.08))
    if chance(random, 0.06):
        points = random.uniform(0, 1, (4, 2)) * [width, height]
        points[:, 1] = points[0, 1] + (points[:, 1] - points[0, 1]) * 0.25
        points[:, 0] = points[0, 0] + (points[:, 0] - points[0, 0]) * 0.4
        cv2.polylines(junk, [points.astype(np.int32)], isClosed=False, color=255.0, thickness=pen,
                      lineType=cv2.LINE_AA)  # fmt: skip
    for edge in (0, height):
        if not chance(random, 0.13):
            continue
        x = float(random.uniform(-1, 0.8)) * width
        for _ in range(int(random.integers(2, 9))):
            reach = digit * float(random.uniform(0.1, 0.28)) * (1 if edge == 0 else -1)
            lean = digit * float(random.uniform(-0.1, 0.1))
            cv2.line(junk, (round(x), edge), (round(x + lean), round(edge + reach)), 255.0, pen)
            x += digit * float(random.uniform(0.2, 0.6))
    if chance(random, 0.2):
        for _ in range(int(random.integers(1, 12))):
            x, y = int(random.integers(width)), int(random.integers(height))
            junk[y : y + 1 + int(digit > 24), x : x + 1 + int(random.integers(2))] = 255
    return junk.astype(np.float32) * float(random.uniform(80, 220))


def _captured(gray: NDArray[np.uint8], digit: float, random: Random) -> NDArray[np.uint8]:
    """The page as a scanner stores it: gray, JPEG, or black and white in two ways."""
    form = random.random()
    if form < 0.38:
        return gray
    if form < 0.62:
        quality = int(random.integers(20, 85))
        stored = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(stored, cv2.IMREAD_GRAYSCALE), np.uint8)
    if form < 0.86:
        block = round(digit * float(random.uniform(1.2, 3.5))) | 1
        mean = cv2.boxFilter(gray, -1, (block, block), borderType=cv2.BORDER_REPLICATE)
        level = np.clip(np.asarray(mean, np.float32) - float(random.uniform(12, 40)), 60, 215)
        white = gray >= level
    else:
        level = cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)[0] + random.uniform(-20, 20)
        white = gray >= level
    page = np.where(white, 255, 0).astype(np.uint8)
    return page if chance(random, 0.5) else np.asarray(cv2.blur(page, (2, 2)), np.uint8)


def _erased(page: NDArray[np.uint8], rules: Floats, own: Floats,
            random: Random) -> NDArray[np.uint8]:  # fmt: skip
    """The rules taken out again as the reader of checks does, with what that leaves and costs."""
    lines = cv2.dilate((rules > 0).astype(np.uint8), np.ones((3, 1), np.uint8)) > 0
    reach = int(random.integers(1, 10))
    beside = np.where(lines, 0, own).astype(np.uint8)
    crossing = cv2.morphologyEx(beside, cv2.MORPH_CLOSE, np.ones((reach, 1), np.uint8)) > 110
    erase = lines & ~crossing
    if chance(random, 0.5):
        gaps = random.random(page.shape[1] // 6 + 1) < float(random.uniform(0.0, 0.3))
        erase &= ~np.repeat(gaps, 6)[: page.shape[1]][None]
    clean = page.copy()
    clean[erase] = np.percentile(page, 90)
    return clean


def _cut(page: NDArray[np.uint8], digit: float, random: Random) -> NDArray[np.uint8]:
    """The crop, too loose or too tight at each side; whitened at times."""
    side = digit / 2
    keep = [round(side * float(random.uniform(-0.12, 1.0))) if chance(random, 0.25)
            else round(side * float(random.uniform(0.1, 0.9))) for _ in range(4)]  # fmt: skip
    height, width = page.shape
    margin = round(side)
    left, right = max(0, margin - keep[0]), min(width, width - margin + keep[1])
    top, bottom = max(0, margin - keep[2]), min(height, height - margin + keep[3])
    crop = page[top:bottom, left:right]
    if chance(random, 0.45):
        paper = float(np.percentile(crop, 85))
        gain = 255.0 / max(40.0, paper - float(np.percentile(crop, 1)))
        strength = np.clip((paper - crop.astype(np.float32)) * gain, 0, 255)
        crop = np.clip((255 - strength) * (255 / 205), 0, 255).astype(np.uint8)
        size = 4 + int(random.integers(4))
        crop = np.pad(crop, size, constant_values=255)
    return np.asarray(crop, np.uint8)


def drawn(parts: tuple[Part, ...], pen: Pen, random: Random,
          *, printed: bool) -> tuple[NDArray[np.uint8], str]:  # fmt: skip
    """A spoiled crop and the text a reader should give for it."""
    ink = shaped(written(parts, pen, random, printed=printed), random, printed=printed)
    stacked = any(part.under for part in parts)
    return spoiled(ink, random, least=18.0 if stacked else 12.0), said(parts)
