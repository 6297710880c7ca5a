"""Billing's day: what came, where it stands on both axes, and every number a way in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits import batch, exceptions, posting_queue, remittance_waiting
from deposits import day as proofs
from deposits.states import ENDED
from deposits.types import Figure
from records import clock
from records.errors import WrongUse
from records.models import (
    Allocation,
    BankAccount,
    BankLine,
    Deposit,
    Office,
    Payment,
    Posting,
    SourceFile,
)
from web import forms
from web.context import Context, Ctx
from web.rendering import NavItem
from web.routes import Routes

routes = Routes()
BILLING = ("billing", "admin")
READERS = (*BILLING, "auditor")
UNDOERS = ("specialist", *BILLING)
_EXCEPTIONS = "exceptions"
_OPEN_MONEY = ("unapplied", "unidentified")
# Money that is ours, or may be: what was given up or came back asks for no account any more.
_HELD = ("depositable", "in_deposit", "deposited", "electronic", "credited")
_NOT_SENT = ("queued", "failed")
NAV = (NavItem("Today", "/billing", frozenset(READERS), 22),)
_AXES = (
    ("received", "Received", "Checks received on this day, by where they stand"),
    ("deposited", "Deposited", "Of those, what went to the bank, by where it belongs"),
    ("bank", "Bank", "Deposits of this business date, by what the bank made of them"),
    ("lines", "Bank lines", "The bank's own lines of this day, by what they settle"),
)
_TITLES = {
    "deposited": "to the bank",
    "electronic": "electronic, awaited",
    "on_hand": "on hand",
    "awaiting_review": "in review",
    "allocated": "to be posted",
    "credited": "credited",
    "in_transit": "on the way to the bank",
    "not_approved": "not approved yet",
    "rejected": "rejected; its checks go in another deposit",
    "broken": "unexplained",
}


@dataclass(frozen=True, slots=True)
class BankDay:
    """A bank account's business date, and what waits to be deposited into it."""

    account: BankAccount
    business_on: date
    waiting: int
    waiting_cents: int
    deposits: tuple[Deposit, ...]


@routes.get("/billing", READERS)
def today(ctx: Ctx, on: str = "") -> Response:
    """The day's figures, deposits, postings and exceptions."""
    with ctx.read() as session:
        banks = _bank_days(ctx, session)
        day = forms.optional_day(on, "The day") or _current(session, banks)
        proof = proofs.proof(session, day, offices=ctx.offices)
        return ctx.page(
            "billing/today.html",
            day=day,
            proof=proof,
            axes=[_axis(proof, *each) for each in _AXES],
            banks=banks,
            offices=_posting_rows(ctx, session),
            exceptions=_exceptions(ctx, session),
            may_act=ctx.user.role in BILLING,
        )


@routes.get("/billing/figure", READERS)
def figure(ctx: Ctx, axis: str, part: str, on: str = "") -> Response:
    """What one number of the proof is made of."""
    with ctx.read() as session:
        day = forms.optional_day(on, "The day") or clock.now().date()
        proof = proofs.proof(session, day, offices=ctx.offices)
        equation = getattr(proof, axis, None) if axis in {name for name, _, _ in _AXES} else None
        found: Figure | None = None
        if isinstance(equation, proofs.Equation):
            named = {**equation.parts, "total": equation.total, "broken": equation.broken}
            found = named.get(part)
        if axis == _EXCEPTIONS and part in _OPEN_MONEY:
            found = _open_money(ctx, session)[part]
        if part == "unread":
            found = Figure(0, tuple((ref, 0) for ref in proof.unread))
        if found is None:
            raise WrongUse("unknown_figure", "There is no such figure.", "Go back to the day.")
        rows = _payments(session, [ref for ref, _ in found.refs])
        page = ctx.page(
            "billing/figure.html",
            day=day,
            axis=axis,
            part=title(part),
            figure=found,
            payments=rows,
            undoable=_undoable(session, rows) if ctx.user.role in UNDOERS else frozenset(),
        )
    ctx.saw("figure.viewed", "day", f"{day}:{axis}:{part}"[:60])
    return page


def title(part: str) -> str:
    """The words for a part of an equation."""
    name, _, detail = part.partition(":")
    words = _TITLES.get(name, name.replace("_", " "))
    return f"{words}: {detail.replace('_', ' ')}" if detail else words


def _axis(proof: proofs.DayProof, name: str, heading: str, about: str) -> dict[str, Any]:
    equation: proofs.Equation = getattr(proof, name)
    parts = [
        (key, title(key), each)
        for key, each in equation.parts.items()
        if each.count or key in _TITLES or key == "posted"
    ]
    return {
        "name": name,
        "heading": heading,
        "about": about,
        "total": equation.total,
        "parts": parts,
        "broken": equation.broken,
        "unexplained_cents": equation.unexplained_cents,
    }


def _bank_days(ctx: Context, session: Session) -> list[BankDay]:
    query = ctx.within(select(Office.bank_account_id).where(Office.active), Office.id)
    days = []
    for account in session.scalars(
        select(BankAccount).where(BankAccount.id.in_(query)).order_by(BankAccount.name)
    ):
        waiting = batch.depositable(session, account.id)
        unfinished = session.scalars(
            select(Deposit)
            .where(
                Deposit.bank_account_id == account.id,
                Deposit.state.not_in(ENDED),
            )
            .order_by(Deposit.business_on, Deposit.created_at)
        ).all()
        days.append(
            BankDay(
                account,
                clock.business_date(clock.now(), account.zone, account.cut_off),
                len(waiting),
                sum(each.amount_cents or 0 for each in waiting),
                tuple(unfinished),
            )
        )
    return days


def _current(session: Session, banks: list[BankDay]) -> date:
    """The business date people work on now: the earliest of the bank accounts'."""
    del session
    return min((bank.business_on for bank in banks), default=clock.now().date())


def _posting_rows(ctx: Context, session: Session) -> list[dict[str, Any]]:
    return [
        {"office": office, "counts": posting_queue.queue_counts(session, [office.id])}
        for office in ctx.visible_offices(session)
    ]


def _exceptions(ctx: Context, session: Session) -> list[tuple[str, int, str]]:
    def count(query: Any) -> int:
        return int(session.scalar(select(func.count()).select_from(query.subquery())) or 0)

    accounts = ctx.within(select(Office.bank_account_id), Office.id)
    money = _open_money(ctx, session)
    page = f"/billing/figure?axis={_EXCEPTIONS}&part="
    return [
        *_not_depositable(ctx, session),
        ("payments with money nobody has applied", money["unapplied"].count, f"{page}unapplied"),
        ("payments nobody has identified", money["unidentified"].count, f"{page}unidentified"),
        (
            "bank lines nobody has matched",
            count(
                select(BankLine.id).where(
                    BankLine.state == "unmatched", BankLine.bank_account_id.in_(accounts)
                )
            ),
            "/bank",
        ),
        (
            "returned checks",
            count(
                ctx.within(
                    select(Payment.id).where(Payment.deposit_state == "returned"), Payment.office_id
                )
            ),
            "/bank#returned",
        ),
        _without_partner(ctx, session),
        (
            "files in quarantine",
            count(
                ctx.within(
                    select(SourceFile.id).where(SourceFile.state == "quarantined"),
                    SourceFile.office_id,
                )
            ),
            "/quarantine",
        ),
    ]


def _without_partner(ctx: Context, session: Session) -> tuple[str, int, str]:
    """How many remittances and payments lack their partner, and how long the oldest waits."""
    rows = remittance_waiting.queue(session, ctx.offices, offers=False)
    oldest = f", the oldest for {rows[0].age_days} business days" if rows else ""
    return (f"EOBs, checks and credits without a partner{oldest}", len(rows),
            "/remittances/waiting")  # fmt: skip


def _not_depositable(ctx: Context, session: Session) -> list[tuple[str, int, str]]:
    found = exceptions.counts(exceptions.queue(session, ctx.offices))
    return [
        (f"checks not deposited: {reason.replace('_', ' ')}", count, f"/exceptions?reason={reason}")
        for reason, (count, _) in found.items()
    ] or [("checks that cannot be deposited", 0, "/exceptions")]


def _open_money(ctx: Context, session: Session) -> dict[str, Figure]:
    """By destination, what live allocations leave without an account, of money that is held."""
    query = (
        select(Allocation.destination, Payment.ref, func.sum(Allocation.amount_cents))
        .join(Payment, Payment.id == Allocation.payment_id)
        .where(
            Allocation.live,
            Allocation.destination.in_(_OPEN_MONEY),
            Payment.live,
            Payment.match_state == "decided",
            Payment.deposit_state.in_(_HELD),
        )
        .group_by(Allocation.destination, Payment.ref)
        .order_by(Payment.ref)
    )
    rows = session.execute(ctx.within(query, Payment.office_id)).all()
    return {
        name: Figure.of([(ref, int(cents)) for destination, ref, cents in rows
                         if destination == name])
        for name in _OPEN_MONEY
    }  # fmt: skip


def _undoable(session: Session, payments: dict[str, Payment]) -> frozenset[str]:
    """References of decided payments of which no posting has left for a PMS."""
    decided = {each.id: ref for ref, each in payments.items() if each.match_state == "decided"}
    sent: set[str] = set()
    ids = list(decided)
    for start in range(0, len(ids), 500):
        sent |= set(
            session.scalars(
                select(Allocation.payment_id)
                .join(Posting, Posting.allocation_id == Allocation.id)
                .where(
                    Allocation.payment_id.in_(ids[start : start + 500]),
                    Allocation.live,
                    Posting.state.not_in(_NOT_SENT),
                )
            )
        )
    return frozenset(ref for payment_id, ref in decided.items() if payment_id not in sent)


def _payments(session: Session, refs: list[str]) -> dict[str, Payment]:
    found: dict[str, Payment] = {}
    for start in range(0, len(refs), 500):
        for payment in session.scalars(
            select(Payment).where(Payment.ref.in_(refs[start : start + 500]))
        ):
            found[payment.ref] = payment
    return found
