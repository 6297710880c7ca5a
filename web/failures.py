"""What a person or a program is told when a request fails: what happened, and what to do."""

from __future__ import annotations

from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from records.errors import LockboxError, NotFound, WrongUse
from web import context
from web.auth import LoginNeeded

_LOG = structlog.get_logger("web")


def register(app: FastAPI) -> None:
    """Answer every kind of failure in the shape the caller reads."""

    @app.exception_handler(LockboxError)
    async def _known(request: Request, error: LockboxError) -> Response:
        if isinstance(error, context.Refused):
            # Here, for the handler's own transaction is rolled back.
            saw = context.of(request).saw
            await run_in_threadpool(saw, "access.refused", *error.subject)
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        places = sorted({str(fault["loc"][-1]) for fault in error.errors()})
        wrong = WrongUse(
            "wrong_input",
            f"Missing or wrong: {', '.join(places)}.",
            "Correct it and send it again.",
        )
        return answer(request, wrong, status=422)

    @app.exception_handler(DataError)
    async def _unstorable(request: Request, error: DataError) -> Response:
        del error  # a NUL in a text, or a number beyond all columns: it may hold patient data
        wrong = WrongUse(
            "wrong_input", "Something in the request cannot be stored.", "Correct it and repeat."
        )
        return answer(request, wrong)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if error.status_code == 404:
            return answer(
                request, NotFound("not_found", "There is no such page.", "Use the menu above.")
            )
        if isinstance(error.__cause__, LockboxError):  # raised while the body was read
            return answer(request, error.__cause__)
        wrong = WrongUse("wrong_request", f"{error.detail}.", _remedy(error.status_code))
        response = answer(request, wrong, status=error.status_code)
        response.headers.update(error.headers or {})
        return response


def _remedy(status: int) -> str:
    if status == 405:
        return "Open the page from the menu; programs find the methods under /api/docs."
    return "Load the page again and repeat what you did."


class Unforeseen:
    """Middleware: an error nobody foresaw becomes an answer with a code, inside the walls."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        started = False

        async def send_noting(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        except Exception as error:
            # The type only: the text of an unforeseen error may hold patient data.
            _LOG.error("request_failed", error_type=type(error).__name__)
            if scope["type"] != "http" or started:
                raise
            await _broken(Request(scope, receive))(scope, receive, send)


def _broken(request: Request) -> Response:
    broken = LockboxError(
        "internal_error",
        "Something went wrong here.",
        "Try again; if it stays so, tell your administrator the time.",
    )
    return answer(request, broken, status=500)


def answer(request: Request, error: LockboxError, *, status: int | None = None) -> Response:
    """The error as JSON for programs and scripts, as a page or the login for people."""
    status = status or error.http_status
    headers = {"retry-after": "900"} if status == 429 else None
    if wants_json(request):
        return JSONResponse(
            {"code": error.code, "message": error.message, "remedy": error.remedy}, status, headers
        )
    if isinstance(error, LoginNeeded) and request.url.path != "/login":
        return _to_login(request)
    page = context.of(request).page("error.html", status=status, error=error, status_code=status)
    page.headers.update(headers or {})
    return page


def wants_json(request: Request) -> bool:
    """Whether the caller is a program or one of our scripts."""
    return request.url.path.startswith("/api/") or "application/json" in request.headers.get(
        "accept", ""
    )


def _to_login(request: Request) -> Response:
    wanted = request.url.path
    if request.method != "GET":
        wanted = "/"
    elif request.url.query:
        wanted += f"?{request.url.query}"
    target = f"/login?next={quote(wanted, safe='/')}" if wanted != "/" else "/login"
    if request.headers.get("hx-request") == "true":
        # htmx would swap the login page into a table; this makes it leave the page.
        return Response(status_code=204, headers={"hx-redirect": "/login"})
    return RedirectResponse(target, 303)
