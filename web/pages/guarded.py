"""Guarded tasks, for supervisors alone: deceased, opened envelopes, mail in dispute."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from starlette.responses import Response

from returned_mail import guarded, task_lists
from returned_mail.reasons import play
from web.context import Context, Ctx
from web.rendering import NavItem
from web.routes import Routes
from web.task_access import SUPERVISORS, opened
from web.task_view import task_view

routes = Routes()
NAV = (NavItem("Guarded mail", "/guarded/deceased", frozenset(SUPERVISORS), 31),)
Short = Annotated[str, Form(max_length=120)]
Note = Annotated[str, Form(max_length=2000)]


@routes.get("/guarded/deceased", SUPERVISORS)
def deceased(ctx: Ctx) -> Response:
    """Persons who may have died: mail and calls have stopped."""
    return _queue(ctx, "deceased")


@routes.get("/guarded/opened", SUPERVISORS)
def opened_envelopes(ctx: Ctx) -> Response:
    """Envelopes that somebody opened: privacy incidents until reviewed."""
    return _queue(ctx, "opened")


@routes.get("/guarded/dispute", SUPERVISORS)
def dispute(ctx: Ctx) -> Response:
    """Mail that two parties claim."""
    return _queue(ctx, "dispute")


@routes.get("/guarded/task/{task_ref}", SUPERVISORS)
def review_page(ctx: Ctx, task_ref: str) -> Response:
    """One guarded task: what was read, what was said so far, how the review ends."""
    with ctx.read() as session:
        task = opened(ctx, session, task_ref)
        said = guarded.steps(session, task)
        waiting = guarded.proposed(session, task)
        queue = task.queue or (said[-1].queue if said else "")
        page = ctx.page(
            "tasks/guarded_task.html",
            title=guarded.TITLES.get(queue, "Reviewed"),
            queue=queue,
            open_review=bool(task.queue) and task.state in task_lists.UNFINISHED,
            said=said,
            waiting=waiting,
            mine=waiting is not None and waiting.actor == ctx.actor,
            outcomes=[(each, each) for each in guarded.OUTCOMES.get(queue, ())],
            sources=[(each, each) for each in guarded.SOURCES],
            second=queue in guarded.SECOND_PERSON,
            **task_view(session, task, ctx.user.display_name),
        )
        task_id = task.id
    ctx.saw("guarded.viewed", "address_task", task_id)
    return page


@routes.post("/guarded/task/{task_ref}/propose", SUPERVISORS)
def propose(ctx: Ctx, task_ref: str, outcome: Short, source: Short, note: Note) -> Response:
    """Say how the review ends."""
    with ctx.write() as session:
        task = opened(ctx, session, task_ref)
        guarded.propose(session, task.id, outcome, source, note, ctx.actor)
        return _on(ctx, task.ref)


@routes.post("/guarded/task/{task_ref}/confirm", SUPERVISORS)
def confirm(ctx: Ctx, task_ref: str) -> Response:
    """A second supervisor says the same."""
    with ctx.write() as session:
        task = opened(ctx, session, task_ref)
        guarded.confirm(session, task.id, ctx.actor)
        return _on(ctx, task.ref)


@routes.post("/guarded/task/{task_ref}/refuse", SUPERVISORS)
def refuse(ctx: Ctx, task_ref: str, note: Note = "") -> Response:
    """Not so: the review goes on."""
    with ctx.write() as session:
        task = opened(ctx, session, task_ref)
        guarded.refuse(session, task.id, note, ctx.actor)
        return _on(ctx, task.ref)


def _on(ctx: Context, ref: str) -> Response:
    return ctx.back(f"/guarded/task/{ref}", f"{ref}: written down.")


def _queue(ctx: Context, queue: str) -> Response:
    with ctx.read() as session:
        rows = task_lists.list_tasks(session, offices=ctx.offices, queue=queue)
        counts = {
            each: task_lists.count(session, offices=ctx.offices, queue=each)
            for each in guarded.TITLES
        }
        page = ctx.page(
            "tasks/guarded.html",
            tasks=rows,
            queue=queue,
            titles=guarded.TITLES,
            counts=counts,
            play=play,
        )
    ctx.saw("guarded.listed", "group", queue)
    return page
