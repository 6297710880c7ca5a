"""The whole job in a browser, on real processes: from the courier's bag to the proof of the day."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select

from matching import importing
from records import clock
from records.installation import Installation
from records.models import (
    Account,
    AddressTask,
    AddressVersion,
    Allocation,
    AuditEvent,
    BankAccount,
    Deposit,
    Job,
    Office,
    PageImage,
    Payment,
    Posting,
    ReviewItem,
    SourceFile,
    StatementHold,
)
from records.money import Money
from records.settings import Settings
from tests.browser.conftest import DESK, PATIENCE_MS, PHONE, violations
from tests.browser.test_accessibility import keep
from tests.browser.walk_bag import OFFICE, Walk, make_walk
from tests.databases import open_empty
from tests.servers import free_port
from web.demo import load
from web.demo.bank_file import Credit, bank_csv
from web.demo.group import Group, accounts_csv, make_group, statements_csv

SHOWN = "Object.values(document.querySelector('.review')?.dataset ?? {}).slice(0, 2).join(' ')"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]


@dataclass(frozen=True, slots=True)
class House:
    """A served installation in a folder of its own, and who and what is in it."""

    url: str
    folder: Path
    installation: Installation
    group: Group
    walk: Walk

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``lockbox`` on the same folder."""
        return subprocess.run(
            [sys.executable, "-m", "web.cli", *words],
            check=False,
            env={**os.environ, "LOCKBOX_DATA_DIR": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("walk")
    installation = open_empty(Settings(data_dir=folder))
    group = make_group(7, accounts=400, as_of=clock.now().date())
    with installation.db.write() as session:
        load.add_group(session, group)
        importing.import_accounts(session, accounts_csv(group), "system:test", dry_run=False)
        importing.import_statements(session, statements_csv(group), "system:test", dry_run=False)
    walk = make_walk(group)
    for file in walk.files:
        (folder / file.name).write_bytes(file.data)
    port = free_port()
    command = [sys.executable, "-m", "web.cli", "serve", "--port", str(port), "--workers", "2"]
    environment = {**os.environ, "LOCKBOX_DATA_DIR": str(folder)}
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            answers(f"{url}/readyz", server)
            yield House(url, folder, installation, group, walk)
        finally:
            server.terminate()
            server.wait(60)
            installation.close()


def answers(url: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until the address answers."""
    until = time.monotonic() + 90
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the server does not answer (exit status {server.poll()})")


@pytest.fixture
def people(house: House, browser: Browser) -> Iterator[dict[str, Page]]:
    """A browser of its own for each person; a fault in any console fails the walk."""
    faults: list[str] = []
    contexts = []
    pages = {}
    for name in ("casey", "sam", "bill", "beth", "audrey"):
        context = browser.new_context(base_url=house.url, viewport=DESK)
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        pages[name] = context.new_page()
        pages[name].on("pageerror", lambda error: faults.append(str(error)))
    yield pages
    for name, page in pages.items():
        if "SCREENSHOTS" in os.environ:
            page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"walk-{name}.png")
    for context in contexts:
        context.close()
    assert not faults


def log_in(page: Page, name: str) -> None:
    page.goto("/login")
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(f"demo-{name}-2026")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/login" not in url)


def test_a_day_from_the_bag_to_the_proof(house: House, people: dict[str, Page]) -> None:
    for name, page in people.items():
        log_in(page, name)
    courier_brings_the_bag(house, people["casey"])
    wait_until_read(house)
    specialist_clears_the_queue(house, people["sam"])
    everything_stands_where_it_belongs(house)
    ref = bill_closes_the_deposit(house, people["bill"])
    beth_approves(house, people["beth"], ref)
    the_pms_takes_the_postings(house, people["beth"])
    the_bank_pays_in(house, people["bill"], ref)
    every_cent_is_explained(house, people["bill"])
    the_returned_envelope_gets_an_address(house, people["sam"])
    the_auditor_verifies_the_chain(house, people["audrey"])


def looks_right(page: Page, name: str) -> None:
    """With real work in it, the page passes axe on a desk and on a phone, and fits the phone."""
    shots = os.environ.get("SCREENSHOTS")
    page.wait_for_load_state("load")  # without its style sheet a page has another width
    for size, viewport in (("phone", PHONE), ("desk", DESK)):
        page.set_viewport_size(viewport)
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert (violations(page), max(wide, 0)) == ([], 0), (name, size)
        keep(shots, page, f"walk-{name}", size)


def courier_brings_the_bag(house: House, page: Page) -> None:
    page.goto("/courier")
    with house.installation.db.read() as session:
        name = session.scalars(select(Office.name).where(Office.code == OFFICE)).one()
    office = page.get_by_label("Office")
    if office.count():
        office.select_option(label=name)
    page.get_by_label("Bag number").fill("W-1")
    page.get_by_label("Envelopes").fill("9")
    page.get_by_label("Checks").fill("7")
    page.get_by_role("button", name="Start pickup").click()
    expect(page.get_by_role("heading", name="Bag W-1")).to_be_visible()
    page.locator("#choose").set_input_files([house.folder / f.name for f in house.walk.files])
    expect(page.locator("#sending .done")).to_have_count(2)
    page.get_by_role("link", name="Receipt").click()
    for file in house.walk.files:
        row = page.get_by_role("row", name=file.name)
        expect(row.locator(".ref")).to_have_text(re.compile(r"ITM-\w{3}-\w{4}"))
        expect(row).to_contain_text(f"{len(file.data):,}")


def wait_until_read(house: House) -> None:
    """Until every file is done and nothing is left to run; a job that gave up fails the walk."""
    until = time.monotonic() + 300
    while time.monotonic() < until:
        with house.installation.db.read() as session:
            dead = session.scalars(select(Job.error_message).where(Job.state == "dead")).all()
            assert not dead
            waiting = session.scalar(
                select(func.count()).select_from(Job).where(Job.state.in_(("queued", "running")))
            )
            files = session.scalars(select(SourceFile.state)).all()
        if files == ["done", "done"] and not waiting:
            return
        time.sleep(0.5)
    raise AssertionError(f"still reading: {files}, {waiting} jobs")


def specialist_clears_the_queue(house: House, page: Page) -> None:
    """Every question by keyboard; the mouse is never touched."""
    page.goto("/review", wait_until="load")
    with house.installation.db.read() as session:
        waiting = session.scalar(select(func.count()).select_from(ReviewItem))
    assert waiting
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/review/REV-"))
    looks_right(page, "review")
    for _ in range(3 * waiting):
        was = shown(page)
        answer(house, page, was)
        # The next question stands there (or this one again, with what is still to ask), or none.
        page.wait_for_function(f"was => ({SHOWN}) !== was", arg=was)
        if not page.locator(".review").count():
            break
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()


def shown(page: Page) -> str:
    """The question on the page and the lease it is held under."""
    return str(page.evaluate(SHOWN))


def answer(house: House, page: Page, question: str) -> None:
    """What a person who sees the paper keys, one key after another."""
    ref = question.split(maxsplit=1)[0]
    with house.installation.db.read() as session:
        item = session.scalars(select(ReviewItem).where(ReviewItem.ref == ref)).one()
        asks = set(item.asks)
        page.wait_for_timeout(500)  # no answer is taken before anybody can have read the question
        if item.payment is None:
            if "address" not in asks:  # which Enter makes a task; a letter has no answer ready
                page.keyboard.press("1")
            page.keyboard.press("Enter")
            return
        envelope, document = truth_of(session, house.walk, item.payment)
    opens_ready_for_keys(page)
    if "duplicate" in asks:
        set_aside(page, "duplicate")
        return
    key_amount(page, envelope["amount_cents"])
    if "micr" in asks:
        for name in ("routing_number", "account_number", "check_number"):
            key(page, f"keyed_{name}", str(document["fields"][name]))
    choose_account(page, envelope)
    expect(page.locator("[data-balance]")).to_have_text(re.compile("^adds up"))
    page.keyboard.press("Escape")
    for _ in asks & {"payee", "signature", "date"}:
        page.keyboard.press("y")
    confirm(page, question)
    if shown(page) == question and "unidentified" in problem(page):
        page.wait_for_timeout(500)  # as long as it takes to read what is asked
        confirm(page, question)
    if shown(page) == question:
        expect(page.locator("[data-problem]")).to_contain_text("held already")
        set_aside(page, "duplicate")


def confirm(page: Page, question: str) -> None:
    was = problem(page)
    page.keyboard.press("Enter")
    page.wait_for_function(
        f"([question, was]) => ({SHOWN}) !== question"
        " || document.querySelector('[data-problem]').textContent !== was",
        arg=[question, was],
    )


def problem(page: Page) -> str:
    return page.locator("[data-problem]").inner_text()


def truth_of(session: Any, walk: Walk, payment: Payment) -> tuple[dict[str, Any], dict[str, Any]]:
    page = session.get_one(PageImage, payment.document.page_ids[0])
    return walk.about(page.source_file.name, page.position)


def opens_ready_for_keys(page: Page) -> None:
    """On the picture, at the top; with the cursor in the amount only where none could be read."""
    asked = page.locator("#amount[data-asked]").evaluate_all("all => all.some(e => !e.value)")
    unread = asked and not page.locator("[data-accept]").count()
    expect(page.locator("#amount" if unread else ".stage")).to_be_focused()
    assert page.evaluate("window.scrollY") == 0


def key_amount(page: Page, cents: int) -> None:
    """One key where a place of the check says it, else typed."""
    wanted = Money(cents).plain()
    page.keyboard.press("Escape")
    offered = page.locator(f"[data-accept='{wanted}'][data-key]:not([data-key=''])")
    if offered.count():
        page.keyboard.press(str(offered.first.get_attribute("data-key")))
        expect(page.locator("#amount")).to_have_value(wanted)
        return
    page.keyboard.press("a")
    if page.locator("#amount").input_value() != wanted:
        page.keyboard.type(wanted)


def key(page: Page, name: str, value: str) -> None:
    """Tab to a field and type over what was read, if that is wrong."""
    for _ in range(40):
        if page.evaluate("document.activeElement.name ?? ''") == name:
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"Tab does not reach {name}")
    if page.locator(f"[name={name}]").input_value() != value:
        page.keyboard.press("Control+a")
        page.keyboard.type(value)
    expect(page.locator(".stage .lit")).to_have_count(1)


def choose_account(page: Page, envelope: dict[str, Any]) -> None:
    page.keyboard.press("Escape")
    wanted = envelope["allocations"]
    if not wanted or envelope["scenario"] == "insurance":
        # Nobody's patient, or an insurer's claims that do not add up as they were read.
        if not wanted or not page.locator("[data-balance]").inner_text().startswith("adds up"):
            page.keyboard.press("m")
        return
    (part,) = wanted
    shown = [
        page.locator(f"[name=to_{name}]").first.input_value() for name in ("account", "statement")
    ]
    if shown == [part["account_number"], part["statement_number"]]:
        return
    page.keyboard.press("/")
    page.keyboard.type(part["account_number"])
    expect(page.locator("[data-hits] .hit").first).to_contain_text(part["account_number"])
    page.keyboard.press("Enter")
    expect(page.locator("[name=to_statement]").first).to_have_value(part["statement_number"])


def set_aside(page: Page, reason: str) -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("x")
    page.keyboard.type(reason[:4])
    expect(page.locator("[data-answer=set-aside] select")).to_have_value(reason)
    page.keyboard.press("Enter")


def everything_stands_where_it_belongs(house: House) -> None:
    """Each check has its true amount and account; the second scan went nowhere."""
    copies = 0
    with house.installation.db.read() as session:
        payments = session.scalars(select(Payment)).all()
        assert len(payments) == 7
        for payment in payments:
            envelope, _ = truth_of(session, house.walk, payment)
            parts = session.scalars(
                select(Allocation).where(Allocation.payment_id == payment.id, Allocation.live)
            ).all()
            if payment.not_deposited_reason == "duplicate":
                copies += 1
                assert envelope["scenario"] in {"memo_only", "duplicate"}
                continue
            assert payment.amount_cents == envelope["amount_cents"], envelope["scenario"]
            assert sum(part.amount_cents for part in parts) == payment.amount_cents
            assert payment.deposit_state == "depositable", envelope["scenario"]
            if envelope["scenario"] in {"with_coupon", "memo_only", "duplicate", "name_only"}:
                bills = [part.statement.number for part in parts if part.statement]
                if envelope["allocations"]:
                    assert bills == [envelope["allocations"][0]["statement_number"]]
    assert copies == 1


def bill_closes_the_deposit(house: House, page: Page) -> str:
    amounts = house.walk.deposit_cents
    page.goto("/billing")
    card = page.locator("section", has=page.get_by_text(f"{len(amounts)} checks may be deposited"))
    expect(card.last).to_contain_text(str(Money(sum(amounts))))
    card.last.get_by_role("button", name="Open a deposit").click()
    expect(page.get_by_role("heading", name="Close it")).to_be_visible()
    ref = page.url.rsplit("/", 1)[1]
    close(page, len(amounts), sum(amounts) - 1)
    expect(page.get_by_role("heading")).to_contain_text("Declared were")
    page.goto(f"/deposits/{ref}")
    close(page, len(amounts), sum(amounts))
    expect(page.get_by_role("heading", name="Approve it")).to_be_visible()
    looks_right(page, "deposit")
    # Who closed it does not approve it: the page says so, and so does the server.
    expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    expect(page.locator(".warning")).to_contain_text("You closed this deposit")
    refused = page.request.post(f"/deposits/{ref}/approve", headers={"origin": house.url})
    assert refused.status in {403, 409}
    assert deposit(house, ref).state == "closed"
    return ref


def close(page: Page, count: int, cents: int) -> None:
    page.get_by_label("Checks counted").fill(str(count))
    page.get_by_label("Total added up").fill(Money(cents).plain())
    page.get_by_role("button", name="Close", exact=True).click()


def deposit(house: House, ref: str) -> Deposit:
    with house.installation.db.read() as session:
        return session.scalars(select(Deposit).where(Deposit.ref == ref)).one()


def beth_approves(house: House, page: Page, ref: str) -> None:
    page.goto(f"/deposits/{ref}")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("heading", name="Take it to the bank")).to_be_visible()
    slip = page.request.get(f"/deposits/{ref}/prooflist.pdf")
    assert slip.body().startswith(b"%PDF-")
    page.get_by_role("button", name="It has gone to the bank").click()
    expect(page.locator(".head .chip")).to_have_text("exported")
    approved = deposit(house, ref)
    assert (approved.closed_by, approved.approved_by) == ("user:bill", "user:beth")


def the_pms_takes_the_postings(house: House, page: Page) -> None:
    wait_until_read(house)
    page.goto("/postings")
    page.get_by_role("button", name="Write the file").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    lines = Path(download.value.path()).read_text().splitlines()
    page.get_by_role("button", name="The PMS took all of it").click()
    expect(page.locator(".chip", has_text="acknowledged")).to_be_visible()
    looks_right(page, "postings")
    with house.installation.db.read() as session:
        states = session.scalars(select(Posting.state)).all()
    assert states
    assert set(states) == {"acknowledged"}
    assert len(lines) == len(states) + 1


def the_bank_pays_in(house: House, page: Page, ref: str) -> None:
    made = deposit(house, ref)
    with house.installation.db.read() as session:
        bank = session.get_one(BankAccount, made.bank_account_id)
        number = str(bank.sealed["account_number"])
        credit = Credit(
            made.business_on, sum(house.walk.deposit_cents), number, bank.routing_number, ref
        )
    path = house.folder / "bank.csv"
    path.write_text(bank_csv([credit]))
    page.goto("/bank")
    page.get_by_label("BAI2, OFX, camt.053 or CSV").set_input_files(path)
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".toast")).to_contain_text("1 settled")
    assert deposit(house, ref).state == "credited"
    page.get_by_label("BAI2, OFX, camt.053 or CSV").set_input_files(path)
    page.get_by_role("button", name="Import").click()
    expect(page.locator(".toast")).to_contain_text("imported already")
    looks_right(page, "bank")


def every_cent_is_explained(house: House, page: Page) -> None:
    with house.installation.db.read() as session:
        (day,) = set(session.scalars(select(Payment.received_on)))
    page.goto(f"/billing?on={day}")
    expect(page.locator("#explained")).to_contain_text("Every cent is explained")
    looks_right(page, "billing")
    total = str(Money(sum(house.walk.deposit_cents)))
    for axis in ("deposited", "bank"):
        heading = page.locator(f"#axis-{axis}")
        expect(heading).to_contain_text(total)
    page.locator("#axis-deposited").get_by_role("link").click()
    expect(page.locator("tbody tr")).to_have_count(len(house.walk.deposit_cents))
    done = house.cli("day", "proof", "--date", day.isoformat(), "--json")
    assert done.returncode == 0, done.stderr
    proof = json.loads(done.stdout)
    assert date.fromisoformat(proof["date"]) == day
    assert proof["unexplained_cents"] == 0
    assert proof["bank"]["parts"]["credited"]["amount_cents"] == sum(house.walk.deposit_cents)


def the_returned_envelope_gets_an_address(house: House, page: Page) -> None:
    returned = written_changes_became_tasks(house)
    page.goto("/tasks")
    page.get_by_role("link", name=returned).click()
    expect(page.locator(".stage .lit")).to_be_visible()
    if page.get_by_text("Whose envelope is it?").count():
        page.keyboard.press("1")
    expect(page.locator("#hold")).to_contain_text("statements held")
    looks_right(page, "task")
    street, last = house.walk.new_address.splitlines()[1:]
    city, state, zip_code = last.rsplit(" ", 2)
    for label, value in (
        ("Street, apartment", street),
        ("City", city),
        ("State", state),
        ("ZIP", zip_code),
    ):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="Save and end the task").click()
    expect(page.locator("#hold")).to_contain_text("statements go out again")
    with house.installation.db.read() as session:
        version = session.scalars(
            select(AddressVersion).where(AddressVersion.source == "returned_mail")
        ).one()
        hold = session.scalars(select(StatementHold)).one()
        account = session.get_one(Account, version.account_id)
        old = account.addresses[0].line
    assert (version.street, version.zip, version.version) == (street, zip_code, 2)
    assert hold.released_by == "user:sam"
    assert old != version.line


def written_changes_became_tasks(house: House) -> str:
    """A stub is a task only where its payer wrote an address; the returned envelope's task."""
    returned = ""
    with house.installation.db.read() as session:
        for task in session.scalars(select(AddressTask)):
            page = session.get_one(PageImage, task.document.page_ids[0])
            _, document = house.walk.about(page.source_file.name, page.position)
            assert document["kind"] == task.document.kind
            if document["kind"] == "returned_mail":
                returned = task.ref
            else:
                assert document["fields"]["address_changed"]
    return returned


def the_auditor_verifies_the_chain(house: House, page: Page) -> None:
    page.goto("/audit")
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_text("The chain holds")).to_be_visible()
    with house.installation.db.read() as session:
        actions = set(session.scalars(select(AuditEvent.action)))
    assert {
        "page.viewed",
        "payment.confirmed",
        "payment.set_aside",
        "deposit_approved",
        "task.resolved",
    } <= actions
