"""Documents that turn out to be something else: a person says: a check, a transfer, an EOB."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import denials, ledger, questions, remittance_partners, remittance_people
from matching.fingerprints import lock
from matching.leasing import held
from matching.readings import value_of
from matching.remittance_keying import newest
from records import audit, crypto, ids
from records.errors import Conflict, WrongUse
from records.models import Document, Payment, ReadingRow, Remittance, ReviewItem
from records.workflow import REMITTANCE_PARTNER, move

KINDS = ("check", "eft")


def as_payment(session: Session, item_id: str, actor: str, token: int, kind: str) -> ReviewItem:
    """Make a payment of the document a question is about; the new question about that payment.

    A ``check`` is keyed by a person: amount, line at the foot, account. An ``eft`` takes its
    total from the remittance. Raises WrongUse ``not_a_document``, ``unknown_kind`` or
    ``total_unread``; Conflict ``lease_lost`` or ``payment_exists``.
    """
    lock(session)  # before any row: what goes with the payment is asked at once
    item = held(session, item_id, actor, token)
    document = item.document
    if document is None:
        raise WrongUse("not_a_document", "This question is about a payment.", "Confirm it.")
    if kind not in KINDS:
        raise WrongUse("unknown_kind", f"{kind} is no payment.", "Use check or eft.")
    if session.scalar(select(Payment.id).where(Payment.document_id == document.id)) is not None:
        raise Conflict("payment_exists", "This document is a payment already.", "Reload the page.")
    payment = _check(document) if kind == "check" else _electronic(session, document)
    session.add(payment)
    session.flush()
    ledger.receive(session, payment)
    questions.finish(item, actor, f"made_{kind}")
    asks = ["amount", "micr", "match"] if kind == "check" else ["match"]
    made = questions.ask(session, payment, asks)
    remittance_partners.payment_changed(session, payment)
    audit.record(session, actor=actor, action="payment.made", subject_kind="payment",
                 subject_id=payment.id, detail={"kind": kind, "ref": payment.ref})  # fmt: skip
    return made


def as_remittance(session: Session, item_id: str, actor: str, token: int) -> Remittance:
    """The document a question is about is an insurer's remittance; its row, with nothing read yet.

    What was read of it stays as it was; the new reading says what it is. Raises WrongUse
    ``not_a_document``; Conflict ``lease_lost``, or ``payment_exists`` for one that is money.
    """
    lock(session)
    item = held(session, item_id, actor, token)
    document = item.document
    if document is None:
        raise WrongUse("not_a_document", "This question is about a payment.", "Confirm it.")
    if session.scalar(select(Payment.id).where(Payment.document_id == document.id)) is not None:
        raise Conflict("payment_exists", "This document is a payment already.", "Reload the page.")
    last = document.reading
    document.kind = "remittance"
    body = {**last.sealed, "kind": "remittance", "confidence": 1.0, "fields": {}, "warnings": []}
    session.add(ReadingRow(document_id=document.id, version=last.version + 1, sealed=body,
                           made_by=actor))  # fmt: skip
    session.flush()
    session.expire(document, ["readings"])
    questions.finish(item, actor, "made_remittance")
    audit.record(session, actor=actor, action="remittance.made", subject_kind="document",
                 subject_id=document.id, detail={"version": last.version + 1})  # fmt: skip
    row = remittance_partners.changed(session, document, actor)
    if row is None:
        raise Conflict("document_replaced", "This document was made anew in the page editor.",
                       "Open the queue again.")  # fmt: skip
    if row.partner_state == "dismissed":  # it was said to be none, and is one after all
        row = remittance_people.reopen(session, row.ref, actor)
    return row


def not_remittance(session: Session, ref: str, version: int, actor: str) -> ReviewItem:
    """A person says that this is no remittance: what the document is, is asked anew.

    Its readings stay. ``as_remittance`` takes it back. ``version`` is that of the reading the
    person saw. Raises WrongUse ``electronic_remittance`` for an 835; Conflict
    ``remittance_joined`` while it explains a payment, ``payment_exists`` for one that is money,
    ``reading_changed``.
    """
    lock(session)
    row = remittance_people.found(session, ref, None)
    document = row.document
    last = newest(document, version)
    if row.electronic:
        raise WrongUse("electronic_remittance", "An 835 is a remittance by what it is.",
                       "Dismiss it where it waits for its payment.")  # fmt: skip
    if session.scalar(select(Payment.id).where(Payment.document_id == document.id)) is not None:
        raise Conflict("payment_exists", "A payment was made of this remittance.", "Undo that.")
    if row.partner_state == "joined":
        raise Conflict("remittance_joined", f"{ref} explains a payment.",
                       "Part them first, under what was joined.")  # fmt: skip
    if row.partner_state == "none_needed":
        move(row, REMITTANCE_PARTNER, "waiting")
    if row.partner_state == "waiting":
        remittance_people.dismiss(session, ref, actor, "it is no remittance")
    document.kind = "unknown"
    body = {**last.sealed, "kind": "unknown", "confidence": 1.0, "fields": {}, "warnings": []}
    session.add(ReadingRow(document_id=document.id, version=last.version + 1, sealed=body,
                           made_by=actor))  # fmt: skip
    session.flush()
    session.expire(document, ["readings"])
    denials.drop(session, document, actor)
    item = questions.again_of_document(session, document, ["kind"])
    audit.record(session, actor=actor, action="remittance.unmade", subject_kind="document",
                 subject_id=document.id,
                 detail={"version": last.version + 1, "ref": row.ref})  # fmt: skip
    return item


def ask_again(
    session: Session, ref: str, actor: str, offices: Collection[str] | None = None
) -> ReviewItem:
    """What was said to be no remittance is asked about once more, however that was answered.

    ``offices`` are ids, None for all. Conflict ``not_dismissed`` for one that is a remittance,
    ``pages_replaced``, ``payment_exists``.
    """
    lock(session)
    row = remittance_people.found(session, ref, offices)
    document = row.document
    if document.kind == "remittance":
        raise Conflict("not_dismissed", f"{ref} was not said to be none.", "Reload the page.")
    if not document.live:
        raise Conflict("pages_replaced", f"The pages of {ref} were divided anew.",
                       "Look for what was made of them.")  # fmt: skip
    if session.scalar(select(Payment.id).where(Payment.document_id == document.id)) is not None:
        raise Conflict("payment_exists", "A payment was made of this document.", "Undo that.")
    item = questions.again_of_document(session, document, ["kind"])
    audit.record(session, actor=actor, action="document.asked_again", subject_kind="document",
                 subject_id=document.id, detail={"ref": row.ref})  # fmt: skip
    return item


def _check(document: Document) -> Payment:
    return Payment(**_common(document), kind="check", deposit_state="awaiting_review")


def _electronic(session: Session, document: Document) -> Payment:
    fields: dict[str, Any] = document.reading.sealed.get("fields") or {}
    total = value_of(fields, "total_paid_cents")
    if not isinstance(total, int) or total <= 0:
        raise WrongUse("total_unread", "The total of this remittance was not read.",
                       "Enter the payment in the practice-management system.")  # fmt: skip
    number = str(value_of(fields, "payment_number") or "")
    payer = str(value_of(fields, "payer_name") or "")
    # The same identity as an 835's, so that paper and file of one transfer are one payment.
    identity = f"{payer[:120]}|{number}|{total}"
    fingerprint = crypto.keyring().fingerprint("eft", identity) if number else None
    twin = fingerprint and session.scalar(
        select(Payment.ref).where(Payment.fingerprint == fingerprint, Payment.live)
    )
    if twin:
        raise Conflict("payment_exists", f"This transfer is held already as {twin}.",
                       "File the document.")  # fmt: skip
    return Payment(
        **_common(document), kind="eft", deposit_state="electronic", amount_cents=total,
        amount_by="system:register", payer_name=payer[:120], check_number=number[:20],
        fingerprint=fingerprint,
    )  # fmt: skip


def _common(document: Document) -> dict[str, Any]:
    envelope = document.transaction
    return {
        "ref": ids.new_ref("PAY"), "document_id": document.id, "transaction_id": envelope.id,
        "office_id": envelope.office_id, "received_on": envelope.source_file.received_on,
        "sealed": {}, "flags": [], "match_state": "undecided",
    }  # fmt: skip
