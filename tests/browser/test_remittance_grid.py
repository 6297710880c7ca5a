"""An EOB in a real browser by keyboard alone: from doubt to doubt, the live balance, and saved."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from records.models import Document, PageImage, ReadingRow, Remittance, User
from tests.browser.conftest import DESK, PATIENCE_MS, PHONE, served, violations
from tests.browser.test_accessibility import keep
from tests.matching.test_remittance_keying import reading
from tests.web.desk import Desk, open_desk
from tests.web.eobs import remitted
from tests.web.test_remittances import DOUBTED, sure_cells
from web import auth

pytestmark = pytest.mark.browser
Enter = Callable[[str, str], Page]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("grid"))
    yield made
    made.installation.close()


@pytest.fixture
def enter(desk: Desk, browser: Browser) -> Iterator[Enter]:
    """A page of a person's own; faults in any console fail the test."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []
    with served(desk.installation) as url:

        def at(username: str, path: str) -> Page:
            context = browser.new_context(base_url=url, viewport=DESK)  # type: ignore[arg-type]
            context.set_default_timeout(PATIENCE_MS)
            contexts.append(context)
            with desk.installation.db.write() as session:
                user = session.scalars(select(User).where(User.username == username)).one()
                token = auth.open_session(session, user.id)
            context.add_cookies([{"name": auth.COOKIE, "value": token, "url": url}])
            page = context.new_page()
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.on("console", lambda line: faults.append(line.text)
                    if "Content Security Policy" in line.text else None)  # fmt: skip
            page.goto(path, wait_until="load")
            return page

        yield at
        for context in contexts:
            context.close()
    assert not faults


def arrive(desk: Desk, number: str, body: dict[str, Any]) -> str:
    """A remittance of one page comes in; its reference."""
    desk.receive([body])
    picture = cv2.imencode(".png", np.full((400, 600), 255, np.uint8))[1].tobytes()
    with desk.installation.db.write() as session:
        query = select(Remittance).where(Remittance.payment_number == number)
        row = session.scalars(query).one()
        document = session.get_one(Document, row.document_id)
        page = PageImage(
            source_file_id=document.transaction.source_file_id, position=0, width=600, height=400,
            image_sha256=desk.installation.store.put(picture), media_type="image/png", dpi=72.0,
            details={},
        )  # fmt: skip
        session.add(page)
        session.flush()
        document.page_ids = [page.id]
        return row.ref


def newest(desk: Desk, ref: str) -> dict[str, Any]:
    with desk.installation.db.read() as session:
        query = select(ReadingRow).join(
            Remittance, Remittance.document_id == ReadingRow.document_id
        )
        found = session.scalars(query.where(Remittance.ref == ref)).all()
        body: dict[str, Any] = max(found, key=lambda each: each.version).sealed
        return body


def cell(page: Page, label: str) -> Any:
    return page.get_by_label(label, exact=True)


def is_at(page: Page, label: str) -> None:
    expect(cell(page, label)).to_be_focused()


def sound(page: Page, name: str) -> None:
    """Axe finds nothing, on a desk and on a phone, and the page does not scroll sideways there."""
    assert violations(page) == []
    keep(os.environ.get("SCREENSHOTS"), page, name, "desk")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(page) == []
    keep(os.environ.get("SCREENSHOTS"), page, name, "phone")
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def test_an_eob_is_checked_corrected_and_saved_without_a_mouse(desk: Desk, enter: Enter) -> None:
    body = reading() | {"confidence": 0.99}
    line = body["fields"]["claims"]["value"][0]["lines"][1]
    line["paid_cents"] = line["evidence"]["paid_cents"]["value"] = 52_50
    line["evidence"]["paid_cents"]["alternatives"] = [{"value": 40_00, "confidence": 0.3}]
    ref = arrive(desk, "881", body)
    page = enter("sam", "/remittances")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/remittances/{ref}")
    says = page.locator("[data-says]")
    expect(says).to_have_text("Out by $12.50 in line 2, and in 1 more place")
    expect(page.locator("[data-line]").nth(1)).to_contain_text("out by $12.50")
    sound(page, "remittance")
    is_at(page, "Total paid")  # the first cell in doubt
    lit = page.locator(".lit")
    expect(lit).to_be_visible()
    place = lit.evaluate("mark => mark.style.top")
    page.keyboard.press("Enter")
    is_at(page, "Adjustments, line 1")
    expect(cell(page, "Total paid").locator("..")).to_have_class("cell doubtful money settled")
    assert lit.evaluate("mark => mark.style.top") != place
    page.keyboard.press("F8")
    is_at(page, "Paid, line 1")
    page.keyboard.press("Shift+F8")
    is_at(page, "Adjustments, line 1")
    for _ in range(3):
        page.keyboard.press("Enter")
    is_at(page, "Paid, line 2")
    expect(page.locator("[data-cell-note]")).to_contain_text("40.00")
    page.keyboard.press("Alt+1")
    expect(says).to_have_text("Balanced")
    page.keyboard.press("Enter")
    expect(page.locator("[data-save]")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/remittances")
    kept = newest(desk, ref)["fields"]
    (claim,) = kept["claims"]["value"]
    assert claim["lines"][1]["evidence"]["paid_cents"]["source"] == "user:sam"
    assert claim["lines"][0]["evidence"]["paid_cents"]["checked_by"] == "user:sam"
    assert (kept["balanced"]["value"], claim["paid_cents"]) == (True, 120_00)
    expect(page.get_by_text("Nothing to check")).to_be_visible()


def test_lines_are_added_split_removed_and_taken_back_and_one_keys_from_nothing(
    desk: Desk, enter: Enter
) -> None:
    bare = {"kind": "remittance", "confidence": 0.9, "pages": [0], "fields": {
        "payment_number": reading()["fields"]["payment_number"] | {"value": "990"}},
        "warnings": []}  # fmt: skip
    ref = arrive(desk, "990", bare)
    page = enter("sam", f"/remittances/{ref}")
    says = page.locator("[data-says]")
    expect(says).to_have_text("The total paid is missing")
    cell(page, "Payer").fill("Delta")
    cell(page, "Paid on").fill("10/9/26")
    cell(page, "Total paid").fill("110")
    page.keyboard.press("Alt+c")
    is_at(page, "Patient")
    page.keyboard.type("Jane Doe")
    cell(page, "Service date, line \N{EN DASH}").focus()
    for text in ("10/1/26", "D1110", "", "", "100", "", "45 20 pr1 10", "", "70", ""):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    expect(page.locator("[data-line]")).to_have_count(2)  # Enter in the last cell adds a line
    expect(says).to_have_text("Out by $40.00 in the payment")
    for text in ("10/2/26", "D0120", "", "", "50", "", "45 10", "", "40"):
        page.keyboard.type(text)
        page.keyboard.press("Tab")
    expect(says).to_have_text("Balanced")
    cell(page, "Paid, line 2").focus()
    page.keyboard.press("Alt+-")
    expect(page.locator("[data-line]")).to_have_count(1)
    expect(says).to_have_text("Out by $40.00 in the payment")
    page.keyboard.press("Alt+u")
    expect(says).to_have_text("Balanced")
    cell(page, "Paid, line 1").focus()
    page.keyboard.press("Alt+/")
    is_at(page, "Charged, line 2")
    expect(cell(page, "Code, line 2")).to_have_value("D1110")
    expect(says).to_contain_text("in line 2")
    page.keyboard.press("Alt+u")
    expect(says).to_have_text("Balanced")
    is_at(page, "Paid, line 1")  # where the split was asked for
    page.keyboard.press("Alt+=")
    expect(page.locator("[data-line]")).to_have_count(3)
    page.keyboard.press("Alt+u")
    expect(page.locator("[data-line]")).to_have_count(2)
    cell(page, "Paid, line 1").fill("12,50")
    expect(cell(page, "Paid, line 1")).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+Enter")
    expect(page.locator("[data-problem]")).to_contain_text("Type it as 12.50")
    cell(page, "Paid, line 1").fill("$70")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/remittances")
    fields = newest(desk, ref)["fields"]
    (claim,) = fields["claims"]["value"]
    assert [each["paid_cents"] for each in claim["lines"]] == [70_00, 40_00]
    assert claim["lines"][0]["adjustments"][0]["code"] == "45"
    assert (fields["payment_on"]["value"], fields["balanced"]["value"]) == ("2026-10-09", True)
    with desk.installation.db.read() as session:
        row = session.scalars(select(Remittance).where(Remittance.ref == ref)).one()
        assert (row.read_state, row.payer_name, row.amount_cents) == ("read", "Delta", 110_00)


def test_what_is_typed_over_counts_as_looked_at_beside_a_picture_near_enough_to_read(
    desk: Desk, enter: Enter
) -> None:
    body = reading()
    body["fields"]["payment_number"]["value"] = "771"
    ref = arrive(desk, "771", body)
    page = enter("sam", f"/remittances/{ref}")
    is_at(page, "Total paid")
    lit = page.locator(".lit")
    expect(lit).to_be_in_viewport()
    assert page.evaluate("""() => {
        const wide = (name) => document.querySelector(name).clientWidth;
        return wide(".sheet-area") > 1.5 * wide(".stage");
    }""")
    for was, label in (("120.00", "Total paid"), ("CO-45 20.00", "Adjustments, line 1"),
                       ("80.00", "Paid, line 1"), ("CO-45 10.00", "Adjustments, line 2"),
                       ("40.00", "Paid, line 2")):  # fmt: skip
        is_at(page, label)
        expect(cell(page, label)).to_have_value(was)
        page.keyboard.type(was.removesuffix(".00"))
        page.keyboard.press("Enter")
    expect(page.locator("[data-says]")).to_have_text("Balanced")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/remittances")
    with desk.installation.db.read() as session:
        row = session.scalars(select(Remittance).where(Remittance.ref == ref)).one()
        assert (row.doubtful, row.read_state) == (0, "read")


def wide_reading(number: str) -> dict[str, Any]:
    """Lines with something in each column, the widest that is usual."""
    body = reading()
    body["fields"]["payment_number"]["value"] = number
    for line in body["fields"]["claims"]["value"][0]["lines"]:
        line["remarks"] = ["N362", "MA01"]
        line["modifiers"] = ["59", "LT"]
    return body


def test_every_column_of_a_line_can_be_seen_on_a_desk(desk: Desk, enter: Enter) -> None:
    ref = arrive(desk, "991", wide_reading("991"))
    page = enter("sam", f"/remittances/{ref}")
    columns = page.locator("[data-line]").first.locator("[data-cell]")
    hidden = columns.evaluate_all("""cells => cells.filter(each => {
        const at = each.getBoundingClientRect();
        const right = document.elementFromPoint(at.right - 2, at.top + at.height / 2);
        return !(right === each || each.contains(right) || right?.contains(each));
    }).map(each => each.dataset.cell)""")
    assert hidden == []
    page.set_viewport_size({"width": 1100, "height": 850})  # narrower, they scroll
    cell(page, "Remarks, line 1").focus()
    assert page.evaluate("""() => {
        const at = document.activeElement.getBoundingClientRect();
        return document.elementFromPoint(at.right - 2, at.top + at.height / 2)
            === document.activeElement;
    }""")


def test_what_is_kept_back_has_one_sign_in_bar_and_table(desk: Desk, enter: Enter) -> None:
    body = reading()
    fields = body["fields"]
    fields["payment_number"]["value"] = "992"
    fields["total_paid_cents"]["value"] = 110_00
    fields["provider_adjustments"]["value"] = [
        {"code": "WO", "reference": "R1", "amount_cents": 10_00, "evidence": {}}
    ]
    page = enter("sam", f"/remittances/{arrive(desk, '992', body)}")
    expect(page.locator("[data-amount=taken]")).to_have_text("$10.00")
    expect(cell(page, "Provider adjustment, Amount")).to_have_value("10.00")
    expect(page.locator("[data-says]")).to_have_text("Balanced")


def test_f8_stops_at_a_sum_that_its_reader_doubts(desk: Desk, enter: Enter) -> None:
    body = reading()
    fields = body["fields"] = sure_cells(body["fields"])
    fields["payment_number"]["value"] = "993"
    fields["balanced"]["value"] = False
    fields["imbalances"]["value"] = [
        DOUBTED,
        {"where": "all claims, coinsurance", "expected_cents": 209, "found_cents": 837},
    ]
    page = enter("sam", f"/remittances/{arrive(desk, '993', body)}")
    claim, says = page.locator("[data-claim-out]"), page.locator("[data-says]")
    expect(claim).to_have_text("printed copay differs")
    expect(claim).to_be_focused()  # the first thing in doubt
    expect(page.locator("[data-left]")).to_have_text("2")
    page.keyboard.press("F8")
    expect(says).to_be_focused()
    page.keyboard.press("Shift+F8")
    expect(claim).to_be_focused()
    page.keyboard.press("Enter")
    expect(says).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("[data-left]")).to_have_text("0")
    expect(page.locator("[data-save]")).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with desk.installation.db.read() as session:
        query = select(Remittance.read_state).where(Remittance.payment_number == "993")
        assert session.scalar(query) == "read"


def test_a_member_id_not_read_and_a_reason_without_its_amount_are_asked(
    desk: Desk, enter: Enter
) -> None:
    body = reading()
    fields = body["fields"] = sure_cells(body["fields"])
    fields["payment_number"]["value"] = "994"
    (claim,) = fields["claims"]["value"]
    claim["member_id"] = None
    claim["evidence"].pop("member_id", None)
    claim["lines"][0]["remarks"] = ["N130", "CO-97"]  # a reason without an amount
    ref = arrive(desk, "994", body)
    page = enter("sam", f"/remittances/{ref}")
    is_at(page, "Member ID")
    expect(page.locator("[data-left]")).to_have_text("2")
    expect(page.locator(".claim")).to_contain_text("may stand in the head of its section")
    sound(page, "remittance-member")
    page.keyboard.type("W7701")
    page.keyboard.press("Enter")
    is_at(page, "Remarks, line 1")
    expect(page.locator("[data-cell-note]")).to_contain_text("A reason without an amount")
    page.keyboard.press("Enter")
    expect(page.locator("[data-left]")).to_have_text("0")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    (kept,) = newest(desk, ref)["fields"]["claims"]["value"]
    assert kept["member_id"] == "W7701"


def test_what_is_joined_late_waiting_and_denied_passes_axe_with_rows_in_it(
    desk: Desk, enter: Enter
) -> None:
    remitted(desk)
    with desk.installation.db.read() as session:
        late = session.scalars(select(Remittance).where(Remittance.late)).one()
        assert late.payment is not None
        eob, paid = late.ref, late.payment.ref
    pages = {
        "waiting": "/remittances/waiting", "joined": "/remittances/joined",
        "late-eob": f"/remittances/{eob}", "late-payment": f"/payments/{paid}",
        "denials": "/denials", "held": "/held", "remittances": "/remittances?show=all",
    }  # fmt: skip
    for name, path in pages.items():
        page = enter("ada", path)
        page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
        sound(page, f"eob-{name}")
    page = enter("bill", "/remittances/waiting?kind=late")
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=eob)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_label("What came of it")).to_be_focused()
    page.keyboard.type("moved by hand")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=eob)).to_have_count(0)
