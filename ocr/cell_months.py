"""Names of months in dates: words that a second reader confirms as it does figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from intake.types import Word

_NAMES = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
          "october", "november", "december")  # fmt: skip
_MONTHS = frozenset({*_NAMES, *(name[:3] for name in _NAMES), "sept"})


def month_read_twice(word: Word, second: Callable[[], str], sure: float) -> Word:
    """A month's name is ``sure`` where a ``second`` reader has it alike, another word as it is.

    A letter makes June of July, and the page's engine alone is no proof of it.
    """
    name = _letters(word.text)
    if name not in _MONTHS or word.confidence >= sure:
        return word
    return replace(word, confidence=sure) if _letters(second()) == name else word


def _letters(text: str) -> str:
    return text.strip(" .,;:").casefold()
