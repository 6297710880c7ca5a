"""Flags on accounts that may be one, as people see them: a page at a time, and their answers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from records import audit, clock
from records.errors import NotFound, WrongUse
from records.models import Account, AuditEvent, Office
from records.models.flags import ANSWERS, KINDS, AccountFlag
from records.workflow import ACCOUNT_FLAG, move

PAGE = 25
STATES = ("open", *ANSWERS)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two accounts with what tells it from the other, and what it owes in cents."""

    account_number: str
    office_code: str
    patient_name: str
    patient_birth_on: date | None
    guarantor_name: str
    address: str
    member_id: str
    household: str
    open_cents: int

    def to_json(self) -> dict[str, Any]:
        """The account as the API and the command line print it."""
        born = self.patient_birth_on
        return {
            "account_number": self.account_number,
            "office_code": self.office_code,
            "patient_name": self.patient_name,
            "patient_birth_on": None if born is None else born.isoformat(),
            "guarantor_name": self.guarantor_name,
            "address": self.address,
            "member_id": self.member_id,
            "household": self.household,
            "open_cents": self.open_cents,
        }


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag with both its accounts, in order of number; ``reasons`` as stored with it."""

    flag_id: str
    kind: str
    state: str
    score: float
    reasons: tuple[Mapping[str, Any], ...]
    one: Side
    other: Side
    found_at: datetime
    answered_by: str | None
    answered_at: datetime | None

    def to_json(self) -> dict[str, Any]:
        """The flag as the API and the command line print it."""
        return {
            "flag_id": self.flag_id,
            "kind": self.kind,
            "state": self.state,
            "score": self.score,
            "reasons": [dict(each) for each in self.reasons],
            "accounts": [self.one.to_json(), self.other.to_json()],
            "found_at": _instant(self.found_at),
            "answered_by": self.answered_by,
            "answered_at": None if self.answered_at is None else _instant(self.answered_at),
        }


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of flags, the surest first, and how many there are in all of that kind and state."""

    flags: tuple[Flag, ...]
    count: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.count // PAGE))


def listed(
    session: Session, *, offices: Collection[str] | None, kind: str = "", state: str = "open",
    page: int = 1, limit: int = PAGE,
) -> Listed:  # fmt: skip
    """A page (from 1) of flags; only those with both accounts in these offices (None: all).

    ``kind`` is ``patient``, ``household`` or empty for both. WrongUse ``unknown_choice``.
    """
    if (kind and kind not in KINDS) or state not in STATES:
        raise WrongUse("unknown_choice", "There is no such kind or state of flag.",
                       f"Kinds: {', '.join(KINDS)}; states: {', '.join(STATES)}.")  # fmt: skip
    query = _within(select(AccountFlag), offices).where(AccountFlag.state == state)
    if kind:
        query = query.where(AccountFlag.kind == kind)
    count = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = session.scalars(
        query.options(
            *(
                selectinload(side).selectinload(part)
                for side in (AccountFlag.account, AccountFlag.other_account)
                for part in (Account.addresses, Account.statements)
            )
        )
        .order_by(AccountFlag.score.desc(), AccountFlag.id)
        .limit(limit)
        .offset((max(page, 1) - 1) * limit)
    )
    return Listed(tuple(_flag(row) for row in rows), count, max(page, 1))


def answer(
    session: Session, flag_id: str, said: str, actor: str, *, offices: Collection[str] | None
) -> Flag:
    """A named person says that both are the ``same``, or ``not_same``; nothing is merged.

    A later answer stands in the place of an earlier one, which stays in the audit chain. NotFound
    ``unknown_flag`` for one that is not wholly in these offices; WrongUse ``unknown_answer``.
    """
    if said not in ANSWERS:
        raise WrongUse("unknown_answer", f"{said!r} is no answer.", "Say same or not_same.")
    query = _within(select(AccountFlag), offices).where(AccountFlag.id == flag_id)
    row = session.scalars(query.with_for_update(of=AccountFlag)).one_or_none()
    if row is None:
        raise NotFound("unknown_flag", "There is no such flag.", "Reload the list.")
    before = row.state
    row.answered_by, row.answered_at = actor, clock.now()
    if said != before:
        move(row, ACCOUNT_FLAG, said)
    session.flush()
    audit.record(session, actor=actor, action="accounts.answered", subject_kind="account_flag",
                 subject_id=row.id,
                 detail={"kind": row.kind, "answer": said, "before": before})  # fmt: skip
    return _flag(row)


def alike(session: Session, numbers: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Of these accounts, those that may be, or are, kept twice: the numbers of their likes.

    What a person said is not the same is left out.
    """
    if not numbers:
        return {}
    one, other = aliased(Account), aliased(Account)
    idents = session.scalars(select(Account.id).where(Account.number.in_(numbers))).all()
    rows = session.execute(
        select(one.number, other.number)
        .select_from(AccountFlag)
        .join(one, one.id == AccountFlag.account_id)
        .join(other, other.id == AccountFlag.other_account_id)
        .where(
            AccountFlag.kind == "patient",
            AccountFlag.state.in_(("open", "same")),
            or_(AccountFlag.account_id.in_(idents), AccountFlag.other_account_id.in_(idents)),
        )
    )
    found: dict[str, set[str]] = {}
    for mine, theirs in rows:
        found.setdefault(mine, set()).add(theirs)
        found.setdefault(theirs, set()).add(mine)
    return {number: tuple(sorted(found[number])) for number in numbers if number in found}


def last_search(session: Session) -> tuple[datetime, int] | None:
    """When the chart was last looked through, and how many accounts it had; None: never."""
    query = (
        select(AuditEvent.at, AuditEvent.detail)
        .where(
            AuditEvent.subject_kind == "account_flags",
            AuditEvent.action == "duplicates.searched",
        )
        .order_by(AuditEvent.seq.desc())
    )
    row = session.execute(query.limit(1)).first()
    return None if row is None else (row[0], int(row[1]["accounts"]))


def _within(query: Select[AccountFlag], offices: Collection[str] | None) -> Select[AccountFlag]:
    if offices is None:
        return query
    ours = select(Account.id).where(_of_offices(offices))
    return query.where(AccountFlag.account_id.in_(ours), AccountFlag.other_account_id.in_(ours))


def _of_offices(offices: Collection[str]) -> ColumnElement[bool]:
    seen = select(Office.id).where(Office.code.in_(sorted(offices)))
    return Account.office_id.in_(seen)


def _flag(row: AccountFlag) -> Flag:
    sides = sorted((_side(row.account), _side(row.other_account)), key=lambda s: s.account_number)
    return Flag(
        row.id, row.kind, row.state, row.score, tuple(row.reasons), sides[0], sides[1],
        row.created_at, row.answered_by, row.answered_at,
    )  # fmt: skip


def _side(account: Account) -> Side:
    return Side(
        account_number=account.number,
        office_code=account.office.code,
        patient_name=account.patient_name,
        patient_birth_on=account.patient_birth_on,
        guarantor_name=account.guarantor_name,
        address=account.address.line if account.address else "",
        member_id=account.member_id,
        household=account.household,
        open_cents=sum(each.open_cents for each in account.statements if each.open_cents > 0),
    )


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
