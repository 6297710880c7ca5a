"""Words of a scan that are no amount, day or whole code by their form, each read a second time."""

from __future__ import annotations

import re
from dataclasses import replace

from intake.types import Word
from ocr import engine
from ocr.cell_asked import Asked
from ocr.cell_forms import grouped
from ocr.cell_months import month_read_twice
from ocr.cell_votes import ALONE, CLEAR, OUTVOTED, UNSURE, clear, figures
from ocr.text import Line
from ocr.word_recovery import parted

TWO, TWO_NAMES = 0.999, 0.97
"""How often a number is right that two readers have alike; a name or another word."""

_SURE_LETTERS, _FEWEST_LETTERS, _LETTERS = 0.85, 3, 0.95
_SURE_SIGN = 0.92  # of the page's engine, from which it is not read again
_SHORT, _STROKES = 2, "|{[()]} "  # letters; what rules beside a word are taken for
_CODE, _LIKE_CODE = re.compile(r"D\d{4}"), re.compile(r"[DOp0B(][A-Za-z0-9\]\[|!]{1,5}")
_FEWEST_CODES = 3
_LEAST_CODE, _MOST_CODE = 3, 6  # letters that a garbled dental code came out as
_AROUND = 0.7  # heights beside a lone figure, where a second one may stand that its box left out


def sign(asked: Asked, page: int, word: Word) -> Word | None:
    """A ``$`` that the page's engine was not sure of, None where it is none.

    Before an amount that stands apart it is often taken for a figure or a letter.
    """
    if len(word.text) > _SHORT or word.confidence >= _SURE_SIGN:
        return None
    read = asked.network(page, word.box)
    is_sign = read.text.strip(_STROKES) == "$" and read.confidence >= CLEAR
    return Word("$", word.box, TWO_NAMES) if is_sign else None


def lone_figure(asked: Asked, page: int, word: Word) -> Word:
    """A figure that stands alone: a second reader has to see it, and nothing beside it.

    A box that ends too soon leaves a 9 of a code 96, and no sum says so.
    """
    left, top, width, height = word.box
    beside = round(_AROUND * height)
    box = (left - beside, top, width + 2 * beside, height)
    own = figures(word.text)
    if figures(asked.network(page, box).text) == own:
        return word
    if figures(asked.recognised(page, box).text) == own:
        return word
    return replace(word, confidence=min(word.confidence, UNSURE))


def letters(asked: Asked, page: int, word: Word) -> tuple[Word, ...]:
    """A word without figures, read again where the page's engine was not sure of it."""
    word = month_read_twice(word, lambda: asked.network(page, word.box).text, TWO)
    if word.confidence >= _SURE_LETTERS or len(word.text) < _FEWEST_LETTERS:
        return (word,)
    read = asked.recognised(page, word.box)
    bare = read.text.strip()
    if read.confidence < max(_SURE_LETTERS, word.confidence) or len(bare) < _FEWEST_LETTERS:
        return (word,)
    return parted(Word(bare, word.box, _LETTERS * read.confidence), replace(read, text=bare))


def group(asked: Asked, page: int, word: Word) -> tuple[Word, ...]:
    """A reason's group and number, read again as such where its figures look like letters."""
    read = asked.recognised(page, word.box)
    whole = grouped(read.text.strip())
    if whole is None:
        return (word,)
    sure = min(OUTVOTED, read.confidence)
    return parted(Word(whole, word.box, sure), replace(read, text=whole))


def dental(asked: Asked, page: int, lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Lines whose garbled dental codes are read as such, on a page that has several sound ones.

    ``D1110``, all thin strokes, is what page engines garble most (``DIO``).
    """
    sound = sum(bool(_CODE.fullmatch(word.text)) for line in lines for word in line.words)
    if sound < _FEWEST_CODES:
        return lines
    return tuple(
        Line(tuple(_dental_code(asked, page, word) for word in line.words), line.box)
        for line in lines
    )


def _dental_code(asked: Asked, page: int, word: Word) -> Word:
    if word.confidence >= _SURE_LETTERS or not _LEAST_CODE <= len(word.text) <= _MOST_CODE:
        return word
    network = asked.network(page, word.box)
    told = network.text.strip() if clear(network) else ""
    if not _CODE.fullmatch(told) and not _LIKE_CODE.fullmatch(word.text):
        return word
    crop = asked.crop(page, word.box)
    read = engine.line_engine().read_line(crop, characters="D0123456789").text
    if _CODE.fullmatch(told):
        return Word(told, word.box, OUTVOTED if read == told else UNSURE)
    return Word(read, word.box, ALONE) if _CODE.fullmatch(read) else word
