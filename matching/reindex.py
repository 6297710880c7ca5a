"""Making the matching index anew: at once where there is none, else online, a few homes at a time.

While it runs online, payments are matched and accounts change as ever: each step is a transaction
of its own that leaves its homes as the tables say.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from matching import homes, postings
from matching.keys import VERSION
from matching.postings import chunks
from records.db import Database
from records.models import Account, AccountHome, IndexState

_STEP = 400
_PUT = text("INSERT INTO account_homes (id, label, card, keys) VALUES (:id, :label, :card, :keys)")
_POINT = text(
    "UPDATE accounts SET home_id = :home, name_key = :patient, guarantor_key = :guarantor "
    "WHERE id = :one"
)
_Member = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild found: accounts and homes now, and how many homes were not up to date."""

    accounts: int
    homes: int
    stale: int
    built: bool

    def to_json(self) -> dict[str, Any]:
        """The report as the command line prints it."""
        return asdict(self)


def is_current(session: Session) -> bool:
    """Whether the index holds the keys of this program, or there are no accounts to find."""
    version = session.scalar(select(IndexState.version).where(IndexState.id == 1))
    if version == VERSION:
        return True
    return version is None and session.scalar(select(Account.id).limit(1)) is None


def reindex(db: Database) -> Report:
    """Bring the whole index up to date; it can be stopped and begun again at any time."""
    with db.read() as session:
        empty = session.scalar(select(AccountHome.id).limit(1)) is None
    if empty:
        with db.write() as session:
            return build(session)
    stale = 0
    last = 0
    while True:
        with db.write() as session:
            query = select(AccountHome.id, AccountHome.card, AccountHome.keys)
            page = query.where(AccountHome.id > last).order_by(AccountHome.id).limit(_STEP)
            before = {row[0]: row for row in session.execute(page)}
            if not before:
                break
            last = max(before)
            homes.rekey_homes(session, before)
            after = session.execute(query.where(AccountHome.id.in_(before))).all()
            stale += len(before.keys() - {row[0] for row in after})
            stale += sum(tuple(row) != tuple(before[row[0]]) for row in after)
    return _finish(db, stale)


def _finish(db: Database, stale: int) -> Report:
    """Take in accounts that no home knew, and say that the index is current."""
    while True:
        with db.write() as session:
            page = select(Account.id).where(Account.home_id.is_(None)).order_by(Account.id)
            some = session.scalars(page.limit(_STEP)).all()
            if not some:
                break
            homes.rekey(session, some)
            stale += len(some)
    with db.write() as session:
        return _report(session, stale, built=False)


def build(session: Session) -> Report:
    """Fill an empty index from the tables in one go, much faster than account by account."""
    session.flush()
    connection = session.connection()
    keys, owners = array("q"), array("q")
    count = 0
    for members in _by_home(session):
        facts = homes.facts_of(session, Account.id.in_([m[0] for m in members]))
        rows: list[dict[str, object]] = []
        points: list[dict[str, object]] = []
        for label, idents in _grouped(members).items():
            count += 1
            accounts = {ident: facts[ident] for ident in idents}
            card, packed = homes.row_of(accounts)
            found = homes.unpacked(packed)
            keys.extend(found)
            owners.extend([count] * len(found))
            rows.append({"id": count, "label": label, "card": card, "keys": packed})
            for ident, each in accounts.items():
                names = homes.folded(each)
                points.append({"one": ident, "home": count, "patient": names[0],
                               "guarantor": names[1]})  # fmt: skip
        connection.execute(_PUT, rows)
        connection.execute(_POINT, points)
    if count:
        postings.fill(session, np.array(keys, dtype=np.int64), np.array(owners, dtype=np.int64))
    return _report(session, 0, built=True)


def _by_home(session: Session) -> Iterator[list[_Member]]:
    """All accounts (id, number, household) in lists of some hundreds; no household is split."""
    query = select(Account.id, Account.number, Account.household)
    families = query.where(Account.household != "").order_by(Account.household, Account.number)
    held: list[_Member] = []
    for row in session.execute(families, execution_options={"yield_per": 10_000}):
        if len(held) >= _STEP and held[-1][2] != row[2]:
            yield held
            held = []
        held.append((row[0], row[1], row[2]))
    if held:
        yield held
    alone = session.execute(query.where(Account.household == "").order_by(Account.number))
    yield from chunks(((row[0], row[1], row[2]) for row in alone), _STEP)


def _grouped(members: list[_Member]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for ident, number, household in members:
        found.setdefault(homes.label_of(number, household), []).append(ident)
    return found


def _report(session: Session, stale: int, *, built: bool) -> Report:
    homes.count_amounts(session)
    state = homes.locked_state(session)
    state.version = VERSION
    state.accounts = session.scalar(select(func.count()).select_from(Account)) or 0
    count = session.scalar(select(func.count()).select_from(AccountHome)) or 0
    return Report(state.accounts, count, stale, built)
