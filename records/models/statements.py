"""Tables of banks' statements: how a CSV names its columns, and the balances that files tell."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.banking import BankFile
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


class BankBalance(Identified, Base):
    """The balances of one statement in a bank's file; ``position`` is its place there, from 0.

    Ledger balances in cents, below zero when overdrawn; one of them may be untold.
    ``moved_cents`` are the credits less the debits of the statement's ``line_count`` lines.
    """

    __tablename__ = "bank_balances"
    __table_args__ = (
        CheckConstraint("from_on <= to_on", name="days"),
        CheckConstraint("opening_cents IS NOT NULL OR closing_cents IS NOT NULL", name="told"),
        UniqueConstraint("bank_file_id", "position"),
        Index("ix_bank_balances_bank_account_id_to_on", "bank_account_id", "to_on"),
    )

    bank_file_id: Mapped[str] = mapped_column(ForeignKey("bank_files.id"))
    bank_account_id: Mapped[str] = mapped_column(ForeignKey("bank_accounts.id"))
    position: Mapped[int]
    from_on: Mapped[date]
    to_on: Mapped[date]
    opening_cents: Mapped[int | None]
    closing_cents: Mapped[int | None]
    moved_cents: Mapped[int]
    line_count: Mapped[int]

    bank_file: Mapped[BankFile] = relationship()
    bank_account: Mapped[BankAccount] = relationship()
