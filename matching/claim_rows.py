"""Rows of a claims file: CSV text into claims with their lines, or what is wrong with each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from matching.import_rows import LARGEST_CENTS, checked
from records.money import Money

CLAIM_COLUMNS = (
    "claim_number", "payer_claim_number", "account_number", "member_id", "payer", "service_on",
    "procedure", "modifiers", "tooth", "units", "charge", "provider",
)  # fmt: skip
"""One row a service line; the rows of one claim have the same ``claim_number``."""
TEMPLATE = (
    ",".join(CLAIM_COLUMNS)
    + "\n900112,,2100000029,G100000002,Buckeye Dental Plan,2026-10-05,D2391,,14,1,196.00,A Rao DDS"
    + "\n900112,,2100000029,G100000002,Buckeye Dental Plan,2026-10-05,D0120,,,1,62.00,A Rao DDS\n"
)
"""A file to begin with: a claim of two lines."""
_NEEDED = frozenset({"claim_number", "account_number", "service_on", "procedure", "charge"})
_LENGTHS = {
    "claim_number": 40, "payer_claim_number": 40, "account_number": 40, "member_id": 40,
    "payer": 120, "procedure": 10, "modifiers": 20, "tooth": 10, "provider": 80,
}  # fmt: skip
_MOST_UNITS = 9999

Fault = tuple[int, str, str, str]
"""Line of the file (the header is 1), column, a stable code, what is wrong; never the value."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """A service of a claim; the charge in cents, modifiers joined by a colon."""

    service_on: date
    procedure: str
    modifiers: str
    tooth: str
    units: int
    charged_cents: int
    provider: str


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim with its lines in the order of the file; ``line`` is where it begins."""

    line: int
    number: str
    payer_number: str
    account_number: str
    member_id: str
    payer: str
    lines: tuple[LineRow, ...]

    @property
    def charged_cents(self) -> int:
        """The sum of its lines."""
        return sum(each.charged_cents for each in self.lines)


def claim_rows(text: str) -> tuple[list[ClaimRow], list[Fault]]:
    """The good claims of a file, and one fault for each thing wrong with the others.

    A claim of which one row is wrong is left out whole: a part of it would be another claim.
    WrongUse ``wrong_columns`` when it is another file.
    """
    broken: list[tuple[int, str, str]] = []
    faults: list[Fault] = []
    found: dict[str, ClaimRow] = {}
    wrong: set[str] = set()
    for line, row in checked(text, CLAIM_COLUMNS, broken):
        number = row["claim_number"]
        made = _line(line, row, faults)
        if made is None:
            wrong.add(number)
            continue
        head = _head(line, row)
        held = found.get(number)
        if held is None:
            found[number] = ClaimRow(*head, (made,))
        elif head[2:] != _facts(held):
            faults.append((line, "account_number", "claim_differs",
                           f"has another account or payer than line {held.line}"))  # fmt: skip
            wrong.add(number)
        else:
            found[number] = ClaimRow(held.line, *head[1:], (*held.lines, made))
    faults += [(line, column, "not_csv", message) for line, column, message in broken]
    return [claim for number, claim in found.items() if number not in wrong], sorted(faults)


def _facts(claim: ClaimRow) -> tuple[str, str, str, str]:
    return claim.payer_number, claim.account_number, claim.member_id, claim.payer


def _head(line: int, row: Mapping[str, str]) -> tuple[int, str, str, str, str, str]:
    return (line, row["claim_number"], row["payer_claim_number"], row["account_number"],
            row["member_id"], row["payer"])  # fmt: skip


def _line(line: int, row: Mapping[str, str], faults: list[Fault]) -> LineRow | None:
    """The row's service; None where something is wrong, and every fault of it is noted."""
    before = len(faults)
    for column in CLAIM_COLUMNS:
        if not row[column] and column in _NEEDED:
            faults.append((line, column, "missing_value", "is empty"))
        elif len(row[column]) > _LENGTHS.get(column, len(row[column])):
            faults.append((line, column, "too_long", f"is longer than {_LENGTHS[column]}"))
    day = _day(line, row["service_on"], faults)
    cents = _cents(line, row["charge"], faults)
    units = _units(line, row["units"], faults)
    if len(faults) > before or day is None or cents is None:
        return None
    return LineRow(day, row["procedure"].upper(), modifiers(row["modifiers"]), row["tooth"].upper(),
                   units, cents, row["provider"])  # fmt: skip


def modifiers(text: str) -> str:
    """Modifiers in whatever way they are parted, joined by a colon."""
    return ":".join(text.upper().replace(",", " ").replace(":", " ").replace(";", " ").split())


def _day(line: int, text: str, faults: list[Fault]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        if text:
            faults.append((line, "service_on", "not_a_date", "is not a date like 2026-11-30"))
        return None


def _cents(line: int, text: str, faults: list[Fault]) -> int | None:
    if not text:
        return None
    try:
        cents = Money.parse(text).cents
    except ValueError:
        faults.append((line, "charge", "not_an_amount", "is not an amount like 123.45"))
        return None
    if not 0 <= cents <= LARGEST_CENTS:
        faults.append((line, "charge", "amount_out_of_range", "is below zero or too large"))
        return None
    return cents


def _units(line: int, text: str, faults: list[Fault]) -> int:
    if not text:
        return 1
    if text.isascii() and text.isdigit() and 0 < int(text) <= _MOST_UNITS:
        return int(text)
    faults.append((line, "units", "not_a_count", "is not a whole number above zero"))
    return 1
