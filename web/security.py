"""The walls around every request: headers, the origin of changes, and the size of bodies."""

from __future__ import annotations

from typing import Final, cast
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from records.errors import LockboxError

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
SMALL_BODY_BYTES: Final = 1_000_000
FORM_BYTES: Final = 100_000  # what a form adds around a file in it
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_BODY_LIMIT: Final = "lockbox.body_limit_bytes"
_HEADERS: Final = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Not no-referrer: browsers would then send "Origin: null" with our own forms.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), microphone=(), payment=(), usb=()",
}


class TooLarge(LockboxError):
    """More bytes than this request may send."""

    http_status = 413


class Walls:
    """Middleware: refuses foreign changes and oversized bodies, adds headers to every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scope[_BODY_LIMIT] = SMALL_BODY_BYTES

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                _add_headers(scope, MutableHeaders(scope=message))
            await send(message)

        if scope["method"] not in _SAFE and not is_own(headers):
            refusal = PlainTextResponse(
                "This change did not come from a page of this site and was refused. "
                "Open the page again and repeat it. [foreign_origin]",
                403,
            )
            await refusal(scope, receive, send_with_headers)
            return
        await self._app(scope, _bounded(scope, headers, receive), send_with_headers)


def is_own(headers: Headers) -> bool:
    """Whether a changing request comes from our own pages, or from a program with a token.

    A browser sends ``Sec-Fetch-Site`` or at least ``Origin`` with every changing request, and no
    foreign page can make it send ``Authorization``. A request with none of them is refused.
    """
    if headers.get("authorization", "").lower().startswith("bearer "):
        return True
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is None and origin is None:
        return False
    if site is not None and site != "same-origin":
        return False
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def allow_body(scope: Scope, limit_bytes: int) -> None:
    """Let this request's body have up to ``limit_bytes``; before the body is read."""
    scope[_BODY_LIMIT] = limit_bytes


def _bounded(scope: Scope, headers: Headers, receive: Receive) -> Receive:
    seen = 0
    declared = headers.get("content-length", "")

    async def receive_bounded() -> Message:
        nonlocal seen
        limit = cast("int", scope[_BODY_LIMIT])
        if seen == 0 and _is_above(declared, limit):
            raise _too_large(limit)
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _too_large(limit)
        return message

    return receive_bounded


def _is_above(declared: str, limit_bytes: int) -> bool:
    if not (declared.isascii() and declared.isdigit()):
        return False
    return len(declared) > 18 or int(declared) > limit_bytes


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(
        "too_large",
        f"This is larger than {limit_bytes // 1_000_000} MB.",
        "Scan in smaller batches.",
    )


def _add_headers(scope: Scope, headers: MutableHeaders) -> None:
    for name, value in _HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("cache-control", "no-store")
    if scope["scheme"] == "https":
        headers.setdefault("strict-transport-security", "max-age=31536000")
