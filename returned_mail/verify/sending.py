"""The queue's sending end: one question at a time under a lease, each step its own transaction.

A request is ``sending`` from before it leaves until its answer is kept. Whoever pulls the plug in
between leaves a lease that runs out: the request is then of unknown outcome, and asked again,
since looking an address up changes nothing there. Its answer is applied once here, whatever came
late or twice. The hour's quota counts what left, before it leaves.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from records import audit, clock, row_locks
from records.db import Database
from records.errors import Conflict
from records.models import AddressRequest, AddressSend, AddressTask, AddressVerifier
from records.workflow import ADDRESS_REQUEST, move
from returned_mail import verified
from returned_mail.verify import asking, setting
from returned_mail.verify.types import NETWORK, Adapter, Question, Reply, Request

LEASE_SECONDS: Final = 180.0
"""Well above what the requests of one question may take together."""
MOST_ATTEMPTS: Final = 6
_HOUR = timedelta(hours=1)
_FIRST_WAIT_SECONDS = 60.0
_LONGEST_WAIT_SECONDS = 3600.0
_MEND_SECONDS = 3600.0
_MOST_JITTER_SECONDS = 30.0
_LOOK_UPS = frozenset({"addresses/v3/address", "street-address"})
_STOPS = frozenset({"busy", "keys_refused", "redirected"})
_ENDINGS = {"not_entered": "never_entered", "died": "always_died"}
"""What a request failed of when the last attempt ended like the ones before; else ``gave_up``."""
_LOG = structlog.get_logger("verifier")

Open = Callable[[Database, str], AbstractContextManager[Adapter]]


@dataclass(frozen=True, slots=True)
class Tally:
    """What a run did, in requests; ``waiting``: sent and not answered, asked again later."""

    answered: int = 0
    waiting: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Claim:
    request_id: str
    token: int
    verifier: str
    question: Question


def due(session: Session) -> bool:
    """Whether something may be sent now, or a lease has run out; cheap, for a worker's look."""
    now = clock.now()
    open_now = _open_verifiers(session, now)
    query = select(AddressRequest.id).where(_ready(now, open_now)).limit(1)
    return session.scalar(query) is not None


def run_due(
    db: Database,
    *,
    opened: Open = setting.adapter,
    most: int = 1000,
    stop: Callable[[], bool] = lambda: False,
) -> Tally:
    """Send what is due, one after the other, until nothing is or ``most`` were sent."""
    tally = Tally()
    for _ in range(most):
        claim = None if stop() else _claim(db)
        if claim is None:
            return tally
        actor = f"verifier:{claim.verifier}"
        try:
            with opened(db, claim.verifier) as adapter:
                reply = adapter.ask(claim.question)
                requests = list(adapter.requests)
        except Conflict:  # switched off in this moment: nothing left the house
            reply, requests = Reply("not_taken", "unreachable"), []
        state = _enter(db, claim, reply, requests, actor)
        name = {"answered": "answered", "failed": "failed"}.get(state, "waiting")
        tally = dataclasses.replace(tally, **{name: getattr(tally, name) + 1})
    return tally


def _open_verifiers(session: Session, now: datetime) -> list[str]:
    return list(
        session.scalars(
            select(AddressVerifier.kind).where(
                AddressVerifier.active,
                AddressVerifier.kind.in_(NETWORK),
                or_(AddressVerifier.paused_until.is_(None), AddressVerifier.paused_until <= now),
            )
        )
    )


def _ready(now: datetime, kinds: list[str]) -> ColumnElement[bool]:
    return and_(
        AddressRequest.verifier.in_(kinds),
        or_(
            and_(
                AddressRequest.state.in_(("asked", "unknown_outcome")),
                AddressRequest.next_at <= now,
            ),
            and_(AddressRequest.state == "sending", AddressRequest.lease_until < now),
        ),
    )


def _claim(db: Database) -> _Claim | None:
    """The next request, taken for this worker alone and counted; None when there is none."""
    with db.read() as session:
        if not due(session):
            return None
    with db.write() as session:
        now = clock.now()
        for kind in _open_verifiers(session, now):
            _fail_the_dead(session, kind, now)
            # The verifier's row is held while the hour is counted: two workers share one quota.
            made = session.scalars(
                select(AddressVerifier).where(AddressVerifier.kind == kind).with_for_update()
            ).one()
            request = session.scalars(
                select(AddressRequest)
                .where(_ready(now, [kind]))
                .order_by(AddressRequest.next_at, AddressRequest.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if request is None or not made.active or not _has_room(session, made, now):
                continue
            return _take(session, request, now)
    return None


def _fail_the_dead(session: Session, kind: str, now: datetime) -> None:
    """End what was being asked each time the program ended: it may be what ends the program."""
    dead = session.scalars(
        select(AddressRequest)
        .where(
            AddressRequest.verifier == kind,
            AddressRequest.state == "sending",
            AddressRequest.lease_until < now,
            AddressRequest.attempts >= MOST_ATTEMPTS,
        )
        .with_for_update(skip_locked=True)
    )
    for request in dead.all():
        _put_back(session, request, Reply("lost", "died"), f"verifier:{kind}")


def _has_room(session: Session, made: AddressVerifier, now: datetime) -> bool:
    """Whether the hour's quota has room; if not, the verifier rests until it has."""
    sent = session.scalars(
        select(AddressSend.created_at)
        .where(AddressSend.verifier == made.kind, AddressSend.created_at > now - _HOUR)
        .order_by(AddressSend.created_at.desc())
        .limit(made.per_hour)
    ).all()
    if len(sent) < made.per_hour:
        return True
    _pause(session, made, sent[-1] + _HOUR, "quota")
    return False


def _take(session: Session, request: AddressRequest, now: datetime) -> _Claim:
    if request.state == "sending":  # whoever had it is gone
        move(request, ADDRESS_REQUEST, "unknown_outcome")
        request.code = "died"
    move(request, ADDRESS_REQUEST, "sending")
    request.token += 1
    request.attempts += 1
    request.code, request.sent_at = "sending", now
    request.lease_until = now + timedelta(seconds=LEASE_SECONDS)
    session.add(AddressSend(verifier=request.verifier, request_id=request.id, created_at=now))
    session.flush()
    _audit(session, request, f"verifier:{request.verifier}", "address_request.sent",
           attempt=request.attempts)  # fmt: skip
    return _Claim(request.id, request.token, request.verifier, Question.of(request.sealed))


def _enter(db: Database, claim: _Claim, reply: Reply, requests: list[Request], actor: str) -> str:
    """Keep what came of it, if it is still ours to say; the request's state then.

    An error nobody foresaw while an answer is applied takes all of it back. It counts as an
    attempt like any other: after the last one a person decides.
    """
    try:
        with db.write() as session:
            return _kept(session, claim, reply, requests, actor)
    except Exception as error:  # noqa: BLE001 - whatever it is, the attempt counts
        # The type only: the text of an unforeseen error may hold patient data.
        _LOG.error("answer_not_entered", error_type=type(error).__name__)
    with db.write() as session:
        return _kept(session, claim, Reply("not_taken", "not_entered"), requests, actor)


def _kept(
    session: Session, claim: _Claim, reply: Reply, requests: list[Request], actor: str
) -> str:
    request = _locked(session, claim.request_id)
    for each in requests:
        _audit(session, request, actor, "address_request.request",
               **dataclasses.asdict(each))  # fmt: skip
    for _ in [each for each in requests if each.resource in _LOOK_UPS][1:]:
        session.add(AddressSend(verifier=claim.verifier, request_id=claim.request_id))
    if request.state != "sending" or request.token != claim.token:
        return request.state  # a person, or a later sending, has said more
    if reply.kind == "ok" and reply.answer is not None:
        asking.enter(session, request, reply.answer, actor)
        verified.take(session, request)
    else:
        _put_back(session, request, reply, actor)
    return request.state


def _locked(session: Session, request_id: str) -> AddressRequest:
    """The request, locked after its task: everybody locks in this order."""
    task_id = session.get_one(AddressRequest, request_id).task_id
    row_locks.locked(session, AddressTask, task_id)
    return session.get_one(AddressRequest, request_id, with_for_update=True, populate_existing=True)


def _put_back(session: Session, request: AddressRequest, reply: Reply, actor: str) -> None:
    now = clock.now()
    request.lease_until, request.code = None, reply.code
    # A service that is busy or to be mended says nothing about this address: no attempt is spent.
    if reply.kind in _STOPS:
        request.attempts -= 1
    spent = reply.kind == "refused" or request.attempts >= MOST_ATTEMPTS
    if spent:
        move(request, ADDRESS_REQUEST, "failed")
        request.code = "refused" if reply.kind == "refused" else _ENDINGS.get(reply.code, "gave_up")
    else:
        move(request, ADDRESS_REQUEST, "unknown_outcome" if reply.kind == "lost" else "asked")
        request.next_at = now + timedelta(seconds=_wait_seconds(reply, request.attempts))
    session.flush()
    _audit(session, request, actor, "address_request.failed" if spent
           else "address_request.put_back", code=request.code)  # fmt: skip
    made = setting.find(session, request.verifier)
    if made is not None and reply.kind in _STOPS:
        _pause(session, made, request.next_at, reply.code)


def _pause(session: Session, made: AddressVerifier, until: datetime, code: str) -> None:
    """Ask nothing of a verifier until then; each task that waits for it says so."""
    made.paused_until, made.problem = until, code
    session.flush()


def _wait_seconds(reply: Reply, attempts: int) -> float:
    """What the service asks for, else longer each time; a little more, so that not all come at
    once."""
    usual = min(_FIRST_WAIT_SECONDS * 2 ** max(0, attempts - 1), _LONGEST_WAIT_SECONDS)
    if reply.kind in {"keys_refused", "redirected"}:
        usual = _MEND_SECONDS
    seconds = usual if reply.wait_seconds is None else reply.wait_seconds
    return seconds + random.uniform(0, min(_MOST_JITTER_SECONDS, seconds * 0.1))


def _audit(
    session: Session, request: AddressRequest, actor: str, action: str, **detail: str | int
) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="address_task",
                 subject_id=request.task_id, detail={"request": request.id, **detail})  # fmt: skip


def sent_last_hour(session: Session, kind: str) -> int:
    """How many questions left for a verifier within the hour."""
    return (
        session.scalar(
            select(func.count())
            .select_from(AddressSend)
            .where(AddressSend.verifier == kind, AddressSend.created_at > clock.now() - _HOUR)
        )
        or 0
    )
