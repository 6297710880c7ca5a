"""Every page passes axe, on a desk and on a phone, and none scrolls sideways on a phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import DESK, PHONE, PageOf, Server, violations
from web.app import create_app
from web.routes import GuardedRoute

pytestmark = pytest.mark.browser

# Page -> who looks at it. Names in braces come from the seed of office NORTH.
PAGES = {
    "/login": None,
    "/": "specialist.north",
    "/me": "courier.north",
    "/courier": "courier.north",
    "/courier/{pickup_ref}": "courier.north",
    "/courier/{pickup_ref}/receipt": "courier.north",
    "/files": "specialist.north",
    "/files/{file_ref}": "specialist.north",
    "/files/{file_ref}/edit": "specialist.north",
    "/quarantine": "specialist.north",
    "/search?q=Quill1": "specialist.north",
    "/search?q=nothing-like-it": "specialist.north",
    "/accounts/{account_number}": "billing.north",
    "/review": "specialist.north",
    "/review/{item_ref}": "specialist.north",
    "/tasks": "specialist.north",
    "/tasks/{task_ref}": "specialist.north",
    "/statement-holds": "specialist.north",
    "/admin/plays?reason=vacant": "root",
    "/billing": "billing.north",
    "/billing/figure?axis=received&part=total&on=2026-11-16": "billing.north",
    "/deposits": "billing.north",
    "/deposits/{deposit_ref}": "billing.north",
    "/postings": "billing.north",
    "/bank": "billing.north",
    "/jobs": "root",
    "/audit": "auditor.north",
    "/admin": "root",
    "/admin/users/{username}": "root",
    "/admin/offices/{office_code}": "root",
    "/admin/bank-accounts/{bank_account}": "root",
    "/admin/new-bank-account": "root",
    "/api/docs": "root",
    "/no-such-page": "specialist.north",
}


# Used on a phone too: these pass axe in that size as well.
ON_A_PHONE = (
    "/login",
    "/me",
    "/courier",
    "/review",
    "/tasks",
    "/billing",
    "/deposits",
    "/postings",
    "/bank",
)


def test_every_page_passes_axe_and_fits_a_phone(page_of: PageOf, server: Server) -> None:
    shots = os.environ.get("SCREENSHOTS")
    found: dict[str, list[str]] = {}
    pages = {who: page_of(who) for who in set(PAGES.values())}
    for page in pages.values():  # put in for each page by Chromium, not sent there each time
        page.add_init_script(Axe().axe_script)
    names = server.group["NORTH"].names
    for pattern, who in {**others(pages["root"], server), **PAGES}.items():
        page = pages[who]
        page.set_viewport_size(DESK)
        page.goto(pattern.format(**names), wait_until="load")
        page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
        wrong = violations(page)
        keep(shots, page, pattern, "desk")
        page.set_viewport_size(PHONE)
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if width > 0:
            wrong.append(f"scrolls sideways by {width} px")
        if pattern.startswith(ON_A_PHONE):
            wrong += violations(page)
        keep(shots, page, pattern, "phone")
        if wrong:
            found[pattern] = wrong
    assert not found


def test_the_check_itself_finds_a_field_without_a_label(page_of: PageOf) -> None:
    page = page_of(None)
    page.goto("/login")
    page.eval_on_selector("label", "label => label.remove()")
    assert any(line.startswith("label:") for line in violations(page))


def others(page: Page, server: Server) -> dict[str, str]:
    """Every page the application has beyond ``PAGES``: a new one is looked at unasked."""
    known = {pattern.split("?")[0] for pattern in PAGES}
    app = create_app(server.installation)
    found = {}
    for route in app.router.routes:
        if isinstance(route, GuardedRoute) and "GET" in route.methods and route.path not in known:
            if route.path.startswith("/api/") or "admin" not in route.access.roles:
                continue
            path = route.path.format(**server.group["NORTH"].names)
            answer = page.request.get(path)
            # A refusal is the page of "/no-such-page"; what leads elsewhere is looked at there.
            if answer.ok and answer.url.endswith(path) and "<html" in answer.text()[:200]:
                found[route.path] = "root"
    return found


def keep(folder: str | None, page: Page, pattern: str, size: str) -> None:
    """A picture of the page, when SCREENSHOTS names a folder."""
    if folder:
        name = pattern.strip("/").replace("/", "_").replace("?", "_") or "home"
        page.screenshot(path=Path(folder) / f"{size}-{name}.png", full_page=True)
