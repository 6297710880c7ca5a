"""Accounts by what people type: the beginning of a number or a name, misspelt or turned round.

Beginnings are looked up in sorted indexes, misspelt names over the keys of matching; what is
shown comes from the cards of the homes found, so that each letter typed costs some milliseconds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from matching import cards, index, postings
from matching.keys import letters
from matching.names import plain
from matching.types import AccountFacts, Clues
from records.models import Account, Office, Statement

_MOST_HOMES = 60
_MOST_ALIKE = 2000
_STILL_NAMED = 55.0
_LEAST_ALIKE = 70.0
_SHORTEST_BEGINNING = 3
"""Of a last name behind a first one: with fewer letters too many names would be looked through."""
_HIGHEST = "\uffff"
Found = list[tuple[str, AccountFacts]]


def find(session: Session, text: str, offices: Collection[str] | None, limit: int) -> Found:
    """Accounts with their row ids, best first; ``offices`` are codes, None for all."""
    scope = _scope(session, offices)
    return (
        _by_digits(session, text, scope)[:limit] or _by_name(session, text, offices, scope)[:limit]
    )


def _scope(session: Session, offices: Collection[str] | None) -> list[ColumnElement[bool]]:
    if offices is None:
        return []
    query = select(Office.id).where(Office.code.in_(sorted(offices)))
    return [Account.office_id.in_(session.scalars(query).all())]


def _by_digits(session: Session, text: str, scope: list[ColumnElement[bool]]) -> Found:
    """Exact or beginning account numbers, statement numbers and member ids; in order of number."""
    compact = re.sub(r"[\s-]", "", text)
    if not any(c.isdigit() for c in compact):
        return []
    base = select(Account.id, Account.home_id).where(*scope)
    stated = select(Statement.account_id).where(Statement.number == compact)
    exact = or_(
        Account.number == compact, Account.member_id == compact.upper(), Account.id.in_(stated)
    )
    rows = session.execute(base.where(exact).limit(_MOST_HOMES)).all()
    if not rows:
        begun = base.where(_begins(session, Account.number, compact))
        rows = session.execute(begun.limit(_MOST_HOMES)).all()
    wanted = {row[0] for row in rows}
    found = _of_homes(session, {row[1] for row in rows if row[1] is not None})
    return sorted((each for each in found if each[0] in wanted), key=lambda each: each[1].number)


def _by_name(
    session: Session, text: str, offices: Collection[str] | None,
    scope: list[ColumnElement[bool]],
) -> Found:  # fmt: skip
    words = [letters(word) for word in text.replace(",", " ").split()]
    words = [word for word in words if word]
    if not words:
        return []
    homes = dict.fromkeys(_beginning(session, words, scope))
    if len(homes) < _MOST_HOMES:
        homes |= dict.fromkeys(index.candidates(session, Clues(payer_name=text), _MOST_HOMES))
    found = _ranked(session, text, homes, offices)
    if found:
        return found
    return _ranked(session, text, _alike(session, words, scope), offices)


def _ranked(
    session: Session, text: str, homes: Collection[int], offices: Collection[str] | None
) -> Found:
    typed = plain(text)
    told = [
        (_resemblance(typed, facts), ident, facts)
        for ident, facts in _of_homes(session, homes)
        if offices is None or facts.office_code in offices
    ]
    told = [each for each in told if each[0] >= _STILL_NAMED]
    told.sort(key=lambda each: (-each[0], each[2].number))
    return [(ident, facts) for _, ident, facts in told]


def _beginning(
    session: Session, words: list[str], scope: list[ColumnElement[bool]]
) -> Iterable[int]:
    """Homes with a name that begins as typed: last name first, or first name first."""
    if len(words) == 1 and len(words[0]) < 2:
        return []
    last, rest = words[-1], "".join(words[:-1])
    conditions = []
    for column in (Account.name_key, Account.guarantor_key):
        if not rest:
            conditions.append(_begins(session, column, last))
            continue
        conditions.append(_begins(session, column, f"{last}|{rest}"))
        conditions.append(_begins(session, column, f"{words[0]}|{''.join(words[1:])}"))
        if len(last) >= _SHORTEST_BEGINNING:
            turned = column.like(f"%|{rest}%")
            conditions.append(and_(_begins(session, column, last), turned))
    found: dict[int, None] = {}
    for condition in conditions:
        query = select(Account.home_id).where(condition, *scope).limit(_MOST_HOMES)
        homes = [home for home in session.scalars(query) if home is not None]
        found |= dict.fromkeys(homes)
        if len(found) >= _MOST_HOMES:
            break
    return found


def _alike(session: Session, words: list[str], scope: list[ColumnElement[bool]]) -> Collection[int]:
    """Homes with a last name like one of the words, among those that begin with its letters."""
    homes: dict[int, None] = {}
    for word in dict.fromkeys((words[-1], words[0])):
        if len(word) < 4:
            continue
        for column in (Account.name_key, Account.guarantor_key):
            # The names alone come out of the sorted index; accounts are read for the best few.
            begun = select(column).where(_begins(session, column, word[:3]), *scope).distinct()
            names = session.scalars(begun.limit(_MOST_ALIKE)).all()
            lasts = [name.partition("|")[0] for name in names]
            best = process.extract(
                word, lasts, scorer=fuzz.ratio, score_cutoff=_LEAST_ALIKE, limit=_MOST_HOMES
            )
            alike = [names[place] for _, _, place in best]
            query = select(Account.home_id).where(column.in_(alike), *scope).limit(_MOST_HOMES)
            found = [home for home in session.scalars(query) if home is not None]
            homes |= dict.fromkeys(found)
    return homes


def _begins(session: Session, column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """That a column begins so, in a way that the index of its letters answers in any database."""
    if session.get_bind().dialect.name == "sqlite":
        return and_(column >= text, column < text + _HIGHEST)
    return and_(column.op("~>=~")(text), column.op("~<~")(text + _HIGHEST))


def _of_homes(session: Session, homes: Collection[int]) -> Found:
    rows = postings.among(session, "SELECT card FROM account_homes WHERE id", [*homes])
    return [each for row in rows for each in cards.unpack(row[0]).items()]


def _resemblance(typed: str, facts: AccountFacts) -> float:
    names = {
        (plain(facts.patient_first), plain(facts.patient_last)),
        (plain(facts.guarantor_first), plain(facts.guarantor_last)),
    }
    return max(_to_name(typed, first, last) for first, last in names)


def _to_name(typed: str, first: str, last: str) -> float:
    if last.startswith(typed):
        return 97.0 if last == typed else 95.0
    words = typed.replace(",", " ").split()
    whole = fuzz.token_sort_ratio(" ".join(words), f"{first} {last}")
    if len(words) < 2:
        return max(whole, fuzz.ratio(typed, last))
    ways = ((words[0], words[-1]), (words[-1], words[0]))
    begun = any(first.startswith(one) and last.startswith(other) for one, other in ways)
    return max(whole, 95.0) if begun else whole
