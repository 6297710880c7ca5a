"""The command that tells how much mail comes back."""

from __future__ import annotations

import click
from sqlalchemy import select

from records import audit
from records.models import Office
from returned_mail import report
from web.commands.output import actor, emit, json_option, offices_of, opened, table, user_option
from web.return_report import days_of


@click.command("report")
@click.option("--month", default="", metavar="YYYY-MM", help="Default: this month.")
@click.option("--from", "first", default="", metavar="DAY", help="Instead: from this day")
@click.option("--to", "last", default="", metavar="DAY", help="to this one.")
@json_option
@user_option
def task_report(month: str, first: str, last: str, as_json: bool, username: str | None) -> None:
    """Return rates by office, who entered the address, vendor and reason, and what is missing.

    Example: lockbox task report --month 2026-11 --json
    """
    begin, end = days_of(month, first, last)
    with opened() as installation, installation.db.write() as session:
        codes = offices_of(session, username)
        seen = None if codes is None else set(
            session.scalars(select(Office.id).where(Office.code.in_(codes)))
        )  # fmt: skip
        made = report.report(session, begin, end, seen)
        audit.record(session, actor=actor(session, username), action="return_report.viewed",
                     subject_kind="group", subject_id=f"{begin}..{end}")  # fmt: skip
    if as_json:
        emit(made.to_json())
        return
    table(
        ("by", "name", "came back", "mailed", "rate", "remark"),
        [
            (axis, row.name, row.returned, "" if row.mailed is None else row.mailed,
             "" if row.rate is None else f"{row.rate:.1%}", row.remark)
            for axis in report.AXES
            for row in made.axes[axis]
        ],
    )  # fmt: skip
    for each in made.repeats:
        click.echo(each)
