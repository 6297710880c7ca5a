"""Tables of what a remittance pays that has no place yet: its claims, and parts that are held."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account
from records.models.base import Base, EncryptedJson, Identified
from records.models.group import Office
from records.models.mail import Document
from records.models.payments import Allocation, Payment

HELD_REASONS = (
    "account_not_found",
    "two_candidates",
    "claim_not_found",
    "numbers_disagree",
    "takeback",
    "takeback_unknown",
    "insurer_adjustment",
    "line_unreadable",
    "not_our_patient",
    "remainder",
    "other",
)
"""Why a part of a payment is held: the first four, what matching found of a claim."""


class RemittedClaim(Identified, Base):
    """A claim that a remittance names, so that a later one about it finds it.

    ``claim_hmac`` is the keyed hash of the insurer's claim number. Rows follow the document's
    newest reading.
    """

    __tablename__ = "remitted_claims"
    __table_args__ = (
        UniqueConstraint("document_id", "position"),
        Index("ix_remitted_claims_claim_hmac", "claim_hmac"),
    )

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    position: Mapped[int]
    claim_hmac: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(4), default="")
    charged_cents: Mapped[int | None]
    paid_cents: Mapped[int | None]

    document: Mapped[Document] = relationship()


class HeldPart(Identified, Base):
    """A part of a payment without a place, under a typed reason, while the other parts post.

    ``allocation_id`` is the part that is held; it ends when a person places the part
    (``decision_id``), or the whole match is undone. ``sealed`` is what the remittance says of the
    claim (``patient_name, member_id, patient_account, claim_number, service_on, charged_cents``)
    and ``candidates``, account numbers. ``pair_payment_id`` and ``pair_account_id``: of what an
    insurer takes back, the payment that paid it and the account it went to.
    """

    __tablename__ = "held_parts"
    __table_args__ = (
        CheckConstraint(f"reason IN {HELD_REASONS}", name="reason"),
        CheckConstraint("state IN ('open','placed','withdrawn')", name="state"),
        CheckConstraint(
            "(state = 'open') = (ended_at IS NULL) AND (state = 'open') = (ended_by IS NULL)",
            name="ended",
        ),
        CheckConstraint("(state = 'placed') = (decision_id IS NOT NULL)", name="placed"),
        CheckConstraint("amount_cents <> 0", name="amount"),
        Index("ix_held_parts_state", "state", "office_id"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), index=True)
    allocation_id: Mapped[str] = mapped_column(ForeignKey("allocations.id"), unique=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    reason: Mapped[str] = mapped_column(String(30))
    label: Mapped[str] = mapped_column(String(60), default="")
    amount_cents: Mapped[int]
    held_by: Mapped[str] = mapped_column(String(80))
    sealed: Mapped[Any] = mapped_column(EncryptedJson, default=dict)
    pair_payment_id: Mapped[str | None] = mapped_column(ForeignKey("payments.id"))
    pair_account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    state: Mapped[str] = mapped_column(String(20), default="open")
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decisions.id"))
    note: Mapped[str] = mapped_column(String(200), default="")

    payment: Mapped[Payment] = relationship(foreign_keys=[payment_id])
    allocation: Mapped[Allocation] = relationship()
    office: Mapped[Office] = relationship()
    pair_payment: Mapped[Payment | None] = relationship(foreign_keys=[pair_payment_id])
    pair_account: Mapped[Account | None] = relationship()
