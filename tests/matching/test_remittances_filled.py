"""Remittances that were here before they had rows get them, with the payment of their envelope."""

from __future__ import annotations

import importlib

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import MetaData, Table, select

from records.db import Database
from records.models import Remittance
from tests.matching import world
from tests.matching.test_remittance_partners import TOTAL, eob, era, insurers, rows

pytestmark = pytest.mark.both_databases


def told(row: Remittance) -> tuple[str, int | None, str | None, bool]:
    return row.document_id, row.amount_cents, row.payment_id, row.electronic


def test_a_database_of_before_gets_a_row_for_every_remittance(group: Database) -> None:
    with group.write() as session:
        world.run(session, [insurers(), eob()])
        world.run(session, [eob("7000001", 99_00)])
        world.run(session, [era("555", 310_00)])
        before = {told(row) for row in rows(session)}
    migration = importlib.import_module("records.migrations.versions.0022_remittances")
    with group.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("DROP TRIGGER remittances_stay")
        else:
            connection.exec_driver_sql("ALTER TABLE remittances DISABLE TRIGGER USER")
        connection.exec_driver_sql("DELETE FROM remittances")
        table = Table("remittances", MetaData(), autoload_with=connection)
        with Operations.context(MigrationContext.configure(connection)):
            migration._fill(table)
    with group.read() as looking:
        found = looking.scalars(select(Remittance)).all()
        assert {told(row) for row in found} == before
        assert {r.amount_cents: r.partner_state for r in found} == {
            TOTAL: "joined", 99_00: "waiting", 310_00: "joined",
        }  # fmt: skip
