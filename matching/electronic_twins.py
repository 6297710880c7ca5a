"""Money that an 835 announced before: by another 835 of the same payment, or beside its check.

An insurer's system sends a file again with its name written otherwise or its total corrected, or
says ACH of what it mails as a check. Booked twice, the patients would be credited twice and the
bank pays once. The trace number or the check's number, the cents and the payer tell; a person is
asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import remitted
from matching.claim_facts import RemittedClaim
from matching.insurers import likeness
from matching.register import PaymentPlan
from matching.remittance_scoring import ends_alike, plain_number
from records.models import Document, Payment

_TELLING_DIGITS = 5
"""A check's number of fewer digits is soon the trace of another payment."""


def of_transfer(session: Session, made: PaymentPlan, office_id: str) -> Payment | None:
    """The live payment that a new 835 tells of once more; None where it is new money.

    Without a trace number: one of the same day and office, or of the very same claims. A check
    counts under a number that
    tells; so does a transfer of other cents, since a trace number is given to one payment only.
    Of the same cents a number tells that has a prefix besides (``EFT-8800417``).
    """
    number = plain_number(made.reference[:20])
    for other in _of_cents(session, made.amount_cents):
        if likeness(made.payer_name, other.payer_name) == "different":
            continue
        theirs = plain_number(other.check_number)
        if other.kind == "check":
            if ends_alike(number, theirs):
                return other
        elif ends_alike(number, theirs) or (
            number == theirs
            and (
                number
                or _same_place(made, other, office_id)
                or _same_claims(session, made.document_id, other.document_id)
            )
        ):
            return other
    return _of_trace(session, made) if len(number) >= _TELLING_DIGITS else None


def of_check(
    session: Session, payment: Payment, but: Collection[str] = (), cents: int | None = None
) -> Payment | None:
    """The live transfer that is this check's money, as far as number, cents and payer tell.

    ``but``: ids of those that a person told apart from it. ``cents``: what it comes to where that
    is not on the payment yet.
    """
    number = plain_number(payment.check_number)
    if len(number) < _TELLING_DIGITS:
        return None
    for other in _of_cents(session, cents or payment.amount_cents, "eft"):
        if (
            ends_alike(plain_number(other.check_number), number)
            and other.id not in but
            and likeness(payment.payer_name, other.payer_name) != "different"
        ):
            return other
    return None


def _of_trace(session: Session, made: PaymentPlan) -> Payment | None:
    """The live transfer under this very trace number, whatever its cents."""
    query = select(Payment).where(
        Payment.live, Payment.kind == "eft", Payment.check_number == made.reference[:20]
    )
    for other in session.scalars(query.order_by(Payment.created_at, Payment.id)):
        if likeness(made.payer_name, other.payer_name) != "different":
            return other
    return None


def _same_place(made: PaymentPlan, other: Payment, office_id: str) -> bool:
    return made.written_on == other.written_on and other.office_id == office_id


def _same_claims(session: Session, one: str, other: str) -> bool:
    """Whether two documents (ids) pay the very same claims, whatever the names on them are."""
    mine, theirs = (_claims(session.get_one(Document, each)) for each in (one, other))
    return bool(mine) and mine == theirs


def _claims(document: Document) -> Counter[RemittedClaim]:
    told = remitted.claims_of(document)
    return Counter(replace(each, patient_name="", member_id="") for each in told)


def _of_cents(session: Session, cents: int | None, *kinds: str) -> list[Payment]:
    if not cents:
        return []
    query = select(Payment).where(
        Payment.live, Payment.amount_cents == cents, Payment.kind.in_(kinds or ("eft", "check"))
    )
    return list(session.scalars(query.order_by(Payment.created_at, Payment.id)))
