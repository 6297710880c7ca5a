"""The table of signed days: a day's proof as a named person signed it, never changed afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, Identified
from records.models.group import BankAccount


class DaySignature(Identified, Base):
    """One bank account's day, proved and signed; days of an account are signed in their order.

    ``document`` is the proof as ``deposits.day_record`` made it, with references and cents and
    nobody's name; ``sha256`` is over its canonical JSON, and stands in the audit chain as well.
    """

    __tablename__ = "day_signatures"
    __table_args__ = (
        UniqueConstraint("bank_account_id", "day_on"),
        CheckConstraint("unexplained_cents = 0", name="explained"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    bank_account_id: Mapped[str] = mapped_column(ForeignKey("bank_accounts.id"))
    day_on: Mapped[date]
    signed_by: Mapped[str] = mapped_column(String(80))
    unexplained_cents: Mapped[int]
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))

    bank_account: Mapped[BankAccount] = relationship()
