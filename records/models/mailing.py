"""Tables of what was mailed: every piece with its barcode, and how many of each mailer and month.

Pieces are added and never changed: a statement mailed again is another piece.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account, AddressVersion, Statement
from records.models.base import Base, EncryptedJson, Identified


class MailedPiece(Identified, Base):
    """One envelope that was mailed, known by its Intelligent Mail barcode and mail date.

    ``address_version_id`` is the address that it went to, None when the one printed is none of the
    account's; ``mailed_to`` is that address as the print vendor says it, None where only a version
    was named. ``run_id`` is the import it came with, ``vendor`` who printed it.
    """

    __tablename__ = "mailed_pieces"
    __table_args__ = (
        # A serial may come again after 45 days; that it does not before is checked on the way in.
        UniqueConstraint("mailer_id", "serial", "mailed_on"),
        Index("ix_mailed_pieces_mailer_id_mailed_on", "mailer_id", "mailed_on"),
    )

    statement_id: Mapped[str] = mapped_column(ForeignKey("statements.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    address_version_id: Mapped[str | None] = mapped_column(ForeignKey("address_versions.id"))
    mailed_to: Mapped[Any | None] = mapped_column(EncryptedJson)
    mailed_on: Mapped[date]
    imb: Mapped[str] = mapped_column(String(31), index=True)
    mailer_id: Mapped[str] = mapped_column(String(9))
    serial: Mapped[str] = mapped_column(String(9))
    vendor: Mapped[str] = mapped_column(String(80), default="")
    run_id: Mapped[str | None] = mapped_column(ForeignKey("import_runs.id"))

    statement: Mapped[Statement] = relationship()
    account: Mapped[Account] = relationship()
    address_version: Mapped[AddressVersion | None] = relationship()


class MailedBlock(Identified, Base):
    """How many pieces of one mailer were mailed in one month (``2026-11``): tells a stale file."""

    __tablename__ = "mailed_blocks"
    __table_args__ = (
        UniqueConstraint("mailer_id", "month"),
        CheckConstraint("pieces >= 0", name="pieces"),
    )

    mailer_id: Mapped[str] = mapped_column(String(9))
    month: Mapped[str] = mapped_column(String(7))
    pieces: Mapped[int] = mapped_column(default=0)
