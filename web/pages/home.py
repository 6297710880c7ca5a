"""The start page: what waits for this person's role, each number a way in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from records.models import (
    AddressTask,
    Deposit,
    EvidenceWatch,
    Job,
    MatchStratum,
    Payment,
    Pickup,
    ReviewItem,
    SourceFile,
)
from web.context import Ctx
from web.rendering import NavItem
from web.routes import EVERYBODY, Routes

routes = Routes()
NAV: tuple[NavItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """One number and where it leads; ``tone`` colours it when it asks for work."""

    label: str
    count: int
    href: str
    tone: str


@routes.get("/", EVERYBODY)
def home(ctx: Ctx) -> Response:
    """Couriers start at their pickups, everybody else at what waits for them."""
    role = ctx.user.role
    if role == "courier":
        return RedirectResponse("/courier", 303)
    with ctx.read() as session:
        tiles = [_TILES[name](ctx, session) for name in _BY_ROLE[role]]
    return ctx.page("home.html", tiles=tiles)


def _count(session: Session, query: Select[str]) -> int:
    return int(session.scalar(select(func.count()).select_from(query.subquery())) or 0)


def _review(ctx: Ctx, session: Session) -> Tile:
    query = select(ReviewItem.id).where(ReviewItem.state != "done")
    count = _count(session, ctx.within(query, ReviewItem.office_id))
    return Tile("waiting for review", count, "/review", "warn" if count else "good")


def _tasks(ctx: Ctx, session: Session) -> Tile:
    query = select(AddressTask.id).where(AddressTask.state.in_(("open", "in_progress")))
    count = _count(session, ctx.within(query, AddressTask.office_id))
    return Tile("address tasks open", count, "/tasks", "info")


def _quarantine(ctx: Ctx, session: Session) -> Tile:
    query = select(SourceFile.id).where(SourceFile.state == "quarantined")
    count = _count(session, ctx.within(query, SourceFile.office_id))
    return Tile("files in quarantine", count, "/quarantine", "bad" if count else "good")


def _reading(ctx: Ctx, session: Session) -> Tile:
    states = ("received", "decoded", "split", "read")
    query = select(SourceFile.id).where(SourceFile.state.in_(states))
    count = _count(session, ctx.within(query, SourceFile.office_id))
    return Tile("files being read", count, "/files?state=reading", "info")


def _pickups(ctx: Ctx, session: Session) -> Tile:
    query = select(Pickup.id).where(Pickup.state != "closed")
    count = _count(session, ctx.within(query, Pickup.office_id))
    return Tile("pickups under way", count, "/courier", "info")


def _undeposited(ctx: Ctx, session: Session) -> Tile:
    query = select(Payment.id).where(Payment.deposit_state == "depositable", Payment.live)
    count = _count(session, ctx.within(query, Payment.office_id))
    return Tile("checks ready to deposit", count, "/billing", "info")


def _approvals(_: Ctx, session: Session) -> Tile:
    count = _count(session, select(Deposit.id).where(Deposit.state == "closed"))
    return Tile("deposits to approve", count, "/billing", "warn" if count else "good")


def _jobs(_: Ctx, session: Session) -> Tile:
    count = _count(session, select(Job.id).where(Job.state == "dead"))
    return Tile("jobs that gave up", count, "/jobs", "bad" if count else "good")


def _alarms(ctx: Ctx, session: Session) -> Tile:
    proved = select(MatchStratum.id).where(MatchStratum.alarmed_at.is_not(None))
    read = select(EvidenceWatch.id).where(EvidenceWatch.alarmed_at.is_not(None))
    count = _count(session, ctx.within(proved, MatchStratum.office_id))
    count += _count(session, ctx.within(read, EvidenceWatch.office_id))
    return Tile("matching alarms", count, "/matching", "bad" if count else "good")


_TILES = {
    "review": _review,
    "tasks": _tasks,
    "quarantine": _quarantine,
    "reading": _reading,
    "pickups": _pickups,
    "undeposited": _undeposited,
    "approvals": _approvals,
    "jobs": _jobs,
    "alarms": _alarms,
}
_BY_ROLE = {
    "specialist": ("review", "tasks", "reading", "quarantine"),
    "billing": ("undeposited", "approvals", "review", "quarantine", "alarms"),
    "admin": ("jobs", "quarantine", "reading", "pickups", "review", "alarms"),
    "auditor": ("review", "quarantine", "pickups"),
}
