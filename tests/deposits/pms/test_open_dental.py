"""Open Dental gets each posting once, whatever happens to the answers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from deposits import posting, posting_answers, posting_connections
from deposits.posting_sending import Run, Tally
from records import audit, clock
from records.errors import Conflict, WrongUse
from records.installation import Installation
from records.models import AuditEvent, Payment, PmsConnection, Posting, Statement
from records.open_dental_http import Access, Connection
from tests.deposits.pms.fake_open_dental import FAULTS, KEYS, Fault
from tests.deposits.pms.practice import BILL, Practice, practice
from tests.inputs import sample


@pytest.fixture
def house(installation: Installation) -> Iterator[Practice]:
    with practice(installation) as made:
        yield made


def test_a_check_is_posted_as_one_payment_that_names_our_reference(house: Practice) -> None:
    house.check(12_500, number="2058")
    assert house.send() == Tally(posted=1)
    [paid], [row] = house.fake.payments, house.rows()
    assert (paid["PatNum"], paid["PayAmt"], paid["CheckNum"]) == (house.patient, "125", "2058")
    assert (paid["PayDate"], paid["PayType"]) == ("2026-11-20", 69)
    assert paid["PayNote"].startswith(f"Lockbox {row.ref} ")
    assert (row.state, row.pms_reference) == ("acknowledged", str(paid["PayNum"]))
    with house.db.read() as session:
        assert session.get_one(Statement, house.made.statement_id).open_cents == 37_500
    assert house.send() == Tally()


LOST: tuple[Fault, ...] = ("500_after", "504_after", "wrong_json_after", "other_after",
                           "closed_after", "timeout_after")  # fmt: skip


@pytest.mark.parametrize("fault", LOST)
def test_a_lost_answer_is_unknown_and_found_when_it_is_looked_up(
    house: Practice, fault: Fault
) -> None:
    house.check(12_500)
    assert house.send("", "", fault) == Tally(unknown=1)
    assert house.states() == ["unknown"]
    assert house.send(minutes=1) == Tally(), "in flight: neither looked up nor sent"
    assert house.send(minutes=5) == Tally(posted=1)
    [paid], [row] = house.fake.payments, house.rows()
    assert (row.state, row.pms_reference) == ("acknowledged", str(paid["PayNum"]))


@pytest.mark.parametrize("fault", ["500_before", "closed_before"])
def test_what_was_not_written_is_sent_again_only_after_it_was_looked_for(
    house: Practice, fault: Fault
) -> None:
    house.check(12_500)
    assert house.send("", "", fault) == Tally(unknown=1)
    assert house.send(minutes=6) == Tally(again=1, posted=1)
    assert len(house.fake.payments) == 1
    asked = [f"{method} {path.split('/')[1]}" for method, path in house.fake.seen]
    assert asked == ["GET patients", "GET payments", "POST payments",
                     "GET payments",
                     "GET patients", "GET payments", "POST payments"]  # fmt: skip


def test_a_write_that_lands_after_its_answer_was_lost_is_not_sent_again(house: Practice) -> None:
    house.check(12_500)
    assert house.send("", "", "late") == Tally(unknown=1)
    assert house.send(minutes=4) == Tally()
    with house.db.write() as session, clock.frozen(house.at):
        [row] = session.scalars(select(Posting))
        with pytest.raises(Conflict, match="posting_just_sent"):
            posting.resolve_unknown(session, row.export_id or "", [], [row.ref], BILL)
    assert house.send(minutes=6) == Tally(posted=1)
    assert len(house.fake.payments) == 1


def test_busy_is_waited_for_and_then_left_for_the_next_run(house: Practice) -> None:
    waited: list[float] = []
    house.check(12_500)
    house.check(4_000)
    house.open = lambda access, done: Connection(  # type: ignore[method-assign]
        access, pause_seconds=0, read_seconds=1.5, wait=waited.append, done=done
    )
    assert house.send("", "", "429", "429") == Tally(posted=2)
    assert waited == [7.0, 7.0]
    house.check(1_000)
    house.check(2_000)
    assert house.send("", "", "429", "429", "429") == Tally(again=1, left=1)
    assert house.send() == Tally(posted=1)
    assert house.send() == Tally(posted=1)
    assert sorted(house.held().values()) == [1, 1, 1, 1]


def test_keys_that_are_not_known_and_a_house_that_does_not_answer_send_nobody_to_review(
    house: Practice,
) -> None:
    house.check(12_500)
    with house.db.write() as session:
        posting_connections.set_up(
            session, house.made.office_id, url=house.url, developer_key=KEYS[0],
            customer_key="Wrong", actor="user:root",
        )  # fmt: skip
    assert house.send() == Tally(again=1)
    with house.db.write() as session:
        posting_connections.set_up(
            session, house.made.office_id, url="http://127.0.0.1:9/api/v1", developer_key=KEYS[0],
            customer_key=KEYS[1], actor="user:root",
        )  # fmt: skip
    assert house.send() == Tally(again=1)
    [row] = house.rows()
    assert (row.state, row.error) == ("queued", "Open Dental cannot be reached")
    assert house.fake.payments == []


def test_another_patient_under_the_number_is_never_paid(house: Practice) -> None:
    payment_id = house.check(12_500)
    house.fake.add_patient(house.patient, "Dumont")
    assert house.send() == Tally(failed=1)
    assert house.fake.payments == []
    with house.db.read() as session:
        assert session.get_one(Payment, payment_id).match_state == "in_review"


def test_a_check_that_the_front_desk_has_entered_is_not_entered_again(house: Practice) -> None:
    house.fake.answer("POST", "payments", {}, {"PatNum": house.patient, "PayAmt": "125.00",
                                               "CheckNum": "2058"})  # fmt: skip
    house.check(12_500, number="2058")
    assert house.send() == Tally(failed=1)
    assert len(house.fake.payments) == 1
    assert "already there" in house.rows()[0].error


def test_parts_of_one_check_for_one_patient_are_each_posted(house: Practice) -> None:
    house.check(5_000, 5_000, number="2058")
    assert house.send() == Tally(posted=2)
    assert [row["PayAmt"] for row in house.fake.payments] == ["50", "50"]


def test_a_returned_check_is_refunded_by_a_line_of_its_own_once(house: Practice) -> None:
    payment_id = house.check(12_500)
    house.send()
    with house.db.write() as session:
        posting.give_back(session, payment_id, BILL)
    assert house.send("", "", "closed_after") == Tally(unknown=1)
    assert house.send(minutes=6) == Tally(posted=1)
    paid, back = house.fake.payments
    assert (back["PayAmt"], back["refunds"]) == ("-125", paid["PayNum"])
    assert house.send(minutes=6) == Tally()
    assert not house.held()
    with house.db.read() as session:
        assert session.get_one(Payment, payment_id).match_state == "in_review"
        assert session.get_one(Statement, house.made.statement_id).open_cents == 50_000


def test_a_refund_without_our_note_is_not_made_twice(house: Practice) -> None:
    """Should Open Dental not copy the note, a lost refund is for a person to say."""
    house.fake.copies_notes = False
    payment_id = house.check(12_500)
    house.send()
    with house.db.write() as session:
        posting.give_back(session, payment_id, BILL)
    assert house.send("", "", "closed_after") == Tally(unknown=1)
    for _ in range(3):
        assert house.send(minutes=6) == Tally(unknown=1)
    paid, back = house.fake.payments
    assert (back["refunds"], back["PayNote"]) == (paid["PayNum"], "")
    with house.db.write() as session, clock.frozen(house.at):
        row = house.rows()[1]
        assert f"payment {back['PayNum']} may be it" in row.error
        posting.resolve_unknown(session, row.export_id or "", [row.ref], [], BILL)
    assert house.send(minutes=6) == Tally()


def test_a_refund_says_what_it_reverses(house: Practice) -> None:
    payment_id = house.check(12_500)
    house.send()
    with house.db.write() as session:
        posting.give_back(session, payment_id, BILL)
    assert house.send() == Tally(posted=1)
    first, second = house.rows()
    assert house.fake.payments[1]["PayNote"] == f"Lockbox {second.ref} reverses {first.ref}"


def test_a_decision_undone_before_its_line_left_is_never_sent(house: Practice) -> None:
    payment_id = house.check(12_500)
    house.check(4_000)
    with house.db.write() as session:
        posting.export(session, house.installation.store, house.made.office_id, BILL,
                       "open_dental")  # fmt: skip
        posting.give_back(session, payment_id, BILL)
    assert house.send() == Tally(posted=1)
    assert [row["PayAmt"] for row in house.fake.payments] == ["40"]
    assert sorted(house.states()) == ["acknowledged", "withdrawn"]


def test_a_run_may_be_cut_into_pieces(house: Practice) -> None:
    for cents in (100, 200, 300):
        house.check(cents)
    assert house.send(most=2) == Tally(posted=2, left=1)
    assert house.send(most=2) == Tally(posted=1)


def test_without_a_connection_nothing_is_sent(house: Practice) -> None:
    house.check(12_500)
    with house.db.write() as session:
        posting_connections.switch_off(session, house.made.office_id, "user:root")
    with pytest.raises(Conflict, match="pms_not_set_up"):
        house.send()
    assert house.fake.seen == []


@pytest.mark.parametrize("url", ["http://practice.example/api/v1", "ftp://x", "https://u:p@x/y"])
def test_patients_data_goes_over_https_only(house: Practice, url: str) -> None:
    with house.db.write() as session, pytest.raises(WrongUse, match="wrong_pms_url"):
        posting_connections.set_up(session, house.made.office_id, url=url, developer_key="a",
                                   customer_key="b", actor=BILL)  # fmt: skip


@pytest.mark.both_databases
def test_keys_are_sealed_and_every_request_is_audited_without_a_name_or_number(
    house: Practice,
) -> None:
    house.check(12_500, number="2058")
    house.send()
    with house.db.read() as session:
        raw = session.connection().exec_driver_sql("SELECT * FROM pms_connections").all()
        assert KEYS[0] not in str(raw)
        assert KEYS[1] not in str(raw)
        assert session.scalars(select(PmsConnection)).one().sealed["customer_key"] == KEYS[1]
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.seq)).all()
        told = [each for each in events if each.action == "open_dental_request"]
        assert [(each.detail["method"], each.detail["resource"]) for each in told] == [
            ("GET", "patients"), ("GET", "payments"), ("POST", "payments"),
        ]  # fmt: skip
        assert len(told) == len(house.fake.seen)
        everything = json.dumps([each.detail for each in events])
        for secret in (str(house.patient), "Reed", "2058", *KEYS):
            assert secret not in everything
        assert audit.verify(session).ok
    assert KEYS[0] not in repr(Access("u", *KEYS))


def test_a_file_that_is_sent_line_by_line_is_not_taken_whole(house: Practice) -> None:
    house.check(12_500)
    with house.db.write() as session:
        made = posting.export(session, house.installation.store, house.made.office_id, BILL,
                              "open_dental")  # fmt: skip
        with pytest.raises(WrongUse, match="sent_line_by_line"):
            posting_answers.acknowledge(session, made.id, "all", {}, BILL)


@pytest.mark.both_databases
def test_runs_that_race_send_each_line_once(house: Practice) -> None:
    for cents in range(100, 106):
        house.check(cents)

    def run(_: int) -> Tally:
        opened = posting_connections.sender(house.db, house.made.office_id, house.open)
        with opened as (sender, requests):
            return Run(house.db, house.installation.store, house.made.office_id, sender, requests,
                       BILL).send()  # fmt: skip

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(run, range(3)))
    assert sum(tally.posted for tally in done) == 6
    assert sorted(row["PayAmt"] for row in house.fake.payments) == [
        "1", "1.01", "1.02", "1.03", "1.04", "1.05",
    ]  # fmt: skip
    assert set(house.states()) == {"acknowledged"}


# Not shrunk: an example takes seconds, and says enough as it is.
@pytest.mark.many_cases
@settings(
    max_examples=sample(5, torture=10),
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    checks=st.lists(st.lists(st.integers(1, 50_000), min_size=1, max_size=2), min_size=1,
                    max_size=3),
    runs=st.lists(
        st.tuples(st.lists(st.sampled_from(FAULTS), max_size=14), st.sampled_from((0, 2, 6)),
                  st.booleans()),
        max_size=6,
    ),
)  # fmt: skip
def test_whatever_is_lost_no_allocation_ever_has_two_live_payments(
    installation: Installation,
    checks: list[list[int]],
    runs: list[tuple[list[Fault], int, bool]],
) -> None:
    with practice(installation) as house:
        payments = [house.check(*cents, number=str(at)) for at, cents in enumerate(checks)]
        for faults, minutes, undo in runs:
            house.send(*faults, minutes=minutes)
            assert max(house.held().values(), default=0) <= 1
            if undo and payments:
                with house.db.write() as session:
                    posting.give_back(session, payments.pop(), BILL)
        for _ in range(8):
            house.send(minutes=6)
            assert max(house.held().values(), default=0) <= 1
            if not {"queued", "exported", "unknown"} & set(house.states()):
                break
        live = {row.allocation_id: row for row in house.rows() if row.live}
        kept = sum(len(cents) for cents in checks[: len(payments)])
        assert {row.state for row in live.values()} <= {"acknowledged"}
        assert house.held() == Counter(live.keys())
        assert len(live) == kept
        for row in live.values():
            [paid] = [each for each in house.fake.payments if row.ref in each["PayNote"]]
            assert round(float(paid["PayAmt"]) * 100) == row.amount_cents
            assert row.pms_reference == str(paid["PayNum"])
