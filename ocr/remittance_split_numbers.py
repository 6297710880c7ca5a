"""Numbers of a scanned page that were read in two pieces: ``$1,8`` and ``13.32`` are one print."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from intake.types import Box, Pixels, Word
from ocr.cell_forms import Form
from ocr.number_lines import by_network, by_recogniser
from ocr.remittance_rows import cents_in
from ocr.text import Line, PageText, around, with_lines
from ocr.values import parse_date
from ocr.word_recovery import crop_of

_TOUCHING = 0.4  # heights between two words at most: columns never stand so close
_THOUSANDS = re.compile(r"-?\(?\$?-?\d{1,3}([.,]\d{3})+\.\d{2}\)?-?")
_DATE = re.compile(r"\d\d?([-/])\d\d?\1(\d\d|20\d\d)")
_OF_DATE = re.compile(r"[\dOIl]+[-/]|[\dOIl]+[-/][\dOIl]*[-/]?")
_SPACE = 1.8  # times as wide as the next is the gap between two amounts, at least
_CUT_SHORT = re.compile(r"\$?\d[\d,]*(\.\d?)?")  # an amount without its cents
_CENTS = re.compile(r"\.?\d{1,2}[A-Z]?")
_MARKED = re.compile(r"\$?\d[\d,]*\.\d{2}[A-Z]?")
_ALIKE, _POINTED = 0.97, 0.8  # two readers have it alike; both took the comma for a point


def with_whole_numbers(text: PageText, pixels: Pixels) -> PageText:
    """The page with its split amounts and dates whole, where two readers see one over both pieces.

    Only an amount of thousands is longer than a piece that is an amount by itself. Of one print
    that was read twice, once with more around it, the surer reading stays. ``pixels`` are the
    scanned page's.
    """
    if text.exact:
        return text
    lines = tuple(Line(tuple(_joined(line.words, pixels)), line.box) for line in text.lines)
    return with_lines(text, lines)


def _joined(words: Sequence[Word], pixels: Pixels) -> Iterator[Word]:
    at = 0
    while at < len(words):
        whole = _whole(words[at], words[at + 1], pixels) if at + 1 < len(words) else None
        yield words[at] if whole is None else whole
        at += 1 if whole is None else 2


def _whole(one: Word, other: Word, pixels: Pixels) -> Word | None:
    """The number that two words are the pieces of; None where they are no pieces of one."""
    gap = other.box[0] - one.box[0] - one.box[2]
    if gap > _TOUCHING * max(one.box[3], other.box[3]):
        return None
    if one.text == other.text and _within(one, other):
        return max(one, other, key=lambda word: word.confidence)
    form = _form_of(one.text, other.text)
    if form is None:
        return None
    box = around((one.box, other.box))
    crop = crop_of(pixels, box)
    read = by_recogniser(crop, form).text.strip()
    if by_network(crop, form).strip() != read:
        return None
    if form == "date":
        return _date(read, box)
    return None if _parted(pixels, box) else _amount(read, box)


def _form_of(one: str, other: str) -> Form | None:
    """What two words may be the pieces of."""
    if cents_in(one) is not None and cents_in(other) is not None:
        return "amount"
    if _CUT_SHORT.fullmatch(one) and _CENTS.fullmatch(other):
        return "code" if other[-1].isalpha() else "amount"
    return "date" if _OF_DATE.fullmatch(one) else None


def _parted(pixels: Pixels, box: Box) -> bool:
    """Whether one white gap of a place is far wider than those between its other figures."""
    x, y, wide, high = box
    part = pixels[max(0, y) : y + high, max(0, x) : x + wide]
    inked = (part <= (int(part.min()) + int(part.max())) // 2).any(axis=0)
    gaps = np.sort(np.diff(np.flatnonzero(inked)))
    return len(gaps) > 1 and bool(gaps[-1] > _SPACE * gaps[-2])


def _within(one: Word, other: Word) -> bool:
    """Whether the middle of one word's place lies within the other's: they are one print."""
    small, large = sorted((one.box, other.box), key=lambda box: box[2])
    return large[0] <= small[0] + small[2] / 2 <= large[0] + large[2]


def _amount(read: str, box: Box) -> Word | None:
    if _MARKED.fullmatch(read):
        return Word(read, box, _ALIKE)
    if not _THOUSANDS.fullmatch(read):
        return None
    dollars, point, cents = read.rpartition(".")
    said = dollars.replace(".", ",") + point + cents
    return Word(said, box, _ALIKE if said == read else _POINTED)


def _date(read: str, box: Box) -> Word | None:
    sound = _DATE.fullmatch(read) is not None and parse_date(read) is not None
    return Word(read, box, _ALIKE) if sound else None
