"""Commands on patient accounts and statements: import, and where an account's money is."""

from __future__ import annotations

from pathlib import Path

import click

from matching import importing, search
from records.errors import FindingError, UnreadableError
from web.commands.output import actor, dollars, emit, json_option, opened, table, user_option

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would change.")


@click.group()
def accounts() -> None:
    """Patient accounts. Example: lockbox accounts import accounts.csv --dry-run"""


@accounts.command("import")
@click.argument("path", metavar="FILE.csv", type=_file)
@_dry_run
@json_option
@user_option
def accounts_import(path: Path, dry_run: bool, as_json: bool, username: str | None) -> int:
    """Bring accounts in. Example: lockbox accounts import accounts.csv

    Columns plan_cents and plan_due_on are optional: the instalment of a payment plan in cents, and
    when the next one is due. An empty plan_cents ends the plan.
    """
    with opened() as installation, installation.db.write() as session:
        report = importing.import_accounts(
            session, _text(path), actor(session, username), dry_run=dry_run
        )
    return _report(report, as_json, dry_run)


@click.group()
def statements() -> None:
    """Statements. Example: lockbox statements import statements.csv --dry-run"""


@statements.command("import")
@click.argument("path", metavar="FILE.csv", type=_file)
@_dry_run
@json_option
@user_option
def statements_import(path: Path, dry_run: bool, as_json: bool, username: str | None) -> int:
    """Bring statements in. Example: lockbox statements import statements.csv"""
    with opened() as installation, installation.db.write() as session:
        report = importing.import_statements(
            session, _text(path), actor(session, username), dry_run=dry_run
        )
    return _report(report, as_json, dry_run)


@click.group()
def account() -> None:
    """One account. Example: lockbox account status 1000000016"""


@account.command("status")
@click.argument("number")
@json_option
def account_status(number: str, as_json: bool) -> None:
    """Has it arrived, did it clear? Example: lockbox account status 1000000016 --json"""
    with opened() as installation, installation.db.read() as session:
        status = search.account_status(session, number).to_json()
    if as_json:
        emit(status)
        return
    click.echo(f"{status['account_number']}  {status['patient_name']}")
    table(
        ("payment", "received", "amount", "bank", "account"),
        [
            (
                each["ref"],
                each["received_on"],
                dollars(each["amount_cents"]),
                each["deposit_state"],
                each["posting_state"],
            )
            for each in status["payments"]
        ],
    )


def _report(report: importing.ImportReport, as_json: bool, dry_run: bool) -> int:
    if as_json:
        emit({**report.to_json(), "dry_run": dry_run})
    else:
        would = "would be " if dry_run else ""
        click.echo(
            f"{report.added} {would}added, {report.changed} {would}changed, "
            f"{report.unchanged} unchanged, {len(report.refused)} refused"
        )
        if report.proposed:
            click.echo(f"{report.proposed} addresses {would}proposed: verified ones are in force")
        for line, column, message in report.refused:
            click.echo(f"line {line}: {column}: {message}", err=True)
    return FindingError.exit_status if report.refused else 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            "not_text", f"{path.name} is not text in UTF-8.", "Save it as CSV (UTF-8)."
        ) from error
