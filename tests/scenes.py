"""What a fixture puts into an empty database, kept as rows and put in again for the next test.

An office with its accounts takes a tenth of a second to import, and hundreds of tests begin with
it. So it is imported once, and its rows are then copied in as they were: ids, times and all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import psycopg
from psycopg.sql import SQL, Identifier

from records import clock
from records.db import Database

_Told = TypeVar("_Told")
_Rows = bytes | dict[str, bytes]
_NEW = timedelta(minutes=30)  # a test may hold the clock at another day, which rows then tell
_TABLES = """
SELECT relname FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0"""


@dataclass(frozen=True, slots=True)
class _Scene:
    """Rows as they were when ``made_at`` was now, and what their maker told of them."""

    rows: _Rows
    told: Any
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Scenes:
    """The scenes of this process, by their makers and the kind of database."""

    known: dict[tuple[object, bool], _Scene] = field(default_factory=dict)

    def put(self, db: Database, make: Callable[[Database], _Told]) -> _Told:
        """Fill an empty migrated database as ``make`` does; what ``make`` returned: plain ids.

        ``make`` is a function of a module and runs once; it may only write rows.
        """
        scene = self.known.get((make, db.is_sqlite))
        if scene is None or abs(clock.now() - scene.made_at) > _NEW:
            told = make(db)
            taken = _file(db).read_bytes() if db.is_sqlite else _taken_postgres(db)
            self.known[make, db.is_sqlite] = scene = _Scene(taken, told, clock.now())
        elif isinstance(scene.rows, bytes):
            _file(db).write_bytes(scene.rows)
        else:
            _put_postgres(db, scene.rows)
        known: _Told = scene.told
        return known


def _file(db: Database) -> Path:
    """The file of an SQLite database, whole: the last connection to end leaves no journal."""
    db.close()
    path = Path(str(db.url.database))
    assert not path.with_name(f"{path.name}-wal").exists(), "a test's connection is still open"
    return path


def _postgres(db: Database) -> psycopg.Connection:
    url = db.url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url)


def _taken_postgres(db: Database) -> dict[str, bytes]:
    found = {}
    with _postgres(db) as connection, connection.cursor() as cursor:
        for (name,) in connection.execute(_TABLES).fetchall():
            with cursor.copy(SQL("COPY {} TO STDOUT").format(Identifier(name))) as copy:
                if rows := b"".join(copy):
                    found[name] = rows
    return found


def _put_postgres(db: Database, rows: dict[str, bytes]) -> None:
    with _postgres(db) as connection, connection.cursor() as cursor:
        # the rules of the tables were met when the rows were made
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name, content in rows.items():
            with cursor.copy(SQL("COPY {} FROM STDIN").format(Identifier(name))) as copy:
                copy.write(content)
