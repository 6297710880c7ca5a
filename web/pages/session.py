"""Logging in and out, and one's own page: password and API tokens."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from records import audit, clock
from records.errors import LockboxError, WrongUse
from records.models import ApiToken, User
from web import auth
from web.context import Ctx
from web.routes import EVERYBODY, PUBLIC, Routes

routes = Routes()
Text = Annotated[str, Form(max_length=200)]


@routes.get("/login", PUBLIC)
def login_page(ctx: Ctx, next: str = "/") -> Response:  # noqa: A002 - the query's usual name
    """The form."""
    return ctx.page("login.html", next=_local(next), error=None, username="")


@routes.post("/login", PUBLIC)
def login(
    ctx: Ctx,
    username: Text,
    password: Annotated[str, Form(max_length=1000)],
    next: Text = "/",  # noqa: A002 - the query's usual name
) -> Response:
    """Check the password and open a session."""
    address = ctx.request.client.host if ctx.request.client else "unknown"
    try:
        token = auth.sign_in(ctx.db, username, password, address)
    except LockboxError as error:
        page = ctx.page(
            "login.html",
            status=error.http_status,
            next=_local(next),
            error=error,
            username=username,
        )
        if error.http_status == 429:
            page.headers["retry-after"] = "900"
        return page
    response = RedirectResponse(_local(next), 303)
    response.set_cookie(
        auth.COOKIE, token, httponly=True, samesite="lax", secure=ctx.request.url.scheme == "https"
    )
    return response


@routes.post("/logout", EVERYBODY)
def logout(ctx: Ctx) -> Response:
    """End the session on the server and in the browser."""
    auth.sign_out(ctx.db, ctx.user)
    response = ctx.back("/login")
    response.delete_cookie(auth.COOKIE, httponly=True, samesite="lax")
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


@routes.get("/me", EVERYBODY)
def own_page(ctx: Ctx) -> Response:
    """Name, role, offices, password, tokens."""
    return _own_page(ctx)


@routes.post("/me/password", EVERYBODY)
def change_password(
    ctx: Ctx,
    current: Annotated[str, Form(max_length=1000)],
    new: Annotated[str, Form(max_length=1000)],
) -> Response:
    """Set a new password, end the person's other sessions and make their API tokens void."""
    auth.check_current(ctx.db, ctx.user.id, current)
    hashed = auth.hash_password(new)
    with ctx.write() as session:
        session.get_one(User, ctx.user.id).password_hash = hashed
        auth.end_sessions(session, ctx.user.id, but=ctx.user.session_id)
        revoked = auth.revoke_tokens(session, ctx.user.id, ctx.actor)
        audit.record(
            session,
            actor=ctx.actor,
            action="password.changed",
            subject_kind="user",
            subject_id=ctx.user.id,
        )
    tokens = f" {revoked} API tokens are revoked: make new ones." if revoked else ""
    return ctx.back("/me", f"Password changed. Other devices are logged out.{tokens}")


@routes.post("/me/tokens", EVERYBODY)
def add_token(ctx: Ctx, label: Annotated[str, Form(max_length=120)]) -> Response:
    """Make an API token; this answer is the only place that shows it."""
    with ctx.write() as session:
        token = auth.new_api_token(session, ctx.user.id, label, ctx.actor)
    return _own_page(ctx, token=token)


@routes.post("/me/tokens/{token_id}/revoke", EVERYBODY)
def revoke_token(ctx: Ctx, token_id: str) -> Response:
    """Make a token useless, at once."""
    with ctx.write() as session:
        row = session.get_one(ApiToken, token_id)
        if row.user_id != ctx.user.id:
            raise WrongUse("not_your_token", "This token is not yours.", "Ask its owner.")
        row.revoked_at = row.revoked_at or clock.now()
        audit.record(
            session,
            actor=ctx.actor,
            action="token.revoked",
            subject_kind="api_token",
            subject_id=row.id,
        )
    return ctx.back("/me", "Token revoked.")


def _own_page(ctx: Ctx, token: str | None = None) -> Response:
    with ctx.read() as session:
        user = session.get_one(User, ctx.user.id)
        tokens = session.scalars(
            select(ApiToken)
            .where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None))
            .order_by(ApiToken.created_at)
        ).all()
        return ctx.page("me.html", user=user, tokens=tokens, token=token)


def _local(path: str) -> str:
    """A path on this site; anything that could lead elsewhere becomes the start page."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if plain else "/"
