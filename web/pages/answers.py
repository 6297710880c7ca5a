"""Undoing one's own last answer, whichever login or machine it was given from."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from matching import answers
from web import failures
from web.context import Ctx
from web.routes import Routes

routes = Routes()
WORKERS = ("specialist", "billing", "admin")


@routes.post("/review/undo", WORKERS)
def undo_last(ctx: Ctx) -> Response:
    """Take the person's last answer back; a script gets its question, a browser is sent there."""
    with ctx.write() as session:
        ref = answers.undo_last(session, ctx.actor, offices=ctx.office_codes).ref
    if failures.wants_json(ctx.request):
        return JSONResponse({"item": ref})
    return ctx.back(f"/review/{ref}", "The question is open again.")
