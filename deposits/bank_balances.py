"""What a bank says its account holds: balances by day and file, and whether they follow on.

A statement must add up (opening + lines = closing), and open with what the one before it closed
with. What does not, and days that no statement tells of, are findings on the bank's own files.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from records import clock
from records.models import BankAccount, BankBalance, BankFile, BankLine
from records.money import Money

_DAILY = ("bai2", "camt.053")
"""Formats that banks send for each business day; the others hold what somebody asked for."""
_LATE_DAYS = 2


@dataclass(frozen=True, slots=True)
class Told:
    """One statement's balances in cents; None for what it does not tell.

    ``daily``: the bank sends such a statement each business day. ``since_cents`` is what all
    lines moved that came after the statement before, up to this one; None where that is unknown.
    """

    bank_account_code: str
    file_ref: str
    from_on: date
    to_on: date
    opening_cents: int | None
    closing_cents: int | None
    moved_cents: int
    daily: bool = True
    since_cents: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "bank_account_code": self.bank_account_code,
            "bank_file": self.file_ref,
            "from": self.from_on.isoformat(),
            "to": self.to_on.isoformat(),
            "opening_cents": self.opening_cents,
            "closing_cents": self.closing_cents,
            "moved_cents": self.moved_cents,
        }


@dataclass(frozen=True, slots=True)
class BalanceFinding:
    """What does not follow on, of the statement that closes on ``on``; ``cents`` it is out by.

    ``code``: ``balance_differs`` (a statement does not add up), ``opening_differs``,
    ``closing_differs`` (of one that tells no opening), ``closing_changed`` (told twice) or
    ``statement_missing``.
    """

    code: str
    bank_account_code: str
    on: date
    file_ref: str
    cents: int
    message: str

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "code": self.code,
            "bank_account_code": self.bank_account_code,
            "on": self.on.isoformat(),
            "bank_file": self.file_ref or None,
            "amount_cents": self.cents,
            "message": self.message,
        }


def told_balances(session: Session, account: BankAccount, until: date | None = None) -> list[Told]:
    """The account's statements in the order of their days, the same one told twice once."""
    query = (
        select(BankBalance, BankFile)
        .join(BankFile, BankFile.id == BankBalance.bank_file_id)
        .where(BankBalance.bank_account_id == account.id)
        .order_by(BankBalance.to_on, BankFile.id, BankBalance.position)
    )
    if until is not None:
        query = query.where(BankBalance.to_on <= until)
    found: list[Told] = []
    seen: set[tuple[object, ...]] = set()
    last = ""
    for row, file in session.execute(query):
        key = (row.from_on, row.to_on, row.opening_cents, row.closing_cents, row.moved_cents)
        if key in seen:
            continue
        seen.add(key)
        since = None
        if row.opening_cents is None and "" < last < file.id:
            since = _moved_between(session, account.id, last, file.id)
        found.append(Told(account.code, file.ref, *key, file.format in _DAILY, since))
        if row.closing_cents is not None:
            last = file.id
    return found


def _moved_between(session: Session, account_id: str, after: str, until: str) -> int:
    """What the lines moved that files brought after one file, up to another; ids sort by time."""
    signed = case((BankLine.direction == "credit", BankLine.amount_cents),
                  else_=-BankLine.amount_cents)  # fmt: skip
    query = select(func.sum(signed)).where(
        BankLine.bank_account_id == account_id,
        BankLine.bank_file_id > after,
        BankLine.bank_file_id <= until,
    )
    return int(session.scalar(query) or 0)


def findings(told: Sequence[Told], today: date | None = None) -> Iterator[BalanceFinding]:
    """What does not follow on in one account's statements, given in the order of their days.

    With ``today`` (a business date) also that the last daily statement is late.
    """
    before: Told | None = None
    for each in told:
        yield from _own(each)
        if before is not None:
            yield from _after(before, each)
        if each.closing_cents is not None:
            before = each
    last = told[-1] if told else None
    if today is not None and last is not None and last.daily:
        open_days = _open_days(last.to_on, today)
        if sum(1 for _ in zip(range(_LATE_DAYS), open_days, strict=False)) == _LATE_DAYS:
            yield _finding("statement_missing", last, 0, f"No statement since {last.to_on}.")


def balance_findings(
    session: Session, accounts: Collection[str] | None = None, since: date | None = None
) -> list[BalanceFinding]:
    """All findings of these bank accounts (ids; None: all), of days from ``since`` on."""
    query = select(BankAccount).order_by(BankAccount.code)
    if accounts is not None:
        query = query.where(BankAccount.id.in_(list(accounts)))
    found: list[BalanceFinding] = []
    for account in session.scalars(query):
        today = clock.business_date(clock.now(), account.zone, account.cut_off)
        found += findings(told_balances(session, account), today)
    return [each for each in found if since is None or each.on >= since]


def day_balance(session: Session, account: BankAccount, on: date) -> dict[str, Any] | None:
    """The balances of the account's day as plain JSON; None where no statement closes on it."""
    told = told_balances(session, account, on)
    of_day = [each for each in told if each.to_on == on and each.closing_cents is not None]
    if not of_day:
        return None
    last = of_day[-1]
    return {
        "bank_file": last.file_ref,
        "opening_cents": last.opening_cents if last.from_on == on else None,
        "closing_cents": last.closing_cents,
        "moved_cents": last.moved_cents if last.from_on == on else None,
        "findings": [
            {"code": each.code, "message": each.message} for each in findings(told) if each.on == on
        ],
    }


def _own(told: Told) -> Iterator[BalanceFinding]:
    if told.opening_cents is None or told.closing_cents is None:
        return
    out = told.opening_cents + told.moved_cents - told.closing_cents
    if out:
        said = (f"The bank's own file does not add up on {told.to_on}: out by "
                f"{Money(abs(out))}.")  # fmt: skip
        yield _finding("balance_differs", told, abs(out), said)


def _after(before: Told, told: Told) -> Iterator[BalanceFinding]:
    closed = before.closing_cents or 0
    if (told.from_on, told.to_on) == (before.from_on, before.to_on):
        if told.file_ref == before.file_ref and told.opening_cents == closed:
            return  # a day that one file tells in two statements, one after the other
        if told.closing_cents not in (None, closed):
            said = (f"Two files close {told.to_on} with {Money(closed)} and "
                    f"{Money(told.closing_cents or 0)}; the later one counts.")  # fmt: skip
            yield _finding("closing_changed", told, abs((told.closing_cents or 0) - closed), said)
        return
    opening = told.opening_cents
    if opening is None and told.daily and told.closing_cents is not None:
        opening = told.closing_cents - told.moved_cents  # all that it tells is of its own days
    if opening is None:
        yield from _without_opening(before, told)
    elif told.from_on > before.to_on:
        yield from _opens(before, told, opening)


def _opens(before: Told, told: Told, opening: int) -> Iterator[BalanceFinding]:
    """Of two statements that follow each other, what the second opens with."""
    closed = before.closing_cents or 0
    out = abs(opening - closed)
    missing = told.daily and next(_open_days(before.to_on, told.from_on), None) is not None
    if missing:
        moved = f"the balance moved by {Money(out)} meanwhile" if out else "the balance stayed"
        said = f"No statement between {before.to_on} and {told.from_on}; {moved}."
        yield _finding("statement_missing", told, out, said)
    elif out:
        said = (
            f"{told.from_on} opens with {Money(opening)}, {before.to_on} closed with "
            f"{Money(closed)}: out by {Money(out)}."
        )
        yield _finding("opening_differs", told, out, said)


def _without_opening(before: Told, told: Told) -> Iterator[BalanceFinding]:
    """By all lines that came since: what was closed with, and they, make what is closed with."""
    if told.since_cents is None or told.closing_cents is None:
        return
    out = abs((before.closing_cents or 0) + told.since_cents - told.closing_cents)
    if out:
        said = (f"From {before.to_on} to {told.to_on} the balance moved otherwise than the lines: "
                f"out by {Money(out)}.")  # fmt: skip
        yield _finding("closing_differs", told, out, said)


def _open_days(after: date, until: date) -> Iterator[date]:
    """The business days strictly between two dates."""
    day = after + timedelta(days=1)
    while day < until:
        if not clock.banks_closed(day):
            yield day
        day += timedelta(days=1)


def _finding(code: str, told: Told, cents: int, message: str) -> BalanceFinding:
    return BalanceFinding(code, told.bank_account_code, told.to_on, told.file_ref, cents, message)
