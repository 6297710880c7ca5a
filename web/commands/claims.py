"""Commands on the claims a practice sent: import, and a file to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from matching import claim_importing, claim_rows
from records.errors import FindingError, UnreadableError
from web.commands.output import actor, emit, json_option, opened, user_option


@click.group()
def claims() -> None:
    """Claims sent to insurers. Example: lockbox claims import claims.csv --dry-run"""


@claims.command("template")
def claims_template() -> None:
    """A claims file to begin with. Example: lockbox claims template > claims.csv"""
    click.echo(claim_rows.TEMPLATE, nl=False)


@claims.command("import")
@click.argument(
    "path", metavar="FILE.csv", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@json_option
@user_option
def claims_import(path: Path, dry_run: bool, as_json: bool, username: str | None) -> int:
    """Bring the open claims in. Example: lockbox claims import claims.csv

    One row a service line. Needed: claim_number as it was sent (CLM01), account_number, service_on
    (YYYY-MM-DD), procedure, charge. The columns payer_claim_number, member_id, payer, modifiers
    (several parted by a colon), tooth, units and provider must be there and may be empty. The same
    file again changes nothing; a claim with a wrong row is left out whole.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            "not_text", f"{path.name} is not text in UTF-8.", "Save it as CSV (UTF-8)."
        ) from error
    with opened() as installation, installation.db.write() as session:
        report = claim_importing.import_claims(
            session, text, actor(session, username), dry_run=dry_run, file_name=path.name,
            told=lambda done, of: click.echo(f"{done} of {of} claims", err=True),
        )  # fmt: skip
    if as_json:
        emit(report.to_json())
    else:
        would = "would be " if dry_run else ""
        click.echo(
            f"{report.added} {would}added, {report.changed} {would}changed, "
            f"{report.unchanged} unchanged, {len(report.refused)} refused"
        )
        for line, column, code, message in report.refused:
            click.echo(f"line {line}: {column}: {message} [{code}]", err=True)
    return FindingError.exit_status if report.refused else 0
