"""A bank refuses a deposit: entered on its page, or by command; its checks go again."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from deposits import bank_setup, icl
from intake import x9
from records.models import AuditEvent, BankAccount, Deposit
from tests.web.desk import Desk, open_desk
from tests.web.test_cash_letters import _approved as approved
from tests.web.test_cash_letters import _imaged as imaged
from tests.web.test_cli import here as lockbox

WHY = "file totals differ"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("rejected"))
    with made.installation.db.write() as session:
        account = session.scalars(select(BankAccount).where(BankAccount.code == "B-NORTH")).one()
        values = {"profile": "us_bank_2008", "origin_name": "North", "test": True}
        bank_setup.set_up(session, account, values, "user:ada")
    yield made
    made.installation.close()


@pytest.fixture
def bill(desk: Desk) -> TestClient:
    return desk.client("bill")


def _numbers(data: bytes) -> tuple[set[str], set[str]]:
    """The ids of a letter and its bundles, and the numbers of its items."""
    records = list(x9.read_records(io.BytesIO(data)))
    letters = {each.text("cash_letter_id") for each in records if each.type == "10"}
    letters |= {each.text("bundle_id") for each in records if each.type == "20"}
    items = {each.detail.text("ece_item_sequence") for each in x9.read_items(iter(records))
             if each.kind == "check"}  # fmt: skip
    return letters, items


def _send(desk: Desk, bill: TestClient, ref: str) -> bytes:
    assert bill.post(f"/deposits/{ref}/letter").status_code == 303
    assert bill.post(f"/deposits/{ref}/export").status_code == 303
    data: bytes = bill.get(f"/deposits/{ref}/letter.x937").content
    assert icl.check(io.BytesIO(data), icl.named("us_bank_2008")) == []
    return data


def test_a_refused_letter_stays_and_its_checks_go_in_one_with_new_numbers(
    desk: Desk, bill: TestClient, tmp_path: Path
) -> None:
    payments = [desk.matched(cents, serial) for cents, serial in ((125_00, "601"), (80_00, "602"))]
    for each in payments:
        imaged(desk, each)
    old = approved(desk, bill, *payments)
    first = _send(desk, bill, old)
    page = bill.get(f"/deposits/{old}").text
    form = page.split(f'action="/deposits/{old}/reject"')[0]
    assert "their money is on hand again" in form.rsplit("<details", 1)[1]
    assert "not sent after all" not in page
    said = {"what": "refused_by_bank", "reason": WHY, "again": "yes"}
    assert bill.post(f"/deposits/{old}/reject", data=said | {"reason": " "}).status_code == 400
    assert desk.client("sam").post(f"/deposits/{old}/reject", data=said).status_code == 403
    assert desk.client("edna").post(f"/deposits/{old}/reject", data=said).status_code in (403, 404)
    answer = bill.post(f"/deposits/{old}/reject", data=said)
    assert answer.status_code == 303
    new = answer.headers["location"].rsplit("/", 1)[1]
    assert new != old

    page = bill.get(f"/deposits/{old}").text
    assert WHY in page
    assert f'href="/deposits/{new}"' in page
    assert set(re.findall(r"PAY-\w{3}-\w{4}", page)) == set(payments)
    assert "$205.00" in page
    assert f'href="/deposits/{old}"' in bill.get(f"/deposits/{new}").text
    assert bill.get(f"/deposits/{old}/letter.x937").content == first
    again = lockbox(desk.installation.settings.data_dir, "deposit", "letter", old, "--user", "bill",
                    "--out", str(tmp_path / "old.x937"))  # fmt: skip
    assert "not to be sent" in again.stderr
    assert (tmp_path / "old.x937").read_bytes() == first
    assert bill.post(f"/deposits/{old}/export").status_code == 409
    assert bill.post(f"/deposits/{old}/reject", data=said).status_code == 409

    closed = bill.post(f"/deposits/{new}/close", data={"count": 2, "total": "205.00"})
    assert closed.status_code == 303
    assert bill.post(f"/deposits/{new}/approve").status_code == 403
    assert desk.client("beth").post(f"/deposits/{new}/approve").status_code == 303
    second = _send(desk, bill, new)
    before, after = _numbers(first), _numbers(second)
    assert len(before[1]) == len(after[1]) == 2
    assert not before[0] & after[0]
    assert not before[1] & after[1]
    with desk.installation.db.read() as session:
        events = session.scalars(
            select(AuditEvent.detail).where(AuditEvent.action == "deposit_rejected")
        ).all()
        assert [event["rejection"] for event in events] == ["refused_by_bank"]
        assert WHY not in json.dumps(list(events))


def test_checks_left_out_wait_and_go_later(desk: Desk, bill: TestClient) -> None:
    payments = [desk.matched(cents, serial) for cents, serial in ((31_00, "611"), (32_00, "612"))]
    for each in payments:
        imaged(desk, each)
    old = approved(desk, bill, *payments)
    page = bill.get(f"/deposits/{old}").text
    assert "Taken back before it was sent" in page
    said = {"what": "withdrawn", "reason": "one of them was promised back", "again": "yes",
            "stays": [payments[0]]}  # fmt: skip
    wrong = said | {"stays": ["PAY-000-0000"]}
    assert bill.post(f"/deposits/{old}/reject", data=wrong).status_code == 400
    new = bill.post(f"/deposits/{old}/reject", data=said).headers["location"].rsplit("/", 1)[1]
    rows = bill.get(f"/deposits/{new}").text
    assert f'<span class="ref">{payments[1]}' in rows
    assert f'<span class="ref">{payments[0]}' not in rows
    page = bill.get(f"/deposits/{old}").text
    assert "1 of its checks waits" in page
    later = bill.post(f"/deposits/{old}/rebatch").headers["location"].rsplit("/", 1)[1]
    assert f'<span class="ref">{payments[0]}' in bill.get(f"/deposits/{later}").text


def test_the_command_does_the_same_and_says_what_it_did(
    desk: Desk, bill: TestClient, tmp_path: Path
) -> None:
    payments = [desk.matched(cents, serial) for cents, serial in ((41_00, "621"), (42_00, "622"))]
    for each in payments:
        imaged(desk, each)
    old = approved(desk, bill, *payments)
    folder = desk.installation.settings.data_dir
    words = ("deposit", "reject", old, "--reason", WHY, "--rebatch", "--leave-out", payments[1])
    assert lockbox(folder, *words).stderr.strip().endswith("[name_missing]")
    assert lockbox(folder, *words, "--user", "sam").stderr.strip().endswith("[wrong_role]")
    unknown = lockbox(folder, *words, "--leave-out", "PAY-000-0000", "--user", "bill")
    assert unknown.stderr.strip().endswith("[item_unknown]")
    with desk.installation.db.read() as session:
        state = session.scalars(select(Deposit.state).where(Deposit.ref == old)).one()
        assert state == "approved"  # all of it, or none
    done = lockbox(folder, *words, "--user", "bill", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    new = told.pop("rebatched_as")
    assert told.pop("rejected_at").startswith("20")
    assert told == {
        "ref": old, "state": "rejected", "rejection": "refused_by_bank", "reason": WHY,
        "rejected_by": "user:bill", "count": 2, "total_cents": 83_00,
    }  # fmt: skip
    listed = json.loads(lockbox(folder, "deposit", "list", "--json").stdout)["deposits"]
    rows = {row["ref"]: row for row in listed}
    assert (rows[old]["state"], rows[old]["total_cents"], rows[old]["rejection"]) == (
        "rejected", 83_00, "refused_by_bank")  # fmt: skip
    assert (rows[new]["state"], rows[new]["total_cents"], rows[new]["follows"]) == (
        "open", 41_00, old)  # fmt: skip
    later = lockbox(folder, "deposit", "rebatch", old, "--user", "bill")
    assert later.returncode == 0, later.stderr
    page = bill.get(f"/deposits/{later.stdout.strip()}").text
    assert f'<span class="ref">{payments[1]}' in page
    assert f'<span class="ref">{payments[0]}' not in page
    again = lockbox(folder, "deposit", "reject", old, "--reason", WHY, "--user", "bill")
    assert again.returncode == 2
    assert again.stderr.strip().endswith("[deposit_not_in_transit]")
