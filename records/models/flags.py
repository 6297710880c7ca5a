"""The table of accounts that may be one: suspicions for people, who answer and merge nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.accounts import Account
from records.models.base import Base, Identified

KINDS = ("patient", "household")
ANSWERS = ("same", "not_same")


class AccountFlag(Identified, Base):
    """Two accounts that may be one patient's, or whose homes may be one household.

    ``one`` and ``other`` name what is held against each other, in order: account numbers, or the
    labels of two homes (then ``account`` and ``other_account`` stand for them). ``reasons`` are as
    a decision's and add up to ``score``. ``state`` is ``open``, a person's answer (``same``,
    ``not_same``), or ``gone`` when the accounts are no longer alike and nobody had answered.
    """

    __tablename__ = "account_flags"
    __table_args__ = (
        UniqueConstraint("kind", "one", "other"),
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("state IN ('open','same','not_same','gone')", name="state"),
        CheckConstraint("account_id <> other_account_id", name="two"),
        CheckConstraint(
            "(answered_by IS NULL) = (state IN ('open','gone'))", name="answered_by_somebody"
        ),
        Index("ix_account_flags_order", "state", "score", "id"),
    )

    kind: Mapped[str] = mapped_column(String(10))
    one: Mapped[str] = mapped_column(String(41))
    other: Mapped[str] = mapped_column(String(41))
    account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    other_account_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.id", ondelete="CASCADE"), index=True
    )
    score: Mapped[float]
    reasons: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(10), default="open")
    answered_by: Mapped[str | None] = mapped_column(String(80))
    answered_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(foreign_keys=[account_id])
    other_account: Mapped[Account] = relationship(foreign_keys=[other_account_id])
