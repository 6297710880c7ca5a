"""Postings on their way: exported once, as one balanced file that can be given out again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import pms, posting_queue
from deposits.posting_answers import (
    acknowledge,
    acknowledge_file,
    audit_export,
    give_back,
    mark_unknown,
    resolve_unknown,
)
from deposits.posting_lines import file_of
from deposits.posting_queue import queue_counts
from records import audit, clock, ids, workflow
from records.errors import Conflict, NotFound
from records.files import FileStore
from records.models import DepositItem, Office, Posting, PostingExport

__all__ = [
    "acknowledge",
    "acknowledge_file",
    "export",
    "give_back",
    "mark_unknown",
    "queue_counts",
    "resend",
    "resolve_unknown",
    "retry",
]


def export(
    session: Session,
    store: FileStore,
    office_id: str,
    actor: str,
    format: str | None = None,  # noqa: A002 - the services' agreed name
    deposit_id: str | None = None,
) -> PostingExport:
    """Give all queued postings of an office to its PMS as one file, each exactly once.

    ``format`` is one of ``deposits.pms.FORMATS``; None takes the office's ``posting_format``.
    ``deposit_id`` takes only what was paid with that deposit's checks. Conflict
    ``nothing_to_export`` when the queue is empty (another exporter may have been faster).
    """
    office = session.get(Office, office_id)
    if office is None:
        raise NotFound("office_unknown", "There is no such office.", "Choose another.")
    adapter = pms.adapter(
        format or str(office.settings.get("posting_format") or "csv"), office.settings
    )
    for payment_id in posting_queue.out_of_step(session, office_id):
        posting_queue.keep_in_step(session, payment_id, actor)
    postings = _queued(session, office_id, deposit_id)
    if not postings:
        raise Conflict("nothing_to_export", "No postings wait for this office.",
                       "Another export may have taken them: look at the list.")  # fmt: skip
    made = PostingExport(
        id=ids.new_id(),
        ref=ids.new_ref("PX"),
        office_id=office_id,
        format=adapter.name,
        file_name="",
        file_sha256="",
        count=len(postings),
        total_cents=sum(posting.amount_cents for posting in postings),
        created_by=actor,
    )
    data = adapter.write(file_of(session, office, made, postings, clock.now()))
    made.file_name = f"postings-{office.code}-{made.ref}.{adapter.ending}"
    made.file_sha256 = store.put(data)
    session.add(made)
    session.flush()
    for posting in postings:
        posting.export_id, posting.error = made.id, ""
        workflow.move(posting, workflow.POSTING, "exported")
    session.flush()
    audit_export(session, actor, "postings_exported", made, count=made.count,
                 total=made.total_cents)  # fmt: skip
    return made


def resend(session: Session, store: FileStore, export_id: str, actor: str) -> bytes:
    """The export's file once more, byte for byte, under its own number."""
    made = session.get(PostingExport, export_id)
    if made is None:
        raise NotFound("export_unknown", "There is no such export.", "Reload the page.")
    data = store.get(made.file_sha256)
    audit_export(session, actor, "postings_resent", made, count=made.count)
    return data


def retry(session: Session, posting_id: str, actor: str) -> None:
    """Queue a refused reversal again, once the PMS's reason for refusing it is gone."""
    posting = session.get(Posting, posting_id, with_for_update=True, populate_existing=True)
    if posting is None:
        raise NotFound("posting_unknown", "There is no such posting.", "Reload the page.")
    workflow.move(posting, workflow.POSTING, "queued")
    posting.export_id, posting.error = None, ""
    session.flush()
    audit.record(session, actor=actor, action="posting_retried", subject_kind="posting",
                 subject_id=posting.id, detail={"ref": posting.ref})  # fmt: skip


def _queued(session: Session, office_id: str, deposit_id: str | None) -> list[Posting]:
    """Queued postings, locked; those another exporter took while we waited are gone from it."""
    query = (
        select(Posting)
        .where(Posting.office_id == office_id, Posting.state == "queued", Posting.live)
        .order_by(Posting.id)
        .with_for_update(of=Posting)
        .execution_options(populate_existing=True)
    )
    if deposit_id is not None:
        inside = select(DepositItem.payment_id).where(
            DepositItem.deposit_id == deposit_id, DepositItem.live
        )
        query = query.where(Posting.payment_id.in_(inside))
    return list(session.scalars(query))
