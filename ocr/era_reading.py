"""An electronic 835 payment as a reading, in the shape paper remittances have too."""

from __future__ import annotations

from typing import Any

from ocr import era835
from ocr.era835 import Claim, Interchange, Service, Transaction
from ocr.fields import complete
from ocr.types import Field, Reading, ReadingWarning

# Electronic values are exact; what is left is a sender who wrote the wrong thing.
_SURE = 0.999
_WITH_FINDINGS = 0.97


def readings(interchange: Interchange) -> tuple[Reading, ...]:
    """One reading of kind ``remittance`` for each ST..SE, in file order."""
    return tuple(
        _reading(payment, number) for number, payment in enumerate(interchange.transactions)
    )


def _reading(payment: Transaction, number: int) -> Reading:
    broken = era835.imbalances(payment)
    sure = _WITH_FINDINGS if payment.findings else _SURE
    values: dict[str, Any] = {
        "payer_name": payment.payer_name,
        "payee_name": payment.payee_name,
        "payee_npi": payment.payee_npi,
        "payee_tax_id": payment.payee_tax_id,
        "payment_number": payment.payment_number,
        "payment_method": payment.payment_method,
        "payment_on": payment.payment_on,
        "total_paid_cents": payment.total_paid_cents,
        "claims": [_claim(claim) for claim in payment.claims],
        "provider_adjustments": [
            {"code": e.code, "amount_cents": e.amount_cents, "reference": e.reference}
            for e in payment.provider_adjustments
        ],
        "balanced": not broken and payment.total_paid_cents is not None,
        "imbalances": [
            {"where": e.where, "expected_cents": e.expected_cents, "found_cents": e.found_cents}
            for e in broken
        ],
    }
    fields = {
        name: None if value is None else Field(value, sure, source="x12")
        for name, value in values.items()
    }
    warnings = [ReadingWarning(f.code, f"{f.where}: {f.message}") for f in payment.findings]
    if broken:
        message = f"{len(broken)} balance rules of the remittance do not hold"
        warnings.append(ReadingWarning("unbalanced", message))
    return Reading(
        kind="remittance",
        confidence=1.0,
        pages=(),
        fields=complete("remittance", fields),
        warnings=tuple(warnings),
        transaction=number,
    )


def _claim(claim: Claim) -> dict[str, Any]:
    share = claim.patient_responsibility_cents
    entries = [*claim.adjustments, *(e for s in claim.services for e in s.adjustments)]
    if share is None:
        share = sum(entry.amount_cents for entry in entries if entry.group == "PR")
    day = claim.dates.get("232")
    return {
        "patient_name": claim.patient_name,
        "member_id": claim.member_id or claim.insured_id,
        "patient_account": claim.patient_account or None,
        "claim_number": claim.claim_number,
        "provider_name": claim.provider_name,
        "status": claim.status,
        "lines": [_line(service, day) for service in claim.services],
        "charged_cents": claim.charged_cents,
        "paid_cents": claim.paid_cents,
        "patient_responsibility_cents": share,
        "adjustments": [_adjustment(entry) for entry in claim.adjustments],
        "remarks": list(claim.remarks),
    }


def _line(service: Service, claim_day: str | None) -> dict[str, Any]:
    return {
        "service_on": service.service_on or claim_day,
        "procedure_code": service.procedure_code,
        "charged_cents": service.charged_cents,
        "allowed_cents": service.allowed_cents,
        "paid_cents": service.paid_cents,
        "patient_responsibility_cents": sum(
            entry.amount_cents for entry in service.adjustments if entry.group == "PR"
        ),
        "adjustments": [_adjustment(entry) for entry in service.adjustments],
        "modifiers": list(service.modifiers),
        "units": service.units or None,
        "remarks": list(service.remarks),
    }


def _adjustment(entry: era835.Adjustment) -> dict[str, Any]:
    return {"group": entry.group, "code": entry.code, "amount_cents": entry.amount_cents}
