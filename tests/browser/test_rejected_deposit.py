"""Billing enters by keyboard that the bank refused a deposit, and is where its checks went."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from deposits import batch
from records.models import Deposit, Office, Payment
from tests.browser.conftest import PHONE, PageOf, Server, violations

pytestmark = pytest.mark.browser


def approved(server: Server) -> str:
    """A deposit of the seed's check, approved by two of the group; its reference."""
    with server.installation.db.write() as session:
        ref = server.group["NORTH"].names["payment_ref"]
        payment = session.scalars(select(Payment).where(Payment.ref == ref)).one()
        payment.deposit_state = "depositable"
        bank = session.get_one(Office, payment.office_id).bank_account_id
        made = batch.open_deposit(session, bank, payment.received_on, "user:cleo")
        session.flush()
        batch.add(session, made.id, [payment.id], "user:cleo")
        batch.close(session, made.id, 1, payment.amount_cents or 0, "user:cleo")
        batch.approve(session, made.id, "user:dora")
        return made.ref


def test_a_refused_deposit_is_entered_without_a_mouse(page_of: PageOf, server: Server) -> None:
    ref = approved(server)
    page = page_of("billing.north")
    page.goto(f"/deposits/{ref}", wait_until="load")
    summary = page.locator("#reject > summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Two people close and approve the new deposit")).to_be_visible()
    assert violations(page) == []
    desk = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.set_viewport_size(desk)  # type: ignore[arg-type]
    page.keyboard.press("Tab")
    expect(page.get_by_label("What happened")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("file totals differ")
    page.once("dialog", lambda asked: asked.accept())
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith(ref))
    page.get_by_role("link", name=ref).click()
    expect(page.get_by_role("heading", name="The bank refused it")).to_be_visible()
    expect(page.get_by_text("file totals differ")).to_be_visible()
    assert violations(page) == []
    with server.installation.db.read() as session:
        old = session.scalars(select(Deposit).where(Deposit.ref == ref)).one()
        assert old.rejected_by == "user:billing.north"
