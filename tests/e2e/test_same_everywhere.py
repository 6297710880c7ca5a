"""The same mail gives the same result, item by item, however its jobs are run.

Here with loose files like those of the demo's bag; all of it goes the same way in ``make bench``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from matching import importing
from records import clock
from records.installation import open_installation
from records.settings import Settings
from tests.e2e.commands import answer, environment, run, without_refs
from tests.inputs import sample
from tests.servers import PostgresServer, RedisServer
from web import cli
from web.demo import load
from web.demo.bag import loose_files
from web.demo.group import Group, accounts_csv, make_group, statements_csv
from web.demo.mailroom import Mailroom

Told = Callable[..., dict[str, Any]]

FILES = (
    "photo-1.jpg",
    "photo-3.jpg",
    "remittance.835",
    *sample((), torture=("eob-digital.pdf", "flatbed-1.jpg")),
)


@pytest.fixture(scope="module")
def group() -> Group:
    return make_group(7, as_of=clock.now().date(), accounts=400)


@pytest.fixture(scope="module")
def mail(group: Group, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The paths of ``FILES``."""
    folder = tmp_path_factory.mktemp("mail")
    for file in loose_files(Mailroom(group, group.office(load.OFFICE), 7)):
        (folder / file.name).write_bytes(file.data)
    return [str(folder / name) for name in FILES]


def fill(group: Group, folder: Path, database_url: str = "") -> None:
    """Put the group into an installation."""
    installation = open_installation(Settings(data_dir=folder, database_url=database_url))
    with installation.db.write() as session:
        load.add_group(session, group)
        importing.import_accounts(session, accounts_csv(group), "system:test", dry_run=False)
        importing.import_statements(session, statements_csv(group), "system:test", dry_run=False)
    installation.close()


def ingest(folder: Path, mail: list[str], **extra: str) -> dict[str, Any]:
    """The mail, all the way."""
    office = ("--office", load.OFFICE)
    done = run(folder, "ingest", *mail, *office, "--wait", "--json", **extra)
    result: dict[str, Any] = answer(done)
    assert done.returncode == 0, done.stderr
    return result


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Told:
    """What a command of an installation says, run in this process."""

    def say(folder: Path, *command: str, **extra: str) -> dict[str, Any]:
        for name, value in {"LOCKBOX_DATA_DIR": str(folder), **extra}.items():
            monkeypatch.setenv(name, value)
        code = cli.run([*command, "--json"])
        said: dict[str, Any] = json.loads(capsys.readouterr().out)
        assert code == 0, said
        return said

    return say


@pytest.mark.timeout(1200)
def test_sqlite_alone_and_postgresql_with_redis_and_two_workers_agree(
    group: Group,
    mail: list[str],
    tmp_path: Path,
    postgres: PostgresServer,
    redis_server: RedisServer,
    told: Told,
) -> None:
    fill(group, tmp_path / "alone")
    alone = ingest(tmp_path / "alone", mail)
    name = postgres.new_database()
    servers = {
        "LOCKBOX_DATABASE_URL": postgres.url(name),
        "LOCKBOX_REDIS_URL": redis_server.url,
    }
    folder = tmp_path / "together"
    fill(group, folder, servers["LOCKBOX_DATABASE_URL"])
    worker = subprocess.Popen(
        [sys.executable, "-m", "web.cli", "worker", "--concurrency", "2"],
        env=environment(folder, **servers),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        together = ingest(folder, mail, **servers)
    finally:
        worker.terminate()
        worker.wait(60)
    assert without_refs(alone["files"]) == without_refs(together["files"])
    kinds = {item["kind"] for file in alone["files"] for item in file["items"]}
    assert {"check", "remittance", "returned_mail"} <= kinds
    for where, extra in ((tmp_path / "alone", {}), (folder, servers)):
        assert told(where, "audit", "verify", **extra)["ok"]
        assert told(where, "day", "proof", **extra)["unexplained_cents"] == 0
