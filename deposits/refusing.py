"""A deposit that the bank refused, or that is taken back unsent: its checks wait to go again.

It stays what it was under its number, with its items, its total and its letter's file. The same
checks go again, at the same presentation, in a deposit of another number.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import batch
from deposits.deposit_rows import flush_once, locked, note, payments_of
from deposits.states import AT_BANK, REJECTED_ENTRY
from records import clock, journal, workflow
from records.errors import Conflict, Forbidden, NotFound, WrongUse
from records.models import BankAccount, Deposit, DepositItem, JournalEntry, Payment, Settlement

REFUSED = "refused_by_bank"
WITHDRAWN = "withdrawn"
WORDS = {REFUSED: "The bank refused it", WITHDRAWN: "Taken back before it was sent"}
_LONGEST = 200


def reject(
    session: Session, deposit_id: str, reason: str, actor: str, *, withdrawn: bool = False
) -> None:
    """Enter that the bank refused an approved deposit, or that it is not sent after all.

    Its checks wait for another deposit and its money is on hand again; for ever. WrongUse
    ``reason_missing``; Forbidden ``not_a_person``; Conflict ``deposit_not_in_transit``,
    ``deposit_sent`` (what was sent is not taken back), ``deposit_credited`` (of it the bank has
    paid some or all).
    """
    words = " ".join(reason.split())[:_LONGEST]
    if not words:
        raise WrongUse("reason_missing", "Say why the deposit is rejected.",
                       "The bank's own words are best.")  # fmt: skip
    if not actor.startswith("user:"):
        raise Forbidden("not_a_person", "A deposit is rejected in a person's name.", "Sign in.")
    # Asked before anything is held, too: who closes an open one holds it first, then its account.
    _require_unpaid(session, _known(session, deposit_id), withdrawn=withdrawn)
    deposit = _held(session, deposit_id)
    _require_unpaid(session, deposit, withdrawn=withdrawn)
    deposit.rejection = WITHDRAWN if withdrawn else REFUSED
    deposit.rejection_reason = words
    deposit.rejected_by, deposit.rejected_at = actor, clock.now()
    workflow.move(deposit, workflow.DEPOSIT, "rejected")
    flush_once(session)  # with this step the database frees the items: they are read anew
    freed = select(DepositItem).where(DepositItem.deposit_id == deposit_id)
    session.scalars(freed.execution_options(populate_existing=True)).all()
    for payment in payments_of(session, deposit_id):
        workflow.move(payment, workflow.DEPOSIT_AXIS, "depositable")
    journal.reverse(session, _on_its_way(session, deposit), kind=REJECTED_ENTRY)
    flush_once(session)
    note(session, actor, "deposit_rejected", deposit, rejection=deposit.rejection,
         total_cents=deposit.declared_total_cents or 0)  # fmt: skip


def rebatch(
    session: Session, deposit_id: str, actor: str, leave_out: Collection[str] = ()
) -> Deposit:
    """A new, open deposit with the checks of a rejected one, but those left out (their ids).

    Its business date is the account's present one. Conflict ``deposit_not_rejected``, and
    ``nothing_to_rebatch`` when none of its checks is left that waits; raises as ``batch.add``.
    """
    known = _known(session, deposit_id)
    if known.state != "rejected":  # for ever, once it is
        raise Conflict("deposit_not_rejected", f"Deposit {known.ref} is {known.state}.",
                       "Only the checks of a rejected deposit go again.")  # fmt: skip
    deposit = _held(session, deposit_id)
    waiting = waiting_of(session, deposit, leave_out)
    if not waiting:
        raise Conflict("nothing_to_rebatch", f"No check of {deposit.ref} waits to go again.",
                       "Look where its checks are now.")  # fmt: skip
    account = session.get_one(BankAccount, deposit.bank_account_id)
    today = clock.business_date(clock.now(), account.zone, account.cut_off)
    made = batch.open_deposit(session, account.id, today, actor, follows=deposit)
    batch.add(session, made.id, waiting, actor)
    note(session, actor, "deposit_rebatched", deposit, into=made.ref, count=len(waiting))
    return made


def waiting_of(
    session: Session, deposit: Deposit, leave_out: Collection[str] = ()
) -> Sequence[str]:
    """Ids of the checks of a rejected deposit that may go again, in the order they had.

    NotFound ``item_unknown`` for one to be left out that is not in it.
    """
    items = session.execute(
        select(DepositItem.payment_id, Payment.deposit_state, Payment.live)
        .join(Payment, Payment.id == DepositItem.payment_id)
        .where(DepositItem.deposit_id == deposit.id)
        .order_by(DepositItem.position, DepositItem.id)
    ).all()
    if set(leave_out) - {item.payment_id for item in items}:
        raise NotFound("item_unknown", f"This check is not in {deposit.ref}.", "Look again.")
    return [
        item.payment_id
        for item in items
        if item.live and item.deposit_state == "depositable" and item.payment_id not in leave_out
    ]


def may_reject(session: Session, deposit: Deposit) -> bool:
    """Whether it is on its way to the bank or there, and nothing of it is paid."""
    return deposit.state in AT_BANK and not _is_paid(session, deposit)


def followers(session: Session, deposit: Deposit) -> Sequence[Deposit]:
    """The deposits that its checks were put into again, the first one first."""
    return session.scalars(
        select(Deposit)
        .where(Deposit.follows_id == deposit.id)
        .order_by(Deposit.created_at, Deposit.id)
    ).all()


def _known(session: Session, deposit_id: str) -> Deposit:
    deposit = session.get(Deposit, deposit_id)
    if deposit is None:
        raise NotFound("deposit_unknown", "There is no such deposit.", "Reload the page.")
    return deposit


def _held(session: Session, deposit_id: str) -> Deposit:
    """The deposit, held after its bank account: in this order a bank's file and a letter do, and
    the new deposit asks for the account as well."""
    owner = select(Deposit.bank_account_id).where(Deposit.id == deposit_id)
    query = select(BankAccount.id).where(BankAccount.id.in_(owner))
    session.scalars(query.with_for_update()).all()
    return locked(session, deposit_id)


def _require_unpaid(session: Session, deposit: Deposit, *, withdrawn: bool) -> None:
    if deposit.state == "credited" or _is_paid(session, deposit):
        raise Conflict("deposit_credited", f"The bank has paid of deposit {deposit.ref}.",
                       "Enter what it takes back as a returned item or a correction.")  # fmt: skip
    if deposit.state not in AT_BANK:
        raise Conflict(
            "deposit_not_in_transit",
            f"Deposit {deposit.ref} is {deposit.state}; only an approved one is rejected.",
            "Reopen it while it is closed, or give it up while it is open.",
        )
    if withdrawn and deposit.state != "approved":
        raise Conflict("deposit_sent", f"Deposit {deposit.ref} has gone to the bank.",
                       "Ask the bank to refuse it, then enter that it did.")  # fmt: skip


def _is_paid(session: Session, deposit: Deposit) -> bool:
    paid = select(Settlement.id).where(Settlement.deposit_id == deposit.id).limit(1)
    return session.scalar(paid) is not None


def _on_its_way(session: Session, deposit: Deposit) -> str:
    """The journal's entry that sent the money on its way."""
    return session.scalars(
        select(JournalEntry.id).where(
            JournalEntry.subject_kind == "deposit",
            JournalEntry.subject_id == deposit.id,
            JournalEntry.kind == "deposited",
        )
    ).one()
