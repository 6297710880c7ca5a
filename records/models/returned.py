"""Tables of returned mail: pieces, address tasks, attempts, holds and statements to remail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account, AddressVersion, Statement
from records.models.base import Base, EncryptedJson, Identified
from records.models.group import Office
from records.models.mail import Document


class AddressTask(Identified, Base):
    """One returned piece to be worked until the account has an address that works.

    States are in ``workflow.ADDRESS_TASK``. ``reason`` is a key of the taxonomy in
    ``returned_mail.reasons``. ``evidence`` (sealed) holds the reading's text and ranked
    candidate accounts. ``play`` is what an office does for this reason as it stood when the task
    was opened (``returned_mail.plays``; empty: the default), ``play_version`` its number there,
    0 for the default. ``due_on`` is when ``step`` is due. ``clock_on`` is the day that the steps
    are counted from; None: the day the task was added. ``queue`` names the guarded list that it
    stands in: ``deceased``, ``opened`` or ``dispute``, empty for none. ``priority`` rises each
    time that mail to a corrected address comes back. ``waited`` once it was mailed again after a
    wait: it waits no second time.
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
    play: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    play_version: Mapped[int] = mapped_column(default=0, server_default="0")
    step: Mapped[str] = mapped_column(String(20), default="triage", server_default="triage")
    clock_on: Mapped[date | None]
    queue: Mapped[str] = mapped_column(String(20), default="", server_default="")
    priority: Mapped[int] = mapped_column(default=0, server_default="0")
    waited: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    triaged_at: Mapped[datetime | None]
    supervisor_at: Mapped[datetime | None]
    supervisor_on: Mapped[date | None] = mapped_column(index=True)

    office: Mapped[Office] = relationship()
    document: Mapped[Document] = relationship()
    account: Mapped[Account | None] = relationship()
    address_version: Mapped[AddressVersion | None] = relationship(foreign_keys=[address_version_id])
    attempts: Mapped[list[TaskAttempt]] = relationship(
        back_populates="task", order_by="TaskAttempt.created_at"
    )
    accounts: Mapped[list[TaskAccount]] = relationship(
        back_populates="task", order_by="TaskAccount.created_at"
    )


class TaskAttempt(Identified, Base):
    """One try to find the right address: a call, a letter, a look-up, and how it ended."""

    __tablename__ = "task_attempts"

    task_id: Mapped[str] = mapped_column(ForeignKey("address_tasks.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    outcome: Mapped[str] = mapped_column(String(30))
    note: Mapped[Any] = mapped_column(EncryptedJson, default="")
    actor: Mapped[str] = mapped_column(String(80))
    next_on: Mapped[date | None]

    task: Mapped[AddressTask] = relationship(back_populates="attempts")


class TaskAccount(Identified, Base):
    """An account whose address a task works on: its own, or one of the household.

    ``live`` while the task is unfinished and the account belongs to it; the database holds one
    live row for an account and address version (or for an account without address), so that no
    two people work on the same.
    """

    __tablename__ = "task_accounts"
    __table_args__ = (
        Index(
            "ux_task_accounts_live",
            "account_id",
            "address_version_id",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
        Index(
            "ux_task_accounts_live_without_address",
            "account_id",
            unique=True,
            sqlite_where=text("live AND address_version_id IS NULL"),
            postgresql_where=text("live AND address_version_id IS NULL"),
        ),
        Index("ix_task_accounts_task_id", "task_id"),
    )

    task_id: Mapped[str] = mapped_column(ForeignKey("address_tasks.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    address_version_id: Mapped[str | None] = mapped_column(ForeignKey("address_versions.id"))
    household: Mapped[bool] = mapped_column(default=False)
    live: Mapped[bool] = mapped_column(default=True)
    actor: Mapped[str] = mapped_column(String(80))

    task: Mapped[AddressTask] = relationship(back_populates="accounts")
    account: Mapped[Account] = relationship()
    address_version: Mapped[AddressVersion | None] = relationship()


class ReturnedPiece(Identified, Base):
    """One returned envelope as it was booked, once a document.

    ``outcome`` is ``opened`` (a task), ``joined`` (an open one), ``copy`` (this envelope was
    scanned before), ``history`` (mailed to an address that is no longer the account's) or
    ``reopened``. ``label_key`` is the label's id, ``imb_key`` mailer id and serial of the barcode.
    """

    __tablename__ = "returned_pieces"
    __table_args__ = (
        Index("ix_returned_pieces_label_key", "label_key"),
        Index("ix_returned_pieces_imb_key", "imb_key"),
        Index("ix_returned_pieces_task_id", "task_id"),
        Index("ix_returned_pieces_account_id", "account_id", "address_version_id"),
    )

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), unique=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("address_tasks.id"))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    address_version_id: Mapped[str | None] = mapped_column(ForeignKey("address_versions.id"))
    statement_id: Mapped[str | None] = mapped_column(ForeignKey("statements.id"))
    reason: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(20))
    label_key: Mapped[str | None] = mapped_column(String(80))
    imb_key: Mapped[str | None] = mapped_column(String(80))

    document: Mapped[Document] = relationship()


class Remail(Identified, Base):
    """A statement to be mailed once more; mailed once, by somebody, or taken back.

    ``why`` is ``new_address``, ``wait_over`` or ``same_address``. ``due_on`` is the day it
    should go out.
    """

    __tablename__ = "remails"
    __table_args__ = (
        Index("ix_remails_waiting", "mailed_at", "due_on"),
        Index("ix_remails_account_id", "account_id", "address_version_id"),
        UniqueConstraint("task_id", "account_id", "round"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("address_tasks.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    address_version_id: Mapped[str] = mapped_column(ForeignKey("address_versions.id"))
    statement_id: Mapped[str] = mapped_column(ForeignKey("statements.id"))
    round: Mapped[int]
    why: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date]
    mailed_at: Mapped[datetime | None]
    mailed_by: Mapped[str | None] = mapped_column(String(80))
    cancelled_at: Mapped[datetime | None]
    cancelled_by: Mapped[str | None] = mapped_column(String(80))

    task: Mapped[AddressTask] = relationship()
    office: Mapped[Office] = relationship()
    account: Mapped[Account] = relationship()
    address_version: Mapped[AddressVersion] = relationship()
    statement: Mapped[Statement] = relationship()


class GuardedStep(Identified, Base):
    """One step of a guarded task's review; rows are added, never changed.

    ``step`` is ``entered``, ``proposed``, ``confirmed``, ``refused`` or ``left``; ``sealed`` holds
    ``{"note": ..., "source": ...}``.
    """

    __tablename__ = "guarded_steps"
    __table_args__ = (Index("ix_guarded_steps_task_id", "task_id"),)

    task_id: Mapped[str] = mapped_column(ForeignKey("address_tasks.id"))
    queue: Mapped[str] = mapped_column(String(20))
    step: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(40), default="")
    sealed: Mapped[Any] = mapped_column(EncryptedJson, default=dict)
    actor: Mapped[str] = mapped_column(String(80))


class StatementHold(Identified, Base):
    """No statement is mailed to this account until the hold ends."""

    __tablename__ = "statement_holds"

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    task_id: Mapped[str] = mapped_column(ForeignKey("address_tasks.id"))
    until: Mapped[date | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(Text, default="")
