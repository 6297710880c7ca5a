"""The journal: double entry in whole cents, appended and never changed.

An entry is its row, its lines and its seal, written in this order. Triggers let a seal in only
when debits equal credits, no line after the seal, and nothing be changed or removed; a deferred
key keeps an entry without a seal from being committed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from records import clock, ids
from records.errors import Conflict, NotFound, WrongUse
from records.models.ledger import JournalEntry, JournalLine, JournalSeal


@dataclass(frozen=True, slots=True)
class Line:
    """One side of an entry, in cents; exactly one of the two is above zero."""

    account: str
    debit_cents: int = 0
    credit_cents: int = 0

    def __post_init__(self) -> None:
        sides = (self.debit_cents, self.credit_cents)
        if any(type(side) is not int for side in sides):
            raise TypeError("a journal line takes whole cents")
        if min(sides) != 0 or max(sides) <= 0:
            raise ValueError("a journal line has one side above zero and the other zero")

    def swapped(self) -> Self:
        """The same amount on the other side."""
        return type(self)(self.account, self.credit_cents, self.debit_cents)


def debit(account: str, cents: int) -> Line:
    """A debit of ``cents`` (above zero) to ``account``."""
    return Line(account, debit_cents=cents)


def credit(account: str, cents: int) -> Line:
    """A credit of ``cents`` (above zero) to ``account``."""
    return Line(account, credit_cents=cents)


def post(
    session: Session,
    kind: str,
    lines: Iterable[Line],
    *,
    subject_kind: str,
    subject_id: str,
    memo: str = "",
    at: datetime | None = None,
) -> str:
    """Write one balanced entry; its id. WrongUse ``unbalanced_entry`` when sides differ."""
    return _write(session, kind, list(lines), subject_kind, subject_id, memo, at, None)


def reverse(
    session: Session, entry_id: str, *, kind: str = "", memo: str = "", at: datetime | None = None
) -> str:
    """Write the entry that undoes ``entry_id``: every line on its other side; its id.

    NotFound ``entry_unknown``; Conflict ``already_reversed`` the second time, or
    ``reversal_of_reversal`` (post the right entry anew instead).
    """
    entry = session.scalars(
        select(JournalEntry).where(JournalEntry.id == entry_id).with_for_update()
    ).one_or_none()
    if entry is None:
        raise NotFound("entry_unknown", "There is no such journal entry.")
    if entry.reverses_id is not None:
        raise Conflict(
            "reversal_of_reversal",
            "This entry is itself a reversal.",
            "Post the right entry anew instead.",
        )
    again = select(JournalEntry.id).where(JournalEntry.reverses_id == entry_id)
    if session.scalar(again) is not None:
        raise Conflict("already_reversed", "This entry was reversed before.")
    lines = [line.swapped() for line in lines_of(session, entry_id)]
    name = kind or f"{entry.kind}_reversed"
    return _write(session, name, lines, entry.subject_kind, entry.subject_id, memo, at, entry_id)


def lines_of(session: Session, entry_id: str) -> list[Line]:
    """The lines of an entry, in their order."""
    rows = session.execute(
        select(JournalLine.account, JournalLine.debit_cents, JournalLine.credit_cents)
        .where(JournalLine.entry_id == entry_id)
        .order_by(JournalLine.position)
    )
    return [Line(row.account, row.debit_cents, row.credit_cents) for row in rows]


def balances(
    session: Session,
    *,
    prefix: str = "",
    since: datetime | None = None,
    before: datetime | None = None,
) -> dict[str, int]:
    """Debits less credits in cents by account, of entries from ``since`` until ``before``."""
    total = func.sum(JournalLine.debit_cents) - func.sum(JournalLine.credit_cents)
    query = (
        select(JournalLine.account, total)
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .join(JournalSeal, JournalSeal.entry_id == JournalEntry.id)
        .group_by(JournalLine.account)
        .order_by(JournalLine.account)
    )
    if prefix:
        query = query.where(JournalLine.account.startswith(prefix, autoescape=True))
    if since is not None:
        query = query.where(JournalEntry.at >= since)
    if before is not None:
        query = query.where(JournalEntry.at < before)
    return {account: int(cents) for account, cents in session.execute(query)}


def _write(
    session: Session,
    kind: str,
    lines: list[Line],
    subject_kind: str,
    subject_id: str,
    memo: str,
    at: datetime | None,
    reverses_id: str | None,
) -> str:
    debits = sum(line.debit_cents for line in lines)
    credits_ = sum(line.credit_cents for line in lines)
    if not lines or debits != credits_:
        raise WrongUse(
            "unbalanced_entry",
            f"A journal entry has {debits} cents of debits and {credits_} of credits.",
        )
    entry_id = ids.new_id()
    # Written as statements: the order matters, and these rows are never loaded to be changed.
    session.execute(
        insert(JournalEntry).values(
            id=entry_id,
            kind=kind,
            at=at or clock.now(),
            subject_kind=subject_kind,
            subject_id=subject_id,
            reverses_id=reverses_id,
            memo=memo,
        )
    )
    session.execute(
        insert(JournalLine),
        [
            {
                "entry_id": entry_id,
                "position": position,
                "account": line.account,
                "debit_cents": line.debit_cents,
                "credit_cents": line.credit_cents,
            }
            for position, line in enumerate(lines)
        ],
    )
    session.execute(insert(JournalSeal).values(entry_id=entry_id, total_cents=debits))
    return entry_id
