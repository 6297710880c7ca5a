"""A bank's own CSV is read by a map that was saved once, and never by one that does not fit."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from deposits.bank import column_map, import_file, save_column_map
from records.db import Database
from records.errors import UnreadableError, WrongUse
from records.installation import Installation
from records.models import AuditEvent, BankAccount, BankLine
from tests.deposits.build import group

COLUMNS = {"date": "Buchung", "amount": "Wert", "text": "Zweck", "reference": " Nr "}
FILE = b"Kontoauszug\nBuchung;Wert;Zweck;Nr\n21.11.2026;12.50;DEPOSIT;A1\n22.11.2026;-3.00;FEE;A2\n"


def _save(db: Database, code: str = "MAIN", number: str = "000123456789", **more: str) -> str:
    with db.write() as session:
        made = group(session, code, number)
        account = session.get_one(BankAccount, made.bank_account_id)
        save_column_map(session, account, {**COLUMNS, **more}, "user:bill", FILE,
                        date_format="%d.%m.%Y")  # fmt: skip
        return account.id


def test_a_saved_map_reads_the_file_with_and_without_the_account(
    db: Database, installation: Installation
) -> None:
    account = _save(db)
    with db.write() as session:
        done = import_file(session, installation.store, FILE, "a.csv", "user:bill",
                           bank_account_id=account)  # fmt: skip
        assert done.new == 2
        longer = FILE + b"23.11.2026;4.00;DEPOSIT;A3\n"
        again = import_file(session, installation.store, longer, "b.csv", "user:bill")
        assert (again.new, again.known) == (1, 2)
        lines = session.scalars(select(BankLine).order_by(BankLine.value_on)).all()
        assert [(f"{line.value_on}", line.amount_cents, line.direction, line.reference)
                for line in lines] == [("2026-11-21", 1_250, "credit", "A1"),
                                       ("2026-11-22", 300, "debit", "A2"),
                                       ("2026-11-23", 400, "credit", "A3")]  # fmt: skip
        actions = list(session.scalars(select(AuditEvent.action)))
        assert "bank_column_map_saved" in actions


def test_the_common_headers_are_still_read_beside_a_map(
    db: Database, installation: Installation
) -> None:
    account = _save(db)
    plain = b"Date,Amount,Description\n2026-11-21,1.00,DEPOSIT\n"
    with db.write() as session:
        done = import_file(session, installation.store, plain, "a.csv", "user:bill",
                           bank_account_id=account)  # fmt: skip
        assert done.new == 1


@pytest.mark.parametrize(
    ("columns", "form", "code"),
    [
        ({"amount": "Wert"}, "", "column_missing"),
        ({"date": "Buchung"}, "", "column_missing"),
        ({**COLUMNS, "colour": "Zweck"}, "", "column_unknown"),
        (COLUMNS, "%m.%d.%Y", "map_does_not_fit"),
        ({**COLUMNS, "amount": "Zweck"}, "%d.%m.%Y", "map_does_not_fit"),
    ],
)
def test_a_map_that_does_not_read_its_sample_is_not_saved(
    db: Database, columns: dict[str, str], form: str, code: str
) -> None:
    with db.write() as session:
        made = group(session)
        account = session.get_one(BankAccount, made.bank_account_id)
        with pytest.raises(WrongUse) as refused:
            save_column_map(session, account, columns, "user:bill", FILE, date_format=form)
        assert refused.value.code == code
        assert column_map(session, account.id) is None


def test_a_map_is_saved_anew_in_place_of_the_old(db: Database) -> None:
    account_id = _save(db)
    with db.write() as session:
        account = session.get_one(BankAccount, account_id)
        save_column_map(session, account, {**COLUMNS, "text": "Nr"}, "user:beth", FILE,
                        date_format="%d.%m.%Y")  # fmt: skip
        found = column_map(session, account_id)
        assert found is not None
        assert found.columns["text"] == "Nr"


def test_of_two_maps_that_fit_none_is_guessed(db: Database, installation: Installation) -> None:
    _save(db)
    other = _save(db, "OTHER", "998877006789")
    with db.write() as session:
        with pytest.raises(WrongUse) as refused:
            import_file(session, installation.store, FILE, "a.csv", "user:bill")
        assert refused.value.code == "column_map_ambiguous"
        done = import_file(session, installation.store, FILE, "a.csv", "user:bill",
                           bank_account_id=other)  # fmt: skip
        assert done.new == 2


def test_a_file_that_no_map_fits_is_refused(db: Database, installation: Installation) -> None:
    _save(db)
    with db.write() as session, pytest.raises(UnreadableError) as refused:
        import_file(session, installation.store, b"hello\n", "a.csv", "user:bill")
    assert refused.value.code == "bank_file_unknown"
