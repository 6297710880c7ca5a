"""Search: has it arrived, did it clear? Accounts and payments, on both axes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import RedirectResponse, Response

from matching import flags
from matching import search as accounts
from records import ids
from records.models import Account
from web.arrival import RULE
from web.context import Context, Ctx
from web.finding import find_payments
from web.rendering import NavItem
from web.routes import STAFF, Routes
from web.task_access import is_supervisor

routes = Routes()
NAV = (NavItem("Search", "/search", STAFF, 50),)


@routes.get("/search", STAFF)
def search(ctx: Ctx, q: str = "") -> Response:
    """Accounts and payments that fit what was typed."""
    text = q.strip()[:100]
    ref = ids.clean_ref(text)
    if ref and ref.startswith("ITM-"):
        return RedirectResponse(f"/files/{ref}", 303)
    if ref and ref.startswith("PKP-"):
        return RedirectResponse(f"/courier/{ref}", 303)
    with ctx.read() as session:
        found = accounts.search_accounts(session, text, offices=ctx.office_codes)
        payments = find_payments(session, text, offices=ctx.offices)
    if found or payments:
        ctx.saw("search.done", "search", f"{len(found)}+{len(payments)}")
    return ctx.page("search/search.html", q=text, accounts=found, payments=payments, rule=RULE)


@routes.get("/accounts/{account_number}", STAFF)
def account(ctx: Ctx, account_number: str) -> Response:
    """One account: what it owes, what arrived for it, and whether that cleared."""
    with ctx.read() as session:
        status = accounts.account_status(session, account_number)
        alike = _alike(ctx, session, account_number)
    ctx.saw("account.viewed", "account", account_number[-4:])
    return ctx.page(
        "search/account.html", account=status, alike=alike, rule=RULE,
        supervises=is_supervisor(ctx),
    )  # fmt: skip


def _alike(ctx: Context, session: Session, number: str) -> Sequence[str]:
    """The accounts in sight that may be the same patient's: a payment may have gone there."""
    found = flags.alike(session, [number]).get(number, ())
    query = select(Account.number).where(Account.number.in_(found)).order_by(Account.number)
    return session.scalars(ctx.within(query, Account.office_id)).all()
