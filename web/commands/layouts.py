"""Commands on the layouts of remittances that people taught: listed, exported, imported."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ocr import payer_layouts
from records import audit
from records.errors import WrongUse
from records.models import PayerLayout
from web.commands.output import actor, emit, json_option, opened, table, user_option, written_whole

MOST_BYTES = 50_000_000


@click.group()
def layouts() -> None:
    """Layouts of payers' remittances, as people taught them. Example: lockbox layouts list"""


@layouts.command("list")
@json_option
def layouts_list(as_json: bool) -> None:
    """The layouts in force. Example: lockbox layouts list --json"""
    with opened() as installation, installation.db.read() as session:
        rows = payer_layouts.rows(session)
        shown = [
            {**payer_layouts.as_json(row), "version": row.version, "made_by": row.made_by,
             "made_at": row.created_at}
            for row in rows
        ]  # fmt: skip
    if as_json:
        emit({"layouts": shown})
        return
    table(
        ("payer", "fingerprint", "version", "columns", "unknown", "made by"),
        [(row.payer, row.fingerprint[:24], row.version, len(row.columns), _unknown(row),
          row.made_by) for row in rows],
    )  # fmt: skip


@layouts.command("export")
@click.argument("path", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@json_option
def layouts_export(path: Path, as_json: bool) -> None:
    """Write the layouts in force to a file. Example: lockbox layouts export layouts.json

    It holds the words of tables' heads and payers' names, and nothing of a patient: another group
    may have it.
    """
    with opened() as installation, installation.db.read() as session:
        document = payer_layouts.exported(session)
    with written_whole(path) as out:
        out.write((json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode())
    count = len(document["layouts"])
    if as_json:
        emit({"file": str(path), "layouts": count})
    else:
        click.echo(f"{count} layouts written to {path}", err=True)


@layouts.command("import")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False,
                                                       path_type=Path))  # fmt: skip
@user_option
@json_option
def layouts_import(path: Path, username: str | None, as_json: bool) -> None:
    """Put the layouts of an export in force here. Example: lockbox layouts import layouts.json

    One that is known already with other roles gets a new version; equal ones stay as they are.
    """
    found = given(path)
    with opened() as installation, installation.db.write() as session:
        who = actor(session, username)
        before = {row.id for row in payer_layouts.rows(session)}
        known = {row.fingerprint for row in payer_layouts.rows(session)}
        kept = [payer_layouts.keep(session, each, who) for each in found]
        fresh = [row for row in kept if row.id not in before]
        told = {
            "added": sum(row.fingerprint not in known for row in fresh),
            "replaced": sum(row.fingerprint in known for row in fresh),
            "unchanged": len(kept) - len(fresh),
        }
        audit.record(session, actor=who, action="layouts.imported", subject_kind="group",
                     subject_id="layouts", detail=told)  # fmt: skip
    if as_json:
        emit(told)
    else:
        click.echo(", ".join(f"{count} {name}" for name, count in told.items()), err=True)


def given(path: Path) -> list[payer_layouts.Json]:
    """The layouts of an exported file; WrongUse ``wrong_layout`` when it is none."""
    if path.stat().st_size > MOST_BYTES:
        raise WrongUse("wrong_layout", "This file is too large for layouts.", "Export them anew.")
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise WrongUse(
            "wrong_layout", "This file is no JSON.", "Export the layouts anew."
        ) from error
    return payer_layouts.imported(document)


def _unknown(row: PayerLayout) -> int:
    return payer_layouts.roles(row.columns).count(None)
