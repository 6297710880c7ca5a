"""Money and remittances without their partner: the queue, what was joined, and what people say."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Query
from starlette.responses import Response

from deposits import remittance_joined, remittance_waiting, waiting_rows
from matching import remittance_people
from web.asked import WORKERS
from web.context import Ctx
from web.routes import Routes

# This file is found before that of /remittances/{remittance_ref}, which would take its path.
routes = Routes()
READERS = (*WORKERS, "auditor")
MOST_SHOWN = 300
Why = Annotated[str, Form(max_length=400)]
Refs = Annotated[str, Form(max_length=400)]


@routes.get("/remittances/waiting", READERS)
def queue_page(ctx: Ctx, kind: Annotated[str, Query(max_length=20)] = "") -> Response:
    """What lacks its partner, the oldest first."""
    with ctx.read() as session:
        rows = remittance_waiting.queue(session, ctx.offices)
    chosen = [row for row in rows if kind in ("", row.kind)]
    ctx.saw("remittances.waiting_listed", "group", "remittances")
    return ctx.page(
        "remittances/waiting.html",
        rows=chosen[:MOST_SHOWN],
        more=max(0, len(chosen) - MOST_SHOWN),
        counts=remittance_waiting.counts(rows),
        kind=kind,
        kinds=waiting_rows.KINDS,
        may_act=ctx.user.role in WORKERS,
    )


@routes.get("/remittances/joined", READERS)
def joined_page(ctx: Ctx) -> Response:
    """What found its partner apart from its envelope, or was dismissed, the latest first."""
    with ctx.read() as session:
        rows = remittance_joined.latest(session, ctx.offices)
    ctx.saw("remittances.joined_listed", "group", "remittances")
    return ctx.page("remittances/joined.html", rows=rows, may_act=ctx.user.role in WORKERS)


@routes.post("/remittances/{remittance_ref}/partner", WORKERS)
def say_of_remittance(
    ctx: Ctx,
    remittance_ref: str,
    step: Literal["join", "part", "dismiss", "reopen", "seen"] = Form(),
    payment: Refs = "",
    why: Why = "",
    also: Refs = "",
) -> Response:
    """Join it, part it, say that no payment comes, take that back, or that it was looked at."""
    with ctx.write() as session:
        remittance_joined.take(
            session, remittance_ref, step, ctx.actor, payment=payment.strip().upper(), why=why,
            also=also, offices=ctx.offices,
        )  # fmt: skip
    path = "/remittances/joined" if step in {"part", "reopen"} else "/remittances/waiting"
    return ctx.back(path, f"{remittance_ref}: {remittance_joined.DONE[step]}.")


@routes.post("/payments/{payment_ref}/partner", WORKERS)
def say_of_payment(
    ctx: Ctx,
    payment_ref: str,
    what: Literal["remittance", "credit"] = Form(),
    step: Literal["none", "again"] = Form(),
    why: Why = "",
) -> Response:
    """Say that its EOB, or the bank's credit, does not come; or that it does after all."""
    with ctx.write() as session:
        if step == "none":
            remittance_people.none_comes(
                session, payment_ref, what, ctx.actor, why, ctx.offices
            )  # fmt: skip
        else:
            remittance_people.awaits_again(session, payment_ref, what, ctx.actor, ctx.offices, why)
    done = "awaits nothing more" if step == "none" else f"awaits its {what} again"
    return ctx.back("/remittances/waiting", f"{payment_ref} {done}.")
