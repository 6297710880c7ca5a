"""Tables of practice-management systems that are spoken to directly."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, EncryptedJson, Identified
from records.models.group import Office


class PmsConnection(Identified, Base):
    """How an office's PMS is reached; without this row, or switched off, nothing is sent.

    ``kind`` is the posting format that uses it (``open_dental``). ``sealed`` holds its keys,
    ``options`` numbers of the office's own PMS (payment types, clinic): no secrets, no names.
    """

    __tablename__ = "pms_connections"

    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    url: Mapped[str] = mapped_column(String(200))
    sealed: Mapped[Any] = mapped_column(EncryptedJson)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)
    set_by: Mapped[str] = mapped_column(String(80))

    office: Mapped[Office] = relationship()
