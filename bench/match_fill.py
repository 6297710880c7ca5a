"""A seeded chart written into the product's tables in bulk, as a database is loaded at first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bench.match_chart import OFFICES, Chart, Family
from bench.match_families import Kept
from matching.filling import roomy
from records import clock, crypto, ids
from records.db import Database
from records.models import BankAccount, Office

_CHUNK = 50_000
_TABLES = {
    "accounts": ("id", "created_at", "number", "office_id", "patient_first", "patient_last",
                 "guarantor_first", "guarantor_last", "member_id", "household", "name_key",
                 "guarantor_key"),
    "address_versions": ("id", "created_at", "account_id", "version", "street", "city", "state",
                         "zip", "source", "confirmed_by"),
    "statements": ("id", "created_at", "number", "account_id", "statement_on", "balance_cents",
                   "open_cents", "minimum_due_cents", "imb"),
}  # fmt: skip
_Rows = dict[str, list[tuple[Any, ...]]]


def fill(database: Database, chart: Chart) -> tuple[Kept, int]:
    """Write the chart; the families that owe something, and the number of all.

    Indexes that are no constraint are made at the end. It commits every so often, that SQLite's
    log of a transaction stays small.
    """
    with database.write() as session:
        offices = _offices(session)
        later = _without_indexes(session)
    owing = Kept()
    households = 0
    rows: _Rows = {table: [] for table in _TABLES}
    for family in chart.families():
        households += 1
        if any(patient.owed for patient in family.patients):
            owing.add(family)
        _add(rows, family, offices)
        if len(rows["accounts"]) >= _CHUNK:
            _put(database, rows)
    _put(database, rows)
    for statement in later:
        with database.write() as session:
            session.execute(text(statement))
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


def _without_indexes(session: Session) -> list[str]:
    """Drop the indexes of the tables to be filled; how to make them again."""
    sqlite = session.get_bind().dialect.name == "sqlite"
    query = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'index'" if sqlite else (
        "SELECT indexname, tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"
    )  # fmt: skip
    found: list[str] = []
    for name, table, made in session.execute(text(query)).all():
        if table in _TABLES and str(made).startswith("CREATE INDEX"):
            session.execute(text(f"DROP INDEX {name}"))
            found.append(made)
    return found


def _add(rows: _Rows, family: Family, offices: dict[str, str]) -> None:
    now = clock.now().replace(tzinfo=None).isoformat(" ", "microseconds")
    for patient in family.patients:
        ident = ids.new_id()
        rows["accounts"].append(
            (ident, now, patient.number, offices[patient.office], patient.first, patient.last,
             patient.payer_first, patient.payer_last, patient.member_id, family.code, "", "")
        )  # fmt: skip
        rows["address_versions"].append(
            (ids.new_id(), now, ident, 1, family.street, family.city, family.state, family.zip,
             "import", "system:bench")
        )  # fmt: skip
        rows["statements"] += [
            (ids.new_id(), now, owed.number, ident, owed.on.isoformat(), owed.balance_cents,
             owed.balance_cents, owed.minimum_due_cents, "")
            for owed in patient.owed
        ]  # fmt: skip


def _put(database: Database, rows: _Rows) -> None:
    with database.write() as session, roomy(session):
        for table, waiting in rows.items():
            _insert(session, table, _TABLES[table], waiting)
            waiting.clear()


def _insert(
    session: Session, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Past the layers that compose statements: a chart has millions of rows."""
    cursor: Any = session.connection().connection.cursor()
    names = ", ".join(columns)
    if session.get_bind().dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608
    else:
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    cursor.close()
