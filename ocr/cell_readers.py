"""Second readings of the numbers on a scanned page: cells confirmed, or read a third time.

The engine that reads whole pages is sure of digits it has wrong (``412.00`` for ``112.00`` at
0.95), so each word with figures is read again by a small network for cells, which fails in other
places. Where the two have a word alike and the network is sure of each of its letters, it is
taken as read; where they differ, or it is not sure on a page of worse print, the line recogniser
decides, at ten times the time. What each has wrong stands in ``bench/train/CELLS.md``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from intake.pixels import gray
from intake.types import Box, Pixels, Word
from ocr.cell_asked import Asked
from ocr.cell_forms import agree, form_of, like_grouped, printed, value_of
from ocr.cell_votes import (
    ALONE,
    CLEAR,
    OUTVOTED,
    UNCLEAR,
    UNSURE,
    Seen,
    clear,
    decided,
    may_be_cents,
    sureness,
)
from ocr.cell_words import TWO, TWO_NAMES, dental, group, letters, lone_figure, sign
from ocr.likely_texts import likely_texts
from ocr.lost_print import letters_high, without_rules
from ocr.number_lines import by_recogniser
from ocr.text import Line, PageText, around, words_in
from ocr.types import Alternative, Field
from ocr.unread_lines import unread_lines
from ocr.word_boxes import levelled, with_dashes_told, without_dashes, without_ruled
from ocr.word_recovery import parted, recovered

_USUAL = 0.35  # of the words' heights, from the lowest: tall boxes took in other rows
_DOUBTFUL = (
    0.2  # of a page's numbers read differently: 3 of 100 codes that both had alike were wrong
)
_STRAINED = 0.06  # the same, from where a date or code that both have alike is read once more
_NOTHING = "00"  # a zero without dollars whose point was lost; no code is that
_FEWEST_NUMBERS = 10
_OTHER_INK = 0.95
_STROKE = np.ones((2, 2), np.uint8)
_CHANGES = (cv2.dilate, cv2.erode)  # of dark print on white: thinner strokes, thicker ones
_SHARES = {"recogniser": 0.86, "network": 0.09, "page": 0.05}


@dataclass(slots=True)
class CellReader:
    """Reads cells of the pages of one document from their pixels, each at most twice.

    ``pixels`` are the page images by page number; pages that are not among them (text layers) are
    left as they are.
    """

    pixels: Mapping[int, Pixels]
    _asked: Asked = field(init=False)
    _seen: dict[tuple[int, Box], Seen] = field(default_factory=dict)
    _candidates: dict[tuple[int, Box], tuple[Alternative, ...]] = field(default_factory=dict)
    _lines: dict[int, tuple[Line, ...]] = field(default_factory=dict)
    _bad: dict[int, bool] = field(default_factory=dict)  # pages by number: many differ
    _clean: dict[int, tuple[NDArray[np.uint8], float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._asked = Asked(self.pixels)

    def confirmed(self, text: PageText) -> PageText:
        """The page with its numbers confirmed or corrected, and those the engine lost.

        A word's confidence becomes how often a word is right that was read so.
        """
        if text.exact or text.page not in self.pixels or not text.words:
            return text
        height = float(np.quantile([word.box[3] for word in text.words], _USUAL))
        clean = without_rules(self.pixels[text.page], height)
        height = letters_high(clean, height)
        self._clean[text.page] = clean, height
        text = without_dashes(levelled(text, clean, height), height)
        text = without_ruled(text, gray(self.pixels[text.page]), height)
        text = with_dashes_told(text, height)
        lines = tuple(
            Line(
                tuple(part for word in line.words for part in self._word(text.page, word)), line.box
            )
            for line in text.lines
        )
        lines = dental(self._asked, text.page, lines)
        differing = self._differing(text.page)
        self._bad[text.page] = differing >= _DOUBTFUL
        if differing >= _STRAINED:
            lines = tuple(
                Line(tuple(self._third(text.page, word) for word in line.words), line.box)
                for line in lines
            )
        words = tuple(word for line in lines for word in line.words)
        confirmed = replace(text, words=words, lines=lines)
        read = recovered(confirmed, clean, height)
        self._lines[text.page] = read.lines
        return read

    def _word(self, page: int, word: Word) -> tuple[Word, ...]:
        form = form_of(word.text)
        dollar = sign(self._asked, page, word)
        if dollar is not None:
            return (dollar,)
        if like_grouped(word.text):
            return group(self._asked, page, word)
        if form is None and word.text.strip(".,:;|").isdigit():
            return (lone_figure(self._asked, page, word),)
        if form is None:
            return letters(self._asked, page, word)
        if may_be_cents(word) or word.text == _NOTHING:
            form = "amount"
        read = self._asked.network(page, word.box, form)
        network = read.text
        seen = Seen(form, word.text, network, sure=sureness(read))
        if agree(form, word.text, network):
            self._seen[page, word.box] = seen
            return (Word(printed(form, word.text), word.box, max(word.confidence, TWO)),)
        third = self._asked.recognised(page, word.box, form)
        seen = replace(seen, recogniser=third.text)
        self._seen[page, word.box] = seen
        if may_be_cents(word) and form_of(third.text) != "amount":
            if third.text.strip() == word.text:
                return (word,)  # no point was lost, and the figures are those
            two = third.text.strip() == network.strip()
            text = network.strip() if two else word.text
            return (Word(text, word.box, min(word.confidence, ALONE if two else UNSURE)),)
        return parted(decided(word, seen, third), third)

    def doubtful(self, page: int) -> bool:
        """Whether the two readers have a good part of a page's numbers differently.

        Then what both have alike is wrong alike too often to be sure where no sum proves it.
        """
        return self._bad.get(page, False)

    def unread_lines(self, text: PageText) -> frozenset[Box]:
        """The lines of a page, by box, in which print stands that no word of ``text`` tells.

        All of them where nobody looked.
        """
        if text.exact:
            return frozenset()
        if text.page not in self._clean:
            return frozenset(line.box for line in text.lines)
        return unread_lines(text, *self._clean[text.page])

    def _differing(self, page: int) -> float:
        """The share of a page's numbers that the two readers have differently."""
        seen = [one for (number, _), one in self._seen.items() if number == page]
        differ = sum(not agree(one.form, one.page, one.network) for one in seen)
        return differ / max(len(seen), _FEWEST_NUMBERS)

    def _third(self, page: int, word: Word) -> Word:
        """A date or code that two readers agree on, read a third time on a page of worse print.

        Where figures have run full of ink, all take a 9 for a 0 alike, and no sum says so. The
        network is not sure of such a figure; of none that it was sure of both were wrong.
        """
        seen = self._seen.get((page, word.box))
        if seen is None or seen.form == "amount" or word.confidence < OUTVOTED:
            return word
        if seen.recogniser is not None:
            return self._decided_well(page, word, seen) if self.doubtful(page) else word
        if seen.plain:
            return replace(word, confidence=OUTVOTED)
        third = self._asked.recognised(page, word.box, seen.form)
        bare = third.text.strip()
        self._seen[page, word.box] = replace(seen, recogniser=bare)
        if agree(seen.form, bare, word.text):
            plain = clear(third) and not self.doubtful(page)
            return replace(word, confidence=OUTVOTED if plain else UNCLEAR)
        if third.confidence >= CLEAR and len(bare) == len(word.text):
            return Word(printed(seen.form, bare), word.box, UNCLEAR)
        return replace(word, confidence=UNSURE)

    def _decided_well(self, page: int, word: Word, seen: Seen) -> Word:
        """A word that two of three readers have so, on a page where they often differ."""
        if seen.borne_out:
            return word
        if agree(seen.form, seen.network, seen.recogniser or "") and self._again(page, word, seen):
            return replace(word, confidence=_OTHER_INK)
        return replace(word, confidence=ALONE)  # one of the three has it otherwise

    def _again(self, page: int, word: Word, seen: Seen) -> bool:
        """Whether the recogniser stays by a word when its strokes are made thinner or thicker.

        What it took two figures run together for, or a broken one, it reads otherwise then.
        """
        crop = self._asked.crop(page, word.box)
        clearly = False
        for change in _CHANGES:
            read = by_recogniser(np.asarray(change(crop, _STROKE), np.uint8), seen.form)
            if read.confidence < CLEAR:
                continue
            if not agree(seen.form, read.text, seen.recogniser or ""):
                return False
            clearly = True
        return clearly

    def sure_of(self, name: Field) -> float:
        """How sure a name is: another reader has to see the same letters in all of its print.

        The page's engine is as sure of ``Jery`` as of ``Jerry``.
        """
        if name.page not in self.pixels or name.box is None:
            return name.confidence
        if self.doubtful(name.page):
            return min(name.confidence, ALONE)
        if self._seen_alike(name.page, name.box):
            return max(name.confidence, TWO_NAMES)
        return min(name.confidence, ALONE)

    def sure_of_number(self, number: Field) -> float:
        """How sure a number is that says whose a claim is: the recogniser has to see it, too.

        No sum proves it. One that was read in pieces is not sure: a fold or a gap went through it.
        """
        if number.page not in self.pixels or number.box is None:
            return number.confidence
        whole = sum(map(len, words_in(self._lines.get(number.page, ()), number.box))) == 1
        if whole and self._seen_alike(number.page, number.box):
            return number.confidence
        return min(number.confidence, ALONE)

    def _seen_alike(self, page: int, box: Box) -> bool:
        rows = tuple(words_in(self._lines.get(page, ()), box))
        return bool(rows) and all(self._same_letters(page, row) for row in rows)

    def _same_letters(self, page: int, words: Sequence[Word]) -> bool:
        """Whether the recogniser has these letters, too, clearly where the network has others.

        Nobody may be sure of others: an open ``c`` in thin print is an ``e`` to two of three.
        """
        box = around(word.box for word in words)
        own = _letters("".join(word.text for word in words))
        network = self._asked.network(page, box)
        same = _letters(network.text) == own
        if clear(network) and not same:
            return False
        third = self._asked.recognised(page, box)
        return _letters(third.text) == own and (same or clear(third))

    def candidates(self, page: int, box: Box) -> tuple[Alternative, ...]:
        """Amounts in cents that a cell may say with their probabilities, likeliest first."""
        key = (page, box)
        if key not in self._candidates:
            self._candidates[key] = self._weighed(page, box)
        return self._candidates[key]

    def _weighed(self, page: int, box: Box) -> tuple[Alternative, ...]:
        if page not in self.pixels:
            return ()
        shares: dict[int, float] = {}

        def add(text: str, share: float) -> None:
            cents = value_of("amount", text)
            if isinstance(cents, int):
                shares[cents] = shares.get(cents, 0.0) + share

        for text, chance in likely_texts(self._asked.recognised(page, box, "amount")):
            add(text, chance * _SHARES["recogniser"])
        seen = self._seen.get((page, box))
        if seen is None:
            add(self._asked.network(page, box, "amount").text, _SHARES["network"])
        else:
            add(seen.network, _SHARES["network"])
            add(seen.page, _SHARES["page"])
        whole = sum(shares.values())
        return tuple(
            Alternative(cents, share / whole)
            for cents, share in sorted(shares.items(), key=lambda item: -item[1])
        )


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).casefold()
