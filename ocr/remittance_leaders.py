"""Rows of dots up to an amount, of which a text engine made words: taken out of a scan's lines."""

from __future__ import annotations

from dataclasses import replace

from intake.types import Word
from ocr.remittance_days import days_in
from ocr.remittance_rows import cents_in
from ocr.text import Line, PageText

_GARBLED = 0.6  # the most that a text engine is sure of a word it makes of dots
_SURE = 0.8  # of the label before them, at the least
_FILLED = 0.4  # of the room between label and amount, at the least: a code stands alone in it
_WIDE = 5.0  # heights of the amount from the label on, at the least


def without_leaders(text: PageText) -> PageText:
    """The page without words of no value between a label and the one amount of its line."""
    if text.exact:
        return text
    lines = tuple(_plain(line) for line in text.lines)
    if lines == text.lines:
        return text
    kept = {id(word) for line in lines for word in line.words}
    gone = {id(word) for line in text.lines for word in line.words} - kept
    words = tuple(word for word in text.words if id(word) not in gone)
    return replace(text, words=words, lines=lines)


def _plain(line: Line) -> Line:
    if sum(cents_in(word.text) is not None for word in line.words) != 1:
        return line
    amount = line.words[-1]
    if cents_in(amount.text) is None:
        return line
    end = len(line.words) - 1
    while end and _is_leader(line.words[end - 1]):
        end -= 1
    if end in {0, len(line.words) - 1}:
        return line
    label = line.words[end - 1]
    gap = amount.box[0] - label.box[0] - label.box[2]
    dots = sum(word.box[2] for word in line.words[end:-1])
    if (
        gap < _WIDE * amount.box[3]
        or dots < _FILLED * gap
        or label.confidence < _SURE
        or not label.text.strip(".:,").isalpha()
    ):
        return line
    return Line((*line.words[:end], amount), line.box)


def _is_leader(word: Word) -> bool:
    """Whether a word is no value, and hardly one that was read."""
    if cents_in(word.text) is not None or days_in(word.text)[0] is not None:
        return False
    return word.confidence < _GARBLED or not any(c.isalnum() for c in word.text)
