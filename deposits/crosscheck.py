"""The journal against the rows: two independent records of the same money must agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deposits import payment_journal
from deposits.payment_journal import MOVED_BY_RETURNS
from deposits.payment_money import IN_PLAY, money_by_state
from deposits.standing import PaymentMoney, asset_account, owed
from deposits.states import AT_BANK, REJECTED_ENTRY
from records import journal
from records.models import (
    BankAccount,
    BankLine,
    Deposit,
    JournalEntry,
    Payment,
    ReturnedItem,
    Settlement,
)
from records.models.ledger import JournalSeal

_MERGED = " + ".join(MOVED_BY_RETURNS)


@dataclass(frozen=True, slots=True)
class JournalCheck:
    """One journal account: its balance, and what the rows say it should be.

    Assets are debit balances, the other side credit balances; both are shown above zero.
    """

    account: str
    journal_cents: int
    rows_cents: int

    @property
    def difference_cents(self) -> int:
        """Journal less rows; anything but zero is unexplained."""
        return self.journal_cents - self.rows_cents

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "account": self.account,
            "journal_cents": self.journal_cents,
            "rows_cents": self.rows_cents,
            "difference_cents": self.difference_cents,
        }


def check_journal(session: Session) -> tuple[JournalCheck, ...]:
    """Every account that the journal or the rows know, over all time."""
    payments = money_by_state(session)
    assets = _assets(session, payments)
    liabilities = _liabilities(payments)
    balances = journal.balances(session)
    returned = [money for money in payments if money.deposit_state == "returned"]
    if returned:
        # A decision about a returned check moves money between these only; their sum stays true.
        # All other checks' money is compared account by account.
        liabilities = _merged(liabilities, _liabilities(returned))
        gone = select(Payment.id).where(Payment.deposit_state == "returned")
        balances = _merged(balances, payment_journal.balances(session, gone))
    names = sorted(balances.keys() | assets.keys() | liabilities.keys())
    checks = []
    for name in names:
        held = balances.get(name, 0)
        if name in liabilities or _is_owed(name):
            checks.append(JournalCheck(name, -held, liabilities.get(name, 0)))
        else:
            checks.append(JournalCheck(name, held, assets.get(name, 0)))
    checks.append(JournalCheck("in_transit, by deposits", balances.get("in_transit", 0),
                               _awaited(session)))  # fmt: skip
    checks.append(_rejected(session))
    return tuple(check for check in checks if check.journal_cents or check.rows_cents)


def _awaited(session: Session) -> int:
    """What the banks are still to credit: deposits less what came of them, and electronic money."""
    deposits = session.scalar(
        select(func.sum(Deposit.declared_total_cents)).where(Deposit.state.in_(AT_BANK))
    )
    electronic = session.scalar(
        select(func.sum(Payment.amount_cents)).where(Payment.deposit_state == "electronic", IN_PLAY)
    )
    return int(deposits or 0) - _paid_in_parts(session) + int(electronic or 0)


def _rejected(session: Session) -> JournalCheck:
    """What was taken back of its way to the bank against the deposits that were rejected.

    Their two entries cancel out in every balance, so that a rejection, or its deposit, that is
    gone would be seen nowhere else.
    """
    taken_back = session.scalar(
        select(func.sum(JournalSeal.total_cents))
        .join(JournalEntry, JournalEntry.id == JournalSeal.entry_id)
        .where(JournalEntry.kind == REJECTED_ENTRY)
    )
    deposits = session.scalar(
        select(func.sum(Deposit.declared_total_cents)).where(Deposit.state == "rejected")
    )
    return JournalCheck("rejected, by deposits", int(taken_back or 0), int(deposits or 0))


def _is_owed(name: str) -> bool:
    return name in {*MOVED_BY_RETURNS, _MERGED, "posted", "set_aside"}


def _liabilities(payments: list[PaymentMoney]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for money in payments:
        total.update(owed(money))
    total.pop("unexplained", None)  # the deposited equation shows it already
    return dict(total)


def _merged(cents: Mapping[str, int], of_returned: Mapping[str, int]) -> dict[str, int]:
    """The balances with those of returned checks taken out of their accounts, and summed."""
    rest = dict(cents)
    for name in MOVED_BY_RETURNS:
        rest[name] = rest.get(name, 0) - of_returned.get(name, 0)
    rest[_MERGED] = sum(of_returned.get(name, 0) for name in MOVED_BY_RETURNS)
    return rest


def _assets(session: Session, payments: list[PaymentMoney]) -> dict[str, int]:
    """Balances by the states of payments; the banks' by what was settled and given back."""
    total: Counter[str] = Counter()
    for money in payments:
        account = asset_account(money)
        if account != "bank":
            total[account] += money.amount_cents
    total["in_transit"] -= _paid_in_parts(session)
    total.update(_bank_balances(session))
    return dict(total)


def _paid_in_parts(session: Session) -> int:
    """Cents that the bank has credited of deposits of which a rest is still in transit."""
    covered = func.sum(Settlement.amount_cents - Settlement.difference_cents)
    query = (
        select(covered)
        .join(Deposit, Deposit.id == Settlement.deposit_id)
        .where(Deposit.state != "credited")
    )
    return int(session.scalar(query) or 0)


def _bank_balances(session: Session) -> Counter[str]:
    total: Counter[str] = Counter()
    codes = {account.id: account.code for account in session.scalars(select(BankAccount))}
    credits_ = session.execute(
        select(BankLine.bank_account_id, Settlement.amount_cents, Settlement.difference_cents)
        .join(Settlement, Settlement.bank_line_id == BankLine.id)
        .where(Settlement.deposit_id.is_not(None) | Settlement.payment_id.is_not(None))
    )
    for account_id, cents, difference in credits_:
        total[f"bank:{codes[account_id]}"] += cents
        total["adjustments"] -= difference
    explained = session.execute(
        select(BankLine.bank_account_id, BankLine.direction, func.sum(BankLine.amount_cents))
        .where(BankLine.state == "explained")
        .group_by(BankLine.bank_account_id, BankLine.direction)
    )
    for account_id, direction, cents in explained:
        signed = int(cents) if direction == "credit" else -int(cents)
        total[f"bank:{codes[account_id]}"] += signed
        total["explained"] -= signed
    returns = session.execute(
        select(ReturnedItem, Settlement, Payment)
        .join(Payment, Payment.id == ReturnedItem.payment_id)
        .outerjoin(Settlement, Settlement.returned_item_id == ReturnedItem.id)
    )
    for item, settlement, payment in returns:
        difference = settlement.difference_cents if settlement is not None else 0
        code = codes[payment.office.bank_account_id]
        total[f"bank:{code}"] -= item.amount_cents + difference
        total["adjustments"] += difference
    return total
