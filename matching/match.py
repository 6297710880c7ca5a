"""The stage that finds the account of every payment of an envelope and splits it, or asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import (
    amounts,
    claim_finding,
    claim_signals,
    doubting,
    holding,
    index,
    ledger,
    models,
    questions,
    remittance_shares,
    remitted,
    shifting,
    stored,
    strata,
    takebacks,
    taking,
    verifying,
    watching,
)
from matching.claim_compare import ClaimRanking
from matching.clues import payments_of
from matching.decide import decide, narrowed
from matching.model import Model
from matching.readings import Document
from matching.registering import documents_of
from matching.sampling import SAMPLED, is_sampled
from matching.types import (
    AccountFacts,
    OpenStatement,
    PaymentClues,
    Pool,
    Reason,
    Share,
    Verdict,
)
from matching.verifying import Verified
from ocr.amount import Fused
from records import audit, jobs
from records.errors import NotFound
from records.models import (
    Account,
    Allocation,
    Decision,
    MailTransaction,
    Payment,
    Remittance,
    RemittanceShare,
    ReviewItem,
    Statement,
)
from records.settings import load_settings
from records.workflow import MATCH_AXIS, TRANSACTION, move

ACTOR = "system:match"
_UNKNOWN = PaymentClues(None, ())


@dataclass(frozen=True, slots=True)
class Waiting:
    """A payment to be matched with the candidates of each of its parts.

    ``fused`` is its amount as reading left it in doubt, for balances to verify; None otherwise.
    ``claims``: of each part, the claims that were sent which it may be.
    """

    payment_id: str
    clues: PaymentClues
    pools: tuple[Pool, ...]
    fused: Fused | None = None
    claims: tuple[ClaimRanking | None, ...] = ()


@dataclass(frozen=True, slots=True)
class EnvelopeMatch:
    """The payments of one envelope in order of position, and the probability that goes alone.

    ``balance_least`` is how sure an amount must be that a balance verifies; None: none may.
    """

    waiting: tuple[Waiting, ...]
    threshold: float
    model: Model
    balance_least: float | None = None


@dataclass(frozen=True, slots=True)
class Matched:
    """The verdict on one payment by ``model``; ``labels`` name its parts.

    ``readings`` are what the office is watched by (``matching.shifting``). ``settled`` is the
    verdict that stands instead if an amount a balance verified can be taken. ``clues`` are those
    of the payment, ``claims`` the claims that were sent which each part may be.
    """

    payment_id: str
    model: Model
    verdict: Verdict
    labels: tuple[str, ...]
    readings: Mapping[str, bool]
    settled: tuple[Verdict, Verified] | None = None
    clues: PaymentClues = _UNKNOWN
    claims: tuple[ClaimRanking | None, ...] = ()
    threshold: float = 1.0


def load(session: Session, transaction_id: str) -> EnvelopeMatch:
    """The envelope's undecided payments, their clues and their candidates."""
    row = session.get(MailTransaction, transaction_id)
    if row is None:
        raise NotFound("unknown_envelope", "There is no such envelope.")
    payments = session.scalars(
        select(Payment).where(
            Payment.transaction_id == row.id, Payment.match_state == "undecided", Payment.live
        )
    ).all()
    settings = load_settings()
    least = settings.amount_balance_confidence if settings.amount_by_balance else None
    return EnvelopeMatch(
        gather(session, row, payments), strata.floor_of(row.office), models.active(session), least
    )


def gather(
    session: Session,
    row: MailTransaction,
    payments: Sequence[Payment],
    keyed: Mapping[str, int] | None = None,
) -> tuple[Waiting, ...]:
    """Clues and candidates of these payments of one envelope, in order of position.

    ``keyed`` amounts in cents by payment id stand in for what the payments say. An amount that a
    balance verified is split, and is no clue.
    """
    said = keyed or {}
    by_document = {payment.document_id: payment for payment in payments}
    documents, joined = _documents(session, row, payments)
    found = payments_of(
        documents,
        {key: said.get(each.id, taking.as_clue(each)) for key, each in by_document.items()},
        {key: payment.payer_hmac for key, payment in by_document.items()},
        row.office.code,
        joined,
    )
    read = {document.id: amounts.fused(document) for document in documents}
    doubts = doubting.of_payments(session, row.office, payments, documents)
    waiting: list[Waiting] = []
    for key, plain in found.items():
        payment = by_document[key]
        claims = claim_finding.of_parts(session, plain.parts)
        doubt = doubts.get(payment.id) or plain.doubt
        clues = replace(claim_signals.with_claims(plain, claims), doubt=doubt)
        pools = tuple(index.pool(session, part.clues) for part in clues.parts)
        fused = read[key] if taking.may_be_verified(payment) else None
        verified = payment.id not in said and payment.amount_by == verifying.ACTOR
        whole = payment.amount_cents if verified else None
        known = clues if whole is None else verifying.with_amount(clues, whole)
        waiting.append(Waiting(payment.id, known, pools, fused, claims))
    return tuple(waiting)


def _documents(
    session: Session, row: MailTransaction, payments: Sequence[Payment]
) -> tuple[list[Document], dict[str, str]]:
    """The envelope's documents and the remittances joined from elsewhere; whose each of those is.

    The second by document id: the payment's document, empty for a remittance of none of these.
    """
    beside = list(documents_of(row))
    by_payment = {payment.id: payment.document_id for payment in payments}
    shares = remittance_shares.of_payments(session, by_payment)
    mine = select(Remittance).where(
        Remittance.document_id.in_([*shares, *(each.id for each in beside)])
        | Remittance.payment_id.in_(list(by_payment))
    )
    known = {each.document_id: each for each in session.scalars(mine) if each.document.live}
    joined = {
        key: by_payment.get(each.payment_id or "", "")
        for key, each in known.items()
        if each.partner_state != "waiting" or each.reason  # as the view of the database has it
    }
    away = [each.document for key, each in known.items() if key not in {d.id for d in beside}]
    documents = [*beside, *takebacks.as_values(away)]
    return _shared_out(documents, shares, by_payment, joined)


def _shared_out(
    documents: Sequence[Document],
    shares: Mapping[str, Mapping[str, RemittanceShare]],
    by_payment: Mapping[str, str],
    joined: Mapping[str, str],
) -> tuple[list[Document], dict[str, str]]:
    """In place of a document of several payments its share of each, joined to that payment."""
    homes = {key: home for key, home in joined.items() if key not in shares}
    found = [each for each in documents if each.id not in shares]
    for document in documents:
        for payment_id, share in shares.get(document.id, {}).items():
            part = replace(remittance_shares.cut(document, share), id=f"{document.id}/{payment_id}")
            found.append(part)
            homes[part.id] = by_payment[payment_id]
    return found, homes


def work(envelope: EnvelopeMatch) -> tuple[Matched, ...]:
    """Decide on each payment; what an earlier one of the envelope pays is no longer open."""
    paid: dict[str, int] = {}
    done: list[Matched] = []
    for waiting in envelope.waiting:
        pools = tuple(_less(pool, paid) for pool in waiting.pools)
        verdict = decide(waiting.clues, pools, envelope.threshold, envelope.model)
        settled = _settled(waiting, pools, envelope)
        labels = tuple(part.label for part in waiting.clues.parts)
        readings = shifting.readings(waiting.clues, verdict.rankings)
        done.append(
            Matched(waiting.payment_id, envelope.model, verdict, labels, readings, settled,
                    waiting.clues, waiting.claims, envelope.threshold)
        )  # fmt: skip
        proposals = (settled[0] if settled else verdict).proposals
        for share in proposals[0].shares if proposals else ():
            if share.statement_number:
                spent = paid.get(share.statement_number, 0)
                paid[share.statement_number] = spent + share.amount_cents
    return tuple(done)


def _settled(
    waiting: Waiting, pools: Sequence[Pool], envelope: EnvelopeMatch
) -> tuple[Verdict, Verified] | None:
    if waiting.fused is None or envelope.balance_least is None:
        return None
    return verifying.settle(
        waiting.clues, pools, waiting.fused, envelope.balance_least, envelope.threshold,
        envelope.model,
    )  # fmt: skip


def _less(pool: Pool, paid: Mapping[str, int]) -> Pool:
    """The pool with statements an earlier check of the same envelope pays taken off."""
    if not paid:
        return pool
    return replace(pool, accounts=tuple(_account_less(a, paid) for a in pool.accounts))


def _account_less(account: AccountFacts, paid: Mapping[str, int]) -> AccountFacts:
    return replace(account, statements=tuple(_statement_less(s, paid) for s in account.statements))


def _statement_less(statement: OpenStatement, paid: Mapping[str, int]) -> OpenStatement:
    spent = paid.get(statement.number, 0)
    return replace(statement, open_cents=max(0, statement.open_cents - spent))


def save(session: Session, transaction_id: str, matched: tuple[Matched, ...]) -> None:
    """Write decisions, allocations and questions; the envelope is settled."""
    row = session.get(MailTransaction, transaction_id, with_for_update=True)
    if row is None or not row.live or row.state != "registered":
        return
    gate = gate_of(session, row, matched)
    read: list[Mapping[str, bool]] = []
    for each in matched:
        payment = session.get(Payment, each.payment_id, with_for_update=True)
        if payment is not None and payment.live and payment.match_state == "undecided":
            settle(session, payment, each, gate)
            read.append(each.readings)
    # Last, for the office's other envelopes wait for these rows until the commit.
    watching.note(session, row.office_id, read)
    move(row, TRANSACTION, "settled")


def _asked(verdict: Verdict) -> str:
    return "no_match" if verdict.outcome == "no_match" else "review"


def gate_of(session: Session, row: MailTransaction, matched: Sequence[Matched]) -> strata.Gate:
    """What may go alone in this office; asked for only where something would."""
    sure = [each for each in matched if each.settled or each.verdict.outcome == "auto"]
    if not sure:
        return strata.Gate()
    return strata.gate(session, row.office_id, sure[0].model, strata.floor_of(row.office))


def settle(session: Session, payment: Payment, matched: Matched, gate: strata.Gate) -> None:
    """Write the verdict on a payment: its decision, and its allocations or its question."""
    verdict, amount = matched.verdict, None
    remitted.note_of(session, payment.id)
    item = questions.of_payment(session, payment.id)
    if matched.settled and taking.take(session, payment, item, matched.settled[1]):
        verdict, amount = matched.settled
    alone = verdict.outcome == "auto" and not _is_open(item)
    if alone and amount is None and not gate.lets(verdict):
        # Of a remittance what may go goes; what would be a sample by itself waits with the rest.
        some = narrowed(matched.clues, verdict, matched.threshold, gate.lets_kind)
        verdict = some if some is not None and gate.lets(some) else verdict
    sampled = is_sampled(payment.id, load_settings().match_sample_share)
    auto = alone and gate.lets(verdict) and not sampled
    outcome = "auto" if auto else SAMPLED if alone else _asked(verdict)
    decision = Decision(
        payment_id=payment.id,
        outcome=outcome,
        actor=ACTOR,
        model_version=f"{matched.model.version}/{verdict.stratum}"[:40],
        score=verdict.score,
        probability=verdict.probability,
        reasons=stored.reasons_json([*verdict.reasons, *_amount_reasons(amount)]),
        candidates={
            **stored.verdict_json(verdict, matched.labels, amount, matched.claims),
            "model": matched.model.version,
        },
    )
    session.add(decision)
    session.flush()
    if auto:
        shares = verdict.proposals[0].shares
        made = allocate(session, payment, decision, shares)
        said = {part.label: part.claim for part in matched.clues.parts}
        holding.hold(session, payment, list(zip(made, shares, strict=True)), said, ACTOR)
        move(payment, MATCH_AXIS, "decided")
        ledger.decide(session, payment, made)
        jobs.follow(session, "payment_decided", payment.id, key=decision.id)
    else:
        if payment.match_state != "in_review":  # matched again by what came later
            move(payment, MATCH_AXIS, "in_review")
        questions.ask(session, payment, ["match"])
    audit.record(session, actor=ACTOR, action="payment.matched", subject_kind="payment",
                 subject_id=payment.id,
                 detail={"outcome": outcome, **_explained(decision, verdict)})  # fmt: skip


def _explained(decision: Decision, verdict: Verdict) -> dict[str, Any]:
    """The model and its reasons for the audit chain, by signal, level and weight alone."""
    told = [*verdict.reasons, *verdict.judged]
    return {
        "stratum": verdict.stratum, "model": strata.version_of(decision.model_version),
        "probability": f"{verdict.probability:.6f}",
        "reasons": [f"{r.signal}:{r.level} {r.weight:+.3f}" for r in told],
    }  # fmt: skip


def _amount_reasons(amount: Verified | None) -> tuple[Reason, ...]:
    """How the amount became sure; of no weight, for it says nothing of whose the payment is."""
    if amount is None:
        return ()
    return (Reason("amount_read", "verified", 0.0, f"the amount is sure by {amount.source}"),)


def _is_open(item: ReviewItem | None) -> bool:
    return item is not None and item.state != "done"


def allocate(
    session: Session,
    payment: Payment,
    decision: Decision,
    shares: Sequence[Share],
    cents: int | None = None,
) -> list[Allocation]:
    """Write the shares as live allocations; numbers become rows.

    The shares' sum must be the payment's amount (``cents``: that of the part they replace), and a
    statement must be its account's.
    """
    numbers = {share.account_number for share in shares if share.account_number}
    accounts = {
        number: ident
        for ident, number in session.execute(
            select(Account.id, Account.number).where(Account.number.in_(numbers))
        )
    }
    named = {share.statement_number for share in shares if share.statement_number}
    statements = {
        (account_id, number): ident
        for ident, number, account_id in session.execute(
            select(Statement.id, Statement.number, Statement.account_id).where(
                Statement.number.in_(named)
            )
        )
    }
    made: list[Allocation] = []
    for share in shares:
        account_id = accounts[share.account_number] if share.account_number else None
        statement_id = None
        if share.statement_number and account_id:
            statement_id = statements[account_id, share.statement_number]
        made.append(
            Allocation(
                payment_id=payment.id,
                decision_id=decision.id,
                destination=share.destination,
                account_id=account_id,
                statement_id=statement_id,
                amount_cents=share.amount_cents,
                reason=share.reason[:60],
            )
        )
    whole = payment.amount_cents if cents is None else cents
    if sum(allocation.amount_cents for allocation in made) != whole:
        raise ValueError("the allocations do not add up to the payment")
    session.add_all(made)
    session.flush()
    return made


STAGE = jobs.Stage(name="matching.match", load=load, work=work, save=save)
