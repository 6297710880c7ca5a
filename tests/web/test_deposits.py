"""Deposits on the web: filled, closed by count and total, approved by somebody else, printed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from matching import review
from matching.review import AllocationInput
from records.models import Document, PageImage
from tests.matching.world import check, field
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


def by_hand(client: TestClient, ref: str) -> tuple[int, str]:
    """The checks counted, and added up, from their own amounts."""
    page = client.get(f"/deposits/{ref}").text
    cents = [round(float(each.replace(",", "")) * 100)
             for each in re.findall(r'<td class="num">\$([\d,.]+)</td>', page)]  # fmt: skip
    return len(cents), f"{sum(cents) / 100:.2f}"


def cancel(client: TestClient, ref: str) -> None:
    assert client.post(f"/deposits/{ref}/cancel").status_code == 303


def test_a_deposit_opens_with_every_check_that_waits(desk: Desk, bill: TestClient) -> None:
    ref = opened(desk, bill, 125_00, 75_00)
    page = bill.get(f"/deposits/{ref}").text
    assert {"$125.00", "$75.00"} <= set(re.findall(r"\$[\d.]+", page))
    assert len(set(re.findall(r"PAY-\w{3}-\w{4}", page))) == 2
    assert len(re.findall(r'href="/pages/[^"/]+\.png[^"]*" target="_blank"', page)) == 2
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
    count, total = by_hand(bill, ref)
    assert close(bill, ref, count + 1, total[1]) == 409
    assert close(bill, ref, count, "1.00") == 409
    assert close(bill, ref, count, "a lot") == 400
    assert "Close it" in bill.get(f"/deposits/{ref}").text
    assert close(bill, ref, count, total) == 303
    assert "Approve it" in bill.get(f"/deposits/{ref}").text
    assert bill.post(f"/deposits/{ref}/reopen").status_code == 303
    cancel(bill, ref)


def test_the_count_is_blind_until_it_has_been_entered(desk: Desk, bill: TestClient) -> None:
    ref = opened(desk, bill, 41_10, 58_91)
    count, total = by_hand(bill, ref)
    for address in (f"/deposits/{ref}", "/deposits"):
        page = bill.get(address).text
        row = page if address != "/deposits" else page.split(ref)[2].split("</tr>")[0]
        assert f"${total}" not in row
        assert "stat-value" not in row
        assert "prooflist.pdf" not in row
    refused = bill.post(f"/deposits/{ref}/close", data={"count": count + 1, "total": total})
    assert f"holds {count} of ${total}" in refused.text
    assert close(bill, ref, count, total) == 303
    page = bill.get(f"/deposits/{ref}").text
    assert page.count("stat-value") == 3
    assert "counted by hand" in page
    assert bill.post(f"/deposits/{ref}/reopen").status_code == 303
    cancel(bill, ref)


def row_of(client: TestClient, deposit: str, payment: str) -> str:
    page: str = client.get(f"/deposits/{deposit}").text
    return next(row for row in page.split("<tr>") if payment in row)


def confirmed(
    desk: Desk, made: Any, *parts: AllocationInput, amount_cents: int, amount_from: str = ""
) -> str:
    (ref,) = desk.receive([made])
    item = desk.question(ref)
    with desk.installation.db.write() as session:
        held = review.lease(session, item.id, "user:sam")
        review.confirm(session, item.id, "user:sam", held.lease_token, allocations=parts,
                       amount_cents=amount_cents, amount_from=amount_from)  # fmt: skip
    return ref


def test_each_check_shows_its_account_and_what_the_approver_must_look_at(
    desk: Desk, bill: TestClient
) -> None:
    def odd(numerals: int, words: int, **more: Any) -> Any:
        return check(0, str(next(SERIALS)), "Zelda Quist", amount_cents=field(None, 0.0),
                     courtesy_amount_cents=numerals, legal_amount_cents=words, **more)  # fmt: skip

    smith, okafor = "2100000045", "2100000029"
    one = desk.matched(19_00, str(next(SERIALS)))
    contrary = confirmed(
        desk, odd(67_00, 40_00), AllocationInput("unidentified", None, None, 40_00),
        amount_cents=40_00, amount_from="words",
    )  # fmt: skip
    keyed = confirmed(
        desk, odd(21_00, 21_00, signed=False), AllocationInput("account", smith, None, 12_00),
        AllocationInput("account", okafor, None, 9_00), amount_cents=21_00,
    )  # fmt: skip
    ref = opened(desk, bill)
    plain = row_of(bill, ref, one)
    assert f'href="/accounts/{smith}">{smith}' in plain
    assert "decided" not in plain
    assert 'class="chip' not in plain
    row = row_of(bill, ref, contrary)
    assert "unidentified" in row
    assert "the check contradicts itself: numerals $67.00, words $40.00" in row
    assert "sam took it from the words" in row
    row = row_of(bill, ref, keyed)
    assert "several (2)" in row
    assert "keyed by sam" in row
    assert "no signature was found" in row
    assert close(bill, ref, *by_hand(bill, ref)) == 303
    assert "2 of its checks are marked" in bill.get(f"/deposits/{ref}").text
    assert bill.post(f"/deposits/{ref}/reopen").status_code == 303
    cancel(bill, ref)


def test_who_closed_it_cannot_approve_and_somebody_else_can(desk: Desk, bill: TestClient) -> None:
    ref = opened(desk, bill, 40_00)
    count, total = by_hand(bill, ref)
    assert close(bill, ref, count, total) == 303
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


def test_a_check_that_lies_on_its_head_is_shown_upright(desk: Desk, bill: TestClient) -> None:
    """The line at the foot of a check that lies upside down is read at the head of its page."""
    line = {**field("T021000021T 998877O 9"), "box": [100, 40, 1200, 50], "page": 1}
    (ref,) = desk.receive([check(23_00, str(next(SERIALS)), "Zelda Quist", micr_line=line)])
    payment = desk.payment(ref)
    with desk.installation.db.write() as session:
        document = session.get_one(Document, payment.document_id)
        file = document.transaction.source_file_id
        session.add(PageImage(id=document.page_ids[0], source_file_id=file, position=1, width=1400,
                              height=600, dpi=200, image_sha256="0" * 64,
                              media_type="image/png"))  # fmt: skip
    item = desk.question(ref)
    with desk.installation.db.write() as session:
        held = review.lease(session, item.id, "user:sam")
        parts = [AllocationInput("unidentified", None, None, 23_00)]
        review.confirm(session, item.id, "user:sam", held.lease_token, allocations=parts)
    deposit = opened(desk, bill)
    assert re.search(r'href="/pages/[^"]+\.png\?turn=180"', row_of(bill, deposit, ref))
    cancel(bill, deposit)
