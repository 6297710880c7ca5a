"""The table of layouts: which column of a payer's remittance says what, as people taught it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base, Identified


class PayerLayout(Identified, Base):
    """The columns of one payer's layout, with the role of each.

    ``columns`` is ``[{header, left, right, role}]``: header words, the span as fractions of the
    page's width, the role or None. A row is never edited: a correction is a new ``version`` of
    the ``fingerprint``, and only the newest is ``live``.
    """

    __tablename__ = "payer_layouts"
    __table_args__ = (
        UniqueConstraint("fingerprint", "version"),
        Index(
            "ux_payer_layouts_live", "fingerprint", unique=True,
            sqlite_where=text("live"), postgresql_where=text("live"),
        ),
    )  # fmt: skip

    fingerprint: Mapped[str] = mapped_column(String(120))
    payer: Mapped[str] = mapped_column(String(120), default="")
    columns: Mapped[list[Any]] = mapped_column(default=list)
    version: Mapped[int] = mapped_column(default=1)
    made_by: Mapped[str] = mapped_column(String(80))
    live: Mapped[bool] = mapped_column(default=True)
