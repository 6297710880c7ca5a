"""Late events: what happened to a signed day since, as new lines on the day that is signed next.

A signed day never changes. Its proof as it would be now, less the proof as signed and less what
later signed days took up of it already, is what is late. So the signed figures and all late lines
of a day always sum to the day as it is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from deposits.day import account_proof
from records import clock
from records.models import (
    AuditEvent,
    BankAccount,
    BankLine,
    DaySignature,
    Deposit,
    DepositItem,
    JournalEntry,
    Office,
    Payment,
    Posting,
    ReturnedItem,
    Settlement,
)

AXES = ("received", "deposited", "bank", "bank_lines")
_MARGIN = timedelta(hours=1)
"""An entry is stamped before its transaction ends; none takes as long as this."""

Positions = dict[tuple[str, str], dict[str, int]]
"""By axis and reference: the cents it has in each part."""


@dataclass(frozen=True, slots=True)
class LateLine:
    """What changed of one thing since its day was signed.

    ``moved`` are the cents by which each part of the axis changed; they sum to zero when the
    thing only moved on, and to its amount when it is new.
    """

    of: date
    axis: str
    ref: str
    moved: Mapping[str, int]

    @property
    def cents(self) -> int:
        """By how much the axis' total changed."""
        return sum(self.moved.values())

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "of": self.of.isoformat(),
            "axis": self.axis,
            "ref": self.ref,
            "moved": dict(self.moved),
            "amount_cents": self.cents,
        }


@dataclass(frozen=True, slots=True)
class Late:
    """All late lines to be shown on one day, and cents of those days that nothing explains."""

    lines: tuple[LateLine, ...] = ()
    unexplained_cents: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "lines": [line.to_json() for line in self.lines],
            "unexplained_cents": self.unexplained_cents,
        }


def positions(document: Mapping[str, Any]) -> Positions:
    """Where each thing of a proof (as JSON) stands."""
    found: Positions = defaultdict(dict)
    for axis in AXES:
        for part, figure in document[axis]["parts"].items():
            for each in figure["refs"]:
                cents = found[axis, each["ref"]]
                cents[part] = cents.get(part, 0) + each["amount_cents"]
    return dict(found)


def difference(of: date, now: Positions, before: Positions) -> list[LateLine]:
    """The late lines that lead from ``before`` to ``now``."""
    lines = []
    for axis, ref in sorted(now.keys() | before.keys()):
        moved = Counter(now.get((axis, ref), {}))
        moved.subtract(before.get((axis, ref), {}))
        parts = {part: cents for part, cents in sorted(moved.items()) if cents}
        if parts:
            lines.append(LateLine(of, axis, ref, parts))
    return lines


def last_signature(session: Session, account: BankAccount) -> DaySignature | None:
    """The account's latest signed day."""
    return session.scalars(
        select(DaySignature)
        .where(DaySignature.bank_account_id == account.id)
        .order_by(DaySignature.day_on.desc())
        .limit(1)
    ).one_or_none()


def late_lines(session: Session, account: BankAccount) -> Late:
    """What is late of all signed days of the account and of the days between them."""
    last = last_signature(session, account)
    if last is None:
        return Late()
    first = session.scalars(
        select(func.min(DaySignature.day_on)).where(DaySignature.bank_account_id == account.id)
    ).one()
    days = sorted(day for day in _changed_days(session, account, last) if
                  first <= day <= last.day_on)  # fmt: skip
    if not days:
        return Late()
    signed = session.scalars(
        select(DaySignature)
        .where(DaySignature.bank_account_id == account.id, DaySignature.day_on >= days[0])
        .order_by(DaySignature.day_on)
    ).all()
    lines: list[LateLine] = []
    unexplained = 0
    for day in days:
        # The journal is the account's, not the day's: the open day's own proof checks it.
        live = account_proof(session, day, account, with_journal=False)
        unexplained += live.unexplained_cents
        lines += difference(day, positions(live.to_json()), _known(signed, day))
    return Late(tuple(lines), unexplained)


def _known(signed: Iterable[DaySignature], day: date) -> Positions:
    """The day as signed, with what later signed days took up of it; nothing for one unsigned."""
    known: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for signature in signed:
        document = signature.document
        if signature.day_on == day:
            for key, parts in positions(document).items():
                known[key].update(parts)
        for line in document["late"]["lines"]:
            if line["of"] == day.isoformat():
                known[line["axis"], line["ref"]].update(line["moved"])
    return {key: dict(parts) for key, parts in known.items()}


def open_day(session: Session, account: BankAccount) -> date | None:
    """The day that is to be signed next; None where any may be, since none was signed yet.

    It is the first one after the last signed day on which there was anything, else the present
    business date.
    """
    last = last_signature(session, account)
    if last is None:
        return None
    after = last.day_on
    offices = select(Office.id).where(Office.bank_account_id == account.id)
    starts = [
        session.scalar(
            select(func.min(Payment.received_on)).where(
                Payment.office_id.in_(offices), Payment.received_on > after
            )
        ),
        session.scalar(
            select(func.min(Deposit.business_on)).where(
                Deposit.bank_account_id == account.id,
                Deposit.business_on > after,
                Deposit.state != "cancelled",
            )
        ),
        session.scalar(
            select(func.min(BankLine.value_on)).where(
                BankLine.bank_account_id == account.id, BankLine.value_on > after
            )
        ),
    ]
    today = clock.business_date(clock.now(), account.zone, account.cut_off)
    known = [day for day in (*starts, today) if day is not None and day > after]
    return min(known, default=after + timedelta(days=1))


def _changed_days(session: Session, account: BankAccount, last: DaySignature) -> set[date]:
    """Days of which anything may have changed since the last signature.

    What was unfinished then is named in that signature. All else changes only by an entry of the
    journal, by a new row, or by an explanation of a bank line given or taken back.
    """
    since = last.created_at - _MARGIN
    days = {date.fromisoformat(each) for each in last.document["unfinished_days"]}
    days |= _days_of_payments(session, account, since)
    days |= _days_of_deposits(session, account, since)
    audited = select(AuditEvent.subject_id).where(
        AuditEvent.subject_kind == "bank_line", AuditEvent.at >= since
    )
    lines = select(BankLine.value_on).where(BankLine.bank_account_id == account.id)
    days |= set(session.scalars(lines.where(BankLine.created_at >= since)))
    days |= set(session.scalars(lines.where(BankLine.id.in_(audited))))
    settled = select(Settlement.bank_line_id).where(Settlement.created_at >= since)
    return days | set(session.scalars(lines.where(BankLine.id.in_(settled))))


def _subjects(kind: str, since: datetime) -> Select[str]:
    return select(JournalEntry.subject_id).where(
        JournalEntry.at >= since, JournalEntry.subject_kind == kind
    )


def _days_of_payments(session: Session, account: BankAccount, since: datetime) -> set[date]:
    offices = select(Office.id).where(Office.bank_account_id == account.id)
    received = select(Payment.received_on).where(Payment.office_id.in_(offices)).distinct()
    posted = select(Posting.payment_id).where(Posting.id.in_(_subjects("posting", since)))
    returned = select(ReturnedItem.payment_id).where(
        ReturnedItem.id.in_(_subjects("returned_item", since))
    )
    deposited = select(DepositItem.payment_id).where(
        DepositItem.deposit_id.in_(_subjects("deposit", since))
    )
    days = set(session.scalars(received.where(Payment.created_at >= since)))
    for touched in (_subjects("payment", since), posted, returned, deposited):
        days |= set(session.scalars(received.where(Payment.id.in_(touched))))
    return days


def _days_of_deposits(session: Session, account: BankAccount, since: datetime) -> set[date]:
    own = select(Deposit.business_on).where(Deposit.bank_account_id == account.id).distinct()
    audited = select(AuditEvent.subject_id).where(
        AuditEvent.subject_kind == "deposit", AuditEvent.at >= since
    )
    items = select(DepositItem.deposit_id).where(DepositItem.created_at >= since)
    days: set[date] = set()
    for touched in (audited, items, _subjects("deposit", since)):
        days |= set(session.scalars(own.where(Deposit.id.in_(touched))))
    return days
