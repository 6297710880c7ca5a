"""The page of accounts that may be one: who sees it, who answers, and how long it waits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from matching import importing
from records.models import Account, AuditEvent
from tests.matching.test_flagging import TWINS
from tests.matching.world import check
from tests.web.desk import Desk, open_desk
from web import cli
from web.pages import duplicates

JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("duplicates"))
    with made.installation.db.write() as session:
        assert not importing.import_accounts(session, TWINS, "user:ada").refused
    assert made.client("bill").post("/duplicates/search").status_code == 303
    yield made
    made.installation.close()


def shown(desk: Desk, who: str, query: str = "kind=patient") -> list[str]:
    """The flags on the page, in order: their ids."""
    page = desk.client(who).get(f"/duplicates?{query}")
    assert page.status_code == 200
    return re.findall(r'aria-labelledby="pair-([0-9a-f-]+)"', page.text)


def test_a_page_shows_what_differs_and_the_look_is_on_record(desk: Desk) -> None:
    page = desk.client("bill").get("/duplicates?kind=patient").text
    assert "2100000011 and 2200000018: one patient?" in page
    assert "the same birth date" in page
    assert "12 accounts were looked through" in page
    with desk.installation.db.read() as session:
        row = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "duplicates.viewed")
        ).all()[-1]
    assert (row.actor, row.subject_id) == ("user:bill", "3 of 3")


def test_only_who_sees_both_accounts_sees_the_flag_and_answers(desk: Desk) -> None:
    every = desk.client("bill").get("/api/v1/duplicates?kind=patient").json()["flags"]
    across = [f for f in every if len({a["office_code"] for a in f["accounts"]}) == 2]
    assert len(across) == 1
    assert shown(desk, "edna") == []
    answer = {"answer": "same"}
    path = f"/api/v1/duplicates/{across[0]['flag_id']}"
    assert desk.client("edna").post(path, json=answer).status_code == 404
    assert desk.client("sam").post(path, json=answer).status_code == 403
    assert desk.client("sam").get("/duplicates").status_code == 403
    assert desk.client("audrey").get("/duplicates").status_code == 200
    assert desk.client("audrey").post(path, json=answer).status_code == 403
    assert desk.client("edna").post("/duplicates/search").status_code == 403


def test_an_accounts_page_names_its_like_to_who_sees_it(desk: Desk) -> None:
    like = "This patient may be kept twice"
    assert like in desk.client("bill").get("/accounts/2100000052").text
    assert like not in desk.client("sam").get("/accounts/2100000052").text
    assert like in desk.client("sam").get("/accounts/2100000045").text


def test_an_answer_takes_a_flag_from_the_list_and_is_kept(desk: Desk) -> None:
    first, *rest = shown(desk, "bill")
    bill = desk.client("bill")
    done = bill.post(f"/duplicates/{first}", data={"said": "not_same", "kind": "patient"})
    assert (done.status_code, done.headers["location"]) == (303, "/duplicates?kind=patient&page=1")
    assert shown(desk, "bill") == rest
    assert shown(desk, "bill", "state=not_same") == [first]
    told = bill.get("/duplicates?state=not_same").text
    assert "bill said not the same" in told
    assert bill.post(f"/duplicates/{first}", data={"said": "maybe"}, headers=JSON).json()[
        "code"
    ] == ("unknown_answer")
    assert bill.get("/duplicates?state=perhaps", headers=JSON).status_code == 400
    with desk.installation.db.read() as session:
        assert len(session.scalars(select(Account)).all()) == 12


def test_the_command_line_looks_and_lists(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))

    def said(*words: str) -> dict[str, object]:
        words = ("matching", "duplicates", "--json", *words)
        done = CliRunner().invoke(cli.lockbox, words, catch_exceptions=False)
        assert done.exit_code == 0
        told: dict[str, object] = json.loads(done.output)
        return told

    told = said("--kind", "household")
    report = told["report"]
    assert isinstance(report, dict)
    assert (report["accounts"], report["new"]) == (12, 0)
    assert told["count"] == report["households"]
    assert said("--no-search", "--user", "edna")["count"] == 0


def test_a_large_chart_is_not_looked_through_while_a_page_waits(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates, "MOST_AT_ONCE", 11)
    refused = desk.client("bill").post("/duplicates/search", headers=JSON)
    assert refused.json()["code"] == "chart_too_large"


def test_a_candidate_that_may_be_kept_twice_says_so(desk: Desk) -> None:
    (ref,) = desk.receive([check(40_00, "930", "William Smith")])
    page = desk.client("sam").get(f"/review/{desk.question(ref).ref}").text
    assert "May be kept twice" in page
