"""The specialist's pages: the queue, and one question at a time with the evidence beside it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Form, Query
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from matching import expecting, leasing, review, search
from records import audit
from records.errors import Conflict, WrongUse
from records.models import ReviewItem
from records.models.payments import NOT_DEPOSITED_REASONS
from web import asked, failures, split_view, waterfall_view
from web.asked import WORKERS
from web.context import Context, Ctx
from web.rendering import NavItem
from web.review_view import in_words, item_view
from web.routes import STAFF, Routes
from web.task_access import is_supervisor

routes = Routes()
NAV = (NavItem("Review", "/review", frozenset((*WORKERS, "auditor")), 20),)
Short = Annotated[str, Form(max_length=120)]
DOCUMENT_OUTCOMES = ("filed", "handed_on", "not_ours", "rescan")


@routes.get("/review", (*WORKERS, "auditor"))
def queue_page(ctx: Ctx) -> Response:
    """What waits, the most valuable and oldest first, and who holds what."""
    with ctx.read() as session:
        rows = review.queue(session, offices=asked.codes(ctx, session))
    return ctx.page(
        "review/queue.html",
        rows=rows,
        asked=in_words,
        may_work=ctx.user.role in WORKERS,
        free=[row for row in rows if row.leased_by in {None, ctx.actor}],
        others=[each for each in leasing.holdings(rows) if each.actor != ctx.actor],
        lasts=_lasting(leasing.length().total_seconds()),
    )


@routes.post("/review/next", WORKERS)
def next_item(
    ctx: Ctx, after: Short = "", ahead: Annotated[Literal["", "true"], Form()] = ""
) -> Response:
    """Take the next question nobody holds; a script gets its panel, a browser is sent there.

    ``ahead`` takes the one after ``after`` while that is still being worked.
    """
    with ctx.write() as session:
        behind = asked.item(session, after).id if after else None
        item = review.lease_next(
            session, ctx.actor, offices=asked.codes(ctx, session), after=behind
        )
        found = (item.id, item.ref) if item is not None else None
    if found is not None and ahead and _is_same(after, found):
        found = None
    if failures.wants_json(ctx.request):
        return JSONResponse(None if found is None else _panel(ctx, found[0]))
    if found is None:
        return ctx.back("/review", "Nothing waits that nobody holds.")
    return ctx.back(f"/review/{found[1]}")


@routes.get("/review/accounts", WORKERS)
def find_accounts(ctx: Ctx, q: Annotated[str, Query(max_length=120)] = "") -> Response:
    """Accounts for the search box beside the candidates, with what each owes."""
    with ctx.read() as session:
        hits = search.search_accounts(session, q, offices=asked.codes(ctx, session), limit=8)
        found = [
            {**hit.to_json(), "statements": split_view.open_statements(session, hit.account_number)}
            for hit in hits
        ]
    ctx.saw("accounts.searched", "account", "search")
    return JSONResponse(found)


@routes.get("/review/{item_ref}/why", (*WORKERS, "auditor"))
def why_not(
    ctx: Ctx, item_ref: str, account: Annotated[str, Query(min_length=1, max_length=40)]
) -> Response:
    """An account the person expected beside the best candidate, as a piece of the page."""
    with ctx.read() as session:
        payment = asked.item(session, item_ref).payment
        if payment is None:
            raise WrongUse("not_a_payment", "This is no payment.", "Go back.")
        ref = payment.ref
        found = expecting.why_not(session, payment, account, asked.codes(ctx, session))
    asked.compared(ctx, account, ref)
    return ctx.page("review/_why.html", why=waterfall_view.compared(found))


@routes.get("/review/{item_ref}", STAFF)
def item_page(ctx: Ctx, item_ref: str) -> Response:
    """One question. Opening it takes it for those who work the queue, if it is free."""
    held_by = None
    if ctx.user.role in WORKERS:
        try:
            with ctx.write() as session:
                review.lease(session, asked.item(session, item_ref).id, ctx.actor)
        except Conflict as error:
            held_by = error
    with ctx.read() as session:
        item = asked.item(session, item_ref)
        mine = item.leased_by == ctx.actor
        view = _view(ctx, session, item, mine=mine)
    ctx.saw("review.viewed", "review_item", item.id)
    return ctx.page(
        "review/item.html",
        view=view,
        held_by=held_by,
        reasons=NOT_DEPOSITED_REASONS,
        outcomes=DOCUMENT_OUTCOMES,
    )


@routes.post("/review/{item_ref}/reveal", WORKERS)
def reveal(ctx: Ctx, item_ref: str) -> Response:
    """The payer's whole bank account number; the look is audited before it is given."""
    with ctx.write() as session:
        payment = asked.item(session, item_ref).payment
        if payment is None:
            raise WrongUse("not_a_payment", "This is no payment.", "Go back.")
        number = str(payment.sealed.get("account_number") or "")
        audit.record(
            session,
            actor=ctx.actor,
            action="account_number.revealed",
            subject_kind="payment",
            subject_id=payment.id,
            detail={"ref": payment.ref},
        )
    return JSONResponse({"account_number": number})


def _view(ctx: Context, session: Session, item: ReviewItem, *, mine: bool) -> dict[str, Any]:
    """The question as this person may see it."""
    offices, supervisor = asked.codes(ctx, session), is_supervisor(ctx)
    return item_view(session, item, mine=mine, offices=offices, supervisor=supervisor)


def _panel(ctx: Context, item_id: str) -> dict[str, Any]:
    with ctx.read() as session:
        item = session.get_one(ReviewItem, item_id)
        view = _view(ctx, session, item, mine=True)
        html = ctx.page(
            "review/_panel.html",
            view=view,
            reasons=NOT_DEPOSITED_REASONS,
            outcomes=DOCUMENT_OUTCOMES,
        ).body
    _saw(ctx, item_id, view)
    return {
        "item": view["ref"],
        "token": view["token"],
        "html": bytes(html).decode(),
        "pages": [page["id"] for page in view["pages"]],
    }


def _saw(ctx: Context, item_id: str, view: dict[str, Any]) -> None:
    """Every look is audited, and apart from it that a whole account number was in sight."""
    ctx.saw("review.viewed", "review_item", item_id)
    if view["revealed"]:
        ctx.saw("account_number.revealed", "review_item", item_id)


def _lasting(seconds: float) -> str:
    """``5 minutes``, or seconds where it is less than one."""
    count, unit = (seconds / 60, "minute") if seconds >= 60 else (seconds, "second")
    return f"{count:g} {unit}{'' if count == 1 else 's'}"


def _is_same(after: str, found: tuple[str, str]) -> bool:
    return after in found
