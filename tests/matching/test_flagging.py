"""Patients kept twice and households kept apart: flagged for people, and never merged."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from matching import flagging, flags
from matching.import_rows import ACCOUNT_COLUMNS
from matching.importing import import_accounts
from matching.lookalikes import Known, as_household, as_patient
from records.db import Database
from records.errors import NotFound, WrongUse
from records.models import Account, AuditEvent
from tests.matching.world import account

ADA = "user:ada"
# Beside the six accounts of ``world``: whom each of these is held against, and why.
TWINS = ",".join(ACCOUNT_COLUMNS) + """
2200000018,NORTH,Walter,Abernathi,1950-02-03,Walter,Abernathy,1 New Rd,Lima,OH,45801,,
2200000026,NORTH,Will,Smith,,William,Smith,12 Elm Street,Xenia,OH,45385,A100000003,
2200000034,EAST,Mary,Jones,1971-01-01,Mary,Jones,980 Oak Ave,Dayton,OH,45402,A100000004,
2200000042,NORTH,Walter,Abernathy,1981-05-05,Walter,Abernathy,9 Far Hills Ave,Dayton,OH,45419,,H1
2200000059,NORTH,Ella,Okafor,2015-05-06,Grace,Okafor,77 Maple St,Troy,OH,45373,G100000002,H2
2200000067,NORTH,Zoe,Okafor,2020-01-01,Grace,Okafor,77 Maple Street,Troy,OH,45373,,H9
"""  # fmt: skip


def flagged(db: Database, kind: str, *offices: str, state: str = "open") -> set[tuple[str, str]]:
    with db.read() as session:
        found = flags.listed(
            session, offices=frozenset(offices) or None, kind=kind, state=state, limit=100
        )
        assert found.count == len(found.flags)
        return {(f.one.account_number, f.other.account_number) for f in found.flags}


@pytest.fixture
def twins(group: Database) -> Database:
    with group.write() as session:
        assert not import_accounts(session, TWINS, ADA).refused
        report = flagging.search(session, ADA)
        assert (report.accounts, report.patients, report.new) == (12, 3, report.households + 3)
    return group


def test_what_looks_alike_is_flagged_and_families_and_namesakes_are_not(twins: Database) -> None:
    assert flagged(twins, "patient") == {
        ("2100000011", "2200000018"),  # the same name but for a letter, and birth date
        ("2100000045", "2200000026"),  # a short form, the same member id and home, no birth date
        ("2100000052", "2200000034"),  # another last name, the rest the same
    }  # neither father and son of one name, nor twins of one household
    homes = flagged(twins, "household")
    assert ("2100000045", "2200000026") in homes
    assert any("2200000067" in pair for pair in homes)


def test_a_flag_is_seen_by_who_sees_both_accounts(twins: Database) -> None:
    across = ("2100000052", "2200000034")
    assert across in flagged(twins, "patient", "NORTH", "EAST")
    assert across not in flagged(twins, "patient", "NORTH")
    assert flagged(twins, "patient", "EAST") == set()
    with twins.write() as session:
        (flag,) = [
            each
            for each in flags.listed(session, offices=None, kind="patient").flags
            if each.other.account_number == across[1]
        ]
        with pytest.raises(NotFound, match="unknown_flag"):
            flags.answer(session, flag.flag_id, "same", ADA, offices=frozenset({"NORTH"}))
        with pytest.raises(WrongUse, match="unknown_answer"):
            flags.answer(session, flag.flag_id, "perhaps", ADA, offices=None)


def test_an_answer_stands_and_nothing_is_merged(twins: Database) -> None:
    with twins.write() as session:
        first, second, third = flags.listed(session, offices=None, kind="patient").flags
        flags.answer(session, first.flag_id, "not_same", ADA, offices=None)
        flags.answer(session, second.flag_id, "not_same", "user:ben", offices=None)
        flags.answer(session, second.flag_id, "same", ADA, offices=None)
    with twins.write() as session:
        report = flagging.search(session, ADA)
        assert (report.new, report.gone) == (0, 0)
        assert len(session.scalars(select(Account)).all()) == 12
        said = session.scalars(
            select(AuditEvent)
            .where(AuditEvent.action == "accounts.answered")
            .order_by(AuditEvent.seq)
        ).all()
        assert [(row.actor, row.detail["before"], row.detail["answer"]) for row in said] == [
            (ADA, "open", "not_same"), ("user:ben", "open", "not_same"), (ADA, "not_same", "same"),
        ]  # fmt: skip
        numbers = [each.one.account_number for each in (first, second, third)]
        alike = flags.alike(session, numbers)
        assert first.one.account_number not in alike
        assert alike[second.one.account_number] == (second.other.account_number,)
        assert alike[third.one.account_number] == (third.other.account_number,)
    assert len(flagged(twins, "patient")) == 1
    assert len(flagged(twins, "patient", state="same")) == 1


def test_what_is_alike_no_more_is_gone_and_may_come_back(twins: Database) -> None:
    def rename(last: str) -> flagging.Report:
        with twins.write() as session:
            row = session.scalars(select(Account).where(Account.number == "2200000018")).one()
            row.patient_last, row.guarantor_last = last, last
            session.flush()
            return flagging.search(session, ADA)

    assert rename("Zimmermann").gone == 1
    assert ("2100000011", "2200000018") not in flagged(twins, "patient")
    assert rename("Abernathi").new == 0
    assert ("2100000011", "2200000018") in flagged(twins, "patient")


def known(born: date | None = None, **facts: str) -> Known:
    return Known(account("A1", **facts), born)


def test_siblings_spouses_and_neighbours_are_not_one() -> None:
    home = {"street": "9 Oak St", "city": "Troy", "state": "OH", "zip": "45373"}
    born = date(2015, 5, 6)
    one = known(born, patient_first="Emma", member_id="M1", **home)
    assert as_patient(one, known(born, patient_first="Noah", member_id="M1", **home)) == ()
    assert as_patient(one, known(date(1980, 1, 2), patient_first="Emma", **home)) == ()
    mine = known(household="H1", **home)
    for street in ("11 Oak St", "9 Walnut St"):
        assert as_household(mine, known(household="H2", **{**home, "street": street})) == ()
    assert as_household(mine, known(household="H1", **home)) == ()
    assert as_household(mine, known(household="H2", **home)) != ()
    stranger = {"guarantor_first": "Zoe", "guarantor_last": "Quill"}
    assert as_household(mine, known(household="H2", **home, **stranger)) == ()
    assert as_household(known(**home), known(**home)) == ()
