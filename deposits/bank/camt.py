"""ISO 20022 camt.053 bank-to-customer statements."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from xml.etree import ElementTree as ET

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

# Bank transaction codes (external code set): family and sub-family, or sub-family alone.
_BY_CODE: dict[str, LineKind] = {
    "RCHQ-UPCQ": "returned_item", "LBOX-LBDP": "lockbox_deposit", "CNTR-CHKD": "deposit",
    "CHRG": "fee", "FEES": "fee",
}  # fmt: skip
_BALANCES: dict[str, BalanceKind] = {
    "OPBD": "opening", "PRCD": "opening", "CLBD": "closing", "OPAV": "opening_available",
    "CLAV": "closing_available",
}  # fmt: skip
_CREDIT_TRANSFERS = frozenset({"RCDT", "RRCT"})


def parse_camt(text: str) -> BankStatement:
    """Read camt.053; raises ``UnreadableError`` ``bank_file_broken`` for XML that is none.

    An entry without a date or amount, or not booked yet, is left out and becomes a finding.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise _broken("it defines entities, which a bank's file never does")
    try:
        root = ET.fromstring(text.encode())  # noqa: S314 - see above
    except (ET.ParseError, ValueError) as error:
        raise _broken("it is not well-formed XML") from error
    findings: list[StatementFinding] = []
    accounts = tuple(_account(statement, findings) for statement in _all(root, "Stmt"))
    if not accounts:
        raise _broken("it holds no statement")
    return BankStatement("camt.053", accounts, tuple(findings))


def _broken(why: str) -> UnreadableError:
    return UnreadableError(
        "bank_file_broken",
        f"This camt.053 file cannot be read: {why}.",
        "Ask the bank for the file again.",
    )


def _name(element: ET.Element) -> str:
    """The tag without its namespace, which names the version."""
    return element.tag.rpartition("}")[2]


def _all(element: ET.Element, name: str) -> Iterator[ET.Element]:
    return (each for each in element.iter() if _name(each) == name)


def _at(element: ET.Element, path: str) -> str:
    """The text at a path of child names; empty when there is none."""
    found = element
    for name in path.split("/"):
        child = next((each for each in found if _name(each) == name), None)
        if child is None:
            return ""
        found = child
    return (found.text or "").strip()


def _account(statement: ET.Element, findings: list[StatementFinding]) -> StatementAccount:
    number = _at(statement, "Acct/Id/Othr/Id") or _at(statement, "Acct/Id/IBAN")
    routing = _at(statement, "Acct/Svcr/FinInstnId/ClrSysMmbId/MmbId")
    lines = []
    currency = _at(statement, "Acct/Ccy")
    entries = [each for each in statement if _name(each) == "Ntry"]
    for place, entry in enumerate(entries, start=1):
        if (_at(entry, "Sts/Cd") or _at(entry, "Sts")) in ("PDNG", "INFO"):
            message = f"Entry {place} is not booked yet and is left out; it comes again as booked."
            findings.append(StatementFinding("line_pending", place, message))
            continue
        line = _line(entry)
        if line is None:
            message = f"Entry {place} has no date or amount that can be read."
            findings.append(StatementFinding("line_unread", place, message))
        else:
            lines.append(line)
            currency = currency or _currency(entry)
    balances = tuple(_balances(statement))
    from_on, to_on = _span(statement, balances, lines)
    return StatementAccount(
        number, routing, currency or _balance_currency(statement), tuple(lines), balances, from_on,
        to_on,
    )  # fmt: skip


def _balances(statement: ET.Element) -> Iterator[StatementBalance]:
    for each in statement:
        kind = _BALANCES.get(_at(each, "Tp/CdOrPrtry/Cd")) if _name(each) == "Bal" else None
        on, cents = _day(each, "Dt"), _cents(_at(each, "Amt"))
        if kind is None or on is None or cents is None:
            continue
        below = _at(each, "CdtDbtInd") == "DBIT"
        yield StatementBalance(kind, on, -cents if below else cents)


def _balance_currency(statement: ET.Element) -> str:
    return next((_currency(each) for each in statement if _name(each) == "Bal"), "")


def _span(
    statement: ET.Element, balances: tuple[StatementBalance, ...], lines: list[StatementLine]
) -> tuple[date | None, date | None]:
    """The days that the statement is of: as it says, or by its balances.

    Many banks date the opening balance by the closing one before it.
    """
    closing = [each.on for each in balances if each.kind == "closing"]
    to_on = closing[-1] if closing else None
    for name in ("FrDtTm", "FrDt"):
        try:
            return date.fromisoformat(_at(statement, f"FrToDt/{name}")[:10]), to_on
        except ValueError:
            continue
    opening = [each.on for each in balances if each.kind == "opening"]
    if not opening or to_on is None:
        return to_on, to_on
    first = opening[0] + timedelta(days=1) if opening[0] < to_on else to_on
    return min([first, *(line.value_on for line in lines if line.value_on > opening[0])]), to_on


def _currency(entry: ET.Element) -> str:
    return next((child.get("Ccy", "") for child in entry if _name(child) == "Amt"), "")


def _line(entry: ET.Element) -> StatementLine | None:
    value_on = _day(entry, "ValDt") or _day(entry, "BookgDt")
    cents = _cents(_at(entry, "Amt"))
    said = _at(entry, "CdtDbtInd")
    if value_on is None or cents is None or said not in ("CRDT", "DBIT"):
        return None
    direction: Direction = "credit" if said == "CRDT" else "debit"
    family = _at(entry, "BkTxCd/Domn/Fmly/Cd")
    sub = _at(entry, "BkTxCd/Domn/Fmly/SubFmlyCd")
    code = "-".join(part for part in (family, sub) if part) or _at(entry, "BkTxCd/Prtry/Cd")
    texts = [_at(entry, "AddtlNtryInf"), *((e.text or "").strip() for e in _all(entry, "Ustrd"))]
    text = " ".join(part for part in texts if part)
    traces = [(e.text or "").strip() for e in _all(entry, "EndToEndId")]
    reference = next((t for t in traces if t and t != "NOTPROVIDED"), "") or _at(entry, "NtryRef")
    bank_id = _at(entry, "AcctSvcrRef")
    kind = _kind(family, sub, direction, text)
    return StatementLine(
        value_on, cents, direction, code[:20], kind, text, reference or bank_id, bank_id
    )


def _kind(family: str, sub: str, direction: Direction, text: str) -> LineKind:
    known = _BY_CODE.get(f"{family}-{sub}") or _BY_CODE.get(sub)
    if known in ("deposit", "lockbox_deposit") and direction == "debit":
        known = None
    if known is not None:
        return known
    if family in _CREDIT_TRANSFERS and direction == "credit":
        return "eft_credit"
    return kind_of_text(text, direction)


def _day(entry: ET.Element, name: str) -> date | None:
    text = _at(entry, f"{name}/Dt") or _at(entry, f"{name}/DtTm")[:10]
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _cents(text: str) -> int | None:
    """A decimal with up to two places that count; more places must be zeros."""
    whole, _, part = text.partition(".")
    part = part.rstrip("0")
    if (
        len(part) > 2
        or len(whole) > MOST_DIGITS
        or not (whole + part).isascii()
        or not (whole + part or "x").isdigit()
    ):
        return None
    return int(whole or "0") * 100 + int((part or "0").ljust(2, "0"))
