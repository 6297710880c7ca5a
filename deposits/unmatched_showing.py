"""Showing returned items whose check nobody knew: those that wait, and those that were ended."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from deposits.returning import candidates, check_of, of_rejected, serial_of
from deposits.unmatched_returns import claim_of
from records import clock
from records.errors import NotFound
from records.models import UnmatchedReturn

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
