"""Payments drawn from a seeded chart, their truth known, as readers see them.

Kinds: ``self``, ``guarantor``, ``spouse``, ``relative``, ``household`` (all the family owes),
``business``, ``bill_pay`` (printed by a payment service) and ``not_a_customer``. Noise is one of
three: ``readers`` (letters taken for those that look alike, dropped letters, 1 to 15 % of them),
``uniform`` (any letter replaced, dropped, doubled or swapped, at a rate given), ``none``. Of the
numbers on stubs one in a hundred is misread, and of these one in four is then another live
account's, as where accounts are numbered one after the other.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bench.match_chart import Chart, Family, Owed, Patient
from bench.match_data import SHORT
from bench.match_noise import amount_digits, edited, misread, one_digit
from matching.types import Clues

KINDS = (
    "self", "guarantor", "spouse", "relative", "household", "business", "bill_pay",
    "not_a_customer",
)  # fmt: skip
_WEIGHTS = (46, 18, 9, 5, 7, 4, 7, 4)
_NUMBER_SHARE = 0.63
_ADDRESS_SHARE = 0.88
_MOVED_SHARE = 0.10
_AMOUNT_MISREAD = 0.01
_NUMBER_MISREAD = 0.01
_LIVE_SHARE = 0.25
_STUB_WITHOUT_NUMBER = 0.10
_TRADES = ("Plumbing", "Roofing", "Landscaping", "Auto Repair", "Electric", "Holdings", "Farms")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One payment as read and the truth; ``accounts`` is empty when it is nobody's.

    ``statements`` are those it truly pays. ``bare`` says that nothing on it names the household:
    no name, address or patient of theirs.
    """

    kind: str
    clues: Clues
    accounts: frozenset[str]
    household: str
    with_number: bool
    amount_misread: bool
    bare: bool
    number_misread: bool = False
    statements: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Noise:
    """How texts are misread; ``rate`` is the share of letters, None for 1 to 15 %."""

    source: str = "readers"
    rate: float | None = None
    amount_misread: float = _AMOUNT_MISREAD
    number_misread: float = _NUMBER_MISREAD


def draw(
    chart: Chart, owing: Sequence[Family], count: int, seed: int, noise: Noise | None = None,
    *, number_share: float = _NUMBER_SHARE,
) -> list[Drawn]:  # fmt: skip
    """So many payments to families of ``owing``; the same seed gives the same."""
    rng = random.Random(f"payments:{seed}")
    found = noise or Noise()
    return [_payment(rng, chart, owing, found, number_share) for _ in range(count)]


def _payment(
    rng: random.Random, chart: Chart, owing: Sequence[Family], noise: Noise, number_share: float
) -> Drawn:
    family = rng.choice(owing)
    kind = rng.choices(KINDS, _WEIGHTS)[0]
    if kind == "not_a_customer":
        return _stranger(rng, chart, family, noise)
    patient = rng.choice([each for each in family.patients if each.owed])
    statement = rng.choice(patient.owed)
    cents, paid = _amount(rng, kind, family, patient, statement)
    amount, misread = _read_amount(rng, cents, noise)
    name, stranger = _payer(rng, chart, kind, family, patient)
    address, elsewhere = _address(rng, chart, kind, family)
    number = rng.random() < number_share
    stub = rng.random() < (0.8 if number else _STUB_WITHOUT_NUMBER)
    memo = rng.random() < (0.75 if kind in {"relative", "business"} else 0.08)
    whole = f"{patient.first} {patient.last}"
    account = stated = ""
    wrong = False
    if number:
        stated = statement.number if rng.random() < 0.6 else ""
        account, stated, wrong = _numbers(rng, owing, noise, patient.number, stated)
    clues = Clues(
        amount_cents=amount,
        account_numbers=(account,) if account else (),
        statement_numbers=(stated,) if stated else (),
        payer_name=_read(rng, name, noise),
        payer_address=_read(rng, address, noise),
        patient_names=(_read(rng, whole, noise),) if stub else (),
        memo=_read(rng, f"For {whole}", noise) if memo else "",
        office_code=patient.office if rng.random() < 0.97 else f"OFF{rng.randrange(24):02d}",
    )
    accounts = frozenset(account for account, _ in paid)
    statements = frozenset(number for _, number in paid)
    bare = stranger and elsewhere and not stub and not memo
    return Drawn(kind, clues, accounts, family.code, number, misread, bare, wrong, statements)


def _numbers(
    rng: random.Random, owing: Sequence[Family], noise: Noise, account: str, statement: str
) -> tuple[str, str, bool]:
    """Account and statement number of a stub as read, and whether one of them is wrong."""
    if rng.random() >= noise.number_misread:
        return account, statement, False
    if statement and rng.random() < 0.5:
        return account, one_digit(rng, statement), True
    if rng.random() < _LIVE_SHARE:
        return rng.choice(rng.choice(owing).patients).number, statement, True
    return one_digit(rng, account), statement, True


def _stranger(rng: random.Random, chart: Chart, near: Family, noise: Noise) -> Drawn:
    """A payer who is nobody's patient: another practice's mail, often a round amount."""
    name = f"{chart.firsts.draw(rng)} {chart.lasts.draw(rng)}"
    office = int(near.patients[0].office[3:])
    town = " ".join(chart.town(rng, office))
    cents = rng.choice((2000, 2500, 3000, 5000, rng.randint(1000, 90000)))
    address = f"{chart.road(rng)}, {town}" if rng.random() < _ADDRESS_SHARE else ""
    clues = Clues(
        amount_cents=cents,
        payer_name=_read(rng, name, noise),
        payer_address=_read(rng, address, noise),
        office_code=near.patients[0].office,
    )
    return Drawn("not_a_customer", clues, frozenset(), "", with_number=False,
                 amount_misread=False, bare=True)  # fmt: skip


def _amount(
    rng: random.Random, kind: str, family: Family, patient: Patient, statement: Owed
) -> tuple[int, list[tuple[str, str]]]:
    """Cents, and the account and number of each statement they are for."""
    alone = [(patient.number, statement.number)]
    if kind == "household":
        every = [(each.number, owed.number) for each in family.patients for owed in each.owed]
        return sum(s.balance_cents for each in family.patients for s in each.owed), every
    draw = rng.random()
    if draw < 0.80:
        return statement.balance_cents, alone
    if draw < 0.87:
        return statement.minimum_due_cents, alone
    if draw < 0.92:
        whole = [(patient.number, each.number) for each in patient.owed]
        return sum(each.balance_cents for each in patient.owed), whole
    if draw < 0.98:
        return max(500, statement.balance_cents * rng.randint(2, 9) // 10_000 * 1000), alone
    return statement.balance_cents + rng.randint(1, 50) * 100, alone


def _read_amount(rng: random.Random, cents: int, noise: Noise) -> tuple[int | None, bool]:
    """The amount as read: now and then one digit wrong, or two neighbours swapped."""
    if rng.random() >= noise.amount_misread:
        return cents, False
    read = amount_digits(rng, cents)
    return read, read != cents


def _payer(
    rng: random.Random, chart: Chart, kind: str, family: Family, patient: Patient
) -> tuple[str, bool]:
    """The name on the check, and whether it is nobody's of the household."""
    first, last = patient.payer_first, patient.payer_last
    if kind == "self":
        first, last = patient.first, patient.last
    if kind == "business":
        if rng.random() < 0.4:
            return f"{last} {rng.choice(_TRADES)} LLC", False
        return f"{chart.lasts.draw(rng)} & {chart.lasts.draw(rng)} LLC", True
    if kind == "relative":
        own = last if rng.random() < 0.5 else chart.lasts.draw(rng)
        return f"{chart.firsts.draw(rng)} {own}", own != last
    if kind == "bill_pay":
        return f"{first} {last}".upper(), False
    if kind == "spouse":
        return _spouse(rng, chart, family, first, last)
    if rng.random() < 0.15:
        return f"{first} {rng.choice('ABCDEJKLMR')} & {chart.firsts.draw(rng)} {last}", False
    return _as_written(rng, chart, first, last), False


def _spouse(
    rng: random.Random, chart: Chart, family: Family, first: str, last: str
) -> tuple[str, bool]:
    other = next((a for a in family.adults if a != (first, last)), None)
    spouse, own = other or (chart.firsts.draw(rng), last)
    if rng.random() < 0.3:
        return f"{spouse} & {first} {last}", False
    return f"{spouse} {own}", False


def _as_written(rng: random.Random, chart: Chart, first: str, last: str) -> str:
    middle = rng.choice("ABCDEFGHJKLMNPRSTW")
    return rng.choices(
        (
            f"{first} {last}",
            f"{first} {middle} {last}",
            f"{first[0]} {last}",
            f"{SHORT.get(first, first)} {last}",
            f"{last}, {first}",
            f"{last} {first}",
            f"{first} {last}-{chart.lasts.draw(rng)}",
        ),
        (44, 20, 10, 14, 5, 3, 4),
    )[0]


def _address(rng: random.Random, chart: Chart, kind: str, family: Family) -> tuple[str, bool]:
    """The address on the check, and whether it is another one than the chart's."""
    if rng.random() > _ADDRESS_SHARE:
        return "", True
    away = kind == "relative" or (kind == "business" and rng.random() < 0.7)
    if away or rng.random() < _MOVED_SHARE:
        office = int(family.patients[0].office[3:])
        return f"{chart.road(rng)}, {' '.join(chart.town(rng, office))}", True
    return family.line, False


def _read(rng: random.Random, text: str, noise: Noise) -> str:
    if noise.source == "none" or not text:
        return text
    rate = rng.uniform(0.01, 0.15) if noise.rate is None else noise.rate
    spoil = misread if noise.source == "readers" else edited
    return spoil(rng, text, rate)
