"""Finding candidate accounts: hashed keys in the database, exact numbers, and payers known before.

Key rows are kept up to date by ``rekey`` in the transaction that changes an account, its address
or what it owes. A key that too many accounts share says too little and is passed over.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

from sqlalchemy import bindparam, delete, distinct, func, insert, or_, select
from sqlalchemy.orm import Session, selectinload

from matching.keys import address_key, keys_of_account, keys_of_clues, name_key
from matching.types import AccountFacts, Chart, Clues, OpenStatement, Pool
from records.models import Account, AccountKey, PayerMemory, Statement

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
        rows = _with_households(session, Account.id.in_(some))
        owed: dict[str, int] = defaultdict(int)
        facts = {row.id: facts_of(row) for row in rows}
        for each in facts.values():
            owed[each.household] += each.open_cents
        new: list[dict[str, object]] = []
        for row in rows:
            each = facts[row.id]
            _refold(row, each)
            whole = owed[each.household] if each.household else each.open_cents
            new += [{"key": key, "account_number": row.number}
                    for key in keys_of_account(each, whole)]  # fmt: skip
        session.flush()
        for numbers in _chunks([row.number for row in rows]):
            session.execute(delete(AccountKey).where(AccountKey.account_number.in_(numbers)))
        if new:
            session.execute(insert(AccountKey), new)


def _refold(row: Account, facts: AccountFacts) -> None:
    row.name_key = name_key(facts.patient_first, facts.patient_last)[:80]
    row.guarantor_key = name_key(facts.guarantor_first, facts.guarantor_last)[:80]
    row.address_key = address_key(
        f"{facts.street}\n{facts.city} {facts.state} {facts.zip}" if facts.street else ""
    )


def pool(session: Session, clues: Clues, exclude: Collection[str] = ()) -> Pool:
    """The accounts that may be meant, at most 60 and their households, in order of number.

    Numbers in the clues come in however many others there are. The result is the same in every
    database: ties are broken by account number.
    """
    wanted = _by_number(session, clues) | _by_memory(session, clues)
    best = _by_keys(session, clues)
    numbers = [*sorted(wanted), *(number for number in best if number not in wanted)][:MOST_KEPT]
    rows: list[Account] = []
    for some in _chunks(numbers):
        rows += _with_households(session, Account.number.in_(some))
    remembered = _remembered(session, clues.payer_hmac)
    facts = {
        row.number: facts_of(row, remembered.get(row.id, 0))
        for row in rows
        if row.number not in exclude
    }
    accounts = tuple(facts[number] for number in sorted(facts))
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


def facts_of(row: Account, confirmations: int = 0) -> AccountFacts:
    """An account's row, address in force and statements, as a value."""
    address = row.address
    return AccountFacts(
        number=row.number,
        office_code=row.office.code,
        patient_first=row.patient_first,
        patient_last=row.patient_last,
        guarantor_first=row.guarantor_first,
        guarantor_last=row.guarantor_last,
        street=address.street if address else "",
        city=address.city if address else "",
        state=address.state if address else "",
        zip=address.zip if address else "",
        member_id=row.member_id,
        household=row.household,
        statements=tuple(
            OpenStatement(s.number, s.statement_on, s.balance_cents, s.open_cents,
                          s.minimum_due_cents, s.imb)
            for s in sorted(row.statements, key=lambda s: (s.statement_on, s.number))
        ),
        confirmations=confirmations,
    )  # fmt: skip


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


_SHARING = (
    select(AccountKey.account_number)
    .where(AccountKey.key == bindparam("key"))
    .limit(MOST_SHARING + 1)
)


def _by_keys(session: Session, clues: Clues) -> list[str]:
    """Account numbers by the votes of their keys, the rarer the key the more it counts."""
    votes: dict[str, int] = defaultdict(int)
    for key in sorted(keys_of_clues(clues)):
        numbers = session.scalars(_SHARING, {"key": key}).all()
        if not numbers or len(numbers) > MOST_SHARING:
            continue
        # Whole thousandths, so that sums do not depend on the order they are taken in.
        worth = round(1000 * math.log2((MOST_SHARING + 1) / len(numbers)))
        for number in numbers:
            votes[number] += worth
    best = sorted(votes, key=lambda number: (-votes[number], number))
    return best[:MOST_KEPT]


def _with_households(session: Session, which: object) -> Sequence[Account]:
    """The accounts ``which`` names and the others of their households, with all they need."""
    chosen = select(Account.household).where(which, Account.household != "")  # type: ignore[arg-type]
    query = (
        select(Account)
        .where(or_(which, Account.household.in_(chosen)))  # type: ignore[arg-type]
        .options(
            selectinload(Account.addresses),
            selectinload(Account.statements),
            selectinload(Account.office),
        )
        .order_by(Account.number)
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


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
