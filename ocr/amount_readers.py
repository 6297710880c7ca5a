"""One written amount, numerals or words, as its lattices show it: what it may say, and how well."""

from __future__ import annotations

import math
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
    Lattice,
    clear,
    exactly,
    fold,
    greedy,
    joined,
    likeliest,
    scores,
)
from ocr.check_fraction import find_fraction, over_bar
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
_BAR_SEEN = 0.5  # cents over a bar are likelier so than by chance

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
    to the tempered log-likelihood beside the likeliest text.
    """

    source: str
    box: Box
    crop: Pixels
    sights: tuple[Sight, ...]
    proposals: tuple[int, ...]
    outlier: float
    fits: dict[int, float] = field(default_factory=dict)

    def evidence(self, also: Iterable[int] = ()) -> Evidence:
        """The fits of its own proposals and of the amounts that others propose."""
        wanted = [c for c in dict.fromkeys((*self.proposals, *also)) if c not in self.fits]
        if wanted and self.sights:
            self.fits.update(_fits(self.source, self.sights, wanted))
        loose = self._loose()
        return Evidence(self.source, dict(self.fits), self._junk(), self.outlier, loose)

    def distribution(self) -> Distribution:
        """What this writing says by itself."""
        return distribution((self.evidence(),))

    @property
    def fit(self) -> float:
        """How well the best of its own proposals explains it (0: wholly)."""
        self.evidence()
        return max((self.fits[cents] for cents in self.proposals), default=_NO_FIT)

    def _loose(self) -> float:
        """The fit of all amounts together of which only the dollars were seen."""
        if not self.sights:
            return -math.inf
        form = numerals_without_cents if self.source == "numerals" else words_without_cents
        dollars = list(dict.fromkeys(cents // 100 for cents in self.proposals))[:2]
        sight = self.sights[0]
        unseen = scores(sight.lattice, [form(whole) for whole in dollars])
        fits = [_TEMPERED * min(0.0, float(score) - sight.best) for score in unseen]
        return math.log(99) + max(fits, default=-math.inf)

    def _junk(self) -> float:
        if self.source == "numerals":
            return _JUNK_NUMERALS
        return _JUNK_LETTER * max((len(sight.text) for sight in self.sights), default=8)


def _fits(source: str, sights: tuple[Sight, ...], wanted: list[int]) -> dict[int, float]:
    """Mean fit over the sights; one that no amount explains well has little to say."""
    form = numerals_form if source == "numerals" else words_form
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
    return Sight(lattice, float(scores(lattice, [exactly(text)])[0]), text)


def numerals_seen(line: LineText, crop: Pixels, box: Box, *, marked: bool) -> Written | None:
    """Numerals as a recogniser saw them; None when its lattice holds no amount."""
    lattice = fold(line.lattice, line.alphabet, NUMERAL_SYMBOLS)
    proposals = _numeral_proposals(lattice)
    if not proposals:
        return None
    outlier = _MARKED if marked or "$" in line.text or "*" in line.text else _UNMARKED
    return Written("numerals", box, crop, (_sight(lattice),), proposals, outlier)


def numerals_over_bar(written: Written, read: LineReader) -> Written:
    """The same numerals with the cents over a bar read by themselves, where that fits better."""
    crop = written.crop
    fraction = find_fraction(crop)
    over = None if fraction is None else over_bar(crop, fraction)
    if fraction is None or over is None or fraction.left < 12:
        return written
    parts = [
        fold(line.lattice, line.alphabet, NUMERAL_SYMBOLS)
        for line in (read(crop[:, : fraction.left - 2]), read(over))
    ]
    if not all(len(part.sharp) for part in parts):
        return written
    point = clear(".", NUMERAL_SYMBOLS.names)
    lattice = joined(parts[0], point, parts[1])
    proposals = _numeral_proposals(lattice)
    if not proposals:
        return written
    apart = replace(written, sights=(_sight(lattice),), proposals=proposals, fits={})
    return apart if apart.fit > written.fit - _BAR_SEEN else written


def _numeral_proposals(lattice: Lattice) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for text in likeliest(lattice):
        for cents in amounts_of_numerals(text):
            found.setdefault(cents)
        if len(found) >= _MOST:
            break
    return tuple(found)[:_MOST]


def seen_again(written: Written, line: LineText) -> Written:
    """The same numerals with a second recogniser's view added: no second vote, a second look."""
    lattice = fold(line.lattice, line.alphabet, NUMERAL_SYMBOLS)
    if not len(lattice.sharp):
        return written
    proposals = tuple(dict.fromkeys((*written.proposals, *_numeral_proposals(lattice))))
    sights = (*written.sights, _sight(lattice))
    return replace(written, sights=sights, proposals=proposals, fits={})


def words_seen(line: LineText, crop: Pixels, box: Box, read: LineReader) -> Written | None:
    """The words as the recogniser saw them; None when they hold no number word.

    Cents over a bar, which it does not see, are read by ``read``.
    """
    lattice = fold(line.lattice, line.alphabet, WORD_SYMBOLS)
    spelled = decoded(lattice)
    if not spelled:
        return None
    if spelled[0].cents is None:
        whole = _with_cents_over_bar(line, crop, read)
        again = () if whole is None else decoded(whole)
        # A stroke inside the last word may look like a bar: the dollars must stay as they were.
        kept = again and (again[0].dollars, again[0].cents is None) == (spelled[0].dollars, False)
        if whole is not None and kept:
            lattice, spelled = whole, again
    proposals = dict.fromkeys(100 * one.dollars + (one.cents or 0) for one in spelled)
    proposals.pop(0, None)
    if not proposals:
        return None
    sight = _sight(lattice)
    return Written("words", box, crop, (sight,), tuple(proposals), _WORDS)


def _with_cents_over_bar(line: LineText, crop: Pixels, read: LineReader) -> Lattice | None:
    """The line up to its fraction, then the digits over the bar as hundredths."""
    fraction = find_fraction(crop)
    over = None if fraction is None else over_bar(crop, fraction)
    if fraction is None or over is None or fraction.left < 0.25 * crop.shape[1]:
        return None
    steps = int(len(line.lattice) * fraction.left / crop.shape[1])
    seen = read(over)
    cents = fold(seen.lattice, seen.alphabet, WORD_SYMBOLS)
    if not len(cents.sharp):
        return None
    before = fold(line.lattice[:steps], line.alphabet, WORD_SYMBOLS)
    return joined(before, cents, clear("/100", WORD_SYMBOLS.names))
