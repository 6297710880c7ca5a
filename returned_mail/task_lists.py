"""Lists of address tasks: overdue first, then what came back again, then by what is due next."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, defer, joinedload

from records import clock
from records.models import AddressTask

UNFINISHED: Final = ("open", "in_progress")
QUEUES: Final = ("deceased", "opened", "dispute")


def list_tasks(
    session: Session,
    *,
    offices: frozenset[str] | None,
    state: str | None = None,
    reason: str | None = None,
    due_by: date | None = None,
    step: str | None = None,
    queue: str | None = None,
    supervisor: bool = False,
    limit: int = 500,
    start: int = 0,
) -> list[AddressTask]:
    """Tasks of these offices (None: all), the most urgent first; by default the unfinished.

    ``reason``, ``due_by`` (that day included), ``step`` and the guarded ``queue`` narrow the list
    (``queue`` empty: only those in none); ``supervisor``: only those that are a supervisor's now.
    What is sealed is not opened for a list.
    """
    query = (
        _narrowed(offices, state, reason, due_by, step, queue, supervisor=supervisor)
        .options(
            joinedload(AddressTask.office), joinedload(AddressTask.account),
            defer(AddressTask.evidence),
        )
        .order_by(*_urgent_first())
        .limit(limit)
        .offset(start)
    )  # fmt: skip
    return list(session.scalars(query))


def refs(session: Session, *, offices: frozenset[str] | None) -> list[str]:
    """The references of the unfinished tasks of these offices that are in no guarded queue, in
    the order of the list.
    """
    query = _narrowed(offices, None, None, None, None, "", supervisor=False)
    return list(
        session.scalars(query.order_by(*_urgent_first()).with_only_columns(AddressTask.ref))
    )


def count(
    session: Session,
    *,
    offices: frozenset[str] | None,
    state: str | None = None,
    reason: str | None = None,
    due_by: date | None = None,
    step: str | None = None,
    queue: str | None = None,
    supervisor: bool = False,
) -> int:
    """How many such tasks there are."""
    query = _narrowed(offices, state, reason, due_by, step, queue, supervisor=supervisor)
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _urgent_first() -> tuple[ColumnElement[Any], ...]:
    late = case((AddressTask.due_on < clock.now().date(), 0), else_=1)
    return (late, AddressTask.priority.desc(), AddressTask.due_on.asc(),
            AddressTask.created_at.asc(), AddressTask.id.asc())  # fmt: skip


def _narrowed(
    offices: frozenset[str] | None,
    state: str | None,
    reason: str | None,
    due_by: date | None,
    step: str | None,
    queue: str | None,
    *,
    supervisor: bool,
) -> Select[AddressTask]:
    query = select(AddressTask)
    if offices is not None:
        query = query.where(AddressTask.office_id.in_(offices))
    if state is None:
        query = query.where(AddressTask.state.in_(UNFINISHED))
    elif state != "all":
        query = query.where(AddressTask.state == state)
    if reason is not None:
        query = query.where(AddressTask.reason == reason)
    if due_by is not None:
        query = query.where(AddressTask.due_on <= due_by)
    if step is not None:
        query = query.where(AddressTask.step == step)
    if queue is not None:
        query = query.where(AddressTask.queue == queue)
    if supervisor:
        query = query.where(AddressTask.supervisor_at.is_not(None))
    return query
