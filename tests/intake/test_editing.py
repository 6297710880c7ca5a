"""The page editor: envelopes are replaced and read again, and money that has gone on is safe."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from intake import editing
from records import ids, journal
from records.db import Database
from records.errors import Conflict, LockboxError
from records.models import (
    Document,
    Job,
    MailTransaction,
    PageImage,
    Payment,
    ReviewItem,
    SourceFile,
)
from tests.world import add_document, add_office

ACTOR = "user:sam"


def two_envelopes(db: Database) -> tuple[str, list[str]]:
    """A file of four pages in two envelopes of two; its id and the page ids."""
    with db.write() as session:
        office = add_office(session)
        first = add_document(session, office, "check", {}).transaction
        file = first.source_file
        pages = [
            PageImage(
                source_file_id=file.id,
                position=number,
                image_sha256="0" * 64,
                media_type="image/png",
                width=10,
                height=10,
            )
            for number in range(4)
        ]
        session.add_all(pages)
        session.flush()
        first.page_ids = [pages[0].id, pages[1].id]
        session.add(
            MailTransaction(
                ref=ids.new_ref("ENV"),
                source_file_id=file.id,
                office_id=office.id,
                position=2000,
                page_ids=[pages[2].id, pages[3].id],
                state="settled",
            )
        )
        return file.id, [page.id for page in pages]


def live(db: Database, file_id: str) -> list[list[str]]:
    with db.read() as session:
        return [
            list(each.page_ids)
            for each in session.scalars(
                select(MailTransaction)
                .where(MailTransaction.source_file_id == file_id, MailTransaction.live)
                .order_by(MailTransaction.position)
            )
        ]


def add_payment(db: Database, file_id: str, **values: object) -> str:
    """A check of the first envelope, received in the journal, with its question open."""
    with db.write() as session:
        envelope = session.scalars(
            select(MailTransaction)
            .where(MailTransaction.source_file_id == file_id)
            .order_by(MailTransaction.position)
        ).first()
        assert envelope is not None
        payment = Payment(
            ref=ids.new_ref("PAY"),
            document_id=envelope.documents[0].id,
            transaction_id=envelope.id,
            office_id=envelope.office_id,
            received_on=envelope.source_file.received_on,
            amount_cents=5000,
            **values,
        )
        session.add(payment)
        session.flush()
        journal.post(
            session,
            "received",
            [journal.debit("on_hand", 5000), journal.credit("unidentified", 5000)],
            subject_kind="payment",
            subject_id=payment.id,
        )
        session.add(
            ReviewItem(ref=ids.new_ref("REV"), office_id=payment.office_id, payment_id=payment.id)
        )
        return payment.id


def test_dividing_an_envelope_replaces_it_and_leaves_the_other_alone(db: Database) -> None:
    file_id, pages = two_envelopes(db)
    with db.write() as session:
        editing.regroup(session, file_id, [[pages[0]], [pages[1]], pages[2:]], ACTOR)
    assert live(db, file_id) == [[pages[0]], [pages[1]], pages[2:]]
    with db.read() as session:
        assert session.get_one(SourceFile, file_id).state == "split"
        assert session.scalars(select(Job.stage)).all() == ["ocr.read", "ocr.read"]
        assert [each.live for each in session.scalars(select(Document))] == [False]


def test_the_same_envelopes_again_change_nothing(db: Database) -> None:
    file_id, pages = two_envelopes(db)
    with db.write() as session:
        editing.regroup(session, file_id, [pages[:2], pages[2:]], ACTOR)
    with db.read() as session:
        assert session.get_one(SourceFile, file_id).state == "done"
        assert session.scalars(select(Job)).all() == []


def test_a_page_left_out_stays_as_a_blank(db: Database) -> None:
    file_id, pages = two_envelopes(db)
    with db.write() as session:
        editing.regroup(session, file_id, [[pages[0]], pages[2:]], ACTOR)
    with db.read() as session:
        assert session.get_one(PageImage, pages[1]).role == "blank"
        assert len(session.scalars(select(PageImage)).all()) == 4


def test_turning_a_page_reads_its_envelope_again(db: Database) -> None:
    file_id, pages = two_envelopes(db)
    with db.write() as session:
        editing.rotate(session, pages[2], 270, ACTOR)
    with db.read() as session:
        assert session.get_one(PageImage, pages[2]).rotation == 270
        assert session.scalars(select(Job.stage)).all() == ["ocr.read"]
    assert live(db, file_id) == [pages[:2], pages[2:]]


def test_money_of_a_replaced_envelope_is_reversed_and_its_question_closed(db: Database) -> None:
    file_id, pages = two_envelopes(db)
    payment_id = add_payment(db, file_id)
    with db.write() as session:
        editing.regroup(session, file_id, [pages], ACTOR)
    with db.read() as session:
        assert not session.get_one(Payment, payment_id).live
        assert session.scalars(select(ReviewItem)).one().outcome == "replaced"
        assert not any(journal.balances(session).values())


@pytest.mark.parametrize(
    "values",
    [{"match_state": "decided"}, {"deposit_state": "in_deposit"}, {"deposit_state": "credited"}],
)
def test_an_envelope_whose_money_has_gone_on_cannot_be_edited(
    db: Database, values: dict[str, str]
) -> None:
    file_id, pages = two_envelopes(db)
    payment_id = add_payment(db, file_id, **values)
    with pytest.raises(Conflict) as refused, db.write() as session:
        editing.regroup(session, file_id, [pages], ACTOR)
    assert refused.value.code == "envelope_in_use"
    assert live(db, file_id) == [pages[:2], pages[2:]]
    with db.read() as session:
        assert session.get_one(Payment, payment_id).live


@pytest.mark.parametrize("wrong", ["twice", "stranger", "empty"])
def test_wrong_groups_are_refused_whole(db: Database, wrong: str) -> None:
    file_id, pages = two_envelopes(db)
    groups = {
        "twice": [pages, [pages[0]]],
        "stranger": [[*pages, "nobody's page"]],
        "empty": [pages, []],
    }[wrong]
    with pytest.raises(LockboxError), db.write() as session:
        editing.regroup(session, file_id, groups, ACTOR)
    assert live(db, file_id) == [pages[:2], pages[2:]]
