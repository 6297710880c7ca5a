"""Postings on the web: written, answered, refused line by line, never sent twice unasked."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.models import Payment, Posting, PostingExport
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


def test_the_auditor_sees_the_files_and_downloads_none(desk: Desk, bill: TestClient) -> None:
    ref = written(desk, bill, 45_00)
    auditor = desk.client("audrey")
    page = auditor.get("/postings").text
    assert ref in page
    assert "Download" not in page
    assert auditor.get(f"/postings/exports/{ref}/file").status_code == 403
