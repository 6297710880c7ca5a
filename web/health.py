"""Whether the service lives, whether it is ready, and its figures for Prometheus."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Final

from fastapi import Request
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from records import clock
from records.db import Database
from records.errors import UnavailableError
from records.models import Job, ReviewItem, SourceFile
from web.context import Ctx
from web.routes import PUBLIC, Routes

routes = Routes()
_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


@routes.get("/healthz", PUBLIC)
def alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


@routes.get("/readyz", PUBLIC)
def ready(ctx: Ctx) -> Response:
    """Database and file store can be used; 503 with what is wrong otherwise."""
    try:
        ctx.db.check()
        if not os.access(ctx.settings.data_dir, os.W_OK):
            return JSONResponse({"ready": False, "code": "store_unwritable"}, 503)
    except UnavailableError as error:
        return JSONResponse({"ready": False, "code": error.code}, 503)
    return JSONResponse({"ready": True})


@routes.get("/metrics", PUBLIC)
def metrics(request: Request) -> Response:
    """Counts and times, no names: in the text format Prometheus reads."""
    figures: Figures = request.app.state.figures
    return Response(generate_latest(figures.registry), media_type=CONTENT_TYPE_LATEST)


class Figures(Collector):
    """The figures of one application: request times here, the rest counted in the database."""

    def __init__(self, db: Database) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "lockbox_request_seconds",
            "Time to answer, by route, method and status",
            ("route", "method", "status"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._db = db
        self.registry.register(self)

    def describe(self) -> Iterable[Metric]:
        """Nothing before the first scrape: the database may not be there yet."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Count jobs, files and open questions by state."""
        with self._db.read() as session:
            for name, text, column in (
                ("lockbox_jobs", "Jobs by state", Job.state),
                ("lockbox_files", "Received files by state", SourceFile.state),
                ("lockbox_uploads", "Received files by channel", SourceFile.channel),
                ("lockbox_review_items", "Review items by state", ReviewItem.state),
            ):
                family = GaugeMetricFamily(name, text, labels=[column.key])
                for value, count in session.execute(select(column, func.count()).group_by(column)):
                    family.add_metric([value], count)
                yield family
            oldest = session.scalar(select(func.min(Job.run_after)).where(Job.state == "queued"))
        age = max((clock.now() - oldest).total_seconds(), 0.0) if oldest else 0.0
        waiting = GaugeMetricFamily("lockbox_oldest_job_seconds", "Wait of the oldest ready job")
        waiting.add_metric([], age)
        yield waiting


class Measured:
    """Middleware: how long each request took, under its route's pattern (never its values)."""

    def __init__(self, app: ASGIApp, figures: Figures) -> None:
        self._app = app
        self._requests = figures.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def send_noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, send_noting)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            self._requests.labels(route, scope["method"], str(status)).observe(
                time.perf_counter() - began
            )
