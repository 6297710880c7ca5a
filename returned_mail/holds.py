"""Statement holds: placed as a play says, released when its task ends or its days are over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from records import audit, clock
from records.models import Account, AddressTask, Office, StatementHold
from returned_mail import plays

ACTOR = "system:returned_mail"


@dataclass(frozen=True, slots=True)
class Held:
    """An account to which no statement is mailed; ``until`` None: until its task ends."""

    account_number: str
    office_code: str
    task_ref: str
    reason: str
    since: datetime
    until: date | None
    collections: str
    guarded: bool

    def to_json(self) -> dict[str, Any]:
        """For commands and files; a guarded task tells no reason."""
        return {
            "account_number": self.account_number,
            "office_code": self.office_code,
            "task": self.task_ref,
            "reason": "guarded" if self.guarded else self.reason,
            "since": self.since.date().isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "collections": "stop" if self.guarded else self.collections,
        }


def place(session: Session, task: AddressTask, account_id: str) -> None:
    """Hold an account's statements as the task's play says; once for a task and account."""
    days = plays.of_task(task).hold_days
    if days == 0 or session.scalar(_live().where(
        StatementHold.task_id == task.id, StatementHold.account_id == account_id
    )):  # fmt: skip
        return
    until = None if days is None else clock.now().date() + timedelta(days=days)
    session.add(StatementHold(account_id=account_id, task_id=task.id, until=until))
    session.flush()


def keep(session: Session, task: AddressTask, account_id: str) -> None:
    """Hold without an end, whatever the play says: a supervisor reviews whether mail may go."""
    live = _live().where(StatementHold.task_id == task.id, StatementHold.account_id == account_id)
    known = session.scalars(live).all()
    for hold in known:
        hold.until = None
    if not known:
        session.add(StatementHold(account_id=account_id, task_id=task.id, until=None))
    session.flush()


def release(session: Session, task: AddressTask, actor: str, account_id: str | None = None) -> None:
    """Let statements go out again, as far as this task held them (of one account, if named)."""
    query = _live().where(StatementHold.task_id == task.id)
    if account_id is not None:
        query = query.where(StatementHold.account_id == account_id)
    for hold in session.scalars(query):
        hold.released_at, hold.released_by = clock.now(), actor


def expire(session: Session) -> int:
    """End the holds whose days are over; how many."""
    query = _live().where(StatementHold.until <= clock.now().date()).with_for_update()
    count = 0
    for hold in session.scalars(query):
        hold.released_at, hold.released_by = clock.now(), ACTOR
        audit.record(
            session, actor=ACTOR, action="hold.days_over", subject_kind="address_task",
            subject_id=hold.task_id,
        )  # fmt: skip
        count += 1
    return count


def held(session: Session, offices: frozenset[str] | None) -> list[Held]:
    """The accounts of these offices (None: all) on hold now, by number; each once a task."""
    query = (
        select(StatementHold, Account, AddressTask, Office)
        .join(Account, Account.id == StatementHold.account_id)
        .join(AddressTask, AddressTask.id == StatementHold.task_id)
        .join(Office, Office.id == Account.office_id)
        .where(
            StatementHold.released_at.is_(None),
            or_(StatementHold.until.is_(None), StatementHold.until > clock.now().date()),
        )
        .order_by(Account.number, StatementHold.created_at)
    )
    if offices is not None:
        query = query.where(Account.office_id.in_(offices))
    return [
        Held(account.number, office.code, task.ref, task.reason, hold.created_at, hold.until,
             plays.of_task(task).collections, bool(task.queue))
        for hold, account, task, office in session.execute(query)
    ]  # fmt: skip


def _live() -> Select[StatementHold]:
    return select(StatementHold).where(StatementHold.released_at.is_(None))
