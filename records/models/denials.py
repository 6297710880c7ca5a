"""Tables of denials: what an insurer did not pay, why, what is at stake, and what came of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account
from records.models.base import Base, EncryptedJson, Identified
from records.models.group import Office
from records.models.mail import Document

DENIAL_KINDS = ("denied", "zero_paid", "underpaid")


class Denial(Identified, Base):
    """A line (``line`` -1: a whole claim) of a remittance that was denied, or paid short.

    ``group_code`` and ``reason_code`` are the adjustment that takes most of it (CAS group, CARC,
    or a code as printed); ``codes`` all of them, ``remarks`` the RARCs. ``sealed`` holds
    ``patient_name, member_id, patient_account, claim_number``; ``claim_hmac`` is the keyed hash of
    the last. States: ``workflow.DENIAL``. ``overturned_by_id`` is a later remittance that pays the
    claim and ``recovered_cents`` what it pays of it: a suggestion until a person ends it.
    """

    __tablename__ = "denials"
    __table_args__ = (
        UniqueConstraint("document_id", "claim", "line"),
        CheckConstraint(f"kind IN {DENIAL_KINDS}", name="kind"),
        CheckConstraint("at_stake_cents > 0", name="at_stake"),
        CheckConstraint("recovered_cents >= 0", name="recovered"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index("ix_denials_claim_hmac", "claim_hmac"),
        Index("ix_denials_office_id_state", "office_id", "state"),
        Index("ix_denials_told_on", "told_on"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    claim: Mapped[int]
    line: Mapped[int]
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    payer_name: Mapped[str] = mapped_column(String(120))
    told_on: Mapped[date]
    kind: Mapped[str] = mapped_column(String(20))
    group_code: Mapped[str] = mapped_column(String(2), default="")
    reason_code: Mapped[str] = mapped_column(String(10), default="")
    codes: Mapped[list[Any]] = mapped_column(default=list)
    remarks: Mapped[list[Any]] = mapped_column(default=list)
    service_on: Mapped[date | None]
    procedure: Mapped[str] = mapped_column(String(10), default="")
    charged_cents: Mapped[int]
    paid_cents: Mapped[int]
    at_stake_cents: Mapped[int]
    claim_hmac: Mapped[str] = mapped_column(String(64), default="")
    sealed: Mapped[Any] = mapped_column(EncryptedJson, default=dict)
    state: Mapped[str] = mapped_column(String(24), default="open")
    due_on: Mapped[date]
    worked_by: Mapped[str | None] = mapped_column(String(80))
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]
    overturned_by_id: Mapped[str | None] = mapped_column(ForeignKey("documents.id"))
    recovered_cents: Mapped[int] = mapped_column(default=0)

    document: Mapped[Document] = relationship(foreign_keys=[document_id])
    overturned_by: Mapped[Document | None] = relationship(foreign_keys=[overturned_by_id])
    office: Mapped[Office] = relationship()
    account: Mapped[Account | None] = relationship()
    notes: Mapped[list[DenialNote]] = relationship(
        back_populates="denial", order_by="DenialNote.created_at"
    )


class DenialNote(Identified, Base):
    """What was done about a denial: by whom, from which state to which, and words; only added."""

    __tablename__ = "denial_notes"

    denial_id: Mapped[str] = mapped_column(ForeignKey("denials.id"), index=True)
    actor: Mapped[str] = mapped_column(String(80))
    from_state: Mapped[str] = mapped_column(String(24), default="")
    to_state: Mapped[str] = mapped_column(String(24), default="")
    sealed: Mapped[Any] = mapped_column(EncryptedJson, default=dict)

    denial: Mapped[Denial] = relationship(back_populates="notes")
