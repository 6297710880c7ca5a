"""The payments that something is left to post of, as they stand in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, load_only

from deposits.posting_late import (
    WITHIN,
    LateReport,
    PartFact,
    PaymentFact,
    PostingFact,
    late,
)
from matching import keeping_out
from records.models import (
    Allocation,
    MailTransaction,
    Office,
    Payment,
    Posting,
    SourceFile,
)
from records.models.exceptions import GONE

_AT_A_TIME = 500
_ASKED = (
    Payment.ref, Payment.amount_cents, Payment.live, Payment.deposit_state, Payment.match_state,
    Payment.not_deposited_reason, Payment.flags,
)  # fmt: skip


def report(
    session: Session,
    now: datetime,
    office_ids: Collection[str] | None = None,
    within: timedelta = WITHIN,
) -> LateReport:
    """What was not posted within ``within`` of its receipt, in these offices (None: all).

    Receipt is the instant at which the file with the payment arrived.
    """
    return late(_facts(session, now - within, office_ids), now, within)


def _facts(
    session: Session, before: datetime, office_ids: Collection[str] | None
) -> Iterator[PaymentFact]:
    rows = session.execute(_unfinished(before, office_ids)).all()
    for start in range(0, len(rows), _AT_A_TIME):
        some = rows[start : start + _AT_A_TIME]
        ids = [payment.id for payment, _, _ in some]
        parts = _parts(session, ids)
        postings = _postings(session, ids)
        for payment, code, received_at in some:
            yield PaymentFact(
                ref=payment.ref,
                office_code=code,
                received_at=received_at,
                amount_cents=payment.amount_cents,
                live=payment.live,
                deposit_state=payment.deposit_state,
                not_deposited_reason=payment.not_deposited_reason,
                match_state=payment.match_state,
                flags=tuple(payment.flags),
                parts=tuple(parts.get(payment.id, ())),
                postings=tuple(postings.get(payment.id, ())),
            )


def _unfinished(
    before: datetime, office_ids: Collection[str] | None
) -> Select[Payment, str, datetime]:
    """Payments of which not every cent is posted, or a reversal is under way."""
    posted = (
        select(func.coalesce(func.sum(Posting.amount_cents), 0))
        .where(Posting.payment_id == Payment.id, Posting.state == "acknowledged")
        .scalar_subquery()
    )
    under_way = (
        select(Posting.id)
        .where(Posting.payment_id == Payment.id, Posting.live, Posting.reverses_id.is_not(None))
        .exists()
    )
    wanting = and_(
        Payment.live,
        Payment.deposit_state != "returned",
        ~_gone(),
        or_(Payment.amount_cents.is_(None), Payment.amount_cents != posted),
    )
    query = (
        select(Payment, Office.code, SourceFile.created_at)
        # What is sealed on a check stays shut: nothing here asks for it.
        .options(load_only(*_ASKED, raiseload=True))
        .join(Office, Office.id == Payment.office_id)
        .join(MailTransaction, MailTransaction.id == Payment.transaction_id)
        .join(SourceFile, SourceFile.id == MailTransaction.source_file_id)
        .where(SourceFile.created_at < before, or_(wanting, under_way))
        .order_by(SourceFile.created_at, Payment.ref)
    )
    return query if office_ids is None else query.where(Payment.office_id.in_(list(office_ids)))


def _gone() -> ColumnElement[bool]:
    """A check that is not deposited, and of which it is on record that it left the house.

    One that the bank collects is still awaited.
    """
    return and_(
        Payment.deposit_state == "not_deposited", keeping_out.ended(*GONE), ~keeping_out.ended("")
    )


def _parts(session: Session, ids: Sequence[str]) -> dict[str, list[PartFact]]:
    found: dict[str, list[PartFact]] = {}
    query = select(Allocation).where(Allocation.payment_id.in_(ids), Allocation.live)
    for row in session.scalars(query.order_by(Allocation.created_at, Allocation.id)):
        part = PartFact(row.id, row.destination, row.amount_cents)
        found.setdefault(row.payment_id, []).append(part)
    return found


def _postings(session: Session, ids: Sequence[str]) -> dict[str, list[PostingFact]]:
    found: dict[str, list[PostingFact]] = {}
    query = select(Posting).where(Posting.payment_id.in_(ids), Posting.live)
    for row in session.scalars(query.order_by(Posting.created_at, Posting.id)):
        fact = PostingFact(row.ref, row.id, row.allocation_id, row.amount_cents, row.state,
                           row.error, row.created_at, row.reverses_id)  # fmt: skip
        found.setdefault(row.payment_id, []).append(fact)
    return found
