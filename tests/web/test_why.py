"""Why it was matched so, and why not otherwise: on the page, in the API and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from records.errors import NotFound
from records.models import AuditEvent, Decision
from tests.matching.world import check, coupon
from tests.web.desk import Desk, open_desk
from web import cli

MARY, WILLIAM, PRIYA = "2100000052", "2100000045", "3400000018"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("why"))
    yield made
    made.installation.close()


@pytest.fixture(scope="module")
def payment(desk: Desk) -> str:
    """A check for 40.00 of one of two Smiths who owe that much."""
    (ref,) = desk.receive([check(40_00, "900", "Mary Smith")])
    return ref


def looks(desk: Desk) -> list[tuple[str, str, object]]:
    with desk.installation.db.read() as session:
        rows = session.scalars(
            select(AuditEvent)
            .where(AuditEvent.action == "account.compared")
            .order_by(AuditEvent.seq)
        )
        return [(row.actor, row.subject_id, row.detail.get("payment")) for row in rows]


def test_a_candidates_reasons_run_from_prior_to_probability(desk: Desk, payment: str) -> None:
    page = desk.client("sam").get(f"/review/{desk.question(payment).ref}").text
    assert "How it adds up" in page
    assert "Before anything was read" in page
    assert "Against its rivals and nobody" in page
    assert "the list is not whole" not in page


def test_an_expected_account_is_shown_beside_the_best_and_the_look_is_on_record(
    desk: Desk, payment: str
) -> None:
    item = desk.question(payment).ref
    before = len(looks(desk))
    page = desk.client("sam").get(f"/review/{item}/why?account={WILLIAM}").text
    assert f"Why not {WILLIAM}?" in page
    assert "It is candidate 2." in page
    assert "payer has the guarantor&#39;s last name" in page
    assert looks(desk)[before:] == [("user:sam", WILLIAM[-4:], payment)]
    nothing = desk.client("bill").get(f"/review/{item}/why?account={PRIYA}").text
    assert "nothing read on the check points to it" in nothing


def test_an_account_of_another_office_is_not_there(desk: Desk, payment: str) -> None:
    item, before = desk.question(payment).ref, len(looks(desk))
    sam = desk.client("sam")
    answers = [
        sam.get(path, headers={"accept": "application/json"})
        for number in (PRIYA, "999")
        for path in (
            f"/review/{item}/why?account={number}",
            f"/api/v1/payments/{payment}/why?account={number}",
        )
    ]
    assert {each.status_code for each in answers} == {404}
    assert len({each.text for each in answers}) == 1
    assert len(looks(desk)) == before
    assert desk.client("erin").get(f"/review/{item}/why?account={PRIYA}").status_code == 404


def test_the_api_tells_decisions_and_leaves_out_what_is_out_of_sight(desk: Desk) -> None:
    (ref,) = desk.receive(
        [check(125_00, "901"), coupon("2100000011", "8100000015", patient_name="W Abernathy")]
    )
    told = desk.client("bill").get(f"/api/v1/payments/{ref}/decisions").json()
    (decision,) = told["decisions"]
    assert decision["outcome"] == "auto"
    assert decision["reasons"]["adds_up"]
    assert decision["reasons"]["steps"][0]["signal"] == "prior"
    best = decision["parts"][0]["candidates"][0]
    assert best["account_number"] == "2100000011"
    assert best["reasons"]["probability"] == best["probability"]
    with desk.installation.db.read() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "decisions.viewed")
        ).one()
    assert event.actor == "user:bill"
    why = desk.client("bill").get(f"/api/v1/payments/{ref}/why?account={PRIYA}").json()
    assert (why["standing"], why["expected"]["account_number"]) == ("nothing", PRIYA)
    assert why["best"]["account_number"] == "2100000011"


def test_the_command_line_tells_both(
    desk: Desk, payment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))

    def said(*words: str) -> str:
        done = CliRunner().invoke(cli.lockbox, ["matching", *words], catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    why = json.loads(said("why", payment, WILLIAM, "--json"))
    assert (why["payment"], why["place"]) == (payment, 2)
    assert why["best"]["account_number"] == MARY
    assert "payer is the guarantor" in said("why", payment, WILLIAM, "--user", "sam")
    told = json.loads(said("explain", payment, "--json"))
    assert told["decisions"][0]["parts"][0]["candidates"][0]["account_number"] == MARY
    assert " to 1 for" in said("explain", payment)
    assert looks(desk)[-1][0] == "user:sam"
    with pytest.raises(NotFound, match="unknown_account"):
        said("why", payment, PRIYA, "--user", "sam")
    with pytest.raises(NotFound, match="unknown_payment"):
        said("why", payment, PRIYA, "--user", "erin")


def test_a_payments_page_tells_how_it_was_decided_and_nothing_of_a_sample(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCKBOX_MATCH_SAMPLE_SHARE", "1")
    (ref,) = desk.receive([check(80_00, "902"), coupon("2100000029", "8100000023")])
    with desk.installation.db.read() as session:
        kept = session.scalars(select(Decision).order_by(Decision.created_at.desc())).first()
        assert kept is not None
        assert kept.outcome == "sampled"
    page = desk.client("sam").get(f"/payments/{ref}").text
    assert "How it was decided" in page
    assert "account and statement number are on the stub" in page
    told = desk.client("sam").get(f"/api/v1/payments/{ref}/decisions").text
    assert "sampled" not in page + told


def test_candidates_of_other_offices_are_counted_and_not_shown(desk: Desk) -> None:
    amount = {"value": 333_10, "confidence": 0.6, "page": 0, "box": [1, 2, 3, 4], "source": "test"}
    (ref,) = desk.receive(
        [check(333_10, "903", "Priya Nakamura", amount_cents={**amount, "alternatives": []})]
    )
    item = desk.question(ref).ref
    page = desk.client("sam").get(f"/review/{item}").text
    assert PRIYA not in page
    assert "5 Clay Pl" not in page
    assert "of offices that you do not work for" in page
    assert PRIYA in desk.client("bill").get(f"/review/{item}").text
    why = desk.client("sam").get(f"/api/v1/payments/{ref}/why?account={MARY}").json()
    assert PRIYA not in str(why)
    told = desk.client("sam").get(f"/api/v1/payments/{ref}/decisions").json()
    assert PRIYA not in str(told)
    assert told["decisions"][0]["parts"][0]["hidden"] == 1
