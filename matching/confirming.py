"""A person's confirmation: whose the payment is, as a decision, and its release to the bank."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from matching import (
    answering,
    duplicates,
    explaining,
    hands,
    holding,
    keeping_out,
    learn,
    ledger,
    match,
    parts,
    questions,
    side_by_side,
    stored,
    strata,
)
from matching import keyed as keying
from matching.fingerprints import lock
from matching.leasing import held
from matching.types import AllocationInput, Share
from matching.undoing import is_out, live_allocations, newest_decision, withdraw_taught
from records import audit, jobs
from records.errors import NotFound, WrongUse
from records.models import Decision, Payment, ReviewItem
from records.workflow import DEPOSIT_AXIS, MATCH_AXIS, REVIEW, move


def confirm(
    session: Session,
    item_id: str,
    actor: str,
    token: int,
    *,
    amount_cents: int | None = None,
    amount_from: str = "",
    keyed: Mapping[str, str] | None = None,
    allocations: Sequence[AllocationInput],
    deposit: bool = True,
    overrides: Collection[str] = (),
    offices: Collection[str] | None = None,
) -> Decision:
    """A person says where the payment belongs, and (``deposit``) that it may go to the bank.

    ``amount_cents`` and ``keyed`` are what the person keyed or corrected; ``amount_from`` names
    the place of the check whose amount was accepted (see ``keyed.apply``). Without ``deposit`` a
    check that awaits review stays so, and its item goes back into the queue for that question.
    ``overrides`` are the asks to which the person said yes all the same, for the audit chain.
    ``offices``: the codes of the offices the person works for, None for all.
    Raises Conflict ``lease_lost``, ``duplicate_check``, ``amount_frozen``,
    ``account_of_another_office`` (an unknown one as well); WrongUse ``amount_missing``,
    ``not_the_amount``, ``micr_missing``, ``unknown_statement``, ``wrong_value``; NotFound
    ``unknown_item`` for an item of an office that is not among ``offices``.
    """
    lock(session)  # before any row, for other scans of this check may be asked about
    item = held(session, item_id, actor, token)
    payment = answering.of_item(session, item)
    if offices is not None and payment.office.code not in offices:
        raise NotFound("unknown_item", "There is no such question.", "Reload the queue.")
    answering.refuse_duplicate(payment)
    answering.refuse_approver(session, payment, actor)
    answering.refuse_overrider(payment, actor)
    apart = _tells_apart(session, payment, item, actor, deposit=deposit)
    source, _ = keying.accepted_from(payment, amount_cents, amount_from)
    keying.apply(session, payment, actor, amount_cents, keyed or {}, amount_from)
    alert = duplicates.must_be_asked(session, payment)
    if not alert and _is_open(payment):
        alert = not apart or _told_apart(session, payment, actor)
    shares = parts.shares(session, payment, allocations, offices)
    decision = _decide(session, payment, actor, shares)
    if alert:
        # As now keyed it may be a second scan: somebody looks at both before it goes to the bank.
        if payment.deposit_state == "depositable":
            move(payment, DEPOSIT_AXIS, "awaiting_review")
        rest = [] if deposit else item.asks
        item.asks = list(dict.fromkeys([*rest, "duplicate"]))
    elif deposit:
        _release_to_bank(session, payment, actor)
    if payment.deposit_state == "awaiting_review":
        item.asks = [ask for ask in item.asks if ask != "match"] or ["signature"]
        move(item, REVIEW, "open")
        questions.free(item)
    else:
        questions.finish(item, actor, "confirmed")
    how: dict[str, audit.Scalar | list[str]] = {"reasons": explaining.codes(decision.reasons)}
    if amount_cents is not None:
        how["amount"] = source
    if overrides:
        how["overrides"] = ", ".join(overrides)
    answering.note(session, payment, actor, "payment.confirmed", {"parts": len(shares), **how})
    jobs.follow(session, "payment_decided", payment.id, key=decision.id)
    return decision


def _tells_apart(
    session: Session, payment: Payment, item: ReviewItem, actor: str, *, deposit: bool
) -> bool:
    """Whether this answer is the second person's word that the check is none of the other scan."""
    other = side_by_side.pair(session, payment)
    return (
        deposit
        and other is not None
        and duplicates.FLAG in payment.flags
        and item.asks == ["duplicate"]
        and side_by_side.confirmed(session, payment)
        and side_by_side.why_not(session, payment, other, actor) is None
    )


def _is_open(payment: Payment) -> bool:
    """Whether nobody has told it apart from the scan that it may be a second one of."""
    asked = duplicates.FLAG in payment.flags and payment.duplicate_of_id is not None
    return asked and not payment.override_by and payment.deposit_state == "awaiting_review"


def _told_apart(session: Session, payment: Payment, actor: str) -> bool:
    other = side_by_side.pair(session, payment)
    if other is None:
        return True
    evidence = side_by_side.evidence(payment, other)
    keeping_out.end(session, payment, "another_check", actor, evidence=evidence)
    payment.override_by = actor
    answering.note(session, payment, actor, "payment.another_check", {"original": other.ref})
    return False


def _decide(session: Session, payment: Payment, actor: str, shares: tuple[Share, ...]) -> Decision:
    """The person's decision as a new row; one that stood before is withdrawn first.

    One that says the same and has been posted already stands as it is.
    """
    if payment.match_state == "decided":
        stands = _posted_alike(session, payment, shares)
        if stands is not None:
            hands.note(session, payment, "match", actor)
            return stands
        withdraw_taught(session, payment, actor, "corrected")
    last = newest_decision(session, payment.id)
    shown = _shown(session, payment)
    account = next((share.account_number for share in shares if share.account_number), None)
    points, reasons = stored.reasons_for(shown, account)
    if not reasons:
        points = 0.0
        reasons = [{"signal": "person", "level": "keyed", "weight": 0.0, "detail": ""}]
    # What is answered on the command line, nobody may have looked at.
    sampled = strata.sample_behind(session, last) if actor.startswith("user:") else None
    known = any(share.destination != "unidentified" for share in shares)
    decision = Decision(
        payment_id=payment.id,
        outcome="confirmed" if known else "no_match",
        actor=actor,
        score=points,
        reasons=reasons,
        candidates=shown,
        supersedes_id=last.id if last else None,
        agreed=strata.agrees(sampled, shares),
        model_version=sampled.model_version if sampled else "",
        probability=sampled.probability if sampled else None,
    )
    session.add(decision)
    session.flush()
    if decision.agreed is not None:
        strata.answered(session, payment, decision)
    made = match.allocate(session, payment, decision, shares)
    with_reasons = holding.by_person(session, payment, shares)
    holding.hold(session, payment, list(zip(made, with_reasons, strict=True)), {}, actor)
    move(payment, MATCH_AXIS, "decided")
    ledger.decide(session, payment, made)
    learn.remember(session, payment, made)
    hands.note(session, payment, "match", actor)
    return decision


def _posted_alike(session: Session, payment: Payment, shares: tuple[Share, ...]) -> Decision | None:
    """The decision in force, if its postings have left and it has exactly these parts."""
    if not is_out(session, payment.id):
        return None
    said = sorted(
        (each.destination, each.account_number or "", each.statement_number or "",
         each.amount_cents)
        for each in shares
    )  # fmt: skip
    made = sorted(
        (each.destination, each.account.number if each.account else "",
         each.statement.number if each.statement else "", each.amount_cents)
        for each in live_allocations(session, payment.id)
    )  # fmt: skip
    return newest_decision(session, payment.id) if said == made else None


def _shown(session: Session, payment: Payment) -> Mapping[str, object]:
    """The candidates the person chose from: those of the last decision that had any."""
    decision = newest_decision(session, payment.id)
    while decision is not None:
        if isinstance(decision.candidates, dict):
            return decision.candidates
        decision = session.get(Decision, decision.supersedes_id or "")
    return {}


def _release_to_bank(session: Session, payment: Payment, actor: str) -> None:
    """The check may be deposited: amount and line are known, and a person has looked."""
    if payment.deposit_state != "awaiting_review":
        return
    if not keying.micr_of(payment).complete:
        raise WrongUse(
            "micr_missing",
            "The routing, account and check numbers are not all known.",
            "Key them as printed at the foot of the check.",
        )
    move(payment, DEPOSIT_AXIS, "depositable")
    hands.note(session, payment, "deposit", actor)
