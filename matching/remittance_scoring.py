"""How well a remittance fits a payment: one reason a signal, with weights that add up. Pure.

The weights order what a person is offered. What joins without a person hangs on the levels alone
(``rule_of``), never on a sum: an amount by itself is ambiguous once in five hundred at two hundred
checks waiting, once in a hundred at a thousand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from matching.insurers import likeness
from matching.types import Reason

NEAR_DAYS = 5
RECEIVED_DAYS = 60
_TELLING_DIGITS = 5
"""A number of fewer digits is another check's soon: the payer's name must then agree."""
_PLAIN = re.compile(r"[^A-Z0-9]")

Rule = Literal["number_amount", "amount_payer_date", ""]

WEIGHTS = {
    "number": {"same": 9.0, "same_short": 5.0, "same_end": 4.0, "unread": 0.0, "differs": -6.0},
    "amount": {"same": 6.0, "unread": 0.0, "differs": -8.0},
    "payer": {"same": 3.0, "remembered": 4.0, "alike": 1.5, "unknown": 0.0, "different": -3.0},
    "date": {"same": 3.0, "near": 1.0, "unknown": 0.0, "far": -2.0},
    "received": {"near": 0.0, "far": -6.0},
    "office": {"same": 0.0, "other": -2.0},
}


@dataclass(frozen=True, slots=True)
class Advice:
    """A remittance that may go with a payment; amounts in cents, None where unread.

    ``number`` is what it calls the check or the transfer. ``explained_cents`` is what its claims
    make; ``order`` tells which of two came first. ``fixed``: a person said so, or it is posted.
    ``envelope`` is the envelope it lay in, ``document`` the document it is; ``apart`` are
    payments that a person parted it from. ``shares`` are the payments of one that explains several.
    """

    id: str
    document: str
    envelope: str
    office: str
    number: str
    amount_cents: int | None
    explained_cents: int | None
    payer: str
    paid_on: date | None
    received_on: date
    electronic: bool
    order: tuple[str, ...]
    fixed: bool = False
    payment: str = ""
    apart: frozenset[str] = frozenset()
    shares: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Money:
    """A payment that a remittance may explain: a check, or a transfer announced by an 835.

    ``remembered`` are insurers whose remittances went with this payer's bank account before.
    """

    id: str
    document: str
    envelope: str
    office: str
    number: str
    amount_cents: int | None
    payer: str
    written_on: date | None
    received_on: date
    electronic: bool = False
    remembered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fit:
    """How a remittance fits a payment; the weights of ``reasons`` add up to ``score``."""

    advice: str
    payment: str
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> float:
        """The sum of the weights."""
        return sum(reason.weight for reason in self.reasons)

    def level(self, signal: str) -> str:
        """The level of a signal."""
        return next(reason.level for reason in self.reasons if reason.signal == signal)


def fit(advice: Advice, money: Money) -> Fit:
    """Every signal of a remittance and a payment."""
    levels = (
        ("number", _number(advice.number, money.number)),
        ("amount", _amount(advice.amount_cents, money.amount_cents)),
        ("payer", _payer(advice, money)),
        ("date", _date(advice.paid_on, money.written_on)),
        ("received", _received(advice.received_on, money.received_on)),
        ("office", "same" if advice.office == money.office else "other"),
    )
    reasons = tuple(Reason(name, level, WEIGHTS[name][level], "") for name, level in levels)
    return Fit(advice.id, money.id, reasons)


def rule_of(found: Fit) -> Rule:
    """By which rule these two may be joined without a person; empty for none.

    Number and amount; or amount, payer and date, where no number says otherwise. Whether nothing
    else could be it, ``remittance_joining`` asks.
    """
    if found.level("amount") != "same" or found.level("received") != "near":
        return ""
    if found.level("office") != "same":
        return ""
    number, payer = found.level("number"), found.level("payer")
    if number == "same" or (number == "same_short" and payer in {"same", "remembered"}):
        return "number_amount"
    if number == "unread" and payer in {"same", "remembered"} and found.level("date") == "same":
        return "amount_payer_date"
    return ""


def may_be(found: Fit) -> bool:
    """Whether these two could belong together as far as anybody knows: then no third is sure."""
    if found.level("amount") == "differs" or found.level("received") == "far":
        return False
    if found.level("number") == "differs":
        return False
    return found.level("payer") != "different" or found.level("number") in {"same", "same_end"}


def offered(found: Fit) -> bool:
    """Whether a person is offered it."""
    number, amount = found.level("number"), found.level("amount")
    told = number in {"same", "same_short", "same_end"} or amount == "same"
    return told and found.score > 0


def plain_number(number: str) -> str:
    """A check's number or a trace as it is compared: without blanks, signs and leading zeros."""
    return _PLAIN.sub("", number.upper()).lstrip("0")


def ends_alike(one: str, other: str) -> bool:
    """Whether one of two plain numbers is the other's end, and long enough to tell.

    Insurers print a prefix before the number that the bank's line has, or the bank cuts it off.
    """
    short, long = sorted((one, other), key=len)
    return len(short) >= _TELLING_DIGITS and long.endswith(short)


def best(fits: Iterable[Fit]) -> list[Fit]:
    """What a person is offered, the likeliest first."""
    return sorted(
        (each for each in fits if offered(each)),
        key=lambda each: (-each.score, each.advice, each.payment),
    )


def _number(said: str, held: str) -> str:
    mine, theirs = plain_number(said), plain_number(held)
    if not mine or not theirs:
        return "unread"
    if mine == theirs:
        return "same" if len(mine) >= _TELLING_DIGITS else "same_short"
    return "same_end" if ends_alike(mine, theirs) else "differs"


def _amount(said: int | None, held: int | None) -> str:
    if said is None or held is None:
        return "unread"
    return "same" if said == held else "differs"


def _payer(advice: Advice, money: Money) -> str:
    if advice.payer and any(likeness(advice.payer, each) == "same" for each in money.remembered):
        return "remembered"
    return likeness(advice.payer, money.payer)


def _date(said: date | None, held: date | None) -> str:
    if said is None or held is None:
        return "unknown"
    apart = abs((said - held).days)
    return "same" if not apart else "near" if apart <= NEAR_DAYS else "far"


def _received(one: date, other: date) -> str:
    return "near" if abs((one - other).days) <= RECEIVED_DAYS else "far"
