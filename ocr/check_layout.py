"""Where the fields of a check lie: printed words and ruled lines tell, in 200-dpi crop pixels."""

from __future__ import annotations

import re
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from intake.types import Box, Pixels, Word
from ocr.components import components, marks_of
from ocr.prepare import READING_DPI, CheckRegion

INCH = round(READING_DPI)
_MIN_RULE = round(0.55 * READING_DPI)


@dataclass(frozen=True, slots=True)
class Rule:
    """A printed horizontal line: from ``left`` to ``right`` at height ``y``."""

    left: int
    right: int
    y: int

    @property
    def length(self) -> int:
        """Pixels across."""
        return self.right - self.left


@dataclass(frozen=True, slots=True)
class Row:
    """Words that stand on one line, left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """Around all words."""
        left = min(word.box[0] for word in self.words)
        top = min(word.box[1] for word in self.words)
        right = max(word.box[0] + word.box[2] for word in self.words)
        bottom = max(word.box[1] + word.box[3] for word in self.words)
        return left, top, right - left, bottom - top


@dataclass(frozen=True, slots=True)
class Sheet:
    """A check without its rules and boxes, its rules, and its printed words."""

    clean: Pixels
    rules: tuple[Rule, ...]
    words: tuple[Word, ...]
    rows: tuple[Row, ...]
    floor: int

    @property
    def width(self) -> int:
        """Crop width in pixels."""
        return int(self.clean.shape[1])


def unruled(region: CheckRegion) -> tuple[Pixels, tuple[Rule, ...]]:
    """Dark ink on white with printed lines and boxes erased, and the horizontal lines found."""
    strength = region.strength
    ink = np.asarray(cv2.threshold(strength, 70, 255, cv2.THRESH_BINARY)[1], np.uint8)
    across = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, _MIN_RULE // 2), np.uint8))
    joined = cv2.dilate(across, np.ones((3, 31), np.uint8))
    rules = []
    for left, top, width, height, _ in marks_of(joined).stats[1:]:
        if width >= _MIN_RULE and height <= max(14, 0.03 * width + 8):
            rules.append(Rule(int(left + 15), int(left + width - 15), int(top + height // 2)))
    down = _box_sides(ink, np.asarray(across, np.uint8))
    lines = cv2.dilate(cv2.bitwise_or(across, down), np.ones((3, 3), np.uint8))
    # Strokes that cross a line keep their ink: what is dark just above and below stays.
    crossing = cv2.morphologyEx(
        cv2.bitwise_and(ink, cv2.bitwise_not(lines)), cv2.MORPH_CLOSE, np.ones((9, 1), np.uint8)
    )
    erased = cv2.bitwise_and(lines, cv2.bitwise_not(crossing))
    clean = 255 - strength
    clean[erased > 0] = 255
    return clean, tuple(sorted(rules, key=lambda rule: rule.y))


def _box_sides(ink: NDArray[np.uint8], across: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Upright printed lines: longer than writing is high, or closing a box between two rules."""
    down = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((38, 1), np.uint8))
    near_rule = cv2.dilate(across, np.ones((9, 9), np.uint8))
    marks = marks_of(down)
    sides = np.zeros(len(marks.stats), np.bool_)
    for number, (x, y, width, height, _) in enumerate(marks.stats[1:], 1):
        if width > 12:
            continue
        ends = near_rule[y, x : x + width].any(), near_rule[y + height - 1, x : x + width].any()
        sides[number] = height >= 66 or all(ends)
    return marks.mask(sides)


def printed_part(clean: Pixels, floor: int) -> Pixels:
    """The picture above ``floor`` with only marks that may be type of 5 to 14 points.

    Handwriting, dashes and specks cost the page reader most of its time and give it no words.
    """
    top = clean[:floor]
    dark = np.asarray(top < 160, np.uint8)
    marks = marks_of(dark)
    wide, high, area = marks.stats[:, 2], marks.stats[:, 3], marks.stats[:, 4]
    dash = (high <= 4) & (wide >= 10)
    drop = (high > 36) | (wide > 90) | dash | (area < 4) | ((wide <= 3) & (high >= 30))
    return np.asarray(cv2.bitwise_or(top, marks.mask(drop)), np.uint8)


def rows_of(words: tuple[Word, ...]) -> tuple[Row, ...]:
    """Words gathered into lines; a gap of more than an inch starts another row.

    Each word is held against the one before it in a row, so that a row may slope.
    """
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.box[0]):
        near = [(away, row) for row in rows if (away := _apart(row[-1].box, word.box)) is not None]
        if near:
            min(near, key=lambda pair: pair[0])[1].append(word)
        else:
            rows.append([word])
    return tuple(sorted((Row(tuple(row)) for row in rows), key=lambda row: row.box[1]))


def _apart(before: Box, box: Box) -> float | None:
    """How far a word stands from the end of another on its level, None where it is no neighbour."""
    gap = box[0] - (before[0] + before[2])
    drop = abs((box[1] + box[3] / 2) - (before[1] + before[3] / 2))
    if gap > INCH or drop > 0.6 * min(max(before[3], 8), max(box[3], 8)):
        return None
    return max(0, gap) + 4 * drop


def lay_out(region: CheckRegion, words: tuple[Word, ...], clean: Pixels,
            rules: tuple[Rule, ...]) -> Sheet:  # fmt: skip
    """Gather what is known of a check's print."""
    seen = tuple(
        word for word in words
        if word.confidence >= 0.25 and word.box[3] >= 6 and re.search(r"[A-Za-z0-9$&]", word.text)
    )  # fmt: skip
    floor = region.micr_top
    return Sheet(clean, tuple(r for r in rules if r.y < floor), seen, rows_of(seen), floor)


def anchor(sheet: Sheet, names: tuple[str, ...], *, within: Box | None = None) -> Word | None:
    """The printed word that is one of ``names`` (fuzzily, at the confidence of printed type)."""
    best: tuple[float, Word] | None = None
    for word in sheet.words:
        bare = re.sub(r"[^a-z$]", "", word.text.lower())
        if len(bare) < 2 and bare != "$":
            continue
        middle = word.box[0] + word.box[2] / 2, word.box[1] + word.box[3] / 2
        if within is not None and not _holds(within, middle):
            continue
        for name in names:
            alike = fuzz.ratio(bare, name)
            if alike >= (100 if len(name) <= 3 else 80):
                score = alike * (0.4 + word.confidence)
                if best is None or score > best[0]:
                    best = (score, word)
    return None if best is None else best[1]


def _holds(box: Box, point: tuple[float, float]) -> bool:
    x, y, width, height = box
    return x <= point[0] <= x + width and y <= point[1] <= y + height


def below_or_at(rules: tuple[Rule, ...], word: Word, *, reach: float = 0.16) -> Rule | None:
    """The rule that a label stands before: to its right, near its foot."""
    x, y, width, height = word.box
    foot, right = y + height, x + width
    near = [
        rule
        for rule in rules
        if abs(rule.y - foot) <= reach * INCH + height / 2
        and right - 0.25 * INCH <= rule.left <= right + 0.9 * INCH
    ]
    return min(near, key=lambda rule: abs(rule.y - foot) + abs(rule.left - right) / 4, default=None)


def writing(clean: Pixels, box: Box, *, pad: int = 6) -> tuple[Pixels, Box] | None:
    """What is written in ``box``: its pixels, freed of what is not, and the tight box around it.

    Filler strokes, specks, and marks that reach in from the lines above and below are erased and
    paper is made white. None when nothing is left.
    """
    x, y, width, height = clipped(box, clean)
    part = clean[y : y + height, x : x + width]
    if min(part.shape) < 8:
        return None
    dark = np.asarray(part < 150, np.uint8)
    _, labels, stats, _ = components(dark, connectivity=8)
    tops, bottoms = stats[:, 1], stats[:, 1] + stats[:, 3]
    wide, high, area = stats[:, 2], stats[:, 3], stats[:, 4]
    drop = (area < 3) | ((wide > 90) & (high < 0.14 * wide) & (high < 16))
    drop |= (tops <= 0) & (bottoms < 0.45 * height)
    drop |= (bottoms >= height) & (tops > 0.72 * height)
    drop |= (wide <= 6) & (high >= 0.93 * height)
    drop[0], area[0] = False, 0
    kept = (dark > 0) & ~drop[labels]
    # Specks do not stretch the box; inside it they may be decimal points.
    large = kept & (area >= 14)[labels]
    columns, rows = np.flatnonzero(large.any(axis=0)), np.flatnonzero(large.any(axis=1))
    if not len(columns) or columns[-1] - columns[0] < 3:
        return None
    left, right = int(columns[0]), int(columns[-1]) + 1
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    around = cv2.dilate(((dark > 0) & drop[labels]).astype(np.uint8), np.ones((5, 5), np.uint8))
    freed = np.where((around > 0) & ~kept, 255, part).astype(np.float32)
    white = np.clip(freed * (255.0 / 205.0), 0, 255).astype(np.uint8)
    padded = cv2.copyMakeBorder(
        white[top:bottom, left:right], pad, pad, pad, pad, cv2.BORDER_CONSTANT, value=255.0
    )
    return np.asarray(padded, np.uint8), (x + left, y + top, right - left, bottom - top)


def clipped(box: Box, pixels: NDArray[np.uint8]) -> Box:
    """The part of a box that lies inside the picture."""
    x, y, width, height = box
    left, top = min(max(0, x), pixels.shape[1]), min(max(0, y), pixels.shape[0])
    right = min(max(left, x + width), pixels.shape[1])
    bottom = min(max(top, y + height), pixels.shape[0])
    return left, top, right - left, bottom - top


def cut(pixels: Pixels, box: Box) -> Pixels:
    """The pixels of a box."""
    x, y, width, height = clipped(box, pixels)
    return pixels[y : y + height, x : x + width]


def text_band(rule: Rule, *, above: float = 0.33, below: float = 0.08) -> Box:
    """The place where people write on a rule: what stands above it and a little below."""
    top = round(rule.y - above * INCH)
    return rule.left - 4, top, rule.length + 8, round((above + below) * INCH)


def digit_run(clean: Pixels, area: Box) -> Box | None:
    """The highest run of three or more digit-like marks of one height in ``area``."""
    x, y, width, height = clipped(area, clean)
    dark = np.asarray(clean[y : y + height, x : x + width] < 150, np.uint8)
    stats = marks_of(dark).stats
    marks = [
        tuple(int(value) for value in row[:4])
        for row in stats[1:]
        if 12 <= row[3] <= 44 and 0.1 * row[3] <= row[2] <= 1.1 * row[3]
    ]
    for first in sorted(marks, key=lambda mark: mark[1]):
        same = [
            mark for mark in marks
            if abs(mark[1] - first[1]) <= 4 and abs(mark[3] - first[3]) <= 4
        ]  # fmt: skip
        if len(same) >= 3:
            left, right = min(m[0] for m in same), max(m[0] + m[2] for m in same)
            top, bottom = min(m[1] for m in same), max(m[1] + m[3] for m in same)
            box = (x + left - 6, y + top - 6, right - left + 12, bottom - top + 12)
            return clipped(box, clean)
    return None
