"""Returned items: those whose check nobody knew, and returned checks that are deposited again."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from sqlalchemy import select
from starlette.responses import PlainTextResponse, Response

from deposits import returns, unmatched_entering, unmatched_returns, unmatched_showing
from records.errors import NotFound, WrongUse
from records.models import BankAccount, Payment
from web import asked, forms
from web.context import Ctx
from web.pages.bank import RETURN_REASONS, own_accounts
from web.pages.billing import BILLING, READERS
from web.routes import Routes

routes = Routes()
Short = Annotated[str, Form(max_length=120)]
Long = Annotated[str, Form(max_length=200)]


@routes.post("/bank/unmatched/tie", BILLING)
def tie(ctx: Ctx, item: Short, payment: Short, why: Long = "") -> Response:
    """Say which check of ours a returned item is; the check is entered as returned."""
    with ctx.write() as session:
        row = unmatched_showing.find(session, item, own_accounts(ctx, session), ctx.actor)
        found = session.scalar(select(Payment).where(Payment.ref == payment.strip().upper()))
        if found is None or (ctx.offices is not None and found.office_id not in ctx.offices):
            raise NotFound("unknown_payment", "There is no such payment.", "Check the reference.")
        made = unmatched_returns.tie(session, row, found, ctx.actor, why).ref
    return ctx.back("/bank#unmatched", f"{payment} is entered as returned, as {made}.")


@routes.post("/bank/unmatched/not-ours", BILLING)
def not_ours(ctx: Ctx, item: Short, why: Long) -> Response:
    """Say that a returned item is no check of ours, and why; the bank gets a note."""
    with ctx.write() as session:
        row = unmatched_showing.find(session, item, own_accounts(ctx, session), ctx.actor)
        unmatched_returns.not_ours(session, row, why, ctx.actor)
    return ctx.back(
        "/bank#unmatched",
        f"{item} is not ours. Send the bank its note: below, under how they ended.",
    )


@routes.post("/bank/unmatched/keep", BILLING)
def keep(
    ctx: Ctx, bank_account: Short, amount: Short, reason: Short, returned_on: Short, words: Long
) -> Response:
    """Keep a returned item told on paper whose check nobody finds."""
    day = forms.near(forms.day(returned_on, "The date of the return"), "The date of the return")
    cents = forms.cents(amount, "The amount")
    if reason not in RETURN_REASONS:
        raise WrongUse("unknown_reason", "This is no reason of ours.", "Choose one from the list.")
    with ctx.write() as session:
        own = own_accounts(ctx, session)
        account = session.get(BankAccount, bank_account)
        if account is None or (own is not None and account.id not in own):
            raise WrongUse("not_your_account", "This bank account is not yours.", "Choose another.")
        made = unmatched_entering.note_return(
            session, account, cents, reason, day, words, ctx.actor
        ).ref
    return ctx.back("/bank#unmatched", f"Kept as {made}.")


@routes.get("/bank/unmatched/note", READERS)
def note(ctx: Ctx, item: str) -> Response:
    """The note to the bank of an item that is not ours, as text to send."""
    with ctx.write() as session:
        row = unmatched_showing.find(session, item, own_accounts(ctx, session), ctx.actor)
        text = unmatched_returns.note_to_bank(row)
    return PlainTextResponse(text)


@routes.post("/bank/returned/{payment_ref}/again", BILLING)
def deposit_again(ctx: Ctx, payment_ref: str) -> Response:
    """Let a returned check be deposited once more; its parts are posted anew."""
    with ctx.write() as session:
        payment = asked.payment(session, payment_ref)
        returns.represent(session, payment.id, ctx.actor)
        ref = payment.ref
    return ctx.back("/bank#returned", f"{ref} may be deposited again.")
