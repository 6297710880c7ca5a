"""Deposits: opened, filled, closed by count and total, approved by a second person, frozen.

What is refused here with a remedy, the database refuses as well (``records.triggers_money``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from deposits.deposit_rows import flush_once, locked, note, payments_of, require_approved
from deposits.states import CLOSED
from matching.hands import has_worked_on
from records import clock, ids, journal, workflow
from records.errors import Conflict, Forbidden, NotFound, WrongUse
from records.models import (
    BankAccount,
    Deposit,
    DepositItem,
    Office,
    Payment,
)
from records.money import Money


def open_deposit(
    session: Session,
    bank_account_id: str,
    business_on: date,
    actor: str,
    *,
    follows: Deposit | None = None,
) -> Deposit:
    """A new, empty deposit for one bank account and business date.

    ``follows`` is the rejected deposit whose checks go again in this one.
    """
    if session.get(BankAccount, bank_account_id) is None:
        raise NotFound("bank_account_unknown", "There is no such bank account.", "Choose another.")
    deposit = Deposit(
        ref=ids.new_ref("DEP"),
        bank_account_id=bank_account_id,
        business_on=business_on,
        state="open",
        opened_by=actor,
        follows_id=None if follows is None else follows.id,
    )
    session.add(deposit)
    session.flush()
    note(session, actor, "deposit_opened", deposit, business_on=business_on.isoformat())
    return deposit


def depositable(session: Session, bank_account_id: str) -> list[Payment]:
    """Live checks of this account's offices that wait for a deposit, oldest first."""
    query = (
        select(Payment)
        .join(Office, Office.id == Payment.office_id)
        .where(
            Office.bank_account_id == bank_account_id,
            Payment.kind == "check",
            Payment.deposit_state == "depositable",
            Payment.live,
            Payment.amount_cents.is_not(None),
        )
        .order_by(Payment.received_on, Payment.created_at, Payment.id)
    )
    return list(session.scalars(query))


def add(session: Session, deposit_id: str, payment_ids: Iterable[str], actor: str) -> None:
    """Put checks into an open deposit, all or none.

    Conflict ``check_not_depositable``, ``check_of_another_account``, ``item_over_limit``,
    ``deposit_full``, ``check_in_deposit`` (another writer was faster).
    """
    deposit = locked(session, deposit_id)
    _require_open(deposit)
    wanted = list(dict.fromkeys(payment_ids))
    held, _ = _count_and_total(session, deposit_id)
    _require_room(deposit.bank_account, held + len(wanted))
    # Locked in one order everywhere, so that two people adding the same checks cannot deadlock.
    found = session.scalars(
        select(Payment)
        .where(Payment.id.in_(wanted))
        .order_by(Payment.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    payments = {payment.id: payment for payment in found}
    position = _last_position(session, deposit_id)
    for payment_id in wanted:
        payment = payments.get(payment_id)
        if payment is None:
            raise NotFound("payment_unknown", "There is no such check.", "Reload the page.")
        position += 1
        _enter(session, deposit, payment, position, actor)
    flush_once(session)
    note(session, actor, "deposit_items_added", deposit, count=len(wanted))


def remove(session: Session, deposit_id: str, payment_id: str, actor: str) -> None:
    """Take a check out of an open deposit; it waits for another one."""
    deposit = locked(session, deposit_id)
    _require_open(deposit)
    item = session.scalars(
        select(DepositItem).where(
            DepositItem.deposit_id == deposit_id, DepositItem.payment_id == payment_id
        )
    ).one_or_none()
    if item is None:
        raise NotFound("item_unknown", "This check is not in the deposit.", "Reload the page.")
    _take_out(session, item)
    session.flush()
    session.expire(deposit, ["items"])
    note(session, actor, "deposit_item_removed", deposit, payment=payment_id)


def close(
    session: Session,
    deposit_id: str,
    declared_count: int,
    declared_total_cents: int,
    actor: str,
) -> None:
    """Freeze the deposit if the declared count and total are exactly those of its items.

    Conflict ``deposit_count_differs`` names both figures; ``deposit_empty``;
    ``deposit_full``, ``deposit_over_limit`` (of one deposit, or of the account's day).
    """
    deposit = locked(session, deposit_id)
    _require_open(deposit)
    count, total = _count_and_total(session, deposit_id)
    if count == 0:
        raise Conflict("deposit_empty", "The deposit holds no checks.", "Add checks or cancel it.")
    if (count, total) != (declared_count, declared_total_cents):
        raise Conflict(
            "deposit_count_differs",
            f"Declared were {declared_count} checks of {Money(declared_total_cents)}; the deposit "
            f"holds {count} of {Money(total)}.",
            "Count the checks again, then add or remove what differs.",
        )
    _require_within_limits(session, deposit, count, total)
    deposit.declared_count, deposit.declared_total_cents = count, total
    deposit.closed_by, deposit.closed_at = actor, clock.now()
    workflow.move(deposit, workflow.DEPOSIT, "closed")
    flush_once(session)
    note(session, actor, "deposit_closed", deposit, count=count, total_cents=total)


def reopen(session: Session, deposit_id: str, actor: str) -> None:
    """Make a closed, not yet approved deposit open again; it must be counted anew."""
    deposit = locked(session, deposit_id)
    if deposit.state != "closed":
        raise _refused_step(deposit, "reopened")
    workflow.move(deposit, workflow.DEPOSIT, "open")
    deposit.declared_count = deposit.declared_total_cents = None
    deposit.closed_by = deposit.closed_at = None
    flush_once(session)
    note(session, actor, "deposit_reopened", deposit)


def approve(session: Session, deposit_id: str, actor: str) -> None:
    """A second person lets the deposit go: its checks are deposited, its money is in transit.

    Forbidden ``approver_worked_on_deposit`` for whoever closed it, confirmed a match, keyed a
    value or gave the amount of any check in it; ``approver_not_a_person``.
    """
    deposit = locked(session, deposit_id)
    if deposit.state != "closed":
        raise _refused_step(deposit, "approved")
    reason = why_not_approve(session, deposit, actor)
    if reason is not None:
        raise reason
    deposit.approved_by, deposit.approved_at = actor, clock.now()
    workflow.move(deposit, workflow.DEPOSIT, "approved")
    for payment in payments_of(session, deposit_id):
        workflow.move(payment, workflow.DEPOSIT_AXIS, "deposited")
    total = deposit.declared_total_cents or 0
    if total:
        journal.post(
            session,
            "deposited",
            [journal.debit("in_transit", total), journal.credit("on_hand", total)],
            subject_kind="deposit",
            subject_id=deposit.id,
        )
    flush_once(session)
    note(session, actor, "deposit_approved", deposit, total_cents=total)


def export(session: Session, deposit_id: str, actor: str) -> None:
    """Note that an approved deposit left for the bank; again for one that left is no news."""
    deposit = locked(session, deposit_id)
    if deposit.state in ("exported", "credited"):
        return
    require_approved(deposit)
    workflow.move(deposit, workflow.DEPOSIT, "exported")
    deposit.exported_at = clock.now()
    session.flush()
    note(session, actor, "deposit_exported", deposit)


def cancel(session: Session, deposit_id: str, actor: str) -> None:
    """Give up an open deposit: its checks go back to wait for another one."""
    deposit = locked(session, deposit_id)
    _require_open(deposit)
    items = session.scalars(select(DepositItem).where(DepositItem.deposit_id == deposit_id)).all()
    for item in items:
        _take_out(session, item)
    session.flush()
    workflow.move(deposit, workflow.DEPOSIT, "cancelled")
    session.flush()
    session.expire(deposit, ["items"])
    note(session, actor, "deposit_cancelled", deposit, count=len(items))


def why_not_approve(session: Session, deposit: Deposit, actor: str) -> Forbidden | None:
    """What keeps ``actor`` from approving (invariant 10); None when nothing does."""
    if not actor.startswith("user:"):
        return Forbidden(
            "approver_not_a_person", "Only a person can approve a deposit.", "Sign in and approve."
        )
    inside = select(DepositItem.payment_id).where(DepositItem.deposit_id == deposit.id)
    if actor == deposit.closed_by or has_worked_on(session, inside, actor):
        return Forbidden(
            "approver_worked_on_deposit",
            "You closed this deposit, or keyed or confirmed a check in it.",
            "Ask somebody who has not worked on these checks to approve it.",
        )
    return None


def _require_open(deposit: Deposit) -> None:
    if deposit.state != "open":
        raise Conflict(
            "deposit_not_open",
            f"Deposit {deposit.ref} is {deposit.state}, so it cannot be changed.",
            "Reopen it while it is not approved, or open another deposit.",
        )


def _refused_step(deposit: Deposit, done: str) -> Conflict:
    return Conflict(
        "deposit_not_closed",
        f"Deposit {deposit.ref} is {deposit.state}; only a closed one can be {done}.",
        "Reload the page: somebody may have changed it meanwhile.",
    )


def _enter(session: Session, deposit: Deposit, payment: Payment, position: int, actor: str) -> None:
    if payment.kind != "check" or not payment.live or payment.deposit_state != "depositable":
        raise Conflict(
            "check_not_depositable",
            f"Check {payment.ref} is {payment.deposit_state.replace('_', ' ')}, so it cannot be "
            "deposited.",
            "Reload the list of checks.",
        )
    if payment.amount_cents is None or payment.amount_cents <= 0:
        raise Conflict(
            "check_without_amount",
            f"Check {payment.ref} has no amount yet.",
            "Key its amount in review first.",
        )
    if payment.office.bank_account_id != deposit.bank_account_id:
        raise Conflict(
            "check_of_another_account",
            f"Check {payment.ref} belongs to another bank account.",
            "Open a deposit for that account.",
        )
    limit = deposit.bank_account.item_limit_cents
    if limit is not None and payment.amount_cents > limit:
        raise Conflict(
            "item_over_limit",
            f"Check {payment.ref} is over the limit of {Money(limit)} for one item.",
            "Take this check to the bank by hand, or raise the account's limit.",
        )
    workflow.move(payment, workflow.DEPOSIT_AXIS, "in_deposit")
    session.add(
        DepositItem(
            deposit_id=deposit.id,
            payment_id=payment.id,
            presentation=payment.presentation,
            position=position,
            amount_cents=payment.amount_cents,
            added_by=actor,
        )
    )


def _take_out(session: Session, item: DepositItem) -> None:
    payment = session.get_one(Payment, item.payment_id, with_for_update=True)
    workflow.move(payment, workflow.DEPOSIT_AXIS, "depositable")
    session.delete(item)


def _last_position(session: Session, deposit_id: str) -> int:
    query = select(func.max(DepositItem.position)).where(DepositItem.deposit_id == deposit_id)
    return session.scalar(query) or 0


def _count_and_total(session: Session, deposit_id: str) -> tuple[int, int]:
    query = select(func.count(), func.coalesce(func.sum(DepositItem.amount_cents), 0)).where(
        DepositItem.deposit_id == deposit_id
    )
    count, total = session.execute(query).one()
    return int(count), int(total)


def _require_room(account: BankAccount, count: int) -> None:
    most = account.item_count_limit
    if most is not None and count > most:
        raise Conflict(
            "deposit_full",
            f"{count} checks are more than the account's limit of {most} for one deposit.",
            "Fill several deposits: `lockbox deposit fill`, or Open a deposit on Today.",
        )


def _require_within_limits(session: Session, deposit: Deposit, count: int, total: int) -> None:
    account = session.get_one(BankAccount, deposit.bank_account_id, with_for_update=True)
    _require_room(account, count)
    if account.deposit_limit_cents is not None and total > account.deposit_limit_cents:
        raise _over_limit(total, account.deposit_limit_cents, "one deposit")
    if account.day_limit_cents is None:
        return
    others = select(func.coalesce(func.sum(Deposit.declared_total_cents), 0)).where(
        Deposit.bank_account_id == account.id,
        Deposit.business_on == deposit.business_on,
        Deposit.state.in_(CLOSED),
        Deposit.id != deposit.id,
    )
    day = int(session.scalar(others) or 0) + total
    if day > account.day_limit_cents:
        raise _over_limit(day, account.day_limit_cents, "one day")


def _over_limit(cents: int, limit: int, what: str) -> Conflict:
    return Conflict(
        "deposit_over_limit",
        f"{Money(cents)} is over the account's limit of {Money(limit)} for {what}.",
        "Take checks out, or use another business date.",
    )


def find(session: Session, ref: str) -> Deposit:
    """A deposit by its reference as a person typed it; NotFound, or WrongUse for a wrong one."""
    cleaned = ids.clean_ref(ref)
    if cleaned is None:
        raise WrongUse("wrong_reference", f"{ref} is not a reference.", "Look at it again.")
    deposit = session.scalars(select(Deposit).where(Deposit.ref == cleaned)).one_or_none()
    if deposit is None:
        raise NotFound("deposit_unknown", f"There is no deposit {cleaned}.", "Look at it again.")
    return deposit
