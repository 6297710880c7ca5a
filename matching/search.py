"""Search for people: accounts by number or name, and whether a payment arrived and cleared."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, selectinload

from matching import index
from matching.names import Person, people, plain
from matching.types import Clues
from records.errors import NotFound
from records.models import Account, Allocation, Office, Payment, Posting, Statement

_PREFIX_ROWS = 200
_STILL_NAMED = 55.0


@dataclass(frozen=True, slots=True)
class AccountHit:
    """One account found; ``open_cents`` is what it owes."""

    account_id: str
    account_number: str
    office_code: str
    patient_name: str
    guarantor_name: str
    address: str
    open_cents: int

    def to_json(self) -> dict[str, Any]:
        """The hit as the API prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """A payment that went to an account, in whole or in part, on both axes.

    ``deposit_state`` says where the money is, ``posting_state`` where the posting is (``none``
    before it is queued). ``cleared``: True once the bank credited it, False when it gave it back
    or it was not deposited, None while it is under way.
    """

    ref: str
    kind: str
    received_on: date
    amount_cents: int
    part_cents: int
    destination: str
    statement_number: str | None
    deposit_state: str
    posting_state: str
    cleared: bool | None


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """Has it arrived, did it clear: an account's open statements and its payments, newest first."""

    account_number: str
    patient_name: str
    office_code: str
    open_cents: int
    statements: tuple[dict[str, Any], ...]
    payments: tuple[PaymentStatus, ...]

    def to_json(self) -> dict[str, Any]:
        """The answer as the command line and the API print it."""
        return {
            "account_number": self.account_number,
            "patient_name": self.patient_name,
            "office_code": self.office_code,
            "open_cents": self.open_cents,
            "statements": list(self.statements),
            "payments": [
                {**asdict(each), "received_on": each.received_on.isoformat()}
                for each in self.payments
            ],
        }


def search_accounts(
    session: Session, text: str, *, offices: Collection[str] | None, limit: int = 20
) -> list[AccountHit]:
    """Accounts by number (its beginning is enough), statement number, or name, best first.

    Names may be misspelt, in either order, or a last name's beginning; ``offices`` are codes,
    None for all.
    """
    wanted = " ".join(text.split())
    if len(wanted) < 2:
        return []
    scope = _scope(offices)
    rows = _by_digits(session, wanted, scope) or _by_name(session, wanted, scope)
    return [_hit(row) for row in rows[:limit]]


def account_status(session: Session, number: str) -> AccountStatus:
    """An account's statements and payments by its number; NotFound ``unknown_account``."""
    account = session.scalars(
        select(Account)
        .where(Account.number == number.strip())
        .options(selectinload(Account.statements), selectinload(Account.office))
    ).one_or_none()
    if account is None:
        raise NotFound("unknown_account", "There is no such account.", "Check the number.")
    parts = session.execute(
        select(Allocation, Payment)
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(Allocation.account_id == account.id, Allocation.live)
        .order_by(Payment.received_on.desc(), Payment.ref, Allocation.id)
    ).all()
    states = _posting_states(session, [part.id for part, _ in parts])
    open_ = [s for s in account.statements if s.open_cents > 0]
    return AccountStatus(
        account_number=account.number,
        patient_name=account.patient_name,
        office_code=account.office.code,
        open_cents=sum(s.open_cents for s in open_),
        statements=tuple(_statement(s) for s in open_),
        payments=tuple(_payment(part, payment, states) for part, payment in parts),
    )


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "statement_number": statement.number,
        "statement_on": statement.statement_on.isoformat(),
        "balance_cents": statement.balance_cents,
        "open_cents": statement.open_cents,
    }


def _payment(part: Allocation, payment: Payment, states: dict[str, str]) -> PaymentStatus:
    ends = {"credited": True, "returned": False, "not_deposited": False}
    return PaymentStatus(
        ref=payment.ref,
        kind=payment.kind,
        received_on=payment.received_on,
        amount_cents=payment.amount_cents or 0,
        part_cents=part.amount_cents,
        destination=part.destination,
        statement_number=part.statement.number if part.statement else None,
        deposit_state=payment.deposit_state,
        posting_state=states.get(part.id, "none"),
        cleared=ends.get(payment.deposit_state),
    )


def _posting_states(session: Session, allocation_ids: list[str]) -> dict[str, str]:
    rows = session.execute(
        select(Posting.allocation_id, Posting.state)
        .where(Posting.allocation_id.in_(allocation_ids), Posting.reverses_id.is_(None))
        .order_by(Posting.created_at)
    )
    return {row.allocation_id: row.state for row in rows}


def _scope(offices: Collection[str] | None) -> list[ColumnElement[bool]]:
    if offices is None:
        return []
    return [Account.office_id.in_(select(Office.id).where(Office.code.in_(sorted(offices))))]


def _by_digits(session: Session, text: str, scope: list[ColumnElement[bool]]) -> list[Account]:
    """Exact or beginning account numbers, statement numbers and member ids."""
    compact = re.sub(r"[\s-]", "", text)
    if not any(c.isdigit() for c in compact):
        return []
    stated = select(Statement.account_id).where(Statement.number == compact)
    query = (
        select(Account)
        .where(
            or_(
                Account.number.startswith(compact, autoescape=True),
                Account.member_id == compact.upper(),
                Account.id.in_(stated),
            ),
            *scope,
        )
        .order_by(Account.number)
        .limit(_PREFIX_ROWS)
    )
    return list(session.scalars(query))


def _by_name(session: Session, text: str, scope: list[ColumnElement[bool]]) -> list[Account]:
    """Names over the same keys as matching, and last names that begin as typed."""
    persons = people(text) or (Person("", plain(text)),)
    found = index.pool(session, Clues(payer_name=text, patient_names=(text,)))
    numbers = {account.number for account in found.accounts}
    starts = [
        column.istartswith(word, autoescape=True)
        for word in {persons[0].last, persons[0].first} - {""}
        if len(word) > 1
        for column in (Account.patient_last, Account.guarantor_last)
    ]
    query = (
        select(Account)
        .where(or_(Account.number.in_(numbers), *starts), *scope)
        .order_by(Account.patient_last, Account.patient_first, Account.number)
        .limit(_PREFIX_ROWS)
    )
    typed = plain(text)
    ranked = [(_resemblance(typed, row), row) for row in session.scalars(query)]
    ranked = [each for each in ranked if each[0] >= _STILL_NAMED]
    ranked.sort(key=lambda each: (-each[0], each[1].number))
    return [row for _, row in ranked]


def _resemblance(typed: str, row: Account) -> float:
    names = (plain(row.patient_name), plain(row.guarantor_name))
    lasts = (plain(row.patient_last), plain(row.guarantor_last))
    whole = max(fuzz.token_sort_ratio(typed, name) for name in names)
    begun = max(95.0 if last.startswith(typed) else 0.0 for last in lasts)
    return max(whole, begun)


def _hit(row: Account) -> AccountHit:
    address = row.address
    return AccountHit(
        account_id=row.id,
        account_number=row.number,
        office_code=row.office.code,
        patient_name=row.patient_name,
        guarantor_name=row.guarantor_name,
        address=address.line if address else "",
        open_cents=sum(s.open_cents for s in row.statements if s.open_cents > 0),
    )
