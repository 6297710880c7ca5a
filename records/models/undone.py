"""Settlements that a person took back: what a bank line paid before, and why it does no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, Identified


class UndoneSettlement(Identified, Base):
    """What a settlement of electronic money said, kept for good when it was taken back.

    ``settlement_id`` was its id, ``settled_by`` and ``settled_at`` who made it and when. The
    program settles this line with this payment no more; a person may.
    """

    __tablename__ = "undone_settlements"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="why"),
        UniqueConstraint("settlement_id"),
    )

    settlement_id: Mapped[str] = mapped_column(String(36))
    bank_line_id: Mapped[str] = mapped_column(ForeignKey("bank_lines.id"), index=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), index=True)
    amount_cents: Mapped[int]
    difference_cents: Mapped[int]
    adjustment_reason: Mapped[str] = mapped_column(String(120), default="")
    settled_by: Mapped[str] = mapped_column(String(80))
    settled_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(String(200))
    actor: Mapped[str] = mapped_column(String(80))
