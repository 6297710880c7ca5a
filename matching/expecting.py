"""Why not this account: one that a person expected, held against the one that was found.

The expected account is compared with the clues just as candidates are, whether or not it was one,
and it is said what led to it, or that nothing did.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import cards, compare, explaining, homes, index, match, models, postings, score
from matching.decide import decide
from matching.keys import KINDS, keys_of_home, kinds_of_clues
from matching.types import AccountFacts, Candidate, Clues, Pool, Ranking, Reason
from records.errors import NotFound, WrongUse
from records.models import Account, PayerMemory, Payment

_NEVER_ALONE = 1.0
_MOST = 500.0


@dataclass(frozen=True, slots=True)
class Shared:
    """Keys of one kind that the clues and the account's home have in common.

    ``homes`` is how many homes the rarest of them has; ``passed_over``: too many to say anything.
    """

    kind: str
    homes: int
    passed_over: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the expected account stood; ``code`` is one of these.

    ``best``, ``candidate`` (``place`` of it), ``compared`` (and behind all candidates),
    ``outvoted`` (``place`` among the homes found, None behind all of them), ``common`` (only what
    too many share points to it), ``nothing`` (nothing does), ``unindexed``.
    """

    code: str
    place: int | None
    shared: tuple[Shared, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One signal on both sides; None where it said nothing there."""

    signal: str
    best: Reason | None
    expected: Reason | None

    @property
    def difference(self) -> float:
        """By how much the signal speaks for the best one (above zero) or the expected (below)."""
        said = (0.0 if side is None else side.weight for side in (self.best, self.expected))
        one, other = said
        return one - other


@dataclass(frozen=True, slots=True)
class Comparison:
    """The expected account beside the best one, for the part of the payment it fits best.

    ``label`` names that part, empty where there is but one. ``best`` is the likeliest account in
    the person's sight; None where there is none, or where it is the expected one.
    """

    label: str
    standing: Standing
    best: Candidate | None
    expected: Candidate
    lines: tuple[Line, ...]
    nobody: float

    @property
    def told(self) -> str:
        """Where it stood, in words."""
        return _told(self.standing)

    def to_json(self) -> dict[str, Any]:
        """The comparison as the API and the command line print it."""
        return {
            "part": self.label,
            "standing": self.standing.code,
            "place": self.standing.place,
            "told": self.told,
            "shared": [
                {"kind": each.kind, "homes": each.homes, "passed_over": each.passed_over}
                for each in self.standing.shared
            ],
            "nobody": self.nobody,
            "best": None if self.best is None else _side(self.best),
            "expected": _side(self.expected),
            "lines": [
                {
                    "signal": line.signal,
                    "best": _reason(line.best),
                    "expected": _reason(line.expected),
                    "difference": round(line.difference, 6),
                }
                for line in self.lines
            ],
        }


def why_not(
    session: Session, payment: Payment, number: str, offices: Collection[str] | None
) -> Comparison:
    """Hold the account of this number against the best candidate of a payment, as of now.

    ``offices`` are the codes in the person's sight, None for all. NotFound ``unknown_account``
    for a number that is none, or another office's: nobody learns which of the two. WrongUse
    ``nothing_read`` when the envelope says nothing of the payment. The caller writes the look at
    the account into the audit chain.
    """
    account = session.scalars(select(Account).where(Account.number == number.strip())).one_or_none()
    if account is None or (offices is not None and account.office.code not in offices):
        raise NotFound(
            "unknown_account",
            "There is no such account in your offices.",
            "Check the number, or search for the name.",
        )
    waiting = _waiting(session, payment)
    if waiting is None:
        raise WrongUse("nothing_read", f"Nothing is known of {payment.ref} yet.", "Read it first.")
    model = models.active(session)
    found = decide(waiting.clues, waiting.pools, _NEVER_ALONE, model).rankings
    home = _home(session, account, payment)
    both = zip(waiting.pools, waiting.clues.parts, strict=True)
    pools = tuple(_narrowed(pool, part.clues, home, account.number) for pool, part in both)
    alone = decide(waiting.clues, pools, _NEVER_ALONE, model).rankings
    sides = [_find(ranking, account.number) for ranking in alone]
    at = max(range(len(sides)), key=lambda each: (sides[each].score, -each))
    part, pool, ranking = waiting.clues.parts[at], waiting.pools[at], found[at]
    standing = _standing(session, account, part.clues, pool, ranking)
    expected = _against(ranking, sides[at], inside=standing.code in {"best", "candidate"},
                        compared=standing.code == "compared")  # fmt: skip
    best = None
    if standing.code != "best":
        best = next((each for each in ranking.candidates if _seen(each, offices)), None)
        best = None if best is not None and best.account.number == account.number else best
    lines = _lines(best, expected)
    label = part.label if len(sides) > 1 else ""
    return Comparison(label, standing, best, expected, lines, ranking.nobody)


def _seen(candidate: Candidate, offices: Collection[str] | None) -> bool:
    return offices is None or candidate.account.office_code in offices


def _waiting(session: Session, payment: Payment) -> match.Waiting | None:
    """The payment's clues and candidates beside those of the envelope's other payments."""
    row = payment.transaction
    others = session.scalars(
        select(Payment).where(Payment.transaction_id == row.id, Payment.live)
    ).all()
    payments = list({each.id: each for each in (*others, payment)}.values())
    found = match.gather(session, row, payments)
    waiting = next((each for each in found if each.payment_id == payment.id), None)
    return waiting if waiting is not None and waiting.clues.parts else None


def _home(session: Session, account: Account, payment: Payment) -> tuple[AccountFacts, ...]:
    """The account with the others of its home, as matching knows them."""
    paid: dict[str, int] = {}
    if payment.payer_hmac is not None:
        memory = select(PayerMemory.account_id, PayerMemory.confirmations).where(
            PayerMemory.payer_hmac == payment.payer_hmac
        )
        paid = {row[0]: row[1] for row in session.execute(memory)}
    if account.home_id is None:
        return tuple(homes.facts_of(session, Account.id == account.id).values())
    rows = postings.among(session, "SELECT card FROM account_homes WHERE id", [account.home_id])
    return tuple(facts for row in rows for facts in cards.unpack(row[0], paid).values())


def _narrowed(pool: Pool, clues: Clues, home: tuple[AccountFacts, ...], number: str) -> Pool:
    """A pool of the expected account, its family, and the accounts that a number names.

    What is said of an account depends on its family and on which accounts are named, not on how
    many others were compared. No more than a ranking keeps, so that the expected one is kept.
    """
    named = compare.named_by_number(clues, pool.accounts)
    first = [each for each in home if each.number == number]
    others = [each for each in (*home, *pool.accounts) if each in home or each.number in named]
    kept = {each.number: each for each in (*first, *others)}
    return replace(pool, accounts=tuple(kept.values())[: score.KEPT])


def _find(ranking: Ranking, number: str) -> Candidate:
    return next(each for each in ranking.candidates if each.account.number == number)


def _against(ranking: Ranking, side: Candidate, *, inside: bool, compared: bool) -> Candidate:
    """The expected account with its probability among those that were compared.

    A ranking keeps few candidates; the probability of any other follows from a kept one's.
    """
    if inside:
        return _find(ranking, side.account.number)
    if not ranking.candidates:
        return side
    kept = ranking.candidates[0]
    share = kept.probability * math.exp(min(side.score - kept.score, _MOST))
    # One that was not compared had no share: had it been, the others would have had less.
    return replace(side, probability=share if compared else share / (1.0 + share))


def _standing(
    session: Session, account: Account, clues: Clues, pool: Pool, ranking: Ranking
) -> Standing:
    shared, mine = _shared(session, account, clues)
    numbers = [each.account.number for each in ranking.candidates]
    if account.number in numbers:
        place = numbers.index(account.number) + 1
        return Standing("best" if place == 1 else "candidate", place, shared)
    if any(each.number == account.number for each in pool.accounts):
        return Standing("compared", None, shared)
    if account.home_id is None:
        return Standing("unindexed", None, ())
    if not mine:
        return Standing("nothing", None, ())
    if all(each.passed_over for each in shared):
        return Standing("common", None, shared)
    order = index.candidates(session, clues)
    place = order.index(account.home_id) + 1 if account.home_id in order else 0
    return Standing("outvoted", place or None, shared)


def _shared(
    session: Session, account: Account, clues: Clues
) -> tuple[tuple[Shared, ...], frozenset[int]]:
    """What the clues and the account's home have in common, the rarest first; and their keys."""
    if account.home_id is None:
        return (), frozenset()
    rows = postings.among(session, "SELECT card FROM account_homes WHERE id", [account.home_id])
    members = [facts for row in rows for facts in cards.unpack(row[0]).values()]
    kinds = kinds_of_clues(clues)
    mine = keys_of_home(members) & kinds.keys()
    counts: dict[int, int] = defaultdict(int)
    query = "SELECT key, length(homes) FROM home_keys WHERE key"
    for key, size in postings.among(session, query, sorted(mine)):
        counts[key] += size // 2
    rarest: dict[str, int] = {}
    for key in mine:
        kind = KINDS.get(kinds[key], kinds[key])
        rarest[kind] = min(rarest.get(kind, counts[key]), counts[key])
    ordered = sorted(rarest.items(), key=lambda each: (each[1], each[0]))
    told = tuple(Shared(kind, n, n > index.MOST_SHARING) for kind, n in ordered)
    return told, frozenset(mine)


def _lines(best: Candidate | None, expected: Candidate) -> tuple[Line, ...]:
    """Both sides signal by signal, in the order in which signals are compared."""
    ours = {} if best is None else {each.signal: each for each in best.reasons}
    theirs = {each.signal: each for each in expected.reasons}
    order = {signal: place for place, signal in enumerate(_ORDER)}
    signals = sorted({**ours, **theirs}, key=lambda each: order.get(each, len(order)))
    return tuple(Line(each, ours.get(each), theirs.get(each)) for each in signals)


_ORDER = (
    "prior", compare.NUMBER, compare.MEMBER, compare.PAYER, compare.PATIENT, compare.ADDRESS,
    compare.AMOUNT, compare.MEMO, compare.MEMORY, compare.OFFICE,
)  # fmt: skip


def _told(standing: Standing) -> str:
    behind = f"{index.COMPARED} homes are compared in full"
    if standing.code == "outvoted" and standing.place is None:
        return f"What was read points to many homes more than to this one; {behind}."
    words: Mapping[str, str] = {
        "best": "It is the best candidate.",
        "candidate": f"It is candidate {standing.place}.",
        "compared": "It was compared, and every candidate shown is likelier.",
        "outvoted": f"It was not compared: what was read points to it, but {standing.place} is its "
                    f"place among the homes found, and only the first {behind}, while they have "
                    "near as much in common with it.",
        "common": "It was not compared: it shares only what more than "
                  f"{index.MOST_SHARING:,} homes share.",
        "nothing": "It was not compared: nothing read on the check points to it.",
        "unindexed": "It was not compared: it is not in the index of accounts yet.",
    }  # fmt: skip
    return words[standing.code]


def _side(candidate: Candidate) -> dict[str, Any]:
    account = candidate.account
    return {
        "account_number": account.number,
        "office_code": account.office_code,
        "patient_name": f"{account.patient_first} {account.patient_last}",
        "guarantor_name": f"{account.guarantor_first} {account.guarantor_last}",
        "score": candidate.score,
        "probability": candidate.probability,
        "odds": explaining.odds(candidate.score),
    }


def _reason(reason: Reason | None) -> dict[str, Any] | None:
    if reason is None:
        return None
    return {
        "level": reason.level,
        "detail": reason.detail,
        "weight": reason.weight,
        "times": explaining.times(reason.weight),
    }
