"""Checks that cannot be deposited: their queue, the next step of each, and two scans compared."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from deposits import posting_late_rows
from deposits.day import proof
from matching import coming_back, ledger, review
from matching.review import AllocationInput
from records import clock
from records.models import AuditEvent, DepositException, Payment
from tests.matching.world import RECEIVED, check, field
from tests.web.desk import Desk, open_desk
from web.coming_due import Calendar

UNREAD = field(None, 0.0)
SERIALS = iter(range(300, 999))
LATER = datetime.now(UTC).date() + timedelta(days=30)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = open_desk(tmp_path_factory.mktemp("exceptions"))
    yield made
    made.installation.close()


def set_aside(desk: Desk, reason: str, **reading: object) -> str:
    """A check that Sam set aside; its reference."""
    (ref,) = desk.receive([check(75_00, str(next(SERIALS)), "Zelda Quist", **reading)])
    item = desk.question(ref)
    with desk.installation.db.write() as session:
        held = review.lease(session, item.id, "user:sam")
        review.set_aside(session, held.id, "user:sam", held.lease_token, reason)
    return ref


def two_scans(desk: Desk, first_cents: int = 50_00, second_cents: int = 60_00) -> tuple[str, str]:
    """Two scans with one line and unlike amounts, both answered by Sam."""
    serial = str(next(SERIALS))
    first, second = desk.receive(
        [check(0, serial, amount_cents=UNREAD)], [check(0, serial, amount_cents=UNREAD)]
    )
    for ref, cents in ((first, first_cents), (second, second_cents)):
        with desk.installation.db.write() as session:
            held = review.lease(session, desk.question(ref).id, "user:sam")
            parts = [AllocationInput("account", "2100000011", None, cents)]
            review.confirm(session, held.id, "user:sam", held.lease_token, amount_cents=cents,
                           allocations=parts)  # fmt: skip
    assert desk.payment(first).deposit_state == "depositable"
    assert desk.payment(second).deposit_state == "awaiting_review"
    return first, second


def part(desk: Desk, name: str) -> int:
    """The cents of one part of what was received; every cent of the day is explained."""
    with desk.installation.db.read() as session:
        shown = proof(session, RECEIVED)
    assert shown.explained, shown.to_json()
    found = shown.received.parts.get(name)
    return found.cents if found is not None else 0


def late(desk: Desk) -> set[str]:
    """The payments that are told as not posted in time, two days from now."""
    with desk.installation.db.read() as session:
        found = posting_late_rows.report(session, clock.now() + timedelta(days=2))
        return {line.payment_ref for line in found.lines}


def record(desk: Desk, ref: str) -> DepositException:
    """The newest stretch of a check."""
    with desk.installation.db.read() as session:
        query = select(DepositException).where(DepositException.payment_id == desk.payment(ref).id)
        return session.scalars(query.order_by(DepositException.id.desc())).first()  # type: ignore[return-value]


def test_the_queue_shows_what_waits_and_the_start_page_counts_it(desk: Desk) -> None:
    ref = set_aside(desk, "unsigned")
    asked = desk.receive([check(75_00, str(next(SERIALS)), "Zelda Quist", signed=False)])[0]
    page = desk.client("bill").get("/exceptions").text
    row = next(each for each in page.split("<tr>") if f"/exceptions/{ref}" in each)
    assert "unsigned" in row
    assert "Return it to be signed" in row
    assert ">sam<" in row.replace("\n", "")
    waits = next(each for each in page.split("<tr>") if f"/exceptions/{asked}" in each)
    assert f"/review/{desk.question(asked).ref}" in waits
    assert asked not in desk.client("bill").get("/exceptions?reason=stale").text
    today = desk.client("bill").get("/billing").text
    assert re.search(r'checks not deposited: unsigned</span><a href="[^"]+reason=unsigned"', today)
    assert ref not in desk.client("edna").get("/exceptions").text  # billing of another office


@pytest.mark.parametrize(("warning", "reason", "ask"), [
    ("foreign_currency", "foreign", "foreign"), ("void", "not_negotiable", "void"),
])  # fmt: skip
def test_what_the_reading_warns_of_is_asked_and_enter_alone_is_no_answer(
    desk: Desk, warning: str, reason: str, ask: str
) -> None:
    (ref,) = desk.receive([check(75_00, str(next(SERIALS)), "Zelda Quist", warnings=(warning,))])
    bill, item = desk.client("bill"), desk.question(ref).ref
    row = next(each for each in bill.get("/exceptions").text.split("<tr>") if ref in each)
    assert reason.replace("_", " ") in row
    page = bill.get(f"/review/{item}").text
    assert f'value="{ask}" data-override' in page
    assert f'<option value="{reason}" selected>' in page
    form = {"token": desk.question(ref).lease_token, "amount": "75.00", "to_account": "2100000045",
            "to_statement": "", "to_amount": "75.00", "to_destination": "account"}  # fmt: skip
    assert bill.post(f"/review/{item}/confirm", data=form).status_code == 400
    kept = bill.post(f"/review/{item}/confirm", data={**form, "override": ask})
    assert (kept.status_code, desk.payment(ref).deposit_state) == (303, "depositable")


@pytest.mark.parametrize(("reason", "step"), [
    ("misdirected", "returned_to_sender"), ("unsigned", "returned_to_office"),
    ("foreign", "sent_for_collection"), ("stale", "new_check_asked"),
    ("third_party", "returned_to_sender"),
])  # fmt: skip
def test_an_end_is_on_record_and_its_money_stays_under_its_reason(
    desk: Desk, reason: str, step: str
) -> None:
    before = part(desk, f"not_deposited:{reason}")
    ref = set_aside(desk, reason)
    assert (ref in late(desk)) == (reason != "misdirected")
    bill = desk.client("bill")
    assert bill.post(f"/exceptions/{ref}/step", data={"step": step}).status_code == 400  # how?
    how = "certified mail 7013 0600"
    answer = bill.post(f"/exceptions/{ref}/step", data={"step": step, "how": how})
    assert answer.status_code == 303
    assert f"/exceptions/{ref}" not in bill.get("/exceptions").text
    kept = record(desk, ref)
    assert (kept.outcome, kept.ended_by, kept.evidence) == (step, "user:bill", {"how": how})
    assert kept.ended_on is not None
    assert how in bill.get(f"/exceptions/{ref}").text
    assert part(desk, f"not_deposited:{reason}") == before + 75_00
    assert (ref in late(desk)) == (step == "sent_for_collection")  # the bank still collects it
    again = bill.post(f"/exceptions/{ref}/step", data={"step": step, "how": how})
    assert again.status_code == 409
    with desk.installation.db.read() as session:
        told = session.scalars(
            select(AuditEvent).where(AuditEvent.action == f"payment.{step}")
        ).all()
        assert how not in json.dumps([each.detail for each in told])


@pytest.mark.parametrize(("reason", "form"), [
    ("unsigned", {"step": "sent_for_collection", "how": "bank"}),
    ("unsigned", {"step": "lost", "how": "somewhere"}),
    ("unsigned", {"step": "returned_to_sender", "how": "mail", "on": "2026-11-15"}),
    ("unsigned", {"step": "returned_to_sender", "how": "mail", "on": LATER.isoformat()}),
    ("held", {"step": "hold", "until": RECEIVED.isoformat()}),
    ("held", {"step": "hold", "until": "soon"}),
])  # fmt: skip
def test_a_step_that_does_not_fit_changes_nothing(
    desk: Desk, reason: str, form: dict[str, str]
) -> None:
    ref = set_aside(desk, reason)
    assert desk.client("bill").post(f"/exceptions/{ref}/step", data=form).status_code == 400
    assert record(desk, ref).outcome == ""


def test_a_second_look_puts_it_back_into_review(desk: Desk) -> None:
    before = part(desk, "not_deposited:held")
    ref = set_aside(desk, "held")
    answer = desk.client("bill").post(f"/exceptions/{ref}/step", data={"step": "put_back"})
    assert answer.headers["location"] == f"/review/{desk.question(ref).ref}"
    assert desk.payment(ref).deposit_state == "awaiting_review"
    assert part(desk, "not_deposited:held") == before
    assert record(desk, ref).outcome == "put_back"


def test_specialists_see_the_queue_and_billing_ends_it(desk: Desk) -> None:
    ref = set_aside(desk, "unsigned")
    for name in ("sofia", "audrey"):
        client = desk.client(name)
        assert client.get(f"/exceptions/{ref}").status_code == 200
        form = {"step": "returned_to_sender", "how": "mail"}
        assert client.post(f"/exceptions/{ref}/step", data=form).status_code == 403
    assert desk.client("erin").get(f"/exceptions/{ref}").status_code == 404


def test_the_api_lists_what_waits_and_takes_the_same_steps(desk: Desk) -> None:
    ref = set_aside(desk, "third_party")
    bill = desk.client("bill")
    rows = bill.get("/api/v1/exceptions?reason=third_party").json()["exceptions"]
    assert ref in {row["payment"] for row in rows}
    address = f"/api/v1/exceptions/{ref}"
    assert desk.client("sam").post(address, json={"step": "put_back"}).status_code == 403
    for wrong in ({"step": "hold"}, {"step": "returned_to_sender"}):
        assert bill.post(address, json=wrong).status_code == 400
    held = bill.post(address, json={"step": "hold", "until": LATER.isoformat()})
    assert held.json()["deposit_state"] == "not_deposited"
    assert record(desk, ref).until_on == LATER
    assert bill.post(address, json={"step": "put_back"}).json()["deposit_state"] == (
        "awaiting_review"
    )
    assert bill.post(address, json={"step": "put_back"}).status_code == 409


def test_a_postdated_check_comes_back_on_its_date_by_the_zone_of_its_bank(desk: Desk) -> None:
    dated = date(2027, 1, 11)
    ref = set_aside(desk, "postdated", date=dated.isoformat())
    assert record(desk, ref).until_on == dated
    db = desk.installation.db
    # Ten in the evening before in New York, though the new day has come in London.
    for at, came in ((datetime(2027, 1, 11, 3, tzinfo=UTC), []),
                     (datetime(2027, 1, 11, 6, tzinfo=UTC), [ref])):  # fmt: skip
        with clock.frozen(at), db.write() as session:
            assert coming_back.come_back(session) == came
    assert desk.payment(ref).deposit_state == "depositable"
    kept = record(desk, ref)
    assert (kept.outcome, kept.ended_by) == ("date_came", "system:calendar")
    assert desk.question(ref).asks == ["match"]
    part(desk, "on_hand")


def test_a_check_that_was_held_until_a_day_before_its_own_is_asked_about_on_that_day(
    desk: Desk,
) -> None:
    ref = set_aside(desk, "postdated", date="2027-06-01")
    form = {"step": "hold", "until": "2027-01-14"}
    assert desk.client("bill").post(f"/exceptions/{ref}/step", data=form).status_code == 303
    noon = datetime(2027, 1, 14, 18, tzinfo=UTC)
    with clock.frozen(noon), desk.installation.db.write() as session:
        assert coming_back.come_back(session) == [ref]
    assert desk.payment(ref).deposit_state == "awaiting_review"
    assert desk.question(ref).asks == ["date", "match"]


def test_a_running_service_looks_once_a_minute_and_one_check_stops_no_other(desk: Desk) -> None:
    stuck, free = (set_aside(desk, "postdated", date="2027-01-11") for _ in range(2))
    db = desk.installation.db
    with db.write() as session:  # a state nobody can come back from
        ledger.undo(session, session.get_one(Payment, desk.payment(stuck).id), ledger.SET_ASIDE)
        session.get_one(Payment, desk.payment(stuck).id).match_state = "in_review"
    calendar = Calendar()
    with clock.frozen(datetime(2027, 1, 12, 12, tzinfo=UTC)):
        assert calendar.look(db) == 1
        assert calendar.look(db) == 0
        with db.write() as session:  # nor who fills a deposit
            assert coming_back.come_back(session) == []
    assert desk.payment(free).deposit_state == "depositable"
    assert desk.payment(stuck).deposit_state == "not_deposited"
    with db.write() as session:  # as it was
        payment = session.get_one(Payment, desk.payment(stuck).id)
        payment.match_state = "set_aside"
        ledger.set_aside(session, payment)
    with clock.frozen(datetime(2027, 1, 12, 12, tzinfo=UTC)):
        assert Calendar().look(db) == 1


def test_what_else_speaks_against_a_held_check_is_asked_when_its_day_comes(desk: Desk) -> None:
    ref = set_aside(desk, "postdated", signed=False, date="2027-01-12")
    bill = desk.client("bill")
    form = {"step": "hold", "until": "2027-01-14"}
    assert bill.post(f"/exceptions/{ref}/step", data=form).status_code == 303
    db = desk.installation.db
    for day, came in ((13, []), (14, [ref])):
        with clock.frozen(datetime(2027, 1, day, 12, tzinfo=UTC)), db.write() as session:
            assert coming_back.come_back(session) == came
    assert desk.payment(ref).deposit_state == "awaiting_review"
    assert desk.question(ref).asks == ["signature", "match"]
    with db.read() as session:
        trail = session.scalars(
            select(DepositException)
            .where(DepositException.payment_id == desk.payment(ref).id)
            .order_by(DepositException.id)
        ).all()
        assert [(each.outcome, each.ended_by) for each in trail] == [
            ("held", "user:bill"), ("date_came", "system:calendar"),
        ]  # fmt: skip


def test_two_scans_are_shown_side_by_side_with_what_differs(desk: Desk) -> None:
    first, second = two_scans(desk)
    page = desk.client("sofia").get(f"/exceptions/{second}").text
    assert [f'aria-label="Scan {ref}"' in page for ref in (first, second)] == [True, True]
    rows = dict(re.findall(r'<th scope="row">([^<]+)</th>.*?<td>(same|differs)</td></tr>', page))
    assert (rows["Amount"], rows["Check number"], rows["Account"]) == ("differs", "same", "same")
    assert "998877" not in page  # account numbers by their last four digits
    with desk.installation.db.read() as session:
        seen = session.scalars(
            select(AuditEvent.subject_id)
            .where(AuditEvent.action == "payment.viewed", AuditEvent.actor == "user:sofia")
            .order_by(AuditEvent.seq.desc())
        ).all()
    assert set(seen[:2]) == {desk.payment(first).id, desk.payment(second).id}


def test_who_keyed_one_of_the_scans_does_not_decide(desk: Desk) -> None:
    _, second = two_scans(desk)
    sam = desk.client("sam")
    assert "Ask somebody who has worked on neither" in sam.get(f"/exceptions/{second}").text
    for said in ("same", "another"):
        answer = sam.post(f"/exceptions/{second}/compared", data={"said": said})
        assert answer.status_code == 403
    assert desk.payment(second).deposit_state == "awaiting_review"


def test_one_check_scanned_twice_is_deposited_once(desk: Desk) -> None:
    before = part(desk, "not_deposited:duplicate")
    first, second = two_scans(desk)
    answer = desk.client("sofia").post(f"/exceptions/{second}/compared", data={"said": "same"})
    assert answer.status_code == 303
    stays, goes = desk.payment(first), desk.payment(second)
    assert (stays.deposit_state, goes.deposit_state, goes.live) == (
        "depositable", "not_deposited", False,
    )  # fmt: skip
    kept = record(desk, second)
    assert (kept.outcome, kept.ended_by, kept.evidence["with"]) == (
        "same_check", "user:sofia", first,
    )  # fmt: skip
    assert kept.evidence["differs"] == ["amount_cents"]
    assert desk.question(second).state == "done"
    assert part(desk, "not_deposited:duplicate") == before + 60_00


def test_two_checks_told_apart_are_both_deposited(desk: Desk) -> None:
    first, second = two_scans(desk)
    answer = desk.client("sofia").post(f"/exceptions/{second}/compared", data={"said": "another"})
    assert answer.status_code == 303
    assert [desk.payment(ref).deposit_state for ref in (first, second)] == ["depositable"] * 2
    assert desk.payment(second).override_by == "user:sofia"
    assert record(desk, second).outcome == "another_check"
    again = desk.client("sofia").post(f"/exceptions/{second}/compared", data={"said": "same"})
    assert again.status_code in {403, 409}
    part(desk, "on_hand")


def test_a_person_who_set_a_second_scan_aside_is_borne_out_by_another(desk: Desk) -> None:
    serial = str(next(SERIALS))
    _, second = desk.receive([check(41_00, serial)], [check(42_00, serial)])
    item = desk.question(second)
    with desk.installation.db.write() as session:
        held = review.lease(session, item.id, "user:sam")
        review.set_aside(session, held.id, "user:sam", held.lease_token, "duplicate")
    bill = desk.client("bill")
    assert f"/exceptions/{second}" in bill.get("/exceptions?reason=duplicate").text
    step = {"step": "returned_to_sender", "how": "mail"}
    assert bill.post(f"/exceptions/{second}/step", data=step).status_code == 409
    said = {"said": "another"}
    assert desk.client("sam").post(f"/exceptions/{second}/compared", data=said).status_code == 403
    assert bill.post(f"/exceptions/{second}/compared", data=said).status_code == 303
    assert desk.payment(second).deposit_state == "awaiting_review"  # confirmed by somebody else
    assert desk.question(second).asks == ["match"]
