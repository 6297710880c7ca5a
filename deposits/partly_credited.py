"""Credits that name an 835 and pay a part of it: what came, of how much, and when.

Such a credit settles nothing until the rest has come; the two are shown beside each other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import reconcile
from deposits.pairing import Expected, Movement, may_be_traced, names
from records.models import BankLine
from records.money import Money


@dataclass(frozen=True, slots=True)
class Part:
    """What came of an 835, in words, and the cents of it that are missing still."""

    words: str
    missing_cents: int

    @property
    def missing(self) -> str:
        """What has not come, in words."""
        return f"{Money(self.missing_cents)} is missing still."


@dataclass(frozen=True, slots=True)
class Parts:
    """What came in part: by the payment's id, and by the bank line's."""

    of_payments: Mapping[str, Part]
    of_lines: Mapping[str, tuple[str, Part]]
    """By the line's id: the payment that it names, by its id, and what came."""


def parts(session: Session) -> Parts:
    """Open electronic credits that name just one announced payment and come to less than it."""
    lines = [
        reconcile.movement(line)
        for line in session.scalars(
            select(BankLine)
            .where(
                BankLine.state == "unmatched",
                BankLine.direction == "credit",
                BankLine.kind == "eft_credit",
            )
            .order_by(BankLine.value_on, BankLine.id)
        )
    ]
    expected = reconcile.expected_electronic(session) if lines else []
    found: dict[str, list[Movement]] = defaultdict(list)
    known = {each.id: each for each in expected}
    for line in lines:
        named = [each for each in expected if _may_be_part(line, each)]
        if len(named) == 1:
            found[named[0].id].append(line)
    of_payments: dict[str, Part] = {}
    of_lines: dict[str, tuple[str, Part]] = {}
    for payment_id, came in found.items():
        whole, sum_ = known[payment_id].amount_cents, sum(each.amount_cents for each in came)
        if sum_ >= whole:
            continue
        missing = whole - sum_
        of_payments[payment_id] = Part("; ".join(_words(each, whole) for each in came), missing)
        of_lines |= {
            each.line_id: (payment_id, Part(_words(each, whole), missing)) for each in came
        }
    return Parts(of_payments, of_lines)


def _may_be_part(line: Movement, payment: Expected) -> bool:
    return (
        line.bank_account_id == payment.bank_account_id
        and 0 < line.amount_cents < payment.amount_cents
        and may_be_traced(line, payment)
        and names(line.words, payment.marks)
    )


def _words(line: Movement, whole: int) -> str:
    return f"{Money(line.amount_cents)} of {Money(whole)} came on {line.value_on.isoformat()}"
