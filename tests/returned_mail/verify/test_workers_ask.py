"""Workers ask verifiers by themselves, in a thread that keeps nobody waiting; off by default."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from records.db import Database
from tests.conftest import quick_settings
from tests.returned_mail.verify.fake_services import FakeService, served
from tests.returned_mail.verify.world import make_world, set_up
from web.asking import Asking
from web.worker import Pool


@pytest.fixture
def fake() -> FakeService:
    made = FakeService()
    made.know("7 BIRCH LN", "45373")
    return made


@pytest.fixture
def url(fake: FakeService) -> Iterator[str]:
    with served(fake) as address:
        yield address


def until(done: Callable[[], bool], seconds: float = 20.0) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if done():
            return True
        time.sleep(0.05)
    return False


def test_without_a_verifier_no_thread_is_begun(db: Database) -> None:
    make_world(db).ask("usps")
    assert not Asking().look(db)


def test_the_supervisor_of_the_workers_asks_and_does_not_wait(
    db: Database, fake: FakeService, url: str, tmp_path: object
) -> None:
    world = make_world(db)
    set_up(db, "usps", url)
    world.ask("usps")
    fake.faults, fake.silent_seconds = ["silent"], 2.0
    pool = Pool(quick_settings(tmp_path), 0)  # type: ignore[arg-type]
    began = time.monotonic()
    pool.tend(db)
    assert pool.asking.thread is not None
    took = time.monotonic() - began
    assert until(lambda: world.streets() == ["12 ELM ST", "7 BIRCH LN"])
    assert took < time.monotonic() - began - 1.0, "the answer took two seconds, tending did not"
    pool.stop()


def test_one_thread_at_a_time(db: Database, fake: FakeService, url: str) -> None:
    world = make_world(db)
    set_up(db, "usps", url)
    world.ask("usps")
    fake.faults, fake.silent_seconds = ["silent"], 1.0
    asking = Asking()
    assert asking.look(db)
    asking.looked_at = None
    assert not asking.look(db)
    assert until(lambda: asking.thread is not None and not asking.thread.is_alive())
    assert len(fake.looked_up) == 1


def test_a_stopped_process_sends_no_more(db: Database, fake: FakeService, url: str) -> None:
    world = make_world(db)
    set_up(db, "usps", url)
    world.ask("usps")
    asking = Asking()
    asking.stop()
    asking.look(db)
    assert until(lambda: asking.thread is not None and not asking.thread.is_alive())
    assert fake.looked_up == []
