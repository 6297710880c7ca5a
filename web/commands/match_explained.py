"""Commands that explain a match: its reasons step by step, and why not another account."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import decided, expecting
from records import audit
from records.errors import NotFound
from records.models import Payment
from web.commands.output import (
    actor,
    emit,
    json_option,
    offices_of,
    opened,
    table,
    user_option,
)


@click.command("explain")
@click.argument("payment", metavar="PAYMENT")
@json_option
@user_option
def matching_explain(payment: str, as_json: bool, username: str | None) -> None:
    """Why a payment was matched as it was. Example: lockbox matching explain PAY-7K3-F9QX

    The reasons run from the odds before anything was read to the score; the look is recorded.
    """
    with opened() as installation, installation.db.write() as session:
        row = _payment(session, payment, username)
        told = decided.told(session, row, offices_of(session, username))
        _saw(session, username, "decisions.viewed", "payment", row.id, {})
    if as_json:
        emit(told)
        return
    for each in told["decisions"]:
        click.echo(f"{each['decided_at'][:19]}  {each['outcome']}  {each['actor']}  "
                   f"{each['model_version']}  {each['why']}".rstrip())  # fmt: skip
        _print_steps(each["reasons"])
        if each["judged"]:
            _print_steps(each["judged"])


@click.command("why")
@click.argument("payment", metavar="PAYMENT")
@click.argument("account", metavar="ACCOUNT")
@json_option
@user_option
def matching_why(payment: str, account: str, as_json: bool, username: str | None) -> None:
    """Why not this account? Example: lockbox matching why PAY-7K3-F9QX 1000000016

    Holds the account you expected against the best candidate, signal by signal, and says whether
    it was among the candidates at all. The look at the account is recorded.
    """
    with opened() as installation, installation.db.write() as session:
        row = _payment(session, payment, username)
        found = expecting.why_not(session, row, account, offices_of(session, username)).to_json()
        _saw(session, username, "account.compared", "account", account.strip()[-4:],
             {"payment": row.ref})  # fmt: skip
        ref = row.ref
    if as_json:
        emit({"payment": ref, **found})
        return
    click.echo(found["told"])
    best, expected = found["best"], found["expected"]
    table(
        ("seen", expected["account_number"], best["account_number"] if best else ""),
        [
            *((line["signal"], _side(line["expected"]), _side(line["best"]))
              for line in found["lines"]),
            ("together", expected["odds"], best["odds"] if best else ""),
            ("probability", f"{expected['probability']:.2%}",
             f"{best['probability']:.2%}" if best else ""),
        ],
    )  # fmt: skip


def _payment(session: Session, ref: str, username: str | None) -> Payment:
    """The payment by its reference; one of an office that the user does not see is not there."""
    found = session.scalars(select(Payment).where(Payment.ref == ref)).one_or_none()
    offices = offices_of(session, username)
    if found is None or (offices is not None and found.office.code not in offices):
        raise NotFound("unknown_payment", f"There is no payment {ref}.", "Search for it first.")
    return found


def _saw(
    session: Session, username: str | None, action: str, kind: str, ident: str,
    detail: dict[str, str],
) -> None:  # fmt: skip
    audit.record(session, actor=actor(session, username), action=action, subject_kind=kind,
                 subject_id=ident, detail=detail)  # fmt: skip


def _print_steps(fall: dict[str, Any]) -> None:
    table(
        ("seen", "what", "makes it", "odds then"),
        [
            (each["signal"], each["detail"] or each["level"], each["times"], each["odds"])
            for each in fall["steps"]
        ],
    )
    if not fall["adds_up"]:
        click.echo(f"The reasons reach {fall['total']:.2f}, the score kept is {fall['score']:.2f}.")


def _side(reason: dict[str, Any] | None) -> str:
    return "" if reason is None else f"{reason['detail'] or reason['level']} ({reason['times']})"


COMMANDS = (matching_explain, matching_why)
"""What ``lockbox matching`` takes from here."""
