"""What a request handler works with: the person, the offices in sight, sessions and answers."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any, TypeVarTuple

from fastapi import Depends, Request
from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from records import audit
from records.db import Database
from records.errors import Forbidden, NotFound
from records.files import FileStore
from records.installation import Installation
from records.models import Office
from records.settings import Settings
from web import auth, rendering, scope, security
from web.auth import Viewer

Picked = TypeVarTuple("Picked")

NOTICE_COOKIE = "lockbox_notice"


class Refused(Forbidden):
    """A look that is refused because of what the thing is; the answer puts it on record.

    ``subject`` are its kind and id, as audit rows name them.
    """

    subject: tuple[str, str] = ("", "")


@dataclass(slots=True)
class Context:
    """One request: who asks, and the means to answer. Only ``write`` blocks commit."""

    request: Request
    installation: Installation
    viewer: Viewer | None = None

    @property
    def settings(self) -> Settings:
        """The installation's settings."""
        return self.installation.settings

    @property
    def db(self) -> Database:
        """The database."""
        return self.installation.db

    @property
    def store(self) -> FileStore:
        """The file store."""
        return self.installation.store

    @property
    def user(self) -> Viewer:
        """The person; Forbidden on a route that asked for none."""
        if self.viewer is None:
            raise Forbidden("login_needed", "Nobody is logged in.", "Log in first.")
        return self.viewer

    @property
    def actor(self) -> str:
        """How the person is named in audit rows and decisions."""
        return self.user.actor

    @property
    def offices(self) -> frozenset[str] | None:
        """The ids of the offices in sight; None for all."""
        return self.user.offices

    @property
    def office_codes(self) -> frozenset[str] | None:
        """The codes of the offices in sight; None for all."""
        return self.user.office_codes

    def read(self) -> AbstractContextManager[Session]:
        """A session that only reads."""
        return self.db.read()

    def write(self) -> AbstractContextManager[Session]:
        """A session that commits when its block ends."""
        return self.db.write()

    def within(self, query: Select[*Picked], column: InstrumentedAttribute[str]) -> Select[*Picked]:
        """The query narrowed to the offices in sight."""
        return query if self.offices is None else query.where(column.in_(self.offices))

    def visible_offices(self, session: Session) -> Sequence[Office]:
        """The active offices in sight, by name."""
        query = select(Office).where(Office.active).order_by(Office.name)
        return session.scalars(self.within(query, Office.id)).all()

    def office(self, session: Session, key: str) -> Office:
        """The office of this id or code, if it is in sight; NotFound otherwise."""
        for office in self.visible_offices(session):
            if key in {office.id, office.code}:
                return office
        raise NotFound("unknown_office", "There is no such office.", "Choose one from the list.")

    def require(self, session: Session, parameter: str, *refs: str) -> None:
        """Things that a form or JSON names, checked as ``parameter`` of a path is: NotFound unless
        each lies in the offices in sight."""
        for ref in refs:
            scope.check(session, {parameter: ref}, self.offices)

    def saw(self, action: str, subject_kind: str, subject_id: str) -> None:
        """Record that patient data was looked at; in a short transaction of its own."""
        with self.write() as session:
            audit.record(
                session,
                actor=self.actor,
                action=action,
                subject_kind=subject_kind,
                subject_id=subject_id,
            )

    def page(self, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A whole page (or a fragment: templates whose name starts with ``_``)."""
        text = rendering.render(self.request, template, self.viewer, self._notice(), values)
        response = HTMLResponse(text, status)
        if NOTICE_COOKIE in self.request.cookies and not self.is_fragment:
            response.delete_cookie(NOTICE_COOKIE, httponly=True, samesite="lax")
        return response

    @property
    def is_fragment(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    def back(self, path: str, notice: str = "", *, kind: str = "done") -> Response:
        """Send the browser on after a change, with a notice to show there.

        ``kind`` is ``done`` or ``problem``. A notice holds references, never patient data.
        """
        response = RedirectResponse(path, 303)
        if notice:
            packed = base64.urlsafe_b64encode(json.dumps([kind, notice]).encode()).decode()
            response.set_cookie(
                NOTICE_COOKIE,
                packed,
                max_age=30,
                httponly=True,
                samesite="lax",
                secure=self.request.url.scheme == "https",
            )
        return response

    def stream(self) -> AsyncIterator[bytes]:
        """The raw body of an upload, bounded by the largest file the settings allow."""
        self.expect_upload()
        return self.request.stream()

    def expect_upload(self) -> None:
        """Allow this request a body as large as an upload; called before the body is read."""
        security.allow_body(self.request.scope, self.settings.max_upload_bytes + 1_000_000)

    def _notice(self) -> tuple[str, str] | None:
        packed = self.request.cookies.get(NOTICE_COOKIE)
        if not packed or self.is_fragment:
            return None
        try:
            kind, text = json.loads(base64.urlsafe_b64decode(packed))
        except (ValueError, TypeError, RecursionError):  # a cookie holds what the browser likes
            return None
        if kind not in ("done", "problem") or not isinstance(text, str):
            return None
        return (kind, text[:300])


def of(request: Request) -> Context:
    """The context of this request, made once."""
    held: Context | None = getattr(request.state, "context", None)
    if held is None:
        held = Context(request, request.app.state.installation)
        request.state.context = held
    return held


def admit(
    request: Request, roles: frozenset[str], *, whole_group: bool = False, path: str = ""
) -> None:
    """Find out who asks; raise unless the role may call this and the offices fit the path.

    A refusal is written to the audit chain under ``path`` as the route declares it, which names
    nobody's record.
    """
    ctx = of(request)
    ctx.viewer = auth.identify(request, ctx.db, ctx.settings)
    if ctx.viewer.role not in roles or (whole_group and ctx.offices is not None):
        ctx.saw("access.refused", "path", f"{request.method} {path}"[:64])
    if ctx.viewer.role not in roles:
        raise Forbidden(
            "role_refused",
            "Your role does not open this page.",
            "Ask an administrator if you need it.",
        )
    if whole_group and ctx.offices is not None:
        raise Forbidden(
            "whole_group_only",
            "Only an administrator of all offices opens this page.",
            "Ask one of them.",
        )
    if request.path_params:
        with ctx.read() as session:
            scope.check(session, request.path_params, ctx.offices)


async def typed(request: Request) -> FormData:
    """The form of a request with more fields than belong into a signature."""
    return await request.form(max_files=0)


Ctx = Annotated[Context, Depends(of)]
Typed = Annotated[FormData, Depends(typed)]
