"""What a new day brings to returned mail: holds that end, waits that are over, supervisors told."""

from __future__ import annotations

from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from records import clock
from records.models import AddressTask, StatementHold
from returned_mail import holds, tasks, tying
from returned_mail.task_lists import UNFINISHED

ACTOR: Final = "system:calendar"
_MOST_AT_ONCE: Final = 200


def due(session: Session) -> list[str]:
    """Ids of the tasks for which a day has come, the longest due first."""
    today = clock.now().date()
    query = (
        select(AddressTask.id)
        .where(
            AddressTask.state.in_(UNFINISHED),
            or_(
                and_(AddressTask.supervisor_at.is_(None), AddressTask.supervisor_on <= today),
                and_(AddressTask.step == "wait", AddressTask.due_on <= today),
            ),
        )
        .order_by(AddressTask.due_on, AddressTask.id)
        .limit(_MOST_AT_ONCE)
    )
    return list(session.scalars(query))


def take(session: Session, task_id: str) -> str:
    """Do what the day asks of one task: ``waited``, ``escalated``; empty if somebody was faster."""
    task = tasks.locked(session, task_id)
    today = clock.now().date()
    if task.state not in UNFINISHED:
        return ""
    if task.step == "wait" and task.due_on <= today:
        tasks.end_wait(session, task, ACTOR)
        return "waited"
    if task.supervisor_at is None and task.supervisor_on and task.supervisor_on <= today:
        task.supervisor_at = clock.now()
        tying.schedule(session, task)
        tasks.told(session, task, ACTOR, "task.escalated")
        return "escalated"
    return ""


def holds_over(session: Session) -> bool:
    """Whether a hold's days are over."""
    query = select(StatementHold.id).where(
        StatementHold.released_at.is_(None), StatementHold.until <= clock.now().date()
    )
    return session.scalar(query.limit(1)) is not None


def end_holds(session: Session) -> int:
    """End the holds whose days are over; how many."""
    return holds.expire(session)
