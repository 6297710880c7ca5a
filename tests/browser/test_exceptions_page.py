"""Checks that cannot be deposited, by keyboard alone: through the queue, compared, returned."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from matching import keeping_out, ledger, questions
from records import ids
from records.installation import Installation
from records.models import Document, Payment, ReadingRow
from tests.browser.conftest import PHONE, PageOf, Server, violations

pytestmark = pytest.mark.browser


def second_check(held: Installation, first_ref: str, **more: object) -> str:
    """A check like the seed's, in the same envelope; its reference."""
    with held.db.write() as session:
        first = session.scalars(select(Payment).where(Payment.ref == first_ref)).one()
        document = Document(ref=ids.new_ref("DOC"), transaction_id=first.transaction_id,
                            position=7, kind="check", page_ids=first.document.page_ids)  # fmt: skip
        session.add(document)
        session.flush()
        session.add(ReadingRow(document_id=document.id, version=1, made_by="test",
                               sealed=first.document.reading.sealed))  # fmt: skip
        sealed = {"routing_number": "021000021", "account_number": "770012341",
                  "check_number": "101"}  # fmt: skip
        payment = Payment(
            ref=ids.new_ref("PAY"), document_id=document.id, transaction_id=first.transaction_id,
            office_id=first.office_id, received_on=first.received_on, amount_cents=12_400,
            amount_by="system", check_number="101", payer_name="Bo Quill", sealed=sealed,
            account_last4="2341", deposit_state="awaiting_review", match_state="in_review", **more,
        )  # fmt: skip
        session.add(payment)
        session.flush()
        ledger.receive(session, payment)
        if "flags" in more:
            payment.duplicate_of_id = first.id
            questions.ask(session, payment, ["duplicate", "match"])
        else:
            keeping_out.enter(session, payment, "foreign", "user:sam")
            payment.not_deposited_reason, payment.deposit_state = "foreign", "not_deposited"
            payment.match_state = "set_aside"
            ledger.set_aside(session, payment)
        return payment.ref


def sound(page: Page) -> None:
    """Axe finds nothing, and nothing scrolls sideways on a phone."""
    assert violations(page) == []
    desk = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert violations(page) == []
    page.set_viewport_size(desk)  # type: ignore[arg-type]


def test_two_scans_are_compared_and_a_check_is_sent_off_without_a_mouse(
    page_of: PageOf, server: Server
) -> None:
    first = server.group["NORTH"].names["payment_ref"]
    foreign = second_check(server.installation, first)
    scan = second_check(server.installation, first, flags=["same_item"])
    page = page_of("billing.north")
    page.goto("/exceptions", wait_until="load")
    sound(page)
    opener = page.locator(f'a[href="/exceptions/{foreign}"]')
    for _ in range(3):
        page.keyboard.press("j")
        if opener.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/exceptions/{foreign}")
    sound(page)
    page.locator("#f-how").focus()
    page.keyboard.type("form 1234 to the bank")  # digits in a field are no keys
    page.locator("#f-how").evaluate("field => field.blur()")
    page.keyboard.press("1")
    page.wait_for_url("**/exceptions")
    expect(opener).to_have_count(0)

    page.goto(f"/exceptions/{scan}", wait_until="load")
    expect(page.locator(".scans img")).to_have_count(2)
    for picture in page.locator(".scans img").all():
        expect(picture).to_be_visible()
        assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    sound(page)
    page.keyboard.press("v")
    page.wait_for_url("**?view=bank")
    expect(page.get_by_text("The bank's view of it is not made").first).to_be_visible()
    page.keyboard.press("t")
    page.wait_for_url("**/exceptions")
    with server.installation.db.read() as session:
        told = session.scalars(select(Payment).where(Payment.ref == scan)).one()
        assert told.override_by == "user:billing.north"
