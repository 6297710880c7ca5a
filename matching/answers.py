"""A person's own last answer, found in the audit chain, and taking it back."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from matching import review
from matching.undoing import is_out
from records import clock
from records.errors import Conflict, NotFound
from records.models import AuditEvent, Office, Payment, ReviewItem

HOURS = 12
"""An answer that is older belongs to another day's work: it is undone where it is shown."""
_ANSWERS = ("payment.confirmed", "payment.set_aside")
_UNDONE = ("payment.undone", "payment.reopened", "payment.duplicate_overridden")
_BANKED = frozenset({"deposited", "credited", "returned"})
_NOTHING = NotFound(
    "nothing_to_undo",
    f"You have answered nothing in the last {HOURS} hours that still stands.",
    "Find the payment by search and open it there.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A payment somebody confirmed or set aside, that nobody has answered otherwise since."""

    payment_id: str
    action: str


def last_answer(
    session: Session, actor: str, *, offices: Collection[str] | None = None
) -> Answer | None:
    """What this person answered last and that still stands, in any of their logins.

    ``offices``: the codes of the offices the person works for, None for all. None where there is
    no such answer in the last hours.
    """
    later = aliased(AuditEvent)
    answered_since = (
        select(later.seq)
        .where(
            later.subject_kind == "payment",
            later.subject_id == AuditEvent.subject_id,
            later.seq > AuditEvent.seq,
            later.action.in_((*_ANSWERS, *_UNDONE)),
        )
        .exists()
    )
    query = (
        select(AuditEvent.subject_id, AuditEvent.action)
        .join(Payment, Payment.id == AuditEvent.subject_id)
        .where(
            AuditEvent.actor == actor,
            AuditEvent.subject_kind == "payment",
            AuditEvent.action.in_(_ANSWERS),
            AuditEvent.at >= clock.now() - timedelta(hours=HOURS),
            ~answered_since,
        )
        .order_by(AuditEvent.seq.desc())
        .limit(1)
    )
    if offices is not None:
        seen = select(Office.id).where(Office.code.in_(sorted(offices)))
        query = query.where(Payment.office_id.in_(seen))
    found = session.execute(query).first()
    return None if found is None else Answer(found[0], found[1])


def undo_last(
    session: Session, actor: str, *, offices: Collection[str] | None = None
) -> ReviewItem:
    """Take this person's last answer back; the question that stands in the queue again.

    NotFound ``nothing_to_undo``. Conflict ``already_exported`` and ``already_deposited`` name the
    payment whose posting, or check, has gone: an older answer is never undone in its place.
    """
    last = last_answer(session, actor, offices=offices)
    if last is None:
        raise _NOTHING
    payment = session.get_one(Payment, last.payment_id, with_for_update=True)
    if payment.deposit_state in _BANKED and not is_out(session, payment.id):
        raise Conflict(
            "already_deposited",
            f"{payment.ref}, which you answered last, has gone to the bank.",
            "Ask billing to undo its match from the business day.",
        )
    if last.action == "payment.set_aside":
        return review.reopen(session, payment.id, actor)
    return review.undo(session, payment.id, actor)
