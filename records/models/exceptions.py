"""The table of checks kept out of deposits: since when, for which reason, and how it ended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, EncryptedJson, Identified
from records.models.payments import Payment

LEAVES = ("put_back", "date_came", "another_check")
"""Outcomes after which the check may be deposited again."""
STAYS = ("returned_to_sender", "returned_to_office", "sent_for_collection", "new_check_asked",
         "same_check", "other_reason", "held")  # fmt: skip
"""Outcomes after which it is still not deposited; the last two are followed by another row."""
GONE = ("returned_to_sender", "returned_to_office", "new_check_asked", "same_check")
"""Outcomes after which nothing of the check is awaited any more."""
OUTCOMES = (*LEAVES, *STAYS)


class DepositException(Identified, Base):
    """A stretch of time in which a check is not deposited, for one typed reason.

    One is open at most for a check, and none ends without its ``outcome`` (``OUTCOMES``), who
    said so and when; ended, it never changes. ``until_on``: held until that day in the zone of
    the bank account. ``ended_on`` is the day it left the house. ``evidence`` (sealed) is how it
    went, or what two pictures that were compared had in common.
    """

    __tablename__ = "deposit_exceptions"
    __table_args__ = (
        CheckConstraint(
            "(outcome = '') = (ended_at IS NULL) AND (outcome = '') = (ended_by IS NULL)",
            name="ended",
        ),
        CheckConstraint(f"outcome IN {('', *OUTCOMES)}", name="outcome"),
        Index(
            "ux_deposit_exceptions_open", "payment_id", unique=True,
            sqlite_where=text("outcome = ''"), postgresql_where=text("outcome = ''"),
        ),
        Index("ix_deposit_exceptions_payment_id", "payment_id"),
    )  # fmt: skip

    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    reason: Mapped[str] = mapped_column(String(20))
    set_by: Mapped[str] = mapped_column(String(80))
    until_on: Mapped[date | None]
    outcome: Mapped[str] = mapped_column(String(20), default="")
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]
    evidence: Mapped[Any] = mapped_column(EncryptedJson, nullable=True)

    payment: Mapped[Payment] = relationship()
