"""Accounts that may be one patient's, and homes that may be one household: billing answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Query
from starlette.responses import JSONResponse, Response

from matching import flagging, flags
from records.errors import WrongUse
from web import failures
from web.context import Context, Ctx
from web.rendering import NavItem, with_query
from web.routes import Access, Routes

routes = Routes()
BILLING = ("billing", "admin")
READERS = (*BILLING, "auditor")
NAV = (NavItem("Duplicates", "/duplicates", frozenset(READERS), 60),)
SEARCHERS = Access(frozenset(BILLING), whole_group=True)
MOST_AT_ONCE = 50_000
"""With more accounts a person would wait too long for the page: then the command line looks."""
Short = Annotated[str, Form(max_length=20)]


@routes.get("/duplicates", READERS)
def duplicates_page(
    ctx: Ctx,
    kind: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=20)] = "open",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """What looks alike, the surest first, and what people have said of it."""
    with ctx.read() as session:
        found = flags.listed(session, offices=ctx.office_codes, kind=kind, state=state, page=page)
        looked = flags.last_search(session)
    _saw(ctx, found)
    return ctx.page(
        "billing/duplicates.html",
        found=found,
        kind=kind,
        state=state,
        looked=looked,
        may_answer=ctx.user.role in BILLING,
        may_look=ctx.user.role in BILLING and ctx.offices is None,
    )


@routes.post("/duplicates/search", SEARCHERS)
def look(ctx: Ctx) -> Response:
    """Look through the chart again."""
    with ctx.write() as session:
        if flagging.size(session) > MOST_AT_ONCE:
            raise WrongUse(
                "chart_too_large",
                "The chart is too large to be looked through while a page waits.",
                "Run `lockbox matching duplicates` on the server.",
            )
        report = flagging.search(session, ctx.actor)
    return ctx.back("/duplicates", f"{report.new} new, {report.gone} gone.")


@routes.post("/duplicates/{flag_id}", BILLING)
def answer(ctx: Ctx, flag_id: str, said: Short, kind: Short = "", page: Short = "1") -> Response:
    """A person's answer; nothing is merged by it."""
    with ctx.write() as session:
        flags.answer(session, flag_id, said, ctx.actor, offices=ctx.office_codes)
    if failures.wants_json(ctx.request):
        return JSONResponse({"flag_id": flag_id, "state": said})
    told = "one and the same" if said == "same" else "not the same"
    return ctx.back(with_query("/duplicates", kind=kind, page=page), f"Noted: {told}.")


def _saw(ctx: Context, found: flags.Listed) -> None:
    if found.flags:
        ctx.saw("duplicates.viewed", "account_flags", f"{len(found.flags)} of {found.count}")
