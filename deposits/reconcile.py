"""Reconciling: what the bank says against what was deposited; each line settles one thing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deposits.pairing import Expected, Movement, pair_deposits, pair_electronic, pair_returns
from deposits.returns import record_returned_item, represent, settle_return
from records import audit, journal, workflow
from records.errors import Conflict, NotFound, WrongUse
from records.models import (
    BankLine,
    Deposit,
    DepositItem,
    Office,
    Payment,
    ReturnedItem,
    Settlement,
)
from records.money import Money

__all__ = [
    "explain",
    "reconcile",
    "record_returned_item",
    "represent",
    "settle",
    "settle_electronic",
    "settle_return",
    "unexplain",
    "unmatched_count",
]

_AT_BANK = ("approved", "exported")
# What a bank calls the common reasons; anything else stays "unspecified" until the notice comes.
_REASONS = (
    (re.compile(r"\bNSF\b|INSUFF|NOT SUFF"), "not_sufficient_funds"),
    (re.compile(r"STOP"), "stop_payment"),
    (re.compile(r"CLOSED"), "account_closed"),
    (re.compile(r"UNCOLL"), "uncollected_funds"),
    (re.compile(r"REFER"), "refer_to_maker"),
    (re.compile(r"UNABLE|LOCATE|NO ACC"), "account_not_located"),
)


def reconcile(session: Session, actor: str, *, accounts: Collection[str] | None = None) -> int:
    """Settle every open bank line that fits one thing for certain; how many were settled.

    ``accounts`` limits it to lines of these bank accounts (ids; None: all), and a line only ever
    fits things of its own account.

    Returned items are entered after credits, since a check must have been credited to come back.
    """
    lines = _open_lines(session, accounts)
    credits_ = [m for m, direction in lines if direction == "credit"]
    debits = [m for m, direction in lines if direction == "debit"]
    settled = 0
    taken: set[str] = set()
    for pair in pair_deposits(credits_, _expected_deposits(session)):
        settle(session, pair.line_id, pair.expected_id, actor)
        taken.add(pair.line_id)
        settled += 1
    rest = [movement for movement in credits_ if movement.line_id not in taken]
    for pair in pair_electronic(rest, _expected_electronic(session)):
        settle_electronic(session, pair.line_id, pair.expected_id, actor)
        settled += 1
    return settled + _settle_returns(session, debits, actor)


def settle(
    session: Session, line_id: str, deposit_id: str, actor: str, adjustment_reason: str = ""
) -> None:
    """Tie a bank credit to a deposit: the deposit and its checks are credited.

    WrongUse ``adjustment_needed`` when the amounts differ and no reason is named, and
    ``line_of_another_account``; Conflict ``line_already_settled``, ``deposit_not_in_transit``.
    """
    line = _credit(session, line_id)
    deposit = session.get(Deposit, deposit_id, with_for_update=True, populate_existing=True)
    if deposit is None:
        raise NotFound("deposit_unknown", "There is no such deposit.", "Reload the page.")
    if deposit.state not in _AT_BANK:
        raise Conflict(
            "deposit_not_in_transit",
            f"Deposit {deposit.ref} is {deposit.state}; a credit settles an approved one.",
            "Approve the deposit first, or choose another.",
        )
    _require_same_account(line, deposit.bank_account_id)
    ours = deposit.declared_total_cents or 0
    difference = _difference(line, ours, adjustment_reason)
    _add_settlement(session, line, actor, difference, adjustment_reason, deposit_id=deposit.id)
    workflow.move(deposit, workflow.DEPOSIT, "credited")
    for payment in _checks(session, deposit.id):
        workflow.move(payment, workflow.DEPOSIT_AXIS, "credited")
    _journal_credit(session, line, ours, difference, "deposit", deposit.id)
    session.flush()
    _audit(session, actor, line, deposit.ref, difference)


def settle_electronic(
    session: Session, line_id: str, payment_id: str, actor: str, adjustment_reason: str = ""
) -> None:
    """Tie an electronic credit to the payment that an 835 announced; raises as ``settle`` does."""
    line = _credit(session, line_id)
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        raise NotFound("payment_unknown", "There is no such payment.", "Reload the page.")
    if payment.deposit_state != "electronic" or payment.amount_cents is None:
        raise Conflict("payment_not_awaited", f"Payment {payment.ref} awaits no electronic credit.",
                       "Choose another payment.")  # fmt: skip
    _require_same_account(line, payment.office.bank_account_id)
    difference = _difference(line, payment.amount_cents, adjustment_reason)
    _add_settlement(session, line, actor, difference, adjustment_reason, payment_id=payment.id)
    workflow.move(payment, workflow.DEPOSIT_AXIS, "credited")
    _journal_credit(session, line, payment.amount_cents, difference, "payment", payment.id)
    session.flush()
    _audit(session, actor, line, payment.ref, difference)


def explain(session: Session, line_id: str, explanation: str, actor: str) -> None:
    """Name why a line has nothing to do with deposits (a fee, a transfer); it is then explained."""
    text = explanation.strip()[:120]
    if not text:
        raise WrongUse("explanation_needed", "An explanation cannot be empty.", "Name the reason.")
    line = _locked(session, line_id)
    session.add(Settlement(bank_line_id=line.id, explanation=text, actor=actor))
    workflow.move(line, workflow.BANK_LINE, "explained")
    session.flush()
    audit.record(session, actor=actor, action="bank_line_explained", subject_kind="bank_line",
                 subject_id=line.id, detail={"amount_cents": line.amount_cents})  # fmt: skip


def unexplain(session: Session, line_id: str, actor: str) -> None:
    """Take an explanation back; the line is open again."""
    line = session.get(BankLine, line_id, with_for_update=True, populate_existing=True)
    if line is None or line.state != "explained":
        raise Conflict("line_not_explained", "This line has no explanation to take back.",
                       "Reload the page.")  # fmt: skip
    found = session.scalars(select(Settlement).where(Settlement.bank_line_id == line.id)).one()
    session.delete(found)
    session.flush()
    workflow.move(line, workflow.BANK_LINE, "unmatched")
    session.flush()
    audit.record(session, actor=actor, action="bank_line_unexplained", subject_kind="bank_line",
                 subject_id=line.id)  # fmt: skip


def unmatched_count(session: Session, bank_account_ids: Iterable[str] | None = None) -> int:
    """Open lines of these bank accounts (None: of all)."""
    query = select(func.count()).select_from(BankLine).where(BankLine.state == "unmatched")
    if bank_account_ids is not None:
        query = query.where(BankLine.bank_account_id.in_(list(bank_account_ids)))
    return int(session.scalar(query) or 0)


def _open_lines(session: Session, accounts: Collection[str] | None) -> list[tuple[Movement, str]]:
    query = (
        select(BankLine)
        .where(BankLine.state == "unmatched")
        .order_by(BankLine.value_on, BankLine.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if accounts is not None:
        query = query.where(BankLine.bank_account_id.in_(list(accounts)))
    return [(_movement(line), line.direction) for line in session.scalars(query)]


def _movement(line: BankLine) -> Movement:
    text = str((line.details or {}).get("text", ""))
    return Movement(
        line.id,
        line.bank_account_id,
        line.value_on,
        line.amount_cents,
        line.kind,
        f"{line.reference} {text}",
    )


def _expected_deposits(session: Session) -> list[Expected]:
    found = session.scalars(
        select(Deposit).where(Deposit.state.in_(_AT_BANK)).order_by(Deposit.business_on, Deposit.id)
    )
    return [
        Expected(d.id, d.bank_account_id, d.business_on, d.declared_total_cents or 0, (d.ref,))
        for d in found
    ]


def _expected_electronic(session: Session) -> list[Expected]:
    found = session.execute(
        select(Payment, Office.bank_account_id)
        .join(Office, Office.id == Payment.office_id)
        .where(
            Payment.kind == "eft", Payment.live, Payment.deposit_state == "electronic",
            Payment.amount_cents.is_not(None),
        )
        .order_by(Payment.received_on, Payment.id)
    )  # fmt: skip
    return [
        Expected(p.id, account, p.written_on or p.received_on, p.amount_cents or 0,
                 (p.check_number,) if p.check_number else ())
        for p, account in found
    ]  # fmt: skip


def _settle_returns(session: Session, debits: Sequence[Movement], actor: str) -> int:
    if not any(movement.kind == "returned_item" for movement in debits):
        return 0
    amounts = {movement.amount_cents for movement in debits if movement.kind == "returned_item"}
    days = {movement.line_id: movement for movement in debits}
    settled = 0
    for pair in pair_returns(debits, _expected_notices(session, amounts)):
        settle_return(session, pair.line_id, pair.expected_id, actor)
        settled += 1
        days.pop(pair.line_id)
    for pair in pair_returns(list(days.values()), _expected_returns(session, amounts)):
        movement = days[pair.line_id]
        record_returned_item(
            session, pair.expected_id, _reason(movement.words), movement.value_on,
            movement.line_id, actor,
        )  # fmt: skip
        settled += 1
    return settled


def _expected_returns(session: Session, amounts: Iterable[int]) -> list[Expected]:
    """Credited checks of these amounts; a check number is what a bank names them by."""
    found = session.execute(
        select(Payment, Deposit.bank_account_id, Deposit.business_on)
        .join(DepositItem, (DepositItem.payment_id == Payment.id)
              & (DepositItem.presentation == Payment.presentation))
        .join(Deposit, Deposit.id == DepositItem.deposit_id)
        .where(Payment.deposit_state == "credited", Payment.amount_cents.in_(list(amounts)))
        .order_by(Payment.id)
    )  # fmt: skip
    return [
        Expected(p.id, account, day, p.amount_cents or 0, (p.check_number,))
        for p, account, day in found
    ]


def _expected_notices(session: Session, amounts: Iterable[int]) -> list[Expected]:
    """Returns entered by notice that no debit settles yet."""
    settled = select(Settlement.returned_item_id).where(Settlement.returned_item_id.is_not(None))
    found = session.execute(
        select(ReturnedItem, Payment, Office.bank_account_id)
        .join(Payment, Payment.id == ReturnedItem.payment_id)
        .join(Office, Office.id == Payment.office_id)
        .where(ReturnedItem.id.not_in(settled), ReturnedItem.amount_cents.in_(list(amounts)))
    )
    return [
        Expected(item.id, account, date.min, item.amount_cents, (payment.check_number, item.ref))
        for item, payment, account in found
    ]


def _reason(words: str) -> str:
    upper = words.upper()
    return next((name for pattern, name in _REASONS if pattern.search(upper)), "unspecified")


def _locked(session: Session, line_id: str) -> BankLine:
    line = session.get(BankLine, line_id, with_for_update=True, populate_existing=True)
    if line is None:
        raise NotFound("bank_line_unknown", "There is no such bank line.", "Reload the page.")
    if line.state != "unmatched":
        raise Conflict("line_already_settled", "This bank line settles something already.",
                       "Reload the page.")  # fmt: skip
    return line


def _credit(session: Session, line_id: str) -> BankLine:
    line = _locked(session, line_id)
    if line.direction != "credit":
        raise WrongUse("line_is_debit", "A deposit is settled by a credit; this line is a debit.")
    return line


def _require_same_account(line: BankLine, bank_account_id: str) -> None:
    if line.bank_account_id != bank_account_id:
        raise WrongUse("line_of_another_account", "This line is of another bank account.",
                       "Choose a line of the account that the deposit went to.")  # fmt: skip


def _difference(line: BankLine, ours: int, reason: str) -> int:
    difference = line.amount_cents - ours
    if difference and not reason.strip():
        raise WrongUse(
            "adjustment_needed",
            f"The bank credited {Money(line.amount_cents)}, ours is {Money(ours)}.",
            "Name the reason for the difference.",
        )
    return difference


def _add_settlement(
    session: Session,
    line: BankLine,
    actor: str,
    difference: int,
    reason: str,
    *,
    deposit_id: str | None = None,
    payment_id: str | None = None,
) -> None:
    session.add(
        Settlement(
            bank_line_id=line.id,
            deposit_id=deposit_id,
            payment_id=payment_id,
            difference_cents=difference,
            adjustment_reason=reason.strip()[:120] if difference else "",
            actor=actor,
        )
    )
    workflow.move(line, workflow.BANK_LINE, "settled")
    session.flush()


def _journal_credit(
    session: Session, line: BankLine, ours: int, difference: int, kind: str, subject_id: str
) -> None:
    lines = []
    if line.amount_cents:
        lines.append(journal.debit(f"bank:{line.bank_account.code}", line.amount_cents))
    if ours:
        lines.append(journal.credit("in_transit", ours))
    if difference > 0:
        lines.append(journal.credit("adjustments", difference))
    elif difference < 0:
        lines.append(journal.debit("adjustments", -difference))
    journal.post(session, "credited", lines, subject_kind=kind, subject_id=subject_id)


def _checks(session: Session, deposit_id: str) -> Sequence[Payment]:
    return session.scalars(
        select(Payment)
        .join(DepositItem, DepositItem.payment_id == Payment.id)
        .where(DepositItem.deposit_id == deposit_id)
        .order_by(Payment.id)
        .with_for_update(of=Payment)
        .execution_options(populate_existing=True)
    ).all()


def _audit(session: Session, actor: str, line: BankLine, ref: str, difference: int) -> None:
    audit.record(
        session,
        actor=actor,
        action="bank_line_settled",
        subject_kind="bank_line",
        subject_id=line.id,
        detail={"settles": ref, "difference_cents": difference},
    )
