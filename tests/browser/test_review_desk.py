"""A review question by keyboard: where the cursor is, and what each key and answer then does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from records.models import AddressTask, Allocation, Payment, ReviewItem, User
from tests.browser.conftest import DESK, PATIENCE_MS, served, violations
from tests.matching.world import check, coupon, field, reading
from tests.web.desk import Desk, open_desk
from web import auth

pytestmark = pytest.mark.browser

STRANGER = "Zelda Quist"
CLAIMS = [
    {"patient_name": "OKAFOR, EMMA", "member_id": "G100000002", "paid_cents": 45_10},
    {"patient_name": "SMITH, WILLIAM", "member_id": "A100000003", "paid_cents": 210_00},
]
Open = Callable[..., Page]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = open_desk(tmp_path)
    yield made
    made.installation.close()


@pytest.fixture
def at(desk: Desk, browser: Browser) -> Iterator[Open]:
    """Sam's page with a question; faults in its console fail the test."""
    faults: list[str] = []
    with served(desk.installation) as url:
        context = browser.new_context(base_url=url, viewport=DESK)
        context.set_default_timeout(PATIENCE_MS)
        with desk.installation.db.write() as session:
            user = session.scalars(select(User).where(User.username == "sam")).one()
            token = auth.open_session(session, user.id)
        context.add_cookies([{"name": auth.COOKIE, "value": token, "url": url}])

        def open_question(ref: str) -> Page:
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(f"/review/{ref}", wait_until="load")
            expect(page).to_have_title(f"{ref} · Open Lockbox")  # the script has made it ready
            return page

        yield open_question
        context.close()
    assert not faults


def question(desk: Desk, *documents: Any) -> str:
    """The one question that an envelope raises."""
    with desk.installation.db.read() as session:
        known = set(session.scalars(select(ReviewItem.ref)))
    desk.receive(list(documents))
    with desk.installation.db.read() as session:
        (ref,) = set(session.scalars(select(ReviewItem.ref))) - known
    return ref


def stage(page: Page) -> Locator:
    return page.locator(".stage")


def value(page: Page, name: str, line: int = 0) -> str:
    return page.locator(f"[name={name}]").nth(line).input_value()


def parts(desk: Desk) -> list[int]:
    with desk.installation.db.read() as session:
        rows = session.scalars(select(Allocation.amount_cents).where(Allocation.live))
        return sorted(rows)


def test_a_question_opens_on_its_picture_so_that_keys_are_keys(desk: Desk, at: Open) -> None:
    page = at(question(desk, check(40_00, "201", "Smith", amount_cents=field(40_00, 0.6))))
    expect(stage(page)).to_be_focused()
    page.keyboard.press("o")  # nothing doubtful stands there before a person takes it
    page.keyboard.press("1")
    assert value(page, "amount") == "40.00"
    expect(page.locator("[data-part] .hit").first).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    # From the picture Tab goes to what is asked; a digit is text there, and ? is still help.
    stage(page).focus()
    page.keyboard.press("Tab")
    expect(page.locator("#amount")).to_be_focused()
    badge = "getComputedStyle(document.querySelector('.hit-key kbd'), '::before').content"
    assert page.evaluate(badge) == '"Alt+"'
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    assert value(page, "amount") == "40.00"
    page.keyboard.press("Escape")
    expect(stage(page)).to_be_focused()
    assert page.evaluate(badge) == "none"
    page.keyboard.press("a")
    expect(page.locator("#amount")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("+")
    page.keyboard.press("Escape")
    assert violations(page) == []


def test_an_amount_nobody_could_read_starts_with_the_cursor_in_it(desk: Desk, at: Open) -> None:
    page = at(question(desk, check(0, "202", STRANGER, amount_cents=field(None, 0.0))))
    expect(page.locator("#amount")).to_be_focused()
    page.keyboard.type("61.50")
    # What was read on it goes along when it is set aside; the reason is that of the question.
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    expect(page.locator("[name=reason]")).to_have_value("misdirected")
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    with desk.installation.db.read() as session:
        payment = session.scalars(select(Payment)).one()
        assert (payment.amount_cents, payment.not_deposited_reason) == (61_50, "misdirected")


@pytest.mark.parametrize(("then", "cents"), [("108.69", 108_69), ("", 1_00)])
def test_an_amount_that_numerals_and_words_deny_is_asked_about_once(
    desk: Desk, at: Open, then: str, cents: int
) -> None:
    says = {"courtesy_amount_cents": 108_69, "legal_amount_cents": 108_69}
    page = at(question(desk, check(108_69, "203", STRANGER, **says)))
    page.keyboard.press("a")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    problem = page.locator("[data-problem]")
    expect(problem).to_have_text(
        "The check reads 108.69 in numerals and words, not 1.00. No account is chosen: "
        "1.00 will be held as unidentified. Press Enter again to confirm that."
    )
    expect(problem).to_be_in_viewport()
    assert parts(desk) == []
    if then:
        page.keyboard.press("Control+a")
        page.keyboard.type(then)
        page.keyboard.press("Enter")
        expect(problem).to_contain_text("108.69 will be held as unidentified")
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    assert parts(desk) == [cents]


def test_lines_of_a_split_come_and_go_and_empty_ones_are_not_sent(desk: Desk, at: Open) -> None:
    page = at(question(desk, check(90_00, "204", STRANGER)))
    left = page.locator("[data-balance]")
    page.keyboard.press("f")
    page.keyboard.type("2100000045")
    page.locator("[name=to_amount]").fill("120.35")
    expect(left).to_have_text("30.35 too much")
    expect(page.locator("[data-sum]")).to_have_text("120.35 of 90.00")
    page.locator("[name=to_amount]").fill("50")
    expect(left).to_have_text("40.00 left")
    expect(page.locator("[data-sum]")).to_have_text("50.00 of 90.00")
    page.keyboard.press("Escape")
    page.keyboard.press("+")
    expect(page.locator("[name=to_account]").nth(1)).to_be_focused()
    page.keyboard.type("2100000052")
    assert value(page, "to_amount", 1) == "40.00"
    page.keyboard.press("Escape")
    page.keyboard.press("+")
    page.get_by_role("button", name="Remove this line").nth(2).press("Enter")
    expect(page.locator("[data-split] tr")).to_have_count(2)
    page.keyboard.press("+")
    page.locator("[name=to_amount]").nth(2).fill("0")
    page.locator("[name=to_amount]").nth(2).press("Enter")
    page.wait_for_url("**/review")
    assert parts(desk) == [40_00, 50_00]


def test_enter_confirms_what_was_found_by_search(desk: Desk, at: Open) -> None:
    page = at(question(desk, check(50_00, "205", STRANGER)))
    page.keyboard.press("/")
    page.keyboard.type("Abernathy")
    expect(page.locator("[data-hits] .hit")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Confirm")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    assert parts(desk) == [50_00]


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        ({"date": "2026-12-24"}, "postdated"),
        ({"date": "2025-01-02"}, "stale"),
        ({"payee_name": "Somebody Quite Else"}, "misdirected"),
        ({"signed": False}, "unsigned"),
    ],
)
def test_the_reason_to_set_aside_follows_from_the_question(
    desk: Desk, at: Open, read: dict[str, object], reason: str
) -> None:
    page = at(question(desk, check(50_00, "206", STRANGER, **read)))
    page.keyboard.press("x")
    expect(page.locator("[name=reason]")).to_have_value(reason)


@pytest.mark.parametrize(
    ("read", "fact"),
    [
        ({"date": "2026-12-24"}, "It is dated 2026-12-24, later than it came."),
        ({"payee_name": "City Gas and Light"}, "It is made out to “City Gas and Light”."),
        ({"signed": False}, "No signature was found."),
    ],
)
def test_what_speaks_against_a_check_takes_a_key_of_its_own(
    desk: Desk, at: Open, read: dict[str, object], fact: str
) -> None:
    page = at(question(desk, check(50_00, "211", STRANGER, **read)))
    page.keyboard.press("m")
    for _ in range(2):
        page.keyboard.press("Enter")
        page.wait_for_timeout(500)
    problem = page.locator("[data-problem]")
    expect(problem).to_have_text(
        f"{fact} Press y to deposit it all the same, or x to set it aside."
    )
    assert parts(desk) == []
    assert violations(page) == []
    page.keyboard.press("y")
    expect(page.locator("[data-override]")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    assert parts(desk) == [50_00]


def test_an_unknown_page_has_no_answer_ready(desk: Desk, at: Open) -> None:
    page = at(question(desk, reading("correspondence", text="?")))
    page.keyboard.press("Enter")
    expect(page.locator("[data-problem]")).to_contain_text("Say what came of it.")
    page.keyboard.press("2")
    expect(page.get_by_label("handed on to the office")).to_be_checked()
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    with desk.installation.db.read() as session:
        assert session.scalars(select(ReviewItem.outcome)).one() == "handed_on"


def test_enter_struck_twice_is_no_answer_to_the_next_question(desk: Desk, at: Open) -> None:
    second = question(desk, check(61_50, "212", STRANGER))
    page = at(question(desk, check(90_00, "213", STRANGER)))
    page.keyboard.press("m")
    # Struck again in the moment in which the next question stands there, as sure as can be.
    page.evaluate("""() => new MutationObserver((_, watch) => {
        document.dispatchEvent(new KeyboardEvent("keydown", { key: "m", bubbles: true }));
        document.querySelector("[data-answer=confirm] button.primary").click();
        watch.disconnect();
    }).observe(document.getElementById("review"), { childList: true })""")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/review/{second}")
    page.wait_for_timeout(500)
    assert parts(desk) == [90_00]
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    assert parts(desk) == [61_50, 90_00]


def test_the_next_question_starts_at_its_top(desk: Desk, at: Open) -> None:
    question(desk, check(80_00, "207", STRANGER))
    page = at(question(desk, check(90_00, "208", STRANGER)))
    first = page.url
    page.set_viewport_size({"width": 1366, "height": 500})
    page.evaluate("window.scrollTo(0, 400)")
    assert page.evaluate("window.scrollY") > 0
    page.keyboard.press("s")
    page.wait_for_function("was => location.href !== was", arg=first)
    expect(page.locator(".toast").last).to_contain_text("released")
    expect(stage(page)).to_be_focused()
    assert page.evaluate("window.scrollY") == 0


def test_a_letter_that_is_a_check_becomes_a_question_to_key(desk: Desk, at: Open) -> None:
    page = at(question(desk, reading("correspondence", text="?")))
    assert violations(page) == []
    first = page.url
    page.keyboard.press("k")
    page.wait_for_function("was => location.href !== was", arg=first)
    expect(page.locator("#amount")).to_be_focused()
    with desk.installation.db.read() as session:
        assert session.scalars(select(Payment)).one().kind == "check"


def test_a_paper_remittance_can_announce_an_electronic_payment(desk: Desk, at: Open) -> None:
    eob = reading("remittance", total_paid_cents=255_10, payment_number="9001", claims=CLAIMS)
    page = at(question(desk, eob))
    first = page.url
    page.get_by_role("button", name="It announces an electronic payment").press("Enter")
    page.wait_for_function("was => location.href !== was", arg=first)
    with desk.installation.db.read() as session:
        assert session.scalars(select(Payment)).one().amount_cents == 255_10


def test_enter_makes_an_address_task_of_a_written_change(desk: Desk, at: Open) -> None:
    stub = coupon("2100000011", "8100000015", address_changed=True, new_address="5 Oak\nTroy OH")
    ref = question(desk, check(50_00, "209", "Walter Abernathy"), stub)
    page = at(ref)
    expect(page.locator(".answer-asks")).to_have_text("Change of address?")
    assert violations(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url("**/review")
    with desk.installation.db.read() as session:
        task = session.scalars(select(AddressTask)).one()
        assert task.account is not None
        assert task.account.number == "2100000011"


def test_an_account_keyed_for_a_claim_goes_to_the_claim(desk: Desk, at: Open) -> None:
    eob = reading("remittance", total_paid_cents=255_10, payment_number="9001", claims=CLAIMS)
    page = at(question(desk, check(255_11, "210", "Delta Dental"), eob))
    page.keyboard.press("+")
    page.keyboard.type("2100000045")
    line = page.locator("[data-split] tr").last
    statement = line.locator("[name=to_statement]")
    expect(statement).to_have_attribute("placeholder", "claim")
    expect(line.locator("[name=to_destination]")).to_have_value("account")
    line.locator("[name=to_account]").fill("unidentified")
    expect(line.locator("[name=to_destination]")).to_have_value("unidentified")
