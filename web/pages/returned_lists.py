"""Statements on hold, and statements to be mailed again: lists, files for the print vendor."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from records import audit, clock
from records.errors import NotFound
from records.spreadsheets import plain
from returned_mail import holds, remails
from returned_mail.reasons import play
from web.context import Context, Ctx
from web.routes import STAFF, Routes
from web.task_access import WORKERS, is_supervisor

routes = Routes()
_RECENT = timedelta(days=14)
_HOLD_COLUMNS = ("account_number", "office_code", "task", "reason", "since", "until",
                 "collections")  # fmt: skip


@routes.get("/statement-holds", STAFF)
def hold_list(ctx: Ctx) -> Response:
    """Accounts to which no statement is mailed now, and why."""
    with ctx.read() as session:
        rows = holds.held(session, ctx.offices)
    ctx.saw("holds.listed", "group", "statement_holds")
    return ctx.page("tasks/holds.html", rows=rows, play=play, supervises=is_supervisor(ctx))


@routes.get("/statement-holds.csv", STAFF)
def hold_file(ctx: Ctx) -> Response:
    """The same for the statement run: leave these accounts out."""
    with ctx.read() as session:
        rows = [each.to_json() for each in holds.held(session, ctx.offices)]
    out = io.StringIO()
    write = csv.DictWriter(out, _HOLD_COLUMNS)
    write.writeheader()
    for row in rows:
        write.writerow({name: plain(value or "") for name, value in row.items()})
    ctx.saw("holds.exported", "group", "statement_holds")
    return _file(out.getvalue(), f"statement-holds-{clock.now():%Y-%m-%d}.csv")


@routes.get("/remails", STAFF)
def remail_list(ctx: Ctx) -> Response:
    """Statements to be mailed again, the longest due first, and what went out lately."""
    now = clock.now()
    with ctx.read() as session:
        page = ctx.page(
            "tasks/remails.html",
            rows=remails.waiting(session, ctx.offices),
            mailed=remails.mailed_lately(session, ctx.offices, now - _RECENT),
            why=remails.WHY,
            today=now.date(),
            may_act=ctx.user.role in WORKERS,
        )
    ctx.saw("remails.listed", "group", "remails")
    return page


@routes.get("/remails.csv", WORKERS)
def remail_file(ctx: Ctx) -> Response:
    """The list for the print vendor, with names and addresses; the look is audited row by row."""
    with ctx.write() as session:
        rows = remails.for_vendor(session, ctx.offices, ctx.actor)
        text = remails.to_csv(rows)
        for row in rows:
            audit.record(
                session, actor=ctx.actor, action="remail.exported", subject_kind="address_task",
                subject_id=row.task_id, detail={"remail": row.ref},
            )  # fmt: skip
    return _file(text, f"remails-{clock.now():%Y-%m-%d}.csv")


@routes.post("/remails/mailed", WORKERS)
def mark_mailed(ctx: Ctx, remail: Annotated[list[str], Form()] = []) -> Response:  # noqa: B006
    """Say that the ticked statements went out; none of them goes out a second time."""
    with ctx.write() as session:
        _in_sight(ctx, {row.ref for row in remails.waiting(session, ctx.offices)}, remail)
        count = remails.mark_mailed(session, remail, ctx.actor)
    return ctx.back("/remails", f"{count} mailed.")


def _in_sight(ctx: Context, seen: set[str], refs: list[str]) -> None:
    """Of another office, mailed, or taken back: answered alike, nothing is changed."""
    del ctx
    if not refs or set(refs) - seen:
        raise NotFound("unknown_remail", "One of them is not on the list.", "Reload the list.")


def _file(text: str, name: str) -> Response:
    return Response(text, media_type="text/csv", headers={
        "content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store",
    })  # fmt: skip
