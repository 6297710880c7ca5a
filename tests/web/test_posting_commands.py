"""Postings from the command line: an office's columns, its connection, what is late."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from records import clock
from records.models import Office, Payment, PmsConnection, SourceFile, User
from tests.matching import world
from tests.web.desk import Desk, open_desk
from tests.web.test_cli import here as lockbox
from tests.web.test_cli import one_line

KEYS = {"LOCKBOX_OPEN_DENTAL_DEVELOPER_KEY": "DevKey01",
        "LOCKBOX_OPEN_DENTAL_CUSTOMER_KEY": "CustKey02"}  # fmt: skip
MAP = {"columns": [{"title": "Acct", "field": "account_number"}, {"title": "Ref", "field":
       "posting"}, {"title": "Cents", "field": "amount"}], "amounts": "cents"}  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk whose folder is also the command line's; nothing of it is open in this process."""
    folder = tmp_path_factory.mktemp("posting-commands")
    made = open_desk(folder)
    made.installation.close()
    return made


@pytest.fixture
def folder(desk: Desk) -> Path:
    return desk.installation.settings.data_dir


def test_an_office_saves_its_columns_and_its_file_has_them(
    desk: Desk, folder: Path, tmp_path: Path
) -> None:
    source = tmp_path / "columns.json"
    source.write_text(json.dumps(MAP))
    saved = lockbox(folder, "posting", "columns", "--office", "NORTH", "--file", str(source))
    assert saved.returncode == 0, saved.stderr
    shown = lockbox(folder, "posting", "columns", "--office", "NORTH")
    assert json.loads(shown.stdout) == MAP
    desk.matched(125_00, "801")
    desk.work()
    out, again = tmp_path / "north.csv", tmp_path / "again.csv"
    wrote = lockbox(folder, "posting", "export", "--office", "NORTH", "--out", str(out), "--json")
    assert wrote.returncode == 0, wrote.stderr
    header, line = out.read_text().splitlines()
    assert header == "Acct,Ref,Cents"
    assert line.startswith("2100000045,PO-")
    assert line.endswith(",12500")
    ref = json.loads(wrote.stdout)["ref"]
    assert lockbox(folder, "posting", "resend", ref, "--out", str(again)).returncode == 0
    assert again.read_bytes() == out.read_bytes()

    source.write_text(json.dumps({**MAP, "columns": MAP["columns"][:2]}))
    refused = lockbox(folder, "posting", "columns", "--office", "NORTH", "--file", str(source))
    assert refused.returncode == 2
    assert one_line(refused).endswith("[wrong_column_map]")
    assert json.loads(lockbox(folder, "posting", "columns", "--office", "NORTH").stdout) == MAP
    assert lockbox(folder, "posting", "columns", "--office", "NORTH", "--usual").returncode == 0
    assert lockbox(folder, "posting", "columns", "--office", "NORTH").stdout.strip() == "null"


def test_an_administrator_connects_an_office_and_no_key_is_ever_shown(
    desk: Desk, folder: Path
) -> None:
    unset = lockbox(folder, "posting", "send", "--office", "NORTH")
    assert one_line(unset).endswith("[pms_not_set_up]")
    words = ("posting", "connect", "--office", "NORTH", "--url", "http://127.0.0.1:9/api/v1",
             "--pay-type", "69")  # fmt: skip
    assert one_line(lockbox(folder, *words, **KEYS)).endswith("[name_missing]")
    assert one_line(lockbox(folder, *words, "--user", "bill", **KEYS)).endswith("[wrong_role]")
    done = lockbox(folder, *words, "--user", "ada", **KEYS)
    assert done.returncode == 0, done.stderr
    with desk.installation.db.read() as session:
        held = session.scalars(select(PmsConnection)).one()
        assert (held.options, held.set_by) == ({"pay_type": 69}, "user:ada")
        assert held.sealed["customer_key"] == "CustKey02"
    desk.matched(99_00, "802")
    desk.work()
    sent = lockbox(folder, "posting", "send", "--office", "NORTH", "--json")
    assert sent.returncode == 0, sent.stderr
    assert json.loads(sent.stdout) == {"posted": 0, "failed": 0, "unknown": 0, "again": 1,
                                       "left": 0}  # fmt: skip
    doctor = lockbox(folder, "doctor", **KEYS)
    assert "CustKey02" not in done.stdout + done.stderr + sent.stdout + doctor.stdout
    assert (
        lockbox(folder, "posting", "disconnect", "--office", "NORTH", "--user", "ada").returncode
        == 0
    )
    off = lockbox(folder, "posting", "send", "--office", "NORTH")
    assert one_line(off).endswith("[pms_not_set_up]")


def test_what_is_late_is_told_by_office(desk: Desk, folder: Path) -> None:
    (ref,) = desk.receive([world.check(61_00, "803", "Zelda Quist")])
    with desk.installation.db.write() as session:
        payment = session.scalars(select(Payment).where(Payment.ref == ref)).one()
        file = session.get_one(SourceFile, payment.transaction.source_file_id)
        file.created_at = clock.now() - timedelta(hours=30)
        code = session.get_one(Office, payment.office_id).code
    told = json.loads(lockbox(folder, "posting", "late", "--json").stdout)
    [line] = [x for each in told["offices"] if each["office"] == code for x in each["lines"]
              if x["payment_ref"] == ref]  # fmt: skip
    assert (line["reason"], line["amount_cents"], line["age_hours"]) == ("review", 61_00, 30)
    other = lockbox(folder, "posting", "late", "--office", "EAST", "--json")
    assert json.loads(other.stdout)["count"] == 0
    shown = lockbox(folder, "posting", "late")
    assert f"{code}" in shown.stdout
    assert "in review" in shown.stdout
    assert lockbox(folder, "posting", "late", "--office", "NOWHERE").returncode == 2


def test_somebody_named_writes_sends_and_answers_for_their_own_office_alone(
    desk: Desk, folder: Path, tmp_path: Path
) -> None:
    with desk.installation.db.write() as session:
        east = session.scalars(select(Office).where(Office.code == "EAST")).one()
        session.add(User(username="eve", display_name="Eve", role="billing", password_hash="x",
                         offices=[east]))  # fmt: skip
    desk.matched(77_00, "804")
    desk.work()
    out = tmp_path / "eve.csv"
    export = ("posting", "export", "--office", "NORTH", "--out", str(out))
    for words in (
        export,
        ("posting", "send", "--office", "NORTH"),
        ("posting", "columns", "--office", "NORTH", "--usual"),
    ):
        assert one_line(lockbox(folder, *words, "--user", "eve")).endswith("[not_your_office]")
    assert not out.exists()
    wrote = lockbox(folder, *export, "--json", "--user", "bill")
    assert wrote.returncode == 0, wrote.stderr
    ref = json.loads(wrote.stdout)["ref"]
    for words in (
        ("posting", "resend", ref, "--out", str(tmp_path / "again.csv")),
        ("posting", "acknowledge", ref, "--all"),
    ):
        assert one_line(lockbox(folder, *words, "--user", "eve")).endswith("[not_your_office]")
    assert not (tmp_path / "again.csv").exists()
    done = lockbox(folder, "posting", "acknowledge", ref, "--all", "--user", "bill")
    assert done.returncode == 0, done.stderr
