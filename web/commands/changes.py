"""Commands on account changes: files for a PMS, its answers, and what is sent to it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from records.models import Office
from records.workflow import ACCOUNT_CHANGE
from returned_mail import outbox_csv, outbox_files, outbox_lists, outbox_sending
from web.commands.output import (
    clerk,
    emit,
    json_option,
    office,
    offices_of,
    opened,
    own_office,
    table,
    user_option,
)

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_out = click.Path(dir_okay=False, path_type=Path)
_office = click.option("--office", "code", required=True)


@click.group()
def changes() -> None:
    """Addresses and notes for the practice-management system.

    Example: lockbox changes export --office NORTH --out north.csv
    """


@changes.command("list")
@click.option("--office", "code", default=None, help="Default: all offices.")
@click.option("--state", type=click.Choice(sorted(ACCOUNT_CHANGE.states)), default=None)
@json_option
@user_option
def changes_list(code: str | None, state: str | None, as_json: bool, username: str | None) -> None:
    """What waits, what was refused and why, and what to do. Example: lockbox changes list --json"""
    states = outbox_lists.OPEN if state is None else (state,)
    with opened() as installation, installation.db.read() as session:
        found = outbox_lists.rows(session, _seen(session, username, code), states)
    if as_json:
        emit({"changes": [each.to_json() for each in found]})
        return
    table(
        ("change", "office", "account", "says", "state", "hours", "reason"),
        [
            (x.ref, x.office_code, x.account_number, x.title, x.state, x.hours, x.reason)
            for x in found
        ],
    )


@changes.command("export")
@_office
@click.option("--out", required=True, type=_out)
@json_option
@user_option
def changes_export(code: str, out: Path, as_json: bool, username: str | None) -> None:
    """Write what waits for an office. Example: lockbox changes export --office NORTH --out n.csv"""
    with opened() as installation:
        with installation.db.write() as session:
            who = clerk(session, username)
            where = own_office(session, username, office(session, code))
            made = outbox_files.export(session, installation.store, where.id, who)
            said = {"ref": made.ref, "count": made.count, "file": str(out)}
            data = installation.store.get(made.file_sha256)
        out.write_bytes(data)
    emit(said) if as_json else click.echo(f"{said['ref']}: {said['count']} account changes")


@changes.command("resend")
@click.argument("ref", metavar="EXPORT")
@click.option("--out", required=True, type=_out)
@user_option
def changes_resend(ref: str, out: Path, username: str | None) -> None:
    """Write an export's file once more, byte for byte, under its own number.

    Example: lockbox changes resend CX-7K3-F9QX --out north.csv
    """
    with opened() as installation, installation.db.write() as session:
        who = clerk(session, username)
        own_office(session, username, outbox_files.find(session, ref).office)
        out.write_bytes(outbox_files.resend(session, installation.store, ref, who))


@changes.command("acknowledge")
@click.argument("ref", metavar="EXPORT")
@click.option("--file", "answer", type=_file, help="CSV: change,status,reference,error.")
@click.option("--all", "accept_all", is_flag=True, help="The PMS took every line.")
@user_option
def changes_acknowledge(
    ref: str, answer: Path | None, accept_all: bool, username: str | None
) -> None:
    """Say what the PMS took. Example: lockbox changes acknowledge CX-7K3-F9QX --all"""
    if accept_all == (answer is not None):
        raise click.UsageError("Give either --all or --file.")
    said = None if answer is None else outbox_csv.read_answers(answer.read_bytes())
    with opened() as installation, installation.db.write() as session:
        who = clerk(session, username)
        own_office(session, username, outbox_files.find(session, ref).office)
        outbox_files.acknowledge(session, ref, said, who)


@changes.command("send")
@_office
@json_option
@user_option
def changes_send(code: str, as_json: bool, username: str | None) -> int:
    """Look up what is unknown in the office's PMS, then send what waits, one by one.

    Exits with 1 when a change was refused or its outcome is unknown.

    Example: lockbox changes send --office NORTH --user bea
    """
    with opened() as installation:
        with installation.db.write() as session:
            who = clerk(session, username)
            office_id = own_office(session, username, office(session, code)).id
        with outbox_sending.sender(installation.db, office_id) as (sender, requests):
            done = outbox_sending.Run(installation.db, office_id, sender, requests, who).send()
    said = dataclasses.asdict(done)
    emit(said) if as_json else click.echo(
        f"{done.acknowledged} taken, {done.refused} refused, {done.sent} unknown, {done.again} "
        f"not taken and queued again, {done.left} left for the next run"
    )
    return 1 if done.refused or done.sent else 0


@changes.command("requeue")
@click.argument("ref", metavar="CHANGE")
@click.option("--by-hand", is_flag=True, help="It was entered in the PMS by hand: done.")
@user_option
def changes_requeue(ref: str, by_hand: bool, username: str | None) -> None:
    """Queue a refused change again. Example: lockbox changes requeue AC-7K3-F9QX"""
    with opened() as installation, installation.db.write() as session:
        who = clerk(session, username)
        own_office(session, username, outbox_lists.find(session, ref).office)
        act = outbox_files.entered_by_hand if by_hand else outbox_files.requeue
        act(session, ref, who)


def _seen(session: Session, username: str | None, code: str | None) -> set[str] | None:
    """The ids of the offices to be listed; None for all."""
    if code is not None:
        return {own_office(session, username, office(session, code)).id}
    codes = offices_of(session, username)
    if codes is None:
        return None
    return set(session.scalars(select(Office.id).where(Office.code.in_(codes))))
