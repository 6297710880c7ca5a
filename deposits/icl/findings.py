"""Values that checking an image cash letter gives: findings, and the running totals of levels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from intake.x9 import Record


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a bank would refuse or question; ``record`` counts records from 1.

    ``warning``: no rule forbids it and some banks take it, but it is seldom meant.
    """

    code: str
    record: int
    field: str
    message: str
    warning: bool = False

    def to_json(self) -> dict[str, Any]:
        """The contract's ``{code, record, field, message}``."""
        return {
            "code": self.code, "record": self.record, "field": self.field,
            "message": self.message,
        }  # fmt: skip


MOST_FINDINGS = 10_000
"""Nobody reads more; a file of nothing but faults must not fill the memory with them."""


@dataclass(slots=True)
class Log:
    """Findings as they come; ``records`` counts those that were taken."""

    findings: list[Finding] = field(default_factory=list)
    records: int = 0

    def stop(self) -> None:
        """Say that nothing after the last record was looked at."""
        message = f"There are over {MOST_FINDINGS} findings; the rest was not looked at."
        self.note("too_many_findings", None, "record_type", message)

    def note(self, code: str, record: Record | None, name: str, message: str) -> None:
        """Add a finding at a record, or at the end of what was read."""
        number = record.number if record is not None else self.records
        self.findings.append(Finding(code, number, name, message))

    def warn(self, code: str, record: Record, name: str, message: str) -> None:
        """Add a warning at a record."""
        self.findings.append(Finding(code, record.number, name, message, warning=True))

    def compare(self, record: Record, name: str, found: int) -> None:
        """A count or total of a control record against what the records make."""
        said = record.integer(name)
        if said != found:
            self.note("total_differs", record, name,
                      f"Record {record.type} says {said}; the records make {found}.")  # fmt: skip


@dataclass(slots=True)
class Totals:
    """Running figures of one level: bundle, cash letter or file.

    ``items`` are checks and returns, ``credits`` 61 and 62; ``cents`` are of items only.
    ``images`` counts pairs of 50 and 52; ``valid_cents`` are items whose MICR was good.
    """

    items: int = 0
    credits: int = 0
    cents: int = 0
    credit_cents: int = 0
    valid_cents: int = 0
    images: int = 0
    children: int = 0

    def add(self, other: Totals) -> None:
        """Take a finished lower level in."""
        self.items += other.items
        self.credits += other.credits
        self.cents += other.cents
        self.credit_cents += other.credit_cents
        self.valid_cents += other.valid_cents
        self.images += other.images
        self.children += 1
