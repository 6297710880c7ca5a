"""A courier with a bad line: files are sent, cut off, tried again, and never counted twice."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from records.models import SourceFile
from tests.browser.conftest import PHONE, PageOf, Server
from tests.web.seed import PASSWORD, page_png

pytestmark = pytest.mark.browser


@pytest.fixture
def courier(page_of: PageOf) -> Page:
    return page_of("courier.north", viewport=PHONE, has_touch=True, is_mobile=True)


def start(page: Page, bag: str) -> None:
    page.goto("/courier")
    page.get_by_label("Bag number").fill(bag)
    page.get_by_label("Envelopes").fill("3")
    page.get_by_label("Checks").fill("2")
    page.get_by_role("button", name="Start pickup").click()
    expect(page.get_by_role("heading", name=f"Bag {bag}")).to_be_visible()


def scans(folder: Path, *names: str) -> list[Path]:
    paths = []
    for name in names:
        path = folder / name
        path.write_bytes(page_png(f"{folder.name} {name}"))
        paths.append(path)
    return paths


def test_several_files_arrive_each_with_its_reference_and_stand_on_the_receipt(
    courier: Page, tmp_path: Path
) -> None:
    start(courier, "walk-1")
    courier.locator("#choose").set_input_files(scans(tmp_path, "one.png", "two.png", "three.png"))
    expect(courier.locator("#progress-text")).to_have_text("3 of 3 received")
    expect(courier.locator("#sending .done")).to_have_count(3)
    # The page's own part below is refreshed by htmx, without a reload.
    expect(courier.locator("#status .files li")).to_have_count(3)
    courier.get_by_role("link", name="Receipt").click()
    for name in ("one.png", "two.png", "three.png"):
        row = courier.get_by_role("row", name=name)
        expect(row.locator(".ref")).to_have_text(re.compile(r"ITM-\w{3}-\w{4}"))


def test_the_difference_is_in_sight_on_a_phone(courier: Page) -> None:
    courier.goto("/courier")
    courier.get_by_label("Bag number").fill("walk-9")
    courier.get_by_label("Envelopes").fill("120")
    courier.get_by_label("Checks").fill("100")
    courier.get_by_label("Total").fill("23456.78")
    courier.get_by_role("button", name="Start pickup").click()
    table = courier.get_by_role("region", name="Declared and found")
    expect(table.get_by_text("Difference")).to_be_visible()
    assert table.evaluate("each => each.scrollWidth <= each.clientWidth")


def test_what_was_cut_off_is_sent_again_by_itself(
    courier: Page, tmp_path: Path, server: Server
) -> None:
    start(courier, "walk-2")
    tries: list[str] = []

    def drop_twice(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) <= 2:
            route.abort("connectionfailed")
        else:
            route.continue_()

    courier.route("**/files", drop_twice)
    courier.locator("#choose").set_input_files(scans(tmp_path, "cut.png"))
    expect(courier.locator("#sending .say")).to_contain_text("Trying again")
    expect(courier.locator("#sending .done")).to_have_count(1)
    assert len(tries) == 3
    with server.installation.db.read() as session:
        count = session.scalar(
            select(func.count()).select_from(SourceFile).where(SourceFile.name == "cut.png")
        )
    assert count == 1


def test_when_the_answer_is_lost_the_second_try_finds_the_first_item(
    courier: Page, tmp_path: Path
) -> None:
    start(courier, "walk-3")
    # The first request reaches the server whole; only its answer is lost on the way back.
    courier.evaluate("""() => {
        const send = XMLHttpRequest.prototype.send;
        XMLHttpRequest.prototype.send = function (body) {
            this.onload = () => this.onerror();
            XMLHttpRequest.prototype.send = send;
            return send.call(this, body);
        };
    }""")
    courier.locator("#choose").set_input_files(scans(tmp_path, "lost.png"))
    expect(courier.locator("#sending .say")).to_contain_text("Already received, item ITM-")


def test_a_file_that_failed_for_good_goes_with_the_retry_button(
    courier: Page, tmp_path: Path
) -> None:
    start(courier, "walk-4")
    courier.route(
        "**/files",
        lambda route: route.fulfill(
            status=400,
            content_type="application/json",
            body='{"code": "x", "message": "Refused.", "remedy": "Press Retry."}',
        ),
    )
    courier.locator("#choose").set_input_files(scans(tmp_path, "later.png"))
    expect(courier.locator("#sending .failed .say")).to_have_text("Refused. Press Retry.")
    courier.unroute("**/files")
    courier.get_by_role("button", name="Retry later.png").click()
    expect(courier.locator("#sending .done")).to_have_count(1)


def test_after_a_reload_the_list_is_still_there(courier: Page, tmp_path: Path) -> None:
    start(courier, "walk-5")
    courier.locator("#choose").set_input_files(scans(tmp_path, "kept.png"))
    expect(courier.locator("#sending .done")).to_have_count(1)
    courier.reload()
    expect(courier.locator("#sending .done .say")).to_contain_text("Received, item ITM-")


def test_a_photo_comes_from_the_camera_button(courier: Page, tmp_path: Path) -> None:
    start(courier, "walk-6")
    camera = courier.locator("#camera")
    assert camera.get_attribute("capture") == "environment"
    camera.set_input_files(scans(tmp_path, "IMG_0001.png"))
    expect(courier.locator("#sending .done")).to_have_count(1)


def test_a_file_chosen_before_the_script_arrived_is_sent_too(courier: Page, tmp_path: Path) -> None:
    held: list[Route] = []
    courier.route("**/courier.js*", lambda route: held.append(route))  # noqa: PLW0108 - playwright inspects it
    start(courier, "walk-8")
    courier.locator("#choose").set_input_files(scans(tmp_path, "early.png"))
    expect(courier.locator("#sending li")).to_have_count(0)
    held[0].continue_()
    expect(courier.locator("#sending .done")).to_have_count(1)


def test_a_pickup_is_done_with_the_keyboard_alone(page_of: PageOf) -> None:
    page = page_of(None)
    page.goto("/login")
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.type("courier.north")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/courier")
    page.get_by_label("Bag number").focus()
    for value in ("keys-1", "4", "3", "120.50"):
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bag keys-1")).to_be_visible()
    expect(page.get_by_role("status").first).to_be_attached()
    expect(page.locator(".toast")).to_contain_text("started")


def test_without_scripts_the_form_still_sends(page_of: PageOf, tmp_path: Path) -> None:
    page = page_of("courier.north", java_script_enabled=False)
    start(page, "walk-7")
    page.locator("#choose").set_input_files(scans(tmp_path, "plain.png"))
    page.get_by_role("button", name="Send the chosen files").click()
    expect(page.locator(".files")).to_contain_text("plain.png")
