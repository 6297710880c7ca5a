"""What no form of ours sends: each is refused with a remedy, and nothing breaks."""

from __future__ import annotations

import base64

import pytest
from fastapi.testclient import TestClient

from records.money import Money
from tests.web.conftest import Clients
from tests.web.seed import Seeded
from web.context import NOTICE_COOKIE


@pytest.fixture
def root(client_of: Clients) -> TestClient:
    return client_of("root")


@pytest.mark.parametrize("digits", [19, 100])
def test_a_search_for_many_digits_finds_nothing(root: TestClient, digits: int) -> None:
    assert root.get("/search", params={"q": "9" * digits}).status_code == 200
    assert root.get("/api/v1/payments", params={"q": "9" * digits}).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_end_of_the_calendar_are_refused(root: TestClient, day: str) -> None:
    for path in (
        f"/billing?on={day}",
        f"/billing/figure?axis=received&part=total&on={day}",
        f"/api/v1/days/proof?date={day}",
        f"/audit?on={day}",
    ):
        answer = root.get(path, headers={"accept": "application/json"})
        assert answer.status_code == 400, path
        assert answer.json()["code"] == "wrong_date"


def test_an_audit_number_no_chain_reaches_is_refused(root: TestClient) -> None:
    assert root.get("/audit", params={"before": "9" * 30}).status_code == 422


@pytest.mark.parametrize("name", ["declared_envelopes", "declared_checks", "declared_total_cents"])
def test_counts_no_database_holds_are_refused(root: TestClient, name: str) -> None:
    bag = {
        "office_code": "NORTH",
        "bag_number": "B-9",
        "declared_envelopes": 1,
        "declared_checks": 1,
        "declared_total_cents": 1,
        name: 2**53,
    }
    assert root.post("/api/v1/pickups", json=bag).status_code == 422


def test_a_count_or_a_total_of_another_script_or_size_is_refused(
    root: TestClient, group: dict[str, Seeded]
) -> None:
    ref = group["NORTH"].names["pickup_ref"]
    for counted in ("\u00b2", "\u2460", "9999999"):
        data = {"kind": "counted", "counted": counted}
        assert root.post(f"/courier/{ref}/custody", data=data).status_code == 400, counted
    most = {"kind": "counted", "counted_envelopes": 2**53}
    assert root.post(f"/api/v1/pickups/{ref}/custody", json=most).status_code == 422
    bag = {"office": "NORTH", "bag_number": "B-9", "envelopes": 1, "checks": 1, "total": "9" * 28}
    assert root.post("/courier", data=bag).status_code == 400


def test_an_amount_has_at_most_fifteen_digits_of_cents() -> None:
    assert Money.parse("0009999999999999.99").cents == 10**15 - 1
    for text in ("10000000000000", "9" * 20, "1,000,000,000,000,000.00"):
        with pytest.raises(ValueError, match="digits"):
            Money.parse(text)


@pytest.mark.parametrize("row", ["2026-11-16,99999999999999999999", "0001-01-01,5.00"])
def test_a_bank_line_that_cannot_be_is_no_line_of_ours(root: TestClient, row: str) -> None:
    content = f"Date,Amount,Account\n{row},000123451\n".encode()
    answer = root.post("/bank/import", files={"file": (f"{row}.csv", content, "text/csv")})
    assert answer.status_code in {303, 400, 422}
    page = root.get("/bank")
    assert page.status_code == 200
    assert "<td>0001-01-01" not in page.text


@pytest.mark.parametrize("content", [b"1", b"[1]", b"{}", b"[1, 2]", b"null", b"\xff", b"[" * 3000])
def test_a_notice_that_is_none_of_ours_is_ignored(root: TestClient, content: bytes) -> None:
    root.cookies.set(NOTICE_COOKIE, base64.urlsafe_b64encode(content).decode())
    assert root.get("/me").status_code == 200


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_wrong_method_or_a_broken_form_comes_with_a_remedy(root: TestClient, accept: str) -> None:
    method = root.delete("/search", headers={"accept": accept})
    assert method.status_code == 405
    assert "menu" in method.text
    broken = root.post(
        "/bank/import",
        content=b"not a form",
        headers={"accept": accept, "content-type": "multipart/form-data"},
    )
    assert broken.status_code == 400
    assert "repeat" in broken.text
