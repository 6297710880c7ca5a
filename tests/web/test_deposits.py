"""Deposits on the web: filled, closed by count and total, approved by somebody else, printed."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.web.desk import Desk, open_desk

SERIALS = iter(range(100, 999))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("deposits"))
    yield made
    made.installation.close()


@pytest.fixture
def bill(desk: Desk) -> TestClient:
    return desk.client("bill")


def opened(desk: Desk, client: TestClient, *cents: int) -> str:
    """A deposit of new checks with these amounts, each put on an account."""
    for each in cents:
        desk.matched(each, str(next(SERIALS)))
    answer = client.post("/deposits/open/B-NORTH", data={"business_on": "2026-11-16"})
    assert answer.status_code == 303
    return answer.headers["location"].rsplit("/", 1)[1]


def close(client: TestClient, ref: str, count: int, total: str) -> int:
    answer = client.post(f"/deposits/{ref}/close", data={"count": count, "total": total})
    return answer.status_code


def cancel(client: TestClient, ref: str) -> None:
    assert client.post(f"/deposits/{ref}/cancel").status_code == 303


def test_a_deposit_opens_with_every_check_that_waits(desk: Desk, bill: TestClient) -> None:
    ref = opened(desk, bill, 125_00, 75_00)
    page = bill.get(f"/deposits/{ref}").text
    assert "$200.00" in page
    assert len(set(re.findall(r"PAY-\w{3}-\w{4}", page))) == 2
    assert len(re.findall(r'href="/pages/[^"/]+\.png" target="_blank"', page)) == 2
    assert ref in bill.get("/deposits").text
    cancel(bill, ref)


def test_a_check_is_taken_out_and_put_in_again(desk: Desk, bill: TestClient) -> None:
    ref = opened(desk, bill, 60_00)
    page = bill.get(f"/deposits/{ref}").text
    payment = min(re.findall(r"PAY-\w{3}-\w{4}", page))
    before = len(re.findall("Take out", page))
    assert bill.post(f"/deposits/{ref}/remove", data={"payment": payment}).status_code == 303
    page = bill.get(f"/deposits/{ref}").text
    assert f'<span class="ref">{payment}' not in page
    assert "Add 1 more that wait" in page
    twice = bill.post(f"/deposits/{ref}/remove", data={"payment": payment})
    assert twice.status_code == 400
    assert bill.post(f"/deposits/{ref}/add").status_code == 303
    assert len(re.findall("Take out", bill.get(f"/deposits/{ref}").text)) == before
    cancel(bill, ref)


def test_a_count_or_total_that_differs_does_not_close(desk: Desk, bill: TestClient) -> None:
    ref = opened(desk, bill, 50_00)
    page = bill.get(f"/deposits/{ref}").text
    count = len(re.findall("Take out", page))
    total = re.search(r'stat-value">\$([\d,.]+)<', page)
    assert total is not None
    assert close(bill, ref, count + 1, total[1]) == 409
    assert close(bill, ref, count, "1.00") == 409
    assert close(bill, ref, count, "a lot") == 400
    assert "Close it" in bill.get(f"/deposits/{ref}").text
    assert close(bill, ref, count, total[1]) == 303
    assert "Approve it" in bill.get(f"/deposits/{ref}").text
    assert bill.post(f"/deposits/{ref}/reopen").status_code == 303
    cancel(bill, ref)


def test_who_closed_it_cannot_approve_and_somebody_else_can(desk: Desk, bill: TestClient) -> None:
    ref = opened(desk, bill, 40_00)
    page = bill.get(f"/deposits/{ref}").text
    count = len(re.findall("Take out", page))
    total = re.search(r'stat-value">\$([\d,.]+)<', page)
    assert total is not None
    assert close(bill, ref, count, total[1]) == 303
    page = bill.get(f"/deposits/{ref}").text
    assert "You closed this deposit" in page
    assert f"/deposits/{ref}/approve" not in page
    assert bill.post(f"/deposits/{ref}/approve").status_code == 403
    assert desk.client("audrey").post(f"/deposits/{ref}/approve").status_code == 403
    beth = desk.client("beth")
    assert beth.post(f"/deposits/{ref}/approve").status_code == 303
    page = beth.get(f"/deposits/{ref}").text
    assert "Approved by beth" in page
    slip = beth.get(f"/deposits/{ref}/slip.pdf")
    assert slip.content.startswith(b"%PDF-")
    assert slip.headers["cache-control"] == "no-store"
    assert beth.post(f"/deposits/{ref}/export").status_code == 303
    assert beth.post(f"/deposits/{ref}/cancel").status_code == 409


def test_a_wrong_date_opens_nothing(bill: TestClient) -> None:
    answer = bill.post("/deposits/open/B-NORTH", data={"business_on": "soon"})
    assert answer.status_code == 400
