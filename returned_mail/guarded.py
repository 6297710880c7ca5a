"""Guarded tasks: a person who died, an envelope that was opened, mail that two claim.

Only supervisors see them. What follows from a death is confirmed by a second supervisor before
anything goes to the practice-management system; each step is kept.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from records.errors import Conflict, WrongUse
from records.models import (
    AddressTask,
    Document,
    GuardedStep,
    MailTransaction,
    PageImage,
    ReturnedPiece,
)
from returned_mail import holds, plays, tasks, tying
from returned_mail.task_lists import QUEUES

TITLES: Final = {
    "deceased": "Deceased",
    "opened": "Opened envelopes",
    "dispute": "In dispute",
}
OUTCOMES: Final[dict[str, tuple[str, ...]]] = {
    "deceased": ("deceased", "not deceased"),
    "opened": ("no breach", "breach, to be notified", "not opened"),
    "dispute": ("ours to mail", "not ours to mail", "to counsel"),
}
SOURCES: Final = ("family", "obituary", "estate or executor", "Social Security death index",
                  "practice", "envelope", "postal service", "other")  # fmt: skip
SECOND_PERSON: Final = frozenset({"deceased"})
_ENDING: Final = frozenset({"deceased", "not ours to mail", "to counsel"})
"""After these nothing is mailed any more; after the others people work on the address again."""


def enter(session: Session, task_id: str, queue: str, actor: str, note: str) -> AddressTask:
    """Put a task into a guarded queue: mail, and for a death calls, stop at once."""
    if queue not in QUEUES:
        raise WrongUse("unknown_queue", f"No such queue: {queue!r}.", "Choose one from the list.")
    task = tasks.locked(session, task_id)
    if task.state not in tasks.UNFINISHED:
        raise Conflict("task_ended", f"{task.ref} has ended.", "Reopen it first.")
    if task.queue:
        raise Conflict("guarded_task", "A supervisor reviews this task already.", "Nothing to do.")
    task.queue = queue
    tying.stop_mail(session, task, actor)
    tying.schedule(session, task)
    _step(session, task, "entered", "", {"note": note.strip()[:1000]}, actor)
    return task


def steps(session: Session, task: AddressTask) -> list[GuardedStep]:
    """What was done in the review, the first first."""
    return list(
        session.scalars(
            select(GuardedStep)
            .where(GuardedStep.task_id == task.id)
            .order_by(GuardedStep.created_at, GuardedStep.id)
        )
    )


def proposed(session: Session, task: AddressTask) -> GuardedStep | None:
    """The outcome that waits for a second supervisor."""
    done = steps(session, task)
    return done[-1] if done and done[-1].step == "proposed" else None


def propose(
    session: Session, task_id: str, outcome: str, source: str, note: str, actor: str
) -> AddressTask:
    """Say how the review ends and whence one knows; a death waits for a second supervisor."""
    task = _in_review(session, task_id)
    if outcome not in OUTCOMES[task.queue] or source not in SOURCES:
        raise WrongUse("unknown_outcome", "No such outcome.", "Choose from the lists.")
    if proposed(session, task) is not None:
        raise Conflict("proposed_already", "An outcome waits to be confirmed.", "Confirm it first.")
    said = {"note": note.strip()[:2000], "source": source}
    if not said["note"]:
        raise WrongUse("no_reason", "Say what is known.", "Type a few words.")
    _step(session, task, "proposed", outcome, said, actor)
    if task.queue not in SECOND_PERSON:
        _settle(session, task, outcome, actor)
    return task


def confirm(session: Session, task_id: str, actor: str) -> AddressTask:
    """A second supervisor says the same; only then does anything follow from it."""
    task = _in_review(session, task_id)
    waiting = proposed(session, task)
    if waiting is None:
        raise Conflict("nothing_proposed", "No outcome waits.", "Propose one first.")
    if waiting.actor == actor:
        raise Conflict(
            "second_person_needed", "You proposed it.", "Another supervisor confirms or refuses it."
        )
    _settle(session, task, waiting.outcome, actor)
    return task


def refuse(session: Session, task_id: str, note: str, actor: str) -> AddressTask:
    """Not so: the review goes on."""
    task = _in_review(session, task_id)
    if proposed(session, task) is None:
        raise Conflict("nothing_proposed", "No outcome waits.", "Propose one first.")
    _step(session, task, "refused", "", {"note": note.strip()[:1000]}, actor)
    return task


def confirmed_death(session: Session, task: AddressTask) -> bool:
    """Whether two supervisors have said that the person died: now the record may be changed."""
    done = [each for each in steps(session, task) if each.queue == "deceased"]
    return bool(done) and done[-1].step == "confirmed" and done[-1].outcome == "deceased"


def pages(session: Session, page_ids: Collection[str]) -> frozenset[str]:
    """Those of these pages that show a document of a guarded task, or a piece that joined one.

    A page of two documents counts when one of them is guarded. As long as the task stands in a
    guarded queue, ended or not: its page is the supervisors' as long.
    """
    files = select(PageImage.source_file_id).where(PageImage.id.in_(list(page_ids)))
    shown = session.scalars(
        select(Document.page_ids)
        .join(MailTransaction, MailTransaction.id == Document.transaction_id)
        .where(MailTransaction.source_file_id.in_(files), _of_a_guarded_task())
    )
    return frozenset(str(each) for ids in shown for each in ids).intersection(page_ids)


def documents(session: Session, document_ids: Collection[str]) -> frozenset[str]:
    """Those of these documents that are a guarded task's: what was read of them is kept back."""
    query = select(Document.id).where(Document.id.in_(list(document_ids)), _of_a_guarded_task())
    return frozenset(session.scalars(query))


def _of_a_guarded_task() -> ColumnElement[bool]:
    here = select(AddressTask.id).where(AddressTask.queue != "")
    return or_(
        select(AddressTask.id)
        .where(AddressTask.document_id == Document.id, AddressTask.queue != "")
        .exists(),
        select(ReturnedPiece.id)
        .where(ReturnedPiece.document_id == Document.id, ReturnedPiece.task_id.in_(here))
        .exists(),
    )


def _settle(session: Session, task: AddressTask, outcome: str, actor: str) -> None:
    _step(session, task, "confirmed", outcome, {}, actor)
    if outcome in _ENDING:
        tasks.close_guarded(session, task, actor, outcome)
        return
    _step(session, task, "left", outcome, {}, actor)
    task.queue = ""
    if plays.of_task(task).queue:  # the label was misread, or wrong: a person reads it again
        tasks.change_reason(session, task.id, actor, "unknown")
    for each in tying.live_accounts(task):
        holds.release(session, task, actor, each.account_id)  # the review's; now as the play says
        holds.place(session, task, each.account_id)
        tying.flag(session, task, each.address_version, actor)
    tying.looked_at(session, task)


def _in_review(session: Session, task_id: str) -> AddressTask:
    task = tasks.locked(session, task_id)
    if not task.queue or task.state not in tasks.UNFINISHED:
        raise Conflict("not_guarded", "No review of this task is open.", "Reload the list.")
    return task


def _step(
    session: Session, task: AddressTask, step: str, outcome: str, said: dict[str, Any], actor: str
) -> None:
    session.add(
        GuardedStep(
            task_id=task.id, queue=task.queue, step=step, outcome=outcome, sealed=said, actor=actor
        )
    )
    session.flush()
    tasks.told(session, task, actor, f"task.review_{step}", queue=task.queue, outcome=outcome)
