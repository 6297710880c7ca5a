"""Commands on the bank's side: its files in, what they settle, and what nobody has matched."""

from __future__ import annotations

from pathlib import Path

import click

from deposits import bank as bank_files
from web.commands.output import (
    actor,
    bank_account,
    dollars,
    emit,
    json_option,
    opened,
    table,
    user_option,
)

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def bank() -> None:
    """The bank's files: BAI2, OFX, CSV. Example: lockbox bank show statement.bai2"""


@bank.command("show")
@click.argument("path", metavar="FILE", type=_file)
@json_option
def bank_show(path: Path, as_json: bool) -> None:
    """Every line of a bank's file. Example: lockbox bank show statement.bai2 --json"""
    statements = bank_files.parse(path.read_bytes(), path.name)
    document = statements.to_json()
    if as_json:
        emit(document)
        return
    for account in document.get("accounts", [document]):
        click.echo(f"account {account['account']}")
        table(
            ("date", "amount", "", "kind", "reference", "text"),
            [
                (
                    line["value_on"],
                    dollars(line["amount_cents"]),
                    line["direction"],
                    line["kind"],
                    line["reference"],
                    line["text"],
                )
                for line in account["lines"]
            ],
        )


@bank.command("import")
@click.argument("path", metavar="FILE", type=_file)
@click.option(
    "--bank-account", "code", metavar="CODE", help="Whose file it is, when the file does not say."
)
@json_option
@user_option
def bank_import(path: Path, code: str | None, as_json: bool, username: str | None) -> None:
    """Bring a bank's file in and settle what it answers.

    Example: lockbox bank import today.bai2
    """
    with opened() as installation, installation.db.write() as session:
        done = bank_files.import_file(
            session,
            installation.store,
            path.read_bytes(),
            path.name,
            actor(session, username),
            bank_account_id=bank_account(session, code).id if code else None,
        )
        document = {
            "new": done.new,
            "known": done.known,
            "settled": done.settled,
            "unmatched": done.unmatched,
        }
    emit(document) if as_json else click.echo(
        f"{document['new']} new lines, {document['known']} known, {document['settled']} settled, "
        f"{document['unmatched']} to be matched by a person"
    )
