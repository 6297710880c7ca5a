"""The bank on the web: files come in once, credits settle deposits, the rest is explained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.models import BankAccount, BankFile, BankLine, Deposit
from tests.matching.world import ROUTING
from tests.web.desk import BANK_NUMBER, EAST_NUMBER, Desk, open_desk
from web.demo.bank_file import Credit, bank_bai2

DAY = date(2026, 11, 16)
SERIALS = iter(range(100, 999))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("bank"))
    yield made
    made.installation.close()


@pytest.fixture
def bill(desk: Desk) -> TestClient:
    return desk.client("bill")


def approved(desk: Desk, cents: int) -> tuple[str, str]:
    """An approved deposit of one check: its reference and the check's payment."""
    payment = desk.matched(cents, str(next(SERIALS)))
    bill, beth = desk.client("bill"), desk.client("beth")
    answer = bill.post("/deposits/open/B-NORTH", data={"business_on": DAY.isoformat()})
    ref = answer.headers["location"].rsplit("/", 1)[1]
    total = f"{cents // 100}.{cents % 100:02d}"
    assert bill.post(f"/deposits/{ref}/close", data={"count": 1, "total": total}).status_code == 303
    assert beth.post(f"/deposits/{ref}/approve").status_code == 303
    return ref, payment


def bring(client: TestClient, *cents: int, name: str = "day.bai") -> str:
    """Import a file with these credits; what the page says about it."""
    paid = [Credit(DAY, each, BANK_NUMBER, ROUTING, f"R{each}") for each in cents]
    answer = client.post(
        "/bank/import", files={"file": (name, bank_bai2(paid), "application/octet-stream")}
    )
    assert answer.status_code == 303, answer.text
    said = re.search(r'class="toast \w+">([^<]+)', client.get("/bank").text)
    assert said is not None
    return said[1]


def line(desk: Desk, cents: int) -> BankLine:
    with desk.installation.db.read() as session:
        return session.scalars(select(BankLine).where(BankLine.amount_cents == cents)).one()


def deposit(desk: Desk, ref: str) -> Deposit:
    with desk.installation.db.read() as session:
        return session.scalars(select(Deposit).where(Deposit.ref == ref)).one()


def test_a_credit_settles_its_deposit_and_the_same_file_counts_once(
    desk: Desk, bill: TestClient
) -> None:
    ref, _ = approved(desk, 125_00)
    assert "1 new lines, 0 known, 1 settled, 0 to be matched" in bring(bill, 125_00)
    assert deposit(desk, ref).state == "credited"
    assert "imported already" in bring(bill, 125_00, name="again.bai")


def test_a_credit_that_differs_is_settled_by_a_person_who_names_the_difference(
    desk: Desk, bill: TestClient
) -> None:
    ref, _ = approved(desk, 80_00)
    assert "1 to be matched" in bring(bill, 79_00)
    row = line(desk, 79_00)
    assert row.state == "unmatched"
    assert ref in bill.get("/bank").text
    unnamed = bill.post(f"/bank/lines/{row.id}/settle", data={"deposit": ref})
    assert unnamed.status_code in {400, 409}
    named = bill.post(
        f"/bank/lines/{row.id}/settle", data={"deposit": ref, "reason": "keying error"}
    )
    assert named.status_code == 303
    assert deposit(desk, ref).state == "credited"
    assert "keying error" in bill.get("/bank").text


def test_a_line_that_is_no_deposit_is_explained_and_taken_back(
    desk: Desk, bill: TestClient
) -> None:
    bring(bill, 3_33)
    row = line(desk, 3_33)
    said = bill.post(f"/bank/lines/{row.id}/explain", data={"explanation": "interest"})
    assert said.status_code == 303
    assert line(desk, 3_33).state == "explained"
    assert bill.post(f"/bank/lines/{row.id}/unexplain").status_code == 303
    assert line(desk, 3_33).state == "unmatched"


def test_a_returned_check_is_entered_by_its_reference(desk: Desk, bill: TestClient) -> None:
    _, payment = approved(desk, 70_00)
    bring(bill, 70_00)
    wrong = {"payment": payment, "reason": "stop payment", "returned_on": "soon"}
    assert bill.post("/bank/find-returned", data=wrong).status_code == 400
    entry = {**wrong, "payment": payment.lower(), "returned_on": "2026-11-18"}
    early = {**entry, "returned_on": "2026-11-15"}
    assert "returned_too_early" in bill.post("/bank/find-returned", data=early).text
    unknown = {**entry, "reason": "felt like it"}
    assert "unknown_reason" in bill.post("/bank/find-returned", data=unknown).text
    assert bill.post("/bank/find-returned", data=entry).status_code == 303
    assert desk.payment(payment).deposit_state == "returned"
    page = bill.get("/bank").text
    assert payment in page
    assert bill.post("/bank/find-returned", data={**entry, "payment": "PAY-X"}).status_code == 404


def test_a_file_that_is_none_of_the_banks_is_refused(desk: Desk, bill: TestClient) -> None:
    answer = bill.post("/bank/import", files={"file": ("x.csv", b"hello", "text/csv")})
    assert answer.status_code in {400, 409, 422}
    assert desk.client("audrey").get("/bank").status_code == 200
    assert desk.client("audrey").post("/bank/import").status_code == 403


def send(client: TestClient, content: bytes, name: str = "day.bai", **form: str):
    return client.post("/bank/import", files={"file": (name, content, "text/plain")}, data=form)


def test_a_file_brings_in_only_lines_of_accounts_in_sight(desk: Desk, bill: TestClient) -> None:
    edna = desk.client("edna")
    ref, _ = approved(desk, 61_00)
    ours = Credit(DAY, 60_00, EAST_NUMBER, ROUTING, "R60")
    theirs = Credit(DAY, 61_00, BANK_NUMBER, ROUTING, "R61")
    refused = send(edna, bank_bai2([theirs]))
    assert refused.status_code == 400
    assert "bank_account_unknown" in refused.text
    both = bank_bai2([ours, theirs])
    assert send(edna, both, name="both-banks.bai").status_code == 303
    page = edna.get("/bank").text
    assert "1 new lines" in page
    assert "1 lines of other accounts left out" in page
    assert "both-banks.bai" in page
    assert line(desk, 60_00).state == "unmatched"
    assert deposit(desk, ref).state == "approved"
    # The same file brings the rest in for somebody who may see it.
    assert send(bill, both).status_code == 303
    assert "1 new lines, 1 known, 1 settled" in bill.get("/bank").text
    assert deposit(desk, ref).state == "credited"


def test_an_office_does_not_see_files_of_other_banks(desk: Desk, bill: TestClient) -> None:
    bring(bill, 2_17, name="only-north.bai")
    assert "only-north.bai" in bill.get("/bank").text
    assert "only-north.bai" not in desk.client("edna").get("/bank").text


def test_a_file_that_names_no_account_goes_where_the_person_says(
    desk: Desk, bill: TestClient
) -> None:
    with desk.installation.db.read() as session:
        codes = {each.code: each.id for each in session.scalars(select(BankAccount))}
    plain = b"Date,Amount,Description\n2026-11-16,4.44,INTEREST\n"
    assert send(bill, plain, "plain.csv").status_code == 400
    edna = desk.client("edna")
    assert send(edna, plain, "plain.csv", bank_account_id=codes["B-NORTH"]).status_code == 400
    assert send(edna, plain, "plain.csv", bank_account_id=codes["B-EAST"]).status_code == 303
    assert line(desk, 4_44).bank_account_id == codes["B-EAST"]
    again = send(bill, plain, "plain.csv", bank_account_id=codes["B-NORTH"])
    assert "imported already" in bill.get("/bank").text
    assert again.status_code == 303


def test_a_bank_file_above_a_form_s_size_is_taken_and_one_too_large_is_told(
    desk: Desk, bill: TestClient
) -> None:
    padding = b"".join(b"\n" for _ in range(2_000_000))
    rows = b"Date,Amount,Description,Account\n2026-11-16,5.55,FEE,%b\n" % BANK_NUMBER.encode()
    assert send(bill, rows + padding, "large.csv").status_code == 303
    with desk.installation.db.read() as session:
        assert session.scalars(select(BankFile).where(BankFile.name == "large.csv")).one()
    huge = send(bill, rows + b" " * 21_000_000, "huge.csv")
    assert huge.status_code == 413
    assert "too_large" in huge.text
