"""Finding payments as people name them: by reference, check number, amount or payer."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from records import ids
from records.models import Allocation, Payment
from records.money import Money


@dataclass(frozen=True, slots=True)
class PaymentHit:
    """One payment found, and where it stands on both axes."""

    ref: str
    kind: str
    office_code: str
    received_on: date
    amount_cents: int | None
    payer_name: str
    check_number: str
    deposit_state: str
    not_deposited_reason: str | None
    match_state: str
    account_numbers: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The hit as the API prints it."""
        return {
            **asdict(self),
            "received_on": self.received_on.isoformat(),
            "account_numbers": list(self.account_numbers),
        }


def find_payments(
    session: Session, text: str, *, offices: frozenset[str] | None, limit: int = 50
) -> list[PaymentHit]:
    """Live payments that fit ``text``, newest first; ``offices`` are ids, None for all."""
    wanted = text.strip()
    if len(wanted) < 2:
        return []
    query = select(Payment).where(Payment.live, or_(*_fits(wanted)))
    if offices is not None:
        query = query.where(Payment.office_id.in_(offices))
    query = query.options(
        selectinload(Payment.office),
        selectinload(Payment.allocations).selectinload(Allocation.account),
    )
    rows = session.scalars(query.order_by(Payment.received_on.desc(), Payment.ref).limit(limit))
    return [_hit(row) for row in rows]


def _fits(wanted: str) -> Sequence[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = [Payment.payer_name.icontains(wanted, autoescape=True)]
    if ref := ids.clean_ref(wanted):
        tests.append(Payment.ref == ref)
    if wanted.isascii() and wanted.isdigit():
        tests.append(Payment.check_number == wanted)
    with suppress(ValueError):  # what is not an amount is left to the other tests
        tests.append(Payment.amount_cents == Money.parse(wanted).cents)
    return tests


def _hit(row: Payment) -> PaymentHit:
    numbers = {part.account.number for part in row.allocations if part.live and part.account}
    return PaymentHit(
        row.ref,
        row.kind,
        row.office.code,
        row.received_on,
        row.amount_cents,
        row.payer_name,
        row.check_number,
        row.deposit_state,
        row.not_deposited_reason,
        row.match_state,
        tuple(sorted(numbers)),
    )
