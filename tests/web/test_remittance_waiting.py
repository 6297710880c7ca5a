"""The queue of what lacks its partner: page, API and command show one thing, to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from deposits import remittance_waiting
from deposits.bank import import_file
from deposits.day import proof
from deposits.waiting_rows import Waiting
from records import clock
from records.models import AuditEvent, NoPartner, Payment, Remittance, ReviewItem
from tests.matching.test_remittance_partners import CLAIMS, TOTAL, eob, era, insurers
from tests.matching.world import RECEIVED
from tests.web.desk import BANK_NUMBER, Desk, open_desk
from web.commands import remittances as commands

NOW = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
"""A Monday; Thanksgiving (26 November) lies between it and the day the mail came."""
AGE = 9


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("waiting"))
    with clock.frozen(NOW):
        made.receive([insurers(serial="1000001")])
        made.receive([eob("7000001")])
        made.receive([era("55512345", 310_00, claims=[{**CLAIMS[0], "paid_cents": 310_00}])])
        made.receive([eob("", 0, claims=[{"paid_cents": 0}], payment_method="NON")])
        data = (
            "Account,Date,Amount,Description,Reference\n"
            f"{BANK_NUMBER},2026-11-27,99.10,HCCLAIMPMT TRN*1*777*1999999999,\n"
        )
        with made.installation.db.write() as session:
            import_file(session, made.installation.store, data.encode(), "b.csv", "user:bill")
        yield made
    made.installation.close()


def waiting(desk: Desk) -> dict[str, Waiting]:
    with desk.installation.db.read() as session:
        found = remittance_waiting.queue(session, None)
    assert len({row.kind for row in found}) == len(found)
    return {row.kind: row for row in found}


@pytest.mark.parametrize(
    ("since", "today", "days"),
    [
        (date(2026, 11, 16), date(2026, 11, 30), AGE),
        (date(2026, 11, 27), date(2026, 11, 30), 1),
        (date(2026, 11, 30), date(2026, 11, 30), 0),
        (date(2026, 12, 4), date(2026, 11, 30), 0),
    ],
)
def test_age_counts_the_days_on_which_banks_are_open(since: date, today: date, days: int) -> None:
    assert remittance_waiting.business_days(since, today) == days


def test_each_kind_waits_with_its_age_and_amount_and_what_it_may_belong_to(desk: Desk) -> None:
    rows = waiting(desk)
    found = {kind: (row.amount_cents, row.age_days, row.payer) for kind, row in rows.items()}
    delta = "Delta Dental of Ohio"
    assert found == {
        "remittance": (TOTAL, AGE, delta), "check": (TOTAL, AGE, delta.upper()),
        "era": (310_00, AGE, delta), "credit": (99_10, 1, ""),
    }  # fmt: skip
    (offer,) = rows["remittance"].offers
    assert offer.ref == rows["check"].ref
    assert offer.score == pytest.approx(sum(each["weight"] for each in offer.reasons))
    assert offer.words == "another number, the same amount, the same payer, of the same day"
    assert [each.ref for each in rows["check"].offers] == [rows["remittance"].ref]


def test_what_waits_is_explained_to_the_cent_on_both_axes(desk: Desk) -> None:
    with desk.installation.db.read() as session:
        shown = proof(session, RECEIVED)
        check = session.scalars(select(Payment).where(Payment.kind == "check")).one()
    assert shown.explained, shown.to_json()
    assert shown.received.total.cents == TOTAL + 310_00
    assert check.deposit_state == "depositable", "it may be deposited while its EOB is awaited"


def test_the_api_and_the_page_tell_the_same(desk: Desk) -> None:
    told = desk.client("bill").get("/api/v1/remittances/waiting").json()
    assert {row["kind"]: row["age_business_days"] for row in told["waiting"]} == {
        "remittance": AGE, "check": AGE, "era": AGE, "credit": 1,
    }  # fmt: skip
    assert told["counts"]["era"] == {"count": 1, "amount_cents": 310_00}
    page = desk.client("sam").get("/remittances/waiting")
    assert page.status_code == 200
    for row in told["waiting"]:
        if row["kind"] != "credit":
            assert row["ref"] in page.text
    today = desk.client("bill").get("/billing").text
    assert "without a partner, the oldest for 9 business days" in today


def test_the_page_of_one_kind_does_not_say_that_nothing_waits(desk: Desk) -> None:
    page = desk.client("bill").get("/remittances/waiting?kind=late").text
    assert "None of this kind waits" in page
    assert "Every remittance has its payment" not in page


def test_a_payment_by_transfer_is_not_called_a_check(desk: Desk) -> None:
    ref = waiting(desk)["era"].ref
    assert "transfer 55512345" in desk.client("bill").get(f"/payments/{ref}").text


def test_another_office_sees_nothing_of_it(desk: Desk) -> None:
    row = waiting(desk)["remittance"]
    erin = desk.client("erin")
    assert erin.get("/api/v1/remittances/waiting").json()["waiting"] == []
    assert erin.get("/api/v1/remittances").json()["remittances"] == []
    assert row.ref not in erin.get("/remittances/waiting").text
    said = {"step": "dismiss", "why": "mine"}
    assert erin.post(f"/api/v1/remittances/{row.ref}", json=said).status_code == 404


def test_an_auditor_looks_and_changes_nothing(desk: Desk) -> None:
    row = waiting(desk)["remittance"]
    audrey = desk.client("audrey")
    assert "No payment comes" not in audrey.get("/remittances/waiting").text
    answer = audrey.post(f"/remittances/{row.ref}/partner", data={"step": "dismiss", "why": "x"})
    assert answer.status_code == 403


def test_the_review_question_of_an_eob_alone_says_where_it_waits(desk: Desk) -> None:
    row = waiting(desk)["remittance"]
    sam = desk.client("sam")
    with desk.installation.db.read() as session:
        remittance = session.scalars(select(Remittance).where(Remittance.ref == row.ref)).one()
        query = select(ReviewItem.ref).where(ReviewItem.document_id == remittance.document_id)
        item = session.scalars(query).one()
    assert "Where is its payment?" in sam.get("/review").text
    asked = sam.get(f"/review/{item}").text
    assert "Where is its payment?" in asked
    assert "What is it?" not in asked
    assert 'href="/remittances/waiting"' in asked


def test_people_join_part_dismiss_and_take_it_back(desk: Desk) -> None:
    rows = waiting(desk)
    ref, payment = rows["remittance"].ref, rows["check"].ref
    sam = desk.client("sam")
    path = f"/remittances/{ref}/partner"
    assert sam.post(path, data={"step": "join", "payment": payment}).status_code == 303
    assert set(waiting(desk)) == {"era", "credit"}
    (joined,) = sam.get("/api/v1/remittances?state=joined").json()["remittances"][:1]
    assert f"/payments/{payment}" in sam.get("/remittances/joined").text
    assert joined["ref"] == ref or joined["electronic"]
    refused = sam.post(f"/api/v1/remittances/{ref}", json={"step": "part"})
    assert refused.json()["code"] == "reason_missing"
    assert sam.post(path, data={"step": "part", "why": "another check"}).status_code == 303
    assert "remittance" in waiting(desk)
    none = {"what": "remittance", "step": "none", "why": "a refund of theirs"}
    assert sam.post(f"/payments/{payment}/partner", data=none).status_code == 303
    assert "check" not in waiting(desk)
    shown = sam.get(f"/payments/{payment}").text
    assert "is awaited no more: a refund of theirs" in shown
    assert "Await it again" in shown
    assert "Await it again" not in desk.client("audrey").get(f"/payments/{payment}").text
    again = {"what": "remittance", "step": "again"}
    assert sam.post(f"/api/v1/payments/{payment}/partner", json=again).status_code == 200
    assert "check" in waiting(desk)
    sam.post(path, data={"step": "dismiss", "why": "for the old office"})
    assert "remittance" not in waiting(desk)
    assert sam.post(path, data={"step": "reopen"}).status_code == 303
    assert "remittance" in waiting(desk)
    with desk.installation.db.read() as session:
        done = set(session.scalars(select(AuditEvent.action)))
        assert session.scalars(select(NoPartner)).one().ended_by == "user:sam"
        nothing = session.scalars(select(Remittance).where(Remittance.amount_cents == 0)).one()
    assert nothing.partner_state == "none_needed"
    assert done >= {
        "remittance.joined", "remittance.parted", "remittance.dismissed", "remittance.reopened",
        "payment.no_partner", "payment.awaits_partner", "remittances.waiting_listed",
    }  # fmt: skip


def test_every_command_has_an_example() -> None:
    assert set(commands.remittance.commands) == {
        "waiting", "list", "join", "unjoin", "dismiss", "reopen", "ask", "seen",
    }  # fmt: skip
    for command in commands.remittance.commands.values():
        assert "Example: lockbox remittance" in (command.help or "")


def test_a_credit_of_a_part_of_an_835_says_how_much_came_and_when(desk: Desk) -> None:
    """The 835 announces $310.00 under the trace that the credit names."""
    data = (
        "Account,Date,Amount,Description,Reference\n"
        f"{BANK_NUMBER},2026-11-18,110.00,HCCLAIMPMT TRN*1*55512345*1999999999,\n"
        f"{BANK_NUMBER},2026-11-19,120.00,HCCLAIMPMT TRN*1*55512345*1999999999,\n"
    )
    with clock.frozen(NOW):
        with desk.installation.db.write() as session:
            import_file(session, desk.installation.store, data.encode(), "p.csv", "user:bill")
        with desk.installation.db.read() as session:
            rows = remittance_waiting.queue(session, None)
            blind = remittance_waiting.queue(session, set())
        (era_row,) = [row for row in rows if row.kind == "era"]
        assert era_row.says == (
            "$110.00 of $310.00 came on 2026-11-18; $120.00 of $310.00 came on 2026-11-19; "
            "$80.00 is missing still."
        )
        assert (era_row.missing_cents, era_row.age_days) == (80_00, AGE)
        told = {row.amount_cents: row.says for row in rows if row.kind == "credit"}
        assert told == {
            99_10: "",
            110_00: f"$110.00 of $310.00 came on 2026-11-18, announced as {era_row.ref}; "
            "$80.00 is missing still.",
            120_00: f"$120.00 of $310.00 came on 2026-11-19, announced as {era_row.ref}; "
            "$80.00 is missing still.",
        }
        credited = {row.amount_cents: row for row in rows if row.kind == "credit"}
        assert {offer.ref for offer in era_row.offers} == {
            credited[cents].ref for cents in (110_00, 120_00)
        }
        assert era_row.offers[0].words.startswith("the credit of 2026-11-1")
        assert {row.next_step for row in (era_row, credited[110_00])} == {
            "Wait for the rest, or ask the insurer where it is."
        }
        assert credited[99_10].next_step.startswith("Ask the insurer for the 835")
        assert not any(row.says for row in blind)
        page = desk.client("bill").get("/remittances/waiting").text
        assert "$110.00 of $310.00 came on 2026-11-18" in page
        rest = data.splitlines()[0] + (
            f"\n{BANK_NUMBER},2026-11-20,80.00,HCCLAIMPMT TRN*1*55512345*1999999999,\n"
        )
        with desk.installation.db.write() as session:
            done = import_file(
                session, desk.installation.store, rest.encode(), "q.csv", "user:bill"
            )
            assert done.settled == 3
            rows = remittance_waiting.queue(session, None)
            assert [row.amount_cents for row in rows if row.kind == "credit"] == [99_10]
            assert not [row for row in rows if row.kind == "era"]
