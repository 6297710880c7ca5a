"""How much mail comes back, from where and why: by office, who entered the address, vendor, reason.

A rate is pieces that came back in the period over what was mailed in it, with the basis named:
``pieces`` of the print vendor's ledger, else ``statements`` mailed, else none is known and no rate
is given. Copies of one scan count once. Its interval (Wilson, 95 %) says how little a few tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import sqrt
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from records.models import Account, AddressVersion, MailedPiece, Office, ReturnedPiece, Statement
from returned_mail import report_parts
from returned_mail.reasons import play

UNKNOWN: Final = "unknown"
FEW: Final = 30
"""Below so many mailed, a rate is shown as one of few."""
_Z = 1.959964
AXES: Final = {
    "office": "Office",
    "entered_by": "Who entered the address",
    "vendor": "Print vendor",
    "reason": "Reason",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line: ``mailed`` and ``basis`` are None where nobody knows what was mailed."""

    name: str
    returned: int
    mailed: int | None
    basis: str | None

    @property
    def rate(self) -> float | None:
        """Returned over mailed; None when unknown, or when more came back than is on record."""
        if not self.mailed or self.returned > self.mailed:
            return None
        return self.returned / self.mailed

    @property
    def interval(self) -> tuple[float, float] | None:
        """Between which rates the true one likely lies (Wilson's score interval, 95 %)."""
        if self.rate is None or not self.mailed:
            return None
        n, p = self.mailed, self.rate
        middle = (p + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
        half = _Z * sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n)) / (1 + _Z * _Z / n)
        return (max(0.0, middle - half), min(1.0, middle + half))

    @property
    def remark(self) -> str:
        """What keeps the figure from being taken for more than it is."""
        if self.mailed is None:
            return "how much was mailed is not known"
        if self.returned > self.mailed:
            return "more came back than is on record as mailed"
        return "few" if self.mailed < FEW else ""

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        span = self.interval
        return {
            "name": self.name, "returned": self.returned, "mailed": self.mailed,
            "basis": self.basis, "rate": None if self.rate is None else round(self.rate, 4),
            "rate_low": span and round(span[0], 4), "rate_high": span and round(span[1], 4),
            "remark": self.remark or None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Report:
    """The period's figures by axis, and what is often missing, as sentences."""

    first: date
    last: date
    axes: Mapping[str, tuple[Row, ...]]
    repeats: tuple[str, ...]

    @property
    def returned(self) -> int:
        """All pieces that came back."""
        return sum(row.returned for row in self.axes["reason"])

    def to_json(self) -> dict[str, Any]:
        """For commands and the API."""
        return {
            "from": self.first.isoformat(), "to": self.last.isoformat(),
            "returned": self.returned, "repeats": list(self.repeats),
            **{f"by_{axis}": [row.to_json() for row in rows] for axis, rows in self.axes.items()},
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Period:
    first: date
    last: date
    offices: Collection[str] | None

    def came(self) -> ColumnElement[bool]:
        """Pieces booked in the period, in sight, each envelope once."""
        begin = datetime.combine(self.first, time(), UTC)
        end = datetime.combine(self.last + timedelta(days=1), time(), UTC)
        seen = [] if self.offices is None else [ReturnedPiece.office_id.in_(list(self.offices))]
        return and_(
            ReturnedPiece.created_at >= begin,
            ReturnedPiece.created_at < end,
            ReturnedPiece.outcome != "copy",
            *seen,
        )

    def of(self, day: Any) -> ColumnElement[bool]:
        """Mailed on such a day, from an account in sight."""
        seen = [] if self.offices is None else [Account.office_id.in_(list(self.offices))]
        return and_(day >= self.first, day <= self.last, *seen)


def report(session: Session, first: date, last: date, offices: Collection[str] | None) -> Report:
    """The figures of these days, both included, of these offices (ids; None: all)."""
    period = _Period(first, last, offices)
    names = {row.id: row.name for row in session.scalars(select(Office))}
    return Report(
        first,
        last,
        {
            "office": _by_office(session, period, names),
            "entered_by": _by_entry(session, period),
            "vendor": _by_vendor(session, period),
            "reason": _by_reason(session, period),
        },
        report_parts.repeats(session, period.came(), names),
    )


def _by_office(session: Session, period: _Period, names: Mapping[str, str]) -> tuple[Row, ...]:
    returned = _counts(session, select(ReturnedPiece.office_id, func.count())
                       .where(period.came()).group_by(ReturnedPiece.office_id))  # fmt: skip
    of_office = select(Account.office_id, func.count()).group_by(Account.office_id)
    pieces = _counts(
        session,
        of_office.join(MailedPiece, MailedPiece.account_id == Account.id).where(
            period.of(MailedPiece.mailed_on)
        ),
    )
    statements = _counts(
        session,
        of_office.join(Statement, Statement.account_id == Account.id).where(
            period.of(Statement.mailed_on)
        ),
    )
    rows = []
    for office in sorted({*returned, *pieces, *statements}, key=lambda each: names[each]):
        # A ledger that holds less than was billed holds only a part: the statements say more.
        whole = pieces[office] >= statements[office]
        mailed = (pieces if whole else statements)[office] or None
        basis = None if mailed is None else "pieces" if whole else "statements"
        rows.append(Row(names[office], returned[office], mailed, basis))
    return tuple(rows)


def _by_entry(session: Session, period: _Period) -> tuple[Row, ...]:
    """By the person, import or verifier that the address it was mailed to came from."""
    who = (AddressVersion.source, AddressVersion.confirmed_by)
    returned = session.execute(
        select(*who, func.count())
        .select_from(ReturnedPiece)
        .outerjoin(AddressVersion, AddressVersion.id == ReturnedPiece.address_version_id)
        .where(period.came())
        .group_by(*who)
    )
    mailed = session.execute(
        select(*who, func.count())
        .select_from(MailedPiece)
        .join(Account, Account.id == MailedPiece.account_id)
        .join(AddressVersion, AddressVersion.id == MailedPiece.address_version_id)
        .where(period.of(MailedPiece.mailed_on))
        .group_by(*who)
    )
    return _rows(_named(returned), _named(mailed))


def _by_vendor(session: Session, period: _Period) -> tuple[Row, ...]:
    mailed = _counts(
        session,
        select(MailedPiece.vendor, func.count())
        .join(Account, Account.id == MailedPiece.account_id)
        .where(period.of(MailedPiece.mailed_on))
        .group_by(MailedPiece.vendor),
    )
    # A statement is printed again by another only rarely: the latest vendor of it counts.
    latest = (
        select(func.max(MailedPiece.mailed_on))
        .where(MailedPiece.statement_id == ReturnedPiece.statement_id)
        .correlate(ReturnedPiece)
        .scalar_subquery()
    )
    printed = and_(
        MailedPiece.statement_id == ReturnedPiece.statement_id, MailedPiece.mailed_on == latest
    )
    found = session.execute(
        select(ReturnedPiece.id, func.min(MailedPiece.vendor))
        .outerjoin(MailedPiece, printed)
        .where(period.came())
        .group_by(ReturnedPiece.id)
    )
    returned = Counter(vendor or UNKNOWN for _, vendor in found)
    return _rows(returned, Counter({name or UNKNOWN: n for name, n in mailed.items()}))


def _by_reason(session: Session, period: _Period) -> tuple[Row, ...]:
    returned = _counts(session, select(ReturnedPiece.reason, func.count())
                       .where(period.came()).group_by(ReturnedPiece.reason))  # fmt: skip
    ranked = sorted(returned.items(), key=lambda each: (-each[1], each[0]))
    return tuple(Row(play(reason).title, count, None, None) for reason, count in ranked)


def _rows(returned: Mapping[str, int], mailed: Mapping[str, int]) -> tuple[Row, ...]:
    rows = []
    for name in {*returned, *mailed}:
        known = mailed.get(name) if name != UNKNOWN else None
        rows.append(Row(name, returned.get(name, 0), known, "pieces" if known else None))
    return tuple(sorted(rows, key=lambda row: (-row.returned, row.name)))


def _named(found: Any) -> Counter[str]:
    """Counts by who, where an address was imported: the import, whoever ran it."""
    counts: Counter[str] = Counter()
    for source, confirmed_by, count in found:
        name = UNKNOWN if source is None else (
            "imported from the PMS" if source == "import" else confirmed_by.removeprefix("user:")
        )  # fmt: skip
        counts[name] += count
    return counts


def _counts(session: Session, query: Any) -> Counter[str]:
    return Counter({name: int(count) for name, count in session.execute(query)})
