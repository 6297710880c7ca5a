"""Commands on returned items: those whose check nobody knew, and checks deposited again."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import returns, unmatched_entering, unmatched_returns, unmatched_showing
from records import clock
from records.errors import NotFound
from records.models import Payment
from web.commands.output import (
    bank_account,
    cents,
    clerk,
    day_of,
    dollars,
    opened,
    user_option,
)


@click.command("tie")
@click.argument("item", metavar="ITEM")
@click.option("--check", "payment", metavar="PAYMENT", required=True, help="The check that it is.")
@click.option("--why", default="", help="Why the amounts differ, if they do.")
@user_option
def tie(item: str, payment: str, why: str, username: str | None) -> None:
    """Say which check of ours a returned item is; the check is entered as returned.

    Example: lockbox bank tie UR-7K3-F9QX --check PAY-8M2-Q1AB --user bill
    """
    with opened() as installation, installation.db.write() as session:
        row = unmatched_showing.find(session, item)
        made = unmatched_returns.tie(
            session, row, find_payment(session, payment), clerk(session, username), why
        ).ref
    click.echo(f"{payment} is entered as returned, as {made}")


@click.command("not-ours")
@click.argument("item", metavar="ITEM")
@click.option("--why", required=True, help="Why it is not ours; the bank reads it.")
@user_option
def not_ours(item: str, why: str, username: str | None) -> None:
    """Say that a returned item is no check of ours; prints the note to the bank.

    Example: lockbox bank not-ours UR-7K3-F9QX --why "no such check was deposited" --user bill
    """
    with opened() as installation, installation.db.write() as session:
        row = unmatched_showing.find(session, item)
        click.echo(unmatched_returns.not_ours(session, row, why, clerk(session, username)))


@click.command("keep-return")
@click.argument("amount", metavar="DOLLARS")
@click.option("--bank-account", "code", metavar="CODE", required=True)
@click.option("--reason", default="unspecified", help="The bank's reason.")
@click.option("--on", "on", metavar="DATE", help="When it came back. Default: today.")
@click.option("--words", default="", help="What the notice says of the check.")
@user_option
def keep_return(
    amount: str, code: str, reason: str, on: str | None, words: str, username: str | None
) -> None:
    """Keep a returned item told on paper whose check nobody finds.

    Example: lockbox bank keep-return 125.00 --bank-account OPER --words "check 1044" --user bill
    """
    with opened() as installation, installation.db.write() as session:
        account = bank_account(session, code)
        day = day_of(on, lambda: clock.business_date(clock.now(), account.zone, account.cut_off))
        row = unmatched_entering.note_return(
            session, account, cents(amount), reason, day, words, clerk(session, username)
        )
        click.echo(f"{row.ref}: {dollars(row.amount_cents)} kept")


@click.command("redeposit")
@click.argument("payment", metavar="PAYMENT")
@user_option
def redeposit(payment: str, username: str | None) -> None:
    """Let a returned check be deposited once more; its parts are posted anew.

    Example: lockbox bank redeposit PAY-8M2-Q1AB --user bill
    """
    with opened() as installation, installation.db.write() as session:
        found = find_payment(session, payment)
        returns.represent(session, found.id, clerk(session, username))
        click.echo(f"{found.ref} may be deposited again")


def find_payment(session: Session, ref: str) -> Payment:
    """A payment by its reference; NotFound ``payment_unknown``."""
    found = session.scalar(select(Payment).where(Payment.ref == ref.strip().upper()))
    if found is None:
        raise NotFound("payment_unknown", f"There is no payment {ref}.", "Check the reference.")
    return found


COMMANDS = (tie, not_ours, keep_return, redeposit)
