"""ACS records written by the layout's own table, for tests."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import returned_mail

LAYOUT: dict[str, Any] = tomllib.loads(
    (Path(returned_mail.__file__).parent / "tables" / "acs.toml").read_text()
)
IMB = "0027090312345600001745419"
MOVE = {
    "file_version": "02", "sequence": "00000001", "last_name": "ALVAREZ", "first_name": "ROSA",
    "moved_on": "20261001", "move_type": "F", "old_number": "12", "old_street": "ELM",
    "old_suffix": "ST", "old_city": "DAYTON", "old_state": "OH", "old_zip": "45419",
    "new_number": "7", "new_street": "BIRCH", "new_suffix": "LN", "new_city": "TROY",
    "new_state": "OH", "new_zip": "45373", "imb": IMB, "made_on": "20261110", "flag": "C",
}  # fmt: skip
NIXIE = {
    "file_version": "02", "sequence": "00000002", "deliverability": "V", "imb": IMB,
    "made_on": "20261110", "flag": "N",
}  # fmt: skip


def record(values: dict[str, str]) -> str:
    """A detail record of 700 characters."""
    line = ["2", *" " * 699]
    for name, value in values.items():
        start, size = LAYOUT["fields"][name]
        text = value.ljust(size)[:size]
        line[start - 1 : start - 1 + size] = text
    return "".join(line)


def file_of(records: Sequence[str], *, announced: int | None = None, end: str = "\r\n") -> bytes:
    """A file with its header."""
    count = len(records) if announced is None else announced
    header = f"H0200012320261111{'1':>010}{count:09d}".ljust(700)
    return end.join([header, *records, ""]).encode()
