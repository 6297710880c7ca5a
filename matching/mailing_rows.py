"""Rows of a print vendor's file: CSV text into checked pieces, or what is wrong with them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from matching.import_rows import IMB, ZIP, Refusal, RowReader, checked
from ocr import imb

MAILING_COLUMNS = ("statement_number", "account_number", "mailed_on", "imb")
"""A print vendor's file names these, and no balance. It may have ``address_version`` (a number), or
the address mailed to as ``street``, ``city``, ``state`` and ``zip``; and ``vendor``."""


@dataclass(frozen=True, slots=True)
class MailingRow:
    """One good line of a print vendor's file; ``imb`` in digits."""

    line: int
    statement_number: str
    account_number: str
    mailed_on: date
    imb: str
    address_version: int | None
    mailed_to: dict[str, str] | None
    vendor: str


def is_mailing(text: str) -> bool:
    """Whether the header is a print vendor's: barcodes and mail dates, but no balances."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    header = {name.strip().lower() for name in next(reader, [])}
    return header.issuperset(MAILING_COLUMNS) and "balance" not in header


def mailing_rows(text: str) -> tuple[list[MailingRow], list[Refusal]]:
    """The good rows of a print vendor's file, and one refusal for each fault of the others."""
    good: list[MailingRow] = []
    refused: list[Refusal] = []
    for line, row in checked(text, MAILING_COLUMNS, refused):
        found = RowReader(line, row, refused)
        mailed_on = found.day("mailed_on")
        if mailed_on is None and found.good:
            found.refuse("mailed_on", "is empty")
        made = MailingRow(
            line=line,
            statement_number=found.text("statement_number"),
            account_number=found.text("account_number"),
            mailed_on=mailed_on or date.min,
            imb=_barcode(found, row["imb"]),
            address_version=_version(found, row.get("address_version", "")),
            mailed_to=_mailed_to(found, row),
            vendor=found.text("vendor") if "vendor" in row else "",
        )
        if found.good:
            good.append(made)
    refused.sort()
    return good, refused


def _barcode(found: RowReader, value: str) -> str:
    """The digits of a barcode given in digits or in its 65 bars."""
    value = re.sub(r"[ -]", "", value).upper()
    if re.fullmatch(r"[TADF]{65}", value):
        decoded = imb.decode(value)
        if decoded is None:
            found.refuse("imb", "is no barcode: its own check fails")
            return ""
        return decoded.tracking + decoded.routing
    if not IMB.match(value) or value[1] > "4":
        found.refuse("imb", "is not 20, 25, 29 or 31 digits (the second 0 to 4), nor 65 bars")
    return value


def _version(found: RowReader, value: str) -> int | None:
    if value and not (value.isascii() and value.isdigit() and 0 < int(value) < 10_000):
        found.refuse("address_version", "is not a number from 1 on")
        return None
    return int(value) if value else None


def _mailed_to(found: RowReader, row: Mapping[str, str]) -> dict[str, str] | None:
    """The address as the vendor printed it; None where the file gives none."""
    parts = {name: row.get(name, "") for name in ("street", "city", "state", "zip")}
    if not any(parts.values()):
        return None
    if not (parts["street"] and ZIP.match(parts["zip"])):
        found.refuse("street", "and zip are needed where an address is given")
    if any(len(value) > 120 for value in parts.values()):
        found.refuse("street", "is longer than 120 characters")
    return parts
