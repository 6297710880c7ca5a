"""The command on what the bank says its accounts hold."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

import click
from sqlalchemy import select

from deposits import bank_balances
from records import clock
from records.errors import FindingError
from records.models import BankAccount
from web.commands.output import bank_account, dollars, emit, json_option, opened, table


@click.command("balances")
@click.option("--bank-account", "code", metavar="CODE", help="Default: all.")
@click.option("--days", type=click.IntRange(1, 3_660), default=35, show_default=True,
              help="How far to look back.")  # fmt: skip
@json_option
def balances(code: str | None, days: int, as_json: bool) -> int:
    """Opening and closing balances by file, and what does not follow on; exit 1 when anything.

    Example: lockbox bank balances --bank-account OPER --json
    """
    since = clock.now().date() - timedelta(days=days)
    with opened() as installation, installation.db.read() as session:
        chosen = [bank_account(session, code)] if code else session.scalars(
            select(BankAccount).order_by(BankAccount.code)).all()  # fmt: skip
        told = [
            each
            for each in chain.from_iterable(
                bank_balances.told_balances(session, account) for account in chosen
            )
            if each.to_on >= since
        ]
        found = bank_balances.balance_findings(session, [each.id for each in chosen], since)
    if as_json:
        emit({"balances": [each.to_json() for each in told],
              "findings": [each.to_json() for each in found]})  # fmt: skip
    else:
        table(
            ("account", "from", "to", "opening", "lines", "closing", "file"),
            [
                (each.bank_account_code, each.from_on, each.to_on, dollars(each.opening_cents),
                 dollars(each.moved_cents), dollars(each.closing_cents), each.file_ref)
                for each in told
            ],
        )  # fmt: skip
        for finding in found:
            click.echo(f"{finding.bank_account_code}: {finding.message}")
    return FindingError.exit_status if found else 0
