"""One account's addresses, and the patient's wish to be written to at one of them alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from matching import address_versions
from records.models import Account
from returned_mail import address as addresses
from returned_mail import confidential, tying
from web.context import Context, Ctx
from web.routes import Routes
from web.task_access import SUPERVISORS

routes = Routes()
Wish = Annotated[str, Form(max_length=500)]
Short = Annotated[str, Form(max_length=120)]


@routes.get("/accounts/{account_number}/address", SUPERVISORS)
def address_page(ctx: Ctx, account_number: str) -> Response:
    """The address in force, those before it, and whether mail goes there alone."""
    with ctx.read() as session:
        account = _account(session, account_number)
        working = tying.unfinished(session, account, account.address, lock=False)
        page = ctx.page(
            "search/address.html",
            account=account,
            current=account.address,
            held=address_versions.confidential(session, account.id),
            task=working,
        )
    ctx.saw("account.address_viewed", "account", account_number[-4:])
    return page


@routes.post("/accounts/{account_number}/confidential", SUPERVISORS)
def set_on_file(ctx: Ctx, account_number: str, note: Wish) -> Response:
    """All mail goes to the address on file alone."""
    with ctx.write() as session:
        account = _account(session, account_number)
        confidential.ask(session, account.id, ctx.actor, note)
    return _on(ctx, account_number, "all mail goes to the address on file")


@routes.post("/accounts/{account_number}/confidential/new", SUPERVISORS)
def set_new(
    ctx: Ctx, account_number: str, street: Short, city: Short, state: Short, zip_code: Short,
    note: Wish,
) -> Response:  # fmt: skip
    """All mail goes to this address alone; it takes the place of the one on file."""
    new = addresses.standardise(street, city, state, zip_code)
    with ctx.write() as session:
        account = _account(session, account_number)
        confidential.ask(session, account.id, ctx.actor, note, new)
    return _on(ctx, account_number, "all mail goes to the new address")


@routes.post("/accounts/{account_number}/confidential/end", SUPERVISORS)
def end(ctx: Ctx, account_number: str, note: Wish) -> Response:
    """The patient ended it; the address stays."""
    with ctx.write() as session:
        confidential.lift(session, _account(session, account_number).id, ctx.actor, note)
    return _on(ctx, account_number, "another address may follow now")


def _account(session: Session, number: str) -> Account:
    return session.scalars(select(Account).where(Account.number == number)).one()


def _on(ctx: Context, number: str, done: str) -> Response:
    return ctx.back(f"/accounts/{number}/address", f"{number}: {done}.")
