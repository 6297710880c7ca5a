"""Account changes given out as a file, the same bytes again, and what the PMS said of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit, clock, ids, workflow
from records.errors import Conflict, NotFound, WrongUse
from records.files import FileStore
from records.models import AccountChange, ChangeExport, Office
from returned_mail import outbox, outbox_csv, outbox_lines
from returned_mail.outbox_lines import ChangeAnswer


def export(session: Session, store: FileStore, office_id: str, actor: str) -> ChangeExport:
    """Give what may leave of an office's queue out as one file, each change exactly once.

    Conflict ``nothing_to_export`` when nothing waits (another export may have been faster).
    """
    office = session.get(Office, office_id)
    if office is None:
        raise NotFound("office_unknown", "There is no such office.", "Choose another.")
    rows = outbox_lines.ready(session, office_id, actor)
    if not rows:
        raise Conflict("nothing_to_export", "No account changes wait for this office.",
                       "Another export may have taken them: look at the list.")  # fmt: skip
    ref = ids.new_ref("CX")
    data = outbox_csv.write([outbox_lines.line_of(session, row) for row in rows])
    made = ChangeExport(
        ref=ref,
        office_id=office_id,
        format="csv",
        file_name=f"account-changes-{office.code}-{ref}.csv",
        file_sha256=store.put(data),
        count=len(rows),
        created_by=actor,
    )
    session.add(made)
    session.flush()
    for row in rows:
        row.export_id, row.error = made.id, None
        workflow.move(row, workflow.ACCOUNT_CHANGE, "exported")
        outbox.told(session, row, actor, "account_change.exported", export=ref)
    session.flush()
    _told(session, made, actor, "account_changes.exported", count=made.count)
    return made


def resend(session: Session, store: FileStore, export_ref: str, actor: str) -> bytes:
    """The export's file once more, byte for byte, under its own number."""
    made = find(session, export_ref)
    data = store.get(made.file_sha256)
    _told(session, made, actor, "account_changes.resent", count=made.count)
    return data


def acknowledge(
    session: Session, export_ref: str, answers: Iterable[ChangeAnswer] | None, actor: str
) -> None:
    """Enter what the PMS said, line by line; None: it took every line.

    WrongUse ``wrong_answer_file`` when a line is not of this export, Conflict ``answered_before``
    when it says something else than what was entered; the same answer twice changes nothing.
    """
    made = find(session, export_ref)
    rows = {
        row.ref: row
        for row in session.scalars(
            select(AccountChange)
            .where(AccountChange.export_id == made.id)
            .order_by(AccountChange.id)
            .with_for_update(of=AccountChange)
            .execution_options(populate_existing=True)
        )
    }
    if answers is None:
        said = [ChangeAnswer(ref, "acknowledged") for ref, r in rows.items()
                if r.state == "exported"]  # fmt: skip
    else:
        said = list(answers)
    stray = [each.ref for each in said if each.ref not in rows]
    if stray:
        raise WrongUse("wrong_answer_file", f"{stray[0]} is not in {made.ref}.",
                       "Nothing was taken over. Is it another export's answer?")  # fmt: skip
    for each in said:
        enter(session, rows[each.ref], each, actor)


def enter(session: Session, row: AccountChange, answer: ChangeAnswer, actor: str) -> None:
    """One line's answer; the row is locked by the caller."""
    if row.state == answer.outcome:
        return
    if row.state not in ("exported", "sent"):
        raise Conflict("answered_before", f"{row.ref} was answered otherwise: {row.state}.",
                       "Look at the list, and correct it there.")  # fmt: skip
    workflow.move(row, workflow.ACCOUNT_CHANGE, answer.outcome)
    row.pms_reference, row.error = answer.reference, answer.reason or None
    row.answered_at = clock.now()
    session.flush()
    outbox.told(session, row, actor, f"account_change.{answer.outcome}")


def requeue(session: Session, ref: str, actor: str) -> AccountChange:
    """Queue a refused change again, once the reason is gone; the same row, the same number.

    Conflict ``overtaken`` where a newer address is in force: that one goes out, never this.
    """
    row = _refused(session, ref)
    if outbox_lines.overtaken(row):
        raise Conflict("overtaken", "A newer address is in force.", "That one is in the queue.")
    workflow.move(row, workflow.ACCOUNT_CHANGE, "queued")
    row.export_id, row.error, row.sent_at, row.answered_at = None, None, None, None
    session.flush()
    outbox.told(session, row, actor, "account_change.requeued")
    return row


def entered_by_hand(session: Session, ref: str, actor: str) -> AccountChange:
    """A person entered a refused change in the PMS; it is done."""
    row = _refused(session, ref)
    workflow.move(row, workflow.ACCOUNT_CHANGE, "acknowledged")
    row.error, row.pms_reference, row.answered_at = None, "by hand", clock.now()
    session.flush()
    outbox.told(session, row, actor, "account_change.entered_by_hand")
    return row


def find(session: Session, ref: str) -> ChangeExport:
    """An export by its reference or id; NotFound ``unknown_export``."""
    found = session.scalar(
        select(ChangeExport).where((ChangeExport.ref == ref) | (ChangeExport.id == ref))
    )
    if found is None:
        raise NotFound("unknown_export", "There is no such export.", "Reload the page.")
    return found


def _refused(session: Session, ref: str) -> AccountChange:
    row = session.scalar(
        select(AccountChange)
        .where(AccountChange.ref == ref)
        .with_for_update(of=AccountChange)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound("unknown_change", "There is no such change.", "Reload the list.")
    if row.state != "refused":
        raise Conflict("not_refused", f"{row.ref} is {row.state}.", "Reload the list.")
    return row


def _told(session: Session, made: ChangeExport, actor: str, action: str, **detail: int) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="change_export",
                 subject_id=made.id, detail={"ref": made.ref, **detail})  # fmt: skip
