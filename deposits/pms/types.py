"""Values that a posting file is made of, the same for every format."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class PostingLine:
    """One posting: ``amount_cents`` is negative for a reversal, which names what it undoes."""

    ref: str
    account_number: str
    patient_name: str
    amount_cents: int
    received_on: date
    payment_ref: str
    method: str
    check_number: str
    payer_name: str
    statement_number: str = ""
    reverses_ref: str = ""


@dataclass(frozen=True, slots=True)
class PostingFile:
    """All lines of one export, for one office."""

    ref: str
    office_code: str
    office_name: str
    npi: str
    tax_id: str
    made_at: datetime
    lines: tuple[PostingLine, ...]

    @property
    def total_cents(self) -> int:
        """The sum of all lines."""
        return sum(line.amount_cents for line in self.lines)
