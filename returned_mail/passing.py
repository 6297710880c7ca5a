"""A piece that lay in one office's mail and is another's: its task is the other office's.

Whoever works for the first office alone sees neither the task nor the picture nor what was read.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from records import audit
from records.errors import Conflict, NotFound
from records.models import (
    AddressTask,
    Document,
    MailTransaction,
    Office,
    PageImage,
    ReturnedPiece,
)
from returned_mail import plays, tasks, tying


def pass_on(session: Session, task_id: str, office_code: str, actor: str) -> AddressTask:
    """A person says that the envelope is another office's: the task goes to that one.

    Accounts that the program proposed are not taken along: they are the first office's. Raises
    NotFound ``unknown_office``, Conflict ``task_ended``, ``guarded_task``, ``account_known`` (its
    account says whose it is), ``same_office``, or ``not_an_envelope`` (a stub).
    """
    task = tasks.locked(session, task_id)
    to = session.scalar(select(Office).where(Office.code == office_code, Office.active))
    if to is None:
        raise NotFound("unknown_office", "There is no such office.", "Choose one from the list.")
    if task.state not in tasks.UNFINISHED:
        raise Conflict("task_ended", f"{task.ref} has ended.", "Reopen it first.")
    tying.refuse_guarded(session, task)
    if task.account_id is not None:
        raise Conflict("account_known", "It is tied to an account of this office.",
                       "If it is not theirs, close it or choose another account.")  # fmt: skip
    if task.document.kind != "returned_mail":
        raise Conflict("not_an_envelope", "It came with a payment of this office.",
                       "Look the account up, or close it.")  # fmt: skip
    if to.id == task.office_id:
        raise Conflict("same_office", "It is this office's already.", "Choose another office.")
    before = task.office
    task.office_id = to.id
    task.evidence = {**task.evidence, "candidates": []}
    for piece in session.scalars(select(ReturnedPiece).where(ReturnedPiece.task_id == task.id)):
        piece.office_id = to.id
    session.flush()
    session.expire(task, ["office"])
    plays.keep(session, task)
    tying.schedule(session, task)
    tasks.told(session, task, actor, "task.passed_on", before=before.code, to=to.code)
    return task


def others(session: Session, task: AddressTask) -> list[tuple[str, str]]:
    """Code and name of the offices that a task may be passed on to; none where it may not."""
    if task.account_id is not None or task.document.kind != "returned_mail" or task.queue:
        return []
    query = select(Office.code, Office.name).where(Office.active, Office.id != task.office_id)
    return [(code, name) for code, name in session.execute(query.order_by(Office.name))]


def arrived(session: Session, document: Document, office_id: str, actor: str) -> None:
    """Put on record that the program gave a piece to the office whose account it names."""
    here = session.get_one(Office, document.transaction.office_id)
    to = session.get_one(Office, office_id)
    audit.record(
        session, actor=actor, action="returned_mail.passed_on", subject_kind="document",
        subject_id=document.id, detail={"before": here.code, "to": to.code},
    )  # fmt: skip


def offices_of_page(session: Session, page_id: str) -> frozenset[str]:
    """The offices (ids) to which pieces on a page were passed on."""
    file = select(PageImage.source_file_id).where(PageImage.id == page_id).scalar_subquery()
    rows = session.execute(_passed_on(MailTransaction.source_file_id == file))
    return frozenset(office for office, page_ids in rows if page_id in page_ids)


def pages(
    session: Session, page_ids: Collection[str], offices: frozenset[str] | None
) -> frozenset[str]:
    """Those of these pages that show a piece passed on to an office not among ``offices`` (ids)."""
    if offices is None:
        return frozenset()
    files = select(PageImage.source_file_id).where(PageImage.id.in_(list(page_ids)))
    rows = session.execute(_passed_on(MailTransaction.source_file_id.in_(files)))
    shown = (each for office, ids in rows if office not in offices for each in ids)
    return frozenset(map(str, shown)).intersection(page_ids)


def documents(
    session: Session, document_ids: Collection[str], codes: frozenset[str] | None
) -> frozenset[str]:
    """Those of these documents that were passed on to an office not among ``codes``."""
    if codes is None:
        return frozenset()
    query = (
        select(Document.id)
        .join(ReturnedPiece, ReturnedPiece.document_id == Document.id)
        .join(MailTransaction, MailTransaction.id == Document.transaction_id)
        .join(Office, Office.id == ReturnedPiece.office_id)
        .where(
            Document.id.in_(list(document_ids)),
            ReturnedPiece.office_id != MailTransaction.office_id,
            Office.code.not_in(codes),
        )
    )
    return frozenset(session.scalars(query))


def _passed_on(where: ColumnElement[bool]) -> Select[str, list[Any]]:
    """Office and pages of each passed-on piece of these envelopes."""
    return (
        select(ReturnedPiece.office_id, Document.page_ids)
        .join(Document, Document.id == ReturnedPiece.document_id)
        .join(MailTransaction, MailTransaction.id == Document.transaction_id)
        .where(where, ReturnedPiece.office_id != MailTransaction.office_id)
    )
