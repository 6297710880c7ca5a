"""Loading where payments' money stands: the rows behind ``standing``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from deposits.standing import PaymentMoney
from records.models import Allocation, MailTransaction, Payment, Posting

_CHUNK = 500
IN_PLAY = Payment.live | (
    select(MailTransaction.id)
    .where(MailTransaction.id == Payment.transaction_id, MailTransaction.live)
    .exists()
)
"""All but payments of envelopes that were parted anew: their money was taken back, and came again
with the new ones."""


def payment_money(session: Session, *where: ColumnElement[bool]) -> list[PaymentMoney]:
    """Payments of known amount that fulfil ``where``, oldest first; duplicates are among them, and
    payments of envelopes that were replaced are not."""
    query = (
        select(
            Payment.id, Payment.ref, Payment.kind, Payment.amount_cents, Payment.deposit_state,
            Payment.match_state, Payment.not_deposited_reason,
        )
        .where(Payment.amount_cents.is_not(None), IN_PLAY, *where)
        .order_by(Payment.received_on, Payment.created_at, Payment.id)
    )  # fmt: skip
    rows = session.execute(query).all()
    identifiers = [row.id for row in rows]
    parts = _parts(session, identifiers)
    posted = _postings(session, identifiers, Posting.state == "acknowledged")
    sent = _postings(session, identifiers, Posting.live.is_(True))
    return [
        PaymentMoney(
            ref=row.ref,
            kind=row.kind,
            amount_cents=row.amount_cents,
            deposit_state=row.deposit_state,
            match_state=row.match_state,
            reason=row.not_deposited_reason,
            parts=parts.get(row.id, {}),
            posted_cents=posted.get(row.id, 0),
            sent_cents=sent.get(row.id, 0),
        )
        for row in rows
    ]


def _chunks(identifiers: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(identifiers), _CHUNK):
        yield identifiers[start : start + _CHUNK]


def _parts(session: Session, identifiers: Sequence[str]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for chunk in _chunks(identifiers):
        query = (
            select(Allocation.payment_id, Allocation.destination, func.sum(Allocation.amount_cents))
            .where(Allocation.payment_id.in_(chunk), Allocation.live)
            .group_by(Allocation.payment_id, Allocation.destination)
        )
        for payment_id, destination, cents in session.execute(query):
            found[payment_id][destination] = int(cents)
    return found


def _postings(
    session: Session, identifiers: Sequence[str], which: ColumnElement[bool]
) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in _chunks(identifiers):
        query = (
            select(Posting.payment_id, func.sum(Posting.amount_cents))
            .where(Posting.payment_id.in_(chunk), which)
            .group_by(Posting.payment_id)
        )
        found.update({payment_id: int(cents) for payment_id, cents in session.execute(query)})
    return found


def money_by_state(session: Session) -> list[PaymentMoney]:
    """All payments of known amount, summed by their states: one value for each combination.

    Where a payment's money stands depends on its states alone and is linear in its cents, so
    ``standing`` may be asked of the sums.
    """
    states = (Payment.kind, Payment.deposit_state, Payment.match_state,
              Payment.not_deposited_reason)  # fmt: skip
    known = Payment.amount_cents.is_not(None) & IN_PLAY
    amounts = session.execute(
        select(*states, func.sum(Payment.amount_cents)).where(known).group_by(*states)
    )
    parts: dict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
    for *key, destination, cents in session.execute(
        select(*states, Allocation.destination, func.sum(Allocation.amount_cents))
        .join(Allocation, Allocation.payment_id == Payment.id)
        .where(known, Allocation.live)
        .group_by(*states, Allocation.destination)
    ):
        parts[tuple(key)][destination] = int(cents)
    posted = {
        tuple(key): int(cents)
        for *key, cents in session.execute(
            select(*states, func.sum(Posting.amount_cents))
            .join(Posting, Posting.payment_id == Payment.id)
            .where(known, Posting.state == "acknowledged")
            .group_by(*states)
        )
    }
    return [
        PaymentMoney(
            ref="",
            kind=kind,
            amount_cents=int(cents or 0),
            deposit_state=deposit_state,
            match_state=match_state,
            reason=reason,
            parts=parts.get((kind, deposit_state, match_state, reason), {}),
            posted_cents=posted.get((kind, deposit_state, match_state, reason), 0),
        )
        for kind, deposit_state, match_state, reason, cents in amounts
    ]
