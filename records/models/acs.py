"""The table of the Postal Service's electronic notices: one row a file."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, Identified
from records.models.mail import SourceFile


class AcsFile(Identified, Base):
    """An ACS file that is taken in block by block; its source file is ``done`` after the last.

    ``announced`` is how many records its header says there are, ``records`` how many lines follow
    it, ``taken`` how many of them became pieces so far, ``refused`` (``[[line, reason], ...]``,
    in no order) the others.
    """

    __tablename__ = "acs_files"

    source_file_id: Mapped[str] = mapped_column(ForeignKey("source_files.id"), unique=True)
    announced: Mapped[int | None]
    records: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    refused: Mapped[list[Any]] = mapped_column(default=list)

    source_file: Mapped[SourceFile] = relationship()
