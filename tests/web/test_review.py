"""The specialist's pages: what is shown, who holds it, and every answer to a question."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from records.errors import WrongUse
from records.models import Allocation, AuditEvent, Payment
from tests.matching.world import check, coupon, field, reading
from tests.web.desk import Desk, open_desk
from web import cli

SERIALS = iter(range(500, 999))
JSON = {"accept": "application/json"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("review"))
    yield made
    made.installation.close()


def stranger(desk: Desk, cents: int = 90_00, **more: object) -> tuple[str, str]:
    """A check of nobody we know: its payment and its question."""
    (payment,) = desk.receive([check(cents, str(next(SERIALS)), "Zelda Quist", **more)])
    return payment, desk.question(payment).ref


def take(desk: Desk, who: str, item: str) -> str:
    """Open a question; the token of the lease."""
    page = desk.client(who).get(f"/review/{item}").text
    found = re.search(r'data-token="(\d+)"', page)
    return found[1] if found else ""


def answer(token: str, *parts: tuple[str, str, str, str], **more: str) -> dict[str, object]:
    names = ("to_destination", "to_account", "to_statement", "to_amount")
    lists = {name: [part[place] for part in parts] for place, name in enumerate(names)}
    return {"token": token, "amount": "", **lists, **more}


def shares(desk: Desk, ref: str) -> list[tuple[str, int]]:
    with desk.installation.db.read() as session:
        rows = session.scalars(
            select(Allocation).join(Payment).where(Payment.ref == ref, Allocation.live)
        ).all()
        return sorted((row.destination, row.amount_cents) for row in rows)


def test_the_queue_shows_its_own_offices_and_who_holds_what(desk: Desk) -> None:
    _, item = stranger(desk)
    assert item in desk.client("sam").get("/review").text
    assert item not in desk.client("erin").get("/review").text
    take(desk, "sam", item)
    row = re.search(rf"{item}.*?</tr>", desk.client("sofia").get("/review").text, re.DOTALL)
    assert row is not None
    assert '>Sam</span> <span class="note">since <time' in row[0]


def test_one_question_is_held_by_one_person(desk: Desk) -> None:
    _, item = stranger(desk)
    token = take(desk, "sam", item)
    page = desk.client("sofia").get(f"/review/{item}").text
    assert take(desk, "sofia", item) == ""
    assert 'role="alert"' in page
    body = answer(token, ("unidentified", "unidentified", "", "90.00"))
    refused = desk.client("sofia").post(f"/review/{item}/confirm", data=body, headers=JSON)
    assert refused.status_code == 409
    released = desk.client("sam").post(f"/review/{item}/release", data={"token": token})
    assert released.status_code == 303
    assert take(desk, "sofia", item) != ""


def test_a_whole_account_number_is_shown_on_request_and_on_record(desk: Desk) -> None:
    _, item = stranger(desk)
    sam = desk.client("sam")
    page = sam.get(f"/review/{item}").text
    assert "998877" not in page
    assert "ends in 8877" in page
    assert sam.post(f"/review/{item}/reveal").json() == {"account_number": "998877"}
    assert desk.client("audrey").post(f"/review/{item}/reveal").status_code == 403
    with desk.installation.db.read() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "account_number.revealed")
        ).all()[-1]
    assert event.actor == "user:sam"


def test_who_is_asked_about_the_line_sees_all_of_it_and_that_is_on_record(desk: Desk) -> None:
    _, item = stranger(desk, account_number=field("998877", 0.5))
    page = desk.client("sam").get(f"/review/{item}").text
    assert "Check the line at the foot" in page
    assert 'value="998877"' in page


def test_a_check_is_split_over_a_statement_and_an_account_and_undone(desk: Desk) -> None:
    payment, item = stranger(desk)
    sam = desk.client("sam")
    body = answer(
        take(desk, "sam", item),
        ("unapplied", "2100000045", "8100000049", "40.00"),
        ("unapplied", "2100000045", "", "50.00"),
    )
    done = sam.post(f"/review/{item}/confirm", data=body, headers=JSON)
    assert done.json() == {"item": item, "payment": payment}
    assert shares(desk, payment) == [("account", 40_00), ("unapplied", 50_00)]
    assert desk.payment(payment).deposit_state == "depositable"
    undone = sam.post(f"/review/payments/{payment}/undo", headers=JSON)
    assert undone.json() == {"item": desk.question(payment).ref}
    assert shares(desk, payment) == []


def test_parts_that_do_not_make_the_check_are_refused_with_a_remedy(desk: Desk) -> None:
    payment, item = stranger(desk)
    sam = desk.client("sam")
    token = take(desk, "sam", item)
    for row, code in (
        (("unapplied", "2100000045", "", "89.99"), "not_the_amount"),
        (("unapplied", "77", "", "90.00"), "account_of_another_office"),
        (("unapplied", "2100000045", "", "much"), "wrong_amount"),
        (("unapplied", "", "", "90.00"), "account_missing"),
    ):
        answered = sam.post(f"/review/{item}/confirm", data=answer(token, row), headers=JSON)
        assert answered.status_code in {400, 409}
        assert answered.json()["code"] == code
    lost = sam.post(f"/review/{item}/confirm", data={"to_amount": "1"}, headers=JSON)
    assert lost.json()["code"] == "no_lease"
    assert shares(desk, payment) == []


def test_the_command_line_takes_no_unlikely_account_either(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment, item = stranger(desk)
    monkeypatch.setenv("LOCKBOX_DATA_DIR", str(desk.installation.settings.data_dir))
    words = ["queue", "confirm", item, "--user", "sam"]
    refused = CliRunner().invoke(cli.lockbox, words)
    assert isinstance(refused.exception, WrongUse)
    assert refused.exception.code == "account_missing"
    done = CliRunner().invoke(cli.lockbox, [*words, "--to", "unidentified=90.00"])
    assert done.exit_code == 0, done.output
    assert shares(desk, payment) == [("unidentified", 90_00)]


def test_an_exception_is_overridden_by_name_and_on_record(desk: Desk) -> None:
    payment, item = stranger(desk, signed=False)
    sam = desk.client("sam")
    page = sam.get("/review").text
    assert "Is it signed?" in page
    body = answer(take(desk, "sam", item), ("unapplied", "2100000045", "", "90.00"))
    for more in ({}, {"override": "payee"}):
        refused = sam.post(f"/review/{item}/confirm", data={**body, **more}, headers=JSON)
        assert refused.json()["code"] == "exception_unanswered"
    assert shares(desk, payment) == []
    body["override"] = "signature"
    assert sam.post(f"/review/{item}/confirm", data=body, headers=JSON).status_code == 200
    assert desk.payment(payment).deposit_state == "depositable"
    with desk.installation.db.read() as session:
        event = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "payment.confirmed")
        ).all()[-1]
    assert event.detail["overrides"] == "signature"


def test_an_amount_and_a_line_that_were_asked_for_are_keyed(desk: Desk) -> None:
    payment, item = stranger(
        desk, amount_cents=field(None, 0.0), routing_number=field("021000021", 0.4)
    )
    body = answer(
        take(desk, "sam", item),
        ("unidentified", "unidentified", "", "61.50"),
        amount="61.50",
        keyed_routing_number="021000021",
        read_routing_number="",
        keyed_account_number="998877",
        read_account_number="",
        keyed_check_number="7001",
        read_check_number="",
    )
    done = desk.client("sam").post(f"/review/{item}/confirm", data=body, headers=JSON)
    assert done.status_code == 200, done.text
    assert desk.payment(payment).amount_cents == 61_50
    assert desk.payment(payment).deposit_state == "depositable"
    assert shares(desk, payment) == [("unidentified", 61_50)]


def test_what_is_set_aside_is_not_deposited_and_comes_back(desk: Desk) -> None:
    payment, item = stranger(desk)
    sam = desk.client("sam")
    token = take(desk, "sam", item)
    aside = {"token": token, "reason": "boredom"}
    assert sam.post(f"/review/{item}/set-aside", data=aside).status_code == 400
    aside["reason"] = "misdirected"
    assert sam.post(f"/review/{item}/set-aside", data=aside).status_code == 303
    assert desk.payment(payment).not_deposited_reason == "misdirected"
    assert sam.post(f"/review/payments/{payment}/reopen").status_code == 303
    assert desk.payment(payment).deposit_state == "awaiting_review"


def test_a_second_scan_is_released_only_by_somebody_else(desk: Desk) -> None:
    serial = str(next(SERIALS))
    desk.receive([check(75_00, serial, "Zelda Quist")])
    (copy,) = desk.receive([check(75_00, serial, "Zelda Quist")])
    item = desk.question(copy).ref
    page = desk.client("sam").get(f"/review/{item}").text
    assert "The same check was received" in page
    assert "It is another check" in page
    moved = desk.client("sofia").post(f"/review/payments/{copy}/override-duplicate")
    assert moved.status_code == 303
    assert desk.payment(copy).override_by == "user:sofia"


def test_a_letter_is_filed(desk: Desk) -> None:
    desk.receive([reading("correspondence", text="Please call me.")])
    sam = desk.client("sam")
    page = sam.get("/review").text
    item = next(
        ref
        for ref in re.findall(r"/review/(REV-\w+-\w+)", page)
        if "pays nothing by itself" in sam.get(f"/review/{ref}").text
    )
    token = take(desk, "sam", item)
    done = sam.post(f"/review/{item}/finish", data={"token": token, "outcome": "filed"})
    assert done.status_code == 303
    assert f'/review/{item}"' not in sam.get("/review").text


def test_the_next_question_comes_ready_and_one_ahead_is_not_the_present_one(desk: Desk) -> None:
    _, first = stranger(desk, 900_00)
    _, second = stranger(desk, 800_00)
    sofia = desk.client("sofia")
    present = sofia.post("/review/next", headers=JSON).json()
    assert present["item"] == first
    assert f'data-item="{first}"' in present["html"]
    ahead = sofia.post("/review/next", data={"after": first, "ahead": "true"}, headers=JSON).json()
    assert ahead["item"] == second
    renewed = sofia.post(f"/review/{second}/renew", data={"token": ahead["token"]}, headers=JSON)
    assert renewed.status_code == 200


def test_the_search_beside_the_candidates_keeps_to_the_persons_offices(desk: Desk) -> None:
    (hit,) = desk.client("sam").get("/review/accounts?q=Abernathy").json()
    assert hit["account_number"] == "2100000011"
    assert hit["statements"][0]["open_cents"] == 125_00
    assert desk.client("erin").get("/review/accounts?q=Abernathy").json() == []


def test_a_coupon_beside_its_check_is_shown_as_the_reason(desk: Desk) -> None:
    (payment,) = desk.receive(
        [
            check(33_00, str(next(SERIALS)), "Zelda Quist"),
            coupon("2100000037", "8100000031", patient_name="Emma Okafor"),
        ]
    )
    item = desk.question(payment).ref
    page = desk.client("sam").get(f"/review/{item}").text
    assert 'data-candidate="2100000037"' in page
    assert "account and statement number are on the stub" in page


def test_the_auditor_reads_without_taking_the_question(desk: Desk) -> None:
    _, item = stranger(desk)
    assert take(desk, "audrey", item) == ""
    assert take(desk, "sam", item) != ""
