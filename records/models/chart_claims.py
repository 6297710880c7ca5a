"""Tables of claims the practice sent to insurers, as the practice-management system knows them."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account
from records.models.base import Base, Identified


class ChartClaim(Identified, Base):
    """A claim as it was sent; ``number`` is its patient control number (X12 837, CLM01).

    ``payer_number`` is the insurer's own number of it, empty until one is known. ``member_id`` is
    the one it was sent under, which may differ from the account's of today.
    """

    __tablename__ = "chart_claims"
    __table_args__ = (
        CheckConstraint("charged_cents >= 0", name="charged"),
        Index("ix_chart_claims_payer_number", "payer_number"),
        Index("ix_chart_claims_member_id", "member_id"),
    )

    number: Mapped[str] = mapped_column(String(40), unique=True)
    payer_number: Mapped[str] = mapped_column(String(40), default="")
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    member_id: Mapped[str] = mapped_column(String(40), default="")
    payer_name: Mapped[str] = mapped_column(String(120), default="")
    charged_cents: Mapped[int]

    account: Mapped[Account] = relationship()
    lines: Mapped[list[ChartClaimLine]] = relationship(
        back_populates="claim", order_by="ChartClaimLine.position", cascade="all, delete-orphan"
    )


class ChartClaimLine(Identified, Base):
    """A service of a claim as it was sent; ``modifiers`` are joined by a colon.

    ``surname_begin``: the first two letters of the patient's last name, by which a line is found
    beside its day and charge.
    """

    __tablename__ = "chart_claim_lines"
    __table_args__ = (
        UniqueConstraint("claim_id", "position"),
        CheckConstraint("charged_cents >= 0", name="charged"),
        Index("ix_chart_claim_lines_found", "service_on", "charged_cents", "surname_begin"),
    )

    claim_id: Mapped[str] = mapped_column(ForeignKey("chart_claims.id"))
    position: Mapped[int]
    service_on: Mapped[date]
    procedure: Mapped[str] = mapped_column(String(10))
    modifiers: Mapped[str] = mapped_column(String(20), default="")
    tooth: Mapped[str] = mapped_column(String(10), default="")
    units: Mapped[int] = mapped_column(default=1)
    charged_cents: Mapped[int]
    provider_name: Mapped[str] = mapped_column(String(80), default="")
    surname_begin: Mapped[str] = mapped_column(String(2), default="")

    claim: Mapped[ChartClaim] = relationship(back_populates="lines")
