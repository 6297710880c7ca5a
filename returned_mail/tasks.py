"""Address tasks: opened by a returned piece, worked by people, ended by an address that works."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import address_candidates, address_versions
from matching.address_versions import NewAddress
from records import audit, clock, ids, row_locks
from records.errors import Conflict, NotFound, WrongUse
from records.models import (
    Account,
    AddressCandidate,
    AddressTask,
    AddressVersion,
    Document,
    TaskAccount,
    TaskAttempt,
)
from records.workflow import ADDRESS_TASK, move
from returned_mail import address_flags, holds, outbox, parting, plays, remails, tying
from returned_mail.address import standardise
from returned_mail.reasons import play
from returned_mail.task_lists import UNFINISHED, list_tasks

__all__ = [
    "ATTEMPT_KINDS", "CONTACTS", "OUTCOMES", "UNFINISHED", "assign_account", "attempt",
    "change_reason", "close_guarded", "close_unresolved", "confirm_proposed", "dismiss_proposed",
    "end_wait", "find", "list_tasks", "locked", "mail_again", "open_change", "open_task",
    "reopen", "resolve", "settle", "start", "told",
]  # fmt: skip

CONTACTS = tying.CONTACTS
ATTEMPT_KINDS = (*CONTACTS, "registration", "lookup", "other")
OUTCOMES = ("reached", "no_answer", "left_message", "sent", "found", "not_found", "wrong_person")
MAILED_AGAIN = "mailed again"


def find(session: Session, ref: str) -> AddressTask:
    """A task by its reference or id; NotFound ``unknown_task``."""
    found = session.scalar(
        select(AddressTask).where((AddressTask.ref == ref) | (AddressTask.id == ref))
    )
    if found is None:
        raise NotFound("unknown_task", "There is no such task.", "Open it from the list.")
    return found


def open_task(
    session: Session,
    document: Document,
    reason: str,
    evidence: dict[str, Any],
    actor: str,
    piece_key: str | None = None,
    office_id: str = "",
) -> AddressTask:
    """A new task for a document, with the play of its office that is in force now.

    ``office_id``: whose it is, where the document lay in another office's mail.
    """
    task = AddressTask(
        ref=ids.new_ref("ADR"),
        office_id=office_id or document.transaction.office_id,
        document_id=document.id,
        reason=play(reason).key,
        piece_key=piece_key,
        due_on=clock.now().date(),
        evidence=evidence,
        state="open",
        queue="",
        waited=False,
        priority=0,
    )
    session.add(task)
    session.flush()
    plays.keep(session, task)
    tying.schedule(session, task)
    told(session, task, actor, "task.opened", reason=task.reason)
    return task


def open_change(session: Session, document_id: str, actor: str) -> AddressTask:
    """A task from a stub on which the payer wrote a new address; once for a document.

    The account is the stub's own, when it is one of this office; nothing is held. An unfinished
    task of that account takes the stub in: what the payer wrote is what it looks for.
    """
    known = tying.of_document(session, document_id)
    if known is not None:
        return known
    document = session.get_one(Document, document_id)
    tying.one_at_a_time(session, document.transaction.office_id)
    fields: dict[str, Any] = document.reading.sealed.get("fields") or {}
    number, written = _read(fields, "account_number"), _read(fields, "new_address")
    office_id = document.transaction.office_id
    account = session.scalar(
        select(Account).where(Account.number == number, Account.office_id == office_id)
    )
    running = tying.unfinished(session, account, account.address) if account else None
    if running is not None:
        if not running.evidence.get("forward_address"):
            running.evidence = {**running.evidence, "forward_address": written}
        tying.add_picture(session, running, document, actor, "task.stub_added")
        return running
    evidence = {
        "addressee": _read(fields, "patient_name"),
        "address": "",
        "endorsement": "",
        "forward_address": written,
        "candidates": [],
    }
    task = open_task(session, document, "address_change", evidence, actor)
    if account is not None:
        tying.tie(session, task, account, account.address, actor)
    return task


def start(session: Session, task_id: str, actor: str) -> AddressTask:
    """Take a task up."""
    task = locked(session, task_id)
    move(task, ADDRESS_TASK, "in_progress")
    tying.looked_at(session, task)
    told(session, task, actor, "task.started")
    return task


def attempt(
    session: Session,
    task_id: str,
    actor: str,
    kind: str,
    outcome: str,
    note: str = "",
    next_on: date | None = None,
) -> TaskAttempt:
    """Write down one try to reach somebody or to find the address, and what was agreed upon.

    Raises Conflict ``contact_stopped`` where nobody may be called or written to.
    """
    if kind not in ATTEMPT_KINDS or outcome not in OUTCOMES:
        raise WrongUse(
            "unknown_attempt",
            f"No such attempt: {kind}, {outcome}.",
            f"Kinds: {', '.join(ATTEMPT_KINDS)}. Outcomes: {', '.join(OUTCOMES)}.",
        )
    task = locked(session, task_id)
    _unfinished(task)
    if kind in CONTACTS:
        tying.refuse_contact(session, task)
    if next_on is not None and next_on < clock.now().date():
        raise WrongUse("day_is_over", "That day is over.", "Choose today or a later day.")
    if task.state == "open":
        move(task, ADDRESS_TASK, "in_progress")
    row = TaskAttempt(
        task_id=task.id, kind=kind, outcome=outcome, note=note.strip()[:1000], actor=actor,
        next_on=next_on,
    )  # fmt: skip
    session.add(row)
    session.flush()
    session.expire(task, ["attempts"])
    tying.looked_at(session, task)
    told(session, task, actor, "task.attempt", kind=kind, outcome=outcome)
    return row


def assign_account(session: Session, task_id: str, actor: str, account_number: str) -> AddressTask:
    """Say whose envelope it is, when the program was not sure; the hold starts then.

    Where another task works on that account's address already, this one joins it, and the other
    is given back.
    """
    tying.one_at_a_time(session, find(session, task_id).office_id)
    task = locked(session, task_id)
    _unfinished(task)
    account = session.scalar(
        select(Account).where(
            Account.number == account_number.strip(), Account.office_id == task.office_id
        )
    )
    if account is None:  # another office's is answered alike: nobody learns what it has
        raise NotFound(
            "unknown_account",
            f"There is no account {account_number} in this office.",
            "Search by name.",
        )
    if task.account_id == account.id:
        return task
    if task.account_id is not None:
        tying.untie(session, task, actor)
    running = tying.unfinished(session, account, account.address, beside=task)
    if running is not None:
        return tying.join(session, task, running, actor)
    tying.tie(session, task, account, account.address, actor)
    tying.looked_at(session, task)
    return task


def change_reason(session: Session, task_id: str, actor: str, reason: str) -> AddressTask:
    """Correct the reason a person read on the label; hold, flag and play follow the new one."""
    if play(reason).key != reason:
        raise WrongUse("unknown_reason", f"{reason!r} is no reason.", "Choose one from the list.")
    task = locked(session, task_id)
    _unfinished(task)
    tying.refuse_guarded(session, task)
    task.reason = reason
    plays.keep(session, task)
    for each in tying.live_accounts(task):
        holds.release(session, task, actor, each.account_id)
        holds.place(session, task, each.account_id)
        tying.flag(session, task, each.address_version, actor)
    if task.queue:
        tying.stop_mail(session, task, actor)
    tying.looked_at(session, task)
    told(session, task, actor, "task.reason_changed", reason=reason)
    return task


def resolve(
    session: Session,
    task_id: str,
    actor: str,
    street: str,
    city: str,
    state: str,
    zip_code: str,
) -> AddressVersion:
    """End a task with a new address: a new version, the old one kept, statements released.

    The household's accounts on the task get it too. One whose address is confidential is left,
    and the task goes on for it. Each account's newest unpaid statement goes to the remail list;
    an open proposal of that address is confirmed. Raises Conflict ``no_account`` while it is not
    known whose envelope it is, ``same_address`` when nothing would change, and
    ``confidential_address`` where all are.
    """
    task = locked(session, task_id)
    _unfinished(task)
    tying.refuse_guarded(session, task)
    account = _first_to_change(session, task)
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
    address_candidates.close_same(session, version, actor)
    settle(session, task, version, actor)
    return version


def _first_to_change(session: Session, task: AddressTask) -> Account:
    """The task's own account, or where that one's address is confidential the next; locked."""
    ids = [each.account_id for each in tying.live_accounts(task)] or [task.account_id or ""]
    kept = address_versions.confidential_among(session, ids)
    chosen = next((each for each in ids if each not in kept), ids[0])
    account = row_locks.locked(session, Account, chosen) if chosen else None
    if account is None:
        raise Conflict(
            "no_account", "It is not known whose envelope this is.", "Choose the account first."
        )
    return account


def confirm_proposed(
    session: Session, task_id: str, candidate_id: str, actor: str
) -> AddressVersion:
    """A person says that a proposed address is the account's: it comes into force, the task ends.

    Raises NotFound ``unknown_candidate``, Conflict ``guarded_task``, ``confidential_address``.
    """
    task = locked(session, task_id)
    _unfinished(task)
    tying.refuse_guarded(session, task)
    _proposed(session, task, candidate_id)
    version = address_candidates.confirm(session, candidate_id, actor)
    settle(session, task, version, actor)
    return version


def dismiss_proposed(
    session: Session, task_id: str, candidate_id: str, actor: str
) -> AddressCandidate:
    """A person says that a proposed address is not the account's."""
    task = locked(session, task_id)
    _proposed(session, task, candidate_id)
    return address_candidates.dismiss(session, candidate_id, actor)


def _proposed(session: Session, task: AddressTask, candidate_id: str) -> None:
    found = session.get(AddressCandidate, candidate_id)
    if found is None or found.account_id != task.account_id:
        raise NotFound("unknown_candidate", "There is no such address.", "Reload the page.")


def settle(
    session: Session,
    task: AddressTask,
    version: AddressVersion,
    actor: str,
) -> None:
    """End a task with an address that came into force, by a person or a verifier.

    The household's accounts on the task get it too, and each account's newest unpaid statement
    goes to the remail list. While a supervisor reviews the task it does not end, and nothing is
    mailed. One whose own address is confidential is left, and the task goes on for it.
    """
    outbox.address_changed(session, task, version, actor)
    if tying.guarded(session, task):
        return
    others = {each.account_id for each in tying.live_accounts(task)} - {version.account_id}
    kept = address_versions.confidential_among(session, others)
    given = {version.account_id: version}
    for each in sorted(others - kept):
        given[each] = _give(session, task, each, version, actor)
    if kept:
        why = "The task goes on for those whose address is confidential: it was left as it is."
        parting.part(session, task, given, actor, why)
        return
    task.new_address_id = version.id
    _end(session, task, actor, "resolved", "new_address")
    for account_id, its in given.items():
        account = session.get_one(Account, account_id)
        remails.queue(session, task, account, its, "new_address")


def mail_again(session: Session, task_id: str, actor: str) -> AddressTask:
    """End a task by mailing to the same address once more, where the play allows that."""
    task = locked(session, task_id)
    _unfinished(task)
    tying.refuse_guarded(session, task)
    account = task.account
    if account is None or account.address is None or not remails.may_repeat(task):
        raise Conflict(
            "no_second_mailing",
            "This reason gives no second mailing to the same address.",
            "Correct the address, or correct the reason.",
        )
    _end(session, task, actor, "resolved", MAILED_AGAIN)
    remails.queue(session, task, account, account.address, "same_address")
    return task


def end_wait(session: Session, task: AddressTask, actor: str) -> None:
    """The wait is over: the statement is mailed once more to the same address, and only once."""
    task.waited = True
    account = task.account
    if account is None or account.address is None or tying.guarded(session, task):
        tying.schedule(session, task)  # nobody to mail to: people go on
        return
    _end(session, task, actor, "resolved", MAILED_AGAIN)
    remails.queue(session, task, account, account.address, "wait_over")


def close_unresolved(session: Session, task_id: str, actor: str, resolution: str) -> AddressTask:
    """End a task without an address: nothing to fix, or nothing to be found."""
    task = locked(session, task_id)
    tying.refuse_guarded(session, task)
    text = resolution.strip()[:40]
    if not text:
        raise WrongUse("no_reason", "Say why the task ends.", "Type a few words.")
    if text == "address is right":
        for each in tying.live_accounts(task):
            if each.address_version is not None:
                address_flags.clear_flag(session, each.address_version, actor, task.ref)
    _end(session, task, actor, "closed_unresolved", text)
    return task


def close_guarded(session: Session, task: AddressTask, actor: str, outcome: str) -> None:
    """End a guarded task after its review. Statements stay held: nothing is mailed any more."""
    move(task, ADDRESS_TASK, "closed_unresolved")
    task.resolution, task.resolved_by, task.resolved_at = outcome[:40], actor, clock.now()
    outbox.ended(session, task, actor)
    for each in tying.live_accounts(task):
        if each.address_version is not None and plays.of_task(task).address_is_bad:
            address_flags.raise_flag(session, each.address_version, actor, task.ref)
        each.live = False
    session.flush()
    told(session, task, actor, "task.closed_unresolved", resolution=task.resolution)


def reopen(session: Session, task_id: str, actor: str, *, raised: bool = False) -> AddressTask:
    """Take an ended task up again: mail to the new address came back too, or it was a mistake.

    The account's address in force is now the one that does not work, and statements wait again.
    ``raised`` puts it above the others. Raises Conflict ``worked_elsewhere`` where another task
    has taken that address up meanwhile.
    """
    tying.one_at_a_time(session, find(session, task_id).office_id)
    task = locked(session, task_id)
    if task.state in UNFINISHED:
        raise Conflict("task_not_ended", f"{task.ref} has not ended.", "Work on it as it is.")
    account = task.account
    if account is not None:
        running = tying.unfinished(session, account, account.address, beside=task)
        if running is not None:
            raise Conflict(
                "worked_elsewhere", f"{running.ref} works on this address.", "Open that one."
            )
    move(task, ADDRESS_TASK, "open")
    task.resolution, task.resolved_by, task.resolved_at = "", None, None
    task.new_address_id, task.triaged_at, task.supervisor_at = None, None, None
    task.clock_on = clock.now().date()
    task.priority += 1 if raised else 0
    plays.keep(session, task)
    if account is not None:
        remails.cancel_waiting(session, account.id, actor)
        tying.tie(session, task, account, account.address, actor)
    tying.schedule(session, task)
    told(session, task, actor, "task.reopened", raised=str(raised).lower())
    return task


def _give(
    session: Session, task: AddressTask, account_id: str, version: AddressVersion, actor: str
) -> AddressVersion:
    """The same address for an account of the household, with the same evidence."""
    new = NewAddress(
        version.street, version.city, version.state, version.zip, version.care_of,
        evidence_document_id=version.evidence_document_id, verified_at=version.verified_at,
        verified_by=version.verified_by,
    )  # fmt: skip
    given = address_versions.add(session, account_id, new, source=version.source, actor=actor)
    address_candidates.close_same(session, given, actor)
    outbox.address_changed(session, task, given, actor)
    return given


def _end(session: Session, task: AddressTask, actor: str, state: str, resolution: str) -> None:
    move(task, ADDRESS_TASK, state)
    task.resolution, task.resolved_by, task.resolved_at = resolution, actor, clock.now()
    holds.release(session, task, actor)
    outbox.ended(session, task, actor)
    for each in session.scalars(
        select(TaskAccount).where(TaskAccount.task_id == task.id, TaskAccount.live)
    ):
        each.live = False
    session.flush()
    told(session, task, actor, f"task.{state}", resolution=resolution)


def _unfinished(task: AddressTask) -> None:
    if task.state not in UNFINISHED:
        raise Conflict("task_ended", f"{task.ref} has ended.", "Reopen it first.")


def locked(session: Session, task_id: str) -> AddressTask:
    """The task, its row locked and read anew; NotFound ``unknown_task``.

    Whoever waited for the lock must see what the other one did: a task loaded before is stale.
    """
    task = row_locks.locked(session, AddressTask, task_id)
    if task is None:
        raise NotFound("unknown_task", "There is no such task.", "Open it from the list.")
    return task


def told(session: Session, task: AddressTask, actor: str, action: str, **detail: str) -> None:
    """Put on record what was done to a task."""
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
