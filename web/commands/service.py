"""Commands that keep running or measure: serve, worker, bench."""

from __future__ import annotations

import errno
import importlib
import signal
import socket
from typing import Any

import click
import uvicorn
from fastapi import FastAPI

from records import logs
from records.errors import UnavailableError, WrongUse
from records.installation import open_installation
from records.settings import load_settings
from web import doorbell, indexing, watching
from web import worker as workers
from web.app import create_app
from web.commands.output import emit, json_option
from web.stopping import Stop

_KEEP_ALIVE_SECONDS = 5  # an idle connection takes one of the two hundred there are


@click.command()
@click.option("--host", help="Address to listen on (default: LOCKBOX_HOST).")
@click.option("--port", type=int, help="Port (default: LOCKBOX_PORT).")
@click.option("--workers", "count", type=click.IntRange(0), help="Worker processes.")
def serve(host: str | None, port: int | None, count: int | None) -> None:
    """Migrate, then serve the pages and run the jobs. Example: lockbox serve --port 8017"""
    changes = {"host": host, "port": port, "workers": count}
    settings = load_settings().model_copy(
        update={name: value for name, value in changes.items() if value is not None}
    )
    logs.configure(settings.log_level)
    listener = listen(settings.host, settings.port)
    installation = open_installation(settings)
    indexing.ensure(installation.db)
    doorbell.install(settings)
    server = make_server(create_app(installation), settings.trusted_proxy)

    def stop(*_: object) -> None:
        server.should_exit = True

    # uvicorn has handlers of its own while it serves, and raises the signal again when it ends.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    click.echo(f"Open Lockbox: http://{settings.host}:{listener.getsockname()[1]}", err=True)
    with workers.working(settings, installation.db), watching.watching(installation):
        server.run(sockets=[listener])
    installation.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, before anything else is done.

    Raises UnavailableError ``port_in_use`` or ``cannot_listen``.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise UnavailableError(
                "port_in_use",
                f"Port {port} of {host} is in use.",
                "Stop what uses it, or choose another with --port.",
            ) from error
        raise UnavailableError(
            "cannot_listen",
            f"Nobody can listen on port {port} of {host} here: {error.strerror or error}.",
            "Choose others with --host and --port.",
        ) from error


def make_server(app: FastAPI, trusted_proxy: str = "") -> uvicorn.Server:
    """The web server; its log lines go through the allow-list like all others.

    ``trusted_proxy`` is the address whose ``X-Forwarded-*`` headers are believed: without one,
    nobody can write another address into the login's limits, or https where there is none.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            date_header=False,
            proxy_headers=bool(trusted_proxy),
            forwarded_allow_ips=trusted_proxy or None,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=3,
            limit_concurrency=200,
        )
    )


@click.command()
@click.option("--concurrency", default=2, show_default=True, type=click.IntRange(1, 64))
def worker(concurrency: int) -> None:
    """Run jobs here: woken by Redis when LOCKBOX_REDIS_URL is set, by polling otherwise.

    Example: LOCKBOX_REDIS_URL=redis://localhost lockbox worker
    """
    settings = load_settings()
    logs.configure(settings.log_level)
    installation = open_installation(settings)
    indexing.ensure(installation.db)
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    click.echo("Working. Stop with Ctrl-C.", err=True)
    doorbell.work(settings, installation.db, stop, concurrency=concurrency)
    installation.close()


_SHARE = click.FloatRange(0, 1, min_open=True, max_open=True)
_BENCH_OPTIONS = {
    "split": "read", "peers": "read remittance", "others": "read", "jobs": "read remittance",
    "design": "returned", "layouts": "remittance", "scanned": "remittance", "digital": "remittance",
    "cross_foot": "remittance",
    "accounts": "match", "payments": "match", "database": "match", "growth": "match",
    "plot": "match", "reliability": "match", "noise": "match", "allocation": "match",
    "febrl": "match", "confirmations": "match", "target": "match", "steady": "match",
    "megabytes": "icl", "pieces": "imb", "checks": "deposit", "keep": "deposit",
}  # fmt: skip


_INSTRUMENTS = {"claims": "remittance_claims", "imb": "imb.measure",
                "scanline": "scanlines.measure"}  # fmt: skip
_BENCHES = ("claims", "deposit", "icl", "imb", "jobs", "match", "read", "remittance", "returned",
            "scanline")  # fmt: skip


@click.command()
@click.argument(
    "what",
    type=click.Choice(_BENCHES),
)
@click.option("--seed", default=7, show_default=True)
@click.option("--count", type=click.IntRange(1), help="Sample size (default: the bench's own).")
@click.option("--split", type=click.Choice(["tune", "test"]), help="read: which drawn checks.")
@click.option("--peers", type=click.IntRange(0), help="read, remittance: how many for the peers.")
@click.option("--others", type=click.IntRange(0), help="read: how many pages that are no checks.")
@click.option("--jobs", type=click.IntRange(1, 64), help="read, remittance: how many processes.")
@click.option(
    "--layouts", type=click.Choice(["all", "known", "heldout", "random"]), help="remittance: whose."
)
@click.option("--design", type=click.Choice(["tune", "held_out"]), help="returned: whose marks.")
@click.option("--scanned", is_flag=True, default=None, help="remittance: only printed and scanned.")
@click.option("--digital", is_flag=True, default=None, help="remittance: only born digital.")
@click.option("--cross-foot/--no-cross-foot", default=None, help="remittance: sums repair or not.")
@click.option("--accounts", type=click.IntRange(100), help="match: size of the seeded chart.")
@click.option("--payments", type=click.IntRange(1), help="match: how many payments.")
@click.option("--database", type=click.Choice(["sqlite", "postgres"]), help="match: which one.")
@click.option("--growth", metavar="N,N", help="match: sizes of charts to measure one by one.")
@click.option("--plot", metavar="FILE.png", help="match: draws growth; its rows are kept beside.")
@click.option("--reliability", metavar="FILE.png", help="match: what goes by itself, by evidence.")
@click.option("--noise", type=click.Choice(["generator", "uniform", "read"]), help="match: whose.")
@click.option("--allocation", is_flag=True, default=None, help="match: splits over statements.")
@click.option("--confirmations", type=click.IntRange(100), help="match: answers in order.")
@click.option("--target", type=_SHARE, help="match: what may be wrong.")
@click.option("--steady", is_flag=True, default=None, help="match: no scanner drifts.")
@click.option("--checks", type=click.IntRange(1, 5000), help="deposit: how many, from the mail.")
@click.option("--keep", metavar="FOLDER", help="deposit: where mail, data and letter stay.")
@click.option("--pieces", type=click.IntRange(1000), help="imb: how many mailed, in the ledger.")
@click.option("--megabytes", metavar="N,N", help="icl: letters so large, for memory.")
@click.option("--febrl", is_flag=True, default=None, help="match: a public set, beside Splink.")
@json_option
def bench(what: str, seed: int, count: int | None, as_json: bool, **options: Any) -> None:
    """Measure on seeded data with known truth. Example: lockbox bench match --json"""
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if what not in _BENCH_OPTIONS.get(name, "").split():
            raise WrongUse("wrong_option", f"`bench {what}` has no --{name}.", "Leave it out.")
    # By name: the instruments measure the product from above, the product never needs them.
    instrument = importlib.import_module(f"bench.{_INSTRUMENTS.get(what, what)}")
    result = instrument.measure(seed=seed, count=count, **given)
    if as_json:
        emit(result)
    elif hasattr(instrument, "lines"):
        for line in instrument.lines(result):
            click.echo(line)
    else:
        for name, value in result.items():
            click.echo(f"{name:<32} {value}")
