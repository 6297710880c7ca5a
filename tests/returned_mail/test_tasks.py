"""Returned pieces open tasks; tasks hold statements and end in an address that works."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from records import audit, jobs
from records.db import Database
from records.errors import Conflict, LockboxError, NotFound
from records.models import (
    Account,
    AddressTask,
    AddressVersion,
    ReturnedPiece,
    StatementHold,
    TaskAttempt,
)
from returned_mail import reasons, tasks
from returned_mail.jobs import STAGES
from tests.world import add_account, add_document, add_office

IMB = {
    "barcode_id": "00",
    "service_type_id": "270",
    "mailer_id": "903123456",
    "serial": "000017",
    "routing_zip": "45419",
}
IMB_DIGITS = "0027090312345600001745419"
PIECE = {
    "reason": "attempted_not_known",
    "endorsement_text": "ATTEMPTED - NOT KNOWN",
    "addressee_name": "ROSA ALVAREZ",
    "addressee_address": "12 ELM ST\nDAYTON OH 45419",
}


def arrive(db: Database, fields: dict[str, Any], office: str = "NORTH") -> str:
    """A returned piece comes in and its stage runs; the document's id."""
    with db.write() as session:
        from records.models import Office  # noqa: PLC0415 - only here

        where = session.scalars(select(Office).where(Office.code == office)).one()
        document_id = add_document(session, where, "returned_mail", fields).id
        jobs.follow(session, "returned_mail_registered", document_id)
    ran = jobs.run_one(db, "test:1:1", {stage.name: stage for stage in STAGES})
    assert ran is not None
    assert ran.outcome == "done", ran
    return document_id


def only_task(db: Database) -> AddressTask:
    with db.read() as session:
        return session.scalars(select(AddressTask)).one()


def test_name_and_address_find_the_account_and_hold_its_statements(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        account = add_account(session, office, "1000000017")
        add_account(session, office, "1000000025", "Peter Novak", street="900 OAK AVE")
    arrive(db, PIECE)
    task = only_task(db)
    assert task.account_id == account.id
    assert task.reason == "attempted_not_known"
    with db.read() as session:
        assert session.scalars(select(StatementHold)).one().account_id == account.id
        assert session.get_one(Account, account.id).addresses[0].bad_since is not None
        assert audit.verify(session).ok


def test_two_accounts_of_one_guarantor_are_not_chosen_between_without_a_barcode(
    db: Database,
) -> None:
    with db.write() as session:
        office = add_office(session)
        add_account(session, office, "1000000017")
        add_account(session, office, "1000000025")
    arrive(db, PIECE)
    task = only_task(db)
    assert task.account_id is None
    assert {each["account_number"] for each in task.evidence["candidates"]} == {
        "1000000017",
        "1000000025",
    }


def test_our_barcode_tells_two_accounts_of_one_guarantor_apart(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        add_account(session, office, "1000000017")
        wanted = add_account(session, office, "1000000025", imb=IMB_DIGITS)
    arrive(db, {**PIECE, "imb": IMB})
    assert only_task(db).account_id == wanted.id


def test_the_barcode_of_a_piece_we_mailed_is_enough(db: Database) -> None:
    with db.write() as session:
        wanted = add_account(session, add_office(session), "1000000017", imb=IMB_DIGITS)
    arrive(db, {"reason": "vacant", "imb": IMB})
    assert only_task(db).account_id == wanted.id


def test_a_barcode_with_somebody_elses_name_and_address_goes_to_a_person(db: Database) -> None:
    with db.write() as session:
        add_account(session, add_office(session), "1000000017", imb=IMB_DIGITS)
    other = {"addressee_name": "INGRID OKAFOR", "addressee_address": "8 OAK LN\nTROY OH 45373"}
    arrive(db, {"reason": "vacant", "imb": IMB, **other})
    task = only_task(db)
    assert task.account_id is None
    assert task.evidence["candidates"][0]["account_number"] == "1000000017"


def test_the_same_piece_twice_adds_no_task(db: Database) -> None:
    with db.write() as session:
        add_account(session, add_office(session), "1000000017", imb=IMB_DIGITS)
    arrive(db, {**PIECE, "imb": IMB})
    arrive(db, {**PIECE, "imb": IMB, "addressee_name": None})
    assert only_task(db).pieces == 1
    with db.read() as session:
        outcomes = session.scalars(select(ReturnedPiece.outcome).order_by(ReturnedPiece.id)).all()
        shown = session.scalars(select(TaskAttempt).where(TaskAttempt.kind == "piece")).all()
    assert (outcomes, len(shown)) == (["opened", "copy"], 1)


def test_what_may_be_another_offices_and_is_not_sure_stays_and_shows_nobody(db: Database) -> None:
    with db.write() as session:
        here = add_office(session)
        west = add_office(session, "WEST")
        for number in ("1000000017", "1000000025"):
            add_account(session, west, number)
    arrive(db, PIECE)
    task = only_task(db)
    assert (task.office_id, task.account_id) == (here.id, None)
    assert task.evidence["candidates"] == []


def test_a_new_address_is_a_new_version_and_lifts_the_hold(db: Database) -> None:
    with db.write() as session:
        account = add_account(session, add_office(session), "1000000017")
    arrive(db, PIECE)
    task = only_task(db)
    with db.write() as session:
        tasks.attempt(session, task.id, "user:sam", "call", "reached", "moved in May")
        tasks.resolve(session, task.id, "user:sam", "7 Birch Lane", "Troy", "OH", "45373")
    with db.read() as session:
        versions = session.get_one(Account, account.id).addresses
        assert [each.street for each in versions] == ["12 ELM ST", "7 BIRCH LN"]
        assert versions[1].source == "returned_mail"
        hold = session.scalars(select(StatementHold)).one()
        assert hold.released_by == "user:sam"
        assert session.get_one(AddressTask, task.id).state == "resolved"


def test_the_address_the_mail_came_back_from_is_refused(db: Database) -> None:
    with db.write() as session:
        add_account(session, add_office(session), "1000000017")
    arrive(db, PIECE)
    with pytest.raises(Conflict) as refused, db.write() as session:
        tasks.resolve(
            session, only_task(db).id, "user:sam", "12 Elm Street", "Dayton", "OH", "45419"
        )
    assert refused.value.code == "same_address"
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(AddressVersion)) == 1


def test_a_task_without_account_cannot_take_an_address_until_one_is_assigned(
    db: Database,
) -> None:
    with db.write() as session:
        add_account(session, add_office(session), "1000000017")
    arrive(db, {"reason": "unknown"})
    task_id = only_task(db).id
    with pytest.raises(Conflict), db.write() as session:
        tasks.resolve(session, task_id, "user:sam", "7 Birch Ln", "Troy", "OH", "45373")
    with pytest.raises(NotFound), db.write() as session:
        tasks.assign_account(session, task_id, "user:sam", "9999999999")
    with db.write() as session:
        tasks.assign_account(session, task_id, "user:sam", "1000000017")
        tasks.resolve(session, task_id, "user:sam", "7 Birch Ln", "Troy", "OH", "45373")


@pytest.mark.parametrize(("reason", "holds"), [("refused", 1), ("unclaimed", 0), ("deceased", 1)])
def test_the_reason_decides_whether_statements_are_held(
    db: Database, reason: str, holds: int
) -> None:
    with db.write() as session:
        add_account(session, add_office(session), "1000000017")
    arrive(db, {**PIECE, "reason": reason})
    with db.read() as session:
        assert session.scalar(select(func.count()).select_from(StatementHold)) == holds
        bad = session.scalars(select(AddressVersion)).one().bad_since is not None
    assert not bad, "of a death nothing is said before supervisors have confirmed it"


def test_a_finished_task_takes_no_more_work(db: Database) -> None:
    with db.write() as session:
        add_account(session, add_office(session), "1000000017")
    arrive(db, PIECE)
    task_id = only_task(db).id
    with db.write() as session:
        tasks.close_unresolved(session, task_id, "user:sam", "nothing to be found")
    for again in (
        lambda s: tasks.attempt(s, task_id, "user:sam", "call", "reached"),
        lambda s: tasks.close_unresolved(s, task_id, "user:sam", "again"),
    ):
        with pytest.raises(LockboxError), db.write() as session:
            again(session)


def test_every_reason_of_the_taxonomy_has_a_play_with_an_action() -> None:
    assert set(reasons.PLAYS) >= {"new_address", "insufficient", "deceased", "unknown", "none"}
    assert all(each.action and each.due_days > 0 for each in reasons.PLAYS.values())
    assert reasons.play("no such key").key == "unknown"


def test_a_change_of_address_on_a_stub_becomes_one_task_with_its_account(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        account = add_account(session, office, "1000000017")
        fields = {"account_number": "1000000017", "new_address": "7 BIRCH LN\nTROY OH 45373"}
        document = add_document(session, office, "coupon", fields)
        first = tasks.open_change(session, document.id, "user:sam")
        again = tasks.open_change(session, document.id, "user:sofia")
        assert first.id == again.id
        assert first.account_id == account.id
        tasks.resolve(session, first.id, "user:sam", "7 Birch Ln", "Troy", "OH", "45373")
    with db.read() as session:
        assert session.scalars(select(StatementHold)).all() == []
        address = session.get_one(Account, account.id).address
        assert address is not None
        assert address.street == "7 BIRCH LN"


def test_another_offices_account_is_answered_like_an_unknown_one(db: Database) -> None:
    with db.write() as session:
        add_office(session)
        add_account(session, add_office(session, "SOUTH"), "1000000025", "Peter Novak")
    arrive(db, PIECE)
    task = only_task(db)
    said = []
    for number in ("1000000025", "1000000099"):
        with pytest.raises(NotFound) as refused, db.write() as session:
            tasks.assign_account(session, task.id, "user:ann", number)
        said.append((refused.value.code, refused.value.message.replace(number, "")))
    assert said[0] == said[1]
