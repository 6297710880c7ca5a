"""Tables of remittances: what an insurer says it pays for, and the money that it belongs to."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, Identified
from records.models.group import Office
from records.models.mail import Document
from records.models.payments import Payment

READ_STATES = ("to_check", "read")
PARTNER_STATES = ("waiting", "joined", "none_needed", "dismissed")
NO_PARTNER = ("remittance", "credit")
"""What a payment may lack for good: the insurer's remittance, or the bank's credit."""


class Remittance(Identified, Base):
    """One live remittance document (an EOB on paper or one payment of an 835), and its money.

    Two axes that never mix: ``read_state`` (``workflow.REMITTANCE_READ``) and ``partner_state``
    (``workflow.REMITTANCE_PARTNER``). ``payment_id`` is the payment that it explains, and set
    just while it is joined; ``reasons`` say why, ``[{signal, level, weight, detail}]`` without
    names. ``copy_of_id``: the same remittance came before, and this one explains nothing twice.
    ``payment_number`` is the number of the check, or the trace number of a transfer (TRN02);
    ``company_id`` the payer's number there (TRN03, BPR10). ``doubtful`` counts the cells that
    were read below the confidence that counts as sure. ``explained_cents`` is what its claims and
    the insurer's adjustments make together: the whole payment, or a page of it. ``late``: joined
    after a part of the payment had left for the practice-management system.
    """

    __tablename__ = "remittances"
    __table_args__ = (
        CheckConstraint(f"read_state IN {READ_STATES}", name="read_state"),
        CheckConstraint(f"partner_state IN {PARTNER_STATES}", name="partner_state"),
        CheckConstraint("(partner_state = 'joined') = (payment_id IS NOT NULL)", name="joined"),
        CheckConstraint("partner_state <> 'dismissed' OR reason <> ''", name="why"),
        CheckConstraint("copy_of_id IS NULL OR partner_state = 'dismissed'", name="copy"),
        Index("ix_remittances_payment_id", "payment_id"),
        Index("ix_remittances_office_id_partner_state", "office_id", "partner_state"),
    )

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.id"), unique=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"))
    payer_name: Mapped[str] = mapped_column(String(120), default="")
    payment_number: Mapped[str] = mapped_column(String(60), default="")
    company_id: Mapped[str] = mapped_column(String(20), default="")
    method: Mapped[str] = mapped_column(String(10), default="")
    amount_cents: Mapped[int | None]
    explained_cents: Mapped[int | None]
    paid_on: Mapped[date | None]
    electronic: Mapped[bool] = mapped_column(default=False)
    doubtful: Mapped[int] = mapped_column(default=0)
    read_state: Mapped[str] = mapped_column(String(20), default="to_check")
    partner_state: Mapped[str] = mapped_column(String(20), default="waiting")
    payment_id: Mapped[str | None] = mapped_column(ForeignKey("payments.id"))
    joined_by: Mapped[str | None] = mapped_column(String(80))
    joined_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(200), default="")
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    copy_of_id: Mapped[str | None] = mapped_column(ForeignKey("remittances.id"))
    late: Mapped[bool] = mapped_column(default=False)

    document: Mapped[Document] = relationship()
    office: Mapped[Office] = relationship()
    payment: Mapped[Payment | None] = relationship()
    copy_of: Mapped[Remittance | None] = relationship(remote_side="Remittance.id")


class RemittanceShare(Identified, Base):
    """What of one remittance one of its payments explains, where it explains several.

    ``claims`` and ``adjustments`` are places in its newest reading. The live shares of a joined
    remittance make up what it explains; ``payment_id`` of the remittance is that of the first.
    Shares enter before it is joined and end after it was parted: in between nothing changes.
    """

    __tablename__ = "remittance_shares"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        CheckConstraint("amount_cents > 0", name="amount"),
        Index(
            "ux_remittance_shares_live", "remittance_id", "payment_id", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_remittance_shares_payment_id", "payment_id"),
    )  # fmt: skip

    remittance_id: Mapped[str] = mapped_column(ForeignKey("remittances.id"))
    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    amount_cents: Mapped[int]
    claims: Mapped[list[Any]] = mapped_column(default=list)
    adjustments: Mapped[list[Any]] = mapped_column(default=list)
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]

    remittance: Mapped[Remittance] = relationship()
    payment: Mapped[Payment] = relationship()


class NoPartner(Identified, Base):
    """A person's word that a payment's partner (``NO_PARTNER``) does not come, and why.

    It stands until somebody takes it back: ``ended_at``, ``ended_by`` and, if said, ``ended_why``.
    """

    __tablename__ = "no_partners"
    __table_args__ = (
        CheckConstraint(f"what IN {NO_PARTNER}", name="what"),
        CheckConstraint("reason <> ''", name="why"),
        CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="ended"),
        Index(
            "ux_no_partners_standing", "payment_id", "what", unique=True,
            sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip

    payment_id: Mapped[str] = mapped_column(ForeignKey("payments.id"))
    what: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(200))
    actor: Mapped[str] = mapped_column(String(80))
    ended_by: Mapped[str | None] = mapped_column(String(80))
    ended_at: Mapped[datetime | None]
    ended_why: Mapped[str] = mapped_column(String(200), default="", server_default="")

    payment: Mapped[Payment] = relationship()
