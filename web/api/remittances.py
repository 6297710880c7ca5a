"""API for remittances: those there are, what lacks its partner, and what people say of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from deposits import remittance_joined, remittance_waiting
from matching import remittance_people
from web.asked import WORKERS
from web.context import Ctx
from web.routes import Routes

READERS = (*WORKERS, "auditor")

# `waiting` is declared before what takes a reference in its place.
routes = Routes(json=True, tag="remittances")


class Step(BaseModel):
    """What is said of a remittance: `payment` to join it to; `why` where a reason is asked.

    `payment` may name several, with blanks between them; `also` other remittances of one payment.
    """

    step: Literal["join", "part", "dismiss", "reopen", "ask", "seen"]
    payment: Annotated[str, Field(max_length=400)] = ""
    also: list[Annotated[str, Field(max_length=20)]] = Field(default=[], max_length=26)
    why: Annotated[str, Field(max_length=400)] = ""


class Partner(BaseModel):
    """That a payment's `remittance` or the bank's `credit` does not come, or is awaited again."""

    what: Literal["remittance", "credit"]
    step: Literal["none", "again"]
    why: Annotated[str, Field(max_length=400)] = ""


@routes.get("/api/v1/remittances/waiting", READERS, summary="What lacks its partner")
def waiting(ctx: Ctx, kind: Annotated[str, Query(max_length=20)] = "") -> dict[str, Any]:
    """Remittances, insurers' checks, ERAs and credits of your offices that wait, oldest first."""
    with ctx.read() as session:
        found = remittance_waiting.queue(session, ctx.offices)
    ctx.saw("remittances.waiting_listed", "group", "remittances")
    return {
        "waiting": [row.to_json() for row in found if kind in ("", row.kind)],
        "counts": {
            name: {"count": count, "amount_cents": cents}
            for name, (count, cents) in remittance_waiting.counts(found).items()
        },
    }


@routes.get("/api/v1/remittances", READERS, summary="Remittances and their payments")
def listed(
    ctx: Ctx,
    state: Annotated[Literal["", "waiting", "joined", "none_needed", "dismissed"], Query()] = "",
) -> dict[str, Any]:
    """The latest remittances of your offices, with what each was joined to and why."""
    with ctx.read() as session:
        found = remittance_joined.listed(session, ctx.offices, state)
    ctx.saw("remittances.listed", "group", "remittances")
    return {"remittances": [row.to_json() for row in found]}


@routes.post("/api/v1/remittances/{remittance_ref}", WORKERS, summary="Join, part or dismiss one")
def take(ctx: Ctx, remittance_ref: str, said: Step) -> dict[str, Any]:
    """Join it to a payment, part it, say that none comes, take that back, or that it was seen."""
    with ctx.write() as session:
        row = remittance_joined.take(
            session, remittance_ref, said.step, ctx.actor, payment=said.payment, why=said.why,
            also=" ".join(said.also), offices=ctx.offices,
        )  # fmt: skip
        state = row.partner_state
        payment = row.payment.ref if row.payment_id and row.payment else None
    return {"remittance": remittance_ref, "partner_state": state, "payment": payment}


@routes.post("/api/v1/payments/{payment_ref}/partner", WORKERS, summary="No partner comes")
def say(ctx: Ctx, payment_ref: str, said: Partner) -> dict[str, Any]:
    """Say that a payment's remittance or credit does not come, or is awaited again."""
    with ctx.write() as session:
        if said.step == "none":
            remittance_people.none_comes(
                session, payment_ref, said.what, ctx.actor, said.why, ctx.offices
            )
        else:
            remittance_people.awaits_again(
                session, payment_ref, said.what, ctx.actor, ctx.offices, said.why
            )
    return {"payment": payment_ref, "what": said.what, "awaited": said.step == "again"}
