"""A remittance that is keyed or read otherwise after its payment was posted is told as late."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from deposits import remittance_waiting
from matching import remittance_partners, remittance_seen
from matching.review import undo
from records.db import Database
from records.models import Payment, Posting, PostingExport, ReadingRow, Remittance
from tests.matching import world
from tests.matching.test_remittance_partners import CLAIMS, eob, insurers, only

SAM = "user:sam"
SWAPPED = [{**CLAIMS[0], "paid_cents": 80_00}, {**CLAIMS[1], "paid_cents": 125_00}]


def posted(session: Session) -> Payment:
    """A decided payment of which a part has left."""
    (payment,) = world.run(session, [insurers(), eob()])
    assert payment.match_state == "decided"
    part = next(each for each in payment.allocations if each.live)
    sent = PostingExport(
        ref="EXP-1", office_id=payment.office_id, format="csv", file_name="a.csv",
        file_sha256="0" * 64, count=1, total_cents=part.amount_cents, created_by=SAM,
    )  # fmt: skip
    session.add(sent)
    session.flush()
    row = Posting(
        ref="PST-1", pms="csv", allocation_id=part.id, payment_id=payment.id,
        office_id=payment.office_id, amount_cents=part.amount_cents,
    )  # fmt: skip
    session.add(row)
    session.flush()
    row.state, row.export_id = "exported", sent.id
    session.flush()
    return payment


def keyed(session: Session, row: Remittance, **more: Any) -> None:
    document = row.document
    last = max(each.version for each in document.readings)
    session.add(ReadingRow(document_id=document.id, version=last + 1, sealed=eob(**more),
                           made_by=SAM))  # fmt: skip
    session.flush()
    session.expire_all()
    remittance_partners.changed(session, document, SAM)


def test_what_is_keyed_otherwise_after_the_posting_waits_to_be_compared(group: Database) -> None:
    with group.write() as session:
        payment = posted(session)
        row = only(session)
        keyed(session, row)
        assert not row.late, "the same sums are no news"
        keyed(session, row, claims=SWAPPED)
        assert (row.late, row.payment_id) == (True, payment.id)
        (told,) = [each for each in remittance_waiting.queue(session, None) if each.ref == row.ref]
        assert told.kind == "late"
        remittance_seen.looked_at(session, row.ref, SAM, "posted anew by hand")
        assert remittance_waiting.queue(session, None) == []
        keyed(session, row)
        assert (row.late, row.reason) == (True, "")
        assert "posted anew by hand" in [each["detail"] for each in row.reasons]
        assert session.scalars(select(Posting.state)).all() == ["exported"]


def test_once_its_match_was_taken_back_a_late_one_says_that_its_question_is_next(
    group: Database,
) -> None:
    with group.write() as session:
        payment = posted(session)
        keyed(session, only(session), claims=SWAPPED)
        (told,) = remittance_waiting.queue(session, None)
        assert told.next_step.startswith("Compare its claims with what was posted")
        row = session.scalars(select(Posting)).one()
        row.state = "failed"  # refused by the office's system, and queued no more
        session.flush()
        undo(session, payment.id, SAM)
        (told,) = remittance_waiting.queue(session, None)
        assert told.says == (
            "Nothing is decided now: its question in review shows what the EOB says."
        )
        assert told.next_step.startswith("Nothing of it is posted now. Answer its question")
