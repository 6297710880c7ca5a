"""Statements get barcodes whose serials are free for 45 days, in the ledger before they print."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from ocr import imb
from records.db import Database
from records.errors import WrongUse
from records.models import MailedPiece
from returned_mail.imb_printing import Sender, assign
from tests.world import add_account, add_office

SENDER = Sender("900123456", "270")
DAY = date(2026, 12, 1)


def statements(session: Session, count: int) -> list[str]:
    office = add_office(session)
    for number in range(count):
        add_account(session, office, f"20000{number:02d}", zip_code="99201-1234")
    return [f"S20000{number:02d}" for number in range(count)]


def test_each_statement_gets_a_serial_of_its_own_and_is_in_the_ledger(db: Database) -> None:
    with db.write() as session:
        numbers = statements(session, 12)
        printed = assign(session, numbers, SENDER, DAY, "user:ada")
        assert [each.statement_number for each in printed] == numbers
        assert len({each.digits for each in printed}) == 12
        assert all(imb.decode(each.bars) is not None for each in printed)
        assert all(each.digits.endswith("992011234") for each in printed)
        held = set(session.scalars(select(MailedPiece.imb)))
        assert held == {each.digits for each in printed}


def test_printing_again_gives_the_same_barcodes(db: Database) -> None:
    with db.write() as session:
        numbers = statements(session, 5)
        first = assign(session, numbers, SENDER, DAY, "user:ada")
        assert assign(session, numbers, SENDER, DAY, "user:ada") == first
        later = assign(session, numbers, SENDER, date(2027, 1, 4), "user:ada")
        assert not {each.digits for each in later} & {each.digits for each in first}


def test_unknown_statements_and_wrong_mailers_are_refused(db: Database) -> None:
    with db.write() as session:
        with pytest.raises(WrongUse, match="no statement"):
            assign(session, ["S404"], SENDER, DAY, "user:ada")
        for sender in (Sender("90012345", "270"), Sender("900123456", "27"), Sender("12", "270")):
            with pytest.raises(WrongUse, match="wrong_mailer"):
                assign(session, [], sender, DAY, "user:ada")
