"""Returned items whose check nobody knew: kept, looked for again, and ended by a person.

What a return file gives back is never lost: an item that finds no check of ours, or one that is
not credited yet, is a row. It is entered by itself as soon as its check is there; else a person
ties it to a check, or says that it is not ours and tells the bank.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from deposits.return_letters import ReturnClaim
from deposits.returning import (
    ReturnOutcome,
    came_back_on,
    candidates,
    check_of,
    enter_return,
    of_rejected,
    serial_of,
)
from deposits.returns import record_returned_item
from records import audit, clock, crypto, ids
from records.errors import Conflict, NotFound, WrongUse
from records.models import (
    BankAccount,
    BankFile,
    Office,
    Payment,
    ReturnedItem,
    UnmatchedReturn,
)
from records.money import Money

_WAITS = ("not_found", "not_credited", "rejected_deposit")
_NOTE = 200
_FIND = ("Find its check by the amount, the check number or the payer, and tie it; or say that it "
         "is not ours, and send the bank the note.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenReturn:
    """A returned item that waits for a person; ``days`` is its age.

    ``check_number`` is by its MICR line, empty where there is none; ``candidates`` are payments
    that it may be, the nearest first. ``amount_cents`` is None where it could not be read.
    ``words`` are what a paper said of the check; they may name somebody.
    """

    ref: str
    file_ref: str
    number: int
    bank_account_code: str
    amount_cents: int | None
    reason: str
    returned_on: date
    days: int
    check_number: str
    candidates: tuple[str, ...]
    next_step: str
    words: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON, without the MICR line and without words."""
        return {
            "unmatched_return": self.ref,
            "bank_file": self.file_ref or None,
            "number": self.number,
            "bank_account_code": self.bank_account_code or None,
            "amount_cents": self.amount_cents,
            "reason": self.reason,
            "returned_on": self.returned_on.isoformat(),
            "days": self.days,
            "check_number": self.check_number or None,
            "candidates": list(self.candidates),
            "next_step": self.next_step,
        }


def enter_file(
    session: Session,
    file: BankFile,
    claims: Sequence[ReturnClaim],
    actor: str,
    accounts: Collection[str] | None = None,
) -> list[ReturnOutcome]:
    """Enter what finds its check, and keep the rest, each once however often the file comes.

    ``accounts`` are ids of the bank accounts whose checks may be found (None: all). What was only
    announced (``preliminary``) is not kept: the item itself comes later.
    """
    outcomes = []
    times: Counter[str] = Counter()
    for claim in claims:
        identity = _identity(claim)
        mark = _fingerprint(identity, times[identity])
        times[identity] += 1
        kept = _by_mark(session, mark)
        if kept is not None and kept.outcome:
            ref = kept.returned_item.ref if kept.returned_item else ""
            outcomes.append(ReturnOutcome(claim.number, "known", claim.cents, claim.reason,
                                          returned_ref=ref))  # fmt: skip
            continue
        outcome = enter_return(session, claim, actor, accounts)
        if kept is not None:
            _found(session, kept, outcome, actor)
        elif outcome.status in _WAITS:
            account_id = _account_of(session, outcome) or _only(session, accounts)
            _keep(session, file, claim, mark, actor, account_id)
        outcomes.append(outcome)
    return outcomes


def enter_waiting(session: Session, actor: str, accounts: Collection[str] | None = None) -> int:
    """Look again for the checks of all open items; how many were entered.

    One that a person has in hand at this moment is left to that person.
    """
    rows = session.scalars(
        select(UnmatchedReturn).where(UnmatchedReturn.outcome == "").order_by(UnmatchedReturn.id)
        .with_for_update(skip_locked=True).execution_options(populate_existing=True)
    ).all()  # fmt: skip
    return sum(
        _found(session, row, enter_return(session, claim_of(row), actor, accounts), actor)
        for row in rows
        if row.bank_file_id is not None
    )


def note_return(
    session: Session,
    account: BankAccount,
    cents: int,
    reason: str,
    returned_on: date,
    words: str,
    actor: str,
) -> UnmatchedReturn:
    """Keep a returned item that the bank told on paper and whose check nobody finds.

    ``words`` are what the paper says of the check. WrongUse ``amount_needed``.
    """
    if cents <= 0:
        raise WrongUse(
            "amount_needed", "A returned item has an amount.", "Copy it from the notice."
        )
    row = UnmatchedReturn(
        ref=ids.new_ref("UR"), bank_account_id=account.id, number=0, fingerprint=ids.new_id(),
        amount_cents=cents, reason=reason[:60], returned_on=returned_on,
        sealed={"micr_line": "", "traces": [], "words": words.strip()[:_NOTE]}, entered_by=actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _audit(session, row, "return_kept", actor)
    return row


def open_returns(
    session: Session,
    accounts: Collection[str] | None = None,
    actor: str = "",
    limit: int = 200,
) -> list[OpenReturn]:
    """What waits for a person, the oldest first.

    ``accounts`` are ids of bank accounts (None: all). A return file names no account of ours: what
    it gives back is shown to who brought it (``actor``) and to who sees all.
    """
    query = (
        select(UnmatchedReturn)
        .where(UnmatchedReturn.outcome == "")
        .order_by(UnmatchedReturn.returned_on, UnmatchedReturn.id)
    )
    if accounts is not None:
        query = query.where(_in_sight(accounts, actor))
    return [_shown(session, row, accounts) for row in session.scalars(query.limit(limit))]


def ended_returns(
    session: Session, accounts: Collection[str] | None = None, actor: str = "", limit: int = 20
) -> list[UnmatchedReturn]:
    """What a person or a later look ended, the latest first."""
    query = select(UnmatchedReturn).where(UnmatchedReturn.outcome != "")
    if accounts is not None:
        query = query.where(_in_sight(accounts, actor))
    return list(session.scalars(query.order_by(UnmatchedReturn.ended_at.desc()).limit(limit)))


def find(
    session: Session, ref: str, accounts: Collection[str] | None = None, actor: str = ""
) -> UnmatchedReturn:
    """The row of this reference, locked; NotFound ``unmatched_return_unknown``."""
    query = select(UnmatchedReturn).where(UnmatchedReturn.ref == ref.strip().upper())
    if accounts is not None:
        query = query.where(_in_sight(accounts, actor))
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("unmatched_return_unknown", f"There is no returned item {ref} to be found.",
                       "See `lockbox bank exceptions`.")  # fmt: skip
    return row


def tie(
    session: Session, row: UnmatchedReturn, payment: Payment, actor: str, note: str = ""
) -> ReturnedItem:
    """Say which check it is; that check is entered as returned, unless it is already.

    WrongUse ``amounts_differ`` when the check's amount is another and ``note`` does not say why;
    Conflict ``return_ended``, ``return_tied`` (the check's return is tied to another item), and
    as ``returns.record_returned_item`` raises.
    """
    _require_open(row)
    text = note.strip()[:_NOTE]
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
    _end(session, row, "tied", actor, item, text)
    return item


def not_ours(session: Session, row: UnmatchedReturn, why: str, actor: str) -> str:
    """Say that it is no check of ours, and why; the note to the bank.

    WrongUse ``reason_needed``; Conflict ``return_ended``, and ``return_is_ours`` where it is for
    certain a check that the bank has of ours, of whichever office.
    """
    _require_open(row)
    text = why.strip()[:_NOTE]
    if not text:
        raise WrongUse("reason_needed", "Say why it is not ours.", "The bank will read it.")
    _require_nobodys(session, row)
    _end(session, row, "not_ours", actor, None, text)
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


def _identity(claim: ReturnClaim) -> str:
    """What makes the item this item, whatever its place in the file."""
    days = (claim.returned_on, claim.forwarded_on)
    return "\x1f".join(str(each) for each in (
        claim.cents, claim.micr_line, claim.traces, claim.reason, *days))  # fmt: skip


def _fingerprint(identity: str, occurrence: int) -> str:
    return crypto.keyring().fingerprint("unmatched_return", f"{identity}\x1f{occurrence}")


def _by_mark(session: Session, mark: str) -> UnmatchedReturn | None:
    return session.scalars(
        select(UnmatchedReturn).where(UnmatchedReturn.fingerprint == mark).with_for_update()
    ).one_or_none()


def _keep(
    session: Session,
    file: BankFile,
    claim: ReturnClaim,
    mark: str,
    actor: str,
    bank_account_id: str | None,
) -> None:
    row = UnmatchedReturn(
        ref=ids.new_ref("UR"), bank_file_id=file.id, bank_account_id=bank_account_id,
        number=claim.number, fingerprint=mark, amount_cents=claim.cents, reason=claim.reason[:60],
        returned_on=came_back_on(claim, clock.now().date()), forwarded_on=claim.forwarded_on,
        sealed={"micr_line": claim.micr_line, "traces": [str(each) for each in claim.traces]},
        entered_by=actor,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _audit(session, row, "return_kept", actor)


def _account_of(session: Session, outcome: ReturnOutcome) -> str | None:
    """The bank account of the check that it is, where that is known."""
    if not outcome.payment_ref:
        return None
    return session.scalar(
        select(Office.bank_account_id)
        .join(Payment, Payment.office_id == Office.id)
        .where(Payment.ref == outcome.payment_ref)
    )


def _only(session: Session, accounts: Collection[str] | None) -> str | None:
    """The bank account that it can only be of: the one there is, or the one in sight."""
    known = list(accounts) if accounts is not None else list(
        session.scalars(select(BankAccount.id).limit(2)))  # fmt: skip
    return known[0] if len(known) == 1 else None


def _found(session: Session, row: UnmatchedReturn, outcome: ReturnOutcome, actor: str) -> bool:
    """End a row whose check was found; whether it was."""
    if outcome.status not in ("entered", "known"):
        return False
    item = session.scalars(
        select(ReturnedItem).where(ReturnedItem.ref == outcome.returned_ref)
    ).one()
    tied = select(UnmatchedReturn.id).where(UnmatchedReturn.returned_item_id == item.id)
    if session.scalar(tied) is not None:
        return False  # two items for one check: the second is a person's to look at
    _end(session, row, "entered", actor, item, "")
    return True


def _end(
    session: Session,
    row: UnmatchedReturn,
    outcome: str,
    actor: str,
    item: ReturnedItem | None,
    note: str,
) -> None:
    row.outcome, row.ended_by, row.ended_at = outcome, actor, clock.now()
    row.returned_item_id, row.note = (item.id if item else None), note
    session.flush()
    _audit(session, row, f"return_{outcome}", actor)


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


def _in_sight(accounts: Collection[str], actor: str) -> ColumnElement[bool]:
    return or_(
        UnmatchedReturn.bank_account_id.in_(list(accounts)),
        UnmatchedReturn.bank_account_id.is_(None) & (UnmatchedReturn.entered_by == actor),
    )


def _shown(session: Session, row: UnmatchedReturn, accounts: Collection[str] | None) -> OpenReturn:
    claim = claim_of(row)
    refused = of_rejected(session, claim, accounts) if claim.cents is not None else ""
    known = None if refused else check_of(session, claim, accounts)
    sought = claim.cents is not None and not refused and known is None
    perhaps = candidates(session, claim, accounts) if sought else ()
    if refused:
        step = f"It is {refused} in a deposit that the bank refused: ask the bank what it returned."
    elif known is not None:
        step = f"It is {known.ref}, and enters when the bank's credit of it is in."
    else:
        step = _FIND
    return OpenReturn(
        row.ref,
        row.bank_file.ref if row.bank_file else "",
        row.number,
        row.bank_account.code if row.bank_account else "",
        row.amount_cents,
        row.reason,
        row.returned_on,
        max(0, (clock.now().date() - row.returned_on).days),
        serial_of(claim.micr_line),
        perhaps,
        step,
        str(row.sealed.get("words", "")),
    )


def _amount(row: UnmatchedReturn) -> str:
    return "an amount that nobody could read" if row.amount_cents is None else str(
        Money(row.amount_cents))  # fmt: skip


def _audit(session: Session, row: UnmatchedReturn, action: str, actor: str) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="unmatched_return",
                 subject_id=row.id, detail={"ref": row.ref})  # fmt: skip
