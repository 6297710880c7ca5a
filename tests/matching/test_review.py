"""Specialists: leases, confirming, correcting, setting aside, undoing."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from matching import placing, review
from matching.review import AllocationInput
from records import clock, journal
from records.db import Database
from records.errors import Conflict, Forbidden, NotFound, WrongUse
from records.models import (
    Job,
    KeyedValue,
    PayerMemory,
    Payment,
    Posting,
    PostingExport,
    ReviewItem,
)
from tests.matching.world import add_file, check, coupon, field, match_all, reading, register, run

SAM, SOFIA = "user:sam", "user:sofia"


def part(number: str | None, cents: int, statement: str | None = None) -> AllocationInput:
    return AllocationInput("account" if number else "unidentified", number, statement, cents)


def take(session, payment: Payment, actor: str = SAM) -> ReviewItem:  # type: ignore[no-untyped-def]
    item = session.scalars(select(ReviewItem).where(ReviewItem.payment_id == payment.id)).one()
    return review.lease(session, item.id, actor)


def test_the_queue_is_ordered_by_value_and_age_and_scoped(group: Database) -> None:
    with group.write() as session:
        run(session, [check(10_00, "1", "Zelda Quist")], [check(90_00, "2", "Zelda Quist")],
            [check(40_00, "3", "Zelda Quist")])  # fmt: skip
        run(session, [check(50_00, "4", "Zelda Quist", payee_name="Whitewater Medical")],
            office="EAST")  # fmt: skip
        rows = review.queue(session, offices=None)
        assert [row.value_cents for row in rows] == [90_00, 50_00, 40_00, 10_00]
        north = review.queue(session, offices=frozenset({"NORTH"}))
        assert [row.value_cents for row in north] == [90_00, 40_00, 10_00]
        assert review.queue(session, offices=frozenset()) == []
        taken = []
        item = None
        for _ in range(4):
            item = review.lease_next(session, SAM, offices=None, after=item.id if item else None)
            assert item is not None
            taken.append(item.value_cents)
        assert taken == [90_00, 50_00, 40_00, 10_00]
        assert review.lease_next(session, SOFIA, offices=None) is None
        assert {row.leased_by for row in review.queue(session, offices=None)} == {SAM}


def test_a_lease_keeps_others_out_until_it_ends(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(10_00, "1", "Zelda Quist")])
        item = take(session, payment)
        token = item.lease_token
        with pytest.raises(Conflict, match=r"\[leased\]"):
            review.lease(session, item.id, SOFIA)
        review.renew(session, item.id, SAM, token)
        with clock.frozen(clock.now() + timedelta(minutes=6)):
            with pytest.raises(Conflict, match="lease_lost"):
                review.renew(session, item.id, SAM, token)
            assert review.lease(session, item.id, SOFIA).lease_token == token + 1
            with pytest.raises(Conflict, match="lease_lost"):
                review.confirm(session, item.id, SAM, token, allocations=[part(None, 10_00)])
            review.release(session, item.id, SOFIA, token + 1)
            assert item.state == "open"


def test_confirming_allocates_releases_to_the_bank_and_teaches(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(40_00, "1", "Zelda Quist")])
        item = take(session, payment)
        decision = review.confirm(
            session, item.id, SAM, item.lease_token,
            allocations=[part("2100000045", 40_00, "8100000049")],
        )  # fmt: skip
        assert (payment.match_state, payment.deposit_state) == ("decided", "depositable")
        assert (item.state, item.outcome, item.done_by) == ("done", "confirmed", SAM)
        assert decision.reasons
        assert session.scalars(select(PayerMemory.confirmations)).all() == [1]
        assert {k.field for k in session.scalars(select(KeyedValue))} == {"match"}
        assert journal.balances(session)["allocated"] == -40_00
        again = run(session, [check(40_00, "2", "Q Zelda")], minutes=9)[0]
        found = review.evidence(session, take(session, again).id)
        assert found.candidates[0]["account_number"] == "2100000045"
        assert "payer_memory" in {r["signal"] for r in found.candidates[0]["reasons"]}
        assert again.match_state == "in_review"  # memory alone asks a person


def test_unread_values_are_keyed_and_then_it_may_be_deposited(group: Database) -> None:
    unread = {"amount_cents": field(12_00, 0.3), "account_number": field(None),
              "signed": False}  # fmt: skip
    with group.write() as session:
        (payment,) = run(session, [check(0, "1", "Zelda Quist", **unread)])
        item = take(session, payment)
        assert item.asks == ["amount", "micr", "signature", "match"]
        seen = review.evidence(session, item.id, amount_cents=40_00)
        assert sum(share.amount_cents for share in seen.proposal) == 40_00
        go = {"allocations": [part("2100000045", 40_00)]}
        with pytest.raises(WrongUse, match="amount_missing"):
            review.confirm(session, item.id, SAM, item.lease_token, **go)
    with group.write() as session:
        item = take(session, session.get_one(Payment, payment.id))
        with pytest.raises(WrongUse, match="micr_missing"):
            review.confirm(session, item.id, SAM, item.lease_token, amount_cents=40_00, **go)
        session.rollback()
    with group.write() as session:
        payment = session.get_one(Payment, payment.id)
        item = take(session, payment)
        review.confirm(session, item.id, SAM, item.lease_token, amount_cents=40_00,
                       keyed={"account_number": "998877", "date": "11/16/2026"},
                       **go)  # fmt: skip
        assert (payment.amount_cents, payment.amount_by) == (40_00, SAM)
        assert payment.written_on == date(2026, 11, 16)
        assert payment.deposit_state == "depositable"
        assert payment.fingerprint
        keyed = {k.field for k in session.scalars(select(KeyedValue))}
        assert keyed == {"amount", "account_number", "date", "match", "deposit"}
        assert [r.made_by for r in payment.document.readings] == ["test", SAM]
        assert journal.balances(session)["on_hand"] == 40_00


def test_a_match_without_a_deposit_leaves_the_other_question(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(40_00, "1", "Zelda Quist", signed=False)])
        item = take(session, payment)
        review.confirm(session, item.id, SAM, item.lease_token, deposit=False,
                       allocations=[part("2100000045", 40_00)])  # fmt: skip
        assert (payment.match_state, payment.deposit_state) == ("decided", "awaiting_review")
        assert (item.state, item.asks) == ("open", ["signature"])
        item = review.lease(session, item.id, SOFIA)
        review.set_aside(session, item.id, SOFIA, item.lease_token, "unsigned")
        assert (payment.match_state, payment.deposit_state) == ("set_aside", "not_deposited")
        assert session.scalars(select(PayerMemory.confirmations)).all() == [0]
        assert {k: v for k, v in journal.balances(session).items() if v} == {
            "not_deposited:unsigned": 40_00, "set_aside": -40_00,
        }  # fmt: skip
        review.reopen(session, payment.id, SAM)
        assert (payment.match_state, payment.deposit_state) == ("in_review", "awaiting_review")
        assert item.asks == ["signature", "match"]


@pytest.mark.parametrize(("parts", "code"), [
    ([part("2100000045", 39_00)], "not_the_amount"), ([], "not_the_amount"),
    ([part("2100000045", 39_00), part("2100000011", 1_00, "8100000049")], "unknown_statement"),
    ([part("2100000045", 41_00), part("2100000011", -1_00)], "wrong_value"),
    ([part("2100000045", 41_00), part(None, -1_00)], "wrong_value"),
    ([part("2100000045", 40_00), part(None, 0)], "wrong_value"),
    ([part("2100000045", 9_000_040_00), part(None, -9_000_000_00)], "wrong_value"),
    ([AllocationInput("moon", None, None, 40_00)], "wrong_value"),
])  # fmt: skip
def test_wrong_parts_are_refused(group: Database, parts: list[AllocationInput], code: str) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(40_00, "1", "Zelda Quist")])
        item = take(session, payment)
        with pytest.raises(WrongUse, match=code):
            review.confirm(session, item.id, SAM, item.lease_token, allocations=parts)


@pytest.mark.parametrize("number", ["77", "3400000018"])
def test_an_account_of_another_office_is_answered_like_an_unknown_one(
    group: Database, number: str
) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(40_00, "1", "Zelda Quist")])
        item = take(session, payment)
        with pytest.raises(Conflict, match="account_of_another_office") as refused:
            review.confirm(session, item.id, SAM, item.lease_token, offices={"NORTH"},
                           allocations=[part(number, 40_00)])  # fmt: skip
        assert str(refused.value).startswith("There is no such account in your offices. Key")
        assert number not in str(refused.value)


def test_who_works_for_all_offices_gives_a_check_to_an_account_of_any(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(40_00, "1", "Zelda Quist")])
        item = take(session, payment)
        review.confirm(session, item.id, SAM, item.lease_token,
                       allocations=[part("3400000018", 40_00)])  # fmt: skip
        assert payment.match_state == "decided"


def test_an_item_of_an_office_the_person_does_not_work_for_is_not_there(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(40_00, "1", "Zelda Quist")])
        item = take(session, payment)
        go = {"allocations": [part("2100000045", 40_00)]}
        with pytest.raises(NotFound, match="unknown_item"):
            review.confirm(session, item.id, SAM, item.lease_token, offices={"EAST"}, **go)
        review.confirm(session, item.id, SAM, item.lease_token, offices={"NORTH"}, **go)


def test_only_what_the_remittance_takes_back_is_below_zero(group: Database) -> None:
    """An insurer pays 185.00 for a claim of 200.00 and keeps 15.00 of an earlier one."""
    claims = [{"patient_name": "OKAFOR, EMMA", "member_id": "G100000002",
               "patient_account": "2100000029", "claim_number": "C1",
               "paid_cents": 200_00}]  # fmt: skip
    eob = reading("remittance", total_paid_cents=185_00, payment_number="9001", claims=claims,
                  provider_adjustments=[{"reason": "WO", "amount_cents": 15_00}])  # fmt: skip
    with group.write() as session:
        (payment,) = run(session, [check(185_00, "9001", "Buckeye Mutual Health Plan"), eob])
        review.undo(session, payment.id, SAM)
        item = take(session, payment)
        proposal = review.evidence(session, item.id).proposal
        assert [(p.destination, p.amount_cents) for p in proposal] == [
            ("account", 200_00), ("unidentified", -15_00),
        ]  # fmt: skip
        for parts in (
            [part("2100000029", 201_00), part(None, -16_00)],
            [part("2100000029", 200_00), part("2100000037", -15_00)],
            [part("2100000029", 200_00), AllocationInput("unapplied", "2100000037", None, -15_00)],
        ):
            with pytest.raises(WrongUse, match="wrong_value"):
                review.confirm(session, item.id, SAM, item.lease_token, allocations=parts)
        review.confirm(session, item.id, SAM, item.lease_token,
                       allocations=[part("2100000029", 200_00), part(None, -15_00)])  # fmt: skip
        assert payment.match_state == "decided"


def test_a_claim_that_an_insurer_takes_back_is_no_accounts(group: Database) -> None:
    claims = [
        {"patient_name": "Emma Okafor", "member_id": "G100000002", "patient_account": "2100000029",
         "claim_number": "C1", "paid_cents": 200_00},
        {"patient_name": "Noah Okafor", "member_id": "G100000002", "patient_account": "2100000037",
         "claim_number": "C2", "paid_cents": -55_00},
    ]  # fmt: skip
    eob = reading("remittance", total_paid_cents=145_00, payment_number="9001", claims=claims)
    with group.write() as session:
        (payment,) = run(session, [check(145_00, "9001", "Buckeye Mutual Health Plan"), eob])
        assert payment.match_state == "decided"
        assert sorted((p.destination, p.amount_cents) for p in payment.allocations) == [
            ("account", 200_00), ("unidentified", -55_00),
        ]  # fmt: skip
        (held,) = placing.queue(session, None)
        assert (held.reason, held.amount_cents) == ("takeback_unknown", -55_00)


def test_an_automatic_match_is_undone_until_its_posting_has_left(group: Database) -> None:
    with group.write() as session:
        stub = coupon("2100000011", "8100000015")
        (payment,) = run(session, [check(125_00), stub])
        assert payment.match_state == "decided"
        posting = Posting(ref="PO-1", allocation_id=payment.allocations[0].id, pms="csv",
                          payment_id=payment.id, office_id=payment.office_id,
                          amount_cents=125_00)  # fmt: skip
        session.add(posting)
        session.flush()
        item = review.undo(session, payment.id, SAM)
        assert (posting.state, posting.live) == ("withdrawn", False)
        assert (payment.match_state, item.state, item.asks) == ("in_review", "open", ["match"])
        assert not any(a.live for a in payment.allocations)
        assert journal.balances(session)["unidentified"] == -125_00
        with pytest.raises(Conflict, match="not_decided"):
            review.undo(session, payment.id, SAM)
        item = review.lease(session, item.id, SAM)
        review.confirm(session, item.id, SAM, item.lease_token, allocations=[part(None, 125_00)])
        jobs = session.scalars(select(Job).where(Job.stage == "deposits.queue_postings")).all()
        assert len(jobs) == 2


def test_what_has_left_is_not_undone(group: Database) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(125_00), coupon("2100000011", "8100000015")])
        posting = Posting(ref="PO-1", allocation_id=payment.allocations[0].id, pms="csv",
                          payment_id=payment.id, office_id=payment.office_id,
                          amount_cents=125_00)  # fmt: skip
        session.add(posting)
        session.flush()
        export = PostingExport(ref="EX-1", office_id=payment.office_id, format="csv",
                               file_name="x", file_sha256="0" * 64, count=1, total_cents=125_00,
                               created_by=SAM)  # fmt: skip
        session.add(export)
        session.flush()
        posting.export_id, posting.state = export.id, "exported"
        session.flush()
        with pytest.raises(Conflict, match="already_exported"):
            review.undo(session, payment.id, SAM)
        assert payment.allocations[0].live


def test_a_duplicate_is_overridden_by_another_person_only(group: Database) -> None:
    with group.write() as session:
        first, second = run(session, [check(125_00)], [check(125_00)])
        item = take(session, second)
        with pytest.raises(Conflict, match="duplicate_check"):
            review.confirm(session, item.id, SAM, item.lease_token,
                           allocations=[part(None, 125_00)])  # fmt: skip
        review.set_aside(session, item.id, SAM, item.lease_token, "duplicate")
        with pytest.raises(Forbidden, match="second_person"):
            review.override_duplicate(session, second.id, SAM)
        item = review.override_duplicate(session, second.id, SOFIA)
        assert (second.live, second.override_by) == (True, SOFIA)
        assert second.duplicate_of_id == first.id
        item = review.lease(session, item.id, SAM)
        review.confirm(session, item.id, SAM, item.lease_token, allocations=[part(None, 125_00)])
        assert second.deposit_state == "depositable"
        assert {k: v for k, v in journal.balances(session).items() if v} == {
            "on_hand": 250_00, "unidentified": -250_00,
        }  # fmt: skip


def test_keying_a_check_into_one_that_is_held_is_refused(group: Database) -> None:
    with group.write() as session:
        _, second = run(session, [check(125_00)], [check(125_00, amount_cents=field(1, 0.1))])
        item = take(session, second)
        assert "duplicate" in item.asks
        with pytest.raises(Conflict, match="duplicate_check"):
            review.confirm(session, item.id, SAM, item.lease_token, amount_cents=125_00,
                           allocations=[part(None, 125_00)])  # fmt: skip


def test_whoever_overrode_a_duplicate_does_not_confirm_it(group: Database) -> None:
    with group.write() as session:
        _, second = run(session, [check(125_00)], [check(125_00)])
        item = review.override_duplicate(session, second.id, SOFIA)
        item = review.lease(session, item.id, SOFIA)
        with pytest.raises(Forbidden, match="second_person"):
            review.confirm(session, item.id, SOFIA, item.lease_token,
                           allocations=[part(None, 125_00)])  # fmt: skip
        assert second.deposit_state == "awaiting_review"


def test_an_override_lets_a_check_stand_beside_its_original_only(group: Database) -> None:
    with group.write() as session:
        run(session, [check(90_00, "200")])
        first, second = run(session, [check(125_00)], [check(125_00)], minutes=1)
        review.override_duplicate(session, second.id, SOFIA)
        item = take(session, second)
        go = {"allocations": [part(None, 90_00)], "amount_cents": 90_00}
        with pytest.raises(Conflict, match="duplicate_check"):
            review.confirm(session, item.id, SAM, item.lease_token,
                           keyed={"check_number": "200"}, **go)  # fmt: skip
        session.rollback()
    with group.write() as session:
        first, second = run(session, [check(70_00, "300")], [check(70_00, "300")], minutes=2)
        item = review.override_duplicate(session, second.id, SOFIA)
        item = review.lease(session, item.id, SAM)
        review.confirm(session, item.id, SAM, item.lease_token, amount_cents=70_00,
                       keyed={"check_number": "0300"},
                       allocations=[part(None, 70_00)])  # fmt: skip
        assert (second.live, second.deposit_state) == (True, "depositable")
        assert second.duplicate_of_id == first.id
        # A third scan that is keyed into the overridden one is a duplicate of it, or of the first.
        (third,) = run(session, [check(70_00, "300")], minutes=3)
        assert (third.live, third.duplicate_of_id) == (False, first.id)


@pytest.mark.parametrize("typed", ["0998877", "00998877", "99-88-77", "998877\u0663"])
def test_zeros_and_foreign_digits_do_not_make_another_check(group: Database, typed: str) -> None:
    with group.write() as session:
        _, second = run(session, [check(125_00)], [check(125_00, account_number=field(None))])
        item = take(session, second)
        with pytest.raises(Conflict, match="duplicate_check"):
            review.confirm(session, item.id, SAM, item.lease_token, keyed={"account_number": typed},
                           allocations=[part(None, 125_00)])  # fmt: skip


def test_the_same_line_keyed_with_another_amount_is_looked_at_again(group: Database) -> None:
    with group.write() as session:
        first, second = run(session, [check(125_00)], [check(12_500, account_number=field(None))])
        item = take(session, second)
        review.confirm(session, item.id, SAM, item.lease_token, amount_cents=152_00,
                       keyed={"account_number": "998877"},
                       allocations=[part("2100000045", 152_00)])  # fmt: skip
        assert second.deposit_state == "awaiting_review"
        assert (item.state, item.asks) == ("open", ["duplicate"])
        assert "same_item" in second.flags
        assert second.duplicate_of_id == first.id
        item = review.lease(session, item.id, SOFIA)
        review.confirm(session, item.id, SOFIA, item.lease_token,
                       allocations=[part("2100000045", 152_00)])  # fmt: skip
        assert (item.state, second.deposit_state) == ("done", "depositable")


@pytest.mark.parametrize("state", ["in_deposit", "deposited", "credited"])
def test_the_line_of_a_check_in_a_deposit_is_frozen(group: Database, state: str) -> None:
    with group.write() as session:
        (payment,) = run(session, [check(40_00, "1", "Zelda Quist")])
        item = take(session, payment)
        go = {"allocations": [part("2100000045", 40_00)]}
        review.confirm(session, item.id, SAM, item.lease_token, **go)
        review.undo(session, payment.id, SAM)
        payment.deposit_state = state
        session.flush()
        item = review.lease(session, item.id, SAM)
        with pytest.raises(Conflict, match="micr_frozen"):
            review.confirm(session, item.id, SAM, item.lease_token,
                           keyed={"check_number": "2"}, **go)  # fmt: skip
        review.confirm(session, item.id, SAM, item.lease_token,
                       keyed={"payer_name": "Zelda Quist"}, **go)  # fmt: skip
        assert payment.check_number == "1"


def test_a_document_is_finished_with_its_outcome(group: Database) -> None:
    with group.write() as session:
        file = add_file(session, [reading("correspondence")])
        register(session, file)
        match_all(session, file)
        item = review.lease_next(session, SAM, offices=frozenset({"NORTH"}))
        assert item is not None
        seen = review.evidence(session, item.id)
        assert (seen.payment, [d.kind for d in seen.documents]) == (None, ["correspondence"])
        review.finish_document(session, item.id, SAM, item.lease_token, "filed")
        assert (item.state, item.outcome) == ("done", "filed")


@pytest.mark.both_databases
def test_two_specialists_never_hold_one_item(group: Database) -> None:
    with group.write() as session:
        run(session, *[[check(10_00 + n, str(n), "Zelda Quist")] for n in range(8)])
    held: list[tuple[str, str]] = []
    together = threading.Barrier(4)

    def work(actor: str) -> None:
        together.wait()
        while True:
            with group.write() as session:
                item = review.lease_next(session, actor, offices=None)
                if item is None:
                    return
                held.append((item.id, actor))
                review.set_aside(session, item.id, actor, item.lease_token, "held")

    threads = [threading.Thread(target=work, args=(f"user:{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(held) == 8
    assert len({item for item, _ in held}) == 8
