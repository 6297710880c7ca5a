"""Returned items (money): a check the bank gave back is a new negative event, never an edit."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import posting_queue
from deposits.payment_money import payment_money
from deposits.standing import owed
from records import audit, ids, journal, workflow
from records.errors import Conflict, NotFound, WrongUse
from records.models import BankAccount, BankLine, Payment, Posting, ReturnedItem, Settlement
from records.money import Money

_OTHER_SIDE = ("unidentified", "unapplied", "allocated")


def record_returned_item(
    session: Session,
    payment_id: str,
    reason: str,
    returned_on: date,
    line_id: str | None,
    actor: str,
    adjustment_reason: str = "",
) -> ReturnedItem:
    """Enter that the bank returned a credited payment; its postings are reversed.

    ``line_id`` is the bank's debit when it is known already. Conflict ``payment_not_credited``,
    ``line_already_settled``; WrongUse ``adjustment_needed`` when the debit is not the check's
    amount and ``adjustment_reason`` does not say why.
    """
    line = _debit(session, line_id) if line_id else None  # lines are locked before payments
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        raise NotFound("payment_unknown", "There is no such payment.", "Reload the page.")
    if payment.deposit_state != "credited" or payment.amount_cents is None:
        raise Conflict(
            "payment_not_credited",
            f"Payment {payment.ref} is {payment.deposit_state.replace('_', ' ')}; only what the "
            "bank has credited can come back.",
            "Settle the deposit's bank credit first.",
        )
    # What stands on the other side has to be known before the state says "returned".
    unposted = _unposted(session, payment.id)
    workflow.move(payment, workflow.DEPOSIT_AXIS, "returned")
    item = ReturnedItem(
        ref=ids.new_ref("RI"),
        payment_id=payment.id,
        presentation=payment.presentation,
        amount_cents=payment.amount_cents,
        reason=reason[:60],
        returned_on=returned_on,
        actor=actor,
    )
    session.add(item)
    session.flush()
    bank = payment.office.bank_account
    _journal(session, item, bank, unposted)
    if line is not None:
        _settle(session, line, item, bank, actor, adjustment_reason)
    posting_queue.keep_in_step(session, payment.id, actor)
    audit.record(
        session, actor=actor, action="item_returned", subject_kind="payment",
        subject_id=payment.id, detail={"ref": item.ref, "amount_cents": item.amount_cents},
    )  # fmt: skip
    return item


def settle_return(
    session: Session,
    line_id: str,
    returned_item_id: str,
    actor: str,
    adjustment_reason: str = "",
) -> None:
    """Tie the bank's debit to a return that was entered before it, by notice."""
    line = _debit(session, line_id)
    item = session.get(ReturnedItem, returned_item_id, with_for_update=True)
    if item is None:
        raise NotFound("return_unknown", "There is no such returned item.", "Reload the page.")
    _settle(session, line, item, item.payment.office.bank_account, actor, adjustment_reason)


def represent(session: Session, payment_id: str, actor: str) -> None:
    """Let a returned check be deposited a second time; its parts are posted anew.

    Conflict ``payment_not_returned``, or ``reversal_pending`` while the PMS has not
    acknowledged the reversals of the first time.
    """
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None or payment.deposit_state != "returned" or payment.kind != "check":
        raise Conflict("payment_not_returned", "This is not a returned check.", "Reload the page.")
    standing = select(Posting.id).where(
        Posting.payment_id == payment_id, Posting.live, Posting.reverses_id.is_(None),
        Posting.state.in_(("exported", "unknown", "acknowledged")),
    )  # fmt: skip
    if session.scalars(standing).first() is not None:
        raise Conflict("reversal_pending", "The reversal of the first posting is not acknowledged.",
                       "Export the postings and enter the answer first.")  # fmt: skip
    payment.presentation += 1
    workflow.move(payment, workflow.DEPOSIT_AXIS, "depositable")
    session.flush()
    back = _unposted(session, payment_id)
    cents = sum(back.values())
    lines = [
        journal.debit("on_hand", cents), journal.credit("returned_items", cents),
        journal.debit("reversed", cents),
        *(journal.credit(account, part) for account, part in back.items()),
    ]  # fmt: skip
    journal.post(session, "presented_again", lines, subject_kind="payment", subject_id=payment_id)
    posting_queue.keep_in_step(session, payment_id, actor)
    audit.record(session, actor=actor, action="check_presented_again", subject_kind="payment",
                 subject_id=payment_id, detail={"presentation": payment.presentation})  # fmt: skip


def _unposted(session: Session, payment_id: str) -> dict[str, int]:
    """What of the payment stands on the other side and is not posted, by journal account."""
    session.flush()
    [money] = payment_money(session, Payment.id == payment_id)
    return {name: cents for name, cents in owed(money).items() if name in _OTHER_SIDE and cents}


def _debit(session: Session, line_id: str) -> BankLine:
    line = session.get(BankLine, line_id, with_for_update=True, populate_existing=True)
    if line is None:
        raise NotFound("bank_line_unknown", "There is no such bank line.", "Reload the page.")
    if line.state != "unmatched":
        raise Conflict("line_already_settled", "This bank line settles something already.",
                       "Reload the page.")  # fmt: skip
    if line.direction != "debit":
        raise WrongUse("line_is_credit", "A returned item is a debit; this line is a credit.")
    return line


def _journal(
    session: Session, item: ReturnedItem, bank: BankAccount, unposted: dict[str, int]
) -> None:
    cents = item.amount_cents
    lines = [journal.debit("returned_items", cents), journal.credit(f"bank:{bank.code}", cents)]
    for account, part in unposted.items():
        if part > 0:
            lines += [journal.debit(account, part), journal.credit("reversed", part)]
        else:
            lines += [journal.debit("reversed", -part), journal.credit(account, -part)]
    journal.post(session, "returned", lines, subject_kind="returned_item", subject_id=item.id)


def _settle(
    session: Session,
    line: BankLine,
    item: ReturnedItem,
    bank: BankAccount,
    actor: str,
    adjustment_reason: str,
) -> None:
    difference = line.amount_cents - item.amount_cents
    if line.bank_account_id != bank.id:
        raise WrongUse("line_of_another_account", "This line is of another bank account.")
    if difference and not adjustment_reason.strip():
        raise WrongUse(
            "adjustment_needed",
            f"The bank took {Money(line.amount_cents)}, the check was {Money(item.amount_cents)}.",
            "Name the reason for the difference.",
        )
    session.add(
        Settlement(
            bank_line_id=line.id,
            returned_item_id=item.id,
            amount_cents=line.amount_cents,
            difference_cents=difference,
            adjustment_reason=adjustment_reason.strip()[:120] if difference else "",
            actor=actor,
        )
    )
    session.flush()  # the database lets a line be settled only by what is there
    workflow.move(line, workflow.BANK_LINE, "settled")
    if difference:
        # The bank may take more than the check (its fee in the same line) or less.
        more, less = "adjustments", f"bank:{bank.code}"
        if difference < 0:
            more, less = less, more
        cents = abs(difference)
        lines = [journal.debit(more, cents), journal.credit(less, cents)]
        journal.post(session, "return_adjusted", lines, subject_kind="returned_item",
                     subject_id=item.id)  # fmt: skip
    session.flush()
    audit.record(session, actor=actor, action="bank_line_settled", subject_kind="bank_line",
                 subject_id=line.id, detail={"returned_item": item.ref})  # fmt: skip
