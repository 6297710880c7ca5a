"""Drawn payments as mail that was read, and a specialist who knows the truth."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.match_payments import Drawn
from matching import match, registering, review
from matching.types import AllocationInput
from records import ids
from records.models import (
    Decision,
    Document,
    MailTransaction,
    Office,
    Payment,
    ReadingRow,
    ReviewItem,
    SourceFile,
)

SPECIALIST = "user:bench"
_RECEIVED = date(2026, 11, 16)
_ROUTING = "021000021"
_SURE = 0.995


def matched(session: Session, office: Office, mail: Sequence[Drawn], seed: int) -> list[Payment]:
    """One file with an envelope for each drawn payment, registered and matched as mail is."""
    rng = random.Random(f"mail:{seed}")
    file = SourceFile(
        ref=ids.new_ref("ITM"), sha256=ids.new_id().replace("-", "") * 2, name="bag.pdf",
        size_bytes=1, office_id=office.id, channel="cli", uploaded_by="user:courier",
        received_on=_RECEIVED, state="read", media_type="application/pdf",
    )  # fmt: skip
    session.add(file)
    session.flush()
    for place, each in enumerate(mail):
        _envelope(session, file, place, each, f"{seed}{place:06d}", rng)
    session.flush()
    session.expire_all()
    registering.save(session, file.id, registering.STAGE.work(registering.load(session, file.id)))
    session.flush()
    for envelope in list(file.transactions):
        match.save(session, envelope.id, match.work(match.load(session, envelope.id)))
    session.flush()
    query = (
        select(Payment)
        .join(MailTransaction, MailTransaction.id == Payment.transaction_id)
        .where(MailTransaction.source_file_id == file.id)
        .order_by(MailTransaction.position)
    )
    return list(session.scalars(query))


def _envelope(
    session: Session, file: SourceFile, place: int, each: Drawn, serial: str, rng: random.Random
) -> None:
    clues = each.clues
    check = _reading("check", {
        "routing_number": _ROUTING, "account_number": str(rng.randint(10**7, 10**9)),
        "check_number": serial[-6:], "amount_cents": clues.amount_cents,
        "payer_name": clues.payer_name, "payer_address": clues.payer_address, "memo": clues.memo,
        "payee_name": "", "date": "2026-11-10", "signed": True,
    })  # fmt: skip
    documents = [check]
    if clues.account_numbers or clues.statement_numbers or clues.patient_names:
        documents.append(_reading("coupon", {
            "account_number": next(iter(clues.account_numbers), ""),
            "statement_number": next(iter(clues.statement_numbers), ""),
            "patient_name": next(iter(clues.patient_names), ""),
        }))  # fmt: skip
    envelope = MailTransaction(
        ref=ids.new_ref("ENV"), source_file_id=file.id, office_id=file.office_id,
        position=place * 1000, state="read",
    )  # fmt: skip
    session.add(envelope)
    session.flush()
    for position, body in enumerate(documents):
        document = Document(
            ref=ids.new_ref("DOC"), transaction_id=envelope.id, position=position,
            kind=body["kind"], page_ids=[f"page-{place}-{position}"],
        )  # fmt: skip
        session.add(document)
        session.flush()
        session.add(ReadingRow(document_id=document.id, version=1, sealed=body, made_by="bench"))


def _reading(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    fields = {
        name: {"value": value, "confidence": _SURE, "page": 0, "box": [1, 2, 3, 4],
               "source": "bench", "alternatives": []}
        for name, value in values.items() if value not in ("", None)
    }  # fmt: skip
    return {"kind": kind, "confidence": 0.99, "pages": [0], "fields": fields, "warnings": []}


def newest(session: Session, payment: Payment) -> Decision:
    """The program's decision on a payment nobody has answered yet."""
    query = select(Decision).where(Decision.payment_id == payment.id)
    return session.scalars(query.order_by(Decision.created_at.desc()).limit(1)).one()


def is_right(decision: Decision, each: Drawn, true_cents: int) -> bool:
    """Whether the split that was proposed pays the true accounts the true sum."""
    parts = _proposed(decision)
    got = {part["account_number"] for part in parts}
    return got == each.accounts and sum(part["amount_cents"] for part in parts) == true_cents


def answer(session: Session, payment: Payment, each: Drawn, true_cents: int) -> None:
    """A specialist who knows the truth confirms what is right and keys what is not."""
    decision = newest(session, payment)
    item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
    held = review.lease(session, item.id, SPECIALIST)
    if is_right(decision, each, true_cents):
        said = [
            AllocationInput(p["destination"], p["account_number"], p["statement_number"],
                            p["amount_cents"])
            for p in _proposed(decision)
        ]  # fmt: skip
    elif each.accounts:
        said = [AllocationInput("unapplied", min(each.accounts), None, true_cents)]
    else:
        said = [AllocationInput("unidentified", None, None, true_cents)]
    amount = None if payment.amount_cents == true_cents else true_cents
    review.confirm(session, held.id, SPECIALIST, held.lease_token, allocations=said,
                   amount_cents=amount, deposit=False)  # fmt: skip


def _proposed(decision: Decision) -> list[dict[str, Any]]:
    kept: dict[str, Any] = decision.candidates
    return list(kept["proposals"][0]["allocations"]) if kept.get("proposals") else []
