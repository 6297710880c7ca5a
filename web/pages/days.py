"""A bank account's day: its proof with every item, signed in a person's name, and on paper."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Form
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from deposits import day_record
from deposits.day_pdf import day_pdf
from deposits.day_sheet import day_sheet
from deposits.day_xlsx import day_xlsx
from records import clock
from records.errors import Forbidden
from records.models import BankAccount, Office
from web import forms
from web.context import Context, Ctx
from web.pages.billing import BILLING, READERS
from web.routes import Routes

routes = Routes()
Short = Annotated[str, Form(max_length=20)]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@routes.get("/days/{bank_account}", READERS)
def day_page(ctx: Ctx, bank_account: str, on: str = "") -> Response:
    """The proof of one day, what it hands on, what is late, and who signed it."""
    with ctx.read() as session:
        account = _account(ctx, session, bank_account)
        chosen = _day(account, on)
        record = day_record.day_record(session, account, chosen)
        page = ctx.page(
            "billing/day.html",
            account=account,
            day=chosen,
            record=record,
            sheet=day_sheet(record.to_json()),
            may_sign=ctx.user.role in BILLING and _is_next(record, account, chosen),
        )
        account_id = account.id
    ctx.saw("day.viewed", "bank_account", account_id)
    return page


@routes.post("/days/{bank_account}/sign", BILLING)
def sign(ctx: Ctx, bank_account: str, on: Short) -> Response:
    """Sign the day in one's own name."""
    chosen = forms.day(on, "The day")
    with ctx.write() as session:
        account = _account(ctx, session, bank_account)
        made = day_record.sign(session, account, chosen, ctx.actor).ref
        code = account.code
    return ctx.back(f"/days/{code}?on={chosen}", f"{chosen} is signed as {made}.")


@routes.get("/days/{bank_account}/proof.pdf", READERS)
def proof_pdf(ctx: Ctx, bank_account: str, on: str = "") -> Response:
    """The day as a PDF."""
    return _file(ctx, bank_account, on, day_pdf, "pdf", "application/pdf")


@routes.get("/days/{bank_account}/proof.xlsx", READERS)
def proof_xlsx(ctx: Ctx, bank_account: str, on: str = "") -> Response:
    """The day as a spreadsheet."""
    return _file(ctx, bank_account, on, day_xlsx, "xlsx", _XLSX)


def _file(ctx: Context, key: str, on: str, write: Any, ending: str, kind: str) -> Response:
    with ctx.read() as session:
        account = _account(ctx, session, key)
        chosen = _day(account, on)
        record = day_record.day_record(session, account, chosen).to_json()
        account_id, code = account.id, account.code
    content = write([day_sheet(record)])
    ctx.saw("day.printed", "bank_account", account_id)
    name = f"proof-{code}-{chosen}.{ending}"
    return Response(
        content,
        media_type=kind,
        headers={
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        },
    )


def _account(ctx: Context, session: Session, key: str) -> BankAccount:
    """The account; Forbidden ``whole_account_only`` for who does not see all of its offices."""
    account = session.scalars(
        select(BankAccount).where((BankAccount.code == key) | (BankAccount.id == key))
    ).one()
    served = set(session.scalars(select(Office.id).where(Office.bank_account_id == account.id)))
    if ctx.offices is not None and not served <= ctx.offices:
        raise Forbidden(
            "whole_account_only",
            "Other offices deposit into this bank account, too.",
            "Ask somebody who sees all of them.",
        )
    return account


def _day(account: BankAccount, on: str) -> date:
    """The day that was asked for, else the account's business date."""
    given = forms.optional_day(on, "The day")
    return given or clock.business_date(clock.now(), account.zone, account.cut_off)


def _is_next(record: day_record.DayRecord, account: BankAccount, on: date) -> bool:
    begun = on <= clock.business_date(clock.now(), account.zone, account.cut_off)
    return record.signature is None and record.explained and begun and record.next_on in (None, on)
