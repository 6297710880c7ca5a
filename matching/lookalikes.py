"""Two accounts held against each other: may they be one patient, or their homes one household?

Pure, and only a suspicion: a person answers, and nothing is ever merged. Weights are natural
logarithms set by hand; they put what is surest first, and are no probability.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import OSA

from matching.compare import NAME_AGREES, name_level
from matching.names import Person, long_forms, plain, skeleton
from matching.places import Place, place
from matching.types import AccountFacts, Reason

PATIENT = "patient"
HOUSEHOLD = "household"
LEAST = 7.0
"""From this sum on a pair is shown; an equal name with an equal birth date, or home, reaches it."""
_NEAR = 0.75
_NAME = {"exact": 4.0, "short_form": 3.0, "close": 3.0, "first_only": 0.0}
_WORDS = {
    "exact": "the same {0}",
    "short_form": "the same {0} by initial or nickname",
    "close": "the same {0} but for a letter or two",
    "first_only": "the same first name, another last name",
}


@dataclass(frozen=True, slots=True)
class Known:
    """An account with the patient's birth date, which matching itself has no use for."""

    facts: AccountFacts
    born_on: date | None

    @property
    def where(self) -> Place:
        """Its address taken apart."""
        facts = self.facts
        return facts.where or place(f"{facts.street}\n{facts.city} {facts.state} {facts.zip}")

    @property
    def patient(self) -> Person:
        """The patient's name, folded to upper case."""
        return Person(plain(self.facts.patient_first), plain(self.facts.patient_last))

    @property
    def guarantor(self) -> Person:
        """The guarantor's name, folded to upper case."""
        return Person(plain(self.facts.guarantor_first), plain(self.facts.guarantor_last))


def patient_keys(known: Known) -> Iterator[tuple[str, ...]]:
    """What two accounts have in common, one of these at least, that are held against each other."""
    where, patient = known.where, known.patient
    last = skeleton(patient.last)
    firsts = {skeleton(form) for form in (patient.first, *long_forms(patient.first)) if form}
    born = known.born_on.isoformat() if known.born_on else ""
    member = skeleton(known.facts.member_id)
    for first in firsts:
        if born:
            yield "fb", first, born
        if member:
            yield "mf", member, first
        if where.house:
            yield "na", last, first, where.house, where.street, where.zip
    if born:
        yield "fb", last, born  # first and last name changed over
        yield "lb", last, born
        if member:
            yield "bm", born, member


def household_keys(known: Known) -> Iterator[tuple[str, ...]]:
    """What accounts of two homes have in common that are held against each other."""
    where = known.where
    if not where.house:
        return
    payer = known.guarantor
    yield "ga", skeleton(payer.last), skeleton(payer.first), where.house, where.zip
    if known.facts.member_id:
        yield "ma", skeleton(known.facts.member_id), where.house, where.zip


def as_patient(one: Known, other: Known) -> tuple[Reason, ...]:
    """Why both accounts may be one patient's; empty where nothing much says so.

    Brothers, sisters and namesakes share much: the names must agree, or only the last name may
    have changed while birth date and more are the same.
    """
    level = _name(one.patient, other.patient)
    if level not in _NAME:
        return ()
    born = _born(one, other)
    member = _member(one.facts, other.facts, 3.5, -1.0)
    home = _home(one, other, -0.5)
    reasons = [
        Reason("patient_name", level, _NAME[level], _WORDS[level].format("patient's name")),
        *(each for each in (born, member, home, _payer(one, other)) if each is not None),
    ]
    if level == "first_only":
        said = {each.signal: each.level for each in reasons}
        more = said.get("member_id") == "same" or said.get("address") == "same"
        if said.get("birth_date") != "same" or not more:
            return ()
    return _if_enough(reasons)


def as_household(one: Known, other: Known) -> tuple[Reason, ...]:
    """Why the homes of both accounts may be one household; empty where nothing much says so.

    Only where one of them has a household at all: a chart that keeps none would be all flags.
    """
    if one.facts.household == other.facts.household:
        return ()
    home = _home(one, other, -2.0)
    if home.level not in {"same", "close"}:
        return ()
    level = _name(one.guarantor, other.guarantor)
    member = _member(one.facts, other.facts, 3.0, -0.5)
    if level not in NAME_AGREES and (member is None or member.level != "same"):
        return ()
    reasons = [home]
    if level in NAME_AGREES:
        words = _WORDS[level].format("guarantor")
        reasons.insert(0, Reason("payer_name", level, _NAME[level], words))
    else:
        reasons.insert(0, Reason("payer_name", "different", -1.0, "another guarantor"))
    if member is not None:
        reasons.append(member)
    if _name(one.patient, other.patient) in {*NAME_AGREES, "surname"}:
        reasons.append(Reason("patient_name", "surname", 1.0, "the same last name"))
    return _if_enough(reasons)


def _if_enough(reasons: list[Reason]) -> tuple[Reason, ...]:
    return tuple(reasons) if total(reasons) >= LEAST else ()


def total(reasons: list[Reason] | tuple[Reason, ...]) -> float:
    """The sum of the weights."""
    return round(math.fsum(each.weight for each in reasons), 3)


def _name(one: Person, other: Person) -> str:
    """How two names agree, first and last name changed over included."""
    level = name_level(one, other)
    if level in NAME_AGREES or not (one.first and other.first):
        return level
    turned = name_level(Person(one.last, one.first), other)
    return turned if turned in {"exact", "close"} else level


def _born(one: Known, other: Known) -> Reason | None:
    if one.born_on is None or other.born_on is None:
        return None
    if one.born_on == other.born_on:
        return Reason("birth_date", "same", 6.0, "the same birth date")
    pairs = zip(one.born_on.isoformat(), other.born_on.isoformat(), strict=True)
    turned = (one.born_on.month, one.born_on.day) == (other.born_on.day, other.born_on.month)
    if turned and one.born_on.year == other.born_on.year:
        return Reason("birth_date", "turned", 2.5, "birth dates with day and month changed over")
    if sum(a != b for a, b in pairs) == 1:
        return Reason("birth_date", "digit", 1.5, "birth dates one digit apart")
    return Reason("birth_date", "different", -5.0, "another birth date")


def _member(one: AccountFacts, other: AccountFacts, same: float, apart: float) -> Reason | None:
    mine, theirs = (skeleton(each.member_id) for each in (one, other))
    if not mine or not theirs:
        return None
    if mine == theirs:
        return Reason("member_id", "same", same, "the same member id")
    return Reason("member_id", "different", apart, "another member id")


def _home(one: Known, other: Known, apart: float) -> Reason:
    mine, theirs = one.where, other.where
    if mine and mine == theirs:
        return Reason("address", "same", 4.0, "the same address")
    if mine.house and (mine.house, mine.zip) == (theirs.house, theirs.zip):
        near = OSA.normalized_similarity(mine.street, theirs.street)
        if near >= _NEAR:
            return Reason("address", "close", 2.5, "the same address but for a letter or two")
    if mine.zip and mine.zip == theirs.zip:
        return Reason("address", "zip", 0.5, "the same ZIP")
    return Reason("address", "different", apart, "another address")


def _payer(one: Known, other: Known) -> Reason:
    if _name(one.guarantor, other.guarantor) in NAME_AGREES:
        return Reason("payer_name", "same", 1.0, "the same guarantor")
    return Reason("payer_name", "different", -0.5, "another guarantor")
