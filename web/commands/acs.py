"""Commands on the Postal Service's electronic notices of returned and forwarded mail."""

from __future__ import annotations

from pathlib import Path

import click

from returned_mail import acs_importing
from web.commands.output import (
    actor,
    emit,
    json_option,
    office,
    opened,
    own_office,
    user_option,
)

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

    What a crash left undone is done when the same file is given again; nothing is taken twice.
    Exits with 1 when a record was refused, the file is not whole, or a part of it failed.

    Example: lockbox acs import acs.dat --office NORTH --json
    """
    with opened() as installation:
        prepared = acs_importing.prepare(installation.store, source.read_bytes())
        with installation.db.write() as session:
            where = own_office(session, username, office(session, code))
            given = acs_importing.give(
                session, prepared, source.name, where.id, actor(session, username)
            )
        if given.outcome in ("known", "elsewhere"):
            ref = given.file_ref or None
            if as_json:
                emit({"file": ref, "known": True, "taken": 0, "refused": []})
            else:
                click.echo("Taken before: nothing to do.")
            return 0
        acs_importing.run(installation.db, given.file_id)
        with installation.db.read() as session:
            (done,) = acs_importing.progress(session, None, file_ref=given.file_ref)
    if as_json:
        emit({**done.to_json(), "known": False})
    else:
        click.echo(f"{done.taken} notices taken.")
        _complain(done)
    return 1 if done.refused or done.incomplete or not done.done else 0


def _complain(done: acs_importing.Progress) -> None:
    for each in done.refused:
        click.echo(f"line {each.line}: {each.reason}", err=True)
    if done.incomplete:
        click.echo(f"The header announces {done.announced} records.", err=True)
    if not done.done:
        click.echo("A part of it failed: see `lockbox jobs`, or give it again.", err=True)
