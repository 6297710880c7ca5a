"""The stage that matches a payment again when a remittance was joined to it, read anew or parted.

What the program decided is withdrawn and decided anew where it comes out otherwise; what a person
decided is asked again, with the new evidence, and never overruled. Nothing posted is touched.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import match, models, questions, strata, takebacks
from matching.fingerprints import lock
from matching.match import EnvelopeMatch, Matched
from matching.types import Share
from matching.undoing import (
    is_out,
    live_allocations,
    newest_decision,
    withdraw_decision,
    withdraw_taught,
)
from records import audit, jobs
from records.errors import NotFound
from records.models import Allocation, Payment, Remittance, ReviewItem
from records.settings import load_settings

ACTOR = "system:match"
_WHY = "remittance"


@dataclass(frozen=True, slots=True)
class _Part:
    destination: str
    account_number: str
    statement_number: str
    amount_cents: int


def load(session: Session, payment_id: str) -> EnvelopeMatch:
    """The payment alone, with the clues of all that explains it now."""
    payment = session.get(Payment, payment_id)
    if payment is None:
        raise NotFound("unknown_payment", "There is no such payment.")
    row, settings = payment.transaction, load_settings()
    least = settings.amount_balance_confidence if settings.amount_by_balance else None
    wanted = [payment] if _may(session, payment) else []
    return EnvelopeMatch(
        match.gather(session, row, wanted), strata.floor_of(row.office), models.active(session),
        least,
    )  # fmt: skip


def save(session: Session, payment_id: str, matched: tuple[Matched, ...]) -> None:
    """Write what comes out otherwise than it stands."""
    if not matched:
        return
    lock(session)
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None or not _may(session, payment):
        return
    done = matched[0]
    item = questions.of_payment(session, payment.id)
    if payment.match_state == "decided":
        last = newest_decision(session, payment.id)
        by_person = last is not None and last.actor.startswith("user:")
        if _stands(session, payment, done) and (by_person or not done.clues.doubt):
            return
        if last is not None and by_person:
            if not _is_news(session, payment, last.created_at):
                return  # it had been seen
            withdraw_taught(session, payment, ACTOR, _WHY)
            questions.ask(session, payment, ["match"])
            _note(session, payment, "asked")
            return
        withdraw_decision(session, payment, ACTOR, _WHY)
    elif item is not None and item.state == "leased":
        return  # a person has it open, and sees all of it: the page gathers the evidence anew
    _close(item)
    gate = match.gate_of(session, payment.transaction, matched)
    match.settle(session, payment, done, gate)
    _note(session, payment, payment.match_state)


def _is_news(session: Session, payment: Payment, since: datetime) -> bool:
    """Whether what explains the payment was joined or read after an instant."""
    documents = takebacks.remittances_of(session, payment.id)
    rows = session.scalars(
        select(Remittance).where(Remittance.document_id.in_([each.id for each in documents]))
    )
    instants = [row.joined_at for row in rows if row.joined_at is not None]
    instants += [each.reading.created_at for each in documents]
    return any(each > since for each in instants)


def _may(session: Session, payment: Payment) -> bool:
    return (
        payment.live
        and payment.match_state in {"in_review", "decided"}
        and not is_out(session, payment.id)
    )


def _close(item: ReviewItem | None) -> None:
    """The question of whose it is may be answered now; any other stays."""
    if item is not None and item.state == "open" and item.asks == ["match"]:
        questions.finish(item, ACTOR, "matched_again")


def _stands(session: Session, payment: Payment, matched: Matched) -> bool:
    proposals = matched.verdict.proposals
    if not proposals:
        return False
    wanted = Counter(_of_share(share) for share in proposals[0].shares)
    return wanted == Counter(_of_row(each) for each in live_allocations(session, payment.id))


def _of_share(share: Share) -> _Part:
    return _Part(share.destination, share.account_number or "", share.statement_number or "",
                 share.amount_cents)  # fmt: skip


def _of_row(row: Allocation) -> _Part:
    return _Part(row.destination, row.account.number if row.account else "",
                 row.statement.number if row.statement else "", row.amount_cents)  # fmt: skip


def _note(session: Session, payment: Payment, outcome: str) -> None:
    audit.record(session, actor=ACTOR, action="payment.matched_again", subject_kind="payment",
                 subject_id=payment.id, detail={"outcome": outcome})  # fmt: skip


STAGE = jobs.Stage(name="matching.match_again", load=load, work=match.work, save=save)
