"""Search as it is typed: results follow the letters, and arrows go through them."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, PageOf, Server, violations

pytestmark = pytest.mark.browser


def test_results_follow_the_letters_and_arrows_go_through_them(
    page_of: PageOf, server: Server
) -> None:
    names = server.group["NORTH"].names
    page = page_of("specialist.north")
    page.goto("/search", wait_until="load")
    field = page.locator("#q")
    expect(field).to_be_focused()
    page.keyboard.type("Quil")
    account = page.locator("#found").get_by_role("link", name=names["account_number"]).first
    expect(account).to_be_visible()
    expect(page.locator("#found-said")).to_contain_text("1 account")
    expect(field).to_be_focused()
    assert page.url.endswith("/search?q=Quil")
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(page) == []
    page.keyboard.press("ArrowDown")
    expect(account).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/accounts/{names['account_number']}")
    page.go_back()
    expect(page.locator("#q")).to_have_value("Quil")
    expect(page.locator("#found").get_by_role("link").first).to_be_visible()


def test_another_offices_accounts_are_not_found_by_typing(page_of: PageOf, server: Server) -> None:
    other = server.group["SOUTH"].names
    page = page_of("specialist.north")
    page.goto("/search", wait_until="load")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type(other["account_number"])
    expect(page.get_by_text("No account fits")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(page.get_by_text("No account fits")).to_have_count(0)
