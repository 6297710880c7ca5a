"""Commands on the installation: audit, backup, doctor, people."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from records import audit as chain
from records.errors import FindingError
from records.models import User
from records.models.group import ROLES
from records.settings import describe, load_settings
from web import backups, people
from web import doctor as machine
from web.commands.output import actor, emit, json_option, office, opened, table


@click.group()
def audit() -> None:
    """The audit chain. Example: lockbox audit verify"""


@audit.command("verify")
@json_option
def audit_verify(as_json: bool) -> int:
    """Check the chain from its first row to its last. Example: lockbox audit verify --json"""
    with opened() as installation, installation.db.read() as session:
        result = chain.verify(session)
    if as_json:
        emit({"ok": result.ok, "count": result.count, "first_bad_seq": result.first_bad_seq})
    elif result.ok:
        click.echo(f"{result.count} events, the chain holds")
    else:
        click.echo(
            f"The chain breaks at event {result.first_bad_seq}. Keep this database and its "
            "backups for whoever investigates. [audit_broken]",
            err=True,
        )
    return 0 if result.ok else FindingError.exit_status


@click.command()
@click.argument("target", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--without-keys", is_flag=True, help="Leave the master keys out; store them apart.")
def backup(target: Path, without_keys: bool) -> None:
    """Write database, files and keys into one archive. Example: lockbox backup lockbox.tar"""
    with opened() as installation:
        done = backups.backup(installation, target, with_keys=not without_keys)
    click.echo(f"{done.files} files, {done.rows} rows in {target}", err=True)


@click.command()
@click.argument(
    "source", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def restore(source: Path) -> None:
    """Restore an archive into an empty LOCKBOX_DATA_DIR. Example: lockbox restore lockbox.tar"""
    done = backups.restore(load_settings(), source)
    click.echo(f"{done.files} files, {done.rows} rows restored", err=True)


@click.command()
@json_option
def doctor(as_json: bool) -> int:
    """What is missing on this machine and how to get it. Example: lockbox doctor"""
    settings = load_settings()
    findings = machine.examine(settings)
    lines = describe(settings)
    if as_json:
        emit(
            {
                "checks": [each.to_json() for each in findings],
                "settings": [
                    {
                        "variable": each.variable,
                        "value": each.value,
                        "default": each.is_default,
                        "description": each.description,
                    }
                    for each in lines
                ],
            }
        )
    else:
        table(
            ("", "what", "found", "how to get it"),
            [
                (
                    "ok" if each.ok else ("MISSING" if each.needed else "absent"),
                    each.name,
                    each.found,
                    "" if each.ok else each.remedy,
                )
                for each in findings
            ],
        )
        click.echo()
        table(
            ("setting", "value", "meaning"),
            [(each.variable, each.value, each.description) for each in lines],
        )
    return FindingError.exit_status if any(not f.ok and f.needed for f in findings) else 0


@click.command()
def migrate() -> None:
    """Bring the database to this version's tables. Example: lockbox migrate"""
    with opened():
        click.echo("The database is up to date.", err=True)


@click.group()
def user() -> None:
    """People. Example: lockbox user add dana --role billing --name "Dana Lee" --all-offices"""


@user.command("add")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(ROLES))
@click.option("--name", "display_name", required=True)
@click.option("--office", "offices", multiple=True, metavar="CODE")
@click.option("--all-offices", is_flag=True)
@click.option("--password", help="Default: one is made and printed once.")
@click.option("--by", metavar="NAME", help="Act as this user.")
def user_add(
    username: str,
    role: str,
    display_name: str,
    offices: tuple[str, ...],
    all_offices: bool,
    password: str | None,
    by: str | None,
) -> None:
    """Add a person.

    Example: lockbox user add dana --role billing --name "Dana Lee" --all-offices
    """
    chosen = password or secrets.token_urlsafe(12)
    with opened() as installation, installation.db.write() as session:
        who = actor(session, by)
        people.add_user(
            session,
            username,
            role=role,
            display_name=display_name,
            password=chosen,
            office_ids=[office(session, code).id for code in offices],
            all_offices=all_offices,
            actor=who,
        )
    click.echo(f"{username}: {'password set' if password else f'password {chosen}'}")


@user.command("list")
@json_option
def user_list(as_json: bool) -> None:
    """Everybody who may log in. Example: lockbox user list"""
    with opened() as installation, installation.db.read() as session:
        rows: list[dict[str, Any]] = [
            {
                "username": each.username,
                "display_name": each.display_name,
                "role": each.role,
                "active": each.active,
                "all_offices": each.all_offices,
                "offices": sorted(o.code for o in each.offices),
            }
            for each in session.scalars(select(User).order_by(User.username))
        ]
    if as_json:
        emit({"users": rows})
    else:
        table(
            ("user", "name", "role", "offices", ""),
            [
                (
                    row["username"],
                    row["display_name"],
                    row["role"],
                    "all" if row["all_offices"] else ", ".join(row["offices"]),
                    "" if row["active"] else "inactive",
                )
                for row in rows
            ],
        )
