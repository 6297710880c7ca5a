"""Readings become payments: what is sure, what is asked, and what is a second scan."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from deposits import batch, refusing
from records import journal
from records.db import Database
from records.models import Document, Job, Payment, ReviewItem
from tests.matching.world import add_file, check, coupon, field, payments, reading, register


def asks(session, payment: Payment) -> list[str]:  # type: ignore[no-untyped-def]
    query = select(ReviewItem.asks).where(ReviewItem.payment_id == payment.id)
    return list(session.scalar(query) or [])


def test_a_sure_check_may_be_deposited_and_is_on_hand(group: Database) -> None:
    with group.write() as session:
        file = add_file(session, [check(125_00)])
        register(session, file)
        (payment,) = payments(session, file)
        assert (payment.deposit_state, payment.match_state) == ("depositable", "undecided")
        assert (payment.amount_cents, payment.check_number) == (125_00, "101")
        assert payment.account_last4 == "8877"
        assert payment.fingerprint
        assert payment.payer_hmac
        assert session.scalar(select(ReviewItem.id)) is None
        assert journal.balances(session) == {"on_hand": 125_00, "unidentified": -125_00}
        assert file.state == "done"
        stages = session.scalars(select(Job.stage)).all()
        assert sorted(stages) == ["deposits.image_checks", "matching.match"]


DOUBTS: list[tuple[dict[str, object], list[str]]] = [
    ({"amount_cents": field(125_00, 0.6)}, ["amount"]),
    ({"routing_number": field("021000021", 0.5)}, ["micr"]),
    ({"routing_number": field("021000022")}, ["micr"]),
    ({"check_number": field(None)}, ["micr"]),
    ({"signed": False}, ["signature"]),
    ({"date": "2026-05-01"}, ["date"]),
    ({"date": "2026-11-20"}, ["date"]),
    ({"payee_name": "Dayton Power & Light"}, ["payee"]),
    ({"warnings": ("amount_mismatch",)}, ["amount"]),
    ({"warnings": ("foreign_currency",)}, ["foreign"]),
    ({"warnings": ("void",)}, ["void"]),
    ({"amount_cents": field(0)}, ["amount"]),
    ({"signed": field(False, 0.4)}, []),
    ({"payee_name": field("Miami Valley Has & Electric", 0.2)}, ["payee"]),
    ({"payee_name": field(None)}, ["payee"]),
]


def test_doubts_are_asked_and_keep_the_check_from_deposit(group: Database) -> None:
    with group.write() as session:
        checks = [[check(125_00, str(n), **more)] for n, (more, _) in enumerate(DOUBTS, start=1)]
        file = add_file(session, *checks)
        register(session, file)
        made = payments(session, file)
        for payment, (changes, asked) in zip(made, DOUBTS, strict=True):
            assert asks(session, payment) == asked
            assert payment.deposit_state == ("awaiting_review" if asked else "depositable")
            known = asked != ["amount"] or "warnings" in changes
            assert (payment.amount_cents is not None) == known
            assert (payment.fingerprint is not None) == (known and asked != ["micr"])
        on_hand = journal.balances(session)["on_hand"]
        assert on_hand == sum(payment.amount_cents or 0 for payment in made)


def test_an_unread_amount_still_orders_the_queue_by_its_guess(group: Database) -> None:
    unread = {**field(None, 0.0), "alternatives": [{"value": 900_00, "confidence": 0.4}]}
    with group.write() as session:
        file = add_file(session, [check(1, amount_cents=unread)])
        register(session, file)
        assert session.scalar(select(ReviewItem.value_cents)) == 900_00


def test_the_second_scan_is_a_duplicate_with_a_question(group: Database) -> None:
    with group.write() as session:
        file = add_file(session, [check(125_00)], [check(125_00)], [check(125_00, "102")])
        register(session, file)
        first, second, third = payments(session, file)
        assert (first.live, second.live, third.live) == (True, False, True)
        assert second.duplicate_of_id == first.id
        assert (second.deposit_state, second.not_deposited_reason) == ("not_deposited", "duplicate")
        assert second.match_state == "set_aside"
        assert asks(session, second) == ["duplicate"]
        assert journal.balances(session) == {
            "on_hand": 250_00, "unidentified": -250_00, "not_deposited:duplicate": 125_00,
            "set_aside": -125_00,
        }  # fmt: skip


def test_the_same_check_with_another_amount_raises_the_alarm(group: Database) -> None:
    with group.write() as session:
        file = add_file(session, [check(125_00)], [check(152_00)])
        register(session, file)
        first, second = payments(session, file)
        assert first.deposit_state == "depositable"
        assert second.live
        assert second.deposit_state == "awaiting_review"
        assert second.flags == ["same_item"]
        assert asks(session, second) == ["duplicate"]


@pytest.mark.parametrize("later_first", [False, True])
def test_which_scan_is_the_original_does_not_hang_on_which_file_was_faster(
    group: Database, later_first: bool
) -> None:
    with group.write() as session:
        early = add_file(session, [check(125_00)], [check(70_00, "7")], minutes=0)
        late = add_file(session, [check(125_00)], [check(71_00, "7")], minutes=5)
        for file in (late, early) if later_first else (early, late):
            register(session, file)
        kept, first = payments(session, early)
        dropped, second = payments(session, late)
        assert (kept.live, dropped.live) == (True, False)
        assert kept.deposit_state == "depositable"
        assert dropped.not_deposited_reason == "duplicate"
        assert dropped.duplicate_of_id == kept.id
        assert (first.flags, second.flags) == ([], ["same_item"])
        assert (first.deposit_state, second.deposit_state) == ("depositable", "awaiting_review")
        assert asks(session, dropped) == asks(session, second) == ["duplicate"]
        assert journal.balances(session) == {
            "on_hand": 266_00, "unidentified": -266_00, "not_deposited:duplicate": 125_00,
            "set_aside": -125_00,
        }  # fmt: skip


def test_a_check_that_waits_to_go_again_gives_way_to_no_other_scan(group: Database) -> None:
    """Its paper was at the bank, which refused the deposit: the scan of an earlier file is late."""
    with group.write() as session:
        early = add_file(session, [check(125_00)], minutes=0)
        late = add_file(session, [check(125_00)], minutes=5)
        register(session, late)
        [sent] = payments(session, late)
        deposit = batch.open_deposit(
            session, sent.office.bank_account_id, sent.received_on, "user:bill"
        )
        batch.add(session, deposit.id, [sent.id], "user:bill")
        batch.close(session, deposit.id, 1, 125_00, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        refusing.reject(session, deposit.id, "totals differ", "user:bill")
        register(session, early)
        [scan] = payments(session, early)
        assert (sent.live, sent.deposit_state) == (True, "depositable")
        assert (scan.live, scan.duplicate_of_id) == (False, sent.id)


def era(cents: int, method: str = "ACH", number: str = "T-77") -> dict[str, object]:
    values = {"total_paid_cents": cents, "payment_method": method, "payment_number": number,
              "payer_name": "Delta Crest Dental", "payment_on": "2026-11-13"}  # fmt: skip
    return reading("remittance", **{k: {**field(v), "source": "x12"} for k, v in values.items()})


def test_an_835_is_money_only_when_the_bank_pays_it(group: Database) -> None:
    with group.write() as session:
        file = add_file(session, [era(300_00)], [era(500_00, "CHK", "T-78")])
        register(session, file)
        (payment,) = payments(session, file)
        assert (payment.kind, payment.deposit_state) == ("eft", "electronic")
        assert journal.balances(session) == {"in_transit": 300_00, "unidentified": -300_00}
        again = add_file(session, [era(300_00)], minutes=1)
        register(session, again)
        assert payments(session, again) == []
        items = session.scalars(select(ReviewItem).order_by(ReviewItem.created_at)).all()
        assert [item.asks for item in items] == [["kind"], ["duplicate"]]


def test_other_papers_are_asked_about_or_left(group: Database) -> None:
    envelopes = [
        [reading("correspondence")], [reading("unknown")], [reading("deposit_slip")],
        [reading("remittance", payer_name="Buckeye Mutual")],
        [coupon("2100000011", "8100000015")],
        [reading("blank"), reading("separator"), reading("envelope"), reading("check_back")],
        [reading("returned_mail", reason="refused")],
        [check(80_00), coupon("2100000029", "8100000023", address_changed=True)],
    ]  # fmt: skip
    with group.write() as session:
        file = add_file(session, *envelopes)
        register(session, file)
        query = (
            select(Document.kind, ReviewItem.asks)
            .join(ReviewItem, ReviewItem.document_id == Document.id)
            .order_by(ReviewItem.created_at, ReviewItem.id)
        )
        assert [tuple(row) for row in session.execute(query)] == [
            ("correspondence", ["kind"]), ("unknown", ["kind"]), ("deposit_slip", ["kind"]),
            ("remittance", ["kind"]), ("coupon", ["kind"]), ("coupon", ["address"]),
        ]  # fmt: skip
        opened = select(Job.subject_kind).where(Job.stage == "returned_mail.open_task")
        assert session.scalars(opened).all() == ["document"]
        assert {envelope.state for envelope in file.transactions} == {"registered"}


def test_an_envelope_that_says_whose_it_is_is_looked_at_unless_it_paid(group: Database) -> None:
    coded = {"mailer_id": "903123456", "serial": "000017"}
    envelopes = [
        [reading("envelope", imb=coded)],
        [reading("envelope", addressee_address="12 ELM ST\nDAYTON OH 45419")],
        [reading("envelope")],
        [check(80_00), reading("envelope", imb=coded)],
    ]
    with group.write() as session:
        file = add_file(session, *envelopes)
        register(session, file)
        query = select(Job.subject_id).where(Job.stage == "returned_mail.open_task")
        looked_at = set(session.scalars(query))
        documents = [d.id for t in file.transactions for d in t.documents if d.kind == "envelope"]
        assert looked_at == set(documents[:2])


def test_registering_twice_makes_nothing_twice(group: Database) -> None:
    with group.write() as session:
        file = add_file(session, [check(125_00)])
        register(session, file)
        register(session, file)
        assert len(payments(session, file)) == 1


def test_of_two_dates_that_a_check_may_bear_the_day_of_receipt_tells(group: Database) -> None:
    other = {"value": "2026-11-07", "confidence": 0.4}
    unclear = field("2026-01-07", 0.5) | {"alternatives": [other]}
    sure = field("2026-01-07", 0.97) | {"alternatives": [other]}
    with group.write() as session:
        file = add_file(session, [check(125_00, "1", date=unclear)], [check(1_00, "2", date=sure)])
        register(session, file)
        settled, stale = payments(session, file)
        assert str(settled.written_on) == "2026-11-07"
        assert asks(session, settled) == []
        assert asks(session, stale) == ["date"]
