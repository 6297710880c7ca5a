"""What specialists do with questions: see the evidence, confirm, correct, set aside, undo."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import (
    duplicates,
    learn,
    ledger,
    match,
    questions,
    stored,
    strata,
    takebacks,
    verifying,
)
from matching import keyed as keying
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
from matching.registering import documents_of
from matching.types import AllocationInput, Destination, Share
from matching.undoing import (
    bring_back,
    is_out,
    live_allocations,
    newest_decision,
    take_out,
    withdraw_decision,
)
from records import audit, jobs
from records.errors import Conflict, Forbidden, NotFound, WrongUse
from records.models import (
    Account,
    Decision,
    Deposit,
    DepositItem,
    KeyedValue,
    Payment,
    ReviewItem,
    Statement,
)
from records.models.payments import DESTINATIONS, NOT_DEPOSITED_REASONS
from records.workflow import DEPOSIT_AXIS, MATCH_AXIS, REVIEW, move

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
    payment = _payment_of(session, item)
    if offices is not None and payment.office.code not in offices:
        raise NotFound("unknown_item", "There is no such question.", "Reload the queue.")
    _refuse_duplicate(payment)
    _refuse_approver(session, payment, actor)
    _refuse_overrider(payment, actor)
    source, _ = keying.accepted_from(payment, amount_cents, amount_from)
    keying.apply(session, payment, actor, amount_cents, keyed or {}, amount_from)
    alert = duplicates.must_be_asked(session, payment)
    shares = _shares(session, payment, allocations, offices)
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
    how: dict[str, str | int] = {} if amount_cents is None else {"amount": source}
    if overrides:
        how["overrides"] = ", ".join(overrides)
    _audit(session, payment, actor, "payment.confirmed", {"parts": len(shares), **how})
    jobs.follow(session, "payment_decided", payment.id, key=decision.id)
    return decision


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
    payment = _payment_of(session, item)
    if reason == "duplicate":
        duplicates.name_original(session, payment)
    if payment.deposit_state == "not_deposited":
        # Registered as a duplicate already, and a person agrees; or another reason is the right.
        if payment.not_deposited_reason != reason:
            bring_back(session, payment)
            take_out(session, payment, reason)
    else:
        if payment.kind == "eft":
            raise Conflict(
                "electronic_payment",
                "The bank pays this one in: it cannot be set aside.",
                "Confirm it as unidentified.",
            )
        if payment.match_state == "decided":
            _withdraw(session, payment, actor, "set_aside")
        if reason == "duplicate":
            payment.live = False  # what is keyed now may make it the very check that is held
        if amount_cents is not None and payment.amount_cents is None:
            keying.apply(session, payment, actor, amount_cents, {}, amount_from)
        take_out(session, payment, reason)
    keying.note(session, payment, "set_aside", actor)
    questions.finish(item, actor, f"set_aside:{reason}")
    _audit(session, payment, actor, "payment.set_aside", {"reason": reason})


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
    payment = _locked(session, payment_id)
    if payment.match_state != "decided":
        raise Conflict("not_decided", f"{payment.ref} has no match to undo.", "Reload the page.")
    _withdraw(session, payment, actor, "undone")
    answered = questions.of_payment(session, payment.id)
    before = list(answered.asks) if answered is not None and answered.state == "done" else []
    if payment.amount_by == verifying.ACTOR:
        before.append("amount")  # what this account owes made it sure
    item = questions.ask(session, payment, ["match", *before])
    if payment.deposit_state == "depositable" and set(before) - {"match"}:
        # What a person released with the same answer is asked again with it.
        move(payment, DEPOSIT_AXIS, "awaiting_review")
    _audit(session, payment, actor, "payment.undone", {})
    return item


def reopen(session: Session, payment_id: str, actor: str) -> ReviewItem:
    """Bring back a payment that was set aside; for a duplicate use ``override_duplicate``.

    One that a person took for a second scan is asked about again, unless it is the very check
    that is held.
    """
    lock(session)
    payment = _locked(session, payment_id)
    if payment.deposit_state != "not_deposited":
        raise Conflict("not_set_aside", f"{payment.ref} is not set aside.", "Reload the page.")
    if not duplicates.is_question(session, payment):
        _refuse_duplicate(payment)
    bring_back(session, payment)
    payment.live = True
    asks = [ASKS_OF_FLAGS[flag] for flag in payment.flags if flag in ASKS_OF_FLAGS]
    if payment.amount_cents is None:
        asks.append("amount")
    if not keying.micr_of(payment).complete:
        asks.append("micr")
    item = questions.ask(session, payment, [*asks, "match"])
    _audit(session, payment, actor, "payment.reopened", {})
    return item


def override_duplicate(session: Session, payment_id: str, actor: str) -> ReviewItem:
    """A second person says that this is another check, not a second scan of the first.

    It keeps the link to the original. Forbidden ``second_person`` for whoever worked on it.
    """
    payment = _locked(session, payment_id)
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
    bring_back(session, payment)
    # The original keeps the fingerprint; this one gets one of its own that names the override.
    prints = fingerprints(keying.micr_of(payment), payment.amount_cents)
    payment.fingerprint = override(prints, payment.id)
    payment.override_by = actor
    payment.live = True
    payment.flags = [flag for flag in payment.flags if flag != "duplicate"]
    session.flush()
    keying.note(session, payment, "duplicate", actor)
    item = questions.ask(session, payment, ["match"])
    item.asks = ["match"]
    _audit(session, payment, actor, "payment.duplicate_overridden", {})
    return item


def _payment_of(session: Session, item: ReviewItem) -> Payment:
    if item.payment_id is None:
        raise WrongUse("not_a_payment", "This question is about a document.", "Finish it.")
    return _locked(session, item.payment_id)


def _locked(session: Session, payment_id: str) -> Payment:
    payment = session.get(Payment, payment_id, with_for_update=True, populate_existing=True)
    if payment is None:
        raise NotFound("unknown_payment", "There is no such payment.", "Reload the page.")
    return payment


def _refuse_duplicate(payment: Payment) -> None:
    if not payment.live:
        raise Conflict(
            "duplicate_check",
            f"{payment.ref} is a second scan of a check that is held already.",
            "Set it aside as a duplicate, or let a second person override it.",
        )


def _refuse_overrider(payment: Payment, actor: str) -> None:
    """Invariant 2: an override takes two persons, one to say so and one to let it through."""
    if payment.override_by == actor:
        raise Forbidden(
            "second_person",
            f"You said that {payment.ref} is no duplicate.",
            "Ask another person to confirm it.",
        )


def _refuse_approver(session: Session, payment: Payment, actor: str) -> None:
    """Invariant 10 the other way round: who approved its deposit does not say whose it is."""
    approved = (
        select(DepositItem.id)
        .join(Deposit, Deposit.id == DepositItem.deposit_id)
        .where(DepositItem.payment_id == payment.id, Deposit.approved_by == actor)
    )
    if session.scalar(approved.limit(1)) is not None:
        raise Forbidden(
            "second_person",
            f"You approved the deposit that {payment.ref} is in.",
            "Ask another person to confirm its match.",
        )


def _shares(
    session: Session,
    payment: Payment,
    allocations: Sequence[AllocationInput],
    offices: Collection[str] | None,
) -> tuple[Share, ...]:
    """The person's parts, checked against the payment and the chart."""
    if payment.amount_cents is None:
        raise WrongUse("amount_missing", "The amount is not known.", "Key the amount first.")
    total = sum(part.amount_cents for part in allocations)
    if not allocations or total != payment.amount_cents:
        raise WrongUse(
            "not_the_amount",
            f"The parts make {total} cents, the payment has {payment.amount_cents}.",
            "Make the parts add up to the payment.",
        )
    _refuse_hidden_money(session, payment, allocations)
    return tuple(_share(session, part, offices) for part in allocations)


def _refuse_hidden_money(
    session: Session, payment: Payment, parts: Sequence[AllocationInput]
) -> None:
    """No part is zero or below, or more than was paid: a sum would hide it.

    Only what a remittance takes back is below zero, and nobody's; the others make up for it.
    """
    taken = -sum(part.amount_cents for part in parts if part.amount_cents < 0)
    limit = (payment.amount_cents or 0) + taken
    wrong = any(
        part.amount_cents > limit
        or part.amount_cents == 0
        or (part.amount_cents < 0 and part.destination != "unidentified")
        for part in parts
    )
    said = 0
    if taken and takebacks.has_remittance(session, payment):
        said = takebacks.takeback_cents(documents_of(payment.transaction))
    if wrong or taken > said:
        raise WrongUse(
            "wrong_value",
            "A part is not above zero, or is more than was paid.",
            "Key parts above zero; only what a remittance takes back is below, as unidentified.",
        )


def _share(session: Session, part: AllocationInput, offices: Collection[str] | None) -> Share:
    if part.destination not in DESTINATIONS or part.amount_cents == 0:
        raise WrongUse("wrong_value", "A part has no destination or no amount.", "Correct it.")
    destination: Destination = part.destination  # type: ignore[assignment]
    if destination == "unidentified":
        return Share(destination, part.amount_cents, reason="confirmed")
    account = session.scalars(
        select(Account).where(Account.number == (part.account_number or ""))
    ).one_or_none()
    if account is not None and offices is not None and account.office.code not in offices:
        account = None
    if account is None:
        # One answer for both, so that nobody learns which numbers another office has.
        raise Conflict(
            "account_of_another_office",
            "There is no such account in your offices.",
            "Key its number again, or leave the part unidentified.",
        )
    if destination == "unapplied" or not part.statement_number:
        return Share(destination, part.amount_cents, account.number, reason="confirmed")
    known = select(Statement.id).where(
        Statement.number == part.statement_number, Statement.account_id == account.id
    )
    if session.scalar(known) is None:
        raise WrongUse("unknown_statement", "The account has no such statement.",
                       "Leave the statement out, or key it again.")  # fmt: skip
    return Share(destination, part.amount_cents, account.number, part.statement_number, "confirmed")


def _decide(session: Session, payment: Payment, actor: str, shares: tuple[Share, ...]) -> Decision:
    """The person's decision as a new row; one that stood before is withdrawn first.

    One that says the same and has been posted already stands as it is.
    """
    if payment.match_state == "decided":
        stands = _posted_alike(session, payment, shares)
        if stands is not None:
            keying.note(session, payment, "match", actor)
            return stands
        _withdraw(session, payment, actor, "corrected")
    last = newest_decision(session, payment.id)
    shown = _shown(session, payment)
    account = next((share.account_number for share in shares if share.account_number), None)
    points, reasons = stored.reasons_for(shown, account)
    if not reasons:
        points = 0.0
        reasons = [{"signal": "person", "level": "keyed", "weight": 0.0, "detail": ""}]
    known = any(share.destination != "unidentified" for share in shares)
    decision = Decision(
        payment_id=payment.id,
        outcome="confirmed" if known else "no_match",
        actor=actor,
        score=points,
        reasons=reasons,
        candidates=shown,
        supersedes_id=last.id if last else None,
        agreed=strata.agrees(last, shares),
    )
    session.add(decision)
    session.flush()
    made = match.allocate(session, payment, decision, shares)
    move(payment, MATCH_AXIS, "decided")
    ledger.decide(session, payment, made)
    learn.remember(session, payment, made)
    keying.note(session, payment, "match", actor)
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


def _withdraw(session: Session, payment: Payment, actor: str, why: str) -> None:
    last = newest_decision(session, payment.id)
    parts = live_allocations(session, payment.id)
    by_person = last is not None and last.outcome == "confirmed"
    withdraw_decision(session, payment, actor, why)
    if by_person:
        learn.forget(session, payment, parts)


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
    keying.note(session, payment, "deposit", actor)


def _audit(
    session: Session, payment: Payment, actor: str, action: str, detail: dict[str, str | int]
) -> None:
    audit.record(session, actor=actor, action=action, subject_kind="payment",
                 subject_id=payment.id, detail=detail)  # fmt: skip
