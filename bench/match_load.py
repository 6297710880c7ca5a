"""A seeded chart in a database of the product's own tables, and its index built and measured."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from bench.match_chart import OFFICES, Chart, Family
from bench.postgres import server
from matching import index, reindex
from records import crypto, ids, migrate
from records.db import Database
from records.models import Account, AddressVersion, BankAccount, HomeKey, Office, Statement

_CHUNK = 5000
_REKEYED = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """A chart in a database: the families that owe something, and what building it cost."""

    database: Database
    chart: Chart
    owing: list[Family]
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
    with database.write() as session:
        owing, households = _fill(session, chart)
    load_seconds = time.perf_counter() - begun
    before = _bytes(database)
    begun = time.perf_counter()
    with database.write() as session:
        reindex.build(session)
    build_seconds = time.perf_counter() - begun
    _settle(database)
    with database.read() as session:
        entries = session.scalar(select(func.sum(func.length(HomeKey.homes)))) or 0
        lists = session.scalar(select(func.count()).select_from(HomeKey)) or 0
        statements = session.scalar(select(func.count()).select_from(Statement)) or 0
    figures = {
        "accounts": accounts, "households": households, "open_statements": statements,
        "load_seconds": round(load_seconds, 1), "build_seconds": round(build_seconds, 1),
        "keys_per_account": round(int(entries) / 2 / accounts, 1), "key_lists": lists,
        "index_bytes_per_account": round((_bytes(database) - before) / accounts),
        "rekey_one_account_ms": _rekey(database),
    }  # fmt: skip
    return Loaded(database, chart, owing, figures)


def _fill(session: Session, chart: Chart) -> tuple[list[Family], int]:
    offices = _offices(session)
    owing: list[Family] = []
    households = 0
    rows: dict[Any, list[dict[str, object]]] = {Account: [], AddressVersion: [], Statement: []}
    for family in chart.families():
        households += 1
        if any(patient.owed for patient in family.patients):
            owing.append(family)
        _add(rows, family, offices)
        if len(rows[Account]) >= _CHUNK:
            _put(session, rows)
    _put(session, rows)
    return owing, households


def _offices(session: Session) -> dict[str, str]:
    found: dict[str, str] = {}
    for number in range(OFFICES):
        code = f"OFF{number:02d}"
        bank = BankAccount(
            code=code, name=code, routing_number="021000021", sealed={"account_number": code},
            account_last4="0000", account_hmac=crypto.keyring().fingerprint("bank_account", code),
        )  # fmt: skip
        session.add(bank)
        session.flush()
        office = Office(code=code, name=code, bank_account_id=bank.id)
        session.add(office)
        session.flush()
        found[code] = office.id
    return found


def _add(rows: dict[Any, list[dict[str, object]]], family: Family, offices: dict[str, str]) -> None:
    for patient in family.patients:
        ident = ids.new_id()
        rows[Account].append({
            "id": ident, "number": patient.number, "office_id": offices[patient.office],
            "patient_first": patient.first, "patient_last": patient.last,
            "guarantor_first": patient.payer_first, "guarantor_last": patient.payer_last,
            "member_id": patient.member_id, "household": family.code,
        })  # fmt: skip
        rows[AddressVersion].append({
            "account_id": ident, "version": 1, "street": family.street, "city": family.city,
            "state": family.state, "zip": family.zip, "source": "import",
            "confirmed_by": "system:bench",
        })  # fmt: skip
        rows[Statement] += [
            {"number": owed.number, "account_id": ident, "statement_on": owed.on,
             "balance_cents": owed.balance_cents, "open_cents": owed.balance_cents,
             "minimum_due_cents": owed.minimum_due_cents}
            for owed in patient.owed
        ]  # fmt: skip


def _put(session: Session, rows: dict[Any, list[dict[str, object]]]) -> None:
    for model, waiting in rows.items():
        if waiting:
            session.execute(insert(model), waiting)
            waiting.clear()


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
