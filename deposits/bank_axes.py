"""The bank's two equations: deposits by what the bank made of them, lines by what they settle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.equations import Equation
from deposits.states import APPROVED
from deposits.types import Figure
from records.models import BankLine, Deposit, Payment, ReturnedItem, Settlement

_CHUNK = 500


def bank_equation(session: Session, on: date, accounts: Collection[str] | None) -> Equation:
    """Axis three: deposits of the business date = credited, adjustments by name, in transit.

    ``accounts`` are ids of bank accounts, None for all. A deposit that was credited in parts
    stands under ``credited`` with what came and under ``in_transit`` with the rest. A rejected
    one stays on its day, wholly under ``rejected``; its checks stand in another deposit anew.
    """
    query = select(Deposit).where(Deposit.business_on == on, Deposit.state != "cancelled")
    if accounts is not None:
        query = query.where(Deposit.bank_account_id.in_(list(accounts)))
    deposits = session.scalars(query.order_by(Deposit.created_at, Deposit.id)).all()
    settled = _settlements(session, [each.id for each in deposits])
    groups: dict[str, list[tuple[str, int]]] = {
        "credited": [], "in_transit": [], "not_approved": [],
    }  # fmt: skip
    totals: list[tuple[str, int]] = []
    broken: list[tuple[str, int]] = []
    for deposit in deposits:
        items = sum(item.amount_cents for item in deposit.items)
        totals.append((deposit.ref, items))
        rejected = deposit.state == "rejected"
        if rejected or deposit.state in APPROVED:
            if deposit.declared_total_cents != items:
                broken.append((deposit.ref, abs((deposit.declared_total_cents or 0) - items)))
            broken += _held_wrongly(deposit, live=not rejected)
        if rejected:
            groups.setdefault("rejected", []).append((deposit.ref, items))
            continue
        if deposit.state not in APPROVED:
            groups["not_approved"].append((deposit.ref, items))
            continue
        rest = items - _add_credits(groups, deposit.ref, settled[deposit.id])
        if deposit.state != "credited":
            groups["in_transit"].append((deposit.ref, rest))
        elif rest:
            broken.append((deposit.ref, abs(rest)))
    return Equation(
        Figure.of(totals),
        {name: Figure.of(refs) for name, refs in groups.items()},
        Figure.of(broken),
    )


def _held_wrongly(deposit: Deposit, *, live: bool) -> list[tuple[str, int]]:
    """Items that hold their check in a rejected deposit, or do not in another."""
    return [(deposit.ref, item.amount_cents) for item in deposit.items if item.live is not live]


def _add_credits(
    groups: dict[str, list[tuple[str, int]]], ref: str, settlements: Iterable[Settlement]
) -> int:
    """Put what the bank credited of a deposit into the groups; the cents of it that this covers."""
    covered = 0
    for settlement in settlements:
        groups["credited"].append((ref, settlement.amount_cents))
        if settlement.difference_cents:
            name = f"adjustment:{settlement.adjustment_reason}"
            groups.setdefault(name, []).append((ref, -settlement.difference_cents))
        covered += settlement.amount_cents - settlement.difference_cents
    return covered


def _settlements(session: Session, deposit_ids: list[str]) -> dict[str, list[Settlement]]:
    found: dict[str, list[Settlement]] = defaultdict(list)
    for start in range(0, len(deposit_ids), _CHUNK):
        query = (
            select(Settlement)
            .where(Settlement.deposit_id.in_(deposit_ids[start : start + _CHUNK]))
            .order_by(Settlement.created_at, Settlement.id)
        )
        for settlement in session.scalars(query):
            found[str(settlement.deposit_id)].append(settlement)
    return found


def line_name(line: BankLine) -> str:
    """How figures name a bank line, which has no reference that a person could say."""
    return f"{line.kind}:{line.id[-6:]}"


def lines_equation(session: Session, on: date, accounts: Collection[str] | None) -> Equation:
    """The bank's own lines of the day: each settles something, or is explained, or is not.

    A line that says so without what it settles, or without an explanation, is broken.
    """
    query = select(BankLine).where(BankLine.value_on == on).order_by(BankLine.id)
    if accounts is not None:
        query = query.where(BankLine.bank_account_id.in_(list(accounts)))
    lines = session.scalars(query).all()
    taken = _taken(session, [line.id for line in lines])
    groups: dict[str, list[tuple[str, int]]] = {"settled": [], "explained": []}
    totals: list[tuple[str, int]] = []
    broken: list[tuple[str, int]] = []
    for line in lines:
        name = line_name(line)
        signed = line.amount_cents if line.direction == "credit" else -line.amount_cents
        totals.append((name, signed))
        if line.state in groups and taken.get((line.id, line.state)) == line.amount_cents:
            groups[line.state].append((name, signed))
        else:
            broken.append((name, line.amount_cents))
    parts = {name: Figure.of(refs) for name, refs in groups.items()}
    # Open lines balance among themselves only by chance, so each counts with its full amount.
    open_signed = sum(cents for _, cents in totals) - sum(part.cents for part in parts.values())
    parts["unmatched"] = Figure(open_signed, tuple(broken))
    return Equation(Figure.of(totals), parts, Figure.of(broken))


def _taken(session: Session, line_ids: list[str]) -> dict[tuple[str, str], int]:
    """By line, and whether it is ``settled`` or ``explained``: the cents taken of it for things
    that are there."""
    taken: dict[tuple[str, str], int] = defaultdict(int)
    for start in range(0, len(line_ids), _CHUNK):
        query = (
            select(
                Settlement.bank_line_id, Settlement.explanation, Settlement.amount_cents,
                Deposit.id, ReturnedItem.id, Payment.id,
            )
            .outerjoin(Deposit, Deposit.id == Settlement.deposit_id)
            .outerjoin(ReturnedItem, ReturnedItem.id == Settlement.returned_item_id)
            .outerjoin(Payment, Payment.id == Settlement.payment_id)
            .where(Settlement.bank_line_id.in_(line_ids[start : start + _CHUNK]))
        )  # fmt: skip
        for line_id, explanation, cents, *things in session.execute(query):
            if explanation:
                taken[line_id, "explained"] += cents
            elif any(things):
                taken[line_id, "settled"] += cents
    return taken
