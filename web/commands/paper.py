"""Commands on the paper of deposited checks."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select

from deposits import batch, paper
from records import clock
from records.models import Deposit, PaperOriginals
from web.commands.cash_letters import deposit
from web.commands.output import emit, json_option, opened, person, table, user_option

__all__ = ["deposit"]

_BILLING = ("billing", "admin")


@deposit.group("paper")
def papers() -> None:
    """The paper of deposited checks. Example: lockbox deposit paper list"""


@papers.command("store")
@click.argument("ref", metavar="DEPOSIT")
@click.option("--location", required=True, help="Where the paper lies.")
@user_option
def paper_store(ref: str, location: str, username: str | None) -> None:
    """Say where a deposit's paper lies.

    Example: lockbox deposit paper store DEP-7K3-F9QX --location "Box 12" --user bill
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, _BILLING)
        row = paper.store(session, batch.find(session, ref), location, who)
        click.echo(f"{ref}: {row.location}, kept until {row.keep_until}", err=True)


@papers.command("destroy")
@click.argument("ref", metavar="DEPOSIT")
@user_option
def paper_destroy(ref: str, username: str | None) -> None:
    """Say that the paper was destroyed; a second person says it too.

    Example: lockbox deposit paper destroy DEP-7K3-F9QX --user bill
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, _BILLING)
        done = paper.destroy(session, batch.find(session, ref), who)
    said = "destroyed" if done else "a second person must bear it out"
    click.echo(f"{ref}: {said}", err=True)


@papers.command("list")
@json_option
def paper_list(as_json: bool) -> None:
    """All paper that is still there, the longest due first. Example: lockbox deposit paper list"""
    today = clock.now().date()
    with opened() as installation, installation.db.read() as session:
        query = (
            select(PaperOriginals, Deposit.ref, Deposit.state)
            .join(Deposit, Deposit.id == PaperOriginals.deposit_id)
            .where(PaperOriginals.destroyed_at.is_(None))
            .order_by(PaperOriginals.keep_until, Deposit.ref)
        )
        rows: list[dict[str, Any]] = [
            {"deposit": ref, "location": row.location, "keep_until": row.keep_until,
             "due": row.keep_until < today and state != "rejected",
             "destroyed_by": row.destroyed_by}
            for row, ref, state in session.execute(query)
        ]  # fmt: skip
    if as_json:
        emit({"paper": rows})
    else:
        told = [(r["deposit"], r["location"], r["keep_until"], "due" if r["due"] else "")
                for r in rows]  # fmt: skip
        table(("deposit", "location", "keep until", ""), told)
