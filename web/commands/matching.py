"""Commands on matching: the index by which accounts are found, and how often it proved right."""

from __future__ import annotations

import time
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import decided, expecting, reindex, strata
from records import audit
from records.errors import NotFound
from records.models import Office, Payment, User
from records.settings import load_settings
from web.commands.output import actor, emit, json_option, opened, table, user_option


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


@matching.command("explain")
@click.argument("payment", metavar="PAYMENT")
@json_option
@user_option
def matching_explain(payment: str, as_json: bool, username: str | None) -> None:
    """Why a payment was matched as it was. Example: lockbox matching explain PAY-7K3-F9QX

    The reasons run from the odds before anything was read to the score; the look is recorded.
    """
    with opened() as installation, installation.db.write() as session:
        row = _payment(session, payment, username)
        told = decided.told(session, row, _offices(session, username))
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


@matching.command("why")
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
        found = expecting.why_not(session, row, account, _offices(session, username)).to_json()
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
    offices = _offices(session, username)
    if found is None or (offices is not None and found.office.code not in offices):
        raise NotFound("unknown_payment", f"There is no payment {ref}.", "Search for it first.")
    return found


def _offices(session: Session, username: str | None) -> frozenset[str] | None:
    """The codes of the offices the named user sees; None for all, and for who runs the shell."""
    user = session.scalars(select(User).where(User.username == (username or ""))).one_or_none()
    if user is None or user.all_offices:
        return None
    return frozenset(office.code for office in user.offices)


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
