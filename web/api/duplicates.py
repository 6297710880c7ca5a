"""API for accounts that may be one patient's, and homes that may be one household."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel

from matching import flags
from web.context import Ctx
from web.routes import Routes

BILLING = ("billing", "admin")

routes = Routes(json=True, tag="matching")


class Said(BaseModel):
    """A person's answer: `same` or `not_same`. Nothing is merged by it."""

    answer: Literal["same", "not_same"]


@routes.get("/api/v1/duplicates", (*BILLING, "auditor"), summary="Accounts that may be one")
def duplicates(
    ctx: Ctx,
    kind: Annotated[str, Query(max_length=20)] = "",
    state: Annotated[str, Query(max_length=20)] = "open",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> dict[str, Any]:
    """Flags a page at a time, the surest first; `kind` is `patient`, `household` or empty.

    Only those with both accounts in your offices.
    """
    with ctx.read() as session:
        found = flags.listed(session, offices=ctx.office_codes, kind=kind, state=state, page=page)
    if found.flags:
        ctx.saw("duplicates.viewed", "account_flags", f"{len(found.flags)} of {found.count}")
    return {
        "count": found.count,
        "page": found.page,
        "pages": found.pages,
        "flags": [each.to_json() for each in found.flags],
    }


@routes.post("/api/v1/duplicates/{flag_id}", BILLING, summary="Answer one")
def answer(ctx: Ctx, flag_id: str, said: Said) -> dict[str, Any]:
    """Say whether both are the same."""
    with ctx.write() as session:
        done = flags.answer(session, flag_id, said.answer, ctx.actor, offices=ctx.office_codes)
    return done.to_json()
