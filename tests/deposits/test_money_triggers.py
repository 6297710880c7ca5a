"""The database itself refuses to break the rules of money: attacked with raw SQL on both."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from deposits import batch, posting_queue, reconcile
from records import ids
from records.db import Database
from records.errors import Conflict
from records.models import BankFile, BankLine, Deposit, DepositItem, KeyedValue, Payment, Posting
from tests.deposits.build import DAY, Group, check, decide, group

pytestmark = pytest.mark.both_databases

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _run(db: Database, statement: str, values: dict[str, Any]) -> None:
    with db.write() as session:
        session.execute(text(statement), values)


def _refused(db: Database, statement: str, **values: Any) -> None:
    """The statement fails by a rule and changes nothing."""
    with pytest.raises(IntegrityError):
        _run(db, statement, values)


def _deposit(db: Database, *, close: bool = False, approve: bool = False) -> tuple[Group, str, str]:
    """A deposit with one check of 100 dollars; ids of group, deposit, payment."""
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000)
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment.id], "user:bill")
        if close or approve:
            batch.close(session, deposit.id, 1, 10_000, "user:bill")
        if approve:
            batch.approve(session, deposit.id, "user:beth")
        return made, deposit.id, payment.id


_ADD = """INSERT {verb} INTO deposit_items
    (id, created_at, deposit_id, payment_id, presentation, position, amount_cents, added_by)
    VALUES (:id, :at, :deposit, :payment, :presentation, 9, :cents, 'user:eve')"""


def _add(db: Database, deposit: str, payment: str, cents: int, presentation: int = 1,
         verb: str = "") -> None:  # fmt: skip
    _refused(db, _ADD.format(verb=verb), id=ids.new_id(), at=_NOW, deposit=deposit,
             payment=payment, cents=cents, presentation=presentation)  # fmt: skip


def test_a_check_is_in_one_deposit_even_by_insert_or_replace(db: Database) -> None:
    made, first, payment = _deposit(db, close=True)
    with db.write() as session:
        second = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill").id
    _add(db, second, payment, 10_000)
    if db.is_sqlite:
        _add(db, second, payment, 10_000, verb="OR REPLACE")
    with db.read() as session:
        item = session.scalars(select(DepositItem)).one()
        assert item.deposit_id == first


def test_an_item_needs_its_checks_amount_and_presentation(db: Database) -> None:
    made, deposit, _ = _deposit(db)
    with db.write() as session:
        other = check(session, made, 5_000).id
        eft = check(session, made, 5_000, kind="eft").id
    _add(db, deposit, other, 5_001)
    _add(db, deposit, other, 5_000, presentation=2)
    _add(db, deposit, eft, 5_000)


def test_a_second_presentation_needs_the_banks_return(db: Database) -> None:
    made, deposit, _ = _deposit(db)
    with db.write() as session:
        other = check(session, made, 5_000)
        other.presentation = 2
    _add(db, deposit, other.id, 5_000, presentation=2)


@pytest.mark.parametrize("state", ["closed", "approved"])
def test_items_of_a_deposit_that_is_not_open_stay(db: Database, state: str) -> None:
    made, deposit, payment = _deposit(db, close=True, approve=state == "approved")
    with db.write() as session:
        other = check(session, made, 5_000).id
    _add(db, deposit, other, 5_000)
    _refused(db, "DELETE FROM deposit_items WHERE deposit_id = :id", id=deposit)
    _refused(db, "UPDATE deposit_items SET amount_cents = 1 WHERE payment_id = :id", id=payment)
    _refused(db, "UPDATE payments SET amount_cents = 1 WHERE id = :id", id=payment)


def test_closing_needs_the_right_count_and_total(db: Database) -> None:
    _, deposit, _ = _deposit(db)
    close = """UPDATE deposits SET state = 'closed', declared_count = :count,
        declared_total_cents = :total, closed_by = 'user:eve' WHERE id = :id"""
    for count, total in ((0, 0), (2, 10_000), (1, 9_999), (None, None)):
        _refused(db, close, id=deposit, count=count, total=total)
    with db.write() as session:
        session.execute(text(close), {"id": deposit, "count": 1, "total": 10_000})


_FROZEN = (

    "declared_count = 2", "declared_total_cents = 1", "business_on = '2026-01-01'",
    "closed_by = 'user:eve'", "state = 'credited'", "state = 'exported'", "state = 'cancelled'",
    "approved_by = 'user:eve'", "bank_account_id = 'x'", "opened_by = 'user:eve'",
)  # fmt: skip


def test_a_closed_deposit_is_frozen(db: Database) -> None:
    _, deposit, _ = _deposit(db, close=True)
    for change in _FROZEN:
        _refused(db, f"UPDATE deposits SET {change} WHERE id = :id", id=deposit)


def test_a_deposit_is_never_deleted_and_never_starts_closed(db: Database) -> None:
    made, deposit, _ = _deposit(db)
    _refused(db, "DELETE FROM deposits WHERE id = :id", id=deposit)
    _refused(db, """INSERT INTO deposits (id, created_at, ref, bank_account_id, business_on, state,
             opened_by) VALUES ('d', :at, 'DEP-1', :bank, '2026-11-20', 'approved', 'user:eve')""",
             at=_NOW, bank=made.bank_account_id)  # fmt: skip


def test_whoever_worked_on_a_check_cannot_approve_its_deposit(db: Database) -> None:
    made, deposit, payment_id = _deposit(db, close=True)
    with db.write() as session:
        payment = session.get_one(Payment, payment_id)
        session.add(KeyedValue(payment_id=payment_id, field="date", actor="user:kim"))
        decide(session, payment, [("account", made.account_id, 10_000)], actor="user:sam")
        payment.amount_by = "user:ann"
    approve = "UPDATE deposits SET state = 'approved', approved_by = :who WHERE id = :id"
    for who in ("user:bill", "user:kim", "user:sam", "user:ann", "system:x", None):
        _refused(db, approve, id=deposit, who=who)
    with db.write() as session:
        session.execute(text(approve), {"id": deposit, "who": "user:beth"})


def _posting(db: Database) -> tuple[Group, str, str]:
    """A queued posting of 100 dollars; ids of group, payment, posting."""
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000)
        decide(session, payment, [("account", made.account_id, 10_000)])
        posting_queue.keep_in_step(session, payment.id, "system:test")
        return made, payment.id, session.scalars(select(Posting.id)).one()


_POST = """INSERT INTO postings (id, created_at, ref, allocation_id, payment_id, office_id, pms,
    amount_cents, state, live, pms_reference, error, reverses_id)
    SELECT :id, :at, :ref, a.id, a.payment_id, :office, :pms, :cents, :state, true, '', '', :undoes
    FROM allocations a WHERE a.payment_id = :payment"""


def _post(db: Database, made: Group, payment: str, **values: Any) -> None:
    _refused(db, _POST, **{
        "id": ids.new_id(), "at": _NOW, "ref": ids.new_ref("PO"), "office": made.office_id,
        "pms": "other", "cents": 10_000, "state": "queued", "undoes": None, "payment": payment,
        **values,
    })  # fmt: skip


def test_an_allocation_has_one_live_posting_per_pms(db: Database) -> None:
    made, payment, posting = _posting(db)
    _post(db, made, payment, pms="pms")
    _refused(db, "UPDATE postings SET live = false WHERE id = :id", id=posting)
    _refused(db, "DELETE FROM postings WHERE id = :id", id=posting)


def test_a_posting_is_the_whole_part_and_starts_queued(db: Database) -> None:
    made, payment, _ = _posting(db)
    for values in (
    {"cents": 9_999}, {"cents": 20_000}, {"state": "acknowledged"}, {"state": "exported"},
):  # fmt: skip
        _post(db, made, payment, **values)


def test_parts_that_do_not_sum_to_the_amount_cannot_be_posted(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000)
        decide(session, payment, [("account", made.account_id, 9_000)])
    _post(db, made, payment.id, cents=9_000)


@pytest.mark.parametrize("parts", [
    [("account", 1_010_000), ("account", -1_000_000)],
    [("account", 1_010_000), ("unidentified", -1_000_000)],
    [("account", 1_010_000), ("unapplied", -1_000_000)],
    [("account", 10_000), ("unidentified", 0)],
])  # fmt: skip
def test_a_part_below_zero_never_hides_another_that_is_posted(
    db: Database, parts: list[tuple[str, int]]
) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000)
        decide(session, payment, [
            (kind, None if kind == "unidentified" else made.account_id, cents)
            for kind, cents in parts
        ])  # fmt: skip
        posting_queue.keep_in_step(session, payment.id, "system:test")
        assert session.scalars(select(Posting)).all() == []
        first = payment.allocations[0].id
    _refused(db, _POST.replace("WHERE a.payment_id = :payment", "WHERE a.id = :part"),
             id=ids.new_id(), at=_NOW, ref=ids.new_ref("PO"), office=made.office_id, pms="pms",
             cents=parts[0][1], state="queued", undoes=None, part=first)  # fmt: skip


def test_what_an_electronic_remittance_takes_back_lets_its_claims_be_posted(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 18_500, kind="eft")
        decide(session, payment, [("account", made.account_id, 20_000),
                                  ("unidentified", None, -1_500)])  # fmt: skip
        posting_queue.keep_in_step(session, payment.id, "system:test")
        assert session.scalars(select(Posting.amount_cents)).all() == [20_000]


def test_a_reversal_needs_an_acknowledged_posting_of_the_same_part(db: Database) -> None:
    made, payment, posting = _posting(db)
    _post(db, made, payment, pms="pms", cents=-10_000, undoes=posting)


_SAID = (

    "amount_cents = 1", "pms = 'x'", "state = 'acknowledged'", "state = 'unknown'",
    "state = 'exported'", "reverses_id = id", "ref = 'PO-X'",
)  # fmt: skip


def test_a_posting_says_always_the_same_and_moves_by_its_table(db: Database) -> None:
    _, _, posting = _posting(db)
    for change in _SAID:
        _refused(db, f"UPDATE postings SET {change} WHERE id = :id", id=posting)


def test_a_posted_allocation_is_never_changed(db: Database) -> None:
    _, payment, _ = _posting(db)
    _refused(db, "UPDATE allocations SET amount_cents = 1 WHERE payment_id = :id", id=payment)
    _refused(db, "UPDATE allocations SET statement_id = NULL, destination = 'unapplied' "
             "WHERE payment_id = :id", id=payment)  # fmt: skip


def _line(db: Database, made: Group, cents: int = 10_000, direction: str = "credit") -> str:
    with db.write() as session:
        file = BankFile(ref=ids.new_ref("BF"), sha256=ids.new_id(), name="x", format="csv",
                        imported_by="user:bill", line_count=1)  # fmt: skip
        session.add(file)
        session.flush()
        line = BankLine(bank_file_id=file.id, bank_account_id=made.bank_account_id,
                        fingerprint=ids.new_id(), value_on=DAY, amount_cents=cents,
                        direction=direction, kind="deposit")  # fmt: skip
        session.add(line)
        session.flush()
        return line.id


_SETTLE = """INSERT {verb} INTO settlements (id, created_at, bank_line_id, deposit_id, payment_id,
    explanation, amount_cents, difference_cents, adjustment_reason, actor)
    VALUES (:id, :at, :line, :deposit, :payment, :why, :cents, :difference, :reason, 'user:eve')"""


def _given(line: str, **values: Any) -> dict[str, Any]:
    return {"id": ids.new_id(), "at": _NOW, "line": line, "deposit": None, "payment": None,
            "why": "", "cents": 10_000, "difference": 0, "reason": "", **values}  # fmt: skip


def _settle(db: Database, line: str, verb: str = "", **values: Any) -> None:
    _refused(db, _SETTLE.format(verb=verb), **_given(line, **values))


def test_a_bank_line_settles_one_thing_that_fits_it(db: Database) -> None:
    made, deposit, _ = _deposit(db, approve=True)
    line, short, debit = _line(db, made), _line(db, made, 9_000), _line(db, made, 10_000, "debit")
    _settle(db, line)
    _settle(db, line, deposit=deposit, why="a fee")
    _settle(db, line, deposit=deposit, difference=5, reason="x")
    _settle(db, line, deposit=deposit, cents=9_999)
    _settle(db, line, deposit=deposit, cents=10_001, difference=1, reason="x")
    _settle(db, short, deposit=deposit)
    _settle(db, debit, deposit=deposit)
    _settle(db, line, why="a fee", cents=9_999)
    with db.write() as session:
        other = group(session, "ELSE", "998877006789")
    _settle(db, _line(db, other), deposit=deposit)
    with db.write() as session:
        reconcile.settle(session, line, deposit, "user:bill")
    again = _line(db, made)
    _settle(db, again, deposit=deposit)
    _settle(db, line, why="a fee")
    if db.is_sqlite:
        _settle(db, again, verb="OR REPLACE", deposit=deposit)
    _refused(db, "DELETE FROM settlements WHERE bank_line_id = :id", id=line)
    _refused(db, "UPDATE settlements SET actor = 'user:eve' WHERE bank_line_id = :id", id=line)


def test_what_is_in_parts_on_one_side_is_whole_on_the_other(db: Database) -> None:
    """Two credits of 60 for two deposits of 100: no cent of them may be split both ways."""
    made, first, _ = _deposit(db, approve=True)
    with db.write() as session:
        payment = check(session, made, 10_000)
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [payment.id], "user:bill")
        batch.close(session, deposit.id, 1, 10_000, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        second = deposit.id
    part, large = _line(db, made, 6_000), _line(db, made, 16_000)
    with db.write() as session:
        session.execute(text(_SETTLE.format(verb="")), _given(part, deposit=first, cents=6_000))
    _settle(db, part, deposit=second, cents=0)
    _settle(db, large, deposit=first, cents=4_000)
    _settle(db, large, deposit=second, cents=6_000)
    with db.write() as session:
        session.execute(text(_SETTLE.format(verb="")), _given(large, deposit=second))
    _settle(db, large, deposit=first, cents=6_000, difference=2_000, reason="x")


def test_no_line_and_no_deposit_is_done_before_all_of_it_is_taken(db: Database) -> None:
    made, deposit, _ = _deposit(db, approve=True)
    line, part = _line(db, made), _line(db, made, 6_000)
    for state in ("settled", "explained"):
        _refused(db, "UPDATE bank_lines SET state = :state WHERE id = :id", state=state, id=line)
    _refused(db, "UPDATE deposits SET state = 'credited' WHERE id = :id", id=deposit)
    with db.write() as session:
        reconcile.settle_part(session, part, deposit, "user:bill")
    _refused(db, "UPDATE deposits SET state = 'credited' WHERE id = :id", id=deposit)
    with db.write() as session:
        reconcile.explain(session, line, "a fee", "user:bill")
    _refused(db, "UPDATE bank_lines SET state = 'unmatched' WHERE id = :id", id=line)


def test_of_eight_credits_that_pay_one_deposit_one_settles_it(db: Database) -> None:
    made, deposit, _ = _deposit(db, approve=True)
    lines = [_line(db, made) for _ in range(8)]

    def settle(line: str) -> bool:
        try:
            with db.write() as session:
                session.execute(text(_SETTLE.format(verb="")), _given(line, deposit=deposit))
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(settle, lines)) == 1


def test_an_open_deposit_cannot_be_settled(db: Database) -> None:
    made, deposit, _ = _deposit(db, close=True)
    _settle(db, _line(db, made), deposit=deposit)


_LINE = (
"amount_cents = 1", "direction = 'debit'",
                                    "fingerprint = 'x'", "value_on = '2026-01-01'")  # fmt: skip


def test_a_bank_line_stays_what_the_bank_said(db: Database) -> None:
    with db.write() as session:
        made = group(session)
    line = _line(db, made)
    for change in _LINE:
        _refused(db, f"UPDATE bank_lines SET {change} WHERE id = :id", id=line)
    _refused(db, "DELETE FROM bank_lines WHERE id = :id", id=line)


def test_only_what_was_presented_can_be_returned(db: Database) -> None:
    _, _, payment = _deposit(db, close=True)
    give = """INSERT INTO returned_items (id, created_at, ref, payment_id, presentation,
        amount_cents, reason, returned_on, actor)
        VALUES (:id, :at, :ref, :payment, 1, 10000, 'nsf', '2026-11-25', 'user:eve')"""
    _refused(db, give, id=ids.new_id(), at=_NOW, ref=ids.new_ref("RI"), payment=payment)


def test_of_eight_writers_for_one_check_one_gets_it(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000).id
        deposits = [batch.open_deposit(session, made.bank_account_id, DAY, "user:bill").id
                    for _ in range(8)]  # fmt: skip

    def add(deposit_id: str) -> str:
        try:
            with db.write() as session:
                batch.add(session, deposit_id, [payment], f"user:{deposit_id[-4:]}")
        except Conflict as refused:
            return refused.code
        return "added"

    with ThreadPoolExecutor(8) as pool:
        outcomes = sorted(pool.map(add, deposits))
    assert outcomes == ["added", *["check_not_depositable"] * 7]


def test_of_eight_raw_writers_for_one_check_one_gets_it(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000).id
        deposits = [batch.open_deposit(session, made.bank_account_id, DAY, "user:bill").id
                    for _ in range(8)]  # fmt: skip

    def add(deposit_id: str) -> bool:
        try:
            with db.write() as session:
                session.execute(text(_ADD.format(verb="")), {
                    "id": ids.new_id(), "at": _NOW, "deposit": deposit_id, "payment": payment,
                    "presentation": 1, "cents": 10_000,
                })  # fmt: skip
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, deposits)) == 1


def test_closing_against_adding_never_freezes_a_wrong_total(db: Database) -> None:
    for _ in range(6):
        with db.write() as session:
            made = group(session, ids.new_id()[-12:], str(int(ids.new_id()[-8:], 16)))
            first, late = (check(session, made, cents).id for cents in (10_000, 2_500))
            deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill").id
            batch.add(session, deposit, [first], "user:bill")

        def add(deposit_id: str = deposit, payment: str = late) -> None:
            with db.write() as session:
                session.execute(text(_ADD.format(verb="")), {
                    "id": ids.new_id(), "at": _NOW, "deposit": deposit_id, "payment": payment,
                    "presentation": 1, "cents": 2_500,
                })  # fmt: skip

        def close(deposit_id: str = deposit) -> None:
            with db.write() as session:
                session.execute(text(
                    "UPDATE deposits SET state = 'closed', declared_count = 1, "
                    "declared_total_cents = 10000, closed_by = 'user:bill' WHERE id = :id"
                ), {"id": deposit_id})  # fmt: skip

        with ThreadPoolExecutor(2) as pool:
            failures = [f.exception() for f in [pool.submit(add), pool.submit(close)]]
        assert sum(failure is not None for failure in failures) == 1
        with db.read() as session:
            row = session.get_one(Deposit, deposit)
            total = sum(item.amount_cents for item in row.items)
            assert row.state == "open" or row.declared_total_cents == total
