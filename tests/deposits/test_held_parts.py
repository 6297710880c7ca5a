"""Parts of a remitted payment that are held while the others post, and what a person does later."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from deposits import crosscheck, equations, posting_queue
from deposits.payment_money import payment_money
from matching import placing, remitted, review
from matching.claim_importing import import_claims
from matching.claim_rows import CLAIM_COLUMNS
from matching.types import AllocationInput
from records import journal
from records.db import Database
from records.errors import Conflict, NotFound, WrongUse
from records.models import Decision, HeldPart, KeyedValue, Payment, Posting, ReviewItem
from tests.matching.world import check, fill, reading, run
from tests.scenes import Scenes

SAM = "user:sam"
PAYER = "Buckeye Mutual Health Plan"
EMMA = {"patient_name": "OKAFOR, EMMA", "member_id": "G100000002",
        "patient_account": "2100000029", "claim_number": "C1", "paid_cents": 200_00}  # fmt: skip
STRANGER = {"patient_name": "Zelda Quist", "member_id": "ZZ9", "patient_account": "7777777777",
            "claim_number": "C2", "paid_cents": 55_10}  # fmt: skip
TAKEN = {"patient_name": "Noah Okafor", "member_id": "G100000002",
         "patient_account": "2100000037", "claim_number": "C0", "paid_cents": -30_00}  # fmt: skip


@pytest.fixture
def group(db: Database, scenes: Scenes) -> Database:
    scenes.put(db, fill)
    return db


def pay(
    session: Session, serial: str, *claims: dict[str, Any], cents: int | None = None
) -> Payment:
    total = sum(claim["paid_cents"] for claim in claims) if cents is None else cents
    eob = reading("remittance", total_paid_cents=total, payment_number=serial, claims=[*claims])
    (payment,) = run(session, [check(total, serial, PAYER), eob])
    return payment


def place(session: Session, ref: str, *parts: tuple[str | None, int], **more: Any) -> Decision:
    inputs = [
        AllocationInput("account" if number else "unidentified", number, None, cents)
        for number, cents in parts
    ]
    return placing.place(session, ref, SAM, inputs, **more)


def post(session: Session, payment: Payment) -> None:
    """Everything queued goes out and is acknowledged, as the PMS would."""
    payment.deposit_state = "depositable"
    posting_queue.keep_in_step(session, payment.id, SAM)


def proves(session: Session) -> None:
    """The second axis to the cent: parts, journal and postings tell the same."""
    session.expire_all()
    money = payment_money(session)
    for each in money:
        assert sum(each.parts.values()) in (0, each.amount_cents)
    assert equations.deposited_equation(money).unexplained_cents == 0
    assert equations.received_equation(money).unexplained_cents == 0
    assert [c for c in crosscheck.check_journal(session) if c.difference_cents] == []


def test_what_is_sure_posts_and_the_rest_is_held_until_a_person_places_it(group: Database) -> None:
    with group.write() as session:
        payment = pay(session, "9001", EMMA, STRANGER)
        assert payment.match_state == "decided"
        (held,) = placing.queue(session, None)
        assert (held.reason, held.amount_cents, held.payer) == ("account_not_found", 55_10, PAYER)
        post(session, payment)
        proves(session)
        first = session.scalars(select(Posting)).one()
        assert first.amount_cents == 200_00
        with pytest.raises(WrongUse, match="not_the_amount"):
            place(session, held.ref, ("2100000011", 55_00))
        with pytest.raises(WrongUse, match="wrong_value"):
            place(session, held.ref, ("2100000011", 60_10), (None, -5_00))
        with pytest.raises(NotFound, match="unknown_held_part"):
            place(session, held.ref, ("2100000011", 55_10), offices={"EAST"})
        decision = place(session, held.ref, ("2100000011", 50_00), ("2100000029", 5_10))
        posting_queue.keep_in_step(session, payment.id, SAM)
        proves(session)
        assert placing.queue(session, None) == []
        assert sorted(p.amount_cents for p in session.scalars(select(Posting))) == [
            5_10, 50_00, 200_00,
        ]  # fmt: skip
        assert (first.live, first.state) == (True, "queued")
        row = session.scalars(select(HeldPart)).one()
        assert (row.state, row.ended_by, row.decision_id) == ("placed", SAM, decision.id)
        assert row.sealed["claim_number"] == "C2"
        with pytest.raises(Conflict, match="held_part_ended"):
            place(session, held.ref, ("2100000011", 55_10))
        # who placed it has worked on the check, and cannot approve its deposit
        assert session.scalar(select(KeyedValue.actor).where(KeyedValue.field == "match")) == SAM


def test_a_match_undone_ends_what_was_held_and_every_entry_of_the_journal(group: Database) -> None:
    with group.write() as session:
        payment = pay(session, "9001", EMMA, STRANGER, {**STRANGER, "claim_number": "C3"})
        one, _ = placing.queue(session, None)
        place(session, one.ref, ("2100000011", 55_10))
        proves(session)
        review.undo(session, payment.id, SAM)
        proves(session)
        assert {row.state for row in session.scalars(select(HeldPart))} == {"placed", "withdrawn"}
        assert placing.queue(session, None) == []
        assert journal.balances(session)["unidentified"] == -310_20
        item = session.scalars(select(ReviewItem)).one()
        item = review.lease(session, item.id, SAM)
        review.confirm(session, item.id, SAM, item.lease_token, allocations=[
            AllocationInput("account", "2100000029", None, 200_00),
            AllocationInput("unidentified", None, None, 110_20, hold="not_our_patient"),
        ])  # fmt: skip
        proves(session)
        (held,) = placing.queue(session, None)
        assert (held.reason, held.amount_cents) == ("not_our_patient", 110_20)


def test_what_is_taken_back_is_paired_with_the_payment_of_its_claim(group: Database) -> None:
    with group.write() as session:
        earlier = pay(session, "9000", {**TAKEN, "paid_cents": 80_00})
        later = pay(session, "9001", EMMA, TAKEN)
        assert later.match_state == "decided"
        row = session.scalars(select(HeldPart)).one()
        assert (row.reason, row.amount_cents) == ("takeback", -30_00)
        assert row.pair_payment_id == earlier.id
        assert row.pair_account is not None
        assert row.pair_account.number == "2100000037"
        post(session, later)
        proves(session)
        with pytest.raises(WrongUse, match="wrong_value"):
            place(session, row.ref, ("2100000037", -30_00))
        place(session, row.ref, (None, -30_00), note="booked in the PMS")
        proves(session)
        unknown = pay(session, "9002", EMMA, {**TAKEN, "claim_number": "C9"})
        assert unknown.match_state == "decided"
        assert placing.queue(session, None)[0].reason == "takeback_unknown"


def test_another_insurers_claim_of_the_same_number_is_not_what_is_taken_back(
    group: Database,
) -> None:
    with group.write() as session:
        walter = {"patient_name": "Walter Abernathy", "member_id": "W1", "claim_number": "C0",
                  "patient_account": "2100000011", "paid_cents": 80_00}  # fmt: skip
        for serial, claim in (("8001", walter), ("8002", {**TAKEN, "paid_cents": 80_00})):
            eob = reading("remittance", total_paid_cents=80_00, payment_number=serial,
                          claims=[claim])  # fmt: skip
            run(session, [check(80_00, serial, "Guardian Life"), eob])
            pay(session, f"9{serial}", EMMA, TAKEN)
        first, second = session.scalars(select(HeldPart).order_by(HeldPart.created_at))
        assert (first.reason, first.pair_payment_id) == ("takeback_unknown", None)
        assert second.reason == "takeback", "the account on the claim bears it out"


def test_a_claim_taken_back_and_paid_anew_waits_as_one(group: Database) -> None:
    with group.write() as session:
        anew = {**TAKEN, "paid_cents": 45_00}
        payment = pay(session, "9001", EMMA, TAKEN, anew)
        assert sorted((p.destination, p.amount_cents) for p in payment.allocations) == [
            ("account", 200_00), ("unidentified", -30_00), ("unidentified", 45_00),
        ]  # fmt: skip
        assert {row.reason for row in placing.queue(session, None)} == {"takeback_unknown"}
        (held,) = [row for row in placing.queue(session, None) if row.amount_cents > 0]
        place(session, held.ref, ("2100000037", 45_00))
        post(session, payment)
        proves(session)


def test_nothing_goes_where_nothing_is_sure_or_the_sums_do_not_add_up(group: Database) -> None:
    with group.write() as session:
        none = pay(session, "9001", STRANGER)
        short = pay(session, "9002", EMMA, STRANGER, cents=260_00)
        unread = pay(session, "9003", EMMA, {**STRANGER, "paid_cents": 0}, cents=255_10)
        assert {p.match_state for p in (none, short, unread)} == {"in_review"}
        assert placing.queue(session, None) == []


CLAIMS = f"""{",".join(CLAIM_COLUMNS)}
K1,,2100000029,G100000002,Buckeye,2026-10-05,D2391,,,1,196.00,
K1,,2100000029,G100000002,Buckeye,2026-10-05,D0120,,,1,62.00,
K2,,2100000037,G100000002,Buckeye,2026-10-05,D1120,,,1,84.00,
"""


def lines(*charges: int, on: str = "2026-10-05") -> list[dict[str, Any]]:
    return [{"service_on": on, "procedure_code": "D2391", "charged_cents": c} for c in charges]


def test_a_number_and_the_lines_of_another_accounts_claim_are_for_a_person(group: Database) -> None:
    with group.write() as session:
        import_claims(session, CLAIMS, SAM)
        noah = {"patient_name": "Noah Okafor", "claim_number": "C5", "paid_cents": 40_00,
                "patient_account": "2100000029", "charged_cents": 84_00,
                "lines": lines(84_00)}  # fmt: skip
        sure = {**EMMA, "charged_cents": 258_00, "lines": lines(196_00, 62_00)}
        payment = pay(session, "9001", sure, noah)
        assert payment.match_state == "decided"
        (held,) = placing.queue(session, None)
        assert (held.reason, held.amount_cents) == ("numbers_disagree", 40_00)


def test_an_account_without_such_a_claim_gets_the_money_unapplied(group: Database) -> None:
    with group.write() as session:
        import_claims(session, CLAIMS, SAM)
        other = {**EMMA, "charged_cents": 98_00, "lines": lines(98_00, on="2026-09-01")}
        payment = pay(session, "9001", other)
        assert payment.match_state == "decided"
        assert [part.destination for part in payment.allocations] == ["unapplied"]
        (held,) = placing.queue(session, None)
        assert (held.reason, held.account) == ("claim_not_found", "2100000029")
        proves(session)
        place(session, held.ref, ("2100000029", 200_00))
        proves(session)


@pytest.mark.both_databases
def test_the_database_holds_each_part_once_and_ends_it_with_its_part(group: Database) -> None:
    with group.write() as session:
        pay(session, "9001", EMMA, STRANGER)
    again = """INSERT INTO held_parts (id, created_at, ref, payment_id, allocation_id, office_id,
        reason, label, amount_cents, held_by, sealed, state, note)
        SELECT 'x', h.created_at, 'H-2', h.payment_id, a.id, h.office_id, 'other', '',
               a.amount_cents, 'x', h.sealed, 'open', ''
        FROM held_parts h JOIN allocations a ON a.payment_id = h.payment_id
        WHERE a.destination = 'account'"""
    for change in (
        "UPDATE held_parts SET amount_cents = 1",
        "UPDATE held_parts SET state = 'withdrawn', ended_by = 'x', ended_at = created_at",
        "DELETE FROM held_parts",
        again,
    ):
        with pytest.raises(DatabaseError, match=r"held|never"), group.write() as session:
            session.execute(text(change))


def test_claims_that_a_remittance_names_follow_its_newest_reading(group: Database) -> None:
    with group.write() as session:
        payment = pay(session, "9001", EMMA, STRANGER)
        documents = [d for d in payment.transaction.documents if d.kind == "remittance"]
        assert [c.claim_number for c in remitted.claims_of(documents[0])] == ["C1", "C2"]
        assert remitted.key_of("c-1 ") == remitted.key_of("C1") != remitted.key_of("C2")


def test_money_leaves_the_queue_for_no_account_only_with_a_word(group: Database) -> None:
    with group.write() as session:
        pay(session, "9001", EMMA, STRANGER)
        (held,) = placing.queue(session, None)
        with pytest.raises(WrongUse, match="reason_missing"):
            place(session, held.ref, (None, 55_10), note="  ")
        unapplied = [AllocationInput("unapplied", "2100000029", None, 55_10)]
        with pytest.raises(WrongUse, match="reason_missing"):
            placing.place(session, held.ref, SAM, unapplied)
        again = [AllocationInput("unidentified", None, None, 55_10, hold="not_our_patient")]
        placing.place(session, held.ref, SAM, again)
        (held,) = placing.queue(session, None)
        assert held.reason == "not_our_patient"
        place(session, held.ref, (None, 55_10), note="sent back to the insurer")
        assert placing.queue(session, None) == []
        proves(session)


def test_an_account_of_another_office_is_not_told_with_what_is_held(group: Database) -> None:
    priya = {"patient_name": "NAKAMURA, PRIYA", "member_id": "X1000005",
             "patient_account": "3400000018", "claim_number": "E1",
             "paid_cents": 80_00}  # fmt: skip
    with group.write() as session:
        earlier = pay(session, "9001", EMMA, priya)
        pay(session, "9002", EMMA, {**priya, "paid_cents": -30_00})
        north = {earlier.office_id}
        (everything,) = placing.queue(session, None)
        assert (everything.account, everything.pair) == ("3400000018", earlier.ref)
        (seen,) = placing.queue(session, north)
        assert (seen.account, seen.pair) == ("", earlier.ref)
