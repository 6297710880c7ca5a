"""The claims of an 835 that is written: CLP, adjustments, lines, in the guide's order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ocr import era_medicare as medicare
from ocr import era_unknown
from ocr.era_guides import Guide
from ocr.era_text import clean, day, money, number
from ocr.era_writer_adjustments import cas, derived
from ocr.era_writer_details import contacts, limited, note_others
from ocr.era_writer_parties import parties
from records.errors import FindingError

_REMARK = re.compile(r"(MA?|N)\d{1,4}")
_SERVICE_DAYS = ("472", "150", "151")


def claim_segments(claim: Mapping[str, Any], guide: Guide, left: list[str]) -> Iterator[list[str]]:
    """Loop 2100 with its lines (2110); ``left`` takes what the guide has no place for."""
    lines = claim.get("lines") or []
    own = [dict(entry) for entry in claim.get("adjustments") or []]
    if not all(line.get("procedure_code") for line in lines):
        # A service line needs its procedure; without it only the claim's sums can be said.
        own.extend(entry for line in lines for entry in _line_adjustments(line))
        lines = []
    charged, paid = _sum(claim, "charged_cents"), _sum(claim, "paid_cents")
    share = claim.get("patient_responsibility_cents")
    status, filing = clean(claim.get("status")), clean(claim.get("filing_code"))
    yield [
        "CLP", number(claim.get("patient_account"), 38, "patient account") or era_unknown.NUMBER,
        status if status in guide.statuses else "1",
        money(charged), money(paid), money(share) if share is not None else "",
        filing if filing in guide.filing else "ZZ",
        number(claim.get("claim_number"), guide.widths["claim_number"], "claim number")
        or era_unknown.NUMBER,
        clean(claim.get("facility_code")), clean(claim.get("frequency_code")), "",
        clean(claim.get("drg_code")), clean(claim.get("drg_weight")),
        clean(claim.get("discharge_fraction")),
    ]  # fmt: skip
    if not lines and not own:
        own = derived(charged, paid, share, claim.get("allowed_cents"))
    yield from cas(own, share if not lines else None, guide)
    yield from parties(claim, guide, left)
    yield from _adjudication(claim, left)
    for some in guide.claim_references:
        yield from limited("REF", claim.get("references"), "value", some, None)
    note_others("REF", claim.get("references"), guide.claim_references, left)
    dates = [{**entry, "on": day(entry["on"])} for entry in claim.get("dates") or []]
    yield from limited("DTM", dates, "on", guide.claim_dates, left)
    yield from list(contacts(claim.get("contacts"), ("CX",), left))[: guide.claim_contacts]
    yield from limited("AMT", _amounts(claim), "amount", guide.claim_amounts, left)
    yield from limited("QTY", claim.get("quantities"), "quantity", guide.claim_counts, left)
    left.extend(f"segment {entry['segment']}" for entry in claim.get("others") or [])
    for line in lines:
        yield from _line(line, claim, guide, left)


def _sum(claim: Mapping[str, Any], name: str) -> int:
    said = claim.get(name)
    if said is not None:
        return int(said)
    return sum(line.get(name) or 0 for line in claim.get("lines") or [])


def _amounts(owner: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"qualifier": entry["qualifier"], "amount": money(entry["amount_cents"])}
        for entry in owner.get("amounts") or []
    ]


def _adjudication(claim: Mapping[str, Any], left: list[str]) -> Iterator[list[str]]:
    """MIA and MOA; a claim's remark codes stand in the one that it has, else in MOA."""
    inpatient, outpatient = claim.get("inpatient") or {}, claim.get("outpatient") or {}
    said = [clean(code) for code in claim.get("remarks") or []]
    left.extend(f"remark {code}" for code in said if not _REMARK.fullmatch(code))
    remarks = [code for code in said if _REMARK.fullmatch(code)]
    if inpatient:
        taken = remarks if not outpatient else remarks[: max(0, len(remarks) - 5)]
        yield _named("MIA", inpatient, taken, 24, medicare.INPATIENT_TEXT,
                     medicare.INPATIENT_CENTS, medicare.INPATIENT_REMARKS)  # fmt: skip
        remarks = remarks[len(taken) :]
    if outpatient or remarks:
        yield _named("MOA", outpatient, remarks, 9, medicare.OUTPATIENT_TEXT,
                     medicare.OUTPATIENT_CENTS, medicare.OUTPATIENT_REMARKS)  # fmt: skip


def _named(
    name: str,
    values: Mapping[str, Any],
    remarks: Sequence[str],
    most: int,
    texts: Mapping[int, str],
    amounts: Mapping[int, str],
    places: Sequence[int],
) -> list[str]:
    if len(remarks) > len(places):
        raise FindingError(
            "too_many_remarks",
            f"The claim has {len(remarks)} remark codes; an 835 takes {len(places)} of a claim.",
            "Put them on the lines that they are about.",
        )
    segment = [name, *[""] * most]
    for place, key in texts.items():
        segment[place] = clean(values.get(key))
    for place, key in amounts.items():
        segment[place] = money(values[key]) if values.get(key) is not None else ""
    for place, code in zip(places, remarks, strict=False):
        segment[place] = code
    if name == "MIA" and not segment[1]:
        segment[1] = "0"  # MIA01 must stand; 0 is the guide's for a stay without covered days
    return segment


def _line(
    line: Mapping[str, Any], claim: Mapping[str, Any], guide: Guide, left: list[str]
) -> Iterator[list[str]]:
    original = line.get("original")
    yield [
        "SVC", _composite(line, guide, left), money(line.get("charged_cents")),
        money(line.get("paid_cents")), clean(line.get("revenue_code")), clean(line.get("units")),
        _composite(original, guide, left, described=True) if original else "",
        clean(line.get("original_units")),
    ]  # fmt: skip
    yield from _service_days(line, claim)
    yield from cas(_line_adjustments(line), line.get("patient_responsibility_cents"), guide)
    for some in guide.line_references:
        yield from limited("REF", line.get("references"), "value", some, None)
    note_others("REF", line.get("references"), guide.line_references, left)
    amounts = [entry for entry in _amounts(line) if entry["qualifier"] != "B6"]
    if line.get("allowed_cents") is not None:
        amounts.insert(0, {"qualifier": "B6", "amount": money(line["allowed_cents"])})
    yield from limited("AMT", amounts, "amount", guide.line_amounts, left)
    yield from limited("QTY", line.get("quantities"), "quantity", guide.line_counts, left)
    for remark in line.get("remarks") or []:
        if _REMARK.fullmatch(clean(remark)):
            yield ["LQ", "HE", clean(remark)]
        else:
            left.append(f"remark {clean(remark)}")
    for entry in line.get("other_remarks") or []:
        if entry["code_list"] == "RX":
            yield ["LQ", "RX", clean(entry["code"])]
        else:
            left.append(f"LQ {entry['code_list']}")
    left.extend(f"segment {entry['segment']}" for entry in line.get("others") or [])


def _composite(
    said: Mapping[str, Any], guide: Guide, left: list[str], *, described: bool = False
) -> str:
    """SVC01 or SVC06. CDT codes are AD, the rest HC, unless the payer says otherwise."""
    code = clean(said["procedure_code"])
    qualifier = clean(said.get("procedure_qualifier"))
    if qualifier not in guide.procedures:
        qualifier = "AD" if re.fullmatch(r"D\d{4}", code) else "HC"
    modifiers = [clean(each) for each in said.get("modifiers") or []]
    fitting = [each for each in modifiers if len(each) == 2][:4]
    left.extend(f"modifier {each}" for each in modifiers if each not in fitting)
    parts = [qualifier, code, *fitting]
    text = clean(said.get("description"))[:80]
    if text and (described or guide.description):
        parts += [""] * (6 - len(parts)) + [text]
    elif text:
        left.append("description of a procedure")
    return ":".join(parts)


def _service_days(line: Mapping[str, Any], claim: Mapping[str, Any]) -> Iterator[list[str]]:
    """DTM 472, or 150 and 151; a day that the claim itself says stays with the claim."""
    first, last = line.get("service_on"), line.get("service_end_on")
    said = [entry for entry in line.get("dates") or [] if entry["qualifier"] in _SERVICE_DAYS]
    of_claim = {entry["on"] for entry in claim.get("dates") or [] if entry["qualifier"] == "232"}
    begins = [entry for entry in said if entry["qualifier"] != "151"]
    if first and all(entry["on"] == first for entry in begins) and (begins or first in of_claim):
        for entry in begins:
            yield ["DTM", entry["qualifier"], day(first)]
    elif first:
        yield ["DTM", "150" if last else "472", day(first)]
    if last:
        yield ["DTM", "151", day(last)]


def _line_adjustments(line: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The line's reasons; paper that prints none has them implied by its other amounts.

    Where it prints an allowed amount and reasons only for the rest, what the charge is above it
    is CO 45, as that code says.
    """
    entries = [dict(entry) for entry in line.get("adjustments") or []]
    charged, paid = line.get("charged_cents") or 0, line.get("paid_cents") or 0
    allowed = line.get("allowed_cents")
    if not entries:
        return derived(charged, paid, line.get("patient_responsibility_cents"), allowed)
    rest = charged - paid - sum(entry["amount_cents"] for entry in entries)
    if rest and allowed and rest == charged - allowed:
        entries.append({"group": "CO", "code": "45", "amount_cents": rest})
    return entries
