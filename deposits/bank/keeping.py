"""Keeping the balances that a bank's file tells, each once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.bank.balances import balance_cents, moved_cents
from deposits.bank.types import StatementAccount
from records.models import BankAccount, BankBalance, BankFile


def keep_balances(
    session: Session, file: BankFile, ours: Sequence[tuple[int, BankAccount, StatementAccount]]
) -> None:
    """Keep the balances of a file's statements, each under its place in the file, once."""
    query = select(BankBalance.position).where(BankBalance.bank_file_id == file.id)
    known = set(session.scalars(query))
    for position, account, told in ours:
        opening, closing = balance_cents(told, "opening"), balance_cents(told, "closing")
        nothing = opening is None and closing is None
        if position in known or nothing or told.to_on is None:
            continue
        session.add(
            BankBalance(
                bank_file_id=file.id,
                bank_account_id=account.id,
                position=position,
                from_on=min(told.from_on or told.to_on, told.to_on),
                to_on=told.to_on,
                opening_cents=opening,
                closing_cents=closing,
                moved_cents=moved_cents(told),
                line_count=len(told.lines),
            )
        )
    session.flush()
