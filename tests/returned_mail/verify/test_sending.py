"""Questions sent to fake services on real sockets: answers, faults, quotas, crashes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from records import audit, clock
from records.db import Database
from records.models import AddressRequest, AddressSend, AddressVerifier, AuditEvent
from returned_mail.address import standardise
from returned_mail.verify import answered, requests_of, status
from returned_mail.verify.sending import LEASE_SECONDS, MOST_ATTEMPTS, due, run_due
from returned_mail.verify.types import Adapter, Question, Reply, Request, Verified
from tests.returned_mail.verify.fake_services import FAULTS, FakeService, served
from tests.returned_mail.verify.world import NEW, World, hurried, set_up, world_of
from tests.scenes import Scenes

KINDS = ("usps", "smarty")


@pytest.fixture
def fake() -> FakeService:
    return FakeService()


@pytest.fixture
def url(fake: FakeService) -> Iterator[str]:
    with served(fake) as address:
        yield address


@pytest.fixture
def world(db: Database, scenes: Scenes) -> World:
    return world_of(db, scenes)


def said(world: World) -> str:
    with world.db.read() as session:
        return status(session, requests_of(session, world.task_id)[0])


@pytest.mark.parametrize("kind", KINDS)
def test_a_deliverable_address_with_the_right_name_comes_into_force(
    world: World, fake: FakeService, url: str, kind: str
) -> None:
    fake.know("7 BIRCH LN", "45373")
    set_up(world.db, kind, url)
    request_id = world.ask(kind)
    assert run_due(world.db).answered == 1
    assert world.streets() == ["12 ELM ST", "7 BIRCH LN"]
    assert world.task().state == "resolved"
    with world.db.read() as session:
        answer = answered(session, request_id)
        assert answer is not None
        assert (answer.verdict, answer.codes["dpv"]) == ("deliverable", "Y")
        version = world.task().new_address_id
        assert version is not None
        actions = session.scalars(select(AuditEvent.action)).all()
        assert "address_request.sent" in actions
        assert "address_request.request" in actions
        assert audit.verify(session).ok


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("dpv", "verdict"),
    [("D", "missing_secondary"), ("S", "missing_secondary"), ("N", "undeliverable"),
     ("", "unknown"), ("several", "ambiguous"), ("missing", "undeliverable")],
)  # fmt: skip
def test_every_other_verdict_is_written_on_the_task_and_changes_no_address(
    world: World, fake: FakeService, url: str, kind: str, dpv: str, verdict: str
) -> None:
    if dpv != "missing":
        fake.know("7 BIRCH LN", "45373", dpv)
    set_up(world.db, kind, url)
    request_id = world.ask(kind)
    run_due(world.db)
    assert world.request(request_id).verdict == verdict
    assert world.streets() == ["12 ELM ST"]
    assert len(world.notes()) == 1
    assert world.task().state == "open"


@pytest.mark.parametrize("kind", KINDS)
def test_only_the_address_leaves_the_house(
    world: World, fake: FakeService, url: str, kind: str
) -> None:
    set_up(world.db, kind, url)
    world.ask(kind, standardise("7 Birch Ln Apt 4", "Troy", "OH", "45373"))
    run_due(world.db)
    (query,) = fake.queries
    told = " ".join(query.values()).upper()
    assert "ALVAREZ" not in told
    assert "ROSA" not in told
    assert "1000000017" not in told
    if kind == "usps":
        assert (query["streetAddress"], query["secondaryAddress"]) == ("7 BIRCH LN", "APT 4")


def test_nothing_is_sent_until_a_verifier_is_set_up(world: World, fake: FakeService) -> None:
    with world.db.read() as session:
        assert session.scalar(select(func.count()).select_from(AddressVerifier)) == 0
    request_id = world.ask("usps")
    assert run_due(world.db).answered == 0
    assert world.request(request_id).state == "asked"
    assert fake.looked_up == []


def test_the_same_question_is_asked_once(world: World, fake: FakeService, url: str) -> None:
    set_up(world.db, "usps", url)
    assert world.ask("usps") == world.ask("usps")
    run_due(world.db)
    assert world.ask("usps") is not None
    run_due(world.db)
    assert len(fake.looked_up) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fault", FAULTS)
def test_after_any_fault_the_task_says_so_and_the_answer_comes_once(
    world: World, fake: FakeService, url: str, kind: str, fault: str
) -> None:
    fake.know("7 BIRCH LN", "45373")
    fake.faults, fake.silent_seconds = [fault], 1.2
    set_up(world.db, kind, url)
    request_id = world.ask(kind)
    began = time.monotonic()
    tally = run_due(world.db, opened=hurried)
    assert time.monotonic() - began < 12, "an answer that trickles is given up, not waited out"
    if fault == "404_of_a_proxy" and kind == "smarty":
        assert world.request(request_id).code == "unreadable"
    assert (tally.answered, tally.failed, tally.waiting) == (0, 0, 1)
    assert world.request(request_id).state in {"asked", "unknown_outcome"}
    assert world.request(request_id).answer is None
    sentence = said(world)
    assert len(sentence) > 20
    assert "asked again" in sentence or "asking again" in sentence or "lockbox verifier" in sentence
    assert run_due(world.db, opened=hurried).answered == 0, "it waits first"
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert run_due(world.db, opened=hurried).answered == 1
        assert run_due(world.db, opened=hurried).answered == 0
    assert world.streets() == ["12 ELM ST", "7 BIRCH LN"]
    assert fake.elsewhere == []
    with world.db.read() as session:
        assert session.scalar(select(func.count()).select_from(AddressRequest)) == 1


def test_a_retry_after_is_kept_and_the_rest_of_the_queue_waits_with_it(
    world: World, fake: FakeService, url: str
) -> None:
    fake.faults = ["429"]
    set_up(world.db, "usps", url)
    world.ask("usps")
    world.ask("usps", standardise("8 Birch Ln", "Troy", "OH", "45373"), of_candidate=False)
    run_due(world.db)
    assert len(fake.looked_up) == 1
    with clock.frozen(clock.now() + timedelta(seconds=110)):
        assert run_due(world.db).answered == 0
        assert "takes no more questions" in said(world)
    with clock.frozen(clock.now() + timedelta(seconds=160)):
        assert run_due(world.db).answered == 2


def test_the_hours_quota_is_kept(world: World, fake: FakeService, url: str) -> None:
    set_up(world.db, "usps", url, per_hour=2)
    for number in range(1, 6):
        world.ask("usps", standardise(f"{number} Oak St", "Troy", "OH", "45373"),
                  of_candidate=False)  # fmt: skip
    assert run_due(world.db).answered == 2
    assert "used up" in said(world)
    with clock.frozen(clock.now() + timedelta(minutes=30)):
        assert run_due(world.db).answered == 0
    with clock.frozen(clock.now() + timedelta(minutes=61)):
        assert run_due(world.db).answered == 2
    with clock.frozen(clock.now() + timedelta(minutes=130)):
        assert run_due(world.db).answered == 1
    assert len(fake.looked_up) == 5


def test_faults_without_end_fail_in_words_and_may_be_asked_again(
    world: World, fake: FakeService, url: str
) -> None:
    fake.know("7 BIRCH LN", "45373")
    fake.faults = ["wrong_json"] * MOST_ATTEMPTS
    set_up(world.db, "usps", url)
    request_id = world.ask("usps")
    for hours in range(MOST_ATTEMPTS):
        with clock.frozen(clock.now() + timedelta(hours=2 * hours)):
            run_due(world.db)
    assert world.request(request_id).state == "failed"
    assert "ask again" in said(world)
    with clock.frozen(clock.now() + timedelta(hours=20)):
        assert world.ask("usps") == request_id
        assert run_due(world.db).answered == 1
    with world.db.read() as session:
        sends = session.scalar(select(func.count()).select_from(AddressSend))
    assert sends == len(fake.looked_up) == MOST_ATTEMPTS + 1


class Unkeepable:
    """An adapter whose answer the database cannot take, as after a fault in reading it."""

    def __init__(self) -> None:
        self.requests = [Request("usps", "addresses/v3/address", 200, "ok", 5)]

    def ask(self, question: Question) -> Reply:
        """What no adapter should say: a code that is no text."""
        codes: dict[str, Any] = {"dpv": object()}
        said = Verified("deliverable", "usps", clock.now(), question.address, codes=codes)
        return Reply("ok", "answered", said)


@contextmanager
def unkeepable(db: Database, kind: str) -> Iterator[Unkeepable]:
    del db, kind
    yield Unkeepable()


def test_an_answer_that_cannot_be_entered_ends_in_words_and_not_in_asking_without_end(
    world: World, url: str
) -> None:
    set_up(world.db, "usps", url)
    request_id = world.ask("usps")
    assert run_due(world.db, opened=unkeepable).waiting == 1
    assert world.request(request_id).state == "asked"
    assert world.request(request_id).lease_until is None
    assert "could not be entered" in said(world)
    assert "asked again" in said(world)
    for hours in range(1, 2 * MOST_ATTEMPTS):
        with clock.frozen(clock.now() + timedelta(hours=2 * hours)):
            run_due(world.db, opened=unkeepable)
    row = world.request(request_id)
    assert (row.state, row.attempts, row.lease_until) == ("failed", MOST_ATTEMPTS, None)
    assert "Confirm the address yourself" in said(world)
    assert "administrator" in said(world)
    assert world.streets() == ["12 ELM ST"]
    with world.db.read() as session:
        audited = session.scalars(select(AuditEvent.action)).all()
        assert audited.count("address_request.request") == MOST_ATTEMPTS
        assert audit.verify(session).ok


def test_an_answer_that_could_not_be_entered_holds_nothing_else_up(
    world: World, fake: FakeService, url: str
) -> None:
    fake.know("7 BIRCH LN", "45373")
    set_up(world.db, "usps", url)
    world.ask("usps")
    run_due(world.db, opened=unkeepable)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert run_due(world.db).answered == 1
    assert world.streets() == ["12 ELM ST", "7 BIRCH LN"]


def test_a_question_at_which_the_program_ends_each_time_is_not_asked_without_end(
    world: World, url: str
) -> None:
    class Killed(BaseException):
        """As SIGKILL: nothing of ours runs any more."""

    def dies(db: Database, kind: str) -> AbstractContextManager[Adapter]:
        raise Killed

    set_up(world.db, "usps", url)
    request_id = world.ask("usps")
    for hours in range(MOST_ATTEMPTS):
        with clock.frozen(clock.now() + timedelta(hours=hours)), pytest.raises(Killed):
            run_due(world.db, opened=dies)
    with clock.frozen(clock.now() + timedelta(hours=MOST_ATTEMPTS)):
        run_due(world.db, opened=dies)
    row = world.request(request_id)
    assert (row.state, row.attempts, row.lease_until) == ("failed", MOST_ATTEMPTS, None)
    assert "Confirm the address yourself" in said(world)


def test_a_worker_killed_between_asking_and_keeping_loses_and_doubles_nothing(
    world: World, fake: FakeService, url: str
) -> None:
    class Killed(BaseException):
        """As SIGKILL: nothing of ours runs any more."""

    def dies(db: Database, kind: str) -> object:
        with hurried(db, kind) as adapter:
            adapter.ask(__import__("returned_mail.verify", fromlist=["Question"]).Question(NEW))
        raise Killed

    fake.know("7 BIRCH LN", "45373")
    set_up(world.db, "usps", url)
    request_id = world.ask("usps")
    with pytest.raises(Killed):
        run_due(world.db, opened=dies)  # type: ignore[arg-type]
    assert world.request(request_id).state == "sending"
    assert run_due(world.db).answered == 0, "the lease holds"
    with clock.frozen(clock.now() + timedelta(seconds=LEASE_SECONDS + 1)):
        with world.db.read() as session:
            assert due(session)
        assert run_due(world.db).answered == 1
    assert world.streets() == ["12 ELM ST", "7 BIRCH LN"]
    assert world.request(request_id).attempts == 2
    with world.db.read() as session:
        assert session.scalar(select(func.count()).select_from(AddressSend)) == 2


def test_an_answer_that_comes_after_a_later_sending_enters_nothing(
    world: World, fake: FakeService, url: str
) -> None:
    fake.know("7 BIRCH LN", "45373")
    set_up(world.db, "usps", url)
    request_id = world.ask("usps")

    def slow_worker(db: Database, kind: str) -> object:
        with clock.frozen(clock.now() + timedelta(seconds=LEASE_SECONDS + 1)):
            assert run_due(world.db).answered == 1  # another worker meanwhile
        return hurried(db, kind)

    run_due(world.db, opened=slow_worker, most=1)  # type: ignore[arg-type]
    assert world.streets() == ["12 ELM ST", "7 BIRCH LN"]
    assert world.request(request_id).attempts == 2
    assert len(world.notes()) == 1


def test_a_token_is_kept_until_it_ends_and_asked_for_anew_once(
    world: World, fake: FakeService, url: str
) -> None:
    set_up(world.db, "usps", url)
    for number in (1, 2):
        world.ask("usps", standardise(f"{number} Oak St", "Troy", "OH", "45373"),
                  of_candidate=False)  # fmt: skip
    run_due(world.db)
    assert len(fake.tokens) == 1
    fake.tokens.append("revoked-all-earlier")
    world.ask("usps", standardise("3 Oak St", "Troy", "OH", "45373"), of_candidate=False)
    assert run_due(world.db).answered == 1
    assert len(fake.tokens) == 3
    with clock.frozen(clock.now() + timedelta(hours=9)):
        world.ask("usps", standardise("4 Oak St", "Troy", "OH", "45373"), of_candidate=False)
        assert run_due(world.db).answered == 1
    assert len(fake.tokens) == 4


@pytest.mark.parametrize("fault", ["429", "500", "wrong_json", "closed_after", "redirect"])
def test_a_token_that_cannot_be_had_looks_nothing_up(
    world: World, fake: FakeService, url: str, fault: str
) -> None:
    fake.token_faults = [fault]
    set_up(world.db, "usps", url)
    request_id = world.ask("usps")
    run_due(world.db, opened=hurried)
    assert fake.looked_up == []
    assert world.request(request_id).state == "asked"


@pytest.mark.parametrize("kind", KINDS)
def test_refused_keys_stop_the_queue_until_they_are_mended(
    world: World, fake: FakeService, url: str, kind: str
) -> None:
    fake.know("7 BIRCH LN", "45373")
    set_up(world.db, kind, url)
    with world.db.write() as session:
        made = session.scalars(select(AddressVerifier)).one()
        made.sealed = dict.fromkeys(made.sealed, "wrong")
    request_id = world.ask(kind)
    run_due(world.db)
    assert world.request(request_id).state == "asked"
    assert "An administrator enters them anew" in said(world)
    set_up(world.db, kind, url)
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert run_due(world.db).answered == 1


def test_a_service_out_of_reach_is_asked_again(world: World) -> None:
    set_up(world.db, "usps", "http://127.0.0.1:9")
    request_id = world.ask("usps")
    assert run_due(world.db).waiting == 1
    assert world.request(request_id).state == "asked"
    assert "cannot be reached" in said(world)
