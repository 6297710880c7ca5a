"""Tables of the group itself: offices, bank accounts, people and their sessions."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Time,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.base import Base, EncryptedJson, Identified

ROLES = ("courier", "specialist", "billing", "admin", "auditor")


class BankAccount(Identified, Base):
    """An account that deposits go to; its number is sealed, searched by HMAC, shown by last four.

    ``zone`` and ``cut_off`` give the business date; limits are cents, None for no limit, and
    ``item_count_limit`` is how many checks one deposit may hold.
    ``sealed`` holds ``{"account_number": "..."}``. ``deposit_settings`` say how deposits reach
    the bank, keys as in ``deposits.bank_setup.Settings``; without a ``profile`` there they are
    carried.
    """

    __tablename__ = "bank_accounts"

    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    routing_number: Mapped[str] = mapped_column(String(9))
    sealed: Mapped[Any] = mapped_column(EncryptedJson)
    account_hmac: Mapped[str] = mapped_column(String(64), unique=True)
    account_last4: Mapped[str] = mapped_column(String(4))
    zone: Mapped[str] = mapped_column(String(60), default="America/New_York")
    cut_off: Mapped[time] = mapped_column(Time, default=time(17, 0))
    item_limit_cents: Mapped[int | None]
    deposit_limit_cents: Mapped[int | None]
    day_limit_cents: Mapped[int | None]
    item_count_limit: Mapped[int | None]
    deposit_settings: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")


class Office(Identified, Base):
    """An office that mail is addressed to, with its own settings.

    ``settings`` keys: ``acceptable_payees`` (list of names), ``npi``, ``tax_id``, ``phone``,
    ``street``, ``city``, ``state``, ``zip``, ``posting_format`` (one of ``deposits.pms.FORMATS``),
    ``posting_columns`` (``deposits.pms.columns.read_map``), ``auto_threshold`` (0 to 1; absent:
    the group's).
    """

    __tablename__ = "offices"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    bank_account_id: Mapped[str] = mapped_column(ForeignKey("bank_accounts.id"))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    active: Mapped[bool] = mapped_column(default=True)

    bank_account: Mapped[BankAccount] = relationship()


class User(Identified, Base):
    """A person; ``actor`` in audit rows and decisions is ``user:<username>``."""

    __tablename__ = "users"
    __table_args__ = (CheckConstraint(f"role IN {ROLES}", name="role"),)

    username: Mapped[str] = mapped_column(String(60), unique=True)
    display_name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    all_offices: Mapped[bool] = mapped_column(default=False)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]

    offices: Mapped[list[Office]] = relationship(secondary="user_offices")

    @property
    def actor(self) -> str:
        """How this person is named in audit rows and decisions."""
        return f"user:{self.username}"


class UserOffice(Base):
    """Which offices a person may see; users with ``all_offices`` need no row."""

    __tablename__ = "user_offices"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    office_id: Mapped[str] = mapped_column(ForeignKey("offices.id"), primary_key=True)


class WebSession(Identified, Base):
    """A login on one device; the cookie holds a random token, the row only its SHA-256."""

    __tablename__ = "web_sessions"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    last_seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class ApiToken(Identified, Base):
    """A token for programs that use the API in a person's name."""

    __tablename__ = "api_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    label: Mapped[str] = mapped_column(String(120))
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class LoginAttempt(Identified, Base):
    """One failed login, by name and address, so that guessing slows down across restarts."""

    __tablename__ = "login_attempts"
    __table_args__ = (Index("ix_login_attempts_key_created", "key", "created_at"),)

    key: Mapped[str] = mapped_column(String(120))


class Idempotency(Identified, Base):
    """An answer given under a client's idempotency key, so that a retry gets the same answer."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("actor", "key"),)

    actor: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(120))
    answer: Mapped[dict[str, Any]]
