"""Address tasks: returned mail worked until the account has an address that works."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import Form, Query
from starlette.responses import Response

from records import clock
from records.errors import WrongUse
from records.models import AddressTask
from records.workflow import ADDRESS_TASK
from returned_mail import (
    clocks,
    confidential,
    guarded,
    household,
    letters,
    passing,
    task_lists,
    tasks,
    under_way,
)
from returned_mail.reasons import PLAYS, play
from web import forms
from web.context import Context, Ctx
from web.rendering import NavItem
from web.routes import STAFF, Routes
from web.task_access import SUPERVISORS, WORKERS, is_supervisor, opened
from web.task_view import task_view

routes = Routes()
NAV = (NavItem("Address tasks", "/tasks", STAFF, 30),)
Short = Annotated[str, Form(max_length=120)]
PAGE: Final = 100
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
def task_list(
    ctx: Ctx,
    state: str = "",
    reason: str = "",
    due: str = "",
    office: Annotated[str, Query(max_length=60)] = "",
    step: str = "",
    at: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Returned mail to be worked, the most urgent first; all but ``at`` narrow the list."""
    today = clock.now().date()
    _one_of(state, ("", "all", *ADDRESS_TASK.states), "state")
    _one_of(reason, ("", *PLAYS), "reason")
    _one_of(due, ("", *_DUE), "due")
    _one_of(step, ("", "escalated", *clocks.STEPS), "step")
    with ctx.read() as session:
        offices = ctx.visible_offices(session)
        chosen: dict[str, Any] = {
            "offices": frozenset({ctx.office(session, office).id}) if office else ctx.offices,
            "state": state or None,
            "reason": reason or None,
            "due_by": today + timedelta(days=_DUE[due]) if due else None,
            "step": step if step in clocks.STEPS else None,
            "supervisor": step == "escalated",
        }
        queue = None if is_supervisor(ctx) else ""
        rows = task_lists.list_tasks(session, **chosen, queue=queue, limit=PAGE, start=at)
        every = task_lists.count(session, **chosen)
        page = ctx.page(
            "tasks/list.html",
            tasks=rows,
            count=every if queue is None else task_lists.count(session, **chosen, queue=queue),
            hidden=0 if queue is None else every - task_lists.count(session, **chosen, queue=queue),
            at=at,
            size=PAGE,
            today=today,
            play=play,
            chosen={"state": state, "reason": reason, "due": due, "office": office, "step": step},
            states=_STATES,
            reasons=[("", "any"), *((key, each.title) for key, each in PLAYS.items())],
            dues=_DUES,
            offices=[("", "all"), *((each.code, each.name) for each in offices)],
            steps=[("", "any"), *clocks.STEPS.items(), ("escalated", "with a supervisor now")],
            step_words=clocks.STEPS,
            supervises=is_supervisor(ctx),
            under_way=under_way.of_offices(session, ctx.offices),
        )
    ctx.saw("tasks.listed", "group", "address_tasks")
    return page


@routes.get("/tasks/under-way", STAFF)
def still_read(ctx: Ctx) -> Response:
    """How far the mail is that may still become tasks, as a piece of the list's page."""
    with ctx.read() as session:
        found = under_way.of_offices(session, ctx.offices)
    return ctx.page("tasks/_under_way.html", under_way=found)


@routes.get("/tasks/next", STAFF)
def next_task(ctx: Ctx, after: Annotated[str, Query(max_length=20)] = "") -> Response:
    """The task after this one in the list that no supervisor reviews, or the first of all."""
    with ctx.read() as session:
        refs = task_lists.refs(session, offices=ctx.offices)
    at = refs.index(after) + 1 if after in refs else 0
    left = [ref for ref in (*refs[at:], *refs[:at]) if ref != after]
    if not left:
        return ctx.back("/tasks", "No other task waits.")
    return ctx.back(f"/tasks/{left[0]}")


@routes.get("/tasks/{task_ref}", STAFF)
def task_page(ctx: Ctx, task_ref: str) -> Response:
    """One task: the piece with its label lit, whose it may be, and what may be done."""
    with ctx.read() as session:
        task = opened(ctx, session, task_ref)
        page = ctx.page(
            "tasks/task.html",
            today=clock.now().date(),
            kinds=tasks.ATTEMPT_KINDS,
            outcomes=tasks.OUTCOMES,
            reasons=[(key, each.title) for key, each in PLAYS.items()],
            endings=[(each, each) for each in _ENDINGS],
            may_act=ctx.user.role in WORKERS,
            supervises=is_supervisor(ctx),
            queues=[(key, title) for key, title in guarded.TITLES.items()],
            elsewhere=passing.others(session, task),
            ended=task.state in {"resolved", "closed_unresolved"},
            **task_view(session, task, ctx.user.display_name),
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
    next_on: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Write down one try to reach somebody or to find the address, and what was agreed upon."""
    agreed = forms.optional_day(next_on, "The next day")
    return _act(
        ctx,
        task_ref,
        "one attempt more",
        lambda s, t: tasks.attempt(s, t.id, ctx.actor, kind, outcome, note, agreed),
    )


@routes.post("/tasks/{task_ref}/proposed", WORKERS)
def decide_proposed(ctx: Ctx, task_ref: str, proposal: Short, step: Short) -> Response:
    """Say whether a proposed address is the account's; if it is, the task ends with it."""
    _one_of(step, ("confirm", "dismiss"), "step")
    decide = tasks.confirm_proposed if step == "confirm" else tasks.dismiss_proposed
    done = "resolved with the proposed address" if step == "confirm" else "without that address"
    return _act(ctx, task_ref, done, lambda s, t: decide(s, t.id, proposal, ctx.actor))


@routes.post("/tasks/{task_ref}/mail-again", WORKERS)
def mail_again(ctx: Ctx, task_ref: str) -> Response:
    """Mail to the same address once more, where the reason allows that."""
    return _act(
        ctx, task_ref, "on the remail list", lambda s, t: tasks.mail_again(s, t.id, ctx.actor)
    )


@routes.post("/tasks/{task_ref}/household", WORKERS)
def add_household(ctx: Ctx, task_ref: str, neighbour: Short = "") -> Response:
    """Take one account at the same address into the task, or (none named) all that are free."""
    return _act(
        ctx,
        task_ref,
        "of the household now",
        lambda s, t: household.add(s, t.id, [neighbour] if neighbour else None, ctx.actor),
    )


@routes.post("/tasks/{task_ref}/guard", WORKERS)
def guard(
    ctx: Ctx, task_ref: str, queue: Short, note: Annotated[str, Form(max_length=1000)] = ""
) -> Response:
    """Give the task to supervisors: a death, an opened envelope, mail that two claim."""
    with ctx.write() as session:
        task = opened(ctx, session, task_ref)
        guarded.enter(session, task.id, queue, ctx.actor, note)
        ref = task.ref
    back = f"/tasks/{ref}" if is_supervisor(ctx) else "/tasks"
    return ctx.back(back, f"{ref} is with supervisors now.")


@routes.post("/tasks/{task_ref}/confidential", SUPERVISORS)
def set_confidential(
    ctx: Ctx, task_ref: str, step: Short, note: Annotated[str, Form(max_length=500)] = ""
) -> Response:
    """Say that the patient wants all mail at the address on file, or that this has ended."""
    _one_of(step, ("set", "lift"), "step")
    change: Any = confidential.ask if step == "set" else confidential.lift
    return _act(ctx, task_ref, "changed", lambda s, t: change(s, _account_id(t), ctx.actor, note))


@routes.post("/tasks/{task_ref}/office", WORKERS)
def pass_on(ctx: Ctx, task_ref: str, to: Annotated[str, Form(max_length=40)]) -> Response:
    """The envelope is another office's: its task goes there."""
    with ctx.write() as session:
        ref = passing.pass_on(session, opened(ctx, session, task_ref).id, to, ctx.actor).ref
    return ctx.back("/tasks", f"{ref} is with the other office now.")


@routes.post("/tasks/{task_ref}/letter", WORKERS)
def print_letter(ctx: Ctx, task_ref: str, language: Short, to: Short = "file") -> Response:
    """A letter as PDF, written down as an attempt; nothing else than names shows in its window."""
    with ctx.write() as session:
        task = opened(ctx, session, task_ref)
        made = letters.make(session, task, language, to, ctx.actor, ctx.user.display_name)
        name = f"letter-{task.ref}.pdf"
    return Response(made, media_type="application/pdf", headers={
        "content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store",
    })  # fmt: skip


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
        task = opened(ctx, session, task_ref)
        after = act(session, task)
        # Where the piece joined another task, that one is the one to work on.
        ref = after.ref if isinstance(after, AddressTask) else task.ref
    return ctx.back(f"/tasks/{ref}", f"{ref} is {done}.")


def _account_id(task: AddressTask) -> str:
    if task.account_id is None:
        raise WrongUse("no_account", "It is not known whose envelope this is.", "Choose first.")
    return task.account_id


def _one_of(value: str, known: tuple[str, ...], name: str) -> None:
    if value not in known:
        raise WrongUse("wrong_filter", f"No such {name}: {value!r}.", "Choose one from the list.")
