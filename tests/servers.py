"""Real PostgreSQL and Redis for tests: started here, on free ports, gone with the tests."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest
import redis

_START_SECONDS = 60.0


def free_port() -> int:
    """A TCP port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_tests() -> None:
    ctypes.CDLL(None).prctl(1, int(signal.SIGQUIT), 0, 0, 0)


def _postgres_folder() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        pytest.fail("PostgreSQL is missing; install it: apt-get install postgresql", pytrace=False)
    return Path(on_path).resolve().parent


def _redis_program() -> str:
    found = shutil.which("redis-server")
    if found is None:
        pytest.fail("Redis is missing; install it: apt-get install redis-server", pytrace=False)
    return found


@dataclass
class PostgresServer:
    """One PostgreSQL in a folder of its own; not safe against a loss of power, hence quick."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    made: int = 0

    @classmethod
    def start(cls) -> PostgresServer:
        """Make a cluster and start it, as another user when we are root: PostgreSQL insists."""
        programs = _postgres_folder()
        folder = Path(tempfile.mkdtemp(prefix="lockbox-pg-"))
        user: dict[str, object] = {}
        if os.geteuid() == 0:
            known = {entry.pw_name: entry for entry in pwd.getpwall()}
            owner = known.get("postgres") or known["nobody"]
            os.chown(folder, owner.pw_uid, owner.pw_gid)
            user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        data = folder / "data"
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                data,
                "-U",
                "lockbox",
                "-A",
                "trust",
                "-E",
                "UTF8",
                "--locale=C",
                "--no-sync",
            ],
            check=True,
            capture_output=True,
            cwd=folder,
            **user,  # type: ignore[call-overload]
        )
        port = free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": folder,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "shared_buffers": "64MB",
            "max_connections": 120,
            "autovacuum": "off",
            "wal_level": "minimal",
            "max_wal_senders": 0,
            "max_wal_size": "256MB",
            "jit": "off",
            "max_parallel_workers_per_gather": 0,
        }
        arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", data, *arguments],
                stdout=log,
                stderr=log,
                cwd=folder,
                preexec_fn=_die_with_tests,  # noqa: PLW1509 - one system call, no lock taken
                **user,  # type: ignore[call-overload]
            )
        server = cls(folder, port, process)
        server._wait()
        return server

    def url(self, database: str = "postgres") -> str:
        """The SQLAlchemy URL of a database of this server."""
        return f"postgresql+psycopg://lockbox@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str = "template0", name: str = "") -> str:
        """Make a database, as a copy of ``template``, under a name of its own or ``name``."""
        self.made += 1
        name = name or f"test_{os.getpid()}_{self.made}"
        with psycopg.connect(self.address(), autocommit=True) as connection:
            # as files, not through the log: a tenth of the time, and what older servers do anyway
            how = " STRATEGY file_copy" if connection.info.server_version >= 150000 else ""
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"{how}'.encode())
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    def stop(self) -> None:
        """Stop at once and remove the folder."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, database: str = "postgres") -> str:
        """The address of a database of this server as libpq has it."""
        return f"host=127.0.0.1 port={self.port} user=lockbox dbname={database}"

    def _wait(self) -> None:
        until = time.monotonic() + _START_SECONDS
        while True:
            try:
                psycopg.connect(self.address(), connect_timeout=2).close()
            except psycopg.OperationalError:
                if time.monotonic() > until or self.process.poll() is not None:
                    log = (self.folder / "log").read_text()
                    pytest.fail(f"PostgreSQL did not start: {log[-2000:]}", pytrace=False)
                time.sleep(0.05)
            else:
                return


@dataclass
class RedisServer:
    """One Redis that keeps nothing on disk, so that its loss is a real loss."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The URL for settings."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, empty."""
        self.process = subprocess.Popen(
            [
                _redis_program(),
                "--port",
                str(self.port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                tempfile.gettempdir(),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_die_with_tests,  # noqa: PLW1509 - one system call, no lock taken
        )
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until:
            try:
                with redis.Redis(port=self.port) as connection:
                    connection.ping()
            except redis.RedisError:
                time.sleep(0.02)
            else:
                return
        pytest.fail("Redis did not start", pytrace=False)

    def flush(self) -> None:
        """Throw away everything in it."""
        with redis.Redis(port=self.port) as connection:
            connection.flushall()

    def kill(self) -> None:
        """End it as a power loss would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
