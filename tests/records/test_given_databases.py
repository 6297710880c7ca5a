"""The databases that tests are given: empty each time, and made anew when their rules changed."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from records import audit
from records.db import Database
from records.models import AuditEvent
from tests.databases import PostgresDatabase

pytestmark = pytest.mark.both_databases


def _record(db: Database) -> None:
    with db.write() as session:
        audit.record(
            session,
            actor="user:eve",
            action="looked",
            subject_kind="day",
            subject_id="1",
            detail={},
        )


def _events(db: Database) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def test_what_one_test_wrote_is_gone_for_the_next_and_the_rules_stand(
    postgres_database: PostgresDatabase,
) -> None:
    db = Database(postgres_database.url())
    _record(db)
    assert _events(db) == 1
    assert postgres_database.url() == db.url.render_as_string(hide_password=False)
    assert _events(db) == 0
    _record(db)
    with pytest.raises(DBAPIError), db.write() as session:
        session.execute(text("DELETE FROM audit_events"))
    db.close()


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER day_signatures_no_change ON day_signatures",
        "ALTER TABLE audit_events DISABLE TRIGGER USER",
        "CREATE TABLE left_behind (id integer)",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_a_database_whose_rules_a_test_changed_is_made_anew(
    postgres_database: PostgresDatabase, change: str
) -> None:
    db = Database(postgres_database.url())
    before = _rules(db)
    with db.write() as session:
        session.execute(text(change))
    assert _rules(db) != before
    postgres_database.url()
    assert _rules(db) == before
    db.close()


def test_a_database_that_a_test_still_holds_is_made_anew(
    postgres_database: PostgresDatabase,
) -> None:
    db = Database(postgres_database.url())
    _record(db)
    with db.engine.connect() as held:
        held.execute(text("LOCK TABLE audit_events IN SHARE MODE"))
        fresh = Database(postgres_database.url())
        assert _events(fresh) == 0
        held.invalidate()
    fresh.close()
    db.close()


def _rules(db: Database) -> list[tuple[object, ...]]:
    with db.engine.connect() as connection:
        triggers = connection.execute(
            text("SELECT tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1")
        )
        tables = connection.execute(
            text("SELECT tablename, '' FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        )
        version = connection.execute(text("SELECT version_num, '' FROM alembic_version"))
        return [tuple(row) for part in (triggers, tables, version) for row in part]
