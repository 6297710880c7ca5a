"""Reconciling: what the bank says against what was deposited; each line settles one thing."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from deposits.combining import Combination, combine, combine_returns
from deposits.electronic_settling import settle_electronic, settle_together
from deposits.electronic_sums import combine_electronic
from deposits.pairing import (
    Expected,
    Movement,
    pair_deposits,
    pair_electronic,
    pair_returns,
    told_of_rejected,
)
from deposits.returns import (
    charge_back,
    record_returned_item,
    represent,
    settle_return,
    settle_returns,
)
from deposits.settling import (
    explain,
    settle,
    settle_part,
    settle_several,
    unexplain,
)
from deposits.states import AT_BANK
from deposits.unsettling import undone_pairs, unsettle
from records import clock
from records.models import (
    BankLine,
    Deposit,
    DepositItem,
    Office,
    Payment,
    Remittance,
    ReturnedItem,
    Settlement,
)

__all__ = [
    "charge_back",
    "explain",
    "reconcile",
    "record_returned_item",
    "represent",
    "settle",
    "settle_electronic",
    "settle_part",
    "settle_return",
    "settle_returns",
    "settle_several",
    "settle_together",
    "unexplain",
    "unmatched_count",
    "unsettle",
]

_ASKED = timedelta(days=90)
"""How long a bank may still credit what it has refused; longer than any of its own deadlines."""

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
    credits_ = _certain([m for m, direction in lines if direction == "credit"], session)
    debits = [m for m, direction in lines if direction == "debit"]
    settled = 0
    taken: set[str] = set()
    for pair in pair_deposits(credits_, expected_deposits(session)):
        settle(session, pair.line_id, pair.expected_id, actor)
        taken.add(pair.line_id)
        settled += 1
    rest = [each for each in credits_ if each.line_id not in taken]
    apart = undone_pairs(session, [each.line_id for each in rest])
    for pair in pair_electronic(rest, expected_electronic(session)):
        if (pair.line_id, pair.expected_id) in apart:
            continue
        settle_electronic(session, pair.line_id, pair.expected_id, actor, why=pair.why)
        taken.add(pair.line_id)
        settled += 1
    rest = [each for each in rest if each.line_id not in taken]
    done = _settle_electronic_sums(session, rest, actor)
    rest = [each for each in rest if each.line_id not in done]
    settled += len(done) + _settle_sums(session, rest, actor)
    return settled + _settle_returns(session, debits, actor)


def _certain(credits_: list[Movement], session: Session) -> list[Movement]:
    """Without those that may pay a deposit that was rejected: a person asks the bank."""
    rejected = rejected_deposits(session)
    asked = told_of_rejected(credits_, rejected, expected_deposits(session)) if rejected else ()
    return [line for line in credits_ if line.line_id not in asked]


def _settle_sums(session: Session, credits_: Sequence[Movement], actor: str) -> int:
    """Settle sums that are certain; how many lines that took."""
    settled = 0
    for sum_ in combine(credits_, expected_deposits(session)):
        if sum_.certain:
            settle_several(session, sum_.line_ids, sum_.expected_ids, actor)
            settled += len(sum_.line_ids)
    return settled


def _settle_electronic_sums(
    session: Session, credits_: Sequence[Movement], actor: str
) -> frozenset[str]:
    """Settle credits that pay several 835s, or one together, for certain; the ids of the lines."""
    taken: set[str] = set()
    apart = undone_pairs(session, [each.line_id for each in credits_])
    for sum_ in combine_electronic(credits_, expected_electronic(session)):
        things = {*sum_.line_ids, *sum_.expected_ids}
        parted = apart & {(line, one) for line in sum_.line_ids for one in sum_.expected_ids}
        if sum_.certain and not things & taken and not parted:
            settle_together(session, sum_.line_ids, sum_.expected_ids, actor, why="sum")
            taken |= things
    return frozenset(line.line_id for line in credits_ if line.line_id in taken)


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
    return [(movement(line), line.direction) for line in session.scalars(query)]


def movement(line: BankLine) -> Movement:
    """The line as pairing takes it."""
    text = str((line.details or {}).get("text", ""))
    return Movement(
        line.id,
        line.bank_account_id,
        line.value_on,
        line.amount_cents,
        line.kind,
        f"{line.reference} {text}",
    )


def expected_deposits(session: Session) -> list[Expected]:
    """Deposits at the bank, each with what of it no credit has paid yet."""
    covered = (
        select(func.sum(Settlement.amount_cents - Settlement.difference_cents))
        .where(Settlement.deposit_id == Deposit.id)
        .scalar_subquery()
    )
    found = session.execute(
        select(Deposit, func.coalesce(covered, 0))
        .where(Deposit.state.in_(AT_BANK))
        .order_by(Deposit.business_on, Deposit.id)
    )
    return [
        Expected(
            deposit.id,
            deposit.bank_account_id,
            deposit.business_on,
            (deposit.declared_total_cents or 0) - int(paid),
            (deposit.ref,),
            whole=not paid,
        )
        for deposit, paid in found
    ]


def rejected_deposits(session: Session) -> list[Expected]:
    """Deposits of which no credit is awaited any more, and should one come, somebody asks."""
    since = clock.now() - _ASKED
    found = session.scalars(
        select(Deposit)
        .where(Deposit.state == "rejected", Deposit.rejected_at >= since)
        .order_by(Deposit.business_on, Deposit.id)
    )
    return [
        Expected(each.id, each.bank_account_id, each.business_on, each.declared_total_cents or 0,
                 (each.ref,))
        for each in found
    ]  # fmt: skip


def expected_electronic(session: Session) -> list[Expected]:
    """Payments that an 835 announced and no credit has paid; named by their trace number."""
    found = session.execute(
        select(Payment, Office.bank_account_id, Remittance.payment_number, Remittance.company_id)
        .join(Office, Office.id == Payment.office_id)
        .outerjoin(Remittance, Remittance.document_id == Payment.document_id)
        .where(
            Payment.kind == "eft", Payment.live, Payment.deposit_state == "electronic",
            Payment.amount_cents.is_not(None),
        )
        .order_by(Payment.received_on, Payment.id)
    )  # fmt: skip
    return [
        Expected(p.id, account, p.written_on or p.received_on, p.amount_cents or 0,
                 tuple(mark for mark in (trace or p.check_number,) if mark),
                 payer=p.payer_name, company=company or "")
        for p, account, trace, company in found
    ]  # fmt: skip


def _settle_returns(session: Session, debits: Sequence[Movement], actor: str) -> int:
    given = {each.line_id: each for each in debits if each.kind == "returned_item"}
    if not given:
        return 0
    amounts = {each.amount_cents for each in given.values()}
    settled = 0
    for pair in pair_returns(debits, expected_notices(session, amounts)):
        settle_return(session, pair.line_id, pair.expected_id, actor)
        settled += 1
        given.pop(pair.line_id)
    for pair in pair_returns(list(given.values()), expected_returns(session, amounts)):
        line = given.pop(pair.line_id)
        record_returned_item(
            session, pair.expected_id, return_reason(line.words), line.value_on, line.line_id, actor
        )
        settled += 1
    for sum_ in return_sums(session, list(given.values())):
        if sum_.certain:
            settle_returns(session, sum_.line_ids[0], sum_.expected_ids, actor)
            settled += 1
    return settled


def return_sums(session: Session, debits: Sequence[Movement]) -> list[Combination]:
    """Returned items that together may be one of these debits."""
    if not debits:
        return []
    rivals = expected_returns(session, {each.amount_cents for each in debits})
    return combine_returns(debits, unsettled_returns(session), rivals)


def expected_returns(
    session: Session, amounts: Iterable[int], numbers: Iterable[str] = ()
) -> list[Expected]:
    """Credited checks of these amounts or numbers; a check number is what a bank names them by."""
    found = session.execute(
        select(Payment, Deposit.bank_account_id, Deposit.business_on)
        .join(DepositItem, (DepositItem.payment_id == Payment.id)
              & (DepositItem.presentation == Payment.presentation) & DepositItem.live)
        .join(Deposit, Deposit.id == DepositItem.deposit_id)
        .where(
            Payment.deposit_state == "credited",
            or_(
                Payment.amount_cents.in_(list(amounts)), Payment.check_number.in_(list(numbers))
            ),
        )
        .order_by(Payment.id)
    )  # fmt: skip
    return [
        Expected(p.id, account, day, p.amount_cents or 0, (p.check_number,))
        for p, account, day in found
    ]


def expected_notices(session: Session, amounts: Iterable[int]) -> list[Expected]:
    """Returns entered by notice that no debit settles yet, of these amounts."""
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


def unsettled_returns(session: Session, accounts: Collection[str] | None = None) -> list[Expected]:
    """Returns entered that no debit settles yet, each with the day it came back.

    ``accounts`` are ids of bank accounts, None for all.
    """
    settled = select(Settlement.returned_item_id).where(Settlement.returned_item_id.is_not(None))
    query = (
        select(ReturnedItem, Payment.check_number, Office.bank_account_id)
        .join(Payment, Payment.id == ReturnedItem.payment_id)
        .join(Office, Office.id == Payment.office_id)
        .where(ReturnedItem.id.not_in(settled))
        .order_by(ReturnedItem.returned_on, ReturnedItem.id)
    )
    if accounts is not None:
        query = query.where(Office.bank_account_id.in_(list(accounts)))
    return [
        Expected(item.id, account, item.returned_on, item.amount_cents, (item.ref, number))
        for item, number, account in session.execute(query)
    ]


def return_reason(words: str) -> str:
    """Our code for why a check came back, by the bank's words; ``unspecified`` by none."""
    upper = words.upper()
    return next((name for pattern, name in _REASONS if pattern.search(upper)), "unspecified")
