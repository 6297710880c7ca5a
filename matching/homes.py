"""Keeping the index up to date: the homes of changed accounts, their cards and their keys.

``rekey`` is called in the transaction that changes an account, its address or what it owes. What
is written follows from the tables alone, so that a rebuild gives the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update
from sqlalchemy.orm import Session

from matching import cards, postings
from matching.keys import VERSION, name_key, packed_keys
from matching.plans import instalments
from matching.postings import chunks
from matching.types import AccountFacts, OpenStatement
from records.models import (
    Account,
    AccountHome,
    AddressVersion,
    CommonAmount,
    IndexState,
    Office,
    Statement,
)

COMMON = 200
"""Amounts that more accounts owe are counted when statements come in, not for each payment."""
_KEY = np.dtype("<i8")


@dataclass(frozen=True, slots=True)
class _Held:
    """A home as the index holds it."""

    id: int
    label: str
    card: bytes
    keys: bytes


def rekey(session: Session, account_ids: Collection[str]) -> None:
    """Bring the homes of these accounts, old and new, up to what the tables hold.

    Call it in the transaction that changed a name, an address, a member id, a household or what
    a statement has open. Reads and writes only rows of these households.
    """
    session.flush()
    for some in chunks(sorted(account_ids)):
        _rekey(session, some)


def forget(session: Session, account_ids: Collection[str]) -> None:
    """Take accounts out of the index; call it in the transaction that then deletes their rows."""
    session.flush()
    for some in chunks(sorted(account_ids)):
        _rekey(session, some, without=frozenset(some))


def rekey_homes(session: Session, homes: Collection[int]) -> None:
    """Bring these homes up to what the tables hold, those of deleted accounts too."""
    session.flush()
    for some in chunks(sorted(homes)):
        rows = session.scalars(select(AccountHome.card).where(AccountHome.id.in_(some)))
        idents = sorted({ident for card in rows for ident in cards.unpack(card)})
        _rekey(session, idents, homes=frozenset(some))


def _rekey(
    session: Session, some: list[str], without: frozenset[str] = frozenset(),
    homes: frozenset[int] = frozenset(),
) -> None:  # fmt: skip
    rows = session.execute(
        select(Account.id, Account.number, Account.household, Account.home_id)
        .where(Account.id.in_(some))
    ).all()  # fmt: skip
    labels = {label_of(row.number, row.household) for row in rows if row.id not in without}
    before = {row.home_id for row in rows if row.home_id is not None} | homes
    held = _held(session, labels, before)
    kept = {ident for home in held.values() for ident in cards.unpack(home.card)}
    houses = {label[1:] for label in (*labels, *held) if label.startswith("h")}
    everyone = facts_of(
        session, or_(Account.id.in_({*some, *kept}), Account.household.in_(houses))
    )  # fmt: skip
    members: dict[str, dict[str, AccountFacts]] = {label: {} for label in (*labels, *held)}
    for ident, facts in everyone.items():
        label = label_of(facts.number, facts.household)
        if ident not in without and label in members:
            members[label][ident] = facts
    known = {row.id: row.home_id for row in rows}
    ids = _numbered(session, members, held, _newcomers(known, without))
    _write(session, members, held, ids)
    _point(session, {i: ids[label] for label, each in members.items() for i in each}, everyone)
    for gone in without & known.keys():
        session.execute(update(Account).where(Account.id == gone).values(home_id=None))


def label_of(number: str, household: str) -> str:
    """The home an account belongs to: its household, or itself."""
    return f"h{household}" if household else f"a{number}"


def _held(session: Session, labels: Iterable[str], ids: Iterable[int]) -> dict[str, _Held]:
    query = select(AccountHome.id, AccountHome.label, AccountHome.card, AccountHome.keys).where(
        or_(AccountHome.label.in_(labels), AccountHome.id.in_(ids))
    )
    return {row.label: _Held(*row) for row in session.execute(query.with_for_update())}


def _newcomers(known: Mapping[str, int | None], without: frozenset[str]) -> int:
    """By how many the accounts the index knows become more."""
    new = sum(home is None and ident not in without for ident, home in known.items())
    return new - sum(home is not None and ident in without for ident, home in known.items())


def _numbered(
    session: Session, homes: Mapping[str, Mapping[str, AccountFacts]],
    held: Mapping[str, _Held], newcomers: int,
) -> dict[str, int]:  # fmt: skip
    """The number of every home; new ones get the next, in order of label."""
    new = sorted(label for label, each in homes.items() if each and label not in held)
    ids = {label: home.id for label, home in held.items()}
    if new or newcomers:
        state = locked_state(session)
        highest = session.scalar(select(func.max(AccountHome.id))) or 0
        ids |= {label: highest + place for place, label in enumerate(new, start=1)}
        session.execute(
            update(IndexState)
            .where(IndexState.id == 1)
            .values(accounts=state.accounts + newcomers, version=state.version)
        )
    return ids


def locked_state(session: Session) -> IndexState:
    """The state's row, held till the transaction ends; it is made when it is not there."""
    query = select(IndexState).where(IndexState.id == 1).with_for_update()
    query = query.execution_options(populate_existing=True)
    state = session.scalars(query).one_or_none()
    if state is None:
        state = IndexState(id=1, version=VERSION, accounts=0)
        session.add(state)
        session.flush()
    return state


def _write(
    session: Session, homes: Mapping[str, Mapping[str, AccountFacts]],
    held: Mapping[str, _Held], ids: Mapping[str, int],
) -> None:  # fmt: skip
    added: list[tuple[int, int]] = []
    removed: list[tuple[int, int]] = []
    new: list[dict[str, object]] = []
    changed: list[dict[str, object]] = []
    gone: list[int] = []
    for label, accounts in homes.items():
        old = held.get(label)
        card, keys = row_of(accounts)
        if old is not None and (old.card, old.keys) == (card, keys):
            continue
        before = frozenset(unpacked(old.keys)) if old else frozenset()
        now = frozenset(unpacked(keys))
        home = ids.get(label)
        if home is None:
            continue
        added += [(key, home) for key in now - before]
        removed += [(key, home) for key in before - now]
        row = {"id": home, "label": label, "card": card, "keys": keys}
        if not accounts:
            gone.append(home)
        elif old is None:
            new.append(row)
        else:
            changed.append(row)
    postings.change(session, added, removed)
    if gone:
        session.execute(delete(AccountHome).where(AccountHome.id.in_(gone)))
    if new:
        session.execute(insert(AccountHome), new)
    if changed:
        session.execute(update(AccountHome), changed)


def row_of(accounts: Mapping[str, AccountFacts]) -> tuple[bytes, bytes]:
    """Card and keys of a home."""
    if not accounts:
        return b"", b""
    return cards.pack(accounts), packed_keys(list(accounts.values()))


def unpacked(keys: bytes) -> list[int]:
    """The keys of a home's row."""
    return list(np.frombuffer(keys, dtype=_KEY).tolist())


def _point(
    session: Session, wanted: Mapping[str, int], everyone: Mapping[str, AccountFacts]
) -> None:
    """Write each account's home and folded names where they differ."""
    query = select(Account.id, Account.home_id, Account.name_key, Account.guarantor_key)
    changed: list[dict[str, object]] = []
    for some in chunks(sorted(wanted)):
        for row in session.execute(query.where(Account.id.in_(some))):
            names = folded(everyone[row.id])
            if (row.home_id, row.name_key, row.guarantor_key) != (wanted[row.id], *names):
                changed.append({
                    "id": row.id, "home_id": wanted[row.id], "name_key": names[0],
                    "guarantor_key": names[1],
                })  # fmt: skip
    if changed:
        session.execute(update(Account), changed)


def folded(facts: AccountFacts) -> tuple[str, str]:
    """Patient's and guarantor's name as they are found by their beginning."""
    patient = name_key(facts.patient_first, facts.patient_last)[:80]
    return patient, name_key(facts.guarantor_first, facts.guarantor_last)[:80]


def count_amounts(session: Session) -> None:
    """Count anew how many accounts owe each of the common amounts."""
    session.flush()
    accounts = func.count(Statement.account_id.distinct())
    rows = session.execute(
        select(Statement.open_cents, accounts)
        .where(Statement.open_cents > 0)
        .group_by(Statement.open_cents)
        .having(accounts > COMMON)
    ).all()
    session.execute(delete(CommonAmount))
    if rows:
        session.execute(insert(CommonAmount), [{"cents": c, "accounts": n} for c, n in rows])


PEOPLE = (
    Account.id, Account.number, Office.code, Account.patient_first, Account.patient_last,
    Account.guarantor_first, Account.guarantor_last, Account.member_id, Account.household,
)  # fmt: skip
"""What ``completed`` takes of an account, in this order."""


def facts_of(session: Session, which: ColumnElement[bool]) -> dict[str, AccountFacts]:
    """The accounts ``which`` names as the tables hold them now, by row id."""
    query = select(*PEOPLE).join(Office, Office.id == Account.office_id).where(which)
    return completed(session, session.execute(query.order_by(Account.number)).all())


def completed(session: Session, people: Sequence[Sequence[Any]]) -> dict[str, AccountFacts]:
    """Accounts of which ``PEOPLE`` is known, with their addresses and statements; by row id."""
    idents = [row[0] for row in people]
    addresses = _addresses(session, idents)
    statements = _statements(session, idents)
    plans = instalments(session, idents)
    return {
        row[0]: AccountFacts(
            row[1], row[2], row[3], row[4], row[5], row[6],
            *addresses.get(row[0], ("", "", "", "")), row[7], row[8],
            tuple(statements.get(row[0], ())), instalment_cents=plans.get(row[0]),
        )
        for row in people
    }  # fmt: skip


def _addresses(session: Session, idents: Sequence[str]) -> dict[str, tuple[str, str, str, str]]:
    """The address in force of each account: its newest version."""
    found: dict[str, tuple[str, str, str, str]] = {}
    for some in chunks(idents):
        rows = session.execute(
            select(
                AddressVersion.account_id, AddressVersion.street, AddressVersion.city,
                AddressVersion.state, AddressVersion.zip,
            )
            .where(AddressVersion.account_id.in_(some))
            .order_by(AddressVersion.version)
        )  # fmt: skip
        found |= {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}
    return found


def _statements(session: Session, idents: Sequence[str]) -> dict[str, list[OpenStatement]]:
    found: dict[str, list[OpenStatement]] = defaultdict(list)
    for some in chunks(idents):
        rows = session.execute(
            select(
                Statement.account_id, Statement.number, Statement.statement_on,
                Statement.balance_cents, Statement.open_cents, Statement.minimum_due_cents,
                Statement.imb,
            )
            .where(Statement.account_id.in_(some))
            .order_by(Statement.statement_on, Statement.number)
        )  # fmt: skip
        for row in rows:
            found[row[0]].append(OpenStatement(*row[1:]))
    return found
