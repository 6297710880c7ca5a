"""Which bank line belongs to which deposit, electronic payment or returned check: pure matching.

Only what is certain is paired: a reference that says so, or an amount that fits one thing and one
line within the days. Everything else is left to a person.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from matching.insurers import is_insurer, likeness

EARLY_DAYS = 1
LATE_DAYS = 7
EFT_DAYS = 14
_DEPOSITS = ("deposit", "lockbox_deposit")


@dataclass(frozen=True, slots=True)
class Movement:
    """A bank line that settles nothing yet; ``words`` is its reference and text together."""

    line_id: str
    bank_account_id: str
    value_on: date
    amount_cents: int
    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Expected:
    """Something of ours that the bank should have: ``marks`` are references that name it.

    ``amount_cents`` is what is still to come; ``whole`` says that nothing of it came before.
    ``payer`` and ``company`` are the name and the number (TRN03) of who sends it, where known.
    """

    id: str
    bank_account_id: str
    on: date
    amount_cents: int
    marks: tuple[str, ...]
    whole: bool = True
    payer: str = ""
    company: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A line and what it settles; ``why`` is ``reference`` or ``amount``."""

    line_id: str
    expected_id: str
    why: str = "amount"


def pair_deposits(lines: Sequence[Movement], deposits: Sequence[Expected]) -> list[Pair]:
    """Credits to deposits: same account, same cents, within the days; by reference first.

    A credit of kind ``other`` may be anything, so it needs the reference. Equal deposits are
    paired with equally many equal credits in the order of their days: the money is the same
    whichever is which.
    """
    wanted = [line for line in lines if line.kind in (*_DEPOSITS, "other")]
    pairs = _by_mark(wanted, deposits, within_days)
    taken = {pair.expected_id for pair in pairs} | {pair.line_id for pair in pairs}
    open_lines = [line for line in wanted if line.line_id not in taken and line.kind != "other"]
    open_deposits = [deposit for deposit in deposits if deposit.id not in taken]
    return pairs + _by_amount(open_lines, open_deposits, within_days)


def told_of_rejected(
    lines: Iterable[Movement], rejected: Sequence[Expected], deposits: Sequence[Expected]
) -> frozenset[str]:
    """Ids of credits that may pay a rejected deposit after all: nothing takes them silently.

    Such a credit names it, or is of its amount within the days and came before any deposit of
    that amount that is at the bank now, as the one that its checks went into.
    """
    found = set()
    for line in lines:
        for each in rejected:
            if line.bank_account_id != each.bank_account_id:
                continue
            early = (
                line.kind in _DEPOSITS
                and same_cents(line, each)
                and within_days(line, each)
                and not any(
                    same_cents(line, other) and other.on <= line.value_on for other in deposits
                )
            )
            if early or names(line.words, each.marks):
                found.add(line.line_id)
    return frozenset(found)


def pair_electronic(lines: Sequence[Movement], payments: Sequence[Expected]) -> list[Pair]:
    """Electronic credits to 835 payments: by trace number (TRN02) and amount, whoever else may be
    of that amount; or by an amount alone in the days around it, unless the bank tells another
    trace, another company (TRN03) or another insurer."""
    wanted = [line for line in lines if line.kind in ("eft_credit", "other", "deposit")]
    pairs = _by_mark(wanted, payments, may_be_traced)
    taken = {pair.expected_id for pair in pairs} | {pair.line_id for pair in pairs}
    open_lines = [
        line for line in wanted if line.line_id not in taken and line.kind == "eft_credit"
    ]
    open_payments = [payment for payment in payments if payment.id not in taken]
    return pairs + _by_amount(open_lines, open_payments, may_be_eft)


def pair_returns(lines: Sequence[Movement], checks: Sequence[Expected]) -> list[Pair]:
    """Returned-item debits to deposited checks: same cents and a check number that names one.

    ``on`` of a check is the day it was deposited; the bank may take weeks to give it back.
    """
    wanted = [line for line in lines if line.kind == "returned_item"]
    return _by_mark(wanted, checks, lambda line, check: line.value_on >= check.on)


_Fits = Callable[[Movement, Expected], bool]


def within_days(line: Movement, deposit: Expected) -> bool:
    """Whether the credit's day is one on which the bank may pay the deposit."""
    early, late = timedelta(days=EARLY_DAYS), timedelta(days=LATE_DAYS)
    return deposit.on - early <= line.value_on <= deposit.on + late


def _within_eft_days(line: Movement, payment: Expected) -> bool:
    return abs(line.value_on - payment.on) <= timedelta(days=EFT_DAYS)


_TRACE = re.compile(r"\bTRN\*?1\*")
_COMPANY = re.compile(r"\bTRN\*?1\*[^*\s]+\*([A-Z0-9]{9,10})\b")


def may_be_traced(line: Movement, payment: Expected) -> bool:
    """In the days around it, and not of another company: two may give one trace number."""
    told = _COMPANY.search(line.words.upper())
    other = bool(told and payment.company and told.group(1) != payment.company.upper())
    return _within_eft_days(line, payment) and not other


def may_be_eft(line: Movement, payment: Expected, *, traced: bool = False) -> bool:
    """In the days around it, and not with the trace, the company or the name of another.

    ``traced``: the trace told is that of a payment that it may be together with.
    """
    if not may_be_traced(line, payment):
        return False
    told = not traced and payment.marks and _TRACE.search(line.words.upper())
    if told and not names(line.words, payment.marks):
        return False
    named = is_insurer(line.words) and payment.payer
    return not (named and likeness(line.words, payment.payer) == "different")


def same_cents(line: Movement, expected: Expected) -> bool:
    """Whether both are of one bank account and one amount."""
    return (
        line.bank_account_id == expected.bank_account_id
        and line.amount_cents == expected.amount_cents
    )


def names(words: str, marks: Iterable[str]) -> bool:
    """Whether a mark stands in the words as a whole token; leading zeros do not matter."""
    tokens = {token.lstrip("0") for token in re.findall(r"[A-Z0-9]+", words.upper())}
    joined = re.sub(r"[^A-Z0-9]", "", words.upper())
    for mark in marks:
        plain = re.sub(r"[^A-Z0-9]", "", mark.upper())
        if len(plain) < 3:
            continue
        # A reference with letters survives being run together; a bare number must stand alone.
        if plain.lstrip("0") in tokens or (not plain.isdigit() and plain in joined):
            return True
    return False


def _by_mark(lines: Sequence[Movement], expected: Sequence[Expected], fits: _Fits) -> list[Pair]:
    found: dict[str, list[str]] = defaultdict(list)
    claimed: dict[str, list[str]] = defaultdict(list)
    by_cents: dict[tuple[str, int], list[Expected]] = defaultdict(list)
    for thing in expected:
        by_cents[thing.bank_account_id, thing.amount_cents].append(thing)
    for line in lines:
        for thing in by_cents[line.bank_account_id, line.amount_cents]:
            if fits(line, thing) and names(line.words, thing.marks):
                found[line.line_id].append(thing.id)
                claimed[thing.id].append(line.line_id)
    return [
        Pair(line_id, things[0], "reference")
        for line_id, things in found.items()
        if len(things) == 1 and len(claimed[things[0]]) == 1
    ]


def _by_amount(lines: Sequence[Movement], expected: Sequence[Expected], fits: _Fits) -> list[Pair]:
    groups: dict[tuple[str, int], tuple[list[Movement], list[Expected]]] = {}
    for thing in expected:
        key = (thing.bank_account_id, thing.amount_cents)
        groups.setdefault(key, ([], []))[1].append(thing)
    for line in lines:
        key = (line.bank_account_id, line.amount_cents)
        if key in groups:
            groups[key][0].append(line)
    pairs: list[Pair] = []
    for credits_, things in groups.values():
        pairs += _equal_group(credits_, things, fits)
    return pairs


def _equal_group(lines: Sequence[Movement], things: Sequence[Expected], fits: _Fits) -> list[Pair]:
    """Lines and things of one amount: paired when each fits exactly one, or all fit in order."""
    able = {line.line_id: [thing for thing in things if fits(line, thing)] for line in lines}
    wanted = [line for line in lines if able[line.line_id]]
    reached = [thing for thing in things if any(thing in able[line.line_id] for line in wanted)]
    if len(wanted) != len(reached):
        return []
    wanted = sorted(wanted, key=lambda line: (line.value_on, line.line_id))
    reached = sorted(reached, key=lambda thing: (thing.on, thing.id))
    paired = list(zip(wanted, reached, strict=True))
    if not all(same_cents(line, thing) and fits(line, thing) for line, thing in paired):
        return []
    return [Pair(line.line_id, thing.id) for line, thing in paired]
