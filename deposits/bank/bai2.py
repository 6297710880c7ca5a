"""BAI2 cash management files (BAI Cash Management Balance Reporting, version 2) as statements.

A record ends with a slash; an 88 continues the record before it; the last field of a 16 is free
text that may hold commas and run on over 88 records without any slash.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from deposits.bank.kinds import kind_of_code
from deposits.bank.types import (
    MOST_DIGITS,
    BalanceKind,
    BankStatement,
    Direction,
    StatementAccount,
    StatementBalance,
    StatementFinding,
    StatementLine,
)
from records.errors import UnreadableError

_SUMMARY_CODES_FROM = 3  # 03,account,currency, then groups of code, amount, count, funds type
_BALANCES: dict[str, BalanceKind] = {
    "010": "opening", "015": "closing", "040": "opening_available", "045": "closing_available",
}  # fmt: skip
_TOTAL_CREDITS, _TOTAL_DEBITS = "100", "400"


@dataclass(frozen=True, slots=True)
class _Logical:
    """A record with its continuations: ``parts`` are physical lines without type and slash."""

    code: str
    parts: tuple[str, ...]
    number: int

    @property
    def fields(self) -> list[str]:
        """All fields, where no part is free text."""
        return [field.strip() for part in self.parts for field in part.split(",")]

    @property
    def physical(self) -> int:
        """Number of physical records."""
        return len(self.parts)


@dataclass(slots=True)
class _Totals:
    """Running control figures of one level: signed cents, physical records, children."""

    cents: int = 0
    records: int = 0
    children: int = 0


def parse_bai2(text: str) -> BankStatement:
    """Read a BAI2 file; raises ``UnreadableError`` ``bank_file_broken`` for one that is none.

    Amounts are in the currency's smallest unit (two implied decimals for dollars). Control
    totals and record counts of 49, 98 and 99 are checked and differences become findings.
    """
    reader = _Reader()
    for record in _logical(text):
        reader.take(record)
    return reader.statement()


def _logical(text: str) -> Iterator[_Logical]:
    code, parts, first = "", list[str](), 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line:
            continue
        kind, _, rest = line.partition(",")
        if not _is_number(kind) or len(kind) != 2:
            raise _broken(number, "a record does not begin with a two-digit type")
        if kind == "88":
            if not parts:
                raise _broken(number, "a continuation has nothing to continue")
            parts.append(_unslashed(rest))
            continue
        if parts:
            yield _Logical(code, tuple(parts), first)
        code, parts, first = kind, [_unslashed(rest)], number
    if parts:
        yield _Logical(code, tuple(parts), first)


def _unslashed(rest: str) -> str:
    """A physical line without its closing slash; `,/` and `/` both leave the field as it is."""
    return rest.rstrip().removesuffix("/")


def _broken(number: int, what: str) -> UnreadableError:
    return UnreadableError(
        "bank_file_broken",
        f"This BAI2 file cannot be read: at line {number}, {what}.",
        "Ask the bank for the file again.",
    )


class _Reader:
    """Walks the records once, holding the open account, group and file."""

    def __init__(self) -> None:
        self.accounts: list[StatementAccount] = []
        self.findings: list[StatementFinding] = []
        self._file, self._group, self._account = _Totals(), _Totals(), _Totals()
        self._as_of: date | None = None
        self._group_currency = ""
        self._routing = ""
        self._head: list[str] | None = None
        self._lines: list[StatementLine] = []
        self._summary: dict[str, int] = {}
        self._begun = False

    def take(self, record: _Logical) -> None:
        """One logical record."""
        if not self._begun and record.code != "01":
            raise _broken(record.number, "the file header (01) is missing")
        self._begun = True
        self._file.records += record.physical
        if record.code not in {"01", "99"}:
            self._group.records += record.physical
        if record.code in ("03", "16", "49"):
            self._account.records += record.physical
        handler = {
            "02": self._open_group,
            "03": self._open_account,
            "16": self._detail,
            "49": self._close_account,
            "98": self._close_group,
            "99": self._close_file,
        }.get(record.code)
        if handler:
            handler(record)

    def statement(self) -> BankStatement:
        """What was read; an account that no 49 closed is kept, with a finding."""
        if not self._begun:
            raise _broken(1, "it holds no records")
        if self._head is not None:
            self._note("missing_control", 0, "The last account has no control record (49).")
            self._keep_account()
        return BankStatement("bai2", tuple(self.accounts), tuple(self.findings))

    def _open_group(self, record: _Logical) -> None:
        fields = _filled(record.fields, 7)
        self._group = _Totals(records=record.physical)
        self._routing, self._group_currency = fields[1], fields[5]
        self._as_of = _date(fields[3])
        if self._as_of is None:
            raise _broken(record.number, "the group's as-of date is not a date")

    def _open_account(self, record: _Logical) -> None:
        if self._as_of is None:
            raise _broken(record.number, "an account stands outside a group (02)")
        if self._head is not None:
            self._note("missing_control", record.number, "An account has no control record (49).")
            self._keep_account()
        fields = record.fields
        self._head, self._lines = _filled(fields, 2), []
        self._account = _Totals(records=record.physical)
        summary = list(_summary(fields, record.number))
        self._account.cents = sum(cents for _, cents in summary)
        self._summary = dict(summary)

    def _detail(self, record: _Logical) -> None:
        if self._head is None or self._as_of is None:
            raise _broken(record.number, "a transaction (16) stands outside an account")
        line, signed = _transaction(record, self._as_of)
        self._account.cents += signed
        if line is not None:
            self._lines.append(line)

    def _close_account(self, record: _Logical) -> None:
        if self._head is None:
            raise _broken(record.number, "an account control (49) without an account")
        fields = _filled(record.fields, 2)
        self._compare("account", record, fields[0], self._account.cents, "total")
        self._compare("account", record, fields[1], self._account.records, "records")
        self._group.cents += _cents(fields[0]) or 0
        self._group.children += 1
        self._keep_account()

    def _close_group(self, record: _Logical) -> None:
        fields = _filled(record.fields, 3)
        self._compare("group", record, fields[0], self._group.cents, "total")
        self._compare("group", record, fields[1], self._group.children, "accounts")
        self._compare("group", record, fields[2], self._group.records, "records")
        self._file.cents += _cents(fields[0]) or 0
        self._file.children += 1
        self._as_of = None

    def _close_file(self, record: _Logical) -> None:
        fields = _filled(record.fields, 3)
        self._compare("file", record, fields[0], self._file.cents, "total")
        self._compare("file", record, fields[1], self._file.children, "groups")
        self._compare("file", record, fields[2], self._file.records, "records")

    def _keep_account(self) -> None:
        head, on = self._head or ["", ""], self._as_of
        balances = tuple(
            StatementBalance(kind, on, self._summary[code])
            for code, kind in _BALANCES.items()
            if on is not None and code in self._summary
        )
        totals = {_TOTAL_CREDITS, _TOTAL_DEBITS} <= self._summary.keys()
        told = self._summary[_TOTAL_CREDITS] - self._summary[_TOTAL_DEBITS] if totals else None
        self.accounts.append(
            StatementAccount(
                head[0], self._routing, head[1] or self._group_currency, tuple(self._lines),
                balances, on, on, told,
            )
        )  # fmt: skip
        self._head, self._lines = None, []

    def _compare(self, level: str, record: _Logical, said: str, found: int, what: str) -> None:
        declared = _cents(said)
        if said and declared != found:
            self._note(
                f"{level}_{what}_differ",
                record.number,
                f"The {level} control says {said} {what}; the records make {found}.",
            )

    def _note(self, code: str, where: int, message: str) -> None:
        self.findings.append(StatementFinding(code, where, message))


def _is_number(text: str) -> bool:
    """Digits of ASCII only: ``str.isdigit`` alone takes superscripts."""
    return text.isascii() and text.isdigit()


def _filled(fields: list[str], count: int) -> list[str]:
    return fields + [""] * (count - len(fields))


def _date(text: str) -> date | None:
    """YYMMDD (or CCYYMMDD, which some banks send); two-digit years are of this century."""
    if not _is_number(text) or len(text) not in (6, 8):
        return None
    year = 2000 + int(text[:2]) if len(text) == 6 else int(text[:4])
    try:
        return date(year, int(text[-4:-2]), int(text[-2:]))
    except ValueError:
        return None


def _cents(text: str) -> int | None:
    digits = text.lstrip("+-")
    if not _is_number(digits) or len(digits) > MOST_DIGITS:
        return None
    return -int(digits) if text.startswith("-") else int(digits)


def _funds_width(fields: list[str], at: int) -> int:
    """How many fields the funds type at ``fields[at]`` and its details take."""
    kind = fields[at] if at < len(fields) else ""
    if kind == "V":
        return 3
    if kind == "S":
        return 4
    if kind == "D":
        count = fields[at + 1] if at + 1 < len(fields) else ""
        return 2 + 2 * int(count) if _is_number(count) and len(count) <= 3 else 2
    return 1


def _summary(fields: list[str], number: int) -> Iterator[tuple[str, int]]:
    """Code and signed cents of each summary amount in an 03."""
    at = 2
    while at + 1 < len(fields):
        code, amount = fields[at], fields[at + 1]
        if amount:
            cents = _cents(amount)
            if cents is None:
                raise _broken(number, f"the amount of summary {code} is no number")
            yield code, cents
        at += _SUMMARY_CODES_FROM + _funds_width(fields, at + 3)


def _transaction(record: _Logical, as_of: date) -> tuple[StatementLine | None, int]:
    """The line of a 16 and its signed cents for the control total; None for a status line."""
    head = record.parts[0].split(",")
    fields = [field.strip() for field in head]
    texts = list(record.parts[1:])
    needed = 2 + _funds_width(fields, 2) + 2
    while len(fields) < needed and texts:
        # The record broke off before its references: its fields go on in the continuation.
        fields += [field.strip() for field in texts.pop(0).split(",")]
        needed = 2 + _funds_width(fields, 2) + 2
    code = fields[0]
    cents = _cents(fields[1]) if len(fields) > 1 and fields[1] else 0
    if not _is_number(code) or cents is None:
        raise _broken(record.number, "a transaction has no type code or amount")
    width = _funds_width(fields, 2)
    funds = fields[2 : 2 + width]
    references = _filled(fields[2 + width : 4 + width], 2)
    free = ",".join(fields[4 + width :])
    text = " ".join(part.strip() for part in (free, *texts) if part.strip(" ,/"))
    value_on = (_date(funds[1]) if len(funds) > 1 and funds[0] == "V" else None) or as_of
    direction = _direction(code)
    if direction is None:
        return None, cents
    if cents < 0:
        direction = "debit" if direction == "credit" else "credit"
    kind = kind_of_code(code, direction, text)
    reference = references[1] or references[0]
    line = StatementLine(value_on, abs(cents), direction, code, kind, text, reference)
    return line, cents


def _direction(code: str) -> Direction | None:
    """Credits: 100-399 and custom 920-959; debits: 400-699 and 960-999; the rest moves nothing."""
    number = int(code)
    if 100 <= number <= 399 or 920 <= number <= 959:
        return "credit"
    if 400 <= number <= 699 or 960 <= number <= 999:
        return "debit"
    return None
