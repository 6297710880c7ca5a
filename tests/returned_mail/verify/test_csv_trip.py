"""Files out to a vendor and back: codes, refusals, the same file twice."""

from __future__ import annotations

import csv
import io

import pytest

from matching import address_candidates
from records.db import Database
from records.errors import Conflict, WrongUse
from records.models import AddressTask
from returned_mail.address import standardise
from returned_mail.verify import ask, csv_trip
from tests.returned_mail.verify.world import NEW, World, world_of
from tests.scenes import Scenes

HEAD = "request_id,match_code,move_type,move_on,new_street,new_city,new_state,new_zip,dpv\n"
MOVED = "A,F,202605,99 Cedar Avenue,Troy,OH,45373,"


@pytest.fixture
def world(db: Database, scenes: Scenes) -> World:
    return world_of(db, scenes)


def out(world: World) -> tuple[str, str]:
    with world.db.write() as session:
        return csv_trip.export(session, "user:bea")


def back(world: World, text: str) -> csv_trip.Back:
    with world.db.write() as session:
        return csv_trip.bring_back(session, text, "user:bea")


def test_the_file_has_our_id_the_name_and_the_address_once(world: World) -> None:
    request_id = world.ask("csv")
    batch, text = out(world)
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["request_id"] == request_id
    assert (row["name"], row["street"], row["zip"]) == ("Rosa Alvarez", "7 BIRCH LN", "45373")
    with pytest.raises(Conflict) as refused:
        out(world)
    assert refused.value.code == "nothing_to_ask"
    with world.db.write() as session:
        assert csv_trip.again(session, batch, "user:bea") == text


def test_a_move_is_proposed_and_not_in_force(world: World) -> None:
    request_id = world.ask("csv")
    out(world)
    assert back(world, f"{HEAD}{request_id},{MOVED}\n").taken == 1
    assert world.request(request_id).verdict == "moved"
    assert world.streets() == ["12 ELM ST"]
    with world.db.read() as session:
        made = address_candidates.open_candidates(session, account_id=world.account_id)
        assert [(each.source, each.names_agree) for each in made] == [
            ("label", True), ("moved", True),
        ]  # fmt: skip
    assert "moved to 99 CEDAR AVE" in world.notes()[0]


@pytest.mark.parametrize(
    ("code", "dpv", "verdict"),
    [("00", "", "unknown"), ("0", "", "unknown"), ("00", "Y", "deliverable"),
     ("00", "N", "undeliverable"), ("00", "D", "missing_secondary"), ("02", "", "undeliverable"),
     ("01", "Y", "undeliverable"), ("14", "", "undeliverable"), ("06", "", "unknown"),
     ("77", "", "unknown")],
)  # fmt: skip
def test_each_code_has_its_verdict(world: World, code: str, dpv: str, verdict: str) -> None:
    request_id = world.ask("csv")
    out(world)
    back(world, f"{HEAD}{request_id},{code},,,,,,,{dpv}\n")
    assert world.request(request_id).verdict == verdict
    assert (world.streets() == ["12 ELM ST"]) == (verdict != "deliverable")


@pytest.mark.parametrize(("code", "note"), [("91", "lacks an apartment"), ("92", "had an")])
def test_a_dropped_apartment_is_told(world: World, code: str, note: str) -> None:
    request_id = world.ask("csv")
    out(world)
    back(world, f"{HEAD}{request_id},{code}{MOVED[1:]}\n")
    assert note in world.notes()[0]


@pytest.mark.parametrize(
    "row",
    [
        "unknown-id,A,F,202605,99 Cedar Ave,Troy,OH,45373,",
        "{id},XX,,,,,,,",
        "{id},A,Q,202605,99 Cedar Ave,Troy,OH,45373,",
        "{id},A,F,May 2026,99 Cedar Ave,Troy,OH,45373,",
        "{id},A,F,202605,,Troy,OH,45373,",
        "{id},A,F,202605,99 Cedar Ave,Troy,OX,45373,",
        "{id},00,,,,,,,Q",
        "{id},00,,,,,,,\n{id},02,,,,,,,",
        "{id},00,,,,,,,\n{id},00,,,,,,,",
    ],
)
def test_a_line_that_cannot_be_right_is_refused_with_its_reason(world: World, row: str) -> None:
    request_id = world.ask("csv")
    out(world)
    done = back(world, HEAD + row.replace("{id}", request_id) + "\n")
    assert done.taken == 0
    assert done.refused
    assert all(message and "Cedar" not in message for _, message in done.refused)
    assert world.request(request_id).state == "sending"
    assert back(world, f"{HEAD}{request_id},00,,,,,,,\n").taken == 1


def test_good_lines_are_taken_beside_bad_ones(world: World) -> None:
    good = world.ask("csv")
    bad = world.ask("csv", standardise("8 Oak St", "Troy", "OH", "45373"), of_candidate=False)
    out(world)
    done = back(world, f"{HEAD}{good},{MOVED}\n{bad},zz,,,,,,,\n")
    assert (done.taken, [line for line, _ in done.refused]) == (1, [3])


def test_the_same_file_twice_changes_nothing_and_another_answer_is_refused(world: World) -> None:
    request_id = world.ask("csv")
    out(world)
    text = f"{HEAD}{request_id},{MOVED}\n"
    back(world, text)
    before = world.notes()
    assert (back(world, text).taken, back(world, text).unchanged) == (0, 1)
    assert world.notes() == before
    assert back(world, f"{HEAD}{request_id},00,,,,,,,\n").refused


def test_what_was_not_exported_cannot_come_back(world: World) -> None:
    request_id = world.ask("csv")
    assert back(world, f"{HEAD}{request_id},00,,,,,,,\n").refused


def test_another_file_is_refused_whole(world: World) -> None:
    with pytest.raises(WrongUse) as refused:
        back(world, "account,street\n1,12 Elm St\n")
    assert refused.value.code == "wrong_columns"


@pytest.mark.parametrize("name", ["=1+1", "\uff1d1+1", " @SUM(A1)", "\r=1+1"])
def test_a_name_that_looks_like_a_formula_stays_text(world: World, name: str) -> None:
    with world.db.write() as session:
        task = session.get_one(AddressTask, world.task_id)
        ask(session, task, NEW, "user:sam", verifier="csv", name=name)
    (row,) = csv.DictReader(io.StringIO(out(world)[1], newline=""))
    assert row["name"] == f"'{name.strip()}"
