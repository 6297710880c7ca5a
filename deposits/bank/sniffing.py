"""Which kind of bank file some bytes are."""

from __future__ import annotations

from deposits.bank.bai2 import parse_bai2
from deposits.bank.balances import checked
from deposits.bank.camt import parse_camt
from deposits.bank.csv import DEFAULT_PROFILE, CsvProfile, parse_csv
from deposits.bank.ofx import parse_ofx
from deposits.bank.types import BankStatement
from records.errors import UnreadableError

MAX_BYTES = 32 * 1024 * 1024
"""A bank file of a year is some megabytes; what is longer is something else."""


def parse(data: bytes, name: str, profile: CsvProfile = DEFAULT_PROFILE) -> BankStatement:
    """Read a BAI2, OFX, camt.053 or CSV bank file; ``name`` is only for messages, the bytes decide.

    A statement that does not add up by its own balances has a finding ``balance_differs``.

    Raises ``UnreadableError``: ``bank_file_too_long``, ``bank_file_unknown`` (no known format),
    ``bank_file_broken`` (the format is known, the content is not sound).
    """
    if len(data) > MAX_BYTES:
        raise UnreadableError(
            "bank_file_too_long",
            f"{name} is longer than any bank file.",
            "Ask for a shorter span of days.",
        )
    if b"\0" in data:
        raise UnreadableError(
            "bank_file_unknown",
            f"{name} is not a text file.",
            "Send the bank's BAI2, OFX or CSV file.",
        )
    return checked(_read(_text(data), profile))


def _read(text: str, profile: CsvProfile) -> BankStatement:
    head = text.lstrip()
    if head.startswith("01,"):
        return parse_bai2(text)
    if head[:9].upper() == "OFXHEADER" or "<OFX>" in head[:4000].upper():
        return parse_ofx(text)
    if "camt.053" in head[:4000] or "<BkToCstmrStmt" in head[:4000]:
        return parse_camt(text)
    return parse_csv(text, profile)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")
