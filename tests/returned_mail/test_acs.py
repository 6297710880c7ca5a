"""ACS notices become returned mail: one piece each, a proposed address, bad records by line."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from records import audit, jobs
from records.db import Database
from records.errors import UnreadableError
from records.files import FileStore
from records.installation import Installation
from records.models import (
    Account,
    AddressCandidate,
    AddressTask,
    AuditEvent,
    Office,
    ReturnedPiece,
)
from returned_mail import acs, acs_importing, reasons
from returned_mail.acs_importing import Imported
from returned_mail.jobs import STAGES
from tests.returned_mail.acs_file import IMB, LAYOUT, MOVE, NIXIE, file_of, record
from tests.returned_mail.test_tasks import IMB as PRINTED
from tests.returned_mail.test_tasks import PIECE, arrive
from tests.world import add_account, add_office


@pytest.fixture
def store(installation: Installation) -> FileStore:
    return installation.store


def taken(db: Database, store: FileStore, data: bytes) -> Imported:
    """The file comes in and its pieces are booked."""
    with db.write() as session:
        office_id = session.scalars(select(Office.id)).first()
        assert office_id is not None
        done = acs_importing.import_file(session, store, data, "acs.dat", office_id, "user:sam")
    while True:
        ran = jobs.run_one(db, "test:1:1", {stage.name: stage for stage in STAGES})
        if ran is None:
            return done
        assert ran.outcome == "done", ran


def counts(db: Database) -> tuple[int, int]:
    """How many tasks and how many booked pieces there are."""
    with db.read() as session:
        return (
            session.scalar(select(func.count()).select_from(AddressTask)) or 0,
            session.scalar(select(func.count()).select_from(ReturnedPiece)) or 0,
        )


def test_a_move_opens_the_task_of_its_account_and_only_proposes_the_address(
    db: Database, store: FileStore
) -> None:
    with db.write() as session:
        account_id = add_account(session, add_office(session), "1000000017", imb=IMB).id
    done = taken(db, store, file_of([record(MOVE)]))
    assert (done.taken, done.refused, done.incomplete) == (1, (), False)
    with db.read() as session:
        task = session.scalars(select(AddressTask)).one()
        assert (task.account_id, task.reason) == (account_id, "new_address")
        candidate = session.scalars(select(AddressCandidate)).one()
        assert (candidate.state, candidate.sealed["street"]) == ("open", "7 BIRCH LN")
        account = session.get_one(Account, account_id)
        assert account.address is not None
        assert account.address.street == "12 ELM ST"
        assert audit.verify(session).ok
        assert "acs.imported" in set(session.scalars(select(AuditEvent.action)))


def test_the_same_file_twice_changes_nothing(db: Database, store: FileStore) -> None:
    with db.write() as session:
        add_account(session, add_office(session), "1000000017", imb=IMB)
    data = file_of([record(MOVE)])
    taken(db, store, data)
    before = counts(db)
    assert taken(db, store, data).known
    assert counts(db) == before == (1, 1)


def test_the_paper_piece_and_its_notice_are_one(db: Database, store: FileStore) -> None:
    with db.write() as session:
        add_account(session, add_office(session), "1000000017", imb=IMB)
    arrive(db, {**PIECE, "imb": PRINTED})
    taken(db, store, file_of([record(NIXIE)]))
    with db.read() as session:
        outcomes = session.scalars(select(ReturnedPiece.outcome).order_by(ReturnedPiece.id)).all()
    assert (counts(db)[0], outcomes) == (1, ["opened", "copy"])


def test_bad_records_are_refused_by_line_and_the_others_taken(
    db: Database, store: FileStore
) -> None:
    with db.write() as session:
        add_account(session, add_office(session), "1000000017", imb=IMB)
    bad = [
        record(NIXIE)[:-1],
        record({**NIXIE, "deliverability": "?"}),
        record({**NIXIE, "imb": "123"}),
        record({**NIXIE, "imb": ""}),
        record({**NIXIE, "made_on": "20261399"}),
        record({**MOVE, "new_city": ""}),
        record({**NIXIE, "file_version": "01"}),
    ]
    done = taken(db, store, file_of([*bad, record(NIXIE)]))
    assert (done.taken, [each.line for each in done.refused]) == (1, [2, 3, 4, 5, 6, 7, 8])
    assert all("ALVAREZ" not in each.reason for each in done.refused)


def test_a_file_cut_short_says_so(db: Database, store: FileStore) -> None:
    with db.write() as session:
        add_office(session)
    assert taken(db, store, file_of([record(NIXIE)], announced=2)).incomplete


def test_what_is_no_acs_file_is_refused_whole() -> None:
    for data in (b"", b"hello", file_of([]).replace(b"H02", b"H01")):
        with pytest.raises(UnreadableError):
            acs.read(data)


def test_every_code_has_a_reason_of_the_taxonomy() -> None:
    for code, reason in LAYOUT["reasons"].items():
        assert reasons.play(reason).key == reason, code


def test_the_layouts_fields_lie_within_the_record_and_none_lies_on_another() -> None:
    taken_up: set[int] = {1}
    for start, size in LAYOUT["fields"].values():
        places = set(range(start, start + size))
        assert not places & taken_up
        assert max(places) <= LAYOUT["length"]
        taken_up |= places


_word = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=10)


@settings(max_examples=150, deadline=None)
@given(last=_word, street=_word, city=_word, serial=st.integers(0, 999_999), lines=st.booleans())
def test_what_is_written_is_read_again(
    last: str, street: str, city: str, serial: int, lines: bool
) -> None:
    imb = f"00270903123456{serial:06d}45419"
    said = {**MOVE, "last_name": last, "new_street": street, "new_city": city, "imb": imb}
    (notice,) = acs.read(file_of([record(said)], end="\r\n" if lines else "")).notices
    assert (notice.name, notice.imb) == (f"ROSA {last}", imb)
    assert notice.new_address == f"7 {street} LN\n{city} OH 45373"
    parts = acs.imb_parts(imb)
    assert parts is not None
    assert (parts["mailer_id"], parts["serial"]) == ("903123456", f"{serial:06d}")
    assert "".join(parts.values()) == imb


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=1500))
@example(b"\n" * 701)
def test_any_bytes_after_a_header_are_taken_or_refused_and_nothing_else(data: bytes) -> None:
    found = acs.read(file_of([], end="\n") + data)
    assert all(each.line >= 2 and each.reason for each in found.refused)


def test_a_header_whose_count_is_no_ascii_number_announces_nothing() -> None:
    data = file_of([record(MOVE)])
    header = data[:700].replace(b"000000001", "00000001\u00b2".encode("latin-1"))
    found = acs.read(header + data[700:])
    assert (found.announced, len(found.notices)) == (None, 1)
