"""Address tasks: returned mail worked until the account has an address that works."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Form
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from records import clock
from records.errors import NotFound, WrongUse
from records.models import AddressTask
from records.workflow import ADDRESS_TASK
from returned_mail import tasks
from returned_mail.reasons import PLAYS, play
from web.context import Context, Ctx
from web.rendering import NavItem
from web.routes import STAFF, Routes
from web.task_view import task_view

routes = Routes()
WORKERS: Final = ("specialist", "billing", "admin")
NAV = (NavItem("Address tasks", "/tasks", STAFF, 30),)
Short = Annotated[str, Form(max_length=120)]
_DUE: Final = {"overdue": -1, "today": 0, "week": 7}
_DUES: Final = (
    ("", "any day"),
    ("overdue", "overdue"),
    ("today", "by today"),
    ("week", "within a week"),
)
_STATES: Final = (
    ("", "unfinished"),
    *((state, state.replace("_", " ")) for state in ADDRESS_TASK.moves),
    ("all", "all"),
)
_ENDINGS: Final = (
    "no address found",
    "address is right",
    "patient deceased",
    "balance written off",
    "electronic statements",
    "not our mail",
)


@routes.get("/tasks", STAFF)
def task_list(ctx: Ctx, state: str = "", reason: str = "", due: str = "") -> Response:
    """Returned mail to be worked, the most urgent first; ``state``, ``reason``, ``due`` narrow."""
    today = clock.now().date()
    _one_of(state, ("", "all", *ADDRESS_TASK.states), "state")
    _one_of(reason, ("", *PLAYS), "reason")
    _one_of(due, ("", *_DUE), "due")
    with ctx.read() as session:
        rows = tasks.list_tasks(
            session,
            offices=ctx.offices,
            state=state or None,
            reason=reason or None,
            due_by=today + timedelta(days=_DUE[due]) if due else None,
        )
        return ctx.page(
            "tasks/list.html",
            tasks=rows,
            today=today,
            play=play,
            state=state,
            reason=reason,
            due=due,
            states=_STATES,
            reasons=[("", "any"), *((key, each.title) for key, each in PLAYS.items())],
            dues=_DUES,
        )


@routes.get("/tasks/{task_ref}", STAFF)
def task_page(ctx: Ctx, task_ref: str) -> Response:
    """One task: the piece with its label lit, whose it may be, and what may be done."""
    with ctx.read() as session:
        task = _find(session, task_ref)
        page = ctx.page(
            "tasks/task.html",
            today=clock.now().date(),
            kinds=tasks.ATTEMPT_KINDS,
            outcomes=tasks.OUTCOMES,
            reasons=[(key, each.title) for key, each in PLAYS.items()],
            endings=[(each, each) for each in _ENDINGS],
            may_act=ctx.user.role in WORKERS,
            ended=task.state in {"resolved", "closed_unresolved"},
            **task_view(session, task),
        )
        task_id = task.id
    ctx.saw("task.viewed", "address_task", task_id)
    return page


@routes.post("/tasks/{task_ref}/start", WORKERS)
def start(ctx: Ctx, task_ref: str) -> Response:
    """Take a task up."""
    return _act(ctx, task_ref, "taken up", lambda s, t: tasks.start(s, t.id, ctx.actor))


@routes.post("/tasks/{task_ref}/account", WORKERS)
def assign(ctx: Ctx, task_ref: str, account: Short) -> Response:
    """Say whose envelope it is."""
    return _act(
        ctx,
        task_ref,
        "tied to the account",
        lambda s, t: tasks.assign_account(s, t.id, ctx.actor, account),
    )


@routes.post("/tasks/{task_ref}/reason", WORKERS)
def change_reason(ctx: Ctx, task_ref: str, reason: Short) -> Response:
    """Correct the reason that was read."""
    return _act(
        ctx,
        task_ref,
        f"now {play(reason).title.lower()}",
        lambda s, t: tasks.change_reason(s, t.id, ctx.actor, reason),
    )


@routes.post("/tasks/{task_ref}/attempt", WORKERS)
def attempt(
    ctx: Ctx,
    task_ref: str,
    kind: Short,
    outcome: Short,
    note: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Write down one try to reach somebody or to find the address."""
    return _act(
        ctx,
        task_ref,
        "one attempt more",
        lambda s, t: tasks.attempt(s, t.id, ctx.actor, kind, outcome, note),
    )


@routes.post("/tasks/{task_ref}/resolve", WORKERS)
def resolve(
    ctx: Ctx, task_ref: str, street: Short, city: Short, state: Short, zip_code: Short
) -> Response:
    """End the task with a new address; statements go out again."""
    return _act(
        ctx,
        task_ref,
        "resolved with a new address",
        lambda s, t: tasks.resolve(s, t.id, ctx.actor, street, city, state, zip_code),
    )


@routes.post("/tasks/{task_ref}/close", WORKERS)
def close(ctx: Ctx, task_ref: str, resolution: Annotated[str, Form(max_length=40)]) -> Response:
    """End the task without a new address."""
    return _act(
        ctx,
        task_ref,
        "closed without a new address",
        lambda s, t: tasks.close_unresolved(s, t.id, ctx.actor, resolution),
    )


@routes.post("/tasks/{task_ref}/reopen", WORKERS)
def reopen(ctx: Ctx, task_ref: str) -> Response:
    """Take an ended task up again."""
    return _act(ctx, task_ref, "open again", lambda s, t: tasks.reopen(s, t.id, ctx.actor))


def _act(ctx: Context, task_ref: str, done: str, act: Any) -> Response:
    with ctx.write() as session:
        task = _find(session, task_ref)
        act(session, task)
        ref = task.ref
    return ctx.back(f"/tasks/{ref}", f"{ref} is {done}.")


def _find(session: Session, ref: str) -> AddressTask:
    found = session.scalar(
        select(AddressTask).where((AddressTask.ref == ref) | (AddressTask.id == ref))
    )
    if found is None:
        raise NotFound("unknown_task", "There is no such task.", "Open it from the list.")
    return found


def _one_of(value: str, known: tuple[str, ...], name: str) -> None:
    if value not in known:
        raise WrongUse("wrong_filter", f"No such {name}: {value!r}.", "Choose one from the list.")
