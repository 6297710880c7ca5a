"""The table of returned items that a bank told and whose check nobody knew."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.banking import BankFile, ReturnedItem
from records.models.base import Base, EncryptedJson, Identified
from records.models.group import BankAccount

OUTCOMES = ("tied", "not_ours", "entered")
"""Tied to a check by a person; not a check of ours; found by a later look of the program."""


class UnmatchedReturn(Identified, Base):
    """An item of a return file, or told by paper, whose check was not found, or not credited yet.

    ``number`` is its place in the file, from 1 (0: told by paper). ``fingerprint`` (keyed) is the
    same each time the item comes. ``amount_cents`` is None where it could not be read. ``sealed``
    holds its MICR line, the sequence numbers that may be ours, and words. It ends once, with an
    ``outcome`` of ``OUTCOMES``, who and when; ``note`` says why it is not ours, or why the
    amounts differ.
    """

    __tablename__ = "unmatched_returns"
    __table_args__ = (
        CheckConstraint(f"outcome IN {('', *OUTCOMES)}", name="outcome"),
        CheckConstraint(
            "(outcome = '') = (ended_at IS NULL) AND (outcome = '') = (ended_by IS NULL)",
            name="ended",
        ),
        CheckConstraint(
            "(outcome IN ('tied','entered')) = (returned_item_id IS NOT NULL)", name="item"
        ),
        CheckConstraint("outcome <> 'not_ours' OR note <> ''", name="why"),
        CheckConstraint("amount_cents >= 0", name="amount"),
        Index("ix_unmatched_returns_outcome", "outcome"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    bank_file_id: Mapped[str | None] = mapped_column(ForeignKey("bank_files.id"))
    bank_account_id: Mapped[str | None] = mapped_column(ForeignKey("bank_accounts.id"))
    number: Mapped[int]
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    amount_cents: Mapped[int | None]
    reason: Mapped[str] = mapped_column(String(60))
    returned_on: Mapped[date]
    forwarded_on: Mapped[date | None]
    sealed: Mapped[Any] = mapped_column(EncryptedJson)
    entered_by: Mapped[str] = mapped_column(String(80))
    outcome: Mapped[str] = mapped_column(String(20), default="")
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]
    returned_item_id: Mapped[str | None] = mapped_column(
        ForeignKey("returned_items.id"), unique=True
    )
    note: Mapped[str] = mapped_column(String(200), default="")

    bank_file: Mapped[BankFile | None] = relationship()
    bank_account: Mapped[BankAccount | None] = relationship()
    returned_item: Mapped[ReturnedItem | None] = relationship()
