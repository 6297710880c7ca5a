"""Tables of returned mail: address tasks, attempts on them, and statement holds."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account, AddressVersion
from records.models.base import Base, EncryptedJson, Identified
from records.models.group import Office
from records.models.mail import Document


class AddressTask(Identified, Base):
    """One returned piece to be worked until the account has an address that works.

    States are in ``workflow.ADDRESS_TASK``. ``reason`` is a key of the taxonomy in
    ``returned_mail.reasons``. ``evidence`` (sealed) holds the reading's text and ranked
    candidate accounts. ``piece_key`` is the label id or mailer id and serial, when read: the
    same piece scanned twice joins the open task.
    """

    __tablename__ = "address_tasks"
    __table_args__ = (Index("ix_address_tasks_state_due", "state", "due_on"),)

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), unique=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"), index=True)
    address_version_id: Mapped[str | None] = mapped_column(ForeignKey("address_versions.id"))
    reason: Mapped[str] = mapped_column(String(40))
    piece_key: Mapped[str | None] = mapped_column(String(80), index=True)
    state: Mapped[str] = mapped_column(String(20), default="open")
    due_on: Mapped[date]
    pieces: Mapped[int] = mapped_column(default=1)
    evidence: Mapped[Any] = mapped_column(EncryptedJson, default=dict)
    resolution: Mapped[str] = mapped_column(String(40), default="")
    resolved_by: Mapped[str | None] = mapped_column(String(80))
    resolved_at: Mapped[datetime | None]
    new_address_id: Mapped[str | None] = mapped_column(ForeignKey("address_versions.id"))

    office: Mapped[Office] = relationship()
    document: Mapped[Document] = relationship()
    account: Mapped[Account | None] = relationship()
    address_version: Mapped[AddressVersion | None] = relationship(foreign_keys=[address_version_id])
    attempts: Mapped[list[TaskAttempt]] = relationship(
        back_populates="task", order_by="TaskAttempt.created_at"
    )


class TaskAttempt(Identified, Base):
    """One try to find the right address: a call, a letter, a look-up, and how it ended."""

    __tablename__ = "task_attempts"

    task_id: Mapped[str] = mapped_column(ForeignKey("address_tasks.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    outcome: Mapped[str] = mapped_column(String(30))
    note: Mapped[Any] = mapped_column(EncryptedJson, default="")
    actor: Mapped[str] = mapped_column(String(80))

    task: Mapped[AddressTask] = relationship(back_populates="attempts")


class StatementHold(Identified, Base):
    """No statement is mailed to this account until the hold ends."""

    __tablename__ = "statement_holds"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("address_tasks.id"))
    until: Mapped[date | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
