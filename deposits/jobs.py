"""The stages of deposits: what follows a decision about a payment, and each check's images."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from deposits import imaging, posting_queue
from deposits.posting_plan import PaymentFacts, Plan, plan
from records.jobs import AnyStage, Stage
from records.models import Payment

_ACTOR = "system:posting"


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with the facts it was made from."""

    facts: PaymentFacts
    plan: Plan


def _work(facts: PaymentFacts) -> Planned:
    return Planned(facts, plan(facts))


def _save(session: Session, payment_id: str, planned: Planned) -> None:
    session.get_one(Payment, payment_id, with_for_update=True, populate_existing=True)
    now = posting_queue.facts_of(session, payment_id)
    # Somebody may have undone the decision between load and save: then the plan is made anew.
    todo = planned.plan if now == planned.facts else plan(now)
    posting_queue.carry_out(session, payment_id, todo, _ACTOR)


QUEUE_POSTINGS: Stage[PaymentFacts, Planned] = Stage(
    "deposits.queue_postings", posting_queue.facts_of, _work, _save
)

STAGES: tuple[AnyStage, ...] = (QUEUE_POSTINGS, imaging.STAGE)
