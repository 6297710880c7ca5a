"""Bank files of any format as one shape: ``parse`` tells the format by the bytes."""

from __future__ import annotations

from deposits.bank.bai2 import parse_bai2
from deposits.bank.column_maps import COLUMNS, column_map, save_column_map
from deposits.bank.csv import DEFAULT_PROFILE, CsvProfile, parse_csv
from deposits.bank.importing import BankImport, import_file
from deposits.bank.ofx import parse_ofx
from deposits.bank.sniffing import parse
from deposits.bank.types import BankStatement, StatementAccount, StatementFinding, StatementLine

__all__ = [
    "COLUMNS",
    "DEFAULT_PROFILE",
    "BankImport",
    "BankStatement",
    "CsvProfile",
    "StatementAccount",
    "StatementFinding",
    "StatementLine",
    "column_map",
    "import_file",
    "parse",
    "parse_bai2",
    "parse_csv",
    "parse_ofx",
    "save_column_map",
]
