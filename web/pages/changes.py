"""Account changes: what each office's PMS has to be told of addresses, its files and answers."""

from __future__ import annotations

from fastapi import UploadFile
from starlette.responses import Response

from records import pms_access
from returned_mail import outbox_csv, outbox_files, outbox_lists, outbox_sending
from web.context import Ctx
from web.pages.billing import BILLING, READERS
from web.rendering import NavItem
from web.routes import Routes
from web.security import FORM_BYTES, TooLarge

routes = Routes()
NAV = (NavItem("Account changes", "/changes", frozenset(READERS), 26),)
_ANSWER_BYTES = 5_000_000
_AT_ONCE = 10
"""What a person waits for while it is sent: three requests a change, one a second."""


@routes.get("/changes", READERS)
def change_page(ctx: Ctx) -> Response:
    """The queue of each office with its age, what was refused and why, and the latest files."""
    with ctx.read() as session:
        offices = ctx.visible_offices(session)
        rows = outbox_lists.rows(session, ctx.offices)
        page = ctx.page(
            "billing/changes.html",
            offices=offices,
            counts={each.id: outbox_lists.counts(session, [each.id]) for each in offices},
            connected={each.id for each in offices if pms_access.is_on(session, each.id)},
            waiting=[row for row in rows if row.state != "refused"],
            refused=[row for row in rows if row.state == "refused"],
            exports=[
                (each, outbox_lists.of_export(session, each.id))
                for each in outbox_lists.exports(session, ctx.offices)
            ],
            may_act=ctx.user.role in BILLING,
        )
    ctx.saw("account_changes.listed", "group", "account_changes")
    return page


@routes.post("/changes/export/{office_code}", BILLING)
def export(ctx: Ctx, office_code: str) -> Response:
    """Write what waits for an office into a file."""
    with ctx.write() as session:
        office = ctx.office(session, office_code)
        made = outbox_files.export(session, ctx.store, office.id, ctx.actor)
        text = f"{made.ref}: {made.count} changes. Download it, then say what the PMS took."
    return ctx.back("/changes", text)


@routes.post("/changes/send/{office_code}", BILLING)
def send(ctx: Ctx, office_code: str) -> Response:
    """Look up what is unknown in the office's PMS, then send some of what waits."""
    with ctx.read() as session:
        office_id = ctx.office(session, office_code).id
    with outbox_sending.sender(ctx.db, office_id) as (sender, requests):
        run = outbox_sending.Run(ctx.db, office_id, sender, requests, ctx.actor)
        done = run.send(_AT_ONCE)
    parts = [
        f"{done.acknowledged} taken", f"{done.refused} refused", f"{done.sent} unknown",
        f"{done.again} not taken and queued again", f"{done.left} left: send again",
    ]  # fmt: skip
    said = ", ".join(part for part in parts if not part.startswith("0 "))
    return ctx.back("/changes", f"{said[:1].upper()}{said[1:]}." if said else "Nothing waits.")


@routes.get("/changes/exports/{change_export_ref}/file", BILLING)
def download(ctx: Ctx, change_export_ref: str) -> Response:
    """The export's file, the same bytes each time; each look is on record."""
    with ctx.write() as session:
        name = outbox_files.find(session, change_export_ref).file_name
        data = outbox_files.resend(session, ctx.store, change_export_ref, ctx.actor)
    return Response(
        data,
        media_type="application/octet-stream",
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        },
    )


@routes.post("/changes/exports/{change_export_ref}/acknowledge", BILLING)
def acknowledge(ctx: Ctx, change_export_ref: str) -> Response:
    """The PMS took every line."""
    with ctx.write() as session:
        outbox_files.acknowledge(session, change_export_ref, None, ctx.actor)
    return ctx.back("/changes", f"{change_export_ref}: all taken.")


@routes.post(
    "/changes/exports/{change_export_ref}/answer", BILLING, body_bytes=_ANSWER_BYTES + FORM_BYTES
)
def answer(ctx: Ctx, change_export_ref: str, file: UploadFile) -> Response:
    """The PMS's own answer, line by line."""
    content = file.file.read(_ANSWER_BYTES + 1)
    if len(content) > _ANSWER_BYTES:
        raise TooLarge("too_large", "The answer has over 5 MB.", "Is it the right file?")
    said = outbox_csv.read_answers(content)
    with ctx.write() as session:
        outbox_files.acknowledge(session, change_export_ref, said, ctx.actor)
    return ctx.back("/changes", f"{change_export_ref}: answer taken over.")


@routes.post("/changes/{change_ref}/requeue", BILLING)
def requeue(ctx: Ctx, change_ref: str) -> Response:
    """Queue a refused change again, once the reason is gone."""
    with ctx.write() as session:
        outbox_files.requeue(session, change_ref, ctx.actor)
    return ctx.back("/changes", f"{change_ref}: queued again.")


@routes.post("/changes/{change_ref}/by-hand", BILLING)
def by_hand(ctx: Ctx, change_ref: str) -> Response:
    """A refused change was entered in the PMS by a person."""
    with ctx.write() as session:
        outbox_files.entered_by_hand(session, change_ref, ctx.actor)
    return ctx.back("/changes", f"{change_ref}: entered by hand.")
