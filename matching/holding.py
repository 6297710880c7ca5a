"""Parts of a payment that are held: entered with their reason, and ended with their part.

What is held stays ``unidentified`` (or ``unapplied``, where the account is known) on the money's
second axis; only the row here says why it waits, and a person places it later (``placing``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import remitted, takebacks
from matching.claim_facts import RemittedClaim
from matching.types import Share
from records import audit, clock, ids
from records.models import Allocation, HeldPart, Payment
from records.workflow import HELD_PART, move

BY_PERSON = "other"
"""The reason of what a person leaves without a place and says no more of."""


def hold(
    session: Session,
    payment: Payment,
    parts: Sequence[tuple[Allocation, Share]],
    claims: Mapping[str, RemittedClaim | None],
    actor: str,
) -> list[HeldPart]:
    """A row for each part whose share has a ``hold``; the allocations must have been written.

    ``claims`` by the labels of the parts, as the shares' reasons name them.
    """
    made = []
    for allocation, share in parts:
        if not share.hold:
            continue
        claim = claims.get(share.reason) or _claim_of(session, payment, share)
        made.append(_held(session, payment, allocation, share, claim, actor))
    session.add_all(made)
    session.flush()
    for row in made:
        audit.record(session, actor=actor, action="payment.part_held", subject_kind="payment",
                     subject_id=payment.id,
                     detail={"part": row.ref, "reason": row.reason})  # fmt: skip
    return made


def by_person(session: Session, payment: Payment, shares: Sequence[Share]) -> list[Share]:
    """A person's shares, with a reason for those of a remittance that nobody is known for.

    What of a payment without a remittance is unidentified is held only where the person says why.
    """
    if not takebacks.has_remittance(session, payment):
        return list(shares)
    return [
        Share(s.destination, s.amount_cents, s.account_number, s.statement_number, s.reason,
              s.hold or ("takeback" if s.amount_cents < 0 else BY_PERSON))
        if s.destination == "unidentified" else s
        for s in shares
    ]  # fmt: skip


def _held(
    session: Session,
    payment: Payment,
    allocation: Allocation,
    share: Share,
    claim: RemittedClaim | None,
    actor: str,
) -> HeldPart:
    reason = share.hold
    paid = None
    if reason in ("takeback", "takeback_unknown"):
        takebacks.lock(session)
        paid = remitted.paid_before(session, claim, payment.id) if claim else None
        if paid and takebacks.left_of(session, paid.payment) + allocation.amount_cents < 0:
            paid = None  # more than it paid: another payment paid it, or nobody knows
        reason = "takeback" if paid else "takeback_unknown"
    return HeldPart(
        ref=ids.new_ref("HLD"),
        payment_id=payment.id,
        allocation_id=allocation.id,
        office_id=payment.office_id,
        reason=reason,
        label=share.reason[:60],
        amount_cents=allocation.amount_cents,
        held_by=actor,
        sealed=_said(claim),
        pair_payment_id=paid.payment.id if paid else None,
        pair_account_id=paid.account.id if paid and paid.account else None,
    )


def _claim_of(session: Session, payment: Payment, share: Share) -> RemittedClaim | None:
    """The only claim of the payment's remittances with this sum, if there is one."""
    found = [
        claim
        for document in takebacks.values_of(session, payment.id)
        for claim in remitted.claims_in(document)
        if claim.paid_cents == share.amount_cents
    ]
    return found[0] if len(found) == 1 else None


def _said(claim: RemittedClaim | None) -> dict[str, Any]:
    if claim is None:
        return {}
    days = [line.service_on for line in claim.lines if line.service_on]
    return {
        "patient_name": claim.patient_name,
        "member_id": claim.member_id,
        "patient_account": claim.patient_account,
        "claim_number": claim.claim_number,
        "service_on": min(days).isoformat() if days else None,
        "charged_cents": claim.charged_cents,
    }


def withdraw(session: Session, payment_id: str, actor: str) -> None:
    """End what is held of a payment whose match is undone as a whole; its parts have ended."""
    session.flush()  # the rows' rule asks for the parts' end
    for row in open_parts(session, payment_id):
        move(row, HELD_PART, "withdrawn")
        row.ended_by, row.ended_at = actor, clock.now()
    session.flush()


def open_parts(session: Session, payment_id: str) -> list[HeldPart]:
    """What of a payment is held now, in the order it was entered."""
    query = select(HeldPart).where(HeldPart.payment_id == payment_id, HeldPart.state == "open")
    return list(session.scalars(query.order_by(HeldPart.created_at, HeldPart.id)))
