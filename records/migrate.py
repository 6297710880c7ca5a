"""Bringing a database to the newest version of the tables, on SQLite and PostgreSQL."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, column, inspect, select, table

from records.db import Database
from records.errors import UnavailableError

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent / "migrations"
_STANDS_AT = table("alembic_version", column("version_num"))
_LOCK = 0x10C4B0  # any fixed number: two processes must not migrate at once


def upgrade(db: Database) -> bool:
    """Apply every migration that is missing; True when there was one.

    One process migrates at a time: SQLite by its write lock, PostgreSQL by an advisory lock.
    Raises UnavailableError ``database_newer`` when the database is from a newer program.
    """
    if not pending(db):
        return False
    from alembic import command  # noqa: PLC0415 - seldom wanted, and half a second to load

    with db.write() as session:
        connection = session.connection()
        if not db.is_sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


def pending(db: Database) -> bool:
    """Whether a migration is missing; raises as ``upgrade``."""
    with db.engine.connect() as connection:
        current = current_version(connection)
    if current is not None and current not in revisions():
        raise UnavailableError(
            "database_newer",
            "The database was made by a newer Open Lockbox.",
            "Install that version, or restore a backup of this one.",
        )
    return current != revisions()[-1]


def current_version(connection: Connection) -> str | None:
    """The migration a database stands at; None when it has no tables yet."""
    if not inspect(connection).has_table(_STANDS_AT.name):
        return None
    found = connection.execute(select(_STANDS_AT.c.version_num)).scalar_one_or_none()
    return None if found is None else str(found)


@cache
def revisions() -> tuple[str, ...]:
    """All migrations, oldest first: the file of each begins with its number.

    Read from the names, since every command asks, and loading them all takes longer than most.
    """
    return tuple(sorted(path.name[:4] for path in (_FOLDER / "versions").glob("[0-9]*_*.py")))


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config
