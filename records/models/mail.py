"""Tables of paper: pickups and custody, received files, pages, envelopes and documents."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, EncryptedJson, Identified
from records.models.group import Office


class Pickup(Identified, Base):
    """A bag picked up at an office, with what the office declared to be in it."""

    __tablename__ = "pickups"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    bag_number: Mapped[str] = mapped_column(String(40))
    declared_envelopes: Mapped[int]
    declared_checks: Mapped[int]
    declared_total_cents: Mapped[int | None]
    counted_envelopes: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(20), default="picked_up")
    created_by: Mapped[str] = mapped_column(String(80))

    office: Mapped[Office] = relationship()
    custody: Mapped[list[CustodyEvent]] = relationship(
        back_populates="pickup", order_by="CustodyEvent.created_at"
    )


class CustodyEvent(Identified, Base):
    """Who had the bag, and when: picked_up, handed_over, received."""

    __tablename__ = "custody_events"
    __table_args__ = (
        CheckConstraint("kind IN ('picked_up','handed_over','received','counted')", name="kind"),
    )

    pickup_id: Mapped[str] = mapped_column(ForeignKey("pickups.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(80))
    note: Mapped[str] = mapped_column(String(300), default="")

    pickup: Mapped[Pickup] = relationship(back_populates="custody")


class SourceFile(Identified, Base):
    """Bytes as they were received; the hash is unique: the same bytes are the same item.

    States are in ``workflow.SOURCE_FILE``. ``error_code`` and ``error_message`` say why a file
    is in quarantine. ``received_on`` is the business date of the office's bank account.
    """

    __tablename__ = "source_files"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    size_bytes: Mapped[int]
    media_type: Mapped[str] = mapped_column(String(60), default="")
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    pickup_id: Mapped[str | None] = mapped_column(ForeignKey("pickups.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    uploaded_by: Mapped[str] = mapped_column(String(80))
    received_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(20), default="received", index=True)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_message: Mapped[str | None] = mapped_column(String(400))
    problems: Mapped[list[Any]] = mapped_column(default=list)
    page_count: Mapped[int] = mapped_column(default=0)

    office: Mapped[Office] = relationship()
    pickup: Mapped[Pickup | None] = relationship()
    pages: Mapped[list[PageImage]] = relationship(
        back_populates="source_file", order_by="PageImage.position"
    )
    transactions: Mapped[list[MailTransaction]] = relationship(
        back_populates="source_file", order_by="MailTransaction.position"
    )


class PageImage(Identified, Base):
    """One page of a received file; pixels are in the file store under ``image_sha256``.

    ``rotation`` (0, 90, 180, 270, clockwise) is what a person turned it by. ``role`` is ``page``,
    ``separator`` or ``blank``. ``details`` (sealed) holds the text layer's words, and side,
    item and facts of an image cash letter.
    """

    __tablename__ = "page_images"
    __table_args__ = (UniqueConstraint("source_file_id", "position"),)

    source_file_id: Mapped[str] = mapped_column(ForeignKey("source_files.id"))
    position: Mapped[int]
    image_sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    dpi: Mapped[float | None]
    rotation: Mapped[int] = mapped_column(default=0)
    role: Mapped[str] = mapped_column(String(20), default="page")
    details: Mapped[Any] = mapped_column(EncryptedJson, default=dict)

    source_file: Mapped[SourceFile] = relationship(back_populates="pages")


class MailTransaction(Identified, Base):
    """One envelope: its checks, remittances, coupons and letters.

    States are in ``workflow.TRANSACTION``. ``page_ids`` are the envelope's pages in order;
    ``single`` is False where no separator told where the envelope ends, so that reading may
    divide it. ``live`` is False once the page editor or the reader replaced it.
    """

    __tablename__ = "mail_transactions"
    __table_args__ = (Index("ix_mail_transactions_file_position", "source_file_id", "position"),)

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    source_file_id: Mapped[str] = mapped_column(ForeignKey("source_files.id"))
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    position: Mapped[int]
    page_ids: Mapped[list[Any]] = mapped_column(default=list)
    single: Mapped[bool] = mapped_column(default=True)
    state: Mapped[str] = mapped_column(String(20), default="waiting", index=True)
    live: Mapped[bool] = mapped_column(default=True)
    replaced_by_id: Mapped[str | None] = mapped_column(String(36))

    source_file: Mapped[SourceFile] = relationship(back_populates="transactions")
    office: Mapped[Office] = relationship()
    documents: Mapped[list[Document]] = relationship(
        back_populates="transaction", order_by="Document.position"
    )


class Document(Identified, Base):
    """One document of an envelope, as read; a re-read adds a new reading, never edits one.

    ``page_ids`` are its pages in order (front before back), ``region`` the part of the page when
    several documents lie on it. ``live`` is False once replaced by a re-read after page editing.
    """

    __tablename__ = "documents"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    transaction_id: Mapped[str] = mapped_column(ForeignKey("mail_transactions.id"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20), index=True)
    page_ids: Mapped[list[Any]] = mapped_column(default=list)
    region: Mapped[list[Any] | None]
    live: Mapped[bool] = mapped_column(default=True)

    transaction: Mapped[MailTransaction] = relationship(back_populates="documents")
    readings: Mapped[list[ReadingRow]] = relationship(
        back_populates="document", order_by="ReadingRow.version"
    )

    @property
    def reading(self) -> ReadingRow:
        """The newest reading."""
        return self.readings[-1]


class ReadingRow(Identified, Base):
    """What one document says, one row per reading; ``sealed`` is the contract's document JSON.

    ``made_by`` is the engine version, or ``user:...`` when a person keyed values.
    """

    __tablename__ = "readings"
    __table_args__ = (UniqueConstraint("document_id", "version"),)

    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"))
    version: Mapped[int]
    sealed: Mapped[Any] = mapped_column(EncryptedJson)
    made_by: Mapped[str] = mapped_column(String(80))

    document: Mapped[Document] = relationship(back_populates="readings")


class ReceivedNotice(Identified, Base):
    """An extra arrival of bytes already held: when, from whom, by which channel."""

    __tablename__ = "received_notices"

    source_file_id: Mapped[str] = mapped_column(ForeignKey("source_files.id"), index=True)
    actor: Mapped[str] = mapped_column(String(80))
    channel: Mapped[str] = mapped_column(String(20))
    pickup_id: Mapped[str | None] = mapped_column(ForeignKey("pickups.id"))
    note: Mapped[str] = mapped_column(Text, default="")
    seen_at: Mapped[datetime | None]
