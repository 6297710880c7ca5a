"""Heads of a scanned table that were lost or garbled, read again over their columns of amounts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from intake.types import Box, Pixels, Word
from ocr.lost_print import letters_high, uncovered, without_rules
from ocr.number_lines import by_network, by_recogniser
from ocr.remittance_body import Table, lay_out
from ocr.remittance_grid import Column
from ocr.remittance_likely_heads import likely_role
from ocr.remittance_rows import Row, rows_of
from ocr.text import PageText, from_words
from ocr.word_recovery import crop_of

_USUAL = 0.35  # of the words' heights, from the lowest
_BESIDE = 0.6  # heights between two lines of print, at least
_REACH = 30.0  # pixels beyond its column of amounts that a head may stand
_OVER, _DEEPEST = 2.6, 3  # heights between the lines of a head at most, and lines
_OF_A_SERVICE = 2  # amounts at least
_MOST_READ = 24  # places of a page
_COUNTS = frozenset({"units", "rate", "tooth"})
_SURE = 0.8
_LOW = 0.8  # of the letters' height: words without tall letters are read as well


@dataclass(frozen=True, slots=True)
class _Band:
    """Where the heads of a table are printed: its rows' straight top and foot."""

    top: float
    foot: float
    height: float


def with_heads_again(text: PageText, pixels: Pixels) -> PageText:
    """A scanned page with the heads that nobody knows read once more, column by column.

    Only a reading that names something replaces what the page's engine made of the place; dark or
    ruled print it often loses whole. ``pixels`` are the page's.
    """
    rows = rows_of(text)
    _, tables = lay_out([rows], ())
    wanted = [
        (band, edges)
        for table in tables[:1] if (band := _band(table, rows)) is not None
        for edges in _unknown(table)
    ]  # fmt: skip
    if not wanted or not text.words:
        return text
    height = float(np.quantile([word.box[3] for word in text.words], _USUAL))
    page = without_rules(pixels, height)
    height = letters_high(page, height)
    slope = math.tan(math.radians(text.skew_degrees))
    words = list(text.words)
    for band, edges in wanted[:_MOST_READ]:
        box = _box(band, edges, slope)
        found = _read(page, box, height)
        if found:
            words = [word for word in words if not _in(word.box, box)] + found
    if words == list(text.words):
        return text
    return replace(from_words(text.page, text.source, words), skew_degrees=text.skew_degrees)


def _band(table: Table, rows: Sequence[Row]) -> _Band | None:
    """Where a table's head is: its rows, or the bare ones right over the first of its services."""
    own = [row for row in rows if table.head.first <= row.number <= table.head.last]
    first = next((row for row, _, _ in table.rows if len(row.amounts) >= _OF_A_SERVICE), None)
    if table.head.first < 0 and first is not None:
        own = list(_right_over(first, rows))
    if not own:
        return None
    height = max(row.height for row in own)
    last = max(row.number for row in own)
    below = min((row.top for row in rows if row.number > last), default=1e9)
    foot = min(max(row.top for row in own) + 1.5 * height, below)
    return _Band(min(row.top for row in own) - 0.5 * height, foot, height)


def _right_over(first: Row, rows: Sequence[Row]) -> Iterator[Row]:
    below = first
    for row in reversed([row for row in rows if row.number < first.number][-_DEEPEST:]):
        if below.top - row.top < _BESIDE * row.height:
            continue  # a word of the services, out of its line
        if row.amounts or below.top - row.top > _OVER * max(row.height, below.height):
            return
        yield row
        below = row


def _unknown(table: Table) -> Iterator[tuple[float, float]]:
    """The edges between which the head of each unknown column may stand."""
    columns = [] if table.grid is None else table.grid.columns
    if table.head.levels > 1:
        return
    others = [(other.left, other.right) for other in columns if other.role is not None]
    for column in columns:
        if _known(column) or not (column.filled or column.text):
            continue
        left, right = _extent(column)
        reach = _REACH if column.filled else 6.0
        before = max((end for _, end in others if end <= left + 2), default=left - reach)
        after = min((start for start, _ in others if start >= right - 2), default=right + reach)
        yield max(left - reach, before + 4), min(right + reach, after - 4)


def _known(column: Column) -> bool:
    """Whether a column's head names it; counts beside the amounts that they hold do not."""
    if column.role not in _COUNTS or column.low is None or column.high is None:
        return column.role is not None
    return column.low < column.right and column.left < column.high


def _extent(column: Column) -> tuple[float, float]:
    """Left and right of a column with its head; of one without words those of its amounts."""
    if column.low is None or column.high is None or (column.text and column.role is None):
        return column.left, column.right
    return column.low, column.high


def _box(band: _Band, edges: tuple[float, float], slope: float) -> Box:
    """The place of a head on the page as it lies."""
    left, right = edges
    middle = (left + right) / 2
    lift = slope * middle
    top, foot = band.top + lift, band.foot + lift
    aside = slope * (top + foot) / 2
    return (max(0, round(left - aside)), max(0, round(top)), max(1, round(right - left)),
            max(1, round(foot - top)))  # fmt: skip


def _read(page: NDArray[np.uint8], box: Box, height: float) -> list[Word]:
    """The words of a place by the reader that sees a name in them; none where neither does."""
    x, y, wide, tall = box
    part = np.ascontiguousarray(page[y : y + tall, x : x + wide])
    if min(part.shape, default=0) < 4:
        return []
    places = _by_lines(uncovered(part, [], _LOW * height), height)
    if not places:
        return []
    crops = [crop_of(part, place) for place in places]
    for texts in (
        [by_recogniser(crop, "code").text.strip() for crop in crops],
        [by_network(crop, "code").strip() for crop in crops],
    ):
        if likely_role(" ".join(filter(None, texts))) is not None:
            return [
                Word(said, (x + at[0], y + at[1], at[2], at[3]), _SURE)
                for said, at in zip(texts, places, strict=True)
                if said
            ]
    return []


def _by_lines(boxes: Sequence[Box], height: float) -> list[Box]:
    """Places of print line by line, each left to right."""
    lines: list[list[Box]] = []
    for box in sorted(boxes, key=lambda one: one[1] + one[3] / 2):
        last = lines[-1][-1] if lines else None
        if last is not None and abs(box[1] + box[3] / 2 - last[1] - last[3] / 2) < 0.5 * height:
            lines[-1].append(box)
        else:
            lines.append([box])
    return [box for line in lines for box in sorted(line)]


def _in(box: Box, other: Box) -> bool:
    across, down = box[0] + box[2] / 2, box[1] + box[3] / 2
    return other[0] <= across <= other[0] + other[2] and other[1] <= down <= other[1] + other[3]
