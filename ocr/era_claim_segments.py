"""The segments of one claim of an 835 (loops 2100 and 2110), and how any element is read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from sys import intern

from ocr import claim_codes, x12
from ocr import era_medicare as medicare
from ocr.era_model import (
    Adjustment,
    Amount,
    Claim,
    Day,
    Organization,
    Other,
    Party,
    Procedure,
    Quantity,
    Remark,
    Service,
    Transaction,
    more,
)
from ocr.x12 import Finding, Segment

_DAY = re.compile(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
_ODD_COMPOSITE = re.compile(r"^([A-Z0-9]{2})([^A-Za-z0-9 ])(?=[A-Za-z0-9])")


_day = lru_cache(maxsize=1024)(Day)
_procedure = lru_cache(maxsize=1024)(Procedure)


class ClaimReader:
    """What is open while the segments go by, and what each segment of a claim does to it."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.version = ""
        self.transaction: Transaction | None = None
        self.claim: Claim | None = None
        self.service: Service | None = None
        self.organization: Organization | None = None
        self.header = ""

    def note(self, code: str, where: str, message: str, *, advisory: bool = False) -> None:
        """A finding of the file, and of the payment that is being read."""
        finding = Finding(code, where, message, advisory)
        self.findings.append(finding)
        if self.transaction is not None:
            self.transaction.findings.append(finding)

    def cents(self, segment: Segment, position: int, *, required: bool = True) -> int | None:
        """An element as cents; a finding and None when it is no amount."""
        text = segment.get(position)
        if not text.strip() and not required:
            return None
        try:
            return x12.cents(text)
        except ValueError as error:
            place = f"{segment.where} element {position}"
            self.note("bad_amount", place, f"{segment.name}{position:02d} is {error}.")
            return None

    def date(self, segment: Segment, position: int) -> str | None:
        """An element as an ISO date; a finding and None when it is none."""
        text = segment.get(position).strip()
        if not text:
            return None
        if _DAY.fullmatch(text):
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        place = f"{segment.where} element {position}"
        self.note("bad_date", place, f"{segment.name}{position:02d} is not a date CCYYMMDD.")
        return None

    def keep(self, segment: Segment) -> None:
        """A segment with no place of its own, beside what it stands in."""
        owner = self.service or self.claim or self.transaction
        if owner is None:
            message = f"{segment.name or 'An empty segment'} stands outside a transaction."
            self.note("segment_order", segment.where, message)
            return
        owner.others = more(owner.others, Other(intern(segment.name), segment.elements[1:]))

    def _open(self, segment: Segment) -> Transaction | None:
        if self.transaction is None:
            message = f"{segment.name} stands outside a transaction."
            self.note("segment_order", segment.where, message)
        return self.transaction

    def claim_payment(self, segment: Segment) -> None:
        """CLP: a claim begins."""
        payment = self._open(segment)
        if payment is None:
            return
        charged, paid = self.cents(segment, 3), self.cents(segment, 4)
        share = self.cents(segment, 5, required=False)
        self.service = self.organization = None
        self.claim = Claim(
            where=f"claim {len(payment.claims) + 1} {segment.get(1)}, {segment.where}",
            patient_account=segment.get(1),
            status=intern(segment.get(2)),
            charged_cents=charged,
            paid_cents=paid,
            patient_responsibility_cents=share,
            share_unread=share is None and bool(segment.get(5).strip()),
            claim_number=segment.get(7) or None,
            filing_code=intern(segment.get(6)),
            facility_code=intern(segment.get(8)),
            frequency_code=intern(segment.get(9)),
            drg_code=segment.get(11),
            drg_weight=segment.get(12),
            discharge_fraction=segment.get(13),
            header=self.header,
        )
        payment.claims.append(self.claim)

    def person(self, segment: Segment) -> None:
        """NM1: the patient, the insured, a corrected name, a provider, another payer."""
        if self.claim is None:
            self.keep(segment)
            return
        role, entity, *said = [segment.get(place) for place in (1, 2, 3, 4, 5, 7, 8, 9)]
        self.claim.parties = more(self.claim.parties, Party(intern(role), intern(entity), *said))

    def service_payment(self, segment: Segment) -> None:
        """SVC: a service line begins."""
        if self.claim is None:
            self.note("segment_order", segment.where, "A service line stands before any claim.")
            return
        charged = self.cents(segment, 2)
        paid = self.cents(segment, 3) if segment.get(3).strip() else 0  # blank: pays nothing
        procedure = self._procedure(segment, 1)
        if procedure is None:
            place = f"{segment.where} element 1"
            self.note("missing_element", place, "The service line names no procedure.")
        self.service = Service(
            where=f"{self.claim.where}, line {len(self.claim.services) + 1}, {segment.where}",
            procedure=procedure,
            charged_cents=charged,
            paid_cents=paid,
            units=intern(segment.get(5)),
            revenue_code=intern(segment.get(4)),
            original=self._procedure(segment, 6) if segment.get(6) else None,
            original_units=segment.get(7),
        )
        self.claim.services = more(self.claim.services, self.service)

    def _procedure(self, segment: Segment, position: int) -> Procedure | None:
        parts = segment.components(position)
        if len(parts) == 1:
            # Some senders declare one component separator and use another.
            odd = _ODD_COMPOSITE.match(segment.get(position))
            if odd:
                parts = segment.get(position).split(odd[2])
                place = f"{segment.where} element {position}"
                said = segment.delimiters.component
                message = f"Components are parted by {odd[2]!r}, but ISA16 says {said!r}."
                self.note("component_separator", place, message)
        if len(parts) < 2 or not parts[1]:
            return None
        modifiers = tuple(part for part in parts[2:6] if part)
        return _procedure(parts[0], parts[1], modifiers, parts[6] if len(parts) > 6 else "")

    def adjustment(self, segment: Segment) -> None:
        """CAS: up to six reasons with amount and units, of the line or the claim."""
        target = self.service or self.claim
        if target is None:
            self.note("segment_order", segment.where, "An adjustment stands before any claim.")
            return
        group = intern(segment.get(1))
        if not claim_codes.is_group(group):
            message = f"CAS01 {group!r} is no adjustment group."
            self.note("bad_code", f"{segment.where} element 1", message)
        parts = segment.elements
        for position in range(2, len(parts), 3):
            if not any(parts[position : position + 2]):
                continue
            code = intern(parts[position])
            if not claim_codes.has_reason_shape(code):
                message = f"CAS{position:02d} {code!r} cannot be a claim adjustment reason."
                self.note("bad_reason", f"{segment.where} element {position}", message,
                          advisory=True)  # fmt: skip
            amount = self.cents(segment, position + 1)
            entry = Adjustment(group, code, amount, segment.get(position + 2))
            target.adjustments = more(target.adjustments, entry)

    def date_time(self, segment: Segment) -> None:
        """DTM of the line, the claim or the payment."""
        value = self.date(segment, 2)
        owner = self.service or self.claim
        if value is None:
            return
        if owner is not None:
            owner.dates = more(owner.dates, _day(segment.get(1), value))
        elif self.transaction is not None and segment.get(1) == "405":
            self.transaction.produced_on = value
        else:
            self.keep(segment)

    def amount(self, segment: Segment) -> None:
        """AMT of the line or the claim."""
        owner = self.service or self.claim
        value = self.cents(segment, 2)
        if owner is None:
            self.keep(segment)
        elif value is not None:
            owner.amounts = more(owner.amounts, Amount(intern(segment.get(1)), value))

    def quantity(self, segment: Segment) -> None:
        """QTY of the line or the claim."""
        owner = self.service or self.claim
        if owner is None:
            self.keep(segment)
        else:
            entry = Quantity(intern(segment.get(1)), segment.get(2))
            owner.quantities = more(owner.quantities, entry)

    def remark(self, segment: Segment) -> None:
        """LQ of a line, of any code list."""
        if self.service is None:
            self.keep(segment)
        elif segment.get(2):
            entry = Remark(intern(segment.get(1)), intern(segment.get(2)))
            self.service.remarks = more(self.service.remarks, entry)

    def inpatient(self, segment: Segment) -> None:
        """MIA: what Medicare says of a stay."""
        if self.claim is None:
            self.keep(segment)
            return
        found = self._named(segment, medicare.INPATIENT_TEXT, medicare.INPATIENT_CENTS)
        self.claim.inpatient = {**(self.claim.inpatient or {}), **found}
        self._claim_remarks(self.claim, segment, medicare.INPATIENT_REMARKS)

    def outpatient(self, segment: Segment) -> None:
        """MOA: what Medicare says of an outpatient claim, and any claim's remarks."""
        if self.claim is None:
            self.keep(segment)
            return
        found = self._named(segment, medicare.OUTPATIENT_TEXT, medicare.OUTPATIENT_CENTS)
        self.claim.outpatient = {**(self.claim.outpatient or {}), **found}
        self._claim_remarks(self.claim, segment, medicare.OUTPATIENT_REMARKS)

    def _claim_remarks(self, claim: Claim, segment: Segment, places: Iterable[int]) -> None:
        for place in places:
            if segment.get(place):
                claim.remarks = more(claim.remarks, intern(segment.get(place)))

    def _named(
        self, segment: Segment, texts: dict[int, str], amounts: dict[int, str]
    ) -> dict[str, int | str]:
        found: dict[str, int | str] = {
            name: segment.get(place) for place, name in texts.items() if segment.get(place)
        }
        for place, name in amounts.items():
            value = self.cents(segment, place, required=False)
            if value is not None:
                found[name] = value
        return found
