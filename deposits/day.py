"""The day's proof: received, deposited and credited on both axes, down to the cent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from deposits.crosscheck import JournalCheck, check_journal
from deposits.payment_money import payment_money
from deposits.pickups import PickupCount, pickup_counts
from deposits.standing import BANKED, PaymentMoney, overposted_cents, owed
from deposits.types import NOTHING, Figure
from records.models import BankLine, Deposit, Office, Payment, Settlement

_APPROVED = ("approved", "exported", "credited")
_OWED = ("posted", "allocated", "unapplied", "unidentified", "reversed")


@dataclass(frozen=True, slots=True)
class Equation:
    """``total`` = the sum of ``parts``; ``unexplained_cents`` is what is missing from them.

    ``broken`` counts the absolute cents of each single thing that does not add up, so that a
    surplus here never hides a shortage there.
    """

    total: Figure
    parts: Mapping[str, Figure]
    broken: Figure = NOTHING

    @property
    def unexplained_cents(self) -> int:
        """Zero when the equation holds for the whole and for every part of it."""
        difference = self.total.cents - sum(part.cents for part in self.parts.values())
        return abs(difference) or self.broken.cents

    def to_json(self) -> dict[str, Any]:
        """The total, each part with its references, and the unexplained cents."""
        return {
            "total": self.total.to_json(),
            "parts": {name: part.to_json() for name, part in self.parts.items()},
            "broken": self.broken.to_json(),
            "unexplained_cents": self.unexplained_cents,
        }


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
    accounts = _bank_accounts(session, offices)
    return DayProof(
        on=on,
        received=received_equation(payments),
        deposited=deposited_equation(payments),
        bank=_bank_equation(session, on, accounts),
        lines=_lines_equation(session, on, accounts),
        unread=tuple(unread),
        journal=check_journal(session) if offices is None else (),
        pickups=pickup_counts(session, on, offices),
    )


def received_equation(payments: Iterable[PaymentMoney]) -> Equation:
    """Axis one: received = deposited + waiting + not deposited, each with a typed reason.

    Broken is a payment of which more is posted, or sent, than its parts for accounts, and one
    that is posted, or sent, while it awaits review or is set aside.
    """
    everything = list(payments)
    groups: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name in ("deposited", "electronic", "on_hand", "awaiting_review"):
        groups[name] = []
    for money in everything:
        group = _received_group(money)
        if group is not None:
            groups[group].append((money.ref, money.amount_cents))
    total = Figure.of([(money.ref, money.amount_cents) for money in everything])
    over = [(money.ref, overposted_cents(money)) for money in everything]
    return Equation(
        total,
        {name: Figure.of(refs) for name, refs in groups.items()},
        Figure.of([(ref, cents) for ref, cents in over if cents]),
    )


def _received_group(money: PaymentMoney) -> str | None:
    """Where a payment stands; None for a state that explains nothing."""
    state = money.deposit_state
    if state in BANKED:
        return "deposited"
    if state in ("depositable", "in_deposit"):
        return "on_hand"
    if state == "not_deposited":
        return f"not_deposited:{money.reason}" if money.reason else None
    return state if state in ("electronic", "awaiting_review") else None


def deposited_equation(payments: Iterable[PaymentMoney]) -> Equation:
    """Axis two: deposited = posted + allocated, not yet posted + unapplied + unidentified.

    A returned check stays deposited; what of it is no longer owed to an account is ``reversed``.
    """
    banked = [money for money in payments if money.deposit_state in BANKED]
    groups: dict[str, list[tuple[str, int]]] = {name: [] for name in _OWED}
    broken: list[tuple[str, int]] = []
    for money in banked:
        for name, cents in owed(money).items():
            if not cents:
                continue
            if name in groups:
                groups[name].append((money.ref, cents))
            else:
                broken.append((money.ref, abs(cents)))
    total = Figure.of([(money.ref, money.amount_cents) for money in banked])
    return Equation(
        total, {name: Figure.of(refs) for name, refs in groups.items()}, Figure.of(broken)
    )


def _bank_accounts(session: Session, offices: Collection[str] | None) -> list[str] | None:
    if offices is None:
        return None
    query = select(Office.bank_account_id).where(Office.id.in_(list(offices))).distinct()
    return list(session.scalars(query))


def _bank_equation(session: Session, on: date, accounts: list[str] | None) -> Equation:
    """Axis three: deposits of the business date = credited, adjustments by name, in transit."""
    query = select(Deposit).where(Deposit.business_on == on, Deposit.state != "cancelled")
    if accounts is not None:
        query = query.where(Deposit.bank_account_id.in_(accounts))
    groups: dict[str, list[tuple[str, int]]] = {
        "credited": [], "in_transit": [], "not_approved": [],
    }  # fmt: skip
    totals: list[tuple[str, int]] = []
    broken: list[tuple[str, int]] = []
    for deposit in session.scalars(query.order_by(Deposit.created_at, Deposit.id)):
        items = sum(item.amount_cents for item in deposit.items)
        totals.append((deposit.ref, items))
        if deposit.state not in _APPROVED:
            groups["not_approved"].append((deposit.ref, items))
            continue
        if deposit.declared_total_cents != items:
            broken.append((deposit.ref, abs((deposit.declared_total_cents or 0) - items)))
        settlement = session.scalars(
            select(Settlement).where(Settlement.deposit_id == deposit.id)
        ).one_or_none()
        if settlement is None:
            groups["in_transit"].append((deposit.ref, items))
            continue
        groups["credited"].append((deposit.ref, settlement.bank_line.amount_cents))
        if settlement.difference_cents:
            name = f"adjustment:{settlement.adjustment_reason}"
            groups.setdefault(name, []).append((deposit.ref, -settlement.difference_cents))
    return Equation(
        Figure.of(totals),
        {name: Figure.of(refs) for name, refs in groups.items()},
        Figure.of(broken),
    )


def _lines_equation(session: Session, on: date, accounts: list[str] | None) -> Equation:
    """The bank's own lines of the day: each settles something, or is explained, or is not."""
    query = select(BankLine).where(BankLine.value_on == on).order_by(BankLine.id)
    if accounts is not None:
        query = query.where(BankLine.bank_account_id.in_(accounts))
    groups: dict[str, list[tuple[str, int]]] = {"settled": [], "explained": []}
    totals: list[tuple[str, int]] = []
    broken: list[tuple[str, int]] = []
    for line in session.scalars(query):
        # A line has no reference a person could say; its kind and place in the day name it.
        name = f"{line.kind}:{line.id[-6:]}"
        signed = line.amount_cents if line.direction == "credit" else -line.amount_cents
        totals.append((name, signed))
        if line.state in groups:
            groups[line.state].append((name, signed))
        else:
            broken.append((name, line.amount_cents))
    parts = {name: Figure.of(refs) for name, refs in groups.items()}
    # Open lines balance among themselves only by chance, so each counts with its full amount.
    open_signed = sum(cents for _, cents in totals) - sum(part.cents for part in parts.values())
    parts["unmatched"] = Figure(open_signed, tuple(broken))
    return Equation(Figure.of(totals), parts, Figure.of(broken))
