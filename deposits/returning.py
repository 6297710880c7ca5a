"""Entering what a return cash letter gives back: each item finds its check, or is told as open.

A check is found by our own sequence number of it, or by its MICR line, and always at its amount.
An amount and a date alone name nothing for certain: such checks are only told as candidates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits.return_letters import ReturnClaim
from deposits.returns import record_returned_item
from deposits.states import APPROVED
from matching.fingerprints import NONE, Fingerprints, digits, fingerprints
from matching.register import Micr
from ocr.micr_grammar import parse
from records import clock
from records.models import Deposit, DepositItem, Payment, ReturnedItem
from records.models.letters import CashLetter

_ITEMS_A_LETTER = 1_000_000
"""An item's number in a cash letter is this times the letter's, plus its place (``icl.build``)."""
_CANDIDATES = 3
_LOOK_BACK = timedelta(days=60)
_AHEAD = timedelta(days=31)
"""No letter is dated later than this from now; a return on such a day would stand in no proof."""


@dataclass(frozen=True, slots=True)
class ReturnOutcome:
    """What became of one returned item.

    ``status``: ``entered``, ``known`` (entered, or ended by a person, before), ``not_credited``
    (its deposit's credit has not come yet: it enters when that has come), ``rejected_deposit``
    (its number is of a letter that the bank refused: a person asks the bank), ``not_found``
    (``candidates`` may be it) or ``preliminary`` (told, no money moved). ``by`` is ``trace`` or
    ``micr``.
    """

    number: int
    status: str
    amount_cents: int | None
    reason: str
    by: str = ""
    payment_ref: str = ""
    returned_ref: str = ""
    candidates: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "number": self.number,
            "status": self.status,
            "amount_cents": self.amount_cents,
            "reason": self.reason,
            "found_by": self.by or None,
            "payment": self.payment_ref or None,
            "returned_item": self.returned_ref or None,
            "candidates": list(self.candidates),
        }


@dataclass(frozen=True, slots=True)
class _Found:
    """A check as it was presented."""

    payment: Payment
    presentation: int
    deposited_on: date
    by: str


def enter_return(
    session: Session,
    claim: ReturnClaim,
    actor: str,
    accounts: Collection[str] | None = None,
) -> ReturnOutcome:
    """Enter a returned item that finds its check; ``accounts`` are ids (None: all).

    Entering reverses its postings and opens what it paid (``returns.record_returned_item``).
    """
    if claim.preliminary:
        return ReturnOutcome(claim.number, "preliminary", claim.cents, claim.reason)
    if claim.cents is None:  # no check is found by a number alone
        return ReturnOutcome(claim.number, "not_found", None, claim.reason)
    refused = of_rejected(session, claim, accounts)
    if refused:
        return ReturnOutcome(
            claim.number, "rejected_deposit", claim.cents, claim.reason, "trace", refused
        )
    prints = _prints(claim)
    found = _by_trace(session, claim, prints, accounts) or _by_micr(
        session, claim, prints, accounts
    )
    if found is None:
        refs = candidates(session, claim, accounts)
        return ReturnOutcome(claim.number, "not_found", claim.cents, claim.reason, candidates=refs)
    payment = session.get_one(
        Payment, found.payment.id, with_for_update=True, populate_existing=True
    )
    before = session.scalar(
        select(ReturnedItem.ref).where(
            ReturnedItem.payment_id == payment.id, ReturnedItem.presentation == found.presentation
        )
    )
    status, returned = "known", before or ""
    if before is None and payment.deposit_state != "credited":
        status = "not_credited"
    elif before is None:
        bank = payment.office.bank_account
        today = clock.business_date(clock.now(), bank.zone, bank.cut_off)
        day = max(came_back_on(claim, today), found.deposited_on)
        made = record_returned_item(session, payment.id, claim.reason, day, None, actor)
        status, returned = "entered", made.ref
    return ReturnOutcome(
        claim.number, status, claim.cents, claim.reason, found.by, payment.ref, returned
    )


def came_back_on(claim: ReturnClaim, today: date) -> date:
    """The day of the bank's letter; today where it names none, or one far ahead."""
    told = claim.returned_on
    return told if told is not None and told <= today + _AHEAD else today


def _prints(claim: ReturnClaim) -> Fingerprints:
    line = claim.micr_line
    parts = parse(line)
    if not (parts.routing and parts.account and parts.serial) or parts.serial_unsure:
        return NONE
    routing, account, serial = (
        digits(line[span[0] : span[1]]) for span in (parts.routing, parts.account, parts.serial)
    )
    return fingerprints(Micr(routing, account, serial, line), claim.cents)


def serial_of(micr_line: str) -> str:
    """The check number in a MICR line, as digits; empty where none is certain."""
    parts = parse(micr_line)
    sure = parts.serial and not parts.serial_unsure
    return digits(micr_line[parts.serial[0] : parts.serial[1]]) if sure and parts.serial else ""


def _presented(states: Collection[str] = APPROVED) -> Any:
    return (
        select(Payment, DepositItem.presentation, Deposit.business_on)
        .join(DepositItem, DepositItem.payment_id == Payment.id)
        .join(Deposit, Deposit.id == DepositItem.deposit_id)
        .where(Deposit.state.in_(states))
    )


def _of(query: Any, accounts: Collection[str] | None) -> Any:
    return query if accounts is None else query.where(Deposit.bank_account_id.in_(list(accounts)))


def _by_trace(
    session: Session, claim: ReturnClaim, prints: Fingerprints, accounts: Collection[str] | None
) -> _Found | None:
    """By our own number of the item, unless its amount or its MICR line says otherwise."""
    for payment, presentation, day in _at_traces(session, claim, _of(_presented(), accounts)):
        known = payment.item_fingerprint
        other_line = prints.item is not None and known is not None and prints.item != known
        if payment.amount_cents == claim.cents and not other_line:
            return _Found(payment, presentation, day, "trace")
    return None


def of_rejected(session: Session, claim: ReturnClaim, accounts: Collection[str] | None) -> str:
    """The check's reference when its number and amount are of a letter that the bank refused.

    Its line may name the same check in a letter that was paid: that one did not come back.
    """
    rows = _at_traces(session, claim, _of(_presented(("rejected",)), accounts))
    return next((row[0].ref for row in rows if row[0].amount_cents == claim.cents), "")


def _at_traces(session: Session, claim: ReturnClaim, query: Any) -> Iterator[Any]:
    """Rows of ``_presented`` that stand in a letter of ours where the claim's numbers say."""
    for trace in claim.traces:
        number, place = divmod(trace, _ITEMS_A_LETTER)
        if not 0 < number < 2**62 or not place:
            continue
        row = session.execute(
            query.join(CashLetter, CashLetter.deposit_id == Deposit.id)
            .where(CashLetter.number == number)
            .order_by(DepositItem.position, DepositItem.id)
            .offset(place - 1)
            .limit(1)
        ).one_or_none()
        if row is not None:
            yield row


def _by_micr(
    session: Session, claim: ReturnClaim, prints: Fingerprints, accounts: Collection[str] | None
) -> _Found | None:
    """By routing number, account, serial and amount, where one live check alone has them."""
    if prints.item is None:
        return None
    rows = session.execute(
        _of(_presented(), accounts).where(
            Payment.item_fingerprint == prints.item,
            Payment.amount_cents == claim.cents,
            Payment.live,
            DepositItem.presentation == Payment.presentation,
        )
    ).all()
    if len(rows) != 1:
        return None
    payment, presentation, day = rows[0]
    return _Found(payment, presentation, day, "micr")


def check_of(
    session: Session, claim: ReturnClaim, accounts: Collection[str] | None = None
) -> Payment | None:
    """The check that the item is for certain, in whatever state; None where nothing is certain."""
    if claim.cents is None:
        return None
    prints = _prints(claim)
    found = _by_trace(session, claim, prints, accounts) or _by_micr(
        session, claim, prints, accounts
    )
    return found.payment if found else None


def candidates(
    session: Session, claim: ReturnClaim, accounts: Collection[str] | None = None
) -> tuple[str, ...]:
    """Credited checks of the amount, the nearest to the day it was sent first; none whose line is
    known to be another."""
    prints = _prints(claim)
    near = claim.forwarded_on or claim.returned_on
    query = _of(_presented(), accounts).where(
        Payment.amount_cents == claim.cents,
        Payment.deposit_state == "credited",
        DepositItem.presentation == Payment.presentation,
    )
    if near is not None:
        query = query.where(Deposit.business_on.between(near - _LOOK_BACK, near + _LOOK_BACK))
    fitting = [
        (abs((day - near).days) if near else 0, payment.ref)
        for payment, _, day in session.execute(query.limit(200))
        if prints.item is None or payment.item_fingerprint is None
    ]
    return tuple(ref for _, ref in sorted(fitting)[:_CANDIDATES])
