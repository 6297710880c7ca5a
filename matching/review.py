"""What specialists do with questions: see the evidence, confirm, correct, set aside, undo."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import (
    answering,
    duplicates,
    hands,
    keeping_out,
    questions,
    remittance_partners,
    verifying,
)
from matching import keyed as keying
from matching.confirming import confirm
from matching.evidence import Evidence, evidence
from matching.fingerprints import fingerprints, lock, override
from matching.leasing import (
    QueueRow,
    held,
    lease,
    lease_next,
    queue,
    release,
    renew,
)
from matching.register import ASKS_OF_FLAGS
from matching.types import AllocationInput
from matching.undoing import bring_back, take_out, withdraw_taught
from records import audit
from records.errors import Conflict, Forbidden, WrongUse
from records.models import KeyedValue, ReviewItem
from records.models.payments import NOT_DEPOSITED_REASONS
from records.workflow import DEPOSIT_AXIS, move

_ASK = "duplicate"

__all__ = [
    "AllocationInput",
    "Evidence",
    "QueueRow",
    "confirm",
    "evidence",
    "finish_document",
    "lease",
    "lease_next",
    "override_duplicate",
    "queue",
    "release",
    "renew",
    "reopen",
    "set_aside",
    "undo",
]


def set_aside(
    session: Session,
    item_id: str,
    actor: str,
    token: int,
    reason: str,
    *,
    amount_cents: int | None = None,
    amount_from: str = "",
) -> None:
    """Neither deposit nor post it, for a typed reason; a decided match is undone first.

    ``amount_cents`` is what the person read on it (``amount_from``: accepted where), when the
    program had not: the day's proof shows what was set aside.

    WrongUse ``unknown_reason``; Conflict when it is in a deposit or its posting has left, and
    ``only_scan_left`` for the scan that the check's other scans are duplicates of.
    """
    if reason not in NOT_DEPOSITED_REASONS:
        raise WrongUse(
            "unknown_reason",
            f"{reason} is no reason.",
            f"Use one of {', '.join(NOT_DEPOSITED_REASONS)}.",
        )
    lock(session)
    item = held(session, item_id, actor, token)
    payment = answering.of_item(session, item)
    if reason == "duplicate":
        duplicates.name_original(session, payment)
    if payment.deposit_state == "not_deposited":
        # Registered as a duplicate already, and a person agrees; or another reason is the right.
        if payment.not_deposited_reason != reason:
            bring_back(session, payment, actor, "other_reason")
            take_out(session, payment, reason, actor)
        elif _ASK in payment.flags:  # the program found it, a person bears it out
            keeping_out.end(session, payment, "same_check", actor)
    else:
        if payment.kind == "eft":
            raise Conflict(
                "electronic_payment",
                "The bank pays this one in: it cannot be set aside.",
                "Confirm it as unidentified.",
            )
        if payment.match_state == "decided":
            withdraw_taught(session, payment, actor, "set_aside")
        if reason == "duplicate":
            payment.live = False  # what is keyed now may make it the very check that is held
        if amount_cents is not None and payment.amount_cents is None:
            keying.apply(session, payment, actor, amount_cents, {}, amount_from)
        take_out(session, payment, reason, actor)
    remittance_partners.payment_changed(session, payment)
    hands.note(session, payment, "set_aside", actor)
    questions.finish(item, actor, f"set_aside:{reason}")
    answering.note(session, payment, actor, "payment.set_aside", {"reason": reason})


def finish_document(session: Session, item_id: str, actor: str, token: int, outcome: str) -> None:
    """Close the question about a document with what came of it (a word, at most 40 letters)."""
    item = held(session, item_id, actor, token)
    if item.document_id is None:
        raise WrongUse("not_a_document", "This question is about a payment.", "Confirm it.")
    if not outcome.strip():
        raise WrongUse("outcome_missing", "Say what came of it.", "Choose an outcome.")
    questions.finish(item, actor, outcome.strip())
    audit.record(session, actor=actor, action="document.finished", subject_kind="document",
                 subject_id=item.document_id, detail={"outcome": outcome.strip()[:40]})  # fmt: skip


def undo(session: Session, payment_id: str, actor: str) -> ReviewItem:
    """Take a match back, by whomever it was made; its question stands in the queue again.

    Conflict ``not_decided``, or ``already_exported`` once a posting has left.
    """
    payment = answering.locked(session, payment_id)
    if payment.match_state != "decided":
        raise Conflict("not_decided", f"{payment.ref} has no match to undo.", "Reload the page.")
    withdraw_taught(session, payment, actor, "undone")
    answered = questions.of_payment(session, payment.id)
    before = list(answered.asks) if answered is not None and answered.state == "done" else []
    if payment.amount_by == verifying.ACTOR:
        before.append("amount")  # what this account owes made it sure
    item = questions.ask(session, payment, ["match", *before])
    if payment.deposit_state == "depositable" and set(before) - {"match"}:
        # What a person released with the same answer is asked again with it.
        move(payment, DEPOSIT_AXIS, "awaiting_review")
    answering.note(session, payment, actor, "payment.undone", {})
    return item


def reopen(session: Session, payment_id: str, actor: str) -> ReviewItem:
    """Bring back a payment that was set aside; for a duplicate use ``override_duplicate``.

    One that a person took for a second scan is asked about again, unless it is the very check
    that is held.
    """
    lock(session)
    payment = answering.locked(session, payment_id)
    if payment.deposit_state != "not_deposited":
        raise Conflict("not_set_aside", f"{payment.ref} is not set aside.", "Reload the page.")
    if not duplicates.is_question(session, payment):
        answering.refuse_duplicate(payment)
    bring_back(session, payment, actor)
    payment.live = True
    asks = [ASKS_OF_FLAGS[flag] for flag in payment.flags if flag in ASKS_OF_FLAGS]
    if payment.amount_cents is None:
        asks.append("amount")
    if not keying.micr_of(payment).complete:
        asks.append("micr")
    item = questions.ask(session, payment, [*asks, "match"])
    remittance_partners.payment_changed(session, payment)
    answering.note(session, payment, actor, "payment.reopened", {})
    return item


def override_duplicate(
    session: Session, payment_id: str, actor: str, evidence: dict[str, Any] | None = None
) -> ReviewItem:
    """A second person says that this is another check, not a second scan of the first.

    It keeps the link to the original, and ``evidence`` with the record of it. Forbidden
    ``second_person`` for whoever worked on it.
    """
    payment = answering.locked(session, payment_id)
    if payment.not_deposited_reason != "duplicate" or payment.live:
        raise Conflict("not_a_duplicate", f"{payment.ref} is no duplicate.", "Reload the page.")
    worked = select(KeyedValue.id).where(
        KeyedValue.payment_id == payment.id, KeyedValue.actor == actor
    )
    if session.scalar(worked.limit(1)) is not None:
        raise Forbidden(
            "second_person",
            "Whoever worked on this check cannot override the duplicate.",
            "Ask another person.",
        )
    bring_back(session, payment, actor, "another_check", evidence)
    # The original keeps the fingerprint; this one gets one of its own that names the override.
    prints = fingerprints(keying.micr_of(payment), payment.amount_cents)
    payment.fingerprint = override(prints, payment.id)
    payment.override_by = actor
    payment.live = True
    payment.flags = [flag for flag in payment.flags if flag != "duplicate"]
    session.flush()
    hands.note(session, payment, "duplicate", actor)
    item = questions.ask(session, payment, ["match"])
    item.asks = ["match"]
    remittance_partners.payment_changed(session, payment)
    answering.note(session, payment, actor, "payment.duplicate_overridden", {})
    return item
