"""The queue of questions, and leases so that two specialists never hold one of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from matching import questions
from records import audit, clock
from records.errors import Conflict, NotFound
from records.models import AuditEvent, Office, ReviewItem, User
from records.settings import load_settings
from records.workflow import REVIEW, move

_LEASED = "review.leased"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue; ``kind`` is ``payment``, ``remittance`` or ``document``.

    ``state`` is ``open`` or ``leased`` (then ``leased_by`` holds it). ``holder`` is that person's
    name, ``leased_at`` when they opened it; empty and None else.
    """

    item_id: str
    ref: str
    office_code: str
    kind: str
    asks: tuple[str, ...]
    value_cents: int
    received_at: datetime
    leased_by: str | None
    state: str
    holder: str = ""
    leased_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The row as the command line and the API print it."""
        return {
            "item_id": self.item_id,
            "ref": self.ref,
            "office_code": self.office_code,
            "kind": self.kind,
            "asks": list(self.asks),
            "value_cents": self.value_cents,
            "received_at": _instant(self.received_at),
            "leased_by": self.leased_by,
            "leased_at": None if self.leased_at is None else _instant(self.leased_at),
            "state": self.state,
        }


@dataclass(frozen=True, slots=True)
class Holding:
    """What one person has in hand: how many questions, the first of them since when."""

    actor: str
    name: str
    count: int
    since: datetime | None


def queue(session: Session, *, offices: Collection[str] | None, limit: int = 200) -> list[QueueRow]:
    """The open questions of these offices (codes; None for all), the largest and oldest first."""
    query = (
        _scoped(offices)
        .where(ReviewItem.state != "done")
        .options(joinedload(ReviewItem.office), joinedload(ReviewItem.document))
    )
    now = clock.now()
    items = session.scalars(_ordered(query).limit(limit)).all()
    held = {each.id for each in items if each.state == "leased" and _lasts(each, now)}
    names = _names(session, {str(each.leased_by) for each in items if each.id in held})
    since = _taken_at(session, held)
    return [
        QueueRow(
            item_id=item.id,
            ref=item.ref,
            office_code=item.office.code,
            kind=_kind(item),
            asks=tuple(item.asks),
            value_cents=item.value_cents,
            received_at=item.created_at,
            leased_by=item.leased_by if item.id in held else None,
            state="leased" if item.id in held else "open",
            holder=names.get(str(item.leased_by), "") if item.id in held else "",
            leased_at=since.get(item.id),
        )
        for item in items
    ]


def _kind(item: ReviewItem) -> str:
    if item.payment_id:
        return "payment"
    remittance = item.document is not None and item.document.kind == "remittance"
    return "remittance" if remittance else "document"


def holdings(rows: Iterable[QueueRow]) -> tuple[Holding, ...]:
    """Who holds how much of these rows, the one who has held longest first."""
    found: dict[str, list[QueueRow]] = {}
    for row in rows:
        if row.leased_by is not None:
            found.setdefault(row.leased_by, []).append(row)
    told = [
        Holding(
            actor,
            held[0].holder,
            len(held),
            min((row.leased_at for row in held if row.leased_at is not None), default=None),
        )
        for actor, held in found.items()
    ]
    return tuple(sorted(told, key=lambda each: (each.since is None, each.since, each.actor)))


def _names(session: Session, actors: Collection[str]) -> dict[str, str]:
    """The names people go by, by actor; what is no person is called as it is."""
    users = {actor.removeprefix("user:"): actor for actor in actors}
    query = select(User.username, User.display_name).where(User.username.in_(users))
    known = {users[username]: name for username, name in session.execute(query)}
    return {actor: known.get(actor) or actor.removeprefix("user:") for actor in actors}


def _taken_at(session: Session, item_ids: Collection[str]) -> dict[str, datetime]:
    """When each of these was opened last, by the audit chain."""
    if not item_ids:
        return {}
    rows = session.execute(
        select(AuditEvent.subject_id, func.max(AuditEvent.at))
        .where(
            AuditEvent.subject_kind == "review_item",
            AuditEvent.subject_id.in_(item_ids),
            AuditEvent.action == _LEASED,
        )
        .group_by(AuditEvent.subject_id)
    )
    return {row[0]: row[1] for row in rows}


def lease_next(
    session: Session, actor: str, *, offices: Collection[str] | None, after: str | None = None
) -> ReviewItem | None:
    """Take the next question nobody else holds, for a while; None when there is none.

    With ``after`` the one that follows that item, and from the top again at the end, but never
    the item itself. What others are just taking is passed over, not waited for.
    """
    now = clock.now()
    query = _scoped(offices).where(_free_for(actor, now))
    if after is not None:
        query = query.where(ReviewItem.id != after)
        behind = session.get(ReviewItem, after)
        if behind is not None:
            item = _take_first(session, query.where(_stands_after(behind)))
            if item is not None:
                return _hold(session, item, actor, now)
    item = _take_first(session, query)
    return None if item is None else _hold(session, item, actor, now)


def lease(session: Session, item_id: str, actor: str) -> ReviewItem:
    """Take this question; Conflict ``leased`` names who holds it, ``answered`` when it is done."""
    item = _get(session, item_id)
    now = clock.now()
    if item.state == "done":
        raise Conflict("answered", f"{item.ref} has been answered.", "Take the next one.")
    if _held_by_other(item, actor, now):
        name = _names(session, {str(item.leased_by)})[str(item.leased_by)]
        raise Conflict("leased", f"{item.ref} is held by {name}.", "Take the next one, or wait.")
    return _hold(session, item, actor, now)


def renew(session: Session, item_id: str, actor: str, token: int) -> ReviewItem:
    """As long again, from now; Conflict ``lease_lost`` when it is no longer yours."""
    item = held(session, item_id, actor, token)
    item.lease_until = clock.now() + length()
    return item


def release(session: Session, item_id: str, actor: str, token: int) -> None:
    """Give a question back unanswered."""
    item = held(session, item_id, actor, token)
    move(item, REVIEW, "open")
    questions.free(item)
    _audit(session, item, actor, "review.released")


def held(session: Session, item_id: str, actor: str, token: int) -> ReviewItem:
    """The item, locked, while ``actor`` holds it under ``token``; else Conflict ``lease_lost``."""
    item = _get(session, item_id)
    mine = item.state == "leased" and item.leased_by == actor and item.lease_token == token
    if not mine or item.lease_until is None or item.lease_until <= clock.now():
        raise Conflict(
            "lease_lost",
            f"{item.ref} is no longer held by you.",
            "Open it again; somebody may have answered it meanwhile.",
        )
    return item


def length() -> timedelta:
    """How long a question stays with who has opened it, unless they say that they still do."""
    return timedelta(seconds=load_settings().review_lease_seconds)


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _lasts(item: ReviewItem, now: datetime) -> bool:
    return item.lease_until is not None and item.lease_until > now


def _get(session: Session, item_id: str) -> ReviewItem:
    item = session.get(ReviewItem, item_id, with_for_update=True, populate_existing=True)
    if item is None:
        raise NotFound("unknown_item", "There is no such question.", "Reload the queue.")
    return item


def _hold(session: Session, item: ReviewItem, actor: str, now: datetime) -> ReviewItem:
    if item.state == "leased":
        move(item, REVIEW, "open")
    move(item, REVIEW, "leased")
    item.leased_by, item.lease_until = actor, now + length()
    item.lease_token += 1
    session.flush()
    _audit(session, item, actor, _LEASED)
    return item


def _held_by_other(item: ReviewItem, actor: str, now: datetime) -> bool:
    if item.state != "leased" or item.leased_by == actor:
        return False
    return _lasts(item, now)


def _free_for(actor: str, now: datetime) -> ColumnElement[bool]:
    return or_(
        ReviewItem.state == "open",
        and_(
            ReviewItem.state == "leased",
            or_(ReviewItem.leased_by == actor, ReviewItem.lease_until <= now),
        ),
    )


def _stands_after(item: ReviewItem) -> ColumnElement[bool]:
    return or_(
        ReviewItem.value_cents < item.value_cents,
        and_(
            ReviewItem.value_cents == item.value_cents,
            or_(
                ReviewItem.created_at > item.created_at,
                and_(ReviewItem.created_at == item.created_at, ReviewItem.id > item.id),
            ),
        ),
    )


def _scoped(offices: Collection[str] | None) -> Select[ReviewItem]:
    query = select(ReviewItem)
    if offices is None:
        return query
    return query.where(
        ReviewItem.office_id.in_(select(Office.id).where(Office.code.in_(sorted(offices))))
    )


def _ordered(query: Select[ReviewItem]) -> Select[ReviewItem]:
    return query.order_by(ReviewItem.value_cents.desc(), ReviewItem.created_at, ReviewItem.id)


def _take_first(session: Session, query: Select[ReviewItem]) -> ReviewItem | None:
    locked = _ordered(query).limit(1).with_for_update(skip_locked=True)
    return session.scalars(locked.execution_options(populate_existing=True)).first()


def _audit(session: Session, item: ReviewItem, actor: str, action: str) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="review_item",
                 subject_id=item.id, detail={"token": item.lease_token})  # fmt: skip
