"""The table of column maps: how a bank account's CSV statements name what they hold."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, Identified
from records.models.group import BankAccount


class BankColumnMap(Identified, Base):
    """Which header of a bank's CSV means what; ``columns`` as ``deposits.bank.CsvProfile`` has it.

    One a bank account; saving another takes its place, and the audit chain keeps who did.
    """

    __tablename__ = "bank_column_maps"

    bank_account_id: Mapped[str] = mapped_column(ForeignKey("bank_accounts.id"), unique=True)
    columns: Mapped[dict[str, Any]]
    date_format: Mapped[str] = mapped_column(String(40), default="")
    delimiter: Mapped[str] = mapped_column(String(1), default="")
    saved_by: Mapped[str] = mapped_column(String(80))

    bank_account: Mapped[BankAccount] = relationship()
