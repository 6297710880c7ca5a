"""The X12 835 remittance: payments, claims, service lines and adjustments, and their balances.

Follows the health care guides 005010X221A1 and 004010X091A1; the balance rules are those of
section 1.10.2.1 of the former.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ocr import x12
from ocr.x12 import Document, Finding, Segment

_ADJUSTMENT_GROUPS = {"CO", "CR", "OA", "PI", "PR"}


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One reason of a CAS segment: group, claim adjustment reason code, amount, units."""

    group: str
    code: str
    amount_cents: int
    quantity: str = ""


@dataclass(slots=True)
class Service:
    """A service line (loop 2110)."""

    where: str
    procedure_code: str | None
    modifiers: list[str]
    charged_cents: int
    paid_cents: int
    units: str
    service_on: str | None = None
    service_end_on: str | None = None
    allowed_cents: int | None = None
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Claim:
    """A claim payment (loop 2100)."""

    where: str
    patient_account: str
    status: str
    charged_cents: int
    paid_cents: int
    patient_responsibility_cents: int | None
    claim_number: str | None
    patient_name: str | None = None
    member_id: str | None = None
    insured_id: str | None = None
    provider_name: str | None = None
    dates: dict[str, str] = field(default_factory=dict)
    adjustments: list[Adjustment] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)
    services: list[Service] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One pair of a PLB segment; a positive amount lowers the payment."""

    where: str
    code: str
    reference: str
    amount_cents: int


@dataclass(slots=True)
class Transaction:
    """One payment: everything from ST to SE."""

    where: str
    control_number: str
    total_paid_cents: int | None = None
    payment_method: str | None = None
    payment_on: str | None = None
    payment_number: str | None = None
    payer_name: str | None = None
    payee_name: str | None = None
    payee_npi: str | None = None
    payee_tax_id: str | None = None
    claims: list[Claim] = field(default_factory=list)
    provider_adjustments: list[ProviderAdjustment] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Imbalance:
    """A balance rule that does not hold: where, what the parts give, what the file says."""

    rule: str
    where: str
    expected_cents: int
    found_cents: int


@dataclass(frozen=True, slots=True)
class Interchange:
    """A parsed file: its segments untouched, its payments, and the faults found."""

    document: Document
    transactions: tuple[Transaction, ...]
    findings: tuple[Finding, ...]

    def to_text(self) -> str:
        """The file exactly as it came."""
        return self.document.to_text()


class _Reader:
    """Walks the segments once; what a segment does stands in one table by its name."""

    def __init__(self) -> None:
        self.transactions: list[Transaction] = []
        self.findings: list[Finding] = []
        self.transaction: Transaction | None = None
        self.claim: Claim | None = None
        self.service: Service | None = None
        self.party = ""

    def note(self, code: str, where: str, message: str) -> None:
        finding = Finding(code, where, message)
        self.findings.append(finding)
        if self.transaction is not None:
            self.transaction.findings.append(finding)

    def cents(self, segment: Segment, position: int, *, required: bool = True) -> int | None:
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
        text = segment.get(position).strip()
        if not text:
            return None
        if re.fullmatch(r"\d{4}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", text):
            return f"{text[:4]}-{text[4:6]}-{text[6:]}"
        place = f"{segment.where} element {position}"
        self.note("bad_date", place, f"{segment.name}{position:02d} is not a date CCYYMMDD.")
        return None

    def start(self, segment: Segment) -> None:
        self.claim = self.service = None
        self.party = ""
        self.transaction = Transaction(segment.where, segment.get(2))
        if segment.get(1) != "835":
            self.note("not_835", segment.where, "The transaction set is not an 835.")
        self.transactions.append(self.transaction)

    def payment(self, segment: Segment) -> None:
        payment = self._open(segment)
        if payment is None:
            return
        amount = self.cents(segment, 2)
        sign = -1 if segment.get(3) == "D" else 1
        payment.total_paid_cents = None if amount is None else sign * amount
        payment.payment_method = segment.get(4) or None
        payment.payment_on = self.date(segment, 16)

    def trace(self, segment: Segment) -> None:
        payment = self._open(segment)
        if payment is not None:
            payment.payment_number = segment.get(2) or None

    def party_name(self, segment: Segment) -> None:
        payment = self._open(segment)
        if payment is None or self.claim is not None:
            return
        self.party = segment.get(1)
        if self.party == "PR":
            payment.payer_name = segment.get(2) or None
        elif self.party == "PE":
            payment.payee_name = segment.get(2) or None
            if segment.get(3) == "XX":
                payment.payee_npi = segment.get(4) or None
            elif segment.get(3) in {"FI", "24", "34"}:
                payment.payee_tax_id = segment.get(4) or None

    def reference(self, segment: Segment) -> None:
        code, value = segment.get(1), segment.get(2)
        if self.service is not None:
            self.service.references[code] = value
        elif self.claim is not None:
            self.claim.references[code] = value
        elif self.transaction is not None and self.party == "PE" and code == "TJ":
            self.transaction.payee_tax_id = value or None

    def claim_payment(self, segment: Segment) -> None:
        payment = self._open(segment)
        if payment is None:
            return
        charged, paid = self.cents(segment, 3), self.cents(segment, 4)
        self.service = None
        self.claim = Claim(
            where=f"claim {len(payment.claims) + 1} {segment.get(1)}, {segment.where}",
            patient_account=segment.get(1),
            status=segment.get(2),
            charged_cents=charged or 0,
            paid_cents=paid or 0,
            patient_responsibility_cents=self.cents(segment, 5, required=False),
            claim_number=segment.get(7) or None,
        )
        payment.claims.append(self.claim)

    def person(self, segment: Segment) -> None:
        if self.claim is None:
            return
        role = segment.get(1)
        parts = (segment.get(4), segment.get(5), segment.get(3), segment.get(7))
        name = " ".join(part for part in parts if part) or None
        if role == "QC":
            self.claim.patient_name = name
            self.claim.member_id = segment.get(9) or None
        elif role == "IL":
            self.claim.insured_id = segment.get(9) or None
        elif role == "82":
            self.claim.provider_name = name

    def service_payment(self, segment: Segment) -> None:
        if self.claim is None:
            self.note("segment_order", segment.where, "A service line stands before any claim.")
            return
        charged, paid = self.cents(segment, 2), self.cents(segment, 3, required=False)
        code, modifiers = self._procedure(segment)
        self.service = Service(
            where=f"{self.claim.where}, line {len(self.claim.services) + 1}, {segment.where}",
            procedure_code=code,
            modifiers=modifiers,
            charged_cents=charged or 0,
            paid_cents=paid or 0,
            units=segment.get(5),
        )
        self.claim.services.append(self.service)

    def _procedure(self, segment: Segment) -> tuple[str | None, list[str]]:
        parts = segment.components(1)
        if len(parts) == 1:
            # Some senders declare one component separator and use another.
            odd = re.match(r"^([A-Z0-9]{2})([^A-Za-z0-9 ])(?=[A-Za-z0-9])", segment.get(1))
            if odd:
                parts = segment.get(1).split(odd[2])
                place = f"{segment.where} element 1"
                said = segment.delimiters.component
                message = f"Components are parted by {odd[2]!r}, but ISA16 says {said!r}."
                self.note("component_separator", place, message)
        if len(parts) < 2 or not parts[1]:
            place = f"{segment.where} element 1"
            self.note("missing_element", place, "The service line names no procedure.")
            return None, []
        return parts[1], [part for part in parts[2:6] if part]

    def adjustment(self, segment: Segment) -> None:
        target = self.service or self.claim
        if target is None:
            self.note("segment_order", segment.where, "An adjustment stands before any claim.")
            return
        group = segment.get(1)
        if group not in _ADJUSTMENT_GROUPS:
            message = f"CAS01 {group!r} is no adjustment group."
            self.note("bad_code", f"{segment.where} element 1", message)
        for position in range(2, len(segment.elements), 3):
            if not segment.get(position) and not segment.get(position + 1):
                continue
            amount = self.cents(segment, position + 1)
            if amount is not None:
                quantity = segment.get(position + 2)
                adjustment = Adjustment(group, segment.get(position), amount, quantity)
                target.adjustments.append(adjustment)

    def date_time(self, segment: Segment) -> None:
        value, role = self.date(segment, 2), segment.get(1)
        if value is None:
            return
        if self.service is not None:
            if role in {"472", "150"}:
                self.service.service_on = value
            elif role == "151":
                self.service.service_end_on = value
        elif self.claim is not None:
            self.claim.dates[role] = value

    def amount(self, segment: Segment) -> None:
        if self.service is not None and segment.get(1) == "B6":
            self.service.allowed_cents = self.cents(segment, 2)

    def remark(self, segment: Segment) -> None:
        if self.service is not None and segment.get(2):
            self.service.remarks.append(segment.get(2))

    def claim_remarks(self, segment: Segment) -> None:
        if self.claim is None:
            return
        places = range(3, 8) if segment.name == "MOA" else (5, 20, 21, 22, 23)
        self.claim.remarks.extend(filter(None, (segment.get(place) for place in places)))

    def provider_adjustment(self, segment: Segment) -> None:
        payment = self._open(segment)
        if payment is None:
            return
        self.claim = self.service = None
        for position in range(3, len(segment.elements), 2):
            if not segment.get(position):
                continue
            amount = self.cents(segment, position + 1)
            code, *rest = segment.components(position)
            if amount is not None:
                reference = rest[0] if rest else ""
                entry = ProviderAdjustment(segment.where, code, reference, amount)
                payment.provider_adjustments.append(entry)

    def end(self, segment: Segment) -> None:
        del segment
        self.transaction = self.claim = self.service = None

    def header_number(self, segment: Segment) -> None:
        """LX parts groups of claims: what follows belongs to no claim until the next CLP."""
        del segment
        self.claim = self.service = None

    def _open(self, segment: Segment) -> Transaction | None:
        if self.transaction is None:
            message = f"{segment.name} stands outside a transaction."
            self.note("segment_order", segment.where, message)
        return self.transaction


_HANDLERS: dict[str, Callable[[_Reader, Segment], None]] = {
    "ST": _Reader.start,
    "BPR": _Reader.payment,
    "TRN": _Reader.trace,
    "N1": _Reader.party_name,
    "REF": _Reader.reference,
    "LX": _Reader.header_number,
    "CLP": _Reader.claim_payment,
    "NM1": _Reader.person,
    "SVC": _Reader.service_payment,
    "CAS": _Reader.adjustment,
    "DTM": _Reader.date_time,
    "AMT": _Reader.amount,
    "LQ": _Reader.remark,
    "MIA": _Reader.claim_remarks,
    "MOA": _Reader.claim_remarks,
    "PLB": _Reader.provider_adjustment,
    "SE": _Reader.end,
}


def parse(text: str) -> Interchange:
    """Read an 835 file; faults become findings, only a file that is no X12 raises."""
    document = x12.tokenize(text)
    reader = _Reader()
    for segment in document.segments:
        handler = _HANDLERS.get(segment.name)
        if handler is not None:
            handler(reader, segment)
    for payment in reader.transactions:
        for missing, name in ((payment.total_paid_cents, "BPR"), (payment.payment_number, "TRN")):
            if missing is None:
                message = f"The transaction has no usable {name} segment."
                finding = Finding("missing_segment", payment.where, message)
                payment.findings.append(finding)
                reader.findings.append(finding)
    findings = (*document.findings, *envelope_findings(document), *reader.findings)
    return Interchange(document, tuple(reader.transactions), findings)


def envelope_findings(document: Document) -> list[Finding]:
    """Counts and control numbers of SE, GE and IEA that do not agree with what they close."""
    findings: list[Finding] = []
    opened: dict[str, Segment] = {}
    counted = {"GE": 0, "IEA": 0}
    closes = {"SE": ("ST", 2), "GE": ("GS", 6), "IEA": ("ISA", 13)}
    for segment in document.segments:
        if segment.name in {"ISA", "GS", "ST"}:
            opened[segment.name] = segment
            if segment.name != "ST":
                counted["GE" if segment.name == "GS" else "IEA"] = 0
            continue
        if segment.name not in closes:
            continue
        opener, position = closes[segment.name]
        first = opened.pop(opener, None)
        if first is None:
            findings.append(Finding("segment_order", segment.where, f"No {opener} is open."))
            continue
        if first.get(position).strip() != segment.get(2).strip():
            message = f"{segment.name}02 does not repeat the control number of {opener}."
            findings.append(Finding("control_number", segment.where, message))
        number = (
            segment.number - first.number + 1 if segment.name == "SE" else counted[segment.name]
        )
        if segment.get(1).strip().lstrip("0") != str(number).lstrip("0"):
            message = f"{segment.name}01 says {segment.get(1)}, counted are {number}."
            findings.append(Finding("segment_count", f"{segment.where} element 1", message))
        if segment.name != "IEA":
            counted["GE" if segment.name == "SE" else "IEA"] += 1
    for opener, segment in opened.items():
        findings.append(Finding("truncated", segment.where, f"The {opener} is never closed."))
    return findings


def imbalances(payment: Transaction) -> list[Imbalance]:
    """The service, claim and transaction rules that do not hold, in file order."""
    found: list[Imbalance] = []
    for claim in payment.claims:
        adjusted = sum(entry.amount_cents for entry in claim.adjustments)
        for service in claim.services:
            own = sum(entry.amount_cents for entry in service.adjustments)
            adjusted += own
            if service.charged_cents - own != service.paid_cents:
                expected = service.charged_cents - own
                found.append(Imbalance("service", service.where, expected, service.paid_cents))
        if claim.charged_cents - adjusted != claim.paid_cents:
            expected = claim.charged_cents - adjusted
            found.append(Imbalance("claim", claim.where, expected, claim.paid_cents))
    if payment.total_paid_cents is not None:
        total = sum(claim.paid_cents for claim in payment.claims)
        total -= sum(entry.amount_cents for entry in payment.provider_adjustments)
        if total != payment.total_paid_cents:
            where = f"transaction {payment.control_number}, {payment.where}"
            found.append(Imbalance("transaction", where, total, payment.total_paid_cents))
    return found


def check(text: str) -> list[Finding]:
    """All syntax and balance findings of a file (``era check``)."""
    interchange = parse(text)
    findings = list(interchange.findings)
    for payment in interchange.transactions:
        for entry in imbalances(payment):
            by = entry.found_cents - entry.expected_cents
            message = (
                f"The {entry.rule} does not balance: the parts give {entry.expected_cents} cents, "
                f"the file says {entry.found_cents} ({by:+d})."
            )
            findings.append(Finding(f"{entry.rule}_balance", entry.where, message))
    return findings
