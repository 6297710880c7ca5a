"""Postings: what waits for each office's PMS, the files given to it, and its answers."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, UploadFile
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits import (
    pms,
    posting,
    posting_connections,
    posting_late_rows,
    posting_queue,
    posting_sending,
)
from deposits.posting_late import REASONS
from records import clock
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
_LINES_AT_ONCE = 10
"""What a person waits for while it is sent: three requests a line, one a second."""
_LATE_LINES = 100


@routes.get("/postings", READERS)
def posting_page(ctx: Ctx) -> Response:
    """The queue of each office, what is late, the latest exports, and what went wrong."""
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
        late = posting_late_rows.report(session, clock.now(), ctx.offices)
        return ctx.page(
            "billing/postings.html",
            offices=offices,
            counts=counts,
            sent={each.id for each in offices if posting_connections.is_on(session, each.id)},
            line_by_line=pms.SENT,
            late=late.to_json(),
            late_lines=[(line, line.age_hours(late.at)) for line in late.lines[:_LATE_LINES]],
            reasons=REASONS,
            exports=[(each, _of(session, each.id)) for each in exports],
            troubled=troubled,
            may_act=ctx.user.role in BILLING,
        )


@routes.post("/postings/export/{office_code}", BILLING)
def export(
    ctx: Ctx,
    office_code: str,
    form: Annotated[str, Form(pattern="^(csv|x12_835|x12_835_4010|)$")] = "",
) -> Response:
    """Write what waits for an office into a file."""
    with ctx.write() as session:
        office = session.scalars(
            select(Office).where((Office.code == office_code) | (Office.id == office_code))
        ).one()
        made = posting.export(session, ctx.store, office.id, ctx.actor, form or None)
        text = f"{made.ref}: {made.count} postings. Download it, then say what the PMS took."
    return ctx.back("/postings", text)


@routes.post("/postings/send/{office_code}", BILLING)
def send(ctx: Ctx, office_code: str) -> Response:
    """Look up what is unknown in the office's PMS, then send some of what waits."""
    with ctx.read() as session:
        office_id = ctx.office(session, office_code).id
    with posting_connections.sender(ctx.db, office_id) as (sender, requests):
        run = posting_sending.Run(ctx.db, ctx.store, office_id, sender, requests, ctx.actor)
        done = run.send(_LINES_AT_ONCE)
    parts = [
        f"{done.posted} posted", f"{done.failed} refused", f"{done.unknown} unknown",
        f"{done.again} not taken and queued again", f"{done.left} left: send again",
    ]  # fmt: skip
    said = ", ".join(part for part in parts if not part.startswith("0 "))
    return ctx.back("/postings", f"{said[:1].upper()}{said[1:]}." if said else "Nothing waits.")


@routes.post("/postings/{posting_ref}/retry", BILLING)
def retry(ctx: Ctx, posting_ref: str) -> Response:
    """Queue a refused reversal again, once the PMS's reason is gone."""
    with ctx.write() as session:
        found = session.scalars(select(Posting).where(Posting.ref == posting_ref)).one()
        posting.retry(session, found.id, ctx.actor)
    return ctx.back("/postings", f"{posting_ref}: queued again.")


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
        posting.acknowledge_file(session, _find(session, export_ref).id, content, ctx.actor)
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
