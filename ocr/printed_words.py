"""Finds lines of printed type on a cleaned check and reads them into words with boxes.

Marks near each other make pieces, pieces of like height on one level make lines; each line is read
by the net for print, and its spaces cut it into words.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import cv2
import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from intake.types import Box, Pixels, Word
from ocr.components import components
from ocr.engine import LineText, TextEngine
from ocr.prepare import READING_DPI
from ocr.printed_line import read_printed_line

_DARK = 160
_JOINED = 9  # pixels at 200 dpi: marks no farther apart across are of one piece
_LEAST_HEIGHT = 6
_SMALL = 0.55  # of a line's height: points, dashes and stars may stand anywhere beside it
_ALIKE = 1.75  # how much higher than its neighbour a piece of one line may be
_GAP = 1.5  # heights between pieces of one line
_SMALL_TYPE = 28  # pixels at 200 dpi: higher lines are mostly handwriting
_TINY = 12  # lines of smaller type say nothing that a field needs
_FEWEST = 3
_LABELS = (
    "pay to the", "order of", "pay to the order of", "dollars", "date", "memo", "pay", "for",
    "authorized signature", "check no", "check amount", "void after 90 days", "drawer",
    "this check has been authorized by your depositor",
    "payment sent at the direction of your customer", "security features included",
)  # fmt: skip
_ALIKE_LABEL = 82.0
_UNSURE, _MOSTLY_SURE, _TRUSTED = 0.9, 0.8, 0.8
_SKIPPED = 0.5  # what is left of the sureness of a word with more pieces than letters
_ROOM = 0.75  # of a letter's width
_WIDTHS = (
    dict.fromkeys("iljI.,'", 0.5) | dict.fromkeys("tfr-", 0.68) | dict.fromkeys("mMwW", 1.5)
)  # beside that of an "n"; capitals are a fifth wider
_NEAR = 6  # pixels by which two readers' boxes of one word may differ


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces that stand on one line: their labels and the box around them."""

    pieces: tuple[int, ...]
    box: Box


def printed_words(printed: Pixels, second: TextEngine | None = None) -> tuple[Word, ...]:
    """Words of a picture that holds type only (``check_layout.printed_part``), top to bottom.

    Boxes are tight and in its pixels. A word's confidence is the probability by the net that all
    of it is right, which is low for handwriting. ``second`` reads the lines of small type that
    the net read for the most part, but not all, surely.
    """
    dark = np.asarray(printed < _DARK, np.uint8)
    labels, lines = found_lines(dark)
    owners = np.zeros(int(labels.max(initial=0)) + 1, np.int16)
    for number, line in enumerate(lines, 1):
        owners[list(line.pieces)] = number
    words: list[Word] = []
    for number, line in enumerate(lines, 1):
        x, y, width, height = line.box
        place = slice(y, y + height), slice(x, x + width)
        part, crop = owners[labels[place]], printed[place]
        others = (part != number) & (part != 0)
        if others.any():
            beside = cv2.dilate(others.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
            crop = np.where(beside & (part != number), np.uint8(255), crop)
        read = read_printed_line(crop)
        own = words_of(read, (part == number) & (dark[place] > 0), line.box)
        if second is not None and own and _worth_another_look(read, height):
            own = _settled(own, crop, line.box, second)
        words += own
    return tuple(words)


def _worth_another_look(read: LineText, height: int) -> bool:
    """Whether a line is type of which the net is sure for the most part, but not all."""
    chances = read.probabilities
    if len(chances) < _FEWEST or height < _TINY or min(chances) >= _UNSURE:
        return False
    if process.extractOne(read.text.lower(), _LABELS, scorer=fuzz.ratio, score_cutoff=_ALIKE_LABEL):
        return False
    return float(np.mean(chances)) >= (_MOSTLY_SURE if height <= _SMALL_TYPE else _UNSURE)


def _settled(own: list[Word], crop: Pixels, box: Box, second: TextEngine) -> list[Word]:
    """A line's words by the net, runs of unsure ones read again by the other reader."""
    settled: list[Word] = []
    for unsure, run in groupby(own, key=lambda word: word.confidence < _UNSURE):
        words = list(run)
        if not unsure or not any(map(str.isalnum, "".join(word.text for word in words))):
            settled += words
            continue
        left = max(0, words[0].box[0] - box[0] - 2)
        right = words[-1].box[0] + words[-1].box[2] - box[0] + 2
        other = second.read_words(crop[:, left:right], READING_DPI, psm=7)
        settled += [_surer(word, other, box[0] + left) for word in words]
    return settled


def _surer(word: Word, other: tuple[Word, ...], left: int) -> Word:
    """The word, or what the other reader has in its place if that is surer than both must be."""
    start, end = word.box[0] - left, word.box[0] + word.box[2] - left
    same = [
        w for w in other
        if abs(w.box[0] - start) <= _NEAR and abs(w.box[0] + w.box[2] - end) <= _NEAR
    ]  # fmt: skip
    if len(same) != 1:
        return word
    if same[0].text == word.text:
        return Word(word.text, word.box, max(same[0].confidence, word.confidence))
    if same[0].confidence > max(word.confidence, _TRUSTED):
        return Word(same[0].text, word.box, same[0].confidence)
    return word


def found_lines(dark: NDArray[np.uint8]) -> tuple[NDArray[np.int32], tuple[Line, ...]]:
    """Labels of the pieces in a mask of ink (1 where dark), and the lines that they make."""
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((1, _JOINED), np.uint8))
    count, labels, stats, _ = components(np.asarray(joined, np.uint8), connectivity=4)
    boxes: list[Box] = [(x, y, w, h) for x, y, w, h, _ in stats.tolist()]
    large = [n for n in range(1, count) if boxes[n][3] >= _LEAST_HEIGHT]
    rows: list[list[int]] = []
    ends: list[tuple[int, int, int]] = []  # right, top, bottom of each row's last piece
    for number in sorted(large, key=lambda n: boxes[n][0]):
        x, y, width, height = boxes[number]
        near = [
            (abs(x - right), row) for row, (right, top, bottom) in enumerate(ends)
            if _continues(x, y, height, right, top, bottom)
        ]  # fmt: skip
        row = min(near)[1] if near else len(rows)
        if not near:
            rows.append([])
            ends.append((0, y, y + height))
        rows[row].append(number)
        right, top, bottom = ends[row]
        higher = height > _SMALL * (bottom - top)
        ends[row] = (max(right, x + width), y if higher else top, y + height if higher else bottom)
    places = np.array([_around([boxes[n] for n in row]) for row in rows]).reshape(-1, 4)
    for number in range(1, count):
        if rows and boxes[number][3] < _LEAST_HEIGHT:
            about = _row_about(boxes[number], places)
            if about is not None:
                rows[about].append(number)
    found = tuple(Line(tuple(row), _around([boxes[n] for n in row])) for row in rows)
    return labels, tuple(sorted(found, key=lambda line: (line.box[1], line.box[0])))


def _continues(x: int, y: int, height: int, right: int, top: int, bottom: int) -> bool:
    """Whether a piece goes on with a row that ends at ``right`` between ``top`` and ``bottom``."""
    tall = bottom - top
    most, least = max(height, tall), min(height, tall)
    if not -most <= x - right <= _GAP * most:
        return False
    shared = min(y + height, bottom) - max(y, top)
    if least < _SMALL * most:
        return shared >= 0.5 * least and x - right <= 0.8 * most and most <= _SMALL_TYPE
    return most <= _ALIKE * least and shared >= 0.6 * least


def _row_about(box: Box, rows: NDArray[np.int64]) -> int | None:
    """The row (boxes in ``rows``) that a point, dash or dot of this box belongs to."""
    x, y, width, height = box
    left, top, wide, high = rows.T
    aside = np.maximum(np.maximum(left - (x + width), x - (left + wide)), 0)
    apart = np.maximum(np.maximum(top - (y + height), y - (top + high)), 0)
    near = (aside <= 0.8 * high) & (apart <= np.minimum(0.3 * high, 5)) & (high <= 3 * _SMALL_TYPE)
    if not near.any():
        return None
    return int(np.argmin(np.where(near, aside + 4 * apart, np.inf)))


def _around(boxes: list[Box]) -> Box:
    left, top = min(b[0] for b in boxes), min(b[1] for b in boxes)
    right, bottom = max(b[0] + b[2] for b in boxes), max(b[1] + b[3] for b in boxes)
    return left, top, right - left, bottom - top


def words_of(read: LineText, dark: NDArray[np.bool_], box: Box) -> list[Word]:
    """The words of a line as read; ``dark`` is its ink within ``box``."""
    blank = np.asarray(~dark.any(axis=0), np.bool_)
    marks = [(char, sure, place * len(blank)) for char, sure, place in
             zip(read.text, read.probabilities, read.places, strict=True)]  # fmt: skip
    words: list[Word] = []
    part: list[tuple[str, float, float]] = []
    left = 0
    for number, mark in enumerate(marks):
        if mark[0] != " ":
            part.append(mark)
            continue
        after = marks[number + 1][2] if number + 1 < len(marks) else float(len(blank))
        right = _gap(blank, part[-1][2] if part else float(left), mark[2], after)
        words += _word(part, dark, left, right, box)
        part, left = [], right
    return words + _word(part, dark, left, len(blank), box)


def _gap(blank: NDArray[np.bool_], before: float, space: float, after: float) -> int:
    """The column at which to part two words: amid the widest blank between their letters."""
    first, last = round(before), round(after)
    inner = np.concatenate([[False], blank[first:last], [False]])
    edges = np.flatnonzero(np.diff(inner.astype(np.int8)))
    if not len(edges):
        return round(space)
    starts, ends = edges[::2], edges[1::2]
    widest = int(np.argmax(ends - starts))
    return first + int(starts[widest] + ends[widest]) // 2


def _word(part: list[tuple[str, float, float]], dark: NDArray[np.bool_], left: int, right: int,
          box: Box) -> list[Word]:  # fmt: skip
    tight = _tight(dark[:, left:right]) if part else None
    if tight is None:
        return []
    x, y, wide, high = tight
    text = "".join(char for char, _, _ in part)
    sure = float(np.prod([chance for _, chance, _ in part]))
    pieces = _runs(dark[y : y + high, left + x : left + x + wide])
    places = np.array([place for _, _, place in part]) - left - x
    if pieces > len(text) + text.count('"') or _has_room(text, places, wide):
        sure *= _SKIPPED
    return [Word(text, (box[0] + left + x, box[1] + y, wide, high), sure)]


def _has_room(text: str, places: NDArray[np.float64], wide: int) -> bool:
    """Whether a word of letters has room for one that was skipped, by how wide letters are.

    ``places`` are the middles of its characters in a word ``wide`` pixels wide.
    """
    if len(text) < _FEWEST or not all(char.isalpha() or char in ",.-'" for char in text):
        return False
    widths = np.array([_WIDTHS.get(char, 1.2 if char.isupper() else 1.0) for char in text])
    unit = wide / widths.sum()
    steps = np.diff(places) / unit - (widths[1:] + widths[:-1]) / 2
    before = places[0] / unit - widths[0] / 2
    after = (wide - places[-1]) / unit - widths[-1] / 2
    return bool(max(steps.max(), before, after) > _ROOM)


def _runs(dark: NDArray[np.bool_]) -> int:
    """How many pieces of a word stand apart: no more than it has letters, or one was skipped."""
    ink = np.concatenate([[False], dark.any(axis=0), [False]])
    return int(np.count_nonzero(np.diff(ink.astype(np.int8)) == 1))


def _tight(dark: NDArray[np.bool_]) -> Box | None:
    columns, rows = np.flatnonzero(dark.any(axis=0)), np.flatnonzero(dark.any(axis=1))
    if not len(columns):
        return None
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y
