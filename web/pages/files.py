"""Received files: which came, what became of each, and its envelopes."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from starlette.responses import Response

from records.errors import NotFound
from records.models import MailTransaction, SourceFile
from web.arrival import why_another_day
from web.context import Ctx
from web.rendering import NavItem
from web.routes import STAFF, Routes
from web.task_access import kept_back

routes = Routes()
NAV = (NavItem("Files", "/files", STAFF, 40),)
_SHOWN: Final = 100
_STATES: Final = {
    "reading": ("received", "decoded", "split", "read"),
    "done": ("done",),
    "quarantined": ("quarantined",),
    "dismissed": ("dismissed",),
}


@routes.get("/files", STAFF)
def files(ctx: Ctx, state: str = "") -> Response:
    """The latest files of the person's offices."""
    with ctx.read() as session:
        query = ctx.within(select(SourceFile), SourceFile.office_id)
        if state in _STATES:
            query = query.where(SourceFile.state.in_(_STATES[state]))
        rows = session.scalars(
            query.options(selectinload(SourceFile.office))
            .order_by(SourceFile.created_at.desc())
            .limit(_SHOWN)
        ).all()
        return ctx.page(
            "files/list.html", files=rows, state=state, states=list(_STATES), shown=_SHOWN
        )


@routes.get("/files/{file_ref}", STAFF)
def file_page(ctx: Ctx, file_ref: str) -> Response:
    """One file with its envelopes and what was read in each."""
    with ctx.read() as session:
        file = find(session, file_ref)
        page = ctx.page(
            "files/file.html",
            file=file,
            envelopes=_envelopes(session, file.id),
            kept_back=kept_back(ctx, session, [each.id for each in file.pages]),
            why=why_another_day(file.created_at, file.received_on, file.office.bank_account),
        )
        file_id = file.id
    ctx.saw("file.viewed", "source_file", file_id)
    return page


def find(session: Session, ref: str) -> SourceFile:
    """The file of this reference or id; NotFound."""
    found = session.scalar(
        select(SourceFile).where((SourceFile.ref == ref) | (SourceFile.id == ref))
    )
    if found is None:
        raise NotFound("unknown_file", "There is no such file.", "Open it from the list.")
    return found


def _envelopes(session: Session, file_id: str) -> list[dict[str, Any]]:
    query = (
        select(MailTransaction)
        .options(selectinload(MailTransaction.documents))
        .where(MailTransaction.source_file_id == file_id, MailTransaction.live)
        .order_by(MailTransaction.position)
    )
    return [
        {
            "ref": each.ref,
            "state": each.state,
            "pages": each.page_ids,
            "kinds": [document.kind for document in each.documents if document.live],
        }
        for each in session.scalars(query)
    ]
