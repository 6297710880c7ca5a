"""Words of a scan that run together and are two: a day and its year, a reason's code and amount."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from intake.types import Box, Word
from ocr.remittance_rows import cents_in
from ocr.text import PageText, with_lines

_DAY_YEAR = re.compile(r"(\d{1,2},)(20\d\d)")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_COMMA = 0.5  # of a figure's width
_CODE = re.compile(r"\d{1,3}")
_APART = 0.35  # heights between two words at least: figures of one number stand closer


def with_years_apart(text: PageText) -> PageText:
    """A scanned page with the day and the year behind a month as two words: ``Sep 18,2026``."""
    if text.exact:
        return text
    return _with_words(text, [tuple(_years_apart(line.words)) for line in text.lines])


def with_codes_apart(text: PageText, before: PageText) -> PageText:
    """A page with what was made one amount as the code and the amount that it was ``before``.

    An amount of thousands without a comma may be a reason's code and the amount behind it, where
    more space stands between them than between the figures of a number.
    """
    if text.exact:
        return text
    pairs = [pair for line in before.lines for pair in _code_pairs(line.words)]
    if not pairs:
        return text
    return _with_words(
        text, [tuple(part for word in line.words for part in _split(word, pairs))
               for line in text.lines]
    )  # fmt: skip


def _with_words(text: PageText, words: Sequence[tuple[Word, ...]]) -> PageText:
    lines = zip(text.lines, words, strict=True)
    return with_lines(text, tuple(replace(line, words=own) for line, own in lines))


def _years_apart(words: Sequence[Word]) -> Iterator[Word]:
    for at, word in enumerate(words):
        match = _DAY_YEAR.fullmatch(word.text)
        month = at > 0 and words[at - 1].text[:3].lower() in _MONTHS
        if match is None or not month:
            yield word
            continue
        x, y, wide, high = word.box
        day = len(match[1]) - 1 + _COMMA
        cut = round(wide * day / (day + len(match[2])))
        yield replace(word, text=match[1], box=(x, y, cut, high))
        yield replace(word, text=match[2], box=(x + cut, y, wide - cut, high))


def _code_pairs(words: Sequence[Word]) -> Iterator[tuple[Word, Word]]:
    """Words side by side that are a code and an amount."""
    for one, other in pairwise(words):
        gap = other.box[0] - one.box[0] - one.box[2]
        apart = gap >= _APART * min(one.box[3], other.box[3])
        if apart and _CODE.fullmatch(one.text) and cents_in(other.text) is not None:
            yield one, other


def _split(word: Word, pairs: Sequence[tuple[Word, Word]]) -> Iterator[Word]:
    for code, amount in pairs:
        if (
            word.text == code.text + amount.text
            and _over(word.box, code)
            and _over(word.box, amount)
        ):
            yield replace(word, text=code.text, box=code.box)
            yield replace(word, text=amount.text, box=amount.box)
            return
    yield word


def _over(box: Box, word: Word) -> bool:
    """Whether a place holds the middle of a word."""
    x, y, wide, high = word.box
    across, down = x + wide / 2, y + high / 2
    return box[0] <= across <= box[0] + box[2] and box[1] <= down <= box[1] + box[3]
