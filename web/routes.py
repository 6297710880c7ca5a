"""Routes that declare who may call them; one that does not cannot be added or served."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute, Mount

from records.models.group import ROLES
from web import context, scope, security

Handler = TypeVar("Handler", bound=Callable[..., Any])

EVERYBODY: Final = frozenset(ROLES)
STAFF: Final = frozenset(ROLES) - {"courier"}


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route: some roles, or (only by name) everybody without a login.

    ``whole_group`` asks for a person who may see all offices: managing people or bank accounts
    from within one office would be a way out of it.
    """

    roles: frozenset[str]
    public: bool = False
    whole_group: bool = False

    def __post_init__(self) -> None:
        if not self.public and not self.roles:
            raise ValueError("a route names the roles that may call it")
        if unknown := self.roles - EVERYBODY:
            raise ValueError(f"no such roles: {sorted(unknown)}")


PUBLIC: Final = Access(frozenset(), public=True)
GROUP_ADMIN: Final = Access(frozenset({"admin"}), whole_group=True)


class UnguardedRouteError(Exception):
    """A route was added without saying who may call it; the application does not start."""


class GuardedRoute(APIRoute):
    """A route that admits the caller before one byte of the body is read."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        access: Access,
        body_bytes: int = 0,
        **options: Any,
    ) -> None:
        self.access = access
        self.body_bytes = body_bytes
        options.setdefault("response_model", None)
        super().__init__(path, endpoint, **options)
        if unknown := set(self.param_convertors) - scope.KNOWN:
            raise ValueError(f"{path}: no office check is known for {sorted(unknown)}")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler with the check of login, role and office in front of it."""
        inner = super().get_route_handler()

        async def admit_then_handle(request: Request) -> Response:
            if not self.access.public:
                await run_in_threadpool(
                    context.admit, request, self.access.roles,
                    whole_group=self.access.whole_group, path=self.path,
                )  # fmt: skip
            if self.body_bytes:
                security.allow_body(request.scope, self.body_bytes)
            return await inner(request)

        return admit_then_handle


class Routes:
    """The routes of one page file or API file, in the order they are declared."""

    def __init__(self, *, json: bool = False, tag: str = "") -> None:
        self._json = json
        self._tag = tag
        self.routes: list[GuardedRoute] = []

    def get(
        self, path: str, roles: Iterable[str] | Access, **options: Any
    ) -> Callable[[Handler], Handler]:
        """Declare a GET route for ``roles``."""
        return self._add("GET", path, roles, options)

    def post(
        self, path: str, roles: Iterable[str] | Access, **options: Any
    ) -> Callable[[Handler], Handler]:
        """Declare a POST route for ``roles``; ``body_bytes`` lets it take a larger body."""
        return self._add("POST", path, roles, options)

    def _add(
        self,
        method: Literal["GET", "POST"],
        path: str,
        roles: Iterable[str] | Access,
        options: dict[str, Any],
    ) -> Callable[[Handler], Handler]:
        access = roles if isinstance(roles, Access) else Access(frozenset(roles))
        options.setdefault("include_in_schema", self._json)
        if self._tag:
            options.setdefault("tags", [self._tag])

        def declare(handler: Handler) -> Handler:
            route = GuardedRoute(path, handler, access=access, methods=[method], **options)
            self.routes.append(route)
            return handler

        return declare


def add(app: FastAPI, groups: Iterable[Routes]) -> None:
    """Put every route into the app."""
    for group in groups:
        app.router.routes.extend(group.routes)


def check(routes: Iterable[BaseRoute]) -> None:
    """Refuse to start with a route nobody declared; static files are the one exception."""
    for route in routes:
        if isinstance(route, Mount) and route.name == "static":
            continue
        if not isinstance(route, GuardedRoute):
            path = getattr(route, "path", repr(route))
            raise UnguardedRouteError(f"the route {path} declares no roles")
