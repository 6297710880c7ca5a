"""Quarantine: files that could not be read, why, and what can be done with each."""

from __future__ import annotations

from urllib.parse import quote

from sqlalchemy import select
from sqlalchemy.orm import selectinload
from starlette.responses import Response

from intake import uploads
from intake.decode import refusal
from intake.stored import masks_of
from records.errors import Conflict
from records.models import SourceFile
from web.context import Ctx
from web.pages.files import find
from web.rendering import NavItem
from web.routes import STAFF, Routes

CLEARERS = ("specialist", "billing", "admin")

routes = Routes()
NAV = (NavItem("Quarantine", "/quarantine", STAFF, 60),)


@routes.get("/quarantine", STAFF)
def quarantine(ctx: Ctx) -> Response:
    """Every quarantined file of the person's offices, with its reason and next step."""
    with ctx.read() as session:
        query = (
            select(SourceFile)
            .where(SourceFile.state == "quarantined")
            .options(selectinload(SourceFile.office), selectinload(SourceFile.pickup))
        )
        rows = session.scalars(
            ctx.within(query, SourceFile.office_id)
            .order_by(SourceFile.created_at.desc())
            .limit(200)
        ).all()
        entries = [(file, refusal(file.error_code or "").remedy) for file in rows]
        return ctx.page(
            "files/quarantine.html", entries=entries, may_clear=ctx.user.role in CLEARERS
        )


@routes.get("/quarantine/{file_ref}/original", STAFF)
def original(ctx: Ctx, file_ref: str) -> Response:
    """The original bytes, to be looked at elsewhere with care; the download is audited.

    Only of a file in quarantine, and never where a card number was blacked out on its pages.
    """
    with ctx.read() as session:
        file = find(session, file_ref)
        if file.state != "quarantined" or any(masks_of(page) for page in file.pages):
            raise Conflict(
                "original_kept_back",
                "The original of a file that was read is not given out: what is blacked out on "
                "its pages stands there.",
                "Look at its pages, or take the paper.",
            )
        sha256, name, file_id = file.sha256, file.name, file.id
    data = ctx.store.get(sha256)
    ctx.saw("file.downloaded", "source_file", file_id)
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    # Never its own type: a hostile file must not be shown by the browser under our address.
    return Response(
        data, media_type="application/octet-stream", headers={"content-disposition": disposition}
    )


@routes.post("/quarantine/{file_ref}/retry", CLEARERS)
def retry(ctx: Ctx, file_ref: str) -> Response:
    """Decode the file once more."""
    with ctx.write() as session:
        ref = uploads.retry(session, find(session, file_ref).id, ctx.actor).ref
    return ctx.back("/quarantine", f"{ref} is tried again.")


@routes.post("/quarantine/{file_ref}/dismiss", CLEARERS)
def dismiss(ctx: Ctx, file_ref: str) -> Response:
    """Set the file aside; its bytes stay."""
    with ctx.write() as session:
        ref = uploads.dismiss(session, find(session, file_ref).id, ctx.actor).ref
    return ctx.back("/quarantine", f"{ref} is set aside.")
