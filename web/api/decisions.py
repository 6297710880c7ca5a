"""API for decisions: why a payment was matched as it was, and why not to another account."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from matching import decided, expecting
from web import asked
from web.context import Ctx
from web.routes import STAFF, Routes

routes = Routes(json=True, tag="matching")


@routes.get("/api/v1/payments/{payment_ref}/decisions", STAFF, summary="Why it was matched so")
def decisions(ctx: Ctx, payment_ref: str) -> dict[str, Any]:
    """A payment's decisions, newest first; reasons step by step, from the odds before anything
    was read (natural logarithms: `weight` of each, `total` after it) to the probability.

    Candidates of offices out of your sight are counted as `hidden`.
    """
    with ctx.read() as session:
        payment = asked.payment(session, payment_ref)
        told, ident = decided.told(session, payment, ctx.office_codes), payment.id
    ctx.saw("decisions.viewed", "payment", ident)
    return told


@routes.get("/api/v1/payments/{payment_ref}/why", STAFF, summary="Why not this account?")
def why(
    ctx: Ctx, payment_ref: str, account: Annotated[str, Query(min_length=1, max_length=40)]
) -> dict[str, Any]:
    """An account you expected beside the best candidate, signal by signal, as of now; and whether
    it was among the candidates at all.
    """
    with ctx.read() as session:
        payment = asked.payment(session, payment_ref)
        ref = payment.ref
        found = expecting.why_not(session, payment, account, ctx.office_codes).to_json()
    asked.compared(ctx, account, ref)
    return {"payment": ref, **found}
