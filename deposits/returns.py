"""Returned items (money): a check the bank gave back is a new negative event, never an edit."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import payment_journal, posting_queue
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
        _settle(session, line, [item], actor, adjustment_reason)
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
    settle_returns(session, line_id, [returned_item_id], actor, adjustment_reason)


def settle_returns(
    session: Session,
    line_id: str,
    returned_item_ids: Sequence[str],
    actor: str,
    adjustment_reason: str = "",
) -> None:
    """Tie the bank's debit to all the returned items that it charges back, each wholly.

    NotFound ``return_unknown``; WrongUse ``nothing_chosen``, ``line_of_another_account``,
    ``adjustment_needed`` when their sum is not the debit and no reason is named,
    ``adjustment_too_large``; Conflict ``line_already_settled``, ``return_already_settled``.
    """
    if not returned_item_ids:
        raise WrongUse("nothing_chosen", "No returned check was chosen.", "Choose one or more.")
    line = _debit(session, line_id)
    items = []
    for each in sorted(set(returned_item_ids)):
        item = session.get(ReturnedItem, each, with_for_update=True)
        if item is None:
            raise NotFound("return_unknown", "There is no such returned item.", "Reload the page.")
        items.append(item)
    _settle(session, line, items, actor, adjustment_reason)


def charge_back(
    session: Session,
    line_id: str,
    payment_ids: Sequence[str],
    returned_item_ids: Sequence[str],
    reason: str,
    actor: str,
    adjustment_reason: str = "",
) -> list[ReturnedItem]:
    """Settle a debit with checks that it gives back and returns known by notice, together.

    The checks are entered as returned for ``reason`` on the debit's day; the items entered.
    Raises as ``record_returned_item`` and ``settle_returns`` do.
    """
    line = _debit(session, line_id)
    made = [
        record_returned_item(session, each, reason, line.value_on, None, actor)
        for each in sorted(set(payment_ids))
    ]
    known = [*(each.id for each in made), *returned_item_ids]
    settle_returns(session, line_id, known, actor, adjustment_reason)
    return made


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
    cents = payment.amount_cents or 0
    lines = [journal.debit("on_hand", cents), journal.credit("returned_items", cents)]
    lines += _brought_back(session, payment_id)
    journal.post(session, "presented_again", lines, subject_kind="payment", subject_id=payment_id)
    posting_queue.keep_in_step(session, payment_id, actor)
    audit.record(session, actor=actor, action="check_presented_again", subject_kind="payment",
                 subject_id=payment_id, detail={"presentation": payment.presentation})  # fmt: skip


def _unposted(session: Session, payment_id: str) -> dict[str, int]:
    """What of the payment stands on the other side and is not posted, by journal account."""
    session.flush()
    [money] = payment_money(session, Payment.id == payment_id)
    return {name: cents for name, cents in owed(money).items() if name in _OTHER_SIDE and cents}


def _brought_back(session: Session, payment_id: str) -> list[journal.Line]:
    """What brings the other side to where the payment's parts are now.

    They may be others than when it came back: a match may be made, undone or placed meanwhile.
    """
    wanted = _unposted(session, payment_id)
    stands = payment_journal.balances(session, select(Payment.id).where(Payment.id == payment_id))
    lines = []
    for account in sorted({*wanted, *stands}):
        cents = wanted.get(account, 0) + stands.get(account, 0)  # a debit stands above zero
        if cents:
            lines.append(
                journal.credit(account, cents) if cents > 0 else journal.debit(account, -cents)
            )
    return lines


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
    items: Sequence[ReturnedItem],
    actor: str,
    adjustment_reason: str,
) -> None:
    for item in items:
        if item.payment.office.bank_account_id != line.bank_account_id:
            raise WrongUse("line_of_another_account", "This line is of another bank account.")
        _require_unsettled(session, item)
    total = sum(item.amount_cents for item in items)
    difference = line.amount_cents - total
    if difference and not adjustment_reason.strip():
        what = "the check was" if len(items) == 1 else f"the {len(items)} checks were"
        raise WrongUse(
            "adjustment_needed",
            f"The bank took {Money(line.amount_cents)}, {what} {Money(total)}.",
            "Name the reason for the difference.",
        )
    # The largest bears the difference, and last: what is taken makes the line whole by it.
    ordered = sorted(items, key=lambda each: (each.amount_cents, each.id))
    for item in ordered:
        own = difference if item is ordered[-1] else 0
        if item.amount_cents + own < 0:
            raise WrongUse(
                "adjustment_too_large",
                f"A difference of {Money(abs(difference))} is more than the largest check.",
                "Choose other checks.",
            )
        _take(session, line, item, own, actor, adjustment_reason)
    workflow.move(line, workflow.BANK_LINE, "settled")
    session.flush()


def _require_unsettled(session: Session, item: ReturnedItem) -> None:
    known = select(Settlement.id).where(Settlement.returned_item_id == item.id)
    if session.scalar(known) is not None:
        raise Conflict(
            "return_already_settled",
            f"A debit settles {item.ref} already.",
            "Reload the page and choose another.",
        )


def _take(
    session: Session,
    line: BankLine,
    item: ReturnedItem,
    difference: int,
    actor: str,
    adjustment_reason: str,
) -> None:
    session.add(
        Settlement(
            bank_line_id=line.id,
            returned_item_id=item.id,
            amount_cents=item.amount_cents + difference,
            difference_cents=difference,
            adjustment_reason=adjustment_reason.strip()[:120] if difference else "",
            actor=actor,
        )
    )
    session.flush()
    if difference:
        # The bank may take more than the check (its fee in the same line) or less.
        more, less = "adjustments", f"bank:{line.bank_account.code}"
        if difference < 0:
            more, less = less, more
        cents = abs(difference)
        lines = [journal.debit(more, cents), journal.credit(less, cents)]
        journal.post(session, "return_adjusted", lines, subject_kind="returned_item",
                     subject_id=item.id)  # fmt: skip
    audit.record(session, actor=actor, action="bank_line_settled", subject_kind="bank_line",
                 subject_id=line.id, detail={"returned_item": item.ref})  # fmt: skip
