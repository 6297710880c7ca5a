"""Finding candidate accounts: hashed keys in the database, exact numbers, and payers known before.

The keys of a payment vote for homes, the rarer the key the more it counts; a key that too many
share says too little and is passed over. ``matching.homes`` keeps the keys.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
from sqlalchemy.orm import Session

from matching import cards, postings
from matching.homes import COMMON, facts_of, forget, rekey
from matching.keys import keys_of_clues
from matching.types import AccountFacts, Chart, Clues, Pool
from records.models import Account

__all__ = ["candidates", "chart", "forget", "neighbours", "pool", "rekey"]

MOST_SHARING = 3000
MOST_KEPT = 200
COMPARED = 16
"""So many homes are compared in full: those with the most votes,"""
LEAST_SHARE = 0.3
"""and of them only those with this share of the first one's votes: the true one has more."""
_FROM_MEMORY = 20
_MOST_MENDED = 2
_MOST_NEAR = 6


def pool(session: Session, clues: Clues, exclude: Collection[str] = ()) -> Pool:
    """The accounts that may be meant and their households, in order of number.

    Numbers in the clues, and what the payer paid before, come in however many others there are.
    The result is the same in every database.
    """
    numbered, unindexed = _by_number(session, clues)
    remembered, paid = _by_memory(session, clues)
    voted = candidates(session, clues, COMPARED, LEAST_SHARE)
    near = [] if numbered or unindexed else _by_neighbours(session, clues)
    homes = dict.fromkeys((*numbered, *near, *paid, *voted))
    found = _cards(session, [*homes], remembered)
    if unindexed:
        found |= facts_of(session, Account.id.in_(unindexed))
    accounts = sorted(found.values(), key=lambda account: account.number)
    if exclude:
        accounts = [account for account in accounts if account.number not in exclude]
    return Pool(tuple(accounts), chart(session, clues, len(remembered)))


def candidates(
    session: Session, clues: Clues, most: int = MOST_KEPT, least_share: float = 0.0
) -> list[int]:
    """The homes that most keys of the clues speak for, best first; ties by number of the home.

    Those with less than ``least_share`` of the first one's votes are left out.
    """
    asked = keys_of_clues(clues)
    homes, places, shared = postings.read(session, [*asked], MOST_SHARING)
    if not len(homes):
        return []
    # Whole thousandths, so that sums do not depend on the order they are taken in.
    says = np.array([*asked.values()])[places]
    worth = np.rint(500 * says * np.log2((MOST_SHARING + 1) / shared)).astype(np.int64)
    order = np.argsort(homes)
    homes, worth = homes[order], worth[order]
    begins = np.flatnonzero(np.r_[True, homes[1:] != homes[:-1]])
    votes, homes = np.add.reduceat(worth, begins), homes[begins]
    least = least_share * votes.max()
    if len(homes) > most:
        least = max(least, np.partition(votes, len(votes) - most)[len(votes) - most])
    homes, votes = homes[votes >= least], votes[votes >= least]
    best: list[int] = homes[np.lexsort((homes, -votes))[:most]].tolist()
    return best


def chart(session: Session, clues: Clues, payer_accounts: int) -> Chart:
    """What a comparison must know of all accounts; see ``Chart``.

    Amounts that very many owe are taken as they were last counted.
    """
    cents = clues.amount_cents or 0
    connection = session.connection()
    mark = "?" if connection.dialect.name == "sqlite" else "%s"
    values = (cents, cents) if cents else ()
    query = _CHART if cents else _COUNT
    row = connection.exec_driver_sql(query.replace("?", mark), values).one()
    if not cents:
        return Chart(row[0] or 0, 0, payer_accounts)
    return Chart(row[0] or 0, row[1] or row[2], payer_accounts)


_COUNT = "SELECT (SELECT accounts FROM index_state WHERE id = 1)"
_CHART = (
    f"{_COUNT}, (SELECT accounts FROM common_amounts WHERE cents = ?), (SELECT count(*) FROM "  # noqa: S608
    f"(SELECT DISTINCT account_id FROM statements WHERE open_cents = ? LIMIT {COMMON}) AS owing)"
)


def _by_number(session: Session, clues: Clues) -> tuple[list[int], list[str]]:
    """Homes of the accounts that a number names; ids of such accounts not indexed yet."""
    rows = [
        *postings.among(session, _NUMBERED, clues.account_numbers),
        *postings.among(session, _NUMBERED, [number for number, _ in clues.claims]),
        *postings.among(session, _STATED, clues.statement_numbers),
        *postings.among(session, _BARCODED, clues.imbs),
    ]
    homes = sorted({row[1] for row in rows if row[1] is not None})
    return homes, sorted({row[0] for row in rows if row[1] is None})


def _by_neighbours(session: Session, clues: Clues) -> list[int]:
    """Homes whose number differs by one digit from one that was read and is nobody's.

    Where numbers lie close together, too many are alike to say anything: then none.
    """
    homes: set[int] = set()
    for query, numbers in ((_NUMBERED, clues.account_numbers), (_STATED, clues.statement_numbers)):
        alike = [other for number in numbers[:_MOST_MENDED] for other in neighbours(number)]
        rows = postings.among(session, query, alike)
        homes |= {row[1] for row in rows if row[1] is not None}
    return sorted(homes) if len(homes) <= _MOST_NEAR else []


def neighbours(number: str) -> list[str]:
    """The numbers that one digit misread, or two neighbouring digits changed over, make of it."""
    if not number.isascii() or not number.isdigit() or not 4 <= len(number) <= 20:
        return []
    found = dict.fromkeys(
        f"{number[:at]}{digit}{number[at + 1 :]}"
        for at in range(len(number))
        for digit in "0123456789"
    )
    found |= dict.fromkeys(
        f"{number[:at]}{number[at + 1]}{number[at]}{number[at + 2 :]}"
        for at in range(len(number) - 1)
    )
    del found[number]
    return list(found)


_NUMBERED = "SELECT id, home_id FROM accounts WHERE number"
_OF_STATEMENT = (
    "SELECT accounts.id, accounts.home_id FROM statements "
    "JOIN accounts ON accounts.id = statements.account_id WHERE statements."
)
_STATED = f"{_OF_STATEMENT}number"
_BARCODED = f"{_OF_STATEMENT}imb"


def _by_memory(session: Session, clues: Clues) -> tuple[dict[str, int], list[int]]:
    """Confirmations by account id for this payer, and the homes of those most often confirmed."""
    if clues.payer_hmac is None:
        return {}, []
    rows = list(postings.among(session, _REMEMBERED, (clues.payer_hmac,)))
    rows.sort(key=lambda row: (-row[1], row[3]))
    homes = [row[2] for row in rows[:_FROM_MEMORY] if row[2] is not None]
    return {row[0]: row[1] for row in rows}, homes


_REMEMBERED = (
    "SELECT payer_memory.account_id, confirmations, accounts.home_id, accounts.number "
    "FROM payer_memory JOIN accounts ON accounts.id = payer_memory.account_id "
    "WHERE confirmations > 0 AND payer_hmac"
)


def _cards(
    session: Session, homes: Sequence[int], remembered: Mapping[str, int]
) -> dict[str, AccountFacts]:
    found: dict[str, AccountFacts] = {}
    for row in postings.among(session, "SELECT card FROM account_homes WHERE id", homes):
        found |= cards.unpack(row[0], remembered)
    return found
