"""The page editor: turn pages and divide a file's pages into envelopes by hand.

Nothing is edited in place: envelopes are replaced by new ones, which are read and matched again.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from records import audit, clock, ids, jobs, journal
from records.errors import Conflict, NotFound, WrongUse
from records.models import (
    JournalEntry,
    MailTransaction,
    PageImage,
    Payment,
    Posting,
    Remittance,
    RemittanceShare,
    ReviewItem,
    SourceFile,
)
from records.workflow import POSTED, REMITTANCE_PARTNER, REVIEW, SOURCE_FILE, TRANSACTION, move

POSITION_STEP = 1000
"""Envelopes stand this far apart, so that a divided one keeps its place among its neighbours."""


def rotate(session: Session, page_id: str, degrees: int, actor: str) -> None:
    """Turn a page clockwise by a multiple of 90 degrees and read its envelope again."""
    if degrees % 90:
        raise WrongUse("wrong_rotation", "Pages turn by quarter turns.", "Use 90, 180 or 270.")
    page = session.get(PageImage, page_id)
    if page is None:
        raise NotFound("unknown_page", "There is no such page.", "Open it from the list.")
    file = _locked_file(session, page.source_file_id)
    page.rotation = (page.rotation + degrees) % 360
    for old in _live(session, file.id):
        if page_id in old.page_ids:
            _replace(session, file, [old], [(old.position, list(old.page_ids))])
    audit.record(
        session,
        actor=actor,
        action="page.rotated",
        subject_kind="source_file",
        subject_id=file.id,
        detail={"page": page.position, "degrees": degrees},
    )


def regroup(
    session: Session, source_file_id: str, groups: Sequence[Sequence[str]], actor: str
) -> None:
    """Make the file's envelopes anew: each group of page ids, in order, is one envelope.

    Pages left out become blanks (kept, not read). Envelopes that stay as they are keep their
    readings. Raises WrongUse when a page is named twice, is not of this file, or a group is
    empty; Conflict ``envelope_in_use`` when a changed envelope's money has already gone on, and
    ``remittance_posted`` when its EOB explains a payment of which a part has been posted.
    """
    file = _locked_file(session, source_file_id)
    pages = {page.id: page for page in file.pages}
    named = [page_id for group in groups for page_id in group]
    if len(set(named)) != len(named) or any(page_id not in pages for page_id in named):
        raise WrongUse(
            "wrong_pages", "A page stands twice or is of another file.", "Reload the page editor."
        )
    if any(not group for group in groups):
        raise WrongUse("empty_envelope", "An envelope has no pages.", "Remove it.")
    wanted = [list(group) for group in groups]
    live = _live(session, file.id)
    kept = [old for old in live if list(old.page_ids) in wanted]
    gone = [old for old in live if old not in kept]
    kept_pages = [list(old.page_ids) for old in kept]
    made = []
    for order, group in enumerate(wanted, start=1):
        if group in kept_pages:
            kept[kept_pages.index(group)].position = order * POSITION_STEP
        else:
            made.append((order * POSITION_STEP, group))
    for page in file.pages:
        if page.id not in named and page.role == "page":
            page.role = "blank"
        elif page.id in named:
            page.role = "page"
    _replace(session, file, gone, made)
    audit.record(
        session,
        actor=actor,
        action="file.regrouped",
        subject_kind="source_file",
        subject_id=file.id,
        detail={"envelopes": len(groups), "changed": len(made)},
    )


def _locked_file(session: Session, source_file_id: str) -> SourceFile:
    file = session.get(SourceFile, source_file_id, with_for_update=True)
    if file is None:
        raise NotFound("unknown_file", "There is no such file.", "Open it from the list.")
    if file.state not in {"done", "read", "split"}:
        raise Conflict("not_split", f"{file.ref} is not ready to be edited.", "Wait, then reload.")
    return file


def _live(session: Session, source_file_id: str) -> list[MailTransaction]:
    return list(
        session.scalars(
            select(MailTransaction)
            .where(MailTransaction.source_file_id == source_file_id, MailTransaction.live)
            .order_by(MailTransaction.position)
        )
    )


def _replace(
    session: Session,
    file: SourceFile,
    gone: Sequence[MailTransaction],
    made: Sequence[tuple[int, list[str]]],
) -> None:
    for old in gone:
        _withdraw(session, old)
    if made and file.state != "split":
        move(file, SOURCE_FILE, "split")
    for position, page_ids in made:
        new = MailTransaction(
            ref=ids.new_ref("ENV"),
            source_file_id=file.id,
            office_id=file.office_id,
            position=position,
            page_ids=page_ids,
            single=True,
        )
        session.add(new)
        session.flush()
        for old in gone:
            if old.replaced_by_id is None and set(old.page_ids) & set(page_ids):
                old.replaced_by_id = new.id
        jobs.follow(session, "transaction_split", new.id)


def _withdraw(session: Session, old: MailTransaction) -> None:
    """Take an envelope out of play: its payments' money is reversed, its questions are closed."""
    documents = [document.id for document in old.documents]
    _refuse_posted(session, documents)
    payments = list(
        session.scalars(select(Payment).where(Payment.transaction_id == old.id).with_for_update())
    )
    for payment in payments:
        if payment.match_state == "decided" or payment.deposit_state in {
            "in_deposit",
            "deposited",
            "credited",
            "returned",
        }:
            raise Conflict(
                "envelope_in_use",
                f"{payment.ref} of this envelope is already matched or deposited.",
                "Undo its match and take it out of its deposit first.",
            )
        payment.live = False
        for entry_id in _open_entries(session, payment.id):
            journal.reverse(session, entry_id)
    items = session.scalars(
        select(ReviewItem).where(
            ReviewItem.payment_id.in_([payment.id for payment in payments])
            | ReviewItem.document_id.in_(documents)
        )
    )
    for item in items:
        if item.state != "done":
            move(item, REVIEW, "done")
            item.outcome = "replaced"
    for document in old.documents:
        document.live = False
    _part_remittances(session, [payment.id for payment in payments], documents)
    old.live = False
    move(old, TRANSACTION, "replaced")


def _refuse_posted(session: Session, document_ids: Sequence[str]) -> None:
    """Conflict where these pages explain money that has left for the practice-management system.

    What is posted was divided by them: another reading of the pages would part it silently. The
    remittances are locked first, so that none is joined, and the postings, so that none leaves,
    while this is asked.
    """
    rows = session.scalars(
        select(Remittance)
        .where(Remittance.document_id.in_(document_ids))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    shares = session.scalars(
        select(RemittanceShare.payment_id).where(
            RemittanceShare.remittance_id.in_([row.id for row in rows]),
            RemittanceShare.ended_at.is_(None),
        )
    )
    explained = {*shares, *(row.payment_id for row in rows)} - {None}
    live = session.scalars(
        select(Posting)
        .where(Posting.payment_id.in_(explained), Posting.live)
        .order_by(Posting.id)
        .with_for_update()
    )
    posted = next((each for each in live if each.state in POSTED), None)
    if posted is not None:
        raise Conflict(
            "remittance_posted",
            f"A part of {posted.payment.ref}, which these pages explain, has gone to the "
            "practice-management system.",
            "Take its match back on its page first, or leave these pages as they are.",
        )


def _part_remittances(
    session: Session, payment_ids: Sequence[str], document_ids: Sequence[str]
) -> None:
    """What came apart from these payments waits again; what these pages explained has lost it."""
    joined = session.scalars(
        select(Remittance)
        .where(
            Remittance.partner_state == "joined",
            Remittance.payment_id.in_(payment_ids)
            | Remittance.document_id.in_(document_ids)
            | Remittance.id.in_(_shared(payment_ids)),
        )
        .with_for_update()
    )
    for row in joined:
        explained = [row.payment_id]
        move(row, REMITTANCE_PARTNER, "waiting")
        row.payment_id = row.joined_by = row.joined_at = None
        row.reason, row.reasons, row.late = "pages were divided anew", [], False
        session.flush()
        explained += _end_shares(session, row)
        for each in dict.fromkeys(explained):
            if each is not None and each not in payment_ids:
                jobs.follow(session, "remittance_changed", each, key=ids.new_id())


def _shared(payment_ids: Sequence[str]) -> Select[str]:
    """The remittances of several payments that explain one of these."""
    return select(RemittanceShare.remittance_id).where(
        RemittanceShare.payment_id.in_(payment_ids), RemittanceShare.ended_at.is_(None)
    )


def _end_shares(session: Session, row: Remittance) -> list[str | None]:
    """What was divided among several payments is no more; those payments."""
    shares = session.scalars(
        select(RemittanceShare).where(
            RemittanceShare.remittance_id == row.id, RemittanceShare.ended_at.is_(None)
        )
    ).all()
    for each in shares:
        each.ended_at, each.ended_by = clock.now(), "system:intake"
    session.flush()
    return [each.payment_id for each in shares]


def _open_entries(session: Session, payment_id: str) -> list[str]:
    reversed_ids = select(JournalEntry.reverses_id).where(JournalEntry.reverses_id.is_not(None))
    return list(
        session.scalars(
            select(JournalEntry.id).where(
                JournalEntry.subject_id == payment_id,
                JournalEntry.reverses_id.is_(None),
                JournalEntry.id.not_in(reversed_ids),
            )
        )
    )
