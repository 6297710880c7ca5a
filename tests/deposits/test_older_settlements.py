"""Settlements of before keep what they say when the tables change under them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from deposits import reconcile
from deposits.day import proof
from records import crypto, ids, journal, migrate
from records.db import Database
from records.models import Settlement
from tests.deposits.older import database_at

_ON = date(2026, 11, 20)
_ROWS = (
    """INSERT INTO bank_accounts (id, created_at, code, name, routing_number, sealed, account_hmac,
        account_last4, zone, cut_off)
        VALUES ('A', :at, 'MAIN', 'Main', '021000021', :sealed, 'h', '6789', 'America/New_York',
        '17:00:00.000000')""",
    """INSERT INTO bank_files (id, created_at, ref, sha256, name, format, imported_by, line_count)
        VALUES ('F', :at, 'BF-1', 'x', 'a', 'csv', 'user:bill', 2)""",
    """INSERT INTO bank_lines (id, created_at, bank_file_id, bank_account_id, fingerprint, value_on,
        amount_cents, direction, type_code, kind, details, reference, state)
        VALUES (:line, :at, 'F', 'A', :line, '2026-11-20', :cents, :direction, '', 'other',
        :sealed, '', 'unmatched')""",
    """INSERT INTO settlements (id, created_at, bank_line_id, explanation, difference_cents,
        adjustment_reason, actor) VALUES (:line, :at, :line, 'a fee', 0, '', 'user:bill')""",
    "UPDATE bank_lines SET state = 'explained' WHERE id = :line",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def older(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A database as it was before a line could settle several things."""
    db = database_at("0009", request, tmp_path)
    with db.write() as session:
        at = "2026-11-20 12:00:00.000000" if db.is_sqlite else "2026-11-20 12:00:00+00"
        sealed = crypto.keyring().seal(b"{}")
        for statement in _ROWS[:2]:
            session.execute(text(statement), {"at": at, "sealed": sealed})
        for line, cents, direction in (("L1", 1_500, "debit"), ("L2", 300, "credit")):
            for statement in _ROWS[2:]:
                given = {"at": at, "sealed": sealed, "line": line, "cents": cents,
                         "direction": direction}  # fmt: skip
                names = [name for name in given if f":{name}" in statement]
                session.execute(text(statement), {name: given[name] for name in names})
    return db


def test_explained_lines_of_before_are_proved_and_can_be_taken_back(older: Database) -> None:
    assert migrate.upgrade(older)
    with older.read() as session:
        rows = session.scalars(select(Settlement).order_by(Settlement.bank_line_id)).all()
        assert [(row.amount_cents, row.explanation) for row in rows] == [
            (1_500, "a fee"), (300, "a fee")]  # fmt: skip
        assert journal.balances(session) == {"bank:MAIN": -1_200, "explained": 1_200}
        assert proof(session, _ON).explained, proof(session, _ON).to_json()
    with older.write() as session:
        reconcile.unexplain(session, "L1", "user:bill")
    with older.read() as session:
        assert journal.balances(session) == {"bank:MAIN": 300, "explained": -300}
        assert proof(session, _ON).unexplained_cents == 1_500
    with pytest.raises(IntegrityError), older.write() as session:
        session.execute(
            text(
                "INSERT INTO settlements (id, created_at, bank_line_id, explanation, amount_cents,"
                " difference_cents, adjustment_reason, actor) VALUES (:id, '2026-11-20 12:00:00',"
                " 'L2', 'again', 300, 0, '', 'user:eve')"
            ),
            {"id": ids.new_id()},
        )
