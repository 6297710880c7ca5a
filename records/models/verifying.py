"""Tables of address verifiers: how each is reached, what was asked of it, and how often."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from records.models.addressing import AddressCandidate
from records.models.base import Base, EncryptedJson, Identified
from records.models.returned import AddressTask


class AddressVerifier(Identified, Base):
    """How a verifier is reached; without this row, or switched off, nothing leaves the house.

    ``kind`` is ``usps``, ``smarty`` or ``csv``. ``sealed`` holds its keys, ``token`` (sealed) the
    access token in use and when it ends. ``per_hour`` is the most look-ups an hour. Until
    ``paused_until`` nothing is asked of it; ``problem`` is the code of why
    (``returned_mail.verify.words``): busy, the hour's quota, or something a person has to mend.
    """

    __tablename__ = "address_verifiers"

    kind: Mapped[str] = mapped_column(String(20), unique=True)
    url: Mapped[str] = mapped_column(String(200), default="")
    sealed: Mapped[Any] = mapped_column(EncryptedJson)
    token: Mapped[Any] = mapped_column(EncryptedJson, default=None, nullable=True)
    per_hour: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)
    paused_until: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(String(40), default="")
    set_by: Mapped[str] = mapped_column(String(80))


class AddressRequest(Identified, Base):
    """A question to a verifier: is this address deliverable, has this person moved?

    States are in ``workflow.ADDRESS_REQUEST``. ``key`` is a keyed fingerprint of task, verifier,
    address and name: the same question is asked once. ``token`` rises with each sending, so that
    an answer that comes late enters nothing. ``sealed`` holds address and name asked for,
    ``answer`` (sealed) the verifier's, in the one shape. ``code`` says how it stands, as words for
    people in ``returned_mail.verify.words``. ``taken_at`` is when the answer was applied: once.
    """

    __tablename__ = "address_requests"
    __table_args__ = (
        Index("ix_address_requests_due", "state", "next_at"),
        CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", name="answered"),
        CheckConstraint("taken_at IS NULL OR answered_at IS NOT NULL", name="taken"),
    )

    task_id: Mapped[str] = mapped_column(ForeignKey("address_tasks.id"), index=True)
    candidate_id: Mapped[str | None] = mapped_column(ForeignKey("address_candidates.id"))
    address_version_id: Mapped[str | None] = mapped_column(ForeignKey("address_versions.id"))
    verifier: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(20), default="asked")
    code: Mapped[str] = mapped_column(String(40), default="waits")
    sealed: Mapped[Any] = mapped_column(EncryptedJson)
    answer: Mapped[Any] = mapped_column(EncryptedJson, default=None, nullable=True)
    verdict: Mapped[str] = mapped_column(String(20), default="")
    asked_by: Mapped[str] = mapped_column(String(80))
    attempts: Mapped[int] = mapped_column(default=0)
    token: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    batch: Mapped[str | None] = mapped_column(String(20), index=True)

    task: Mapped[AddressTask] = relationship()
    candidate: Mapped[AddressCandidate | None] = relationship()


class AddressSend(Identified, Base):
    """One look-up that left the house, written before it leaves; the hour's quota counts these."""

    __tablename__ = "address_sends"
    __table_args__ = (Index("ix_address_sends_verifier_created_at", "verifier", "created_at"),)

    verifier: Mapped[str] = mapped_column(String(20))
    request_id: Mapped[str] = mapped_column(ForeignKey("address_requests.id"), index=True)
