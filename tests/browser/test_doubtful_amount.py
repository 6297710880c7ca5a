"""A doubtful amount by keyboard, touch and screen reader: both places shown, one key for either."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

from records.models import (
    Allocation,
    AuditEvent,
    Document,
    PageImage,
    Payment,
    ReviewItem,
    SourceFile,
    User,
)
from tests.browser.conftest import DESK, PATIENCE_MS, PHONE, served, violations
from tests.matching.world import check, coupon, field, reading
from tests.web.desk import Desk, open_desk
from web import auth

pytestmark = pytest.mark.browser

SIZE = (1200, 520)
NUMERALS, WORDS, MICR = [900, 180, 220, 50], [60, 250, 800, 50], [150, 460, 900, 34]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("doubt"))
    yield made
    made.installation.close()


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with served(desk.installation) as url:
        yield url


@pytest.fixture
def at(desk: Desk, address: str, browser: Browser) -> Iterator[Open]:
    """Sam's page with a question; faults in its console and any other host fail the test."""
    faults: list[str] = []
    contexts = []

    def open_question(ref: str, **options: Any) -> Page:
        context = browser.new_context(base_url=address, **{"viewport": DESK, **options})
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        with desk.installation.db.write() as session:
            user = session.scalars(select(User).where(User.username == "sam")).one()
            token = auth.open_session(session, user.id)
        context.add_cookies([{"name": auth.COOKIE, "value": token, "url": address}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda line: faults.extend([line.text] * (line.type == "error")))
        page.on("request", lambda sent: faults.extend(
            [] if sent.url.startswith((address, "blob:")) else [sent.url]))  # fmt: skip
        page.goto(f"/review/{ref}", wait_until="load")
        expect(page).to_have_title(f"{ref} · Open Lockbox")
        return page

    yield open_question
    for context in contexts:
        context.close()
    assert not faults


def picture() -> bytes:
    """A check front with a stroke of ink in each of the three places."""
    image = np.full((SIZE[1], SIZE[0]), 255, np.uint8)
    for x, y, width, height in (NUMERALS, WORDS, MICR):
        cv2.putText(image, "x" * (width // 40), (x, y + height - 12), 0, 1.2, (0,), 2)
    return cv2.imencode(".png", image)[1].tobytes()


def question(desk: Desk, *documents: Any) -> str:
    """The one question that an envelope raises, its check with a picture."""
    with desk.installation.db.read() as session:
        known = set(session.scalars(select(ReviewItem.ref)))
    desk.receive(list(documents))
    with desk.installation.db.write() as session:
        (item,) = [i for i in session.scalars(select(ReviewItem)) if i.ref not in known]
        assert item.payment is not None
        document = session.get_one(Document, item.payment.document_id)
        file = session.get_one(SourceFile, document.transaction.source_file_id)
        page = PageImage(
            source_file_id=file.id, position=0, media_type="image/png", width=SIZE[0],
            height=SIZE[1], dpi=200.0, details={},
            image_sha256=desk.installation.store.put(picture()),
        )  # fmt: skip
        session.add(page)
        session.flush()
        document.page_ids = [page.id]
        return item.ref


def at_place(cents: int | None, confidence: float, box: list[int] | None) -> dict[str, Any]:
    return {**field(cents, confidence), "box": box}


def doubtful(serial: str, numerals: int | None, words: int | None, **more: Any) -> Any:
    """A check whose amount nobody is sure of, with a MICR line that has no amount."""
    best = numerals if numerals is not None else words
    sure = more.pop("sure", (0.86, 0.62))
    return check(
        best or 0, serial, more.pop("payer", "Walter Abernathy"),
        amount_cents=more.pop("amount", at_place(best, 0.5 if best else 0.0, NUMERALS)),
        courtesy_amount_cents=at_place(numerals, sure[0], NUMERALS),
        legal_amount_cents=at_place(words, sure[1], more.pop("words_box", WORDS)),
        micr_line=at_place(None, 0.0, more.pop("micr_box", MICR)),
        **more,
    )  # fmt: skip


def place(page: Page, source: str) -> Locator:
    return page.locator(f".doubt-places > [data-source={source}]")


def said(page: Page) -> Locator:
    return page.locator("#said")


def paid(desk: Desk, ref: str) -> Payment:
    with desk.installation.db.read() as session:
        item = session.scalars(select(ReviewItem).where(ReviewItem.ref == ref)).one()
        payment = session.get_one(Payment, item.payment_id)
        assert payment.document.reading.sealed
        return payment


def test_one_key_takes_the_words_and_enter_confirms_them(desk: Desk, at: Open) -> None:
    contrary = doubtful("301", 125_00, 152_00, warnings=("amount_mismatch",), sure=(0.96, 0.92))
    ref = question(desk, contrary)
    page = at(ref)
    expect(said(page)).to_have_text(
        "Numerals and words differ. Numerals: 125.00, very likely, key c. "
        "Words: 152.00, likely, key l."
    )
    expect(page.get_by_text("By law the words rule (UCC 3-114)")).to_be_visible()
    expect(page.locator("#amount")).to_have_value("")  # nothing to be confirmed unseen
    expect(page.locator(".stage")).to_be_focused()
    for source in ("numerals", "words"):
        image = place(page, source).locator("img")
        expect(image).to_be_in_viewport()
        assert image.evaluate("each => each.naturalWidth") > 200
    assert violations(page) == []
    page.keyboard.press("c")
    expect(page.locator("#amount")).to_have_value("125.00")
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    expect(page.locator("#amount")).to_have_value("152.00")
    expect(place(page, "words").get_by_role("button")).to_have_attribute("aria-pressed", "true")
    expect(place(page, "numerals").get_by_role("button")).to_have_attribute("aria-pressed", "false")
    expect(said(page)).to_have_text("152.00 taken from words. Enter confirms.")
    expect(page.get_by_role("button", name="Confirm")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_function("was => !location.href.endsWith(was)", arg=ref)
    payment = paid(desk, ref)
    assert (payment.amount_cents, payment.amount_by) == (152_00, "user:sam")
    amount = payment.document.reading.sealed["fields"]["amount_cents"]
    assert (amount["source"], amount["box"]) == ("keyed+words", WORDS)
    with desk.installation.db.read() as session:
        confirmed = select(AuditEvent).where(AuditEvent.action == "payment.confirmed")
        assert session.scalars(confirmed).all()[-1].detail["amount"] == "keyed+words"
        looks = select(AuditEvent).where(AuditEvent.action == "page.viewed")
        assert len(session.scalars(looks).all()) >= 3  # the page, and each part of it
    # Undone, the question stands again, and the other amount may be taken.
    page.goto("/review")
    with desk.installation.db.read() as session:
        live = select(Allocation.amount_cents).where(Allocation.live)
        assert sum(session.scalars(live)) == 152_00
    page.goto(f"/review/{question(desk, doubtful('302', 88_00, 89_00))}", wait_until="load")
    page.keyboard.press("u")
    page.wait_for_url(f"**/review/{ref}")
    expect(page.locator("#amount")).to_have_value("152.00")
    # It says where the amount was taken from, and stands as it was answered.
    expect(page.locator("[name=amount_from]")).to_have_value("words")
    expect(place(page, "words").get_by_role("button")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("c")
    page.keyboard.press("Enter")
    page.wait_for_function("was => !location.href.endsWith(was)", arg=ref)
    assert paid(desk, ref).amount_cents == 125_00


def test_keys_are_letters_while_somebody_types(desk: Desk, at: Open) -> None:
    ref = question(desk, doubtful("310", 61_00, 67_00))
    page = at(ref)
    page.keyboard.press("Tab")
    expect(place(page, "numerals").get_by_role("button")).to_be_focused()
    page.keyboard.press("a")
    page.keyboard.type("6c1.50l")
    expect(page.locator("#amount")).to_have_value("6c1.50l")
    page.keyboard.press("Control+a")
    page.keyboard.type("61.50")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("cl")
    expect(page.locator("[name=q]")).to_have_value("cl")
    expect(page.locator("#amount")).to_have_value("61.50")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.locator("#amount").press("Enter")
    page.wait_for_function("was => !location.href.endsWith(was)", arg=ref)
    payment = paid(desk, ref)
    assert payment.amount_cents == 61_50
    assert payment.document.reading.sealed["fields"]["amount_cents"]["source"] == "keyed"


def test_a_place_where_nothing_was_read_is_shown_all_the_same(desk: Desk, at: Open) -> None:
    other = {**field(None, 0.0), "alternatives": [{"value": 70_00, "confidence": 0.3}]}
    page = at(question(desk, doubtful("320", None, None, words_box=None, amount=other)))
    for source, where in (("numerals", "Numerals"), ("words", "Words (usual place)")):
        expect(place(page, source).locator("figcaption")).to_contain_text(where)
        expect(place(page, source)).to_contain_text("nothing was read")
        expect(place(page, source).get_by_role("button")).to_have_count(0)
        assert place(page, source).locator("img").evaluate("each => each.naturalWidth") > 200
    page.keyboard.press("o")
    expect(page.locator("#amount")).to_have_value("70.00")
    assert violations(page) == []


def test_a_thumb_takes_an_amount_on_a_phone(desk: Desk, at: Open) -> None:
    stub = coupon("2100000029", "8100000023", amount_due_cents=80_00)
    ref = question(desk, doubtful("330", 80_00, 60_00, signed=False), stub)
    page = at(ref, viewport=PHONE, has_touch=True)
    expect(place(page, "numerals")).to_contain_text(
        "agrees with the open balance of statement 8100000023 and the amount on the coupon"
    )
    for button in page.locator("[data-accept]").all():
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    place(page, "words").get_by_role("button").tap()
    expect(page.locator("#amount")).to_have_value("60.00")
    assert violations(page) == []


CLAIMS = [
    {"patient_name": "OKAFOR, EMMA", "member_id": "G100000002", "paid_cents": 45_10},
    {"patient_name": "SMITH, WILLIAM", "member_id": "A100000003", "paid_cents": 210_00},
]
WIDE = {"width": 1400, "height": 900}


def lines(page: Page) -> list[tuple[str, str]]:
    """Account and amount of each line of the split."""
    return [
        (line.locator("[name=to_account]").input_value(),
         line.locator("[name=to_amount]").input_value())
        for line in page.locator("[data-split] tr").all()
    ]  # fmt: skip


def sums(page: Page) -> Locator:
    return page.locator("[data-balance]")


def problem(page: Page) -> Locator:
    return page.locator("[data-problem]")


def goes_on(page: Page, ref: str) -> None:
    page.wait_for_function("was => !location.href.endsWith(was)", arg=ref)


def booked(desk: Desk, ref: str) -> list[tuple[str, int]]:
    """Where the live money of a question's payment went."""
    payment = paid(desk, ref)
    with desk.installation.db.read() as session:
        query = select(Allocation).where(Allocation.payment_id == payment.id, Allocation.live)
        rows = session.scalars(query).all()
        return sorted((row.account.number if row.account else "", row.amount_cents)
                      for row in rows)  # fmt: skip


def test_an_amount_for_several_claims_lays_out_the_split_of_all(desk: Desk, at: Open) -> None:
    eob = reading("remittance", total_paid_cents=255_10, payment_number="9001", claims=CLAIMS)
    ref = question(desk, doubtful("401", 255_10, 251_10, payer="Delta Dental"), eob)
    page = at(ref)
    own = [("2100000029", "45.10"), ("2100000045", "210.00")]
    page.keyboard.press("c")
    assert lines(page) == own
    expect(sums(page)).to_have_text("adds up")
    # Typed, the claims keep their sums, and what they leave is not silently nobody's.
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.type("260.00")
    assert lines(page) == [*own, ("unidentified", "4.90")]
    expect(sums(page)).to_have_text("adds up, 4.90 unidentified")
    page.keyboard.press("Enter")
    expect(problem(page)).to_contain_text("4.90 will be held as unidentified")
    # Another amount clears the reproach; the claim that is nobody's stays so.
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.press("c")
    expect(problem(page)).to_be_hidden()
    assert lines(page) == [("unidentified", "45.10"), own[1]]
    page.keyboard.press("Enter")
    goes_on(page, ref)
    assert booked(desk, ref) == [("", 45_10), ("2100000045", 210_00)]


def test_typing_an_amount_lays_out_what_taking_it_does(desk: Desk, at: Open) -> None:
    ref = question(desk, doubtful("410", 125_00, 152_00))
    page = at(ref)
    page.keyboard.press("c")
    taken = lines(page)
    assert taken == [("2100000011", "125.00")]
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    page.keyboard.type("60.00")
    assert lines(page) == [("2100000011", "60.00")]
    page.keyboard.press("Control+a")
    page.keyboard.type("125.00")
    assert lines(page) == taken
    page.keyboard.press("Enter")
    goes_on(page, ref)
    assert booked(desk, ref) == [("2100000011", 125_00)]


def test_a_choice_outlives_another_amount_and_the_undoing(desk: Desk, at: Open) -> None:
    ref = question(desk, doubtful("420", 40_00, 49_00, payer="Smith"))
    page = at(ref)
    page.keyboard.press("2")
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    other = page.locator("[data-part] .hit").nth(1)
    number = other.get_attribute("data-candidate")
    assert {account for account, _ in lines(page)} == {number}
    expect(other).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.press("c")
    assert lines(page) == [("unidentified", "40.00")]
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    goes_on(page, ref)
    assert {account for account, _ in booked(desk, ref)} == {number}
    page.goto(f"/review/{question(desk, doubtful('421', 88_00, 89_00))}", wait_until="load")
    page.keyboard.press("u")
    page.wait_for_url(f"**/review/{ref}")
    expect(page).to_have_title(f"{ref} · Open Lockbox")
    assert {account for account, _ in lines(page)} == {number}
    page.keyboard.press("l")
    assert {account for account, _ in lines(page)} == {number}


def test_an_improbable_account_is_chosen_never_given(desk: Desk, at: Open) -> None:
    # Two of that name: neither is likelier than not.
    mail = doubtful("430", 33_00, 31_00, payer="Zelda Smith", account_number="55443322")
    ref = question(desk, mail)
    page = at(ref, viewport=WIDE)
    page.keyboard.press("c")
    assert lines(page) == [("", "33.00")]
    expect(sums(page)).to_have_text("33.00 without an account")
    expect(sums(page)).to_have_class("off")
    # What is about to be confirmed is in sight, and nothing lies over it.
    line = page.locator("[name=to_account]").first
    on_top = """each => {
        const { x, y } = each.getBoundingClientRect();
        return document.elementFromPoint(x + 5, y + 5) === each;
    }"""
    assert line.evaluate(on_top)
    page.keyboard.press("Enter")
    expect(problem(page)).to_have_text(
        "No account is chosen: 33.00 will be held as unidentified. "
        "Press Enter again to confirm that."
    )
    page.keyboard.press("Enter")  # too soon to have been read
    expect(problem(page)).to_be_visible()
    assert booked(desk, ref) == []
    assert violations(page) == []
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    goes_on(page, ref)
    assert booked(desk, ref) == [("", 33_00)]


def test_readings_that_differ_unsurely_are_unclear_not_contrary(desk: Desk, at: Open) -> None:
    page = at(question(desk, doubtful("440", 45_00, 5_00, sure=(0.7, 0.67))))
    expect(said(page)).to_contain_text("were read differently, not both for sure.")
    expect(page.locator(".doubt .warning")).to_contain_text("at least one of them is unclear")
    expect(page.get_by_text("By law")).to_have_count(0)


def test_a_check_scanned_on_its_head_comes_upright(desk: Desk, at: Open) -> None:
    page = at(question(desk, doubtful("450", 45_00, 5_00, micr_box=[150, 20, 900, 34])))
    sheet = page.locator(".sheet-area")
    expect(sheet).to_have_attribute("style", re.compile("rotate\\(180deg\\)"))
    page.keyboard.press("r")
    expect(sheet).to_have_attribute("style", re.compile("rotate\\(270deg\\)"))


def test_the_next_question_says_its_own_and_one_notice_at_a_time(desk: Desk, at: Open) -> None:
    for serial, cents in (("460", 990_00), ("461", 980_00)):
        question(desk, doubtful(serial, cents, cents + 9_00))
    (plain,) = [question(desk, check(970_00, "462", "Zelda Quist"))]
    ref = question(desk, doubtful("463", 995_00, 959_00))
    page = at(ref)
    page.keyboard.press("Enter")
    expect(problem(page)).to_contain_text("Key the amount first")
    page.keyboard.press("Escape")
    page.keyboard.press("c")
    expect(problem(page)).to_be_hidden()
    for _ in range(3):
        was = page.url
        page.keyboard.press("s")
        page.wait_for_function("was => location.href !== was", arg=was)
        expect(page.locator(".toast")).to_have_count(1)
    was = page.url
    while not page.url.endswith(plain):
        page.keyboard.press("s")
        page.wait_for_function("was => location.href !== was", arg=was)
        was = page.url
    expect(said(page)).to_have_text("Choose the account")
    covered = page.locator(".toast").last.bounding_box()
    answer = page.locator(".answer").bounding_box()
    assert covered is not None
    assert answer is not None
    assert covered["y"] + covered["height"] <= answer["y"]
