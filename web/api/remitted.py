"""API for what remittances leave to do: held parts and their placing, denials and their steps."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from matching import denial_lists, denials, placing
from matching.types import AllocationInput
from web import forms
from web.asked import WORKERS
from web.context import Ctx
from web.routes import Routes

routes = Routes(json=True, tag="remittances")
READERS = (*WORKERS, "auditor")
Short = Annotated[str, Query(max_length=120)]


class Part(BaseModel):
    """A part of what is held; `hold` is a reason, where it stays without a place."""

    destination: Literal["account", "unapplied", "unidentified"] = "account"
    account_number: Annotated[str, Field(max_length=40)] | None = None
    amount_cents: Annotated[int, Field(ge=-(10**12), le=10**12)]
    hold: Annotated[str, Field(max_length=30)] = ""


class Place(BaseModel):
    """Where a held part belongs: parts that add up to it."""

    allocations: Annotated[list[Part], Field(min_length=1, max_length=50)]
    note: Annotated[str, Field(max_length=200)] = ""


class Step(BaseModel):
    """The next state of a denial, and words that are kept; empty `to`: only the words."""

    to: Annotated[str, Field(max_length=30)] = ""
    note: Annotated[str, Field(max_length=1000)] = ""


@routes.get("/api/v1/held", READERS, summary="Parts of payments that wait for a place")
def held(ctx: Ctx, reason: Annotated[str, Query(max_length=30)] = "") -> dict[str, Any]:
    """Held parts of your offices, the largest sums first."""
    with ctx.read() as session:
        rows = placing.queue(session, ctx.offices)
    ctx.saw("held.listed", "group", "held")
    return {
        "held": [row.to_json() for row in rows if reason in ("", row.reason)],
        "counts": {
            name: {"count": count, "amount_cents": cents}
            for name, (count, cents) in placing.counts(rows).items()
        },
    }


@routes.post("/api/v1/held/{held_ref}", WORKERS, summary="Place a held part")
def place(ctx: Ctx, held_ref: str, said: Place) -> dict[str, Any]:
    """Say where it belongs; the payment's other parts stay as they are."""
    parts = [
        AllocationInput(each.destination, each.account_number, None, each.amount_cents, each.hold)
        for each in said.allocations
    ]
    with ctx.write() as session:
        placing.place(session, held_ref, ctx.actor, parts, offices=ctx.office_codes,
                      note=said.note)  # fmt: skip
        row = placing.held_part(session, held_ref)
        return {"held": row.ref, "payment": row.payment.ref, "state": row.state}


@routes.get("/api/v1/denials", READERS, summary="What insurers did not pay")
def worklist(
    ctx: Ctx,
    payer: Short = "",
    reason: Short = "",
    state: Short = "",
    older: Annotated[int, Query(ge=0, le=3650)] = 0,
    sort: Literal["at_stake", "due", "age"] = "at_stake",
) -> dict[str, Any]:
    """Denials of your offices that nobody has ended (or of `state`), most at stake first."""
    with ctx.read() as session:
        rows = denial_lists.worklist(session, ctx.offices, payer=payer, reason=reason,
                                     state=state, older_days=older, sort=sort)  # fmt: skip
    ctx.saw("denials.listed", "group", "denials")
    return {
        "denials": [row.to_json() for row in rows],
        "at_stake_cents": sum(row.at_stake_cents for row in rows),
    }


@routes.get("/api/v1/denials/month", READERS, summary="A month's denials by payer and reason")
def month(ctx: Ctx, month: Annotated[str, Query(max_length=10)]) -> dict[str, Any]:
    """Of those told in the month: how many, at stake, and paid later."""
    with ctx.read() as session:
        rows = denial_lists.month(session, forms.first_of(month), ctx.offices)
    ctx.saw("denials.month_viewed", "group", "denials")
    return {"month": month, "rows": [row.to_json() for row in rows]}


@routes.post("/api/v1/denials/{denial_ref}", WORKERS, summary="Move a denial on")
def step(ctx: Ctx, denial_ref: str, said: Step) -> dict[str, Any]:
    """Its next state, with words kept beside it."""
    with ctx.write() as session:
        row = denials.denial(session, denial_ref)
        denials.step(session, row, said.to or row.state, ctx.actor, said.note)
        return {"denial": row.ref, "state": row.state}
