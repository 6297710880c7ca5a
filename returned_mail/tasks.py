"""Address tasks: opened by a returned piece, worked by people, ended by an address that works."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import address_versions
from matching.address_versions import NewAddress
from records import audit, clock, ids
from records.errors import Conflict, NotFound, WrongUse
from records.models import (
    Account,
    AddressTask,
    AddressVersion,
    Document,
    StatementHold,
    TaskAttempt,
)
from records.workflow import ADDRESS_TASK, move
from returned_mail.address import standardise
from returned_mail.reasons import due_on, play

ATTEMPT_KINDS = ("call", "message", "letter", "registration", "lookup", "other")
OUTCOMES = ("reached", "no_answer", "left_message", "found", "not_found", "wrong_person")


def list_tasks(
    session: Session,
    *,
    offices: frozenset[str] | None,
    state: str | None = None,
    reason: str | None = None,
    due_by: date | None = None,
    limit: int = 500,
) -> list[AddressTask]:
    """Tasks of these offices (None: all), the most urgent first; by default the unfinished.

    ``reason`` and ``due_by`` (that day included) narrow the list.
    """
    query = select(AddressTask).order_by(AddressTask.due_on, AddressTask.created_at).limit(limit)
    if offices is not None:
        query = query.where(AddressTask.office_id.in_(offices))
    if state is None:
        query = query.where(AddressTask.state.in_(("open", "in_progress")))
    elif state != "all":
        query = query.where(AddressTask.state == state)
    if reason is not None:
        query = query.where(AddressTask.reason == reason)
    if due_by is not None:
        query = query.where(AddressTask.due_on <= due_by)
    return list(session.scalars(query))


def open_change(session: Session, document_id: str, actor: str) -> AddressTask:
    """A task from a stub on which the payer wrote a new address; once for a document.

    The account is the stub's own, when it is one of this office; nothing is held.
    """
    known = session.scalar(select(AddressTask).where(AddressTask.document_id == document_id))
    if known is not None:
        return known
    document = session.get_one(Document, document_id)
    fields: dict[str, Any] = document.reading.sealed.get("fields") or {}
    what = play("address_change")
    task = AddressTask(
        ref=ids.new_ref("ADR"),
        office_id=document.transaction.office_id,
        document_id=document_id,
        reason=what.key,
        due_on=due_on(clock.now().date(), what.due_days),
        evidence={
            "addressee": _read(fields, "patient_name"),
            "address": "",
            "endorsement": "",
            "forward_address": _read(fields, "new_address"),
            "candidates": [],
        },
    )
    session.add(task)
    session.flush()
    _audit(session, task, actor, "task.opened", reason=task.reason)
    number = _read(fields, "account_number")
    account = session.scalar(
        select(Account).where(Account.number == number, Account.office_id == task.office_id)
    )
    if account is not None:
        attach(session, task, account, account.address, actor)
    return task


def start(session: Session, task_id: str, actor: str) -> AddressTask:
    """Take a task up."""
    task = _locked(session, task_id)
    move(task, ADDRESS_TASK, "in_progress")
    _audit(session, task, actor, "task.started")
    return task


def attempt(
    session: Session, task_id: str, actor: str, kind: str, outcome: str, note: str = ""
) -> TaskAttempt:
    """Write down one try to reach somebody or to find the address."""
    if kind not in ATTEMPT_KINDS or outcome not in OUTCOMES:
        raise WrongUse(
            "unknown_attempt",
            f"No such attempt: {kind}, {outcome}.",
            f"Kinds: {', '.join(ATTEMPT_KINDS)}. Outcomes: {', '.join(OUTCOMES)}.",
        )
    task = _locked(session, task_id)
    if task.state not in {"open", "in_progress"}:
        raise Conflict("task_ended", f"{task.ref} has ended.", "Reopen it first.")
    if task.state == "open":
        move(task, ADDRESS_TASK, "in_progress")
    row = TaskAttempt(
        task_id=task.id, kind=kind, outcome=outcome, note=note.strip()[:1000], actor=actor
    )
    session.add(row)
    _audit(session, task, actor, "task.attempt", kind=kind, outcome=outcome)
    return row


def assign_account(session: Session, task_id: str, actor: str, account_number: str) -> AddressTask:
    """Say whose envelope it is, when the program was not sure; the hold starts then."""
    task = _locked(session, task_id)
    account = session.scalar(select(Account).where(Account.number == account_number.strip()))
    if account is None:
        raise NotFound(
            "unknown_account", f"There is no account {account_number}.", "Search by name."
        )
    if account.office_id != task.office_id:
        raise Conflict(
            "account_of_another_office",
            "That account belongs to another office.",
            "Choose an account of this office.",
        )
    if task.account_id is not None:
        release_hold(session, task, actor)
    attach(session, task, account, account.address, actor)
    return task


def attach(
    session: Session,
    task: AddressTask,
    account: Account,
    address: AddressVersion | None,
    actor: str,
) -> None:
    """Tie a task to its account: the address is marked bad and statements held as the play says."""
    what = play(task.reason)
    task.account_id = account.id
    task.address_version_id = address.id if address else None
    if address is not None and what.address_is_bad and address.bad_since is None:
        address.bad_since = clock.now()
    if what.hold_days != 0:
        until = (
            None if what.hold_days is None else clock.now().date() + timedelta(days=what.hold_days)
        )
        session.add(StatementHold(account_id=account.id, task_id=task.id, until=until))
    _audit(session, task, actor, "task.account_assigned", account=account.id)


def change_reason(session: Session, task_id: str, actor: str, reason: str) -> AddressTask:
    """Correct the reason a person read on the label; hold and flag follow the new play."""
    if play(reason).key != reason:
        raise WrongUse("unknown_reason", f"{reason!r} is no reason.", "Choose one from the list.")
    task = _locked(session, task_id)
    task.reason = reason
    if task.account is not None:
        release_hold(session, task, actor)
        address = task.address_version
        if address is not None and not play(reason).address_is_bad:
            address.bad_since = None
        attach(session, task, task.account, address, actor)
    _audit(session, task, actor, "task.reason_changed", reason=reason)
    return task


def resolve(
    session: Session, task_id: str, actor: str, street: str, city: str, state: str, zip_code: str
) -> AddressVersion:
    """End a task with a new address: a new version, the old one kept, statements released.

    Raises Conflict ``no_account`` while it is not known whose envelope it is, ``same_address``
    when nothing would change, and ``confidential_address`` where none may come in this way.
    """
    task = _locked(session, task_id)
    account = (
        session.get(Account, task.account_id, with_for_update=True) if task.account_id else None
    )
    if account is None:
        raise Conflict(
            "no_account", "It is not known whose envelope this is.", "Choose the account first."
        )
    address = standardise(street, city, state, zip_code)
    current = account.address
    if (
        current is not None
        and standardise(current.street, current.city, current.state, current.zip) == address
    ):
        raise Conflict(
            "same_address",
            "That is the address the mail came back from.",
            "Check it again, or close the task without a new address.",
        )
    version = address_versions.add(
        session,
        account.id,
        NewAddress(
            address.street, address.city, address.state, address.zip, address.care_of,
            evidence_document_id=task.document_id, verified_at=clock.now(), verified_by=actor,
        ),
        source="returned_mail",
        actor=actor,
    )  # fmt: skip
    settle(session, task, version, actor)
    return version


def settle(session: Session, task: AddressTask, version: AddressVersion, actor: str) -> None:
    """End a task with an address that came into force, by a person or a verifier."""
    task.new_address_id = version.id
    _end(session, task, actor, "resolved", "new_address")


def close_unresolved(session: Session, task_id: str, actor: str, resolution: str) -> AddressTask:
    """End a task without an address: nothing to fix, or nothing to be found."""
    task = _locked(session, task_id)
    text = resolution.strip()[:40]
    if not text:
        raise WrongUse("no_reason", "Say why the task ends.", "Type a few words.")
    _end(session, task, actor, "closed_unresolved", text)
    return task


def reopen(session: Session, task_id: str, actor: str) -> AddressTask:
    """Take an ended task up again: mail to the new address came back too, or it was a mistake.

    The account's address in force is now the one that does not work, and statements wait again.
    """
    task = _locked(session, task_id)
    move(task, ADDRESS_TASK, "open")
    task.resolution, task.resolved_by, task.resolved_at = "", None, None
    task.new_address_id = None
    if task.account is not None:
        attach(session, task, task.account, task.account.address, actor)
    _audit(session, task, actor, "task.reopened")
    return task


def release_hold(session: Session, task: AddressTask, actor: str) -> None:
    """Let statements go out again, as far as this task held them."""
    holds = session.scalars(
        select(StatementHold).where(
            StatementHold.task_id == task.id, StatementHold.released_at.is_(None)
        )
    )
    for hold in holds:
        hold.released_at, hold.released_by = clock.now(), actor


def _end(session: Session, task: AddressTask, actor: str, state: str, resolution: str) -> None:
    move(task, ADDRESS_TASK, state)
    task.resolution, task.resolved_by, task.resolved_at = resolution, actor, clock.now()
    release_hold(session, task, actor)
    _audit(session, task, actor, f"task.{state}", resolution=resolution)


def _locked(session: Session, task_id: str) -> AddressTask:
    task = session.get(AddressTask, task_id, with_for_update=True)
    if task is None:
        raise NotFound("unknown_task", "There is no such task.", "Open it from the list.")
    return task


def _audit(session: Session, task: AddressTask, actor: str, action: str, **detail: str) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject_kind="address_task",
        subject_id=task.id,
        detail={"ref": task.ref, **detail},
    )


def _read(fields: dict[str, Any], name: str) -> str:
    field = fields.get(name)
    return str(field.get("value") or "") if isinstance(field, dict) else ""
