"""Bringing a database to the newest version of the tables, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from records.db import Database
from records.errors import UnavailableError

_LOCK = 0x10C4B0  # any fixed number: two processes must not migrate at once


def upgrade(db: Database) -> bool:
    """Apply every migration that is missing; True when there was one.

    One process migrates at a time: SQLite by its write lock, PostgreSQL by an advisory lock.
    Raises UnavailableError ``database_newer`` when the database is from a newer program.
    """
    if not pending(db):
        return False
    with db.write() as session:
        connection = session.connection()
        if not db.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


def pending(db: Database) -> bool:
    """Whether a migration is missing."""
    script = ScriptDirectory.from_config(_config())
    with db.engine.connect() as connection:
        current = current_version(connection)
    if current is not None and current not in {each.revision for each in script.walk_revisions()}:
        raise UnavailableError(
            "database_newer",
            "The database was made by a newer Open Lockbox.",
            "Install that version, or restore a backup of this one.",
        )
    return current != script.get_current_head()


def current_version(connection: Connection) -> str | None:
    """The migration a database stands at; None when it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
