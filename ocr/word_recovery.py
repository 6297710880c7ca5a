"""Words of a scanned page that its engine lost, broke into pieces or took for one: read again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray
from intake.types import Box, Pixels, Word
from ocr.cell_forms import Form, agree, form_of, printed, value_of
from ocr.cell_votes import UNCLEAR, clear
from ocr.engine import LineText
from ocr.lost_print import uncovered
from ocr.number_lines import by_network, by_recogniser, read_by_network
from ocr.remittance_lexicon import known_role
from ocr.text import PageText, around, from_words

PAD = 3
"""Pixels around a word's box, which cuts into the letters of skewed print."""

_TRUSTED = 0.4  # words less sure than this may be ruled lines and pieces of several cells
_TRUSTED_SHORT = 0.6
_FEWEST_LETTERS = 4
_LETTER = re.compile(r"^[A-HJ-NP-Z]$")  # a code of one letter; I and O are as likely strokes
_MOST = 80  # places of a page that are read
_AGREED, _ALONE = 0.99, 0.8
_SURE_WORD = 0.9  # of the recogniser, for print that is no number
_SURE_FIGURE = 0.99
_INK, _LEAST_INK, _MOST_OF_IT = 140, 0.03, 0.8
_PIECE = re.compile(r"^[$(\-]*[\d,./:\-]+$")
_TAIL = re.compile(r"^[.,/:\-]?\d\d[/:.\-]?(\d\d|20\d\d)?[)\-]?$")
_BARE_DATE = re.compile(r"([01]\d)([0-3]\d)(20\d\d)")
_LONG = 7  # figures: more without a comma are a code and what follows it
_DAY_YEAR = re.compile(r"^(\d{1,2},?)(20\d\d)$")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FORMS: tuple[Form, ...] = ("date", "amount")
_OH = str.maketrans("Oo", "00")
_NEAR = 1.1  # letters high between the pieces of a broken amount
_AMOUNT = re.compile(r"^\(?-?\$?\d[\d,]*\.\d\d\)?-?$")
_TWO_AMOUNTS = re.compile(r"^(-?\$?\d[\d,]*\.\d\d)(-?\$?\d[\d,]*\.\d\d)$")


def crop_of(page: Pixels, box: Box) -> Pixels:
    """The part of a page around a box, gray."""
    x, y, width, height = box
    part = page[max(0, y - PAD) : y + height + PAD, max(0, x - PAD) : x + width + PAD]
    return np.ascontiguousarray(gray(part))


def recovered(text: PageText, clean: NDArray[np.uint8], height: float) -> PageText:
    """The page with print that no word covered read, and broken amounts whole.

    What two readers agree on is as sure as other numbers; words that only the recogniser reads
    are less so. ``clean`` is the page in gray without ruled lines, ``height`` that of its words.
    """
    words = _with_lost(_printed(text.words, clean), clean, height)
    words = _whole(words, clean, height)
    if len(words) == len(text.words) and set(words) == set(text.words):
        return text
    again = from_words(text.page, text.source, words)
    return replace(again, skew_degrees=text.skew_degrees)


def _printed(words: Sequence[Word], page: NDArray[np.uint8]) -> tuple[Word, ...]:
    """The words without unsure ones of rules and dots alone, or of print that is another word's."""
    sure = np.array([word.box for word in words if _is_trusted(word)], np.int64).reshape(-1, 4)
    return tuple(
        word for word in words
        if _is_trusted(word) or (_inked(word.box, page) and not _within_one(word.box, sure))
    )  # fmt: skip


def _inked(box: Box, page: NDArray[np.uint8]) -> bool:
    x, y, wide, tall = box
    return int((page[y : y + tall, x : x + wide] < _INK).sum()) >= _LEAST_INK * wide * tall


def _within_one(box: Box, others: NDArray[np.int64]) -> bool:
    """Whether most of a box lies within one of the other ones."""
    x, y, wide, high = others.T
    across = np.minimum(box[0] + box[2], x + wide) - np.maximum(box[0], x)
    down = np.minimum(box[1] + box[3], y + high) - np.maximum(box[1], y)
    shared = np.maximum(across, 0) * np.maximum(down, 0)
    return bool(((shared > 0) & (shared >= _MOST_OF_IT * box[2] * box[3])).any())


def _with_lost(words: Sequence[Word], page: NDArray[np.uint8], height: float) -> tuple[Word, ...]:
    trusted = [word.box for word in words if _is_trusted(word)]
    found: list[Word] = []
    for box in uncovered(page, trusted, height)[:_MOST]:
        found += words_at(crop_of(page, box), box)
    if not found:
        return tuple(words)
    kept = [word for word in words if _is_trusted(word) or not _over(word, found)]
    return (*kept, *found)


def _is_trusted(word: Word) -> bool:
    """Whether the engine saw a word at all: of one or two letters it is easily surer than right."""
    short = len(word.text) <= 2 and not any(char.isdigit() for char in word.text)
    return word.confidence >= (_TRUSTED_SHORT if short else _TRUSTED)


def words_at(crop: Pixels, box: Box) -> tuple[Word, ...]:
    """The print in a box, nothing where it is not read surely."""
    read = by_recogniser(crop, "code")
    bare = read.text.strip()
    form = form_of(bare)
    if form is None:
        letters = sum(char.isalpha() for char in bare)
        if read.confidence < _SURE_WORD:
            return _named(box, bare)
        if letters < 2 and not (_LETTER.match(bare) or _is_figure(bare, read, crop)):
            return ()
        return parted(Word(bare, box, _SURE_WORD * read.confidence), replace(read, text=bare))
    if value_of(form, bare) is None:
        return ()
    second = read_by_network(crop, form)
    sure = agree(form, bare, second.text)
    if not sure and read.confidence < _ALONE:
        return ()
    if sure and form != "amount" and not clear(read) and not clear(second):
        return parted(Word(printed(form, bare), box, UNCLEAR), read)  # no sum proves it
    return parted(Word(printed(form, bare), box, _AGREED if sure else _ALONE), read)


def _is_figure(bare: str, read: LineText, crop: Pixels) -> bool:
    """Whether a lone mark is a figure, as a reason's code is: two readers see it, one surely."""
    return bare.isdigit() and read.confidence >= _SURE_FIGURE and by_network(crop, "code") == bare


def _named(box: Box, bare: str) -> tuple[Word, ...]:
    """A word of which the recogniser is not sure, where its letters are the name of a column.

    A head lost with half of its row costs a column: a speck makes ``AL.LOWED`` of ``ALLOWED``.
    """
    letters = "".join(filter(str.isalpha, bare))
    long = len(letters) >= _FEWEST_LETTERS
    return (Word(letters, box, _ALONE),) if long and known_role(letters) is not None else ()


def _over(word: Word, found: Sequence[Word]) -> bool:
    """Whether a doubtful word covers the middle of one that was read in its place."""
    x, y, width, height = word.box
    middles = ((f.box[0] + f.box[2] / 2, f.box[1] + f.box[3] / 2) for f in found)
    return any(x <= across <= x + width and y <= down <= y + height for across, down in middles)


def _whole(words: Sequence[Word], page: NDArray[np.uint8], height: float) -> tuple[Word, ...]:
    """Amounts and dates that were broken in pieces as one word, when a reader sees them whole."""
    kept: list[Word] = []
    for line in from_words(0, "", words).lines:
        row, place = _day_and_year(line.words), 0
        while place < len(row):
            pieces = _pieces(row[place:], height)
            whole = _one_word(pieces, page) if len(pieces) > 1 else None
            kept += [whole] if whole is not None else row[place : place + 1]
            place += len(pieces) if whole is not None else 1
    return tuple(kept)


def _day_and_year(words: Sequence[Word]) -> tuple[Word, ...]:
    """``Sep 192026`` with the day and the year apart again."""
    kept: list[Word] = []
    for word in words:
        glued = _DAY_YEAR.match(word.text)
        if glued is None or not kept or kept[-1].text[:3].lower() not in _MONTHS:
            kept.append(word)
            continue
        x, y, width, height = word.box
        cut = round(width * glued.end(1) / len(word.text))
        kept.append(Word(glued[1], (x, y, cut, height), word.confidence))
        kept.append(Word(glued[2], (x + cut, y, width - cut, height), word.confidence))
    return tuple(kept)


def _pieces(words: Sequence[Word], height: float) -> Sequence[Word]:
    """The words from the first on that may be pieces of one number, at most three."""
    count = 1
    while count < min(3, len(words)) and _PIECE.match(words[count - 1].text):
        before, after = words[count - 1].box, words[count].box
        gap = after[0] - before[0] - before[2]
        level = abs(before[1] + before[3] - after[1] - after[3]) <= 0.5 * height
        if not (level and -0.3 * height <= gap <= _NEAR * height):
            break
        if not _TAIL.match(words[count].text.translate(_OH)):
            break
        count += 1
    return words[:count]


def _one_word(pieces: Sequence[Word], page: NDArray[np.uint8]) -> Word | None:
    """Pieces as one number, when a reader sees it whole; a date needs its marks or its parts."""
    box = around(piece.box for piece in pieces)
    crop = crop_of(page, box)
    texts = [piece.text.translate(_OH) for piece in pieces]
    figures = re.sub(r"\D", "", "".join(texts))
    marked = any(mark in "".join(texts) for mark in "/-.:") and "," not in "".join(texts)
    bare = _BARE_DATE.fullmatch(figures)
    for form in _FORMS if marked or bare else _FORMS[1:]:
        if form == "amount" and len(figures) > _LONG and "," not in "".join(texts):
            continue
        seen = by_recogniser(crop, form).text.replace(" ", "")
        same = re.sub(r"\D", "", seen) == figures
        if form == "date" and same and bare:
            seen = "/".join(bare.groups())  # thin print loses the strokes between its parts
        if same and form_of(seen) == form and value_of(form, seen) is not None:
            both = agree(form, seen, by_network(crop, form)) or bool(form == "date" and bare)
            if form == "amount" and _spaced(texts, crop):
                return None
            if both or any(mark in "".join(texts) for mark in ".,/-:"):
                return Word(printed(form, seen), box, _AGREED if both else _ALONE)
    return None


def _spaced(texts: Sequence[str], crop: Pixels) -> bool:
    """Whether pieces are a code and an amount behind it: the recogniser has a space between.

    Read for figures alone, ``97 61.00`` loses it; of ``63 .00`` the rest is no amount of its own.
    """
    code_and_amount = len(texts) == 2 and texts[0].isdigit() and _AMOUNT.match(texts[1])
    if not code_and_amount:
        return False
    seen = by_recogniser(crop, "code").text.split()
    return [re.sub(r"\D", "", one) for one in seen] == [re.sub(r"\D", "", one) for one in texts]


def parted(word: Word, read: LineText) -> tuple[Word, ...]:
    """Words that were taken for one, cut at their spaces or between two amounts (``9.340.00``)."""
    if len(read.places) != len(read.text) or word.text != read.text:
        return (word,)
    glued = _TWO_AMOUNTS.match(read.text)
    cuts = [glued.end(1)] if glued else [at for at, char in enumerate(read.text) if char == " "]
    x, y, width, height = word.box
    edges = [0]
    for cut in cuts:
        before = read.places[cut - 1] if cut else 0.0
        edges.append(round(width * (before + read.places[cut]) / 2))
    edges.append(width)
    starts = [0, *(cut if glued else cut + 1 for cut in cuts)]
    ends = [*cuts, len(read.text)]
    return tuple(
        Word(read.text[start:end], (x + left, y, max(1, right - left), height), word.confidence)
        for start, end, left, right in zip(starts, ends, edges[:-1], edges[1:], strict=True)
        if read.text[start:end].strip()
    )
