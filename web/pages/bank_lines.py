"""Lines of the bank: tied by hand to what they pay, explained, and taken back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from sqlalchemy import select
from starlette.responses import Response

from deposits import batch, reconcile, returns
from records.models import BankLine, ReturnedItem, Settlement
from web import asked
from web.context import Ctx
from web.pages.billing import BILLING
from web.routes import Routes

routes = Routes()
Short = Annotated[str, Form(max_length=120)]
Shorts = Annotated[list[str], Form(max_length=40)]
Why = Annotated[str, Form(max_length=400)]


@routes.post("/bank/lines/{line_id}/settle", BILLING)
def settle(
    ctx: Ctx,
    line_id: str,
    deposit: Shorts,
    reason: Short = "",
    also: Shorts = [],  # noqa: B006 - FastAPI copies the default
) -> Response:
    """Tie a credit to a deposit or several, or with ``also`` several credits to one.

    A difference needs a name.
    """
    with ctx.write() as session:
        ctx.require(session, "deposit_ref", *deposit)
        ctx.require(session, "line_id", *also)
        chosen = [batch.find(session, each).id for each in deposit]
        reconcile.settle_several(session, [line_id, *also], chosen, ctx.actor, reason)
    return ctx.back("/bank", f"{', '.join(deposit)} credited.")


@routes.post("/bank/lines/{line_id}/part", BILLING)
def settle_part(ctx: Ctx, line_id: str, deposit: Short) -> Response:
    """Tie a credit to a deposit of which it pays a part."""
    with ctx.write() as session:
        ctx.require(session, "deposit_ref", deposit)
        reconcile.settle_part(session, line_id, batch.find(session, deposit).id, ctx.actor)
    return ctx.back("/bank", f"A part of {deposit} is credited.")


@routes.post("/bank/lines/{line_id}/electronic", BILLING)
def settle_electronic(
    ctx: Ctx,
    line_id: str,
    payment: Shorts,
    reason: Short = "",
    also: Shorts = [],  # noqa: B006 - FastAPI copies the default
) -> Response:
    """Tie an electronic credit to the payment that an 835 announced, or to several; with ``also``
    several credits to one."""
    with ctx.write() as session:
        ctx.require(session, "payment_ref", *payment)
        ctx.require(session, "line_id", *also)
        chosen = [asked.payment(session, each).id for each in payment]
        if len(chosen) == 1 and not also:
            reconcile.settle_electronic(session, line_id, chosen[0], ctx.actor, reason)
        else:
            reconcile.settle_together(session, [line_id, *also], chosen, ctx.actor)
    return ctx.back("/bank", f"{', '.join(payment)} credited.")


@routes.post("/bank/lines/{line_id}/returned", BILLING)
def settle_returned(
    ctx: Ctx,
    line_id: str,
    check: Shorts = [],  # noqa: B006 - FastAPI copies the default
    more: Short = "",
    reason: Short = "",
) -> Response:
    """Tie a debit to the checks that the bank gave back: payments, or returns known by notice.

    ``more`` are references that somebody typed, with spaces or commas between them.
    """
    refs = list(dict.fromkeys([*check, *more.upper().replace(",", " ").split()]))
    with ctx.write() as session:
        line = session.get_one(BankLine, line_id)
        known = session.scalars(select(ReturnedItem).where(ReturnedItem.ref.in_(refs))).all()
        notices = {each.ref: each.id for each in known}
        named = [each for each in refs if each not in notices]
        ctx.require(session, "payment_ref", *named, *(each.payment_id for each in known))
        payments = [asked.payment(session, each).id for each in named]
        why = reconcile.return_reason(reconcile.movement(line).words)
        returns.charge_back(
            session, line_id, payments, list(notices.values()), why, ctx.actor, reason
        )
    return ctx.back("/bank#returned", f"{', '.join(refs)} entered as returned.")


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


@routes.post("/bank/lines/{line_id}/unsettle", BILLING)
def unsettle(ctx: Ctx, line_id: str, why: Why = "") -> Response:
    """Take apart a credit and the electronic payments it was tied to, while nothing is posted."""
    with ctx.write() as session:
        mine = select(Settlement.payment_id).where(Settlement.bank_line_id == line_id)
        ctx.require(session, "payment_ref", *(each for each in session.scalars(mine) if each))
        refs = reconcile.unsettle(session, line_id, ctx.actor, why)
    return ctx.back("/bank", f"{', '.join(refs)}: the bank's credit is awaited again.")
