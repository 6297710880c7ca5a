"""A returned piece finds its task: a copy, one piece more, history, a task again, or a new one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from records import audit, clock
from records.errors import WrongUse
from records.models import (
    Account,
    AddressTask,
    AddressVersion,
    Document,
    MailTransaction,
    ReturnedPiece,
)
from returned_mail import passing, plays, remails, tasks, tying
from returned_mail.address import parse_block, standardise
from returned_mail.reasons import play

ACTOR: Final = "system:returned_mail"
_SERIAL_DAYS: Final = 45
"""So long the serial number of a barcode is unique; then a mailer may give it again."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A returned piece as read. ``account_id`` only where it is sure whose it is.

    ``address_version_id`` is what the ledger of mailed pieces says it was mailed to; None: by
    ``address``, the text in the window. ``office_id``: whose piece it is, where it lay in another
    office's mail. ``label_key`` is the label's id, ``imb_key`` mailer id and
    serial. ``opened``: somebody has opened the envelope.
    """

    reason: str
    account_id: str | None = None
    address_version_id: str | None = None
    office_id: str = ""
    address: str = ""
    statement_id: str | None = None
    label_key: str | None = None
    imb_key: str | None = None
    opened: bool = False
    evidence: dict[str, Any] = field(default_factory=dict)


def take(session: Session, document_id: str, arrival: Arrival) -> ReturnedPiece:
    """Book a returned piece, once a document, and open, join or reopen its task."""
    known = session.scalar(select(ReturnedPiece).where(ReturnedPiece.document_id == document_id))
    if known is not None:
        return known
    document = session.get_one(Document, document_id)
    office_id = _office(document, arrival)
    tying.one_at_a_time(session, office_id)
    if office_id != document.transaction.office_id:
        passing.arrived(session, document, office_id, ACTOR)
    earlier = _same_envelope(session, {office_id, document.transaction.office_id}, arrival)
    if earlier is not None:
        return _copy(session, document, earlier, arrival)
    account = session.get(Account, arrival.account_id) if arrival.account_id else None
    if account is None:
        task = _opened(session, document, arrival)
        return _book(session, document, arrival, task, "opened")
    version = mailed_to(session, account, arrival)
    if version is not None and account.address is not None and version.id != account.address.id:
        return _history(session, document, arrival, account, version)
    return _present(session, document, arrival, account, version)


def _office(document: Document, arrival: Arrival) -> str:
    return arrival.office_id or document.transaction.office_id


def mailed_to(session: Session, account: Account, arrival: Arrival) -> AddressVersion | None:
    """The address version that the piece was mailed to.

    By the ledger of mailed pieces; else an older version whose address stands in the window and
    is not the present one's; else the present one.
    """
    if arrival.address_version_id is not None:
        found = session.get(AddressVersion, arrival.address_version_id)
        if found is not None and found.account_id == account.id:
            return found
    read = _key_of_text(arrival.address)
    now = account.address
    if read is None or now is None or _key(now) == read:
        return now
    return next((each for each in reversed(account.addresses) if _key(each) == read), now)


def _present(
    session: Session, document: Document, arrival: Arrival, account: Account,
    version: AddressVersion | None,
) -> ReturnedPiece:  # fmt: skip
    running = tying.unfinished(session, account, version)
    if running is not None:
        running.pieces += 1
        tying.add_picture(session, running, document, ACTOR, "task.piece_added")
        _guard(session, running, arrival)
        return _book(session, document, arrival, running, "joined", account, version)
    ended = _sent_there(session, account, version)
    if ended is not None:
        ended.reason = play(arrival.reason).key
        ended.evidence = arrival.evidence
        ended.pieces += 1
        tying.add_picture(session, ended, document, ACTOR, "task.piece_added")
        tasks.reopen(session, ended.id, ACTOR, raised=True)
        _guard(session, ended, arrival)
        return _book(session, document, arrival, ended, "reopened", account, version)
    task = _opened(session, document, arrival)
    piece = _book(session, document, arrival, task, "opened", account, version)
    if tying.stopped(session, account.id):
        task.queue = "deceased"
    tying.tie(session, task, account, version, ACTOR)
    return piece


def _sent_there(
    session: Session, account: Account, version: AddressVersion | None
) -> AddressTask | None:
    """The ended task after which this address was mailed to: it gave it, or mailed there again."""
    if version is None:
        return None
    gave = session.scalars(
        select(AddressTask)
        .where(AddressTask.account_id == account.id, AddressTask.new_address_id == version.id)
        .order_by(AddressTask.resolved_at.desc())
        .limit(1)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if gave is not None:
        return gave
    sent = remails.went_to(session, account.id, version.id)
    if sent is None:
        return None
    task = tasks.locked(session, sent.task_id)
    # A remail of the household's: the task is another account's, and this one gets its own.
    return task if task.account_id == account.id else None


def _same_envelope(
    session: Session, offices: Collection[str], arrival: Arrival
) -> ReturnedPiece | None:
    """An earlier booking of this very envelope, of these offices or passed on by one of them.

    The same label is the same envelope, unless the barcodes differ. So is the same barcode, while
    its serial is not given again, unless each has a label of its own, or it was mailed again
    meanwhile.
    """
    query = (
        select(ReturnedPiece)
        .join(Document, Document.id == ReturnedPiece.document_id)
        .join(MailTransaction, MailTransaction.id == Document.transaction_id)
        .where(or_(ReturnedPiece.office_id.in_(offices), MailTransaction.office_id.in_(offices)))
    )
    newest = query.order_by(ReturnedPiece.created_at.desc()).limit(1)
    if arrival.label_key:
        found = session.scalar(newest.where(ReturnedPiece.label_key == arrival.label_key))
        other = found is not None and found.imb_key and arrival.imb_key
        if found is not None and not (other and found.imb_key != arrival.imb_key):
            return found
    if not arrival.imb_key:
        return None
    found = session.scalar(newest.where(ReturnedPiece.imb_key == arrival.imb_key))
    if found is None or clock.now() - found.created_at > timedelta(days=_SERIAL_DAYS):
        return None
    if found.label_key and arrival.label_key:
        return None  # two labels: it went out and came back twice
    if found.account_id is not None:
        sent = remails.went_to(session, found.account_id, found.address_version_id)
        if sent is not None and sent.mailed_at is not None and sent.mailed_at > found.created_at:
            return None
    return found


def _copy(
    session: Session, document: Document, earlier: ReturnedPiece, arrival: Arrival
) -> ReturnedPiece:
    task = session.get(AddressTask, earlier.task_id) if earlier.task_id else None
    if task is not None:
        tying.add_picture(session, task, document, ACTOR, "task.piece_scanned_again")
    piece = _book(session, document, arrival, task, "copy")
    piece.office_id = earlier.office_id  # it may have been passed on meanwhile
    piece.account_id, piece.address_version_id = earlier.account_id, earlier.address_version_id
    piece.reason = earlier.reason
    return piece


def _history(
    session: Session, document: Document, arrival: Arrival, account: Account,
    version: AddressVersion,
) -> ReturnedPiece:  # fmt: skip
    """Mail to an address that the account has no more: booked, and nothing follows from it."""
    task = session.scalars(
        select(AddressTask)
        .where(AddressTask.account_id == account.id, AddressTask.address_version_id == version.id)
        .order_by(AddressTask.created_at.desc())
        .limit(1)
    ).first()
    if task is not None:
        tying.add_picture(session, task, document, ACTOR, "task.late_piece_added")
    piece = _book(session, document, arrival, task, "history", account, version)
    audit.record(
        session, actor=ACTOR, action="returned_mail.history", subject_kind="document",
        subject_id=document.id, detail={"account": account.id, "version": str(version.version)},
    )  # fmt: skip
    return piece


def _opened(session: Session, document: Document, arrival: Arrival) -> AddressTask:
    key = arrival.label_key or arrival.imb_key
    task = tasks.open_task(session, document, arrival.reason, arrival.evidence, ACTOR, key,
                           _office(document, arrival))  # fmt: skip
    _guard(session, task, arrival)
    return task


def _guard(session: Session, task: AddressTask, arrival: Arrival) -> None:
    """An opened envelope, or a piece that says something graver than the first one did."""
    said = plays.in_force(session, task.office_id, arrival.reason).play
    queue = "opened" if arrival.opened else said.queue
    if queue and not task.queue:
        task.queue = queue
        tying.stop_mail(session, task, ACTOR)
        tying.schedule(session, task)


def _book(
    session: Session, document: Document, arrival: Arrival, task: AddressTask | None,
    outcome: str, account: Account | None = None, version: AddressVersion | None = None,
) -> ReturnedPiece:  # fmt: skip
    piece = ReturnedPiece(
        document_id=document.id,
        office_id=_office(document, arrival),
        task_id=task.id if task else None,
        account_id=account.id if account else None,
        address_version_id=version.id if version else None,
        statement_id=arrival.statement_id,
        reason=play(arrival.reason).key,
        outcome=outcome,
        label_key=arrival.label_key,
        imb_key=arrival.imb_key,
    )
    session.add(piece)
    session.flush()
    return piece


def _key(version: AddressVersion) -> tuple[str, ...] | None:
    try:
        found = standardise(version.street, version.city, version.state, version.zip)
    except WrongUse:  # as it was imported: no address at all
        return None
    return (found.street, found.zip[:5])


def _key_of_text(text: str) -> tuple[str, ...] | None:
    found = parse_block(text) if text else None
    return (found.street, found.zip[:5]) if found else None
