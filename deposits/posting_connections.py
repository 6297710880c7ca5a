"""How an office's PMS is reached: set up by an administrator, sealed, off until then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.pms.open_dental import OpenDental
from deposits.pms.open_dental_http import CLOUD, Access, Connection, Request
from deposits.pms.open_dental_values import Options
from deposits.pms.types import Sender
from records import audit
from records.db import Database
from records.errors import Conflict, WrongUse
from records.models import PmsConnection

KIND = "open_dental"
_LONGEST_KEY = 200
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})

Requests = list[Request]
Open = Callable[[Access, Callable[[Request], None]], Connection]


def set_up(
    session: Session,
    office_id: str,
    *,
    developer_key: str,
    customer_key: str,
    actor: str,
    url: str = "",
    options: Mapping[str, Any] | None = None,
) -> PmsConnection:
    """Keep how an office's Open Dental is reached, and switch it on.

    WrongUse ``wrong_pms_url`` (https only, but for this machine's own), ``wrong_pms_key``,
    ``wrong_pms_option``. The keys are sealed and never shown again.
    """
    said = dict(options or {})
    Options.of(said)
    made = _of(session, office_id)
    if made is None:
        made = PmsConnection(office_id=office_id, kind=KIND)
        session.add(made)
    made.kind, made.url, made.active, made.set_by = KIND, _url(url or CLOUD), True, actor
    made.sealed = {"developer_key": _key(developer_key), "customer_key": _key(customer_key)}
    made.options = said
    session.flush()
    _audit(session, made, "pms_connection.set_up", actor)
    return made


def switch_off(session: Session, office_id: str, actor: str) -> None:
    """Send nothing to this office's PMS any more; what is unknown stays to be looked up by hand."""
    made = _of(session, office_id)
    if made is None:
        raise _missing()
    made.active = False
    session.flush()
    _audit(session, made, "pms_connection.switched_off", actor)


def is_on(session: Session, office_id: str) -> bool:
    """Whether the office's PMS may be spoken to."""
    made = _of(session, office_id)
    return made is not None and made.active


def open_connection(access: Access, done: Callable[[Request], None]) -> Connection:
    """A connection at the pace that the cloud takes."""
    return Connection(access, done=done)


@contextmanager
def sender(
    db: Database, office_id: str, opened: Open = open_connection
) -> Iterator[tuple[Sender, Requests]]:
    """The office's sender, and a list that each request made is added to.

    Conflict ``pms_not_set_up`` when there is none, or it is switched off.
    """
    with db.read() as session:
        made = _of(session, office_id)
        if made is None or not made.active:
            raise _missing()
        keys, options = made.sealed, Options.of(made.options)
        access = Access(made.url, keys["developer_key"], keys["customer_key"])
    requests: Requests = []
    with opened(access, requests.append) as connection:
        yield OpenDental(connection, options), requests


def _of(session: Session, office_id: str) -> PmsConnection | None:
    return session.scalar(select(PmsConnection).where(PmsConnection.office_id == office_id))


def _missing() -> Conflict:
    return Conflict("pms_not_set_up", "This office's PMS is not set up to be spoken to.",
                    "An administrator sets it up: `lockbox posting connect`.")  # fmt: skip


def _url(said: str) -> str:
    parts = urlsplit(said)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not safe or not parts.hostname or parts.username or parts.query or len(said) > _LONGEST_KEY:
        raise WrongUse("wrong_pms_url", "Patients' data goes over https only.",
                       f"Give an address such as {CLOUD}.")  # fmt: skip
    return said


def _key(said: str) -> str:
    key = said.strip()
    if not key or len(key) > _LONGEST_KEY or not key.isascii() or not key.isalnum():
        raise WrongUse("wrong_pms_key", "A key is letters and digits.",
                       "Copy the developer key and the office's customer key.")  # fmt: skip
    return key


def _audit(session: Session, made: PmsConnection, action: str, actor: str) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="office",
                 subject_id=made.office_id, detail={"kind": made.kind})  # fmt: skip
