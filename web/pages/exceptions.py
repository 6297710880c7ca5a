"""Checks that cannot be deposited: the queue, one check with its next step, two scans compared."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Form, Query
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits import exceptions, imaging
from intake.pixels import encode_image
from matching import keeping_out, side_by_side, telling_apart
from records.errors import Conflict, Forbidden
from records.models import CheckImage, Payment, ReviewItem
from web import asked, deposit_view, forms
from web.asked import WORKERS
from web.context import Context, Ctx
from web.pages.billing import BILLING
from web.rendering import NavItem
from web.routes import Routes

routes = Routes()
READERS = (*WORKERS, "auditor")
NAV = (NavItem("Exceptions", "/exceptions", frozenset(READERS), 25),)
Short = Annotated[str, Form(max_length=40)]
MOST_SHOWN = 500
_SAID = {"same": "one check, scanned twice", "another": "two checks"}


@routes.get("/exceptions", READERS)
def queue_page(ctx: Ctx, reason: Annotated[str, Query(max_length=20)] = "") -> Response:
    """Every check that waits for a typed reason, the oldest first."""
    with ctx.read() as session:
        rows = exceptions.queue(session, ctx.offices)
    chosen = [row for row in rows if reason in ("", row.reason)]
    return ctx.page(
        "billing/exceptions.html",
        rows=chosen[:MOST_SHOWN],
        more=max(0, len(chosen) - MOST_SHOWN),
        counts=exceptions.counts(rows),
        reason=reason,
        next_step=exceptions.next_step,
    )


@routes.get("/exceptions/{payment_ref}", READERS)
def check_page(
    ctx: Ctx, payment_ref: str, view: Annotated[Literal["scan", "bank"], Query()] = "scan"
) -> Response:
    """One check: its picture, beside that of the scan it may be; what is to be done, and was."""
    with ctx.read() as session:
        payment = asked.payment(session, payment_ref)
        trail = keeping_out.all_of(session, payment.id)
        row = next((each for each in trail if not each.outcome), None)
        other = side_by_side.pair(session, payment)
        shown = [payment] if other is None or not _in_sight(ctx, other) else [payment, other]
        compares = other is not None and side_by_side.is_open(session, payment)
        page = ctx.page(
            "billing/exception.html",
            payment=payment,
            scans=[_scan(session, each, view) for each in shown],
            fields=side_by_side.compare(*shown) if len(shown) == 2 else (),
            hidden=other is not None and len(shown) == 1,
            compares=compares,
            refusal=_refusal(ctx, session, payment, other) if compares else None,
            view=view,
            row=row,
            reason=row.reason if row else "duplicate" if compares else "",
            next_step=exceptions.next_step,
            words=exceptions.STEPS,
            trail=trail,
            question=_question(session, payment),
            today=keeping_out.today(payment),
            may_act=ctx.user.role in BILLING,
        )
        seen = [each.id for each in shown]
    for payment_id in seen:
        ctx.saw("payment.viewed", "payment", payment_id)
    return page


@routes.get("/exceptions/{payment_ref}/bank-view.png", READERS)
def bank_view(ctx: Ctx, payment_ref: str) -> Response:
    """The front of a check as a bank would see it; browsers show no Group 4."""
    with ctx.read() as session:
        payment = asked.payment(session, payment_ref)
        image = _image(session, payment)
        if image is None or image.front_sha256 is None:
            raise Conflict("image_not_made", "This check has no image yet.", "Look at its scan.")
        sha256, payment_id = image.front_sha256, payment.id
    shown = encode_image(imaging.pixels(ctx.store.get(sha256)))
    ctx.saw("check_image.viewed", "payment", payment_id)
    return Response(shown, media_type="image/png", headers={"cache-control": "no-store"})


@routes.post("/exceptions/{payment_ref}/step", BILLING)
def take_step(
    ctx: Ctx,
    payment_ref: str,
    step: Short,
    how: Annotated[str, Form(max_length=200)] = "",
    on: Short = "",
    until: Short = "",
) -> Response:
    """Put it back, hold it until a day, or say what became of it for good."""
    with ctx.write() as session:
        payment_id = asked.payment(session, payment_ref).id
        if step == "put_back":
            item = exceptions.put_back(session, payment_id, ctx.actor).ref
            return ctx.back(f"/review/{item}", f"{payment_ref} is asked about again.")
        if step == "hold":
            day = forms.day(until, "The day")
            exceptions.hold(session, payment_id, day, ctx.actor)
            return ctx.back("/exceptions", f"{payment_ref} is held until {day}.")
        day_it_went = forms.optional_day(on, "The day")
        exceptions.finish(session, payment_id, step, ctx.actor, how, day_it_went)
    return ctx.back("/exceptions", f"{payment_ref}: {exceptions.STEPS[step]}.")


@routes.post("/exceptions/{payment_ref}/compared", WORKERS)
def say(ctx: Ctx, payment_ref: str, said: Literal["same", "another"] = Form()) -> Response:
    """A second person's word on two scans."""
    with ctx.write() as session:
        payment = asked.payment(session, payment_ref)
        other = side_by_side.pair(session, payment)
        if other is not None and not _in_sight(ctx, other):
            raise _out_of_sight()
        if said == "same":
            telling_apart.same_check(session, payment.id, ctx.actor)
        else:
            telling_apart.another_check(session, payment.id, ctx.actor)
    return ctx.back("/exceptions", f"{payment_ref}: {_SAID[said]}.")


def _refusal(
    ctx: Context, session: Session, payment: Payment, other: Payment | None
) -> Forbidden | None:
    """Why this person may not decide; None where nothing keeps them from it."""
    if other is None or ctx.user.role not in WORKERS:
        return Forbidden("role_refused", "Your role does not decide this.", "Ask a specialist.")
    if not _in_sight(ctx, other):
        return _out_of_sight()
    return side_by_side.why_not(session, payment, other, ctx.actor)


def _out_of_sight() -> Forbidden:
    return Forbidden("other_office", "The other scan is of an office that you do not work for.",
                     "Ask somebody of all offices.")  # fmt: skip


def _in_sight(ctx: Context, payment: Payment) -> bool:
    return ctx.offices is None or payment.office_id in ctx.offices


def _scan(session: Session, payment: Payment, view: str) -> dict[str, Any]:
    """One picture of the page, and the ways to the others of the same check."""
    image = _image(session, payment)
    made = image is not None and image.front_sha256 is not None
    scan = deposit_view.picture(session, payment)
    bank = f"/exceptions/{payment.ref}/bank-view.png" if made else ""
    pages = payment.document.page_ids
    return {
        "ref": payment.ref,
        "picture": bank if view == "bank" and bank else scan,
        "whole": scan,
        "is_bank": view == "bank" and bool(bank),
        "more": [f"/pages/{page}.png" for page in pages[1:]],
        "cents": payment.amount_cents,
        "state": payment.deposit_state,
    }


def _question(session: Session, payment: Payment) -> str | None:
    """The reference of its open question."""
    query = select(ReviewItem.ref).where(
        ReviewItem.payment_id == payment.id, ReviewItem.state != "done"
    )
    return session.scalars(query).one_or_none()


def _image(session: Session, payment: Payment) -> CheckImage | None:
    query = select(CheckImage).where(CheckImage.payment_id == payment.id)
    return session.scalars(query).one_or_none()
