"""Commands on what matching has proved, what people accept, and the models it decides by."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import models, proofs, refit, strata, watching
from matching.fingerprints import lock
from records.errors import NotFound
from records.models import Office
from web.commands.output import (
    actor,
    emit,
    json_option,
    office,
    offices_of,
    opened,
    person,
    table,
    user_option,
)


@click.command("strata")
@json_option
def matching_strata(as_json: bool) -> None:
    """What each kind of evidence proved, and what goes alone. Example: lockbox matching strata

    One in a hundred sure matches goes to a person unmarked. A kind goes alone from `from` on, where
    samples prove it or a person accepted a looser target; an alarmed one goes to people until it is
    proved anew. What rests on readings that suddenly fit worse goes to people until they are as
    before, or somebody looked: lockbox matching looked. The command ends with 1 while there is any
    alarm.
    """
    with opened() as installation, installation.db.read() as session:
        model = models.active(session)
        offices = session.execute(select(Office.id, Office.code).order_by(Office.code)).all()
        rows = [
            {"office": code, **_row(each)}
            for ident, code in offices
            for each in proofs.evidence(session, ident, model)
        ]
        read = [
            {"office": code, **_watched(each)}
            for ident, code in offices
            for each in watching.watched(session, ident)
        ]
    if as_json:
        emit({"model": model.version, "strata": rows, "readings": read})
    else:
        table(
            ("office", "evidence", "from", "went", "sampled", "wrong", "taken back", "at most",
             "allowed", "still to prove", "accepted by", ""),
            [
                (
                    row["office"], row["stratum"],
                    "a person" if row["from"] is None else f"{row['from']:.4f}",
                    row["went"], row["sampled"], row["wrong"], row["undone"],
                    f"{row['at_most']:.2%}", f"{row['target']:.2%}", row["needs"],
                    row["accepted_by"], "alarm" if row["alarmed"] or row["shifted"] else "",
                )
                for row in rows
            ],
        )  # fmt: skip
    for each in read:
        if each["alarmed"]:
            click.echo(f"{each['office']}: {each['words']}", err=True)
    if any(row["alarmed"] for row in (*rows, *read)):
        raise SystemExit(1)


def _row(each: proofs.StratumEvidence) -> dict[str, Any]:
    return {
        "stratum": each.stratum, "from": each.cut, "went": each.went, "sampled": each.seen,
        "wrong": each.wrong, "undone": each.undone, "at_most": round(each.at_most, 6),
        "target": each.target, "accepted_by": each.accepted_by, "alarmed": each.alarmed,
        "needs": each.needs, "shifted": each.shifted,
    }  # fmt: skip


def _watched(each: watching.Watched) -> dict[str, Any]:
    now, before = each.watch.now, each.watch.before
    return {
        "evidence": each.evidence, "read": now.read, "astray": now.astray,
        "read_before": before.read, "astray_before": before.astray,
        "watched": each.watch.is_watched, "alarmed": each.watch.alarm is not None,
        "words": each.words,
    }  # fmt: skip


@click.command("accept")
@click.argument("stratum", metavar="EVIDENCE")
@click.option("--office", "code", required=True, help="the office's code")
@click.option("--target", type=float, help="the share that may be wrong; left out: the group's")
@user_option
def matching_accept(stratum: str, code: str, target: float | None, username: str | None) -> None:
    """Accept a looser target by name.

    Example: lockbox matching accept name_address_amount --office NORTH --target 0.001 --user pat

    The kind then goes alone before it is proved, until its samples prove it worse than the target.
    """
    with opened() as installation, installation.db.write() as session:
        found = office(session, code)
        who = person(session, username, ("admin",))
        _in_sight(session, code, username)
        strata.accept(session, found.id, stratum, target, who)
    said = "the group's target" if target is None else f"{target:g} wrong"
    click.echo(f"{code}: {stratum} goes by {said}", err=True)


def _in_sight(session: Session, code: str, username: str | None) -> None:
    """NotFound for an office that is none of the person's."""
    seen = offices_of(session, username)
    if seen is not None and code not in seen:
        raise NotFound("unknown_office", f"There is no office {code}.", "Check its code.")


@click.command("looked")
@click.option("--office", "code", required=True, help="the office's code")
@user_option
def matching_looked(code: str, username: str | None) -> None:
    """Say that you looked into readings that fit worse than before.

    Example: lockbox matching looked --office NORTH --user ada

    Their alarms end, and what is read from now on is the new measure.
    """
    with opened() as installation, installation.db.write() as session:
        found = office(session, code)
        who = person(session, username, ("admin",))
        _in_sight(session, code, username)
        ended = watching.looked(session, found.id, who)
    click.echo(f"{code}: {', '.join(ended)} counted afresh", err=True)


@click.command("fit")
@click.option("--switch-on", is_flag=True, help="decide by the new model from now on")
@json_option
@user_option
def matching_fit(as_json: bool, switch_on: bool, username: str | None) -> None:
    """Learn from what people confirmed. Example: lockbox matching fit

    Fits to the older confirmations and reports old against new on the newest; the new model decides
    only once it is switched on: lockbox matching use VERSION --user pat
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, ("admin",)) if switch_on else actor(session, username)
        lock(session)  # one fit at a time: each takes the next version
        fitted = refit.refit(session, who)
        if switch_on:
            models.switch_on(session, fitted.version, who)
    if as_json:
        emit({"version": fitted.version, "on": switch_on, **fitted.figures})
        return
    _print_figures(fitted.figures)
    click.echo(f"kept as {fitted.version}{', and switched on' if switch_on else ''}", err=True)


def _print_figures(figures: dict[str, Any]) -> None:
    old, new = figures["old"], figures["new"]
    click.echo(f"{figures['confirmations']} confirmations: learnt from {figures['learnt_from']}, "
               f"held out {figures['held_out']}")  # fmt: skip
    rows: list[tuple[object, ...]] = [
        ("right first", old["right_first"], new["right_first"]),
        ("log loss", old["log_loss"], new["log_loss"]),
    ]
    rows += [
        (
            f"{kind} from {least}: sure/wrong of",
            _counts(old, kind, least),
            _counts(new, kind, least),
        )
        for kind in sorted({*old["by_stratum"], *new["by_stratum"]})
        for least in ("0.99", "0.999", "0.9999")
    ]
    table(("on the held out", old["version"], new["version"]), rows)


def _counts(side: dict[str, Any], kind: str, least: str) -> str:
    row = side["by_stratum"].get(kind, {}).get(least)
    return "" if row is None else f"{row['sure']}/{row['wrong']} {row['of']}"


@click.command("models")
@json_option
def matching_models(as_json: bool) -> None:
    """The fitted models and which is on. Example: lockbox matching models"""
    with opened() as installation, installation.db.read() as session:
        rows = refit.kept(session)
        on = models.active(session).version
    if as_json:
        emit({"on": on, "models": rows})
        return
    table(("model", "made", "by", ""), [
        (row["version"], row["made_at"][:19], row["made_by"], "on" if row["on"] else "")
        for row in rows
    ])  # fmt: skip
    click.echo(f"{on} decides", err=True)


@click.command("use")
@click.argument("version", metavar="MODEL")
@user_option
def matching_use(version: str, username: str | None) -> None:
    """Decide by this model from now on. Example: lockbox matching use fitted-1 --user pat"""
    with opened() as installation, installation.db.write() as session:
        models.switch_on(session, version, person(session, username, ("admin",)))
    click.echo(f"{version} decides from now on", err=True)


COMMANDS = (
    matching_strata, matching_accept, matching_looked, matching_fit, matching_models, matching_use,
)  # fmt: skip
