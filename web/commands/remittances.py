"""Commands on remittances: what lacks its partner, what was joined, and what people say."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import remittance_joined, remittance_waiting, waiting_rows
from matching import remittance_people
from records import audit
from records.models import Office
from web.asked import WORKERS
from web.commands.output import (
    actor,
    dollars,
    emit,
    json_option,
    offices_of,
    opened,
    person,
    table,
    user_option,
)

_WHY = click.option("--why", default="", help="The reason, kept with it.")


@click.group()
def remittance() -> None:
    """EOBs and ERAs and the money they explain. Example: lockbox remittance waiting --json"""


@remittance.command("waiting")
@click.option("--kind", type=click.Choice(list(waiting_rows.KINDS)), help="One kind only.")
@json_option
@user_option
def waiting(kind: str | None, as_json: bool, username: str | None) -> None:
    """What lacks its partner, the oldest first. Example: lockbox remittance waiting --json"""
    with opened() as installation, installation.db.write() as session:
        _saw(session, username, "waiting_listed")
        found = remittance_waiting.queue(session, _offices(session, username))
    rows = [row for row in found if kind in (None, row.kind)]
    if as_json:
        counted = remittance_waiting.counts(rows)
        emit({
            "waiting": [row.to_json() for row in rows],
            "counts": {name: {"count": count, "amount_cents": cents}
                       for name, (count, cents) in counted.items()},
        })  # fmt: skip
        return
    table(
        ("kind", "ref", "days", "amount", "payer", "office", "may belong to", "next step"),
        [(row.kind, row.ref, row.age_days, dollars(row.amount_cents), row.payer, row.office,
          ", ".join(offer.ref for offer in row.offers),
          f"{row.says} {row.next_step}".strip())
         for row in rows],
    )  # fmt: skip


@remittance.command("list")
@click.option("--state", type=click.Choice(["waiting", "joined", "none_needed", "dismissed"]))
@json_option
@user_option
def listed(state: str | None, as_json: bool, username: str | None) -> None:
    """The latest remittances with their payments. Example: lockbox remittance list --json"""
    with opened() as installation, installation.db.write() as session:
        _saw(session, username, "listed")
        found = remittance_joined.listed(session, _offices(session, username), state or "")
    if as_json:
        emit({"remittances": [row.to_json() for row in found]})
        return
    table(
        ("remittance", "state", "amount", "payer", "number", "payment", "by", "rule"),
        [(row.ref, row.state, dollars(row.amount_cents), row.payer, row.number,
          ", ".join(row.payments) or row.copy_of, row.by.removeprefix("user:"), row.rule)
         for row in found],
    )  # fmt: skip


@remittance.command("join")
@click.argument("ref", metavar="REMITTANCE")
@click.argument("payments", metavar="PAYMENT...", nargs=-1, required=True)
@click.option(
    "--with",
    "also",
    metavar="REMITTANCE",
    multiple=True,
    help="Another that explains the payment with it, to the cent.",
)
@_WHY
@user_option
def join(
    ref: str, payments: tuple[str, ...], also: tuple[str, ...], why: str, username: str | None
) -> None:
    """Say that a remittance explains a payment, or several together to the cent.

    Example: lockbox remittance join REM-2BC-D4F5 PAY-7K3-F9QX --user bill
    """
    _take(ref, "join", username, why, " ".join(payments), " ".join(also))


@remittance.command("unjoin")
@click.argument("ref", metavar="REMITTANCE")
@_WHY
@user_option
def unjoin(ref: str, why: str, username: str | None) -> None:
    """Part a remittance from its payment; the program does not join these two again.

    Example: lockbox remittance unjoin REM-2BC-D4F5 --why "another check" --user bill
    """
    _take(ref, "part", username, why)


@remittance.command("dismiss")
@click.argument("ref", metavar="REMITTANCE|PAYMENT")
@click.option("--credit", is_flag=True, help="Of a payment: its bank credit, not its EOB.")
@_WHY
@user_option
def dismiss(ref: str, credit: bool, why: str, username: str | None) -> None:
    """Say that no partner comes for a remittance, or for a payment.

    Example: lockbox remittance dismiss REM-2BC-D4F5 --why "paid to the old office" --user bill
    """
    if ref.upper().startswith("REM-"):
        _take(ref, "dismiss", username, why)
        return
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, WORKERS)
        what = "credit" if credit else "remittance"
        scope = _offices(session, username)
        remittance_people.none_comes(session, ref.upper(), what, who, why, scope)
        click.echo(f"{ref}: its {what} is awaited no more", err=True)


@remittance.command("reopen")
@click.argument("ref", metavar="REMITTANCE|PAYMENT")
@click.option("--credit", is_flag=True, help="Of a payment: its bank credit, not its EOB.")
@_WHY
@user_option
def reopen(ref: str, credit: bool, why: str, username: str | None) -> None:
    """Let a dismissed remittance, or one taken for a copy, wait again; or a payment that nobody
    waited for any more.

    Example: lockbox remittance reopen PAY-7K3-F9QX --why "the EOB came" --user bill
    """
    if ref.upper().startswith("REM-"):
        _take(ref, "reopen", username, why)
        return
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, WORKERS)
        what = "credit" if credit else "remittance"
        scope = _offices(session, username)
        remittance_people.awaits_again(session, ref.upper(), what, who, scope, why)
        click.echo(f"{ref}: its {what} is awaited again", err=True)


@remittance.command("ask")
@click.argument("ref", metavar="REMITTANCE")
@user_option
def ask(ref: str, username: str | None) -> None:
    """Ask again what a document is that was said to be no remittance.

    Example: lockbox remittance ask REM-2BC-D4F5 --user bill
    """
    _take(ref, "ask", username, "")


@remittance.command("seen")
@click.argument("ref", metavar="REMITTANCE")
@_WHY
@user_option
def seen(ref: str, why: str, username: str | None) -> None:
    """Say what came of one that came, or was keyed otherwise, after the posting.

    Example: lockbox remittance seen REM-2BC-D4F5 --why "moved in Dentrix" --user bill
    """
    _take(ref, "seen", username, why)


def _take(
    ref: str, step: str, username: str | None, why: str, payment: str = "", also: str = ""
) -> None:
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, WORKERS)
        remittance_joined.take(
            session, ref.upper(), step, who, payment=payment.upper(), why=why, also=also,
            offices=_offices(session, username),
        )  # fmt: skip
        click.echo(f"{ref}: {remittance_joined.DONE[step]}", err=True)


def _saw(session: Session, username: str | None, how: str) -> None:
    audit.record(session, actor=actor(session, username), action=f"remittances.{how}",
                 subject_kind="group", subject_id="remittances", detail={})  # fmt: skip


def _offices(session: Session, username: str | None) -> list[str] | None:
    """Ids of the offices in the user's sight; None for all."""
    codes = offices_of(session, username)
    if codes is None:
        return None
    return list(session.scalars(select(Office.id).where(Office.code.in_(codes))))
