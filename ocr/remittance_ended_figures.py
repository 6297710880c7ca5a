"""Figures of a scan that a colon ends, ``Patient Responsibility 1: $12.50``: read once more."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from intake.types import Pixels, Word
from ocr.number_lines import by_network, by_recogniser
from ocr.text import Line, PageText, with_lines
from ocr.word_recovery import crop_of

_ENDED = re.compile(r"\d{1,3}:")
_SURE, _BOTH = 0.9, 0.97
_BEFORE = 0.5  # heights, where a figure may stand that the box left out


def with_ended_figures(text: PageText, pixels: Pixels, doubtful: Callable[[int], bool]) -> PageText:
    """The page with such figures sure that two more readers see with their colon.

    Nothing of a number stands behind its colon, and what is printed there is often close: seen
    with it, half of a currency sign is one more figure. Of a figure before them that the box left
    out one of the readers has to see nothing.
    ``pixels`` are the page's; of ``doubtful`` print, two readers alike are often wrong alike.
    """
    if text.exact or doubtful(text.page):
        return text
    lines = tuple(
        Line(tuple(_read(word, pixels) for word in line.words), line.box) for line in text.lines
    )
    return with_lines(text, lines)


def _read(word: Word, pixels: Pixels) -> Word:
    if word.confidence >= _SURE or not _ENDED.fullmatch(word.text):
        return word
    left, top, width, height = word.box
    before = round(_BEFORE * height)
    own = _readings(crop_of(pixels, word.box))
    wider = _readings(crop_of(pixels, (left - before, top, width + before, height)))
    alike = set(own) == {word.text} and word.text in wider
    return replace(word, confidence=_BOTH) if alike else word


def _readings(crop: Pixels) -> tuple[str, str]:
    """The figures and colons that two readers see in a place."""
    seen = by_recogniser(crop, "code").text, by_network(crop, "code")
    first, second = (re.sub(r"[^\d:]", "", one) for one in seen)
    return first, second
