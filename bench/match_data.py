"""Seeded payments with known truth for the matching bench: who pays, how much, and how misread."""

from __future__ import annotations

import random
from dataclasses import dataclass

from bench.match_noise import misread, one_digit
from matching.types import Clues
from web.demo.group import Account, Group, Statement
from web.demo.names import FIRST, LAST, STREET_KINDS, STREETS, TOWNS

KINDS = ("self", "joint", "spouse", "relative", "business", "stranger")
_KIND_WEIGHTS = (60, 12, 12, 7, 5, 4)
_STUB_SHARE = 0.63
_ADDRESS_SHARE = 0.88
_MOVED_SHARE = 0.10
SHORT = {"William": "Bill", "Robert": "Bob", "James": "Jim", "Michael": "Mike", "Thomas": "Tom",
          "Elizabeth": "Liz", "Patricia": "Pat", "Susan": "Sue", "Daniel": "Dan"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One payment: its clues as read, and the accounts it is truly for (empty: nobody's).

    ``shares`` are the cents each account truly gets. ``digit_misread`` says that the stub's
    number was read wrong.
    """

    kind: str
    clues: Clues
    accounts: frozenset[str]
    household: str
    with_number: bool
    digit_misread: bool
    amount_kind: str


def cases(group: Group, count: int, seed: int) -> list[Case]:
    """So many payments of a group; the same seed gives the same."""
    rng = random.Random(f"match:{seed}")
    owing: dict[str, list[Statement]] = {}
    for statement in group.statements:
        if statement.balance_cents > 0:
            owing.setdefault(statement.account_number, []).append(statement)
    accounts = [account for account in group.accounts if account.account_number in owing]
    families: dict[str, list[Account]] = {}
    for account in accounts:
        families.setdefault(account.household, []).append(account)
    return [_case(rng, group, accounts, families, owing) for _ in range(count)]


def _case(
    rng: random.Random, group: Group, accounts: list[Account],
    families: dict[str, list[Account]], owing: dict[str, list[Statement]],
) -> Case:  # fmt: skip
    kind = rng.choices(KINDS, _KIND_WEIGHTS)[0]
    account = rng.choice(accounts)
    if kind == "stranger":
        return _stranger(rng, account)
    statement = rng.choice(owing[account.account_number])
    cents, amount_kind, paid = _amount(rng, account, statement, families, owing)
    rate = rng.uniform(0.01, 0.15)
    number = statement_number = ""
    digit_misread = False
    if rng.random() < _STUB_SHARE:
        number, statement_number = account.account_number, statement.statement_number
        if rng.random() < 0.4:  # only one of the two was read
            number, statement_number = rng.choice(((number, ""), ("", statement_number)))
        digit_misread = rng.random() < 0.02
        if digit_misread:
            number, statement_number = one_digit(rng, number), one_digit(rng, statement_number)
    with_number = bool(number or statement_number)
    clues = Clues(
        amount_cents=cents,
        account_numbers=(number,) if number else (),
        statement_numbers=(statement_number,) if statement_number else (),
        payer_name=misread(rng, _payer(rng, kind, account), rate),
        payer_address=misread(rng, _address(rng, kind, account), rate),
        patient_names=(misread(rng, account.patient, rate),)
        if with_number and rng.random() < 0.8
        else (),
        office_code=account.office_code if rng.random() < 0.97 else rng.choice(group.offices).code,
    )
    return Case(kind, clues, paid, account.household, with_number, digit_misread, amount_kind)


def _stranger(rng: random.Random, near: Account) -> Case:
    """A payer who is nobody's patient: another practice's mail, often a round amount."""
    name = f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    town, state, code = rng.choice(TOWNS[near.office_code])
    address = f"{rng.randint(12, 9899)} {rng.choice(STREETS)} {rng.choice(STREET_KINDS)}, {town}"
    clues = Clues(
        amount_cents=rng.choice((2000, 2500, 3000, 5000, rng.randint(1000, 90000))),
        payer_name=name,
        payer_address=f"{address} {state} {code}" if rng.random() < _ADDRESS_SHARE else "",
        office_code=near.office_code,
    )
    return Case("stranger", clues, frozenset(), "", with_number=False, digit_misread=False,
                amount_kind="unknown")  # fmt: skip


def _amount(
    rng: random.Random, account: Account, statement: Statement,
    families: dict[str, list[Account]], owing: dict[str, list[Statement]],
) -> tuple[int, str, frozenset[str]]:  # fmt: skip
    """Cents, what they are, and the accounts they are for."""
    alone = frozenset({account.account_number})
    draw = rng.random()
    family = families[account.household]
    if draw < 0.10 and len(family) > 1:
        every = [s for member in family for s in owing[member.account_number]]
        both = frozenset(member.account_number for member in family)
        return sum(s.balance_cents for s in every), "household", both
    if draw < 0.80:
        return statement.balance_cents, "statement", alone
    if draw < 0.86:
        return statement.minimum_due_cents, "minimum", alone
    if draw < 0.96:
        return max(100, statement.balance_cents * rng.randint(1, 9) // 1000 * 100), "part", alone
    return statement.balance_cents + rng.randint(1, 50) * 100, "over", alone


def _payer(rng: random.Random, kind: str, account: Account) -> str:
    first, last = account.guarantor_first, account.guarantor_last
    if kind == "business":
        return f"{rng.choice(LAST)} & {rng.choice(LAST)} LLC"
    if kind == "relative":
        return f"{rng.choice(FIRST)} {rng.choice(LAST)}"
    if kind == "spouse":
        return f"{rng.choice(FIRST)} {last}"
    if kind == "joint":
        return f"{first} {rng.choice('ABCDEJKLMR')} & {rng.choice(FIRST)} {last}"
    return rng.choices(
        (
            f"{first} {last}",
            f"{first[0]} {last}",
            f"{SHORT.get(first, first)} {last}",
            f"{last}, {first}",
            f"{first} {last}-{rng.choice(LAST)}",
        ),
        (64, 12, 12, 6, 6),
    )[0]


def _address(rng: random.Random, kind: str, account: Account) -> str:
    if rng.random() > _ADDRESS_SHARE:
        return ""
    if kind in {"business", "relative"} or rng.random() < _MOVED_SHARE:
        town, state, code = rng.choice(TOWNS[account.office_code])
        return f"{rng.randint(12, 9899)} {rng.choice(STREETS)} St, {town} {state} {code}"
    return f"{account.street}, {account.city} {account.state} {account.zip}"
