"""Bank files of any format as one shape: ``parse`` tells the format by the bytes."""

from __future__ import annotations

from deposits.bank.bai2 import parse_bai2
from deposits.bank.csv import DEFAULT_PROFILE, CsvProfile, parse_csv
from deposits.bank.importing import BankImport, import_file
from deposits.bank.ofx import parse_ofx
from deposits.bank.sniffing import parse
from deposits.bank.types import BankStatement, StatementAccount, StatementFinding, StatementLine

__all__ = [
    "DEFAULT_PROFILE",
    "BankImport",
    "BankStatement",
    "CsvProfile",
    "StatementAccount",
    "StatementFinding",
    "StatementLine",
    "import_file",
    "parse",
    "parse_bai2",
    "parse_csv",
    "parse_ofx",
]
