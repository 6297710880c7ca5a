"""Who asks: passwords, logins that slow guessing down, sessions in the database, API tokens."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from starlette.requests import Request

from records import audit, clock
from records.db import Database
from records.errors import LockboxError, WrongUse
from records.models import ApiToken, LoginAttempt, User, WebSession
from records.settings import Settings

COOKIE: Final = "lockbox_session"
SHORTEST_PASSWORD: Final = 10
_WINDOW: Final = timedelta(minutes=15)
_LONGEST_SESSION: Final = timedelta(hours=12)
_TOUCH_EVERY: Final = timedelta(seconds=60)
# Attempts allowed within the window: one person from one place, one person, one place.
_LIMITS: Final = {"pair": 5, "user": 20, "address": 30}
_TOKEN_PREFIX: Final = "lbx_"  # noqa: S105 - marks our tokens for secret scanners, is no secret

_hasher = PasswordHasher()  # argon2id, RFC 9106's second recommended setting (64 MiB)
_two_at_once = threading.BoundedSemaphore(2)  # each hash takes 64 MiB


class LoginNeeded(LockboxError):
    """Nobody is logged in, or no longer."""

    http_status = 401


class TooManyAttempts(LockboxError):
    """Guessing is slowed down."""

    http_status = 429


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person a request acts for. ``offices`` are ids, ``office_codes`` codes; None for all."""

    id: str
    username: str
    display_name: str
    role: str
    offices: frozenset[str] | None
    session_id: str | None = None
    office_codes: frozenset[str] | None = None

    @property
    def actor(self) -> str:
        """How the person is named in audit rows and decisions."""
        return f"user:{self.username}"


def hash_password(password: str) -> str:
    """Argon2id of a password; WrongUse ``weak_password`` when it is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise WrongUse(
            "weak_password",
            "The password is too short.",
            f"Use at least {SHORTEST_PASSWORD} characters, several words for example.",
        )
    with _two_at_once:
        return _hasher.hash(password)


@cache
def _decoy() -> str:
    """A hash of nothing anybody knows: an unknown name costs as much as a wrong password."""
    return _hasher.hash(secrets.token_urlsafe(16))


def verify_password(password_hash: str, password: str) -> bool:
    """Whether the password fits; the time it takes tells nothing."""
    with _two_at_once:
        try:
            return _hasher.verify(password_hash, password)
        except (VerifyMismatchError, InvalidHashError):
            return False


def sign_in(db: Database, username: str, password: str, address: str) -> str:
    """Log a person in; the cookie's token.

    Raises LoginNeeded ``sign_in_failed`` (the same for every cause) or TooManyAttempts. The
    attempt is counted before the password is looked at, so that parallel guesses count too.
    """
    name = username.strip().lower()[:60]
    keys = {
        "pair": f"pair:{name}|{address}"[:120],
        "user": f"user:{name}",
        "address": f"address:{address}"[:120],
    }
    with db.write() as session:
        _throttle(session, keys)
        attempts = [LoginAttempt(key=key) for key in keys.values()]
        session.add_all(attempts)
        user = session.scalar(select(User).where(func.lower(User.username) == name))
    decoy = _decoy()  # made for a known name as well: the first of a process is no slower
    fits = verify_password(user.password_hash if user else decoy, password)
    if user is None or not fits or not user.active:
        _note_failure(db, user)
        raise LoginNeeded(
            "sign_in_failed",
            "Name or password is wrong.",
            "Try again; an administrator can set a new password.",
        )
    with db.write() as session:
        mine = [attempt.id for attempt in attempts]
        session.execute(delete(LoginAttempt).where(LoginAttempt.id.in_(mine)))
        session.execute(delete(LoginAttempt).where(LoginAttempt.key == keys["pair"]))
        audit.record(
            session, actor=user.actor, action="login", subject_kind="user", subject_id=user.id
        )
        return open_session(session, user.id)


def open_session(session: Session, user_id: str) -> str:
    """Make a server-side session; the token that goes into the cookie and nowhere else."""
    token = secrets.token_urlsafe(32)
    session.add(WebSession(token_hash=_digest(token), user_id=user_id, last_seen_at=clock.now()))
    return token


def sign_out(db: Database, viewer: Viewer) -> None:
    """End this session; its cookie opens nothing any more."""
    with db.write() as session:
        row = session.get(WebSession, viewer.session_id) if viewer.session_id else None
        if row is not None and row.ended_at is None:
            row.ended_at = clock.now()
            audit.record(
                session,
                actor=viewer.actor,
                action="logout",
                subject_kind="user",
                subject_id=viewer.id,
            )


def end_sessions(session: Session, user_id: str, *, but: str | None = None) -> None:
    """End all of a person's sessions, except the one with id ``but``."""
    rows = select(WebSession).where(WebSession.user_id == user_id, WebSession.ended_at.is_(None))
    for row in session.scalars(rows):
        if row.id != but:
            row.ended_at = clock.now()


def revoke_tokens(session: Session, user_id: str, actor: str) -> int:
    """Make all of a person's API tokens useless; how many there were."""
    rows = session.scalars(
        select(ApiToken).where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    ).all()
    for row in rows:
        row.revoked_at = clock.now()
        audit.record(
            session,
            actor=actor,
            action="token.revoked",
            subject_kind="api_token",
            subject_id=row.id,
        )
    return len(rows)


def check_current(db: Database, user_id: str, password: str) -> None:
    """Refuse a password that is not the person's own; guesses are slowed down as at the login.

    Raises WrongUse ``wrong_password`` or TooManyAttempts. Whoever sits at an open session may be
    somebody else.
    """
    key = f"current:{user_id}"[:120]
    with db.write() as session:
        _throttle(session, {"pair": key})
        session.add(LoginAttempt(key=key))
        held = session.get_one(User, user_id).password_hash
    if not verify_password(held, password):
        raise WrongUse("wrong_password", "The current password is wrong.", "Type it again.")
    with db.write() as session:
        session.execute(delete(LoginAttempt).where(LoginAttempt.key == key))


def new_api_token(session: Session, user_id: str, label: str, actor: str) -> str:
    """Make a token for a program; it is shown once and stored as its SHA-256."""
    token = _TOKEN_PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(token_hash=_digest(token), user_id=user_id, label=label.strip()[:120] or "API")
    session.add(row)
    session.flush()
    audit.record(
        session, actor=actor, action="token.created", subject_kind="api_token", subject_id=row.id
    )
    return token


def identify(request: Request, db: Database, settings: Settings) -> Viewer:
    """The person behind a request: a bearer token (API only) or the session cookie.

    Raises LoginNeeded. A request with ``X-Background: 1`` (pages that refresh themselves) does
    not count as the person being there.
    """
    header = request.headers.get("authorization", "")
    if header.lower().startswith("bearer "):
        if not request.url.path.startswith("/api/"):
            raise _login_needed()
        return _by_token(db, header[7:].strip())
    token = request.cookies.get(COOKIE)
    if not token:
        raise _login_needed()
    touch = request.headers.get("x-background") != "1"
    return _by_session(db, token, timedelta(minutes=settings.idle_minutes), touch=touch)


def _by_token(db: Database, token: str) -> Viewer:
    with db.read() as session:
        row = session.scalar(select(ApiToken).where(ApiToken.token_hash == _digest(token)))
        if row is None or row.revoked_at is not None or not row.user.active:
            raise LoginNeeded(
                "token_refused",
                "The API token is not valid.",
                "Make a new one on your own page (top right).",
            )
        return _viewer(row.user)


def _by_session(db: Database, token: str, idle: timedelta, *, touch: bool) -> Viewer:
    now = clock.now()
    with db.read() as session:
        row = session.scalar(select(WebSession).where(WebSession.token_hash == _digest(token)))
        if (
            row is None
            or row.ended_at is not None
            or not row.user.active
            or now - row.last_seen_at > idle
            or now - row.created_at > _LONGEST_SESSION
        ):
            raise _login_needed()
        viewer = _viewer(row.user, row.id)
        stale = now - row.last_seen_at > min(_TOUCH_EVERY, idle / 4)
    if touch and stale:
        with db.write() as session:
            held = session.get(WebSession, viewer.session_id)
            if held is not None:
                held.last_seen_at = now
    return viewer


def _viewer(user: User, session_id: str | None = None) -> Viewer:
    offices = codes = None
    if not user.all_offices:
        offices = frozenset(office.id for office in user.offices)
        codes = frozenset(office.code for office in user.offices)
    return Viewer(user.id, user.username, user.display_name, user.role, offices, session_id, codes)


def _throttle(session: Session, keys: dict[str, str]) -> None:
    since = clock.now() - _WINDOW
    session.execute(
        delete(LoginAttempt).where(LoginAttempt.created_at < clock.now() - timedelta(days=1))
    )
    for kind, key in keys.items():
        count = (
            session.scalar(
                select(func.count())
                .select_from(LoginAttempt)
                .where(LoginAttempt.key == key, LoginAttempt.created_at > since)
            )
            or 0
        )
        if count >= _LIMITS[kind]:
            raise TooManyAttempts(
                "too_many_attempts",
                "Too many attempts.",
                f"Wait {int(_WINDOW.total_seconds() // 60)} minutes, then try again.",
            )


def _note_failure(db: Database, user: User | None) -> None:
    with db.write() as session:
        audit.record(
            session,
            actor="nobody",
            action="login.failed",
            subject_kind="user",
            subject_id=user.id if user else "unknown",
        )


def _login_needed() -> LoginNeeded:
    return LoginNeeded("login_needed", "Nobody is logged in, or not for a while.", "Log in again.")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
