"""Requests to a verifier: bounded in time and size, never redirected, no proxy, no cookies."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, Self

import httpx

from records import clock
from returned_mail.verify.types import Reply, Request

ASK_SECONDS: Final = 30.0
"""The most one request may take, its body included."""
MOST_BYTES: Final = 1_000_000
LONGEST_WAIT_SECONDS: Final = 24 * 3600.0
_CONNECT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Page:
    """An answer that came whole: its status, its JSON (None where it is none), its headers."""

    status: int
    body: Any
    retry_after: str
    readable: bool


class Line:
    """A line to one service; ``requests`` is what went over it."""

    def __init__(self, verifier: str, url: str, *, seconds: float = ASK_SECONDS) -> None:
        self._verifier, self._seconds = verifier, seconds
        self.requests: list[Request] = []
        self._client = httpx.Client(
            base_url=url.rstrip("/") + "/",
            headers={"Accept": "application/json"},
            timeout=httpx.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds)),
            limits=httpx.Limits(max_keepalive_connections=0, max_connections=1),
            follow_redirects=False,
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Page | Reply:
        """The answer's page, or why there is none (``not_taken``, ``lost``, ``redirected``)."""
        began = time.monotonic()
        status = 0
        try:
            with self._client.stream(
                method, path, params=params, headers=headers, json=body
            ) as answer:
                status = answer.status_code
                content = _bounded(answer, began + self._seconds)
                retry_after = answer.headers.get("Retry-After", "")
            found = _page(status, content, retry_after)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            found = Reply("not_taken", "unreachable")
        except (httpx.HTTPError, httpx.InvalidURL):
            found = Reply("lost", "lost")
        outcome = found.code if isinstance(found, Reply) else "answered"
        took = round((time.monotonic() - began) * 1000)
        self.requests.append(Request(self._verifier, path, status, outcome, took))
        return found


def usual(page: Page) -> Reply | None:
    """What a status means at every service; None for one that the adapter has to read."""
    if page.status == 429:
        return Reply("busy", "busy", wait_seconds=wait_seconds(page.retry_after))
    if page.status in {401, 403}:
        return Reply("keys_refused", "keys_refused")
    if page.status >= 500:
        wait = wait_seconds(page.retry_after) if page.status == 503 else None
        return Reply("lost", "broken", wait_seconds=wait)
    if page.status == 200 and not page.readable:
        return Reply("lost", "unreadable")
    return None


def wait_seconds(said: str) -> float | None:
    """Seconds of a Retry-After (a number or an HTTP date), bounded; None where it says nothing."""
    try:
        seconds = float(said)
    except ValueError:
        try:
            at = parsedate_to_datetime(said)
        except (TypeError, ValueError):
            return None
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        seconds = (at - clock.now()).total_seconds()
    if not math.isfinite(seconds):
        return None
    return min(max(seconds, 1.0), LONGEST_WAIT_SECONDS)


def _page(status: int, content: bytes | None, retry_after: str) -> Page | Reply:
    if 300 <= status < 400:
        return Reply("redirected", "redirected")
    if content is None:
        return Reply("lost", "too_long")
    try:
        return Page(status, json.loads(content), retry_after, readable=True)
    except (ValueError, RecursionError):
        return Page(status, None, retry_after, readable=False)


def _bounded(answer: httpx.Response, until: float) -> bytes | None:
    """The answer's body, None when it is longer than any that is meant.

    One that trickles past the time is lost: raises ReadTimeout as a silent one does.
    """
    parts: list[bytes] = []
    size = 0
    for part in answer.iter_bytes():  # as it comes: a piece waited for could take hours to fill
        size += len(part)
        if size > MOST_BYTES:
            return None
        parts.append(part)
        if time.monotonic() > until:
            raise httpx.ReadTimeout("too slow")
    return b"".join(parts)
