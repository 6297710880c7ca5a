"""One adapter per format that practice-management systems take postings in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from deposits.pms.columns import read_map
from deposits.pms.csv import CsvAdapter
from deposits.pms.lines import LinesAdapter
from deposits.pms.types import Adapter, LineAnswer, PostingFile, PostingLine
from deposits.pms.x12_835 import X12Adapter
from records.errors import WrongUse

FORMATS: Final[Mapping[str, str]] = {
    "csv": "CSV",
    "x12_835": "X12 835, 5010",
    "x12_835_4010": "X12 835, 4010",
    "open_dental": "Open Dental, sent line by line",
}
"""Every format, and how people call it."""
SENT: Final = frozenset({"open_dental"})
"""Formats that are not given to anybody as a file, but sent."""


def adapter(name: str, settings: Mapping[str, Any]) -> Adapter:
    """The adapter of a format under an office's settings (key ``posting_columns``).

    WrongUse ``unknown_posting_format`` or ``wrong_column_map``.
    """
    columns = read_map(settings.get("posting_columns"))
    if name == "csv":
        return CsvAdapter(columns)
    if name in ("x12_835", "x12_835_4010"):
        version = "4010" if name.endswith("4010") else "5010"
        return X12Adapter(name, version, answer=columns.answer)
    if name == "open_dental":
        return LinesAdapter(answer=columns.answer)
    raise WrongUse(
        "unknown_posting_format",
        f"There is no posting format {name}.",
        f"There are {', '.join(FORMATS)}.",
    )


__all__ = ["FORMATS", "SENT", "Adapter", "LineAnswer", "PostingFile", "PostingLine", "adapter"]
