"""A returned envelope in a browser: from the upload to an address that works and a second mailing.

It is drawn with a yellow label and scanned twice; a verifier (a fake one, on this machine) has no
time at first and then answers.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from matching import importing
from records import clock
from records.installation import Installation
from records.models import (
    Account,
    AccountChange,
    AddressRequest,
    AddressTask,
    AddressVersion,
    AuditEvent,
    Office,
    Remail,
    ReturnedPiece,
    StatementHold,
    User,
)
from records.settings import Settings
from returned_mail.address import parse_block
from returned_mail.verify import sending, setting
from tests.browser.conftest import DESK, PATIENCE_MS, PHONE, served, violations
from tests.databases import open_empty
from tests.returned_mail.verify import fake_services
from web import auth
from web.demo import bag as bags
from web.demo import load
from web.demo.group import accounts_csv, make_group, statements_csv
from web.demo.mailroom import Mailroom, Station
from web.demo.scan_files import write_pdf
from web.worker import run_until_idle

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
OFFICE = "NORTH"


@dataclass(frozen=True, slots=True)
class House:
    """A served installation, two scans of one returned envelope, and the vendor that is asked."""

    url: str
    installation: Installation
    scans: tuple[Path, Path]
    new_address: str
    vendor: fake_services.FakeService

    def work(self) -> None:
        """Run every job that waits, in this process."""
        counts = run_until_idle(self.installation.settings, self.installation.db, processes=0)
        assert counts.pending == 0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("returned")
    installation = open_empty(Settings(data_dir=folder))
    group = make_group(7, accounts=200, as_of=clock.now().date())
    vendor = fake_services.FakeService()
    room = Mailroom(group, group.office(OFFICE), 11)
    feeder = bags.Feeder(random.Random("returned:11"))
    item = room.item("R1", "returned_moved", Station(200, "gray"))
    feeder.feed(item)
    (truth,) = {each.truth["forward_address"] for each in item.pieces}
    scans = (folder / "monday.pdf", folder / "tuesday.png")
    scans[0].write_bytes(write_pdf(feeder.pages))
    (picture,) = item.pieces[0].pages
    Image.fromarray(picture.pixels).save(scans[1], dpi=(picture.dpi, picture.dpi))
    with fake_services.served(vendor) as address, installation.db.write() as session:
        load.add_group(session, group)
        importing.import_accounts(session, accounts_csv(group), "system:test", dry_run=False)
        importing.import_statements(session, statements_csv(group), "system:test", dry_run=False)
        setting.set_up(session, "smarty", keys=fake_services.SMARTY_KEYS, actor="user:root",
                       url=address)  # fmt: skip
        session.commit()
        with served(installation) as url:
            yield House(url, installation, scans, str(truth), vendor)
    installation.close()


@pytest.fixture
def page(house: House, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(base_url=house.url, viewport=DESK)
    context.set_default_timeout(PATIENCE_MS)
    faults: list[str] = []
    made = context.new_page()
    made.on("pageerror", lambda error: faults.append(str(error)))
    yield made
    context.close()
    assert not faults


def come_in(house: House, page: Page, username: str) -> None:
    with house.installation.db.write() as session:
        user = session.scalars(select(User).where(User.username == username)).one()
        token = auth.open_session(session, user.id)
    page.context.add_cookies([{"name": auth.COOKIE, "value": token, "url": house.url}])


def bring(house: House, page: Page, scan: Path, bag: str) -> None:
    """The courier uploads a scan, and the workers read it."""
    come_in(house, page, "casey")
    page.goto("/courier")
    with house.installation.db.read() as session:
        name = session.scalars(select(Office.name).where(Office.code == OFFICE)).one()
    if page.get_by_label("Office").count():
        page.get_by_label("Office").select_option(label=name)
    page.get_by_label("Bag number").fill(bag)
    page.get_by_label("Envelopes").fill("1")
    page.get_by_label("Checks").fill("0")
    page.get_by_role("button", name="Start pickup").click()
    expect(page.get_by_role("heading", name=f"Bag {bag}")).to_be_visible()
    page.locator("#choose").set_input_files([scan])
    expect(page.locator("#sending .done")).to_have_count(1)
    house.work()


def test_a_returned_envelope_finds_its_new_address_and_is_mailed_again(
    house: House, page: Page
) -> None:
    bring(house, page, house.scans[0], "R-1")
    bring(house, page, house.scans[1], "R-2")
    with house.installation.db.read() as session:
        task = session.scalars(select(AddressTask)).one()
        outcomes = session.scalars(select(ReturnedPiece.outcome).order_by(ReturnedPiece.id)).all()
        account = session.get_one(Account, task.account_id)
        old = account.addresses[-1]
    assert (outcomes, task.pieces) == (["opened", "copy"], 1)
    come_in(house, page, "sam")
    page.goto("/tasks")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=task.ref)).to_be_visible()
    see_the_task(page)
    a_verifier_answers(house, page, task.ref)
    with house.installation.db.read() as session:
        task = session.get_one(AddressTask, task.id)
        versions = session.get_one(Account, account.id).addresses
        holds = session.scalars(select(StatementHold)).all()
        request = session.scalars(select(AddressRequest)).one()
    assert task.state == "resolved"
    assert [each.id for each in versions] == [old.id, task.new_address_id]
    assert versions[-1].verified_by == "verifier:smarty"
    assert old.line != versions[-1].line
    assert [each.released_by for each in holds] == ["verifier:smarty"]
    assert request.taken_at is not None
    the_pms_queue_carries_it(house, task, versions[-1])
    mail_it_once_more(house, page, versions[-1])


def see_the_task(page: Page) -> None:
    """Crop, differing words, hold and the question to the verifier, on a desk and on a phone."""
    expect(page.locator(".crops img").first).to_be_visible()
    page.wait_for_function("() => document.querySelector('.crops img').naturalWidth > 50")
    expect(page.locator(".compared mark").first).to_be_visible()
    expect(page.locator("#hold")).to_contain_text("statements held")
    expect(page.locator("#asked")).to_contain_text("Smarty is asked as soon as a worker is free")
    expect(page.locator("#due")).to_contain_text("look at it")
    page.wait_for_load_state("load")  # keys work once the page's script has run
    page.keyboard.press("t")
    expect(page.locator("#due")).to_contain_text("contact the guarantor")
    page.wait_for_load_state("load")
    page.keyboard.press("c")
    expect(page.locator("#attempt select").first).to_be_focused()
    page.keyboard.press("Escape")
    page.eval_on_selector_all("details", "all => all.forEach(each => { each.open = true })")
    for viewport in (PHONE, DESK):
        page.set_viewport_size(viewport)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert (violations(page), max(wide, 0)) == ([], 0)


def a_verifier_answers(house: House, page: Page, ref: str) -> None:
    """It has no time at first, and the task says so; then the address comes into force."""
    asked = parse_block(house.new_address)
    assert asked is not None
    house.vendor.faults.append("429_date")
    house.vendor.know(asked.street, asked.zip[:5])
    sending.run_due(house.installation.db)
    page.reload()
    expect(page.locator("#asked")).to_contain_text("takes no more questions for now")
    expect(page.locator("#hold")).to_contain_text("statements held")
    with clock.frozen(clock.now() + timedelta(minutes=10)):
        sending.run_due(house.installation.db)
    page.reload()
    expect(page.locator("#hold")).to_contain_text("statements go out again")
    expect(page.locator("#asked")).to_contain_text("has answered")
    expect(page.locator(".trail")).to_contain_text("mail is delivered there")
    expect(page.get_by_text(re.compile("Resolved: new address"))).to_be_visible()
    assert ref in page.url


def the_pms_queue_carries_it(house: House, task: AddressTask, version: AddressVersion) -> None:
    """The new address and the task's end wait for the practice-management system.

    That mail came back from the old one is withdrawn: it was not sent, and no longer matters.
    """
    with house.installation.db.read() as session:
        changes = session.scalars(select(AccountChange).order_by(AccountChange.id)).all()
    queued = {row.kind: row for row in changes if row.state == "queued"}
    assert set(queued) == {"address_change", "account_note"}
    assert queued["address_change"].address_version_id == version.id
    assert {row.task_id for row in queued.values()} == {task.id}
    assert [row.kind for row in changes if row.state == "withdrawn"] == ["bad_address_set"]


def mail_it_once_more(house: House, page: Page, version: AddressVersion) -> None:
    """The remail list has it; it is mailed once."""
    page.goto("/remails")
    row = page.locator("#remails tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(version.street)
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name="The ticked ones were mailed").click()
    expect(page.get_by_text("Nothing to be mailed again")).to_be_visible()
    with house.installation.db.read() as session:
        sent = session.scalars(select(Remail)).one()
        looked = session.scalar(
            select(func.count())
            .select_from(AuditEvent)
            .where(AuditEvent.action == "task.viewed", AuditEvent.actor == "user:sam")
        )
    assert (sent.mailed_by, sent.address_version_id) == ("user:sam", version.id)
    assert looked
