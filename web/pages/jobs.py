"""Jobs that gave up: which step, why, and trying again."""

from __future__ import annotations

from starlette.responses import Response

from records import jobs as queue
from web import scope
from web.context import Ctx
from web.rendering import NavItem
from web.routes import Routes

VIEWERS = ("admin", "billing")

routes = Routes()
NAV = (NavItem("Jobs", "/jobs", frozenset(VIEWERS), 70),)


@routes.get("/jobs", VIEWERS)
def jobs(ctx: Ctx) -> Response:
    """How many jobs stand where, and the dead ones of the person's offices."""
    with ctx.read() as session:
        rows = [
            job
            for job in queue.dead(session)
            if ctx.offices is None
            or not (owners := scope.of_subject(session, job.subject_kind, job.subject_id))
            or owners & ctx.offices
        ]
        return ctx.page("jobs/list.html", jobs=rows, counts=queue.counts(session))


@routes.post("/jobs/{job_id}/retry", VIEWERS)
def retry(ctx: Ctx, job_id: str) -> Response:
    """Send a dead job round again."""
    with ctx.write() as session:
        queue.retry(session, job_id, ctx.actor)
    return ctx.back("/jobs", "The job is tried again.")


@routes.post("/jobs/retry-all", VIEWERS)
def retry_all(ctx: Ctx) -> Response:
    """Send every dead job of the person's offices round again."""
    with ctx.write() as session:
        count = 0
        for job in queue.dead(session):
            owners = scope.of_subject(session, job.subject_kind, job.subject_id)
            if ctx.offices is None or not owners or owners & ctx.offices:
                queue.retry(session, job.id, ctx.actor)
                count += 1
    return ctx.back("/jobs", f"{count} jobs are tried again.")
