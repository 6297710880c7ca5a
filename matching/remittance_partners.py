"""A remittance and the payment it explains: entered, joined, parted and looked at again.

An EOB in the envelope of its check is joined at once, an 835 that the bank pays to the payment
made of it; what came apart is joined where ``remittance_joining`` is sure. The view
``payment_remittances`` of the database says which remittances are a payment's evidence: matching,
the export and the rule on postings all ask it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import (
    denials,
    hands,
    questions,
    remittance_borne_out,
    remittance_changes,
    remittance_copies,
    remittance_gathering,
    remittance_shares,
    remitted,
)
from matching.fingerprints import lock
from matching.readings import Document
from matching.remittance_division import Division
from matching.remittance_facts import RemittanceFacts, facts_of
from matching.remittance_gathering import ACTOR, PARTED
from matching.remittance_joining import Copied, Joined, Shared, assign
from matching.stored import reasons_json
from matching.undoing import is_out, newest_decision, withdraw_taught
from records import audit, clock, ids, jobs
from records.models import Document as DocumentRow
from records.models import MailTransaction, Payment, Remittance, RemittanceShare, ReviewItem
from records.settings import load_settings
from records.workflow import REMITTANCE_PARTNER, REMITTANCE_READ, move

_TO_MATCH = frozenset({"in_review", "decided"})


@dataclass(frozen=True, slots=True)
class _Divided:
    """A remittance of several payments, with what each of them gets of it."""

    shared: Shared
    division: tuple[Division, ...]


@dataclass(frozen=True, slots=True)
class _Otherwise:
    """A remittance of the money of ``original`` (its reference) that pays other claims."""

    original: str


_Wanted = Joined | Copied | _Divided | _Otherwise | None
"""What becomes of a remittance; None: it waits."""


def as_value(row: DocumentRow) -> Document:
    """A document with its newest reading, as a value."""
    return Document(row.id, row.position, row.kind, row.reading.sealed, bool(row.page_ids))


def of_document(session: Session, document_id: str) -> Remittance | None:
    """The row of a remittance document."""
    return session.scalar(select(Remittance).where(Remittance.document_id == document_id))


def enter(session: Session, envelopes: Iterable[MailTransaction]) -> None:
    """Rows for the live remittances of envelopes of one file whose payments are made, and joins.

    The caller holds the lock of ``fingerprints``: two workers see each other's payments.
    """
    entered: list[Remittance] = []
    payments: list[str] = []
    office = ""
    for envelope in envelopes:
        office = envelope.office_id
        payments += session.scalars(
            select(Payment.id).where(Payment.transaction_id == envelope.id, Payment.live)
        )
        entered += [
            _enter(session, envelope, each)
            for each in envelope.documents
            if each.live and each.kind == "remittance" and each.readings
        ]
    if office:
        look_again(session, office, payments=payments, remittances=[row.id for row in entered])


def changed(session: Session, document: DocumentRow, actor: str) -> Remittance | None:
    """After a new reading of a remittance was saved: its row follows, and joining is tried again.

    What it was joined to is matched anew where nothing of it is posted. None for a document that
    is no live remittance. The caller commits.
    """
    if document.kind != "remittance" or not document.live or not document.readings:
        return None
    lock(session)
    row = of_document(session, document.id) or _enter(session, document.transaction, document)
    _write(row, facts_of(as_value(document), load_settings().remittance_confidence))
    session.flush()
    before = payments_of(session, row)
    said = remittance_changes.told(session, document, _read_before(document), before)
    look_again(session, row.office_id, remittances=[row.id])
    if len(before) > 1:
        _divide_anew(session, row)
    stay = before & payments_of(session, row)
    says = remittance_changes.told(session, document, document.reading.sealed, stay)
    for payment_id in stay:
        payment = session.get_one(Payment, payment_id)
        hands.note_remittance(session, row, payment)
        if is_out(session, payment_id) and says[payment_id] != said[payment_id]:
            _comes_late(row)
        match_again(session, payment)
    follow_reading(session, row)
    denials.follow(session, document)
    audit.record(session, actor=actor, action="remittance.read_again",
                 subject_kind="remittance", subject_id=row.id,
                 detail={"ref": row.ref, "doubtful": row.doubtful, "state": row.partner_state},
                 )  # fmt: skip
    return row


def _read_before(document: DocumentRow) -> Mapping[str, Any]:
    """The reading before the newest, or the only one."""
    newest = sorted(document.readings, key=lambda each: each.version)[-2:]
    before: Mapping[str, Any] = newest[0].sealed
    return before


def _comes_late(row: Remittance) -> None:
    """What it says now came after the posting: a person is to compare it, whatever was said."""
    if row.reason:
        row.reasons = [*row.reasons, said(row.reason)]
    row.late, row.reason = True, ""


def said(words: str) -> dict[str, Any]:
    """What a person said of a join, as it is kept among its reasons."""
    return {"signal": "said", "level": "before", "weight": 0.0, "detail": words}


def payments_of(session: Session, row: Remittance) -> set[str]:
    """The ids of the payments that a remittance explains now."""
    shares = remittance_shares.live_of(session, [row.id]).get(row.id, [])
    return {each.payment_id for each in shares} or {row.payment_id or ""} - {""}


def _divide_anew(session: Session, row: Remittance) -> None:
    """What belongs to several payments is divided as it is read now, or waits again.

    Once a part of one of them has left it does not wait again but comes late. Divided otherwise it
    is then too, so that each is compared with claims of its own; nothing posted changes.
    """
    shares = remittance_shares.live_of(session, [row.id]).get(row.id, [])
    amounts = {each.payment_id: each.amount_cents for each in shares}
    division = remittance_shares.likeliest(row.document, amounts)
    if not shares or (division is not None and remittance_shares.same(shares, division)):
        return
    out = any(is_out(session, each) for each in amounts)
    if out and division is None:
        _comes_late(row)
        session.flush()
        return
    actor, reasons = row.joined_by or ACTOR, [r for r in row.reasons if r["signal"] != PARTED]
    told = row.late, row.reason
    part(session, row, "" if division else "its claims make other sums now")
    if division is not None:
        join_several(session, row, division, actor, reasons)
        if out:  # whether that is news of what was posted is asked of each payment
            row.late, row.reason = told


def payment_changed(session: Session, payment: Payment) -> None:
    """After a payment was made, keyed, set aside or brought back: who goes with it is asked again.

    The caller holds the lock of ``fingerprints``, and commits.
    """
    session.flush()
    mine = select(Remittance.id).where(Remittance.payment_id == payment.id)
    shared = select(RemittanceShare.remittance_id).where(
        RemittanceShare.payment_id == payment.id, RemittanceShare.ended_at.is_(None)
    )
    beside = (
        select(Remittance.id)
        .join(DocumentRow, DocumentRow.id == Remittance.document_id)
        .where(DocumentRow.transaction_id == payment.transaction_id, DocumentRow.live)
    )
    named = {*session.scalars(mine), *session.scalars(shared), *session.scalars(beside)}
    look_again(session, payment.office_id, payments=[payment.id], remittances=named)
    for row in session.scalars(select(Remittance).where(Remittance.id.in_(named))):
        follow_reading(session, row)


def look_again(
    session: Session,
    office_id: str,
    *,
    payments: Collection[str] = (),
    remittances: Collection[str] = (),
) -> None:
    """Join, part and mark as copies whatever the program may among what waits in an office.

    Asked twice where something was joined: it may have taught which insurer an account pays for.
    """
    if _look(session, office_id, payments, remittances):
        _look(session, office_id, payments, remittances)


def _look(
    session: Session, office_id: str, payments: Collection[str], remittances: Collection[str]
) -> bool:
    found = remittance_gathering.gather(session, office_id, payments, remittances)
    if not found.rows:
        return False
    joins = assign(found.advices, found.payments)
    free = [found.rows[each.id] for each in found.advices if not each.fixed]
    wanted = {
        row.id: joins.joined.get(row.id)
        or _copied(session, row, joins.copies.get(row.id))
        or _divided(session, row, joins.shared.get(row.id))
        for row in free
    }
    for row in free:  # all partings first: a copy may become the original of another
        if not _stands(session, row, wanted[row.id]):
            part(session, row)
    taught = False
    for row in free:
        new = wanted[row.id]
        if row.partner_state != "waiting":
            continue
        if new is None and row.reason.startswith(remittance_copies.OTHERWISE):
            row.reason = ""  # read or parted since, it pays nothing else of that money
        if isinstance(new, Joined):
            _join(session, row, new)
            taught = taught or new.how not in {"own", "amount_payer_date"}
        elif isinstance(new, _Divided):
            how = {"signal": "rule", "level": new.shared.how, "weight": 0.0, "detail": ""}
            reasons = [how, *reasons_json(new.shared.reasons)]
            join_several(session, row, new.division, ACTOR, reasons)
        elif isinstance(new, Copied):
            _copy(session, row, session.get_one(Remittance, new.original))
        elif isinstance(new, _Otherwise):
            _keep_apart(session, row, new)
        elif row.amount_cents == 0 or (row.method == "NON" and not row.amount_cents):
            move(row, REMITTANCE_PARTNER, "none_needed")
    session.flush()
    return taught


def part(
    session: Session, row: Remittance, reason: str = "", *, never_again: Collection[str] = ()
) -> None:
    """A remittance that has found its partner waits again; its payment is matched anew.

    What a person decided of the payment is asked again. ``never_again``: ids of payments that
    a person parted it from; the program does not join it to those again.
    """
    lost = [row.payment_id] if row.payment_id else []
    was_copy = row.copy_of_id is not None
    if row.partner_state != "waiting":
        move(row, REMITTANCE_PARTNER, "waiting")
    row.payment_id = row.joined_by = row.joined_at = row.copy_of_id = None
    row.reason, row.reasons, row.late = reason, apart_from(row), False
    session.flush()
    lost += remittance_shares.end(session, row, ACTOR)
    words = [
        {"signal": PARTED, "level": "person", "weight": 0.0, "detail": each} for each in never_again
    ]
    row.reasons = [*row.reasons, *words]
    follow_reading(session, row)
    if was_copy:
        denials.follow(session, row.document)
    for payment_id in dict.fromkeys(lost):
        payment = session.get_one(Payment, payment_id)
        _ask_again(session, payment)
        match_again(session, payment)


def follow_reading(session: Session, row: Remittance) -> None:
    """Whether a remittance is read follows what its money bears out of it, or contradicts."""
    if not row.document.readings:
        return
    agreed = remittance_borne_out.of_row(session, row)
    least = load_settings().remittance_confidence
    _write(row, facts_of(as_value(row.document), least, agreed))
    session.flush()


def apart_from(row: Remittance) -> list[dict[str, Any]]:
    """What people said it does not belong to, as it is kept among its reasons."""
    return [each for each in row.reasons if each.get("signal") == PARTED]


def _ask_again(session: Session, payment: Payment) -> None:
    """What a person decided by a remittance that is none of its own."""
    last = newest_decision(session, payment.id)
    if payment.match_state != "decided" or last is None or is_out(session, payment.id):
        return
    if last.actor.startswith("user:"):
        withdraw_taught(session, payment, ACTOR, "remittance")
        questions.ask(session, payment, ["match"])


def join(
    session: Session,
    row: Remittance,
    payment: Payment,
    actor: str,
    reasons: Sequence[dict[str, Any]],
) -> None:
    """A waiting remittance belongs to a payment; it comes late where a part of that has left."""
    move(row, REMITTANCE_PARTNER, "joined")
    row.payment_id, row.joined_by, row.joined_at = payment.id, actor, clock.now()
    row.reasons, row.reason = [*reasons, *apart_from(row)], ""
    row.late = is_out(session, payment.id)
    session.flush()
    hands.note_remittance(session, row, payment)
    follow_reading(session, row)
    close_question(session, row, actor, "joined")
    audit.record(session, actor=actor, action="remittance.joined", subject_kind="remittance",
                 subject_id=row.id,
                 detail={"ref": row.ref, "payment": payment.ref, "late": row.late,
                         "reasons": [f"{r['signal']}:{r['level']}" for r in reasons]},
                 )  # fmt: skip
    match_again(session, payment)


def join_several(
    session: Session,
    row: Remittance,
    division: Sequence[Division],
    actor: str,
    reasons: Sequence[dict[str, Any]],
) -> None:
    """A waiting remittance belongs to several payments, its claims divided among them."""
    remittance_shares.enter(session, row, division)
    payments = [session.get_one(Payment, each.payment) for each in division]
    move(row, REMITTANCE_PARTNER, "joined")
    row.payment_id, row.joined_by, row.joined_at = payments[0].id, actor, clock.now()
    row.reasons, row.reason = [*reasons, *apart_from(row)], ""
    row.late = any(is_out(session, each.id) for each in payments)
    session.flush()
    for payment in payments:
        hands.note_remittance(session, row, payment)
    follow_reading(session, row)
    close_question(session, row, actor, "joined")
    audit.record(session, actor=actor, action="remittance.joined", subject_kind="remittance",
                 subject_id=row.id,
                 detail={"ref": row.ref, "payments": [each.ref for each in payments],
                         "late": row.late,
                         "reasons": [f"{r['signal']}:{r['level']}" for r in reasons]},
                 )  # fmt: skip
    for payment in payments:
        match_again(session, payment)


def match_again(session: Session, payment: Payment) -> None:
    """Have the payment matched anew by what explains it now, unless a part of it has left."""
    if payment.live and payment.match_state in _TO_MATCH and not is_out(session, payment.id):
        jobs.follow(session, "remittance_changed", payment.id, key=ids.new_id())


def _join(session: Session, row: Remittance, new: Joined) -> None:
    payment = session.get_one(Payment, new.payment)
    reasons = reasons_json(new.reasons)
    how = {"signal": "rule", "level": new.how, "weight": 0.0, "detail": ""}
    join(session, row, payment, ACTOR, [how, *reasons])


def _copied(session: Session, row: Remittance, new: Copied | None) -> Copied | _Otherwise | None:
    """A copy only where it pays the same claims: else one of the two was misread, or corrected."""
    if new is None:
        return None
    original = session.get_one(Remittance, new.original)
    mine, theirs = remitted.claims_of(row.document), remitted.claims_of(original.document)
    return _Otherwise(original.ref) if remittance_copies.otherwise(mine, theirs) else new


def _keep_apart(session: Session, row: Remittance, new: _Otherwise) -> None:
    """It waits for a person; until then it explains nothing, for the other one does."""
    reason = f"{remittance_copies.OTHERWISE}{new.original} of the same money: compare them."
    if row.reason == reason:
        return
    row.reason = reason
    audit.record(session, actor=ACTOR, action="remittance.otherwise", subject_kind="remittance",
                 subject_id=row.id, detail={"ref": row.ref, "original": new.original},
                 )  # fmt: skip


def _copy(session: Session, row: Remittance, original: Remittance) -> None:
    row.reason = f"a copy of {original.ref}"
    move(row, REMITTANCE_PARTNER, "dismissed")
    row.copy_of_id = original.id
    session.flush()
    denials.follow(session, row.document)  # told before, it is denied once
    close_question(session, row, ACTOR, "copy")
    audit.record(session, actor=ACTOR, action="remittance.copy", subject_kind="remittance",
                 subject_id=row.id, detail={"ref": row.ref, "original": original.ref},
                 )  # fmt: skip


def close_question(session: Session, row: Remittance, actor: str, outcome: str) -> None:
    """What becomes of it needs no answer once it is known; unless somebody has it open."""
    item = session.scalar(
        select(ReviewItem).where(
            ReviewItem.document_id == row.document_id, ReviewItem.state == "open"
        )
    )
    if item is not None and list(item.asks) == ["kind"]:
        questions.finish(item, actor, outcome)


def _divided(session: Session, row: Remittance, shared: Shared | None) -> _Divided | None:
    """What its reading says of a sum: which claims are whose; None where that is in doubt."""
    if shared is None:
        return None
    amounts = {each: session.get_one(Payment, each).amount_cents or 0 for each in shared.payments}
    division = remittance_shares.division_of(row.document, amounts)
    return None if division is None else _Divided(shared, division)


def _stands(session: Session, row: Remittance, new: _Wanted) -> bool:
    """Whether the row says this already."""
    shares = remittance_shares.live_of(session, [row.id]).get(row.id, [])
    if isinstance(new, _Divided):
        return row.partner_state == "joined" and remittance_shares.same(shares, new.division)
    if isinstance(new, Joined):
        return row.payment_id == new.payment and not shares
    if isinstance(new, Copied):
        return row.copy_of_id == new.original
    return row.partner_state == "waiting"


def _enter(session: Session, envelope: MailTransaction, document: DocumentRow) -> Remittance:
    known = of_document(session, document.id)
    if known is not None:
        return known
    found = facts_of(as_value(document), load_settings().remittance_confidence)
    row = Remittance(
        ref=ids.new_ref("REM"), document_id=document.id, office_id=envelope.office_id,
        read_state="read" if found.sure else "to_check",
        partner_state="waiting", reason="", reasons=[], late=False, created_at=clock.now(),
    )  # fmt: skip
    _write(row, found)
    session.add(row)
    session.flush()
    audit.record(session, actor=ACTOR, action="remittance.entered", subject_kind="remittance",
                 subject_id=row.id, detail={"ref": row.ref})  # fmt: skip
    return row


def _write(row: Remittance, found: RemittanceFacts) -> None:
    row.payer_name, row.payment_number = found.payer_name, found.payment_number
    row.company_id, row.method = found.company_id, found.method
    row.amount_cents, row.paid_on = found.amount_cents, found.paid_on
    row.explained_cents = found.explained_cents
    row.electronic, row.doubtful = found.electronic, found.doubtful
    state = "read" if found.sure else "to_check"
    if row.read_state != state:
        move(row, REMITTANCE_READ, state)
    if row.partner_state == "none_needed" and not found.moves_no_money:
        move(row, REMITTANCE_PARTNER, "waiting")
