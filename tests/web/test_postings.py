"""Postings on the web: written, answered, refused line by line, never sent twice unasked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from deposits import posting_connections
from records import clock
from records.models import Account, Office, Payment, Posting, PostingExport, SourceFile
from tests.deposits.pms.fake_open_dental import KEYS, FakeOpenDental, served
from tests.matching import world
from tests.web.desk import Desk, open_desk

SERIALS = iter(range(100, 999))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("postings"))
    yield made
    made.installation.close()


@pytest.fixture
def bill(desk: Desk) -> TestClient:
    return desk.client("bill")


def written(desk: Desk, client: TestClient, *cents: int) -> str:
    """An export of new checks with these amounts, each put on an account."""
    for each in cents:
        desk.matched(each, str(next(SERIALS)))
    desk.work()
    assert "Write the file" in client.get("/postings").text
    assert client.post("/postings/export/NORTH").status_code == 303
    found = re.search(r'aria-label="(\w+-\w{3}-\w{4})"', client.get("/postings").text)
    assert found is not None
    return found[1]


def states(desk: Desk, ref: str) -> list[str]:
    with desk.installation.db.read() as session:
        return sorted(
            session.scalars(
                select(Posting.state).join(PostingExport).where(PostingExport.ref == ref)
            )
        )


def lines(client: TestClient, ref: str) -> list[dict[str, str]]:
    answer = client.get(f"/postings/exports/{ref}/file")
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_what_waits_is_written_once_and_taken_whole(desk: Desk, bill: TestClient) -> None:
    ref = written(desk, bill, 125_00)
    assert len(lines(bill, ref)) == 1
    assert "Write the file" not in bill.get("/postings").text
    assert bill.post(f"/postings/exports/{ref}/acknowledge").status_code == 303
    assert states(desk, ref) == ["acknowledged"]


def test_a_line_the_pms_refused_goes_back_to_review_with_its_words(
    desk: Desk, bill: TestClient
) -> None:
    ref = written(desk, bill, 60_00, 70_00)
    first, second = (row["posting"] for row in lines(bill, ref))
    text = f"posting,status,error\n{first},accepted,\n{second},failed,account closed\n"
    answer = bill.post(
        f"/postings/exports/{ref}/answer", files={"file": ("answer.csv", text, "text/csv")}
    )
    assert answer.status_code == 303, answer.text
    assert states(desk, ref) == ["acknowledged", "withdrawn"]
    with desk.installation.db.read() as session:
        refused = session.scalars(select(Posting).where(Posting.ref == second)).one()
        payment = session.get_one(Payment, refused.payment_id).ref
    assert desk.payment(payment).match_state == "in_review"
    page = desk.client("sam").get(f"/review/{desk.question(payment).ref}").text
    assert "The PMS refused its posting: account closed" in page


def test_what_nobody_knows_is_looked_up_before_it_is_sent_again(
    desk: Desk, bill: TestClient
) -> None:
    ref = written(desk, bill, 50_00)
    assert bill.post(f"/postings/exports/{ref}/unknown").status_code == 303
    assert states(desk, ref) == ["unknown"]
    assert "Looked up: the rest is not there" in bill.get("/postings").text
    assert bill.post(f"/postings/exports/{ref}/looked-up").status_code == 303
    assert "unknown" not in states(desk, ref)


def test_what_was_found_is_ticked_and_only_the_rest_is_sent_again(
    desk: Desk, bill: TestClient
) -> None:
    ref = written(desk, bill, 51_00, 52_00)
    found = {row["amount"]: row["posting"] for row in lines(bill, ref)}
    there, missing = found["51.00"], found["52.00"]
    bill.post(f"/postings/exports/{ref}/unknown")
    page = bill.get("/postings").text
    assert f'value="{there}"' in page
    assert f'value="{missing}"' in page
    bill.post(f"/postings/exports/{ref}/looked-up", data={"found": [there]})
    with desk.installation.db.read() as session:
        by_ref = {row.ref: row.state for row in session.scalars(select(Posting))}
    assert (by_ref[there], by_ref[missing]) == ("acknowledged", "queued")


def test_what_was_received_a_day_ago_and_is_not_posted_is_told(
    desk: Desk, bill: TestClient
) -> None:
    (ref,) = desk.receive([world.check(61_00, str(next(SERIALS)), "Zelda Quist")])

    def received(hours: int) -> None:
        with desk.installation.db.write() as session:
            for file in session.scalars(select(SourceFile)):
                file.created_at = clock.now() - timedelta(hours=hours)

    received(23)
    assert ref not in bill.get("/postings").text
    received(25)
    page = bill.get("/postings").text
    assert f'href="/payments/{ref}"' in page
    assert "in review" in page
    assert ref not in desk.client("edna").get("/postings").text, "another office's"


def test_an_office_with_open_dental_sends_from_the_page(desk: Desk, bill: TestClient) -> None:
    patient = "2100000045"
    fake = FakeOpenDental()
    desk.matched(73_00, str(next(SERIALS)))
    desk.work()
    with served(fake) as url:
        with desk.installation.db.write() as session:
            office = session.scalars(select(Office).where(Office.code == "NORTH")).one()
            account = session.scalars(select(Account).where(Account.number == patient)).one()
            fake.add_patient(int(patient), account.patient_last)
            office.settings = {**office.settings, "posting_format": "open_dental"}
        page = bill.get("/postings").text
        assert "lockbox posting connect" in page
        assert bill.post("/postings/send/NORTH").status_code == 409
        with desk.installation.db.write() as session:
            posting_connections.set_up(session, office.id, url=url, developer_key=KEYS[0],
                                       customer_key=KEYS[1], actor="user:root")  # fmt: skip
        assert "Look up and send" in bill.get("/postings").text
        assert bill.post("/postings/send/NORTH").status_code == 303
    assert "7300" in {str(round(float(row["PayAmt"]) * 100)) for row in fake.payments}
    with desk.installation.db.read() as session:
        exports = session.scalars(
            select(PostingExport).where(PostingExport.format == "open_dental")
        ).all()
    assert {state for made in exports for state in states(desk, made.ref)} == {"acknowledged"}
    page = bill.get("/postings").text
    assert f"/postings/exports/{exports[0].ref}/acknowledge" not in page
    with desk.installation.db.write() as session:
        office = session.get_one(Office, office.id)
        office.settings = {**office.settings, "posting_format": "csv"}


def test_the_auditor_sees_the_files_and_downloads_none(desk: Desk, bill: TestClient) -> None:
    ref = written(desk, bill, 45_00)
    auditor = desk.client("audrey")
    page = auditor.get("/postings").text
    assert ref in page
    assert "Download" not in page
    assert auditor.get(f"/postings/exports/{ref}/file").status_code == 403
