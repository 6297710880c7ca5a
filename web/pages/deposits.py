"""Deposits: open, fill, close with a count and total, approve as a second person, print."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Form
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits import batch, filling, paper, sending, slip
from records import clock
from records.errors import WrongUse
from records.models import BankAccount, Deposit, Office
from web import deposit_view, forms
from web.context import Context, Ctx
from web.pages import rejected_deposits
from web.pages.billing import BILLING, READERS
from web.rendering import NavItem
from web.routes import Routes

routes = Routes()
NAV = (NavItem("Deposits", "/deposits", frozenset(READERS), 24),)
Short = Annotated[str, Form(max_length=60)]
Counted = Annotated[int, Form(ge=0, le=forms.MOST_COUNTED)]


@routes.get("/deposits", READERS)
def deposit_list(ctx: Ctx) -> Response:
    """The latest deposits."""
    with ctx.read() as session:
        accounts = ctx.within(select(Office.bank_account_id), Office.id)
        rows = session.scalars(
            select(Deposit)
            .where(Deposit.bank_account_id.in_(accounts))
            .order_by(Deposit.business_on.desc(), Deposit.created_at.desc())
            .limit(100)
        ).all()
        return ctx.page("billing/deposits.html", deposits=rows)


@routes.post("/deposits/open/{bank_account}", BILLING)
def open_deposit(ctx: Ctx, bank_account: str, business_on: Short) -> Response:
    """Open a deposit with every check that may be deposited; several where the limits ask it."""
    with ctx.write() as session:
        account = session.scalars(
            select(BankAccount).where(
                (BankAccount.code == bank_account) | (BankAccount.id == bank_account)
            )
        ).one()
        made = filling.fill(
            session, account.id, forms.day(business_on, "The business date"), ctx.actor
        )
        refs = [deposit.ref for deposit in made.deposits]
    out = _left_out(made.left_out)
    if len(refs) > 1:
        return ctx.back("/deposits", f"The limits asked for {len(refs)} deposits.{out}")
    said = out or " with every check that may be deposited."
    return ctx.back(f"/deposits/{refs[0]}", f"{refs[0]} opened{'.' if out else ''}{said}")


def _left_out(left: Sequence[tuple[str, str]]) -> str:
    """What stayed out, in words; empty where nothing did."""
    words = {filling.ITEM: "over the limit for one check or deposit",
             filling.DAY: "over the limit of the day",
             "deposit_full": "for another deposit: this one is full"}  # fmt: skip
    return "".join(
        f" {sum(why == each for _, why in left)} left out, {text}."
        for each, text in words.items()
        if any(why == each for _, why in left)
    )


@routes.get("/deposits/{deposit_ref}", READERS)
def deposit_page(ctx: Ctx, deposit_ref: str) -> Response:
    """One deposit with its checks, and what may be done with it now.

    While it is open nothing on it says how many checks there are or what they make together: it
    is counted by hand, blind, and the program's figures are shown beside what was counted.
    """
    with ctx.read() as session:
        deposit = batch.find(session, deposit_ref)
        waiting = (
            batch.depositable(session, deposit.bank_account_id) if deposit.state == "open" else []
        )
        refusal = batch.why_not_approve(session, deposit, ctx.actor)
        page = ctx.page(
            "billing/deposit.html",
            deposit=deposit,
            waiting=waiting,
            rows=deposit_view.rows(session, deposit.id),
            total=sum(item.amount_cents for item in deposit.items),
            refusal=refusal,
            sends=sending.sends(deposit),
            letter=sending.kept(session, deposit),
            paper=paper.of(session, deposit),
            today=clock.now().date(),
            may_act=ctx.user.role in BILLING,
            **rejected_deposits.context(session, deposit),
        )
        deposit_id = deposit.id
    ctx.saw("deposit.viewed", "deposit", deposit_id)
    return page


@routes.post("/deposits/{deposit_ref}/add", BILLING)
def add(ctx: Ctx, deposit_ref: str) -> Response:
    """Put in every check that may be deposited now and that it has room for."""
    with ctx.write() as session:
        left = filling.top_up(session, batch.find(session, deposit_ref), ctx.actor)
    return ctx.back(f"/deposits/{deposit_ref}", f"What waited was added.{_left_out(left)}")


@routes.post("/deposits/{deposit_ref}/remove", BILLING)
def remove(ctx: Ctx, deposit_ref: str, payment: Short) -> Response:
    """Take a check out."""
    with ctx.write() as session:
        deposit = batch.find(session, deposit_ref)
        found = [item.payment_id for item in deposit.items if item.payment.ref == payment]
        if not found:
            raise WrongUse("not_in_deposit", f"{payment} is not in {deposit_ref}.", "Reload.")
        batch.remove(session, deposit.id, found[0], ctx.actor)
    return ctx.back(f"/deposits/{deposit_ref}", f"{payment} taken out.")


@routes.post("/deposits/{deposit_ref}/close", BILLING)
def close(ctx: Ctx, deposit_ref: str, count: Counted, total: Short) -> Response:
    """Close with what was counted and added up by hand."""
    declared = forms.cents(total, "The total")
    return _act(
        ctx,
        deposit_ref,
        "closed",
        lambda session, deposit: _close(session, deposit, count, declared, ctx.actor),
    )


def _close(session: Session, deposit: Deposit, count: int, cents: int, actor: str) -> None:
    """Count first: what a check lacks is told to nobody who has not counted."""
    batch.close(session, deposit.id, count, cents, actor)
    sending.require_sendable(session, deposit)


@routes.post("/deposits/{deposit_ref}/reopen", BILLING)
def reopen(ctx: Ctx, deposit_ref: str) -> Response:
    """Open a closed deposit again."""
    return _act(
        ctx,
        deposit_ref,
        "open again",
        lambda session, deposit: batch.reopen(session, deposit.id, ctx.actor),
    )


@routes.post("/deposits/{deposit_ref}/approve", BILLING)
def approve(ctx: Ctx, deposit_ref: str) -> Response:
    """Approve as a second person."""
    return _act(
        ctx,
        deposit_ref,
        "approved",
        lambda session, deposit: batch.approve(session, deposit.id, ctx.actor),
    )


@routes.post("/deposits/{deposit_ref}/cancel", BILLING)
def cancel(ctx: Ctx, deposit_ref: str) -> Response:
    """Give an open deposit up; its checks wait again."""
    return _act(
        ctx,
        deposit_ref,
        "cancelled",
        lambda session, deposit: batch.cancel(session, deposit.id, ctx.actor),
    )


@routes.post("/deposits/{deposit_ref}/export", BILLING)
def export(ctx: Ctx, deposit_ref: str) -> Response:
    """Note that an approved deposit has gone to the bank."""
    return _act(
        ctx,
        deposit_ref,
        "on its way to the bank",
        lambda session, deposit: batch.export(session, deposit.id, ctx.actor),
    )


@routes.get("/deposits/{deposit_ref}/slip.pdf", READERS)
def slip_pdf(ctx: Ctx, deposit_ref: str) -> Response:
    """The deposit slip."""
    return _pdf(ctx, deposit_ref, slip.slip_pdf, "slip")


@routes.get("/deposits/{deposit_ref}/prooflist.pdf", READERS)
def prooflist_pdf(ctx: Ctx, deposit_ref: str) -> Response:
    """The prooflist with thumbnails."""
    return _pdf(ctx, deposit_ref, slip.prooflist_pdf, "prooflist")


@routes.post("/deposits/{deposit_ref}/paper", BILLING)
def store_paper(
    ctx: Ctx, deposit_ref: str, location: Annotated[str, Form(max_length=120)]
) -> Response:
    """Say where the paper lies."""
    with ctx.write() as session:
        row = paper.store(session, batch.find(session, deposit_ref), location, ctx.actor)
        until = row.keep_until
    return ctx.back(f"/deposits/{deposit_ref}", f"The paper is kept until {until}.")


@routes.post("/deposits/{deposit_ref}/paper/destroyed", BILLING)
def destroy_paper(ctx: Ctx, deposit_ref: str) -> Response:
    """Say that the paper was destroyed; a second person says it too."""
    with ctx.write() as session:
        done = paper.destroy(session, batch.find(session, deposit_ref), ctx.actor)
    said = "The paper is destroyed." if done else "Now a second person bears it out."
    return ctx.back(f"/deposits/{deposit_ref}", said)


def _act(ctx: Context, deposit_ref: str, done: str, act: Any) -> Response:
    with ctx.write() as session:
        act(session, batch.find(session, deposit_ref))
    return ctx.back(f"/deposits/{deposit_ref}", f"{deposit_ref} is {done}.")


def _pdf(ctx: Context, deposit_ref: str, draw: Any, name: str) -> Response:
    with ctx.read() as session:
        deposit = batch.find(session, deposit_ref)
        content, deposit_id = draw(session, ctx.store, deposit.id), deposit.id
    ctx.saw(f"deposit.{name}_printed", "deposit", deposit_id)
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "content-disposition": f'inline; filename="{deposit_ref}-{name}.pdf"',
            "cache-control": "no-store",
        },
    )
