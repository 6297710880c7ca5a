"""The API: tokens, uploads that may be repeated, and errors a program can act on."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from records.installation import Installation
from records.models import SourceFile, User
from tests.web.conftest import ORIGIN, Clients
from tests.web.seed import Seeded
from web import auth
from web.app import create_app

Programs = Callable[[str], TestClient]


@pytest.fixture(scope="module")
def program_of(installation: Installation, group: dict[str, Seeded]) -> Programs:
    """A program with a token of this user; it sends no cookie and no origin."""
    app = create_app(installation)

    def program(username: str) -> TestClient:
        with installation.db.write() as session:
            user = session.scalars(select(User).where(User.username == username)).one()
            token = auth.new_api_token(session, user.id, "test", user.actor)
        return TestClient(
            app,
            base_url=ORIGIN,
            headers={"authorization": f"Bearer {token}"},
            follow_redirects=False,
        )

    return program


def test_a_token_opens_the_api_and_nothing_else(program_of: Programs) -> None:
    program = program_of("specialist.north")
    assert program.get("/api/v1/files").status_code == 200
    assert program.get("/files").status_code == 303
    program.headers["authorization"] = "Bearer lbx_made-up"
    answer = program.get("/api/v1/files")
    assert answer.status_code == 401
    assert set(answer.json()) == {"code", "message", "remedy"}


def test_a_revoked_token_opens_nothing(client_of: Clients) -> None:
    client = client_of("billing.north")
    page = client.post("/me/tokens", data={"label": "scanner"}).text
    token = page.split('class="copy">')[1].split("<")[0]
    bearer = {"authorization": f"Bearer {token}"}
    client.cookies.clear()
    assert client.get("/api/v1/pickups", headers=bearer).status_code == 200
    client = client_of("billing.north")
    listed = client.get("/me").text
    assert token not in listed
    token_id = listed.split("/me/tokens/")[1].split("/")[0]
    assert client.post(f"/me/tokens/{token_id}/revoke").status_code == 303
    client.cookies.clear()
    assert client.get("/api/v1/pickups", headers=bearer).status_code == 401


def test_an_upload_repeated_under_its_key_gets_the_first_answer(
    program_of: Programs, installation: Installation
) -> None:
    program = program_of("courier.north")
    url = "/api/v1/uploads?office=NORTH&name=bag.pdf"
    first = program.post(url, content=b"%PDF bag", headers={"idempotency-key": "k1"})
    assert first.status_code == 201
    again = program.post(url, content=b"%PDF bag", headers={"idempotency-key": "k1"})
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = program.post(url, content=b"%PDF other", headers={"idempotency-key": "k1"})
    assert other.status_code == 409
    assert other.json()["code"] == "idempotency_key_reused"
    plain = program.post(url, content=b"%PDF bag")
    assert plain.status_code == 200
    assert plain.json()["duplicate"] is True
    with installation.db.read() as session:
        count = session.scalar(
            select(func.count()).select_from(SourceFile).where(SourceFile.name == "bag.pdf")
        )
    assert count == 1


def test_an_upload_goes_to_an_office_and_pickup_in_sight(
    program_of: Programs, group: dict[str, Seeded]
) -> None:
    program = program_of("courier.north")
    for query in ("office=SOUTH", f"office=NORTH&pickup={group['SOUTH'].names['pickup_ref']}"):
        answer = program.post(f"/api/v1/uploads?{query}", content=b"%PDF elsewhere")
        assert answer.status_code == 404, query


def test_a_pickup_is_started_and_handed_on(program_of: Programs) -> None:
    program = program_of("courier.north")
    made = program.post(
        "/api/v1/pickups",
        json={
            "office_code": "NORTH",
            "bag_number": "A1",
            "declared_envelopes": 1,
            "declared_checks": 1,
        },
    ).json()
    assert made["agrees"] is False
    sent = program.post(f"/api/v1/uploads?office=NORTH&pickup={made['ref']}", content=b"%PDF p1")
    assert sent.status_code == 201
    moved = program.post(f"/api/v1/pickups/{made['ref']}/custody", json={"kind": "received"})
    assert moved.json()["state"] == "received"
    assert moved.json()["files"] == 1
    wrong = program.post(f"/api/v1/pickups/{made['ref']}/custody", json={"kind": "lost"})
    assert wrong.json()["code"] == "unknown_custody_event"
    missing = program.post("/api/v1/pickups", json={"office_code": "NORTH"})
    assert missing.status_code == 422
    assert "bag_number" in missing.json()["message"]


def test_payments_are_found_by_what_people_know_of_them(
    program_of: Programs, group: dict[str, Seeded]
) -> None:
    program = program_of("specialist.north")
    ref = group["NORTH"].names["payment_ref"]
    for text in (ref, ref.lower().replace("-", "-", 1), "101", "$125.00", "quill"):
        found = program.get("/api/v1/payments", params={"q": text}).json()["payments"]
        assert [each["ref"] for each in found] == [ref], text
    foreign = group["SOUTH"].names["payment_ref"]
    assert program.get("/api/v1/payments", params={"q": foreign}).json() == {"payments": []}


def test_an_account_says_whether_its_payment_arrived_and_cleared(
    program_of: Programs, group: dict[str, Seeded]
) -> None:
    status = (
        program_of("auditor.north")
        .get(f"/api/v1/accounts/{group['NORTH'].names['account_number']}")
        .json()
    )
    (payment,) = status["payments"]
    assert payment["amount_cents"] == 12_500
    assert payment["deposit_state"] == "depositable"
    assert payment["cleared"] is None


def test_accounts_are_imported_after_a_dry_run_by_people_of_all_offices(
    program_of: Programs,
) -> None:
    text = (
        "account_number,office_code,patient_first,patient_last,patient_birth_on,"
        "guarantor_first,guarantor_last,street,city,state,zip,member_id,household\n"
        "77001,NORTH,Al,Ray,,Al,Ray,2 Oak St,Troy,NY,12180,,\n"
        "77002,NOWHERE,Al,Ray,,Al,Ray,2 Oak St,Troy,NY,12180,,\n"
    )
    assert (
        program_of("billing.north").post("/api/v1/accounts/import", content=text).json()["code"]
        == "whole_group_only"
    )
    root = program_of("root")
    for dry in ("true", "false"):
        report = root.post(f"/api/v1/accounts/import?dry_run={dry}", content=text).json()
        assert report["added"] == 1
        assert report["refused"][0]["line"] == 3
    assert root.post("/api/v1/accounts/import", content=text).json()["unchanged"] == 1
    assert root.post("/api/v1/accounts/import", content=b"\xff\xfe").json()["code"] == "not_text"


def test_queue_deposits_and_the_proof_of_the_day_answer(
    program_of: Programs, group: dict[str, Seeded]
) -> None:
    program = program_of("billing.north")
    items = program.get("/api/v1/queue").json()["items"]
    assert [each["ref"] for each in items] == [group["NORTH"].names["item_ref"]]
    deposits = program.get("/api/v1/deposits").json()["deposits"]
    assert [each["ref"] for each in deposits] == [group["NORTH"].names["deposit_ref"]]
    proof = program.get("/api/v1/days/proof?date=2026-11-16").json()
    assert proof["date"] == "2026-11-16"
    assert "unexplained_cents" in proof


def test_the_description_lists_every_call_and_its_roles(program_of: Programs) -> None:
    program = program_of("root")
    document = program.get("/api/openapi.json").json()
    assert "/api/v1/uploads" in document["paths"]
    assert all("x-roles" in call for path in document["paths"].values() for call in path.values())
    assert not any(path.startswith("/api/docs") for path in document["paths"])
    page = program.get("/api/docs").text
    assert "/api/v1/uploads" in page
    assert "http://" not in page.replace(ORIGIN, "").replace("http://www.w3.org", "")
