"""Finding candidate accounts: hashed keys in the database, exact numbers, and payers known before.

Key rows are kept up to date by ``rekey`` in the transaction that changes an account, its address
or what it owes. A key that too many accounts share says too little and is passed over.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, delete, distinct, func, insert, or_, select, update
from sqlalchemy.orm import Session

from matching.keys import address_key, keys_of_account, keys_of_clues, name_key
from matching.types import AccountFacts, Chart, Clues, OpenStatement, Pool
from records.models import Account, AccountKey, AddressVersion, Office, PayerMemory, Statement

MOST_SHARING = 3000
MOST_KEPT = 60
_CHUNK = 400


def rekey(session: Session, account_ids: Collection[str]) -> None:
    """Bring the keys of these accounts, and of their households, up to what the tables hold.

    Call it in the transaction that changed a name, an address, a member id, a household or what
    a statement has open. Reads and writes only rows of these households.
    """
    session.flush()
    for some in _chunks(sorted(account_ids)):
        facts = _facts(session, Account.id.in_(some), {})
        owed: dict[str, int] = defaultdict(int)
        for each in facts.values():
            owed[each.household] += each.open_cents
        rows: list[dict[str, object]] = []
        folded: list[dict[str, object]] = []
        for ident, each in facts.items():
            whole = owed[each.household] if each.household else each.open_cents
            rows += [{"key": key, "account_number": each.number}
                     for key in keys_of_account(each, whole)]  # fmt: skip
            folded.append({"id": ident, **_folded(each)})
        for numbers in _chunks(each.number for each in facts.values()):
            session.execute(delete(AccountKey).where(AccountKey.account_number.in_(numbers)))
        if rows:
            session.execute(insert(AccountKey), rows)
            session.execute(update(Account), folded)


def _folded(facts: AccountFacts) -> dict[str, str]:
    address = f"{facts.street}\n{facts.city} {facts.state} {facts.zip}" if facts.street else ""
    return {
        "name_key": name_key(facts.patient_first, facts.patient_last)[:80],
        "guarantor_key": name_key(facts.guarantor_first, facts.guarantor_last)[:80],
        "address_key": address_key(address),
    }


def pool(session: Session, clues: Clues, exclude: Collection[str] = ()) -> Pool:
    """The accounts that may be meant, at most 60 and their households, in order of number.

    Numbers in the clues come in however many others there are. The result is the same in every
    database: ties are broken by account number.
    """
    wanted = _by_number(session, clues) | _by_memory(session, clues)
    best = _by_keys(session, clues)
    numbers = [*sorted(wanted), *(number for number in best if number not in wanted)][:MOST_KEPT]
    remembered = _remembered(session, clues.payer_hmac)
    found: dict[str, AccountFacts] = {}
    for some in _chunks(numbers):
        facts = _facts(session, Account.number.in_(some), remembered)
        found |= {each.number: each for each in facts.values() if each.number not in exclude}
    accounts = tuple(found[number] for number in sorted(found))
    return Pool(accounts, chart(session, clues, len(remembered)))


def chart(session: Session, clues: Clues, payer_accounts: int) -> Chart:
    """What a comparison must know of all accounts; see ``Chart``."""
    count = session.scalar(select(func.count()).select_from(Account)) or 0
    same = 0
    if clues.amount_cents:
        same = session.scalar(
            select(func.count(distinct(Statement.account_id))).where(
                Statement.open_cents == clues.amount_cents
            )
        ) or 0  # fmt: skip
    return Chart(count, same, payer_accounts)


def _by_number(session: Session, clues: Clues) -> set[str]:
    found: set[str] = set()
    if clues.account_numbers:
        query = select(Account.number).where(Account.number.in_(clues.account_numbers))
        found |= set(session.scalars(query))
    stated = []
    if clues.statement_numbers:
        stated.append(Statement.number.in_(clues.statement_numbers))
    if clues.imbs:
        stated.append(Statement.imb.in_(clues.imbs))
    if stated:
        query = select(Account.number).join(Account.statements).where(or_(*stated))
        found |= set(session.scalars(query))
    return found


def _by_memory(session: Session, clues: Clues) -> set[str]:
    if clues.payer_hmac is None:
        return set()
    query = (
        select(Account.number)
        .join(PayerMemory, PayerMemory.account_id == Account.id)
        .where(PayerMemory.payer_hmac == clues.payer_hmac, PayerMemory.confirmations > 0)
        .order_by(PayerMemory.confirmations.desc(), Account.number)
        .limit(20)
    )
    return set(session.scalars(query))


def _remembered(session: Session, payer_hmac: str | None) -> dict[str, int]:
    if payer_hmac is None:
        return {}
    rows = session.execute(
        select(PayerMemory.account_id, PayerMemory.confirmations).where(
            PayerMemory.payer_hmac == payer_hmac, PayerMemory.confirmations > 0
        )
    )
    return {row.account_id: row.confirmations for row in rows}


def _by_keys(session: Session, clues: Clues) -> list[str]:
    """Account numbers by the votes of their keys, the rarer the key the more it counts."""
    keys = sorted(keys_of_clues(clues))
    counted = session.execute(
        select(AccountKey.key, func.count())
        .where(AccountKey.key.in_(keys))
        .group_by(AccountKey.key)
    )
    # Whole thousandths, so that sums do not depend on the order they are taken in.
    worth = {
        key: round(1000 * math.log2((MOST_SHARING + 1) / count))
        for key, count in counted
        if count <= MOST_SHARING
    }
    votes: dict[str, int] = defaultdict(int)
    shared = select(AccountKey.key, AccountKey.account_number).where(AccountKey.key.in_(worth))
    for key, number in session.execute(shared):
        votes[number] += worth[key]
    best = sorted(votes, key=lambda number: (-votes[number], number))
    return best[:MOST_KEPT]


def _facts(
    session: Session, which: ColumnElement[bool], confirmations: Mapping[str, int]
) -> dict[str, AccountFacts]:
    """The accounts ``which`` names and the others of their households, by row id.

    Columns, not rows: a payment has a hundred candidates, and loading objects would cost most of
    the time of a decision.
    """
    chosen = select(Account.household).where(which, Account.household != "")
    query = (
        select(
            Account.id, Account.number, Office.code, Account.patient_first, Account.patient_last,
            Account.guarantor_first, Account.guarantor_last, Account.member_id, Account.household,
        )
        .join(Office, Office.id == Account.office_id)
        .where(or_(which, Account.household.in_(chosen)))
        .order_by(Account.number)
    )  # fmt: skip
    people = session.execute(query).all()
    idents = [row.id for row in people]
    addresses = _addresses(session, idents)
    statements = _statements(session, idents)
    return {
        row.id: AccountFacts(
            row.number, row.code, row.patient_first, row.patient_last, row.guarantor_first,
            row.guarantor_last, *addresses.get(row.id, ("", "", "", "")), row.member_id,
            row.household, tuple(statements.get(row.id, ())), confirmations.get(row.id, 0),
        )
        for row in people
    }  # fmt: skip


def _addresses(session: Session, idents: Sequence[str]) -> dict[str, tuple[str, str, str, str]]:
    """The address in force of each account: its newest version."""
    found: dict[str, tuple[str, str, str, str]] = {}
    for some in _chunks(idents):
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
    for some in _chunks(idents):
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


def _chunks(items: Iterable[str]) -> Iterator[list[str]]:
    """Lists of at most 400: databases bound the parameters of one statement."""
    held: list[str] = []
    for item in items:
        held.append(item)
        if len(held) == _CHUNK:
            yield held
            held = []
    if held:
        yield held
