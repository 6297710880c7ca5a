"""Denials: the worklist, one denial with its next step, and a month by payer and reason."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Form, Query
from starlette.responses import Response

from matching import denial_lists, denials
from records import clock
from records.models import Denial
from records.workflow import DENIAL
from web import forms
from web.asked import WORKERS
from web.context import Ctx
from web.rendering import NavItem
from web.routes import Routes

routes = Routes()
READERS = (*WORKERS, "auditor")
NAV = (NavItem("Denials", "/denials", frozenset(READERS), 27),)
MOST_SHOWN = 500
Short = Annotated[str, Query(max_length=120)]
AGES = (0, 30, 60, 90)
# One digit is one step whatever the state: written off is never where billed was before.
_KEYS = {name: key for key, name in enumerate((*DENIAL.moves["open"], "open"), start=1)}


@routes.get("/denials", READERS)
def list_page(
    ctx: Ctx,
    payer: Short = "",
    reason: Short = "",
    office: Short = "",
    state: Short = "",
    older: Annotated[int, Query(ge=0, le=3650)] = 0,
    sort: Literal["at_stake", "due", "age"] = "at_stake",
) -> Response:
    """What insurers did not pay and nobody has ended, by what is at stake."""
    with ctx.read() as session:
        offices = ctx.visible_offices(session)
        scope = ctx.offices
        if office:
            scope = frozenset({ctx.office(session, office).id})
        every = denial_lists.worklist(session, scope, state=state)
        rows = denial_lists.worklist(session, scope, payer=payer, reason=reason, state=state,
                                     older_days=older, sort=sort)  # fmt: skip
        choices = [(each.code, each.name) for each in offices]
    ctx.saw("denials.listed", "group", "denials")
    return ctx.page(
        "remitted/denials.html",
        rows=rows[:MOST_SHOWN],
        more=max(0, len(rows) - MOST_SHOWN),
        at_stake=sum(row.at_stake_cents for row in rows),
        payers=sorted({row.payer_name for row in every}),
        reasons=sorted({row.reason for row in every}),
        offices=choices,
        states=sorted(DENIAL.states),
        ages=AGES,
        chosen={"payer": payer, "reason": reason, "office": office, "state": state,
                "older": older, "sort": sort},
        sorts=denial_lists.SORTS,
    )  # fmt: skip


@routes.get("/denials/month", READERS)
def month_page(ctx: Ctx, month: Annotated[str, Query(max_length=10)] = "") -> Response:
    """A month's denials by payer and reason: how many, at stake, and paid later."""
    first = _first(month)
    with ctx.read() as session:
        rows = denial_lists.month(session, first, ctx.offices)
    ctx.saw("denials.month_viewed", "group", "denials")
    return ctx.page(
        "remitted/denial_month.html",
        first=first,
        rows=rows,
        count=sum(row.count for row in rows),
        at_stake=sum(row.at_stake_cents for row in rows),
        recovered=sum(row.recovered_cents for row in rows),
    )


@routes.get("/denials/month.csv", READERS)
def month_csv(ctx: Ctx, month: Annotated[str, Query(max_length=10)] = "") -> Response:
    """The same as CSV."""
    first = _first(month)
    with ctx.read() as session:
        text = denial_lists.month_csv(denial_lists.month(session, first, ctx.offices))
    ctx.saw("denials.month_viewed", "group", "denials")
    name = f"denials-{first:%Y-%m}.csv"
    return Response(text, media_type="text/csv", headers={
        "content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store",
    })  # fmt: skip


@routes.get("/denials/{denial_ref}", READERS)
def denial_page(ctx: Ctx, denial_ref: str) -> Response:
    """One denial: what was not paid and why, what was done, and the next steps."""
    with ctx.read() as session:
        row = denials.find(session, denial_ref)
        today = clock.now().date()
        page = ctx.page(
            "remitted/denial.html",
            row=row,
            said=row.sealed,
            account=_account(row, ctx.offices),
            reason=denial_lists.reason_of(row.group_code, row.reason_code),
            reason_text=denial_lists.text_of(row.group_code, row.reason_code),
            codes=[
                {"code": denial_lists.reason_of(each.get("group") or "", str(each.get("code"))),
                 "text": denial_lists.text_of(each.get("group") or "", str(each.get("code"))),
                 "cents": each.get("amount_cents")}
                for each in row.codes
            ],
            remarks=[(code, denial_lists.remark_of(code)) for code in row.remarks],
            notes=list(row.notes),
            days=denials.due(row, today),
            steps=DENIAL.moves[row.state],
            keys=_KEYS,
            page_id=row.document.page_ids[0] if row.document.page_ids else "",
            paid_later=row.overturned_by_id is not None and row.state not in denials.ENDED,
            may_act=ctx.user.role in WORKERS,
        )  # fmt: skip
        ident = row.id
    ctx.saw("denial.viewed", "denial", ident)
    return page


@routes.post("/denials/{denial_ref}/step", WORKERS)
def take_step(
    ctx: Ctx,
    denial_ref: str,
    to: Annotated[str, Form(max_length=30)] = "",
    note: Annotated[str, Form(max_length=1000)] = "",
) -> Response:
    """Move it on, or only keep a note."""
    with ctx.write() as session:
        row = denials.denial(session, denial_ref)
        denials.step(session, row, to or row.state, ctx.actor, note)
        ref, state = row.ref, row.state
    ended = state in denials.ENDED
    return ctx.back("/denials" if ended else f"/denials/{ref}",
                    f"{ref} is {state.replace('_', ' ')}.")  # fmt: skip


def _account(row: Denial, offices: frozenset[str] | None) -> str:
    if row.account is None:
        return "not known"
    seen = offices is None or row.account.office_id in offices
    return row.account.number if seen else "of another office"


def _first(month: str) -> date:
    return forms.first_of(month) if month.strip() else clock.now().date().replace(day=1)
