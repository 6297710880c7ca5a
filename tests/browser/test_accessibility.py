"""Every page passes axe, on a desk and on a phone, and none scrolls sideways on a phone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.conftest import DESK, PHONE, PageOf, Server, violations

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


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_every_page_passes_axe(size: str, page_of: PageOf, server: Server) -> None:
    shots = os.environ.get("SCREENSHOTS")
    found: dict[str, list[str]] = {}
    pages = {who: page_of(who, viewport=DESK if size == "desk" else PHONE)
             for who in set(PAGES.values())}
    for pattern, who in PAGES.items():
        page = pages[who]
        path = pattern.format(**server.group["NORTH"].names)
        page.goto(path, wait_until="networkidle")
        for details in page.query_selector_all("details.card"):
            details.evaluate("element => element.open = true")
        wrong = violations(page)
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if width > 0:
            wrong.append(f"scrolls sideways by {width} px")
        if wrong:
            found[pattern] = wrong
        if shots:
            name = pattern.strip("/").replace("/", "_").replace("?", "_") or "home"
            page.screenshot(path=Path(shots) / f"{size}-{name}.png", full_page=True)
    assert not found
