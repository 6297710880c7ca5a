"""What a PMS said of an export, entered line by line: posted, failed, unknown, looked up."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import pms, posting_queue
from deposits.pms.types import LineAnswer
from deposits.posting_plan import GIVE_BACK
from matching import index
from records import audit, clock, journal, workflow
from records.errors import Conflict, NotFound, WrongUse
from records.models import Allocation, Payment, Posting, PostingExport, Statement

SETTLES_IN: Final = timedelta(minutes=5)
"""A line sent so long ago is there or will never be: a sender gives a line three minutes at most
(``records.open_dental_http``), and the PMS itself gives up after one."""
_NOT_FOUND = "looked up: not in the PMS"


def acknowledge(
    session: Session,
    export_id: str,
    accepted: Collection[str] | Mapping[str, str] | Literal["all"],
    failed: Mapping[str, str],
    actor: str,
    unknown: Collection[str] = (),
) -> None:
    """Enter what the PMS said of an export.

    ``accepted`` are posting references (a mapping also gives the PMS's own reference), or
    ``all`` that are not in ``failed``; ``failed`` maps a reference to the PMS's error; ``unknown``
    are to be looked up. References in none stay exported. A refused payment goes back to review.
    WrongUse ``posting_not_in_export``, Conflict ``posting_answered`` when one was answered
    otherwise.
    """
    made = _locked_export(session, export_id)
    postings = {posting.ref: posting for posting in of_export(session, export_id)}
    if accepted == "all" and made.format in pms.SENT:
        raise WrongUse("sent_line_by_line", "This export is sent line by line.",
                       "Send it: each line gets its own answer.")  # fmt: skip
    if accepted == "all":
        waiting = {r for r, p in postings.items() if p.state in ("exported", "unknown")}
        taken: Mapping[str, str] = dict.fromkeys(sorted(waiting - failed.keys()), "")
    elif isinstance(accepted, Mapping):
        taken = accepted
    else:
        taken = dict.fromkeys(accepted, "")
    _require_known(postings, taken, failed, dict.fromkeys(unknown, ""))
    for ref, reference in taken.items():
        _take(session, postings[ref], reference)
    for ref, error in failed.items():
        _refuse(postings[ref], error)
    for ref in unknown:
        _doubt(postings[ref])
    session.flush()
    _settle_payments(session, [postings[ref] for ref in taken], actor)
    _send_back(session, [postings[ref] for ref in failed], actor)
    audit_export(session, actor, "postings_acknowledged", made, taken=len(taken),
                 refused=len(failed), unknown=len(unknown))  # fmt: skip


def acknowledge_file(session: Session, export_id: str, data: bytes | str, actor: str) -> None:
    """Enter a PMS's answer file, read as the export's format and the office's map say.

    Usually CSV with the columns ``posting,status,reference,error``.
    """
    made = _locked_export(session, export_id)
    adapter = pms.adapter(made.format, made.office.settings)
    answers = adapter.read_answers(data.encode() if isinstance(data, str) else data)
    enter(session, export_id, answers, actor)


def enter(session: Session, export_id: str, answers: Iterable[LineAnswer], actor: str) -> None:
    """Enter answers line by line; what the PMS has surely not taken is queued again."""
    told = list(answers)
    acknowledge(
        session,
        export_id,
        {each.ref: each.reference for each in told if each.outcome == "posted"},
        {each.ref: each.reason for each in told if each.outcome == "failed"},
        actor,
        [each.ref for each in told if each.outcome == "unknown"],
    )
    for each in told:
        if each.outcome == "unknown" and each.reason:
            _posting(session, export_id, each.ref).error = each.reason[:200]
    again = {each.ref: each.reason for each in told if each.outcome == "not_taken"}
    if again:
        _requeue(session, export_id, again, actor)


def mark_unknown(session: Session, export_id: str, actor: str) -> None:
    """Say that nobody knows whether the PMS took this export; it must be looked up first."""
    made = _locked_export(session, export_id)
    waiting = [p for p in of_export(session, export_id) if p.state == "exported"]
    if not waiting:
        raise Conflict("nothing_in_doubt", "Every posting of this export has been answered.",
                       "Look at the export's list.")  # fmt: skip
    for posting in waiting:
        workflow.move(posting, workflow.POSTING, "unknown")
    session.flush()
    audit_export(session, actor, "postings_unknown", made, count=len(waiting))


def resolve_unknown(
    session: Session,
    export_id: str,
    found: Collection[str] | Mapping[str, str],
    missing: Collection[str],
    actor: str,
) -> None:
    """Enter what looking up in the PMS showed: found is acknowledged, missing queued again.

    Conflict ``posting_just_sent`` for a missing one that was sent less than five minutes ago: it
    may still arrive, and would then be there twice.
    """
    made = _locked_export(session, export_id)
    postings = {p.ref: p for p in of_export(session, export_id) if p.state == "unknown"}
    taken = found if isinstance(found, Mapping) else dict.fromkeys(found, "")
    _require_known(postings, taken, dict.fromkeys(missing, ""))
    if any(in_flight(postings[ref]) for ref in missing):
        raise Conflict("posting_just_sent", "One of these was sent less than five minutes ago.",
                       "It may still arrive: look again in five minutes.")  # fmt: skip
    for ref, reference in taken.items():
        _take(session, postings[ref], reference)
    session.flush()
    _settle_payments(session, [postings[ref] for ref in taken], actor)
    _requeue(session, export_id, dict.fromkeys(missing, _NOT_FOUND), actor)
    audit_export(session, actor, "postings_looked_up", made, found=len(taken),
                 missing=len(missing))  # fmt: skip


def in_flight(posting: Posting) -> bool:
    """Whether the posting was sent so lately that it may still arrive."""
    return posting.sent_at is not None and clock.now() - posting.sent_at < SETTLES_IN


def _requeue(session: Session, export_id: str, reasons: Mapping[str, str], actor: str) -> None:
    """Queue again what is surely not in the PMS; the reason stays to be read."""
    postings = {p.ref: p for p in of_export(session, export_id) if p.ref in reasons}
    _require_known(postings, reasons, {})
    for ref, reason in reasons.items():
        _refuse(postings[ref], reason)
    session.flush()
    for posting in postings.values():
        posting.export_id = None
        workflow.move(posting, workflow.POSTING, "queued")
    session.flush()
    _settle_payments(session, list(postings.values()), actor)


def _posting(session: Session, export_id: str, ref: str) -> Posting:
    query = select(Posting).where(Posting.export_id == export_id, Posting.ref == ref)
    return session.scalars(query).one()


def _doubt(posting: Posting) -> None:
    if posting.state == "unknown":
        return
    if posting.state != "exported":
        raise _answered(posting)
    workflow.move(posting, workflow.POSTING, "unknown")


def _locked_export(session: Session, export_id: str) -> PostingExport:
    made = session.get(PostingExport, export_id, with_for_update=True)
    if made is None:
        raise NotFound("export_unknown", "There is no such export.", "Reload the page.")
    return made


def of_export(session: Session, export_id: str) -> list[Posting]:
    """The export's postings, locked after their payments: everybody locks in this order."""
    inside = select(Posting.payment_id).where(Posting.export_id == export_id)
    session.execute(
        select(Payment.id).where(Payment.id.in_(inside)).order_by(Payment.id).with_for_update()
    ).all()
    query = select(Posting).where(Posting.export_id == export_id).order_by(Posting.id)
    locked = query.with_for_update(of=Posting).execution_options(populate_existing=True)
    return list(session.scalars(locked))


def _require_known(postings: Mapping[str, Posting], *answers: Mapping[str, str]) -> None:
    named = [ref for each in answers for ref in each]
    stray = sorted(set(named) - postings.keys())
    if stray or len(set(named)) < len(named):
        shown = ", ".join(stray[:5]) or "a posting named twice"
        raise WrongUse("posting_not_in_export", f"Not in this export: {shown}.",
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


def audit_export(
    session: Session, actor: str, action: str, made: PostingExport, **detail: int
) -> None:
    """Say in the audit chain what was done with an export: its reference, and counts."""
    audit.record(session, actor=actor, action=action, subject_kind="posting_export",
                 subject_id=made.id, detail={"ref": made.ref, **detail})  # fmt: skip
