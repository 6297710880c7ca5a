"""Card numbers taken out of what is kept of a page: readings, words, and the boxes to black out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from intake.types import Box, Word
from ocr.card_numbers import KEPT, CardNumber
from ocr.types import Field, ReadingWarning

WARNING = ReadingWarning(
    "card_number",
    "a payment card number was written here; it is blacked out and not kept. Key nothing of it: "
    "hand the paper to the office's card process, or ask the payer to pay another way",
)
_RUN = re.compile(r"\d(?:[\s.\u2010-\u2015\u00b7/_*,-]{0,3}\d){6,}")


def masked_text(text: str, numbers: Iterable[CardNumber]) -> str:
    """Text with every card number, or seven and more digits of one, as ``**** **** **** 1234``."""
    for number in numbers:
        text = _RUN.sub(lambda found, number=number: _hidden(found[0], number), text)  # type: ignore[misc]
    return text


def _hidden(said: str, number: CardNumber) -> str:
    digits = re.sub(r"\D", "", said)
    if number.digits in digits:
        return number.masked
    return "****" if digits in number.digits else said


def masked_value(value: Any, numbers: Sequence[CardNumber]) -> Any:
    """JSON data without the numbers; an integer that is part of one becomes None."""
    if isinstance(value, str):
        return masked_text(value, numbers)
    if isinstance(value, Mapping):
        return {
            masked_text(str(key), numbers): masked_value(each, numbers)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [masked_value(each, numbers) for each in value]
    if isinstance(value, int) and not isinstance(value, bool) and len(str(abs(value))) >= 7:
        return None if any(str(abs(value)) in each.digits for each in numbers) else value
    return value


def masked_field(field: Field | None, numbers: Sequence[CardNumber]) -> Field | None:
    """A field whose value and alternatives hold nothing of the numbers."""
    if field is None:
        return None
    alternatives = tuple(
        replace(each, value=masked_value(each.value, numbers)) for each in field.alternatives
    )
    value = masked_value(field.value, numbers)
    return replace(field, value=value, alternatives=alternatives)


def masked_words(words: Iterable[Sequence[Any]], boxes: Sequence[Box]) -> list[list[Any]]:
    """Stored words ``[text, box, confidence]``: digits under a box are stars.

    The boxes are in the words' own pixels. A word that a box covers in part keeps what lies
    beside it, which is how the last four digits stay.
    """
    return [[_starred(str(text), box, boxes), list(box), sure] for text, box, sure in words]


def _starred(text: str, box: Sequence[int], boxes: Sequence[Box]) -> str:
    x, y, width, height = box
    step = width / max(1, len(text))
    middle = y + height / 2
    shown = []
    for place, symbol in enumerate(text):
        across = x + (place + 0.5) * step
        hidden = any(
            left <= across <= left + wide and top <= middle <= top + tall
            for left, top, wide, tall in boxes
        )
        shown.append("*" if hidden and symbol.isalnum() else symbol)
    return "".join(shown)


def turned_back(box: Box, rotation: int, width: int, height: int) -> Box:
    """A box of a page turned clockwise by ``rotation``, in the page as it is stored.

    ``width`` and ``height`` are those of the page as it is stored, in pixels.
    """
    x, y, wide, tall = box
    if rotation == 90:
        return (y, height - x - wide, tall, wide)
    if rotation == 180:
        return (width - x - wide, height - y - tall, wide, tall)
    if rotation == 270:
        return (width - y - tall, x, tall, wide)
    return box


__all__ = [
    "KEPT", "WARNING", "Word", "masked_field", "masked_text", "masked_value", "masked_words",
    "turned_back",
]  # fmt: skip
