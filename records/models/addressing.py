"""The table of addresses that are proposed for an account and not in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account
from records.models.base import Base, EncryptedJson, Identified


class AddressCandidate(Identified, Base):
    """An address somebody or something proposes for an account; not in force until confirmed.

    ``source``: ``label``, ``stub``, ``import``, ``acs``, or ``moved`` (a verifier's). ``sealed``
    holds street, city, state, zip, care_of and the name that stood by it. ``names_agree``: that
    name is one of the account's. ``verdict`` is the last verifier's on it. States are in
    ``workflow.ADDRESS_CANDIDATE``; the same address is open once for an account.
    """

    __tablename__ = "address_candidates"
    __table_args__ = (
        Index(
            "ux_address_candidates_open",
            "account_id",
            "address_hmac",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        CheckConstraint("(decided_at IS NULL) = (decided_by IS NULL)", name="decided"),
    )

    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    task_id: Mapped[str | None] = mapped_column(ForeignKey("address_tasks.id"), index=True)
    source: Mapped[str] = mapped_column(String(20))
    sealed: Mapped[Any] = mapped_column(EncryptedJson)
    address_hmac: Mapped[str] = mapped_column(String(64))
    names_agree: Mapped[bool] = mapped_column(default=False)
    verdict: Mapped[str] = mapped_column(String(20), default="")
    state: Mapped[str] = mapped_column(String(20), default="open")
    evidence_document_id: Mapped[str | None] = mapped_column(ForeignKey("documents.id"))
    evidence_page: Mapped[int | None]
    evidence_box: Mapped[list[Any] | None]
    confidence: Mapped[float | None]
    proposed_by: Mapped[str] = mapped_column(String(80))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    version_id: Mapped[str | None] = mapped_column(ForeignKey("address_versions.id"))

    account: Mapped[Account] = relationship()
