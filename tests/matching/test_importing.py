"""Accounts and statements come in from CSV: good rows, bad rows, the same file again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from matching import index
from matching.import_rows import account_rows, statement_rows
from matching.importing import import_accounts, import_statements
from matching.types import Clues
from records.db import Database
from records.errors import WrongUse
from records.models import (
    Account,
    AddressVersion,
    ConfidentialAddress,
    HomeKey,
    ImportRun,
    Statement,
)
from tests.matching.world import ACCOUNTS, STATEMENTS

HEAD = ACCOUNTS.splitlines()[0]
GOOD = "1,NORTH,Ann,Lee,1980-01-02,Ann,Lee,1 Elm St,Troy,OH,45373,,"


def test_the_same_files_again_change_nothing(group: Database) -> None:
    with group.write() as session:
        report = import_accounts(session, ACCOUNTS, "user:ada")
        assert (report.added, report.changed, report.unchanged) == (0, 0, 6)
        report = import_statements(session, STATEMENTS, "user:ada")
        assert (report.added, report.changed, report.unchanged) == (0, 0, 7)
        assert session.scalar(select(func.count()).select_from(AddressVersion)) == 6
        assert session.scalar(select(func.count()).select_from(ImportRun)) == 4


def test_a_dry_run_says_what_it_would_do_and_does_nothing(group: Database) -> None:
    with group.write() as session:
        text = ACCOUNTS.replace("12 Elm St", "13 Elm St") + GOOD + "\n"
        report = import_accounts(session, text, "user:ada", dry_run=True)
        assert (report.added, report.changed, report.unchanged) == (1, 1, 5)
        text = STATEMENTS.replace("125.00", "125.01")
        report = import_statements(session, text, "user:ada", dry_run=True)
        assert (report.added, report.changed, report.unchanged) == (0, 1, 6)
    with group.read() as session:
        assert session.scalar(select(func.count()).select_from(Account)) == 6
        assert session.scalar(select(func.count()).select_from(ImportRun)) == 2
        assert session.scalar(select(func.count()).select_from(AddressVersion)) == 6


def test_every_bad_row_is_named_with_its_line_and_column(group: Database) -> None:
    rows = [
        GOOD,
        GOOD,
        GOOD.replace("1,NORTH", "2,SOUTH"),
        GOOD.replace("1,NORTH", "3,NORTH").replace("1980-01-02", "02/01/80"),
        GOOD.replace("1,NORTH", "4,NORTH").replace("OH,45373", "Ohio,4537"),
        "5,NORTH,too,short",
        "",
        GOOD.replace("1,NORTH", ",NORTH").replace("Ann,Lee,1 Elm", ",Lee,1 Elm"),
    ]
    with group.write() as session:
        report = import_accounts(session, "\n".join([HEAD, *rows]), "user:ada")
    assert report.added == 1
    assert [(line, column) for line, column, _ in report.refused] == [
        (3, "account_number"), (4, "office_code"), (5, "patient_birth_on"), (6, "state"),
        (6, "zip"), (7, ""), (9, "account_number"), (9, "guarantor_first"),
    ]  # fmt: skip
    assert not any("Lee" in message or "80" in message for _, _, message in report.refused)
    bad = [
        "S1,2100000011,2026-10-01,,12.345,,,", "S2,9,2026-10-01,,12.00,,,",
        "S3,2100000011,,,-1.00,x,,123", "S4,2100000011,2026-10-01,,5,,,",
        "8100000015,2100000029,2026-10-01,,5,,,",
    ]  # fmt: skip
    with group.write() as session:
        text = "\n".join([STATEMENTS.splitlines()[0], *bad])
        report = import_statements(session, text, "user:ada")
    assert report.added == 1
    assert [(line, column) for line, column, _ in report.refused] == [
        (2, "balance"), (3, "account_number"), (4, "balance"), (4, "imb"), (4, "minimum_due"),
        (4, "statement_on"), (6, "account_number"),
    ]  # fmt: skip


def test_another_file_is_refused_as_a_whole(group: Database) -> None:
    with group.write() as session, pytest.raises(WrongUse, match="wrong_columns"):
        import_accounts(session, STATEMENTS, "user:ada")


def test_a_new_address_is_a_new_version_and_is_found(group: Database) -> None:
    moved = ACCOUNTS.replace("12 Elm St,Xenia,OH,45385", "4711 Ridge Rd,Xenia,OH,45385")
    clues = Clues(payer_address="4711 Ridge Rd, Xenia OH 45385")
    with group.write() as session:
        assert [a.number for a in index.pool(session, clues).accounts] != ["2100000045"]
        assert import_accounts(session, moved, "user:ada").changed == 1
        account = session.scalars(select(Account).where(Account.number == "2100000045")).one()
        assert [(a.version, a.street) for a in account.addresses] == [
            (1, "12 Elm St"), (2, "4711 Ridge Rd"),
        ]  # fmt: skip
        assert "2100000045" in [a.number for a in index.pool(session, clues).accounts]


def test_an_address_found_by_returned_mail_outlives_the_old_file(group: Database) -> None:
    with group.write() as session:
        account = session.scalars(select(Account).where(Account.number == "2100000045")).one()
        account.addresses.append(
            AddressVersion(version=2, street="9 Lake Dr", city="Troy", state="OH", zip="45373",
                           source="returned_mail", confirmed_by="user:sam")
        )  # fmt: skip
        session.flush()
        assert import_accounts(session, ACCOUNTS, "user:ada").unchanged == 6
        assert account.addresses[-1].street == "9 Lake Dr"


def test_a_confidential_address_outlives_a_newer_file(group: Database) -> None:
    moved = ACCOUNTS.replace("12 Elm St,Xenia,OH,45385", "4711 Ridge Rd,Xenia,OH,45385")
    with group.write() as session:
        account = session.scalars(select(Account).where(Account.number == "2100000045")).one()
        session.add(
            ConfidentialAddress(account_id=account.id, address_version_id=account.addresses[0].id,
                                asked_by="user:ada")
        )  # fmt: skip
        session.flush()
        report = import_accounts(session, moved, "user:ada")
        assert [each[1:] for each in report.refused] == [
            ("street", "another address than the confidential one")
        ]
        assert [each.street for each in account.addresses] == ["12 Elm St"]


def test_keys_follow_names_and_what_is_owed(group: Database) -> None:
    def found(**clues: object) -> set[str]:
        with group.read() as session:
            pool = index.pool(session, Clues(**clues))  # type: ignore[arg-type]
            return {a.number for a in pool.accounts}

    assert "2100000011" in found(payer_name="Walter Abernathv")
    with group.write() as session:
        import_accounts(session, ACCOUNTS.replace("Abernathy", "Castellanos"), "user:ada")
        import_statements(session, STATEMENTS.replace("333.10", "444.20"), "user:ada")
        before = session.scalar(select(func.count()).select_from(HomeKey))
        index.rekey(session, session.scalars(select(Account.id)).all())
        assert session.scalar(select(func.count()).select_from(HomeKey)) == before
    assert "2100000011" not in found(payer_name="Walter Abernathy")
    assert "2100000011" in found(payer_name="Walter Castellanos")
    assert "3400000018" in found(payer_name="P Nakarnura", amount_cents=444_20)


def test_a_new_balance_opens_the_statement_and_the_same_one_does_not(group: Database) -> None:
    with group.write() as session:
        statement = session.scalars(select(Statement).where(Statement.number == "8100000015")).one()
        statement.open_cents = 0  # our own posting closed it
        session.flush()
        import_statements(session, STATEMENTS, "user:ada")
        assert statement.open_cents == 0
        import_statements(session, STATEMENTS.replace("125.00", "90.00"), "user:ada")
        assert (statement.balance_cents, statement.open_cents) == (90_00, 90_00)


@given(st.text(max_size=200))
def test_any_text_below_the_header_is_taken_or_refused(text: str) -> None:
    for parse, head in ((account_rows, HEAD), (statement_rows, STATEMENTS.splitlines()[0])):
        good, refused = parse(f"{head}\n{text}")  # type: ignore[operator]
        assert all(line >= 2 for line, _, _ in refused)
        assert len({row.number for row in good}) == len(good)
