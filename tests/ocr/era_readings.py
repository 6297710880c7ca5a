"""Remittance readings as Hypothesis makes them, with everything that an 835 has a place for."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st

from ocr import era_medicare as medicare
from ocr.era_guides import GUIDES, Guide, Some

_word = st.text("ABCDEFGHIJKLMNOP", min_size=2, max_size=9)
_number = st.builds("{}{}".format, st.sampled_from("123456789AB"),
                    st.text("0123456789ABC", min_size=1, max_size=11))  # fmt: skip
_cents = st.integers(0, 500_000)
_day = st.dates(min_value=date(1900, 1, 1)).map(lambda day: day.isoformat())
_reason = st.sampled_from(["1", "2", "3", "45", "96", "97", "B12", "253"])
_remarks = st.sampled_from(["N130", "MA01", "M15", "N30"])


def _some(some: Some, value: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    entry = st.fixed_dictionaries({"qualifier": st.sampled_from(some.qualifiers), value: values})
    return st.lists(entry, max_size=min(3, some.most), unique_by=lambda each: each["qualifier"])


@st.composite
def _adjustments(draw: st.DrawFn, sign: int) -> list[dict[str, Any]]:
    found = []
    for group in draw(st.lists(st.sampled_from(["CO", "OA", "PI", "PR"]), max_size=3, unique=True)):
        for _ in range(draw(st.integers(1, 7))):
            entry = {"group": group, "code": draw(_reason), "amount_cents": sign * draw(_cents)}
            if draw(st.booleans()):
                entry["quantity"] = draw(st.sampled_from(["1", "2.5"]))
            found.append(entry)
    return found


@st.composite
def _line(draw: st.DrawFn, guide: Guide, sign: int) -> dict[str, Any]:
    entries = draw(_adjustments(sign))
    paid = sign * draw(_cents)
    last = draw(st.none() | _day)
    codes = draw(st.sampled_from([("AD", "D1110"), ("HC", "99213"), ("HC", "J3301"), ("N4", "11")]))
    references = [each for some in guide.line_references
                  for each in draw(_some(some, "value", _number))]  # fmt: skip
    amounts = draw(_some(guide.line_amounts, "amount_cents", _cents))
    return {
        "service_on": draw(_day) if last else draw(st.none() | _day),
        "service_end_on": last,
        "procedure_code": codes[1],
        "procedure_qualifier": codes[0],
        "modifiers": draw(st.lists(st.sampled_from(["59", "26", "TC", "LT"]), max_size=4)),
        "units": draw(st.sampled_from([None, "1", "2", "0.5"])),
        "revenue_code": draw(st.sampled_from([None, "0450"])),
        "charged_cents": paid + sum(entry["amount_cents"] for entry in entries),
        "paid_cents": paid,
        "allowed_cents": next((a["amount_cents"] for a in amounts if a["qualifier"] == "B6"), None),
        "patient_responsibility_cents": sum(
            entry["amount_cents"] for entry in entries if entry["group"] == "PR"
        ),
        "adjustments": entries,
        "remarks": draw(st.lists(_remarks, max_size=2)),
        "other_remarks": draw(st.sampled_from([[], [{"code_list": "RX", "code": "70"}]])),
        "original": draw(st.none() | st.just({"procedure_qualifier": "HC", "modifiers": ["59"],
                                              "procedure_code": "99214", "description": "VISIT"})),
        "original_units": draw(st.sampled_from([None, "3"])),
        "references": references,
        "amounts": amounts,
        "quantities": draw(_some(guide.line_counts, "quantity", st.sampled_from(["1", "2.5"]))),
    }  # fmt: skip


@st.composite
def _party(draw: st.DrawFn, role: str, guide: Guide) -> dict[str, Any]:
    person = role in {"IL", "74", "GB"} or (role == "82" and draw(st.booleans()))
    return {
        "role": role,
        "entity": "1" if person else "2",
        "last": draw(_word),
        "first": draw(_word) if person else None,
        "middle": draw(st.none() | _word) if person else None,
        "suffix": draw(st.sampled_from([None, "JR"])) if person else None,
        "id_qualifier": draw(st.sampled_from(guide.party_ids[role])),
        "identifier": draw(_number),
    }


@st.composite
def _claim(draw: st.DrawFn, guide: Guide) -> dict[str, Any]:
    sign = draw(st.sampled_from([1, 1, -1]))
    own = draw(_adjustments(sign))
    lines = draw(st.lists(_line(guide, sign), max_size=3))
    off = [*own, *(entry for line in lines for entry in line["adjustments"])]
    charged = sum(line["charged_cents"] for line in lines)
    if not lines:
        charged = sum(entry["amount_cents"] for entry in own) + (sign * draw(_cents) if own else 0)
    patient = {"role": "QC", "entity": "1", "last": draw(_word), "first": draw(_word),
               "middle": draw(st.none() | _word), "suffix": draw(st.sampled_from([None, "SR"])),
               "id_qualifier": "MI", "identifier": draw(_number)}  # fmt: skip
    roles = [role for role in ("IL", "74", "82", "TT", "PR", "GB")
             if role in guide.party_ids and draw(st.booleans())]  # fmt: skip
    parties = [patient, *(draw(_party(role, guide)) for role in roles)]
    named = {each["role"]: " ".join(filter(None, (each[part] for part in
             ("first", "middle", "last", "suffix")))) for each in parties}  # fmt: skip
    stay = draw(st.booleans())
    return {
        "patient_name": named["QC"],
        "member_id": patient["identifier"],
        "patient_account": draw(_number),
        "claim_number": draw(_number),
        "provider_name": named.get("82"),
        "corrected_patient_name": named.get("74"),
        "crossover_payer_name": named.get("TT"),
        "parties": parties,
        "status": "22" if sign < 0 else draw(st.sampled_from(["1", "2", "3", "4", "19"])),
        "filing_code": draw(st.sampled_from([None, "12", "MB", "WC"])),
        "facility_code": draw(st.sampled_from([None, "11"])),
        "frequency_code": draw(st.sampled_from([None, "1", "7"])),
        "lines": lines,
        "charged_cents": charged,
        "paid_cents": charged - sum(entry["amount_cents"] for entry in off),
        "patient_responsibility_cents": sum(
            entry["amount_cents"] for entry in off if entry["group"] == "PR"
        ),
        "adjustments": own,
        "remarks": draw(st.lists(_remarks, max_size=5)),
        "inpatient": {"covered_days": "3"} | {
            name: draw(_cents) for name in medicare.INPATIENT_CENTS.values() if draw(st.booleans())
        } if stay else {},
        "outpatient": {} if stay else {
            name: draw(_cents) for name in medicare.OUTPATIENT_CENTS.values()
            if draw(st.booleans())
        },
        "references": [each for some in guide.claim_references
                       for each in draw(_some(some, "value", _number))],
        "dates": [{"qualifier": q, "on": draw(_day)}
                  for q in guide.claim_dates.qualifiers if draw(st.booleans())],
        "contacts": draw(st.sampled_from([[], [{"function": "CX", "name": "DESK", "numbers": [
            {"kind": "TE", "number": "5550100200"}]}]])),
        "amounts": draw(_some(guide.claim_amounts, "amount_cents", _cents)),
        "quantities": draw(_some(guide.claim_counts, "quantity", st.sampled_from(["1", "8"]))),
    }  # fmt: skip


@st.composite
def remittances(draw: st.DrawFn, version: str) -> dict[str, Any]:
    """A balanced remittance whose payer's address is known."""
    guide = GUIDES[version]
    claims = draw(st.lists(_claim(guide), max_size=2))
    taken = [
        {"code": draw(st.sampled_from(["WO", "L6", "FB", "CS"])), "reference": draw(_number),
         "amount_cents": draw(st.integers(-50_000, 50_000))}
        for _ in range(draw(st.integers(0, 2)))
    ]  # fmt: skip
    paid = sum(c["paid_cents"] for c in claims) - sum(t["amount_cents"] for t in taken)
    if paid < 0:
        taken.append({"code": "FB", "amount_cents": paid, "reference": "NEXT"})
        paid = 0
    return {
        "payer_name": draw(_word),
        "payer_address": {"lines": ["1 MAIN ST"], "city": "TOWN", "state": "OH",
                          "postal_code": "44101"},
        "payee_name": draw(_word),
        "payee_npi": draw(st.sampled_from([None, "1234567893"])),
        "payee_tax_id": "123456789",
        "payment_number": draw(_number),
        "payment_method": draw(st.sampled_from(["CHK", "ACH"])) if paid else "NON",
        "payment_on": draw(_day),
        "total_paid_cents": paid,
        "claims": claims,
        "provider_adjustments": taken,
    }  # fmt: skip
