"""Finding candidate accounts: hashed keys in the database, exact numbers, and payers known before.

The keys of a payment vote for homes, the rarer the key the more it counts; a key that too many
share says too little and is passed over. ``matching.homes`` keeps the keys.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from matching import cards, postings
from matching.homes import COMMON, facts_of, forget, rekey
from matching.keys import keys_of_clues
from matching.types import AccountFacts, Chart, Clues, Pool
from records.models import (
    Account,
    AccountHome,
    CommonAmount,
    IndexState,
    PayerMemory,
    Statement,
)

__all__ = ["candidates", "chart", "forget", "pool", "rekey"]

MOST_SHARING = 3000
MOST_KEPT = 200
COMPARED = 24
"""So many homes are compared in full: those with the most votes."""
_FROM_MEMORY = 20


def pool(session: Session, clues: Clues, exclude: Collection[str] = ()) -> Pool:
    """The accounts that may be meant and their households, in order of number.

    Numbers in the clues, and what the payer paid before, come in however many others there are.
    The result is the same in every database.
    """
    numbered, unindexed = _by_number(session, clues)
    remembered, paid = _by_memory(session, clues)
    homes = dict.fromkeys((*numbered, *paid, *candidates(session, clues, COMPARED)))
    found = _cards(session, [*homes][: COMPARED + len(numbered)], remembered)
    if unindexed:
        found |= facts_of(session, Account.id.in_(unindexed))
    accounts = sorted(found.values(), key=lambda account: account.number)
    if exclude:
        accounts = [account for account in accounts if account.number not in exclude]
    return Pool(tuple(accounts), chart(session, clues, len(remembered)))


def candidates(session: Session, clues: Clues, most: int = MOST_KEPT) -> list[int]:
    """The homes that most keys of the clues speak for, best first; ties by number of the home."""
    homes, _, shared = postings.read(session, keys_of_clues(clues), MOST_SHARING)
    if not len(homes):
        return []
    # Whole thousandths, so that sums do not depend on the order they are taken in.
    worth = np.rint(1000 * np.log2((MOST_SHARING + 1) / shared)).astype(np.int64)
    order = np.argsort(homes)
    homes, worth = homes[order], worth[order]
    begins = np.flatnonzero(np.r_[True, homes[1:] != homes[:-1]])
    votes, homes = np.add.reduceat(worth, begins), homes[begins]
    if len(homes) > most:
        least = np.partition(votes, len(votes) - most)[len(votes) - most]
        homes, votes = homes[votes >= least], votes[votes >= least]
    best: list[int] = homes[np.lexsort((homes, -votes))[:most]].tolist()
    return best


def chart(session: Session, clues: Clues, payer_accounts: int) -> Chart:
    """What a comparison must know of all accounts; see ``Chart``."""
    count = session.scalar(select(IndexState.accounts).where(IndexState.id == 1)) or 0
    same = _owing(session, clues.amount_cents) if clues.amount_cents else 0
    return Chart(count, same, payer_accounts)


def _owing(session: Session, cents: int) -> int:
    """How many accounts owe exactly this on some statement; of common amounts as last counted."""
    common = session.scalar(select(CommonAmount.accounts).where(CommonAmount.cents == cents))
    if common is not None:
        return common
    owing = select(Statement.account_id).where(Statement.open_cents == cents).distinct()
    query = select(func.count()).select_from(owing.limit(COMMON).subquery())
    return session.scalar(query) or 0


def _by_number(session: Session, clues: Clues) -> tuple[list[int], list[str]]:
    """Homes of the accounts that a number names; ids of such accounts not indexed yet."""
    queries = []
    if clues.account_numbers:
        query = select(Account.id, Account.home_id)
        queries.append(query.where(Account.number.in_(clues.account_numbers)))
    stated = []
    if clues.statement_numbers:
        stated.append(Statement.number.in_(clues.statement_numbers))
    if clues.imbs:
        stated.append(Statement.imb.in_(clues.imbs))
    if stated:
        query = select(Account.id, Account.home_id).join(Account.statements)
        queries.append(query.where(or_(*stated)))
    rows = [row for query in queries for row in session.execute(query)]
    homes = sorted({row.home_id for row in rows if row.home_id is not None})
    return homes, sorted({row.id for row in rows if row.home_id is None})


def _by_memory(session: Session, clues: Clues) -> tuple[dict[str, int], list[int]]:
    """Confirmations by account id for this payer, and the homes of those most often confirmed."""
    if clues.payer_hmac is None:
        return {}, []
    rows = session.execute(
        select(PayerMemory.account_id, PayerMemory.confirmations, Account.home_id)
        .join(Account, Account.id == PayerMemory.account_id)
        .where(PayerMemory.payer_hmac == clues.payer_hmac, PayerMemory.confirmations > 0)
        .order_by(PayerMemory.confirmations.desc(), Account.number)
    ).all()
    homes = [row.home_id for row in rows[:_FROM_MEMORY] if row.home_id is not None]
    return {row.account_id: row.confirmations for row in rows}, homes


def _cards(
    session: Session, homes: Sequence[int], remembered: Mapping[str, int]
) -> dict[str, AccountFacts]:
    found: dict[str, AccountFacts] = {}
    for card in _rows(session, homes):
        found |= cards.unpack(card, remembered)
    return found


def _rows(session: Session, homes: Sequence[int]) -> Iterable[bytes]:
    query = select(AccountHome.card).where(AccountHome.id.in_(homes))
    return session.scalars(query) if homes else ()
