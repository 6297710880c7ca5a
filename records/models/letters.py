"""Tables of what a bank is sent, each check's views and cash letters, and of the paper kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.banking import Deposit
from records.models.base import Base, Identified
from records.models.payments import Payment


class CheckImage(Identified, Base):
    """Front and back of a check as a bank takes them (X9.100-181), in the file store by hash.

    ``suspects`` lists the image quality conditions, ``{name, side, found, limit}``; a person may
    send the check all the same, by name. ``problem`` is a code where no view could be made, and
    then there is none. ``back_made``: nobody scanned the back.
    """

    __tablename__ = "check_images"
    __table_args__ = (
        CheckConstraint("(front_sha256 IS NULL) = (problem <> '')", name="front"),
        CheckConstraint("(accepted_by IS NULL) = (accepted_at IS NULL)", name="accepted"),
    )

    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), unique=True)
    front_sha256: Mapped[str | None] = mapped_column(String(64))
    back_sha256: Mapped[str | None] = mapped_column(String(64))
    back_made: Mapped[bool] = mapped_column(default=False)
    suspects: Mapped[list[Any]] = mapped_column(default=list)
    problem: Mapped[str] = mapped_column(String(60), default="")
    accepted_by: Mapped[str | None] = mapped_column(String(80))
    accepted_at: Mapped[datetime | None]

    payment: Mapped[Payment] = relationship()


class CashLetter(Identified, Base):
    """An image cash letter made of a deposit; its ``number`` is used once, for ever.

    The file is in the file store under ``file_sha256``: asked for again, the same bytes come.
    """

    __tablename__ = "cash_letters"
    __table_args__ = (CheckConstraint("number > 0", name="number"),)

    number: Mapped[int] = mapped_column(unique=True)
    deposit_id: Mapped[str] = mapped_column(ForeignKey("deposits.id"), unique=True)
    profile: Mapped[str] = mapped_column(String(40))
    file_sha256: Mapped[str] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(String(120))
    item_count: Mapped[int]
    total_cents: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(80))

    deposit: Mapped[Deposit] = relationship()


class PaperOriginals(Identified, Base):
    """Where the paper of a deposit's checks lies, until when, and who destroyed it.

    Two people destroy it: ``destroyed_by`` says it and ``witnessed_by``, somebody else, bears it
    out; only then ``destroyed_at`` is set.
    """

    __tablename__ = "paper_originals"
    __table_args__ = (
        CheckConstraint("witnessed_by IS NULL OR witnessed_by <> destroyed_by", name="two_people"),
        CheckConstraint("(destroyed_at IS NULL) = (witnessed_by IS NULL)", name="destroyed"),
    )

    deposit_id: Mapped[str] = mapped_column(ForeignKey("deposits.id"), unique=True)
    location: Mapped[str] = mapped_column(String(120))
    keep_until: Mapped[date]
    stored_by: Mapped[str] = mapped_column(String(80))
    destroyed_by: Mapped[str | None] = mapped_column(String(80))
    witnessed_by: Mapped[str | None] = mapped_column(String(80))
    destroyed_at: Mapped[datetime | None]

    deposit: Mapped[Deposit] = relationship()
