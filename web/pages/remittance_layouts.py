"""Column roles of a payer's layout: corrected once, and the remittance is read again by them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from matching import rereading
from matching.readings import value_of
from matching.remittance_keying import newest
from ocr import payer_layouts
from records import audit
from records.errors import WrongUse
from records.models import Job, Remittance
from web import failures, layout_view, reread
from web.asked import WORKERS
from web.context import Ctx, Typed
from web.routes import Routes

# This file is found before that of /remittances/{remittance_ref}.
routes = Routes()


@routes.post("/remittances/{remittance_ref}/columns", WORKERS)
def teach(ctx: Ctx, remittance_ref: str, form: Typed) -> Response:
    """Keep the roles as a layout, and read the remittance again by it.

    A few pages are read at once, more of them by a worker (``queued``).
    """
    roles = {name.removeprefix("role_"): str(value) for name, value in form.items()
             if name.startswith("role_")}  # fmt: skip
    with ctx.write() as session:
        document = _row(session, remittance_ref).document
        body = newest(document, _version(str(form.get("version") or ""))).sealed
        layout = layout_view.layout_of(body)
        if layout is None:
            raise WrongUse("no_layout", "No table was recognised here.", "Key its lines.")
        columns = [
            {**each, "role": roles.get(str(index), each.get("role") or "") or None}
            for index, each in enumerate(layout["columns"])
        ]
        fields = body.get("fields") or {}
        keyed = str(value_of(fields, "payer_name") or "")
        own = payer_layouts.of_named_payer({**layout, "columns": columns}, keyed)
        own = payer_layouts.without_people(own, value_of(fields, "claims") or ())
        made = payer_layouts.keep(session, own, ctx.actor)
        audit.record(session, actor=ctx.actor, action="layout.taught", subject_kind="document",
                     subject_id=document.id,
                     detail={"version": made.version, "columns": len(columns),
                             "unknown": payer_layouts.roles(columns).count(None)})  # fmt: skip
        document_id, key = document.id, made.id
    queued = reread.again(ctx, document_id, key)
    if failures.wants_json(ctx.request):
        return JSONResponse({"queued": queued})
    said = "It is being read again." if queued else "It was read again."
    return ctx.back(f"/remittances/{remittance_ref}", said)


@routes.get("/remittances/{remittance_ref}/version", WORKERS)
def version(ctx: Ctx, remittance_ref: str) -> Response:
    """The version of the newest reading, and whether it is being read again; for a waiting page."""
    with ctx.read() as session:
        row = _row(session, remittance_ref)
        query = select(Job.id).where(
            Job.stage == rereading.STAGE.name, Job.subject_id == row.document_id,
            Job.state.in_(("queued", "running")),
        )  # fmt: skip
        pending = session.scalars(query.limit(1)).first() is not None
        return JSONResponse({"version": row.document.reading.version, "pending": pending})


def _row(session: Session, ref: str) -> Remittance:
    query = select(Remittance).where((Remittance.ref == ref) | (Remittance.id == ref))
    return session.scalars(query).one()


def _version(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise WrongUse("wrong_grid", "The form names no version.", "Reload the page.")
    return int(text)
