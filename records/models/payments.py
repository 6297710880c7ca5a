"""Tables of money received: payments, decisions about them, their allocations, and review."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account, Statement
from records.models.base import Base, EncryptedJson, Identified
from records.models.group import Office
from records.models.mail import Document, MailTransaction

NOT_DEPOSITED_REASONS = (
    "misdirected",
    "unsigned",
    "stale",
    "postdated",
    "foreign",
    "third_party",
    "duplicate",
    "held",
    "not_negotiable",
)
DESTINATIONS = ("account", "unapplied", "unidentified")


class Payment(Identified, Base):
    """One check (or one electronic credit announced by an 835), from receipt to the bank.

    Two axes that never mix: ``deposit_state`` (``workflow.DEPOSIT_AXIS``) and ``match_state``
    (``workflow.MATCH_AXIS``). ``amount_cents`` is None until read for sure or keyed.
    ``fingerprint`` is the HMAC of routing, account, serial and amount; only one live payment
    has it (invariant 2). ``item_fingerprint`` leaves the amount out and raises an alert.
    ``sealed`` holds ``routing_number, account_number, check_number, micr_line``.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("kind IN ('check','eft')", name="kind"),
        CheckConstraint("amount_cents IS NULL OR amount_cents >= 0", name="amount"),
        Index(
            "ux_payments_live_fingerprint",
            "fingerprint",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
        Index("ix_payments_item_fingerprint", "item_fingerprint"),
        Index("ix_payments_payer_hmac", "payer_hmac"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10), default="check")
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), unique=True)
    transaction_id: Mapped[str] = mapped_column(ForeignKey("mail_transactions.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    received_on: Mapped[date] = mapped_column(index=True)
    amount_cents: Mapped[int | None]
    amount_by: Mapped[str] = mapped_column(String(80), default="")
    sealed: Mapped[Any] = mapped_column(EncryptedJson, default=dict)
    account_last4: Mapped[str] = mapped_column(String(4), default="")
    check_number: Mapped[str] = mapped_column(String(20), default="")
    payer_hmac: Mapped[str | None] = mapped_column(String(64))
    fingerprint: Mapped[str | None] = mapped_column(String(64))
    item_fingerprint: Mapped[str | None] = mapped_column(String(64))
    live: Mapped[bool] = mapped_column(default=True)
    payer_name: Mapped[str] = mapped_column(String(120), default="")
    written_on: Mapped[date | None]
    deposit_state: Mapped[str] = mapped_column(String(20), default="awaiting_review", index=True)
    not_deposited_reason: Mapped[str | None] = mapped_column(String(20))
    match_state: Mapped[str] = mapped_column(String(20), default="undecided", index=True)
    presentation: Mapped[int] = mapped_column(default=1)
    flags: Mapped[list[Any]] = mapped_column(default=list)
    duplicate_of_id: Mapped[str | None] = mapped_column(ForeignKey("payments.id"))
    override_by: Mapped[str | None] = mapped_column(String(80))

    document: Mapped[Document] = relationship()
    transaction: Mapped[MailTransaction] = relationship()
    office: Mapped[Office] = relationship()
    decisions: Mapped[list[Decision]] = relationship(
        back_populates="payment", order_by="Decision.created_at"
    )
    allocations: Mapped[list[Allocation]] = relationship(
        back_populates="payment", order_by="Allocation.created_at"
    )


class Decision(Identified, Base):
    """Who or what decided where a payment belongs; undo is a new decision that points back.

    ``outcome`` is ``auto``, ``review``, ``sampled`` (sure, and given to a person all the same),
    ``confirmed``, ``no_match`` or ``undone``. ``agreed`` is set on a person's answer to a sampled
    one: whether it is the split that the program was sure of. ``reasons`` is a list of
    ``{signal, level, weight, detail}`` whose weights add up to ``score``. ``candidates`` (sealed)
    is the ranked list shown to the specialist.
    """

    __tablename__ = "decisions"
    __table_args__ = (
        Index(
            "ix_decisions_answered", "created_at",
            sqlite_where=text("agreed IS NOT NULL"), postgresql_where=text("agreed IS NOT NULL"),
        ),
    )  # fmt: skip

    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), index=True)
    outcome: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(80))
    model_version: Mapped[str] = mapped_column(String(40), default="")
    score: Mapped[float | None]
    probability: Mapped[float | None]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    candidates: Mapped[Any] = mapped_column(EncryptedJson, default=list)
    supersedes_id: Mapped[str | None] = mapped_column(ForeignKey("decisions.id"), index=True)
    agreed: Mapped[bool | None]

    payment: Mapped[Payment] = relationship(back_populates="decisions")


class Allocation(Identified, Base):
    """A part of a payment and where it goes; live allocations of a payment sum to its amount."""

    __tablename__ = "allocations"
    __table_args__ = (
        CheckConstraint(f"destination IN {DESTINATIONS}", name="destination"),
        CheckConstraint("(destination = 'unidentified') = (account_id IS NULL)", name="account"),
    )

    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), index=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decisions.id"))
    destination: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    statement_id: Mapped[str | None] = mapped_column(ForeignKey("statements.id"))
    amount_cents: Mapped[int]
    live: Mapped[bool] = mapped_column(default=True)
    reason: Mapped[str] = mapped_column(String(60), default="")

    payment: Mapped[Payment] = relationship(back_populates="allocations")
    account: Mapped[Account | None] = relationship()
    statement: Mapped[Statement | None] = relationship()


class ReviewItem(Identified, Base):
    """Something a person must look at: a doubtful payment, or a document nothing else takes.

    States are in ``workflow.REVIEW``. ``asks`` lists what is asked: ``amount``, ``micr``,
    ``match``, ``duplicate``, ``payee``, ``signature``, ``kind``, ``date``. ``lease_token``
    rises with each lease, so that an answer under an old lease is refused.
    """

    __tablename__ = "review_items"
    __table_args__ = (Index("ix_review_items_order", "state", "value_cents", "created_at"),)

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    payment_id: Mapped[str | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    document_id: Mapped[str | None] = mapped_column(ForeignKey("documents.id"), unique=True)
    state: Mapped[str] = mapped_column(String(20), default="open")
    asks: Mapped[list[Any]] = mapped_column(default=list)
    value_cents: Mapped[int] = mapped_column(default=0)
    leased_by: Mapped[str | None] = mapped_column(String(80))
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[int] = mapped_column(default=0)
    done_by: Mapped[str | None] = mapped_column(String(80))
    done_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(40), default="")

    payment: Mapped[Payment | None] = relationship()
    document: Mapped[Document | None] = relationship()
    office: Mapped[Office] = relationship()


class KeyedValue(Identified, Base):
    """A value a person keyed or confirmed on a payment: who, which field, never the sealed value.

    Whoever stands here cannot approve the deposit the payment is in (invariant 10).
    """

    __tablename__ = "keyed_values"
    __table_args__ = (UniqueConstraint("payment_id", "field", "actor"),)

    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), index=True)
    field: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(80))
