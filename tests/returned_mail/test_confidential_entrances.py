"""A confidential address (45 CFR 164.522(b)) is never replaced, whichever way another comes in."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from matching import address_candidates, address_versions
from matching.address_versions import NewAddress
from matching.importing import import_accounts
from records import audit
from records.db import Database
from records.errors import Conflict, Forbidden, WrongUse
from records.models import Account, AddressTask, AddressVersion, ConfidentialAddress, User
from returned_mail import tasks
from tests.returned_mail.test_tasks import PIECE, arrive
from tests.world import add_account, add_document, add_office

NEW = NewAddress("7 BIRCH LN", "TROY", "OH", "45373")
HEAD = (
    "account_number,office_code,patient_first,patient_last,patient_birth_on,guarantor_first,"
    "guarantor_last,street,city,state,zip,member_id,household\n"
)


def add_user(db: Database, username: str, role: str) -> None:
    with db.write() as session:
        session.add(User(username=username, display_name=username, role=role, password_hash="x"))


@pytest.fixture
def account_id(db: Database) -> str:
    """An account whose address billing has marked confidential."""
    for username, role in (("bea", "billing"), ("sofia", "specialist")):
        add_user(db, username, role)
    with db.write() as session:
        account = add_account(session, add_office(session), "1000000017")
        address_versions.set_confidential(session, account.id, "user:bea", "asked by phone, May 2")
        return account.id


def streets(db: Database, account_id: str) -> list[str]:
    with db.read() as session:
        return [each.street for each in session.get_one(Account, account_id).addresses]


def test_an_import_keeps_it_and_says_so(db: Database, account_id: str) -> None:
    row = "1000000017,NORTH,Rosa,Alvarez,,Rosa,Alvarez,99 Other Rd,Troy,OH,45373,,\n"
    with db.write() as session:
        report = import_accounts(session, HEAD + row, "user:bea")
        assert [each[1] for each in report.refused] == ["street"]
        assert report.proposed == 0
    assert streets(db, account_id) == ["12 ELM ST"]


def test_a_person_working_a_returned_piece_is_refused(db: Database, account_id: str) -> None:
    arrive(db, PIECE)
    with db.read() as session:
        task_id = session.scalars(select(AddressTask.id)).one()
    with pytest.raises(Conflict) as refused, db.write() as session:
        tasks.resolve(session, task_id, "user:sofia", "7 Birch Ln", "Troy", "OH", "45373")
    assert refused.value.code == "confidential_address"
    assert streets(db, account_id) == ["12 ELM ST"]


def test_a_label_is_proposed_and_cannot_be_confirmed(db: Database, account_id: str) -> None:
    with db.write() as session:
        account = session.get_one(Account, account_id)
        made = address_candidates.propose(
            session, account, NEW, source="label", actor="system:test", name="ROSA ALVAREZ"
        )
        candidate_id = made.id
    with pytest.raises(Conflict) as refused, db.write() as session:
        address_candidates.confirm(session, candidate_id, "verifier:usps")
    assert refused.value.code == "confidential_address"
    assert streets(db, account_id) == ["12 ELM ST"]


def test_a_change_of_address_on_a_stub_is_refused(db: Database, account_id: str) -> None:
    with db.write() as session:
        account = session.get_one(Account, account_id)
        fields = {"account_number": "1000000017", "new_address": "7 BIRCH LN\nTROY OH 45373"}
        document = add_document(session, account.office, "coupon", fields)
        task_id = tasks.open_change(session, document.id, "user:sofia").id
    with pytest.raises(Conflict), db.write() as session:
        tasks.resolve(session, task_id, "user:bea", "7 Birch Ln", "Troy", "OH", "45373")
    assert streets(db, account_id) == ["12 ELM ST"]


@pytest.mark.both_databases
def test_the_database_refuses_what_gets_past_the_code(db: Database, account_id: str) -> None:
    with pytest.raises(DBAPIError, match="confidential"), db.write() as session:
        session.add(
            AddressVersion(account_id=account_id, version=2, street="7 BIRCH LN", city="TROY",
                           state="OH", zip="45373", source="user", confirmed_by="user:x")
        )  # fmt: skip
    with pytest.raises(DBAPIError, match="never changed"), db.write() as session:
        session.execute(text("UPDATE address_versions SET street = '7 BIRCH LN'"))
    with pytest.raises(DBAPIError, match="never changed"), db.write() as session:
        session.execute(text("DELETE FROM confidential_addresses"))


@pytest.mark.parametrize(
    "actor", ["user:sofia", "user:nobody", "verifier:usps", "cli:root", "user:"]
)
def test_only_the_right_people_may_lift_or_replace_it(
    db: Database, account_id: str, actor: str
) -> None:
    for act in (address_versions.lift_confidential, address_versions.set_confidential):
        with pytest.raises(Forbidden), db.write() as session:
            act(session, account_id, actor, "a good reason")


def test_nobody_may_without_a_reason(db: Database, account_id: str) -> None:
    with pytest.raises(WrongUse), db.write() as session:
        address_versions.lift_confidential(session, account_id, "user:bea", " ")


def test_billing_replaces_it_with_a_reason_and_it_stays_confidential(
    db: Database, account_id: str
) -> None:
    with db.write() as session:
        address_versions.set_confidential(session, account_id, "user:bea", "asked again", NEW)
    assert streets(db, account_id) == ["12 ELM ST", "7 BIRCH LN"]
    with db.read() as session:
        held = address_versions.confidential(session, account_id)
        assert held is not None
        assert held.address_version.street == "7 BIRCH LN"
        rows = session.scalars(select(ConfidentialAddress)).all()
        assert [each.ended_by for each in rows if each.ended_at] == ["user:bea"]
        assert audit.verify(session).ok


def test_after_lifting_others_come_in_again(db: Database, account_id: str) -> None:
    with db.write() as session:
        address_versions.lift_confidential(session, account_id, "user:bea", "withdrawn by letter")
        address_versions.add(session, account_id, NEW, source="user", actor="user:sofia")
    assert streets(db, account_id) == ["12 ELM ST", "7 BIRCH LN"]
