"""From the JSON of ``lockbox read`` to the payments that an 835 is written of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from records.errors import WrongUse

_LAST_LINE = re.compile(
    r"^(?P<street>.*?),\s*(?P<city>[A-Z][A-Z .'-]*?),?\s+(?P<state>[A-Z]{2})\s+"
    r"(?P<zip>\d{5}(?:-?\d{4})?)$"
)


def payments(reading: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Field values of each remittance: of one document, or of the whole answer of ``read``.

    ``fields`` map names to ``{value: ...}`` or plain values. A remittance that lies with one
    check in the same envelope, and is the only one there, is paid by that check: its number, date
    and amount are the payment's (BPR04 CHK, TRN02, BPR16, BPR02).
    """
    documents = reading.get("documents")
    if documents is None:
        return [_values(reading)]
    chosen = [document for document in documents if document.get("kind") == "remittance"]
    if not chosen:
        raise WrongUse("no_remittance", "The reading holds no remittance.", "Read an EOB first.")
    return [_with_check(document, chosen, documents) for document in chosen]


def _with_check(
    document: Mapping[str, Any], chosen: list[Mapping[str, Any]], documents: list[Mapping[str, Any]]
) -> dict[str, Any]:
    values = _values(document)
    envelope = document.get("transaction")
    key = (document.get("source"), envelope)

    def beside(other: Mapping[str, Any]) -> bool:
        return (other.get("source"), other.get("transaction")) == key

    checks = [other for other in documents if other.get("kind") == "check" and beside(other)]
    if envelope is None or len(checks) != 1 or sum(map(beside, chosen)) != 1:
        return values
    check = _values(checks[0])
    said = {
        "payment_number": check.get("check_number"),
        "payment_on": check.get("date"),
        "total_paid_cents": check.get("amount_cents"),
        "payment_method": "CHK",
    }
    for name in ("payer_name", "payer_address"):
        said[name] = values.get(name) or check.get(name)
    return values | {name: value for name, value in said.items() if value is not None}


def _values(document: Mapping[str, Any]) -> dict[str, Any]:
    fields = document.get("fields", document)
    return {
        name: field["value"] if isinstance(field, Mapping) and "value" in field else field
        for name, field in fields.items()
    }


def address(payment: Mapping[str, Any]) -> dict[str, Any] | None:
    """The payer's address as ``{lines, city, state, postal_code}``; None when it is not known.

    Print (``1 MAIN ST, TOWN, ST 12345``, or on lines) counts where street and town are parted and
    the end is surely a state and ZIP.
    """
    said = payment.get("payer_address")
    electronic = payment.get("electronic") or {}
    if said is None:
        said = (electronic.get("payer") or {}).get("address")
    if isinstance(said, Mapping):
        return dict(said)
    lines = str(said or "").upper().splitlines()
    text = ", ".join(" ".join(line.split()).strip(" ,") for line in lines)[:200]
    found = _LAST_LINE.match(text)
    if found is None or not found["street"].strip(" ,"):
        return None
    return {
        "lines": [found["street"].strip(" ,")],
        "city": found["city"].strip(" ,"),
        "state": found["state"],
        "postal_code": found["zip"].replace("-", ""),
    }
