"""An EOB of a layout never seen: one correction of its columns, and the next one is read right."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from intake import uploads
from ocr import payer_layouts
from records.models import Document, Office, PayerLayout, Remittance, User
from tests.browser.conftest import DESK, PATIENCE_MS, served, violations
from tests.ocr.unknown_layout import FIRST, SECOND, TAUGHT, Service, printed, said
from tests.web.desk import Desk, open_desk
from web import auth

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("taught"))
    yield made
    made.installation.close()


def ingest(desk: Desk, number: str, services: Sequence[Service]) -> str:
    """The EOB comes in as a PDF and goes the whole way; its remittance's reference."""
    held = desk.installation
    kept = uploads.keep(held.store, printed(number, services), f"{number}.pdf", limit_bytes=10**7)
    with held.db.write() as session:
        office = session.scalars(select(Office).where(Office.code == "NORTH")).one()
        uploads.receive(session, kept, office_id=office.id, actor="user:casey", channel="cli")
    desk.work()
    with held.db.read() as session:
        query = select(Remittance.ref).where(Remittance.payment_number == number)
        return session.scalars(query).one()


def fields(desk: Desk, ref: str) -> tuple[Remittance, dict[str, Any]]:
    with desk.installation.db.read() as session:
        row = session.scalars(select(Remittance).where(Remittance.ref == ref)).one()
        document = session.get_one(Document, row.document_id)
        return row, document.reading.sealed["fields"]


def enter(desk: Desk, browser: Browser, url: str, path: str) -> Page:
    context = browser.new_context(base_url=url, viewport=DESK)  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    with desk.installation.db.write() as session:
        user = session.scalars(select(User).where(User.username == "sam")).one()
        token = auth.open_session(session, user.id)
    context.add_cookies([{"name": auth.COOKIE, "value": token, "url": url}])
    page = context.new_page()
    page.goto(path, wait_until="load")
    return page


def test_a_layout_corrected_once_is_read_right_the_second_time(
    desk: Desk, browser: Browser, tmp_path: Path
) -> None:
    first = ingest(desk, "440101", FIRST)
    row, before = fields(desk, first)
    assert row.read_state == "to_check"
    assert said(before) != list(FIRST)
    with served(desk.installation) as url:
        page = enter(desk, browser, url, f"/remittances/{first}")
        panel = page.locator("[data-layout]")
        expect(panel).to_be_visible()
        unknown = panel.locator(".unknown")
        assert set(unknown.locator("> label").all_inner_texts()) >= set(TAUGHT)
        assert violations(page) == []
        for head, role in TAUGHT.items():
            panel.get_by_label(head, exact=True).select_option(role)
        panel.get_by_label("Next Slice", exact=True).press("Enter")
        expect(page.locator("[data-says]")).to_have_text("Balanced")
        expect(panel.locator(".unknown")).to_have_count(0)
        expect(page.get_by_label("Claim number").first).to_have_value("CL9001")
        page.context.close()
    row, after = fields(desk, first)
    assert said(after) == list(FIRST)
    assert after["balanced"]["value"] is True

    second = ingest(desk, "440102", SECOND)
    row, read = fields(desk, second)
    assert said(read) == list(SECOND)
    assert (row.read_state, row.doubtful, row.amount_cents) == ("read", 0, 60_900)
    with desk.installation.db.read() as session:
        assert len(session.scalars(select(PayerLayout)).all()) == 1
        told = json.dumps(payer_layouts.exported(session))
    for service in (*FIRST, *SECOND):
        for value in service[:5]:
            assert value.split()[0] not in told, value
