"""Postings on their way: exported once, acknowledged or refused, looked up when in doubt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import posting_queue
from deposits.pms import WRITERS, PostingFile, PostingLine
from deposits.pms.csv import read_answer
from deposits.posting_plan import GIVE_BACK
from deposits.posting_queue import queue_counts
from matching import index
from records import audit, clock, ids, journal, workflow
from records.errors import Conflict, NotFound, WrongUse
from records.files import FileStore
from records.models import Allocation, Office, Payment, Posting, PostingExport, Statement

__all__ = [
    "acknowledge",
    "acknowledge_file",
    "export",
    "give_back",
    "mark_unknown",
    "queue_counts",
    "resolve_unknown",
    "retry",
]


def export(
    session: Session,
    store: FileStore,
    office_id: str,
    actor: str,
    format: str | None = None,  # noqa: A002 - the services' agreed name
) -> PostingExport:
    """Give all queued postings of an office to its PMS as one file, each exactly once.

    ``format`` is ``csv`` or ``x12_835``; None takes the office's ``posting_format``. Conflict
    ``nothing_to_export`` when the queue is empty (another exporter may have been faster).
    """
    office = session.get(Office, office_id)
    if office is None:
        raise NotFound("office_unknown", "There is no such office.", "Choose another.")
    chosen = format or str(office.settings.get("posting_format") or "csv")
    if chosen not in WRITERS:
        raise WrongUse("unknown_posting_format", f"There is no posting format {chosen}.",
                       "Use csv or x12_835.")  # fmt: skip
    for payment_id in posting_queue.out_of_step(session, office_id):
        posting_queue.keep_in_step(session, payment_id, actor)
    postings = _queued(session, office_id)
    if not postings:
        raise Conflict("nothing_to_export", "No postings wait for this office.",
                       "Another export may have taken them: look at the list.")  # fmt: skip
    made = PostingExport(
        id=ids.new_id(),
        ref=ids.new_ref("PX"),
        office_id=office_id,
        format=chosen,
        file_name="",
        file_sha256="",
        count=len(postings),
        total_cents=sum(posting.amount_cents for posting in postings),
        created_by=actor,
    )
    ending, write = WRITERS[chosen]
    data = write(_file(session, office, made.ref, postings))
    made.file_name = f"postings-{office.code}-{made.ref}.{ending}"
    made.file_sha256 = store.put(data)
    session.add(made)
    session.flush()
    for posting in postings:
        posting.export_id = made.id
        workflow.move(posting, workflow.POSTING, "exported")
    session.flush()
    _audit(session, actor, "postings_exported", made, count=made.count, total=made.total_cents)
    return made


def acknowledge(
    session: Session,
    export_id: str,
    accepted: Collection[str] | Mapping[str, str] | Literal["all"],
    failed: Mapping[str, str],
    actor: str,
) -> None:
    """Enter what the PMS said of an export.

    ``accepted`` are posting references (a mapping also gives the PMS's own reference), or
    ``all`` that are not in ``failed``; ``failed`` maps a reference to the PMS's error. References
    in neither stay exported. A refused payment goes back to review. WrongUse
    ``posting_not_in_export``, Conflict ``posting_answered`` when one was answered otherwise.
    """
    made = _locked_export(session, export_id)
    postings = {posting.ref: posting for posting in _of_export(session, export_id)}
    if accepted == "all":
        waiting = {r for r, p in postings.items() if p.state in ("exported", "unknown")}
        taken: Mapping[str, str] = dict.fromkeys(sorted(waiting - failed.keys()), "")
    elif isinstance(accepted, Mapping):
        taken = accepted
    else:
        taken = dict.fromkeys(accepted, "")
    _require_known(postings, taken, failed)
    for ref, reference in taken.items():
        _take(session, postings[ref], reference)
    for ref, error in failed.items():
        _refuse(postings[ref], error)
    session.flush()
    _settle_payments(session, [postings[ref] for ref in taken], actor)
    _send_back(session, [postings[ref] for ref in failed], actor)
    _audit(session, actor, "postings_acknowledged", made, taken=len(taken), refused=len(failed))


def acknowledge_file(session: Session, export_id: str, csv_text: str, actor: str) -> None:
    """Enter a PMS's answer file: columns ``posting,status,reference,error``."""
    answer = read_answer(csv_text)
    failed = {refusal.ref: refusal.error for refusal in answer.refused}
    acknowledge(session, export_id, answer.accepted, failed, actor)


def mark_unknown(session: Session, export_id: str, actor: str) -> None:
    """Say that nobody knows whether the PMS took this export; it must be looked up first."""
    made = _locked_export(session, export_id)
    waiting = [p for p in _of_export(session, export_id) if p.state == "exported"]
    if not waiting:
        raise Conflict("nothing_in_doubt", "Every posting of this export has been answered.",
                       "Look at the export's list.")  # fmt: skip
    for posting in waiting:
        workflow.move(posting, workflow.POSTING, "unknown")
    session.flush()
    _audit(session, actor, "postings_unknown", made, count=len(waiting))


def resolve_unknown(
    session: Session,
    export_id: str,
    found: Collection[str] | Mapping[str, str],
    missing: Collection[str],
    actor: str,
) -> None:
    """Enter what looking up in the PMS showed: found is acknowledged, missing queued again."""
    made = _locked_export(session, export_id)
    postings = {p.ref: p for p in _of_export(session, export_id) if p.state == "unknown"}
    taken = found if isinstance(found, Mapping) else dict.fromkeys(found, "")
    _require_known(postings, taken, dict.fromkeys(missing, ""))
    for ref, reference in taken.items():
        _take(session, postings[ref], reference)
    for ref in missing:
        _refuse(postings[ref], "looked up: not in the PMS")
    session.flush()
    for ref in missing:
        postings[ref].export_id = None
        workflow.move(postings[ref], workflow.POSTING, "queued")
    session.flush()
    touched = [postings[ref] for ref in (*taken, *missing)]
    _settle_payments(session, touched, actor)
    _audit(session, actor, "postings_looked_up", made, found=len(taken), missing=len(missing))


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


def _queued(session: Session, office_id: str) -> list[Posting]:
    """Queued postings, locked; those another exporter took while we waited are gone from it."""
    query = (
        select(Posting)
        .where(Posting.office_id == office_id, Posting.state == "queued", Posting.live)
        .order_by(Posting.id)
        .with_for_update(of=Posting)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def _file(session: Session, office: Office, ref: str, postings: Sequence[Posting]) -> PostingFile:
    settings = office.settings
    return PostingFile(
        ref=ref,
        office_code=office.code,
        office_name=office.name,
        npi=str(settings.get("npi") or ""),
        tax_id=str(settings.get("tax_id") or ""),
        made_at=clock.now(),
        lines=tuple(_line(session, posting) for posting in postings),
    )


def _line(session: Session, posting: Posting) -> PostingLine:
    payment, allocation = posting.payment, posting.allocation
    account = allocation.account
    if account is None:
        raise Conflict("posting_without_account", f"Posting {posting.ref} has no account.")
    reverses = session.get(Posting, posting.reverses_id) if posting.reverses_id else None
    return PostingLine(
        ref=posting.ref,
        account_number=account.number,
        patient_name=account.patient_name,
        amount_cents=posting.amount_cents,
        received_on=payment.received_on,
        payment_ref=payment.ref,
        method=payment.kind,
        check_number=payment.check_number,
        payer_name=payment.payer_name,
        statement_number=allocation.statement.number if allocation.statement else "",
        reverses_ref=reverses.ref if reverses else "",
    )


def _locked_export(session: Session, export_id: str) -> PostingExport:
    made = session.get(PostingExport, export_id, with_for_update=True)
    if made is None:
        raise NotFound("export_unknown", "There is no such export.", "Reload the page.")
    return made


def _of_export(session: Session, export_id: str) -> list[Posting]:
    """The export's postings, locked after their payments: everybody locks in this order."""
    inside = select(Posting.payment_id).where(Posting.export_id == export_id)
    session.execute(
        select(Payment.id).where(Payment.id.in_(inside)).order_by(Payment.id).with_for_update()
    ).all()
    query = select(Posting).where(Posting.export_id == export_id).order_by(Posting.id)
    locked = query.with_for_update(of=Posting).execution_options(populate_existing=True)
    return list(session.scalars(locked))


def _require_known(
    postings: Mapping[str, Posting], taken: Mapping[str, str], failed: Mapping[str, str]
) -> None:
    stray = sorted((taken.keys() | failed.keys()) - postings.keys())
    if stray or taken.keys() & failed.keys():
        named = ", ".join(stray[:5]) or "a posting named twice"
        raise WrongUse("posting_not_in_export", f"Not in this export: {named}.",
                       "Check that the answer belongs to this export.")  # fmt: skip


def _take(session: Session, posting: Posting, reference: str) -> None:
    if posting.state == "acknowledged":
        return  # the same answer twice is no news
    if posting.state not in ("exported", "unknown"):
        raise _answered(posting)
    workflow.move(posting, workflow.POSTING, "acknowledged")
    posting.posted_at, posting.pms_reference, posting.error = clock.now(), reference[:60], ""
    allocation = session.get_one(Allocation, posting.allocation_id)
    if allocation.statement_id is not None:
        statement = session.get_one(Statement, allocation.statement_id, with_for_update=True,
                                    populate_existing=True)  # fmt: skip
        statement.open_cents -= posting.amount_cents
    _journal(session, posting, allocation)
    if posting.reverses_id is not None:
        session.flush()
        session.get_one(Posting, posting.reverses_id, with_for_update=True).live = False
        posting.live = False


def _journal(session: Session, posting: Posting, allocation: Allocation) -> None:
    """Posted money leaves ``allocated``; reversed money goes back there, or out with its check."""
    cents = abs(posting.amount_cents)
    if posting.reverses_id is None:
        lines = [journal.debit("allocated", cents), journal.credit("posted", cents)]
    else:
        payment = session.get_one(Payment, posting.payment_id)
        gone = payment.deposit_state == "returned" and allocation.live
        other = "reversed" if gone else "allocated"
        lines = [journal.debit("posted", cents), journal.credit(other, cents)]
    kind = "posted" if posting.reverses_id is None else "posting_reversed"
    journal.post(session, kind, lines, subject_kind="posting", subject_id=posting.id)


def _refuse(posting: Posting, error: str) -> None:
    if posting.state not in ("exported", "unknown"):
        raise _answered(posting)
    workflow.move(posting, workflow.POSTING, "failed")
    posting.error = error[:200]


def _answered(posting: Posting) -> Conflict:
    return Conflict(
        "posting_answered",
        f"Posting {posting.ref} is {posting.state} already.",
        "Look at the export's list; a wrong answer is corrected by undoing the decision.",
    )


def _settle_payments(session: Session, postings: Sequence[Posting], actor: str) -> None:
    """What was undone while it was on its way is reversed now that its fate is known."""
    for payment_id in sorted({posting.payment_id for posting in postings}):
        posting_queue.keep_in_step(session, payment_id, actor)
    # What is open is a key by which matching finds an account.
    owners = {session.get_one(Allocation, p.allocation_id).account_id for p in postings}
    index.rekey(session, {owner for owner in owners if owner is not None})


def _send_back(session: Session, refused: Sequence[Posting], actor: str) -> None:
    """A payment with a refused part goes back to review as a whole, its other parts reversed."""
    for payment_id in sorted({p.payment_id for p in refused if p.reverses_id is None}):
        give_back(session, payment_id, actor)


def give_back(session: Session, payment_id: str, actor: str) -> None:
    """Undo a payment's decision; what the PMS has taken of it is reversed there first.

    The payment is in review at once when nothing of it has been exported, else as soon as the
    PMS has acknowledged every reversal. Conflict ``payment_not_decided``.
    """
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None or payment.match_state != "decided":
        raise Conflict("payment_not_decided", "There is no decision to take back.",
                       "Reload the page.")  # fmt: skip
    if GIVE_BACK not in payment.flags:
        payment.flags = [*payment.flags, GIVE_BACK]
    posting_queue.keep_in_step(session, payment_id, actor)


def _audit(session: Session, actor: str, action: str, made: PostingExport, **detail: int) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="posting_export",
                 subject_id=made.id, detail={"ref": made.ref, **detail})  # fmt: skip
