"""What the pages of a paper remittance list: claims, service lines, their cells with evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from intake.types import Box
from ocr.field_json import field_json
from ocr.types import Field

MONEY = ("charged_cents", "allowed_cents", "discount", "deductible", "coinsurance", "copay",
         "shared_cost", "not_covered", "other_paid", "withheld", "adjusted", "interest",
         "patient_responsibility_cents", "paid_cents")  # fmt: skip
"""Roles of columns that hold an amount in cents."""
_MONEY = frozenset(MONEY)
CLAIM_LABELS = ("patient_name", "patient_account", "member_id", "claim_number", "provider_name")
"""Roles that tell whose claim it is."""
STATUS_WORDS = frozenset({
    "void", "voided", "reversal", "reversed", "denied", "adjusted", "corrected", "withdrawn",
    "continued", "canceled", "cancelled",
})  # fmt: skip
"""What becomes of a claim, printed behind its patient's name; no part of it."""


@dataclass(frozen=True, slots=True)
class Reason:
    """An adjustment printed with its code: group where known, cents as a field with its place.

    ``sure`` is how surely the code's own print was read, 0 where that is not known.
    """

    group: str | None
    code: str
    amount: Field
    payer_code: str | None = None
    unknown: bool = False
    sure: float = 0.0

    @property
    def cents(self) -> int:
        """The amount in cents."""
        return int(self.amount.value)

    def as_json(self) -> dict[str, Any]:
        """The contract's adjustment."""
        entry: dict[str, Any] = {
            "group": self.group, "code": self.code, "amount_cents": self.cents,
        }  # fmt: skip
        if self.payer_code is not None:
            entry["payer_code"] = self.payer_code
        if self.unknown:
            entry["unknown"] = True
        return entry


@dataclass(slots=True)
class ServiceLine:
    """One service as printed: ``cells`` by role (cents, ISO dates, texts), reasons, remarks.

    ``codes`` are those printed without an amount, each with the number of its column;
    ``explained`` the roles of columns whose amount such a code tells the reason of. ``unread``:
    what stands at one of its amounts looks like a code, and nobody knows what it says. ``least``
    is how sure the least sure word is that may say an amount or a code; ``sure`` whether its
    amounts stand where they should. ``blanks`` are the places where the row would tell a part of
    the patient's share, or its reason, and nothing was read; None where they are not known.
    ``untold`` says that nothing printed tells what of the share is left; ``told_elsewhere`` that
    other lines tell the patient's parts by reasons, and what is left here is of one not read.
    """

    cells: dict[str, Field] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    remarks: list[Field] = field(default_factory=list)
    codes: list[tuple[str, int, Field]] = field(default_factory=list)
    explained: set[str] = field(default_factory=set)
    unread: bool = False
    sure: float = 1.0
    least: float = 1.0
    blanks: tuple[Box, ...] | None = None
    untold: bool = False
    told_elsewhere: bool = False
    page: int = 0
    box: Box | None = None

    @property
    def money(self) -> dict[str, int]:
        """Cents by role of the columns that hold an amount."""
        return {role: int(cell.value) for role, cell in self.cells.items() if role in _MONEY}

    @property
    def service_on(self) -> str | None:
        """The day of the service, ISO text."""
        day: str | None = self.value("service_on")
        return day

    @property
    def procedure_code(self) -> str | None:
        """The procedure's code as printed."""
        code: str | None = self.value("procedure_code")
        return code

    def value(self, role: str) -> Any:
        """A cell's value, None where there is none."""
        cell = self.cells.get(role)
        return None if cell is None else cell.value


@dataclass(slots=True)
class PaperClaim:
    """One claim as printed; ``known`` and ``totals`` (of its own total line) by role.

    ``in_row`` is what each of its rows repeats of whose claim it is, without lines that wrap.
    ``whole`` says whether the payment proves that none of its lines was lost; ``doubted`` are the
    roles of ``known`` whose label does not surely tell them; ``unlabelled`` says that no label
    tells the patient's name. ``sums`` are rows below its lines that name columns, by role.
    """

    where: str
    known: dict[str, Field] = field(default_factory=dict)
    lines: list[ServiceLine] = field(default_factory=list)
    totals: dict[str, Field] = field(default_factory=dict)
    reasons: list[Reason] = field(default_factory=list)
    remarks: list[Field] = field(default_factory=list)
    status: str | None = None
    in_row: dict[str, str] = field(default_factory=dict)
    sure: float = 1.0
    whole: bool = True
    doubted: set[str] = field(default_factory=set)
    unlabelled: bool = False
    sums: list[dict[str, Field]] = field(default_factory=list)

    def total(self, role: str) -> int | None:
        """The sum of a column over the lines; the printed total where there are no lines."""
        if not self.lines:
            printed = self.totals.get(role)
            return None if printed is None else int(printed.value)
        summed = 0
        for line in self.lines:
            cell = line.cells.get(role)
            if cell is None:
                return None
            summed += int(cell.value)
        return summed


@dataclass(slots=True)
class Taken:
    """Money kept back (positive) or added (negative) outside of any claim."""

    code: str | None
    amount: Field
    reference: Field | None = None

    @property
    def cents(self) -> int:
        """The amount in cents as an 835's PLB counts it."""
        return int(self.amount.value)

    def as_json(self) -> dict[str, Any]:
        """The contract's provider adjustment with its evidence."""
        return {
            "code": self.code,
            "amount_cents": self.cents,
            "reference": None if self.reference is None else self.reference.value,
            "evidence": evidence({"amount_cents": self.amount, "reference": self.reference}),
        }


def evidence(cells: Mapping[str, Field | None]) -> dict[str, Any]:
    """The fields that were read, by name, as JSON."""
    shown = {name: field_json(cell) for name, cell in cells.items()}
    return {name: cell for name, cell in shown.items() if cell is not None}
