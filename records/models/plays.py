"""Tables of what an office does with returned mail: plays and texts in versions, and addresses
that nobody may replace."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account, AddressVersion
from records.models.base import Base, EncryptedJson, Identified
from records.models.group import Office


class PlayVersion(Identified, Base):
    """What to do for a reason, as it was set; the newest row counts, rows are never changed.

    ``office_id`` None: for the whole group. ``settings`` keys are those of
    ``returned_mail.plays.EDITABLE``; empty settings mean the level above: the group's for an
    office, the default table for the group.
    """

    __tablename__ = "play_versions"
    __table_args__ = (Index("ix_play_versions_reason", "reason", "office_id"),)

    office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    reason: Mapped[str] = mapped_column(String(40))
    version: Mapped[int]
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    actor: Mapped[str] = mapped_column(String(80))

    office: Mapped[Office | None] = relationship()


class TaskText(Identified, Base):
    """A call script, message or letter in one language; the newest row counts.

    ``office_id`` None: for the whole group. An empty body means the text that comes with the
    program.
    """

    __tablename__ = "task_texts"
    __table_args__ = (Index("ix_task_texts_kind", "kind", "language", "office_id"),)

    office_id: Mapped[str | None] = mapped_column(ForeignKey("offices.id"))
    kind: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(2))
    version: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(String(80))

    office: Mapped[Office | None] = relationship()


class ConfidentialAddress(Identified, Base):
    """An address that the patient asked all mail to go to (45 CFR 164.522(b)).

    While ``ended_at`` is None, no import, label, verifier or task puts another in its place. The
    database holds one such row for an account.
    """

    __tablename__ = "confidential_addresses"
    __table_args__ = (
        Index(
            "ux_confidential_addresses_live",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    address_version_id: Mapped[str] = mapped_column(ForeignKey("address_versions.id"))
    asked_by: Mapped[str] = mapped_column(String(80))
    sealed: Mapped[Any] = mapped_column(EncryptedJson, default=dict)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = mapped_column(String(80))

    account: Mapped[Account] = relationship()
    address_version: Mapped[AddressVersion] = relationship()
