"""The command that looks for patients kept twice and households kept apart."""

from __future__ import annotations

import click

from matching import flagging, flags
from records import audit
from records.models.flags import KINDS
from web.commands.output import (
    actor,
    emit,
    json_option,
    offices_of,
    opened,
    table,
    user_option,
)


@click.command("duplicates")
@click.option("--kind", type=click.Choice(KINDS), help="Only patients, or only households.")
@click.option("--state", type=click.Choice(flags.STATES), default="open", show_default=True)
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--no-search", is_flag=True, help="Only list what is known already.")
@json_option
@user_option
def matching_duplicates(
    kind: str | None, state: str, limit: int, no_search: bool, as_json: bool, username: str | None
) -> None:
    """Patients kept twice, households kept apart. Example: lockbox matching duplicates --json

    Looks through the whole chart, and lists what looks alike, the surest first. Nothing is merged;
    billing answers on the page Duplicates, and the answers stand.
    """
    report = None
    with opened() as installation:
        if not no_search:
            with installation.db.write() as session:
                report = flagging.search(session, actor(session, username)).to_json()
        with installation.db.write() as session:
            found = flags.listed(session, offices=offices_of(session, username), kind=kind or "",
                                 state=state, limit=limit)  # fmt: skip
            audit.record(
                session, actor=actor(session, username), action="duplicates.viewed",
                subject_kind="account_flags", subject_id=f"{len(found.flags)} of {found.count}",
            )  # fmt: skip
            rows = [each.to_json() for each in found.flags]
    if as_json:
        emit({"report": report, "count": found.count, "flags": rows})
        return
    table(
        ("what", "one", "other", "patients", "why"),
        [
            (
                row["kind"], *(side["account_number"] for side in row["accounts"]),
                " / ".join(side["patient_name"] for side in row["accounts"]),
                ", ".join(reason["detail"] for reason in row["reasons"] if reason["weight"] > 0),
            )
            for row in rows
        ],
    )  # fmt: skip
    click.echo(f"{len(rows)} of {found.count}", err=True)


COMMANDS = (matching_duplicates,)
"""What ``lockbox matching`` takes from here."""
