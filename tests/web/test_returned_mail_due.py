"""What a day brings to returned mail comes by itself: the running service looks once a minute."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from records import clock
from records.db import Database
from records.models import AddressTask, AuditEvent, Remail, StatementHold
from returned_mail import arrivals, tasks
from tests.world import add_account, add_document, add_office
from web.coming_due import Calendar

MONDAY = datetime(2026, 6, 1, 15, tzinfo=UTC)


def test_waits_end_holds_end_and_supervisors_are_told_once(db: Database) -> None:
    with clock.frozen(MONDAY), db.write() as session:
        office = add_office(session)
        for number, reason in (("1000000017", "temp_away"), ("1000000025", "vacant"),
                               ("1000000033", "refused")):  # fmt: skip
            account = add_account(session, office, number)
            document = add_document(session, office, "returned_mail", {"reason": reason})
            piece = arrivals.take(
                session, document.id, arrivals.Arrival(reason=reason, account_id=account.id)
            )
            assert piece.task_id is not None
            tasks.start(session, piece.task_id, "user:sam")
    with clock.frozen(MONDAY + timedelta(days=15)):
        assert Calendar().look(db) == 1  # the hold of the refused one
    with clock.frozen(MONDAY + timedelta(days=30)):
        assert Calendar().look(db) == 3  # one mailed again, two with a supervisor
        assert Calendar().look(db) == 0
    with db.read() as session:
        states = dict(session.execute(select(AddressTask.reason, AddressTask.state)).all())
        escalated = session.scalars(
            select(AuditEvent.seq).where(AuditEvent.action == "task.escalated")
        ).all()
        held = session.scalars(
            select(StatementHold).where(StatementHold.released_at.is_(None))
        ).all()
        (remail,) = session.scalars(select(Remail))
    assert states == {"temp_away": "resolved", "vacant": "in_progress", "refused": "in_progress"}
    assert (len(escalated), len(held), remail.why) == (2, 1, "wait_over")
