"""One written amount, numerals or words, as its lattices show it: what it may say, and how well."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from intake.types import Box, Pixels
from ocr.amount import Distribution, Evidence, distribution
from ocr.amount_decoder import decoded
from ocr.amount_forms import (
    NUMERAL_SYMBOLS,
    WORD_SYMBOLS,
    amounts_of_numerals,
    numerals_form,
    numerals_without_cents,
    words_form,
    words_without_cents,
)
from ocr.amount_lattice import (
    Automaton,
    Lattice,
    clear,
    exactly,
    fold,
    greedy,
    joined,
    likeliest,
    scores,
)
from ocr.check_fraction import find_fraction, find_raised, over_bar
from ocr.engine import LineText

# Recognisers are surer of a character than they are right: their log-likelihoods are shrunk.
_TEMPERED = 0.5
_MOST = 12
_JUNK_NUMERALS = -math.log(1e5)
_JUNK_LETTER = -1.0
_UNMARKED = 0.15
_MARKED = 0.04
_WORDS = 0.04
_NO_FIT = -60.0
_LOST_WORDS = 1.5  # natural log of how often first words at the picture's edge are lost
_DOLLARS = 4
_SHORTEST = 9
_AS_IT_STANDS = -6.0
_HOPELESS = 9.0
_MOST_HOPEFUL = 4
_BAR_SEEN = 0.5  # cents over a bar are likelier so than by chance

_TWO = re.compile(r"^[^0-9a-z]*([0-9]{2}|xx?|n[0o])[^0-9a-z]*$")
"""Cents as they stand over a bar; a stroke of a figure taken for a bar has no such over it."""

_LABEL = re.compile(r"^(pay)?(exactly)?")
LineReader = Callable[[Pixels], LineText]


@dataclass(frozen=True, slots=True)
class Sight:
    """A lattice with the log-likelihood of its likeliest text whatever that says."""

    lattice: Lattice
    best: float
    text: str


@dataclass(frozen=True, slots=True)
class Written:
    """A written amount under reading: its place, what was seen there, and the fits found so far.

    ``crop`` is the writing alone, ``box`` its place in the check's picture. ``fits`` maps cents
    to the tempered log-likelihood beside the likeliest text. ``parts`` are the dollars and the
    cents where these were cut apart; ``cut`` tells that first words may be outside the picture,
    ``typed`` that a machine wrote, and ``lost`` maps whole dollars to their fit if the cents were
    lost.
    """

    source: str
    box: Box
    crop: Pixels
    sights: tuple[Sight, ...]
    proposals: tuple[int, ...]
    outlier: float
    fits: dict[int, float] = field(default_factory=dict)
    parts: tuple[Pixels, Pixels] | None = None
    cut: bool = False
    typed: bool = False
    lost: dict[int, float] = field(default_factory=dict)

    def evidence(self, also: Iterable[int] = ()) -> Evidence:
        """How well this writing fits its own proposals and the amounts that others propose."""
        also = tuple(also)
        self._look_at(also)
        return Evidence(
            self.source,
            dict(self.fits),
            self._junk(),
            self.outlier,
            self._loose(),
            self._partly(also),
        )

    def _look_at(self, also: tuple[int, ...] = ()) -> None:
        """Find the fits that are not yet known."""
        wanted = [c for c in dict.fromkeys((*self.proposals, *also)) if c not in self.fits]
        if wanted and self.sights:
            self.fits.update(_fits(self._form, self.sights, wanted))

    def distribution(self) -> Distribution:
        """What this writing says by itself."""
        return distribution((self.evidence(),))

    @property
    def fit(self) -> float:
        """How well the best of its own proposals explains it (0: wholly)."""
        self._look_at()
        return max((self.fits[cents] for cents in self.proposals), default=_NO_FIT)

    @property
    def hopeful(self) -> tuple[int, ...]:
        """The proposals that other evidence might still bring to the fore."""
        least = self.fit - _HOPELESS
        ranked = sorted(self.proposals, key=lambda cents: -self.fits[cents])
        return tuple(cents for cents in ranked[:_MOST_HOPEFUL] if self.fits[cents] >= least)

    def _form(self, cents: int) -> Automaton:
        """All ways in which an amount may stand in this place."""
        if self.source == "numerals":
            return numerals_form(cents, typed=self.typed)
        return words_form(cents, cut=self.cut, typed=self.typed)

    def _without_cents(self, whole: int) -> Automaton:
        if self.source == "numerals":
            return numerals_without_cents(whole)
        return words_without_cents(whole, cut=self.cut)

    def _partly(self, also: Iterable[int]) -> dict[int, float]:
        """The fit of each amount of some dollars if its cents are not to be seen here."""
        if not self.sights:
            return {}
        own = dict.fromkeys(cents // 100 for cents in self.proposals)
        theirs = dict.fromkeys(cents // 100 for cents in also)
        dollars = list(dict.fromkeys([*list(own)[:2], *list(theirs)[:_DOLLARS]]))
        wanted = [whole for whole in dollars if whole not in self.lost]
        if wanted:
            self.lost.update(_fits(self._without_cents, self.sights[:1], wanted))
        return {whole: self.lost[whole] for whole in dollars}

    def _loose(self) -> float:
        """The fit of all amounts together of which only the last words are in the picture."""
        if not self.cut:
            return -math.inf
        return _LOST_WORDS + max((self.fits[cents] for cents in self.proposals), default=-math.inf)

    def _junk(self) -> float:
        if self.source == "numerals":
            return _JUNK_NUMERALS
        return _JUNK_LETTER * max((len(sight.text) for sight in self.sights), default=8)


def _fits(
    form: Callable[[int], Automaton], sights: tuple[Sight, ...], wanted: list[int]
) -> dict[int, float]:
    """Mean fit over the sights; one that no amount explains well has little to say."""
    forms = [form(cents) for cents in wanted]
    each = [
        np.clip(_TEMPERED * (scores(sight.lattice, forms) - sight.best), _NO_FIT, 0.0)
        for sight in sights
    ]
    weights = np.exp([max(float(fit.max()), -20.0) for fit in each])
    mean = np.average(np.stack(each), axis=0, weights=weights)
    return {cents: float(fit) for cents, fit in zip(wanted, mean, strict=True)}


def _sight(lattice: Lattice) -> Sight:
    text = greedy(lattice)
    return Sight(lattice, float(scores(lattice, [exactly(text, lattice.names)])[0]), text)


def numerals_seen(
    line: LineText, crop: Pixels, box: Box, *, marked: bool, typed: bool = False
) -> Written | None:
    """Numerals as a recogniser saw them; None when its lattice holds no amount.

    ``marked``: behind a "$" or in a box of their own; ``typed``: by a machine.
    """
    lattice = fold(line.lattice, line.alphabet, NUMERAL_SYMBOLS)
    proposals = _numeral_proposals(lattice)
    if not proposals:
        return None
    outlier = _MARKED if marked or "$" in line.text or "*" in line.text else _UNMARKED
    return Written("numerals", box, crop, (_sight(lattice),), proposals, outlier, typed=typed)


def numerals_over_bar(written: Written, read: LineReader) -> Written:
    """The same numerals with small cents read by themselves, where that fits better.

    Such are raised behind the dollars, or stand over a bar.
    """
    crop = written.crop
    fraction = find_fraction(crop) or find_raised(crop)
    over = None if fraction is None else over_bar(crop, fraction)
    if fraction is None or over is None or fraction.left < 12:
        return written
    parts = (crop[:, : fraction.left - 1], over)
    lattice = _of_parts(parts, read)
    proposals = () if lattice is None else _numeral_proposals(lattice)
    if lattice is None or not proposals:
        return written
    alone = replace(
        written, sights=(_sight(lattice),), proposals=proposals, fits={}, lost={}, parts=parts
    )
    if alone.fit <= written.fit - _BAR_SEEN:
        return written
    # A slash may pass for a bar: the line as a whole keeps its say.
    together = tuple(dict.fromkeys((*proposals, *written.proposals)))
    sights = (*alone.sights, *written.sights)
    return replace(alone, sights=sights, proposals=together, fits={}, lost={})


def _of_parts(parts: tuple[Pixels, Pixels], read: LineReader) -> Lattice | None:
    """Dollars and cents as one line with a point between; None when either holds nothing."""
    dollars, cents = (
        fold(line.lattice, line.alphabet, NUMERAL_SYMBOLS) for line in map(read, parts)
    )
    if not len(dollars.sharp) or not _TWO.search(greedy(cents)):
        return None
    return joined(dollars, clear(".", NUMERAL_SYMBOLS.names), cents)


def _numeral_proposals(lattice: Lattice) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for text in likeliest(lattice):
        for cents in amounts_of_numerals(text):
            found.setdefault(cents)
        if len(found) >= _MOST:
            break
    return tuple(found)[:_MOST]


def seen_again(written: Written, read: LineReader) -> Written:
    """The same numerals with a second recogniser's view added: no second vote, a second look."""
    if written.parts is None:
        line = read(written.crop)
        lattice = fold(line.lattice, line.alphabet, NUMERAL_SYMBOLS)
    else:
        apart = _of_parts(written.parts, read)
        if apart is None:
            return written
        lattice = apart
    if not len(lattice.sharp):
        return written
    proposals = tuple(dict.fromkeys((*written.proposals, *_numeral_proposals(lattice))))
    sights = (*written.sights, _sight(lattice))
    return replace(written, sights=sights, proposals=proposals, fits={}, lost={})


def words_seen(
    line: LineText,
    crop: Pixels,
    box: Box,
    readers: tuple[LineReader, ...],
    *,
    cut: bool = False,
    typed: bool = False,
) -> Written | None:
    """The words as the recogniser saw them; None when they hold no number word.

    Cents over a bar, which it does not see, are read by all of ``readers``. ``cut``: the first
    words may lie outside the picture; ``typed``: a machine wrote them.
    """
    lattice = fold(line.lattice, line.alphabet, WORD_SYMBOLS)
    spelled = decoded(lattice)
    if not spelled:
        return None
    lattices = [lattice]
    if spelled[0].cents is None:
        for whole in _with_cents_over_bar(line, crop, readers):
            again = decoded(whole)
            # A stroke inside the last word may look like a bar: the dollars must stay the same.
            if again and again[0].dollars == spelled[0].dollars and again[0].cents is not None:
                lattices = [*lattices, whole] if len(lattices) > 1 else [whole]
                lattices = [one for one in lattices if one is not lattice]
                spelled = (*again, *spelled)
    proposals = dict.fromkeys(100 * one.dollars + (one.cents or 0) for one in spelled)
    proposals.pop(0, None)
    if not proposals:
        return None
    sights = tuple(_sight(one) for one in lattices)
    return Written("words", box, crop, sights, tuple(proposals), _WORDS, cut=cut, typed=typed)


def both_seen(one: Written | None, other: Written | None) -> Written | None:
    """The same words as two recognisers saw them: no second vote, a second look."""
    if one is None or other is None:
        return one or other
    proposals = tuple(dict.fromkeys((*one.proposals, *other.proposals)))
    sights = (*one.sights, *other.sights)
    return replace(one, sights=sights, proposals=proposals, fits={}, lost={})


def words_known(text: str, crop: Pixels, box: Box) -> Written | None:
    """Words that the page reader read surely; None unless they say dollars and cents."""
    kept = "".join(char for char in text.lower() if char in WORD_SYMBOLS.names and char != "?")
    kept = _LABEL.sub("", kept)
    if len(kept) < _SHORTEST:
        return None
    lattice = clear(kept, WORD_SYMBOLS.names)
    spelled = decoded(lattice)
    if not spelled or spelled[0].cents is None:
        return None
    proposals = tuple(100 * one.dollars + one.cents for one in spelled if one.cents is not None)
    written = Written("words", box, crop, (_sight(lattice),), proposals, _WORDS, typed=True)
    return written if written.fit >= _AS_IT_STANDS else None


def _with_cents_over_bar(
    line: LineText, crop: Pixels, readers: tuple[LineReader, ...]
) -> list[Lattice]:
    """The line up to its fraction, then the digits over the bar as hundredths."""
    fraction = find_fraction(crop)
    over = None if fraction is None else over_bar(crop, fraction)
    if fraction is None or over is None or fraction.left < 0.25 * crop.shape[1]:
        return []
    steps = _steps_before(line, fraction.left / crop.shape[1])
    before = fold(line.lattice[:steps], line.alphabet, WORD_SYMBOLS)
    seen = [fold(one.lattice, one.alphabet, WORD_SYMBOLS) for one in (r(over) for r in readers)]
    hundredths = clear("/100", WORD_SYMBOLS.names)
    return [joined(before, cents, hundredths) for cents in seen if _TWO.search(greedy(cents))]


def _steps_before(line: LineText, share: float) -> int:
    """How many steps of the lattice show what stands left of ``share`` of the crop.

    Steps are no even measure of the crop: the recogniser cuts wide gaps short.
    """
    count = sum(place < share for place in line.places)
    best = line.lattice.argmax(axis=1)
    starts = np.flatnonzero((best != 0) & (np.diff(best, prepend=0) != 0))
    return int(starts[count]) if count < len(starts) else len(best)
