"""The service as a process: it listens or says why not, ends when told, and keeps names secret."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from records import logs
from records.installation import Installation, open_installation
from records.settings import Settings
from tests.corpus import good
from tests.crash.torture import descendants
from tests.servers import free_port
from tests.web.seed import seed
from tests.web.test_cli import lockbox, one_line
from web.app import create_app
from web.commands.service import listen, make_server

PATIENT = "Jane Q Roe 4417-2209"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What the process logs, set up as the service sets it up."""
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    kept = structlog.get_config()
    stream = io.StringIO()
    logs.configure("INFO", stream)
    yield stream
    structlog.configure(**kept)
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)


async def _fail_at_once(request: Request) -> Response:
    raise ValueError(PATIENT, request.url)


async def _fail_on_the_way(request: Request) -> Response:
    async def body() -> AsyncIterator[bytes]:
        yield b"part"
        raise ValueError(PATIENT, request.url)

    return StreamingResponse(body())


def test_an_error_in_a_request_leaves_its_type_in_the_log_and_nothing_of_the_patient(
    installation: Installation, logged: io.StringIO
) -> None:
    app = create_app(installation)
    app.router.routes.insert(0, Route("/fails", _fail_at_once))
    app.router.routes.insert(0, Route("/breaks", _fail_on_the_way))
    listener = listen("127.0.0.1", 0)
    server = make_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        for path in ("/fails", "/breaks"):
            with pytest.raises(OSError, match=r"500|IncompleteRead|reset|closed"):
                _get(f"{address}{path}?name=Roe")
    finally:
        server.should_exit = True
        thread.join(20)
    lines = [json.loads(line) for line in logged.getvalue().splitlines()]
    assert {"ValueError"} <= {line.get("error_type") for line in lines}
    assert {"request_failed", "library_message"} <= {line["event"] for line in lines}
    for secret in ("Jane", "Roe", "4417", "Traceback", "test_service"):
        assert secret not in logged.getvalue()


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=20) as answer:
        try:
            return bytes(answer.read())
        except Exception as error:
            raise OSError(f"IncompleteRead {error}") from error


def test_serve_ends_within_seconds_of_sigterm_and_takes_its_workers_along(tmp_path: Path) -> None:
    port = free_port()
    environment = {**os.environ, "LOCKBOX_DATA_DIR": str(tmp_path), "LOCKBOX_WORKERS": "1"}
    command = [sys.executable, "-m", "web.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE) as process:
        try:
            _wait_until_ready(port)
            workers = descendants(process.pid)
            assert len(workers) == 1
            told = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
            assert time.monotonic() - told < 15
        finally:
            process.kill()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def _wait_until_ready(port: int) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            _get(f"http://127.0.0.1:{port}/readyz")
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.1)
        else:
            return


def test_a_port_in_use_is_one_line_and_exit_code_4(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = lockbox(tmp_path, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 4
    assert "[port_in_use]" in one_line(done)
    assert not (tmp_path / "lockbox.sqlite").exists()


def test_an_address_of_another_machine_is_one_line_and_exit_code_4(tmp_path: Path) -> None:
    done = lockbox(tmp_path, "serve", "--host", "192.0.2.1")
    assert done.returncode == 4
    assert "[cannot_listen]" in one_line(done)


def test_jobs_run_by_a_command_leave_its_json_alone(tmp_path: Path) -> None:
    held = open_installation(Settings(data_dir=tmp_path, database_url=""))
    seed(held)
    held.close()
    (tmp_path / "page.pdf").write_bytes(good.digital_pdf())
    done = lockbox(
        tmp_path, "ingest", str(tmp_path / "page.pdf"), "--office", "NORTH", "--wait", "--json",
        LOCKBOX_WORKERS="0",
    )  # fmt: skip
    assert json.loads(done.stdout)["files"][0]["state"] == "done"
    assert done.stderr == ""
