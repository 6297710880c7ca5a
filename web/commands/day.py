"""Commands on the proof of the day: show it, sign it, print it, and the month's figures."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import day as proofs
from deposits import day_record
from deposits.day_pdf import day_pdf
from deposits.day_sheet import day_sheet
from deposits.day_xlsx import day_xlsx
from deposits.month_rows import month_view
from records import clock
from records.errors import FindingError, WrongUse
from records.models import BankAccount
from web.commands.output import (
    bank_account,
    day_of,
    dollars,
    emit,
    json_option,
    office,
    opened,
    person,
    table,
)
from web.forms import first_of

_SIGNERS = ("billing", "admin")
_WRITERS = {".pdf": day_pdf, ".xlsx": day_xlsx}
_FLOWS = ("received", "deposited", "credited", "returned")
_date_option = click.option(
    "--date", "on", metavar="YYYY-MM-DD", help="Default: the present business date."
)


@click.group()
def day() -> None:
    """The day's proof. Example: lockbox day proof --date 2026-11-20"""


@day.command("proof")
@_date_option
@click.option("--bank-account", "code", metavar="CODE", help="One account, signed or not.")
@json_option
def day_proof(on: str | None, code: str | None, as_json: bool) -> int:
    """Prove the day to the cent; exit 1 when a cent is unexplained.

    Example: lockbox day proof --date 2026-11-20 --json
    """
    with opened() as installation, installation.db.read() as session:
        chosen = day_of(on, lambda: _business_date(session))
        if code is None:
            document = proofs.proof(session, chosen).to_json()
        else:
            account = bank_account(session, code)
            document = day_record.day_record(session, account, chosen).to_json()
    if as_json:
        emit(document)
    else:
        _show_proof(document)
    return 0 if document["explained"] else FindingError.exit_status


@day.command("sign")
@click.option("--date", "on", required=True, metavar="YYYY-MM-DD")
@click.option("--bank-account", "code", required=True, metavar="CODE")
@click.option("--user", "username", metavar="NAME", help="In whose name; billing or admin.")
@json_option
def day_sign(on: str, code: str, username: str | None, as_json: bool) -> None:
    """Sign a bank account's day in a person's name; it never changes afterwards.

    Example: lockbox day sign --date 2026-11-20 --bank-account OPER --user beth
    """
    with opened() as installation, installation.db.write() as session:
        made = day_record.sign(
            session,
            bank_account(session, code),
            day_of(on, lambda: _business_date(session)),
            person(session, username, _SIGNERS),
        )
        document = {
            "ref": made.ref,
            "date": made.day_on,
            "bank_account_code": code,
            "signed_by": made.signed_by,
            "sha256": made.sha256,
        }
    emit(document) if as_json else click.echo(f"{on} of {code} is signed as {document['ref']}")


@day.command("export")
@_date_option
@click.option("--bank-account", "code", metavar="CODE", help="Default: every bank account.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@json_option
def day_export(on: str | None, code: str | None, out: Path, as_json: bool) -> int:
    """Write the day as PDF or spreadsheet, by the ending of the file's name.

    Exit 1 when a cent is unexplained. Example: lockbox day export --date 2026-11-20 --out day.pdf
    """
    write = _WRITERS.get(out.suffix.lower())
    if write is None:
        raise WrongUse("wrong_ending", f"{out.name} ends in neither .pdf nor .xlsx.",
                       "Name the file day.pdf or day.xlsx.")  # fmt: skip
    with opened() as installation, installation.db.read() as session:
        chosen = day_of(on, lambda: _business_date(session))
        accounts = (
            [bank_account(session, code)]
            if code
            else session.scalars(select(BankAccount).order_by(BankAccount.code)).all()
        )
        records = [
            day_record.day_record(session, account, chosen).to_json() for account in accounts
        ]
    out.write_bytes(write([day_sheet(record) for record in records]))
    explained = all(record["explained"] for record in records)
    document = {"date": chosen, "file": str(out), "bank_accounts": len(records),
                "explained": explained}  # fmt: skip
    emit(document) if as_json else click.echo(f"{out}: {len(records)} bank accounts")
    return 0 if explained else FindingError.exit_status


@day.command("month")
@click.option("--month", metavar="YYYY-MM", help="Default: the present month.")
@click.option("--office", "codes", multiple=True, metavar="CODE", help="Default: all offices.")
@json_option
def day_month(month: str | None, codes: tuple[str, ...], as_json: bool) -> None:
    """What came, was deposited, credited and returned in a month, and how fast, by office.

    Example: lockbox day month --month 2026-11 --json
    """
    first = first_of(month) if month else clock.now().date().replace(day=1)
    with opened() as installation, installation.db.read() as session:
        chosen = [office(session, code).id for code in codes] or None
        document = month_view(session, first, chosen).to_json()
    if as_json:
        emit(document)
        return
    table(
        ("office", "received", "deposited", "credited", "returned", "in 24 h", "held over", "days"),
        [
            (
                each["office_code"] or "all",
                *(dollars(each[name]["amount_cents"]) for name in _FLOWS),
                _percent(each["posted_within_24_hours"]["share"]),
                _percent(each["held_over"]["share"]),
                each["average_days_to_credit"],
            )
            for each in [*document["offices"], document["total"]]
        ],
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _show_proof(document: dict[str, Any]) -> None:
    """The proof as a person reads it: each equation, its parts, and what nothing explains."""
    for name in ("received", "deposited", "bank", "bank_lines"):
        equation = document[name]
        click.echo(f"{name.replace('_', ' ')}: {dollars(equation['total']['amount_cents'])}")
        for part, figure in equation["parts"].items():
            if figure["count"]:
                click.echo(
                    f"    {part.replace('_', ' '):<32} {dollars(figure['amount_cents']):>14}"
                    f"  {figure['count']}"
                )
        if equation["unexplained_cents"]:
            click.echo(f"    UNEXPLAINED {dollars(equation['unexplained_cents'])}")
            for each in equation["broken"]["refs"]:
                click.echo(f"        {each['ref']} {dollars(each['amount_cents'])}")
    for check in document["journal"]:
        if check["difference_cents"]:
            click.echo(
                f"journal {check['account']}: differs by {dollars(check['difference_cents'])}"
            )
    if document["unread"]["count"]:
        click.echo(f"{document['unread']['count']} payments have no amount yet")
    if "bank_account" in document:
        _show_account(document)
    click.echo(
        "every cent is explained"
        if document["explained"]
        else f"{dollars(document['unexplained_cents'])} unexplained"
    )


def _show_account(document: dict[str, Any]) -> None:
    """What a bank account's day hands on, what is late, and who signed it."""
    for line in document["late"]["lines"]:
        moved = ", ".join(f"{part} {dollars(cents)}" for part, cents in line["moved"].items())
        click.echo(f"late, of {line['of']}: {line['ref']} {moved}")
    told = document.get("bank_balance")
    if told:
        click.echo(f"the bank closed with {dollars(told['closing_cents'])}")
        for each in told["findings"]:
            click.echo(f"    {each['message']}")
    carried = document["carried_over"]
    click.echo(f"carried over: {dollars(carried['amount_cents'])}")
    table(
        ("    age", "items", "amount"),
        [(f"    {each['age']}", each["count"], dollars(each["amount_cents"]))
         for each in carried["ages"]],
    )  # fmt: skip
    signed = document["signature"]
    click.echo(
        f"signed by {signed['signed_by']} as {signed['ref']}" if signed else "not signed yet"
    )
    if signed and not signed["intact"]:
        click.echo("THE RECORD IS NOT WHAT WAS SIGNED", err=True)


def _business_date(session: Session) -> date:
    """The earliest business date of the group's bank accounts now; today without any."""
    now = clock.now()
    return min(
        (
            clock.business_date(now, each.zone, each.cut_off)
            for each in session.scalars(select(BankAccount))
        ),
        default=now.date(),
    )
