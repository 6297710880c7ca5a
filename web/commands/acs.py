"""Commands on the Postal Service's electronic notices of returned and forwarded mail."""

from __future__ import annotations

from pathlib import Path

import click

from returned_mail import acs_importing
from web.commands.changes import own_office
from web.commands.output import actor, emit, json_option, office, opened, user_option

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def acs() -> None:
    """Address change notices of the Postal Service.

    Example: lockbox acs import acs.dat --office NORTH
    """


@acs.command("import")
@click.argument("source", metavar="FILE", type=_file)
@click.option("--office", "code", required=True)
@json_option
@user_option
def acs_import(source: Path, code: str, as_json: bool, username: str | None) -> int:
    """Take a file of ACS notices as returned mail; the worker then opens or joins the tasks.

    Exits with 1 when a record was refused or the file is not whole.

    Example: lockbox acs import acs.dat --office NORTH --json
    """
    with opened() as installation, installation.db.write() as session:
        where = own_office(session, username, office(session, code))
        done = acs_importing.import_file(
            session, installation.store, source.read_bytes(), source.name, where.id,
            actor(session, username),
        )  # fmt: skip
    if as_json:
        emit(done.to_json())
    else:
        click.echo("Taken before: nothing to do." if done.known else f"{done.taken} notices taken.")
        for each in done.refused:
            click.echo(f"line {each.line}: {each.reason}", err=True)
        if done.incomplete:
            click.echo(f"The header announces {done.announced} records.", err=True)
    return 1 if done.refused or done.incomplete else 0
