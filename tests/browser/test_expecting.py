"""How a candidate adds up and why not another, by keyboard, at the desk and on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from records.models import ReviewItem, User
from tests.browser.conftest import DESK, PATIENCE_MS, PHONE, served, violations
from tests.browser.test_accessibility import keep
from tests.matching.world import check
from tests.web.desk import Desk, open_desk
from web import auth

pytestmark = pytest.mark.browser

MARY, WILLIAM = "2100000052", "2100000045"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A check that one of two Smiths wrote is the only question."""
    made = open_desk(tmp_path_factory.mktemp("expecting"))
    made.receive([check(40_00, "910", "Mary Smith")])
    yield made
    made.installation.close()


@pytest.fixture
def page(desk: Desk, browser: Browser) -> Iterator[Page]:
    """Sam at the question; faults in the console fail the test."""
    with desk.installation.db.read() as session:
        ref = session.scalars(select(ReviewItem.ref)).one()
    faults: list[str] = []
    with served(desk.installation) as url:
        context = browser.new_context(base_url=url, viewport=DESK)
        context.set_default_timeout(PATIENCE_MS)
        with desk.installation.db.write() as session:
            user = session.scalars(select(User).where(User.username == "sam")).one()
            token = auth.open_session(session, user.id)
        context.add_cookies([{"name": auth.COOKIE, "value": token, "url": url}])
        made = context.new_page()
        made.on("pageerror", lambda error: faults.append(str(error)))
        made.goto(f"/review/{ref}", wait_until="load")
        expect(made).to_have_title(f"{ref} · Open Lockbox")
        yield made
        context.close()
    assert not faults


def test_a_key_opens_how_the_chosen_candidate_adds_up(page: Page) -> None:
    steps = page.locator("[data-part] details.how")
    page.keyboard.press("h")
    expect(steps.nth(0)).to_have_attribute("open", "")
    expect(steps.nth(0).locator("tbody th").first).to_contain_text("Before anything was read")
    expect(steps.nth(0).locator("tr.end")).to_contain_text("%")
    assert violations(page) == []
    page.keyboard.press("h")
    expect(steps.nth(0)).not_to_have_attribute("open", "")
    page.keyboard.press("2")
    page.keyboard.press("h")
    expect(steps.nth(1)).to_have_attribute("open", "")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-why-head]")).to_have_text(f"Why not {WILLIAM}?")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Why not this one?")).to_be_focused()
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(page) == []


def test_why_not_is_asked_of_an_account_found_by_search(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("william smi")
    expect(page.locator("[data-hits] .hit").first).to_contain_text(WILLIAM)
    page.keyboard.press("Shift+Enter")
    head = page.locator("[data-why-head]")
    expect(head).to_be_focused()
    expect(head).to_have_text(f"Why not {WILLIAM}?")
    why = page.locator("[data-why]")
    expect(why).to_contain_text("It is candidate 2.")
    expect(why.locator("thead")).to_contain_text(MARY)
    assert violations(page) == []
    keep(os.environ.get("SCREENSHOTS"), page, "why", "desk")
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(why).to_be_hidden()
    expect(page.locator("[data-find] input")).to_be_focused()


def test_arrows_go_through_the_accounts_found(page: Page) -> None:
    page.keyboard.press("/")
    page.keyboard.type("smith")
    hits = page.locator("[data-hits] .hit")
    expect(hits).to_have_count(2)
    expect(page.locator("#said")).to_have_text("2 accounts found")
    page.keyboard.press("ArrowDown")
    expect(hits.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(hits.nth(1)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("[data-why-not]").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(page.locator("[data-find] input")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Confirm")).to_be_focused()


def test_an_answer_that_comes_late_does_not_replace_a_newer_one(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/review/accounts?q=smi", hold)
    page.keyboard.press("/")
    page.keyboard.type("smi")
    page.wait_for_timeout(300)
    page.keyboard.press("Control+a")
    page.keyboard.type("Abernathy")
    hits = page.locator("[data-hits] .hit")
    expect(hits).to_have_count(1)
    with page.expect_response("**/review/accounts?q=smi"):
        held[0].continue_()
    page.wait_for_timeout(100)
    expect(hits).to_have_count(1)
    expect(hits.first).to_contain_text("Abernathy")
