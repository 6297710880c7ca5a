"""ACS files: the Postal Service's electronic notices of returned and forwarded mail, uploaded."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, UploadFile
from starlette.responses import Response

from returned_mail import acs_importing
from web.context import Ctx
from web.pages.billing import BILLING
from web.routes import Routes
from web.security import FORM_BYTES, TooLarge

routes = Routes()
_FILE_BYTES = 50_000_000
"""70,000 records of 700 characters."""


@routes.get("/returned-mail/acs", BILLING)
def acs_page(ctx: Ctx) -> Response:
    """Where a file is given in."""
    with ctx.read() as session:
        offices = ctx.visible_offices(session)
        pairs = [(each.code, each.name) for each in offices]
        return ctx.page("tasks/acs.html", offices=pairs, done=None)


@routes.post("/returned-mail/acs", BILLING, body_bytes=_FILE_BYTES + FORM_BYTES)
def acs_upload(ctx: Ctx, office: Annotated[str, Form(max_length=40)], file: UploadFile) -> Response:
    """Take a file in; what was refused is shown by line, with the reason."""
    data = file.file.read(_FILE_BYTES + 1)
    if len(data) > _FILE_BYTES:
        raise TooLarge("too_large", "The file has over 50 MB.", "Is it the right file?")
    with ctx.write() as session:
        where = ctx.office(session, office)
        done = acs_importing.import_file(
            session, ctx.store, data, file.filename or "acs", where.id, ctx.actor
        )
    with ctx.read() as session:
        offices = [(each.code, each.name) for each in ctx.visible_offices(session)]
        return ctx.page("tasks/acs.html", offices=offices, done=done)
