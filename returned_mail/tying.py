"""What ties a task to accounts: one live row each, flags, holds, the next step, stopped contact."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, clock
from records.errors import Conflict
from records.models import (
    Account,
    AddressTask,
    AddressVersion,
    Document,
    Office,
    ReturnedPiece,
    TaskAccount,
    TaskAttempt,
)
from records.workflow import ADDRESS_TASK, move
from returned_mail import address_flags, clocks, holds, plays, proposing, remails

CONTACTS: Final = ("call", "message", "letter")


def tie(
    session: Session,
    task: AddressTask,
    account: Account,
    address: AddressVersion | None,
    actor: str,
    *,
    household: bool = False,
) -> None:
    """Tie a task to an account: its address is flagged and statements are held as the play says."""
    if not household:
        task.account_id = account.id
        task.address_version_id = address.id if address else None
    version_id = address.id if address else None
    if not any(
        each.account_id == account.id and each.address_version_id == version_id
        for each in live_accounts(task)
    ):
        session.add(
            TaskAccount(
                task_id=task.id,
                account_id=account.id,
                address_version_id=version_id,
                household=household,
                actor=actor,
            )
        )
    session.flush()
    session.expire(task, ["accounts", "account", "address_version"])
    flag(session, task, address, actor)
    holds.place(session, task, account.id)
    if task.queue:
        stop_mail(session, task, actor)
    schedule(session, task)
    _told(session, task, actor, "task.household_added" if household else "task.account_assigned",
          account=account.id)  # fmt: skip
    if not household:
        proposing.from_piece(session, task, actor)


def one_at_a_time(session: Session, office_id: str) -> None:
    """Who ties a task of an office to an account waits for the other: two at once would both
    find that no task works on it. Called before a task is locked.

    The lock lets rows that name the office be added meanwhile (FOR NO KEY UPDATE).
    """
    session.execute(select(Office.id).where(Office.id == office_id).with_for_update(key_share=True))


def untie(session: Session, task: AddressTask, actor: str) -> None:
    """It was another's envelope: the flag and the hold of this task are taken back."""
    holds.release(session, task, actor)
    for each in live_accounts(task):
        each.live = False
        if each.address_version is not None and _alone(session, task, each.address_version):
            address_flags.clear_flag(session, each.address_version, actor, task.ref)
    task.account_id = task.address_version_id = None
    session.flush()
    session.expire(task, ["accounts", "account", "address_version"])


def live_accounts(task: AddressTask) -> list[TaskAccount]:
    """The accounts that the task works on, its own first."""
    return sorted((each for each in task.accounts if each.live), key=lambda each: each.household)


def unfinished(
    session: Session,
    account: Account,
    address: AddressVersion | None,
    *,
    beside: AddressTask | None = None,
    lock: bool = True,
) -> AddressTask | None:
    """The unfinished task that works on this account and address; its row locked, if not told
    otherwise (a page that only looks locks nothing)."""
    same = TaskAccount.address_version_id == address.id if address else (
        TaskAccount.address_version_id.is_(None))  # fmt: skip
    query = (
        select(AddressTask)
        .join(TaskAccount)
        .where(TaskAccount.live, TaskAccount.account_id == account.id, same)
        .order_by(TaskAccount.created_at)
        .limit(1)
    )
    if lock:
        query = query.with_for_update(of=AddressTask).execution_options(populate_existing=True)
    if beside is not None:
        query = query.where(AddressTask.id != beside.id)
    return session.scalar(query)


def of_document(session: Session, document_id: str) -> AddressTask | None:
    """The task that a document opened or joined."""
    opened = session.scalar(select(AddressTask).where(AddressTask.document_id == document_id))
    if opened is not None:
        return opened
    return session.scalar(
        select(AddressTask)
        .join(ReturnedPiece, ReturnedPiece.task_id == AddressTask.id)
        .where(ReturnedPiece.document_id == document_id)
    )


def add_picture(
    session: Session, task: AddressTask, document: Document, actor: str, action: str
) -> None:
    """Show a document on the task beside the first; the audit says which."""
    session.add(
        TaskAttempt(
            task_id=task.id, kind="piece", outcome="received", note=document.ref, actor=actor
        )
    )
    if document.kind != "returned_mail" and of_document(session, document.id) is None:
        session.add(
            ReturnedPiece(
                document_id=document.id, office_id=task.office_id, task_id=task.id,
                account_id=task.account_id, reason="address_change", outcome="joined",
            )
        )  # fmt: skip
    session.flush()
    session.expire(task, ["attempts"])
    _told(session, task, actor, action, document=document.id)


def join(session: Session, task: AddressTask, into: AddressTask, actor: str) -> AddressTask:
    """Two tasks are of one account and address: the pieces of one go to the other."""
    holds.release(session, task, actor)
    into.pieces += task.pieces
    for piece in session.scalars(select(ReturnedPiece).where(ReturnedPiece.task_id == task.id)):
        piece.task_id, piece.account_id = into.id, into.account_id
        piece.address_version_id = into.address_version_id
        add_picture(session, into, piece.document, actor, "task.piece_added")
    if task.queue and not into.queue:  # what supervisors review stays with them
        into.queue = task.queue
        stop_mail(session, into, actor)
        schedule(session, into)
    move(task, ADDRESS_TASK, "closed_unresolved")
    task.resolution, task.resolved_by, task.resolved_at = f"joined {into.ref}", actor, clock.now()
    _told(session, task, actor, "task.joined", into=into.ref)
    return into


def flag(session: Session, task: AddressTask, address: AddressVersion | None, actor: str) -> None:
    """Flag an address where the reason is a fault of address or person; clear it where it is none.

    It is cleared only for the address that this task flagged: another task's flag stays. While
    supervisors review the task nothing is said of the address: the flag goes to the PMS.
    """
    if address is None or task.queue:
        return
    if plays.of_task(task).address_is_bad:
        address_flags.raise_flag(session, address, actor, task.ref)
    elif address.bad_since is not None and _alone(session, task, address):
        address_flags.clear_flag(session, address, actor, task.ref)


def schedule(session: Session, task: AddressTask) -> None:
    """Set the next step and its day from what has happened so far."""
    del session
    started = task.clock_on or (task.created_at or clock.now()).date()
    since = [
        each for each in task.attempts
        if each.kind != "piece" and (task.clock_on is None or each.created_at.date() >= started)
    ]  # fmt: skip
    due = clocks.next_due(
        plays.of_task(task),
        clocks.Facts(
            started_on=started,
            triaged=task.triaged_at is not None,
            contacts=sum(each.kind in CONTACTS for each in since),
            next_on=since[-1].next_on if since else None,
            waited=task.waited,
            escalated=task.supervisor_at is not None,
        ),
    )
    task.step, task.due_on = due.step, due.on
    task.supervisor_on = clocks.supervisor_on(plays.of_task(task), started)


def looked_at(session: Session, task: AddressTask) -> None:
    """A person has looked: triage is over, the next step is due."""
    task.triaged_at = task.triaged_at or clock.now()
    schedule(session, task)


def refuse_guarded(session: Session, task: AddressTask) -> None:
    """Raise Conflict ``guarded_task`` while a supervisor's review of the task is not over."""
    if guarded(session, task):
        raise Conflict(
            "guarded_task", "A supervisor reviews this task.", "Work on it when the review is over."
        )


def guarded(session: Session, task: AddressTask) -> bool:
    """Whether a review of the task, or the death of its account's person, stops all mail."""
    return bool(task.queue) or bool(task.account_id and stopped(session, task.account_id))


def refuse_contact(session: Session, task: AddressTask) -> None:
    """Raise Conflict ``contact_stopped`` where calls and mail to this person have stopped."""
    if task.queue == "deceased" or (task.account_id and stopped(session, task.account_id)):
        raise Conflict(
            "contact_stopped",
            "Calls, messages and letters about this account have stopped.",
            "A supervisor reviews why.",
        )


def stopped(session: Session, account_id: str) -> bool:
    """Whether a task of this account says, unrefuted, that the person has died."""
    query = (
        select(AddressTask.id)
        .join(TaskAccount)
        .where(TaskAccount.account_id == account_id, AddressTask.queue == "deceased")
        .limit(1)
    )
    return session.scalar(query) is not None


def stop_mail(session: Session, task: AddressTask, actor: str) -> None:
    """Nothing more is mailed to the accounts of a guarded task: remails are taken back.

    Statements are held until the review ends, also where the play holds none or only some days.
    """
    for each in live_accounts(task):
        remails.cancel_waiting(session, each.account_id, actor)
        holds.keep(session, task, each.account_id)


def _alone(session: Session, task: AddressTask, address: AddressVersion) -> bool:
    """Whether no other task has this address as one that mail came back from."""
    other = session.scalar(
        select(TaskAccount.id)
        .where(TaskAccount.address_version_id == address.id, TaskAccount.task_id != task.id)
        .limit(1)
    )
    return other is None


def _told(session: Session, task: AddressTask, actor: str, action: str, **detail: str) -> None:
    audit.record(
        session, actor=actor, action=action, subject_kind="address_task", subject_id=task.id,
        detail={"ref": task.ref, **detail},
    )  # fmt: skip
