"""An electronic 835 payment as a reading, in the shape paper remittances have too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ocr import era835
from ocr.era_balance import patient_share
from ocr.era_model import (
    Adjustment,
    Claim,
    Contact,
    Interchange,
    Organization,
    Other,
    Party,
    Procedure,
    Service,
    Transaction,
)
from ocr.era_unknown import known
from ocr.fields import complete
from ocr.types import Field, Reading, ReadingWarning

# Electronic values are exact; what is left is a sender who wrote the wrong thing.
_SURE = 0.999
_WITH_FINDINGS = 0.97


def readings(interchange: Interchange) -> tuple[Reading, ...]:
    """One reading of kind ``remittance`` for each ST..SE, in file order."""
    return tuple(
        _reading(payment, number, payment.claims)
        for number, payment in enumerate(interchange.transactions)
    )


def readings_of(payments: Iterable[Transaction]) -> tuple[Reading, ...]:
    """One reading for each payment, in order.

    Each claim is taken out of its payment when it has been told, so that a long file is not held
    twice.
    """
    return tuple(
        _reading(payment, number, _taken(payment)) for number, payment in enumerate(payments)
    )


def _taken(payment: Transaction) -> Iterator[Claim]:
    payment.claims.reverse()
    while payment.claims:
        yield payment.claims.pop()


def _reading(payment: Transaction, number: int, claims: Iterable[Claim]) -> Reading:
    broken = era835.imbalances(payment)
    sure = _WITH_FINDINGS if payment.findings else _SURE
    values: dict[str, Any] = {
        "payer_name": known(payment.payer.name),
        "payee_name": known(payment.payee.name),
        "payee_npi": known(payment.payee_npi),
        "payee_tax_id": known(payment.payee_tax_id),
        "payment_number": known(payment.payment_number),
        "payment_method": payment.payment_method,
        "payment_on": payment.payment_on,
        "total_paid_cents": payment.total_paid_cents,
        "claims": [_claim(claim) for claim in claims],
        "provider_adjustments": [
            {"code": e.code, "amount_cents": e.amount_cents, "reference": e.reference}
            for e in payment.provider_adjustments
        ],
        "balanced": not (broken or _lost(payment)) and payment.total_paid_cents is not None,
        "imbalances": [
            {"where": e.where, "expected_cents": e.expected_cents, "found_cents": e.found_cents}
            for e in broken
        ],
        "electronic": _electronic(payment),
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


def _lost(payment: Transaction) -> bool:
    """Whether segments may be missing, or run into each other: what is left may balance.

    The same of a payment that says something twice: another may begin where its ST was lost.
    """
    return any(each.code in {"segment_count", "repeated_segment"} for each in payment.findings)


def _electronic(payment: Transaction) -> dict[str, Any]:
    """What only the electronic form says of a payment as a whole."""
    return {
        "version": payment.version or None,
        "control_number": payment.control_number,
        "handling_code": payment.handling_code or None,
        "produced_on": payment.produced_on,
        "payer_identifier": known(payment.payer_identifier),
        "payer_supplement": payment.payer_supplement or None,
        "references": _references(payment),
        "payer": _organization(payment.payer),
        "payee": _organization(payment.payee),
        "provider_adjustments": [
            {"provider": known(e.provider), "year_end_on": e.year_end_on or None}
            for e in payment.provider_adjustments
        ],
        "others": _others(payment.others),
    }


def _organization(said: Organization) -> dict[str, Any]:
    return {
        "id_qualifier": said.id_qualifier or None,
        "identifier": known(said.identifier),
        "address": _address(said),
        "contacts": _contacts(said.contacts),
        "references": _references(said),
    }


def _address(said: Organization) -> dict[str, Any] | None:
    address = said.address
    if address is None or not (known(address.city) or any(map(known, address.lines))):
        return None
    return {
        "lines": [line for line in address.lines if known(line)],
        "city": known(address.city),
        "state": address.state or None,
        "postal_code": address.postal_code or None,
        "country": address.country or None,
    }


def _contacts(contacts: Iterable[Contact]) -> list[dict[str, Any]]:
    return [
        {
            "function": each.function,
            "name": each.name or None,
            "numbers": [{"kind": kind, "number": number} for kind, number in each.numbers],
        }
        for each in contacts
    ]


def _references(owner: Transaction | Organization | Claim | Service) -> list[dict[str, str]]:
    return [{"qualifier": each.qualifier, "value": each.value} for each in owner.references]


def _others(others: Iterable[Other]) -> list[dict[str, Any]]:
    return [{"segment": each.segment, "elements": list(each.elements)} for each in others]


def _claim(claim: Claim) -> dict[str, Any]:
    share = claim.patient_responsibility_cents
    entries = [*claim.adjustments, *(e for s in claim.services for e in s.adjustments)]
    if share is None and not claim.share_unread:
        share = patient_share(entries)
    patient, insured, provider = (claim.party(role) for role in ("QC", "IL", "82"))
    member = known(patient.identifier if patient else None)
    return {
        "patient_name": _name(patient),
        "member_id": member or known(insured.identifier if insured else None),
        "patient_account": known(claim.patient_account),
        "claim_number": known(claim.claim_number),
        "provider_name": _name(provider),
        "status": claim.status,
        "lines": [_line(service, claim.date("232")) for service in claim.services],
        "charged_cents": claim.charged_cents,
        "paid_cents": claim.paid_cents,
        "patient_responsibility_cents": share,
        "adjustments": [_adjustment(entry) for entry in claim.adjustments],
        "remarks": list(claim.remarks),
        "corrected_patient_name": _name(claim.party("74")),
        "crossover_payer_name": _name(claim.party("TT")),
        "parties": [_party(each) for each in claim.parties],
        "filing_code": None if claim.filing_code == "ZZ" else claim.filing_code or None,
        "facility_code": claim.facility_code or None,
        "frequency_code": claim.frequency_code or None,
        "drg_code": claim.drg_code or None,
        "drg_weight": claim.drg_weight or None,
        "discharge_fraction": claim.discharge_fraction or None,
        "header": claim.header or None,
        "inpatient": dict(claim.inpatient or {}),
        "outpatient": dict(claim.outpatient or {}),
        "contacts": _contacts(claim.contacts),
    } | _details(claim)


def _name(party: Party | None) -> str | None:
    if party is None:
        return None
    parts = (party.first, party.middle, party.last, party.suffix)
    return " ".join(part for part in parts if known(part)) or None


def _party(party: Party) -> dict[str, Any]:
    names = ("last", "first", "middle", "suffix", "id_qualifier", "identifier")
    found = {name: known(getattr(party, name)) for name in names}
    return {"role": party.role, "entity": party.entity, **found}


def _details(owner: Claim | Service) -> dict[str, Any]:
    """What claims and lines can both have, by the standard's own qualifiers."""
    return {
        "references": _references(owner),
        "dates": [{"qualifier": each.qualifier, "on": each.on} for each in owner.dates],
        "amounts": [
            {"qualifier": each.qualifier, "amount_cents": each.amount_cents}
            for each in owner.amounts
        ],
        "quantities": [
            {"qualifier": each.qualifier, "quantity": each.quantity} for each in owner.quantities
        ],
        "others": _others(owner.others),
    }


def _line(service: Service, claim_day: str | None) -> dict[str, Any]:
    procedure = service.procedure
    return {
        "service_on": service.service_on or claim_day,
        "service_end_on": service.service_end_on,
        "procedure_code": procedure.code if procedure else None,
        "charged_cents": service.charged_cents,
        "allowed_cents": service.allowed_cents,
        "paid_cents": service.paid_cents,
        "patient_responsibility_cents": patient_share(service.adjustments),
        "adjustments": [_adjustment(entry) for entry in service.adjustments],
        "modifiers": list(procedure.modifiers) if procedure else [],
        "units": service.units or None,
        "remarks": [each.code for each in service.remarks if each.code_list == "HE"],
        "procedure_qualifier": procedure.qualifier if procedure else None,
        "description": (procedure.description or None) if procedure else None,
        "revenue_code": service.revenue_code or None,
        "original": _original(service.original),
        "original_units": service.original_units or None,
        "other_remarks": [
            {"code_list": each.code_list, "code": each.code}
            for each in service.remarks
            if each.code_list != "HE"
        ],
    } | _details(service)


def _original(procedure: Procedure | None) -> dict[str, Any] | None:
    if procedure is None:
        return None
    return {
        "procedure_qualifier": procedure.qualifier,
        "procedure_code": procedure.code,
        "modifiers": list(procedure.modifiers),
        "description": procedure.description or None,
    }


def _adjustment(entry: Adjustment) -> dict[str, Any]:
    found: dict[str, Any] = {
        "group": entry.group, "code": entry.code, "amount_cents": entry.amount_cents,
    }  # fmt: skip
    return found | {"quantity": entry.quantity} if entry.quantity else found
