"""Commands on postings: files for a PMS, its answers, what is sent to it, and what is late."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import pms, posting_connections, posting_late_rows, posting_sending
from deposits import posting as postings
from deposits.pms.columns import read_map
from deposits.posting_late import REASONS
from deposits.taking_back import take_back
from records import audit, clock
from records.errors import NotFound, WrongUse
from records.installation import Installation
from records.models import Deposit, Office, PostingExport
from web.commands.output import (
    clerk,
    dollars,
    emit,
    json_option,
    office,
    opened,
    own_office,
    person,
    table,
    user_option,
)
from web.commands.returned_items import find_payment

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_out = click.Path(dir_okay=False, path_type=Path)
_office = click.option("--office", "code", required=True)


@click.group()
def posting() -> None:
    """Postings for the practice-management system.

    Example: lockbox posting export --office NORTH --out north.csv
    """


@posting.command("export")
@_office
@click.option(
    "--format",
    "form",
    type=click.Choice([name for name in pms.FORMATS if name not in pms.SENT]),
    default=None,
    help="Default: the office's own.",
)
@click.option("--deposit", "deposit_ref", help="Only what was paid with this deposit's checks.")
@click.option("--out", required=True, type=_out)
@json_option
@user_option
def posting_export(
    code: str,
    form: str | None,
    deposit_ref: str | None,
    out: Path,
    as_json: bool,
    username: str | None,
) -> None:
    """Write what waits to be posted.

    Example: lockbox posting export --office NORTH --out north.csv
    """
    with opened() as installation:
        made = _export(installation, code, form, deposit_ref, out, username)
    emit(made) if as_json else click.echo(
        f"{made['ref']}: {made['count']} postings, {dollars(int(str(made['total_cents'])))}"
    )


@posting.command("resend")
@click.argument("ref", metavar="EXPORT")
@click.option("--out", required=True, type=_out)
@user_option
def posting_resend(ref: str, out: Path, username: str | None) -> None:
    """Write an export's file once more, byte for byte, under its own number.

    Example: lockbox posting resend PX-7K3-F9QX --out north.csv
    """
    with opened() as installation, installation.db.write() as session:
        made = _of_ref(session, ref, username)
        who = clerk(session, username)
        out.write_bytes(postings.resend(session, installation.store, made.id, who))


@posting.command("acknowledge")
@click.argument("ref", metavar="EXPORT")
@click.option("--file", "answer", type=_file, help="CSV: posting_ref,status,pms_reference,error.")
@click.option("--all", "accept_all", is_flag=True, help="The PMS took every line.")
@user_option
def posting_acknowledge(
    ref: str, answer: Path | None, accept_all: bool, username: str | None
) -> None:
    """Say what the PMS took. Example: lockbox posting acknowledge PX-7K3-F9QX --all"""
    if accept_all == (answer is not None):
        raise click.UsageError("Give either --all or --file.")
    with opened() as installation, installation.db.write() as session:
        export_id = _of_ref(session, ref, username).id
        who = clerk(session, username)
        if answer is not None:
            postings.acknowledge_file(session, export_id, answer.read_bytes(), who)
        else:
            postings.acknowledge(session, export_id, "all", {}, who)


@posting.command("take-back")
@click.argument("ref", metavar="PAYMENT")
@click.option("--why", required=True, help="Why the match is wrong.")
@user_option
def posting_take_back(ref: str, why: str, username: str | None) -> None:
    """Take a payment's match back; what has left is reversed in the office's system first.

    Example: lockbox posting take-back PAY-7K3-F9QX --why "the EOB of another check" --user bill
    """
    with opened() as installation, installation.db.write() as session:
        payment = find_payment(session, ref.upper())
        own_office(session, username, payment.office)
        undone = take_back(session, payment.id, clerk(session, username), why)
    click.echo(
        f"{ref}: its question is open again"
        if undone
        else f"{ref}: its reversal waits; export it, then say what the office's system took",
        err=True,
    )


@posting.command("send")
@_office
@json_option
@user_option
def posting_send(code: str, as_json: bool, username: str | None) -> int:
    """Look up what is unknown in the office's PMS, then send what waits, line by line.

    Exits with 1 when a line was refused or is unknown.

    Example: lockbox posting send --office NORTH --user bea
    """
    with opened() as installation:
        with installation.db.write() as session:
            office_id = own_office(session, username, office(session, code)).id
            who = clerk(session, username)
        with posting_connections.sender(installation.db, office_id) as (sender, requests):
            run = posting_sending.Run(
                installation.db, installation.store, office_id, sender, requests, who
            )
            done = run.send()
    said = {"posted": done.posted, "failed": done.failed, "unknown": done.unknown,
            "again": done.again, "left": done.left}  # fmt: skip
    emit(said) if as_json else click.echo(
        f"{done.posted} posted, {done.failed} refused, {done.unknown} unknown, {done.again} not "
        f"taken and queued again, {done.left} left for the next run"
    )
    return 1 if done.failed or done.unknown else 0


@posting.command("late")
@click.option("--office", "code", default=None, help="Default: all offices.")
@click.option("--hours", default=24, show_default=True, type=click.IntRange(0, 24 * 365))
@json_option
def posting_late(code: str | None, hours: int, as_json: bool) -> None:
    """What was not posted within 24 hours of its receipt, by office, and what it waits for.

    Example: lockbox posting late --json
    """
    with opened() as installation, installation.db.read() as session:
        chosen = None if code is None else [office(session, code).id]
        found = posting_late_rows.report(session, clock.now(), chosen, timedelta(hours=hours))
    document = found.to_json()
    if as_json:
        emit(document)
        return
    table(
        ("office", "waits for", "payments", "amount", "oldest, hours"),
        [
            (
                each["office"],
                REASONS[reason],
                sums["count"],
                dollars(sums["amount_cents"]),
                max(x["age_hours"] for x in each["lines"] if x["reason"] == reason),
            )
            for each in document["offices"]
            for reason, sums in each["reasons"].items()
        ],
    )


@posting.command("columns")
@_office
@click.option("--file", "source", type=_file, help="A JSON file with the map.")
@click.option("--usual", is_flag=True, help="Take the usual columns again.")
@user_option
def posting_columns(code: str, source: Path | None, usual: bool, username: str | None) -> None:
    """Save, or without options show, the columns that an office's PMS wants in its CSV.

    A map holds columns ({"title": "Acct", "field": "account_number"}, or "text" for the same in
    every row), delimiter, date_format, amounts (dollars, cents), reversals (negative, kind),
    values, and answer (columns, posted, failed, unknown: the PMS's own words).

    Example: lockbox posting columns --office NORTH --file north-columns.json
    """
    if usual and source is not None:
        raise click.UsageError("Give either --file or --usual.")
    with opened() as installation, installation.db.write() as session:
        where = own_office(session, username, office(session, code))
        if source is not None or usual:
            _save_columns(session, where, source, clerk(session, username))
        emit(where.settings.get("posting_columns"))


@posting.command("connect")
@_office
@click.option("--url", default="", help="Default: Open Dental's cloud address.")
@click.option("--pay-type", type=int, default=0, help="DefNum of category 10; 0: its default.")
@click.option("--claim-pay-type", type=int, default=0, help="DefNum of category 32; 0: default.")
@click.option("--clinic", type=int, default=0, help="ClinicNum; 0: the patient's.")
@click.option(
    "--developer-key", envvar="LOCKBOX_OPEN_DENTAL_DEVELOPER_KEY", prompt=True, hide_input=True
)
@click.option(
    "--customer-key", envvar="LOCKBOX_OPEN_DENTAL_CUSTOMER_KEY", prompt=True, hide_input=True
)
@user_option
def posting_connect(
    code: str,
    url: str,
    pay_type: int,
    claim_pay_type: int,
    clinic: int,
    developer_key: str,
    customer_key: str,
    username: str | None,
) -> None:
    """Let an office's postings go to Open Dental; the keys are asked for, and kept sealed.

    Example: lockbox posting connect --office NORTH --pay-type 69 --user root
    """
    options = {"pay_type": pay_type, "claim_pay_type": claim_pay_type, "clinic": clinic}
    with opened() as installation, installation.db.write() as session:
        posting_connections.set_up(
            session,
            own_office(session, username, office(session, code)).id,
            url=url,
            developer_key=developer_key,
            customer_key=customer_key,
            options={name: value for name, value in options.items() if value},
            actor=person(session, username, ("admin",)),
        )


@posting.command("disconnect")
@_office
@user_option
def posting_disconnect(code: str, username: str | None) -> None:
    """Send nothing to an office's PMS any more.

    Example: lockbox posting disconnect --office NORTH --user root
    """
    with opened() as installation, installation.db.write() as session:
        where = own_office(session, username, office(session, code))
        posting_connections.switch_off(session, where.id, person(session, username, ("admin",)))


def _save_columns(session: Session, where: Office, source: Path | None, who: str) -> None:
    settings = {name: held for name, held in where.settings.items() if name != "posting_columns"}
    if source is not None:
        settings["posting_columns"] = _read_json(source)
        read_map(settings["posting_columns"])  # what is not understood is not kept
    where.settings = settings
    audit.record(session, actor=who, action="office.columns_changed", subject_kind="office",
                 subject_id=where.id, detail={"code": where.code})  # fmt: skip


def _read_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise WrongUse("wrong_column_map", f"{path.name} is no JSON.",
                       "See `lockbox posting columns --help`.") from error  # fmt: skip


def _export(
    installation: Installation,
    code: str,
    form: str | None,
    deposit_ref: str | None,
    out: Path,
    username: str | None,
) -> dict[str, object]:
    with installation.db.write() as session:
        where = own_office(session, username, office(session, code))
        chosen = form or str(where.settings.get("posting_format") or "csv")
        if chosen in pms.SENT:
            raise WrongUse(
                "sent_line_by_line",
                "This office's postings are sent line by line.",
                f"Use `lockbox posting send --office {code}`, or name a --format.",
            )
        made = postings.export(
            session,
            installation.store,
            where.id,
            clerk(session, username),
            format=chosen,
            deposit_id=None if deposit_ref is None else _deposit_id(session, deposit_ref),
        )
        out.write_bytes(installation.store.get(made.file_sha256))
        return {
            "ref": made.ref,
            "count": made.count,
            "total_cents": made.total_cents,
            "file": str(out),
        }


def _of_ref(session: Session, ref: str, username: str | None) -> PostingExport:
    found = session.scalar(select(PostingExport).where(PostingExport.ref == ref))
    if found is None:
        raise NotFound("unknown_export", f"There is no export {ref}.", "Check the reference.")
    own_office(session, username, found.office)
    return found


def _deposit_id(session: Session, ref: str) -> str:
    found = session.scalar(select(Deposit.id).where(Deposit.ref == ref))
    if found is None:
        raise NotFound(
            "unknown_deposit", f"There is no deposit {ref}.", "See `lockbox deposit list`."
        )
    return found
