"""What is held, as a queue, and its placing by a person: a decision about that part alone.

Nothing that was posted is touched: the held part ends, parts of the same sum take its place, and
the posting queue is told of the new ones.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, defer, selectinload

from matching import answering, hands, holding, ledger, match, parts
from matching.types import AllocationInput, Share
from matching.undoing import newest_decision
from records import clock, jobs
from records.errors import Conflict, NotFound, WrongUse
from records.models import Allocation, Decision, HeldPart, Office, Payment
from records.models.held_parts import HELD_REASONS
from records.workflow import HELD_PART, move

WORDS = {
    "account_not_found": "no account found for sure",
    "two_candidates": "two accounts it may be",
    "claim_not_found": "account known, claim not",
    "numbers_disagree": "number and lines say different accounts",
    "takeback": "taken back from an earlier payment",
    "takeback_unknown": "taken back, first payment not known",
    "insurer_adjustment": "the insurer's own adjustment",
    "line_unreadable": "a line that nobody can read",
    "not_our_patient": "not our patient",
    "remainder": "left over by the claims",
    "other": "left without a place",
}
"""Every reason of ``HELD_REASONS`` in words."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held part as the queue shows it; money in cents, ``age_days`` from the day it came."""

    ref: str
    payment: str
    reason: str
    amount_cents: int
    payer: str
    office: str
    received_on: date
    age_days: int
    label: str
    account: str
    pair: str

    def to_json(self) -> dict[str, Any]:
        """As the API and the command line print it: no names of patients."""
        return {
            "ref": self.ref,
            "payment": self.payment,
            "reason": self.reason,
            "amount_cents": self.amount_cents,
            "payer_name": self.payer,
            "office": self.office,
            "received_on": self.received_on,
            "age_days": self.age_days,
            "label": self.label,
            "account_number": self.account or None,
            "original_payment": self.pair or None,
        }


def queue(session: Session, offices: Collection[str] | None) -> list[Waiting]:
    """Everything held, the largest sums first; ``offices`` by id, None for all."""
    query = (
        select(HeldPart, Payment, Office.name)
        .join(Payment, Payment.id == HeldPart.payment_id)
        .join(Office, Office.id == HeldPart.office_id)
        .where(HeldPart.state == "open")
        .options(
            defer(HeldPart.sealed),  # nothing that is sealed is opened for a list
            selectinload(HeldPart.allocation).selectinload(Allocation.account),
            selectinload(HeldPart.pair_payment),
            selectinload(HeldPart.pair_account),
        )
    )
    if offices is not None:
        query = query.where(HeldPart.office_id.in_(offices))
    today = clock.now().date()
    rows = [
        Waiting(
            ref=row.ref, payment=payment.ref, reason=row.reason, amount_cents=row.amount_cents,
            payer=payment.payer_name, office=office, received_on=payment.received_on,
            age_days=max(0, (today - payment.received_on).days), label=row.label,
            account=account_in_sight(row, offices), pair=_pair(row, offices),
        )
        for row, payment, office in session.execute(query)
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-abs(row.amount_cents), row.ref))


def account_in_sight(row: HeldPart, offices: Collection[str] | None) -> str:
    """The number of the account that is known for it; empty for one of an office out of sight."""
    account = row.allocation.account or row.pair_account
    seen = account is not None and (offices is None or account.office_id in offices)
    return account.number if account is not None and seen else ""


def _pair(row: HeldPart, offices: Collection[str] | None) -> str:
    payment = row.pair_payment
    seen = payment is not None and (offices is None or payment.office_id in offices)
    return payment.ref if payment is not None and seen else ""


def counts(rows: Sequence[Waiting]) -> dict[str, tuple[int, int]]:
    """By reason, how many are held and their cents, in the order in which reasons are told."""
    found = {}
    for reason in HELD_REASONS:
        some = [row for row in rows if row.reason == reason]
        if some:
            found[reason] = (len(some), sum(row.amount_cents for row in some))
    return found


def held_part(session: Session, ref: str) -> HeldPart:
    """A held part by its reference or id; NotFound ``unknown_held_part``."""
    row = session.scalar(select(HeldPart).where((HeldPart.ref == ref) | (HeldPart.id == ref)))
    if row is None:
        raise NotFound("unknown_held_part", "There is no such held part.", "Reload the queue.")
    return row


def place(
    session: Session,
    ref: str,
    actor: str,
    allocations: Sequence[AllocationInput],
    *,
    offices: Collection[str] | None = None,
    note: str = "",
) -> Decision:
    """A person says where a held part belongs; the payment's other parts stay as they are.

    ``allocations`` add up to what is held; of what an insurer takes back they stay unidentified,
    for a negative part is no account's. Money that gets neither an account nor a reason to be held
    needs a ``note``: it is in no queue any more. ``offices``: codes of those the person works for.
    Conflict ``held_part_ended``, ``account_of_another_office``; WrongUse ``not_the_amount``,
    ``wrong_value``, ``unknown_statement``, ``unknown_reason``, ``reason_missing``; Forbidden
    ``second_person``.
    """
    found = held_part(session, ref)
    payment = answering.locked(session, found.payment_id)
    row = session.get_one(HeldPart, found.id, with_for_update=True, populate_existing=True)
    if offices is not None and payment.office.code not in offices:
        raise NotFound("unknown_held_part", "There is no such held part.", "Reload the queue.")
    if row.state != "open" or payment.match_state != "decided":
        raise Conflict("held_part_ended", f"{row.ref} is {row.state} already.", "Reload the queue.")
    answering.refuse_approver(session, payment, actor)
    shares = _shares(session, row, allocations, offices)
    if not note.split() and any(_is_left(share) for share in shares):
        raise WrongUse("reason_missing", "A part goes to no account, and is held no more.",
                       "Say in the note what came of it, or hold it for a reason.")  # fmt: skip
    ended = row.allocation
    ended.live = False
    decision = _decision(session, payment, row, actor)
    made = match.allocate(session, payment, decision, shares, row.amount_cents)
    move(row, HELD_PART, "placed")
    row.ended_by, row.ended_at, row.decision_id = actor, clock.now(), decision.id
    row.note = " ".join(note.split())[:200]
    session.flush()
    holding.hold(session, payment, list(zip(made, shares, strict=True)), {}, actor)
    ledger.place(session, payment, [ended], made)
    hands.note(session, payment, "match", actor)
    answering.note(session, payment, actor, "payment.part_placed",
                   {"part": row.ref, "reason": row.reason, "parts": len(shares)})  # fmt: skip
    jobs.follow(session, "payment_decided", payment.id, key=decision.id)
    return decision


def _decision(session: Session, payment: Payment, row: HeldPart, actor: str) -> Decision:
    last = newest_decision(session, payment.id)
    decision = Decision(
        payment_id=payment.id,
        outcome="placed",
        actor=actor,
        score=0.0,
        reasons=[{"signal": "person", "level": "placed", "weight": 0.0, "detail": row.label}],
        supersedes_id=last.id if last else None,
    )
    session.add(decision)
    session.flush()
    return decision


def _is_left(share: Share) -> bool:
    """Whether it is money that nobody is asked about any more, and no account has."""
    return share.amount_cents > 0 and share.destination != "account" and not share.hold


def _shares(
    session: Session, row: HeldPart, allocations: Sequence[AllocationInput],
    offices: Collection[str] | None,
) -> list[Share]:  # fmt: skip
    total = sum(part.amount_cents for part in allocations)
    if not allocations or total != row.amount_cents:
        raise WrongUse(
            "not_the_amount",
            f"The parts make {total} cents, {row.amount_cents} are held.",
            "Make the parts add up to what is held.",
        )
    sign = 1 if row.amount_cents > 0 else -1
    if any(
        part.amount_cents * sign <= 0 or (sign < 0 and part.destination != "unidentified")
        for part in allocations
    ):
        raise WrongUse(
            "wrong_value",
            "A part is not above zero, or takes from an account what an insurer took back.",
            "Key parts above zero; what is taken back stays unidentified: book it in the PMS.",
        )
    return [parts.share(session, part, offices) for part in allocations]
