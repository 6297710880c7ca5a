"""The stage that makes payments of a file's readings, finds duplicates, and books what came in."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from matching import denials, electronic_twins, ledger, questions, remittance_partners
from matching.fingerprints import NONE, Fingerprints, fingerprints, lock, same_check, same_item
from matching.readings import Document
from matching.register import (
    Envelope,
    EnvelopePlan,
    FileReadings,
    PaymentPlan,
    Thresholds,
    plan,
)
from matching.undoing import is_out, take_out, withdraw_decision
from records import audit, crypto, ids, jobs
from records.errors import NotFound
from records.models import DepositItem, KeyedValue, MailTransaction, Payment, SourceFile
from records.models import Document as DocumentRow
from records.settings import load_settings
from records.workflow import DEPOSIT_AXIS, SOURCE_FILE, TRANSACTION, move

ACTOR = "system:register"
Plans = tuple[EnvelopePlan, ...]


def load(session: Session, source_file_id: str) -> FileReadings:
    """The envelopes of the file that were read and not yet registered."""
    file = session.get(SourceFile, source_file_id)
    if file is None:
        raise NotFound("unknown_file", "There is no such file.")
    settings = load_settings()
    rows = session.scalars(
        select(MailTransaction)
        .where(
            MailTransaction.source_file_id == file.id,
            MailTransaction.live,
            MailTransaction.state == "read",
        )
        .options(
            selectinload(MailTransaction.documents).selectinload(DocumentRow.readings),
            selectinload(MailTransaction.office),
        )
        .order_by(MailTransaction.position, MailTransaction.id)
    ).all()
    return FileReadings(
        source_file_id=file.id,
        received_on=file.received_on,
        sure=Thresholds(
            amount=settings.amount_confidence,
            remittance=settings.remittance_confidence,
            micr=settings.micr_confidence,
            check_number=settings.check_number_confidence,
            payee=settings.payee_confidence,
            unsigned=settings.unsigned_confidence,
            date=settings.date_confidence,
            payer=settings.payer_confidence,
        ),
        envelopes=tuple(
            Envelope(
                row.id,
                row.position,
                tuple(row.office.settings.get("acceptable_payees") or ()),
                documents_of(row),
            )
            for row in rows
        ),
    )


def documents_of(row: MailTransaction) -> tuple[Document, ...]:
    """The live documents of an envelope with their newest readings, as values."""
    return tuple(
        Document(each.id, each.position, each.kind, each.reading.sealed, bool(each.page_ids))
        for each in row.documents
        if each.live and each.readings
    )


def save(session: Session, source_file_id: str, plans: Plans) -> None:
    """Write the payments and questions, in order of position, and tell what happened."""
    lock(session)
    file = session.get(SourceFile, source_file_id, with_for_update=True)
    if file is None or file.state != "read":
        return  # the page editor made its envelopes anew; they come again
    entered: list[MailTransaction] = []
    for envelope in plans:
        row = session.get(MailTransaction, envelope.transaction_id, with_for_update=True)
        if row is None or not row.live or row.state != "read":
            continue
        extra = [
            document_id
            for document_id in (_pay(session, file, row, each) for each in envelope.payments)
            if document_id is not None
        ]
        asked = [*envelope.questions, *((document_id, ("duplicate",)) for document_id in extra)]
        for document_id, asks in asked:
            questions.ask_document(session, session.get_one(DocumentRow, document_id), asks)
        entered.append(row)
        move(row, TRANSACTION, "registered")
        session.flush()
        jobs.follow(session, "transaction_registered", row.id)
        for document_id in envelope.returned:
            jobs.follow(session, "returned_mail_registered", document_id)
    remittance_partners.enter(session, entered)
    denials.enter(session, entered)
    move(file, SOURCE_FILE, "done")
    audit.record(session, actor=ACTOR, action="file.registered", subject_kind="source_file",
                 subject_id=file.id, detail={"envelopes": len(plans)})  # fmt: skip


def _pay(session: Session, file: SourceFile, row: MailTransaction, made: PaymentPlan) -> str | None:
    """Write one payment; the document's id instead when its electronic twin is there already."""
    prints = _prints(made)
    twin = same_check(session, prints)
    if made.kind == "eft" and (twin or electronic_twins.of_transfer(session, made, row.office_id)):
        return made.document_id
    overtaken = None
    if twin is not None and _gives_way(session, twin, file):
        overtaken, twin = twin, None
        _demote(session, overtaken)
    payment = _row(file, row, made, prints)
    payment.live = twin is None
    payment.duplicate_of_id = twin.id if twin is not None else None
    session.add(payment)
    session.flush()
    ledger.receive(session, payment)
    if overtaken is not None:
        overtaken.duplicate_of_id = payment.id
    asks = list(made.asks)
    if twin is not None:
        payment.flags = [*payment.flags, "duplicate"]
        take_out(session, payment, "duplicate", ACTOR)
        asks = ["duplicate"]
    elif payment.kind == "check":
        asks += _alert_of_same_item(session, file, payment, prints)
        transfer = electronic_twins.of_check(session, payment)
        if transfer is not None:
            _mark_same_item(payment, transfer)
            asks.append("duplicate")
    if asks:
        questions.ask(session, payment, asks, made.guess_cents)
    elif payment.deposit_state == "awaiting_review":
        move(payment, DEPOSIT_AXIS, "depositable")
    audit.record(session, actor=ACTOR, action="payment.registered", subject_kind="payment",
                 subject_id=payment.id, detail={"asks": sorted(set(asks))})  # fmt: skip
    return None


def _prints(made: PaymentPlan) -> Fingerprints:
    if made.kind == "check":
        return fingerprints(made.micr, made.amount_cents)
    if not made.reference:
        return NONE
    # The same 835 sent twice is the same money, whatever the bytes around it.
    identity = f"{made.payer_name}|{made.reference}|{made.amount_cents}"
    return Fingerprints(crypto.keyring().fingerprint("eft", identity), None, None)


def _row(
    file: SourceFile, row: MailTransaction, made: PaymentPlan, prints: Fingerprints
) -> Payment:
    micr = made.micr
    sealed = {
        "routing_number": micr.routing_number,
        "account_number": micr.account_number,
        "check_number": micr.check_number,
        "micr_line": micr.micr_line,
    }
    return Payment(
        ref=ids.new_ref("PAY"),
        kind=made.kind,
        document_id=made.document_id,
        transaction_id=row.id,
        office_id=row.office_id,
        received_on=file.received_on,
        amount_cents=made.amount_cents,
        amount_by="" if made.amount_cents is None else ACTOR,
        sealed=sealed,
        account_last4=crypto.last4(micr.account_number),
        check_number=(micr.check_number or made.reference)[:20],
        payer_hmac=prints.payer,
        fingerprint=prints.check,
        item_fingerprint=prints.item,
        payer_name=made.payer_name,
        written_on=made.written_on,
        deposit_state="electronic" if made.kind == "eft" else "awaiting_review",
        match_state="undecided",
        flags=list(made.flags),
    )


def _gives_way(session: Session, twin: Payment, file: SourceFile) -> bool:
    """Whether the registered twin came in a file received after this one, and nobody touched it.

    One that waits to go again, since a bank refused its deposit, is the check that was sent.
    Files are read side by side; which scan is the original must not hang on which was faster.
    """
    theirs = twin.transaction.source_file
    if (theirs.created_at, theirs.id) <= (file.created_at, file.id):
        return False
    if twin.deposit_state not in {"awaiting_review", "depositable"} or twin.override_by:
        return False
    touched = select(KeyedValue.id).where(KeyedValue.payment_id == twin.id).limit(1)
    presented = select(DepositItem.id).where(DepositItem.payment_id == twin.id).limit(1)
    untouched = session.scalar(touched) is None and session.scalar(presented) is None
    return untouched and not is_out(session, twin.id)


def _demote(session: Session, twin: Payment) -> None:
    """Make a registered payment the duplicate of one that was received before it."""
    if twin.match_state == "decided":
        withdraw_decision(session, twin, ACTOR, "duplicate")
    take_out(session, twin, "duplicate", ACTOR)
    twin.flags = [*twin.flags, "duplicate"]
    item = questions.ask(session, twin, ["duplicate"])
    item.asks = ["duplicate"]
    session.flush()


def _alert_of_same_item(
    session: Session, file: SourceFile, payment: Payment, prints: Fingerprints
) -> list[str]:
    """The question when a check of this account and serial is there with another amount.

    The one received later is asked about, whichever was registered first.
    """
    other = same_item(session, prints, but=[payment.id])
    if other is None:
        return []
    if _gives_way(session, other, file):
        if other.match_state == "decided":
            withdraw_decision(session, other, ACTOR, "same_item")
        if other.deposit_state == "depositable":
            move(other, DEPOSIT_AXIS, "awaiting_review")
        asks = ["duplicate", "match"] if other.match_state == "in_review" else ["duplicate"]
        questions.ask(session, other, asks)
        _mark_same_item(other, payment)
        return []
    _mark_same_item(payment, other)
    return ["duplicate"]


def _mark_same_item(later: Payment, earlier: Payment) -> None:
    later.flags = list(dict.fromkeys([*later.flags, "same_item"]))
    later.duplicate_of_id = earlier.id


STAGE = jobs.Stage(name="matching.register", load=load, work=plan, save=save)
