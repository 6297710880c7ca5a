"""The page editor: turn pages and divide a file into envelopes by hand, by mouse or keyboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from intake import editing
from records.errors import WrongUse
from records.models import MailTransaction, PageImage, SourceFile
from web.context import Ctx
from web.pages.files import find
from web.routes import Routes
from web.task_access import kept_back

EDITORS = ("specialist", "billing", "admin")
_GROUPS = TypeAdapter(list[list[str]])

routes = Routes()


@routes.get("/files/{file_ref}/edit", EDITORS)
def editor(ctx: Ctx, file_ref: str) -> Response:
    """All pages of a file, grouped as envelopes, and those left out."""
    with ctx.read() as session:
        file = find(session, file_ref)
        envelopes, rest = _groups(session, file)
        closed = kept_back(ctx, session, [each.id for each in file.pages])
        page = ctx.page(
            "files/editor.html", file=file, envelopes=envelopes, rest=rest, kept_back=closed
        )
        file_id = file.id
    ctx.saw("file.viewed", "source_file", file_id)
    return page


@routes.post("/pages/{page_id}/rotate", EDITORS)
def rotate(ctx: Ctx, page_id: str, degrees: Annotated[int, Form()]) -> Response:
    """Turn one page clockwise; its envelope is read again."""
    with ctx.write() as session:
        editing.rotate(session, page_id, degrees, ctx.actor)
        page = session.get_one(PageImage, page_id)
        answer = {"page": page_id, "rotation": page.rotation}
    return JSONResponse(answer)


@routes.post("/files/{file_ref}/regroup", EDITORS)
def regroup(ctx: Ctx, file_ref: str, groups: Annotated[str, Form(max_length=500_000)]) -> Response:
    """Make the envelopes as given: JSON, a list of lists of page ids."""
    try:
        wanted = _GROUPS.validate_json(groups)
    except ValidationError as error:
        raise WrongUse(
            "wrong_pages", "The envelopes could not be understood.", "Reload the page editor."
        ) from error
    with ctx.write() as session:
        file = find(session, file_ref)
        editing.regroup(session, file.id, wanted, ctx.actor)
        ref = file.ref
    return ctx.back(f"/files/{ref}", f"{len(wanted)} envelopes. What changed is read again.")


def _groups(
    session: Session, file: SourceFile
) -> tuple[Sequence[tuple[MailTransaction, list[PageImage]]], list[PageImage]]:
    """The live envelopes with their pages, and the pages that are in none of them."""
    pages = {page.id: page for page in file.pages}
    live = session.scalars(
        select(MailTransaction)
        .where(MailTransaction.source_file_id == file.id, MailTransaction.live)
        .order_by(MailTransaction.position)
    ).all()
    taken = {page_id for each in live for page_id in each.page_ids}
    groups = [(each, [pages[key] for key in each.page_ids if key in pages]) for each in live]
    return groups, [page for key, page in pages.items() if key not in taken]
