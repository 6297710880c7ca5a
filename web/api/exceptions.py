"""API for checks that cannot be deposited: what waits, and the next step of each."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from deposits import exceptions
from records.errors import WrongUse
from web import asked
from web.asked import WORKERS
from web.context import Ctx
from web.routes import Routes

BILLING = ("billing", "admin")

routes = Routes(json=True, tag="money")


class Step(BaseModel):
    """What is done with a check: `until` when it is held, `how` and `on` when it left the house."""

    step: Literal[
        "put_back", "hold", "returned_to_sender", "returned_to_office", "sent_for_collection",
        "new_check_asked",
    ]  # fmt: skip
    how: Annotated[str, Field(max_length=200)] = ""
    on: date | None = None
    until: date | None = None


@routes.get("/api/v1/exceptions", (*WORKERS, "auditor"), summary="Checks that cannot be deposited")
def waiting(ctx: Ctx, reason: Annotated[str, Query(max_length=20)] = "") -> dict[str, Any]:
    """Every check of your offices that waits for a typed reason, the oldest first."""
    with ctx.read() as session:
        found = exceptions.queue(session, ctx.offices)
    return {
        "exceptions": [row.to_json() for row in found if reason in ("", row.reason)],
        "counts": {
            name: {"count": count, "amount_cents": cents}
            for name, (count, cents) in exceptions.counts(found).items()
        },
    }


@routes.post("/api/v1/exceptions/{payment_ref}", BILLING, summary="Take the next step of one")
def take(ctx: Ctx, payment_ref: str, said: Step) -> dict[str, Any]:
    """Put it back, hold it until a day, or say what became of it for good."""
    with ctx.write() as session:
        payment = asked.payment(session, payment_ref)
        if said.step == "put_back":
            exceptions.put_back(session, payment.id, ctx.actor)
        elif said.step != "hold":
            exceptions.finish(session, payment.id, said.step, ctx.actor, said.how, said.on)
        elif said.until is None:
            raise WrongUse("until_missing", "Until which day?", "Send until as YYYY-MM-DD.")
        else:
            exceptions.hold(session, payment.id, said.until, ctx.actor)
        state = payment.deposit_state
    return {"payment": payment_ref, "step": said.step, "deposit_state": state}
