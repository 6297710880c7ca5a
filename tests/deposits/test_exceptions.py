"""Checks kept out of deposits: one end each whoever is faster, and those of older databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from deposits import exceptions
from deposits.day import proof
from intake import editing
from matching import fingerprints, keeping_out, review
from records import audit, clock, crypto, migrate
from records.db import Database
from records.errors import Conflict, LockboxError, WrongUse
from records.models import DepositException, Payment
from records.workflow import DEPOSIT_AXIS, move
from tests.deposits.build import DAY, check, group, set_aside
from tests.deposits.older import database_at


@pytest.mark.both_databases
def test_of_eight_people_at_once_one_ends_it(db: Database) -> None:
    with db.write() as session:
        payment = check(session, group(session), 10_000, state="awaiting_review")
        set_aside(session, payment, "stale")
        ident = payment.id
    ways: list[Callable[[str], object]] = [
        lambda step: _try(db, lambda s: exceptions.finish(s, ident, step, "user:bill", "mail")),
        lambda _: _try(db, lambda s: exceptions.put_back(s, ident, "user:beth")),
    ]
    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda at: ways[at % 2]("new_check_asked"), range(8)))
    assert done.count("done") == 1
    assert set(done) == {"done", "not_kept_out"}
    with db.read() as session:
        (row,) = session.scalars(select(DepositException))
        payment = session.get_one(Payment, ident)
        back = payment.deposit_state == "awaiting_review"
        assert row.outcome == ("put_back" if back else "new_check_asked")
        shown = proof(session, DAY)
        assert shown.explained, shown.to_json()
        assert audit.verify(session).ok


@pytest.mark.both_databases
def test_who_puts_one_back_waits_for_what_comes_back_by_itself(db: Database) -> None:
    with db.write() as session:
        payment = check(session, group(session), 10_000, state="awaiting_review")
        set_aside(session, payment, "stale")
        ident = payment.id
    with ThreadPoolExecutor(1) as pool, db.write() as session:
        fingerprints.lock(session)  # as coming_back does, before it holds a check
        put = pool.submit(_try, db, lambda s: exceptions.put_back(s, ident, "user:beth"))
        wait([put], timeout=0.2)
        session.get_one(Payment, ident, with_for_update=True)
        session.commit()
        assert put.result() == "done"


_LET_GO = """UPDATE deposit_exceptions SET outcome = 'put_back', ended_by = 'user:eve',
    ended_at = created_at WHERE outcome = ''"""


@pytest.mark.both_databases
@pytest.mark.parametrize("around", [_LET_GO, "UPDATE payments SET live = false"])
def test_a_check_that_no_queue_shows_any_more_makes_its_day_red(db: Database, around: str) -> None:
    with db.write() as session:
        made = group(session)
        payment = check(session, made, 10_000, state="awaiting_review")
        set_aside(session, payment, "stale")
        exceptions.hold(session, payment.id, keeping_out.today(payment) + timedelta(days=3), "x")
        if around != _LET_GO:
            exceptions.put_back(session, payment.id, "user:beth")
            move(payment, DEPOSIT_AXIS, "depositable")
    with db.read() as reading:
        assert proof(reading, DAY).explained
    with db.write() as session:
        session.execute(text(around))
    with db.read() as reading:
        assert exceptions.queue(reading, None) == []
        shown = proof(reading, DAY)
        assert (shown.unexplained_cents, shown.received.broken.cents) == (10_000, 10_000)


def test_a_check_whose_envelope_was_made_anew_does_not_come_back_beside_the_new_one(
    db: Database,
) -> None:
    with db.write() as session:
        made = group(session)
        aside = check(session, made, 10_000, state="awaiting_review")
        set_aside(session, aside, "unsigned")
        check(session, made, 700)
        check(session, made, 300, state="awaiting_review")
        editing.regroup(session, made.file_id, [], "user:sam")
        shown = proof(session, DAY)  # what came of the new envelopes is received anew
        assert (shown.received.total.cents, shown.explained) == (0, True), shown.to_json()
        assert exceptions.queue(session, None) == []
        for back in (review.reopen, exceptions.put_back):
            with pytest.raises(Conflict) as refused:
                back(session, aside.id, "user:beth")
            assert refused.value.code == "envelope_replaced"
        assert not aside.live


def _try(db: Database, act: Callable[..., object]) -> str:
    try:
        with db.write() as session:
            act(session)
    except LockboxError as error:
        return error.code
    return "done"


def test_a_list_says_why_since_when_and_what_next(db: Database) -> None:
    with db.write() as session:
        made = group(session)
        for cents, reason in ((10_000, "foreign"), (2_500, "foreign"), (None, "held")):
            set_aside(session, check(session, made, cents, state="awaiting_review"), reason)
        rows = exceptions.queue(session, [made.office_id])
        assert exceptions.counts(rows) == {"foreign": (2, 12_500), "held": (1, 0)}
        assert {row.decided_by for row in rows} == {"user:carl"}
        assert exceptions.queue(session, []) == []
        shown = next(row for row in rows if row.reason == "held").to_json()
        assert (shown["amount_cents"], shown["state"]) == (None, "set_aside")
        assert shown["next"] == exceptions.NEXT["held"].words


def test_what_came_on_a_weekend_may_go_back_before_its_business_date(db: Database) -> None:
    sunday, monday = date(2026, 11, 22), date(2026, 11, 23)
    with db.write() as session, clock.frozen(datetime(2026, 11, 22, 18, tzinfo=UTC)):
        payment = check(
            session, group(session), 10_000, state="awaiting_review", received_on=monday
        )
        set_aside(session, payment, "unsigned")
        for day in (date(2026, 11, 21), monday):
            with pytest.raises(WrongUse, match=str(day)):
                exceptions.finish(
                    session, payment.id, "returned_to_sender", "user:bill", "mail", day
                )
        exceptions.finish(session, payment.id, "returned_to_sender", "user:bill", "mail")
        assert session.scalars(select(DepositException.ended_on)).one() == sunday


def test_every_reason_has_a_next_step_that_exists() -> None:
    for reason, step in exceptions.NEXT.items():
        assert set(step.steps) <= set(exceptions.STEPS)
        assert step.words
        assert step.steps or reason == "duplicate"


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A database as it was before anything said how a check's waiting ended."""
    return database_at("0015", request, tmp_path)


_BEFORE = (
    """INSERT INTO bank_accounts (id, created_at, code, name, routing_number, sealed, account_hmac,
        account_last4, zone, cut_off) VALUES ('B', :at, 'MAIN', 'Main', '021000021', :sealed, 'h',
        '6789', 'America/New_York', '17:00:00.000000')""",
    """INSERT INTO offices (id, created_at, code, name, bank_account_id, settings, active)
        VALUES ('O', :at, 'MAIN', 'Maple', 'B', '{}', true)""",
    """INSERT INTO source_files (id, created_at, ref, sha256, name, size_bytes, media_type,
        office_id, channel, uploaded_by, received_on, state, problems, page_count) VALUES ('F',
        :at, 'F-1', 'x', 'bag', 1, '', 'O', 'cli', 'user:carl', '2026-11-20', 'done', '[]', 0)""",
    """INSERT INTO mail_transactions (id, created_at, ref, source_file_id, office_id, position,
        page_ids, single, state, live)
        VALUES ('T', :at, 'T-1', 'F', 'O', 0, '[]', false, 'registered', true)""",
)
_CHECK = (
    """INSERT INTO documents (id, created_at, ref, transaction_id, position, kind, page_ids, live)
        VALUES (:id, :at, :id, 'T', 0, 'check', '[]', true)""",
    """INSERT INTO payments (id, created_at, ref, kind, document_id, transaction_id, office_id,
        received_on, amount_by, sealed, account_last4, check_number, live, payer_name, written_on,
        deposit_state, not_deposited_reason, match_state, presentation, flags)
        VALUES (:id, :at, :id, 'check', :id, 'T', 'O', '2026-11-20', '', :sealed, '', '', true, '',
        :dated, :state, :reason, 'set_aside', 1, '[]')""",
)


def _run(session: Session, statement: str, given: dict[str, Any]) -> None:
    session.execute(text(statement), {k: v for k, v in given.items() if f":{k}" in statement})


def test_what_was_set_aside_before_waits_under_its_reason(older: Database) -> None:
    at = "2026-11-20 12:00:00.000000" if older.is_sqlite else "2026-11-20 12:00:00+00"
    given = {"at": at, "sealed": crypto.keyring().seal(b"{}")}
    with older.write() as session:
        for statement in _BEFORE:
            _run(session, statement, given)
        for name, reason, dated in (("P1", "postdated", "2026-12-01"), ("P2", "stale", None),
                                    ("P3", None, None)):  # fmt: skip
            state = "not_deposited" if reason else "awaiting_review"
            for statement in _CHECK:
                _run(session, statement, {**given, "id": name, "dated": dated, "state": state,
                                          "reason": reason})  # fmt: skip
        audit.record(session, actor="user:sam", action="payment.set_aside",
                     subject_kind="payment", subject_id="P1")  # fmt: skip
    assert migrate.upgrade(older)
    with older.read() as session:
        rows = session.scalars(select(DepositException).order_by(DepositException.payment_id)).all()
        assert [(row.payment_id, row.reason, row.set_by, row.outcome) for row in rows] == [
            ("P1", "postdated", "user:sam", ""), ("P2", "stale", "system:register", ""),
        ]  # fmt: skip
        assert str(rows[0].until_on) == "2026-12-01"
        assert keeping_out.all_of(session, "P3") == []
