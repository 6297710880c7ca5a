"""Some accounts of a task have an address that works: their part ends, the task goes on."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from records import audit
from records.models import AddressTask, AddressVersion, TaskAccount, TaskAttempt
from records.workflow import ADDRESS_TASK, move
from returned_mail import holds, remails, tying


def part(
    session: Session, task: AddressTask, given: Mapping[str, AddressVersion], actor: str, why: str
) -> None:
    """End the part of the accounts in ``given`` (id: its new address); others must be left.

    Their holds are lifted and their newest statements go to the remail list. Where the task's
    own account is among them, the first that is left becomes its own. ``why`` says in words, with
    no name in it, what keeps the task open; it is written on the task.
    """
    done = [each for each in tying.live_accounts(task) if each.account_id in given]
    left = [each for each in tying.live_accounts(task) if each.account_id not in given]
    before = task.attempts[-1].next_on if task.attempts else None
    for each in done:
        each.live = False
        holds.release(session, task, actor, each.account_id)
        remails.queue(session, task, each.account, given[each.account_id], "new_address")
    if task.account_id in given:
        _becomes(task, left[0])
    numbers = ", ".join(sorted(each.account.number for each in done))
    session.add(
        TaskAttempt(task_id=task.id, kind="other", outcome="found", actor=actor, next_on=before,
                    note=f"Done for {numbers}. {why}")
    )  # fmt: skip
    if task.state == "open":
        move(task, ADDRESS_TASK, "in_progress")
    session.flush()
    session.expire(task, ["accounts", "account", "address_version", "attempts"])
    tying.looked_at(session, task)
    audit.record(
        session, actor=actor, action="task.parted", subject_kind="address_task",
        subject_id=task.id, detail={"ref": task.ref, "done": len(done), "left": len(left)},
    )  # fmt: skip


def _becomes(task: AddressTask, row: TaskAccount) -> None:
    row.household = False
    task.account_id, task.address_version_id = row.account_id, row.address_version_id
