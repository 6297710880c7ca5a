"""Bank statements as CSV: a profile says which column is what; common headers name their own."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise

from deposits.bank.balances import amount
from deposits.bank.kinds import kind_of_code, kind_of_text
from deposits.bank.types import (
    BankStatement,
    Direction,
    LineKind,
    StatementAccount,
    StatementBalance,
    StatementFinding,
    StatementLine,
)
from records.errors import UnreadableError
from records.money import Money

_HEADERS: Mapping[str, tuple[str, ...]] = {
    "date": ("date", "value date", "value_on", "posting date", "posted date", "post date",
             "transaction date", "as of date", "as-of date"),
    "amount": ("amount", "transaction amount", "amount usd"),
    "credit": ("credit", "credit amount", "credits", "deposits", "deposit", "paid in"),
    "debit": ("debit", "debit amount", "debits", "withdrawals", "withdrawal", "paid out"),
    "direction": ("direction", "credit/debit", "debit/credit", "cr/dr", "dr/cr", "d/c", "c/d"),
    "text": ("description", "text", "details", "memo", "narrative", "transaction description",
             "name"),
    "reference": ("reference", "bank reference", "customer reference", "ref", "reference number",
                  "check number", "serial number", "deposit reference", "trace number"),
    "type": ("type", "type code", "bai code", "bai type code", "transaction type", "data type",
             "tran code"),
    "account": ("account", "account number", "account no", "account_number"),
    "bank_id": ("transaction id", "fitid", "unique id", "bank id"),
    "balance": ("balance", "running balance", "ledger balance", "balance usd", "running bal."),
}  # fmt: skip
_DATE_FORMATS = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%Y%m%d", "%m-%d-%Y", "%d-%b-%Y", "%b %d, %Y")


@dataclass(frozen=True, slots=True)
class CsvProfile:
    """Which column holds what, for a bank whose headers do not say.

    ``columns`` maps ``date``, ``amount`` (signed, or unsigned beside ``direction``) or ``credit``
    and ``debit``, ``text``, ``reference``, ``type``, ``account``, ``bank_id`` and ``balance`` (the
    ledger balance after the line) to header names.
    ``date_format`` is a ``strptime`` format; empty takes the first common one that fits every
    row. ``account`` is the account number where the file names none.
    """

    name: str
    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str = ""
    delimiter: str = ""
    account: str = ""


DEFAULT_PROFILE = CsvProfile("headers")


@dataclass(frozen=True, slots=True)
class _Row:
    """A line with its number in the file and the balance after it, where the file tells one."""

    number: int
    line: StatementLine
    balance: int | None


def parse_csv(text: str, profile: CsvProfile = DEFAULT_PROFILE) -> BankStatement:
    """Read a CSV statement; lines above the header row are skipped.

    Raises ``UnreadableError`` ``bank_file_unknown`` when no row names a date and an amount.
    A row that cannot be read is left out and becomes a finding with its line number.
    """
    rows = _rows(text, profile)
    at, columns = _header(rows, profile)
    body = [(number, row) for number, row in rows[at + 1 :] if any(cell.strip() for cell in row)]
    date_format = profile.date_format or _date_format(
        [_cell(row, columns, "date") for _, row in body]
    )
    findings: list[StatementFinding] = []
    by_account: dict[str, list[_Row]] = {}
    for number, row in body:
        line = _line(row, columns, date_format)
        if line is None:
            message = f"Line {number} has no date or no amount that can be read."
            findings.append(StatementFinding("line_unread", number, message))
            continue
        account = _cell(row, columns, "account") or profile.account
        balance = _cents(_cell(row, columns, "balance"))
        by_account.setdefault(account, []).append(_Row(number, line, balance))
    accounts = tuple(_account(name, listed, findings) for name, listed in by_account.items())
    return BankStatement("csv", accounts or (StatementAccount(profile.account),), tuple(findings))


def _account(
    account: str, rows: Sequence[_Row], findings: list[StatementFinding]
) -> StatementAccount:
    """The account's lines, with its balances where a column tells one after each line."""
    lines = tuple(row.line for row in rows)
    ordered = _in_time(rows)
    if not ordered:
        return StatementAccount(account, lines=lines)
    for before, row in pairwise(ordered):
        out = (before.balance or 0) + _moved(row.line) - (row.balance or 0)
        if out:
            message = (f"The bank's own file does not add up: out by {amount(abs(out), '')} at "
                       f"line {row.number}.")  # fmt: skip
            findings.append(StatementFinding("balance_differs", row.number, message))
    first, last = ordered[0], ordered[-1]
    days = [row.line.value_on for row in rows]
    opening = (first.balance or 0) - _moved(first.line)
    balances = (StatementBalance("opening", min(days), opening),
                StatementBalance("closing", max(days), last.balance or 0))  # fmt: skip
    return StatementAccount(account, "", "", lines, balances, min(days), max(days))


def _moved(line: StatementLine) -> int:
    return line.amount_cents if line.direction == "credit" else -line.amount_cents


def _in_time(rows: Sequence[_Row]) -> Sequence[_Row]:
    """The rows in the order in which the balance ran; none unless each has one.

    Some banks list the latest line first: the order is the one that adds up more often.
    """
    if not rows or any(row.balance is None for row in rows):
        return ()
    back = rows[::-1]

    def fits(order: Sequence[_Row]) -> int:
        return sum((a.balance or 0) + _moved(b.line) == b.balance for a, b in pairwise(order))

    if fits(rows) == fits(back):
        return rows if rows[0].line.value_on <= rows[-1].line.value_on else back
    return rows if fits(rows) > fits(back) else back


def _rows(text: str, profile: CsvProfile) -> list[tuple[int, list[str]]]:
    delimiter = profile.delimiter or _delimiter(text)
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter)
    try:
        return [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise _unknown() from error


def _delimiter(text: str) -> str:
    head = "\n".join(text.splitlines()[:10])
    return max(",;\t|", key=head.count)


def _header(
    rows: Sequence[tuple[int, list[str]]], profile: CsvProfile
) -> tuple[int, dict[str, int]]:
    wanted = {name: (title.lower(),) for name, title in profile.columns.items()} or _HEADERS
    for at, (_, row) in enumerate(rows[:30]):
        titles = [re.sub(r"\s+", " ", cell.strip().lower()) for cell in row]
        columns = {}
        for name, names in wanted.items():
            found = next((titles.index(title) for title in names if title in titles), None)
            if found is not None:
                columns[name] = found
        if "date" in columns and {"amount", "credit", "debit"} & columns.keys():
            return at, columns
    raise _unknown()


def _unknown() -> UnreadableError:
    return UnreadableError(
        "bank_file_unknown",
        "This is no bank file of a known kind: no row names a date and an amount column.",
        "Send BAI2 or OFX, or a CSV whose header has date, amount (or credit and debit), "
        "description and reference.",
    )


def _cell(row: Sequence[str], columns: Mapping[str, int], name: str) -> str:
    at = columns.get(name, -1)
    return row[at].strip() if 0 <= at < len(row) else ""


def _date_format(texts: Sequence[str]) -> str:
    """The first common format that every dated row fits, else the one that most rows fit."""
    dated = [text for text in texts if text]
    return max(_DATE_FORMATS, key=lambda form: sum(_date(text, form) is not None for text in dated))


def _date(text: str, date_format: str) -> date | None:
    try:
        return datetime.strptime(text, date_format).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def _cents(text: str) -> int | None:
    cleaned = text.strip().removeprefix("+").replace("USD", "").strip()
    if cleaned.endswith("-"):
        cleaned = "-" + cleaned[:-1]
    try:
        return Money.parse(cleaned).cents if cleaned else None
    except ValueError:
        return None


def _signed(row: Sequence[str], columns: Mapping[str, int]) -> int | None:
    """Cents with the sign that columns give: a debit column or direction makes it negative."""
    if "amount" in columns:
        cents = _cents(_cell(row, columns, "amount"))
        said = _cell(row, columns, "direction").lower()
        if cents is not None and said.startswith("d"):
            return -abs(cents)
        return abs(cents) if cents is not None and said.startswith("c") else cents
    credit = _cents(_cell(row, columns, "credit"))
    debit = _cents(_cell(row, columns, "debit"))
    if credit:
        return None if debit else abs(credit)
    return -abs(debit) if debit else credit if credit is not None else debit


def _line(row: Sequence[str], columns: Mapping[str, int], date_format: str) -> StatementLine | None:
    value_on = _date(_cell(row, columns, "date"), date_format)
    cents = _signed(row, columns)
    if value_on is None or cents is None:
        return None
    direction: Direction = "debit" if cents < 0 else "credit"
    text, code = _cell(row, columns, "text"), _cell(row, columns, "type")
    reference = _cell(row, columns, "reference")
    kind = _kind(code, direction, text)
    bank_id = _cell(row, columns, "bank_id")
    return StatementLine(value_on, abs(cents), direction, code, kind, text, reference, bank_id)


def _kind(code: str, direction: Direction, text: str) -> LineKind:
    """By a BAI code where the type column holds one, else by type and text together."""
    if len(code) == 3 and code.isascii() and code.isdigit():
        return kind_of_code(code, direction, text)
    return kind_of_text(f"{code} {text}".strip(), direction)
