"""A return cash letter gives back the very checks that were sent, and nobody else's."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from deposits import batch, icl, posting, posting_queue, reconcile, refusing, return_fees
from deposits.bank import BankImport, import_file
from deposits.day import proof
from deposits.return_letters import read_returns
from intake.x9 import Framing, build_record, read_items, read_records, write_records
from matching import search
from matching.fingerprints import fingerprints
from matching.register import Micr
from records import clock
from records.db import Database
from records.errors import WrongUse
from records.installation import Installation
from records.models import (
    Account,
    BankLine,
    Deposit,
    Office,
    Payment,
    ReturnedItem,
    Settlement,
    UnmatchedReturn,
)
from records.models.letters import CashLetter
from tests.deposits.build import DAY, Group, check, decide, group
from tests.deposits.icl.test_build import written

BACK = DAY + timedelta(days=4)
ROUTING = "122000661"
NUMBER = 7


def returned(number: int, cents: int, on_us: str = "", sequence: int = 0, **more: Any) -> list[Any]:
    """Records 31 and 32 of one item."""
    return [
        build_record("31", {
            "payor_routing8": ROUTING[:8], "payor_check_digit": ROUTING[8], "on_us": on_us,
            "item_amount": cents, "return_reason": "A", "addendum_count": 1,
            "forward_bundle_date": f"{DAY:%Y%m%d}", "ece_item_sequence": str(900 + number),
            "return_notification": "2", **more,
        }),
        build_record("32", {
            "record_number": 1, "bofd_routing": "061000146", "truncation_indicator": "Y",
            "bofd_endorsement_date": f"{DAY:%Y%m%d}",
            "bofd_item_sequence": f"{sequence:015d}" if sequence else "",
        }),
    ]  # fmt: skip


def letter(*items: list[Any], collection: str = "03", indicator: str = "") -> bytes:
    """A return cash letter of these items."""
    head = {"destination_routing": "061000146", "ece_institution_routing": "026073150",
            "business_date": f"{BACK:%Y%m%d}", "creation_date": f"{BACK:%Y%m%d}",
            "collection_type": collection}  # fmt: skip
    records = [
        build_record("01", {"standard_level": 3, "test_indicator": "P", "resend_indicator": "N",
                            "immediate_destination_routing": "061000146",
                            "immediate_origin_routing": "026073150",
                            "file_creation_date": f"{BACK:%Y%m%d}", "file_creation_time": "0911"}),
        build_record("10", {**head, "cash_letter_id": "R1", "record_type_indicator": "I",
                            "returns_indicator": indicator}),
        build_record("20", {**head, "bundle_id": "1"}),
        *(record for item in items for record in item),
        build_record("70", {}), build_record("90", {}), build_record("99", {}),
    ]  # fmt: skip
    out = io.BytesIO()
    write_records(records, out, Framing("len4", "ascii"))
    return out.getvalue()


def _number(session: Any, payment: Payment, account: str, serial: str) -> None:
    """Give the check a MICR line, as registering does."""
    prints = fingerprints(Micr(ROUTING, account, serial, ""), payment.amount_cents)
    payment.sealed = {"routing_number": ROUTING, "account_number": account, "check_number": serial}
    payment.check_number = serial
    payment.fingerprint, payment.item_fingerprint = prints.check, prints.item
    session.flush()


def _credited(
    db: Database, installation: Installation, *checks: tuple[int, str, str], credit: bool = True
) -> tuple[Group, list[Payment], str]:
    """A deposit of checks (cents, account, serial), posted, sent as letter 7 and credited."""
    with db.write() as session:
        made = group(session)
        payments = [check(session, made, cents) for cents, _, _ in checks]
        for payment, (cents, account, serial) in zip(payments, checks, strict=True):
            if account:
                _number(session, payment, account, serial)
            decide(session, payment, [("account", made.account_id, cents)])
            posting_queue.keep_in_step(session, payment.id, "system:test")
        export = posting.export(session, installation.store, made.office_id, "user:bill")
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, [p.id for p in payments], "user:bill")
        total = sum(cents for cents, _, _ in checks)
        batch.close(session, deposit.id, len(checks), total, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        session.add(CashLetter(number=NUMBER, deposit_id=deposit.id, profile="x", file_sha256="0",
                               file_name="x", item_count=len(checks), total_cents=total,
                               created_by="user:bill"))  # fmt: skip
        deposit_id = deposit.id
    if credit:
        _bring(db, installation, _statement(f"{DAY},{total / 100:.2f},DEPOSIT,"))
        with db.read() as session:
            assert session.get_one(Deposit, deposit_id).state == "credited"
    return made, payments, deposit_id


def _statement(*rows: str) -> bytes:
    lines = "".join(f"123456789,{row}\n" for row in rows)
    return f"Account,Date,Amount,Description,Reference\n{lines}".encode()


def _bring(db: Database, installation: Installation, data: bytes) -> BankImport:
    with db.write() as session:
        return import_file(session, installation.store, data, "bank", "user:bill")


def _sequences(count: int) -> list[int]:
    """The numbers that the cash letter we send gives to its items."""
    data = written([100] * count, icl.named("x9_100_187_2013"), NUMBER)
    items = read_items(read_records(io.BytesIO(data)))
    return [int(each.detail.text("ece_item_sequence")) for each in items if each.kind == "check"]


def test_a_check_is_found_by_our_own_number_of_it(db: Database, installation: Installation) -> None:
    _, payments, _ = _credited(db, installation, (5_000, "", ""), (5_000, "", ""))
    second = _sequences(2)[1]
    done = _bring(db, installation, letter(returned(1, 5_000, sequence=second)))
    assert (done.new, done.unmatched) == (1, 0)
    [outcome] = done.returns
    assert (outcome.status, outcome.by, outcome.payment_ref) == (
        "entered", "trace", payments[1].ref)  # fmt: skip
    with db.read() as session:
        item = session.scalars(select(ReturnedItem)).one()
        assert (item.reason, item.returned_on) == ("not_sufficient_funds", BACK)
        assert session.get_one(Payment, payments[0].id).deposit_state == "credited"
        assert proof(session, DAY).explained


def test_an_item_of_a_letter_that_was_refused_is_asked_about(
    db: Database, installation: Installation
) -> None:
    """Its check is paid in another deposit, from which nothing came back."""
    _, [payment], old = _credited(db, installation, (5_000, "12345", "101"), credit=False)
    with db.write() as session:
        refusing.reject(session, old, "totals differ", "user:bill")
        new = refusing.rebatch(session, old, "user:bill")
        batch.close(session, new.id, 1, 5_000, "user:bill")
        batch.approve(session, new.id, "user:beth")
        day = new.business_on
    _bring(db, installation, _statement(f"{day},50.00,DEPOSIT,"))
    [sequence] = _sequences(1)
    done = _bring(db, installation, letter(returned(1, 5_000, "12345/101", sequence=sequence)))
    [outcome] = done.returns
    assert (outcome.status, outcome.payment_ref) == ("rejected_deposit", payment.ref)
    with db.read() as session:
        assert session.get_one(Payment, payment.id).deposit_state == "credited"
        assert [row.outcome for row in session.scalars(select(UnmatchedReturn))] == [""]


def test_a_check_is_found_by_its_micr_line_and_amount(
    db: Database, installation: Installation
) -> None:
    made, payments, _ = _credited(
        db, installation, (5_000, "12345", "101"), (5_000, "12345", "102")
    )
    done = _bring(db, installation, letter(returned(1, 5_000, "12345/102")))
    assert [(each.status, each.by, each.payment_ref) for each in done.returns] == [
        ("entered", "micr", payments[1].ref)]  # fmt: skip
    with db.write() as session:
        account = session.get_one(Account, made.account_id)
        status = search.account_status(session, account.number)
        back = next(each for each in status.payments if each.ref == payments[1].ref)
        assert (back.cleared, back.returned_reason) == (False, "not_sufficient_funds")
        assert (back.returned_on, status.returned_cents) == (BACK, 5_000)
        export = posting.export(session, installation.store, made.office_id, "user:bill")
        assert export.total_cents == -5_000


@pytest.mark.parametrize(
    ("cents", "on_us", "sequence"),
    [
        (5_001, "", 1),  # our number, another amount
        (5_000, "99999/777", 1),  # our number, another check
        (5_000, "12345/999", 0),  # another serial
        (5_001, "12345/101", 0),  # another amount
        (5_000, "", 3),  # a place that the letter does not have
    ],
)
def test_what_is_not_the_check_gives_no_check_back(
    db: Database, installation: Installation, cents: int, on_us: str, sequence: int
) -> None:
    _credited(db, installation, (5_000, "12345", "101"), (900, "", ""))
    place = sequence and _sequences(2)[0] + sequence - 1
    done = _bring(db, installation, letter(returned(1, cents, on_us, place)))
    assert [each.status for each in done.returns] == ["not_found"]
    assert done.new == 0
    with db.read() as session:
        assert session.scalars(select(ReturnedItem)).first() is None


def test_an_amount_and_a_date_alone_only_name_candidates(
    db: Database, installation: Installation
) -> None:
    _, payments, _ = _credited(db, installation, (5_000, "", ""), (900, "", ""))
    [outcome] = _bring(db, installation, letter(returned(1, 5_000, "777/1"))).returns
    assert (outcome.status, outcome.candidates) == ("not_found", (payments[0].ref,))


def test_days_that_cannot_be_neither_stop_a_letter_nor_hide_a_return(
    db: Database, installation: Installation
) -> None:
    _, payments, _ = _credited(db, installation, (5_000, "12345", "101"), (900, "", ""))
    odd = [returned(n, 900, "9/9", forward_bundle_date=day)
           for n, day in ((2, "00010101"), (3, "99991231"))]  # fmt: skip
    told = letter(returned(1, 5_000, "12345/101"), *odd)
    done = _bring(db, installation, told.replace(f"{BACK:%Y%m%d}".encode(), b"99991231"))
    assert [each.status for each in done.returns] == ["entered", "not_found", "not_found"]
    ahead = _bring(db, installation, letter(returned(4, 77)).replace(
        f"{BACK:%Y%m%d}".encode(), f"{clock.now().date() + timedelta(days=90):%Y%m%d}".encode()
    ))  # fmt: skip
    assert ahead.unmatched == 1
    soon = clock.now().date() + timedelta(days=1)
    with db.read() as session:
        [item] = session.scalars(select(ReturnedItem))
        assert (item.payment_id, DAY <= item.returned_on <= max(DAY, soon)) == (
            payments[0].id, True)  # fmt: skip
        kept = session.scalars(select(UnmatchedReturn)).all()
        assert [row.returned_on <= soon for row in kept] == [True] * 3


def test_the_same_letter_and_the_same_return_enter_once(
    db: Database, installation: Installation
) -> None:
    _credited(db, installation, (5_000, "12345", "101"))
    first = letter(returned(1, 5_000, "12345/101"))
    other = letter(returned(1, 5_000, "12345/101"), returned(2, 77, "1/2"))
    assert _bring(db, installation, first).new == 1
    again = _bring(db, installation, first)
    assert ([each.status for each in again.returns], again.new) == (["known"], 0)
    assert [each.status for each in _bring(db, installation, other).returns] == [
        "known", "not_found"]  # fmt: skip
    with db.read() as session:
        assert len(session.scalars(select(ReturnedItem)).all()) == 1


def test_a_return_before_the_credit_waits_and_enters_when_that_has_come(
    db: Database, installation: Installation
) -> None:
    _credited(db, installation, (5_000, "12345", "101"), credit=False)
    data = letter(returned(1, 5_000, "12345/101"))
    assert [each.status for each in _bring(db, installation, data).returns] == ["not_credited"]
    _bring(db, installation, _statement(f"{DAY},50.00,DEPOSIT,"))
    with db.read() as session:
        assert session.scalars(select(ReturnedItem.amount_cents)).all() == [5_000]
        assert proof(session, DAY).explained
    assert [each.status for each in _bring(db, installation, data).returns] == ["known"]


def test_the_banks_debit_settles_the_return_whichever_comes_first(
    db: Database, installation: Installation
) -> None:
    _credited(db, installation, (5_000, "12345", "101"), (900, "12345", "102"))
    _bring(db, installation, _statement(f"{BACK},-9.00,RETURNED CK 777,"))
    done = _bring(db, installation, letter(returned(1, 5_000, "12345/101")))
    assert (done.new, done.settled) == (1, 0)
    done = _bring(db, installation, _statement(f"{BACK},-50.00,RETURNED DEPOSITED ITEM CK 101,"))
    assert done.settled == 1
    with db.read() as session:
        rows = session.scalars(select(BankLine).where(BankLine.amount_cents == 5_000))
        [line] = [each for each in rows if each.direction == "debit"]
        assert line.state == "settled"
        assert session.scalars(select(Settlement.returned_item_id)).all()
        assert proof(session, BACK).unexplained_cents == 900


def test_a_notice_moves_no_money_and_another_offices_check_is_not_touched(
    db: Database, installation: Installation
) -> None:
    made, _, _ = _credited(db, installation, (5_000, "12345", "101"))
    told = letter(returned(1, 5_000, "12345/101"), collection="05")
    assert [each.status for each in _bring(db, installation, told).returns] == ["preliminary"]
    told = letter(returned(1, 5_000, "12345/101", return_notification="1"))
    assert [each.status for each in _bring(db, installation, told).returns] == ["preliminary"]
    with db.write() as session:
        other = group(session, "ELSE", "998877006789")
        done = import_file(
            session, installation.store, letter(returned(1, 5_000, "12345/101")), "x", "user:edna",
            accounts=[other.bank_account_id],
        )  # fmt: skip
        assert [each.status for each in done.returns] == ["not_found"]
        assert done.returns[0].candidates == ()
    assert made


def test_a_letter_that_only_goes_forward_is_refused(
    db: Database, installation: Installation
) -> None:
    with pytest.raises(WrongUse) as refused:
        _bring(db, installation, written([100], icl.named("x9_100_187_2013")))
    assert refused.value.code == "no_returns"


def test_a_sample_of_a_bank_is_read() -> None:
    from tests.intake.x9.samples import sample  # noqa: PLC0415 - the samples may not be there

    claims = read_returns(sample("x9/BNK20180905121042882-A.icl"))
    assert len(claims) == 4
    assert {(claim.cents, claim.reason) for claim in claims} == {(100_000, "not_sufficient_funds")}


def test_a_fee_is_suggested_where_the_drawer_is_at_fault(
    db: Database, installation: Installation
) -> None:
    made, payments, _ = _credited(db, installation, (5_000, "", ""), (900, "", ""))
    with db.write() as session:
        office = session.get_one(Office, made.office_id)
        with pytest.raises(WrongUse):
            return_fees.set_fee(session, office, 10_001, "user:ada")
        nsf, image = (
            reconcile.record_returned_item(session, payment.id, reason, BACK, None, "user:bill")
            for payment, reason in zip(
                payments, ("not_sufficient_funds", "image_unusable"), strict=True
            )
        )
        assert return_fees.suggested_fees(session, [nsf.id, image.id]) == {}
        return_fees.set_fee(session, office, 2_500, "user:ada")
        fees = return_fees.suggested_fees(session, [nsf.id, image.id])
    assert set(fees) == {nsf.id}
    fee = fees[nsf.id]
    assert (fee.fee_cents, fee.account_number, fee.payment_ref) == (
        2_500, "A-MAIN", payments[0].ref)  # fmt: skip


def test_administrative_returns_are_not_told_as_the_payers() -> None:
    [claim] = read_returns(letter(returned(1, 5_000), indicator="E"))
    assert claim.reason == "administrative_A"
    assert (claim.forwarded_on, claim.returned_on) == (DAY, BACK)
