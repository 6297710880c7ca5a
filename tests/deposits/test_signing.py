"""A signed day never changes; what happens to it later stands on the next day, to the cent."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deposits import batch, reconcile, settling
from deposits.bank import import_file
from deposits.day import account_proof
from deposits.day_record import DayRecord, day_record, sign
from deposits.late import positions
from records import audit, clock, ids, workflow
from records.db import Database
from records.errors import Conflict, LockboxError, WrongUse
from records.installation import Installation
from records.models import AuditEvent, BankAccount, BankLine, DaySignature, Payment
from tests.deposits.build import DAY, Group, check, decide, group, set_aside

NEXT = date(2026, 11, 23)  # DAY is a Friday
LATER = datetime(2026, 12, 1, 15, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _late_enough() -> Any:
    with clock.frozen(LATER):
        yield


def _account(session: Any, made: Group) -> BankAccount:
    return session.get_one(BankAccount, made.bank_account_id)


def _record(db: Database, made: Group, on: date = DAY) -> DayRecord:
    with db.read() as session:
        return day_record(session, _account(session, made), on)


def _sign(db: Database, made: Group, on: date = DAY, actor: str = "user:cora") -> None:
    with db.write() as session:
        sign(session, _account(session, made), on, actor)


def _deposited(db: Database, made: Group, payments: list[str], cents: int) -> str:
    with db.write() as session:
        deposit = batch.open_deposit(session, made.bank_account_id, DAY, "user:bill")
        batch.add(session, deposit.id, payments, "user:bill")
        batch.close(session, deposit.id, len(payments), cents, "user:bill")
        batch.approve(session, deposit.id, "user:beth")
        return deposit.id


def _group(db: Database, *amounts: int) -> tuple[Group, list[str]]:
    with db.write() as session:
        made = group(session)
        return made, [check(session, made, cents).id for cents in amounts]


def _credit(db: Database, store: Any, cents: int, on: date = DAY, text: str = "DEPOSIT") -> None:
    row = f"123456789,{on},{cents / 100:.2f},{text},R{cents}"
    data = f"Account,Date,Amount,Description,Reference\n{row}\n".encode()
    with db.write() as session:
        import_file(session, store, data, "a.csv", "user:bill")


def _sums_to_live(db: Database, made: Group) -> None:
    """Signed figures and all late lines of a day make the day as it is now."""
    with db.read() as session:
        account = _account(session, made)
        live = positions(account_proof(session, DAY, account).to_json())
        told: dict[tuple[str, str], Counter[str]] = {}
        for key, parts in positions(day_record(session, account, DAY).document).items():
            told.setdefault(key, Counter()).update(parts)
        lines = list(day_record(session, account, NEXT).document["late"]["lines"])
        following = day_record(session, account, NEXT).next_on
        if following and following != NEXT:
            lines += day_record(session, account, following).document["late"]["lines"]
        for line in (each for each in lines if each["of"] == DAY.isoformat()):
            told.setdefault((line["axis"], line["ref"]), Counter()).update(line["moved"])
    kept = {key: {part: cents for part, cents in parts.items() if cents}
            for key, parts in told.items()}  # fmt: skip
    assert {key: parts for key, parts in kept.items() if parts} == live


def test_a_signed_day_stays_and_its_later_events_stand_on_the_next_day(
    db: Database, installation: Installation
) -> None:
    made, (first, second) = _group(db, 10_000, 2_500)
    _sign(db, made)
    signed = _record(db, made)
    assert signed.signature is not None
    assert signed.signature.signed_by == "user:cora"
    assert signed.document["received"]["parts"]["on_hand"]["amount_cents"] == 12_500
    with db.write() as session:
        late = check(session, made, 700)
        set_aside(session, session.get_one(Payment, second), "stale")
        check(session, made, 300, received_on=NEXT)
    _deposited(db, made, [first], 10_000)
    assert _record(db, made).document == signed.document
    shown = _record(db, made, NEXT)
    assert shown.next_on == NEXT
    moved = {(line["axis"], line["ref"]): line["moved"] for line in shown.document["late"]["lines"]}
    with db.read() as session:
        refs = [session.get_one(Payment, each).ref for each in (first, second)]
    assert moved["received", late.ref] == {"on_hand": 700}
    assert moved["received", refs[0]] == {"deposited": 10_000, "on_hand": -10_000}
    assert moved["received", refs[1]] == {"not_deposited:stale": 2_500, "on_hand": -2_500}
    assert shown.explained
    _sums_to_live(db, made)
    _sign(db, made, NEXT)
    _credit(db, installation.store, 10_000, NEXT)
    after = _record(db, made, NEXT)
    assert after.document["late"] == shown.document["late"]
    _sums_to_live(db, made)
    with db.read() as session:
        assert audit.verify(session).ok
        actions = [each.action for each in session.query(AuditEvent)]
    assert actions.count("day_signed") == 2


def test_a_late_bank_line_and_its_explanation_are_lines_of_the_next_day(
    db: Database, installation: Installation
) -> None:
    made, _ = _group(db)
    _sign(db, made)
    _credit(db, installation.store, 1_500, DAY, "INTEREST")
    red = _record(db, made, _record(db, made).next_on or NEXT)
    assert not red.explained
    assert red.document["unexplained_cents"] == 1_500
    with pytest.raises(Conflict) as refused:
        _sign(db, made, red.next_on or NEXT)
    assert refused.value.code == "day_unexplained"
    with db.write() as session:
        line = session.query(BankLine).one()
        reconcile.explain(session, line.id, "interest", "user:bill")
    assert _record(db, made, red.next_on or NEXT).explained
    assert _record(db, made).explained


def test_an_unexplained_day_cannot_be_signed(db: Database) -> None:
    made, (payment,) = _group(db, 10_000)
    with db.write() as session:
        decide(session, session.get_one(Payment, payment), [("account", made.account_id, 9_990)])
    _deposited(db, made, [payment], 10_000)
    with pytest.raises(Conflict) as refused:
        _sign(db, made)
    assert refused.value.code == "day_unexplained"
    assert _record(db, made).signature is None


def test_what_a_weekend_brings_is_not_signed_before_its_day_begins(db: Database) -> None:
    made, _ = _group(db, 100)
    with db.write() as session:
        check(session, made, 200, received_on=NEXT)
    with clock.frozen(datetime(2026, 11, 21, 18, tzinfo=UTC)):  # a Saturday: Monday's business
        _sign(db, made)
        with pytest.raises(Conflict) as early:
            _sign(db, made, NEXT)
    assert early.value.code == "day_not_begun"
    with clock.frozen(datetime(2026, 11, 23, 23, tzinfo=UTC)):
        _sign(db, made, NEXT)


def test_days_are_signed_in_their_order_by_a_person_and_once(db: Database) -> None:
    made, _ = _group(db, 100)
    with db.write() as session:
        check(session, made, 200, received_on=NEXT)
        check(session, made, 300, received_on=NEXT + timedelta(days=1))
    for actor, on, code in (
        ("system:worker", DAY, "person_needed"),
        ("user:cora", date(2026, 12, 2), "day_not_begun"),
    ):
        with pytest.raises((Conflict, WrongUse)) as refused:
            _sign(db, made, on, actor)
        assert refused.value.code == code
    _sign(db, made)
    for on, code in ((DAY, "day_signed"), (NEXT + timedelta(days=1), "day_not_next"),
                     (DAY - timedelta(days=1), "day_not_next")):  # fmt: skip
        with pytest.raises(Conflict) as refused:
            _sign(db, made, on)
        assert refused.value.code == code
    _sign(db, made, NEXT)
    assert _record(db, made).next_on == NEXT + timedelta(days=1)


@pytest.mark.both_databases
def test_of_four_people_who_sign_one_day_one_has_signed_it(db: Database) -> None:
    made, _ = _group(db, 100)

    def run(number: int) -> str:
        with clock.frozen(LATER):  # a thread has a clock of its own
            try:
                _sign(db, made, DAY, f"user:p{number}")
            except LockboxError as refused:
                return refused.code
        return "signed"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(run, range(4))) == ["day_signed"] * 3 + ["signed"]


@pytest.mark.both_databases
def test_the_database_keeps_a_signed_day_and_its_order(db: Database) -> None:
    made, _ = _group(db, 100)
    _sign(db, made)
    enter = """INSERT {verb} INTO day_signatures (id, created_at, ref, bank_account_id, day_on,
        signed_by, unexplained_cents, document, sha256)
        VALUES (:id, '2026-12-01 10:00:00+00:00', :ref, :account, :on, :by, :cents, '{{}}', 'x')"""
    with db.read() as session:
        held = session.query(DaySignature).one()
    given = {"id": ids.new_id(), "ref": "DS-X", "account": made.bank_account_id,
             "on": "2026-11-23", "by": "user:eve", "cents": 0}  # fmt: skip
    attacks: list[tuple[str, dict[str, Any]]] = [
        (enter.format(verb=""), {**given, "on": "2026-11-20"}),
        (enter.format(verb=""), {**given, "on": "2026-11-19"}),
        (enter.format(verb=""), {**given, "by": "system:worker"}),
        (enter.format(verb=""), {**given, "cents": 1}),
        ("UPDATE day_signatures SET signed_by = 'user:eve'", {}),
        ("DELETE FROM day_signatures", {}),
    ]
    if db.is_sqlite:
        attacks.append((enter.format(verb="OR REPLACE"), {**given, "id": held.id}))
        attacks.append((enter.format(verb="OR REPLACE"), {**given, "ref": held.ref}))
    for statement, values in attacks:
        with pytest.raises(DBAPIError), db.write() as session:
            session.execute(text(statement), values)
    with db.write() as session:
        session.execute(text(enter.format(verb="")), given)


@pytest.mark.both_databases
def test_a_document_changed_behind_the_database_is_told(db: Database) -> None:
    made, _ = _group(db, 100)
    _sign(db, made)
    drop = ("DROP TRIGGER day_signatures_no_update" if db.is_sqlite
            else "DROP TRIGGER day_signatures_no_change ON day_signatures")  # fmt: skip
    with db.write() as session:
        session.execute(text(drop))
        session.execute(text("UPDATE day_signatures SET sha256 = 'x'"))
    shown = _record(db, made)
    assert (shown.intact, shown.explained) == (False, False)


def test_what_is_not_finished_is_carried_over_by_age(
    db: Database, installation: Installation
) -> None:
    made, (first, second) = _group(db, 10_000, 2_500)
    with db.write() as session:
        old = check(session, made, 900, received_on=DAY - timedelta(days=40))
        check(session, made, 555, received_on=NEXT)
        decide(session, session.get_one(Payment, first), [("unapplied", made.account_id, 10_000)])
    deposit = _deposited(db, made, [first, second], 12_500)
    _credit(db, installation.store, 333, DAY, "INTEREST")
    items = _record(db, made).document["carried_over"]
    what = Counter({(each["what"], each["amount_cents"]): 1 for each in items["items"]})
    assert set(what) == {("on_hand", 900), ("unapplied", 10_000), ("unidentified", 2_500),
                         ("in_transit", 12_500), ("bank_line", 333)}  # fmt: skip
    ages = {each["age"]: each["amount_cents"] for each in items["ages"]}
    assert ages["over 30 days"] == 900
    assert ages["this day"] == items["amount_cents"] - 900
    assert items["items"][0]["ref"] == old.ref
    assert items["items"][0]["days"] == 40
    with db.write() as session:
        line = session.query(BankLine).one()
        settling.explain(session, line.id, "interest", "user:bill")
    _credit(db, installation.store, 12_500)
    what = {each["what"] for each in _record(db, made).document["carried_over"]["items"]}
    assert what == {"on_hand", "unapplied", "unidentified"}
    assert deposit


def test_a_check_that_review_lets_go_later_is_late_though_no_entry_tells(db: Database) -> None:
    """Both states are money on hand: nothing is journalled, and no row is new."""
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 4_000, state="awaiting_review")
    _sign(db, made)
    with clock.frozen(LATER + timedelta(hours=5)):
        with db.write() as session:
            held = session.get_one(Payment, payment.id)
            workflow.move(held, workflow.DEPOSIT_AXIS, "depositable")
        shown = _record(db, made, _record(db, made).next_on or NEXT)
    assert [line["moved"] for line in shown.document["late"]["lines"]] == [
        {"awaiting_review": -4_000, "on_hand": 4_000}]  # fmt: skip
