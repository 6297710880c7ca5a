"""Whether a bank's statement adds up by its own figures: opening, lines and closing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from deposits.bank.types import BankStatement, StatementAccount, StatementFinding


def checked(statement: BankStatement) -> BankStatement:
    """The statement with a finding for each account that does not add up."""
    found = tuple(
        finding
        for number, account in enumerate(statement.accounts, 1)
        for finding in _differences(number, account)
    )
    return replace(statement, findings=(*statement.findings, *found)) if found else statement


def moved_cents(account: StatementAccount) -> int:
    """Credits less debits of the account's lines, in cents."""
    return sum(
        line.amount_cents if line.direction == "credit" else -line.amount_cents
        for line in account.lines
    )


def balance_cents(account: StatementAccount, kind: str) -> int | None:
    """The ``opening`` or ``closing`` ledger balance in cents; None where the file tells none.

    Of several, as a statement of many pages has them, the first opening and the last closing.
    """
    found = [each.cents for each in account.balances if each.kind == kind]
    if not found:
        return None
    return found[0] if kind == "opening" else found[-1]


def amount(cents: int, currency: str) -> str:
    """An amount as a person reads it: dollars, or the figure with its currency; of any size, since
    a file may say anything."""
    whole, part = divmod(abs(cents), 100)
    sign = "-" if cents < 0 else ""
    dollars = currency in ("", "USD")
    return f"{sign}{'$' if dollars else ''}{whole:,}.{part:02d}{'' if dollars else f' {currency}'}"


def _differences(number: int, account: StatementAccount) -> Iterator[StatementFinding]:
    opening, closing = balance_cents(account, "opening"), balance_cents(account, "closing")
    if opening is None or closing is None:
        return
    lines = moved_cents(account)
    out = opening + lines - closing
    if not out:
        return
    told = account.told_cents
    why = (
        " Its totals do: it does not list all its lines."
        if told is not None and told != lines and opening + told == closing
        else ""
    )
    yield StatementFinding(
        "balance_differs",
        number,
        f"The bank's own file does not add up: out by {amount(abs(out), account.currency)} "
        f"(opening {amount(opening, account.currency)}, lines {amount(lines, account.currency)}, "
        f"closing {amount(closing, account.currency)}).{why}",
    )
