"""What an insurer says it pays, as richly as real remittances do; every amount balances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Status = Literal["1", "2", "4", "22"]
"""CLP02 of an 835: primary, secondary, denied, reversal of a former payment."""

NOT_FROM_ALLOWED = frozenset({("CO", "253"), ("OA", "23")})
"""Adjustments that lower the payment of an allowed amount and not the amount allowed."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Why less than the charge was paid: CAS group, CARC and, where a payer has one, its own."""

    group: str
    code: str
    cents: int
    own: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One service; charged = paid + adjustments, in cents, negative in a reversed claim."""

    service_on: date
    procedure: str
    description: str
    charged_cents: int
    allowed_cents: int
    paid_cents: int
    adjustments: tuple[Adjustment, ...]
    service_end_on: date | None = None
    modifiers: tuple[str, ...] = ()
    tooth: str = ""
    surface: str = ""
    units: int = 1
    remarks: tuple[str, ...] = ()

    @property
    def patient_cents(self) -> int:
        """What the patient owes of it: the PR adjustments."""
        return sum(a.cents for a in self.adjustments if a.group == "PR")

    def amount(self, *keys: str) -> int:
        """Cents of the adjustments named as ``CO-45``; 0 when there are none."""
        return sum(a.cents for a in self.adjustments if f"{a.group}-{a.code}" in keys)

    @property
    def others(self) -> tuple[Adjustment, ...]:
        """The adjustments that the patient does not owe."""
        return tuple(a for a in self.adjustments if a.group != "PR")


@dataclass(frozen=True, slots=True)
class Claim:
    """The services of one patient's visit, as the insurer numbers them."""

    first: str
    last: str
    member_id: str
    account: str
    claim_number: str
    provider: str
    status: Status
    lines: tuple[Line, ...]

    @property
    def patient(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    def total(self, field: str) -> int:
        """The sum of one of the lines' amounts: ``charged_cents``, ``patient_cents``, ..."""
        return sum(int(getattr(line, field)) for line in self.lines)

    def amount(self, *keys: str) -> int:
        """The sum of the lines' adjustments named as ``CO-45``."""
        return sum(line.amount(*keys) for line in self.lines)


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """Money outside of any claim: kept back (positive) or added (negative), as PLB counts."""

    code: str
    cents: int
    reference: str


@dataclass(frozen=True, slots=True)
class Party:
    """A payer or a payee with its address; ``npi`` and ``tax_id`` are the payee's."""

    name: str
    street: str
    town: str
    npi: str = ""
    tax_id: str = ""


@dataclass(frozen=True, slots=True)
class Remittance:
    """One payment with its claims; ``legend`` explains the payer's own codes."""

    payer: Party
    payee: Party
    payment_number: str
    payment_method: Literal["CHK", "ACH"]
    payment_on: date
    claims: tuple[Claim, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()
    legend: tuple[tuple[str, str], ...] = ()

    @property
    def claims_cents(self) -> int:
        """What the claims come to."""
        return self.total("paid_cents")

    @property
    def total_paid_cents(self) -> int:
        """What the check or transfer is for."""
        return self.claims_cents - sum(entry.cents for entry in self.provider_adjustments)

    def total(self, field: str) -> int:
        """The sum over all lines of one of their amounts."""
        return sum(claim.total(field) for claim in self.claims)

    @property
    def codes(self) -> tuple[str, ...]:
        """All reasons given, as ``CO-45``, each once."""
        named = {f"{a.group}-{a.code}" for c in self.claims for x in c.lines for a in x.adjustments}
        return tuple(sorted(named))


def broken(remittance: Remittance) -> list[str]:
    """The lines that do not balance; drawn facts have none."""
    found: list[str] = []
    for claim in remittance.claims:
        for number, line in enumerate(claim.lines, start=1):
            where = f"claim {claim.claim_number}, line {number}"
            if line.charged_cents - sum(a.cents for a in line.adjustments) != line.paid_cents:
                found.append(f"{where}: charge and payment")
            lowered = [a for a in line.others if (a.group, a.code) not in NOT_FROM_ALLOWED]
            allowed = line.charged_cents - sum(a.cents for a in lowered)
            if not_payable(line):
                allowed = 0
            if allowed != line.allowed_cents:
                found.append(f"{where}: allowed")
    return found


def not_payable(line: Line) -> bool:
    """Whether nothing of a service was allowed, whoever owes it."""
    whole = [a for a in line.adjustments if a.cents == line.charged_cents]
    return len(line.adjustments) == 1 and len(whole) == 1 and line.allowed_cents == 0
