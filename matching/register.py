"""From the readings of a file's envelopes to payments and questions: what is sure, what is asked.

Pure: values in, plans out. ``matching.registering`` writes them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from matching.payees import is_ours
from matching.readings import Document
from ocr.check_dates import flags_on, near
from ocr.types import Alternative, Field

_SEEN = 0.5
"""A change of address seen at least so surely is worth a person's look."""
_QUIET_KINDS = frozenset({"blank", "separator", "check_back", "envelope", "returned_mail"})
_ELECTRONIC_METHODS = frozenset({"ACH", "BOP", "FWT", ""})
_WEIGHTS = (3, 7, 1)
_TOLD = {"amount_mismatch": "amount_mismatch", "foreign_currency": "foreign", "void": "void"}
"""What the reading warns of -> the flag of the payment."""
ASKS_OF_FLAGS = {
    "unsigned": "signature", "stale": "date", "postdated": "date", "payee": "payee",
    "amount_mismatch": "amount", "same_item": "duplicate", "foreign": "foreign", "void": "void",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Envelope:
    """One transaction with its documents as read, and its office's acceptable payees."""

    transaction_id: str
    position: int
    payees: tuple[str, ...]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The confidence from which each field of a reading counts as sure, by what an error costs.

    ``micr`` is for routing and account number; ``unsigned`` from which a missing signature is
    believed; ``payee`` below which even a payee of ours is asked about.
    """

    amount: float = 0.95
    remittance: float = 0.95
    micr: float = 0.95
    check_number: float = 0.95
    payee: float = 0.0
    unsigned: float = 0.8
    date: float = 0.5
    payer: float = 0.5


@dataclass(frozen=True, slots=True)
class FileReadings:
    """A file's envelopes that wait to be registered, and the confidences that count as sure."""

    source_file_id: str
    received_on: date
    sure: Thresholds
    envelopes: tuple[Envelope, ...]


@dataclass(frozen=True, slots=True)
class Micr:
    """The check's line, each part of it only when it was read for sure; empty text else."""

    routing_number: str = ""
    account_number: str = ""
    check_number: str = ""
    micr_line: str = ""

    @property
    def complete(self) -> bool:
        """Whether all three numbers are there; without a serial a check looks like its next."""
        return bool(self.routing_number and self.account_number and self.check_number)


@dataclass(frozen=True, slots=True)
class PaymentPlan:
    """A payment to make. ``amount_cents`` None: not sure enough; ``guess_cents`` orders the queue.

    ``flags`` are what speaks against depositing it, ``asks`` what a person is asked; ``reference``
    is the payer's trace number of an electronic one.
    """

    document_id: str
    kind: str
    amount_cents: int | None
    guess_cents: int
    micr: Micr
    payer_name: str
    written_on: date | None
    flags: tuple[str, ...]
    asks: tuple[str, ...]
    reference: str = ""


@dataclass(frozen=True, slots=True)
class EnvelopePlan:
    """What becomes of one envelope: payments, documents to ask about, what may be returned mail."""

    transaction_id: str
    payments: tuple[PaymentPlan, ...]
    questions: tuple[tuple[str, tuple[str, ...]], ...]
    returned: tuple[str, ...]


def plan(readings: FileReadings) -> tuple[EnvelopePlan, ...]:
    """The plan of every envelope, in order of position; the same readings give the same plan."""
    ordered = sorted(readings.envelopes, key=lambda e: (e.position, e.transaction_id))
    return tuple(_envelope(envelope, readings) for envelope in ordered)


def _envelope(envelope: Envelope, readings: FileReadings) -> EnvelopePlan:
    documents = sorted(envelope.documents, key=lambda d: (d.position, d.id))
    payments = [
        made
        for made in (_payment(document, envelope, readings) for document in documents)
        if made is not None
    ]
    paid = {payment.document_id for payment in payments}
    questions: list[tuple[str, tuple[str, ...]]] = []
    for document in documents:
        asks = () if document.id in paid else _asks(document, has_payment=bool(payments))
        if asks:
            questions.append((document.id, asks))
    paid_here = bool(payments) or any(document.kind == "check" for document in documents)
    returned = tuple(
        d.id
        for d in documents
        if d.kind == "returned_mail" or (not paid_here and _may_have_come_back(d))
    )
    return EnvelopePlan(envelope.transaction_id, tuple(payments), tuple(questions), returned)


def _may_have_come_back(document: Document) -> bool:
    """Whether an envelope without a marking says whose it is: then the ledger is asked."""
    said = ("imb", "barcodes", "scanline", "addressee_address")
    shows = bool(document.body.get("imb_soft")) or any(document.field(name) for name in said)
    return document.kind == "envelope" and shows


def _asks(document: Document, *, has_payment: bool) -> tuple[str, ...]:
    """What a document that is no payment asks of a person."""
    if document.kind in _QUIET_KINDS:
        return ()
    if document.kind == "coupon" and document.value("address_changed", _SEEN):
        return ("address",) if has_payment else ("kind", "address")
    if document.kind in {"coupon", "remittance"} and has_payment:
        return ()
    return ("kind",)


def _payment(document: Document, envelope: Envelope, readings: FileReadings) -> PaymentPlan | None:
    if document.kind == "check":
        return _check(document, envelope, readings)
    if document.electronic:
        return _electronic(document, readings)
    return None


def _electronic(document: Document, readings: FileReadings) -> PaymentPlan | None:
    """An 835 that the bank pays; one that announces a paper check is not money itself."""
    total = document.cents("total_paid_cents", readings.sure.remittance)
    method = document.text("payment_method").upper()
    if total is None or total <= 0 or method not in _ELECTRONIC_METHODS:
        return None
    day = _day(document.text("payment_on"))
    payer = document.text("payer_name")[:120]
    return PaymentPlan(document.id, "eft", total, total, Micr(), payer, day, (), (),
                       document.text("payment_number"))  # fmt: skip


def _check(document: Document, envelope: Envelope, readings: FileReadings) -> PaymentPlan:
    sure = readings.sure
    amount = document.cents("amount_cents", sure.amount)
    if amount is not None and amount <= 0:
        amount = None
    micr = _micr(document, sure)
    written_on = _written_on(document, readings)
    flags = tuple(_flags(document, written_on, envelope.payees, readings))
    asks = [] if amount is not None else ["amount"]
    asks += [] if micr.complete else ["micr"]
    asks += [ASKS_OF_FLAGS[flag] for flag in flags]
    return PaymentPlan(
        document_id=document.id,
        kind="check",
        amount_cents=amount,
        guess_cents=amount or document.best_guess_cents("amount_cents"),
        micr=micr,
        payer_name=document.text("payer_name", sure.payer).replace("\n", " ")[:120],
        written_on=written_on,
        flags=flags,
        asks=tuple(dict.fromkeys(asks)),
    )


def _written_on(document: Document, readings: FileReadings) -> date | None:
    """The check's date; of several readings the one that fits the day of receipt."""
    found = document.field("date")
    if found is None:
        return None
    others = tuple(
        Alternative(str(other["value"]), float(other["confidence"]))
        for other in found.get("alternatives") or ()
        if _day(str(other.get("value"))) is not None
    )
    read = Field(str(found["value"]), float(found.get("confidence") or 0.0), alternatives=others)
    if _day(str(read.value)) is None:
        return None
    settled = near(read, readings.received_on)
    return _day(str(settled.value)) if settled.confidence >= readings.sure.date else None


def _micr(document: Document, sure: Thresholds) -> Micr:
    routing = document.text("routing_number", sure.micr)
    return Micr(
        routing if is_routing_number(routing) else "",
        document.text("account_number", sure.micr),
        document.text("check_number", sure.check_number),
        document.text("micr_line", sure.micr),
    )


def is_routing_number(text: str) -> bool:
    """Nine digits whose ABA check digit holds (weights 3, 7, 1; sum divisible by ten)."""
    if len(text) != 9 or not (text.isascii() and text.isdigit()) or text == "000000000":
        return False
    return sum(int(digit) * _WEIGHTS[place % 3] for place, digit in enumerate(text)) % 10 == 0


def _flags(
    document: Document, written_on: date | None, payees: Sequence[str], readings: FileReadings
) -> list[str]:
    flags: list[str] = []
    if document.value("signed", readings.sure.unsigned) is False:
        flags.append("unsigned")
    if written_on is not None:
        flags.extend(flags_on(written_on, readings.received_on))
    # A payee that is unread, or read badly, is no reason to trust it: the check may not be ours.
    payee = document.text("payee_name", readings.sure.payee)
    if payees and not (payee and is_ours(payee, payees)):
        flags.append("payee")
    flags.extend(flag for warning, flag in _TOLD.items() if warning in document.warnings)
    return flags


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
