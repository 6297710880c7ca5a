"""The keys under which a household is found: folded texts, alone and in pairs, hashed to 64 bits.

A home is all accounts of one household, or one account without any. What it owes is a key only
together with a name, a ZIP or a house number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from matching.names import Person, is_business, long_forms, people, plain, skeleton
from matching.places import Place, place
from matching.types import AccountFacts, Clues

VERSION = 2
"""Raised whenever keys change their meaning: then the index is built anew."""
_KEY = np.dtype("<i8")
_WEAK = "ee|"
"""Keys of two ends say half of what others do: they hold for names that are merely alike."""
_MOST_PERSONS = 8
KINDS = {
    "l": "last name", "li": "last name and initial", "lf": "first and last name",
    "ee": "both ends of the name", "lz": "last name and ZIP", "lh": "last name and house number",
    "al": "amount and last name", "fz": "first name and ZIP", "fh": "first name and house number",
    "af": "amount and first name", "hs": "house number and street", "hz": "house number and ZIP",
    "sz": "street and ZIP", "az": "amount and ZIP", "ah": "amount and house number",
    "a": "amount", "ao": "amount and office", "m": "member id",
}  # fmt: skip
"""What the beginning of a key's text says it is made of."""
_MEMO_WORDS = frozenset(
    ["FOR", "ACCT", "ACCOUNT", "PATIENT", "PT", "RE", "PAYMENT", "BILL", "INVOICE", "STMT"]
)


def keys_of_home(accounts: Sequence[AccountFacts]) -> frozenset[int]:
    """Every key of the accounts of one home as they stand."""
    return frozenset(np.frombuffer(packed_keys(accounts), dtype=_KEY).tolist())


def packed_keys(accounts: Sequence[AccountFacts]) -> bytes:
    """The keys of a home as its row holds them: eight bytes each, little-endian, in order."""
    digests = b"".join({_digest(text) for text in _texts_of_home(accounts)})
    return np.sort(np.frombuffer(digests, dtype=">i8").astype(_KEY)).tobytes()


def _texts_of_home(accounts: Sequence[AccountFacts]) -> set[str]:
    persons: set[Person] = set()
    places: set[Place] = set()
    amounts: set[int] = {sum(each.open_cents for each in accounts)}
    members: set[str] = set()
    offices = {each.office_code for each in accounts if each.open_cents}
    for account in accounts:
        persons.add(Person(plain(account.patient_first), plain(account.patient_last)))
        persons.add(Person(plain(account.guarantor_first), plain(account.guarantor_last)))
        where = place(f"{account.street}\n{account.city} {account.state} {account.zip}")
        if where:
            places.add(where)
        amounts.add(account.open_cents)
        if account.open_cents:
            amounts.add(account.instalment_cents or 0)
        for statement in account.open_statements:
            amounts |= {statement.open_cents, statement.minimum_due_cents or 0}
        members.add(account.member_id)
    return set(_texts(persons, places, amounts - {0}, members - {""}, offices))


def keys_of_clues(clues: Clues) -> dict[int, int]:
    """Every key the clues give, and what it says: 2, or 1 where it is weak. Mostly under eighty."""
    return {_hash(text): 1 if text.startswith(_WEAK) else 2 for text in _texts_of_clues(clues)}


def kinds_of_clues(clues: Clues) -> dict[int, str]:
    """Every key the clues give, and what it is made of, as ``KINDS`` has it."""
    return {_hash(text): text.partition("|")[0] for text in _texts_of_clues(clues)}


def _texts_of_clues(clues: Clues) -> Iterator[str]:
    persons = [*people(clues.payer_name)]
    for name in clues.patient_names:
        persons += people(name)
    persons += _in_firm(clues.payer_name) if not persons else ()
    persons += _in_memo(clues.memo)
    # Forms write the last name first as often as not.
    persons += [Person(p.last, p.first) for p in persons if len(p.first) > 1 and p.last]
    where = place(clues.payer_address)
    amounts = [clues.amount_cents] if clues.amount_cents else []
    some = dict.fromkeys(persons[:_MOST_PERSONS])
    texts = _texts(
        some, [where] if where else [], amounts, clues.member_ids[:4], (clues.office_code,)
    )
    longer = (
        f"lf|{skeleton(person.last)}|{skeleton(form)}"
        for person in some
        for form in long_forms(person.first)
    )
    yield from texts
    yield from longer


def _in_firm(text: str) -> list[Person]:
    """The words of a firm's name: many bear their owner's."""
    words = re.findall(r"[A-Z][A-Z0-9'-]{2,}", plain(text))
    return [Person("", word) for word in words if not is_business(word)][:3]


def _in_memo(text: str) -> list[Person]:
    """Any two words of a memo that follow each other may be the patient."""
    words = [word for word in re.findall(r"[A-Z0-9'-]+", plain(text)) if not word.isdigit()]
    kept = [word for word in words if len(word) > 1 and word not in _MEMO_WORDS][-4:]
    return [Person(first, last) for first, last in pairwise(kept)]


def name_key(first: str, last: str) -> str:
    """The form kept beside an account, to find it by its beginning: ``ABERNATHY|WALTER``."""
    return f"{letters(last)}|{letters(first)}"


def letters(text: str) -> str:
    """The letters and digits of a name, upper case."""
    return "".join(c for c in plain(text) if c.isalnum())


def _texts(
    persons: Iterable[Person],
    places: Iterable[Place],
    amounts: Iterable[int],
    member_ids: Iterable[str],
    offices: Iterable[str],
) -> list[str]:
    amounts, places, offices = list(amounts), list(places), list(offices)
    zips = [where.zip for where in places if where.zip]
    houses = [where.house for where in places if where.house]
    found: list[str] = []
    for person in persons:
        found += _texts_of_name(person, zips, houses, amounts)
    for where in places:
        found += _texts_of_place(where, amounts)
    for cents in amounts:
        found.append(f"a|{cents}")
        found += [f"ao|{cents}|{office}" for office in offices]
    return found + [f"m|{skeleton(ident)}" for ident in member_ids]


def _texts_of_place(where: Place, amounts: list[int]) -> list[str]:
    house, street, code = where.house, where.street, where.zip
    found: list[str] = []
    if house and street:
        found += [f"hs|{house}|{some}" for some in (street, *_ends(street))]
    if house and code:
        found.append(f"hz|{house}|{code}")
    if street and code:
        found.append(f"sz|{street}|{code}")
    if code:
        found += [f"az|{cents}|{code}" for cents in amounts]
    if house:
        found += [f"ah|{cents}|{house}" for cents in amounts]
    return found


def _texts_of_name(
    person: Person, zips: list[str], houses: list[str], amounts: list[int]
) -> list[str]:
    """Lists, not generators: most of the time an index takes to build is spent here."""
    first = skeleton(person.first)
    initial = first[:1]
    first = first if len(first) > 1 else ""
    firsts = _ends(first)
    found: list[str] = []
    for last in _lasts(person.last):
        ends = _ends(last)
        found.append(f"l|{last}")
        if initial:
            found.append(f"li|{last}|{initial}")
        if first:
            found += [f"lf|{last}|{some}" for some in (first, *firsts)]
            found += [f"lf|{end}|{first}" for end in ends]
            found += [f"{_WEAK}{one}|{other}" for one in ends for other in firsts]
        for some in (last, *ends):
            found += [f"lz|{some}|{code}" for code in zips]
            found += [f"lh|{some}|{house}" for house in houses]
            found += [f"al|{cents}|{some}" for cents in amounts]
    if first:
        found += [f"fz|{first}|{code}" for code in zips]
        found += [f"fh|{first}|{house}" for house in houses]
        found += [f"af|{cents}|{first}" for cents in amounts]
    return found


def _lasts(last: str) -> Iterable[str]:
    """The folded last name and, of a hyphenated one, its parts."""
    if last.isalpha():
        return (skeleton(last),) if last else ()
    parts = (last, *re.split(r"[- ]+", last))
    return dict.fromkeys(folded for folded in map(skeleton, parts) if len(folded) > 1)


def _ends(text: str) -> tuple[str, ...]:
    """Its first and its last three letters, so that a wrong letter elsewhere leaves them whole.

    The length is fixed: of a word that lost a letter, its half would be another one.
    """
    return (f"{text[:3]}<", f">{text[-3:]}") if len(text) > 3 else ()


def _hash(text: str) -> int:
    return int.from_bytes(_digest(text), "big", signed=True)


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()
