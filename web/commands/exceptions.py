"""Commands on filling deposits within their limits, and on checks that cannot be deposited."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import exceptions, filling
from matching import coming_back, side_by_side, telling_apart
from records import audit, clock
from records.errors import NotFound, WrongUse
from records.models import Office, Payment
from web.commands.output import (
    bank_account,
    day_of,
    dollars,
    emit,
    json_option,
    offices_of,
    opened,
    person,
    table,
    user_option,
)
from web.commands.paper import deposit

__all__ = ["deposit"]

_BILLING = ("billing", "admin")
_WORKERS = ("specialist", *_BILLING)


@deposit.command("fill")
@click.option("--bank-account", "code", required=True)
@click.option("--date", "on", metavar="YYYY-MM-DD", help="Business date (default: today's).")
@json_option
@user_option
def deposit_fill(code: str, on: str | None, as_json: bool, username: str | None) -> None:
    """Open as many deposits as the limits ask for, with what waits, the oldest first.

    Example: lockbox deposit fill --bank-account OPER --user bill
    """
    with opened() as installation, installation.db.write() as session:
        bank = bank_account(session, code)
        day = day_of(on, lambda: clock.business_date(clock.now(), bank.zone, bank.cut_off))
        made = filling.fill(session, bank.id, day, person(session, username, _BILLING))
        for each in made.deposits:
            session.expire(each, ["items"])
        refs = [each.ref for each in made.deposits]
        document = {
            "business_on": day,
            "deposits": [
                {"ref": each.ref, "count": len(each.items),
                 "total_cents": sum(item.amount_cents for item in each.items)}
                for each in made.deposits
            ],
            "left_out": [{"payment": ref, "reason": why} for ref, why in made.left_out],
        }  # fmt: skip
    if as_json:
        emit(document)
        return
    for ref in refs:
        click.echo(ref)
    for payment, why in made.left_out:
        click.echo(f"left out: {payment} {why}", err=True)


@deposit.group("exceptions")
def waiting() -> None:
    """Checks that cannot be deposited. Example: lockbox deposit exceptions list"""


@waiting.command("list")
@click.option("--reason", help="One reason only, as unsigned.")
@json_option
@user_option
def exceptions_list(reason: str | None, as_json: bool, username: str | None) -> None:
    """Every check that waits for a typed reason, the oldest first.

    Example: lockbox deposit exceptions list --reason postdated --json
    """
    with opened() as installation, installation.db.read() as session:
        found = exceptions.queue(session, _offices(session, username))
    rows = [row for row in found if reason in (None, row.reason)]
    if as_json:
        counted = exceptions.counts(rows)
        emit({
            "exceptions": [row.to_json() for row in rows],
            "counts": {name: {"count": count, "amount_cents": cents}
                       for name, (count, cents) in counted.items()},
        })  # fmt: skip
        return
    table(
        ("payment", "reason", "days", "amount", "office", "decided by", "until", "next step"),
        [(row.ref, row.reason, row.age_days, dollars(row.amount_cents), row.office,
          row.decided_by.removeprefix("user:") or "asked in review", row.until_on,
          exceptions.next_step(row.reason).words) for row in rows],
    )  # fmt: skip


@waiting.command("back")
@click.argument("ref", metavar="PAYMENT")
@user_option
def exceptions_back(ref: str, username: str | None) -> None:
    """Put a check back for a second look.

    Example: lockbox deposit exceptions back PAY-2BC-D4F5 --user bill
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, _BILLING)
        item = exceptions.put_back(session, _payment(session, ref, username).id, who)
        click.echo(f"{ref}: its question is {item.ref}", err=True)


@waiting.command("hold")
@click.argument("ref", metavar="PAYMENT")
@click.option("--until", required=True, metavar="YYYY-MM-DD")
@user_option
def exceptions_hold(ref: str, until: str, username: str | None) -> None:
    """Keep a check until a day; on it, it comes back by itself.

    Example: lockbox deposit exceptions hold PAY-2BC-D4F5 --until 2026-12-01 --user bill
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, _BILLING)
        day = day_of(until, lambda: clock.now().date())
        exceptions.hold(session, _payment(session, ref, username).id, day, who)


@waiting.command("end")
@click.argument("ref", metavar="PAYMENT")
@click.option("--as", "step", required=True,
              type=click.Choice([each for each in exceptions.STEPS
                                 if each not in ("put_back", "hold")]))  # fmt: skip
@click.option("--how", required=True, help="By which mail, to whom, or with which number.")
@click.option("--on", "day", metavar="YYYY-MM-DD", help="When (default: today).")
@user_option
def exceptions_end(ref: str, step: str, how: str, day: str | None, username: str | None) -> None:
    """Say what became of a check for good.

    Example: lockbox deposit exceptions end PAY-2BC-D4F5 --as returned_to_sender
    --how "certified mail 7013 0600" --user bill
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, _BILLING)
        on = None if day is None else day_of(day, lambda: clock.now().date())
        exceptions.finish(session, _payment(session, ref, username).id, step, who, how, on)


@waiting.command("compare")
@click.argument("ref", metavar="PAYMENT")
@click.option("--say", type=click.Choice(["same", "another"]), help="One check, or two.")
@json_option
@user_option
def exceptions_compare(ref: str, say: str | None, as_json: bool, username: str | None) -> None:
    """What two scans share and where they differ; a second person says what they are.

    Example: lockbox deposit exceptions compare PAY-2BC-D4F5 --say same --user sofia
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, _WORKERS)
        payment = _payment(session, ref, username)
        other = side_by_side.pair(session, payment)
        if other is None:
            raise WrongUse("nothing_to_compare", f"{ref} was taken for no other scan.",
                           "See `lockbox deposit exceptions list`.")  # fmt: skip
        _payment(session, other.ref, username)
        rows = [row for row in side_by_side.compare(payment, other) if row.same is not None]
        if say == "same":
            telling_apart.same_check(session, payment.id, who)
        elif say == "another":
            telling_apart.another_check(session, payment.id, who)
        other_ref = other.ref
        for each in (payment, other):
            audit.record(session, actor=who, action="payment.viewed", subject_kind="payment",
                         subject_id=each.id)  # fmt: skip
        document = {
            "payment": ref, "with": other_ref, "said": say,
            "fields": [{"name": r.name, "one": r.one, "other": r.other, "same": r.same}
                       for r in rows],
        }  # fmt: skip
    if as_json:
        emit(document)
    else:
        told = [(row.label, row.one, row.other, "" if row.same else "differs") for row in rows]
        table(("", ref, other_ref, ""), told)


@waiting.command("due")
@json_option
def exceptions_due(as_json: bool) -> None:
    """Bring back what is held until today; a running service does so by itself.

    Example: lockbox deposit exceptions due
    """
    with opened() as installation, installation.db.write() as session:
        came = coming_back.come_back(session)
    emit({"came_back": came}) if as_json else click.echo(f"{len(came)} came back", err=True)


def _payment(session: Session, ref: str, username: str | None) -> Payment:
    """A payment of an office that the named user sees."""
    found = exceptions.found(session, ref)
    codes = offices_of(session, username)
    if codes is not None and found.office.code not in codes:
        raise NotFound("payment_unknown", f"There is no payment {ref}.", "Look at it again.")
    return found


def _offices(session: Session, username: str | None) -> list[str] | None:
    """The ids of the offices that the named user sees; None for all."""
    codes = offices_of(session, username)
    if codes is None:
        return None
    return list(session.scalars(select(Office.id).where(Office.code.in_(codes))))
