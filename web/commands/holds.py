"""Statements on hold and statements to be mailed again, for the statement run."""

from __future__ import annotations

from returned_mail import holds, remails
from web.commands.accounts import statements
from web.commands.output import emit, json_option, opened, table

__all__ = ["statement_holds", "statement_remails", "statements"]


@statements.command("holds")
@json_option
def statement_holds(as_json: bool) -> None:
    """Accounts to which no statement is mailed now. Example: lockbox statements holds --json"""
    with opened() as installation, installation.db.read() as session:
        rows = [each.to_json() for each in holds.held(session, None)]
    if as_json:
        emit({"holds": rows})
    else:
        table(
            ("account", "office", "task", "reason", "since", "until", "collections"),
            [tuple(row.values()) for row in rows],
        )


@statements.command("remails")
@json_option
def statement_remails(as_json: bool) -> None:
    """Statements to be mailed once more. Example: lockbox statements remails --json"""
    with opened() as installation, installation.db.read() as session:
        rows = [
            {
                "ref": row.ref,
                "account_number": row.account.number,
                "statement_number": row.statement.number,
                "office_code": row.office.code,
                "task": row.task.ref,
                "why": row.why,
                "due_on": row.due_on,
            }
            for row in remails.waiting(session, None)
        ]
    if as_json:
        emit({"remails": rows})
    else:
        table(
            ("remail", "account", "statement", "office", "task", "why", "due"),
            [tuple(row.values()) for row in rows],
        )
