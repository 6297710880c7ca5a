"""API for account changes on their way into the PMS, and for rates of returned mail."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query

from returned_mail import outbox_lists, report
from web.context import Ctx
from web.return_report import days_of
from web.routes import Routes

routes = Routes(json=True, tag="account changes")
State = Literal["queued", "exported", "sent", "refused", "acknowledged", "withdrawn"]


@routes.get("/api/v1/changes", ("billing", "admin", "auditor"), summary="Account changes")
def changes(
    ctx: Ctx, state: State | None = None, limit: Annotated[int, Query(ge=1, le=500)] = 200
) -> dict[str, Any]:
    """What the PMS has to be told of your offices' accounts, the oldest first.

    Without `state`: what is not done yet. No name and no address is given here.
    """
    states = outbox_lists.OPEN if state is None else (state,)
    with ctx.read() as session:
        found = outbox_lists.rows(session, ctx.offices, states, limit)
        counts = outbox_lists.counts(session, ctx.offices)
    ctx.saw("account_changes.listed", "group", "account_changes")
    return {"counts": counts, "changes": [each.to_json() for each in found]}


@routes.get("/api/v1/returned-mail/report", ("billing", "admin", "auditor"), summary="Return rates")
def return_report(ctx: Ctx, month: str = "", first: str = "", last: str = "") -> dict[str, Any]:
    """How much mail came back, by office, who entered the address, print vendor and reason.

    `month` (2026-11), or `first` and `last`. A rate is null where nobody knows what was mailed.
    """
    begin, end = days_of(month, first, last)
    with ctx.read() as session:
        made = report.report(session, begin, end, ctx.offices)
    ctx.saw("return_report.viewed", "group", f"{begin}..{end}")
    return made.to_json()
