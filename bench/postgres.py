"""A PostgreSQL of a bench's own: started in a folder, on a free port, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from records.errors import UnavailableError

_START_SECONDS = 60.0
_OPTIONS = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "shared_buffers": "512MB", "maintenance_work_mem": "256MB", "max_wal_size": "4GB",
}  # fmt: skip


@contextmanager
def server() -> Iterator[str]:
    """The URL of an empty database; loading is sped up by what would not be safe in earnest."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="lockbox-bench-pg-"))
    user: dict[str, object] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        owner = known.get("postgres") or known["nobody"]
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    data = folder / "data"
    make = [programs / "initdb", "-D", data, "-U", "lockbox", "-A", "trust", "-E", "UTF8",
            "--locale=C", "--no-sync"]  # fmt: skip
    subprocess.run(  # noqa: S603 - the programs found above
        make, check=True, capture_output=True, cwd=folder, **user
    )  # type: ignore[call-overload]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = {"listen_addresses": "127.0.0.1", "port": port,
               "unix_socket_directories": folder, **_OPTIONS}  # fmt: skip
    arguments = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [programs / "postgres", "-D", data, *arguments], stdout=log,
                                   stderr=log, cwd=folder, **user)  # type: ignore[call-overload]  # fmt: skip
    try:
        _wait(process, port)
        yield f"postgresql+psycopg://lockbox@127.0.0.1:{port}/postgres"
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        raise UnavailableError(
            "no_postgresql", "PostgreSQL is missing.", "apt-get install postgresql"
        )
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _START_SECONDS
    where = f"host=127.0.0.1 port={port} user=lockbox dbname=postgres"
    while True:
        try:
            psycopg.connect(where, connect_timeout=2).close()
        except psycopg.OperationalError as error:
            if time.monotonic() > until or process.poll() is not None:
                raise UnavailableError(
                    "no_postgresql", "PostgreSQL did not start.", "Look at its log."
                ) from error
            time.sleep(0.05)
        else:
            return
