"""The web application: put together from the page files and the API, refused when unguarded."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from types import ModuleType

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

import web.api
import web.pages
from records.installation import Installation, open_installation
from records.settings import Settings
from web import failures, health, rendering, routes
from web.security import Walls


def create_app(settings: Settings | Installation | None = None) -> FastAPI:
    """The application for these settings, or for an installation that is open already.

    Raises UnguardedRouteError when a route declares no roles, ValueError when a path names a thing
    whose offices nobody checks.
    """
    held = settings if isinstance(settings, Installation) else open_installation(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        if held is not settings:
            held.close()

    app = FastAPI(
        title="Open Lockbox",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
    )
    app.state.installation = held
    app.state.figures = health.Figures(held.db)
    failures.register(app)
    pages = list(_modules(web.pages))
    routes.add(app, [health.routes, *(page.routes for page in pages)])
    routes.add(app, [part.routes for part in _modules(web.api)])
    rendering.set_menu([item for page in pages for item in getattr(page, "NAV", ())])
    app.mount("/static", StaticFiles(directory=rendering.STATIC), name="static")
    app.add_middleware(failures.Unforeseen)
    app.add_middleware(health.Measured, figures=app.state.figures)
    app.add_middleware(Walls)
    routes.check(app.router.routes)
    return app


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    """Every module of a package that declares routes: a new page file needs no list."""
    for found in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{found.name}")
        if hasattr(module, "routes"):
            yield module
