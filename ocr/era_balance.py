"""The three balance rules of an 835, with the exact place and cents, and what else is odd in it.

The rules are those of 005010X221A1 section 1.10.2.1: a line's charge less its adjustments is
what it pays; a claim's charge less its own and its lines' adjustments is what it pays; what the
claims pay less the provider's adjustments is the payment. AMT amounts are in none of them.
"""

from __future__ import annotations

from collections.abc import Iterator

from ocr.era_model import Claim, Imbalance, Transaction
from ocr.x12 import Finding


def imbalances(payment: Transaction) -> list[Imbalance]:
    """The service, claim and transaction rules that do not hold, in file order.

    The same for reversals (all amounts negative) as for payments.
    """
    found: list[Imbalance] = []
    for claim in payment.claims:
        adjusted = sum(entry.amount_cents for entry in claim.adjustments)
        for service in claim.services:
            own = sum(entry.amount_cents for entry in service.adjustments)
            adjusted += own
            if service.charged_cents - own != service.paid_cents:
                expected = service.charged_cents - own
                found.append(Imbalance("service", service.where, expected, service.paid_cents))
        if claim.charged_cents - adjusted != claim.paid_cents:
            expected = claim.charged_cents - adjusted
            found.append(Imbalance("claim", claim.where, expected, claim.paid_cents))
    if payment.total_paid_cents is not None:
        total = claims_less_adjustments(payment)
        if total != payment.total_paid_cents:
            where = f"transaction {payment.control_number}, {payment.where}"
            found.append(Imbalance("transaction", where, total, payment.total_paid_cents))
    return found


def claims_less_adjustments(payment: Transaction) -> int:
    """What a payment must be: its claims' payments less the provider adjustments, in cents."""
    total = sum(claim.paid_cents for claim in payment.claims)
    return total - sum(entry.amount_cents for entry in payment.provider_adjustments)


def as_finding(entry: Imbalance) -> Finding:
    """An imbalance as a finding for a person."""
    by = entry.found_cents - entry.expected_cents
    return Finding(
        f"{entry.rule}_balance",
        entry.where,
        f"The {entry.rule} does not balance: the parts give {entry.expected_cents} cents, "
        f"the file says {entry.found_cents} ({by:+d}).",
    )


def advisories(payment: Transaction) -> Iterator[Finding]:
    """What contradicts itself in a payment though no balance rule is broken by it."""
    if payment.total_paid_cents is not None and payment.total_paid_cents < 0:
        yield Finding(
            "negative_payment", payment.where,
            "The payment is below zero; 005010X221A1 carries that forward with PLB FB.",
            advisory=True,
        )  # fmt: skip
    for claim in payment.claims:
        yield from _of_claim(claim, payment.version)


def _of_claim(claim: Claim, version: str) -> Iterator[Finding]:
    entries = [*claim.adjustments, *(e for s in claim.services for e in s.adjustments)]
    charged = sum(service.charged_cents for service in claim.services)
    if claim.services and charged != claim.charged_cents:
        message = f"The lines charge {charged} cents, the claim {claim.charged_cents}."
        yield Finding("charge_sum", claim.where, message, advisory=True)
    share = sum(entry.amount_cents for entry in entries if entry.group == "PR")
    said = claim.patient_responsibility_cents
    if said is not None and said != share:
        message = f"CLP05 says {said} cents for the patient, the PR adjustments sum to {share}."
        yield Finding("patient_share", claim.where, message, advisory=True)
    if version == "5010" and any(entry.group == "CR" for entry in entries):
        message = "Group CR is none of 005010X221A1; a reversal is said by CLP02 22."
        yield Finding("group_version", claim.where, message, advisory=True)
