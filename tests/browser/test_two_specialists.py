"""Two specialists on one queue, each in a browser of their own: nothing twice, nothing lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from records.models import Decision, Payment, ReviewItem, User
from tests.browser.conftest import DESK, PATIENCE_MS, PHONE, served, violations
from tests.browser.test_accessibility import keep
from tests.matching.world import check
from tests.web.desk import Desk, open_desk
from web import auth

pytestmark = pytest.mark.browser
LEASE_SECONDS = 4
SERIALS = iter(range(950, 999))
Enter = Callable[[str], Page]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose queue each test empties."""
    made = open_desk(tmp_path_factory.mktemp("two"))
    yield made
    made.installation.close()


@pytest.fixture
def enter(desk: Desk, browser: Browser) -> Iterator[Enter]:
    """The queue in a browser of a person's own; faults in any console fail the test."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []
    with served(desk.installation) as url:

        def at_the_queue(username: str) -> Page:
            context = browser.new_context(base_url=url, viewport=DESK)
            context.set_default_timeout(PATIENCE_MS)
            contexts.append(context)
            with desk.installation.db.write() as session:
                user = session.scalars(select(User).where(User.username == username)).one()
                token = auth.open_session(session, user.id)
            context.add_cookies([{"name": auth.COOKIE, "value": token, "url": url}])
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto("/review", wait_until="load")
            return page

        yield at_the_queue
        for context in contexts:
            context.close()
    assert not faults


def receive(desk: Desk, count: int) -> list[str]:
    """Checks of nobody we know, the largest first; the references of their questions."""
    envelopes = [[check(90_00 - i, str(next(SERIALS)), "Zelda Quist")] for i in range(count)]
    return [desk.question(ref).ref for ref in desk.receive(*envelopes)]


def start(page: Page) -> str:
    page.keyboard.press("Enter")
    page.wait_for_url("**/review/REV-*", wait_until="load")
    return present(page)


def present(page: Page) -> str:
    return str(page.locator(".review").get_attribute("data-item"))


def unidentified(page: Page) -> None:
    """Answer the question at hand: nobody's patient."""
    page.wait_for_timeout(450)  # no answer is taken before anybody can have read the question
    page.keyboard.press("m")
    page.keyboard.press("Enter")


def gone_on(page: Page, was: str) -> str:
    """The question that stands there after ``was``; empty when the queue does."""
    page.wait_for_function(
        "was => document.querySelector('.review')?.dataset.item !== was", arg=was
    )
    page.wait_for_load_state("load")
    return present(page) if page.locator(".review").count() else ""


def answered(desk: Desk, *refs: str) -> dict[str, list[str]]:
    """Who confirmed each of these questions."""
    with desk.installation.db.read() as session:
        rows = session.execute(
            select(ReviewItem.ref, Decision.actor)
            .join(Payment, Payment.id == ReviewItem.payment_id)
            .join(Decision, Decision.payment_id == Payment.id)
            .where(Decision.actor.startswith("user:"), Decision.outcome != "undone")
            .where(ReviewItem.ref.in_(refs))
        )
        found: dict[str, list[str]] = {}
        for ref, actor in rows:
            found.setdefault(ref, []).append(actor)
        return found


def state(desk: Desk, ref: str) -> str:
    """Where the payment of a question stands."""
    with desk.installation.db.read() as session:
        query = select(Payment.match_state).join(ReviewItem, ReviewItem.payment_id == Payment.id)
        return session.scalars(query.where(ReviewItem.ref == ref)).one()


def test_what_one_person_undoes_the_other_may_take(desk: Desk, enter: Enter) -> None:
    (only,) = receive(desk, 1)
    sam, sofia = enter("sam"), enter("sofia")
    start(sam)
    unidentified(sam)
    assert gone_on(sam, only) == ""
    assert state(desk, only) == "decided"
    sofia.get_by_role("button", name="Undo my last answer").click()
    expect(sofia.get_by_text("You have answered nothing")).to_be_visible()
    sam.get_by_role("button", name="Undo my last answer").click()
    sam.wait_for_url(f"**/review/{only}")
    assert state(desk, only) == "in_review"
    sam.keyboard.press("s")
    sam.wait_for_url("**/review")
    sofia.goto("/review", wait_until="load")
    assert start(sofia) == only
    unidentified(sofia)
    assert gone_on(sofia, only) == ""
    assert answered(desk, only) == {only: ["user:sam", "user:sofia"]}


def test_two_people_empty_a_queue_and_no_question_is_answered_twice(
    desk: Desk, enter: Enter
) -> None:
    waiting = receive(desk, 5)
    pages = {"sam": enter("sam"), "sofia": enter("sofia")}
    at = {name: start(page) for name, page in pages.items()}
    seen: dict[str, list[str]] = {name: [] for name in pages}
    while any(at.values()):
        held = [ref for ref in at.values() if ref]
        assert len(set(held)) == len(held)
        for name, page in pages.items():
            if at[name]:
                seen[name].append(at[name])
                unidentified(page)
                at[name] = gone_on(page, at[name])
    assert sorted(seen["sam"] + seen["sofia"]) == sorted(waiting)
    by = {ref: [f"user:{name}"] for name, refs in seen.items() for ref in refs}
    assert answered(desk, *waiting) == by
    for page in pages.values():
        page.goto("/review")
        expect(page.get_by_text("Nothing waits for you")).to_be_visible()


def test_an_empty_queue_says_who_holds_what_and_a_lease_that_ends_is_freed(
    desk: Desk, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKBOX_REVIEW_LEASE_SECONDS", str(LEASE_SECONDS))
    (only,) = receive(desk, 1)
    sam, sofia = enter("sam"), enter("sofia")
    assert start(sam) == only
    sofia.reload()
    held = sofia.locator("#held")
    expect(held).to_contain_text("Sam holds 1 question")
    expect(held.locator("time")).to_be_visible()
    expect(sofia.get_by_role("row", name=only)).to_contain_text("Sam")
    expect(sofia.locator("#start")).to_have_count(0)
    assert violations(sofia) == []
    keep(os.environ.get("SCREENSHOTS"), sofia, "queue-held", "desk")
    sofia.set_viewport_size(PHONE)
    assert sofia.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(sofia) == []
    # While Sam's page is open the question stays his, however short a lease is.
    sofia.wait_for_timeout(1000 * LEASE_SECONDS + 500)
    sofia.reload()
    expect(held).to_contain_text("Sam holds 1 question")
    # His machine is cut off: the lease ends, and the question is free.
    sam.context.set_offline(offline=True)
    sofia.wait_for_timeout(1000 * LEASE_SECONDS + 500)
    sofia.reload()
    expect(held).to_have_count(0)
    assert start(sofia) == only
    # What he answers when he is back is refused, and says why; hers counts.
    sam.context.set_offline(offline=False)
    unidentified(sam)
    expect(sam.locator("[data-problem]")).to_contain_text("no longer held by you")
    unidentified(sofia)
    assert gone_on(sofia, only) == ""
    assert answered(desk, only) == {only: ["user:sofia"]}
