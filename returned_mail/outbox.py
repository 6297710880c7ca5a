"""What the practice-management system has to be told of an account's address, queued once each.

Nothing leaves the house here: a queued change waits for an export (``outbox_files``) or for a
run against a PMS that an administrator set up (``outbox_sending``).
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records import audit, clock, ids, workflow
from records.models import Account, AccountChange, AddressTask, AddressVersion
from returned_mail.reasons import play

KINDS: Final = {
    "address_change": "new address",
    "bad_address_set": "mail comes back",
    "bad_address_cleared": "mail arrives after all",
    "account_note": "note",
}
OF_ADDRESSES: Final = ("address_change", "bad_address_set", "bad_address_cleared")
_OPPOSITE: Final = {
    "bad_address_set": "bad_address_cleared",
    "bad_address_cleared": "bad_address_set",
}
_UNSENT: Final = ("queued", "refused")
FROM_PMS: Final = "import"
"""The source of an address that the PMS itself gave: it needs not be told."""


def queue_change(
    session: Session,
    task: AddressTask | None,
    kind: str,
    *,
    account: Account,
    actor: str,
    content: dict[str, Any],
    version: AddressVersion | None = None,
    again: str = "",
) -> AccountChange | None:
    """Queue a change, once for a task, kind and address version; None where it is known already.

    ``again`` tells apart what may truly happen more than once (a note each time a task ends).
    """
    parts = (task.id if task else "", kind, account.id, version.id if version else "", again)
    key = "|".join(parts)
    if session.scalar(select(AccountChange.id).where(AccountChange.key == key)) is not None:
        return None
    row = AccountChange(
        ref=ids.new_ref("AC"),
        office_id=account.office_id,
        account_id=account.id,
        task_id=task.id if task else None,
        address_version_id=version.id if version else None,
        kind=kind,
        key=key,
        sealed=content,
        state="queued",
        queued_by=actor,
        queued_at=clock.now(),
    )
    session.add(row)
    session.flush()
    told(session, row, actor, "account_change.queued")
    return row


def address_changed(
    session: Session, task: AddressTask | None, version: AddressVersion, actor: str
) -> None:
    """An address came into force: what was said of older ones and not sent yet is taken back."""
    if version.source == FROM_PMS:
        return
    account = session.get_one(Account, version.account_id)
    for older in _unsent(session, account.id):
        if older.kind in OF_ADDRESSES and older.address_version_id != version.id:
            withdraw(session, older, actor, "a newer address took its place")
    queue_change(session, task, "address_change", account=account, actor=actor, version=version,
                 content=_address(version))  # fmt: skip


def flagged(
    session: Session, version: AddressVersion, actor: str, task_ref: str, *, bad: bool
) -> None:
    """Mail to an address comes back, or arrives after all.

    What says the opposite and has not been sent yet is taken back instead: the PMS never knew.
    """
    kind = "bad_address_set" if bad else "bad_address_cleared"
    account = session.get_one(Account, version.account_id)
    unsent = [
        each
        for each in _unsent(session, account.id)
        if each.kind == _OPPOSITE[kind] and each.address_version_id == version.id
    ]
    for each in unsent:
        withdraw(session, each, actor, "no longer so")
    if unsent:
        return
    before = session.scalar(
        select(func.count()).where(
            AccountChange.address_version_id == version.id, AccountChange.kind.in_(_OPPOSITE)
        )
    )
    task = session.scalar(select(AddressTask).where(AddressTask.ref == task_ref))
    queue_change(session, task, kind, account=account, actor=actor, version=version,
                 content=_address(version), again=str(before))  # fmt: skip


def ended(session: Session, task: AddressTask, actor: str) -> None:
    """A task ended: a note for each account that it worked on, in words that name nobody."""
    said = {"note": note_of(task)}
    when = task.resolved_at.isoformat() if task.resolved_at else ""
    for each in task.accounts:
        if each.live:
            account = session.get_one(Account, each.account_id)
            queue_change(session, task, "account_note", account=account, actor=actor,
                         content=said, again=when)  # fmt: skip


def note_of(task: AddressTask) -> str:
    """The note's text: the reason and how it ended. Of a guarded review only what is confirmed."""
    on = task.resolved_at.date().isoformat() if task.resolved_at else ""
    if task.queue == "deceased" and task.resolution == "deceased":
        return f"Returned mail: deceased, confirmed by two supervisors {on}. No mail is sent."
    if task.queue:
        return f"Returned mail: reviewed by a supervisor {on}. No mail is sent."
    came = play(task.reason).title
    ending = {"new_address": "a new address was confirmed"}.get(task.resolution, task.resolution)
    return f"Returned mail: {came}. Ended {on}: {ending}."


def withdraw(session: Session, row: AccountChange, actor: str, why: str) -> None:
    """Take back what was not sent."""
    workflow.move(row, workflow.ACCOUNT_CHANGE, "withdrawn")
    row.error = why
    session.flush()
    told(session, row, actor, "account_change.withdrawn")


def told(session: Session, row: AccountChange, actor: str, action: str, **detail: Any) -> None:
    """Put on record what became of a change; never what it says."""
    audit.record(
        session, actor=actor, action=action, subject_kind="account_change", subject_id=row.id,
        detail={"ref": row.ref, "kind": row.kind, **detail},
    )  # fmt: skip


def _unsent(session: Session, account_id: str) -> list[AccountChange]:
    return list(
        session.scalars(
            select(AccountChange)
            .where(AccountChange.account_id == account_id, AccountChange.state.in_(_UNSENT))
            .order_by(AccountChange.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    )


def _address(version: AddressVersion) -> dict[str, Any]:
    return {
        "care_of": version.care_of, "street": version.street, "city": version.city,
        "state": version.state, "zip": version.zip,
    }  # fmt: skip
