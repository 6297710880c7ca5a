"""The bank: its files in, its lines settled or explained, returned checks entered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import Form, UploadFile
from sqlalchemy import func, select, true
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits import (
    bank,
    bank_balances,
    reconcile,
    return_fees,
    returns,
    unmatched_showing,
)
from deposits.bank_exceptions import bank_exceptions
from deposits.states import AT_BANK
from records import clock
from records.errors import WrongUse
from records.models import (
    BankAccount,
    BankFile,
    BankLine,
    Deposit,
    DepositItem,
    Office,
    Payment,
    ReturnedItem,
)
from web import asked, forms
from web.context import Context, Ctx
from web.pages.billing import BILLING, READERS
from web.rendering import NavItem
from web.routes import Routes
from web.security import FORM_BYTES, TooLarge

routes = Routes()
NAV = (NavItem("Bank", "/bank", frozenset(READERS), 26),)
_BANK_FILE_BYTES = 20_000_000
_BALANCE_DAYS = timedelta(days=35)
Short = Annotated[str, Form(max_length=120)]
_MAPPED = (
    ("date", "Date"),
    ("amount", "Amount, with its sign"),
    ("credit", "or Credit"),
    ("debit", "and Debit"),
    ("direction", "Credit or debit, by a word"),
    ("text", "Description"),
    ("reference", "Reference"),
)
RETURN_REASONS = (
    "not sufficient funds",
    "uncollected funds",
    "stop payment",
    "account closed",
    "no account",
    "refer to maker",
    "endorsement missing",
    "stale",
    "postdated",
    "other",
)


@routes.get("/bank", READERS)
def bank_page(ctx: Ctx) -> Response:
    """Open lines first, then the latest; files; returned checks."""
    with ctx.read() as session:
        accounts = ctx.within(select(Office.bank_account_id), Office.id)
        lines = session.scalars(
            select(BankLine)
            .where(BankLine.bank_account_id.in_(accounts))
            .order_by(
                (BankLine.state == "unmatched").desc(),
                BankLine.value_on.desc(),
                BankLine.created_at.desc(),
            )
            .limit(100)
        ).all()
        awaited = session.scalars(
            select(Deposit).where(Deposit.state.in_(AT_BANK), Deposit.bank_account_id.in_(accounts))
        ).all()
        returned = session.scalars(
            ctx.within(select(ReturnedItem).join(Payment), Payment.office_id)
            .order_by(ReturnedItem.created_at.desc())
            .limit(50)
        ).all()
        brought = select(BankLine.bank_file_id).where(BankLine.bank_account_id.in_(accounts))
        files = session.scalars(
            select(BankFile)
            .where(true() if ctx.offices is None else BankFile.id.in_(brought))
            .order_by(BankFile.created_at.desc())
            .limit(20)
        ).all()
        open_ = bank_exceptions(session, list(session.scalars(accounts)), offices=ctx.offices)
        own = session.scalars(
            select(BankAccount).where(BankAccount.id.in_(accounts)).order_by(BankAccount.name)
        ).all()
        return ctx.page(
            "billing/bank.html",
            lines=lines,
            seen=ctx.offices,
            apart={each.id for each in lines if _is_electronic(each, ctx.offices)},
            awaited=awaited,
            returned=returned,
            fees=return_fees.suggested_fees(session, [each.id for each in returned]),
            files=files,
            unsettled=_unsettled(ctx, session, [each.id for each in own]),
            suggestions={each.line_id: each.suggestions for each in open_},
            own=[("", "Only one there is"), *((each.id, each.name) for each in own)],
            maps={each.code: bank.column_map(session, each.id) for each in own},
            columns=_MAPPED,
            reasons=[(each, each) for each in RETURN_REASONS],
            **_unmatched(ctx, session),
            **_balances(session, own),
            may_act=ctx.user.role in BILLING,
        )


@routes.post("/bank/import", BILLING, body_bytes=_BANK_FILE_BYTES + FORM_BYTES)
def import_file(ctx: Ctx, file: UploadFile, bank_account_id: Short = "") -> Response:
    """Bring a bank's file in; what fits for certain is settled at once.

    Only lines of bank accounts that the person's offices use are taken.
    """
    content = file.file.read(_BANK_FILE_BYTES + 1)
    if len(content) > _BANK_FILE_BYTES:
        raise TooLarge("too_large", "The file has over 20 MB.", "Ask the bank for one day a file.")
    with ctx.write() as session:
        own = own_accounts(ctx, session)
        if bank_account_id and own is not None and bank_account_id not in own:
            raise WrongUse("not_your_account", "This bank account is not yours.", "Choose another.")
        done = bank.import_file(
            session,
            ctx.store,
            content,
            file.filename or "bank",
            ctx.actor,
            bank_account_id=bank_account_id or None,
            accounts=own,
        )
    if done.returns:
        return ctx.back("/bank#returned", _told(done))
    if done.already_imported:
        return ctx.back("/bank", f"This file was imported already, as {done.ref}.")
    return ctx.back(
        "/bank",
        f"{done.new} new lines, {done.known} known, {done.settled} settled, "
        f"{done.unmatched} to be matched by a person."
        + (f" {done.skipped} lines of other accounts left out." if done.skipped else "")
        + "".join(f" {each.message}" for each in done.findings[:1]),
    )


@routes.post("/bank/map/{bank_account}", BILLING, body_bytes=_BANK_FILE_BYTES + FORM_BYTES)
def save_map(
    ctx: Ctx,
    bank_account: str,
    file: UploadFile,
    date: Short = "",
    amount: Short = "",
    credit: Short = "",
    debit: Short = "",
    direction: Short = "",
    text: Short = "",
    reference: Short = "",
    date_format: Short = "",
) -> Response:
    """Save which column of the bank's CSV is what, when it reads the file that is sent along."""
    columns = {"date": date, "amount": amount, "credit": credit, "debit": debit,
               "direction": direction, "text": text, "reference": reference}  # fmt: skip
    content = file.file.read(_BANK_FILE_BYTES)
    with ctx.write() as session:
        account = session.scalars(
            select(BankAccount).where(
                (BankAccount.code == bank_account) | (BankAccount.id == bank_account)
            )
        ).one()
        read = bank.save_column_map(
            session, account, columns, ctx.actor, content, date_format=date_format.strip()[:40]
        )
    lines = sum(len(each.lines) for each in read.accounts)
    return ctx.back("/bank", f"The column map is saved; it reads {lines} lines of the sample.")


def _told(done: bank.BankImport) -> str:
    """What became of a return cash letter; what is open is named by its place in the file."""
    said = f"{done.new} returned checks entered, {done.known} known."
    open_ = [
        f"{each.number} ({each.status.replace('_', ' ')}"
        + (f", perhaps {', '.join(each.candidates)})" if each.candidates else ")")
        for each in done.returns
        if each.status not in ("entered", "known")
    ]
    return f"{said} Open: {'; '.join(open_)}."[:290] if open_ else said


@routes.post("/bank/returned/{payment_ref}", BILLING)
def returned_item(ctx: Ctx, payment_ref: str, reason: Short, returned_on: Short) -> Response:
    """Enter a check that the bank gave back."""
    day = forms.day(returned_on, "The date of the return")
    if reason not in RETURN_REASONS:
        raise WrongUse("unknown_reason", "This is no reason of ours.", "Choose one from the list.")
    with ctx.write() as session:
        payment = asked.payment(session, payment_ref)
        _refuse_before_deposit(session, payment, day)
        returns.record_returned_item(session, payment.id, reason, day, None, ctx.actor)
    return ctx.back("/bank#returned", f"{payment_ref} is entered as returned.")


@routes.post("/bank/find-returned", BILLING)
def find_returned(ctx: Ctx, payment: Short, reason: Short, returned_on: Short) -> Response:
    """The same from the form on the page: the check's reference is typed."""
    ref = payment.strip().upper()
    with ctx.read() as session:
        ctx.require(session, "payment_ref", ref)
    return returned_item(ctx, ref, reason, returned_on)


def _is_electronic(line: BankLine, offices: frozenset[str] | None) -> bool:
    """Whether a line pays electronic money alone, all of it in sight."""
    paid = [each.payment for each in line.settlements]
    return bool(paid) and all(
        each is not None and (offices is None or each.office_id in offices) for each in paid
    )


def _unmatched(ctx: Context, session: Session) -> dict[str, Any]:
    """Returned items whose check nobody knew: those that wait, and how others ended."""
    sight = (own_accounts(ctx, session), ctx.actor)
    return {
        "unmatched": unmatched_showing.open_returns(session, *sight),
        "ended": unmatched_showing.ended_returns(session, *sight),
    }


def _balances(session: Session, own: Sequence[BankAccount]) -> dict[str, Any]:
    """What the bank says each account holds, and what does not follow on of late."""
    latest = []
    for account in own:
        closed = [
            each
            for each in bank_balances.told_balances(session, account)
            if each.closing_cents is not None
        ]
        latest += closed[-1:]
    since = clock.now().date() - _BALANCE_DAYS
    found = bank_balances.balance_findings(session, [each.id for each in own], since)
    return {"balances": latest, "balance_findings": found}


def _unsettled(
    ctx: Context, session: Session, accounts: list[str]
) -> dict[str, list[tuple[str, int]]]:
    """By bank account: reference and cents of each return in sight that no debit settles yet."""
    found: dict[str, list[tuple[str, int]]] = {}
    waiting = reconcile.unsettled_returns(session, accounts)
    mine = ctx.within(
        select(ReturnedItem.id).join(Payment).where(ReturnedItem.id.in_([e.id for e in waiting])),
        Payment.office_id,
    )
    seen = set(session.scalars(mine))
    for each in (one for one in waiting if one.id in seen):
        found.setdefault(each.bank_account_id, []).append((each.marks[0], each.amount_cents))
    return found


def _refuse_before_deposit(session: Session, payment: Payment, day: date) -> None:
    """WrongUse ``returned_too_early`` when the check cannot have been at the bank that day."""
    deposited = session.scalar(
        select(func.max(Deposit.business_on))
        .join(DepositItem, DepositItem.deposit_id == Deposit.id)
        .where(
            DepositItem.payment_id == payment.id,
            DepositItem.presentation == payment.presentation,
            DepositItem.live,
        )
    )
    if deposited is not None and day < deposited:
        raise WrongUse(
            "returned_too_early",
            f"{payment.ref} was deposited on {deposited}, after that day.",
            "Look at the bank's notice again.",
        )


def own_accounts(ctx: Context, session: Session) -> frozenset[str] | None:
    """Ids of the bank accounts that serve the offices in sight; None for all."""
    if ctx.offices is None:
        return None
    return frozenset(
        session.scalars(ctx.within(select(Office.bank_account_id), Office.id).distinct())
    )
