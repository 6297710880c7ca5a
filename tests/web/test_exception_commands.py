"""The commands on filling deposits and on checks that cannot be deposited, and who gives them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from matching import review
from records.models import BankAccount, Deposit
from tests.matching.world import check
from tests.web.desk import Desk, open_desk
from web.cli import run


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("commands"))
    yield made
    made.installation.close()


@pytest.fixture(autouse=True)
def _of_the_desk(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert run(["deposit", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The code that a command was refused with."""
    capsys.readouterr()
    assert run(["deposit", *words]) != 0
    return capsys.readouterr().err.rsplit("[", 1)[-1].rstrip("]\n")


def set_aside(desk: Desk, serial: str, reason: str) -> str:
    (ref,) = desk.receive([check(75_00, serial, "Zelda Quist")])
    with desk.installation.db.write() as session:
        held = review.lease(session, desk.question(ref).id, "user:sam")
        review.set_aside(session, held.id, "user:sam", held.lease_token, reason)
    return ref


def test_a_check_is_listed_held_and_ended_from_the_command_line(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    ref = set_aside(desk, "701", "foreign")
    found = printed(capsys, "exceptions", "list", "--reason", "foreign")
    (row,) = found["exceptions"]
    assert (row["payment"], row["amount_cents"], row["decided_by"]) == (ref, 75_00, "user:sam")
    assert found["counts"] == {"foreign": {"count": 1, "amount_cents": 75_00}}
    held = ("exceptions", "hold", ref, "--until", "2199-01-01")
    assert refused(capsys, *held) == "name_missing"
    assert refused(capsys, *held, "--user", "sofia") == "wrong_role"
    assert refused(capsys, *held, "--user", "edna") == "payment_unknown"
    assert run(["deposit", *held, "--user", "bill"]) == 0
    assert printed(capsys, "exceptions", "list")["exceptions"][0]["until_on"] == "2199-01-01"
    assert printed(capsys, "exceptions", "due") == {"came_back": []}
    ended = ("exceptions", "end", ref, "--as", "sent_for_collection", "--how", "form 12")
    assert run(["deposit", *ended, "--user", "bill"]) == 0
    assert printed(capsys, "exceptions", "list")["exceptions"] == []
    assert refused(capsys, "exceptions", "back", ref, "--user", "bill") == "not_kept_out"


def test_two_scans_are_compared_and_decided_by_a_second_person(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = desk.receive([check(41_00, "702")], [check(42_00, "702")])
    found = printed(capsys, "exceptions", "compare", second, "--user", "sofia")
    assert (found["with"], found["said"]) == (first, None)
    assert {each["name"]: each["same"] for each in found["fields"]}["amount_cents"] is False
    said = ("exceptions", "compare", second, "--say", "same", "--user")
    assert printed(capsys, *said, "sofia")["said"] == "same"
    assert desk.payment(second).not_deposited_reason == "duplicate"
    assert refused(capsys, *said, "bill") == "nothing_to_compare"


def test_fill_opens_as_many_deposits_as_the_limits_ask_for(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    setup = ("setup", "B-NORTH", "--item-count")
    assert refused(capsys, *setup, "2", "--user", "bill") == "wrong_role"
    assert printed(capsys, *setup, "2", "--user", "ada")["item_count_limit"] == 2
    for cents, serial in ((31_00, "711"), (32_00, "712"), (33_00, "713")):
        desk.matched(cents, serial)
    words = ("fill", "--bank-account", "B-NORTH")
    assert refused(capsys, *words) == "name_missing"
    assert refused(capsys, *words, "--user", "audrey") == "wrong_role"
    made = printed(capsys, *words, "--user", "bill")
    assert max(each["count"] for each in made["deposits"]) == 2
    assert made["left_out"] == []
    counts = sum(each["count"] for each in made["deposits"])
    with desk.installation.db.read() as session:
        deposits = session.scalars(select(Deposit)).all()
        assert [each.ref for each in deposits] == [each["ref"] for each in made["deposits"]]
        assert sum(len(each.items) for each in deposits) == counts >= 3
    assert printed(capsys, *setup, "0", "--user", "ada")["item_count_limit"] is None


def test_adding_all_that_waits_leaves_out_what_is_over_a_limit(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    with desk.installation.db.write() as session:
        account = session.scalars(select(BankAccount).where(BankAccount.code == "B-NORTH")).one()
        account.item_limit_cents = 50_00
    small, large = desk.matched(37_00, "731"), desk.matched(137_00, "732")
    ref = printed(capsys, "open", "--bank-account", "B-NORTH", "--user", "bill")["ref"]
    assert run(["deposit", "add", ref, "--user", "bill"]) == 0
    told = capsys.readouterr().err
    assert "1 checks added" in told
    assert f"left out: {large} item_over_limit" in told
    assert desk.payment(small).deposit_state == "in_deposit"
    assert refused(capsys, "add", ref, large, "--user", "bill") == "item_over_limit"
    with desk.installation.db.write() as session:
        account = session.scalars(select(BankAccount).where(BankAccount.code == "B-NORTH")).one()
        account.item_limit_cents = None


def test_the_page_fills_several_deposits_and_says_what_an_account_takes(desk: Desk) -> None:
    with desk.installation.db.write() as session:
        account = session.scalars(select(BankAccount).where(BankAccount.code == "B-NORTH")).one()
        account.item_count_limit = 1
    for cents, serial in ((34_00, "721"), (35_00, "722")):
        desk.matched(cents, serial)
    bill = desk.client("bill")
    answer = bill.post("/deposits/open/B-NORTH", data={"business_on": "2026-11-17"})
    assert answer.headers["location"] == "/deposits"
    with desk.installation.db.read() as session:
        made = session.scalars(select(Deposit).order_by(Deposit.id.desc()).limit(2)).all()
        assert [len(each.items) for each in made] == [1, 1]
        ref = made[0].ref
    assert "at most 1 checks a deposit" in bill.get(f"/deposits/{ref}").text
    desk.matched(36_00, "723")
    assert bill.post(f"/deposits/{ref}/add").status_code == 303  # full: it is left for another
    with desk.installation.db.read() as session:
        assert len(session.scalars(select(Deposit).where(Deposit.ref == ref)).one().items) == 1
