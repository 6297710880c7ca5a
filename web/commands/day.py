"""Commands on the proof of the day."""

from __future__ import annotations

from datetime import date
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import day as proofs
from records import clock
from records.errors import FindingError
from records.models import BankAccount
from web.commands.output import day_of, dollars, emit, json_option, opened


@click.group()
def day() -> None:
    """The day's proof. Example: lockbox day proof --date 2026-11-20"""


@day.command("proof")
@click.option("--date", "on", metavar="YYYY-MM-DD", help="Default: the present business date.")
@json_option
def day_proof(on: str | None, as_json: bool) -> int:
    """Prove the day to the cent; exit 1 when a cent is unexplained.

    Example: lockbox day proof --date 2026-11-20 --json
    """
    with opened() as installation, installation.db.read() as session:
        proof = proofs.proof(session, day_of(on, lambda: _business_date(session)))
        document = proof.to_json()
    if as_json:
        emit(document)
    else:
        _show_proof(document)
    return 0 if proof.explained else FindingError.exit_status


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
    click.echo(
        "every cent is explained"
        if document["explained"]
        else f"{dollars(document['unexplained_cents'])} unexplained"
    )


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
