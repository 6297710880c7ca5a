"""The bank: its files in, its lines settled or explained, returned checks entered."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Form, UploadFile
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits import bank, batch, reconcile, returns
from records.errors import NotFound, WrongUse
from records.models import BankFile, BankLine, Deposit, Office, Payment, ReturnedItem
from web.context import Ctx
from web.pages.billing import BILLING, READERS
from web.rendering import NavItem
from web.routes import Routes

routes = Routes()
NAV = (NavItem("Bank", "/bank", frozenset(READERS), 26),)
_BANK_FILE_BYTES = 20_000_000
Short = Annotated[str, Form(max_length=120)]
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
            select(Deposit).where(
                Deposit.state.in_(("approved", "exported")), Deposit.bank_account_id.in_(accounts)
            )
        ).all()
        returned = session.scalars(
            ctx.within(select(ReturnedItem).join(Payment), Payment.office_id)
            .order_by(ReturnedItem.created_at.desc())
            .limit(50)
        ).all()
        files = session.scalars(
            select(BankFile).order_by(BankFile.created_at.desc()).limit(20)
        ).all()
        return ctx.page(
            "billing/bank.html",
            lines=lines,
            awaited=awaited,
            returned=returned,
            files=files,
            reasons=[(each, each) for each in RETURN_REASONS],
            may_act=ctx.user.role in BILLING,
        )


@routes.post("/bank/import", BILLING)
def import_file(ctx: Ctx, file: UploadFile) -> Response:
    """Bring a bank's file in; what fits for certain is settled at once."""
    content = file.file.read(_BANK_FILE_BYTES + 1)
    if len(content) > _BANK_FILE_BYTES:
        raise WrongUse("too_large", "The file has over 20 MB.", "Ask the bank for one day a file.")
    with ctx.write() as session:
        done = bank.import_file(session, ctx.store, content, file.filename or "bank", ctx.actor)
    if done.already_imported:
        return ctx.back("/bank", f"This file was imported already, as {done.ref}.")
    return ctx.back(
        "/bank",
        f"{done.new} new lines, {done.known} known, {done.settled} settled, "
        f"{done.unmatched} to be matched by a person.",
    )


@routes.post("/bank/lines/{line_id}/settle", BILLING)
def settle(ctx: Ctx, line_id: str, deposit: Short, reason: Short = "") -> Response:
    """Tie a credit to a deposit; a difference needs a name."""
    with ctx.write() as session:
        reconcile.settle(session, line_id, batch.find(session, deposit).id, ctx.actor, reason)
    return ctx.back("/bank", f"{deposit} is credited.")


@routes.post("/bank/lines/{line_id}/explain", BILLING)
def explain(ctx: Ctx, line_id: str, explanation: Short) -> Response:
    """Name why a line has nothing to do with deposits."""
    with ctx.write() as session:
        reconcile.explain(session, line_id, explanation, ctx.actor)
    return ctx.back("/bank", "The line is explained.")


@routes.post("/bank/lines/{line_id}/unexplain", BILLING)
def unexplain(ctx: Ctx, line_id: str) -> Response:
    """Take an explanation back."""
    with ctx.write() as session:
        reconcile.unexplain(session, line_id, ctx.actor)
    return ctx.back("/bank", "The line is open again.")


@routes.post("/bank/returned/{payment_ref}", BILLING)
def returned_item(ctx: Ctx, payment_ref: str, reason: Short, returned_on: Short) -> Response:
    """Enter a check that the bank gave back."""
    try:
        day = date.fromisoformat(returned_on)
    except ValueError as error:
        raise WrongUse("wrong_date", f"{returned_on!r} is no date.", "Use YYYY-MM-DD.") from error
    with ctx.write() as session:
        payment = _payment(session, payment_ref)
        returns.record_returned_item(session, payment.id, reason, day, None, ctx.actor)
    return ctx.back("/bank#returned", f"{payment_ref} is entered as returned.")


@routes.post("/bank/find-returned", BILLING)
def find_returned(ctx: Ctx, payment: Short, reason: Short, returned_on: Short) -> Response:
    """The same from the form on the page: the check's reference is typed."""
    with ctx.read() as session:
        found = _payment(session, payment.strip().upper())
        if ctx.offices is not None and found.office_id not in ctx.offices:
            raise NotFound("unknown_payment", "There is no such payment.", "Check the reference.")
    return returned_item(ctx, found.ref, reason, returned_on)


def _payment(session: Session, ref: str) -> Payment:
    found = session.scalar(select(Payment).where((Payment.ref == ref) | (Payment.id == ref)))
    if found is None:
        raise NotFound("unknown_payment", "There is no such payment.", "Check the reference.")
    return found
