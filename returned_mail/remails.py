"""Statements to be mailed once more: to a new address, after a wait, or to the same address."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from records import audit, clock, ids
from records.errors import Conflict, NotFound
from records.models import (
    Account,
    AddressTask,
    AddressVersion,
    Remail,
    ReturnedPiece,
    Statement,
    StatementHold,
)
from records.spreadsheets import plain
from returned_mail import plays
from returned_mail.reasons import due_on

WHY: Final = {
    "new_address": "a new address",
    "wait_over": "the wait is over",
    "same_address": "the same address once more",
}
COLUMNS: Final = ("remail", "account_number", "statement_number", "name", "care_of", "street",
                  "city", "state", "zip", "why", "due_on")  # fmt: skip


def queue(
    session: Session, task: AddressTask, account: Account, version: AddressVersion, why: str
) -> Remail | None:
    """Put an account's newest statement on the list; None where none is open to be paid.

    One waits for an account at most: an older one that was not mailed yet is taken back.
    """
    statement = _statement(session, task, account)
    if statement is None:
        return None
    for waiting in session.scalars(_waiting().where(Remail.account_id == account.id)):
        waiting.cancelled_at, waiting.cancelled_by = clock.now(), "system:returned_mail"
    last = session.scalar(
        select(func.max(Remail.round)).where(
            Remail.task_id == task.id, Remail.account_id == account.id
        )
    )
    row = Remail(
        ref=ids.new_ref("RML"),
        task_id=task.id,
        office_id=account.office_id,
        account_id=account.id,
        address_version_id=version.id,
        statement_id=statement.id,
        round=(last or 0) + 1,
        why=why,
        due_on=due_on(clock.now().date(), plays.of_task(task).remail_days),
    )
    session.add(row)
    session.flush()
    _told(session, row, "system:returned_mail", "remail.queued")
    return row


def waiting(session: Session, offices: frozenset[str] | None) -> list[Remail]:
    """What is to be mailed, the longest due first; an account on hold waits on."""
    held = select(StatementHold.account_id).where(StatementHold.released_at.is_(None))
    query = (
        _waiting()
        .where(Remail.account_id.not_in(held))
        .options(
            joinedload(Remail.account), joinedload(Remail.address_version),
            joinedload(Remail.statement), joinedload(Remail.office),
            joinedload(Remail.task).defer(AddressTask.evidence),
        )
        .order_by(Remail.due_on, Remail.created_at)
    )  # fmt: skip
    if offices is not None:
        query = query.where(Remail.office_id.in_(offices))
    return list(session.scalars(query))


def for_vendor(session: Session, offices: frozenset[str] | None, actor: str) -> list[Remail]:
    """What is to be mailed, each to the address that is in force by now, and kept so.

    An address may have changed while its statement waited: an import, a confidential address.
    """
    rows = waiting(session, offices)
    for row in rows:
        now = row.account.address
        if now is not None and now.id != row.address_version_id:
            row.address_version = now
            session.flush()
            _told(session, row, actor, "remail.readdressed")
    return rows


def mailed_lately(
    session: Session, offices: frozenset[str] | None, since: datetime, limit: int = 200
) -> list[Remail]:
    """What was mailed since then, the newest first."""
    query = (
        select(Remail)
        .where(Remail.mailed_at.is_not(None), Remail.mailed_at >= since)
        .order_by(Remail.mailed_at.desc())
        .limit(limit)
    )
    if offices is not None:
        query = query.where(Remail.office_id.in_(offices))
    return list(session.scalars(query))


def mark_mailed(session: Session, refs: Sequence[str], actor: str) -> int:
    """Say that these statements went out; all or none.

    Raises Conflict ``already_mailed`` when one of them is off the list: nothing is mailed twice.
    """
    rows = session.scalars(
        select(Remail)
        .where(Remail.ref.in_(refs))
        .order_by(Remail.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(rows) != len(set(refs)) or not rows:
        raise NotFound("unknown_remail", "One of them is not on the list.", "Reload the list.")
    for row in rows:
        if row.mailed_at is not None or row.cancelled_at is not None:
            raise Conflict(
                "already_mailed",
                f"{row.ref} is off the list: mailed, or taken back.",
                "Reload the list.",
            )
        row.mailed_at, row.mailed_by = clock.now(), actor
        _told(session, row, actor, "remail.mailed")
    return len(rows)


def cancel_waiting(session: Session, account_id: str, actor: str) -> None:
    """Take back what was not mailed yet: the address is in doubt again, or all mail stops."""
    for row in session.scalars(_waiting().where(Remail.account_id == account_id)):
        row.cancelled_at, row.cancelled_by = clock.now(), actor
        _told(session, row, actor, "remail.cancelled")


def went_to(session: Session, account_id: str, version_id: str | None) -> Remail | None:
    """The newest remail that was mailed to this address of the account."""
    return session.scalars(
        select(Remail)
        .where(
            Remail.account_id == account_id,
            Remail.address_version_id == version_id,
            Remail.mailed_at.is_not(None),
        )
        .order_by(Remail.mailed_at.desc())
        .limit(1)
    ).first()


def to_csv(rows: Sequence[Remail]) -> str:
    """The list for the print vendor: who, where, which statement."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(COLUMNS)
    for row in rows:
        to = row.address_version
        cells = (row.ref, row.account.number, row.statement.number, row.account.guarantor_name,
                 to.care_of, to.street, to.city, to.state, to.zip, row.why,
                row.due_on.isoformat())  # fmt: skip
        write.writerow([plain(cell) for cell in cells])
    return out.getvalue()


def may_repeat(task: AddressTask) -> bool:
    """Whether the play lets the same address be mailed to again."""
    return (
        task.account is not None
        and task.account.address is not None
        and plays.of_task(task).retry == "same"
        and not task.queue
    )


def _statement(session: Session, task: AddressTask, account: Account) -> Statement | None:
    """The newest statement of the account that still asks for money.

    The one that came back may be older: mailing it would ask for what has changed since.
    """
    came_back = session.scalar(
        select(ReturnedPiece.id).where(ReturnedPiece.task_id == task.id).limit(1)
    )
    if came_back is None:
        return None  # a change of address on a stub: no statement came back
    return session.scalars(
        select(Statement)
        .where(Statement.account_id == account.id, Statement.open_cents > 0)
        .order_by(Statement.statement_on.desc(), Statement.number.desc())
        .limit(1)
    ).first()


def _waiting() -> Select[Remail]:
    return select(Remail).where(Remail.mailed_at.is_(None), Remail.cancelled_at.is_(None))


def _told(session: Session, row: Remail, actor: str, action: str) -> None:
    audit.record(
        session, actor=actor, action=action, subject_kind="address_task", subject_id=row.task_id,
        detail={"remail": row.ref},
    )  # fmt: skip
