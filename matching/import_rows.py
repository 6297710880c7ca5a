"""Rows of account and statement files: CSV text into checked values, or what is wrong with them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from records.errors import WrongUse
from records.money import Money

ACCOUNT_COLUMNS = (
    "account_number", "office_code", "patient_first", "patient_last", "patient_birth_on",
    "guarantor_first", "guarantor_last", "street", "city", "state", "zip", "member_id",
    "household",
)  # fmt: skip
PLAN_COLUMNS = ("plan_cents", "plan_due_on")
"""A file of accounts may have these as well: the plan's instalment in whole cents, and when the
next one is due. Without ``plan_cents`` plans stay as they are; an empty one ends the plan."""
STATEMENT_COLUMNS = (
    "statement_number", "account_number", "statement_on", "due_on", "balance", "minimum_due",
    "mailed_on", "imb",
)  # fmt: skip
_OPTIONAL = frozenset(
    {
        "patient_birth_on", "member_id", "household", "due_on", "minimum_due", "mailed_on", "imb",
        "vendor", *PLAN_COLUMNS,
    }
)  # fmt: skip
_LENGTHS = {
    "account_number": 40, "statement_number": 40, "office_code": 20, "patient_first": 80,
    "patient_last": 80, "guarantor_first": 80, "guarantor_last": 80, "street": 120, "city": 80,
    "member_id": 40, "household": 40, "vendor": 80,
}  # fmt: skip
ZIP = re.compile(r"^\d{5}(-?\d{4})?$")
_STATE = re.compile(r"^[A-Z]{2}$")
IMB = re.compile(r"^\d{20}(\d{5}|\d{9}|\d{11})?$")
LARGEST_CENTS = 100_000_000_00
T = TypeVar("T")

Refusal = tuple[int, str, str]
"""Line number in the file (the header is line 1), column, and what is wrong; never the value."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One good line of an accounts file; ``says_plan``: it has a column for plans."""

    line: int
    number: str
    office_code: str
    patient_first: str
    patient_last: str
    patient_birth_on: date | None
    guarantor_first: str
    guarantor_last: str
    street: str
    city: str
    state: str
    zip: str
    member_id: str
    household: str
    says_plan: bool = False
    plan_cents: int | None = None
    plan_due_on: date | None = None

    @property
    def address(self) -> tuple[str, str, str, str]:
        """Street, city, state and ZIP."""
        return (self.street, self.city, self.state, self.zip)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One good line of a statements file; money in cents."""

    line: int
    number: str
    account_number: str
    statement_on: date
    due_on: date | None
    balance_cents: int
    minimum_due_cents: int | None
    mailed_on: date | None
    imb: str


def account_rows(text: str) -> tuple[list[AccountRow], list[Refusal]]:
    """The good rows of an accounts file, and one refusal for each fault of the others."""
    good: list[AccountRow] = []
    refused: list[Refusal] = []
    for line, row in checked(text, ACCOUNT_COLUMNS, refused):
        found = RowReader(line, row, refused)
        made = AccountRow(
            line=line,
            number=found.text("account_number"),
            office_code=found.text("office_code"),
            patient_first=found.text("patient_first"),
            patient_last=found.text("patient_last"),
            patient_birth_on=found.day("patient_birth_on"),
            guarantor_first=found.text("guarantor_first"),
            guarantor_last=found.text("guarantor_last"),
            street=found.text("street"),
            city=found.text("city"),
            state=found.matching("state", _STATE, "two capital letters", upper=True),
            zip=found.matching("zip", ZIP, "five digits, or nine with a hyphen"),
            member_id=found.text("member_id"),
            household=found.text("household"),
            says_plan="plan_cents" in row,
            plan_cents=found.whole_cents("plan_cents"),
            plan_due_on=found.day("plan_due_on"),
        )
        if found.good:
            good.append(made)
    return _once(good, "account_number", lambda row: (row.number, row.line), refused), refused


def statement_rows(text: str) -> tuple[list[StatementRow], list[Refusal]]:
    """The good rows of a statements file, and one refusal for each fault of the others."""
    good: list[StatementRow] = []
    refused: list[Refusal] = []
    for line, row in checked(text, STATEMENT_COLUMNS, refused):
        found = RowReader(line, row, refused)
        made = StatementRow(
            line=line,
            number=found.text("statement_number"),
            account_number=found.text("account_number"),
            statement_on=found.day("statement_on") or date.min,
            due_on=found.day("due_on"),
            balance_cents=found.money("balance") or 0,
            minimum_due_cents=found.money("minimum_due"),
            mailed_on=found.day("mailed_on"),
            imb=found.matching("imb", IMB, "20, 25, 29 or 31 digits") if row["imb"] else "",
        )
        if found.good:
            good.append(made)
    return _once(good, "statement_number", lambda row: (row.number, row.line), refused), refused


class RowReader:
    """One line being read: every fault of it is noted, not only the first."""

    def __init__(self, line: int, row: Mapping[str, str], refused: list[Refusal]) -> None:
        self._line, self._row, self._refused = line, row, refused
        self.good = True

    def refuse(self, column: str, message: str) -> None:
        """Note a fault of this line."""
        self.good = False
        self._refused.append((self._line, column, message))

    def text(self, column: str) -> str:
        """The text of a column; refused when a needed one is empty or one is too long."""
        value = self._row[column]
        if not value and column not in _OPTIONAL:
            self.refuse(column, "is empty")
        if len(value) > _LENGTHS[column]:
            self.refuse(column, f"is longer than {_LENGTHS[column]} characters")
        return value

    def matching(
        self, column: str, pattern: re.Pattern[str], words: str, *, upper: bool = False
    ) -> str:
        """The text of a column that has a form."""
        value = self._row[column].upper() if upper else self._row[column]
        if not pattern.match(value):
            self.refuse(column, "is empty" if not value else f"is not {words}")
        return value

    def day(self, column: str) -> date | None:
        """A date as YYYY-MM-DD; None for a column the file does not have."""
        value = self._row.get(column, "")
        if not value:
            if column not in _OPTIONAL:
                self.refuse(column, "is empty")
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.refuse(column, "is not a date like 2026-11-30")
            return None

    def money(self, column: str) -> int | None:
        """Dollars and cents as 123.45, not negative, in cents."""
        value = self._row[column]
        if not value:
            if column not in _OPTIONAL:
                self.refuse(column, "is empty")
            return None
        try:
            cents = Money.parse(value).cents
        except ValueError:
            self.refuse(column, "is not an amount like 123.45")
            return None
        if not 0 <= cents <= LARGEST_CENTS:
            self.refuse(column, "is below zero or too large")
            return None
        return cents

    def whole_cents(self, column: str) -> int | None:
        """Cents above zero in digits alone; None for a column that is empty or not there."""
        value = self._row.get(column, "")
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and 0 < int(value) <= LARGEST_CENTS):
            self.refuse(column, "is not a number of cents like 5000, above zero")
            return None
        return int(value)


def checked(
    text: str, columns: Sequence[str], refused: list[Refusal]
) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines as dictionaries; WrongUse ``wrong_columns`` when the header is another file's."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header = [name.strip().lower() for name in next(reader, [])]
    missing = [name for name in columns if name not in header]
    if missing:
        raise WrongUse(
            "wrong_columns",
            f"The first line lacks the columns {', '.join(missing)}.",
            f"It must name: {','.join(columns)}.",
        )
    before = reader.line_num
    try:
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                refused.append((line, "", f"has {len(cells)} cells instead of {len(header)}"))
                continue
            named = dict(zip(header, (cell.strip() for cell in cells), strict=True))
            if any("\x00" in cell for cell in cells):
                refused.append((line, "", "has a character that is no text"))
                continue
            yield line, named
    except csv.Error:
        refused.append((before + 1, "", "is not CSV from here on"))


def _once(
    rows: Sequence[T], column: str, key: Callable[[T], tuple[str, int]], refused: list[Refusal]
) -> list[T]:
    """The rows with each number once; later ones of the same number are refused."""
    first: dict[str, int] = {}
    kept: list[T] = []
    for row in rows:
        number, line = key(row)
        if number in first:
            refused.append((line, column, f"is on line {first[number]} already"))
        else:
            first[number] = line
            kept.append(row)
    refused.sort()
    return kept
