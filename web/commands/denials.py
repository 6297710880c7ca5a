"""Commands on what remittances leave to do: denials, and held parts of payments."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import denial_lists, placing
from matching import denials as work
from matching.types import AllocationInput
from records import audit
from records.errors import NotFound, WrongUse
from records.models import Office
from records.models.held_parts import HELD_REASONS
from records.money import Money
from web import forms
from web.commands import output
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

_WORKERS = ("specialist", "billing", "admin")


@click.group()
def denials() -> None:
    """What insurers did not pay. Example: lockbox denials list --json"""


@denials.command("list")
@click.option("--payer", default="", help="One payer only, by its name.")
@click.option("--reason", default="", help="One reason only, as CO-97 or 97.")
@click.option("--state", default="", help="One state, ended ones too; else what is to be worked.")
@click.option("--older", type=click.IntRange(0, 3650), default=0, help="Told so many days ago.")
@click.option("--sort", type=click.Choice(denial_lists.SORTS), default="at_stake")
@json_option
@user_option
def denials_list(
    payer: str, reason: str, state: str, older: int, sort: str, as_json: bool, username: str | None
) -> None:
    """The worklist, most at stake first. Example: lockbox denials list --reason CO-97"""
    with opened() as installation, installation.db.write() as session:
        _saw(session, username, "denials")
        rows = denial_lists.worklist(
            session,
            _ids(session, username),
            payer=payer,
            reason=reason,
            state=state,
            older_days=older,
            sort=sort,
        )
    if as_json:
        emit({
            "denials": [row.to_json() for row in rows],
            "at_stake_cents": sum(row.at_stake_cents for row in rows),
        })  # fmt: skip
        return
    table(
        ("denial", "reason", "at stake", "payer", "account", "due", "state"),
        [(row.ref, row.reason, dollars(row.at_stake_cents), row.payer_name, row.account_number,
          row.due_on.isoformat(), row.state) for row in rows],
    )  # fmt: skip


@denials.command("month")
@click.argument("month", metavar="YYYY-MM")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@json_option
@user_option
def denials_month(month: str, as_csv: bool, as_json: bool, username: str | None) -> None:
    """A month by payer and reason. Example: lockbox denials month 2026-11 --csv"""
    first = forms.first_of(month)
    with opened() as installation, installation.db.write() as session:
        _saw(session, username, "denials", "month_viewed")
        rows = denial_lists.month(session, first, _ids(session, username))
    if as_json:
        emit({"month": month, "rows": [row.to_json() for row in rows]})
    elif as_csv:
        click.echo(denial_lists.month_csv(rows), nl=False)
    else:
        table(
            ("payer", "reason", "denials", "at stake", "paid later"),
            [(row.payer_name, row.reason, str(row.count), dollars(row.at_stake_cents),
              dollars(row.recovered_cents)) for row in rows],
        )  # fmt: skip


@denials.command("move")
@click.argument("ref")
@click.argument("state")
@click.option("--note", default="", help="Words that are kept.")
@user_option
def denials_move(ref: str, state: str, note: str, username: str | None) -> None:
    """Move a denial on. Example: lockbox denials move DNL-... appealed --user sam"""
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, _WORKERS)
        row = work.denial(session, ref)
        seen = offices_of(session, username)
        if seen is not None and row.office.code not in seen:
            raise NotFound("unknown_denial", "There is no such denial.", "Check the reference.")
        work.step(session, row, state, who, note)
        click.echo(f"{row.ref} {row.state}")


@denials.command("term")
@click.argument("office")
@click.argument("days", type=click.IntRange(1, 3650))
@click.option("--payer", default="", help="For one payer only; else for all others.")
@user_option
def denials_term(office: str, days: int, payer: str, username: str | None) -> None:
    """Days to work a denial in. Example: lockbox denials term NORTH 180 --payer 'Delta Dental'"""
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, ("billing", "admin"))
        work.set_term(session, output.office(session, office), payer, days, who)
        click.echo(f"{office} {payer or 'every other payer'}: {days} days")


@click.group()
def held() -> None:
    """Parts of payments that wait for a place. Example: lockbox held list --json"""


@held.command("list")
@click.option("--reason", type=click.Choice(HELD_REASONS), default=None)
@json_option
@user_option
def held_list(reason: str | None, as_json: bool, username: str | None) -> None:
    """Everything held, the largest sums first. Example: lockbox held list --reason takeback"""
    with opened() as installation, installation.db.write() as session:
        _saw(session, username, "held")
        rows = placing.queue(session, _ids(session, username))
    chosen = [row for row in rows if reason in (None, row.reason)]
    if as_json:
        emit({"held": [row.to_json() for row in chosen],
              "amount_cents": sum(row.amount_cents for row in chosen)})  # fmt: skip
        return
    table(
        ("part", "payment", "amount", "why", "payer"),
        [(row.ref, row.payment, dollars(row.amount_cents), placing.WORDS[row.reason], row.payer)
         for row in chosen],
    )  # fmt: skip


@held.command("place")
@click.argument("ref")
@click.argument("parts", nargs=-1, required=True, metavar="ACCOUNT=AMOUNT...")
@click.option("--note", default="", help="Words that are kept.")
@user_option
def held_place(ref: str, parts: tuple[str, ...], note: str, username: str | None) -> None:
    """Say where a held part belongs. Example: lockbox held place HLD-1 1000000016=55.10 --user sam

    The amounts add up to what is held; -=AMOUNT stays unidentified, with no more to do: a note
    says what came of it.
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, _WORKERS)
        placing.place(session, ref, who, [_part(each) for each in parts],
                      offices=offices_of(session, username), note=note)  # fmt: skip
        click.echo(f"{ref} placed")


def _saw(session: Session, username: str | None, what: str, how: str = "listed") -> None:
    audit.record(session, actor=actor(session, username), action=f"{what}.{how}",
                 subject_kind="group", subject_id=what, detail={})  # fmt: skip


def _ids(session: Session, username: str | None) -> frozenset[str] | None:
    """The ids of the offices the named user sees; None for all."""
    codes = offices_of(session, username)
    if codes is None:
        return None
    return frozenset(session.scalars(select(Office.id).where(Office.code.in_(codes))))


def _part(text: str) -> AllocationInput:
    number, _, amount = text.rpartition("=")
    try:
        cents = Money.parse(amount).cents
    except ValueError as error:
        raise WrongUse("wrong_value", f"{text} is no part.", "Say ACCOUNT=12.50.") from error
    if number in ("", "-"):
        return AllocationInput("unidentified", None, None, cents)
    return AllocationInput("account", number, None, cents)
