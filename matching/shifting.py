"""Whether what is read in an office suddenly fits its accounts less often than before.

A scanner that confuses digits, statements that were not imported, a bag of somebody else's mail:
the readings go astray before any match goes wrong. The newest payments are held against those
before them by the exact test of two shares, payment by payment.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from matching import compare
from matching.types import Candidate, Clues, PaymentClues, Ranking

EVIDENCE = ("address", "amount", "name", "number")
NEWEST = 200
"""So many of the newest payments with a reading are held against those before them,"""
LEAST_EARLIER = 300
"""once there are so many of these."""
BLOCK = 100
BLOCKS = 20
"""Of earlier ones, so many blocks are kept: an office's mail changes over the years."""
ODDS = 1.5
"""The odds that a reading goes astray may rise by half, as mail is never quite the same;"""
CHANCE = 1e-6
"""beyond that, what is seen less often than this by chance raises the alarm. Every payment is
tested, so it is far below the usual levels."""
BACK = 0.05
"""An alarm ends when what is seen is seen more often than this though nothing has changed."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many payments had a reading of some evidence, and how many of these fit no account."""

    read: int
    astray: int


@dataclass(frozen=True, slots=True)
class Shift:
    """The counts that raised an alarm: of the newest payments, and of those before them."""

    newest: Counts
    earlier: Counts


@dataclass(frozen=True, slots=True)
class Watch:
    """One evidence in one office: the newest payments as 0 (fits) and 1 (astray), oldest first,
    those before them by block, and what raised the alarm while there is one."""

    newest: str = ""
    earlier: tuple[Counts, ...] = ()
    alarm: Shift | None = None

    @property
    def now(self) -> Counts:
        """The newest payments."""
        return Counts(len(self.newest), self.newest.count("1"))

    @property
    def before(self) -> Counts:
        """All earlier ones that are kept."""
        return Counts(sum(e.read for e in self.earlier), sum(e.astray for e in self.earlier))

    @property
    def is_watched(self) -> bool:
        """Whether there are enough payments to tell a change."""
        return len(self.newest) == NEWEST and self.before.read >= LEAST_EARLIER


def seen(watch: Watch, *, astray: bool) -> Watch:
    """The watch after one more payment; its ``alarm`` may be raised, or ended, by it.

    While alarmed, nothing is added to the earlier ones: the newest must get back in line with
    what was before.
    """
    newest, earlier = watch.newest + ("1" if astray else "0"), watch.earlier
    if len(newest) > NEWEST:
        if watch.alarm is None:
            earlier = _added(earlier, int(newest[0]))
        newest = newest[1:]
    moved = replace(watch, newest=newest, earlier=earlier)
    if moved.alarm is not None:
        back = not astray and chance(moved.now, moved.before) > BACK
        return replace(moved, alarm=None) if back else moved
    # One that fits makes the newest no worse than they were.
    if astray and moved.is_watched and chance(moved.now, moved.before, ODDS) < CHANCE:
        return replace(moved, alarm=Shift(moved.now, moved.before))
    return moved


def _added(earlier: tuple[Counts, ...], astray: int) -> tuple[Counts, ...]:
    if earlier and earlier[-1].read < BLOCK:
        last = earlier[-1]
        return (*earlier[:-1], Counts(last.read + 1, last.astray + astray))
    return (*earlier, Counts(1, astray))[-BLOCKS:]


def chance(newest: Counts, earlier: Counts, odds: float = 1.0) -> float:
    """How often so many of the newest, or more, go astray if their odds are ``odds`` times those
    of the earlier ones (one-sided; Fisher's exact test, noncentral unless ``odds`` is 1)."""
    total = newest.astray + earlier.astray
    least, most = max(0, total - earlier.read), min(newest.read, total)
    # Logarithms of how likely each number of the newest is, beside the least.
    logs = [0.0]
    for x in range(least, most):
        up = (newest.read - x) * (total - x) * odds
        logs.append(logs[-1] + math.log(up / ((x + 1) * (earlier.read - total + x + 1))))
    top = max(logs)
    likely = [math.exp(each - top) for each in logs]
    return math.fsum(likely[newest.astray - least :]) / math.fsum(likely)


def readings(payment: PaymentClues, rankings: Sequence[Ranking]) -> dict[str, bool]:
    """Of each evidence that was read on a payment, whether it goes astray in any part of it: it
    fits no account, or not the one that all evidence together speaks for.

    ``rankings`` are of the payment's parts, in their order.
    """
    found: dict[str, bool] = {}
    for part, ranking in zip(payment.parts, rankings, strict=True):
        best = ranking.candidates[0] if ranking.candidates else None
        for evidence, astray in _part(part.clues, best).items():
            found[evidence] = found.get(evidence, False) or astray
    return found


def _part(clues: Clues, best: Candidate | None) -> dict[str, bool]:
    read = {
        "number": bool(clues.account_numbers or clues.statement_numbers or clues.imbs),
        "name": bool(clues.payer_name or clues.patient_names),
        "address": bool(clues.payer_address),
        "amount": (clues.amount_cents or 0) > 0,
    }
    return {
        evidence: best is None or not any(best.level(s) in agrees for s in signals)
        for evidence, (signals, agrees) in _FITS.items()
        if read[evidence]
    }


_FITS: Mapping[str, tuple[tuple[str, ...], frozenset[str]]] = {
    # The number of another member of the household was read as it should be.
    "number": ((compare.NUMBER,), compare.NUMBER_AGREES | {"household"}),
    "name": ((compare.PAYER, compare.PATIENT), compare.NAME_AGREES),
    "address": ((compare.ADDRESS,), compare.ADDRESS_AGREES),
    "amount": ((compare.AMOUNT,), compare.AMOUNT_AGREES),
}


def rests_on(kind: str, evidence: Collection[str]) -> bool:
    """Whether a kind of evidence (``number_name_amount``) has any of these in it."""
    return not set(kind.split("_")).isdisjoint(evidence)


_SAID = {
    "number": ("Numbers read do not fit the account", "a number",
               "look at the scanner, and at the stubs"),
    "name": ("Names read do not fit the account", "a name",
             "look at the scanner, and whether the newest accounts were imported"),
    "address": ("Addresses read do not fit the account", "an address",
                "look at the scanner, and whether the newest accounts were imported"),
    "amount": ("Amounts read equal nothing that is owed", "an amount",
               "look at the scanner, and whether the newest statements were imported"),
}  # fmt: skip


def in_words(evidence: str, newest: Counts, earlier: Counts) -> str:
    """What is seen, beside what was seen before, and where to look."""
    what, one, where = _SAID[evidence]
    return (
        f"{what} in {newest.astray:,} of the last {newest.read:,} payments with {one}, "
        f"{earlier.astray:,} of {earlier.read:,} before: {where}."
    )
