"""The page editor by keyboard: split, merge, move, leave out, save; and turning a page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from records.models import MailTransaction, PageImage, Payment, SourceFile
from tests.browser.conftest import PageOf, Server

pytestmark = pytest.mark.browser


def groups(page: Page) -> list[int]:
    return [each.locator(".sheet").count() for each in page.locator("#envelopes .envelope").all()]


def test_pages_are_regrouped_by_keyboard_and_saved(page_of: PageOf, server: Server) -> None:
    names = server.group["SOUTH"].names
    page = page_of("specialist.south")
    page.goto(f"/files/{names['file_ref']}/edit")
    assert groups(page) == [1, 2]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("s")
    assert groups(page) == [1, 1, 1]
    page.keyboard.press("m")
    assert groups(page) == [1, 2]
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("x")
    assert groups(page) == [1, 1]
    expect(page.locator("#left-out .sheet")).to_have_count(1)
    expect(page.locator("#editor-say")).to_have_text("Left out.")
    page.get_by_role("button", name="Save envelopes").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("2 envelopes")
    with server.installation.db.read() as session:
        file = session.scalars(select(SourceFile).where(SourceFile.ref == names["file_ref"])).one()
        live = session.scalars(
            select(MailTransaction).where(
                MailTransaction.source_file_id == file.id, MailTransaction.live
            )
        ).all()
        assert sorted(len(each.page_ids) for each in live) == [1, 1]
        assert sorted(each.role for each in file.pages) == ["blank", "page", "page"]


def test_a_turned_page_is_shown_turned(page_of: PageOf, server: Server) -> None:
    names = server.group["NORTH"].names
    page = page_of("specialist.north")
    page.goto(f"/files/{names['file_ref']}/edit")
    page.locator(f"[data-page='{names['page_id']}']").click()
    image = page.locator(f"[data-page='{names['page_id']}'] img")
    page.keyboard.press("r")
    expect(image).to_have_attribute("src", f"/pages/{names['page_id']}.png?w=220&rotation=90")
    page.wait_for_function(
        "id => { const i = document.querySelector(`[data-page='${id}'] img`);"
        " return i.complete && i.naturalWidth > i.naturalHeight }",
        arg=names["page_id"],
    )
    with server.installation.db.read() as session:
        assert session.get_one(PageImage, names["page_id"]).rotation == 90


def test_an_envelope_whose_money_went_on_cannot_be_changed(page_of: PageOf, server: Server) -> None:
    names = server.group["NORTH"].names
    page = page_of("specialist.north")
    page.goto(f"/files/{names['file_ref']}/edit")
    page.keyboard.press("r")  # the first page is chosen already: the check
    expect(page.locator(".toast.problem")).to_contain_text("already matched or deposited")
    with server.installation.db.read() as session:
        assert session.scalars(
            select(Payment.live).where(Payment.ref == names["payment_ref"])
        ).one()
