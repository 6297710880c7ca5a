"""Making the matching index anew: at once where there is none, else online, a few homes at a time.

While it runs online, payments are matched and accounts change as ever: each step is a transaction
of its own that leaves its homes as the tables say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from matching import filling, homes
from matching.filling import Gathered
from matching.keys import VERSION
from matching.types import AccountFacts
from records.db import Database
from records.models import Account, AccountHome, HomeKey, IndexState, Office

_STEP = 400
_MANY = 1000
_SHARE = 0.25
_Person = tuple[Any, ...]


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


def follow(session: Session, account_ids: Collection[str]) -> None:
    """Bring the homes of changed accounts up to date in the transaction that changed them.

    As ``homes.rekey`` does, but where a file changed a good part of all accounts the whole index
    is made anew: a home is much cheaper so than changed among others.
    """
    session.flush()
    if len(account_ids) >= _MANY:
        accounts = session.scalar(select(func.count()).select_from(Account)) or 0
        if len(account_ids) >= accounts * _SHARE:
            _rebuild(session)
            return
    homes.rekey(session, account_ids)


def _rebuild(session: Session) -> None:
    if session.get_bind().dialect.name != "sqlite":
        # Whoever changes a home waits till this transaction ends; who reads does not.
        session.execute(text("LOCK TABLE account_homes, home_keys IN EXCLUSIVE MODE"))
    session.execute(delete(HomeKey))
    session.execute(delete(AccountHome))
    build(session)


def build(session: Session) -> Report:
    """Fill an empty index from the tables in one go, much faster than account by account."""
    session.flush()
    gathered = Gathered()
    count = 0
    with filling.roomy(session):
        for members in _by_home(session):
            facts = homes.completed(session, members)
            rows: list[tuple[int, str, bytes, bytes]] = []
            points: list[tuple[int, str, str, str]] = []
            for label, accounts in _grouped(facts).items():
                count += 1
                rows.append((count, label, *homes.row_of(accounts)))
                points += [(count, *homes.folded(each), ident) for ident, each in accounts.items()]
            gathered.add([row[0] for row in rows], [row[3] for row in rows])
            filling.put(session, rows)
            filling.point(session, points)
        filling.fill(session, gathered)
    return _report(session, 0, built=True)


def _by_home(session: Session) -> Iterator[list[_Person]]:
    """What ``homes.PEOPLE`` says of all accounts, some hundreds at once; no household is split."""
    offices = {row.id: row.code for row in session.execute(select(Office.id, Office.code))}
    query = select(*(Account.office_id if each is Office.code else each for each in homes.PEOPLE))
    families = query.where(Account.household != "").order_by(Account.household, Account.number)
    alone = query.where(Account.household == "").order_by(Account.number)
    held: list[_Person] = []
    for some in (families, alone):
        for row in session.execute(some, execution_options={"yield_per": 10_000}):
            if len(held) >= _STEP and (not row[8] or held[-1][8] != row[8]):
                yield held
                held = []
            held.append((*row[:2], offices[row[2]], *row[3:]))
    if held:
        yield held


def _grouped(facts: Mapping[str, AccountFacts]) -> dict[str, dict[str, AccountFacts]]:
    found: dict[str, dict[str, AccountFacts]] = {}
    for ident, each in facts.items():
        found.setdefault(homes.label_of(each.number, each.household), {})[ident] = each
    return found


def _report(session: Session, stale: int, *, built: bool) -> Report:
    homes.count_amounts(session)
    state = homes.locked_state(session)
    state.version = VERSION
    state.accounts = session.scalar(select(func.count()).select_from(Account)) or 0
    count = session.scalar(select(func.count()).select_from(AccountHome)) or 0
    return Report(state.accounts, count, stale, built)
