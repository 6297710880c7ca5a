"""One address task by keyboard: the label is lit, a candidate is one key away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from records.models import AddressTask, Office
from returned_mail import arrivals
from tests.browser.conftest import PageOf, Server
from tests.world import add_document

pytestmark = pytest.mark.browser


def test_the_label_is_lit_and_a_digit_chooses_whose_envelope_it_is(
    page_of: PageOf, server: Server
) -> None:
    names = server.group["SOUTH"].names
    with server.installation.db.write() as session:
        task = session.scalars(
            select(AddressTask).where(AddressTask.ref == names["task_ref"])
        ).one()
        task.account_id = task.address_version_id = None
    page = page_of("specialist.south")
    page.goto(f"/tasks/{names['task_ref']}")
    # The seeded reading has the new address 80 pixels below the top of a page 330 pixels high.
    lit = page.locator(".stage .lit")
    expect(lit).to_be_visible()
    sheet, mark = page.locator(".sheet-area").bounding_box(), lit.bounding_box()
    assert sheet is not None
    assert mark is not None
    assert abs((mark["y"] - sheet["y"]) / sheet["height"] - 80 / 330) < 0.02
    page.get_by_role("button", name="NOTIFY SENDER OF NEW ADDRESS").focus()
    moved = lit.bounding_box()
    assert moved is not None
    assert moved["y"] < mark["y"]
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Whose it is")).to_be_visible()
    expect(page.get_by_label("Street, apartment")).to_have_value("77 ORCHARD PARK BLVD")
    with server.installation.db.read() as session:
        task = session.scalars(
            select(AddressTask).where(AddressTask.ref == names["task_ref"])
        ).one()
        assert task.account is not None
        assert task.account.number == names["account_number"]


def test_a_key_leads_from_an_ended_task_to_the_next(page_of: PageOf, server: Server) -> None:
    names = server.group["SOUTH"].names
    with server.installation.db.write() as session:
        office = session.get_one(Office, server.group["SOUTH"].office_id)
        scan = add_document(session, office, "returned_mail", {"reason": "vacant"})
        other = arrivals.take(session, scan.id, arrivals.Arrival(reason="vacant")).task_id
        ref = session.get_one(AddressTask, other).ref
    page = page_of("specialist.south")
    page.goto(f"/tasks/{names['task_ref']}")
    page.keyboard.press("x")
    expect(page.get_by_label("Because").last).to_be_focused()
    page.get_by_role("button", name="Close", exact=True).press("Enter")
    expect(page.locator("p.good")).to_contain_text("no address found")
    expect(page.locator(".stage .lit")).to_be_visible()  # the script is there
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(f"/tasks/{ref}$"))
