"""Commands on verifiers of addresses: set up, shown, switched off, asked, and vendors' files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from records.errors import FindingError, UnreadableError
from records.models import AddressRequest
from returned_mail.verify import asking, csv_trip, sending, setting
from returned_mail.verify.types import KINDS, NETWORK
from web.commands.output import (
    clerk,
    emit,
    json_option,
    opened,
    person,
    table,
    user_option,
    written_whole,
)

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_out = click.Path(dir_okay=False, path_type=Path)
_kind = click.argument("kind", type=click.Choice(KINDS))


@click.group()
def verifier() -> None:
    """Verifiers of addresses; all are off until set up.

    Example: lockbox verifier show
    """


@verifier.command("set")
@_kind
@click.option("--url", default="", help="Default: the service's own address.")
@click.option("--per-hour", type=int, default=None, help="Questions an hour your contract allows.")
@click.option("--key", "first", envvar="LOCKBOX_VERIFIER_KEY", default=None,
              help="Consumer key or auth-id; asked for when not given.")  # fmt: skip
@click.option("--secret", "second", envvar="LOCKBOX_VERIFIER_SECRET", default=None,
              help="Consumer secret or auth-token; asked for when not given.")  # fmt: skip
@user_option
def verifier_set(
    kind: str,
    url: str,
    per_hour: int | None,
    first: str | None,
    second: str | None,
    username: str | None,
) -> None:
    """Set a verifier up and switch it on; its keys are kept sealed and never shown.

    USPS and Smarty get the address alone, a vendor's file (csv) the name as well.

    Example: lockbox verifier set usps --per-hour 60 --user root
    """
    names = setting.KEYS[kind]
    said = dict(zip(names, (first, second), strict=False))
    keys = {
        name: said[name] or click.prompt(name.replace("_", " "), hide_input=True)
        for name in names
    }  # fmt: skip
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, ("admin",))
        setting.set_up(session, kind, keys=keys, actor=who, url=url, per_hour=per_hour)


@verifier.command("show")
@json_option
def verifier_show(*, as_json: bool) -> None:
    """Which verifiers are on, what of the hour's questions is used, and what waits.

    Example: lockbox verifier show --json
    """
    with opened() as installation, installation.db.read() as session:
        shown = [_shown(session, kind) for kind in KINDS]
    if as_json:
        emit({"verifiers": shown})
        return
    table(
        ("verifier", "on", "address", "an hour", "used", "waiting", "paused until", "why"),
        [(each["kind"], "yes" if each["active"] else "no", each["url"], each["per_hour"],
          each["sent_last_hour"], each["waiting"], each["paused_until"] or "", each["problem"])
         for each in shown],
    )  # fmt: skip


@verifier.command("off")
@_kind
@user_option
def verifier_off(kind: str, username: str | None) -> None:
    """Ask nothing of a verifier any more; what waits for it is left to people.

    Example: lockbox verifier off usps --user root
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, ("admin",))
        setting.switch_off(session, kind, who)
        left = asking.fail_waiting(session, kind, who)
    click.echo(f"{left} questions are left to people")


@verifier.command("run")
@json_option
def verifier_run(*, as_json: bool) -> int:
    """Send what is due now, as the workers do by themselves. Exits with 1 when something failed.

    Example: lockbox verifier run --json
    """
    with opened() as installation:
        done = sending.run_due(installation.db)
    said = {"answered": done.answered, "waiting": done.waiting, "failed": done.failed}
    emit(said) if as_json else click.echo(
        f"{done.answered} answered, {done.waiting} to be asked again, {done.failed} failed"
    )
    return FindingError.exit_status if done.failed else 0


@verifier.command("export")
@click.option("--out", required=True, type=_out)
@click.option("--again", "batch", default=None, help="The number of a file to write once more.")
@user_option
def verifier_export(out: Path, batch: str | None, username: str | None) -> None:
    """Write what waits for a vendor (change of address, skip tracing) as a CSV file.

    Example: lockbox verifier export --out vendor.csv --user bea
    """
    with opened() as installation, installation.db.write() as session:
        who = clerk(session, username)
        if batch is None:
            batch, text = csv_trip.export(session, who)
        else:
            text = csv_trip.again(session, batch, who)
        with written_whole(out) as target:
            target.write(text.encode())
    click.echo(f"{batch}: {text.count(chr(10)) - 1} addresses")


@verifier.command("import")
@click.argument("path", metavar="FILE.csv", type=_file)
@json_option
@user_option
def verifier_import(path: Path, *, as_json: bool, username: str | None) -> int:
    """Bring a vendor's answers in; the same file again changes nothing. Exits with 1 when lines
    were refused.

    Example: lockbox verifier import answers.csv --user bea
    """
    with opened() as installation, installation.db.write() as session:
        back = csv_trip.bring_back(session, _text(path), clerk(session, username))
    if as_json:
        emit(back.to_json())
    else:
        click.echo(f"{back.taken} taken, {back.unchanged} unchanged, {len(back.refused)} refused")
        for line, message in back.refused:
            click.echo(f"line {line}: {message}", err=True)
    return FindingError.exit_status if back.refused else 0


def _shown(session: Session, kind: str) -> dict[str, Any]:
    made = setting.find(session, kind)
    waiting = session.scalar(
        select(func.count())
        .select_from(AddressRequest)
        .where(
            AddressRequest.verifier == kind,
            AddressRequest.state.in_(("asked", "unknown_outcome", "sending")),
        )
    )
    return {
        "kind": kind,
        "active": made is not None and made.active,
        "url": made.url if made else "",
        "per_hour": made.per_hour if made and kind in NETWORK else None,
        "sent_last_hour": sending.sent_last_hour(session, kind),
        "waiting": waiting or 0,
        "paused_until": made.paused_until if made else None,
        "problem": made.problem if made else "",
    }


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError("not_text", f"{path.name} is not text in UTF-8.",
                              "Save it as CSV (UTF-8).") from error  # fmt: skip
