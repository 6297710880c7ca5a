"""Commands on matching: its index, and those that other files have."""

from __future__ import annotations

import time

import click

from matching import reindex
from web.commands import match_duplicates, match_explained, match_models
from web.commands.output import emit, json_option, opened


@click.group()
def matching() -> None:
    """Matching. Example: lockbox matching reindex"""


for _command in (
    *match_models.COMMANDS,
    *match_explained.COMMANDS,
    *match_duplicates.COMMANDS,
):
    matching.add_command(_command)


@matching.command("reindex")
@json_option
def matching_reindex(as_json: bool) -> None:
    """Make the index of accounts anew while work goes on. Example: lockbox matching reindex

    It may be stopped and begun again; `stale` counts the homes that were not up to date.
    """
    begun = time.monotonic()
    with opened() as installation:
        report = reindex.reindex(installation.db)
    seconds = round(time.monotonic() - begun, 1)
    if as_json:
        emit({**report.to_json(), "seconds": seconds})
        return
    click.echo(f"{report.accounts} accounts in {report.homes} homes, {report.stale} of them were "
               f"not up to date; {seconds} s", err=True)  # fmt: skip
