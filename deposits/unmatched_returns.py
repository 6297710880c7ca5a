"""Returned items whose check nobody knew: kept, looked for again, and ended by a person.

What a return file gives back is never lost: an item that finds no check of ours, or one that is
not credited yet, is a row. It is entered by itself as soon as its check is there; else a person
ties it to a check, or says that it is not ours and tells the bank.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.return_letters import ReturnClaim
from deposits.returning import (
    check_of,
    of_rejected,
    serial_of,
)
from deposits.returns import record_returned_item
from records import audit, clock
from records.errors import Conflict, WrongUse
from records.models import (
    Payment,
    ReturnedItem,
    UnmatchedReturn,
)
from records.money import Money

LONGEST_NOTE = 200


def tie(
    session: Session, row: UnmatchedReturn, payment: Payment, actor: str, note: str = ""
) -> ReturnedItem:
    """Say which check it is; that check is entered as returned, unless it is already.

    WrongUse ``amounts_differ`` when the check's amount is another and ``note`` does not say why;
    Conflict ``return_ended``, ``return_tied`` (the check's return is tied to another item), and
    as ``returns.record_returned_item`` raises.
    """
    _require_open(row)
    text = note.strip()[:LONGEST_NOTE]
    if row.amount_cents != payment.amount_cents and not text:
        raise WrongUse(
            "amounts_differ",
            f"The bank returned {_amount(row)}, the check is {Money(payment.amount_cents or 0)}.",
            "Choose another check, or say why they differ.",
        )
    item = session.scalars(
        select(ReturnedItem).where(
            ReturnedItem.payment_id == payment.id,
            ReturnedItem.presentation == payment.presentation,
        )
    ).one_or_none()
    if item is None:
        day = max(row.returned_on, payment.received_on)
        item = record_returned_item(session, payment.id, row.reason, day, None, actor)
    elif session.scalar(select(UnmatchedReturn.id).where(
            UnmatchedReturn.returned_item_id == item.id)):  # fmt: skip
        raise Conflict("return_tied", f"The return of {payment.ref} is tied to another item.",
                       "Choose another check.")  # fmt: skip
    end(session, row, "tied", actor, item, text)
    return item


def not_ours(session: Session, row: UnmatchedReturn, why: str, actor: str) -> str:
    """Say that it is no check of ours, and why; the note to the bank.

    WrongUse ``reason_needed``; Conflict ``return_ended``, and ``return_is_ours`` where it is for
    certain a check that the bank has of ours, of whichever office.
    """
    _require_open(row)
    text = why.strip()[:LONGEST_NOTE]
    if not text:
        raise WrongUse("reason_needed", "Say why it is not ours.", "The bank will read it.")
    _require_nobodys(session, row)
    end(session, row, "not_ours", actor, None, text)
    return note_to_bank(row)


def note_to_bank(row: UnmatchedReturn) -> str:
    """What to tell the bank of an item that is not ours, as plain text.

    It names the check by its number alone: the drawer's account stays sealed.
    """
    serial = serial_of(str(row.sealed.get("micr_line", "")))
    words = str(row.sealed.get("words", ""))
    lines = [
        f"Returned item not ours, our reference {row.ref}",
        f"Account: ending in {row.bank_account.account_last4}" if row.bank_account else "",
        f"Your file: {row.bank_file.name}, item {row.number}" if row.bank_file else "",
        f"Returned on: {row.returned_on}",
        f"Amount: {_amount(row)}",
        f"Check number: {serial}" if serial else "",
        f"Your notice says: {words}" if words else "",
        f"Your reason: {row.reason.replace('_', ' ')}",
        "We find no deposit of ours with this item. " + row.note,
        "Please take it back, and credit what you charged for it.",
    ]
    return "\n".join(line for line in lines if line)


def claim_of(row: UnmatchedReturn) -> ReturnClaim:
    """The item as the file told it."""
    return ReturnClaim(
        number=row.number,
        traces=tuple(int(each) for each in row.sealed.get("traces", ())),
        cents=row.amount_cents,
        micr_line=str(row.sealed.get("micr_line", "")),
        reason=row.reason,
        forwarded_on=row.forwarded_on,
        returned_on=row.returned_on,
    )


def end(
    session: Session,
    row: UnmatchedReturn,
    outcome: str,
    actor: str,
    item: ReturnedItem | None,
    note: str,
) -> None:
    """End a row as ``tied``, ``entered`` or ``not_ours``; once for all."""
    row.outcome, row.ended_by, row.ended_at = outcome, actor, clock.now()
    row.returned_item_id, row.note = (item.id if item else None), note
    session.flush()
    record_step(session, row, f"return_{outcome}", actor)


def _require_open(row: UnmatchedReturn) -> None:
    if row.outcome:
        raise Conflict("return_ended", f"{row.ref} is {row.outcome.replace('_', ' ')} already.",
                       "Reload the page.")  # fmt: skip


def _require_nobodys(session: Session, row: UnmatchedReturn) -> None:
    """Who sees some offices only brings files of all: what is another's would be lost to it."""
    claim = claim_of(row)
    if claim.cents is None or of_rejected(session, claim, None):
        return
    known = check_of(session, claim)
    if known is not None and known.deposit_state in ("deposited", "credited"):
        raise Conflict(
            "return_is_ours",
            f"{row.ref} is a check of ours: of another office, or not credited yet.",
            "Leave it: it enters when somebody who sees that office brings the bank's next file.",
        )


def _amount(row: UnmatchedReturn) -> str:
    return "an amount that nobody could read" if row.amount_cents is None else str(
        Money(row.amount_cents))  # fmt: skip


def record_step(session: Session, row: UnmatchedReturn, action: str, actor: str) -> None:
    """Write in the audit what was done with a row."""
    audit.record(session, actor=actor, action=action, subject_kind="unmatched_return",
                 subject_id=row.id, detail={"ref": row.ref})  # fmt: skip
