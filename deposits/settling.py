"""Settling: a bank line is tied to what it pays, wholly, with every difference under a name."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from deposits.deposit_rows import payments_of
from deposits.states import AT_BANK
from records import audit, journal, workflow
from records.errors import Conflict, NotFound, WrongUse
from records.models import BankLine, Deposit, JournalEntry, Payment, Settlement
from records.money import Money


def settle(
    session: Session, line_id: str, deposit_id: str, actor: str, adjustment_reason: str = ""
) -> None:
    """Tie a bank credit to a deposit: the deposit and its checks are credited.

    WrongUse ``adjustment_needed`` when the amounts differ and no reason is named, and
    ``line_of_another_account``; Conflict ``line_already_settled``, ``deposit_not_in_transit``.
    """
    settle_several(session, [line_id], [deposit_id], actor, adjustment_reason)


def settle_several(
    session: Session,
    line_ids: Sequence[str],
    deposit_ids: Sequence[str],
    actor: str,
    adjustment_reason: str = "",
) -> None:
    """Tie one credit to several deposits, or several credits to one deposit; all are then done.

    Raises as ``settle`` does; WrongUse ``several_to_several`` when both are several, and
    ``nothing_chosen``; Conflict ``deposit_in_parts`` for one of several deposits that was
    credited in part before.
    """
    if not line_ids or not deposit_ids:
        raise WrongUse("nothing_chosen", "Nothing was chosen to be settled.", "Choose a deposit.")
    if len(set(line_ids)) > 1 and len(set(deposit_ids)) > 1:
        raise WrongUse(
            "several_to_several",
            "Several credits cannot settle several deposits at once.",
            "Settle one credit, or one deposit, at a time.",
        )
    lines = [open_credit(session, line_id) for line_id in sorted(set(line_ids))]
    deposits = [_in_transit(session, each) for each in sorted(set(deposit_ids))]
    _require_one_account(lines, deposits)
    if len(deposits) > 1:
        _settle_deposits(session, lines[0], deposits, actor, adjustment_reason)
    else:
        _settle_lines(session, lines, deposits[0], actor, adjustment_reason)


def settle_part(session: Session, line_id: str, deposit_id: str, actor: str) -> None:
    """Tie a credit to a deposit of which it pays a part; the rest stays in transit.

    Raises as ``settle`` does; WrongUse ``not_a_part`` when it would pay all of the rest or more.
    """
    line, deposit = open_credit(session, line_id), _in_transit(session, deposit_id)
    _require_one_account([line], [deposit])
    rest = _rest(session, deposit)
    if not 0 < line.amount_cents < rest:
        raise WrongUse(
            "not_a_part",
            f"{Money(line.amount_cents)} is no part of the {Money(rest)} still to come.",
            "Settle the deposit as a whole.",
        )
    add_settlement(session, line, deposit, line.amount_cents, actor)
    workflow.move(line, workflow.BANK_LINE, "settled")
    session.flush()


def _settle_deposits(
    session: Session, line: BankLine, deposits: list[Deposit], actor: str, reason: str
) -> None:
    for deposit in deposits:
        if _rest(session, deposit) != (deposit.declared_total_cents or 0):
            raise Conflict(
                "deposit_in_parts",
                f"Of deposit {deposit.ref} a part is credited already.",
                "Settle its rest on its own.",
            )
    difference = difference_of(
        line.amount_cents, sum(each.declared_total_cents or 0 for each in deposits), reason
    )
    # The largest bears the difference, so that what is taken of the line is never below zero.
    ordered = sorted(deposits, key=lambda each: (each.declared_total_cents or 0, each.id))
    for deposit in ordered:
        own = difference if deposit is ordered[-1] else 0
        amount = (deposit.declared_total_cents or 0) + own
        if amount < 0:
            raise _too_large(difference)
        add_settlement(session, line, deposit, amount, actor, difference=own, reason=reason)
    workflow.move(line, workflow.BANK_LINE, "settled")
    for deposit in sorted(deposits, key=lambda each: each.id):
        _credited(session, deposit)
    session.flush()


def _settle_lines(
    session: Session, lines: list[BankLine], deposit: Deposit, actor: str, reason: str
) -> None:
    difference = difference_of(
        sum(line.amount_cents for line in lines), _rest(session, deposit), reason
    )
    ordered = sorted(lines, key=lambda each: (each.amount_cents, each.id))
    for line in ordered:
        own = difference if line is ordered[-1] else 0
        if line.amount_cents - own < 0:
            raise _too_large(difference)
        add_settlement(
            session, line, deposit, line.amount_cents, actor, difference=own, reason=reason
        )
        workflow.move(line, workflow.BANK_LINE, "settled")
    _credited(session, deposit)
    session.flush()


def explain(session: Session, line_id: str, explanation: str, actor: str) -> None:
    """Name why a line has nothing to do with deposits (a fee, a transfer); it is then explained."""
    text = explanation.strip()[:120]
    if not text:
        raise WrongUse("explanation_needed", "An explanation cannot be empty.", "Name the reason.")
    line = _locked(session, line_id)
    session.add(
        Settlement(
            bank_line_id=line.id, explanation=text, amount_cents=line.amount_cents, actor=actor
        )
    )
    session.flush()  # the database lets a line be explained only by what is there
    workflow.move(line, workflow.BANK_LINE, "explained")
    session.flush()
    _journal_explained(session, line)
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
    session.expire(line, ["settlements"])
    workflow.move(line, workflow.BANK_LINE, "unmatched")
    session.flush()
    _reverse_explained(session, line)
    audit.record(session, actor=actor, action="bank_line_unexplained", subject_kind="bank_line",
                 subject_id=line.id)  # fmt: skip


def _journal_explained(session: Session, line: BankLine) -> None:
    """What the bank moved for reasons of its own moves its account as well."""
    if not line.amount_cents:
        return
    bank, other = f"bank:{line.bank_account.code}", "explained"
    gets, gives = (bank, other) if line.direction == "credit" else (other, bank)
    journal.post(
        session,
        "explained",
        [journal.debit(gets, line.amount_cents), journal.credit(gives, line.amount_cents)],
        subject_kind="bank_line",
        subject_id=line.id,
    )


def _reverse_explained(session: Session, line: BankLine) -> None:
    reversal = aliased(JournalEntry)
    entry = session.scalars(
        select(JournalEntry.id)
        .outerjoin(reversal, reversal.reverses_id == JournalEntry.id)
        .where(
            JournalEntry.subject_kind == "bank_line",
            JournalEntry.subject_id == line.id,
            JournalEntry.kind == "explained",
            reversal.id.is_(None),
        )
    ).one_or_none()
    if entry is not None:
        journal.reverse(session, entry)


def _locked(session: Session, line_id: str) -> BankLine:
    line = session.get(BankLine, line_id, with_for_update=True, populate_existing=True)
    if line is None:
        raise NotFound("bank_line_unknown", "There is no such bank line.", "Reload the page.")
    if line.state != "unmatched":
        raise Conflict("line_already_settled", "This bank line settles something already.",
                       "Reload the page.")  # fmt: skip
    return line


def open_credit(session: Session, line_id: str) -> BankLine:
    """An open credit, locked; WrongUse ``line_is_debit``, Conflict ``line_already_settled``."""
    line = _locked(session, line_id)
    if line.direction != "credit":
        raise WrongUse("line_is_debit", "A deposit is settled by a credit; this line is a debit.")
    return line


def _in_transit(session: Session, deposit_id: str) -> Deposit:
    deposit = session.get(Deposit, deposit_id, with_for_update=True, populate_existing=True)
    if deposit is None:
        raise NotFound("deposit_unknown", "There is no such deposit.", "Reload the page.")
    if deposit.state not in AT_BANK:
        raise Conflict(
            "deposit_not_in_transit",
            f"Deposit {deposit.ref} is {deposit.state}; a credit settles an approved one.",
            "Ask the bank why it pays what it refused."
            if deposit.state == "rejected"
            else "Approve the deposit first, or choose another.",
        )
    return deposit


def require_account(line: BankLine, bank_account_id: str) -> None:
    """WrongUse ``line_of_another_account`` unless the line is of this account."""
    if line.bank_account_id != bank_account_id:
        raise WrongUse("line_of_another_account", "This line is of another bank account.",
                       "Choose a line of the account that the deposit went to.")  # fmt: skip


def _require_one_account(lines: Sequence[BankLine], deposits: Sequence[Deposit]) -> None:
    for line in lines:
        for deposit in deposits:
            require_account(line, deposit.bank_account_id)


def _rest(session: Session, deposit: Deposit) -> int:
    """What of the deposit no credit has paid yet, in cents."""
    paid = session.scalar(
        select(func.sum(Settlement.amount_cents - Settlement.difference_cents)).where(
            Settlement.deposit_id == deposit.id
        )
    )
    return (deposit.declared_total_cents or 0) - int(paid or 0)


def difference_of(bank_cents: int, our_cents: int, reason: str) -> int:
    """The bank's cents less ours; WrongUse ``adjustment_needed`` for one without a name."""
    difference = bank_cents - our_cents
    if difference and not reason.strip():
        raise WrongUse(
            "adjustment_needed",
            f"The bank credited {Money(bank_cents)}, ours is {Money(our_cents)}.",
            "Name the reason for the difference.",
        )
    return difference


def _too_large(difference: int) -> WrongUse:
    return WrongUse(
        "adjustment_too_large",
        f"A difference of {Money(abs(difference))} is more than the largest of them.",
        "Choose other lines or deposits.",
    )


def add_settlement(
    session: Session,
    line: BankLine,
    paid: Deposit | Payment,
    cents: int,
    actor: str,
    *,
    difference: int = 0,
    reason: str = "",
    why: str = "",
) -> None:
    """What a line of the bank pays of a deposit or a payment: kept, journaled and on record."""
    kind = "deposit" if isinstance(paid, Deposit) else "payment"
    session.add(
        Settlement(
            bank_line_id=line.id,
            deposit_id=paid.id if kind == "deposit" else None,
            payment_id=paid.id if kind == "payment" else None,
            amount_cents=cents,
            difference_cents=difference,
            adjustment_reason=reason.strip()[:120] if difference else "",
            actor=actor,
        )
    )
    session.flush()
    journal_credit(session, line, cents, difference, kind, paid.id)
    note(session, actor, line, paid.ref, cents, difference, why)


def _credited(session: Session, deposit: Deposit) -> None:
    workflow.move(deposit, workflow.DEPOSIT, "credited")
    for payment in payments_of(session, deposit.id):
        workflow.move(payment, workflow.DEPOSIT_AXIS, "credited")


def journal_credit(
    session: Session, line: BankLine, amount: int, difference: int, kind: str, subject_id: str
) -> None:
    """What the bank credited of a deposit or a payment, in the journal."""
    lines = []
    if amount:
        lines.append(journal.debit(f"bank:{line.bank_account.code}", amount))
    if amount - difference:
        lines.append(journal.credit("in_transit", amount - difference))
    if difference > 0:
        lines.append(journal.credit("adjustments", difference))
    elif difference < 0:
        lines.append(journal.debit("adjustments", -difference))
    journal.post(session, "credited", lines, subject_kind=kind, subject_id=subject_id)


def note(
    session: Session,
    actor: str,
    line: BankLine,
    ref: str,
    amount: int,
    difference: int,
    why: str = "",
) -> None:
    """Put a settlement on record; ``settles`` is the reference of what it pays."""
    told = {"why": why} if why else {}
    audit.record(
        session,
        actor=actor,
        action="bank_line_settled",
        subject_kind="bank_line",
        subject_id=line.id,
        detail={"settles": ref, "amount_cents": amount, "difference_cents": difference, **told},
    )
