"""A real server in a thread and a real Chromium; pages come logged in as anybody of the seed."""

from __future__ import annotations

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import select

from records.installation import Installation
from records.models import User
from records.settings import Settings
from tests.databases import open_empty
from tests.web.seed import Seeded, seed
from web import auth
from web.app import create_app

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1366, "height": 850}
# A bar that stays in view lies across whatever is scrolled beneath it, and the browser scrolls it
# clear when it gets the focus (scroll-padding). Axe, which scrolls nothing, would call what happens
# to lie there too small to touch, so that bars stand in their own place while it looks.
_RUN_AXE = """async options => {
  const bars = [...document.querySelectorAll("body *")].filter(each => {
    const style = getComputedStyle(each);
    return style.position === "sticky" && (style.top !== "auto" || style.bottom !== "auto");
  });
  bars.forEach(each => { each.style.position = "relative"; each.style.inset = "auto"; });
  const found = await axe.run(options);
  bars.forEach(each => { each.style.position = ""; each.style.inset = ""; });
  return found.violations.map(
    each => `${each.id}: ${each.help} (${each.nodes[0].html.slice(0, 160)})`);
}"""
# Rules of WCAG 2.2 A and AA, and axe's own best practices.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass(frozen=True, slots=True)
class Server:
    """A served installation."""

    url: str
    installation: Installation
    group: dict[str, Seeded]


PageOf = Callable[..., Page]
# A loaded machine is slow, not wrong: patience costs nothing while a page does what it should.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The application on a free port with the small group of ``tests.web.seed``."""
    folder: Path = tmp_path_factory.mktemp("browser")
    held = open_empty(Settings(data_dir=folder))
    group = seed(held)
    with served(held) as url:
        yield Server(url, held, group)
    held.close()


class served:  # noqa: N801 - reads as the context manager it is
    """Serve an installation from a thread of this process; gives the URL."""

    def __init__(self, installation: Installation) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        config = uvicorn.Config(
            create_app(installation),
            host="127.0.0.1",
            port=self.port,
            log_config=None,
            log_level="error",
            lifespan="off",
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def __enter__(self) -> str:
        self.thread.start()
        until = time.monotonic() + 20
        while not self.server.started and time.monotonic() < until:
            time.sleep(0.02)
        assert self.server.started
        return f"http://127.0.0.1:{self.port}"

    def __exit__(self, *_: object) -> None:
        self.server.should_exit = True
        self.thread.join(10)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    if CHROMIUM is None:
        pytest.fail("chromium is not installed: apt-get install -y chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page_of(server: Server, browser: Browser) -> Iterator[PageOf]:
    """A page logged in as a user name (None: nobody); faults in its console fail the test."""
    contexts = []
    faults: list[str] = []

    def page(username: str | None, *, viewport: dict[str, int] = DESK, **options: object) -> Page:
        context = browser.new_context(base_url=server.url, viewport=viewport, **options)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        if username is not None:
            with server.installation.db.write() as session:
                user = session.scalars(select(User).where(User.username == username)).one()
                token = auth.open_session(session, user.id)
            context.add_cookies([{"name": auth.COOKIE, "value": token, "url": server.url}])
        made = context.new_page()
        made.on("pageerror", lambda error: faults.append(str(error)))
        made.on(
            "console",
            lambda line: (
                faults.append(line.text)
                if line.type == "error" and "Content Security Policy" in line.text
                else None
            ),
        )
        return made

    yield page
    for context in contexts:
        context.close()
    assert not faults


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now, one line each."""
    # axe's script is put in through the debugger, which the page's CSP does not bind; once a page.
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(Axe().axe_script)
    options = {"runOnly": AXE_TAGS, "resultTypes": ["violations"]}
    found: list[str] = page.evaluate(_RUN_AXE, options)
    return found
