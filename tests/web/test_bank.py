"""The bank on the web: files come in once, credits settle deposits, the rest is explained."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.models import BankAccount, BankFile, BankLine, Deposit
from tests.deposits.test_returning import letter, returned
from tests.matching.world import ROUTING
from tests.web.desk import BANK_NUMBER, EAST_NUMBER, Desk, open_desk
from web import cli, security
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
    padding = b"\n" * (security.SMALL_BODY_BYTES + 1)
    rows = b"Date,Amount,Description,Account\n2026-11-16,5.55,FEE,%b\n" % BANK_NUMBER.encode()
    assert send(bill, rows + padding, "large.csv").status_code == 303
    with desk.installation.db.read() as session:
        assert session.scalars(select(BankFile).where(BankFile.name == "large.csv")).one()
    huge = send(bill, rows + b" " * 21_000_000, "huge.csv")
    assert huge.status_code == 413
    assert "too_large" in huge.text


def test_a_suggestion_is_settled_with_one_press(desk: Desk, bill: TestClient) -> None:
    one, _ = approved(desk, 310_00)
    two, _ = approved(desk, 420_00)
    bring(bill, 730_00)
    row = line(desk, 730_00)
    assert row.state == "unmatched"  # such round sums come out right by chance
    page = bill.get("/bank").text
    form = next(
        each
        for each in re.findall(r"<form.*?</form>", page, re.DOTALL)
        if f"/bank/lines/{row.id}/settle" in each and one in each and two in each
    )
    assert "2 deposits together make it" in form
    fields = re.findall(r'name="(deposit|also)" value="([^"]+)"', form)
    done = bill.post(
        f"/bank/lines/{row.id}/settle", data={"deposit": [value for _, value in fields]}
    )
    assert done.status_code == 303
    assert (deposit(desk, one).state, deposit(desk, two).state) == ("credited", "credited")
    page = bill.get("/bank").text
    assert f'href="/deposits/{one}"' in page


def test_a_part_is_settled_and_the_rest_waits(desk: Desk, bill: TestClient) -> None:
    ref, _ = approved(desk, 951_00)
    bring(bill, 500_01)
    row = line(desk, 500_01)
    assert bill.post(f"/bank/lines/{row.id}/part", data={"deposit": ref}).status_code == 303
    assert deposit(desk, ref).state == "approved"
    bring(bill, 450_99)
    assert deposit(desk, ref).state == "credited"


def test_a_line_is_settled_by_a_returned_check_only_of_its_own_account(
    desk: Desk, bill: TestClient
) -> None:
    _, payment = approved(desk, 88_00)
    bring(bill, 88_00)
    row = send(bill, b"Date,Amount,Description,Account\n2026-11-19,-88.00,RETURNED ITEM,%b\n"
               % BANK_NUMBER.encode(), "back.csv")  # fmt: skip
    assert row.status_code == 303
    with desk.installation.db.read() as session:
        rows = session.scalars(select(BankLine).where(BankLine.amount_cents == 88_00))
        [debit] = [each for each in rows if each.direction == "debit"]
    assert payment in bill.get("/bank").text
    done = bill.post(f"/bank/lines/{debit.id}/returned", data={"check": payment})
    assert done.status_code == 303
    assert desk.payment(payment).deposit_state == "returned"


def test_the_work_list_of_the_bank_is_told_on_the_command_line(
    desk: Desk, bill: TestClient, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    ref, _ = approved(desk, 612_34)
    bring(bill, 611_34)
    row = line(desk, 611_34)
    assert cli.run(["bank", "exceptions", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["exceptions"]
    [mine] = [each for each in told if each["line"] == row.id]
    assert (mine["suggestions"][0]["refs"], mine["suggestions"][0]["difference_cents"]) == (
        [ref], -100)  # fmt: skip
    assert cli.run(["bank", "settle", row.id, "--deposit", ref]) == 2
    assert "adjustment_needed" in capsys.readouterr().err
    assert cli.run(["bank", "settle", row.id, "--deposit", ref, "--reason", "keying"]) == 0
    assert deposit(desk, ref).state == "credited"


def test_a_return_cash_letter_is_imported_and_a_fee_suggested(
    desk: Desk, bill: TestClient, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    _, payment = approved(desk, 93_00)
    bring(bill, 93_00)
    assert cli.run(["bank", "return-fee", "--office", "NORTH", "25.00", "--user", "ada"]) == 0
    unknown = send(bill, letter(returned(1, 93_00)), "returns.x937")
    assert unknown.status_code == 303
    assert f"perhaps {payment}" in bill.get("/bank").text
    entry = {"payment": payment, "reason": "stop payment", "returned_on": "2026-11-18"}
    assert bill.post("/bank/find-returned", data=entry).status_code == 303
    assert "$25.00 to 2100000045" in bill.get("/bank").text
    assert cli.run(["bank", "returns", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)["returns"]
    [mine] = [each for each in told if each["payment"] == payment]
    assert (mine["fee"]["fee_cents"], mine["fee"]["account_number"]) == (25_00, "2100000045")


def test_one_debit_charges_back_checks_that_are_ticked_and_typed(
    desk: Desk, bill: TestClient
) -> None:
    paid = [approved(desk, cents)[1] for cents in (71_00, 72_00)]
    bring(bill, 71_00, 72_00)
    entry = {"payment": paid[0], "reason": "stop payment", "returned_on": "2026-11-18"}
    assert bill.post("/bank/find-returned", data=entry).status_code == 303
    row = b"Date,Amount,Description,Account\n2026-11-19,-143.00,RETURNED ITEMS 2,%b\n"
    assert send(bill, row % BANK_NUMBER.encode(), "two.csv").status_code == 303
    debit = line(desk, 143_00)
    page = bill.get("/bank").text
    [form] = [
        each
        for each in re.findall(r"<form.*?</form>", page, re.DOTALL)
        if f"/bank/lines/{debit.id}/returned" in each and "checkbox" in each
    ]
    [ref] = re.findall(
        r'name="check" value="([^"]+)"> <span class="ref">[^<]+</span> \$71.00', form
    )
    done = bill.post(
        f"/bank/lines/{debit.id}/returned", data={"check": [ref], "more": paid[1].lower()}
    )
    assert done.status_code == 303
    assert [desk.payment(each).deposit_state for each in paid] == ["returned", "returned"]
    assert line(desk, 143_00).state == "settled"


def test_a_returned_item_that_nobody_knows_is_tied_or_told_the_bank(
    desk: Desk, bill: TestClient, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    _, payment = approved(desk, 74_00)
    bring(bill, 74_00)
    letter_ = letter(returned(1, 74_00), returned(2, 75_01, "777/42"))
    assert send(bill, letter_, "returns.x937").status_code == 303
    assert cli.run(["bank", "exceptions", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)["returns"]
    ours, theirs = (
        next(each for each in told if each["amount_cents"] == cents) for cents in (74_00, 75_01)
    )
    assert (ours["candidates"], theirs["check_number"]) == ([payment], "42")
    page = bill.get("/bank").text
    assert f"It is {payment}" in page
    assert "Find its check by the amount" in page
    form = {"item": ours["unmatched_return"], "payment": payment}
    assert bill.post("/bank/unmatched/tie", data=form).status_code == 303
    assert desk.payment(payment).deposit_state == "returned"
    ref = theirs["unmatched_return"]
    assert cli.run(["bank", "tie", ref, "--check", payment]) == 2
    assert "amounts_differ" in capsys.readouterr().err
    assert cli.run(["bank", "not-ours", ref, "--why", "No such check."]) == 0
    assert "No such check." in capsys.readouterr().out
    assert f"/bank/unmatched/note?item={ref}" in bill.get("/bank").text
    assert "$75.01" in bill.get(f"/bank/unmatched/note?item={ref}").text
    account = re.search(r'<option value="([^"]+)">', page.split('id="k-account"')[1])
    assert account is not None
    kept = {"bank_account": account[1], "amount": "12.34", "reason": "stale",
            "returned_on": "2026-11-18", "words": "check 9"}  # fmt: skip
    assert bill.post("/bank/unmatched/keep", data=kept).status_code == 303
    assert "$12.34" in bill.get("/bank").text.split('id="unmatched"')[1]


def test_a_bank_s_file_that_does_not_add_up_is_told(
    desk: Desk, bill: TestClient, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], tmp_path: Path,
) -> None:  # fmt: skip
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    today = datetime.now(UTC).date()
    rows = f"{today:%m/%d/%Y},{BANK_NUMBER},1.00,INTEREST,101.00\n"
    rows += f"{today:%m/%d/%Y},{BANK_NUMBER},2.00,INTEREST,103.07\n"
    path = tmp_path / "running.csv"
    path.write_text(f"Date,Account,Amount,Description,Balance\n{rows}")
    assert cli.run(["bank", "show", str(path)]) == 0
    assert "out by $0.07 at line 3" in capsys.readouterr().out
    assert send(bill, path.read_bytes(), "running.csv").status_code == 303
    page = bill.get("/bank").text
    assert "out by $0.07" in page
    assert "<strong>$103.07</strong>" in page
    assert cli.run(["bank", "balances", "--bank-account", "B-NORTH", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["balances"][-1]["closing_cents"] == 103_07
    assert [each["code"] for each in told["findings"]] == ["balance_differs"]


def test_a_column_map_is_saved_on_the_page_and_reads_the_bank_s_own_csv(
    desk: Desk, bill: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = b"Posted on;Value;What\n2026-11-16;7.31;INTEREST PAID\n"
    form = {"date": "Posted on", "amount": "Value", "text": "What"}
    saved = bill.post("/bank/map/B-NORTH", data=form, files={"file": ("own.csv", own, "text/csv")})
    assert saved.status_code == 303
    assert "it reads 1 lines of the sample" in bill.get("/bank").text
    assert send(bill, own, "own.csv").status_code == 303
    assert line(desk, 7_31).kind == "other"
    wrong = bill.post(
        "/bank/map/B-NORTH", data={"date": "Posted on"}, files={"file": ("own.csv", own)}
    )
    assert "column_missing" in wrong.text
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    (tmp_path / "own.csv").write_bytes(own)
    pairs = [each for name, title in form.items() for each in ("--column", f"{name}={title}")]
    assert cli.run(["bank", "map", "B-EAST", str(tmp_path / "own.csv"), *pairs]) == 0


def test_commands_on_money_take_the_name_of_a_biller_only(
    desk: Desk, bill: TestClient, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    ref, _ = approved(desk, 94_00)
    for words in (
        ["deposit", "approve", ref],
        ["deposit", "close", ref, "--count", "1", "--total", "94.00"],
        ["bank", "settle", "no-line", "--deposit", ref],
        ["posting", "send", "--office", "NORTH"],
    ):
        assert cli.run([*words, "--user", "sam"]) == 2
        assert "[wrong_role]" in capsys.readouterr().err, words
    assert deposit(desk, ref).state == "approved"


def test_a_returned_check_is_deposited_again_on_the_page_and_by_command(
    desk: Desk, bill: TestClient, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    refs = [approved(desk, cents)[1] for cents in (95_00, 96_00)]
    bring(bill, 95_00, 96_00)
    again = [f"/bank/returned/{ref}/again" for ref in refs]
    assert bill.post(again[0]).status_code == 409  # the bank has not given it back
    for ref in refs:
        entry = {"payment": ref, "reason": "stop payment", "returned_on": "2026-11-18"}
        assert bill.post("/bank/find-returned", data=entry).status_code == 303
    assert all(path in bill.get("/bank").text for path in again)
    assert "returned 2026-11-18, stop payment" in bill.get(f"/payments/{refs[0]}").text
    assert desk.client("sam").post(again[0]).status_code == 403
    assert bill.post(again[0]).status_code == 303
    assert cli.run(["bank", "redeposit", refs[1], "--user", "bill"]) == 0
    for ref in refs:
        payment = desk.payment(ref)
        assert (payment.deposit_state, payment.presentation) == ("depositable", 2)
    page = bill.get("/bank").text
    assert not any(path in page for path in again)
    assert page.count("presented again: depositable") == 2
    assert bill.post(again[0]).status_code == 409
    assert cli.run(["bank", "redeposit", refs[1]]) == 2
    assert "[payment_not_returned]" in capsys.readouterr().err
