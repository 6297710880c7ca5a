"""The tables nobody may change: the audit chain and the double-entry journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from records import clock, ids
from records.models.base import Base


class AuditEvent(Base):
    """Who did or saw what, when; each row carries the hash of the one before it."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_subject", "subject_kind", "subject_id"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(100), index=True)
    action: Mapped[str] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64))
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class JournalSeal(Base):
    """The mark that an entry is whole; a trigger lets it in only when debits equal credits."""

    __tablename__ = "journal_seals"

    entry_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    total_cents: Mapped[int]


class JournalEntry(Base):
    """One event of money. It cannot be committed without its seal: the key below is deferred."""

    __tablename__ = "journal_entries"
    __table_args__ = (
        UniqueConstraint("reverses_id"),
        Index("ix_journal_entries_subject", "subject_kind", "subject_id"),
        CheckConstraint("reverses_id IS NULL OR reverses_id <> id", name="reverses_another"),
    )

    id: Mapped[str] = mapped_column(
        String(36),
        ForeignKey("journal_seals.entry_id", deferrable=True, initially="DEFERRED"),
        primary_key=True,
        default=ids.new_id,
    )
    kind: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64))
    reverses_id: Mapped[str | None] = mapped_column(ForeignKey("journal_entries.id"))
    memo: Mapped[str] = mapped_column(String(200), default="")


class JournalLine(Base):
    """One side of an entry: a debit or a credit of whole cents to one account."""

    __tablename__ = "journal_lines"
    __table_args__ = (
        CheckConstraint(
            "(debit_cents > 0 AND credit_cents = 0) OR (debit_cents = 0 AND credit_cents > 0)",
            name="one_side",
        ),
        Index("ix_journal_lines_account", "account"),
    )

    entry_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("journal_entries.id"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(String(100))
    debit_cents: Mapped[int] = mapped_column(default=0)
    credit_cents: Mapped[int] = mapped_column(default=0)
