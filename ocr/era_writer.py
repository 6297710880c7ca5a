"""A remittance reading written as an X12 835 that balances, for PMS that post only from one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from ocr import claim_codes, era835, era_documents, era_unknown
from ocr.era_guides import GUIDES, Guide
from ocr.era_text import clean, day, joined, money, number
from ocr.era_writer_amounts import refuse_unread
from ocr.era_writer_claims import claim_segments
from ocr.era_writer_details import contacts, limited
from records.errors import FindingError, WrongUse

_METHODS = {"ACH", "BOP", "CHK", "FWT", "NON"}
_HANDLING = {"C", "D", "H", "I", "P", "U", "X"}


@dataclass(frozen=True, slots=True)
class Written:
    """An 835 as text, and what the reading holds that its guide has no place for."""

    text: str
    left_out: tuple[str, ...] = ()


def write(
    reading: Mapping[str, Any],
    *,
    version: str = "5010",
    made_at: datetime | None = None,
    control_number: int = 1,
) -> str:
    """The text of ``compose``."""
    return compose(reading, version=version, made_at=made_at, control_number=control_number).text


def compose(
    reading: Mapping[str, Any],
    *,
    version: str = "5010",
    made_at: datetime | None = None,
    control_number: int = 1,
) -> Written:
    """An 835 from the contract's JSON: one document, or the whole answer of ``read``.

    A check in the same envelope as its EOB gives the payment its number and date
    (`era_documents`). Without adjustments, what a line's or claim's charge is above its allowed
    amount becomes CO 45, its patient share PR 192 and any other rest OA 192. What the guide asks
    for and nobody knows is written as not known (`era_unknown`), never made up. `FindingError`
    ``unbalanced_remittance`` names the place and cents when the amounts do not add up: such a
    file would be refused, or worse, posted; ``unread_amount`` names one that is not there.
    ``made_at`` defaults to the payment's date.
    """
    if version not in GUIDES:
        raise WrongUse(
            "unknown_version", f"There is no 835 version {version}.", "Use 5010 or 4010."
        )
    guide = GUIDES[version]
    values = era_documents.payments(reading)
    refuse_unread(values)
    stamp = made_at or _first_day(values)
    control = f"{control_number:09d}"
    receiver = (clean(values[0].get("payee_npi")) or "PROVIDER")[:15]
    left: list[str] = []
    segments = [
        ["ISA", "00", " " * 10, "00", " " * 10, "ZZ", "LOCKBOX".ljust(15), "ZZ",
         receiver.ljust(15), f"{stamp:%y%m%d}", f"{stamp:%H%M}", guide.repetition,
         guide.interchange, control, "0", "P", ":"],
        ["GS", "HP", "LOCKBOX", receiver, f"{stamp:%Y%m%d}", f"{stamp:%H%M}", str(control_number),
         "X", guide.implementation],
    ]  # fmt: skip
    for position, payment in enumerate(values, start=1):
        body = list(_transaction(payment, f"{position:04d}", stamp, guide, left))
        body.append(["SE", str(len(body) + 1), f"{position:04d}"])
        segments.extend(body)
    segments.append(["GE", str(len(values)), str(control_number)])
    segments.append(["IEA", "1", control])
    text = "".join(joined(segment) + "~\n" for segment in segments)
    _refuse_unbalanced(text)
    return Written(text, tuple(dict.fromkeys(left)))


def _refuse_unbalanced(text: str) -> None:
    for payment in era835.parse(text).transactions:
        for entry in era835.imbalances(payment):
            raise FindingError(
                "unbalanced_remittance",
                f"The {entry.rule} at {entry.where} does not balance: the parts give "
                f"{entry.expected_cents} cents, the remittance says {entry.found_cents}.",
                "Correct the amounts and write again.",
            )


def _first_day(values: Iterable[Mapping[str, Any]]) -> datetime:
    for payment in values:
        if payment.get("payment_on"):
            return datetime.fromisoformat(f"{payment['payment_on']}T00:00+00:00")
    raise WrongUse("no_date", "The remittance has no payment date.", "Say when it was made.")


def _transaction(
    payment: Mapping[str, Any], position: str, stamp: datetime, guide: Guide, left: list[str]
) -> Iterator[list[str]]:
    claims = payment.get("claims") or []
    adjustments = payment.get("provider_adjustments") or []
    electronic = payment.get("electronic") or {}
    total = payment.get("total_paid_cents")
    if total is None:
        total = sum(claim.get("paid_cents") or 0 for claim in claims)
        total -= sum(entry["amount_cents"] for entry in adjustments)
    if total < 0:
        raise FindingError(
            "negative_payment",
            f"The remittance sums to {total} cents; an 835 never pays less than nothing.",
            "Carry it forward with a provider adjustment FB of that amount (005010X221A1 "
            "1.10.2.17).",
        )
    paid_on = day(payment.get("payment_on")) or f"{stamp:%Y%m%d}"
    yield ["ST", "835", position]
    yield _payment(payment, electronic, total, paid_on)
    trace = number(payment.get("payment_number"), guide.widths["trace"], "payment number")
    yield [
        "TRN", "1", trace or era_unknown.NUMBER,
        clean(electronic.get("payer_identifier")) or era_unknown.PAYER_ID,
        clean(electronic.get("payer_supplement")),
    ]  # fmt: skip
    for qualifier in ("EV", "F2"):
        for entry in electronic.get("references") or []:
            if entry["qualifier"] == qualifier:
                yield ["REF", qualifier, clean(entry["value"])]
    if electronic.get("produced_on"):
        yield ["DTM", "405", day(electronic["produced_on"])]
    yield from _payer(payment, electronic.get("payer") or {}, guide, left)
    yield from _payee(payment, electronic.get("payee") or {}, guide, left)
    if electronic.get("others"):
        left.extend(f"segment {entry['segment']}" for entry in electronic["others"])
    yield from _claims(claims, guide, left)
    yield from _provider_adjustments(payment, adjustments, electronic, paid_on, guide)


def _payment(
    payment: Mapping[str, Any], electronic: Mapping[str, Any], total: int, paid_on: str
) -> list[str]:
    """BPR; a payment of nothing moves no money (BPR01 H, BPR04 NON) unless its payer said more."""
    method, handling = clean(payment.get("payment_method")), clean(electronic.get("handling_code"))
    if handling not in _HANDLING:
        handling = "I" if total else "H"
        method = method if total else "NON"
    return ["BPR", handling, money(total), "C",
            method if method in _METHODS else "CHK", *[""] * 11, paid_on]  # fmt: skip


def _payer(
    payment: Mapping[str, Any], said: Mapping[str, Any], guide: Guide, left: list[str]
) -> Iterator[list[str]]:
    """Loop 1000A. Both guides ask for an address and 5010 for a technical contact."""
    plan = clean(said.get("identifier")) if said.get("id_qualifier") == "XV" else ""
    name = clean(payment.get("payer_name"))[: guide.widths["organization"]]
    yield ["N1", "PR", name or era_unknown.TEXT, "XV" if plan else "", plan]
    address = era_documents.address(payment) or {}
    yield from _address(address, guide)
    yield from limited("REF", said.get("references"), "value", guide.payer_references, left)
    written = list(contacts(said.get("contacts"), ("CX", "BL", "IC"), left))
    technical = ["PER", "BL", era_unknown.TEXT]
    if guide.technical_contact:
        if not any(segment[1] == "BL" for segment in written):
            at = sum(segment[1] == "CX" for segment in written)
            written.insert(at, technical)
    else:
        left.extend("contact PER" for segment in written if segment[1] != "CX")
        written = [segment for segment in written if segment[1] == "CX"]
    yield from written


def _address(address: Mapping[str, Any], guide: Guide) -> Iterator[list[str]]:
    lines = [clean(line)[:55] for line in address.get("lines") or [] if clean(line)]
    city, state = clean(address.get("city"))[:30], clean(address.get("state"))
    postal = clean(address.get("postal_code")).replace("-", "").replace(" ", "")
    country = clean(address.get("country")) if not guide.address_needs_state else ""
    yield ["N3", *(lines[:2] or [era_unknown.TEXT])]
    yield ["N4", city or era_unknown.TEXT, state, postal, country]


def _payee(
    payment: Mapping[str, Any], said: Mapping[str, Any], guide: Guide, left: list[str]
) -> Iterator[list[str]]:
    """Loop 1000B: by NPI, else by tax number."""
    npi = clean(payment.get("payee_npi"))
    tax = clean(payment.get("payee_tax_id")).replace("-", "")  # paper prints 12-3456789
    name = clean(payment.get("payee_name"))[: guide.widths["organization"]]
    yield ["N1", "PE", name or era_unknown.TEXT, "XX" if npi else "FI",
           npi or tax or era_unknown.TAX_ID]  # fmt: skip
    if said.get("address"):
        yield from _address(said["address"], guide)
    references = [entry for entry in said.get("references") or [] if entry["qualifier"] != "TJ"]
    if npi and tax:
        references.append({"qualifier": "TJ", "value": tax})
    yield from limited("REF", references, "value", guide.payee_references, left)


def _claims(
    claims: Iterable[Mapping[str, Any]], guide: Guide, left: list[str]
) -> Iterator[list[str]]:
    """Loop 2000: an LX for every run of claims that stood under one."""
    for position, (header, members) in enumerate(
        groupby(claims, key=lambda claim: str(claim.get("header") or "")), start=1
    ):
        usual = header.isascii() and header.isdigit() and len(header) <= 6
        yield ["LX", header if usual else str(position)]
        for claim in members:
            yield from claim_segments(claim, guide, left)


def _provider_adjustments(
    payment: Mapping[str, Any],
    adjustments: list[Mapping[str, Any]],
    electronic: Mapping[str, Any],
    paid_on: str,
    guide: Guide,
) -> Iterator[list[str]]:
    """PLB, six pairs at most a segment.

    A reason that the list does not know is CS, the list's own "see the reference", with what was
    printed as the reference. The year end is the guide's where no other is known: December 31.
    """
    payee = clean(payment.get("payee_npi")) or clean(payment.get("payee_tax_id"))
    beside = electronic.get("provider_adjustments") or []
    if len(beside) != len(adjustments):
        beside = [{}] * len(adjustments)
    open_: list[str] = []
    for entry, more in zip(adjustments, beside, strict=True):
        code = clean(entry.get("code"))
        reference = clean(entry.get("reference"))
        if claim_codes.provider_adjustment_text(code) is None:
            code, reference = "CS", reference or code
        reference = number(reference, guide.widths["reference"], "reference of an adjustment")
        head = [
            "PLB", clean(more.get("provider")) or payee or era_unknown.TAX_ID,
            day(more.get("year_end_on")) or f"{paid_on[:4]}1231",
        ]  # fmt: skip
        if open_ and (open_[:3] != head or len(open_) == 15):
            yield open_
            open_ = []
        open_ = open_ or head
        open_ += [f"{code}:{reference}" if reference else code, money(entry["amount_cents"])]
    if open_:
        yield open_
