"""The keys under which an account is found: folded texts, alone and in pairs, hashed to 64 bits."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from matching.names import Person, people, plain, skeleton
from matching.places import Place, place
from matching.types import AccountFacts, Clues

_SHORTEST_HALF = 3


def keys_of_account(account: AccountFacts, household_open_cents: int) -> frozenset[int]:
    """Every key of an account as it stands; ``household_open_cents`` is what its household owes."""
    persons = (
        Person(plain(account.patient_first), plain(account.patient_last)),
        Person(plain(account.guarantor_first), plain(account.guarantor_last)),
    )
    where = place(f"{account.street}\n{account.city} {account.state} {account.zip}")
    amounts = {s.open_cents for s in account.open_statements}
    amounts |= {s.minimum_due_cents for s in account.open_statements if s.minimum_due_cents}
    amounts |= {account.open_cents, household_open_cents} - {0}
    members = (account.member_id,) if account.member_id else ()
    return frozenset(_hash(text) for text in _texts(persons, (where,), amounts, members))


def keys_of_clues(clues: Clues) -> frozenset[int]:
    """Every key the clues give; fewer than fifty."""
    persons = [*people(clues.payer_name)]
    for name in clues.patient_names:
        persons += people(name)
    # Forms write the last name first as often as not.
    persons += [Person(p.last, p.first) for p in persons if p.first and p.last]
    where = place(clues.payer_address)
    amounts = {clues.amount_cents} if clues.amount_cents else set()
    texts = _texts(persons[:8], (where,) if where else (), amounts, clues.member_ids[:4])
    return frozenset(_hash(text) for text in texts)


def name_key(first: str, last: str) -> str:
    """The folded form kept beside an account: last name and first initial."""
    return f"{skeleton(last)}|{skeleton(first)[:1]}"


def address_key(text: str) -> str:
    """The folded form of an address: house number, street and ZIP."""
    where = place(text)
    return f"{where.house}|{where.street}|{where.zip}"[:80]


def _texts(
    persons: Iterable[Person],
    places: Iterable[Place],
    amounts: Iterable[int],
    member_ids: Iterable[str],
) -> Iterator[str]:
    amounts, places = list(amounts), list(places)
    for person in persons:
        yield from _texts_of_name(person, places, amounts)
    for where in places:
        if where.house and where.street:
            yield f"hs|{where.house}|{where.street}"
            yield from (f"hs|{where.house}|{half}" for half in _halves(where.street))
        if where.house and where.zip:
            yield f"hz|{where.house}|{where.zip}"
        for cents in amounts:
            if where.zip:
                yield f"az|{cents}|{where.zip}"
            if where.house:
                yield f"ah|{cents}|{where.house}"
    for ident in member_ids:
        yield f"m|{skeleton(ident)}"


def _texts_of_name(person: Person, places: list[Place], amounts: list[int]) -> Iterator[str]:
    first = skeleton(person.first)
    first = first if len(first) > 1 else ""
    initial = person.first[:1]
    for last in {skeleton(part) for part in (person.last, *person.last.split("-"))} - {""}:
        wholes = (last, *_halves(last))
        yield f"l|{last}"
        if initial:
            yield f"li|{last}|{skeleton(initial)}"
        if first:
            yield from (f"lf|{last}|{some}" for some in (first, *_halves(first)))
            yield from (f"lf|{half}|{first}" for half in _halves(last))
        yield from (f"lz|{some}|{w.zip}" for some in wholes for w in places if w.zip)
        yield from (f"al|{cents}|{some}" for some in wholes for cents in amounts)
    if first:
        yield from (f"af|{cents}|{first}" for cents in amounts)


def _halves(text: str) -> tuple[str, ...]:
    """The first and the last half, so that one wrong letter leaves one of them whole."""
    middle = (len(text) + 1) // 2
    if middle < _SHORTEST_HALF:
        return ()
    return (f"{text[:middle]}<", f">{text[-middle:]}")


def _hash(text: str) -> int:
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
