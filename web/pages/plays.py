"""What is done for each reason, and what is said and written: changed by administrators."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Query
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from records.errors import WrongUse
from records.models import AddressTask
from returned_mail import plays, texts
from returned_mail.reasons import PLAYS
from web.context import Context, Ctx
from web.routes import GROUP_ADMIN, Routes

routes = Routes()
Short = Annotated[str, Form(max_length=120)]
OfficeAsked = Annotated[str, Query(max_length=60)]
_RETRIES = {"no": "no", "after_fix": "once it is corrected", "after_wait": "once, after the hold",
            "same": "yes"}  # fmt: skip
_CLOCKS = {"pause": "pauses", "keep": "goes on", "stop": "stops", "policy": "by the group's rule"}


@routes.get("/admin/plays", GROUP_ADMIN)
def play_list(
    ctx: Ctx, office: OfficeAsked = "", reason: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """Every reason's play, of the group or of one office; one opened to be changed."""
    with ctx.read() as session:
        office_id = _office_id(ctx, session, office)
        rows = plays.table(session, office_id)
        chosen = next((each for each in rows if each.play.key == reason), None)
        return ctx.page(
            "admin/plays.html",
            rows=rows,
            chosen=chosen,
            past=plays.history(session, office_id, reason) if chosen else [],
            office=office,
            offices=_offices(ctx, session),
            retries=list(_RETRIES.items()),
            retry_words=_RETRIES,
            clocks=list(_CLOCKS.items()),
            clock_words=_CLOCKS,
        )


@routes.post("/admin/plays", GROUP_ADMIN)
def change_play(
    ctx: Ctx,
    reason: Short,
    office: Short = "",
    reset: Short = "",
    action: Annotated[str, Form(max_length=300)] = "",
    hold: Short = "",
    due_days: Short = "",
    retry: Short = "",
    collections: Short = "",
    contact_days: Short = "",
    remail_days: Short = "",
    supervisor_day: Short = "",
) -> Response:
    """Set a play, or put it back; tasks that are open keep theirs."""
    with ctx.write() as session:
        office_id = _office_id(ctx, session, office)
        if reset:
            plays.reset(session, office_id, reason, ctx.actor)
        else:
            settings: dict[str, Any] = {
                "action": action,
                "hold_days": None if not hold.strip() else _number(hold),
                "due_days": _number(due_days),
                "retry": retry,
                "collections": collections,
                "contact_days": [_number(each) for each in contact_days.split(",") if each.strip()],
                "remail_days": _number(remail_days),
                "supervisor_day": _number(supervisor_day),
            }
            plays.change(session, office_id, reason, settings, ctx.actor)
    title = PLAYS[reason].title
    where = f"?office={office}" if office else ""
    return ctx.back(f"/admin/plays{where}", f"{title}: {'put back' if reset else 'changed'}.")


@routes.get("/admin/task-texts", GROUP_ADMIN)
def text_page(
    ctx: Ctx,
    kind: Annotated[str, Query(max_length=20)] = "letter",
    language: Annotated[str, Query(max_length=2)] = "en",
    office: OfficeAsked = "",
    task: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """One text with its preview, filled in from a task where one is named."""
    with ctx.read() as session:
        office_id = _office_id(ctx, session, office)
        body = texts.body_of(session, office_id, kind, language)
        shown = _shown(ctx, session, task)
        page = ctx.page(
            "admin/task_texts.html",
            kind=kind,
            language=language,
            office=office,
            task=task,
            body=body,
            preview=texts.fill(body, shown[1]),
            names=texts.NAMES,
            kinds=[(each, each) for each in texts.KINDS],
            languages=list(texts.LANGUAGE_NAMES.items()),
            offices=_offices(ctx, session),
            longest=texts.LONGEST,
        )
    if shown[0]:
        ctx.saw("task.viewed", "address_task", shown[0])
    return page


@routes.post("/admin/task-texts", GROUP_ADMIN)
def change_text(
    ctx: Ctx,
    kind: Short,
    language: Short,
    office: Short = "",
    body: Annotated[str, Form(max_length=8000)] = "",
) -> Response:
    """Write a text; an empty one goes back to the level above."""
    with ctx.write() as session:
        texts.change(session, _office_id(ctx, session, office), kind, language, body, ctx.actor)
    return ctx.back(
        f"/admin/task-texts?kind={kind}&language={language}&office={office}", "The text is saved."
    )


def _shown(ctx: Context, session: Session, ref: str) -> tuple[str, dict[str, str]]:
    task = session.scalar(select(AddressTask).where(AddressTask.ref == ref)) if ref else None
    if task is None:
        return "", {
            "guarantor_name": "Rosa Alvarez", "office_name": "North Dental",
            "office_phone": "(937) 555-0100", "caller": ctx.user.display_name,
            "ref": "ADR-7K3-F9QX", "today": "2026-06-01",
        }  # fmt: skip
    return task.id, texts.values_of(task, ctx.user.display_name)


def _offices(ctx: Context, session: Session) -> list[tuple[str, str]]:
    return [("", "the whole group"), *((o.code, o.name) for o in ctx.visible_offices(session))]


def _office_id(ctx: Context, session: Session, code: str) -> str | None:
    return ctx.office(session, code).id if code else None


def _number(text: str) -> int:
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 4):
        raise WrongUse("wrong_play", f"{text!r} is no number of days.", "Type digits, such as 30.")
    return int(digits)
