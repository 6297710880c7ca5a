"""The specialist's pages: the queue, and one question at a time with the evidence beside it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Form, Query
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from matching import promoting, review, search
from matching.review import AllocationInput
from records import audit
from records.errors import Conflict, NotFound, WrongUse
from records.models import Payment, ReviewItem
from records.models.payments import NOT_DEPOSITED_REASONS
from records.money import Money
from returned_mail import tasks
from web import exceptions, failures, split_view
from web.context import Context, Ctx
from web.rendering import NavItem
from web.review_view import ASKED, item_view
from web.routes import STAFF, Routes

routes = Routes()
WORKERS = ("specialist", "billing", "admin")
NAV = (NavItem("Review", "/review", frozenset((*WORKERS, "auditor")), 20),)
Short = Annotated[str, Form(max_length=120)]
DOCUMENT_OUTCOMES = ("filed", "handed_on", "not_ours", "rescan")


@routes.get("/review", (*WORKERS, "auditor"))
def queue_page(ctx: Ctx) -> Response:
    """What waits, the most valuable and oldest first, and who holds what."""
    with ctx.read() as session:
        rows = review.queue(session, offices=_codes(ctx, session))
    return ctx.page("review/queue.html", rows=rows, asked=ASKED, may_work=ctx.user.role in WORKERS)


@routes.post("/review/next", WORKERS)
def next_item(
    ctx: Ctx, after: Short = "", ahead: Annotated[Literal["", "true"], Form()] = ""
) -> Response:
    """Take the next question nobody holds; a script gets its panel, a browser is sent there.

    ``ahead`` takes the one after ``after`` while that is still being worked.
    """
    with ctx.write() as session:
        behind = _item(session, after).id if after else None
        item = review.lease_next(session, ctx.actor, offices=_codes(ctx, session), after=behind)
        found = (item.id, item.ref) if item is not None else None
    if found is not None and ahead and _is_same(after, found):
        found = None
    if failures.wants_json(ctx.request):
        return JSONResponse(None if found is None else _panel(ctx, found[0]))
    if found is None:
        return ctx.back("/review", "The queue is empty.")
    return ctx.back(f"/review/{found[1]}")


@routes.get("/review/accounts", WORKERS)
def find_accounts(ctx: Ctx, q: Annotated[str, Query(max_length=120)] = "") -> Response:
    """Accounts for the search box beside the candidates, with what each owes."""
    with ctx.read() as session:
        hits = search.search_accounts(session, q, offices=_codes(ctx, session), limit=8)
        found = [
            {**hit.to_json(), "statements": split_view.open_statements(session, hit.account_number)}
            for hit in hits
        ]
    ctx.saw("accounts.searched", "account", "search")
    return JSONResponse(found)


@routes.get("/review/{item_ref}", STAFF)
def item_page(ctx: Ctx, item_ref: str) -> Response:
    """One question. Opening it takes it for those who work the queue, if it is free."""
    held_by = None
    if ctx.user.role in WORKERS:
        try:
            with ctx.write() as session:
                review.lease(session, _item(session, item_ref).id, ctx.actor)
        except Conflict as error:
            held_by = error
    with ctx.read() as session:
        item = _item(session, item_ref)
        view = item_view(session, item, mine=item.leased_by == ctx.actor)
    ctx.saw("review.viewed", "review_item", item.id)
    return ctx.page(
        "review/item.html",
        view=view,
        held_by=held_by,
        reasons=NOT_DEPOSITED_REASONS,
        outcomes=DOCUMENT_OUTCOMES,
    )


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
        item = _item(session, item_ref)
        ref = promoting.as_payment(session, item.id, ctx.actor, token, kind).ref
    return _moved(ctx, ref)


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


@routes.post("/review/{item_ref}/reveal", WORKERS)
def reveal(ctx: Ctx, item_ref: str) -> Response:
    """The payer's whole bank account number; the look is audited before it is given."""
    with ctx.write() as session:
        payment = _item(session, item_ref).payment
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


@routes.post("/review/payments/{payment_ref}/undo", WORKERS)
def undo(ctx: Ctx, payment_ref: str) -> Response:
    """Take a match back; its question opens again."""
    with ctx.write() as session:
        ref = review.undo(session, _payment(session, payment_ref).id, ctx.actor).ref
    return _moved(ctx, ref)


@routes.post("/review/payments/{payment_ref}/reopen", WORKERS)
def reopen(ctx: Ctx, payment_ref: str) -> Response:
    """Bring back a payment that was set aside."""
    with ctx.write() as session:
        ref = review.reopen(session, _payment(session, payment_ref).id, ctx.actor).ref
    return _moved(ctx, ref)


@routes.post("/review/payments/{payment_ref}/override-duplicate", WORKERS)
def override_duplicate(ctx: Ctx, payment_ref: str) -> Response:
    """A second person says that this is another check."""
    with ctx.write() as session:
        payment = _payment(session, payment_ref)
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
    allocations = [
        _allocation(kind, account.strip(), statement.strip(), _cents(part, "part"))
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
        offices=_codes(ctx, session),
    )


def _allocation(kind: str, account: str, statement: str, amount_cents: int) -> AllocationInput:
    if not account:
        raise WrongUse(
            "account_missing",
            f"{Money(amount_cents).plain()} goes to no account.",
            "Choose one; or key unidentified, and the money is held as that.",
        )
    if account == "unidentified":
        return AllocationInput("unidentified", None, None, amount_cents)
    if not statement and kind != "account":  # an insurer's share goes to a claim, not a statement
        return AllocationInput("unapplied", account, None, amount_cents)
    return AllocationInput("account", account, statement or None, amount_cents)


def _answer(ctx: Context, item_ref: str, act: Any) -> Response:
    """Do it in one transaction; scripts get JSON, browsers go on to the next question."""
    with ctx.write() as session:
        item = _item(session, item_ref)
        act(session, item)
        payment_ref = item.payment.ref if item.payment else None
    if failures.wants_json(ctx.request):
        return JSONResponse({"item": item_ref, "payment": payment_ref})
    return ctx.back("/review", f"{item_ref}: done.")


def _moved(ctx: Context, item_ref: str) -> Response:
    if failures.wants_json(ctx.request):
        return JSONResponse({"item": item_ref})
    return ctx.back(f"/review/{item_ref}", "The question is open again.")


def _panel(ctx: Context, item_id: str) -> dict[str, Any]:
    with ctx.read() as session:
        item = session.get_one(ReviewItem, item_id)
        view = item_view(session, item, mine=True)
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


def _is_same(after: str, found: tuple[str, str]) -> bool:
    return after in found


def _codes(ctx: Context, session: Session) -> frozenset[str] | None:
    if ctx.offices is None:
        return None
    return frozenset(office.code for office in ctx.visible_offices(session))


def _item(session: Session, ref: str) -> ReviewItem:
    found = session.scalar(
        select(ReviewItem).where((ReviewItem.ref == ref) | (ReviewItem.id == ref))
    )
    if found is None:
        raise NotFound("unknown_item", "There is no such question.", "Reload the queue.")
    return found


def _payment(session: Session, ref: str) -> Payment:
    return session.scalars(select(Payment).where((Payment.ref == ref) | (Payment.id == ref))).one()


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
