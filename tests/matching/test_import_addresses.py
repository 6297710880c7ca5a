"""An import's address beside one verified since: never silently in force, never proposed twice."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from matching import address_candidates, address_versions
from matching.address_candidates import names_agree, same_place
from matching.address_versions import NewAddress
from matching.importing import import_accounts
from records import clock
from records.db import Database
from records.models import Account, AddressCandidate
from tests.world import add_account, add_office

HEAD = (
    "account_number,office_code,patient_first,patient_last,patient_birth_on,guarantor_first,"
    "guarantor_last,street,city,state,zip,member_id,household\n"
)
VERIFIED = NewAddress(
    "7 BIRCH LN APT 4", "TROY", "OH", "45373-1234", verified_by="verifier:usps",
    verified_at=clock.now(),
)  # fmt: skip


def row(street: str, city: str = "Troy", code: str = "45373") -> str:
    return f"{HEAD}1000000017,NORTH,Rosa,Alvarez,,Rosa,Alvarez,{street},{city},OH,{code},,\n"


@pytest.fixture
def account_id(db: Database) -> str:
    with db.write() as session:
        account = add_account(session, add_office(session), "1000000017")
        address_versions.add(session, account.id, VERIFIED, source="usps", actor="verifier:usps")
        return account.id


def in_force(db: Database, account_id: str) -> str:
    with db.read() as session:
        address = session.get_one(Account, account_id).address
        assert address is not None
        return address.street


def test_a_third_address_is_proposed_once_and_does_not_win(db: Database, account_id: str) -> None:
    for _ in range(2):
        with db.write() as session:
            report = import_accounts(session, row("99 Other Rd"), "user:ada")
            assert report.proposed == 1
    assert in_force(db, account_id) == "7 BIRCH LN APT 4"
    with db.read() as session:
        (made,) = address_candidates.open_candidates(session, account_id=account_id)
        assert made.source == "import"
        assert session.scalar(select(func.count()).select_from(AddressCandidate)) == 1


def test_a_dismissed_one_is_not_proposed_again_and_a_confirmed_one_comes_into_force(
    db: Database, account_id: str
) -> None:
    with db.write() as session:
        import_accounts(session, row("99 Other Rd"), "user:ada")
        (made,) = address_candidates.open_candidates(session)
        address_candidates.dismiss(session, made.id, "user:ada")
        assert import_accounts(session, row("99 Other Rd"), "user:ada").proposed == 0
        assert import_accounts(session, row("98 Other Rd"), "user:ada").proposed == 1
        (made,) = address_candidates.open_candidates(session)
        address_candidates.confirm(session, made.id, "user:ada")
    assert in_force(db, account_id) == "98 Other Rd"


@pytest.mark.parametrize(
    "text",
    [
        row("12 ELM ST", "DAYTON", "45419"),  # the old one, once more
        row("7 Birch Lane, Apt. 4"),  # ours, as the system writes it
        row("7 BIRCH LN APT 4", "TROY", "45373-1234"),
    ],
)
def test_the_old_address_and_our_own_change_nothing(
    db: Database, account_id: str, text: str
) -> None:
    with db.write() as session:
        report = import_accounts(session, text, "user:ada")
        assert (report.changed, report.proposed) == (0, 0)
    assert in_force(db, account_id) == "7 BIRCH LN APT 4"


def test_a_dry_run_counts_and_proposes_nothing(db: Database, account_id: str) -> None:
    with db.write() as session:
        assert import_accounts(session, row("99 Other Rd"), "user:ada", dry_run=True).proposed == 1
        assert address_candidates.open_candidates(session) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("7 Birch Lane", "7 BIRCH LN", True),
        ("7 Birch Lane Apt 4", "7 BIRCH LN # 4", True),
        ("7 Birch Lane Apt 4", "7 BIRCH LN APT 5", False),
        ("7 Birch Lane", "7 BIRCH LN APT 4", False),
        ("12 Birch Lane", "21 BIRCH LN", False),
        ("PO Box 12", "P.O. BOX 12", True),
        ("PO Box 12", "PO BOX 21", False),
        ("12 Elm Street", "12 ELM AVE", False),
        ("12 Elm", "12 ELM AVE", True),
        ("100 North Main St", "100 N MAIN ST", True),
        ("100 N Main St", "100 S MAIN ST", False),
        ("100 Main St", "100 N MAIN ST", False),
        ("12 Main St NW", "12 MAIN ST SE", False),
        ("12 Elm St", "12 ELM ST APT N", False),
    ],
)
def test_places_are_the_same_only_with_the_same_numbers(one: str, other: str, same: bool) -> None:
    assert same_place((one, "Troy", "OH", "45373"), (other, "TROY", "OH", "45373-1")) is same


@pytest.mark.parametrize(
    ("first", "last", "name", "agrees"),
    [
        ("Martin", "Novak", "MARVIN NOVAK", False),
        ("Robert", "Novak", "ROBERTA NOVAK", False),
        ("Robert", "Novak", "BOB NOVAK", True),
        ("John", "Novak Jr", "JOHN NOVAK SR", False),
    ],
)
def test_a_relative_is_another_person(
    db: Database, first: str, last: str, name: str, agrees: bool
) -> None:
    with db.write() as session:
        account = add_account(session, add_office(session), "1000000017", f"{first} {last}")
        assert names_agree(account, name) is agrees


@pytest.mark.parametrize(
    ("name", "agrees"),
    [
        ("ROSA ALVAREZ", True),
        ("Alvarez, Rosa", True),
        ("BOB ALVAREZ", False),
        ("R ALVAREZ", False),  # also Rafael's initial
        ("ROSE ALVAREZ", False),
        ("ROSA ALVAREZ JR", False),
        ("ROSA ALVAREZ III", False),
        ("MS ROSA ALVAREZ", True),
        ("ROSA ALVARES", True),
        ("PEDRO ALVAREZ", False),
        ("ALVAREZ FAMILY", False),
        ("ALVAREZ", False),
        ("ROSA NOVAK", False),
        ("CURRENT RESIDENT", False),
        ("", False),
    ],
)
def test_a_name_agrees_with_first_and_last(db: Database, name: str, agrees: bool) -> None:
    with db.write() as session:
        account = add_account(session, add_office(session), "1000000017")
        assert names_agree(account, name) is agrees
