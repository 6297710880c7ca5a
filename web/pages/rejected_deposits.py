"""A deposit that the bank refused, or that is taken back: entered, and its checks sent again."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits import batch, refusing
from records.errors import WrongUse
from records.models import Deposit
from web.context import Ctx
from web.pages.billing import BILLING
from web.routes import Routes

routes = Routes()
Reason = Annotated[str, Form(max_length=200)]
Short = Annotated[str, Form(max_length=20)]
Refs = Annotated[list[str], Form(max_length=2_000)]


@routes.post("/deposits/{deposit_ref}/reject", BILLING)
def reject(
    ctx: Ctx,
    deposit_ref: str,
    reason: Reason,
    what: Short,
    again: Short = "",
    stays: Refs = [],  # noqa: B006 - FastAPI copies the default
) -> Response:
    """Enter it; with ``again`` its checks, but those of ``stays``, go into a new deposit."""
    if what not in refusing.WORDS:
        raise WrongUse("wrong_rejection", "This is nothing that can happen to it.", "Reload.")
    with ctx.write() as session:
        deposit = batch.find(session, deposit_ref)
        left = _ids(deposit, stays)
        withdrawn = what == refusing.WITHDRAWN
        refusing.reject(session, deposit.id, reason, ctx.actor, withdrawn=withdrawn)
        made = refusing.rebatch(session, deposit.id, ctx.actor, left).ref if again else ""
    if made:
        return ctx.back(f"/deposits/{made}", f"The checks of {deposit_ref} are in {made} now.")
    return ctx.back(f"/deposits/{deposit_ref}", f"{deposit_ref} is rejected; its checks wait.")


@routes.post("/deposits/{deposit_ref}/rebatch", BILLING)
def rebatch(ctx: Ctx, deposit_ref: str) -> Response:
    """Put what waits of a rejected deposit into a new one."""
    with ctx.write() as session:
        made = refusing.rebatch(session, batch.find(session, deposit_ref).id, ctx.actor).ref
    return ctx.back(f"/deposits/{made}", f"The checks of {deposit_ref} are in {made} now.")


def _ids(deposit: Deposit, refs: list[str]) -> list[str]:
    """Ids of these of its checks; WrongUse for another."""
    known = {item.payment.ref: item.payment_id for item in deposit.items}
    unknown = [ref for ref in refs if ref not in known]
    if unknown:
        raise WrongUse("not_in_deposit", f"{unknown[0]} is not in {deposit.ref}.", "Reload.")
    return [known[ref] for ref in refs]


def context(session: Session, deposit: Deposit) -> dict[str, Any]:
    """What the deposit's page says of it: where its checks came from, and where they went."""
    rejected = deposit.state == "rejected"
    return {
        "rejections": refusing.WORDS,
        "may_reject": refusing.may_reject(session, deposit),
        "earlier": deposit.follows,
        "later": refusing.followers(session, deposit) if rejected else (),
        "still_waiting": len(refusing.waiting_of(session, deposit)) if rejected else 0,
    }
