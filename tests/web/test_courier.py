"""Couriers start a pickup, send files and get a receipt; a file counts once."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from records.installation import Installation
from tests.web.conftest import Clients
from tests.web.seed import Seeded


@pytest.fixture
def courier(client_of: Clients) -> TestClient:
    return client_of("courier.north")


def start(client: TestClient, group: dict[str, Seeded], total: str = "1,250.00") -> str:
    answer = client.post(
        "/courier",
        data={
            "office": group["NORTH"].office_id,
            "bag_number": "B-9",
            "envelopes": "2",
            "checks": "1",
            "total": total,
        },
    )
    assert answer.status_code == 303
    return answer.headers["location"]


def send(client: TestClient, path: str, data: bytes, name: str = "a%20b.pdf"):
    return client.post(f"{path}/files", content=data, headers={"x-file-name": name})


def test_a_file_sent_is_answered_with_its_reference_and_kept_whole(
    courier: TestClient, group: dict[str, Seeded], installation: Installation
) -> None:
    path = start(courier, group)
    answer = send(courier, path, b"%PDF-1.7 one")
    assert answer.status_code == 201
    body = answer.json()
    assert body["ref"].startswith("ITM-")
    assert body["name"] == "a b.pdf"
    page = courier.get(path).text
    assert body["ref"] in page
    assert "a b.pdf" in page
    assert body["ref"] in courier.get(f"{path}/receipt").text


def test_the_same_bytes_again_are_already_received_under_the_first_reference(
    courier: TestClient, group: dict[str, Seeded]
) -> None:
    path = start(courier, group)
    first = send(courier, path, b"%PDF-1.7 twice").json()
    again = send(courier, path, b"%PDF-1.7 twice", "other.pdf")
    assert again.status_code == 200
    assert again.json()["duplicate"] is True
    assert again.json()["message"] == f"already received, item {first['ref']}"
    assert "already received" in courier.get(path).text


def test_the_plain_form_takes_several_files_at_once(
    courier: TestClient, group: dict[str, Seeded]
) -> None:
    path = start(courier, group)
    answer = courier.post(
        f"{path}/form",
        files=[
            ("files", ("x.png", b"\x89PNG x", "image/png")),
            ("files", ("y.png", b"\x89PNG y", "image/png")),
        ],
    )
    assert answer.status_code == 303
    page = courier.get(path).text
    assert "x.png" in page
    assert "y.png" in page


def test_a_file_over_the_limit_is_refused_with_a_remedy(
    courier: TestClient, group: dict[str, Seeded]
) -> None:
    path = start(courier, group)
    for size in (3_000_001, 5_000_000):
        answer = courier.post(
            f"{path}/files",
            content=b"x" * size,
            headers={"x-file-name": "big.tif", "accept": "application/json"},
        )
        assert answer.status_code in {400, 413}
        assert answer.json()["code"] == "too_large"
        assert answer.json()["remedy"]


def test_a_declared_total_that_is_no_amount_is_told_so(
    courier: TestClient, group: dict[str, Seeded]
) -> None:
    answer = courier.post(
        "/courier",
        data={
            "office": group["NORTH"].office_id,
            "bag_number": "B",
            "envelopes": "1",
            "checks": "1",
            "total": "about 5",
        },
    )
    assert answer.status_code == 400
    assert "not an amount" in answer.text


def test_the_bag_is_handed_on_and_received_once(
    courier: TestClient, group: dict[str, Seeded]
) -> None:
    path = start(courier, group)
    for kind, status in (("handed_over", 303), ("received", 303), ("received", 409)):
        answer = courier.post(f"{path}/custody", data={"kind": kind, "note": "to the mail room"})
        assert answer.status_code == status
    courier.post(f"{path}/custody", data={"kind": "counted", "counted": "3"})
    assert "Counted by hand" in courier.get(path).text


def test_a_courier_sees_names_only_of_files_that_courier_sent(
    client_of: Clients, courier: TestClient, group: dict[str, Seeded]
) -> None:
    path = start(courier, group)
    billing = client_of("billing.north")
    send(billing, path, b"%PDF sent by billing", "from-billing.pdf")
    send(courier, path, b"%PDF sent by courier", "from-courier.pdf")
    seen = courier.get(path).text
    assert "from-courier.pdf" in seen
    assert "from-billing.pdf" not in seen
    assert "from-billing.pdf" in billing.get(path).text


def test_an_office_out_of_sight_cannot_be_chosen(
    courier: TestClient, group: dict[str, Seeded]
) -> None:
    answer = courier.post(
        "/courier",
        data={
            "office": group["SOUTH"].office_id,
            "bag_number": "B",
            "envelopes": "1",
            "checks": "1",
        },
    )
    assert answer.status_code == 404
