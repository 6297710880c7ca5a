"""A remittance reading written as an X12 835 that balances, for PMS that post only from one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ocr import era835
from ocr.x12 import decimal
from records.errors import FindingError, WrongUse

VERSIONS = {"5010": ("00501", "005010X221A1", "^"), "4010": ("00401", "004010X091A1", "U")}
_PAPER_METHODS = {"ACH", "BOP", "CHK", "FWT", "NON"}
# What paper often shows only as an amount: the standard's own reasons for them.
_CONTRACT = ("CO", "45")
_PATIENT = ("PR", "2")


def write(
    reading: Mapping[str, Any],
    *,
    version: str = "5010",
    made_at: datetime | None = None,
    control_number: int = 1,
) -> str:
    """An 835 from the contract's JSON: one document, or the whole answer of ``read``.

    ``reading`` maps ``fields`` to ``{value: ...}`` or plain values. Without adjustments, a line's
    or claim's patient share becomes PR 2 and the rest of the write-off CO 45. `FindingError`
    ``unbalanced_remittance`` names the place and cents when the amounts still do not add up:
    such a file would be refused, or worse, posted. ``made_at`` defaults to the payment's date.
    """
    if version not in VERSIONS:
        raise WrongUse(
            "unknown_version", f"There is no 835 version {version}.", "Use 5010 or 4010."
        )
    documents = _documents(reading)
    values = [_values(document) for document in documents]
    interchange, implementation, repetition = VERSIONS[version]
    stamp = made_at or _first_day(values)
    control = f"{control_number:09d}"
    receiver = (_clean(values[0].get("payee_npi")) or "PROVIDER")[:15]
    segments = [
        ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", "LOCKBOX".ljust(15), "ZZ",
         receiver.ljust(15), f"{stamp:%y%m%d}", f"{stamp:%H%M}", repetition, interchange, control,
         "0", "P", ":"],
        ["GS", "HP", "LOCKBOX", receiver, f"{stamp:%Y%m%d}", f"{stamp:%H%M}", str(control_number),
         "X", implementation],
    ]  # fmt: skip
    for number, payment in enumerate(values, start=1):
        body = _transaction(payment, f"{number:04d}", stamp)
        body.append(["SE", str(len(body) + 1), f"{number:04d}"])
        segments.extend(body)
    segments.append(["GE", str(len(values)), str(control_number)])
    segments.append(["IEA", "1", control])
    text = "".join(_joined(segment) + "~\n" for segment in segments)
    _refuse_unbalanced(text)
    return text


def _joined(segment: Sequence[str]) -> str:
    parts = list(segment)
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    return "*".join(parts)


def _refuse_unbalanced(text: str) -> None:
    for payment in era835.parse(text).transactions:
        for entry in era835.imbalances(payment):
            raise FindingError(
                "unbalanced_remittance",
                f"The {entry.rule} at {entry.where} does not balance: the parts give "
                f"{entry.expected_cents} cents, the remittance says {entry.found_cents}.",
                "Correct the amounts and write again.",
            )


def _documents(reading: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = reading.get("documents")
    if found is None:
        return [reading]
    chosen = [document for document in found if document.get("kind") == "remittance"]
    if not chosen:
        raise WrongUse("no_remittance", "The reading holds no remittance.", "Read an EOB first.")
    return chosen


def _values(document: Mapping[str, Any]) -> dict[str, Any]:
    fields = document.get("fields", document)
    return {
        name: field["value"] if isinstance(field, Mapping) and "value" in field else field
        for name, field in fields.items()
    }


def _first_day(values: Iterable[Mapping[str, Any]]) -> datetime:
    for payment in values:
        if payment.get("payment_on"):
            return datetime.fromisoformat(f"{payment['payment_on']}T00:00+00:00")
    raise WrongUse("no_date", "The remittance has no payment date.", "Say when it was made.")


def _clean(value: object) -> str:
    """Text without the delimiters, upper case, single spaces."""
    text = re.sub(r"[*~:^\x00-\x1f]", " ", str(value or "")).upper()
    return " ".join(text.split())


def _day(value: object) -> str:
    return str(value or "").replace("-", "")


def _transaction(payment: Mapping[str, Any], number: str, stamp: datetime) -> list[list[str]]:
    claims = payment.get("claims") or []
    adjustments = payment.get("provider_adjustments") or []
    total = payment.get("total_paid_cents")
    if total is None:
        total = sum(claim.get("paid_cents") or 0 for claim in claims)
        total -= sum(entry["amount_cents"] for entry in adjustments)
    method = _clean(payment.get("payment_method"))
    paid_on = _day(payment.get("payment_on")) or f"{stamp:%Y%m%d}"
    npi, tax = _clean(payment.get("payee_npi")), _clean(payment.get("payee_tax_id"))
    body = [
        ["ST", "835", number],
        ["BPR", "I", decimal(abs(total)), "D" if total < 0 else "C",
         method if method in _PAPER_METHODS else "CHK", *[""] * 11, paid_on],
        ["TRN", "1", _clean(payment.get("payment_number")) or "0", "1999999999"],
        ["DTM", "405", f"{stamp:%Y%m%d}"],
        ["N1", "PR", _clean(payment.get("payer_name")) or "UNKNOWN PAYER"],
        ["N1", "PE", _clean(payment.get("payee_name")) or "UNKNOWN PAYEE",
         "XX" if npi else "FI" if tax else "", npi or tax],
    ]  # fmt: skip
    if npi and tax:
        body.append(["REF", "TJ", tax])
    if claims:
        body.append(["LX", "1"])
    for claim in claims:
        body.extend(_claim(claim))
    if adjustments:
        provider = npi or tax or "UNKNOWN"
        year_end = f"{paid_on[:4]}1231"
        for entry in adjustments:
            reference = _clean(entry.get("reference"))
            code = f"{_clean(entry['code'])}:{reference}" if reference else _clean(entry["code"])
            body.append(["PLB", provider, year_end, code, decimal(entry["amount_cents"])])
    return body


def _claim(claim: Mapping[str, Any]) -> list[list[str]]:
    lines = claim.get("lines") or []
    paid = claim.get("paid_cents")
    if paid is None:
        paid = sum(line.get("paid_cents") or 0 for line in lines)
    charged = claim.get("charged_cents")
    if charged is None:
        charged = sum(line.get("charged_cents") or 0 for line in lines)
    share = claim.get("patient_responsibility_cents")
    segments = [
        ["CLP", _clean(claim.get("patient_account")) or "0", _clean(claim.get("status")) or "1",
         decimal(charged), decimal(paid), decimal(share) if share is not None else "", "12",
         _clean(claim.get("claim_number")) or "0"],
    ]  # fmt: skip
    own = [dict(entry) for entry in claim.get("adjustments") or []]
    if not all(line.get("procedure_code") for line in lines):
        # A service line needs its procedure; without it only the claim's sums can be said.
        own.extend(entry for line in lines for entry in _line_adjustments(line))
        lines = []
    written = [_line(line) for line in lines]
    if not lines and not own:
        own = _derived(charged, paid, share)
    segments.extend(_cas(own))
    segments.append(_person("QC", claim.get("patient_name"), _clean(claim.get("member_id"))))
    if claim.get("provider_name"):
        segments.append(["NM1", "82", "2", _clean(claim["provider_name"])])
    for group in written:
        segments.extend(group)
    return segments


def _person(role: str, name: object, identifier: str) -> list[str]:
    """NM1 of a patient: last word or what stands before a comma is the last name."""
    text = str(name or "")
    if "," in text:
        last, _, rest = text.partition(",")
        given = _clean(rest).split()
    else:
        *given, last = _clean(text).split() or ["UNKNOWN"]
    first = given[0] if given else ""
    middle = " ".join(given[1:])
    tail = ["MI", identifier] if identifier else ["", ""]
    return ["NM1", role, "1", _clean(last), first, middle, "", "", *tail]


def _line(line: Mapping[str, Any]) -> list[list[str]]:
    charged, paid = line.get("charged_cents") or 0, line.get("paid_cents") or 0
    code = _clean(line["procedure_code"])
    qualifier = "AD" if re.fullmatch(r"D\d{4}", code) else "HC"
    modifiers = "".join(f":{_clean(modifier)}" for modifier in line.get("modifiers") or [])
    segments = [
        ["SVC", f"{qualifier}:{code}{modifiers}", decimal(charged), decimal(paid), "",
         _clean(line.get("units")) or "1"],
    ]  # fmt: skip
    if line.get("service_on"):
        segments.append(["DTM", "472", _day(line["service_on"])])
    segments.extend(_cas(_line_adjustments(line)))
    if line.get("allowed_cents") is not None:
        segments.append(["AMT", "B6", decimal(line["allowed_cents"])])
    segments.extend(["LQ", "HE", _clean(remark)] for remark in line.get("remarks") or [])
    return segments


def _line_adjustments(line: Mapping[str, Any]) -> list[dict[str, Any]]:
    entries = [dict(entry) for entry in line.get("adjustments") or []]
    charged, paid = line.get("charged_cents") or 0, line.get("paid_cents") or 0
    return entries or _derived(charged, paid, line.get("patient_responsibility_cents"))


def _derived(charged: int, paid: int, share: int | None) -> list[dict[str, Any]]:
    """The adjustments that a charge, a payment and a patient share imply."""
    patient = share or 0
    entries = [
        {"group": _CONTRACT[0], "code": _CONTRACT[1], "amount_cents": charged - paid - patient},
        {"group": _PATIENT[0], "code": _PATIENT[1], "amount_cents": patient},
    ]
    return [entry for entry in entries if entry["amount_cents"]]


def _cas(entries: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """CAS segments: one a group, six reasons at most in each."""
    by_group: dict[str, list[Mapping[str, Any]]] = {}
    for entry in entries:
        by_group.setdefault(_clean(entry["group"]), []).append(entry)
    segments: list[list[str]] = []
    for group, members in by_group.items():
        for start in range(0, len(members), 6):
            segment = ["CAS", group]
            for entry in members[start : start + 6]:
                segment.extend([_clean(entry["code"]), decimal(entry["amount_cents"]), ""])
            segments.append(segment)
    return segments
