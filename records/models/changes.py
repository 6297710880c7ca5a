"""Tables of what goes back into the practice-management system about addresses, beside money."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account, AddressVersion
from records.models.base import Base, EncryptedJson, Identified
from records.models.group import Office
from records.models.returned import AddressTask


class ChangeExport(Identified, Base):
    """One file of account changes given to a PMS; ``file_sha256`` is in the file store."""

    __tablename__ = "change_exports"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    format: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(120))
    file_sha256: Mapped[str] = mapped_column(String(64))
    count: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(80))

    office: Mapped[Office] = relationship()


class AccountChange(Identified, Base):
    """One change of an account on its way into the PMS.

    ``kind`` is ``address_change``, ``bad_address_set``, ``bad_address_cleared`` or
    ``account_note``; states are in ``workflow.ACCOUNT_CHANGE``. ``key`` is unique: one row for a
    task, kind and address version (and, for a note, each time that the task ended). ``sealed``
    holds what is said: the address, or the note's text. ``error`` (sealed) is why it was refused
    or withdrawn. ``sent_at`` is when it last may have left for a PMS that is spoken to directly.
    """

    __tablename__ = "account_changes"
    __table_args__ = (
        Index("ix_account_changes_state", "state", "office_id"),
        Index("ix_account_changes_account_id", "account_id"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("address_tasks.id"), index=True)
    address_version_id: Mapped[str | None] = mapped_column(ForeignKey("address_versions.id"))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(180), unique=True)
    sealed: Mapped[Any] = mapped_column(EncryptedJson)
    state: Mapped[str] = mapped_column(String(20), default="queued")
    error: Mapped[Any] = mapped_column(EncryptedJson, default=None, nullable=True)
    export_id: Mapped[str | None] = mapped_column(ForeignKey("change_exports.id"), index=True)
    pms_reference: Mapped[str] = mapped_column(String(60), default="")
    queued_by: Mapped[str] = mapped_column(String(80))
    queued_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    office: Mapped[Office] = relationship()
    account: Mapped[Account] = relationship()
    task: Mapped[AddressTask | None] = relationship()
    address_version: Mapped[AddressVersion | None] = relationship()
    export: Mapped[ChangeExport | None] = relationship()
