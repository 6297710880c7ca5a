"""Commands that bring mail in: the demo group with its bag, ingest, the watched folder."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from intake import uploads
from records import jobs
from records.errors import FindingError, LockboxError, NotFound, WrongUse
from records.installation import Installation
from records.models import Pickup
from records.settings import Settings
from web import outcome, watching, worker
from web.commands.output import (
    actor,
    dollars,
    emit,
    json_option,
    office,
    opened,
    progress,
    table,
    user_option,
)
from web.demo import load

_STALLED_SECONDS = 10.0
_file = click.Path(exists=True, path_type=Path)


@click.command()
@click.option("--seed", default=7, show_default=True)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the bag (default: demo/bag in the data folder).",
)
@click.option("--if-empty", is_flag=True, help="Do nothing when there is a group already.")
@click.option(
    "--checks", type=click.IntRange(1, 5000), help="Mail of so many checks for one deposit."
)
@json_option
def demo(
    seed: int, out: Path | None, if_empty: bool, checks: int | None, as_json: bool
) -> None:  # fmt: skip
    """Build a group with offices, accounts, statements and a bag of mail; print the logins.

    Example: lockbox demo && lockbox ingest data/demo/bag/* --office NORTH --wait
    """
    with opened() as installation, progress("Drawing checks", checks or 0) as told:
        made = load.build(
            installation, seed=seed, folder=out, if_empty=if_empty, checks=checks, told=told
        )
    if as_json:
        emit(made.to_json())
        return
    if made.built:
        click.echo(
            f"{made.offices} offices, {made.accounts} accounts, "
            f"{made.statements} statements. Bag of mail: {made.bag}"
        )
    if made.users:
        click.echo("Demo logins:")
        table(
            ("user", "password", "role", "name"),
            [(u.username, u.password, u.role, u.display_name) for u in made.users],
        )


@click.command()
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=_file)
@click.option("--office", "code", help="Office the mail is for (default: the batch ticket's).")
@click.option("--pickup", "pickup_ref", metavar="ID", help="Pickup the mail came with.")
@click.option("--wait", is_flag=True, help="Run the jobs and wait for the results.")
@json_option
@user_option
def ingest(
    paths: tuple[Path, ...],
    code: str | None,
    pickup_ref: str | None,
    wait: bool,
    as_json: bool,
    username: str | None,
) -> int:
    """Take files, or folders of them, in.

    A folder may hold a batch ticket, ticket.json, that names its office.
    Example: lockbox ingest bag/*.pdf --office NORTH --wait --json
    """
    started = time.monotonic()
    files = _files(paths)
    code = code or _ticket_office(paths)
    with opened() as installation:
        _ring_for(installation.settings)
        receipts, refused = _receive(installation, files, code, pickup_ref, username)
        document: dict[str, Any] = {
            "received": [each.to_json() for each in receipts],
            "rejected": refused,
        }
        if wait:
            _wait(installation)
            with installation.db.read() as session:
                document["files"] = outcome.of_files(
                    session, [each.source_file_id for each in receipts]
                )
        document["seconds"] = round(time.monotonic() - started, 3)
    if as_json:
        emit(document)
    else:
        _show(document)
    bad = refused or any(f["state"] == "quarantined" for f in document.get("files", ()))
    return FindingError.exit_status if bad else 0


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--office", "code", required=True)
@click.option("--once", is_flag=True, help="Take what is there, then stop.")
def watch(folder: Path, code: str, once: bool) -> None:
    """Take files a scanner drops into a folder. Example: lockbox watch /srv/scans --office NORTH"""
    with opened() as installation:
        _ring_for(installation.settings)
        with installation.db.read() as session:
            office_id = office(session, code).id
        while True:
            for receipt in watching.take(installation, folder, office_id):
                click.echo(f"{receipt.name}: {receipt.message}", err=True)
            if once:
                return
            time.sleep(installation.settings.poll_seconds)


def _files(paths: tuple[Path, ...]) -> list[Path]:
    """The files named, and those in the folders named; tickets and truths are no mail."""
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [
            each
            for each in inside
            if each.is_file() and not each.name.startswith(".") and each.suffix != ".json"
        ]
    if not found:
        raise WrongUse("no_files", "There is no file to take in.", "Name files or a folder.")
    return found


def _ticket_office(paths: tuple[Path, ...]) -> str:
    for path in paths:
        ticket = (path if path.is_dir() else path.parent) / load.TICKET
        if ticket.is_file():
            try:
                return str(json.loads(ticket.read_text())["office"])
            except (ValueError, KeyError, TypeError) as error:
                raise WrongUse(
                    "wrong_ticket", f"{ticket} names no office.", "Use --office."
                ) from error
    raise WrongUse("no_office", "It is not said which office the mail is for.", "Use --office.")


def _receive(
    installation: Installation,
    paths: list[Path],
    code: str,
    pickup_ref: str | None,
    username: str | None,
) -> tuple[list[uploads.Receipt], list[dict[str, str]]]:
    receipts: list[uploads.Receipt] = []
    refused: list[dict[str, str]] = []
    for path in paths:
        try:
            kept = uploads.keep(
                installation.store,
                path.read_bytes(),
                path.name,
                limit_bytes=installation.settings.max_upload_bytes,
            )
            with installation.db.write() as session:
                pickup_id = _pickup_id(session, pickup_ref)
                receipts.append(
                    uploads.receive(
                        session,
                        kept,
                        office_id=office(session, code).id,
                        actor=actor(session, username),
                        channel="cli",
                        pickup_id=pickup_id,
                    )
                )
        except NotFound:
            raise
        except LockboxError as error:
            refused.append(
                {
                    "source": path.name,
                    "code": error.code,
                    "message": f"{error.message} {error.remedy}".strip(),
                }
            )
    return receipts, refused


def _pickup_id(session: Session, ref: str | None) -> str | None:
    if ref is None:
        return None
    found = session.scalar(select(Pickup.id).where(Pickup.ref == ref))
    if found is None:
        raise NotFound("unknown_pickup", f"There is no pickup {ref}.", "Start it first.")
    return found


def _wait(installation: Installation) -> None:
    """Wait until no job is left; without workers elsewhere the jobs run here."""
    settings = installation.settings
    if settings.redis_url is not None and _others_work(installation):
        return
    if "log_level" not in settings.model_fields_set:
        # A line for each job is for services; here the result is what is asked for.
        settings = settings.model_copy(update={"log_level": "WARNING"})
    shown = 0
    with progress("Reading", 100) as step:

        def tell(counts: jobs.Counts) -> None:
            nonlocal shown
            share = counts.done / max(counts.done + counts.pending, 1)
            step(round(100 * share) - shown)
            shown = round(100 * share)

        worker.run_until_idle(settings, installation.db, on_progress=tell)


def _ring_for(settings: Settings) -> None:
    """Each job that is added rings through Redis from now on, where there is one."""
    if settings.redis_url is not None:
        from web import doorbell  # noqa: PLC0415 - half a second that others need not wait

        doorbell.install(settings)


def _others_work(installation: Installation) -> bool:
    """Wait for workers elsewhere; False when for a while none of them took a job."""
    last_pending, since = -1, time.monotonic()
    while True:
        with installation.db.read() as session:
            counts = jobs.counts(session)
        if counts.pending == 0:
            return True
        if counts.pending != last_pending or counts.running:
            last_pending, since = counts.pending, time.monotonic()
        elif time.monotonic() - since > _STALLED_SECONDS:
            return False
        time.sleep(0.2)


def _show(document: dict[str, Any]) -> None:
    for each in document["received"]:
        click.echo(f"{each['name']}: {each['message']}")
    for each in document["rejected"]:
        click.echo(f"{each['source']}: {each['message']} [{each['code']}]", err=True)
    for file in document.get("files", ()):
        if file["state"] == "quarantined":
            click.echo(f"{file['name']}: {file['error_message']} [{file['error_code']}]", err=True)
        table(
            ("document", "kind", "amount", "bank", "account"),
            [
                (
                    item["document"],
                    item["kind"],
                    dollars(item["amount_cents"]),
                    item["deposit_state"],
                    item["match_state"],
                )
                for item in file["items"]
            ],
        )
