"""The day's proof: received, deposited and credited on both axes, down to the cent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from deposits.bank_axes import bank_equation, lines_equation
from deposits.crosscheck import JournalCheck, check_journal
from deposits.equations import Equation, deposited_equation, received_equation
from deposits.exceptions import waits_nowhere
from deposits.payment_money import payment_money
from deposits.pickups import PickupCount, pickup_counts
from records.models import BankAccount, Office, Payment

__all__ = ["DayProof", "Equation", "account_proof", "deposited_equation", "proof",
           "received_equation"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class DayProof:
    """Everything about one day.

    ``received``: payments received on the day by where they stand; ``deposited``: those of them
    that went to the bank, by where they belong; ``bank``: deposits of this business date by what
    the bank made of them; ``lines``: bank lines of this value date by what they settle.
    ``unread`` are payments without an amount: the day stays open, but is not wrong.
    """

    on: date
    received: Equation
    deposited: Equation
    bank: Equation
    lines: Equation
    unread: tuple[str, ...]
    journal: tuple[JournalCheck, ...]
    pickups: tuple[PickupCount, ...]

    @property
    def unexplained_cents(self) -> int:
        """All cents that nothing explains, over all equations and the journal."""
        equations = (self.received, self.deposited, self.bank, self.lines)
        by_rows = sum(equation.unexplained_cents for equation in equations)
        return by_rows + sum(abs(check.difference_cents) for check in self.journal)

    @property
    def explained(self) -> bool:
        """Whether every cent is explained."""
        return self.unexplained_cents == 0

    @property
    def closed(self) -> bool:
        """Whether nothing of the day is left to do."""
        waiting = ("awaiting_review", "on_hand", "electronic")
        return (
            self.explained
            and not self.unread
            and not any(self.received.parts[name].count for name in waiting)
            and not any(self.deposited.parts[name].cents for name in ("allocated", "unidentified"))
            and not any(self.bank.parts[name].count for name in ("in_transit", "not_approved"))
        )

    @property
    def empty(self) -> bool:
        """Whether nothing at all was received, deposited or told by the bank on the day."""
        equations = (self.received, self.bank, self.lines)
        return not self.unread and not any(equation.total.count for equation in equations)

    def to_json(self) -> dict[str, Any]:
        """The contract's ``day proof``."""
        return {
            "date": self.on.isoformat(),
            "explained": self.explained,
            "closed": self.closed,
            "unexplained_cents": self.unexplained_cents,
            "received": self.received.to_json(),
            "deposited": self.deposited.to_json(),
            "bank": self.bank.to_json(),
            "bank_lines": self.lines.to_json(),
            "unread": {"count": len(self.unread), "refs": list(self.unread)},
            "journal": [check.to_json() for check in self.journal],
            "pickups": [pickup.to_json() for pickup in self.pickups],
        }


def proof(session: Session, on: date, *, offices: Collection[str] | None = None) -> DayProof:
    """Prove day ``on`` for these offices (ids; None: all, which alone allows the journal check)."""
    journal = check_journal(session) if offices is None else ()
    return _proof(session, on, offices, _bank_accounts(session, offices), journal)


def account_proof(
    session: Session, on: date, account: BankAccount, *, with_journal: bool = True
) -> DayProof:
    """Prove day ``on`` for one bank account: its offices' payments, its deposits, its lines.

    The journal is checked but for other bank accounts' balances: a fault in it is everybody's.
    It is not of a day, so ``with_journal=False`` spares it for many days at once.
    """
    offices = session.scalars(select(Office.id).where(Office.bank_account_id == account.id)).all()
    journal = tuple(
        check
        for check in (check_journal(session) if with_journal else ())
        if check.account == f"bank:{account.code}" or not check.account.startswith("bank:")
    )
    return _proof(session, on, offices, [account.id], journal)


def _proof(
    session: Session,
    on: date,
    offices: Collection[str] | None,
    accounts: Collection[str] | None,
    journal: tuple[JournalCheck, ...],
) -> DayProof:
    of_day: list[ColumnElement[bool]] = [Payment.received_on == on]
    if offices is not None:
        of_day.append(Payment.office_id.in_(list(offices)))
    payments = payment_money(session, *of_day)
    unread = session.scalars(
        select(Payment.ref)
        .where(
            *of_day,
            Payment.live,
            Payment.amount_cents.is_(None),
            Payment.deposit_state != "not_deposited",
        )
        .order_by(Payment.ref)
    )
    return DayProof(
        on=on,
        received=received_equation(payments, waits_nowhere(session, *of_day)),
        deposited=deposited_equation(payments),
        bank=bank_equation(session, on, accounts),
        lines=lines_equation(session, on, accounts),
        unread=tuple(unread),
        journal=journal,
        pickups=pickup_counts(session, on, offices),
    )


def _bank_accounts(session: Session, offices: Collection[str] | None) -> list[str] | None:
    if offices is None:
        return None
    query = select(Office.bank_account_id).where(Office.id.in_(list(offices))).distinct()
    return list(session.scalars(query))
