"""Postings: what waits for each office's PMS, the files given to it, and its answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, UploadFile
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits import posting, posting_queue
from records.errors import NotFound
from records.models import Office, Posting, PostingExport
from web.context import Ctx
from web.pages.billing import BILLING, READERS
from web.rendering import NavItem
from web.routes import Routes
from web.security import FORM_BYTES, TooLarge

routes = Routes()
NAV = (NavItem("Postings", "/postings", frozenset(READERS), 25),)
_ANSWER_BYTES = 5_000_000


@routes.get("/postings", READERS)
def posting_page(ctx: Ctx) -> Response:
    """The queue of each office, the latest exports, and what went wrong."""
    with ctx.read() as session:
        offices = ctx.visible_offices(session)
        counts = {each.id: posting_queue.queue_counts(session, [each.id]) for each in offices}
        exports = session.scalars(
            ctx.within(select(PostingExport), PostingExport.office_id)
            .order_by(PostingExport.created_at.desc())
            .limit(50)
        ).all()
        troubled = session.scalars(
            ctx.within(
                select(Posting).where(Posting.state.in_(("failed", "unknown"))), Posting.office_id
            )
            .order_by(Posting.created_at.desc())
            .limit(100)
        ).all()
        return ctx.page(
            "billing/postings.html",
            offices=offices,
            counts=counts,
            exports=[(each, _states(session, each.id)) for each in exports],
            troubled=troubled,
            may_act=ctx.user.role in BILLING,
        )


@routes.post("/postings/export/{office_code}", BILLING)
def export(
    ctx: Ctx, office_code: str, form: Annotated[str, Form(pattern="^(csv|x12_835|)$")] = ""
) -> Response:
    """Write what waits for an office into a file."""
    with ctx.write() as session:
        office = session.scalars(
            select(Office).where((Office.code == office_code) | (Office.id == office_code))
        ).one()
        made = posting.export(session, ctx.store, office.id, ctx.actor, form or None)
        text = f"{made.ref}: {made.count} postings. Download it, then say what the PMS took."
    return ctx.back("/postings", text)


@routes.get("/postings/exports/{export_ref}/file", BILLING)
def download(ctx: Ctx, export_ref: str) -> Response:
    """The export's file."""
    with ctx.read() as session:
        made = _find(session, export_ref)
        name, sha256, export_id = made.file_name, made.file_sha256, made.id
    ctx.saw("posting_export.downloaded", "posting_export", export_id)
    return Response(
        ctx.store.get(sha256),
        media_type="application/octet-stream",
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        },
    )


@routes.post("/postings/exports/{export_ref}/acknowledge", BILLING)
def acknowledge(ctx: Ctx, export_ref: str) -> Response:
    """The PMS took every line."""
    with ctx.write() as session:
        posting.acknowledge(session, _find(session, export_ref).id, "all", {}, ctx.actor)
    return ctx.back("/postings", f"{export_ref}: all posted.")


@routes.post(
    "/postings/exports/{export_ref}/answer", BILLING, body_bytes=_ANSWER_BYTES + FORM_BYTES
)
def answer(ctx: Ctx, export_ref: str, file: UploadFile) -> Response:
    """The PMS's own answer, line by line; what it refused goes back to review."""
    content = file.file.read(_ANSWER_BYTES + 1)
    if len(content) > _ANSWER_BYTES:
        raise TooLarge("too_large", "The answer has over 5 MB.", "Is it the right file?")
    with ctx.write() as session:
        text = content.decode("utf-8-sig", errors="replace")
        posting.acknowledge_file(session, _find(session, export_ref).id, text, ctx.actor)
    return ctx.back("/postings", f"{export_ref}: answer taken over.")


@routes.post("/postings/exports/{export_ref}/unknown", BILLING)
def unknown(ctx: Ctx, export_ref: str) -> Response:
    """Nobody knows whether the PMS took it: nothing is sent again before it is looked up."""
    with ctx.write() as session:
        posting.mark_unknown(session, _find(session, export_ref).id, ctx.actor)
    return ctx.back("/postings", f"{export_ref}: to be looked up in the PMS.")


@routes.post("/postings/exports/{export_ref}/looked-up", BILLING)
def looked_up(
    ctx: Ctx, export_ref: str, found: Annotated[list[str] | None, Form()] = None
) -> Response:
    """What was found in the PMS after all; the rest is missing there and goes back."""
    taken = set(found or ())
    with ctx.write() as session:
        made = _find(session, export_ref)
        open_refs = {each.ref for each in _of(session, made.id) if each.state == "unknown"}
        posting.resolve_unknown(session, made.id, taken & open_refs, open_refs - taken, ctx.actor)
    return ctx.back("/postings", f"{export_ref}: looked up.")


def _find(session: Session, ref: str) -> PostingExport:
    found = session.scalar(
        select(PostingExport).where((PostingExport.ref == ref) | (PostingExport.id == ref))
    )
    if found is None:
        raise NotFound("unknown_export", "There is no such export.", "Reload the page.")
    return found


def _of(session: Session, export_id: str) -> list[Posting]:
    return list(
        session.scalars(select(Posting).where(Posting.export_id == export_id).order_by(Posting.id))
    )


def _states(session: Session, export_id: str) -> dict[str, int]:
    states: dict[str, int] = {}
    for each in _of(session, export_id):
        states[each.state] = states.get(each.state, 0) + 1
    return states
