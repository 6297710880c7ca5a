"""Whether an office's PMS may be spoken to, and how: only where an administrator set it up."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from records.errors import Conflict
from records.models import PmsConnection
from records.open_dental_http import Access, Connection, Request

Requests = list[Request]
Open = Callable[[Access, Callable[[Request], None]], Connection]


def connection_of(session: Session, office_id: str) -> PmsConnection | None:
    """The office's connection, switched on or not."""
    return session.scalar(select(PmsConnection).where(PmsConnection.office_id == office_id))


def is_on(session: Session, office_id: str) -> bool:
    """Whether the office's PMS may be spoken to."""
    made = connection_of(session, office_id)
    return made is not None and made.active


def active(session: Session, office_id: str) -> tuple[Access, PmsConnection]:
    """How to reach it; Conflict ``pms_not_set_up`` when there is none, or it is switched off."""
    made = connection_of(session, office_id)
    if made is None or not made.active:
        raise missing()
    keys = made.sealed
    return Access(made.url, keys["developer_key"], keys["customer_key"]), made


def open_connection(access: Access, done: Callable[[Request], None]) -> Connection:
    """A connection at the pace that the cloud takes."""
    return Connection(access, done=done)


def missing() -> Conflict:
    """The error where an office's PMS is not set up."""
    return Conflict("pms_not_set_up", "This office's PMS is not set up to be spoken to.",
                    "An administrator sets it up: `lockbox posting connect`.")  # fmt: skip
