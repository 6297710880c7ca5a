"""ACS files: the Postal Service's electronic notices of returned and forwarded mail, uploaded."""

from __future__ import annotations

from typing import Annotated, Final

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
_SAID: Final = {
    "new": "{ref}: its notices are being taken.",
    "begun_again": "{ref} was given before and is not through: it goes on where it stopped.",
    "known": "{ref}: this very file was taken before. Nothing was done.",
    "elsewhere": "Another office gave in this very file before. Its notices went where their"
    " accounts are; what names none for sure is with that office, which can pass it on.",
}


@routes.get("/returned-mail/acs", BILLING)
def acs_page(ctx: Ctx) -> Response:
    """Where a file is given in, and how far the latest ones are."""
    with ctx.read() as session:
        pairs = [(each.code, each.name) for each in ctx.visible_offices(session)]
        latest = acs_importing.progress(session, ctx.offices)
    return ctx.page("tasks/acs.html", offices=pairs, latest=latest)


@routes.get("/returned-mail/acs/progress", BILLING)
def acs_progress(ctx: Ctx) -> Response:
    """How far the latest files are, as a piece of the page."""
    with ctx.read() as session:
        latest = acs_importing.progress(session, ctx.offices)
    return ctx.page("tasks/_acs_files.html", latest=latest)


@routes.post("/returned-mail/acs", BILLING, body_bytes=_FILE_BYTES + FORM_BYTES)
def acs_upload(ctx: Ctx, office: Annotated[str, Form(max_length=40)], file: UploadFile) -> Response:
    """Keep a file; jobs take it in. What is refused is shown by line, with the reason."""
    data = file.file.read(_FILE_BYTES + 1)
    if len(data) > _FILE_BYTES:
        raise TooLarge("too_large", "The file has over 50 MB.", "Is it the right file?")
    with ctx.read() as session:
        office_id = ctx.office(session, office).id
    # Sealed and stored before the transaction: nobody waits for 50 MB to be written.
    prepared = acs_importing.prepare(ctx.store, data)
    with ctx.write() as session:
        given = acs_importing.give(session, prepared, file.filename or "acs", office_id, ctx.actor)
    return ctx.back("/returned-mail/acs", _SAID[given.outcome].format(ref=given.file_ref))
