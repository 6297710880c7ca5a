"""Commands on money: deposits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import batch, filling, sending, slip
from records import clock
from records.errors import NotFound
from records.models import Deposit, Payment
from web.commands.output import (
    bank_account,
    cents,
    clerk,
    day_of,
    dollars,
    emit,
    json_option,
    opened,
    table,
    user_option,
)

_out = click.Path(dir_okay=False, path_type=Path)


@click.group()
def deposit() -> None:
    """Deposits. Example: lockbox deposit open --bank-account OPER"""


@deposit.command("list")
@json_option
def deposit_list(as_json: bool) -> None:
    """All deposits, newest first. Example: lockbox deposit list --json"""
    with opened() as installation, installation.db.read() as session:
        rows = [
            _deposit_json(each)
            for each in session.scalars(
                select(Deposit).order_by(Deposit.created_at.desc()).limit(200)
            )
        ]
    if as_json:
        emit({"deposits": rows})
    else:
        table(
            ("deposit", "account", "date", "state", "items", "total"),
            [
                (
                    row["ref"],
                    row["bank_account_code"],
                    row["business_on"],
                    row["state"],
                    row["count"],
                    dollars(row["total_cents"]),
                )
                for row in rows
            ],
        )


@deposit.command("open")
@click.option("--bank-account", "code", required=True)
@click.option("--date", "on", metavar="YYYY-MM-DD", help="Business date (default: today's).")
@json_option
@user_option
def deposit_open(code: str, on: str | None, as_json: bool, username: str | None) -> None:
    """Open a deposit. Example: lockbox deposit open --bank-account OPER --user dana"""
    with opened() as installation, installation.db.write() as session:
        bank = bank_account(session, code)
        day = day_of(on, lambda: clock.business_date(clock.now(), bank.zone, bank.cut_off))
        made = batch.open_deposit(session, bank.id, day, clerk(session, username))
        document = {"ref": made.ref, "business_on": day}
    emit(document) if as_json else click.echo(document["ref"])


@deposit.command("add")
@click.argument("ref", metavar="DEPOSIT")
@click.argument("payments", metavar="[PAYMENT...]", nargs=-1)
@user_option
def deposit_add(ref: str, payments: tuple[str, ...], username: str | None) -> None:
    """Add checks (default: all that may be deposited, and that the account's limits let in).

    Example: lockbox deposit add DEP-7K3-F9QX
    """
    with opened() as installation, installation.db.write() as session:
        found, who = _deposit(session, ref), clerk(session, username)
        before = len(found.items)
        left: tuple[tuple[str, str], ...] = ()
        if payments:
            batch.add(session, found.id, [_payment(session, each).id for each in payments], who)
        else:
            left = filling.top_up(session, found, who)
        session.expire(found, ["items"])
        click.echo(f"{len(found.items) - before} checks added", err=True)
        for payment, why in left:
            click.echo(f"left out: {payment} {why}", err=True)


@deposit.command("remove")
@click.argument("ref", metavar="DEPOSIT")
@click.argument("payment")
@user_option
def deposit_remove(ref: str, payment: str, username: str | None) -> None:
    """Take a check out. Example: lockbox deposit remove DEP-7K3-F9QX PAY-2BC-D4F5"""
    with opened() as installation, installation.db.write() as session:
        batch.remove(
            session,
            _deposit(session, ref).id,
            _payment(session, payment).id,
            clerk(session, username),
        )


@deposit.command("close")
@click.argument("ref", metavar="DEPOSIT")
@click.option("--count", required=True, type=click.IntRange(0), help="Checks counted by hand.")
@click.option("--total", required=True, metavar="DOLLARS", help="Total added up by hand.")
@user_option
def deposit_close(ref: str, count: int, total: str, username: str | None) -> None:
    """Close with a declared count and total.

    Example: lockbox deposit close DEP-7K3-F9QX --count 41 --total 5210.33
    """
    with opened() as installation, installation.db.write() as session:
        found = _deposit(session, ref)
        batch.close(session, found.id, count, cents(total), clerk(session, username))
        sending.require_sendable(session, found)


@deposit.command("approve")
@click.argument("ref", metavar="DEPOSIT")
@user_option
def deposit_approve(ref: str, username: str | None) -> None:
    """Approve, as a second person. Example: lockbox deposit approve DEP-7K3-F9QX --user lee"""
    with opened() as installation, installation.db.write() as session:
        batch.approve(session, _deposit(session, ref).id, clerk(session, username))


@deposit.command("slip")
@click.argument("ref", metavar="DEPOSIT")
@click.option("--out", required=True, type=_out)
def deposit_slip(ref: str, out: Path) -> None:
    """Write the deposit slip as PDF. Example: lockbox deposit slip DEP-7K3-F9QX --out slip.pdf"""
    with opened() as installation, installation.db.read() as session:
        out.write_bytes(slip.slip_pdf(session, installation.store, _deposit(session, ref).id))


def _deposit(session: Session, ref: str) -> Deposit:
    found = session.scalar(select(Deposit).where(Deposit.ref == ref))
    if found is None:
        raise NotFound(
            "unknown_deposit", f"There is no deposit {ref}.", "See `lockbox deposit list`."
        )
    return found


def _payment(session: Session, ref: str) -> Payment:
    found = session.scalar(select(Payment).where(Payment.ref == ref))
    if found is None:
        raise NotFound("unknown_payment", f"There is no payment {ref}.", "Check the reference.")
    return found


def _deposit_json(each: Deposit) -> dict[str, Any]:
    return {
        "ref": each.ref,
        "bank_account_code": each.bank_account.code,
        "business_on": each.business_on,
        "state": each.state,
        "count": len(each.items),
        "total_cents": sum(item.amount_cents for item in each.items),
        "approved_by": each.approved_by,
        "rejection": each.rejection,
        "follows": each.follows.ref if each.follows else None,
    }
