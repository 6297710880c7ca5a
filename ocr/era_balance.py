"""The three balance rules of an 835, with the exact place and cents, and what else is odd in it.

The rules are those of 005010X221A1 section 1.10.2.1: a line's charge less its adjustments is
what it pays; a claim's charge less its own and its lines' adjustments is what it pays; what the
claims pay less the provider's adjustments is the payment. AMT amounts are in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ocr.era_model import Adjustment, Claim, Imbalance, Transaction
from ocr.x12 import Finding


def imbalances(payment: Transaction) -> list[Imbalance]:
    """The service, claim and transaction rules that do not hold, in file order.

    The same for reversals (all amounts negative) as for payments. A rule that takes an amount
    that cannot be read does not hold.
    """
    found: list[Imbalance] = []
    for claim in payment.claims:
        adjusted = [entry.amount_cents for entry in claim.adjustments]
        for service in claim.services:
            own = [entry.amount_cents for entry in service.adjustments]
            adjusted += own
            expected = _less(service.charged_cents, own)
            if expected is None or expected != service.paid_cents:
                found.append(Imbalance("service", service.where, expected, service.paid_cents))
        expected = _less(claim.charged_cents, adjusted)
        if expected is None or expected != claim.paid_cents:
            found.append(Imbalance("claim", claim.where, expected, claim.paid_cents))
    if payment.total_paid_cents is not None:
        total = claims_less_adjustments(payment)
        if total != payment.total_paid_cents:
            where = f"transaction {payment.control_number}, {payment.where}"
            found.append(Imbalance("transaction", where, total, payment.total_paid_cents))
    return found


def claims_less_adjustments(payment: Transaction) -> int | None:
    """What a payment must be: its claims' payments less the provider adjustments, in cents.

    None where one of these amounts cannot be read.
    """
    paid = sum_of([claim.paid_cents for claim in payment.claims])
    return _less(paid, [entry.amount_cents for entry in payment.provider_adjustments])


def sum_of(amounts: Sequence[int | None]) -> int | None:
    """The sum; None where one of the amounts cannot be read."""
    known = [each for each in amounts if each is not None]
    return sum(known) if len(known) == len(amounts) else None


def patient_share(entries: Iterable[Adjustment]) -> int | None:
    """What the reasons of group PR leave to the patient; None where one cannot be read."""
    return sum_of([entry.amount_cents for entry in entries if entry.group == "PR"])


def _less(amount: int | None, taken: Sequence[int | None]) -> int | None:
    off = sum_of(taken)
    return None if amount is None or off is None else amount - off


def as_finding(entry: Imbalance) -> Finding:
    """An imbalance as a finding for a person."""
    return Finding(f"{entry.rule}_balance", entry.where, entry.told)


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
    charged = sum_of([service.charged_cents for service in claim.services])
    known = None not in (charged, claim.charged_cents)
    if claim.services and known and charged != claim.charged_cents:
        message = f"The lines charge {charged} cents, the claim {claim.charged_cents}."
        yield Finding("charge_sum", claim.where, message, advisory=True)
    share = patient_share(entries)
    said = claim.patient_responsibility_cents
    if None not in (said, share) and said != share:
        message = f"CLP05 says {said} cents for the patient, the PR adjustments sum to {share}."
        yield Finding("patient_share", claim.where, message, advisory=True)
    if version == "5010" and any(entry.group == "CR" for entry in entries):
        message = "Group CR is none of 005010X221A1; a reversal is said by CLP02 22."
        yield Finding("group_version", claim.where, message, advisory=True)
