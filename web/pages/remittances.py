"""Remittances: the list of those to check, and one of them as picture beside grid."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Form, Query
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from matching import promoting
from matching import remittance_grid as grid
from matching.remittance_keying import newest, save
from records.models import Remittance
from web import remittance_doubts, remittance_view
from web.asked import WORKERS
from web.context import Ctx
from web.remittance_form import BODY_BYTES, GridIn
from web.rendering import NavItem
from web.routes import Routes

routes = Routes()
READERS = (*WORKERS, "auditor")
NAV = (NavItem("Remittances", "/remittances", frozenset(READERS), 22),)


@routes.get("/remittances", READERS)
def list_page(ctx: Ctx, show: Annotated[Literal["", "all"], Query()] = "") -> Response:
    """What is to be checked, the oldest first; with ``all`` what was read as well."""
    with ctx.read() as session:
        rows = remittance_view.rows(session, ctx.offices, waiting=show != "all")
    ctx.saw("remittances.listed", "group", "remittances")
    return ctx.page(
        "remittances/list.html", rows=rows, show=show, most=remittance_view.MOST_SHOWN,
        least=remittance_view.least(),
    )  # fmt: skip


@routes.get("/remittances/{remittance_ref}", READERS)
def grid_page(ctx: Ctx, remittance_ref: str) -> Response:
    """The pages of one remittance beside its grid."""
    with ctx.read() as session:
        row = _row(session, remittance_ref)
        view = remittance_view.view(session, row)
        document_id = row.document_id
    ctx.saw("remittance.viewed", "document", document_id)
    return ctx.page(
        "remittances/grid.html", view=view, columns=grid,
        may_work=ctx.user.role in WORKERS,
    )  # fmt: skip


@routes.post("/remittances/{remittance_ref}/balance", WORKERS, body_bytes=BODY_BYTES)
def balance(ctx: Ctx, remittance_ref: str, typed: GridIn) -> Response:
    """What the grid as typed comes to, and where it is out; nothing is kept."""
    with ctx.read() as session:
        body = newest(_row(session, remittance_ref).document, typed.version).sealed
    return JSONResponse(remittance_doubts.balance(body, typed.typed(), ctx.actor))


@routes.post("/remittances/{remittance_ref}/save", WORKERS, body_bytes=BODY_BYTES)
def keep(ctx: Ctx, remittance_ref: str, typed: GridIn) -> Response:
    """Keep the grid as a new reading, and say which remittance is to be checked next."""
    with ctx.write() as session:
        row = _row(session, remittance_ref)
        made = save(session, row.document_id, typed.version, typed.typed(), ctx.actor)
        session.flush()
        answer: dict[str, Any] = {
            "version": made.version, "read_state": row.read_state,
            "doubtful": row.doubtful, "partner_state": row.partner_state,
            "next": remittance_view.next_ref(session, ctx.offices, row),
        }  # fmt: skip
    return JSONResponse(answer)


@routes.post("/remittances/{remittance_ref}/not-remittance", WORKERS)
def not_remittance(ctx: Ctx, remittance_ref: str, version: Annotated[int, Form()]) -> Response:
    """It is no remittance: the question what it is opens, where it can be taken back."""
    with ctx.write() as session:
        row = _row(session, remittance_ref)
        item = promoting.not_remittance(session, row.ref, version, ctx.actor).ref
    return ctx.back(f"/review/{item}", f"{remittance_ref} is no remittance: say what it is.")


@routes.post("/remittances/{remittance_ref}/ask-again", WORKERS)
def ask_again(ctx: Ctx, remittance_ref: str) -> Response:
    """What was said to be no remittance is asked about again; its question opens."""
    with ctx.write() as session:
        ref = _row(session, remittance_ref).ref
        item = promoting.ask_again(session, ref, ctx.actor, ctx.offices).ref
    return ctx.back(f"/review/{item}", f"{ref}: say what it is.")


def _row(session: Session, ref: str) -> Remittance:
    query = select(Remittance).where((Remittance.ref == ref) | (Remittance.id == ref))
    return session.scalars(query).one()
