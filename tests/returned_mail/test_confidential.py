"""An address that a patient asked all mail to go to is replaced by nobody."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from records.db import Database
from records.models import Account, AddressVersion, ConfidentialAddress
from tests.world import add_account, add_office


def confidential(db: Database) -> str:
    with db.write() as session:
        account = add_account(session, add_office(session), "1000000017")
        version = session.get_one(Account, account.id).addresses[0]
        session.add(
            ConfidentialAddress(
                account_id=account.id, address_version_id=version.id, asked_by="user:ada"
            )
        )
        return account.id


@pytest.mark.both_databases
def test_the_database_itself_refuses_another_version(db: Database) -> None:
    account_id = confidential(db)
    with pytest.raises(IntegrityError), db.write() as session:
        session.add(
            AddressVersion(account_id=account_id, version=2, street="1 A ST", city="TROY",
                           state="OH", zip="45373", source="user", confirmed_by="user:ada")
        )  # fmt: skip
    with db.write() as session:
        session.execute(
            text("UPDATE confidential_addresses SET ended_at = '2026-11-01 00:00:00+00:00'")
        )
        session.add(
            AddressVersion(account_id=account_id, version=2, street="1 A ST", city="TROY",
                           state="OH", zip="45373", source="user", confirmed_by="user:ada")
        )  # fmt: skip
