"""Commands on matching: the index by which accounts are found, and how often it proved right."""

from __future__ import annotations

import time

import click
from sqlalchemy import select

from matching import reindex, strata
from records.models import Office
from records.settings import load_settings
from web.commands.output import emit, json_option, opened, table


@click.group()
def matching() -> None:
    """Matching. Example: lockbox matching reindex"""


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


@matching.command("strata")
@json_option
def matching_strata(as_json: bool) -> None:
    """How often sure matches proved right, by office and kind. Example: lockbox matching strata

    One in a hundred sure matches goes to a person unmarked. `closed` kinds proved wrong too often
    and go to people until they prove right again; the command ends with 1 while there is one.
    """
    with opened() as installation, installation.db.read() as session:
        offices = session.execute(select(Office.id, Office.code).order_by(Office.code)).all()
        target = load_settings().match_target
        rows = [
            {
                "office": code, "stratum": each.stratum, "went": each.went, "sampled": each.seen,
                "wrong": each.wrong, "undone": each.undone, "at_most": round(each.at_most, 6),
                "closed": each.is_closed(target),
            }
            for ident, code in offices
            for each in strata.evidence(session, ident)
        ]  # fmt: skip
    if as_json:
        emit({"target": target, "strata": rows})
    else:
        table(
            ("office", "evidence", "went alone", "sampled", "wrong", "taken back", "at most", ""),
            [
                (
                    row["office"], row["stratum"], row["went"], row["sampled"], row["wrong"],
                    row["undone"], f"{row['at_most']:.2%}", "closed" if row["closed"] else "",
                )
                for row in rows
            ],
        )  # fmt: skip
    if any(row["closed"] for row in rows):
        raise SystemExit(1)
