"""Fixtures for all tests: installations on SQLite and on a real PostgreSQL, and a real Redis.

``db``, ``installation`` and ``settings`` run each test on both databases. A missing server is a
failure with the command that installs it, never a skip: what was not run was not shown.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from zlib import crc32

import hypothesis
import pytest
from hypothesis import HealthCheck

from records import migrate
from records.db import Database
from records.installation import Installation, open_installation
from records.settings import Settings
from tests.databases import PostgresDatabase, make_keys, sqlite_template
from tests.inputs import INPUTS
from tests.scenes import Scenes
from tests.servers import PostgresServer, RedisServer

# A loaded machine draws its inputs slowly; that says nothing of what is tested. The suite draws the
# same inputs each time, so that it fails for what was changed; `make torture` looks for new ones.
PATIENT = hypothesis.settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.settings.register_profile("same", PATIENT, derandomize=True)
hypothesis.settings.register_profile("search", PATIENT, print_blob=True)
hypothesis.settings.load_profile(INPUTS)
# A match that is drawn for the sample goes to a person: tests of all else draw none.
os.environ.setdefault("LOCKBOX_MATCH_SAMPLE_SHARE", "0")

# Files that take half a minute or more, begun first: one that began last would run alone. What
# starts many processes stands beside what is one process, since three of these begin together.
LONGEST_FIRST = (
    "crash/test_runners.py",
    "browser/test_accessibility.py",
    "e2e/test_same_everywhere.py",
    "browser/test_review_desk.py",
    "browser/test_walk.py",
    "demo/test_bag.py",
    "web/test_cli.py",
    "deposits/test_month_of_work.py",
    "crash/test_kill.py",
    "browser/test_doubtful_amount.py",
    "e2e/test_samples.py",
    "deposits/pms/test_open_dental.py",
    "e2e/test_hostile_mail.py",
    "browser/test_courier_walk.py",
    "browser/test_two_specialists.py",
    "deposits/test_sending.py",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the files of ``LONGEST_FIRST``; the others follow as they were."""
    left_out = set(cases_left_out(items)) if INPUTS == "same" else set()
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]
    here = Path(__file__).parent
    rank = {here / name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


def pytest_collection_finish() -> None:
    """Nothing of what is loaded by now will be garbage: it need not be looked through again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the end it is garbage after all, and a library would tell of it as lost."""
    gc.unfreeze()


def cases_left_out(items: list[pytest.Item]) -> list[pytest.Item]:
    """What of the tests on both databases runs on one of them in `make test`.

    A test runs on the one that a hash of its name chooses, half of them on each; of one with
    several cases the first runs on PostgreSQL, since it shows that what the test does can be done
    there, and the others on SQLite. Where a test is about the database itself (its rules, its
    types, who waits for whom) ``both_databases`` keeps both; a case that is asked for by its name
    runs, too, and `make torture` runs every one. ``many_cases`` marks a test that goes through
    them by itself, while others show each thing that it does in PostgreSQL: it runs on SQLite.
    """
    cases: dict[tuple[Path, object], dict[frozenset[tuple[str, int]], dict[str, pytest.Item]]] = {}
    for item in items:
        case = getattr(item, "callspec", None)
        if case is None or "database_url" not in case.params:
            continue
        test = cases.setdefault((item.path, getattr(item, "function", None)), {})
        named = frozenset(each for each in case.indices.items() if each[0] != "database_url")
        test.setdefault(named, {})[case.params["database_url"]] = item
    found = []
    for test in cases.values():
        for place, on in enumerate(test.values()):
            if len(on) == 2 and not on["sqlite"].get_closest_marker("both_databases"):
                found.append(on[_other_database(on["sqlite"], len(test), place)])
    return found


def _other_database(item: pytest.Item, cases: int, place: int) -> str:
    """The database on which the ``place``-th of the ``cases`` of a test does not run."""
    if item.get_closest_marker("many_cases"):
        return "postgresql"
    if cases > 1:
        return "postgresql" if place else "sqlite"
    return ("sqlite", "postgresql")[crc32(item.nodeid.partition("[")[0].encode()) % 2]


def quick_settings(
    data_dir: Path, database_url: str = "", redis_url: str | None = None
) -> Settings:
    """Settings for tests: short waits, everything in one folder."""
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        redis_url=redis_url,
        workers=2,
        poll_seconds=0.05,
        relay_seconds=0.5,
        backoff_base_seconds=0.05,
        backoff_limit_seconds=0.2,
        lease_seconds=20.0,
        heartbeat_seconds=2.0,
    )


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL for the session."""
    server = PostgresServer.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """The name of a migrated database that tests copy."""
    name = postgres.new_database()
    database = Database(postgres.url(name))
    migrate.upgrade(database)
    database.close()
    return name


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A real Redis, started and empty."""
    server = RedisServer()
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="session")
def sqlite_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the SQLite database of each test stands, one after the other."""
    return tmp_path_factory.mktemp("sqlite") / "lockbox.sqlite"


@pytest.fixture
def sqlite_url(sqlite_path: Path) -> Iterator[str]:
    """A migrated, empty SQLite database of this test's own."""
    shutil.copy(sqlite_template(), sqlite_path)
    yield f"sqlite:///{sqlite_path}"
    for old in sqlite_path.parent.glob("lockbox.sqlite*"):
        old.unlink()


@pytest.fixture(scope="session")
def postgres_database(
    postgres: PostgresServer, postgres_template: str
) -> Iterator[PostgresDatabase]:
    """The PostgreSQL database that tests use one after the other."""
    database = PostgresDatabase(postgres, postgres_template)
    yield database
    database.close()


@pytest.fixture
def postgres_url(postgres_database: PostgresDatabase) -> str:
    """A migrated, empty PostgreSQL database."""
    return postgres_database.url()


@pytest.fixture(scope="session")
def databases() -> Iterator[dict[tuple[str, int], Database]]:
    """The databases that tests use one after the other under the same URL.

    SQLAlchemy compiles a statement once for each engine; a new engine for each test would compile
    all of them thousands of times.
    """
    known: dict[tuple[str, int], Database] = {}
    yield known
    for each in known.values():
        each.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Each test twice: once on SQLite, once on PostgreSQL."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    return str(request.getfixturevalue(name))


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """Quick settings on one of the two databases, without Redis."""
    made = quick_settings(tmp_path, database_url)
    make_keys(made)
    return made


@pytest.fixture
def installation(
    settings: Settings, databases: dict[tuple[str, int], Database]
) -> Iterator[Installation]:
    """An open installation on one of the two databases."""
    opened = open_installation(settings, upgrade=False)  # its database is a migrated one
    opened.close()
    db = databases.setdefault((settings.database_url, settings.job_attempts), opened.db)
    yield replace(opened, db=db)
    if db.is_sqlite:  # the file of the next test is another one
        db.close()


@pytest.fixture
def db(installation: Installation) -> Database:
    """The database of ``installation``."""
    return installation.db


@pytest.fixture(scope="session")
def scenes() -> Scenes:
    """What fixtures put into ``db``, made once."""
    return Scenes()
