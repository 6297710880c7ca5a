"""OFX and QFX statements: the SGML of version 1 (tags left open) and the XML of version 2."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from datetime import date

from deposits.bank.kinds import kind_of_text
from deposits.bank.types import (
    MOST_DIGITS,
    BalanceKind,
    BankStatement,
    Direction,
    LineKind,
    StatementAccount,
    StatementBalance,
    StatementFinding,
    StatementLine,
)
from records.errors import UnreadableError

_STATEMENT = re.compile(
    r"<(?:CC)?STMTRS>(.*?)(?=</(?:CC)?STMTRS>|<(?:CC)?STMTRS>|\Z)", re.IGNORECASE | re.DOTALL
)
_TRANSACTION = re.compile(
    r"<STMTTRN>(.*?)(?=</STMTTRN>|<STMTTRN>|</BANKTRANLIST>|<LEDGERBAL>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_AMOUNT = re.compile(r"([+-]?)([0-9]*)(?:[.,]([0-9]{0,2})0*)?$")
_BALANCES: dict[str, BalanceKind] = {"LEDGERBAL": "closing", "AVAILBAL": "closing_available"}
_BY_TYPE: dict[str, LineKind] = {
    "DEP": "deposit", "DIRECTDEP": "eft_credit", "FEE": "fee", "SRVCHG": "fee",
}  # fmt: skip


def parse_ofx(text: str) -> BankStatement:
    """Read OFX; raises ``UnreadableError`` ``bank_file_broken`` when it holds no statement.

    A transaction without a date or amount is left out and becomes a finding, since guessing
    either would put wrong money on the books.
    """
    findings: list[StatementFinding] = []
    accounts = []
    for number, block in enumerate(_STATEMENT.finditer(text)):
        body = block[1]
        lines = tuple(_lines(body, number, findings))
        balances = tuple(_balances(body))
        account = StatementAccount(
            _value(body, "ACCTID"), _value(body, "BANKID"), _value(body, "CURDEF"), lines,
            balances, _date(_value(body, "DTSTART")), balances[0].on if balances else None,
        )  # fmt: skip
        accounts.append(account)
    if not accounts:
        raise UnreadableError(
            "bank_file_broken",
            "This OFX file holds no statement.",
            "Download the statement again, as OFX or QFX.",
        )
    return BankStatement("ofx", tuple(accounts), tuple(findings))


def _balances(body: str) -> Iterator[StatementBalance]:
    """OFX tells how much there is as of a day, which closes what it lists; no opening."""
    for tag, kind in _BALANCES.items():
        found = re.search(rf"<{tag}>(.*?)(?=</{tag}>|<AVAILBAL>|</STMTRS>|\Z)", body,
                          re.IGNORECASE | re.DOTALL)  # fmt: skip
        if found is None:
            continue
        on, cents = _date(_value(found[1], "DTASOF")), _cents(_value(found[1], "BALAMT"))
        if on is not None and cents is not None:
            yield StatementBalance(kind, on, cents)


def _lines(body: str, statement: int, findings: list[StatementFinding]) -> Iterator[StatementLine]:
    for number, match in enumerate(_TRANSACTION.finditer(body)):
        fields = match[1]
        value_on = _date(_value(fields, "DTPOSTED"))
        cents = _cents(_value(fields, "TRNAMT"))
        if value_on is None or cents is None:
            message = (
                f"Transaction {number + 1} of statement {statement + 1} has no date or amount."
            )
            findings.append(StatementFinding("line_unread", number + 1, message))
            continue
        yield _line(fields, value_on, cents)


def _line(fields: str, value_on: date, cents: int) -> StatementLine:
    kind_name = _value(fields, "TRNTYPE").upper()
    name, memo = _value(fields, "NAME"), _value(fields, "MEMO")
    text = memo if memo.startswith(name) else " ".join(part for part in (name, memo) if part)
    direction: Direction = "debit" if cents < 0 else "credit"
    said = kind_of_text(text, direction)
    typed = _BY_TYPE.get(kind_name, "other")
    # The words know more than the type: a returned deposit is often typed DEBIT or OTHER.
    kind = said if said in ("returned_item", "correction", "lockbox_deposit") else typed
    kind = said if kind == "other" else kind
    if direction == "debit" and kind in ("deposit", "eft_credit", "lockbox_deposit"):
        kind = "other"
    bank_id = _value(fields, "FITID")
    reference = _value(fields, "CHECKNUM") or _value(fields, "REFNUM") or bank_id
    return StatementLine(value_on, abs(cents), direction, kind_name, kind, text, reference, bank_id)


def _value(body: str, tag: str) -> str:
    """The text of an element up to the next tag or line end (SGML leaves elements open)."""
    match = re.search(rf"<{tag}>([^<\r\n]*)", body, re.IGNORECASE)
    return html.unescape(match[1]).strip() if match else ""


def _date(text: str) -> date | None:
    """The day as the bank wrote it; its time and zone do not move it."""
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _cents(text: str) -> int | None:
    match = _AMOUNT.match(text.strip().replace(" ", ""))
    if match is None or not (match[2] or match[3]) or len(match[2]) > MOST_DIGITS:
        return None
    cents = int(match[2] or "0") * 100 + int((match[3] or "").ljust(2, "0"))
    return -cents if match[1] == "-" else cents
