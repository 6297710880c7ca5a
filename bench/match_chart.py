"""A seeded chart of up to millions of accounts: households, guarantors, children, open balances.

Five in six accounts owe nothing now. A household is one family at one address; who pays is mostly
one of the parents. Amounts are copays that thousands owe too, or anything up to some $1,400.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from bench.match_names import Drawn, first_names, last_names, streets, towns
from web.demo.codes import luhn_digit

AS_OF = date(2026, 11, 16)
OFFICES = 24
_TOWNS_EACH = 10
_OWING_SHARE = 0.13
_COPAYS = (2000, 2500, 3000, 3500, 4000, 5000, 7500, 10000, 12500)


@dataclass(frozen=True, slots=True)
class Owed:
    """An open statement; money in cents."""

    number: str
    on: date
    balance_cents: int
    minimum_due_cents: int


@dataclass(frozen=True, slots=True)
class Patient:
    """An account of the chart and what it owes."""

    number: str
    office: str
    first: str
    last: str
    payer_first: str
    payer_last: str
    member_id: str
    owed: tuple[Owed, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """A household: one address, one office, its accounts; ``adults`` are first and last names."""

    code: str
    street: str
    city: str
    state: str
    zip: str
    adults: tuple[tuple[str, str], ...]
    patients: tuple[Patient, ...]

    @property
    def line(self) -> str:
        """The address as a check prints it."""
        return f"{self.street}, {self.city} {self.state} {self.zip}"


@dataclass
class Chart:
    """Families one after the other, and what a payer who is nobody's patient is drawn from."""

    seed: int
    accounts: int
    offices: int = OFFICES
    firsts: Drawn = field(default_factory=first_names)
    lasts: Drawn = field(default_factory=last_names)
    roads: Drawn = field(default_factory=streets)
    towns: list[str] = field(default_factory=lambda: towns(OFFICES * _TOWNS_EACH))

    def families(self) -> Iterator[Family]:
        """All families of the chart, the same ones every time."""
        rng = random.Random(f"chart:{self.seed}:{self.accounts}")
        made = 0
        while made < self.accounts:
            family = self._family(rng, made)
            yield family
            made += len(family.patients)

    def town(self, rng: random.Random, office: int) -> tuple[str, str, str]:
        """A town near an office: its name, state and ZIP; ten ZIPs an office, some large."""
        near = min(int(rng.expovariate(0.35)), _TOWNS_EACH - 1)
        name = self.towns[office * _TOWNS_EACH + near]
        return name, "OH", f"{43000 + office * 37 + near * 3:05d}"

    def road(self, rng: random.Random) -> str:
        """House number and street, now and then with an apartment."""
        text = f"{rng.randint(1, 99) if rng.random() < 0.2 else rng.randint(100, 9899)} "
        text += self.roads.draw(rng)
        return f"{text} Apt {rng.randint(1, 48)}" if rng.random() < 0.15 else text

    def _family(self, rng: random.Random, made: int) -> Family:
        office = min(int(rng.expovariate(0.12)), self.offices - 1)
        city, state, code = self.town(rng, office)
        last = self.lasts.draw(rng)
        if rng.random() < 0.03:
            last = f"{last}-{self.lasts.draw(rng)}"
        adults = [(self.firsts.draw(rng), last)]
        if rng.random() < 0.45:
            own = last if rng.random() < 0.85 else self.lasts.draw(rng)
            adults.append((self.firsts.draw(rng), own))
        children = rng.choices((0, 1, 2, 3), weights=(55, 18, 20, 7))[0]
        payer = rng.choice(adults) if rng.random() < 0.3 else adults[0]
        people = [(adult, adult if rng.random() < 0.6 else payer) for adult in adults
                  if rng.random() < 0.8 or not children]  # fmt: skip
        people += [((self.firsts.draw(rng), last), payer) for _ in range(children)]
        people = people or [(adults[0], payer)]
        patients = tuple(
            Patient(
                _number("1", made + place), f"OFF{office:02d}", *person, *pays,
                f"{rng.choice('ABGHWX')}{rng.randint(10**8, 10**9 - 1)}",
                self._owed(rng, made + place),
            )
            for place, (person, pays) in enumerate(people[: self.accounts - made])
        )  # fmt: skip
        street = self.road(rng)
        return Family(f"H{made + 1:07d}", street, city, state, code, tuple(adults), patients)

    def _owed(self, rng: random.Random, place: int) -> tuple[Owed, ...]:
        if rng.random() > _OWING_SHARE:
            return ()
        made = []
        for nth in range(rng.choices((1, 2, 3), weights=(75, 19, 6))[0]):
            cents = balance(rng)
            minimum = cents if cents <= 10000 else max(5000, cents // 1000 * 100)
            on = AS_OF - timedelta(days=rng.randint(8, 75))
            made.append(Owed(_number("8", place * 4 + nth), on, cents, minimum))
        return tuple(made)


def balance(rng: random.Random) -> int:
    """Cents that a statement asks for: one in five a copay that thousands owe."""
    if rng.random() < 0.2:
        return rng.choice(_COPAYS)
    dollars = min(1400, max(12, int(rng.lognormvariate(4.9, 0.9))))
    return dollars * 100 + (0 if rng.random() < 0.25 else rng.randint(1, 99))


def _number(lead: str, place: int) -> str:
    """A ten-digit number with Luhn digit; neighbours in the chart do not look alike."""
    body = f"{lead}{place * 48_271 % 99_999_989:08d}"
    return body + luhn_digit(body)
