"""Words of characters as pdfplumber makes them, and whether the eye sees them on the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from pdfplumber.utils.text import LIGATURES

from intake.decoders.text_stream import Char

LINE_POINTS, GAP_POINTS = 3.0, 3.0
"""What pdfplumber's ``extract_words`` allows between tops of a line, and inside a word."""
_MIN_CONTRAST = 48
_MAX_LOST_SHARE = 0.1
UNREADABLE = "\ufffd"

WordOut = tuple[str, int, int, int, int]
Gray = NDArray[np.uint8]


class _Placed(Protocol):
    @property
    def top(self) -> float: ...


_AnyPlaced = TypeVar("_AnyPlaced", bound=_Placed)


class Run(NamedTuple):
    """A word in points from the page's upper left corner; ``figures`` are its digits' sides."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    figures: tuple[tuple[float, float], ...]


def doubled(chars: Sequence[Char]) -> bool:
    """Whether bold was faked by printing characters twice, which would read ``112255..0000``."""
    return any(
        len({(c[0], int(c[1] + shift), int(c[3] + shift)) for c in chars}) < len(chars)
        for shift in (0.0, 0.5)
    )


def overprinted(word: Sequence[Char]) -> bool:
    """Whether a figure of a word is printed over another character: what was whited out and typed
    over, a label that runs into a number. Read together they are a number that nobody printed.
    """
    return any(
        other.x0 < (one.x0 + one.x1) / 2
        and (one.text.isdigit() or other.text.isdigit())
        and min(one.bottom, other.bottom) - max(one.top, other.top)
        > min(one.bottom - one.top, other.bottom - other.top) / 2
        for one, other in pairwise(word)
    )


def runs(chars: Sequence[Char]) -> list[Run]:
    """The words of characters that run from left to right, as ``extract_words`` has them."""
    made: list[Run] = []
    for line in _lines(chars):
        word: list[Char] = []
        for char in line:
            if char.text.isspace():
                if word:
                    made.append(_run(word))
                word = []
            elif word and _begins(word[-1], char):
                made.append(_run(word))
                word = [char]
            else:
                word.append(char)
        if word:
            made.append(_run(word))
    return made


def by_line(placed: Sequence[_AnyPlaced]) -> list[list[_AnyPlaced]]:
    """What has a top, parted into lines of tops that follow each other closely, in given order."""
    tops = sorted({each.top for each in placed})
    number, line_of = 0, dict.fromkeys(tops[:1], 0)
    for above, top in pairwise(tops):
        number += top > above + LINE_POINTS
        line_of[top] = number
    lines: list[list[_AnyPlaced]] = [[] for _ in range(number + 1)]
    for each in placed:
        lines[line_of[each.top]].append(each)
    return lines


def _lines(chars: Sequence[Char]) -> Iterator[list[Char]]:
    """Characters whose tops follow each other closely, from left to right."""
    for line in by_line(chars):
        yield sorted(line, key=attrgetter("x0"))


def _begins(before: Char, char: Char) -> bool:
    return (
        char.x0 < before.x0
        or char.x0 > before.x1 + GAP_POINTS
        or abs(char.top - before.top) > LINE_POINTS
    )


def _run(word: Sequence[Char]) -> Run:
    texts, lefts, rights, tops, bottoms, _, _ = zip(*word, strict=True)
    text = "".join(LIGATURES.get(text, text) for text in texts)
    return Run(
        UNREADABLE if overprinted(word) else text,
        min(lefts),
        max(rights),
        min(tops),
        max(bottoms),
        tuple((char.x0, char.x1) for char in word if char.text.isdigit()),
    )


def seen(
    found: Sequence[Run], left: float, top: float, scale: float, gray: Gray, max_words: int
) -> tuple[WordOut, ...]:
    """The words that the eye sees where the text layer says they are, in pixels of ``gray``.

    Text without ink under it (white on white, covered, outside the page) is not what was mailed;
    nor is a number of which one figure has none: it would read as another number. Where a tenth
    of the words is such, or has no characters or some over others, the whole layer is distrusted.
    """
    height, width = gray.shape
    words: list[WordOut] = []
    strips: dict[tuple[int, int], _Strip] = {}  # the words of a line mostly have one
    for run in found[:max_words]:
        x0, y0 = (run.x0 - left) * scale, (run.top - top) * scale
        x1, y1 = (run.x1 - left) * scale, (run.bottom - top) * scale
        box = (max(int(x0), 0), max(int(y0), 0), min(round(x1) + 1, width),
               min(round(y1) + 1, height))  # fmt: skip
        if box[2] <= box[0] or box[3] <= box[1] or "(cid:" in run.text or UNREADABLE in run.text:
            continue
        rows = box[1], box[3]
        strip = strips.get(rows)
        if strip is None:
            strip = strips[rows] = _Strip(gray[rows[0] : rows[1]])
        if strip.inked(box[0], box[2]) and all(
            strip.inked(one, end) for one, end in _figures(run, left, scale, box)
        ):
            words.append((run.text, box[0], box[1], box[2] - box[0], box[3] - box[1]))
    lost = len(found) - len(words)
    return tuple(words) if lost <= len(found) * _MAX_LOST_SHARE else ()


class _Strip:
    """Rows of a page by their columns: the darkest gray of each, and what stands out by itself."""

    def __init__(self, rows: Gray) -> None:
        self._rows, self._dark = rows, rows.min(axis=0)
        # Above print there mostly is paper: its first row tells without the lightest of each.
        self._clear = (rows[0] - self._dark >= _MIN_CONTRAST).tobytes()

    def inked(self, begin: int, end: int) -> bool:
        """Whether anything stands out in these columns; nothing does in none."""
        if self._clear.find(1, begin, end) >= 0:  # one column shows it alone, as most do
            return True
        light = self._rows[:, begin:end].max(initial=0)
        return int(light) - int(self._dark[begin:end].min(initial=255)) >= _MIN_CONTRAST


def _figures(
    run: Run, left: float, scale: float, box: tuple[int, int, int, int]
) -> Iterator[tuple[int, int]]:
    """The columns of each figure of a word without the rim where its neighbour's ink may reach."""
    for start, stop in run.figures:
        x0, x1 = (start - left) * scale, (stop - left) * scale
        rim = (x1 - x0) / 8
        begin = max(int(x0 + rim), box[0])
        end = max(min(round(x1 - rim), box[2]), begin + 1)
        yield begin, min(end, box[2])
