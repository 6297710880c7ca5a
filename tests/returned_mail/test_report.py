"""Return rates: counted honestly, each envelope once, and nothing claimed of a few."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from matching import address_versions
from matching.address_versions import NewAddress
from records import clock
from records.db import Database
from records.models import Account, AddressTask, MailedPiece, Office, ReturnedPiece, Statement
from returned_mail import report
from returned_mail.report import Report, Row
from tests.world import add_account, add_document, add_office

DAY = datetime(2026, 11, 10, 15, 0, tzinfo=UTC)
MONTH = (date(2026, 11, 1), date(2026, 11, 30))


def account(session: Session, office: Office, number: int, street: str = "12 ELM ST") -> Account:
    return add_account(session, office, f"20000{number:05d}", street=street)


def mailed(session: Session, who: Account, vendor: str = "Bindery", on: int = 3) -> None:
    statement = session.scalars(select(Statement).where(Statement.account_id == who.id)).one()
    assert who.address is not None
    session.add(MailedPiece(
        statement_id=statement.id, account_id=who.id, address_version_id=who.address.id,
        mailed_on=date(2026, 11, on), imb="0" * 25, mailer_id="903123456",
        serial=who.number[-6:], vendor=vendor,
    ))  # fmt: skip


def came_back(
    session: Session, who: Account, reason: str = "vacant", *, outcome: str = "opened",
    new: str = "", task: bool = True,
) -> None:  # fmt: skip
    office = session.get_one(Office, who.office_id)
    statement = session.scalars(select(Statement).where(Statement.account_id == who.id)).one()
    with clock.frozen(DAY):
        document = add_document(session, office, "returned_mail", {})
        old = who.address
        assert old is not None
        made = None
        if task:
            made = AddressTask(ref=f"ADR-{document.id[-12:]}", office_id=office.id,
                               document_id=document.id, account_id=who.id, reason=reason,
                               due_on=DAY.date())  # fmt: skip
            session.add(made)
            session.flush()
        session.add(ReturnedPiece(
            document_id=document.id, office_id=office.id, account_id=who.id,
            address_version_id=old.id, statement_id=statement.id, reason=reason, outcome=outcome,
            task_id=made.id if made else None,
        ))  # fmt: skip
        if new and made is not None:
            version = address_versions.add(
                session, who.id, NewAddress(new, old.city, old.state, old.zip),
                source="returned_mail", actor="user:sam",
            )  # fmt: skip
            made.new_address_id = version.id
    session.flush()


def of(db: Database, offices: set[str] | None = None) -> Report:
    with db.read() as session:
        return report.report(session, *MONTH, offices)


def test_pieces_mailed_are_the_measure_and_a_copy_counts_once(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        accounts = [account(session, office, at) for at in range(40)]
        for each in accounts:
            mailed(session, each)
        came_back(session, accounts[0])
        came_back(session, accounts[0], outcome="copy", task=False)
        came_back(session, accounts[1], "attempted_not_known")
    made = of(db)
    (row,) = made.axes["office"]
    assert (row.returned, row.mailed, row.basis, row.rate) == (2, 40, "pieces", 0.05)
    assert row.interval is not None
    assert row.interval[0] < 0.05 < row.interval[1]
    (vendor,) = made.axes["vendor"]
    assert (vendor.name, vendor.returned, vendor.mailed) == ("Bindery", 2, 40)
    assert {each.returned for each in made.axes["reason"]} == {1}
    assert [row.name for row in made.axes["entered_by"]] == ["imported from the PMS"]


def test_without_a_ledger_statements_are_the_measure_and_it_is_named(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        for at in range(4):
            who = account(session, office, at)
            who.statements[0].mailed_on = date(2026, 11, 2)
        mailed(session, who)  # a ledger of one in four is no measure
        came_back(session, who)
    (row,) = of(db).axes["office"]
    assert (row.mailed, row.basis, row.remark) == (4, "statements", "few")


def test_where_nobody_knows_what_was_mailed_no_rate_is_given(db: Database) -> None:
    with db.write() as session:
        came_back(session, account(session, add_office(session), 1))
    (row,) = of(db).axes["office"]
    assert (row.returned, row.mailed, row.rate, row.interval) == (1, None, None, None)
    assert row.remark == "how much was mailed is not known"


def test_more_back_than_mailed_gives_no_rate_over_one() -> None:
    assert Row("x", 5, 3, "pieces").rate is None
    assert "more came back" in Row("x", 5, 3, "pieces").remark


def test_apartments_that_are_missing_again_and_again_are_said_in_a_sentence(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        for at in range(6):
            who = account(session, office, at, "12 ELM ST")
            came_back(session, who, "insufficient_address", new="12 ELM ST APT 4")
        for at in range(6, 9):
            came_back(session, account(session, office, at, "90 OAK AVE APT 2"))
    (said,) = of(db).repeats
    assert said.startswith("6 of 9 returns from North Dental lack an apartment number.")
    assert "Few returns" in said


def test_two_of_anything_are_not_made_a_sentence_of(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        for at in range(2):
            came_back(session, account(session, office, at), new="12 ELM ST APT 4")
    assert of(db).repeats == ()


def test_another_house_with_an_apartment_says_nothing_about_the_old_address(db: Database) -> None:
    with db.write() as session:
        office = add_office(session)
        for at in range(5):
            came_back(session, account(session, office, at), new="77 BIRCH LN APT 4")
    assert of(db).repeats == ()


def test_offices_see_their_own_and_other_months_stay_out(db: Database) -> None:
    with db.write() as session:
        north, west = add_office(session), add_office(session, "WEST")
        one, two = account(session, north, 1), account(session, west, 2)
        mailed(session, one)
        mailed(session, two)
        came_back(session, two)
        ids = {north.id}
    (row,) = of(db, ids).axes["office"]
    assert (row.name, row.returned, row.mailed) == ("North Dental", 0, 1)
    with db.read() as session:
        assert report.report(session, date(2026, 12, 1), date(2026, 12, 31), None).returned == 0
