"""Tables of the matching index: homes, the keys under which they are found, and common amounts.

They hold nothing that the accounts do not say; ``matching.reindex`` makes them anew.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from records.models.base import Base


class AccountHome(Base):
    """All accounts of one household, or one account without any, as matching needs them.

    ``label`` is ``h`` and the household, or ``a`` and the account number. ``card`` is what is
    compared (see ``matching.cards``), so that a candidate costs one row; ``keys`` are the hashes
    it is found under, eight bytes each in order.
    """

    __tablename__ = "account_homes"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    label: Mapped[str] = mapped_column(String(41), unique=True)
    card: Mapped[bytes] = mapped_column(LargeBinary)
    keys: Mapped[bytes] = mapped_column(LargeBinary)


class HomeKey(Base):
    """The homes found under one hashed key, as far as they are of one block of 65,536 homes.

    ``homes`` are their numbers within the block, two bytes each (little-endian) in order. Two
    writers wait for each other only where they change one key of one block.
    """

    __tablename__ = "home_keys"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads this

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    block: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    homes: Mapped[bytes] = mapped_column(LargeBinary)


class CommonAmount(Base):
    """An amount that many accounts owe, counted when statements were last imported."""

    __tablename__ = "common_amounts"

    cents: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    accounts: Mapped[int] = mapped_column(BigInteger)


class IndexState(Base):
    """The one row that says which keys the index holds, and how many accounts it knows."""

    __tablename__ = "index_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(Integer)
    accounts: Mapped[int] = mapped_column(BigInteger)
