"""Two scans of one check, both in doubt, from the specialist's desk to the proof of the day."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from deposits.day import proof
from matching import review
from matching.review import AllocationInput
from records.models import Deposit, PostingExport
from tests.matching.world import RECEIVED, check, field
from tests.web.desk import Desk, open_desk

JSON = {"accept": "application/json"}


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("scans"))
    yield made
    made.installation.close()


def test_one_check_scanned_twice_is_deposited_and_posted_once(desk: Desk) -> None:
    unread = field(None, 0.0)
    first, second = desk.receive([check(0, amount_cents=unread)], [check(0, amount_cents=unread)])
    with desk.installation.db.write() as session:
        held = review.lease(session, desk.question(first).id, "user:sam")
        parts = [AllocationInput("account", "2100000011", None, 50_00)]
        review.confirm(session, held.id, "user:sam", held.lease_token, amount_cents=50_00,
                       allocations=parts)  # fmt: skip
    desk.work()
    assert desk.payment(first).deposit_state == "depositable"
    # The same amount on the other scan: it is told which check is held, and set aside with it.
    sam, item = desk.client("sam"), desk.question(second).ref
    assert first in sam.get(f"/review/{item}").text
    token = str(desk.question(second).lease_token)
    kept = {"token": token, "reason": "duplicate", "amount": "50.00", "amount_from": "words"}
    assert sam.post(f"/review/{item}/set-aside", data=kept, headers=JSON).status_code == 200
    bill = desk.client("bill")
    opened = bill.post("/deposits/open/B-NORTH", data={"business_on": RECEIVED.isoformat()})
    deposit = opened.headers["location"]
    assert bill.post(f"{deposit}/close", data={"count": 1, "total": "50.00"}).status_code == 303
    assert desk.client("beth").post(f"{deposit}/approve").status_code == 303
    assert bill.post("/postings/export/NORTH").status_code == 303
    with desk.installation.db.read() as session:
        made = session.scalars(select(PostingExport)).one()
        lines = csv.DictReader(io.StringIO(desk.installation.store.get(made.file_sha256).decode()))
        assert [(line["payment"], line["amount"]) for line in lines] == [(first, "50.00")]
        assert [each.payment.ref for each in session.scalars(select(Deposit)).one().items] == [
            first
        ]
        shown = proof(session, RECEIVED)
        assert shown.explained, shown.to_json()
        assert {name: part.cents for name, part in shown.received.parts.items() if part.cents} == {
            "deposited": 50_00, "not_deposited:duplicate": 50_00,
        }  # fmt: skip
