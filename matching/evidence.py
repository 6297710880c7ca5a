"""Everything a specialist needs to answer one question: images, fields, candidates, proposals."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import (
    amounts,
    match,
    models,
    remittance_shares,
    score,
    stored,
    strata,
    takebacks,
    verifying,
)
from matching.amounts import Said
from matching.decide import NOT_SURE, decide
from matching.registering import documents_of
from matching.types import Share
from matching.undoing import newest_decision
from matching.verifying import Support
from records.errors import NotFound
from records.models import (
    Allocation,
    Decision,
    Document,
    MailTransaction,
    Payment,
    RemittanceShare,
    ReviewItem,
)

_NOTHING: Mapping[str, Any] = {
    "why": "", "stratum": "none", "probability": 0.0, "parts": [], "proposals": [],
}  # fmt: skip
_Found = tuple[Mapping[str, Any], tuple[Share, ...], tuple[Support, ...]]


@dataclass(frozen=True, slots=True)
class DocumentEvidence:
    """A document of the envelope: its pages by id, and its fields as read, boxes included."""

    document_id: str
    ref: str
    kind: str
    page_ids: tuple[str, ...]
    region: tuple[int, ...] | None
    fields: Mapping[str, Any]
    warnings: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class PaymentEvidence:
    """The payment as it stands; the account number only by its last four digits."""

    payment_id: str
    ref: str
    kind: str
    document_id: str
    amount_cents: int | None
    amount_by: str
    payer_name: str
    check_number: str
    account_last4: str
    written_on: date | None
    received_on: date
    deposit_state: str
    not_deposited_reason: str | None
    match_state: str
    flags: tuple[str, ...]
    micr_known: bool


@dataclass(frozen=True, slots=True)
class TwinEvidence:
    """The payment that this one may be a second scan of."""

    payment_id: str
    ref: str
    amount_cents: int | None
    received_on: date
    document_id: str
    page_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the page of one question shows.

    ``parts`` are lists of ranked candidates with reasons (one list for the whole check, or one a
    stub or claim); ``proposals`` are splits in the shape ``confirm`` takes, best first. ``said``
    is what each place of a check says of its amount, ``supports`` the sums known apart from it,
    ``verified`` (as stored with the decision) how a balance made the amount sure. ``verdict`` is
    all of the verdict as ``stored.verdict_json`` has it, ``withdrawn`` the allocations a person
    had given and has undone, in the shape of a proposal's.
    """

    item_id: str
    ref: str
    asks: tuple[str, ...]
    office_code: str
    transaction_id: str
    payment: PaymentEvidence | None
    twin: TwinEvidence | None
    documents: tuple[DocumentEvidence, ...]
    stratum: str
    why: str
    parts: tuple[Mapping[str, Any], ...]
    proposals: tuple[Mapping[str, Any], ...]
    proposal: tuple[Share, ...]
    said: tuple[Said, ...] = ()
    supports: tuple[Support, ...] = ()
    verified: Mapping[str, Any] | None = None
    verdict: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    withdrawn: tuple[Mapping[str, Any], ...] = ()
    offices: frozenset[str] | None = None

    @property
    def candidates(self) -> tuple[Mapping[str, Any], ...]:
        """The candidates of the first part, best first."""
        return tuple(self.parts[0]["candidates"]) if self.parts else ()


def evidence(
    session: Session, item_id: str, *, amount_cents: int | None = None,
    offices: frozenset[str] | None = None,
) -> Evidence:  # fmt: skip
    """The evidence of a question, with candidates and proposals as of now.

    ``amount_cents`` is an amount the person has keyed but not confirmed: proposals follow it.
    ``offices`` are the codes of those in the person's sight, None for all.
    The caller writes the view into the audit chain.
    """
    item = session.get(ReviewItem, item_id)
    if item is None:
        raise NotFound("unknown_item", "There is no such question.", "Reload the queue.")
    payment = item.payment
    if payment is not None:
        row = payment.transaction
    elif item.document is not None:
        row = item.document.transaction
    else:
        raise NotFound("unknown_item", "The question is about nothing.", "Tell the administrator.")
    found: Mapping[str, Any] = _NOTHING
    proposal: tuple[Share, ...] = ()
    supports: tuple[Support, ...] = ()
    if payment is not None:
        found, proposal, supports = _verdict(session, row, payment, amount_cents)
        found = stored.in_sight(found, offices)
    return Evidence(
        item_id=item.id,
        ref=item.ref,
        asks=tuple(item.asks),
        office_code=row.office.code,
        transaction_id=row.id,
        payment=None if payment is None else _payment(payment),
        twin=None if payment is None else _twin(session, payment),
        documents=_documents(session, row, payment),
        stratum=str(found["stratum"]),
        why=str(found["why"] or NOT_SURE),  # or a sample would be known by having none
        parts=tuple(found["parts"]),
        proposals=tuple(found["proposals"]),
        proposal=proposal,
        said=_said(row, payment),
        supports=supports,
        verified=None if payment is None else _verified(session, payment),
        verdict=found,
        withdrawn=() if payment is None else _withdrawn(session, payment),
        offices=offices,
    )


def verdicts(
    session: Session, item_id: str, sums_cents: Collection[int], offices: frozenset[str] | None
) -> dict[int, Mapping[str, Any]]:
    """The verdict, as ``stored.in_sight`` has it, for each amount a person may give the payment."""
    item = session.get(ReviewItem, item_id)
    payment = None if item is None else item.payment
    if payment is None:
        return {}
    found = {
        cents: _verdict(session, payment.transaction, payment, cents)[0] for cents in sums_cents
    }
    return {cents: stored.in_sight(verdict, offices) for cents, verdict in found.items()}


def _withdrawn(session: Session, payment: Payment) -> tuple[Mapping[str, Any], ...]:
    """What a person had decided, while nothing stands in its place: where they start again."""
    undone = newest_decision(session, payment.id)
    if undone is None or undone.outcome != "undone" or undone.supersedes_id is None:
        return ()
    before = session.get(Decision, undone.supersedes_id)
    if before is None or not before.actor.startswith("user:"):
        return ()
    rows = session.scalars(
        select(Allocation)
        .where(Allocation.decision_id == before.id)
        .order_by(Allocation.created_at, Allocation.id)
    )
    return tuple(
        {
            "destination": row.destination,
            "account_number": row.account.number if row.account else None,
            "statement_number": row.statement.number if row.statement else None,
            "amount_cents": row.amount_cents,
            "reason": "",
        }
        for row in rows
    )


def _said(row: MailTransaction, payment: Payment | None) -> tuple[Said, ...]:
    if payment is None or payment.kind != "check":
        return ()
    documents = {each.id: each for each in documents_of(row)}
    document = documents.get(payment.document_id)
    return () if document is None else amounts.said(document)


def _verified(session: Session, payment: Payment) -> Mapping[str, Any] | None:
    """The evidence a balance gave, as the decision that took it says; None when none did."""
    decision = newest_decision(session, payment.id)
    while payment.amount_by == verifying.ACTOR and decision is not None:
        if isinstance(decision.candidates, dict) and stored.AMOUNT in decision.candidates:
            found: Mapping[str, Any] = decision.candidates[stored.AMOUNT]
            return found
        decision = session.get(Decision, decision.supersedes_id or "")
    return None


def _verdict(
    session: Session, row: MailTransaction, payment: Payment, amount_cents: int | None
) -> _Found:
    """Ranked and split anew: what is open may have changed since the payment was matched."""
    others = session.scalars(
        select(Payment).where(Payment.transaction_id == row.id, Payment.live)
    ).all()
    payments = list({each.id: each for each in (*others, payment)}.values())
    keyed = {} if amount_cents is None else {payment.id: amount_cents}
    for waiting in match.gather(session, row, payments, keyed):
        if waiting.payment_id == payment.id:
            verdict = decide(
                waiting.clues, waiting.pools, strata.floor_of(row.office), models.active(session)
            )
            labels = [part.label for part in waiting.clues.parts]
            best = verdict.proposals[0].shares if verdict.proposals else ()
            told = stored.verdict_json(verdict, labels, claims=waiting.claims)
            return told, best, _supports(session, waiting)
    return _NOTHING, (), ()


def _supports(session: Session, waiting: match.Waiting) -> tuple[Support, ...]:
    """Only for a check that is one sum: of several stubs none says what the check's amount is."""
    if len(waiting.clues.parts) != 1 or waiting.clues.parts[0].kind != "check":
        return ()
    clues = replace(waiting.clues.parts[0].clues, amount_cents=None)
    ranking = score.rank(clues, waiting.pools[0], models.active(session))
    return verifying.supports(waiting.clues, ranking, waiting.pools[0])


def _payment(payment: Payment) -> PaymentEvidence:
    return PaymentEvidence(
        payment_id=payment.id,
        ref=payment.ref,
        kind=payment.kind,
        document_id=payment.document_id,
        amount_cents=payment.amount_cents,
        amount_by=payment.amount_by,
        payer_name=payment.payer_name,
        check_number=payment.check_number,
        account_last4=payment.account_last4,
        written_on=payment.written_on,
        received_on=payment.received_on,
        deposit_state=payment.deposit_state,
        not_deposited_reason=payment.not_deposited_reason,
        match_state=payment.match_state,
        flags=tuple(payment.flags),
        micr_known=payment.item_fingerprint is not None,
    )


def _twin(session: Session, payment: Payment) -> TwinEvidence | None:
    twin = session.get(Payment, payment.duplicate_of_id) if payment.duplicate_of_id else None
    if twin is None:
        return None
    return TwinEvidence(
        twin.id, twin.ref, twin.amount_cents, twin.received_on, twin.document_id,
        tuple(twin.document.page_ids),
    )  # fmt: skip


def _documents(
    session: Session, row: MailTransaction, payment: Payment | None
) -> tuple[DocumentEvidence, ...]:
    """Those of the envelope, then the remittances of the payment that lay elsewhere."""
    beside = [each for each in row.documents if each.live and each.readings]
    known = {each.id for each in beside}
    explaining = [] if payment is None else takebacks.remittances_of(session, payment.id)
    shares = {} if payment is None else remittance_shares.of_payments(session, [payment.id])
    return tuple(
        DocumentEvidence(
            document_id=each.id,
            ref=each.ref,
            kind=each.kind,
            page_ids=tuple(each.page_ids),
            region=None if each.region is None else tuple(each.region),
            fields=_fields(each, payment, shares),
            warnings=tuple(each.reading.sealed.get("warnings") or ()),
        )
        for each in [*beside, *(each for each in explaining if each.id not in known)]
    )


def _fields(
    document: Document,
    payment: Payment | None,
    shares: Mapping[str, Mapping[str, RemittanceShare]],
) -> Mapping[str, Any]:
    """The fields as read; of a remittance of several payments just this payment's share."""
    share = shares.get(document.id, {}).get(payment.id) if payment is not None else None
    (value,) = takebacks.as_values([document])
    return remittance_shares.cut(value, share).body.get("fields") or {}
