"""Empty databases for tests, brought up by the migrations once and then given out again and again.

A database of PostgreSQL made anew for each test costs more than most tests do in it: hundreds of
files to copy, connections to open, rules to compile. So the rows are taken out instead, and the
connections kept. Whatever else a test changed (tables, triggers) has it thrown away and made anew.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psycopg

from records import crypto, migrate
from records.db import Database
from records.installation import Installation, make_data_dir, open_installation
from records.settings import Settings
from tests.servers import PostgresServer

_USES = 50  # rows taken out leave their room behind; after so many tests a new one is quicker
_LOCK_SECONDS = 2

# Every rule of the tables stands aside for a session that plays the replica; the next test's
# sessions meet them all again.
_EMPTY = f"""
DO $$
DECLARE name text;
BEGIN
    SET LOCAL lock_timeout = '{_LOCK_SECONDS}s';
    SET LOCAL session_replication_role = replica;
    FOR name IN
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0
    LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
END $$"""

# A row of the catalogue that is changed gets another xmin: everything but the rows themselves.
_SHAPE = """
SELECT (SELECT string_agg(oid || ':' || xmin, ',' ORDER BY oid) FROM pg_trigger),
       (SELECT string_agg(oid || ':' || xmin, ',' ORDER BY oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace),
       (SELECT string_agg(oid || ':' || relnatts || ':' || relchecks, ',' ORDER BY oid)
        FROM pg_class WHERE relnamespace = 'public'::regnamespace),
       (SELECT string_agg(version_num, ',') FROM alembic_version)"""


@cache
def sqlite_template() -> Path:
    """A migrated SQLite file to copy."""
    folder = Path(tempfile.mkdtemp(prefix="lockbox-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "lockbox.sqlite"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@cache
def _key_file() -> bytes:
    """The keys of all copied databases of this process: what one holds can be read in another."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "master.json"
        crypto.load_keyring(path, fresh=True)
        return path.read_bytes()


def make_keys(settings: Settings) -> None:
    """A copied database is not fresh, so opening it would rightly refuse to make a key."""
    path = settings.master_key_file
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(_key_file())


def open_empty(settings: Settings) -> Installation:
    """A new installation, as ``open_installation`` makes it; its tables on SQLite are copied."""
    target = Database(settings).url
    if target.get_backend_name() == "sqlite":
        assert target.database
        make_data_dir(settings)
        shutil.copy(sqlite_template(), target.database)
        make_keys(settings)
    elif not Database(settings).is_fresh():
        make_keys(settings)
    return open_installation(settings)


@dataclass
class PostgresDatabase:
    """One migrated database of a server, empty whenever it is given out."""

    server: PostgresServer
    template: str
    uses: int = 0
    shape: tuple[object, ...] | None = None
    kept: list[psycopg.Connection] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The same name always, so that engines and their connections can be kept."""
        return f"test_{os.getpid()}"

    def url(self) -> str:
        """The URL of the database, which is migrated and empty."""
        if not self._emptied():
            self.close()
            self.server.drop_database(self.name)
            self.server.new_database(self.template, self.name)
            self.uses, self.shape = 0, self._shape()
        self.uses += 1
        return self.server.url(self.name)

    def close(self) -> None:
        """Close the connection that empties it."""
        while self.kept:
            self.kept.pop().close()

    def _emptied(self) -> bool:
        if self.shape is None or self.uses >= _USES:
            return False
        try:
            self._connection().execute(_EMPTY)
            return self._shape() == self.shape
        except psycopg.Error:  # gone, or held by a transaction that a test left open
            return False

    def _shape(self) -> tuple[object, ...] | None:
        return self._connection().execute(_SHAPE).fetchone()

    def _connection(self) -> psycopg.Connection:
        """A process of the server for each test would cost more than to empty the tables."""
        if not self.kept:
            self.kept.append(psycopg.connect(self.server.address(self.name), autocommit=True))
        return self.kept[0]
