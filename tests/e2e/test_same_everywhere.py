"""The same mail gives the same result, item by item, however its jobs are run.

Here with the small files of the demo's bag; the whole bag goes the same way in ``make bench``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.commands import answer, environment, run, without_refs
from tests.servers import PostgresServer, RedisServer

SMALL = ("eob-digital.pdf", "flatbed-1.jpg", "photo-1.jpg", "photo-3.jpg", "remittance.835")


def demo(folder: Path, *mail: str, **extra: str) -> Path:
    """The demo group and its bag of mail: the same group whatever ``mail`` is drawn."""
    made = run(folder, "demo", *mail, "--json", **extra)
    assert made.returncode == 0, made.stderr
    return Path(answer(made)["bag"])


def ingest(folder: Path, bag: Path, **extra: str) -> dict[str, Any]:
    """The small files of the bag, all the way."""
    done = run(folder, "ingest", *(str(bag / name) for name in SMALL), "--wait", "--json", **extra)
    result: dict[str, Any] = answer(done)
    assert done.returncode == 0, done.stderr
    return result


@pytest.mark.timeout(1200)
def test_sqlite_alone_and_postgresql_with_redis_and_two_workers_agree(
    tmp_path: Path, postgres: PostgresServer, redis_server: RedisServer
) -> None:
    bag = demo(tmp_path / "alone")
    alone = ingest(tmp_path / "alone", bag)
    name = postgres.new_database()
    servers = {
        "LOCKBOX_DATABASE_URL": postgres.url(name),
        "LOCKBOX_REDIS_URL": redis_server.url,
    }
    folder = tmp_path / "together"
    assert run(folder, "migrate", **servers).returncode == 0
    worker = subprocess.Popen(
        [sys.executable, "-m", "web.cli", "worker", "--concurrency", "2"],
        env=environment(folder, **servers),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        demo(folder, "--checks", "1", **servers)
        together = ingest(folder, bag, **servers)
    finally:
        worker.terminate()
        worker.wait(60)
    assert without_refs(alone["files"]) == without_refs(together["files"])
    kinds = {item["kind"] for file in alone["files"] for item in file["items"]}
    assert {"check", "remittance", "returned_mail"} <= kinds
    for where, extra in ((tmp_path / "alone", {}), (folder, servers)):
        assert answer(run(where, "audit", "verify", "--json", **extra))["ok"]
        assert answer(run(where, "day", "proof", "--json", **extra))["unexplained_cents"] == 0
