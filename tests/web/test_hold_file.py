"""The file of statements on hold: what a spreadsheet would take for a formula stays text."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from records.installation import Installation
from records.models import Account
from tests.web.conftest import Clients
from tests.web.seed import Seeded


@pytest.mark.parametrize("number", ["=1+1", "\uff0b1001", "@1001"])
def test_an_account_number_that_looks_like_a_formula_stays_text(
    client_of: Clients, group: dict[str, Seeded], installation: Installation, number: str
) -> None:
    with installation.db.write() as session:
        account = session.scalars(
            select(Account).where(Account.number == group["NORTH"].names["account_number"])
        ).one()
        account_id, before = account.id, account.number
        account.number = number
    try:
        text = client_of("specialist.north").get("/statement-holds.csv").text
    finally:
        with installation.db.write() as session:
            session.get_one(Account, account_id).number = before
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["account_number"] == f"'{number}"
    assert row["until"] == ""
