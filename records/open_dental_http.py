"""Open Dental's REST API over HTTP: every request bounded, every answer one of four kinds.

Facts of its documentation (API Specification, Implementation, Permissions): the header
``Authorization: ODFHIR developer/customer``; JSON; 400 and 404 with an explanation write nothing;
429 with Retry-After was not taken; a request it cannot finish in 60 seconds is answered 504 and
may be written all the same; lists come in pages of 100.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Self

import httpx

CLOUD: Final = "https://api.opendental.com/api/v1"
LINE_SECONDS: Final = 180.0
"""The most that one line may take; what was sent is settled well before ``SETTLES_IN``."""
_CONNECT_SECONDS = 10.0
_READ_SECONDS = 65.0  # its own limit is 60
_MOST_WAITS = 3
_LONGEST_WAIT_SECONDS = 30.0
_MOST_BYTES = 4_000_000
_PAGE = 100
_MOST_PAGES = 50
_NOT_WRITTEN = frozenset({400, 404, 405, 409, 422})
_NOT_ALLOWED = frozenset({401, 403})

Kind = Literal["ok", "refused", "not_taken", "lost"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a request.

    ``ok``: done, ``body`` is its JSON. ``refused``: understood and not done, ``reason`` is the
    PMS's. ``not_taken``: it never got as far. ``lost``: it may or may not have been done.
    """

    kind: Kind
    body: Any = None
    reason: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class Request:
    """What may be said of a request in the audit chain: nothing that names a patient."""

    method: str
    resource: str
    status: int
    outcome: Kind
    milliseconds: int


@dataclass(frozen=True, slots=True)
class Access:
    """Where the API is and the two keys; never printed, the keys least of all."""

    url: str
    developer_key: str
    customer_key: str

    def __repr__(self) -> str:
        return "Access(...)"


class Connection:
    """One run's conversation with the API; use as a context.

    ``pause_seconds`` lie between two requests (the paid tier takes one a second). ``done`` is
    called with each request made.
    """

    def __init__(
        self,
        access: Access,
        *,
        pause_seconds: float = 1.0,
        read_seconds: float = _READ_SECONDS,
        wait: Callable[[float], None] = time.sleep,
        done: Callable[[Request], None] = lambda _request: None,
    ) -> None:
        # A kept connection that the other side has closed would lose an answer for nothing.
        self._client = httpx.Client(
            base_url=access.url.rstrip("/") + "/",
            headers={
                "Authorization": f"ODFHIR {access.developer_key}/{access.customer_key}",
                "Accept": "application/json",
            },
            timeout=httpx.Timeout(read_seconds, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(max_keepalive_connections=0, max_connections=1),
            follow_redirects=False,
            trust_env=False,
        )
        self._pause, self._read, self._wait, self._done = pause_seconds, read_seconds, wait, done
        self._until = time.monotonic() + LINE_SECONDS
        self._last = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def begin(self) -> None:
        """Begin a line: its time starts now."""
        self._until = time.monotonic() + LINE_SECONDS

    def get(self, path: str, **params: str | int) -> Reply:
        """Read one thing."""
        return self._ask("GET", path, params=params)

    def rows(self, path: str, **params: str | int) -> Reply:
        """Read a whole list, page by page; ``ok`` only with all of it."""
        found: list[Any] = []
        for page in range(_MOST_PAGES):
            offset = {"Offset": page * _PAGE} if page else {}
            reply = self.get(path, **params, **offset)
            if reply.kind != "ok":
                return reply
            if not isinstance(reply.body, list):
                return Reply("lost", reason="Open Dental answered something else than a list")
            found += [row for row in reply.body if isinstance(row, dict)]
            if len(reply.body) < _PAGE:
                return Reply("ok", found)
        return Reply("lost", reason="Open Dental's list does not end")

    def post(self, path: str, body: Mapping[str, Any]) -> Reply:
        """Make something."""
        return self._ask("POST", path, body=body)

    def put(self, path: str, body: Mapping[str, Any]) -> Reply:
        """Change something."""
        return self._ask("PUT", path, body=body)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Reply:
        reply = Reply("not_taken", reason="the line's time is over")
        for _ in range(_MOST_WAITS):
            self._keep_pace()
            if time.monotonic() + self._read > self._until:
                break  # its answer might come when nobody waits for it any more
            began = time.monotonic()
            reply, wait_seconds = self._once(method, path, params, body)
            took = round((time.monotonic() - began) * 1000)
            self._done(Request(method, _resource(path), reply.status, reply.kind, took))
            if wait_seconds is None:
                break
            self._wait(wait_seconds)
        return reply

    def _keep_pace(self) -> None:
        left = self._last + self._pause - time.monotonic()
        if left > 0:
            self._wait(left)
        self._last = time.monotonic()

    def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        body: Mapping[str, Any] | None,
    ) -> tuple[Reply, float | None]:
        """The reply, and how long to wait before the same may be asked again."""
        try:
            with self._client.stream(method, path, params=params, json=body) as answer:
                content = _bounded(answer, time.monotonic() + self._read)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return Reply("not_taken", reason="Open Dental cannot be reached"), None
        except (httpx.HTTPError, httpx.InvalidURL):
            return Reply("lost", reason="Open Dental's answer was lost"), None
        if answer.status_code == 429:
            busy = Reply("not_taken", reason="Open Dental is busy", status=429)
            return busy, _seconds(answer.headers.get("Retry-After", ""))
        return _reply(answer.status_code, content), None


def _reply(status: int, content: bytes | None) -> Reply:
    if status in _NOT_ALLOWED:
        return Reply("not_taken", reason="Open Dental does not know the keys", status=status)
    if status in _NOT_WRITTEN:
        return Reply("refused", reason=_explanation(content), status=status)
    if status not in (200, 201):
        return Reply("lost", reason=f"Open Dental answered {status}", status=status)
    try:
        return Reply("ok", json.loads(content or b""), status=status)
    except ValueError:
        return Reply("lost", reason="Open Dental's answer cannot be read", status=status)


def _bounded(answer: httpx.Response, until: float) -> bytes | None:
    """The answer's body, None when it is longer than any that is meant or takes too long."""
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_bytes():
        size += len(part)
        if size > _MOST_BYTES or time.monotonic() > until:
            return None
        parts.append(part)
    return b"".join(parts)


def _explanation(content: bytes | None) -> str:
    text = (content or b"").decode("utf-8", errors="replace").strip().strip('"')
    return f"Open Dental: {' '.join(text.split())[:150] or 'refused'}"


def _seconds(said: str) -> float:
    """Seconds of a Retry-After, bounded; a date or nonsense counts as two."""
    try:
        seconds = float(said)
    except ValueError:
        seconds = 2.0
    return min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS) if math.isfinite(seconds) else 2.0


def _resource(path: str) -> str:
    """The path without the numbers in it: they name patients and payments."""
    return "/".join(part for part in path.split("/") if not part.isdigit())
