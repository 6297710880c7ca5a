"""The month's figures by office: counted from the rows, each by its own day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from deposits import batch, posting, posting_queue
from deposits.bank import import_file
from deposits.month import PaymentCourse, Share, month_of
from deposits.month_rows import month_view
from records import clock
from records.installation import Installation
from records.models import Payment, SourceFile
from tests.deposits.build import DAY, check, decide, group, set_aside

NOVEMBER = date(2026, 11, 1)
AT = datetime(2026, 11, 20, 14, tzinfo=UTC)
NOW = datetime(2026, 12, 3, tzinfo=UTC)


def course(**given: object) -> PaymentCourse:
    values = {"office_code": "A", "kind": "check", "cents": 1_000, "received_on": DAY,
              "received_at": AT, "set_aside": False, **given}  # fmt: skip
    return PaymentCourse(**values)  # type: ignore[arg-type]


def test_posted_in_time_is_of_what_is_due_and_not_set_aside() -> None:
    courses = [
        course(posted_at=AT + timedelta(hours=24)),
        course(posted_at=AT + timedelta(hours=24, seconds=1)),
        course(),
        course(set_aside=True),
        course(received_at=NOW - timedelta(hours=23), received_on=date(2026, 11, 30)),
    ]
    assert month_of(courses, NOVEMBER, ["A"], NOW).total.posted_in_time == Share(1, 3)


def test_held_over_is_a_check_not_deposited_on_the_day_it_came() -> None:
    courses = [
        course(deposited=(DAY,)),
        course(deposited=(DAY + timedelta(days=3),)),
        course(),
        course(kind="eft"),
        course(set_aside=True),
        course(deposited=(DAY, DAY + timedelta(days=9))),
    ]
    assert month_of(courses, NOVEMBER, ["A"], NOW).total.held_over == Share(2, 4)


def test_what_happens_in_another_month_counts_there() -> None:
    early = date(2026, 10, 30)
    one = course(received_on=early, deposited=(early, DAY), credited=(early, DAY), returned=(DAY,))
    two = course(received_on=early, deposited=(DAY,), credited=(DAY,), cents=500)
    shown = month_of([one, two], NOVEMBER, ["A", "B"], NOW)
    assert shown.total.received.count == 0
    assert (shown.total.deposited.count, shown.total.deposited.cents) == (2, 1_500)
    assert (shown.total.credited.cents, shown.total.returned.cents) == (1_500, 1_000)
    assert shown.total.credit_days == 21.0  # only of what was credited for the first time
    assert [office.office_code for office in shown.offices] == ["A", "B"]
    assert shown.offices[1].credit_days is None
    assert len(shown.days) == 30
    assert sum(day.credited_cents for day in shown.days) == 1_500


@pytest.mark.parametrize("whole", [0, 4])
def test_a_share_of_nothing_is_no_number(whole: int) -> None:
    assert Share(1 if whole else 0, whole).to_json()["share"] == (0.25 if whole else None)


def test_the_rows_of_a_month_are_loaded_by_office(installation: Installation) -> None:
    store = installation.store
    with clock.frozen(AT), installation.db.write() as session:
        north, south = group(session, "NORTH"), group(session, "SOUTH", "998877006789")
        for made in (north, south):
            session.get_one(SourceFile, made.file_id).created_at = AT
        good = check(session, north, 10_000, number="4411")
        split = check(session, north, 900)
        gone = check(session, north, 50)
        unread = check(session, south, None, state="awaiting_review")
        set_aside(session, gone, "stale")
        decide(session, good, [("account", north.account_id, 10_000)])
        decide(session, split, [("account", north.account_id, 400),
                                ("unapplied", north.account_id, 500)])  # fmt: skip
        for payment in (good, split):
            posting_queue.keep_in_step(session, payment.id, "system:test")
        export = posting.export(session, store, north.office_id, "user:bill")
        posting.acknowledge(session, export.id, "all", {}, "user:bill")
        for payment, on in ((good, DAY), (split, DAY + timedelta(days=3))):
            deposit = batch.open_deposit(session, north.bank_account_id, on, "user:bill")
            batch.add(session, deposit.id, [payment.id], "user:bill")
            batch.close(session, deposit.id, 1, payment.amount_cents or 0, "user:bill")
            batch.approve(session, deposit.id, "user:beth")
        data = (
            b"Account,Date,Amount,Description\n123456789,2026-11-24,100.00,DEPOSIT\n"
            b"123456789,2026-11-26,-100.00,DEPOSITED ITEM RETURNED NSF CK 4411\n"
        )
        import_file(session, store, data, "a.csv", "user:bill")
        assert session.get_one(Payment, good.id).deposit_state == "returned"
    with clock.frozen(NOW), installation.db.read() as session:
        shown = month_view(session, NOVEMBER)
        only = month_view(session, NOVEMBER, [south.office_id])
        december = month_view(session, date(2026, 12, 1))
    first, second = shown.offices
    assert (first.office_code, first.received.count, first.received.cents) == ("NORTH", 3, 10_950)
    assert (first.deposited.cents, first.credited.cents, first.returned.cents) == (
        10_900, 10_000, 10_000)  # fmt: skip
    assert first.posted_in_time == Share(1, 2)
    assert first.held_over == Share(1, 2)
    assert first.credit_days == 4.0
    assert (second.received.count, second.received.cents) == (1, 0)
    assert shown.total.received.count == 4
    assert [office.office_code for office in only.offices] == ["SOUTH"]
    assert only.total.received.count == 1
    assert december.total.received.count == 0
    assert unread.amount_cents is None
