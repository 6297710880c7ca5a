"""A seeded chart in a database of the product's own tables, and its index built and measured."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, select, text

from bench.match_chart import OFFICES, Chart, Family
from bench.match_fill import fill
from bench.postgres import server
from matching import index, reindex
from records import crypto, migrate
from records.db import Database
from records.models import HomeKey, Statement

_REKEYED = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """A chart in a database: the families that owe something, and what building it cost."""

    database: Database
    chart: Chart
    owing: Sequence[Family]
    figures: dict[str, Any]


@contextmanager
def loaded(
    kind: str, accounts: int, seed: int, offices: int = OFFICES
) -> Iterator[Loaded]:  # fmt: skip
    """The chart of this size on ``sqlite`` or ``postgres``, indexed; removed afterwards."""
    chart = Chart(seed, accounts, offices)
    crypto.install(crypto.Keyring.generate())
    if kind == "sqlite":
        with TemporaryDirectory() as folder:
            path = Path(folder) / "bench.sqlite"
            yield _load(Database(f"sqlite:///{path}"), chart)
        return
    with server() as url:
        yield _load(Database(url), chart)


def _load(database: Database, chart: Chart) -> Loaded:
    migrate.upgrade(database)
    accounts = chart.accounts
    begun = time.perf_counter()
    owing, households = fill(database, chart)
    load_seconds = time.perf_counter() - begun
    before = _bytes(database)
    begun, at = time.perf_counter(), time.process_time()
    with database.write() as session:
        reindex.build(session)
    build_seconds, build_cpu = time.perf_counter() - begun, time.process_time() - at
    _settle(database)
    with database.read() as session:
        entries = session.scalar(select(func.sum(func.length(HomeKey.homes)))) or 0
        lists = session.scalar(select(func.count()).select_from(HomeKey)) or 0
        statements = session.scalar(select(func.count()).select_from(Statement)) or 0
    figures = {
        "accounts": accounts, "households": households, "open_statements": statements,
        "load_seconds": round(load_seconds, 1), "build_seconds": round(build_seconds, 1),
        "build_cpu_seconds": round(build_cpu, 1),
        "keys_per_account": round(int(entries) / 2 / accounts, 1), "key_lists": lists,
        "index_bytes_per_account": round((_bytes(database) - before) / accounts),
        "rekey_one_account_ms": _rekey(database),
    }  # fmt: skip
    return Loaded(database, chart, owing, figures)


def _bytes(database: Database) -> int:
    """What the database takes on disk."""
    if not database.is_sqlite:
        with database.read() as session:
            return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return Path(database.url.database or "").stat().st_size


def _settle(database: Database) -> None:
    """What an office's database has done by itself by the next morning."""
    if database.is_sqlite:
        with database.write() as session:
            session.execute(text("ANALYZE"))
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _rekey(database: Database) -> float:
    """Milliseconds to re-key one account whose balance was paid, in a transaction with others."""
    with database.write() as session:
        some = session.scalars(select(Statement).order_by(Statement.number).limit(_REKEYED)).all()
        begun = time.perf_counter()
        for statement in some:
            statement.open_cents = 0
            index.rekey(session, [statement.account_id])
        seconds = time.perf_counter() - begun
        session.rollback()
    return round(seconds * 1000 / max(len(some), 1), 2)
