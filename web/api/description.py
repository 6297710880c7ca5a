"""The API's own description: OpenAPI as JSON, and a page that reads it to people without a CDN."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.responses import JSONResponse, Response

from web.context import Ctx
from web.routes import EVERYBODY, GuardedRoute, Routes

routes = Routes()


@routes.get("/api/openapi.json", EVERYBODY)
def openapi(ctx: Ctx) -> Response:
    """The OpenAPI document."""
    return JSONResponse(describe(ctx.request.app))


@routes.get("/api/docs", EVERYBODY)
def docs(ctx: Ctx) -> Response:
    """The same for people."""
    document = describe(ctx.request.app)
    calls = [
        {"method": method.upper(), "path": path, **call}
        for path, methods in document["paths"].items()
        for method, call in methods.items()
    ]
    tags = sorted({call["tags"][0] for call in calls})
    return ctx.page(
        "api_docs.html",
        calls=calls,
        tags=tags,
        schemas=document.get("components", {}).get("schemas", {}),
    )


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of /api/v1, with who may call what; made once per application."""
    held: dict[str, Any] | None = getattr(app.state, "openapi", None)
    if held is not None:
        return held
    served = [
        route
        for route in app.router.routes
        if isinstance(route, GuardedRoute) and route.include_in_schema
    ]
    document = get_openapi(
        title="Open Lockbox",
        version="1",
        routes=served,
        description="Errors are `{code, message, remedy}`. Make a token on your own page.",
    )
    document.setdefault("components", {})["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer"}
    }
    document["security"] = [{"token": []}]
    for route in served:
        for method in (route.methods or set()) - {"HEAD"}:
            document["paths"][route.path_format][method.lower()]["x-roles"] = sorted(
                route.access.roles
            )
    app.state.openapi = document
    return document
