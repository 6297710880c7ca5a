"""Search for people: accounts by number or name, and whether a payment arrived and cleared."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matching import typed
from matching.types import AccountFacts
from records.errors import NotFound
from records.models import Account, Allocation, Payment, Posting, ReturnedItem, Statement


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
    or it was not deposited, None while it is under way. ``returned_on`` and ``returned_reason``
    tell the last time that the bank gave it back, also of one that was presented again.
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
    returned_on: date | None = None
    returned_reason: str | None = None


@dataclass(frozen=True, slots=True)
class AccountStatus:
    """Has it arrived, did it clear: an account's open statements and its payments, newest first.

    ``returned_cents`` is what checks that the bank gave back would have paid: it is owed again.
    """

    account_number: str
    patient_name: str
    office_code: str
    open_cents: int
    statements: tuple[dict[str, Any], ...]
    payments: tuple[PaymentStatus, ...]

    @property
    def returned_cents(self) -> int:
        """Parts for this account of checks that stand returned."""
        return sum(each.part_cents for each in self.payments if each.deposit_state == "returned")

    def to_json(self) -> dict[str, Any]:
        """The answer as the command line and the API print it."""
        return {
            "account_number": self.account_number,
            "patient_name": self.patient_name,
            "office_code": self.office_code,
            "open_cents": self.open_cents,
            "returned_cents": self.returned_cents,
            "statements": list(self.statements),
            "payments": [
                {
                    **asdict(each),
                    "received_on": each.received_on.isoformat(),
                    "returned_on": each.returned_on.isoformat() if each.returned_on else None,
                }
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
    return [_hit(ident, facts) for ident, facts in typed.find(session, wanted, offices, limit)]


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
    returned = _returned(session, [payment.id for _, payment in parts])
    open_ = [s for s in account.statements if s.open_cents > 0]
    return AccountStatus(
        account_number=account.number,
        patient_name=account.patient_name,
        office_code=account.office.code,
        open_cents=sum(s.open_cents for s in open_),
        statements=tuple(_statement(s) for s in open_),
        payments=tuple(
            _payment(part, payment, states, returned.get(payment.id)) for part, payment in parts
        ),
    )


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "statement_number": statement.number,
        "statement_on": statement.statement_on.isoformat(),
        "balance_cents": statement.balance_cents,
        "open_cents": statement.open_cents,
    }


def _payment(
    part: Allocation, payment: Payment, states: dict[str, str], returned: ReturnedItem | None
) -> PaymentStatus:
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
        returned_on=returned.returned_on if returned else None,
        returned_reason=returned.reason if returned else None,
    )


def _returned(session: Session, payment_ids: list[str]) -> dict[str, ReturnedItem]:
    """The last return of each payment that ever came back."""
    rows = session.scalars(
        select(ReturnedItem)
        .where(ReturnedItem.payment_id.in_(payment_ids))
        .order_by(ReturnedItem.presentation)
    )
    return {row.payment_id: row for row in rows}


def _posting_states(session: Session, allocation_ids: list[str]) -> dict[str, str]:
    """The state of each part's last posting; ``reversed`` once the PMS has taken its reversal."""
    rows = session.execute(
        select(Posting.allocation_id, Posting.state, Posting.live)
        .where(Posting.allocation_id.in_(allocation_ids), Posting.reverses_id.is_(None))
        .order_by(Posting.created_at)
    )
    return {
        row.allocation_id: row.state if row.live or row.state != "acknowledged" else "reversed"
        for row in rows
    }


def _hit(ident: str, facts: AccountFacts) -> AccountHit:
    line = f"{facts.street}, {facts.city}, {facts.state} {facts.zip}" if facts.street else ""
    return AccountHit(
        account_id=ident,
        account_number=facts.number,
        office_code=facts.office_code,
        patient_name=f"{facts.patient_first} {facts.patient_last}",
        guarantor_name=f"{facts.guarantor_first} {facts.guarantor_last}",
        address=line,
        open_cents=facts.open_cents,
    )
