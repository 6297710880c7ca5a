"""What goes alone is shown by kind and office; an administrator accepts a target by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from matching import models, proofs, strata, watching
from records import clock
from records.models import AuditEvent, MatchStratum, Office
from tests.matching.world import BOSS
from tests.web.desk import Desk, open_desk
from web import cli

KIND = "number_name_amount"


@pytest.fixture
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("matching"))
    yield made
    made.installation.close()


def first_office(desk: Desk) -> tuple[str, str]:
    with desk.installation.db.read() as session:
        row = session.scalars(select(Office).order_by(Office.code)).first()
        assert row is not None
        return row.id, row.code


def every(desk: Desk) -> tuple[proofs.StratumEvidence, ...]:
    with desk.installation.db.read() as session:
        return proofs.evidence(session, first_office(desk)[0], models.active(session))


def standing(desk: Desk) -> proofs.StratumEvidence:
    return next(row for row in every(desk) if row.stratum == KIND)


def test_an_administrator_accepts_by_name_and_takes_it_back(desk: Desk) -> None:
    _, code = first_office(desk)
    assert standing(desk).accepted_by == BOSS
    ada = desk.client("ada")
    said = {"stratum": KIND, "target": "0.001"}
    assert ada.post(f"/matching/{code}", data=said).status_code == 303
    row = standing(desk)
    assert (row.target, row.accepted_by) == (0.001, "user:ada")
    assert row.cut is not None
    assert "accepted by ada" in ada.get("/matching").text
    ada.post(f"/matching/{code}", data={**said, "target": ""})
    assert (standing(desk).cut, standing(desk).accepted_by) == (None, "")
    with desk.installation.db.read() as session:
        rows = session.scalars(select(AuditEvent).where(AuditEvent.action == "stratum.accepted"))
        assert [row.detail["target"] for row in rows if row.actor != BOSS] == ["0.001", ""]


@pytest.mark.parametrize("who", ["bill", "audrey"])
def test_others_see_it_and_accept_nothing(desk: Desk, who: str) -> None:
    _, code = first_office(desk)
    page = desk.client(who).get("/matching")
    assert page.status_code == 200
    assert "number name amount" in page.text
    assert "<select" not in page.text
    answer = desk.client(who).post(f"/matching/{code}", data={"stratum": KIND, "target": "0.01"})
    assert answer.status_code == 403


def test_an_alarm_stands_on_the_start_page_until_it_ends(desk: Desk) -> None:
    ident, _ = first_office(desk)
    assert alarms(desk) == 0
    with desk.installation.db.write() as session:
        row = session.scalars(
            select(MatchStratum).where(
                MatchStratum.office_id == ident, MatchStratum.stratum == KIND
            )
        ).one()
        row.alarmed_at = row.since = clock.now()
    assert alarms(desk) == 1
    assert "stopped: too many were wrong" in desk.client("bill").get("/matching").text
    assert standing(desk).cut is None
    with desk.installation.db.write() as session:
        strata.accept(session, ident, KIND, 0.01, BOSS)
    assert alarms(desk) == 0


def alarms(desk: Desk) -> int:
    """The number on the start page's tile."""
    page = desk.client("bill").get("/").text
    found = re.search(r'href="/matching"[^>]*>\s*<[^>]*>(\d+)<', page)
    assert found, page
    return int(found[1])


def shift(desk: Desk) -> str:
    """The numbers read in the first office go astray; its code."""
    ident, code = first_office(desk)
    with desk.installation.db.write() as session:
        watching.note(session, ident, [{"number": False}] * 700)
        watching.note(session, ident, [{"number": True}] * 34)
    return code


def test_readings_that_shifted_are_told_until_an_administrator_has_looked(desk: Desk) -> None:
    code = shift(desk)
    assert alarms(desk) == 1
    page = desk.client("bill").get("/matching").text
    assert "Numbers read do not fit the account in 34 of the last 200 payments" in page
    assert "stopped: what is read has changed" in page
    assert "I have looked" not in page
    assert standing(desk).cut is None
    assert desk.client("bill").post(f"/matching/{code}/looked").status_code == 403
    ada = desk.client("ada")
    assert "I have looked" in ada.get("/matching").text
    assert ada.post(f"/matching/{code}/looked").status_code == 303
    assert alarms(desk) == 0
    assert "of the last 200 payments" not in ada.get("/matching").text
    assert standing(desk).cut is not None
    with desk.installation.db.read() as session:
        query = select(AuditEvent.actor).where(AuditEvent.action == "office.evidence_looked")
        assert session.scalars(query).all() == ["user:ada"]
    again = ada.post(f"/matching/{code}/looked", headers={"accept": "application/json"})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_shifted")


def test_the_command_line_tells_of_shifted_readings_and_takes_that_one_looked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    code = shift(desk)
    done = CliRunner().invoke(cli.lockbox, ["matching", "strata"])
    assert done.exit_code == 1, done.output
    assert f"{code}: Numbers read do not fit the account in 34 of the last 200" in done.output
    told = json.loads(CliRunner().invoke(cli.lockbox, ["matching", "strata", "--json"]).stdout)
    (numbers,) = [each for each in told["readings"] if each["alarmed"]]
    assert (numbers["office"], numbers["evidence"], numbers["astray"]) == (code, "number", 34)
    words = ["matching", "looked", "--office", code, "--user"]
    assert CliRunner().invoke(cli.lockbox, [*words, "bill"]).exit_code != 0
    assert CliRunner().invoke(cli.lockbox, [*words, "ada"]).exit_code == 0
    assert CliRunner().invoke(cli.lockbox, ["matching", "strata"]).exit_code == 0


def test_the_page_says_how_many_right_answers_a_target_still_needs(desk: Desk) -> None:
    _, code = first_office(desk)
    ada = desk.client("ada")
    ada.post(f"/matching/{code}", data={"stratum": "address_amount", "target": "0.01"})
    row = next(row for row in every(desk) if row.stratum == "address_amount")
    assert row.needs > 0
    assert f"{row.needs:,} right in a row would prove it" in ada.get("/matching").text


def test_couriers_and_specialists_have_no_such_page(desk: Desk) -> None:
    assert desk.client("sam").get("/matching").status_code == 403


@pytest.mark.parametrize(
    ("stratum", "target", "status"),
    [("name_only", "0.01", 404), (KIND, "0.5", 400), (KIND, "nan", 400)],
)
def test_what_is_not_offered_is_refused(desk: Desk, stratum: str, target: str, status: int) -> None:
    _, code = first_office(desk)
    answer = desk.client("ada").post(
        f"/matching/{code}", data={"stratum": stratum, "target": target}
    )
    assert answer.status_code == status
    assert standing(desk).accepted_by == BOSS


def test_the_command_line_says_the_same_and_who_accepted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, code = first_office(desk)
    desk.client("ada").post(f"/matching/{code}", data={"stratum": KIND, "target": "0.001"})
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    done = CliRunner().invoke(cli.lockbox, ["matching", "strata"])
    assert done.exit_code == 0, done.output
    assert "user:ada" in done.output


@pytest.fixture
def on_postgres(tmp_path: Path, postgres_url: str) -> Iterator[Desk]:
    made = open_desk(tmp_path, postgres_url)
    yield made
    made.installation.close()


@pytest.mark.parametrize(
    "path", ["/search?q=a%00b", "/payments/PAY%00", "/accounts/12%00", "/api/v1/payments/x%00/why"]
)
def test_what_the_database_cannot_hold_is_refused_in_words(on_postgres: Desk, path: str) -> None:
    answer = on_postgres.client("ada").get(path, headers={"accept": "application/json"})
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"]


def test_two_who_accept_at_once_are_both_heard(on_postgres: Desk) -> None:
    ident, _ = first_office(on_postgres)

    def one(target: float) -> None:
        with on_postgres.installation.db.write() as session:
            strata.accept(session, ident, "name_amount", target, BOSS)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, [0.001 * n for n in range(1, 13)]))
    with on_postgres.installation.db.read() as session:
        rows = proofs.evidence(session, ident, models.active(session))
    assert next(row for row in rows if row.stratum == "name_amount").accepted_by == BOSS


@pytest.mark.parametrize(("who", "status"), [("ada", 0), ("bill", 2), ("sam", 2), ("", 2)])
def test_only_an_administrator_accepts_on_the_command_line(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, who: str, status: int
) -> None:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    _, code = first_office(desk)
    words = ["matching", "accept", KIND, "--office", code, "--target", "0.02"]
    done = CliRunner().invoke(cli.lockbox, words + (["--user", who] if who else []))
    assert (done.exit_code != 0) == (status != 0), done.output
    assert standing(desk).accepted_by == ("user:ada" if who == "ada" else BOSS)
