"""The text of a page: its words, read once, and the lines they form."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np

from intake.types import Box, Page, Word
from ocr import engine

# A text layer with fewer words than this is a stamp or a page number over a scanned image.
_FEWEST_LAYER_WORDS = 6
_GLUED = re.compile(r"^([A-Za-z][A-Za-z.#/&'-]*[:#])(\S+)$")
_SPLIT = re.compile(r"^\$?\d[\d,]*( \. |\. | \.)\d\d$")
_FEWEST_CROWD = 30
_FEWEST_SLOPED = 8  # pairs of neighbours that tell a slope
_FAR_MORE = 1.3  # of the words on a level
_SLOPES = tuple(step / 500 for step in range(-30, 31))


@dataclass(frozen=True, slots=True)
class Line:
    """Words on one level, left to right."""

    words: tuple[Word, ...]
    box: Box

    @property
    def text(self) -> str:
        """The words with single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """That of the least sure word."""
        return min((word.confidence for word in self.words), default=0.0)


@dataclass(frozen=True, slots=True)
class PageText:
    """What a page says, and where from: ``text_layer`` or the name of the engine."""

    page: int
    source: str
    words: tuple[Word, ...]
    lines: tuple[Line, ...]
    skew_degrees: float

    @property
    def exact(self) -> bool:
        """Whether the characters came with the file and were not read from pixels."""
        return self.source == "text_layer"


def page_text(page: Page) -> PageText:
    """The text layer where there is one, else one call of the text engine over the page."""
    if len(page.words) >= _FEWEST_LAYER_WORDS:
        return from_words(page.index, "text_layer", page.words)
    reader = engine.text_engine()
    scale = _enlargement(page)
    pixels = page.pixels
    if scale > 1:
        large = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        pixels = np.asarray(large, np.uint8)
    words = reader.read_words(pixels, page.dpi * scale if page.dpi else None)
    if scale > 1:
        words = tuple(replace(word, box=_shrunk(word.box, scale)) for word in words)
    return from_words(page.index, reader.name, words)


def _enlargement(page: Page) -> int:
    """How many times a picture of few pixels is enlarged, so that letters are 20 pixels high."""
    if page.dpi is not None and page.dpi >= 140:
        return 1
    longest = max(page.pixels.shape[:2])
    return 1 if longest >= 1000 else 2 if longest >= 560 else 4


def _shrunk(box: Box, scale: int) -> Box:
    x, y, width, height = box
    return (x // scale, y // scale, max(1, width // scale), max(1, height // scale))


def from_words(page: int, source: str, words: Iterable[Word]) -> PageText:
    """Lines out of words with boxes, whatever the page's skew."""
    kept = tuple(part for word in words if word.text.strip() for part in _parts(word))
    slope = _slope(kept)
    if source != "text_layer":
        slope = _crowded(kept, slope)
    lines = tuple(line_of(_whole_amounts(line.words)) for line in _lines(kept, slope))
    whole = tuple(word for line in lines for word in line.words)
    return PageText(page, source, whole, lines, math.degrees(math.atan(slope)))


def with_lines(text: PageText, lines: tuple[Line, ...]) -> PageText:
    """The page with other lines and the words in them; the page itself where none differs."""
    if lines == text.lines:
        return text
    return replace(text, lines=lines, words=tuple(word for line in lines for word in line.words))


def _parts(word: Word) -> Iterable[Word]:
    """``Account:123`` as two words: the label and its value."""
    match = _GLUED.match(word.text)
    if match is None:
        return (word,)
    x, y, width, height = word.box
    cut = round(width * len(match[1]) / len(word.text))
    return (
        Word(match[1], (x, y, cut, height), word.confidence),
        Word(match[2], (x + cut, y, width - cut, height), word.confidence),
    )


def _whole_amounts(words: Sequence[Word]) -> tuple[Word, ...]:
    """``156.`` and ``40`` standing close, as OCR reads wide typewriter print, joined again."""
    joined: list[Word] = []
    for word in words:
        joined.append(word)
        if not _ends_amount(word.text):
            continue
        for count in (3, 2):
            tail = joined[-count:]
            if len(tail) == count and _SPLIT.match(" ".join(part.text for part in tail)):
                gaps = [b.box[0] - a.box[0] - a.box[2] for a, b in pairwise(tail)]
                if max(gaps) < 1.2 * word.box[3]:
                    sure = min(part.confidence for part in tail)
                    text = "".join(part.text for part in tail)
                    joined[-count:] = [Word(text, around(part.box for part in tail), sure)]
                    break
    return tuple(joined)


def _ends_amount(text: str) -> bool:
    """Whether a word may be the end of an amount in several words: ``40`` or ``.40``."""
    return text[-2:].isdigit() and (len(text) <= 3 or " " in text)


def _slope(words: Sequence[Word]) -> float:
    """Rise over run of the text: the median over words and their right neighbours."""
    if not words:
        return 0.0
    boxes = np.array(sorted(word.box for word in words), np.int64)
    left, _, width, height = boxes.T
    begin = np.searchsorted(left, left + width - height * 0.2)
    end = np.searchsorted(left, left + width + np.floor(1.2 * height), side="right")
    near = np.where(width < height, 0, np.maximum(end - begin, 0))
    one = np.repeat(np.arange(len(boxes)), near)
    other = np.arange(len(one)) + np.repeat(begin - np.cumsum(near) + near, near)
    tall = height[one]
    run, rise = (
        boxes[other, side]
        + boxes[other, side + 2] / 2
        - boxes[one, side]
        - boxes[one, side + 2] / 2
        for side in (0, 1)
    )
    # Words with and without descenders have other middles.
    alike = np.abs(height[other] - tall) <= 0.15 * tall
    level = alike & (run > 0) & (np.abs(rise) < 0.5 * tall)
    rises = rise[level] / run[level]
    slope = float(np.median(rises)) if len(rises) >= _FEWEST_SLOPED else 0.0
    return slope if abs(slope) < 0.2 else 0.0


def _crowded(words: Sequence[Word], slope: float) -> float:
    """The slope, or another one at which words stand far more crowded on common levels.

    Engines give the words of a skewed line one box's height and place, which hides its slope.
    """
    if len(words) < _FEWEST_CROWD:
        return slope
    boxes = np.array([word.box for word in words], np.float64)
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    near = 0.25 * float(np.median(boxes[:, 3]))

    def crowd(one: float) -> float:
        levels = np.sort(middles[:, 1] - one * middles[:, 0])
        ends = np.searchsorted(levels, levels + near, side="right")
        return float((ends - np.searchsorted(levels, levels - near, side="left")).mean())

    best = max(_SLOPES, key=crowd)
    return float(best) if crowd(best) > _FAR_MORE * crowd(slope) else slope


def _lines(words: Sequence[Word], slope: float) -> tuple[Line, ...]:
    """Group words whose levelled middles lie within half a word's height."""

    rows: list[tuple[float, float, list[Word]]] = []
    usual = float(np.median([word.box[3] for word in words])) if words else 1.0

    def level(word: Word) -> float:
        x, y, width, height = word.box
        # A box much higher than the rest often took in the ruled line under the word.
        tall = height if height <= 1.3 * usual or height > 2.2 * usual else usual
        return y + tall / 2 - slope * (x + width / 2)

    levelled = sorted(((level(word), word) for word in words), key=lambda it: (it[0], it[1].box[0]))
    for here, word in levelled:
        height = min(float(word.box[3]), 2.0 * usual)
        best, least = None, math.inf
        for index in range(len(rows) - 1, max(-1, len(rows) - 6), -1):
            middle, tall, _ = rows[index]
            apart = abs(here - middle)
            if apart >= least:
                continue
            near = 0.5 * min(height, tall) if height > 0.4 * usual else 0.6 * usual
            if apart <= near:
                best, least = index, apart
        if best is None:
            rows.append((here, height, [word]))
        else:
            middle, tall, members = rows[best]
            count = len(members)
            members.append(word)
            joined = (middle * count + here) / (count + 1)
            rows[best] = (joined, max(tall, height), members)
    rows.sort(key=lambda row: row[0])
    return tuple(line_of(members) for _, _, members in rows)


def line_of(words: Sequence[Word]) -> Line:
    """The words as one line, left to right."""
    ordered = tuple(sorted(words, key=lambda word: (word.box[0], word.box[1])))
    return Line(ordered, around(word.box for word in ordered))


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all of them; zeros for none."""
    listed = list(boxes)
    if not listed:
        return (0, 0, 0, 0)
    if len(listed) == 1:
        return listed[0]
    left, top, width, height = listed[0]
    right, bottom = left + width, top + height
    for x, y, width, height in listed[1:]:
        left, top = min(left, x), min(top, y)
        right, bottom = max(right, x + width), max(bottom, y + height)
    return (left, top, right - left, bottom - top)


def words_in(lines: Iterable[Line], box: Box) -> Iterator[tuple[Word, ...]]:
    """The words of each line whose middles lie in a box."""
    x, y, width, height = box
    for line in lines:
        inside = tuple(
            word for word in line.words
            if x <= word.box[0] + word.box[2] / 2 <= x + width
            and y <= word.box[1] + word.box[3] / 2 <= y + height
        )  # fmt: skip
        if inside:
            yield inside


def runs(line: Line, gap: float = 1.1) -> list[Line]:
    """The line cut where words stand more than ``gap`` times their height apart."""
    groups: list[list[Word]] = []
    for word in line.words:
        if groups:
            last = groups[-1][-1].box
            height = max(last[3], word.box[3])
            if word.box[0] - (last[0] + last[2]) <= gap * height:
                groups[-1].append(word)
                continue
        groups.append([word])
    return [line_of(group) for group in groups]
