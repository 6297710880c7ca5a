"""Postings are queued once, sent once, answered, refused, reversed, and looked up when in doubt."""

from __future__ import annotations

import csv
import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from deposits import batch, jobs, posting, posting_queue
from deposits.day import proof
from ocr import era835
from records import jobs as job_rows
from records import journal
from records.db import Database
from records.errors import Conflict, WrongUse
from records.files import FileStore
from records.installation import Installation
from records.models import Payment, Posting, PostingExport, ReviewItem, Statement
from tests.deposits.build import DAY, Group, check, decide, group


def _decided(db: Database, amounts: tuple[int, ...] = (10_000,)) -> tuple[Group, list[str]]:
    """A group whose payments are decided, each wholly to the one account."""
    with db.write() as session:
        made = group(session)
        payments = []
        for cents in amounts:
            payment = check(session, made, cents)
            decide(session, payment, [("account", made.account_id, cents)],
                   statement_id=made.statement_id)  # fmt: skip
            posting_queue.keep_in_step(session, payment.id, "system:test")
            payments.append(payment.id)
        return made, payments


def _states(db: Database) -> list[str]:
    with db.read() as session:
        return sorted(session.scalars(select(Posting.state)))


def _refs(db: Database, export_id: str) -> list[str]:
    with db.read() as session:
        query = select(Posting.ref).where(Posting.export_id == export_id).order_by(Posting.id)
        return list(session.scalars(query))


@pytest.fixture
def store(installation: Installation) -> FileStore:
    return installation.store


def test_the_stage_queues_each_account_part_once_however_often_it_runs(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000)
        decide(session, payment, [("account", made.account_id, 6_000),
                                  ("unapplied", made.account_id, 3_000),
                                  ("unidentified", None, 1_000)])  # fmt: skip
        job_rows.follow(session, "payment_decided", payment.id)
        job_rows.follow(session, "payment_decided", payment.id, key="again")
    stages = {stage.name: stage for stage in jobs.STAGES}
    outcomes = [job_rows.run_one(db, "w", stages) for _ in range(2)]
    assert [ran.outcome for ran in outcomes if ran] == ["done", "done"]
    with db.read() as session:
        assert list(session.scalars(select(Posting.amount_cents))) == [6_000]


def test_parts_that_do_not_make_up_the_amount_are_not_queued(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000)
        decide(session, payment, [("account", made.account_id, 9_999)])
        posting_queue.keep_in_step(session, payment.id, "system:test")
    assert _states(db) == []


def test_an_acknowledged_export_is_posted_and_lowers_the_statement(
    db: Database, store: FileStore
) -> None:
    made, _ = _decided(db, (10_000, 2_500))
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill")
    rows = list(csv.DictReader(io.StringIO(store.get(export.file_sha256).decode())))
    assert sorted(row["amount"] for row in rows) == ["100.00", "25.00"]
    assert {row["account_number"] for row in rows} == {"A-MAIN"}
    assert (export.count, export.total_cents) == (2, 12_500)
    with db.write() as session:
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
    assert _states(db) == ["acknowledged", "acknowledged"]
    with db.read() as session:
        assert session.get_one(Statement, made.statement_id).open_cents == 37_500
        balances = journal.balances(session)
        assert (balances["posted"], balances["allocated"]) == (-12_500, 0)


def test_the_same_answer_twice_posts_once(db: Database, store: FileStore) -> None:
    made, _ = _decided(db)
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill")
    refs = _refs(db, export.id)
    for _ in range(2):
        with db.write() as session:
            posting.acknowledge(session, export.id, refs, {}, "user:bill")
    with db.read() as session:
        assert session.get_one(Statement, made.statement_id).open_cents == 40_000


@pytest.mark.both_databases
def test_two_exporters_racing_never_send_one_allocation_twice(
    db: Database, store: FileStore
) -> None:
    made, _ = _decided(db, tuple(range(1_000, 1_012)))

    def run(_: int) -> str | None:
        try:
            with db.write() as session:
                return posting.export(session, store, made.office_id, "user:bill").id
        except Conflict as refused:
            return None if refused.code == "nothing_to_export" else refused.code

    with ThreadPoolExecutor(4) as pool:
        exports = [each for each in pool.map(run, range(4)) if each]
    sent = [ref for export_id in exports for ref in _refs(db, export_id)]
    assert len(sent) == len(set(sent)) == 12
    with db.read() as session:
        assert sum(session.scalars(select(PostingExport.count))) == 12


def test_a_refused_line_goes_back_to_review_and_its_sibling_is_reversed(
    db: Database, store: FileStore
) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000)
        decide(session, payment, [("account", made.account_id, 6_000),
                                  ("account", made.account_id, 4_000)],
               statement_id=made.statement_id)  # fmt: skip
        posting_queue.keep_in_step(session, payment.id, "system:test")
        export = posting.export(session, store, made.office_id, "user:bill")
    with db.read() as session:
        by_cents = {row.amount_cents: row.ref for row in session.scalars(select(Posting))}
    taken, refused = by_cents[6_000], by_cents[4_000]
    answer = "posting_ref,status,pms_reference,error\n"
    answer += f"{taken},accepted,77,\n{refused},failed,,no such visit\n"
    with db.write() as session:
        posting.acknowledge_file(session, export.id, answer, "user:bill")
        assert session.get_one(Payment, payment.id).match_state == "decided"
        second = posting.export(session, store, made.office_id, "user:bill")
        assert (second.count, second.total_cents) == (1, -6_000)
        posting.acknowledge(session, second.id, "all", {}, "user:bill")
    with db.read() as session:
        assert session.get_one(Payment, payment.id).match_state == "in_review"
        item = session.scalars(select(ReviewItem)).one()
        assert (item.payment_id, item.state, item.asks) == (payment.id, "open", ["match"])
        assert session.get_one(Statement, made.statement_id).open_cents == 50_000
        assert proof(session, DAY).unexplained_cents == 0
        balances = journal.balances(session)
        assert {name for name, cents in balances.items() if cents} == {"on_hand", "unidentified"}


def test_a_payment_decided_anew_after_a_refusal_is_posted_anew(
    db: Database, store: FileStore
) -> None:
    made, [payment_id] = _decided(db)
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill")
        [ref] = session.scalars(select(Posting.ref))
        posting.acknowledge(session, export.id, [], {ref: "closed account"}, "user:bill")
        payment = session.get_one(Payment, payment_id)
        assert payment.match_state == "in_review"
        decide(session, payment, [("account", made.account_id, 10_000)], actor="user:sam")
        posting_queue.keep_in_step(session, payment_id, "user:sam")
        again = posting.export(session, store, made.office_id, "user:bill")
        posting.acknowledge(session, again.id, "all", {}, "user:bill")
    assert _states(db) == ["acknowledged", "withdrawn"]


def test_an_export_in_doubt_is_looked_up_before_anything_is_sent_again(
    db: Database, store: FileStore
) -> None:
    made, _ = _decided(db, (10_000, 2_500))
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill")
        posting.mark_unknown(session, export.id, "user:bill")
        with pytest.raises(Conflict) as refused:
            posting.export(session, store, made.office_id, "user:bill")
        assert refused.value.code == "nothing_to_export"
    there, missing = _refs(db, export.id)
    with db.write() as session:
        posting.resolve_unknown(session, export.id, [there], [missing], "user:bill")
        again = posting.export(session, store, made.office_id, "user:bill")
        assert again.count == 1
    assert _refs(db, again.id) == [missing]


def test_an_answer_for_another_export_is_refused_whole(db: Database, store: FileStore) -> None:
    made, _ = _decided(db)
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill")
        with pytest.raises(WrongUse) as refused:
            posting.acknowledge(session, export.id, ["PO-000-0000"], {}, "user:bill")
        assert refused.value.code == "posting_not_in_export"
    assert _states(db) == ["exported"]


@pytest.mark.parametrize("text", [
    "", "a,b\n1,2\n", "posting,status\nPO-1,maybe\n", "posting,status\nPO-1,ok\nPO-1,failed\n",
])  # fmt: skip
def test_an_answer_file_that_is_not_understood_is_refused(
    db: Database, store: FileStore, text: str
) -> None:
    made, _ = _decided(db)
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill")
        with pytest.raises(WrongUse) as refused:
            posting.acknowledge_file(session, export.id, text, "user:bill")
        assert refused.value.code == "wrong_answer_file"


def test_a_decision_taken_back_after_posting_is_reversed_and_then_undone(
    db: Database, store: FileStore
) -> None:
    made, [payment_id] = _decided(db)
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill")
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
        posting.give_back(session, payment_id, "user:bill")
        reversal = posting.export(session, store, made.office_id, "user:bill", "x12_835")
    interchange = era835.parse(store.get(reversal.file_sha256).decode())
    assert not interchange.findings
    [payment] = interchange.transactions
    assert (payment.total_paid_cents, payment.claims[0].paid_cents) == (0, -10_000)
    assert payment.claims[0].status == "22"
    assert not era835.imbalances(payment)
    with db.write() as session:
        posting.acknowledge(session, reversal.id, "all", {}, "user:bill")
        assert session.get_one(Payment, payment_id).match_state == "in_review"
        assert session.get_one(Statement, made.statement_id).open_cents == 50_000


def test_an_835_of_postings_balances_and_carries_the_references(
    db: Database, store: FileStore
) -> None:
    made, _ = _decided(db, (10_000, 2_500))
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill", "x12_835")
    interchange = era835.parse(store.get(export.file_sha256).decode())
    assert sorted(t.total_paid_cents or 0 for t in interchange.transactions) == [2_500, 10_000]
    found = {claim.claim_number for t in interchange.transactions for claim in t.claims}
    assert found == set(_refs(db, export.id))
    assert export.file_name.endswith(".835")
    assert Path(export.file_name).name == export.file_name


def test_a_formula_in_a_payers_name_is_defused(db: Database, store: FileStore) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 100)
        payment.payer_name = '=HYPERLINK("x")'
        decide(session, payment, [("account", made.account_id, 100)])
        posting_queue.keep_in_step(session, payment.id, "system:test")
        export = posting.export(session, store, made.office_id, "user:bill")
    [row] = csv.DictReader(io.StringIO(store.get(export.file_sha256).decode()))
    assert row["payer_name"].startswith("'=")


def test_a_check_that_awaits_review_is_neither_posted_nor_exported(
    db: Database, store: FileStore
) -> None:
    """Decided, but perhaps a second scan: its money may never come."""
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 5_000, state="awaiting_review")
        decide(session, payment, [("account", made.account_id, 5_000)])
        posting_queue.keep_in_step(session, payment.id, "system:test")
        assert session.scalars(select(Posting.id)).all() == []
        payment.deposit_state = "depositable"
        posting_queue.keep_in_step(session, payment.id, "system:test")
        assert proof(session, DAY).explained
        payment.deposit_state = "awaiting_review"
        session.flush()
        shown = proof(session, DAY)
        assert (shown.explained, shown.received.broken.refs) == (False, ((payment.ref, 5_000),))
        with pytest.raises(Conflict, match="nothing_to_export"):
            posting.export(session, store, made.office_id, "user:bill")
        assert list(session.scalars(select(Posting.state))) == ["withdrawn"]
        assert proof(session, DAY).explained


def test_a_posting_that_left_for_a_check_in_review_fails_the_proof_until_it_is_reversed(
    db: Database, store: FileStore
) -> None:
    made, payments = _decided(db, (5_000,))
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill")
        payment = session.get_one(Payment, payments[0])
        payment.deposit_state = "awaiting_review"
        session.flush()
        assert proof(session, DAY).received.broken.refs == ((payment.ref, 5_000),)
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
        assert not proof(session, DAY).explained
        back = posting.export(session, store, made.office_id, "user:bill")
        posting.acknowledge(session, back.id, "all", {}, "user:bill")
        assert proof(session, DAY).explained
        assert journal.balances(session)["posted"] == 0


def test_a_file_is_given_out_again_byte_for_byte_under_its_number(
    db: Database, store: FileStore
) -> None:
    made, _ = _decided(db, (10_000, 2_500))
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill", "x12_835_4010")
        first = store.get(export.file_sha256)
    with db.write() as session:
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
        again = posting.resend(session, store, export.id, "user:bill")
        assert again == first
        assert session.scalars(select(PostingExport)).one().ref == export.ref
    assert b"*00401*" in first


def test_an_export_of_a_deposit_holds_what_its_checks_paid(db: Database, store: FileStore) -> None:
    made, payments = _decided(db, (10_000, 2_500))
    with db.write() as session:
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, payments[:1], "user:bill")
        export = posting.export(session, store, made.office_id, "user:bill",
                                deposit_id=deposit.id)  # fmt: skip
        assert (export.count, export.total_cents) == (1, 10_000)
        with pytest.raises(Conflict, match="nothing_to_export"):
            posting.export(session, store, made.office_id, "user:bill", deposit_id=deposit.id)
    assert _states(db) == ["exported", "queued"]


def test_an_answer_may_leave_a_line_in_doubt_and_settle_it_later(
    db: Database, store: FileStore
) -> None:
    made, _ = _decided(db, (10_000, 2_500))
    with db.write() as session:
        export = posting.export(session, store, made.office_id, "user:bill")
    one, two = _refs(db, export.id)
    for text, states in (
        (f"posting,status\n{one},posted\n{two},unknown\n", ["acknowledged", "unknown"]),
        (f"posting,status\n{two},unknown\n", ["acknowledged", "unknown"]),
        (f"posting,status\n{two},posted\n", ["acknowledged", "acknowledged"]),
    ):
        with db.write() as session:
            posting.acknowledge_file(session, export.id, text, "user:bill")
        assert _states(db) == states


def test_a_returned_checks_reversal_stands_in_every_format_as_a_line_of_its_own(
    db: Database, store: FileStore
) -> None:
    for form in ("csv", "x12_835", "x12_835_4010", "open_dental"):
        with db.write() as session:
            made = group(session, form[-8:].upper(), f"00{sum(form.encode()):010d}")
            payment = check(session, made, 5_000)
            decide(session, payment, [("account", made.account_id, 5_000)])
            posting_queue.keep_in_step(session, payment.id, "system:test")
            export = posting.export(session, store, made.office_id, "user:bill")
            posting.acknowledge(session, export.id, "all", {}, "user:bill")
            for state in ("in_deposit", "deposited", "credited", "returned"):
                payment.deposit_state = state
            posting_queue.keep_in_step(session, payment.id, "system:test")
            back = posting.export(session, store, made.office_id, "user:bill", form)
            assert (back.count, back.total_cents) == (1, -5_000)
            [first, second] = session.scalars(
                select(Posting).where(Posting.office_id == made.office_id).order_by(Posting.id)
            )
        text = store.get(back.file_sha256).decode()
        assert second.ref in text
        assert ("-5000" if form == "open_dental" else "-50") in text
        if form in ("csv", "open_dental"):
            assert first.ref in text, "it names what it reverses"
