"""Denials as lists: the worklist by what is at stake, and a month by payer and reason."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import not_, select
from sqlalchemy.orm import Session, defer

from matching.denials import ACTOR, ENDED
from ocr import claim_codes
from records import clock
from records.models import Account, Denial, Office
from records.spreadsheets import plain

SORTS = ("at_stake", "due", "age")


@dataclass(frozen=True, slots=True)
class Row:
    """A denial as the worklist shows it: no name of a patient; ``age_days`` since it was told."""

    ref: str
    state: str
    kind: str
    payer_name: str
    reason: str
    reason_text: str
    office: str
    account_number: str
    service_on: date | None
    procedure: str
    charged_cents: int
    paid_cents: int
    at_stake_cents: int
    recovered_cents: int
    told_on: date
    age_days: int
    due_on: date
    overdue: bool
    paid_later: bool
    worked_by: str

    def to_json(self) -> dict[str, Any]:
        """As the API and the command line print it."""
        return asdict(self)


def reason_of(group: str, code: str) -> str:
    """``CO-97``, or what of it is known; ``none`` where nothing was said."""
    return "-".join(part for part in (group, code) if part) or "none"


def text_of(group: str, code: str) -> str:
    """Words for a reason: the CARC's, else those of its group."""
    if not code:
        return "no reason given"
    return claim_codes.reason_text(code) or f"code {code}, which is no standard one" + (
        f" ({claim_codes.group_text(group)})" if claim_codes.group_text(group) else ""
    )


def remark_of(code: str) -> str:
    """Words for a remark code (RARC)."""
    return claim_codes.remark_text(code) or "a remark code that we have no words for"


def worklist(
    session: Session,
    offices: Collection[str] | None,
    *,
    payer: str = "",
    reason: str = "",
    state: str = "",
    older_days: int = 0,
    sort: str = "at_stake",
) -> list[Row]:
    """Denials that are not ended (or of ``state``), those with most at stake first.

    ``offices`` by id, None for all; ``reason`` as ``CO-97`` or ``97``; ``older_days``: told at
    least so long ago. ``sort``: one of ``SORTS``.
    """
    query = (
        select(Denial, Office.name, Account.number, Account.office_id)
        .join(Office, Office.id == Denial.office_id)
        .outerjoin(Account, Account.id == Denial.account_id)
        .options(defer(Denial.sealed))  # nothing that is sealed is opened for a list
    )
    if offices is not None:
        query = query.where(Denial.office_id.in_(offices))
    query = query.where(Denial.state == state if state else Denial.state.not_in(ENDED))
    today = clock.now().date()
    rows = [
        _row(each, office, number if offices is None or whose in offices else None, today)
        for each, office, number, whose in session.execute(query)
    ]
    wanted = reason.upper().strip()
    kept = [
        row
        for row in rows
        if (not payer or row.payer_name.upper() == payer.upper().strip())
        and (not wanted or wanted in (row.reason, row.reason.rpartition("-")[2]))
        and row.age_days >= older_days
    ]
    keys = {
        "due": lambda row: (row.due_on, -row.at_stake_cents, row.ref),
        "age": lambda row: (-row.age_days, -row.at_stake_cents, row.ref),
    }
    return sorted(kept, key=keys.get(sort, lambda row: (-row.at_stake_cents, row.ref)))


def _row(row: Denial, office: str, number: str | None, today: date) -> Row:
    return Row(
        ref=row.ref, state=row.state, kind=row.kind, payer_name=row.payer_name,
        reason=reason_of(row.group_code, row.reason_code),
        reason_text=text_of(row.group_code, row.reason_code), office=office,
        account_number=number or "", service_on=row.service_on, procedure=row.procedure,
        charged_cents=row.charged_cents, paid_cents=row.paid_cents,
        at_stake_cents=row.at_stake_cents, recovered_cents=row.recovered_cents,
        told_on=row.told_on, age_days=max(0, (today - row.told_on).days), due_on=row.due_on,
        overdue=row.due_on < today and row.state not in ENDED,
        paid_later=row.overturned_by_id is not None and row.state not in ENDED,
        worked_by=row.worked_by or "",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A payer's denials of one reason told in a month; ``recovered_cents``: paid later."""

    payer_name: str
    reason: str
    reason_text: str
    count: int
    at_stake_cents: int
    recovered_cents: int

    def to_json(self) -> dict[str, Any]:
        """As the API and the command line print it."""
        return asdict(self)


def month(session: Session, first: date, offices: Collection[str] | None) -> list[MonthRow]:
    """The denials that were told in a month, by payer and reason, the largest sums first."""
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    query = select(
        Denial.payer_name, Denial.group_code, Denial.reason_code, Denial.at_stake_cents,
        Denial.recovered_cents,
    ).where(
        Denial.told_on >= first, Denial.told_on < after,
        # What the program closed was read otherwise since, or is told by another remittance.
        not_((Denial.state == "closed") & (Denial.ended_by == ACTOR)),
    )  # fmt: skip
    if offices is not None:
        query = query.where(Denial.office_id.in_(offices))
    groups: dict[tuple[str, str, str], list[tuple[int, int]]] = defaultdict(list)
    for payer, group, code, stake, recovered in session.execute(query):
        groups[payer, group, code].append((stake, recovered))
    found = [
        MonthRow(payer, reason_of(group, code), text_of(group, code), len(each),
                 sum(stake for stake, _ in each), sum(back for _, back in each))
        for (payer, group, code), each in groups.items()
    ]  # fmt: skip
    return sorted(found, key=lambda row: (-row.at_stake_cents, row.payer_name, row.reason))


_HEAD = ("payer", "reason", "reason_text", "count", "at_stake", "recovered")


def month_csv(rows: Sequence[MonthRow]) -> str:
    """The month as CSV; money in dollars and cents. A text never begins a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    for row in rows:
        writer.writerow([
            plain(row.payer_name), plain(row.reason), plain(row.reason_text), row.count,
            f"{row.at_stake_cents / 100:.2f}", f"{row.recovered_cents / 100:.2f}",
        ])  # fmt: skip
    return out.getvalue()
