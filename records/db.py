"""The database: one engine, read sessions that cannot write, and write sessions that commit.

On SQLite (WAL) a write session begins with BEGIN IMMEDIATE, so that two writers wait for each
other at the start and never deadlock half way; a read session sees one snapshot. On PostgreSQL a
read session is a READ ONLY transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction

from records.errors import UnavailableError, WrongUse
from records.settings import Settings

_BUSY_MILLISECONDS = 30_000
_WRITES = "lockbox_writes"
JOB_ATTEMPTS = "job_attempts"  # session.info: how often a job enqueued here may be tried


class ReadSession(Session):
    """A session that refuses to flush, and to lock rows."""


class WriteSession(Session):
    """A session whose block commits at its end, all or nothing."""


@event.listens_for(ReadSession, "before_flush")
def _refuse_flush(session: Session, context: UOWTransaction, instances: Any) -> None:
    del session, context, instances
    raise WrongUse("read_session", "A read session was asked to write.", "Use db.write().")


@event.listens_for(ReadSession, "do_orm_execute")
def _refuse_locks(state: ORMExecuteState) -> None:
    # SQLite leaves FOR UPDATE out in silence; PostgreSQL refuses it in a READ ONLY transaction.
    if getattr(state.statement, "_for_update_arg", None) is not None:
        raise WrongUse("read_session", "A read session was asked to lock rows.", "Use db.write().")


class Database:
    """A connection pool to one database, and the two kinds of session."""

    def __init__(self, where: Settings | str) -> None:
        attempts = 5 if isinstance(where, str) else where.job_attempts
        self._info = {JOB_ATTEMPTS: attempts}
        self.url = _normalised(where if isinstance(where, str) else where.database_url)
        self.engine = _engine(self.url)
        # These share the pool; the option tells the begin hook which BEGIN to send.
        self._reading = self.engine.execution_options(postgresql_readonly=True)
        self._writing = self.engine.execution_options(**{_WRITES: True})

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[ReadSession]:
        """One snapshot to read from; writing raises, nothing is ever committed."""
        with ReadSession(self._reading, expire_on_commit=False) as session:
            with _reachable(self.url):
                session.connection()
            with _reachable(self.url):
                yield session

    @contextmanager
    def write(self) -> Iterator[WriteSession]:
        """A transaction that commits when the block ends and rolls back when it raises.

        SQLite's write lock is taken here, before the first statement. Keep the block short and
        do no slow work in it. Raises UnavailableError ``database_unreachable``.
        """
        with WriteSession(self._writing, expire_on_commit=False, info=self._info) as session:
            with _reachable(self.url):
                session.connection()
            with _reachable(self.url):
                yield session
                session.commit()

    def is_fresh(self) -> bool:
        """Whether the database holds no tables at all yet."""
        with _reachable(self.url), self.engine.connect() as connection:
            return not inspect(connection).get_table_names()

    def check(self) -> None:
        """Answer at all, or raise UnavailableError ``database_unreachable``; for /readyz."""
        with self.read() as session:
            session.connection().exec_driver_sql("SELECT 1")

    def close(self) -> None:
        """Close the pooled connections."""
        self.engine.dispose()


def _normalised(text: str) -> URL:
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise WrongUse(
            "wrong_setting",
            "LOCKBOX_DATABASE_URL is not a database URL.",
            "Use sqlite:///path or postgresql://user:password@host/name.",
        ) from error
    if url.drivername in {"postgres", "postgresql"}:
        return url.set(drivername="postgresql+psycopg")
    if url.drivername in {"postgresql+psycopg", "sqlite", "sqlite+pysqlite"}:
        return url
    raise WrongUse(
        "unsupported_database",
        f"{url.drivername} is not supported.",
        "Use sqlite:///path or postgresql://user:password@host/name.",
    )


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url,
            pool_pre_ping=True,
            pool_size=5,
            max_overflow=20,
            connect_args={"connect_timeout": 5, "options": "-c timezone=UTC"},
        )
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # isolation_level None: the driver begins nothing by itself, the hooks below do.
    arguments = {"isolation_level": None, "timeout": _BUSY_MILLISECONDS / 1000}
    engine = create_engine(url, connect_args=arguments)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "checkin", _clean_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, record: object) -> None:
    del record
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")  # a commit survives the loss of power
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    reads = bool(options.get("postgresql_readonly"))
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(_WRITES) else "BEGIN")


def _clean_sqlite(connection: DBAPIConnection | None, record: object) -> None:
    """A connection goes back to the pool with no transaction open, able to write again.

    SQLite keeps a transaction open whose COMMIT was refused by a deferred key; SQLAlchemy takes
    it for ended, so it is rolled back here.
    """
    del record
    if connection is not None:
        connection.rollback()
        cursor = connection.cursor()
        cursor.execute("PRAGMA query_only = OFF")
        cursor.close()


@contextmanager
def _reachable(url: URL) -> Iterator[None]:
    """Turn the driver's ways to say "not there" into one error with a remedy."""
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        if not _is_outage(error):
            raise
        busy = "locked" in str(error.orig)
        raise UnavailableError(
            "database_busy" if busy else "database_unreachable",
            "The database is held by another process."
            if busy
            else f"The database {url.render_as_string(hide_password=True)} cannot be reached.",
            "Try again; if it stays so, find the process that holds it."
            if busy
            else "Check that it runs and that LOCKBOX_DATABASE_URL is right.",
        ) from error


def _is_outage(error: DBAPIError) -> bool:
    if error.connection_invalidated or error.statement is None:
        return True
    text = str(error.orig)
    return "database is locked" in text or "unable to open" in text
