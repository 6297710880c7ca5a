"""An answer applied: once, only where it is surely this person's, never over a confidential one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matching import address_versions
from records.db import Database
from records.errors import Conflict
from records.models import Account, AddressCandidate, AddressRequest
from returned_mail import tasks, verified
from returned_mail.address import standardise
from returned_mail.verify.sending import run_due
from tests.returned_mail.test_confidential_entrances import add_user
from tests.returned_mail.verify.fake_services import FakeService, served
from tests.returned_mail.verify.world import make_world, set_up

CURRENT = standardise("12 Elm St", "Dayton", "OH", "45419")


@pytest.fixture
def fake() -> FakeService:
    made = FakeService()
    made.know("7 BIRCH LN", "45373")
    made.know("12 ELM ST", "45419")
    return made


@pytest.fixture
def url(fake: FakeService) -> Iterator[str]:
    with served(fake) as address:
        yield address


@pytest.mark.parametrize("name", ["PEDRO ALVAREZ", "ALVAREZ", "CURRENT RESIDENT", ""])
def test_another_name_on_the_label_leaves_it_to_a_person(db: Database, url: str, name: str) -> None:
    world = make_world(db, label_name=name)
    set_up(db, "usps", url)
    world.ask("usps")
    assert run_due(db).answered == 1
    assert world.streets() == ["12 ELM ST"]
    assert "confirm" in world.notes()[0]
    with db.read() as session:
        candidate = session.get_one(AddressCandidate, world.candidate_id)
        assert (candidate.state, candidate.verdict) == ("open", "deliverable")


def test_a_confidential_address_is_kept_whatever_a_verifier_says(db: Database, url: str) -> None:
    world = make_world(db)
    add_user(db, "bea", "billing")
    with db.write() as session:
        address_versions.set_confidential(session, world.account_id, "user:bea", "asked, May 2")
    set_up(db, "usps", url)
    world.ask("usps")
    run_due(db)
    assert world.streets() == ["12 ELM ST"]
    assert "confidential" in world.notes()[0]
    assert world.task().state == "open"


def test_an_answer_about_another_place_changes_nothing(
    db: Database, url: str, fake: FakeService
) -> None:
    world = make_world(db)
    fake.know("7 BIRCH LN", "45373", street="71 BIRCH LN")
    set_up(db, "usps", url)
    world.ask("usps")
    run_due(db)
    assert world.streets() == ["12 ELM ST"]
    assert "another address" in world.notes()[0]


def test_a_vacant_place_is_left_to_a_person(db: Database, url: str, fake: FakeService) -> None:
    world = make_world(db)
    fake.know("7 BIRCH LN", "45373", vacant="Y")
    set_up(db, "usps", url)
    world.ask("usps")
    run_due(db)
    assert world.streets() == ["12 ELM ST"]
    assert "vacant" in world.notes()[0]


def test_the_address_in_force_is_verified_and_stays(db: Database, url: str) -> None:
    world = make_world(db)
    set_up(db, "usps", url)
    request_id = world.ask("usps", CURRENT, of_candidate=False)
    with db.write() as session:
        current = session.get_one(Account, world.account_id).address
        session.get_one(AddressRequest, request_id).address_version_id = current.id  # type: ignore[union-attr]
    run_due(db)
    with db.read() as session:
        address = session.get_one(Account, world.account_id).address
        assert address is not None
        assert address.verified_by == "verifier:usps"
    assert world.streets() == ["12 ELM ST"]
    assert world.task().state == "open"


def test_a_task_that_was_closed_meanwhile_stays_closed(db: Database, url: str) -> None:
    world = make_world(db)
    set_up(db, "usps", url)
    world.ask("usps")
    with db.write() as session:
        tasks.close_unresolved(session, world.task_id, "user:sam", "no address found")
    run_due(db)
    assert world.streets() == ["12 ELM ST"]
    assert world.task().state == "closed_unresolved"
    assert len(world.notes()) == 1


def test_a_person_answers_where_no_verifier_is_set_up(db: Database) -> None:
    world = make_world(db, label_name="PEDRO ALVAREZ")
    request_id = world.ask("person")
    with db.write() as session:
        verified.answer_by_person(session, request_id, "user:sam", "deliverable")
    assert world.streets() == ["12 ELM ST", "7 BIRCH LN"]
    assert world.task().state == "resolved"
    with pytest.raises(Conflict), db.write() as session:
        verified.answer_by_person(session, request_id, "user:sam", "undeliverable")


def test_taking_an_answer_again_does_nothing(db: Database, url: str) -> None:
    world = make_world(db)
    set_up(db, "usps", url)
    request_id = world.ask("usps")
    run_due(db)
    with db.write() as session:
        verified.take(session, session.get_one(AddressRequest, request_id))
    assert world.streets() == ["12 ELM ST", "7 BIRCH LN"]
    assert len(world.notes()) == 1
