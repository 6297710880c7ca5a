"""Tables of patients: accounts, their addresses in versions, statements, and what payers teach."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, Identified
from records.models.group import Office

_PATTERN = "varchar_pattern_ops"


class Account(Identified, Base):
    """A patient account as the practice-management system knows it.

    ``name_key`` and ``guarantor_key`` are names as they are found by their beginning; ``home_id``
    is the household's row in the matching index (``AccountHome``), None until it is indexed.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        # Beginnings are looked for, in whatever language the database sorts.
        Index("ix_accounts_begin", "number", postgresql_ops={"number": _PATTERN}),
        Index(
            "ix_accounts_name_key", "name_key", "office_id", postgresql_ops={"name_key": _PATTERN}
        ),
        Index(
            "ix_accounts_guarantor_key",
            "guarantor_key",
            "office_id",
            postgresql_ops={"guarantor_key": _PATTERN},
        ),
        Index("ix_accounts_member_id", "member_id"),
    )

    number: Mapped[str] = mapped_column(String(40), unique=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), index=True)
    patient_first: Mapped[str] = mapped_column(String(80))
    patient_last: Mapped[str] = mapped_column(String(80))
    patient_birth_on: Mapped[date | None]
    guarantor_first: Mapped[str] = mapped_column(String(80))
    guarantor_last: Mapped[str] = mapped_column(String(80))
    member_id: Mapped[str] = mapped_column(String(40), default="")
    household: Mapped[str] = mapped_column(String(40), default="", index=True)
    name_key: Mapped[str] = mapped_column(String(80), default="")
    guarantor_key: Mapped[str] = mapped_column(String(80), default="")
    home_id: Mapped[int | None] = mapped_column(Integer)

    office: Mapped[Office] = relationship()
    addresses: Mapped[list[AddressVersion]] = relationship(
        back_populates="account", order_by="AddressVersion.version"
    )
    statements: Mapped[list[Statement]] = relationship(
        back_populates="account", order_by="Statement.statement_on"
    )
    plan: Mapped[PaymentPlan | None] = relationship(back_populates="account")

    @property
    def address(self) -> AddressVersion | None:
        """The address in force: the newest version."""
        return self.addresses[-1] if self.addresses else None

    @property
    def patient_name(self) -> str:
        """First and last name of the patient."""
        return f"{self.patient_first} {self.patient_last}"

    @property
    def guarantor_name(self) -> str:
        """First and last name of who pays."""
        return f"{self.guarantor_first} {self.guarantor_last}"


class AddressVersion(Identified, Base):
    """One address of an account; a new one is a new version, the old one stays.

    ``source`` says where it came from: ``import``, ``user``, ``returned_mail`` (a person, working
    a piece), ``label``, ``stub``, or the verifier that confirmed it (``usps``, ``smarty``,
    ``csv``). ``evidence_document_id``, ``evidence_page`` and ``evidence_box`` (``[x, y, width,
    height]`` in pixels) point at the picture that shows it; ``confidence`` is how sure the reading
    was. ``valid_from`` is the day it holds from, where somebody says one. ``verified_at`` and
    ``verified_by`` are the last time it was confirmed, and by whom. ``bad_since`` is set while
    mail to it comes back; it and the verification are all that ever change.
    """

    __tablename__ = "address_versions"
    __table_args__ = (
        UniqueConstraint("account_id", "version"),
        Index("ix_address_versions_zip", "zip"),
    )

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    version: Mapped[int]
    street: Mapped[str] = mapped_column(String(120))
    city: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(2))
    zip: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(20))
    confirmed_by: Mapped[str] = mapped_column(String(80))
    evidence_document_id: Mapped[str | None] = mapped_column(ForeignKey("documents.id"))
    bad_since: Mapped[datetime | None]
    care_of: Mapped[str] = mapped_column(String(80), default="", server_default="")
    evidence_page: Mapped[int | None]
    evidence_box: Mapped[list[Any] | None]
    confidence: Mapped[float | None]
    valid_from: Mapped[date | None]
    verified_at: Mapped[datetime | None]
    verified_by: Mapped[str | None] = mapped_column(String(80))

    account: Mapped[Account] = relationship(back_populates="addresses")

    @property
    def line(self) -> str:
        """The address on one line."""
        street = f"{self.care_of} {self.street}" if self.care_of else self.street
        return f"{street}, {self.city}, {self.state} {self.zip}"


class Statement(Identified, Base):
    """A statement sent to a guarantor; ``balance_cents`` is what it asked for.

    ``open_cents`` is what is still open by our own postings; the practice-management system's
    next import overrides it.
    """

    __tablename__ = "statements"
    __table_args__ = (Index("ix_statements_open", "open_cents", "account_id"),)

    number: Mapped[str] = mapped_column(String(40), unique=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    statement_on: Mapped[date]
    due_on: Mapped[date | None]
    balance_cents: Mapped[int]
    minimum_due_cents: Mapped[int | None]
    open_cents: Mapped[int]
    mailed_on: Mapped[date | None]
    imb: Mapped[str] = mapped_column(String(31), default="", index=True)

    account: Mapped[Account] = relationship(back_populates="statements")


class PaymentPlan(Identified, Base):
    """What an account was agreed to pay each time; the practice-management system's import says so.

    ``active`` is false once the system names no plan of the account any more.
    """

    __tablename__ = "payment_plans"
    __table_args__ = (CheckConstraint("instalment_cents > 0", name="instalment_above_zero"),)

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), unique=True)
    instalment_cents: Mapped[int]
    next_due_on: Mapped[date | None]
    active: Mapped[bool] = mapped_column(default=True)

    account: Mapped[Account] = relationship(back_populates="plan")


class PayerMemory(Identified, Base):
    """A payer's bank account seen to pay a patient account, counted from people's confirmations."""

    __tablename__ = "payer_memory"
    __table_args__ = (UniqueConstraint("payer_hmac", "account_id"),)

    payer_hmac: Mapped[str] = mapped_column(String(64), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    confirmations: Mapped[int] = mapped_column(default=0)

    account: Mapped[Account] = relationship()


class ImportRun(Identified, Base):
    """One import of accounts or statements: what changed and which rows were refused."""

    __tablename__ = "import_runs"

    kind: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(String(200))
    added: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    refused: Mapped[list[Any]] = mapped_column(default=list)
