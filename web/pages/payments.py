"""One payment: what arrived, where it stands, and the ways on to its question and its deposit."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits.posting_plan import TAKEN_BACK
from deposits.taking_back import take_back
from matching import decided, holding, placing
from matching.undoing import is_out
from records.models import Deposit, DepositItem, Payment, Posting, ReturnedItem, ReviewItem
from web import asked, deposit_view, partner_view, waterfall_view
from web.arrival import why_another_day
from web.asked import WORKERS
from web.context import Ctx
from web.pages.billing import BILLING, READERS
from web.routes import STAFF, Routes

routes = Routes()


@routes.get("/payments/{payment_ref}", STAFF)
def payment_page(ctx: Ctx, payment_ref: str) -> Response:
    """The payment with its parts, its picture, and links to what the person's role may open."""
    with ctx.read() as session:
        payment = session.scalars(
            select(Payment).where((Payment.ref == payment_ref) | (Payment.id == payment_ref))
        ).one()
        file = payment.transaction.source_file
        page = ctx.page(
            "search/payment.html",
            payment=payment,
            file=file,
            why=why_another_day(file.created_at, payment.received_on, payment.office.bank_account),
            picture=deposit_view.picture(session, payment),
            parts=[each for each in payment.allocations if each.live],
            postings=_postings(session, payment.id),
            held={each.allocation_id: each for each in holding.open_parts(session, payment.id)},
            held_words=placing.WORDS,
            may_place=ctx.user.role in (*WORKERS, "auditor"),
            may_act=ctx.user.role in WORKERS,
            may_take_back=ctx.user.role in BILLING,
            out=is_out(session, payment.id),
            going_back=TAKEN_BACK in payment.flags,
            partners=partner_view.of_payment(session, payment, ctx.offices),
            seen=ctx.offices,
            twin=session.get(Payment, payment.duplicate_of_id or ""),
            question=session.scalar(
                select(ReviewItem.ref).where(ReviewItem.payment_id == payment.id)
            ),
            returns=_returns(session, payment.id),
            deposit=_deposit(session, payment.id) if ctx.user.role in READERS else None,
            decisions=[
                waterfall_view.of_decision(
                    each, ctx.office_codes, answered=payment.match_state == "decided"
                )
                for each in decided.decisions(session, payment.id)
            ],
        )
        payment_id = payment.id
    ctx.saw("payment.viewed", "payment", payment_id)
    return page


@routes.post("/payments/{payment_ref}/take-back", BILLING)
def take_match_back(
    ctx: Ctx, payment_ref: str, why: Annotated[str, Form(max_length=400)] = ""
) -> Response:
    """Take its match back; what has left is reversed in the practice-management system first."""
    with ctx.write() as session:
        payment = asked.payment(session, payment_ref)
        undone = take_back(session, payment.id, ctx.actor, why)
        path, ref = f"/payments/{payment.ref}", payment.ref
    waits = "its reversal waits under Postings; then its question opens again."
    return ctx.back(path, f"{ref}: its question is open again." if undone else f"{ref}: {waits}")


def _postings(session: Session, payment_id: str) -> dict[str, str]:
    """By the part's id the state of its posting; ``reversed`` once the PMS took its reversal."""
    query = select(Posting.allocation_id, Posting.state, Posting.live).where(
        Posting.payment_id == payment_id, Posting.reverses_id.is_(None),
        Posting.live | (Posting.state == "acknowledged"),
    )  # fmt: skip
    rows = session.execute(query.order_by(Posting.created_at))
    return {row.allocation_id: row.state if row.live else "reversed" for row in rows}


def _returns(session: Session, payment_id: str) -> list[ReturnedItem]:
    """Each time that the bank gave it back, the first time first."""
    query = select(ReturnedItem).where(ReturnedItem.payment_id == payment_id)
    return list(session.scalars(query.order_by(ReturnedItem.presentation)))


def _deposit(session: Session, payment_id: str) -> str | None:
    """The reference of the deposit it is, or was last, in."""
    query = (
        select(Deposit.ref)
        .join(DepositItem, DepositItem.deposit_id == Deposit.id)
        .where(DepositItem.payment_id == payment_id)
        .order_by(
            DepositItem.presentation.desc(), DepositItem.live.desc(), DepositItem.created_at.desc()
        )
    )
    return session.scalars(query).first()
