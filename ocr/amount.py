"""What all evidence of a check's amount says together: one distribution over amounts.

Every reader says how well each amount fits what it saw, and how well anything else would ("the
wrong box, or junk"). All amounts are alike beforehand; the balances of accounts have no part in
this. They may verify afterwards (``verified``), never replace.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path

from ocr import odds
from ocr.types import Alternative, ReadingWarning

SURE = 0.9
AMOUNTS = 1e5  # as many amounts as checks of this trade usually have, each as likely
_LOG_99 = math.log(99)
_SPEAKS = 4.0
_MOST_DOUBT = 3.0
_KEPT = 8
LEAST = 5e-4
CONTRADICTED = 0.55
OUTVOTED = 0.85
_PREFERS = 2.0
_EXPLAINED = -1.5
_CALIBRATION = Path(__file__).with_name("amount_calibration.json")


@dataclass(frozen=True, slots=True)
class Distribution:
    """Amounts in cents with their probabilities, best first; what lacks to 1 is something else."""

    cents: tuple[int, ...]
    probabilities: tuple[float, ...]

    @property
    def best(self) -> tuple[int, float] | None:
        """The likeliest amount and its probability."""
        return (self.cents[0], self.probabilities[0]) if self.cents else None

    def of(self, cents: int) -> float:
        """The probability of an amount."""
        return dict(zip(self.cents, self.probabilities, strict=True)).get(cents, 0.0)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one place of the check says.

    ``fits`` maps amounts in cents to the natural log of how well they explain what was seen (0:
    wholly), ``junk`` is the same for whatever is no amount of this check, and ``outlier`` is
    how often the place holds such. ``partly`` maps whole dollars to the fit of each amount with
    these if its cents were not to be seen, and ``loose`` is the fit of all amounts together that
    were not looked at and agree in part.
    ``source`` is ``numerals``, ``words``, ``micr`` or ``x9_record``.
    """

    source: str
    fits: Mapping[int, float]
    junk: float = -math.log(AMOUNTS)
    outlier: float = 0.05
    loose: float = -math.inf
    partly: Mapping[int, float] = field(default_factory=dict)

    def log_likelihood(self, cents: int) -> float:
        """Of an amount; one that was not looked at is as likely as junk."""
        return self._mixed(self.fits.get(cents, -math.inf))

    def log_likelihood_of_dollars(self, whole: int) -> float:
        """Of an amount of so many dollars whose cents this place does not show."""
        return self._mixed(self.partly.get(whole, -math.inf))

    def _mixed(self, fit: float) -> float:
        return _log_sum(math.log1p(-self.outlier) + fit, math.log(self.outlier) + self.junk)


@dataclass(frozen=True, slots=True)
class Fused:
    """The amount to rely on, with what else it may be; ``cents`` None when nothing is known.

    ``source`` names the evidence for ``cents`` (``numerals+words``; ``+balance`` when verified
    by one). ``alone_cents`` and ``alone_confidence`` are what the check alone said, kept by
    ``verified``.
    """

    cents: int | None
    confidence: float
    source: str
    alternatives: tuple[Alternative, ...] = ()
    warnings: tuple[ReadingWarning, ...] = ()
    alone_cents: int | None = None
    alone_confidence: float = 0.0


def stated(source: str, cents: int, confidence: float) -> Evidence:
    """Evidence that names one amount, e.g. the MICR amount field, with its probability."""
    sure = min(max(confidence, 0.01), 0.99)
    return Evidence(source, {cents: 0.0}, outlier=1.0 - sure)


def distribution(evidence: Sequence[Evidence]) -> Distribution:
    """The amounts by all evidence together, with no caps and no calibration."""
    logs = {
        cents: sum(one.log_likelihood(cents) for one in evidence)
        for cents in {cents for one in evidence for cents in one.fits}
    }
    if not logs:
        return Distribution((), ())
    junk = [math.log(one.outlier) + one.junk for one in evidence]
    other = math.log(AMOUNTS) + sum(junk)
    for one, its in zip(evidence, junk, strict=True):
        other = _log_sum(other, one.loose + sum(junk) - its)
    for whole in {whole for one in evidence for whole in one.partly}:
        # All places may have lost the cents: that they agree on the dollars says nothing of them.
        each = sum(one.log_likelihood_of_dollars(whole) for one in evidence)
        other = _log_sum(other, _LOG_99 + each)
    top = max(other, *logs.values())
    total = math.exp(other - top) + sum(math.exp(value - top) for value in logs.values())
    ranked = sorted(logs, key=lambda cents: (-logs[cents], cents))
    return Distribution(
        tuple(ranked), tuple(math.exp(logs[cents] - top) / total for cents in ranked)
    )


def fuse(evidence: Sequence[Evidence]) -> Fused:
    """One amount from all evidence; a contradiction is told, and never sure."""
    posterior = distribution(evidence)
    if posterior.best is None:
        return Fused(None, 0.0, "")
    best, raw = posterior.best
    alone = [(one, distribution((one,))) for one in evidence]
    denying = [_denies(one, own, best) for one, own in alone]
    against = [own for (_, own), denies in zip(alone, denying, strict=True) if denies]
    supporting = [
        one.source
        for one, denies in zip(evidence, denying, strict=True)
        if _supports(one, best) and not denies
    ]
    source = "+".join(sorted(set(supporting))) or _strongest(alone, best)
    confidence = calibrated(raw, evidence_class(supporting, against=bool(against)))
    warnings: tuple[ReadingWarning, ...] = ()
    if against:
        outvoted = "x9_record" in supporting or len(set(supporting)) >= 3
        confidence = min(confidence, OUTVOTED if outvoted else CONTRADICTED)
        warnings = (ReadingWarning("amount_mismatch", _told(alone)),)
    others = _alternatives(posterior, against, confidence)
    return Fused(best, round(confidence, 4), source, others, warnings, best, round(confidence, 4))


def _supports(one: Evidence, cents: int) -> bool:
    """Whether this evidence speaks for the amount far more than for junk, or nearly its best."""
    fit = one.fits.get(cents, -math.inf)
    return fit > max(one.junk + _SPEAKS, max(one.fits.values(), default=0.0) - _SPEAKS)


def _denies(one: Evidence, own: Distribution, cents: int) -> bool:
    """Whether this evidence clearly names another amount.

    By its own probability, or because another amount explains what was seen, and far better: a
    place that may always be the wrong one is never sure by itself, however clear its figures.
    """
    if own.best is None or own.best[0] == cents:
        return False
    if own.best[1] >= 0.8 and own.of(cents) < 0.1:
        return True
    fit = one.fits.get(own.best[0], -math.inf)
    return fit >= _EXPLAINED and fit - one.fits.get(cents, -math.inf) >= _PREFERS


def _strongest(alone: Sequence[tuple[Evidence, Distribution]], cents: int) -> str:
    return max(alone, key=lambda pair: pair[1].of(cents))[0].source


def _alternatives(
    posterior: Distribution, against: Sequence[Distribution], confidence: float
) -> tuple[Alternative, ...]:
    """The other amounts; together with the rest they share what the best one leaves."""
    best, raw = posterior.cents[0], posterior.probabilities[0]
    # Doubt that calibration adds is mostly doubt of the place, not for what was seen there.
    share = min((1.0 - confidence) / max(1.0 - raw, 1e-12), _MOST_DOUBT)
    chances = {
        cents: min(probability * share, 1.0 - confidence)
        for cents, probability in zip(posterior.cents[1:], posterior.probabilities[1:], strict=True)
    }
    for own in against:
        # Who is contradicted clearly must see by what, however the odds stand.
        if own.best is not None:
            rival = own.best[0]
            chances[rival] = max(chances.get(rival, 0.0), 0.8 * (1.0 - confidence) / len(against))
    chances.pop(best, None)
    ranked = sorted(chances.items(), key=lambda pair: (-pair[1], pair[0]))[:_KEPT]
    return tuple(Alternative(c, round(chance, 4)) for c, chance in ranked if chance >= LEAST)


def evidence_class(supporting: Collection[str], *, against: bool) -> str:
    """Which row of the calibration table applies: who speaks for the amount."""
    if against:
        return "contradicted"
    known = set(supporting)
    if {"numerals", "words"} <= known:
        return "both"
    if known & {"micr", "x9_record"} and len(known) > 1:
        return "both"
    return next(iter(known)) if len(known) == 1 else "none"


@cache
def _table() -> dict[str, list[list[float]]]:
    if not _CALIBRATION.is_file():
        return {}
    loaded = json.loads(_CALIBRATION.read_text())["points"]
    return {name: [[float(x), float(y)] for x, y in points] for name, points in loaded.items()}


def log_odds(probability: float) -> float:
    """Natural log of p / (1 - p), kept within 16 of zero."""
    return odds.log_odds(probability, least=1e-7)


def calibrated(raw: float, name: str) -> float:
    """The probability that an amount of posterior ``raw`` is right, by the class's table.

    Monotone: straight lines between points of (log odds, probability).
    """
    points = _table().get(name)
    if not points:
        return min(raw, 0.8 if name in {"numerals", "words", "micr", "none"} else 0.995)
    at = log_odds(raw)
    places = [point[0] for point in points]
    right = bisect_right(places, at)
    if right == 0:
        return min(points[0][1], raw)
    if right == len(points):
        return points[-1][1]
    (x0, y0), (x1, y1) = next(
        pair for number, pair in enumerate(pairwise(points), 1) if number == right
    )
    return y0 + (y1 - y0) * (at - x0) / max(x1 - x0, 1e-9)


_NAMES = {
    "numerals": "numerals",
    "words": "words",
    "micr": "the MICR amount field",
    "x9_record": "the bank's record",
}


def _told(alone: Sequence[tuple[Evidence, Distribution]]) -> str:
    """``numerals read 125.00, words read 152.00``."""
    said = [
        f"{_NAMES.get(one.source, one.source)} read {own.best[0] // 100}.{own.best[0] % 100:02d}"
        for one, own in alone
        if own.best is not None
    ]
    return ", ".join(dict.fromkeys(said))


def _log_sum(one: float, other: float) -> float:
    high, low = max(one, other), min(one, other)
    return high if low == -math.inf else high + math.log1p(math.exp(low - high))
