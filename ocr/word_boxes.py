"""Boxes of words on a scanned page that reach into other rows or cells, drawn close or undone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from intake.types import Box, Word
from ocr.cell_forms import form_of
from ocr.text import PageText, from_words, line_of

_INK = 140
_TALL = 1.25  # letters high: a box so much higher took in something of other rows
_LEAST, _MOST = 0.5, 1.7
_DASHES, _FLAT_DASH, _DASH_SURE = ("-", "\u2013", "\u2014"), 0.35, 0.97  # letters high
_EDGE, _BEYOND = 0.25, 0.6  # letters high: from a box's sides; over and under it
_UNBROKEN = 0.97  # of a rule's height, at least, is inked
_FLAT, _FEWEST_DOTS, _UNSURE = 0.5, 2, 0.4


def levelled(text: PageText, page: NDArray[np.uint8], height: float) -> PageText:
    """The page's words with tall boxes drawn close, and its lines made anew.

    ``page`` is gray without ruled lines, ``height`` the usual height of a word in pixels. The
    engine gives all words of a skewed row one height, which puts them on no level of their own.
    """
    words = tuple(
        replace(word, box=_close(word.box, page, height)) if word.box[3] > _TALL * height else word
        for word in text.words
    )
    if words == text.words:
        return text
    return replace(from_words(text.page, text.source, words), skew_degrees=text.skew_degrees)


def without_dashes(text: PageText, height: float) -> PageText:
    """The page without words that are no higher than a row of dots or dashes is.

    Engines make letters of dotted rules and leaders (``cesceeeseees``), which then stand in the
    table as a column of their own.
    """
    return _without(text, {word for word in text.words if _of_dots(word, height)})


def with_dashes_told(text: PageText, height: float) -> PageText:
    """The page with dashes between two days as sure as they look: a flat short stroke there is
    nothing else, and engines are less sure of it than of the days.
    """
    told = {
        word: replace(word, confidence=max(word.confidence, _DASH_SURE))
        for line in text.lines
        for before, word, after in zip(line.words, line.words[1:], line.words[2:], strict=False)
        if word.text in _DASHES
        and word.box[3] <= min(_FLAT_DASH * height, word.box[2])
        and form_of(before.text) == form_of(after.text) == "date"
    }
    if not told:
        return text
    lines = tuple(
        replace(line, words=tuple(told.get(word, word) for word in line.words))
        for line in text.lines
    )
    return replace(text, words=tuple(told.get(word, word) for word in text.words), lines=lines)


def without_ruled(text: PageText, page: NDArray[np.uint8], height: float) -> PageText:
    """The page without numbers that an upright rule goes through: they are of two cells.

    The engine takes the rule for a figure (``118`` of a 1, a rule and a ``$``); what stands on
    either side is found again as print that no word covers. Letters of a heading may be as high as
    a rule between two rows, so words stay. ``page`` is gray with its ruled lines.
    """
    ruled = {
        word
        for word in text.words
        if any(char.isdigit() for char in word.text) and _is_ruled(word.box, page, height)
    }
    return _without(text, ruled)


def _without(text: PageText, gone: Collection[Word]) -> PageText:
    """The page without some of its words, and without lines that have no other."""
    if not gone:
        return text
    rows = ([word for word in line.words if word not in gone] for line in text.lines)
    words = tuple(word for word in text.words if word not in gone)
    return replace(text, words=words, lines=tuple(line_of(row) for row in rows if row))


def _is_ruled(box: Box, page: NDArray[np.uint8], height: float) -> bool:
    """Whether a stroke as high as two rows stands within a box, not at its edge."""
    x, y, wide, tall = box
    edge, more = round(_EDGE * height), round(_BEYOND * height)
    part = page[max(0, y - more) : y + tall + more, x + edge : x + wide - edge] < _INK
    if part.shape[1] < 1 or part.shape[0] < tall + more:
        return False
    # A rule of a skewed page leans by a pixel or so.
    near = part.copy()
    near[:, 1:] |= part[:, :-1]
    near[:, :-1] |= part[:, 1:]
    return bool((near.mean(axis=0) >= _UNBROKEN).any())


def _of_dots(word: Word, height: float) -> bool:
    _, _, wide, tall = word.box
    letters = len(word.text) >= _FEWEST_DOTS and word.text.isalpha()
    return letters and word.confidence < _UNSURE and tall < _FLAT * height and wide > height


def _close(box: Box, page: NDArray[np.uint8], height: float) -> Box:
    """The box about the band of rows that holds most of its ink."""
    x, y, wide, tall = box
    ink = (page[max(0, y) : y + tall, max(0, x) : x + wide] < _INK).sum(axis=1)
    bands = _bands(ink)
    if not bands:
        return box
    start, end = max(bands, key=lambda band: int(ink[band[0] : band[1]].sum()))
    if not _LEAST * height <= end - start <= _MOST * height:
        return box
    return (x, max(0, y) + start, wide, end - start)


def _bands(ink: Sequence[int] | NDArray[np.int_]) -> list[tuple[int, int]]:
    """Runs of rows with ink, start and end; a blank row or two do not part them."""
    rows = np.flatnonzero(np.asarray(ink) > 0)
    if not len(rows):
        return []
    cuts = np.flatnonzero(np.diff(rows) > 3)
    starts = [int(rows[0]), *(int(rows[cut + 1]) for cut in cuts)]
    ends = [*(int(rows[cut]) + 1 for cut in cuts), int(rows[-1]) + 1]
    return list(zip(starts, ends, strict=True))
