"""Commands on deposits that a bank refused, or that are taken back before they are sent."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import batch, refusing
from records.errors import WrongUse
from records.models import Deposit, Payment
from web.commands.exceptions import deposit
from web.commands.output import dollars, emit, json_option, opened, person, user_option

__all__ = ["deposit"]

_BILLING = ("billing", "admin")


@deposit.command("reject")
@click.argument("ref", metavar="DEPOSIT")
@click.option("--reason", required=True, help="Why, in the bank's own words.")
@click.option("--withdrawn", is_flag=True, help="It was never sent: it is taken back.")
@click.option("--rebatch", is_flag=True, help="Put its checks into a new deposit at once.")
@click.option("--leave-out", "left", multiple=True, metavar="PAYMENT", help="But this check.")
@json_option
@user_option
def deposit_reject(
    ref: str, reason: str, withdrawn: bool, rebatch: bool, left: tuple[str, ...],
    as_json: bool, username: str | None,
) -> None:  # fmt: skip
    """Enter that the bank refused a deposit: it stays under its number, its checks go again.

    Its checks wait for another deposit, its money is on hand. This cannot be undone.

    Example: lockbox deposit reject DEP-7K3-F9QX --reason "totals differ" --rebatch --user dana
    """
    if left and not rebatch:
        raise WrongUse("nothing_to_leave_out", "--leave-out goes with --rebatch.", "Say both.")
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, _BILLING)
        found = batch.find(session, ref)
        refusing.reject(session, found.id, reason, who, withdrawn=withdrawn)
        out = [_payment(session, each) for each in left]
        again = refusing.rebatch(session, found.id, who, out) if rebatch else None
        document = _told(found, again)
    if as_json:
        emit(document)
    else:
        click.echo(f"{document['ref']}: {document['count']} checks of "
                   f"{dollars(document['total_cents'])} wait again", err=True)  # fmt: skip
        if again is not None:
            click.echo(again.ref)


@deposit.command("rebatch")
@click.argument("ref", metavar="DEPOSIT")
@click.option("--leave-out", "left", multiple=True, metavar="PAYMENT", help="But this check.")
@json_option
@user_option
def deposit_rebatch(
    ref: str, left: tuple[str, ...], as_json: bool, username: str | None
) -> None:  # fmt: skip
    """Put the checks of a rejected deposit that wait into a new one.

    Example: lockbox deposit rebatch DEP-7K3-F9QX --user dana
    """
    with opened() as installation, installation.db.write() as session:
        who = person(session, username, _BILLING)
        found = batch.find(session, ref)
        out = [_payment(session, each) for each in left]
        again = refusing.rebatch(session, found.id, who, out)
        document = _told(found, again)
    emit(document) if as_json else click.echo(again.ref)


def _payment(session: Session, ref: str) -> str:
    """The check's id; one that is unknown is told as one that is not in the deposit."""
    return session.scalar(select(Payment.id).where(Payment.ref == ref)) or ref


def _told(found: Deposit, again: Deposit | None) -> dict[str, Any]:
    return {
        "ref": found.ref,
        "state": found.state,
        "rejection": found.rejection,
        "reason": found.rejection_reason,
        "rejected_by": found.rejected_by,
        "rejected_at": found.rejected_at,
        "count": found.declared_count,
        "total_cents": found.declared_total_cents,
        "rebatched_as": again.ref if again is not None else None,
    }
