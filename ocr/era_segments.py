"""The segments of an 835 become payments, claims and lines: one walk, one table by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from sys import intern

from ocr import x12
from ocr.era_balance import claims_less_adjustments
from ocr.era_claim_segments import ClaimReader
from ocr.era_model import (
    Address,
    Contact,
    ProviderAdjustment,
    Reference,
    Transaction,
    more,
)
from ocr.x12 import Finding, Segment

_ENVELOPE = {"ISA", "GS", "GE", "IEA", "TA1"}


class Reader(ClaimReader):
    """Walks the segments once; what a segment does stands in one table by its name."""

    def __init__(self) -> None:
        super().__init__()
        self._ended: list[Transaction] = []

    def see(self, segment: Segment) -> None:
        """The next segment of the file."""
        handler = _HANDLERS.get(segment.name)
        if handler is not None:
            handler(self, segment)
        elif segment.name not in _ENVELOPE:
            self.keep(segment)

    def close(self) -> None:
        """The payment that is open, if one is, ends here."""
        payment = self.transaction
        if payment is not None:
            self._require(payment)
            self._settle_debit(payment)
            self._ended.append(payment)
        self.transaction = self.claim = self.service = self.organization = None

    def ended(self) -> list[Transaction]:
        """The payments that ended since this was asked last."""
        found, self._ended = self._ended, []
        return found

    def told(self, found: Sequence[Finding]) -> None:
        """What was found at the end of the payment that is open; the file has it already."""
        if self.transaction is not None:
            self.transaction.findings += found

    def _first(self, segment: Segment, held: object) -> bool:
        """Whether nothing was said before of what a payment has once; the first of two is kept."""
        if held:
            message = f"{segment.name} stands twice in one payment: the first counts."
            self.note("repeated_segment", segment.where, message)
            self.keep(segment)
        return not held

    def _settle_debit(self, payment: Transaction) -> None:
        """A debit pays the payee, too, by 005010X221A1 BPR03; some senders mean a negative sum.

        It is taken as one only where the payment balances so and not as written.
        """
        total = payment.total_paid_cents
        if not payment.debit or not total or total == claims_less_adjustments(payment):
            return
        if -total == claims_less_adjustments(payment):
            payment.total_paid_cents = -total
            message = "BPR03 is D and the claims sum to the negative amount: it is taken as that."
            finding = Finding("debit_flag", payment.where, message, advisory=True)
            payment.findings.append(finding)
            self.findings.append(finding)

    def _require(self, payment: Transaction) -> None:
        for missing, name in ((payment.total_paid_cents, "BPR"), (payment.payment_number, "TRN")):
            if missing is None:
                message = f"The transaction has no usable {name} segment."
                finding = Finding("missing_segment", payment.where, message)
                payment.findings.append(finding)
                self.findings.append(finding)

    def group(self, segment: Segment) -> None:
        """GS: GS08 says the version."""
        said = segment.get(8)
        self.version = next((v for v in ("5010", "4010") if said.startswith(f"00{v}")), "")

    def start(self, segment: Segment) -> None:
        """ST: a payment begins; ST03 says the version where there is no GS."""
        self.close()
        self.header = ""
        version = self.version or ("5010" if segment.get(3).startswith("005010") else "")
        self.transaction = Transaction(segment.where, segment.get(2), version)
        if segment.get(1) != "835":
            self.note("not_835", segment.where, "The transaction set is not an 835.")

    def payment(self, segment: Segment) -> None:
        """BPR: how much, how, when."""
        payment = self._open(segment)
        if payment is None or not self._first(segment, payment.handling_code):
            return
        payment.total_paid_cents = self.cents(segment, 2)
        payment.debit = segment.get(3) == "D"
        payment.handling_code = segment.get(1)
        payment.payment_method = segment.get(4) or None
        payment.payment_on = self.date(segment, 16)

    def trace(self, segment: Segment) -> None:
        """TRN: the check or EFT number, and whose it is."""
        payment = self._open(segment)
        if payment is not None and self._first(segment, payment.payment_number):
            payment.payment_number = segment.get(2) or None
            payment.payer_identifier = segment.get(3)
            payment.payer_supplement = segment.get(4)

    def party_name(self, segment: Segment) -> None:
        """N1 of the payer (PR) or the payee (PE)."""
        payment = self._open(segment)
        role = segment.get(1)
        if payment is None or self.claim is not None or role not in {"PR", "PE"}:
            self.organization = None
            if payment is not None:
                self.keep(segment)
            return
        said = payment.payer if role == "PR" else payment.payee
        if not self._first(segment, said.name or said.identifier):
            self.organization = None
            return
        self.organization = said
        self.organization.name = segment.get(2) or None
        self.organization.id_qualifier = segment.get(3)
        self.organization.identifier = segment.get(4) or None

    def street(self, segment: Segment) -> None:
        """N3 of the payer or the payee."""
        if self.organization is None or self.claim is not None:
            self.keep(segment)
            return
        lines = tuple(filter(None, segment.elements[1:]))
        self.organization.address = Address(lines)

    def city(self, segment: Segment) -> None:
        """N4 of the payer or the payee."""
        if self.organization is None or self.claim is not None:
            self.keep(segment)
            return
        known = self.organization.address
        self.organization.address = Address(
            known.lines if known else (), *(segment.get(place) for place in (1, 2, 3, 4))
        )

    def contact(self, segment: Segment) -> None:
        """PER of the payer, or of a claim."""
        pairs = ((segment.get(at), segment.get(at + 1)) for at in (3, 5, 7))
        found = Contact(segment.get(1), segment.get(2), tuple(pair for pair in pairs if any(pair)))
        owner = self.claim or self.organization
        if owner is None or self.service is not None:
            self.keep(segment)
            return
        owner.contacts = more(owner.contacts, found)

    def reference(self, segment: Segment) -> None:
        """REF of whatever it stands in."""
        found = Reference(intern(segment.get(1)), segment.get(2))
        owner = self.service or self.claim or self.organization or self.transaction
        if owner is None:
            self.keep(segment)
            return
        owner.references = more(owner.references, found)

    def provider_adjustment(self, segment: Segment) -> None:
        """PLB: up to six pairs of reason and amount for the payee as a whole."""
        payment = self._open(segment)
        if payment is None:
            return
        self.claim = self.service = None
        year_end = self.date(segment, 2) or ""
        parts = segment.elements
        for position in range(3, len(parts), 2):
            if not any(parts[position : position + 2]):
                continue
            amount = self.cents(segment, position + 1)
            code, *rest = x12.split_components(parts[position], segment.delimiters)
            reference = rest[0] if rest else ""
            payment.provider_adjustments.append(
                ProviderAdjustment(segment.where, code, reference, amount, segment.get(1), year_end)
            )

    def end(self, segment: Segment) -> None:
        """SE: the payment is over."""
        del segment
        self.close()

    def header_number(self, segment: Segment) -> None:
        """LX parts groups of claims: what follows belongs to no claim until the next CLP."""
        self.claim = self.service = self.organization = None
        self.header = segment.get(1)


_HANDLERS: dict[str, Callable[[Reader, Segment], None]] = {
    "GS": Reader.group,
    "ST": Reader.start,
    "BPR": Reader.payment,
    "TRN": Reader.trace,
    "N1": Reader.party_name,
    "N3": Reader.street,
    "N4": Reader.city,
    "PER": Reader.contact,
    "REF": Reader.reference,
    "LX": Reader.header_number,
    "CLP": Reader.claim_payment,
    "NM1": Reader.person,
    "SVC": Reader.service_payment,
    "CAS": Reader.adjustment,
    "DTM": Reader.date_time,
    "AMT": Reader.amount,
    "QTY": Reader.quantity,
    "LQ": Reader.remark,
    "MIA": Reader.inpatient,
    "MOA": Reader.outpatient,
    "PLB": Reader.provider_adjustment,
    "SE": Reader.end,
}
