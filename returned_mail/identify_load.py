"""The pieces mailed that share a sign with a returned one, from the tables of the whole group."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from matching.keys import letters
from records.models import Account, AddressVersion, MailedPiece, Office, Statement
from returned_mail.identify import Evidence, Mailed

BACK_WITHIN = timedelta(days=120)
"""How long after it was mailed a piece still comes back."""
_MOST = 4000


def mailed_like(session: Session, evidence: Evidence) -> list[Mailed]:
    """Statements mailed, in every office, whose code, number, ZIP code or name the piece bears.

    Each with the address it went to: the ledger's, else the account's newest.
    """
    wanted = _wanted(evidence)
    if not wanted:
        return []
    rows = session.execute(
        select(Statement, Account, MailedPiece)
        .join(Account, Account.id == Statement.account_id)
        .outerjoin(MailedPiece, MailedPiece.statement_id == Statement.id)
        .where(or_(*wanted), *_recent(evidence))
        .order_by(Statement.number)
        .limit(_MOST)
    ).all()
    versions = _versions(session, {account.id for _, account, _ in rows})
    found = []
    for statement, account, piece in rows:
        own = versions.get(account.id, [])
        sent = piece.address_version_id if piece else None
        version = next((each for each in own if each.id == sent), own[-1] if own else None)
        found.append(
            Mailed(
                statement.id, statement.number, account.id, account.number,
                account.guarantor_name, version.line if version else "",
                version.id if version else "",
                piece.mailed_on if piece else statement.mailed_on,
                piece.imb if piece else statement.imb, piece.id if piece else "",
                account.office_id,
            )
        )  # fmt: skip
    return found


def count(session: Session, evidence: Evidence, office_id: str) -> int:
    """How many pieces the office mailed lately."""
    query = select(func.count()).select_from(Statement).join(Account)
    return session.scalar(query.where(Account.office_id == office_id, *_recent(evidence))) or 0


def our_senders(session: Session) -> list[tuple[str, str]]:
    """Name and ZIP code of every office, as they stand in the corner of our envelopes."""
    rows = session.execute(select(Office.name, Office.settings)).all()
    return [(name, str(settings.get("zip") or "")[:5]) for name, settings in rows]


def _recent(evidence: Evidence) -> list[ColumnElement[bool]]:
    day = evidence.received_on
    if day is None:
        return []
    since: date = day - BACK_WITHIN
    return [func.coalesce(Statement.mailed_on, Statement.statement_on) >= since]


def _wanted(evidence: Evidence) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if evidence.mailing_id:
        wanted.append(MailedPiece.id == evidence.mailing_id)
    if evidence.imb:
        wanted.append(Statement.imb == evidence.imb)
    numbers = {*evidence.numbers, *(evidence.coupon or ()), *(evidence.scanline or ())}
    if numbers:
        wanted += [Statement.number.in_(numbers), Account.number.in_(numbers)]
    if evidence.zip5:
        here = select(AddressVersion.account_id).where(AddressVersion.zip.like(f"{evidence.zip5}%"))
        wanted.append(Account.id.in_(here))
    names = [letters(word) for word in re.findall(r"[A-Za-z'-]{2,}", evidence.name)]
    wanted += [Account.guarantor_key.like(f"{name}|%") for name in names[-2:] if name]
    return wanted


def _versions(session: Session, accounts: Iterable[str]) -> dict[str, list[AddressVersion]]:
    found: dict[str, list[AddressVersion]] = {}
    listed = sorted(accounts)
    for start in range(0, len(listed), 500):
        query = (
            select(AddressVersion)
            .where(AddressVersion.account_id.in_(listed[start : start + 500]))
            .order_by(AddressVersion.version)
        )
        for version in session.scalars(query):
            found.setdefault(version.account_id, []).append(version)
    return found
