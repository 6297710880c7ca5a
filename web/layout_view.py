"""The columns of a payer's layout as the page of a remittance shows them: unknown ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from records.models import PageImage
from web import pictures

# What people call the roles, in the order of a line; what is not here is told by its own name.
LABELS: Final[Mapping[str, str]] = {
    "service_on": "Service date",
    "service_end_on": "Service date, to",
    "procedure_code": "Procedure code",
    "modifiers": "Modifiers",
    "charged_cents": "Charged",
    "allowed_cents": "Allowed",
    "discount": "Discount, write-off",
    "not_covered": "Not covered",
    "deductible": "Deductible",
    "coinsurance": "Coinsurance",
    "copay": "Copay",
    "shared_cost": "Deductible, coinsurance and copay in one",
    "other_paid": "Paid by another insurer",
    "patient_responsibility_cents": "Patient share",
    "paid_cents": "Paid",
    "adjusted": "Adjustment, amount",
    "reasons": "Adjustment, codes",
    "group": "Adjustment, group",
    "withheld": "Withheld",
    "interest": "Interest",
    "patient_name": "Patient",
    "patient_account": "Patient account",
    "member_id": "Member ID",
    "claim_number": "Claim number",
    "provider_name": "Provider",
    "units": "Units",
    "tooth": "Tooth, surface: not used",
    "description": "Description: not used",
    "rate": "Percent: not used",
    "line_number": "Line number: not used",
}


def layout_of(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The layout that a stored reading names, None where its table was not recognised."""
    found = (body.get("fields") or {}).get("layout")
    value = found.get("value") if isinstance(found, Mapping) else None
    return value if isinstance(value, Mapping) and value.get("columns") else None


def shown(
    body: Mapping[str, Any], page_ids: Sequence[str], rows: Mapping[str, PageImage]
) -> dict[str, Any] | None:
    """The columns, those nobody knows first, each with the strip of the page it stands in."""
    layout = layout_of(body)
    if layout is None:
        return None
    page = next((rows[each] for each in page_ids if each in rows), None)
    columns = [
        {"index": index, "header": each.get("header") or "", "role": each.get("role") or "",
         **_strip(each, page)}
        for index, each in enumerate(layout["columns"])
    ]  # fmt: skip
    columns.sort(key=lambda each: (bool(each["role"]), each["index"]))
    return {
        "payer": layout.get("payer") or "",
        "columns": columns,
        "unknown": sum(not each["role"] for each in columns),
    }


def _strip(column: Mapping[str, Any], page: PageImage | None) -> dict[str, str]:
    if page is None:
        return {"page": "", "box": ""}
    tab = pictures.tab(page, "")
    left, right = float(column.get("left") or 0.0), float(column.get("right") or 0.0)
    wide = int(tab["width"])
    box = (int(left * wide), 0, max(1, int((right - left) * wide)), int(tab["height"]))
    return {"page": page.id, "box": ",".join(str(each) for each in box)}
