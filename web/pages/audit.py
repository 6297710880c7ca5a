"""The audit chain: who did or saw what, when; with filters, and a check of the whole chain."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Final

from fastapi import Query
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from starlette.responses import Response

from records import audit as chain
from records.models import AuditEvent
from web import audit_scope, forms
from web.context import Context, Ctx
from web.rendering import NavItem
from web.routes import Routes

READERS = ("auditor", "admin")
_PAGE: Final = 100

routes = Routes()
NAV = (NavItem("Audit", "/audit", frozenset(READERS), 80),)


@routes.get("/audit", READERS)
def audit(
    ctx: Ctx,
    who: str = "",
    action: str = "",
    subject: str = "",
    on: str = "",
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
) -> Response:
    """Events, newest first, narrowed by person, action, subject and day."""
    with ctx.read() as session:
        return _page(
            ctx, session, {"who": who, "action": action, "subject": subject, "on": on}, before, None
        )


@routes.post("/audit/verify", READERS)
def verify(ctx: Ctx) -> Response:
    """Recompute every hash from the first row to the last."""
    with ctx.read() as session:
        result = chain.verify(session)
    with ctx.write() as session:
        chain.record(
            session,
            actor=ctx.actor,
            action="audit.verified",
            subject_kind="audit",
            subject_id="chain",
            detail={"ok": result.ok, "count": result.count},
        )
    with ctx.read() as session:
        empty = dict.fromkeys(("who", "action", "subject", "on"), "")
        return _page(ctx, session, empty, None, result)


def _page(
    ctx: Context,
    session: Session,
    filters: dict[str, str],
    before: int | None,
    result: chain.Verification | None,
) -> Response:
    query = _narrowed(select(AuditEvent), filters)
    if ctx.offices is not None:
        query = query.where(audit_scope.within(ctx.offices))
    if before is not None:
        query = query.where(AuditEvent.seq < before)
    rows = session.scalars(query.order_by(AuditEvent.seq.desc()).limit(_PAGE + 1)).all()
    older = rows[_PAGE - 1].seq if len(rows) > _PAGE else None
    return ctx.page(
        "audit/list.html", events=rows[:_PAGE], filters=filters, older=older, result=result
    )


def _narrowed(query: Select[AuditEvent], filters: dict[str, str]) -> Select[AuditEvent]:
    if who := filters["who"].strip():
        query = query.where(AuditEvent.actor.contains(who, autoescape=True))
    if action := filters["action"].strip():
        query = query.where(AuditEvent.action.contains(action, autoescape=True))
    if subject := filters["subject"].strip():
        query = query.where(
            (AuditEvent.subject_id == subject) | (AuditEvent.subject_kind == subject)
        )
    if day := forms.optional_day(filters["on"], "The day"):
        start = datetime.combine(day, time(), UTC)
        query = query.where(AuditEvent.at >= start, AuditEvent.at < start + timedelta(days=1))
    return query
