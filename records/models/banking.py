"""Tables between us, the bank and the PMS: postings, deposits, bank files and returned items."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, EncryptedJson, Identified
from records.models.group import BankAccount, Office
from records.models.payments import Allocation, Payment


class PostingExport(Identified, Base):
    """One file of postings given to an office's PMS; ``file_sha256`` is in the file store."""

    __tablename__ = "posting_exports"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    format: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(String(120))
    file_sha256: Mapped[str] = mapped_column(String(64))
    count: Mapped[int]
    total_cents: Mapped[int]
    created_by: Mapped[str] = mapped_column(String(80))

    office: Mapped[Office] = relationship()


class Posting(Identified, Base):
    """One allocation on its way into the PMS; a reversal is a new row with a negative amount.

    ``sent_at`` is the latest instant at which it may have left for a PMS that is spoken to
    directly; a posting that went in a file has none.
    """

    __tablename__ = "postings"
    __table_args__ = (
        Index(
            "ux_postings_live",
            "allocation_id",
            "pms",
            unique=True,
            sqlite_where=text("live AND reverses_id IS NULL"),
            postgresql_where=text("live AND reverses_id IS NULL"),
        ),
        Index("ux_postings_reverses", "reverses_id", unique=True),
        Index("ix_postings_state", "state", "office_id"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    allocation_id: Mapped[str] = mapped_column(ForeignKey("allocations.id"))
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), index=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    pms: Mapped[str] = mapped_column(String(20))
    amount_cents: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), default="queued")
    live: Mapped[bool] = mapped_column(default=True)
    export_id: Mapped[str | None] = mapped_column(ForeignKey("posting_exports.id"), index=True)
    pms_reference: Mapped[str] = mapped_column(String(60), default="")
    error: Mapped[str] = mapped_column(String(200), default="")
    sent_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]
    reverses_id: Mapped[str | None] = mapped_column(ForeignKey("postings.id"))

    allocation: Mapped[Allocation] = relationship()
    payment: Mapped[Payment] = relationship()
    office: Mapped[Office] = relationship()


class Deposit(Identified, Base):
    """A batch of checks for one bank account; frozen once closed. States: workflow.DEPOSIT.

    A rejected one says what it was (``rejection``: ``refused_by_bank`` or ``withdrawn``), why, by
    whom and when it was entered; the deposit that its checks went into names it in ``follows_id``.
    """

    __tablename__ = "deposits"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    bank_account_id: Mapped[str] = mapped_column(ForeignKey("bank_accounts.id"), index=True)
    business_on: Mapped[date] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(20), default="open", index=True)
    declared_count: Mapped[int | None]
    declared_total_cents: Mapped[int | None]
    opened_by: Mapped[str] = mapped_column(String(80))
    closed_by: Mapped[str | None] = mapped_column(String(80))
    closed_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(String(80))
    approved_at: Mapped[datetime | None]
    exported_at: Mapped[datetime | None]
    rejection: Mapped[str | None] = mapped_column(String(20))
    rejection_reason: Mapped[str | None] = mapped_column(String(200))
    rejected_by: Mapped[str | None] = mapped_column(String(80))
    rejected_at: Mapped[datetime | None]
    follows_id: Mapped[str | None] = mapped_column(ForeignKey("deposits.id"), index=True)

    bank_account: Mapped[BankAccount] = relationship()
    items: Mapped[list[DepositItem]] = relationship(
        back_populates="deposit", order_by="DepositItem.position"
    )
    follows: Mapped[Deposit | None] = relationship(remote_side="Deposit.id")


class DepositItem(Identified, Base):
    """A check in a deposit; one live deposit per check and presentation (invariant 3).

    ``live`` is false in a rejected deposit, which says for ever what was in it, and in no other:
    the database sees to it in the step to rejected.
    """

    __tablename__ = "deposit_items"
    __table_args__ = (
        Index(
            "ux_deposit_items_live",
            "payment_id",
            "presentation",
            unique=True,
            sqlite_where=text("live"),
            postgresql_where=text("live"),
        ),
    )

    deposit_id: Mapped[str] = mapped_column(ForeignKey("deposits.id"), index=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"), index=True)
    presentation: Mapped[int]
    position: Mapped[int]
    amount_cents: Mapped[int]
    added_by: Mapped[str] = mapped_column(String(80))
    live: Mapped[bool] = mapped_column(default=True, server_default=text("true"))

    deposit: Mapped[Deposit] = relationship(back_populates="items")
    payment: Mapped[Payment] = relationship()


class BankFile(Identified, Base):
    """A file that came from a bank; the same bytes once."""

    __tablename__ = "bank_files"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(String(20))
    imported_by: Mapped[str] = mapped_column(String(80))
    line_count: Mapped[int]


class BankLine(Identified, Base):
    """One line of a bank's statement; ``fingerprint`` is unique however often it is imported.

    ``amount_cents`` is positive, ``direction`` is ``credit`` or ``debit``. ``kind`` is one of the
    contract's. ``state`` is ``unmatched``, ``settled`` or ``explained``.
    """

    __tablename__ = "bank_lines"
    __table_args__ = (
        CheckConstraint("direction IN ('credit','debit')", name="direction"),
        CheckConstraint("amount_cents >= 0", name="amount"),
    )

    bank_file_id: Mapped[str] = mapped_column(ForeignKey("bank_files.id"))
    bank_account_id: Mapped[str] = mapped_column(ForeignKey("bank_accounts.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    value_on: Mapped[date] = mapped_column(index=True)
    amount_cents: Mapped[int]
    direction: Mapped[str] = mapped_column(String(10))
    type_code: Mapped[str] = mapped_column(String(20), default="")
    kind: Mapped[str] = mapped_column(String(20))
    details: Mapped[Any] = mapped_column(EncryptedJson, default=dict)
    reference: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[str] = mapped_column(String(20), default="unmatched", index=True)

    bank_account: Mapped[BankAccount] = relationship()
    settlements: Mapped[list[Settlement]] = relationship(
        back_populates="bank_line", order_by="Settlement.created_at"
    )


class Settlement(Identified, Base):
    """What a bank line settles: a deposit, a returned item, an electronic payment, a named reason.

    One per line (invariant 8), but for a credit that pays several deposits or electronic payments
    in whole, or one of those paid by several credits in whole: then one for each pair.
    ``amount_cents`` is what is taken of the line; ``difference_cents`` = that - our amount, under
    ``adjustment_reason`` when not zero.
    """

    __tablename__ = "settlements"
    __table_args__ = (
        CheckConstraint("difference_cents = 0 OR adjustment_reason <> ''", name="difference"),
        CheckConstraint("amount_cents >= 0", name="amount"),
        UniqueConstraint("bank_line_id", "deposit_id"),
        UniqueConstraint("bank_line_id", "payment_id"),
    )

    bank_line_id: Mapped[str] = mapped_column(ForeignKey("bank_lines.id"), index=True)
    deposit_id: Mapped[str | None] = mapped_column(ForeignKey("deposits.id"), index=True)
    returned_item_id: Mapped[str | None] = mapped_column(
        ForeignKey("returned_items.id"), unique=True
    )
    payment_id: Mapped[str | None] = mapped_column(ForeignKey("payments.id"), index=True)
    explanation: Mapped[str] = mapped_column(String(120), default="")
    amount_cents: Mapped[int]
    difference_cents: Mapped[int] = mapped_column(default=0)
    adjustment_reason: Mapped[str] = mapped_column(String(120), default="")
    actor: Mapped[str] = mapped_column(String(80))

    bank_line: Mapped[BankLine] = relationship(back_populates="settlements")
    deposit: Mapped[Deposit | None] = relationship()
    returned_item: Mapped[ReturnedItem | None] = relationship()
    payment: Mapped[Payment | None] = relationship()


class ReturnedItem(Identified, Base):
    """A check the bank gave back (money): a new negative event against the original payment."""

    __tablename__ = "returned_items"
    __table_args__ = (UniqueConstraint("payment_id", "presentation"),)

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    presentation: Mapped[int]
    amount_cents: Mapped[int]
    reason: Mapped[str] = mapped_column(String(60))
    returned_on: Mapped[date]
    actor: Mapped[str] = mapped_column(String(80))

    payment: Mapped[Payment] = relationship()
