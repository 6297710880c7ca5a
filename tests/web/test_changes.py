"""Account changes on the web and from the command line: written, answered, queued again."""

from __future__ import annotations

import csv
import io
import json
import os
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from records.models import Account, AccountChange, AuditEvent
from returned_mail import outbox
from tests.web.desk import Desk, open_desk
from web import cli


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return open_desk(tmp_path)


@pytest.fixture
def bill(desk: Desk) -> TestClient:
    return desk.client("bill")


def queued(desk: Desk, office: str = "NORTH", *, note: str = "=1+1") -> str:
    """A note about an account of this office waits; its reference."""
    with desk.installation.db.write() as session:
        account = session.scalars(
            select(Account).where(Account.office.has(code=office)).order_by(Account.number)
        ).first()
        assert account is not None
        row = outbox.queue_change(
            session, None, "account_note", account=account, actor="user:sam",
            content={"note": note}, again=note,
        )  # fmt: skip
        assert row is not None
        return row.ref


def state(desk: Desk, ref: str) -> str:
    with desk.installation.db.read() as session:
        return session.scalars(select(AccountChange.state).where(AccountChange.ref == ref)).one()


def test_what_waits_is_written_answered_and_queued_again(desk: Desk, bill: TestClient) -> None:
    ref = queued(desk)
    assert "Write the file" in bill.get("/changes").text
    assert bill.post("/changes/export/NORTH").status_code == 303
    (made,) = {row["export"] for row in bill.get("/api/v1/changes").json()["changes"]}
    file = bill.get(f"/changes/exports/{made}/file")
    assert "attachment" in file.headers["content-disposition"]
    (line,) = csv.DictReader(io.StringIO(file.text))
    assert (line["change"], line["note"]) == (ref, "'=1+1")
    answer = f"change,status,error\n{ref},refused,no such patient\n"
    sent = bill.post(f"/changes/exports/{made}/answer", files={"file": ("a.csv", answer)})
    assert sent.status_code == 303
    page = bill.get("/changes").text
    assert "no such patient" in page
    assert "Mend it in the PMS" in page
    assert bill.post(f"/changes/{ref}/requeue").status_code == 303
    assert state(desk, ref) == "queued"
    with desk.installation.db.read() as session:
        actions = set(session.scalars(select(AuditEvent.action)))
    assert {"account_changes.listed", "account_changes.resent", "account_change.refused",
            "account_change.requeued"} <= actions  # fmt: skip


def test_people_of_another_office_see_and_write_nothing_of_it(desk: Desk) -> None:
    ref = queued(desk)
    edna = desk.client("edna")
    assert ref not in edna.get("/changes").text
    assert edna.get("/api/v1/changes").json()["changes"] == []
    assert edna.post("/changes/export/NORTH").status_code == 404
    assert edna.post(f"/changes/{ref}/requeue").status_code == 404
    assert desk.client("sam").get("/changes").status_code == 403
    assert state(desk, ref) == "queued"


def lockbox(folder: Path, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    told = {**os.environ, "LOCKBOX_DATA_DIR": str(folder)}
    told.pop("LOCKBOX_DATABASE_URL", None)
    with patch.dict(os.environ, told, clear=True), redirect_stdout(out):
        code = cli.run(list(arguments))
    return code, out.getvalue()


def test_the_command_line_lists_writes_and_acknowledges(desk: Desk, tmp_path: Path) -> None:
    ref = queued(desk)
    desk.installation.close()
    folder, file = desk.installation.settings.data_dir, tmp_path / "out.csv"
    code, text = lockbox(folder, "changes", "list", "--json")
    (row,) = json.loads(text)["changes"]
    assert (code, row["change"], row["state"], row["age_hours"]) == (0, ref, "queued", 0)
    assert json.loads(lockbox(folder, "changes", "list", "--json", "--user", "edna")[1]) == {
        "changes": []
    }
    wrong = lockbox(folder, "changes", "export", "--office", "NORTH", "--out", str(file),
                    "--user", "edna")  # fmt: skip
    assert wrong[0] == 2
    code, text = lockbox(folder, "changes", "export", "--office", "NORTH", "--out", str(file),
                         "--json")  # fmt: skip
    made = json.loads(text)
    assert (code, made["count"]) == (0, 1)
    again = tmp_path / "again.csv"
    assert lockbox(folder, "changes", "resend", made["ref"], "--out", str(again))[0] == 0
    assert again.read_bytes() == file.read_bytes()
    assert lockbox(folder, "changes", "acknowledge", made["ref"], "--all")[0] == 0
    code, text = lockbox(folder, "changes", "list", "--state", "acknowledged", "--json")
    assert [row["change"] for row in json.loads(text)["changes"]] == [ref]


def test_the_report_on_returns_is_shown_as_page_file_and_json(desk: Desk, bill: TestClient) -> None:
    page = bill.get("/returned-mail/report?month=2026-11")
    assert page.status_code == 200
    assert "0 pieces came back" in page.text
    file = bill.get("/returned-mail/report.csv?first=2026-11-01&last=2026-11-30")
    assert file.text.startswith("by,name,returned,mailed,basis,rate")
    said = bill.get("/api/v1/returned-mail/report?month=2026-11").json()
    assert (said["from"], said["to"], said["returned"]) == ("2026-11-01", "2026-11-30", 0)
    wrongs = ("month=2026-13", "first=2026-11-30&last=2026-11-01", "first=x&last=y",
              "first=0001-01-01&last=0001-01-02", "first=9999-12-01&last=9999-12-31")  # fmt: skip
    for wrong in wrongs:
        assert bill.get(f"/returned-mail/report?{wrong}").status_code == 400, wrong
    with desk.installation.db.read() as session:
        actions = set(session.scalars(select(AuditEvent.action)))
    assert {"return_report.viewed", "return_report.exported"} <= actions


def test_the_report_is_told_on_the_command_line(desk: Desk) -> None:
    desk.installation.close()
    folder = desk.installation.settings.data_dir
    code, text = lockbox(folder, "task", "report", "--month", "2026-11", "--json")
    assert (code, json.loads(text)["by_reason"]) == (0, [])
    assert lockbox(folder, "task", "report", "--month", "nonsense")[0] == 2
