"""The demo group: offices, bank accounts, payers, patients, statements and users, from a seed."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Literal

from web.demo.codes import aba_number, dollars, luhn_digit
from web.demo.names import FIRST, LAST, STREET_KINDS, STREETS, TOWNS

Role = Literal["courier", "specialist", "billing", "admin", "auditor"]

AS_OF = date(2026, 11, 16)
"""The day the demo's mail is picked up, unless ``make_group`` is told another."""

ACCOUNTS = 2000
"""How many patients the demo group has, unless ``make_group`` is told another number."""

ACCOUNT_COLUMNS = (
    "account_number", "office_code", "patient_first", "patient_last", "patient_birth_on",
    "guarantor_first", "guarantor_last", "street", "city", "state", "zip", "member_id",
    "household",
)  # fmt: skip
STATEMENT_COLUMNS = (
    "statement_number", "account_number", "statement_on", "due_on", "balance", "minimum_due",
    "mailed_on", "imb",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class BankAccount:
    """One of the group's own accounts; deposits before ``cut_off`` (in ``zone``) count today."""

    code: str
    name: str
    bank_name: str
    routing_number: str
    account_number: str
    zone: str
    cut_off: time
    deposit_settings: tuple[tuple[str, str | bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Office:
    """A practice location; checks may be made out to any of ``payees``."""

    code: str
    name: str
    street: str
    city: str
    state: str
    zip: str
    phone: str
    npi: str
    tax_id: str
    zone: str
    payees: tuple[str, ...]
    bank_account: str

    @property
    def return_address(self) -> tuple[str, ...]:
        """The lines in the upper left corner of the office's envelopes."""
        return (self.name, self.street, f"{self.city} {self.state} {self.zip}")


@dataclass(frozen=True, slots=True)
class Account:
    """A patient account; the guarantor pays and may be somebody else than the patient."""

    account_number: str
    office_code: str
    patient_first: str
    patient_last: str
    patient_birth_on: date
    guarantor_first: str
    guarantor_last: str
    street: str
    city: str
    state: str
    zip: str
    member_id: str
    household: str

    @property
    def patient(self) -> str:
        """First and last name of the patient."""
        return f"{self.patient_first} {self.patient_last}"

    @property
    def guarantor(self) -> str:
        """First and last name of who pays."""
        return f"{self.guarantor_first} {self.guarantor_last}"

    @property
    def address(self) -> tuple[str, str]:
        """Street line and town line."""
        return (self.street, f"{self.city}, {self.state} {self.zip}")


@dataclass(frozen=True, slots=True)
class Statement:
    """A bill that was mailed; a paid one has a balance of zero."""

    statement_number: str
    account_number: str
    statement_on: date
    due_on: date
    balance_cents: int
    minimum_due_cents: int
    status: Literal["open", "paid"]
    mailed_on: date
    imb: str


@dataclass(frozen=True, slots=True)
class Payer:
    """An insurer and how it prints its remittances (``layout``) and checks."""

    name: str
    payer_id: str
    street: str
    town: str
    routing_number: str
    account_number: str
    bank_name: str
    layout: str


@dataclass(frozen=True, slots=True)
class User:
    """A demo login; ``offices`` empty means all of them."""

    username: str
    display_name: str
    role: Role
    password: str
    offices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Everything a fresh demo installation holds before the first envelope arrives."""

    name: str
    seed: int
    as_of: date
    mailer_id: str
    offices: tuple[Office, ...]
    bank_accounts: tuple[BankAccount, ...]
    payers: tuple[Payer, ...]
    accounts: tuple[Account, ...]
    statements: tuple[Statement, ...]
    users: tuple[User, ...]

    def office(self, code: str) -> Office:
        """The office with this code; KeyError when there is none."""
        for office in self.offices:
            if office.code == code:
                return office
        raise KeyError(code)

    def account(self, number: str) -> Account:
        """The account with this number; KeyError when there is none."""
        for account in self.accounts:
            if account.account_number == number:
                return account
        raise KeyError(number)

    def open_statements(self, account_number: str) -> tuple[Statement, ...]:
        """The unpaid statements of an account, oldest first."""
        return tuple(
            s for s in self.statements if s.account_number == account_number and s.status == "open"
        )


def make_group(seed: int = 7, as_of: date = AS_OF, accounts: int = ACCOUNTS) -> Group:
    """The demo group of a seed: the same seed and day give equal groups."""
    rng = random.Random(f"group:{seed}")
    offices = _offices()
    people = tuple(_people(rng, offices, accounts, as_of))
    mailer_id = "903172468"
    return Group(
        name="Lakeshore Dental & Medical Group",
        seed=seed,
        as_of=as_of,
        mailer_id=mailer_id,
        offices=offices,
        bank_accounts=_bank_accounts(),
        payers=_payers(),
        accounts=people,
        statements=tuple(_statements(rng, people, as_of, mailer_id)),
        users=_users(),
    )


def _bank_accounts() -> tuple[BankAccount, ...]:
    return (
        BankAccount("OPER", "Lakeshore Operating", "First Prairie Bank", aba_number("04210077"),
                    "8801442073", "America/New_York", time(17, 0),
                    (("profile", "x9_100_187_2013"), ("destination_name", "First Prairie Bank"),
                     ("origin_name", "Lakeshore Dental"), ("contact_name", "Beth Okafor"),
                     ("contact_phone", "937-555-0100"), ("white_backs", True), ("test", True))),
        BankAccount("WOPER", "Lakeshore West Operating", "Heartland Bank",
                    aba_number("07112803"), "5520917764", "America/Chicago", time(16, 30)),
    )  # fmt: skip


def _offices() -> tuple[Office, ...]:
    return (
        Office("NORTH", "Lakeshore Family Dental", "2140 Far Hills Ave", "Dayton", "OH", "45419",
               "937-555-0142", "1457382916", "31-4402817", "America/New_York",
               ("Lakeshore Family Dental", "Lakeshore Dental", "Lakeshore Dental & Medical Group"),
               "OPER"),
        Office("EAST", "Whitewater Medical Associates", "508 S 9th St", "Richmond", "IN", "47374",
               "765-555-0119", "1679024358", "35-2219064", "America/Indiana/Indianapolis",
               ("Whitewater Medical Associates", "Whitewater Medical",
                "Lakeshore Dental & Medical Group"), "OPER"),
        Office("WEST", "Prairie Smiles Orthodontics", "1711 E Empire St", "Bloomington", "IL",
               "61704", "309-555-0187", "1295746083", "37-8150426", "America/Chicago",
               ("Prairie Smiles Orthodontics", "Prairie Smiles",
                "Lakeshore Dental & Medical Group"), "WOPER"),
    )  # fmt: skip


def _payers() -> tuple[Payer, ...]:
    rows = (
        ("Buckeye Mutual Health Plan", "60112", "PO Box 8207", "Columbus, OH 43218", "04410291",
         "0072215580", "Union Trust Company", "claim_blocks"),
        ("Delta Crest Dental", "77014", "PO Box 30416", "Lansing, MI 48909", "07200915",
         "4471902265", "Great Lakes Bank N.A.", "dental_table"),
        ("Federal Part B Services", "00951", "PO Box 6736", "Indianapolis, IN 46207", "07400013",
         "9100337741", "Wabash National Bank", "fixed_width"),
        ("Guardian Oak Benefits", "64246", "PO Box 981572", "El Paso, TX 79998", "11190066",
         "3301188427", "Lone Star Commerce Bank", "patient_cards"),
        ("Midstates Health Alliance", "47198", "PO Box 1177", "Springfield, IL 62705", "08100355",
         "7720061934", "Old Mill Community Bank", "summary_lines"),
        ("Cornerstone Administrators", "35182", "4100 Holiday St NW", "Canton, OH 44718",
         "04120182", "2209914406", "Riverside Federal", "claim_blocks"),
    )  # fmt: skip
    return tuple(
        Payer(name, ident, street, town, aba_number(eight), number, bank, layout)
        for name, ident, street, town, eight, number, bank, layout in rows
    )


def _users() -> tuple[User, ...]:
    rows: tuple[tuple[str, str, Role, tuple[str, ...]], ...] = (
        ("casey", "Casey Morgan", "courier", ("NORTH", "EAST")),
        ("sam", "Sam Whitfield", "specialist", ()),
        ("sofia", "Sofia Reyes", "specialist", ()),
        ("bill", "Bill Hargrove", "billing", ()),
        ("beth", "Beth Okafor", "billing", ()),
        ("ada", "Ada Lindqvist", "admin", ()),
        ("audrey", "Audrey Chen", "auditor", ()),
    )
    return tuple(User(u, name, role, f"demo-{u}-2026", offices) for u, name, role, offices in rows)


def _number(rng: random.Random, lead: str, seen: set[str]) -> str:
    """A fresh ten-digit number that starts with ``lead`` and ends in its Luhn digit."""
    while True:
        body = lead + "".join(rng.choice("0123456789") for _ in range(9 - len(lead)))
        number = body + luhn_digit(body)
        if number not in seen:
            seen.add(number)
            return number


def _born(rng: random.Random, as_of: date, youngest: int, oldest: int) -> date:
    return as_of - timedelta(days=rng.randint(youngest * 366, oldest * 365))


def _people(
    rng: random.Random, offices: tuple[Office, ...], count: int, as_of: date
) -> list[Account]:
    people: list[Account] = []
    seen: set[str] = set()
    while len(people) < count:
        household = f"H{len(seen) + 1:05d}"
        office = rng.choices(offices, weights=(5, 3, 3))[0]
        town, state, zip_code = rng.choice(TOWNS[office.code])
        street = f"{rng.randint(12, 9899)} {rng.choice(STREETS)} {rng.choice(STREET_KINDS)}"
        if rng.random() < 0.18:
            street += f" Apt {rng.randint(1, 48)}"
        last, first = rng.choice(LAST), rng.choice(FIRST)
        for patient_first, patient_last, born, payer in _members(rng, first, last, as_of):
            lead = {"NORTH": "21", "EAST": "34", "WEST": "57"}[office.code]
            people.append(
                Account(
                    _number(rng, lead, seen),
                    office.code,
                    patient_first,
                    patient_last,
                    born,
                    payer[0],
                    payer[1],
                    street,
                    town,
                    state,
                    zip_code,
                    f"{rng.choice('ABGHWX')}{rng.randint(10**8, 10**9 - 1)}",
                    household,
                )
            )
    return people[:count]


_Member = tuple[str, str, date, tuple[str, str]]


def _members(rng: random.Random, first: str, last: str, as_of: date) -> list[_Member]:
    """The patients of one household, each with who pays for them."""
    payer = (first, last)
    members: list[_Member] = [(first, last, _born(rng, as_of, 21, 88), payer)]
    if rng.random() < 0.35:
        own_name = last if rng.random() < 0.85 else rng.choice(LAST)
        spouse = rng.choice([name for name in FIRST if name != first])
        pays = payer if rng.random() < 0.6 else (spouse, own_name)
        members.append((spouse, own_name, _born(rng, as_of, 21, 80), pays))
    for _ in range(rng.choices((0, 1, 2, 3), weights=(60, 20, 15, 5))[0]):
        taken = {member[0] for member in members}
        child = rng.choice([name for name in FIRST if name not in taken])
        members.append((child, last, _born(rng, as_of, 2, 17), payer))
    return members


def _balance(rng: random.Random) -> int:
    """A balance in cents: often a copay that many others owe too, else anything up to $1,400."""
    if rng.random() < 0.25:
        return rng.choice((2000, 2500, 3000, 3500, 4000, 5000, 7500, 10000, 12500))
    dollars_due = min(1400, max(12, int(rng.lognormvariate(4.7, 0.8))))
    return dollars_due * 100 + rng.choice((0, 0, rng.randint(1, 99), rng.randint(1, 99)))


def _statements(
    rng: random.Random, people: tuple[Account, ...], as_of: date, mailer_id: str
) -> list[Statement]:
    statements: list[Statement] = []
    seen: set[str] = set()
    for account in people:
        for _ in range(rng.choices((0, 1, 2, 3), weights=(44, 36, 15, 5))[0]):
            age = rng.randint(8, 75)
            is_open = rng.random() < 0.74
            balance = _balance(rng)
            minimum = balance if balance <= 10000 else max(5000, balance // 1000 * 100)
            billed = as_of - timedelta(days=age)
            mailed = billed + timedelta(days=1)
            serial = f"{len(statements) + 1:06d}"
            tracking = f"00300{mailer_id}{serial}"
            routing = f"{account.zip}{rng.randint(1000, 9899):04d}"
            statements.append(
                Statement(
                    _number(rng, "8", seen),
                    account.account_number,
                    billed,
                    billed + timedelta(days=25),
                    balance if is_open else 0,
                    minimum if is_open else 0,
                    "open" if is_open else "paid",
                    mailed,
                    tracking + routing,
                )
            )
    return statements


def accounts_csv(group: Group) -> str:
    """The group's accounts as the CSV that ``lockbox accounts import`` takes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(ACCOUNT_COLUMNS)
    for account in group.accounts:
        writer.writerow([getattr(account, column) for column in ACCOUNT_COLUMNS])
    return out.getvalue()


def statements_csv(group: Group) -> str:
    """The group's statements as the CSV that ``lockbox statements import`` takes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(STATEMENT_COLUMNS)
    for s in group.statements:
        writer.writerow([
            s.statement_number, s.account_number, s.statement_on, s.due_on,
            dollars(s.balance_cents, comma=False), dollars(s.minimum_due_cents, comma=False),
            s.mailed_on, s.imb,
        ])  # fmt: skip
    return out.getvalue()
