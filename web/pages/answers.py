"""Answers to questions: confirm, set aside, finish, give back, and take an answer back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Form
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from matching import answers, promoting, review
from matching.review import AllocationInput
from records.errors import WrongUse
from records.models import ReviewItem
from records.money import Money
from returned_mail import tasks
from web import asked, exceptions, failures, reread
from web.asked import WORKERS
from web.context import Context, Ctx
from web.routes import Routes

routes = Routes()
Short = Annotated[str, Form(max_length=120)]


@routes.post("/review/undo", WORKERS)
def undo_last(ctx: Ctx) -> Response:
    """Take the person's last answer back; a script gets its question, a browser is sent there."""
    with ctx.write() as session:
        ref = answers.undo_last(session, ctx.actor, offices=ctx.office_codes).ref
    return _moved(ctx, ref)


@routes.post("/review/{item_ref}/confirm", WORKERS)
async def confirm(ctx: Ctx, item_ref: str) -> Response:
    """Confirm a payment: amount, keyed values and where the money goes."""
    form = await ctx.request.form(max_fields=300)
    overrides = [str(value) for value in form.getlist("override")]
    values = {name: str(value) for name, value in form.items()}
    lists = {
        name: [str(value) for value in form.getlist(f"to_{name}")]
        for name in ("destination", "account", "statement", "amount")
    }
    return _answer(
        ctx,
        item_ref,
        lambda session, item: _confirm(ctx, session, item, values, lists, overrides),
    )


@routes.post("/review/{item_ref}/set-aside", WORKERS)
def set_aside(
    ctx: Ctx,
    item_ref: str,
    token: Annotated[int, Form()],
    reason: Short,
    amount: Short = "",
    amount_from: Short = "",
) -> Response:
    """Neither deposit nor post it, under a typed reason; ``amount`` is what is read on it."""
    cents = _cents(amount, "amount") if amount.strip() else None
    return _answer(
        ctx,
        item_ref,
        lambda session, item: review.set_aside(
            session,
            item.id,
            ctx.actor,
            token,
            reason,
            amount_cents=cents,
            amount_from=amount_from,
        ),
    )


@routes.post("/review/{item_ref}/as-payment", WORKERS)
def as_payment(
    ctx: Ctx, item_ref: str, token: Annotated[int, Form()], kind: Literal["check", "eft"] = Form()
) -> Response:
    """The document is money after all: a check to be keyed, or an electronic payment."""
    with ctx.write() as session:
        item = asked.item(session, item_ref)
        ref = promoting.as_payment(session, item.id, ctx.actor, token, kind).ref
    return _moved(ctx, ref)


@routes.post("/review/{item_ref}/as-remittance", WORKERS)
def as_remittance(ctx: Ctx, item_ref: str, token: Annotated[int, Form()]) -> Response:
    """The document is an insurer's remittance: it is read as one, and its grid opens."""
    with ctx.write() as session:
        item = asked.item(session, item_ref)
        row = promoting.as_remittance(session, item.id, ctx.actor, token)
        ref, document_id = row.ref, row.document_id
    reread.again(ctx, document_id, ref)
    if failures.wants_json(ctx.request):
        return JSONResponse({"item": item_ref, "remittance": ref})
    return ctx.back(f"/remittances/{ref}")


@routes.post("/review/{item_ref}/address-task", WORKERS)
def address_task(ctx: Ctx, item_ref: str, token: Annotated[int, Form()]) -> Response:
    """A change of address on a stub becomes an address task, and the question is done."""

    def act(session: Session, item: ReviewItem) -> None:
        review.finish_document(session, item.id, ctx.actor, token, "address_task")
        tasks.open_change(session, str(item.document_id), ctx.actor)

    return _answer(ctx, item_ref, act)


@routes.post("/review/{item_ref}/finish", WORKERS)
def finish(ctx: Ctx, item_ref: str, token: Annotated[int, Form()], outcome: Short = "") -> Response:
    """Close the question about a document that is no payment."""
    return _answer(
        ctx,
        item_ref,
        lambda session, item: review.finish_document(session, item.id, ctx.actor, token, outcome),
    )


@routes.post("/review/{item_ref}/release", WORKERS)
def release(ctx: Ctx, item_ref: str, token: Annotated[int, Form()]) -> Response:
    """Give a question back unanswered."""
    return _answer(
        ctx, item_ref, lambda session, item: review.release(session, item.id, ctx.actor, token)
    )


@routes.post("/review/{item_ref}/renew", WORKERS)
def renew(ctx: Ctx, item_ref: str, token: Annotated[int, Form()]) -> Response:
    """Five more minutes."""
    return _answer(
        ctx, item_ref, lambda session, item: review.renew(session, item.id, ctx.actor, token)
    )


@routes.post("/review/payments/{payment_ref}/undo", WORKERS)
def undo(ctx: Ctx, payment_ref: str) -> Response:
    """Take a match back; its question opens again."""
    with ctx.write() as session:
        ref = review.undo(session, asked.payment(session, payment_ref).id, ctx.actor).ref
    return _moved(ctx, ref)


@routes.post("/review/payments/{payment_ref}/reopen", WORKERS)
def reopen(ctx: Ctx, payment_ref: str) -> Response:
    """Bring back a payment that was set aside."""
    with ctx.write() as session:
        ref = review.reopen(session, asked.payment(session, payment_ref).id, ctx.actor).ref
    return _moved(ctx, ref)


@routes.post("/review/payments/{payment_ref}/override-duplicate", WORKERS)
def override_duplicate(ctx: Ctx, payment_ref: str) -> Response:
    """A second person says that this is another check."""
    with ctx.write() as session:
        payment = asked.payment(session, payment_ref)
        ref = review.override_duplicate(session, payment.id, ctx.actor).ref
    return _moved(ctx, ref)


def _confirm(
    ctx: Context,
    session: Session,
    item: ReviewItem,
    values: dict[str, str],
    lists: dict[str, list[str]],
    overrides: list[str],
) -> None:
    token = _token(values.get("token", ""))
    amount = _cents(values["amount"], "amount") if values.get("amount", "").strip() else None
    payment = item.payment
    if payment is not None and amount == payment.amount_cents and "amount" not in item.asks:
        amount = None
    keyed = {
        name.removeprefix("keyed_"): value
        for name, value in values.items()
        if name.startswith("keyed_")
        and value.strip()
        and value != values.get(f"read_{name.removeprefix('keyed_')}")
    }
    rows = zip(
        lists["destination"], lists["account"], lists["statement"], lists["amount"], strict=True
    )
    held_as = values.get("held_as", "")[:30]
    allocations = [
        _allocation(kind, account.strip(), statement.strip(), _cents(part, "part"), held_as)
        for kind, account, statement, part in rows
        if part.strip() and _cents(part, "part")
    ]
    deposit = values.get("hold") != "1"
    if deposit and payment is not None and payment.kind != "eft":
        exceptions.refuse_unanswered(item.asks, overrides)
    review.confirm(
        session,
        item.id,
        ctx.actor,
        token,
        amount_cents=amount,
        amount_from=values.get("amount_from", ""),
        keyed=keyed,
        allocations=allocations,
        deposit=deposit,
        overrides=[ask for ask in exceptions.ASKS if ask in overrides and ask in item.asks],
        offices=asked.codes(ctx, session),
    )


def _allocation(
    kind: str, account: str, statement: str, amount_cents: int, held_as: str
) -> AllocationInput:
    """A line of the split; ``held_as``: why what is unidentified is held, empty for unsaid."""
    if not account:
        raise WrongUse(
            "account_missing",
            f"{Money(amount_cents).plain()} goes to no account.",
            "Choose one; or key unidentified, and the money is held as that.",
        )
    if account == "unidentified":
        why = held_as if amount_cents > 0 else ""  # what is taken back has a reason of its own
        return AllocationInput("unidentified", None, None, amount_cents, why)
    if not statement and kind != "account":  # an insurer's share goes to a claim, not a statement
        return AllocationInput("unapplied", account, None, amount_cents)
    return AllocationInput("account", account, statement or None, amount_cents)


def _answer(ctx: Context, item_ref: str, act: Any) -> Response:
    """Do it in one transaction; scripts get JSON, browsers go on to the next question."""
    with ctx.write() as session:
        item = asked.item(session, item_ref)
        act(session, item)
        payment_ref = item.payment.ref if item.payment else None
    if failures.wants_json(ctx.request):
        return JSONResponse({"item": item_ref, "payment": payment_ref})
    return ctx.back("/review", f"{item_ref}: done.")


def _moved(ctx: Context, item_ref: str) -> Response:
    if failures.wants_json(ctx.request):
        return JSONResponse({"item": item_ref})
    return ctx.back(f"/review/{item_ref}", "The question is open again.")


def _cents(text: str, name: str) -> int:
    try:
        return Money.parse(text).cents
    except ValueError as error:
        raise WrongUse(
            "wrong_amount",
            f"The {name} {text!r} is no amount.",
            "Type dollars and cents, as 125.00.",
        ) from error


def _token(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise WrongUse("no_lease", "This form has lost its lease.", "Open the question again.")
    return int(text)
