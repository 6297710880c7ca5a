"""ACS notices become returned mail: one piece each, a proposed address, bad records by line."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from records import audit, jobs
from records.db import Database
from records.errors import Conflict, UnreadableError
from records.files import FileStore
from records.installation import Installation
from records.models import (
    Account,
    AddressCandidate,
    AddressTask,
    AuditEvent,
    Document,
    Job,
    Office,
    ReturnedPiece,
)
from returned_mail import acs, acs_importing, reasons
from returned_mail.acs_importing import Given, Progress
from returned_mail.jobs import STAGES
from tests.returned_mail.acs_file import IMB, LAYOUT, MOVE, NIXIE, file_of, record
from tests.returned_mail.test_tasks import IMB as PRINTED
from tests.returned_mail.test_tasks import PIECE, arrive
from tests.world import add_account, add_document, add_office


@pytest.fixture
def store(installation: Installation) -> FileStore:
    return installation.store


STAGES_HERE = {stage.name: stage for stage in STAGES}


def give(db: Database, store: FileStore, data: bytes, office: str = "NORTH") -> Given:
    """The file is given in; nothing of it is done yet."""
    prepared = acs_importing.prepare(store, data)
    with db.write() as session:
        office_id = session.scalars(select(Office.id).where(Office.code == office)).one()
        return acs_importing.give(session, prepared, "acs.dat", office_id, "user:sam")


def progress(db: Database) -> Progress:
    with db.read() as session:
        (found,) = acs_importing.progress(session, None)
    return found


def taken(db: Database, store: FileStore, data: bytes) -> Progress:
    """The file comes in and its pieces are booked."""
    give(db, store, data)
    run_all(db)
    return progress(db)


def run_all(db: Database) -> None:
    while (ran := jobs.run_one(db, "test:1:1", STAGES_HERE)) is not None:
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
    assert give(db, store, data).outcome == "known"
    run_all(db)
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


def pieces(count: int) -> bytes:
    """A file of notices of as many mailings."""
    codes = (f"{IMB[:14]}{at:06d}{IMB[20:]}" for at in range(count))
    return file_of([record({**NIXIE, "imb": code}) for code in codes])


@pytest.fixture
def small_blocks(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three records a block, in a group of two offices."""
    monkeypatch.setattr(acs_importing, "BLOCK", 3)
    with db.write() as session:
        for code in ("NORTH", "SOUTH"):
            add_office(session, code)


@pytest.mark.usefixtures("small_blocks")
def test_a_file_is_taken_block_by_block_and_says_how_far_it_is(
    db: Database, store: FileStore
) -> None:
    give(db, store, pieces(7))
    seen = []
    blocks = {acs_importing.STAGE.name: acs_importing.STAGE}
    while jobs.run_one(db, "test:1:1", blocks) is not None:
        now = progress(db)
        seen.append((now.taken, now.done))
    assert seen == [(3, False), (6, False), (7, True)]


@pytest.mark.usefixtures("small_blocks")
def test_a_block_that_a_crash_cut_off_is_done_again_and_no_record_twice(
    db: Database, store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = pieces(7)
    given = give(db, store, data)
    document, made = acs_importing._document, []

    def dies(*args: Any) -> Document:
        made.append(1)
        if len(made) == 5:  # in the middle of the second block
            raise RuntimeError("the machine stops")
        return document(*args)

    monkeypatch.setattr(acs_importing, "_document", dies)
    outcomes = []
    limits = jobs.Limits(backoff_base_seconds=0.0, backoff_limit_seconds=0.0)
    while (ran := jobs.run_one(db, "test:1:1", STAGES_HERE, limits=limits)) is not None:
        outcomes.append(ran.outcome)
    assert outcomes.count("failed") == 1
    assert (progress(db).taken, progress(db).done) == (7, True)
    assert counts(db) == (7, 7)
    assert give(db, store, data) == Given(given.file_id, given.file_ref, "known")


@pytest.mark.usefixtures("small_blocks")
def test_the_same_file_given_again_goes_on_where_it_stopped_for_good(
    db: Database, store: FileStore
) -> None:
    data = pieces(7)
    given = give(db, store, data)
    blocks = {acs_importing.STAGE.name: acs_importing.STAGE}
    jobs.run_one(db, "test:1:1", blocks)
    with db.write() as session:
        for job in session.scalars(select(Job).where(Job.stage == acs_importing.STAGE.name)):
            if job.state == "queued":
                job.state = "dead"
    assert (progress(db).stuck, progress(db).done) == (2, False)
    assert give(db, store, data).outcome == "begun_again"
    acs_importing.run(db, given.file_id)
    run_all(db)
    assert (progress(db).taken, progress(db).stuck, progress(db).done) == (7, 0, True)
    assert counts(db) == (7, 7)


@pytest.mark.usefixtures("small_blocks")
def test_the_same_bytes_from_another_office_are_told_and_taken_once(
    db: Database, store: FileStore
) -> None:
    with db.write() as session:
        south = session.scalars(select(Office).where(Office.code == "SOUTH")).one()
        theirs = add_account(session, south, "1000000017", imb=IMB).id
    data = file_of([record(MOVE)])
    give(db, store, data)
    run_all(db)
    again = give(db, store, data, "SOUTH")
    run_all(db)
    assert (again.outcome, again.file_ref) == ("elsewhere", "")
    with db.read() as session:
        task = session.scalars(select(AddressTask)).one()
        assert (task.account_id, task.office_id) == (theirs, south.id)
        assert acs_importing.progress(session, frozenset({south.id})) == []
        assert "acs.given_again" in set(session.scalars(select(AuditEvent.action)))


def test_bytes_that_are_kept_as_a_scan_are_refused_in_words(db: Database, store: FileStore) -> None:
    data = file_of([record(NIXIE)])
    with db.write() as session:
        scan = add_document(session, add_office(session), "check", {})
        scan.transaction.source_file.sha256 = store.put(data)
    with pytest.raises(Conflict) as refused:
        give(db, store, data)
    assert refused.value.code == "given_as_scan"


@pytest.mark.both_databases
@pytest.mark.usefixtures("small_blocks")
def test_blocks_done_at_once_end_the_file_once(db: Database, store: FileStore) -> None:
    given = give(db, store, pieces(12))
    both = [threading.Thread(target=acs_importing.run, args=(db, given.file_id)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert (progress(db).taken, progress(db).done) == (12, True)
    with db.read() as session:
        said = select(func.count()).where(AuditEvent.action == "acs.imported")
        assert session.scalar(said) == 1
