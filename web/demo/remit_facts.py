"""What an insurer says it pays: claims, service lines and adjustments that balance."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from web.demo.group import Account, Group, Office, Payer
from web.demo.mail import Allocation

_DENTAL = (
    ("D0120", 6200), ("D0150", 9800), ("D0220", 3400), ("D0274", 7600), ("D1110", 11200),
    ("D1120", 8400), ("D1206", 4500), ("D2391", 19600), ("D2740", 118500), ("D4341", 26500),
    ("D7140", 21000), ("D8080", 98000),
)  # fmt: skip
_MEDICAL = (
    ("99213", 15800), ("99214", 22400), ("99203", 19500), ("36415", 1800), ("80053", 4600),
    ("85025", 3900), ("93000", 7200), ("90471", 3100), ("90686", 4200), ("71046", 9700),
)  # fmt: skip
_PROVIDERS = {
    "NORTH": ("Anita Rao DDS", "Paul Brenner DDS"),
    "EAST": ("Helen Ostrowski MD", "Marcus Bell MD"),
    "WEST": ("Tomas Varga DMD", "Leah Kim DMD"),
}


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Why less than the charge was paid: CAS group (CO, PR, OA, PI) and CARC code."""

    group: str
    code: str
    cents: int


@dataclass(frozen=True, slots=True)
class Line:
    """One service; charged = paid + adjustments, allowed = paid + the patient's share."""

    service_on: date
    procedure: str
    charged_cents: int
    allowed_cents: int
    paid_cents: int
    adjustments: tuple[Adjustment, ...]

    @property
    def patient_cents(self) -> int:
        """What the patient owes of it: the PR adjustments."""
        return sum(a.cents for a in self.adjustments if a.group == "PR")

    def amount(self, group: str, code: str) -> int:
        """Cents of one adjustment, 0 when there is none."""
        return sum(a.cents for a in self.adjustments if (a.group, a.code) == (group, code))


@dataclass(frozen=True, slots=True)
class Claim:
    """The services of one patient's visit, as the insurer numbers them."""

    account: Account
    claim_number: str
    provider: str
    lines: tuple[Line, ...]

    def total(self, field: str) -> int:
        """The sum of a lines' amount: ``charged_cents``, ``paid_cents``, ``patient_cents``..."""
        return sum(int(getattr(line, field)) for line in self.lines)


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """Money kept back (positive) or added (negative) outside of any claim: an 835's PLB."""

    code: str
    cents: int
    reference: str


@dataclass(frozen=True, slots=True)
class Remittance:
    """One payment of an insurer with its claims."""

    payer: Payer
    office: Office
    payment_number: str
    payment_method: str
    payment_on: date
    claims: tuple[Claim, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...] = ()

    @property
    def total_paid_cents(self) -> int:
        """What the check or transfer is for."""
        paid = sum(claim.total("paid_cents") for claim in self.claims)
        return paid - sum(adjustment.cents for adjustment in self.provider_adjustments)

    def allocations(self) -> tuple[Allocation, ...]:
        """Which account each paid claim belongs to."""
        return tuple(
            Allocation(c.account.account_number, c.total("paid_cents"), None, c.claim_number)
            for c in self.claims
            if c.total("paid_cents")
        )

    def truth(self) -> dict[str, Any]:
        """The contract's fields of a remittance."""
        return {
            "payer_name": self.payer.name,
            "payee_name": self.office.payees[0],
            "payee_npi": self.office.npi,
            "payee_tax_id": self.office.tax_id,
            "payment_number": self.payment_number,
            "payment_method": self.payment_method,
            "payment_on": self.payment_on.isoformat(),
            "total_paid_cents": self.total_paid_cents,
            "claims": [_claim_truth(claim) for claim in self.claims],
            "provider_adjustments": [
                {"code": a.code, "amount_cents": a.cents, "reference": a.reference}
                for a in self.provider_adjustments
            ],
            "balanced": True,
            "imbalances": [],
        }


def _claim_truth(claim: Claim) -> dict[str, Any]:
    return {
        "patient_name": claim.account.patient,
        "member_id": claim.account.member_id,
        "patient_account": claim.account.account_number,
        "claim_number": claim.claim_number,
        "provider_name": claim.provider,
        "lines": [
            {
                "service_on": line.service_on.isoformat(),
                "procedure_code": line.procedure,
                "charged_cents": line.charged_cents,
                "allowed_cents": line.allowed_cents,
                "paid_cents": line.paid_cents,
                "patient_responsibility_cents": line.patient_cents,
                "adjustments": [
                    {"group": a.group, "code": a.code, "amount_cents": a.cents}
                    for a in line.adjustments
                ],
            }
            for line in claim.lines
        ],
        "charged_cents": claim.total("charged_cents"),
        "paid_cents": claim.total("paid_cents"),
        "patient_responsibility_cents": claim.total("patient_cents"),
    }


def make_remittance(
    group: Group,
    payer: Payer,
    office: Office,
    rng: random.Random,
    *,
    method: str = "CHK",
    claims: int | None = None,
    provider_adjustment: int = 0,
) -> Remittance:
    """A balanced remittance of ``payer`` to ``office`` for some of its patients."""
    patients = [a for a in group.accounts if a.office_code == office.code]
    chosen = rng.sample(patients, claims or rng.randint(2, 5))
    paid_on = group.as_of - timedelta(days=rng.randint(4, 10))
    made = tuple(_claim(account, payer, office, paid_on, rng) for account in chosen)
    if all(claim.total("paid_cents") == 0 for claim in made):
        return make_remittance(group, payer, office, rng, method=method, claims=claims,
                               provider_adjustment=provider_adjustment)  # fmt: skip
    number = str(rng.randint(4_000_000, 9_899_999))
    adjustments: tuple[ProviderAdjustment, ...] = ()
    if provider_adjustment:
        reference = f"{rng.randint(10**9, 10**10 - 1)}"
        adjustments = (ProviderAdjustment("WO", provider_adjustment, reference),)
    return Remittance(payer, office, number, method, paid_on, made, adjustments)


def _claim(account: Account, payer: Payer, office: Office, paid_on: date,
           rng: random.Random) -> Claim:  # fmt: skip
    catalogue = _MEDICAL if office.code == "EAST" else _DENTAL
    served = paid_on - timedelta(days=rng.randint(12, 40))
    codes = rng.sample(catalogue, rng.choices((1, 2, 3, 4), weights=(3, 4, 2, 1))[0])
    number = f"{payer.payer_id[:2]}{served:%y%j}{rng.randint(10**5, 10**6 - 1)}"
    lines = tuple(_line(code, charge, served, rng) for code, charge in codes)
    return Claim(account, number, rng.choice(_PROVIDERS[office.code]), lines)


def _line(procedure: str, charge: int, served: date, rng: random.Random) -> Line:
    if rng.random() < 0.07:  # not covered at all: the patient owes it
        return Line(served, procedure, charge, 0, 0, (Adjustment("PR", "96", charge),))
    allowed = charge * rng.choice((62, 68, 74, 81, 100)) // 100
    allowed -= allowed % 5 if rng.random() < 0.5 else 0
    shares: list[Adjustment] = []
    left = allowed
    if allowed < charge:
        shares.append(Adjustment("CO", "45", charge - allowed))
    if rng.random() < 0.25:
        deductible = min(left, rng.choice((2500, 5000)))
        shares.append(Adjustment("PR", "1", deductible))
        left -= deductible
    if left and rng.random() < 0.5:
        coinsurance = left * rng.choice((10, 20, 50)) // 100
        if coinsurance:
            shares.append(Adjustment("PR", "2", coinsurance))
            left -= coinsurance
    elif left > 3000 and rng.random() < 0.3:
        shares.append(Adjustment("PR", "3", 2000))
        left -= 2000
    return Line(served, procedure, charge, allowed, left, tuple(shares))
