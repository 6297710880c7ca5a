"""The page of a deposit shows what the bank will see, and writes its cash letter once."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from deposits import bank_setup, icl, imaging, paper, sending
from deposits.icl.group4 import to_tiff
from records import clock
from records.models import AuditEvent, BankAccount, Deposit, Payment
from tests.deposits.icl.letters import data, letter
from tests.web.desk import Desk, open_desk
from web import capture
from web.cli import run

SPOTS = {"name": "spots", "side": "front", "found": 9.0, "limit": 6.0}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("letters"))
    with made.installation.db.write() as session:
        account = session.scalars(select(BankAccount).where(BankAccount.code == "B-NORTH")).one()
        values: dict[str, Any] = {"profile": "us_bank_2008", "origin_name": "North", "test": True}
        bank_setup.set_up(session, account, values, "user:ada")
    yield made
    made.installation.close()


@pytest.fixture
def bill(desk: Desk) -> TestClient:
    return desk.client("bill")


def _picture() -> bytes:
    ink = np.zeros((550, 1200), np.bool_)
    ink[100:110, 50:900] = True
    return to_tiff(ink, 200)


def _imaged(desk: Desk, ref: str, *suspects: dict[str, Any]) -> None:
    """The check's images, as the stage keeps them."""
    with desk.installation.db.write() as session:
        payment = session.scalars(select(Payment).where(Payment.ref == ref)).one()
        made = imaging.Made(payment.id, _picture(), _picture(), suspects=tuple(suspects))
        imaging.keep(session, [made])


def _approved(desk: Desk, bill: TestClient, *payments: str) -> str:
    answer = bill.post("/deposits/open/B-NORTH", data={"business_on": "2026-11-16"})
    ref = answer.headers["location"].rsplit("/", 1)[1]
    inside = re.findall(r'<span class="ref">(PAY-\w{3}-\w{4})', bill.get(f"/deposits/{ref}").text)
    assert set(payments) <= set(inside)
    page = bill.get(f"/deposits/{ref}").text
    sums = [round(float(each.replace(",", "")) * 100)
            for each in re.findall(r'<td class="num">\$([\d,.]+)</td>', page)]  # fmt: skip
    declared = {"count": len(sums), "total": f"{sum(sums) / 100:.2f}"}
    assert bill.post(f"/deposits/{ref}/close", data=declared).status_code == 303
    assert desk.client("beth").post(f"/deposits/{ref}/approve").status_code == 303
    return ref


def _actions(desk: Desk) -> list[str]:
    with desk.installation.db.read() as session:
        return list(session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def test_a_letter_waits_for_a_word_on_doubtful_images_and_is_written_once(
    desk: Desk, bill: TestClient
) -> None:
    sound, doubtful = desk.matched(125_00, "501"), desk.matched(80_00, "502")
    _imaged(desk, sound)
    _imaged(desk, doubtful, SPOTS)
    ref = _approved(desk, bill, sound, doubtful)
    page = bill.get(f"/deposits/{ref}").text
    assert "image in doubt: front spots" in page
    assert bill.post(f"/deposits/{ref}/letter").status_code == 409
    sent = bill.post(f"/deposits/{ref}/images", data={"payment": doubtful})
    assert sent.status_code == 303
    assert "bill sends it all the same" in bill.get(f"/deposits/{ref}").text
    assert bill.post(f"/deposits/{ref}/letter").status_code == 303
    first = bill.get(f"/deposits/{ref}/letter.x937")
    assert icl.check(io.BytesIO(first.content), icl.named("us_bank_2008")) == []
    assert bill.post(f"/deposits/{ref}/letter").status_code == 303
    assert bill.get(f"/deposits/{ref}/letter.x937").content == first.content
    assert {"check_image.accepted", "cash_letter.made", "cash_letter.downloaded"} <= set(
        _actions(desk)
    )


def test_the_banks_view_is_shown_and_each_look_is_told(desk: Desk, bill: TestClient) -> None:
    payment = desk.matched(60_00, "503")
    _imaged(desk, payment)
    ref = (
        bill.post("/deposits/open/B-NORTH", data={"business_on": "2026-11-16"})
        .headers["location"]
        .rsplit("/", 1)[1]
    )
    before = _actions(desk).count("check_image.viewed")
    shown = bill.get(f"/deposits/{ref}/images/{payment}/front.png")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/png")
    assert _actions(desk).count("check_image.viewed") == before + 1
    assert bill.get(f"/deposits/{ref}/images/{payment}/side.png").status_code == 404
    assert bill.get(f"/deposits/{ref}/images/PAY-000-0000/front.png").status_code == 404
    assert bill.post(f"/deposits/{ref}/cancel").status_code == 303


def test_nobody_outside_billing_sees_or_writes_a_letter(desk: Desk) -> None:
    payment = desk.matched(61_00, "504")
    _imaged(desk, payment)
    ref = _approved(desk, desk.client("bill"), payment)
    for name in ("sam", "edna"):
        client = desk.client(name)
        assert client.post(f"/deposits/{ref}/letter").status_code in (403, 404)
        assert client.get(f"/deposits/{ref}/letter.x937").status_code in (403, 404)
        shown = client.get(f"/deposits/{ref}/images/{payment}/front.png")
        assert shown.status_code in (403, 404)


def test_the_commands_ask_the_role_that_the_page_asks(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    payment = desk.matched(62_00, "605")
    _imaged(desk, payment)
    ref = _approved(desk, desk.client("bill"), payment)
    file, folder = tmp_path / "today.x937", tmp_path / "bank"
    letter_of = ["deposit", "letter", ref, "--out", str(file)]
    for words, code in ((letter_of, "name_missing"), ([*letter_of, "--user", "sam"], "wrong_role"),
                        (["deposit", "export", ref, "--out", str(folder), "--user", "audrey"],
                         "wrong_role")):  # fmt: skip
        assert run(words) != 0
        assert f"[{code}]" in capsys.readouterr().err
    assert not file.exists()
    with desk.installation.db.read() as session:
        deposit = session.scalars(select(Deposit).where(Deposit.ref == ref)).one()
        assert (deposit.state, sending.kept(session, deposit)) == ("approved", None)
    assert run([*letter_of, "--user", "bill"]) == 0
    assert file.read_bytes() == desk.client("bill").get(f"/deposits/{ref}/letter.x937").content
    assert run(["deposit", "export", ref, "--out", str(folder), "--user", "bill"]) == 0
    assert (folder / f"{ref}.x937").read_bytes() == file.read_bytes()


def test_the_paper_is_put_away_from_the_page_and_destroyed_by_two(
    desk: Desk, bill: TestClient
) -> None:
    payment = desk.matched(62_00, "505")
    _imaged(desk, payment)
    ref = _approved(desk, bill, payment)
    assert bill.post(f"/deposits/{ref}/paper", data={"location": "Box 12"}).status_code == 303
    assert "Box 12, kept until 2027-01-15" in bill.get(f"/deposits/{ref}").text
    assert bill.post(f"/deposits/{ref}/paper/destroyed").status_code == 409
    assert desk.client("sam").post(f"/deposits/{ref}/paper/destroyed").status_code == 403
    with (
        clock.frozen(datetime(2027, 2, 1, 12, tzinfo=UTC)),
        desk.installation.db.write() as session,
    ):
        deposit = session.scalars(select(Deposit).where(Deposit.ref == ref)).one()
        paper.destroy(session, deposit, "user:bill")
        paper.destroy(session, deposit, "user:beth")
    assert "Destroyed by bill and beth" in bill.get(f"/deposits/{ref}").text


def test_whoever_sent_a_doubtful_picture_is_told_its_page_and_nothing_else(desk: Desk) -> None:
    ref = desk.matched(63_00, "506")
    _imaged(desk, ref, SPOTS, {"name": "skew", "side": "front", "found": 4.0, "limit": 2.5})
    with desk.installation.db.write() as session:
        payment = session.scalars(select(Payment).where(Payment.ref == ref)).one()
        file_id = payment.transaction.source_file_id
        assert capture.doubts(session, [file_id])[file_id] == (
            "Page 1: it has spots, it lies askew.",
        )
        imaging.accept(session, payment.id, "user:bill")
        assert capture.doubts(session, [file_id]) == {}


def test_a_sample_is_not_overwritten_by_what_is_proposed_from_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = tmp_path / "sample.x937"
    before = data(letter()).getvalue()
    sample.write_bytes(before)
    assert run(["icl", "profile", "check", str(sample), "--out", str(sample)]) == 2
    assert "same_file" in capsys.readouterr().err
    assert sample.read_bytes() == before


def test_a_profile_that_is_no_text_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    profile = tmp_path / "ours.toml"
    profile.write_bytes(b'title = "\xe9"')
    assert run(["deposit", "setup", "B-NORTH", "--profile-file", str(profile)]) == 2
    assert "ours.toml is no text" in capsys.readouterr().err
