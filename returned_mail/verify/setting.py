"""How verifiers are set up: by an administrator, keys sealed, all off until then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from records import audit
from records.db import Database
from records.errors import Conflict, WrongUse
from records.models import AddressVerifier
from returned_mail.verify import smarty, usps
from returned_mail.verify.http import ASK_SECONDS, Line
from returned_mail.verify.types import KINDS, NETWORK, Adapter

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "usps": ("client_id", "client_secret"),
    "smarty": ("auth_id", "auth_token"),
    "csv": (),
}
_URLS = {"usps": usps.URL, "smarty": smarty.URL, "csv": ""}
_QUOTAS = {"usps": usps.PER_HOUR, "smarty": smarty.PER_HOUR, "csv": 0}
_LONGEST = 200
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})


def set_up(
    session: Session,
    kind: str,
    *,
    keys: Mapping[str, str],
    actor: str,
    url: str = "",
    per_hour: int | None = None,
) -> AddressVerifier:
    """Keep how a verifier is reached, and switch it on.

    WrongUse ``unknown_verifier``, ``wrong_verifier_url`` (https only, but for this machine's
    own), ``wrong_verifier_key``, ``wrong_quota``. The keys are sealed and never shown again.
    """
    if kind not in KINDS:
        raise WrongUse("unknown_verifier", f"There is no verifier {kind!r}.",
                       f"Choose one of {', '.join(KINDS)}.")  # fmt: skip
    quota = _QUOTAS[kind] if per_hour is None else per_hour
    if kind in NETWORK and not 1 <= quota <= 1_000_000:
        raise WrongUse("wrong_quota", "The questions an hour are 1 or more.",
                       "Take the number of your contract.")  # fmt: skip
    made = find(session, kind)
    if made is None:
        made = AddressVerifier(kind=kind)
        session.add(made)
    made.url = "" if kind == "csv" else _url(url or _URLS[kind])
    made.sealed = {name: _key(keys.get(name, "")) for name in KEYS[kind]}
    made.token, made.paused_until, made.problem = None, None, ""
    made.per_hour, made.active, made.set_by = quota, True, actor
    session.flush()
    _audit(session, made, "verifier.set_up", actor)
    return made


def switch_off(session: Session, kind: str, actor: str) -> None:
    """Ask nothing of this verifier any more; what waits is for a person.

    Raises Conflict ``verifier_not_set_up``.
    """
    made = find(session, kind)
    if made is None:
        raise Conflict("verifier_not_set_up", "This verifier is not set up.",
                       "See `lockbox verifier show`.")  # fmt: skip
    made.active, made.token = False, None
    session.flush()
    _audit(session, made, "verifier.switched_off", actor)


def find(session: Session, kind: str) -> AddressVerifier | None:
    """The verifier's row, switched on or not."""
    return session.scalar(select(AddressVerifier).where(AddressVerifier.kind == kind))


def chosen(session: Session) -> str | None:
    """The verifier that is asked when nobody names one: the first that is on."""
    active = set(session.scalars(select(AddressVerifier.kind).where(AddressVerifier.active)))
    return next((kind for kind in KINDS if kind in active), None)


@contextmanager
def adapter(db: Database, kind: str, *, seconds: float = ASK_SECONDS) -> Iterator[Adapter]:
    """A way to ask a verifier now; its token is kept for the next.

    Raises Conflict ``verifier_not_set_up`` when it is not, or switched off.
    """
    with db.read() as session:
        made = find(session, kind)
        if made is None or not made.active or kind not in NETWORK:
            raise Conflict("verifier_not_set_up", "This verifier is not set up.",
                           "An administrator does it: `lockbox verifier set`.")  # fmt: skip
        keys, url, token = dict(made.sealed), made.url, made.token
    with Line(kind, url, seconds=seconds) as line:
        if kind == "smarty":
            yield smarty.Smarty(line, keys["auth_id"], keys["auth_token"])
            return
        held = (token["access_token"], datetime.fromisoformat(token["until"])) if token else None
        yield usps.Usps(
            line, keys["client_id"], keys["client_secret"], held,
            lambda new: _keep(db, kind, keys, new),
        )  # fmt: skip


def _keep(db: Database, kind: str, keys: Mapping[str, Any], token: usps.Token | None) -> None:
    """Keep a new token, unless the keys that it came of were changed meanwhile."""
    with db.write() as session:
        made = find(session, kind)
        if made is not None and made.active and made.sealed == keys:
            made.token = (
                None if token is None
                else {"access_token": token[0], "until": token[1].isoformat()}
            )  # fmt: skip


def _url(said: str) -> str:
    parts = urlsplit(said)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HERE)
    if not safe or not parts.hostname or parts.username or parts.query or len(said) > _LONGEST:
        raise WrongUse("wrong_verifier_url", "Patients' addresses go over https only.",
                       f"Give an address such as {usps.URL}.")  # fmt: skip
    return said


def _key(said: str) -> str:
    key = said.strip()
    plain = key.isascii() and key.isprintable() and " " not in key
    if not key or len(key) > _LONGEST or not plain:
        raise WrongUse("wrong_verifier_key", "A key is one word of letters, digits and marks.",
                       "Copy both keys from the verifier's own pages.")  # fmt: skip
    return key


def _audit(session: Session, made: AddressVerifier, action: str, actor: str) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="verifier",
                 subject_id=made.id, detail={"kind": made.kind})  # fmt: skip
