"""The audit chain: who did or saw what, when; append-only, each row hashed over the one before.

Events wait in the session and are written as its transaction commits, after all other rows: the
chain's lock is then held for the commit alone, and always taken last, so that it cannot deadlock.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import event, insert, select, text
from sqlalchemy.orm import Session, SessionTransaction

from records import clock
from records.models.ledger import AuditEvent

GENESIS: Final = "0" * 64
# Any constant does; it only has to be the same in every process that writes this chain.
_CHAIN_LOCK: Final = 7_101_835_2
_PENDING: Final = "audit_pending"
_PAGE_ROWS: Final = 2000
_LONGEST_TEXT: Final = 200

Scalar = str | int | bool | None
Detail = Mapping[str, Scalar | Sequence[Scalar]]


@dataclass(frozen=True, slots=True)
class Verification:
    """What walking the chain found; ``head`` is the last hash, to be noted outside."""

    ok: bool
    count: int
    first_bad_seq: int | None
    head: str


@dataclass(frozen=True, slots=True)
class _Pending:
    values: dict[str, Any]
    transactions: tuple[SessionTransaction, ...]


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject_kind: str,
    subject_id: str,
    detail: Detail | None = None,
    at: datetime | None = None,
) -> None:
    """Add an event to the chain when this session's transaction commits, and only then.

    ``detail`` holds ids, codes, counts and cents: no names, no account numbers, no floats (they
    would not hash the same everywhere). Raises TypeError or ValueError for a detail that is not
    such.
    """
    plain = {key: _plain(value) for key, value in (detail or {}).items()}
    values = {
        "at": (at or clock.now()).astimezone(UTC),
        "actor": actor,
        "action": action,
        "subject_kind": subject_kind,
        "subject_id": subject_id,
        "detail": plain,
    }
    session.connection()  # the transaction has to exist for the event to belong to it
    pending: list[_Pending] = session.info.setdefault(_PENDING, [])
    pending.append(_Pending(values, _transactions(session)))


def verify(session: Session) -> Verification:
    """Walk the chain from its first row to its last and recompute every hash."""
    previous, expected = GENESIS, 1
    columns = AuditEvent.__table__.columns
    while True:
        page = (
            session.execute(
                select(*columns)
                .where(columns.seq >= expected)
                .order_by(columns.seq)
                .limit(_PAGE_ROWS)
            )
            .mappings()
            .all()
        )
        if not page:
            return Verification(ok=True, count=expected - 1, first_bad_seq=None, head=previous)
        for row in page:
            good = row["seq"] == expected and row["previous_hash"] == previous
            if not good or row["hash"] != event_hash(
                {str(name): value for name, value in row.items()}
            ):
                return Verification(
                    ok=False, count=expected - 1, first_bad_seq=expected, head=previous
                )
            previous, expected = row["hash"], expected + 1


def event_hash(values: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of a row without its own hash."""
    instant: datetime = values["at"]
    body = {**values, "at": instant.astimezone(UTC).isoformat(timespec="microseconds")}
    body.pop("hash", None)
    text_form = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text_form.encode()).hexdigest()


def _plain(value: Scalar | Sequence[Scalar]) -> Scalar | list[Scalar]:
    if isinstance(value, str):
        if len(value) > _LONGEST_TEXT:
            raise ValueError("an audit detail is an id or a code, not a text")
        return value
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, Sequence):
        items = [_plain(item) for item in value]
        return [item for item in items if not isinstance(item, list)]
    raise TypeError(f"an audit detail cannot hold {type(value).__name__}")


def _transactions(session: Session) -> tuple[SessionTransaction, ...]:
    """The transaction an event was recorded in, and those around it (savepoints first)."""
    found: list[SessionTransaction] = []
    at = session.get_nested_transaction() or session.get_transaction()
    while at is not None:
        found.append(at)
        at = at.parent
    return tuple(found)


@event.listens_for(Session, "before_commit")
def _write_pending(session: Session) -> None:
    pending: list[_Pending] = session.info.get(_PENDING, [])
    if not pending or session.in_nested_transaction():
        return
    session.flush()
    seq, previous = _lock_head(session)
    rows: list[dict[str, Any]] = []
    for entry in pending:
        seq += 1
        row = {"seq": seq, **entry.values, "previous_hash": previous}
        previous = event_hash(row)
        rows.append({**row, "hash": previous})
    session.execute(insert(AuditEvent), rows)
    pending.clear()


@event.listens_for(Session, "after_soft_rollback")
def _drop_rolled_back(session: Session, rolled_back: SessionTransaction) -> None:
    pending: list[_Pending] = session.info.get(_PENDING, [])
    pending[:] = [entry for entry in pending if rolled_back not in entry.transactions]


def _lock_head(session: Session) -> tuple[int, str]:
    """The last row's number and hash, with no other writer until this transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    newest = select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)
    row = session.execute(newest).first()
    return (row.seq, row.hash) if row else (0, GENESIS)
