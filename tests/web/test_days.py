"""The day on the web and on the command line: proved, signed once, printed; the month beside it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlalchemy import select

from records.models import DaySignature
from tests.matching.world import RECEIVED, check
from tests.web.desk import Desk, open_desk
from web import cli

NEXT = "2026-11-17"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("days"))
    made.receive([check(125_00, "1")])
    yield made
    made.installation.close()


@pytest.fixture
def bill(desk: Desk) -> TestClient:
    return desk.client("bill")


def test_a_day_is_signed_on_its_page_and_stays(desk: Desk, bill: TestClient) -> None:
    page = bill.get(f"/days/B-NORTH?on={RECEIVED}").text
    assert "Every cent is explained" in page
    assert "$125.00" in page
    assert "Not signed" in page
    assert "Sign this day" not in desk.client("audrey").get(f"/days/B-NORTH?on={RECEIVED}").text
    signed = bill.post("/days/B-NORTH/sign", data={"on": str(RECEIVED)})
    assert signed.status_code == 303
    desk.receive([check(7_00, "2")])
    page = bill.get(f"/days/B-NORTH?on={RECEIVED}").text
    assert "By bill" in page
    assert "$7.00" not in page
    assert "$132.00" not in page
    again = bill.post("/days/B-NORTH/sign", data={"on": str(RECEIVED)})
    assert (again.status_code, "day_signed" in again.text) == (409, True)
    following = re.search(r'signed next: <a href="([^"]+)"', page)
    assert following is not None
    late = bill.get(following[1]).text
    assert "Late events" in late
    assert "$7.00" in late
    with desk.installation.db.read() as session:
        assert session.scalars(select(DaySignature.signed_by)).all() == ["user:bill"]


def test_a_day_is_printed_as_pdf_and_spreadsheet(bill: TestClient) -> None:
    pdf = bill.get(f"/days/B-NORTH/proof.pdf?on={RECEIVED}")
    assert pdf.content.startswith(b"%PDF-")
    sheet = bill.get(f"/days/B-NORTH/proof.xlsx?on={RECEIVED}")
    assert load_workbook(io.BytesIO(sheet.content)).sheetnames == ["B-NORTH figures",
                                                                  "B-NORTH items"]  # fmt: skip
    assert "no-store" in sheet.headers["cache-control"]


def test_who_sees_not_all_offices_of_an_account_sees_no_day_of_it(desk: Desk) -> None:
    edna = desk.client("edna")
    assert edna.get("/days/B-EAST").status_code == 200
    assert edna.get("/days/B-NORTH").status_code == 404
    assert desk.client("sam").get("/days/B-NORTH").status_code == 403


def test_the_month_shows_the_figures_and_the_bars(bill: TestClient) -> None:
    page = bill.get(f"/month?month={RECEIVED:%Y-%m}").text
    assert re.search(r'<th scope="row">All</th><td class="num">\$\d+\.00', page)
    assert page.count("<rect x=") >= 1
    assert "2026-11-16 received" in page
    assert bill.get("/month?month=soon").status_code == 400


def test_the_commands_prove_sign_and_export_one_account(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))

    def run(*arguments: str) -> tuple[int, str, str]:
        code = cli.run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    day = ("--date", str(RECEIVED), "--bank-account", "B-EAST")
    code, out, _ = run("day", "proof", *day, "--json")
    shown = json.loads(out)
    assert (code, shown["signature"], shown["bank_account"]["code"]) == (0, None, "B-EAST")
    assert "name_missing" in run("day", "sign", *day)[2]
    assert "wrong_role" in run("day", "sign", *day, "--user", "sam")[2]
    code, out, _ = run("day", "sign", *day, "--user", "beth", "--json")
    assert (code, json.loads(out)["signed_by"]) == (0, "user:beth")
    assert "day_signed" in run("day", "sign", *day, "--user", "beth")[2]
    assert json.loads(run("day", "proof", *day, "--json")[1])["signature"]["intact"]
    for ending, magic in (("pdf", b"%PDF-"), ("xlsx", b"PK")):
        out_file = desk.installation.settings.data_dir / f"day.{ending}"
        assert run("day", "export", "--date", str(RECEIVED), "--out", str(out_file))[0] == 0
        assert out_file.read_bytes().startswith(magic)
    code, _, told = run("day", "export", "--date", str(RECEIVED), "--out", "day.doc")
    assert (code, "wrong_ending" in told) == (2, True)
    code, out, _ = run("day", "month", "--month", f"{RECEIVED:%Y-%m}", "--json")
    assert (code, json.loads(out)["month"]) == (0, "2026-11")
