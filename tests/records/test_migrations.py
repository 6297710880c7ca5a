"""Migrations make just the tables that the models describe, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from records import migrate
from records.db import Database
from records.errors import UnavailableError
from records.models import Base
from tests.servers import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A database without any table."""
    if request.param == "sqlite":
        return Database(f"sqlite:///{tmp_path / 'fresh.sqlite'}")
    server: PostgresServer = request.getfixturevalue("postgres")
    return Database(server.url(server.new_database()))


def guards(db: Database) -> set[tuple[str, str]]:
    """Every check constraint by table and name."""
    found = inspect(db.engine)
    return {
        (table, str(each["name"]))
        for table in found.get_table_names()
        for each in found.get_check_constraints(table)
    }


def partial_indexes(db: Database) -> dict[str, str]:
    """Indexes that hold only for some rows, with their condition."""
    found: dict[str, str] = {}
    inspector = inspect(db.engine)
    for table in inspector.get_table_names():
        for each in inspector.get_indexes(table):
            options: dict[str, Any] = dict(each.get("dialect_options") or {})
            where = options.get("sqlite_where", options.get("postgresql_where"))
            if where is not None:
                found[str(each["name"])] = "".join(str(where).split()).strip("()").lower()
    return found


def test_the_migrations_and_the_models_agree(fresh: Database) -> None:
    assert migrate.upgrade(fresh)
    with fresh.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    assert differences == []
    expected = {
        (table.name, str(constraint.name))
        for table in Base.metadata.sorted_tables
        for constraint in table.constraints
        if type(constraint).__name__ == "CheckConstraint"
    }
    assert guards(fresh) >= expected


def test_uniqueness_of_live_rows_is_in_the_database(fresh: Database) -> None:
    migrate.upgrade(fresh)
    assert set(partial_indexes(fresh)) >= {"ux_payments_live_fingerprint", "ux_postings_live"}


def test_the_names_of_migrations_tell_their_order() -> None:
    script = ScriptDirectory.from_config(migrate._config())
    assert migrate.revisions() == tuple(
        reversed([each.revision for each in script.walk_revisions()])
    )


def test_a_second_upgrade_changes_nothing(fresh: Database) -> None:
    migrate.upgrade(fresh)
    assert not migrate.pending(fresh)
    assert not migrate.upgrade(fresh)


def test_a_database_of_a_newer_program_is_left_alone(fresh: Database) -> None:
    migrate.upgrade(fresh)
    with fresh.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnavailableError) as refused:
        migrate.upgrade(fresh)
    assert refused.value.code == "database_newer"


def test_tables_that_must_not_change_have_their_triggers(fresh: Database) -> None:
    migrate.upgrade(fresh)
    query = (
        "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'"
        if fresh.is_sqlite
        else "SELECT DISTINCT event_object_table FROM information_schema.triggers"
    )
    with fresh.read() as session:
        guarded = set(session.scalars(text(query)))
    assert guarded >= {
        "audit_events", "journal_entries", "journal_lines", "deposit_items", "deposits",
        "postings",
    }  # fmt: skip
