"""The claims that remittances name, kept so that a later remittance about one of them finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import remittance_shares, takebacks
from matching.claim_facts import RemittedClaim, of_json
from matching.insurers import likeness
from matching.readings import Document as Value
from records import crypto
from records.models import Account, Allocation, Document, Payment, RemittanceShare
from records.models import RemittedClaim as ClaimRow
from records.remittance_evidence import EVIDENCE


@dataclass(frozen=True, slots=True)
class Paid:
    """Where a claim was paid before: the payment, and the account it went to if that is known."""

    payment: Payment
    account: Account | None


def key_of(claim_number: str) -> str:
    """The keyed hash of an insurer's claim number, whatever its spacing; empty for none."""
    plain = "".join(c for c in claim_number.upper() if c.isalnum())
    return crypto.keyring().fingerprint("claim_number", plain) if plain else ""


def claims_of(document: Document) -> tuple[RemittedClaim, ...]:
    """The claims of a remittance's newest reading, in their order; none where it was not read."""
    if document.kind != "remittance" or not document.readings:
        return ()
    (value,) = takebacks.as_values([document])
    return claims_in(value)


def claims_in(document: Value) -> tuple[RemittedClaim, ...]:
    """The claims of a remittance as a value, in their order."""
    said, exact = document.value("claims"), not document.has_pages
    return tuple(of_json(each, exact=exact) for each in said or () if isinstance(each, Mapping))


def note(session: Session, document: Document) -> None:
    """Bring the rows of a remittance in step with its newest reading."""
    claims = claims_of(document) if document.live else ()
    query = select(ClaimRow).where(ClaimRow.document_id == document.id)
    held = {row.position: row for row in session.scalars(query)}
    for place, claim in enumerate(claims):
        row = held.pop(place, None)
        if row is None:
            row = ClaimRow(document_id=document.id, position=place)
            session.add(row)
        row.claim_hmac = key_of(claim.claim_number)
        row.status = claim.status[:4]
        row.charged_cents, row.paid_cents = claim.charged_cents, claim.paid_cents
    for row in held.values():
        session.delete(row)
    session.flush()


def note_of(session: Session, payment_id: str) -> None:
    """Bring the rows of every remittance that explains a payment in step with their readings."""
    for document in takebacks.remittances_of(session, payment_id):
        note(session, document)


def paid_before(session: Session, claim: RemittedClaim, payment_id: str) -> Paid | None:
    """Where a claim that is taken back was paid: the newest other payment of its number.

    The account is that of the payment's only live part of the claim's sum, or of the number on
    the claim. Two insurers may give one number: another one's payment is it only where it went to
    the account on the claim.
    """
    key = key_of(claim.claim_number)
    if not key:
        return None
    rows = session.execute(
        select(ClaimRow.paid_cents, ClaimRow.document_id, ClaimRow.position,
               EVIDENCE.c.payment_id)
        .join(EVIDENCE, EVIDENCE.c.document_id == ClaimRow.document_id)
        .where(ClaimRow.claim_hmac == key, ClaimRow.paid_cents > 0,
               EVIDENCE.c.payment_id != payment_id)
        .order_by(ClaimRow.created_at.desc(), ClaimRow.id.desc())
    ).all()  # fmt: skip
    shares = remittance_shares.of_payments(session, {each.payment_id for each in rows})
    payer = session.get_one(Payment, payment_id).payer_name
    for row in rows:
        if not _is_its_own(session, shares, row):
            continue
        payment = session.get_one(Payment, row.payment_id)
        account, is_named = _paid_to(session, payment, claim, row.paid_cents)
        if is_named or likeness(payer, payment.payer_name) != "different":
            return Paid(payment, account)
    return None


def _paid_to(
    session: Session, payment: Payment, claim: RemittedClaim, cents: int
) -> tuple[Account | None, bool]:
    """The account that a claim went to, if that is known, and whether the claim names it."""
    parts = session.scalars(
        select(Allocation).where(
            Allocation.payment_id == payment.id, Allocation.live,
            Allocation.account_id.is_not(None),
        )
    ).all()  # fmt: skip
    named = [a for a in parts if a.account and a.account.number == claim.patient_account]
    summed = [a for a in parts if a.amount_cents == cents]
    chosen = named[:1] or (summed if len(summed) == 1 else [])
    return chosen[0].account if chosen else None, bool(named)


def _is_its_own(
    session: Session, shares: Mapping[str, Mapping[str, RemittanceShare]], row: Any
) -> bool:
    """Whether the payment has this claim: all of a document's, or those of its share."""
    share = shares.get(row.document_id, {}).get(row.payment_id)
    if share is None:
        return True
    (document,) = takebacks.as_values([session.get_one(Document, row.document_id)])
    return row.position in share.claims and remittance_shares.makes_up(document, share)
