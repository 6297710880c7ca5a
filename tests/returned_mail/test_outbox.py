"""What the PMS is told of addresses: once, in order, as a file that can be given out again."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from matching import address_versions
from records import audit
from records.db import Database
from records.errors import Conflict, WrongUse
from records.files import FileStore
from records.installation import Installation
from records.models import Account, AccountChange, AddressTask, Office, User
from records.spreadsheets import BEGIN_FORMULAS
from returned_mail import guarded, outbox_csv, outbox_files, outbox_lists, tasks
from returned_mail.outbox_lines import ChangeLine
from tests.returned_mail.test_tasks import PIECE, arrive, only_task
from tests.world import add_account, add_office

BILL = "user:bill"


@pytest.fixture
def store(installation: Installation) -> FileStore:
    return installation.store


def began(db: Database, number: str = "1000000017", **fields: str) -> AddressTask:
    """A returned piece of this account, its task open."""
    with db.write() as session:
        add_account(session, add_office(session), number)
    arrive(db, {**PIECE, **fields})
    return only_task(db)


def resolved(db: Database) -> None:
    with db.write() as session:
        task = session.scalars(select(AddressTask)).one()
        tasks.resolve(session, task.id, "user:sam", "7 Birch Lane", "Troy", "OH", "45373")


def states(db: Database) -> dict[str, str]:
    with db.read() as session:
        query = select(AccountChange.kind, AccountChange.state).order_by(AccountChange.id)
        return {row.kind: row.state for row in session.execute(query)}


def exported(db: Database, store: FileStore) -> tuple[str, list[dict[str, str]]]:
    with db.write() as session:
        office = session.scalars(select(Office)).first()
        assert office is not None
        made = outbox_files.export(session, store, office.id, BILL)
        return made.ref, list(csv.DictReader(io.StringIO(store.get(made.file_sha256).decode())))


def test_a_bad_address_is_queued_when_its_mail_comes_back_and_only_once(db: Database) -> None:
    began(db)
    arrive(db, {**PIECE, "endorsement_text": "ATTEMPTED NOT KNOWN"})
    assert states(db) == {"bad_address_set": "queued"}
    with db.read() as session:
        assert len(session.scalars(select(AccountChange)).all()) == 1
        assert audit.verify(session).ok


def test_a_new_address_takes_back_what_was_not_sent_of_the_old_one(db: Database) -> None:
    began(db)
    resolved(db)
    assert states(db) == {"bad_address_set": "withdrawn", "address_change": "queued",
                          "account_note": "queued"}  # fmt: skip


def test_an_address_that_is_right_after_all_is_never_told_when_nothing_was_sent(
    db: Database, store: FileStore
) -> None:
    task = began(db)
    with db.write() as session:
        tasks.close_unresolved(session, task.id, "user:sam", "address is right")
    assert states(db) == {"bad_address_set": "withdrawn", "account_note": "queued"}


def test_an_address_that_is_right_after_all_is_told_when_the_flag_had_gone(
    db: Database, store: FileStore
) -> None:
    task = began(db)
    _, first = exported(db, store)
    assert [(row["kind"], row["bad_address"]) for row in first] == [("bad_address_set", "yes")]
    with db.write() as session:
        tasks.close_unresolved(session, task.id, "user:sam", "address is right")
    _, second = exported(db, store)
    assert [row["kind"] for row in second] == ["bad_address_cleared", "account_note"]


def test_each_change_leaves_in_one_file_and_the_file_is_the_same_again(
    db: Database, store: FileStore
) -> None:
    began(db)
    resolved(db)
    ref, rows = exported(db, store)
    assert [row["kind"] for row in rows] == ["address_change", "account_note"]
    assert (rows[0]["street"], rows[0]["zip"]) == ("7 BIRCH LN", "45373")
    assert rows[0]["confidential"] == "no"
    with db.write() as session:
        office_id = session.scalars(select(Office.id)).one()
        with pytest.raises(Conflict, match="wait"):
            outbox_files.export(session, store, office_id, BILL)
    with db.write() as session:
        once = outbox_files.resend(session, store, ref, BILL)
        assert once == outbox_files.resend(session, store, ref, BILL)
        assert list(csv.DictReader(io.StringIO(once.decode()))) == rows


def test_what_the_pms_refuses_is_queued_again_by_a_person_under_its_own_number(
    db: Database, store: FileStore
) -> None:
    began(db)
    resolved(db)
    ref, rows = exported(db, store)
    answer = (f"change,status,error\n{rows[0]['change']},refused,no such patient\n"
              f"{rows[1]['change']},accepted,\n")  # fmt: skip
    said = outbox_csv.read_answers(answer.encode())
    for _ in range(2):  # the same answer twice changes nothing
        with db.write() as session:
            outbox_files.acknowledge(session, ref, said, BILL)
    with db.read() as session:
        (row,) = outbox_lists.rows(session, None)
        assert (row.state, row.reason) == ("refused", "no such patient")
    with db.write() as session:
        outbox_files.requeue(session, row.ref, BILL)
    _, again = exported(db, store)
    assert [each["change"] for each in again] == [row.ref]


def test_an_answer_of_another_export_is_refused_whole(db: Database, store: FileStore) -> None:
    began(db)
    ref, rows = exported(db, store)
    said = outbox_csv.read_answers(
        f"change,status\n{rows[0]['change']},accepted\nAC-AAA-AAAA,accepted\n".encode()
    )
    with pytest.raises(WrongUse, match="AC-AAA-AAAA"), db.write() as session:
        outbox_files.acknowledge(session, ref, said, BILL)
    assert states(db) == {"bad_address_set": "exported"}


def test_a_refused_older_address_never_goes_out_after_a_newer_one(
    db: Database, store: FileStore
) -> None:
    began(db)
    resolved(db)
    ref, rows = exported(db, store)
    refused = f"change,status\n{rows[0]['change']},refused\n".encode()
    with db.write() as session:
        outbox_files.acknowledge(session, ref, outbox_csv.read_answers(refused), BILL)
        account = session.scalars(select(Account)).one()
        address_versions.add(
            session, account.id, address_versions.NewAddress("9 OAK ST", "TROY", "OH", "45373"),
            source="import", actor="system:test",
        )  # fmt: skip
    with pytest.raises(Conflict, match="newer"), db.write() as session:
        outbox_files.requeue(session, rows[0]["change"], BILL)


def test_nothing_leaves_of_a_person_said_to_have_died_before_two_have_confirmed_it(
    db: Database, store: FileStore
) -> None:
    task = began(db, reason="deceased", endorsement_text="DECEASED")
    with db.write() as session:
        office_id = session.scalars(select(Office.id)).one()
        with pytest.raises(Conflict, match="wait"):
            outbox_files.export(session, store, office_id, BILL)
    with db.write() as session:
        assert outbox_lists.rows(session, None) == []  # not even queued before it is confirmed
        guarded.propose(session, task.id, "deceased", "family", "daughter called", "user:ann")
    with pytest.raises(Conflict), db.write() as session:
        outbox_files.export(session, store, office_id, BILL)
    with db.write() as session:
        guarded.confirm(session, task.id, "user:ben")
    _, rows = exported(db, store)
    notes = {each["kind"]: each["note"] for each in rows}
    assert set(notes) == {"bad_address_set", "account_note"}
    assert "confirmed by two supervisors" in notes["account_note"]


def test_a_confidential_address_is_marked_in_the_file(db: Database, store: FileStore) -> None:
    began(db)
    resolved(db)
    with db.write() as session:
        session.add(User(username="bea", display_name="Bea", role="billing", password_hash="x",
                         active=True))  # fmt: skip
        session.flush()
        account = session.scalars(select(Account)).one()
        address_versions.set_confidential(session, account.id, "user:bea", "asked in writing")
    _, rows = exported(db, store)
    assert {each["confidential"] for each in rows} == {"yes"}


def test_offices_are_walled_off(db: Database, store: FileStore) -> None:
    began(db)
    with db.write() as session:
        west = add_office(session, "WEST")
        assert outbox_lists.rows(session, {west.id}) == []
        with pytest.raises(Conflict):
            outbox_files.export(session, store, west.id, BILL)


_text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
_line = st.builds(
    ChangeLine, ref=st.from_regex(r"AC-[A-Z0-9]{3}-[A-Z0-9]{4}", fullmatch=True),
    kind=st.sampled_from(("address_change", "bad_address_set", "account_note")),
    account_number=_text, patient_name=_text, on=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    street=_text, city=_text, note=_text, confidential=st.booleans(),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(_line, max_size=8))
def test_a_file_reads_back_whole_and_no_cell_begins_a_formula(lines: list[ChangeLine]) -> None:
    data = outbox_csv.write(lines)
    assert data == outbox_csv.write(lines)
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    assert len(rows) == len(lines)
    for line, row in zip(lines, rows, strict=True):
        assert not any(cell.startswith(BEGIN_FORMULAS) for cell in row.values())
        for name in ("account_number", "patient_name", "street", "city", "note"):
            meant = " ".join(getattr(line, name).split())
            assert row[name].removeprefix("'") == meant.removeprefix("'")
        assert (row["change"], row["changed_on"]) == (line.ref, line.on.isoformat())
