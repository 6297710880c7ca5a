"""The queue of account changes as people and programs see it: what waits, how long, why not."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from records import clock, workflow
from records.errors import NotFound
from records.models import AccountChange, ChangeExport
from returned_mail import outbox, outbox_lines

OPEN: Final = ("queued", "exported", "sent", "refused")


@dataclass(frozen=True, slots=True)
class Row:
    """One change in the list; ``waits`` while a supervisor reviews its account."""

    ref: str
    kind: str
    state: str
    office_code: str
    account_number: str
    task_ref: str
    export_ref: str
    since: datetime
    hours: int
    reason: str
    todo: str
    waits: bool

    @property
    def title(self) -> str:
        """What it tells the PMS."""
        return outbox.KINDS[self.kind]

    def to_json(self) -> dict[str, Any]:
        """For commands and the API: no name and no address."""
        return {
            "change": self.ref, "kind": self.kind, "state": self.state,
            "office": self.office_code, "account_number": self.account_number,
            "task": self.task_ref or None, "export": self.export_ref or None,
            "since": self.since.isoformat(), "age_hours": self.hours,
            "reason": self.reason or None, "todo": self.todo or None,
            "waits_for_review": self.waits,
        }  # fmt: skip


def rows(
    session: Session, offices: Collection[str] | None, states: Collection[str] = OPEN,
    limit: int = 500,
) -> list[Row]:  # fmt: skip
    """The changes of these offices (ids; None: all) in these states, the oldest first."""
    query = (
        select(AccountChange)
        .where(AccountChange.state.in_(states))
        .options(
            joinedload(AccountChange.account), joinedload(AccountChange.office),
            joinedload(AccountChange.task), joinedload(AccountChange.export),
        )
        .order_by(AccountChange.queued_at, AccountChange.id)
        .limit(limit)
    )  # fmt: skip
    if offices is not None:
        query = query.where(AccountChange.office_id.in_(list(offices)))
    reviewed, now = outbox_lines.in_review(session), clock.now()
    return [_row(each, now, reviewed) for each in session.scalars(query)]


def find(session: Session, ref: str) -> AccountChange:
    """A change by its reference; NotFound ``unknown_change``."""
    found = session.scalar(select(AccountChange).where(AccountChange.ref == ref))
    if found is None:
        raise NotFound("unknown_change", "There is no such change.", "Reload the list.")
    return found


def counts(session: Session, offices: Collection[str] | None = None) -> dict[str, int]:
    """How many changes stand in each state, in these offices (ids; None for all)."""
    query = select(AccountChange.state, func.count()).group_by(AccountChange.state)
    if offices is not None:
        query = query.where(AccountChange.office_id.in_(list(offices)))
    found = dict.fromkeys(sorted(workflow.ACCOUNT_CHANGE.states), 0)
    found.update({state: int(count) for state, count in session.execute(query)})
    return found


def exports(
    session: Session, offices: Collection[str] | None, limit: int = 30
) -> list[ChangeExport]:
    """The latest files."""
    query = select(ChangeExport).order_by(ChangeExport.created_at.desc()).limit(limit)
    if offices is not None:
        query = query.where(ChangeExport.office_id.in_(list(offices)))
    return list(session.scalars(query))


def of_export(session: Session, export_id: str) -> list[AccountChange]:
    """The changes that stand in a file."""
    query = select(AccountChange).where(AccountChange.export_id == export_id)
    return list(session.scalars(query.order_by(AccountChange.id)))


def _row(each: AccountChange, now: datetime, reviewed: frozenset[str]) -> Row:
    waits = each.state == "queued" and each.account_id in reviewed
    return Row(
        ref=each.ref,
        kind=each.kind,
        state=each.state,
        office_code=each.office.code,
        account_number=each.account.number,
        task_ref=each.task.ref if each.task else "",
        export_ref=each.export.ref if each.export else "",
        since=each.queued_at,
        hours=int((now - each.queued_at).total_seconds() // 3600),
        reason=each.error or "",
        todo=_todo(each, waits=waits),
        waits=waits,
    )


def _todo(each: AccountChange, *, waits: bool) -> str:
    if waits:
        return "A supervisor reviews this account; it leaves when that has ended."
    return {
        "queued": "Write the file, or send it.",
        "exported": "Take the PMS's answer over, or say that it took all of it.",
        "sent": "The answer was lost; the next run looks it up before anything is sent again.",
        "refused": "Mend it in the PMS and queue it again, or enter it there by hand.",
    }.get(each.state, "")
