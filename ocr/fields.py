"""The names of the fields each kind of document has (contract, ``read``)."""

from __future__ import annotations

from collections.abc import Mapping

from ocr.types import Field, Kind

FIELDS: dict[Kind, tuple[str, ...]] = {
    "check": (
        "routing_number", "account_number", "check_number", "aux_on_us", "on_us", "micr_line",
        "amount_cents", "courtesy_amount_cents", "legal_amount_cents", "date", "payer_name",
        "payer_address", "payee_name", "memo", "signed", "bank_name", "instrument",
    ),
    "check_back": ("endorsed", "restrictive"),
    "remittance": (
        "payer_name", "payee_name", "payee_npi", "payee_tax_id", "payment_number",
        "payment_method", "payment_on", "total_paid_cents", "claims", "provider_adjustments",
        "balanced", "imbalances",
    ),
    "coupon": (
        "account_number", "statement_number", "patient_name", "statement_on", "amount_due_cents",
        "amount_enclosed_cents", "scanline", "scanline_valid", "barcodes", "address_changed",
        "new_address",
    ),
    "returned_mail": (
        "reason", "endorsement_text", "addressee_name", "addressee_address", "forward_address",
        "return_address", "imb", "nixie",
    ),
    "correspondence": (),
    "envelope": (),
    "deposit_slip": (),
    "separator": (),
    "blank": (),
    "unknown": (),
}  # fmt: skip


def complete(kind: Kind, known: Mapping[str, Field | None]) -> dict[str, Field | None]:
    """Every contract field of ``kind`` in contract order, None where unread; extras follow."""
    fields: dict[str, Field | None] = {name: known.get(name) for name in FIELDS[kind]}
    fields.update({name: value for name, value in known.items() if name not in fields})
    return fields
