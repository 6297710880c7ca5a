"""Commands on what people work through: the review queue and address tasks."""

from __future__ import annotations

import click
from sqlalchemy import select

from matching import review
from matching.review import AllocationInput
from records.errors import NotFound, WrongUse
from records.models import ReviewItem
from returned_mail import tasks
from web import split_view
from web.asked import WORKERS
from web.commands.output import (
    actor,
    cents,
    dollars,
    emit,
    json_option,
    opened,
    person,
    table,
    user_option,
)
from web.commands.return_report import task_report


@click.group()
def queue() -> None:
    """The review queue. Example: lockbox queue list --json"""


@queue.command("list")
@json_option
def queue_list(as_json: bool) -> None:
    """What waits for a person, the most valuable first. Example: lockbox queue list"""
    with opened() as installation, installation.db.read() as session:
        rows = [row.to_json() for row in review.queue(session, offices=None)]
    if as_json:
        emit({"items": rows})
    else:
        table(
            ("item", "office", "kind", "asks", "value", "held by"),
            [
                (
                    row["ref"],
                    row["office_code"],
                    row["kind"],
                    ", ".join(row["asks"]),
                    dollars(row["value_cents"]),
                    row["leased_by"],
                )
                for row in rows
            ],
        )


@queue.command("confirm")
@click.argument("ref", metavar="ITEM")
@click.option("--amount", metavar="DOLLARS", help="The check's amount, when it was asked for.")
@click.option(
    "--set",
    "keyed",
    multiple=True,
    metavar="FIELD=VALUE",
    help="A keyed value, e.g. routing_number=021000021.",
)
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="ACCOUNT[/STATEMENT]=DOLLARS",
    help="Where the money goes; `unidentified=DOLLARS` when nobody knows. "
    "Default: the first proposal, if its accounts are likely.",
)
@click.option("--no-deposit", is_flag=True, help="Match it, but keep it out of deposits for now.")
@user_option
def queue_confirm(
    ref: str,
    amount: str | None,
    keyed: tuple[str, ...],
    targets: tuple[str, ...],
    no_deposit: bool,
    username: str | None,
) -> None:
    """Confirm one item. Example: lockbox queue confirm REV-7K3-F9QX --amount 125.00"""
    with opened() as installation, installation.db.write() as session:
        who = actor(session, username) if username is None else person(session, username, WORKERS)
        item_id = session.scalar(select(ReviewItem.id).where(ReviewItem.ref == ref))
        if item_id is None:
            raise NotFound("unknown_item", f"There is no item {ref}.", "See `lockbox queue list`.")
        item = review.lease(session, item_id, who)
        if item.payment_id is None:
            review.finish_document(session, item.id, who, item.lease_token, "done")
            return
        allocations = [_allocation(text) for text in targets] or _first_proposal(
            review.evidence(
                session, item.id, amount_cents=None if amount is None else cents(amount)
            )
        )
        review.confirm(
            session,
            item.id,
            who,
            item.lease_token,
            amount_cents=None if amount is None else cents(amount),
            keyed=dict(_pair(text) for text in keyed),
            allocations=allocations,
            deposit=not no_deposit,
        )


@click.group()
def task() -> None:
    """Address tasks. Example: lockbox task list"""


task.add_command(task_report)


@task.command("list")
@click.option(
    "--state", type=click.Choice(["open", "in_progress", "resolved", "closed_unresolved", "all"])
)
@json_option
def task_list(state: str | None, as_json: bool) -> None:
    """Returned mail to be worked, the most urgent first; a guarded task tells no reason.

    Example: lockbox task list --json
    """
    with opened() as installation, installation.db.read() as session:
        rows = [
            {
                "ref": each.ref,
                "office_code": each.office.code,
                "reason": "guarded" if each.queue else each.reason,
                "state": each.state,
                "due_on": each.due_on,
                "pieces": each.pieces,
                "account_number": each.account.number if each.account else None,
                "resolution": None if each.queue else each.resolution or None,
            }
            for each in tasks.list_tasks(session, offices=None, state=state)
        ]
    if as_json:
        emit({"tasks": rows})
    else:
        table(
            ("task", "office", "reason", "account", "state", "due"),
            [
                (
                    row["ref"],
                    row["office_code"],
                    row["reason"],
                    row["account_number"],
                    row["state"],
                    row["due_on"],
                )
                for row in rows
            ],
        )


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise WrongUse("wrong_value", f"{text!r} is not NAME=VALUE.", "See --help.")
    return name, value


def _allocation(text: str) -> AllocationInput:
    target, amount = _pair(text)
    account, _, statement = target.partition("/")
    if account == "unidentified":
        return AllocationInput("unidentified", None, None, cents(amount))
    kind = "account" if statement else "unapplied"
    return AllocationInput(kind, account, statement or None, cents(amount))


def _first_proposal(found: review.Evidence) -> list[AllocationInput]:
    if not found.proposals:
        raise WrongUse("no_proposal", "There is no proposal to confirm.", "Use --to.")
    if any(not line["account"] for line in split_view.lines(found.verdict)):
        raise WrongUse(
            "account_missing",
            "No account is likely enough to be taken unasked.",
            "Say whose it is: --to ACCOUNT=DOLLARS, or --to unidentified=DOLLARS.",
        )
    return [
        AllocationInput(
            each["destination"],
            each["account_number"],
            each["statement_number"],
            each["amount_cents"],
        )
        for each in found.proposals[0]["allocations"]
    ]
