"""What a drawn remittance says, in the contract's shape, as far as its layout prints it."""

from __future__ import annotations

from typing import Any

from bench.remittances.facts import Adjustment, Claim, Line, ProviderAdjustment, Remittance
from bench.remittances.make import hidden
from bench.remittances.traits import Traits


def truth(remittance: Remittance, traits: Traits) -> dict[str, Any]:
    """The contract's fields of a remittance.

    A key that is missing from a line or claim is not printed: nothing is asked of the reader
    there. ``group`` None: printed without a group.
    """
    return {
        "payer_name": remittance.payer.name,
        "payee_name": remittance.payee.name,
        "payee_npi": remittance.payee.npi,
        "payee_tax_id": remittance.payee.tax_id,
        "payment_number": remittance.payment_number,
        "payment_method": remittance.payment_method,
        "payment_on": remittance.payment_on.isoformat(),
        "total_paid_cents": remittance.total_paid_cents,
        "claims": [_claim(claim, traits) for claim in remittance.claims],
        "provider_adjustments": [
            _taken(entry, traits) for entry in remittance.provider_adjustments
        ],
        "balanced": True,
        "imbalances": [],
        "code_legend": dict(remittance.legend),
    }


def _taken(entry: ProviderAdjustment, traits: Traits) -> dict[str, Any]:
    made: dict[str, Any] = {"amount_cents": entry.cents, "reference": entry.reference}
    if traits.plb_code:
        made["code"] = entry.code
    return made


def _claim(claim: Claim, traits: Traits) -> dict[str, Any]:
    who = {
        "patient_name": claim.patient,
        "member_id": claim.member_id,
        "patient_account": claim.account,
        "claim_number": claim.claim_number,
        "provider_name": claim.provider,
    }
    made: dict[str, Any] = {name: text for name, text in who.items() if name in traits.who}
    if traits.status or claim.status == "22":
        made["status"] = claim.status
    made["lines"] = [_line(line, traits) for line in claim.lines]
    made["charged_cents"] = claim.total("charged_cents")
    made["paid_cents"] = claim.total("paid_cents")
    if traits.share:
        made["patient_responsibility_cents"] = claim.total("patient_cents")
    return made


def _line(line: Line, traits: Traits) -> dict[str, Any]:
    made: dict[str, Any] = {
        "service_on": line.service_on.isoformat(),
        "procedure_code": line.procedure,
        "charged_cents": line.charged_cents,
        "paid_cents": line.paid_cents,
        "modifiers": list(line.modifiers),
        "remarks": list(line.remarks),
    }
    if traits.units:
        made["units"] = line.units
    if traits.ranges and line.service_end_on is not None:
        made["service_end_on"] = line.service_end_on.isoformat()
    if traits.allowed:
        made["allowed_cents"] = line.allowed_cents
    if traits.share:
        made["patient_responsibility_cents"] = line.patient_cents
    printed = [a for a in line.adjustments if not hidden(traits, a)]
    if traits.columns or traits.reasons != "none":
        made["adjustments"] = [_adjustment(a, traits) for a in printed]
    return made


def _adjustment(adjustment: Adjustment, traits: Traits) -> dict[str, Any]:
    key = f"{adjustment.group}-{adjustment.code}"
    shown = traits.reasons == "grouped" and key not in traits.columns
    made: dict[str, Any] = {
        "group": adjustment.group if shown else None,
        "code": adjustment.code,
        "amount_cents": adjustment.cents,
    }
    if adjustment.own is not None:
        made["payer_code"] = adjustment.own
    return made
