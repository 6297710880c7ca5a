"""API for money: payments, accounts, statements, the review queue, deposits, the day's proof."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from deposits import day
from matching import importing, review, search
from records import clock
from records.errors import UnreadableError
from records.models import Deposit, Office
from web import forms
from web.context import Context, Ctx
from web.finding import find_payments
from web.routes import STAFF, Access, Routes

routes = Routes(json=True, tag="money")
# An import names accounts of any office, so it belongs to people of the whole group.
IMPORTERS = Access(frozenset({"billing", "admin"}), whole_group=True)
Limit = Annotated[int, Query(ge=1, le=500)]


@routes.get("/api/v1/payments", STAFF, summary="Find payments")
def payments(
    ctx: Ctx, q: Annotated[str, Query(max_length=100)], limit: Limit = 50
) -> dict[str, Any]:
    """Payments by reference, check number, amount or payer name."""
    with ctx.read() as session:
        found = find_payments(session, q, offices=ctx.offices, limit=limit)
    ctx.saw("search.done", "search", f"0+{len(found)}")
    return {"payments": [each.to_json() for each in found]}


@routes.get("/api/v1/accounts", STAFF, summary="Find accounts")
def accounts(
    ctx: Ctx, q: Annotated[str, Query(max_length=100)], limit: Limit = 20
) -> dict[str, Any]:
    """Accounts by number, statement number or name."""
    with ctx.read() as session:
        found = search.search_accounts(session, q, offices=ctx.office_codes, limit=limit)
    ctx.saw("search.done", "search", f"{len(found)}+0")
    return {"accounts": [each.to_json() for each in found]}


@routes.get("/api/v1/accounts/{account_number}", STAFF, summary="Has it arrived, did it clear?")
def account(ctx: Ctx, account_number: str) -> dict[str, Any]:
    """An account's open statements and payments, on both axes."""
    with ctx.read() as session:
        status = search.account_status(session, account_number)
    ctx.saw("account.viewed", "account", account_number[-4:])
    return status.to_json()


@routes.post("/api/v1/accounts/import", IMPORTERS, summary="Import accounts (CSV)")
async def import_accounts(
    ctx: Ctx,
    request: Request,
    dry_run: bool = False,  # noqa: FBT001, FBT002 - a query value
) -> Response:
    """Send the CSV as the raw body; `dry_run=true` only says what would change."""
    return await run_in_threadpool(_import, ctx, "accounts", await _text(ctx, request), dry_run)


@routes.post("/api/v1/statements/import", IMPORTERS, summary="Import statements (CSV)")
async def import_statements(
    ctx: Ctx,
    request: Request,
    dry_run: bool = False,  # noqa: FBT001, FBT002 - a query value
) -> Response:
    """Send the CSV as the raw body; `dry_run=true` only says what would change."""
    return await run_in_threadpool(_import, ctx, "statements", await _text(ctx, request), dry_run)


@routes.get("/api/v1/queue", STAFF, summary="The review queue")
def queue(ctx: Ctx, limit: Limit = 200) -> dict[str, Any]:
    """What waits for a person, the most valuable and oldest first."""
    with ctx.read() as session:
        rows = review.queue(session, offices=ctx.office_codes, limit=limit)
        return {"items": [row.to_json() for row in rows]}


@routes.get("/api/v1/deposits", ("billing", "admin", "auditor"), summary="List deposits")
def deposits(ctx: Ctx, limit: Limit = 100) -> dict[str, Any]:
    """The latest deposits of the bank accounts your offices use."""
    with ctx.read() as session:
        query = select(Deposit).order_by(Deposit.created_at.desc()).limit(limit)
        if ctx.offices is not None:
            served = select(Office.bank_account_id).where(Office.id.in_(ctx.offices))
            query = query.where(Deposit.bank_account_id.in_(served))
        return {"deposits": [_deposit_json(row) for row in session.scalars(query)]}


@routes.get("/api/v1/days/proof", ("billing", "admin", "auditor"), summary="The day's proof")
def day_proof(ctx: Ctx, on: Annotated[date | None, Query(alias="date")] = None) -> dict[str, Any]:
    """Received, deposited and credited on both axes; `explained` is false for a lost cent."""
    wanted = forms.near(on or clock.now().date(), "The date")
    with ctx.read() as session:
        return day.proof(session, wanted, offices=ctx.offices).to_json()


def _import(ctx: Context, kind: str, text: str, dry_run: bool) -> Response:  # noqa: FBT001
    take = importing.import_accounts if kind == "accounts" else importing.import_statements
    with ctx.write() as session:
        report = take(session, text, ctx.actor, dry_run=dry_run)
    return JSONResponse(report.to_json())


async def _text(ctx: Context, request: Request) -> str:
    ctx.expect_upload()
    try:
        return (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            "not_text", "The file is not text in UTF-8.", "Save it as CSV (UTF-8)."
        ) from error


def _deposit_json(row: Deposit) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "bank_account_code": row.bank_account.code,
        "business_on": row.business_on.isoformat(),
        "state": row.state,
        "count": len(row.items),
        "total_cents": sum(each.amount_cents for each in row.items),
        "declared_count": row.declared_count,
        "declared_total_cents": row.declared_total_cents,
        "approved_by": row.approved_by,
        "rejection": row.rejection,
        "follows": row.follows.ref if row.follows else None,
    }
