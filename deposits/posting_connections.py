"""How an office's PMS is reached: set up by an administrator, sealed, off until then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from deposits.pms.open_dental import OpenDental
from deposits.pms.open_dental_values import Options
from deposits.pms.types import Sender
from records import audit, pms_access
from records.db import Database
from records.errors import WrongUse
from records.models import PmsConnection
from records.open_dental_http import CLOUD
from records.pms_access import Open, Requests, connection_of, is_on, missing, open_connection

__all__ = ["KIND", "is_on", "open_connection", "sender", "set_up", "switch_off"]

KIND = "open_dental"
_LONGEST_KEY = 200
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


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
    made = connection_of(session, office_id)
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
    made = connection_of(session, office_id)
    if made is None:
        raise missing()
    made.active = False
    session.flush()
    _audit(session, made, "pms_connection.switched_off", actor)


@contextmanager
def sender(
    db: Database, office_id: str, opened: Open = open_connection
) -> Iterator[tuple[Sender, Requests]]:
    """The office's sender, and a list that each request made is added to.

    Conflict ``pms_not_set_up`` when there is none, or it is switched off.
    """
    with db.read() as session:
        access, made = pms_access.active(session, office_id)
        options = Options.of(made.options)
    requests: Requests = []
    with opened(access, requests.append) as connection:
        yield OpenDental(connection, options), requests


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
