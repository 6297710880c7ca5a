"""One function per signal: how an account agrees with the clues, as a named level and a weight.

Weights are natural logarithms of how much likelier the level is for the right account than for
another (Fellegi and Sunter). Shipped ones come from a seeded chart; two are taken from the chart
itself: how many accounts owe this amount, and how many the payer's bank account has paid.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from rapidfuzz.distance import OSA

from matching.names import Person, people, plain, same_by_nickname, skeleton
from matching.places import ends_in, place
from matching.sums import MOST_ITEMS, subsets
from matching.types import AccountFacts, Chart, Clues, OpenStatement, Reason
from ocr.memo_numbers import numbers_in

NUMBER = "number"
PAYER = "payer_name"
PATIENT = "patient_name"
ADDRESS = "address"
AMOUNT = "amount"
MEMBER = "member_id"
MEMO = "memo"
MEMORY = "payer_memory"
CLAIM = "claim"
OFFICE = "office"

NAME_WEIGHTS = {
    "exact": 9.5, "short_form": 7.5, "close": 7.0, "surname": 4.0, "surname_close": 2.0,
    "first_only": 0.5, "different": -2.5,
}  # fmt: skip
PATIENT_WEIGHTS = {
    "exact": 8.5, "short_form": 7.0, "close": 6.5, "surname": 3.0, "surname_close": 1.0,
    "first_only": 0.0, "different": -4.5,
}  # fmt: skip
# On one stub, statement and account number are printed by one machine and read in one go:
# together they are worth little more than one of them.
NUMBER_WEIGHTS = {
    "both": 15.0, "barcode": 14.0, "statement": 12.0, "account": 12.0, "household": 2.0,
    "another": -5.0,
}  # fmt: skip
ADDRESS_WEIGHTS = {
    "same": 8.0, "close": 6.0, "house_and_zip": 4.5, "house_and_street": 4.5,
    "street_and_town": 3.5, "zip_and_town": 3.0, "zip": 1.5, "town": 1.5, "different": -1.5,
}  # fmt: skip
# Of all sums of up to eight balances, one in some hundred fits a strange amount by chance.
SUM_WEIGHT = 3.5
# A claim that was found says whose it is where no number does; beside a number that was read it
# only bears out, so that what went alone on that number goes no surer than it did.
CLAIM_WEIGHTS = {"found": 9.0, "rival": 4.0, "unfit": 0.0, "another": -5.0}
MEMO_WEIGHTS = {"number": 9.0, "patient": 2.0, "nothing": 0.0}
NAME_AGREES = frozenset({"exact", "short_form", "close"})
AMOUNT_AGREES = frozenset({"statement", "minimum", "total", "instalment", "household_sum"})
NUMBER_AGREES = frozenset({"both", "barcode", "statement", "account"})
ADDRESS_AGREES = frozenset({"same", "close", "house_and_zip", "house_and_street"})


def compare(
    clues: Clues,
    account: AccountFacts,
    family: tuple[AccountFacts, ...],
    named: frozenset[str],
    chart: Chart,
) -> tuple[Reason, ...]:
    """Every signal that says something about this account, without the prior.

    ``family`` are the other accounts of its household; ``named`` the accounts of the pool that
    a number in the clues names.
    """  # fmt: skip
    signals = (
        numbers(clues, account, family, named),
        member(clues, account),
        claim(clues, account),
        payer_name(clues, account),
        patient_name(clues, account),
        address(clues, account),
        amount(clues, account, family, chart),
        memo(clues, account),
        memory(clues, account, family, chart),
        office(clues, account),
    )
    return tuple(reason for reason in signals if reason is not None)


def named_by_number(clues: Clues, accounts: Iterable[AccountFacts]) -> frozenset[str]:
    """The accounts among ``accounts`` that a number in the clues names."""
    if not (clues.account_numbers or clues.statement_numbers or clues.imbs):
        return frozenset()
    return frozenset(a.number for a in accounts if _number_level(clues, a) is not None)


def _number_level(clues: Clues, account: AccountFacts) -> str | None:
    by_account = account.number in clues.account_numbers
    by_statement = any(s.number in clues.statement_numbers for s in account.statements)
    if by_account and by_statement:
        return "both"
    if any(s.imb and s.imb in clues.imbs for s in account.statements):
        return "barcode"
    if by_statement:
        return "statement"
    return "account" if by_account else None


def numbers(
    clues: Clues, account: AccountFacts, family: tuple[AccountFacts, ...], named: frozenset[str]
) -> Reason | None:
    """Account number, statement number or barcode of a stub."""
    if not named:
        return None
    level = _number_level(clues, account)
    if level is None:
        level = "household" if any(f.number in named for f in family) else "another"
    elif len(named) > 1 and level != "both":
        # Two numbers that name two accounts: at most one of them was read right.
        return Reason(NUMBER, level, NUMBER_WEIGHTS[level] / 2, _NUMBER_WORDS[level])
    return Reason(NUMBER, level, NUMBER_WEIGHTS[level], _NUMBER_WORDS[level])


_NUMBER_WORDS = {
    "both": "account and statement number are on the stub",
    "barcode": "the stub's barcode is of this account's statement",
    "statement": "the statement number is on the stub",
    "account": "the account number is on the stub",
    "household": "the number names another account of this household",
    "another": "the number names another account",
}


def member(clues: Clues, account: AccountFacts) -> Reason | None:
    """The insurer's member id; a whole family often shares one."""
    if not clues.member_ids or not account.member_id:
        return None
    wanted = _alnum(account.member_id)
    if any(_alnum(read) == wanted for read in clues.member_ids):
        return Reason(MEMBER, "same", 11.0, "the member id is this account's")
    return Reason(MEMBER, "different", -3.0, "the member id is another")


def claim(clues: Clues, account: AccountFacts) -> Reason | None:
    """Whether a claim that was sent for this account is the one that is paid."""
    if not clues.claims:
        return None
    level = next((level for number, level in clues.claims if number == account.number), "")
    if not level:
        if not any(each == "found" for _, each in clues.claims):
            return None
        return Reason(CLAIM, "another", CLAIM_WEIGHTS["another"], _CLAIM_WORDS["another"])
    same = member(clues, account)
    told = _number_level(clues, account) or (same is not None and same.level == "same")
    return Reason(CLAIM, level, 0.0 if told else CLAIM_WEIGHTS[level], _CLAIM_WORDS[level])


_CLAIM_WORDS = {
    "found": "a claim sent for this account has its number, name or lines",
    "rival": "one of several sent claims that it may be is this account's",
    "unfit": "the account's sent claims have other days and charges",
    "another": "it is a claim sent for another account",
}


def payer_name(clues: Clues, account: AccountFacts) -> Reason | None:
    """Who signed the check against guarantor and patient; the better one counts."""
    persons = people(clues.payer_name)
    if not persons:
        return None
    guarantor = Person(plain(account.guarantor_first), plain(account.guarantor_last))
    patient = Person(plain(account.patient_first), plain(account.patient_last))
    as_guarantor = _best_level(persons, guarantor)
    as_patient = as_guarantor if patient == guarantor else _best_level(persons, patient)
    if NAME_WEIGHTS[as_patient] > NAME_WEIGHTS[as_guarantor]:
        return _said(PAYER, as_patient, NAME_WEIGHTS[as_patient], "payer", "patient")
    return _said(PAYER, as_guarantor, NAME_WEIGHTS[as_guarantor], "payer", "guarantor")


def patient_name(clues: Clues, account: AccountFacts) -> Reason | None:
    """The patient named on the stub or in the claim."""
    if not clues.patient_names:
        return None
    persons = tuple(p for text in clues.patient_names for p in people(text))
    if not persons:
        return None
    patient = Person(plain(account.patient_first), plain(account.patient_last))
    level = _best_level(persons, patient)
    guarantor = Person(plain(account.guarantor_first), plain(account.guarantor_last))
    # Stubs are addressed to the guarantor, and readers take that name for the patient's.
    if level not in NAME_AGREES and _best_level(persons, guarantor) in NAME_AGREES:
        return Reason(PATIENT, "surname", PATIENT_WEIGHTS["surname"],
                      "the name on the stub is the guarantor's")  # fmt: skip
    return _said(PATIENT, level, PATIENT_WEIGHTS[level], "name on the stub", "patient")


_NAME_WORDS = {
    "exact": "{0} is the {1}",
    "short_form": "{0} is the {1} by initial or nickname",
    "close": "{0} is the {1} but for a letter or two",
    "surname": "{0} has the {1}'s last name",
    "surname_close": "{0} has nearly the {1}'s last name",
    "first_only": "{0} has the {1}'s first name only",
    "different": "{0} is somebody else",
}
# Many accounts are told the same: the same words need not be put together for each.
_ready = lru_cache(maxsize=1024)(Reason)


@lru_cache(maxsize=1024)
def _said(signal: str, level: str, weight: float, one: str, other: str) -> Reason:
    return Reason(signal, level, weight, _NAME_WORDS[level].format(one, other))


_NAME_PLACE = {level: place for place, level in enumerate(NAME_WEIGHTS)}


def _best_level(persons: tuple[Person, ...], known: Person) -> str:
    return min([name_level(p, known) for p in _both_ways(persons)], key=_NAME_PLACE.__getitem__)


@lru_cache(maxsize=1024)
def _both_ways(persons: tuple[Person, ...]) -> tuple[Person, ...]:
    """The persons as read, and with first and last name changed over."""
    return (*persons, *(Person(p.last, p.first) for p in persons if p.first))


# A payment's name is held against the same guarantor once for every patient of a family.
@lru_cache(maxsize=8192)
def name_level(read: Person, known: Person) -> str:
    """How a name that was read agrees with a known one; a key of ``NAME_WEIGHTS``."""
    last = max([_alike(one, other) for one in _parts(read.last) for other in _parts(known.last)])
    first = _alike(read.first, known.first)
    if last >= 1.0:
        if first >= 1.0:
            return "exact"
        if _short(read.first, known.first):
            return "short_form"
        return "close" if first >= _CLOSE else "surname"
    if last >= _CLOSE:
        if first >= _CLOSE or _short(read.first, known.first):
            return "close"
        return "surname_close"
    return "first_only" if first >= 1.0 and len(read.first) > 1 else "different"


# One letter in four may be wrong; below that, names of other people come in.
_CLOSE = 0.75


def _parts(last: str) -> tuple[str, ...]:
    return (last, *last.replace("-", " ").split()) if "-" in last or " " in last else (last,)


def _alike(read: str, known: str) -> float:
    if not read or not known:
        return 0.0
    if read == known:
        return 1.0
    if not (read.isalnum() and known.isalnum()) and _alnum(read) == _alnum(known):
        return 1.0
    near = OSA.normalized_similarity(read, known, score_cutoff=_CLOSE)
    if near < _CLOSE and len(read) > 3 and skeleton(read) == skeleton(known):
        # Only letters that readers confuse differ: nearly, and not as good as, the same.
        return 0.95
    return near


def _short(read: str, known: str) -> bool:
    if not read or not known:
        return False
    if len(read) == 1 or len(known) == 1:
        return read[0] == known[0]
    return same_by_nickname(read, known)


def address(clues: Clues, account: AccountFacts) -> Reason | None:
    """The payer's printed address against the account's."""
    read = place(clues.payer_address)
    known = account.where
    if known is None:
        known = place(f"{account.street}\n{account.city} {account.state} {account.zip}")
    if not read or not known:
        return None
    street = (
        OSA.normalized_similarity(read.street, known.street, score_cutoff=_CLOSE)
        if read.street
        else 0.0
    )
    level = _address_level(
        street,
        house=bool(read.house) and read.house == known.house,
        near=bool(read.house) and OSA.distance(read.house, known.house) == 1,
        code=bool(read.zip) and read.zip == known.zip,
        town=ends_in(read.tail, account.city),
    )
    return _ready(ADDRESS, level, ADDRESS_WEIGHTS[level], _ADDRESS_WORDS[level])


def _address_level(street: float, *, house: bool, near: bool, code: bool, town: bool) -> str:
    """What agrees, as a key of ``ADDRESS_WEIGHTS``; ``near``: one digit of the house is another."""
    if street >= _CLOSE:
        if house:
            return ("same" if street >= 0.99 else "close") if code else "house_and_street"
        if code:
            return "close" if near else "street_and_town"
        if town:
            return "street_and_town"
    if house and (code or town):
        return "house_and_zip"
    if code:
        return "zip_and_town" if town else "zip"
    return "town" if town else "different"


_ADDRESS_WORDS = {
    "same": "same address",
    "close": "same address but for a letter or two",
    "house_and_zip": "same house number and town or ZIP",
    "street_and_town": "same street and town or ZIP",
    "zip_and_town": "same ZIP and town",
    "town": "same town",
    "house_and_street": "same house number and street",
    "zip": "same ZIP",
    "different": "another address",
}


def amount(
    clues: Clues, account: AccountFacts, family: tuple[AccountFacts, ...], chart: Chart
) -> Reason | None:
    """The check's amount against what the account owes; rarer amounts say more."""
    paid = clues.amount_cents
    if paid is None or paid <= 0:
        return None
    owed = account.open_statements
    rarity = math.log(
        max(chart.account_count, 2) / min(max(chart.amount_accounts, 1), chart.account_count or 1)
    )
    level = _equal_level(paid, account, owed)
    if level:
        less, words = _EQUAL[level]
        return Reason(AMOUNT, level, _bounded(rarity - less), words)
    if _is_household_sum(paid, account, family):
        return Reason(AMOUNT, "household_sum", SUM_WEIGHT,
                      "equals a sum of the household's open statements")  # fmt: skip
    if any(_swapped(s.open_cents, paid) for s in owed):
        return Reason(AMOUNT, "digits_swapped", 1.0, "a balance with two digits swapped")
    if owed and paid < account.open_cents:
        return _ready(AMOUNT, "part", -0.8, "less than what is open")
    return _ready(AMOUNT, "more", -2.2, "more than what is open" if owed else "nothing is open")


_EQUAL = {
    "statement": (0.0, "equals a statement's balance"),
    "minimum": (1.0, "equals a minimum due"),
    "total": (0.3, "equals all that is open"),
    "instalment": (0.0, "equals the plan's instalment"),
}
"""How much less each says than a balance of that rarity, and the words for it."""


def _equal_level(paid: int, account: AccountFacts, owed: tuple[OpenStatement, ...]) -> str:
    """What of the account the amount equals, as a key of ``_EQUAL``; empty for nothing."""
    if any(s.open_cents == paid for s in owed):
        return "statement"
    if account.instalment_cents == paid and paid <= account.open_cents:
        return "instalment"
    if any(s.minimum_due_cents == paid for s in owed):
        return "minimum"
    if len(owed) > 1 and account.open_cents == paid:
        return "total"
    return ""


def _is_household_sum(paid: int, account: AccountFacts, family: tuple[AccountFacts, ...]) -> bool:
    own = [s.open_cents for s in account.open_statements]
    every = [*own, *(s.open_cents for each in family for s in each.open_statements)]
    if not own or not 2 <= len(every) <= MOST_ITEMS:
        return False
    return any(min(chosen) < len(own) for chosen in subsets(every, paid, most=8))


def _bounded(weight: float) -> float:
    """A match of amounts never says less than 1, nor more than the noise in charts allows."""
    return round(min(max(weight, 1.0), 6.5), 3)


def _swapped(one: int, other: int) -> bool:
    a, b = str(one), str(other)
    return len(a) == len(b) and a != b and OSA.distance(a, b) == 1 and sorted(a) == sorted(b)


def memo(clues: Clues, account: AccountFacts) -> Reason | None:
    """What the payer wrote on the memo line."""
    if not clues.memo:
        return None
    digits = {number.digits for number in numbers_in(clues.memo, 1.0)}
    if digits & {account.number, *(s.number for s in account.statements)}:
        return Reason(MEMO, "number", MEMO_WEIGHTS["number"], "the memo has the number")
    words = set(re.findall(r"[A-Z]{3,}", plain(clues.memo)))
    if plain(account.patient_first) in words:
        return Reason(MEMO, "patient", MEMO_WEIGHTS["patient"], "the memo names the patient")
    return None


def memory(
    clues: Clues, account: AccountFacts, family: tuple[AccountFacts, ...], chart: Chart
) -> Reason | None:
    """Whether people confirmed payments from this bank account to this patient account before."""
    if clues.payer_hmac is None or chart.payer_accounts == 0:
        return None
    if account.confirmations:
        # A bill-pay service or an insurer pays for many: then the memory says nothing.
        weight = max(0.0, 6.0 - 1.5 * (chart.payer_accounts - 1))
        seen = min(account.confirmations, 3) * 0.3 if weight else 0.0
        return Reason(MEMORY, "known", weight + seen, "this bank account paid here before")
    if any(each.confirmations for each in family):
        return Reason(MEMORY, "household", 1.5, "this bank account paid for this household before")
    return Reason(MEMORY, "elsewhere", -1.0, "this bank account paid elsewhere before")


def office(clues: Clues, account: AccountFacts) -> Reason | None:
    """Whether the bag came from the account's own office."""
    if not clues.office_code:
        return None
    if clues.office_code == account.office_code:
        return _ready(OFFICE, "same", 0.7, "the bag is from this account's office")
    return _ready(OFFICE, "other", -1.2, "the bag is from another office")


def _alnum(text: str) -> str:
    return "".join(c for c in text.upper() if c.isalnum())
