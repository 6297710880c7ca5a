"""Receiving files: durable before the answer, and the same bytes once, whoever sends them."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from intake import uploads
from records.errors import Conflict, NotFound, WrongUse
from records.installation import Installation
from records.models import Job, ReceivedNotice, SourceFile
from records.workflow import SOURCE_FILE, move
from tests.world import add_office

LIMIT = 1_000_000


def receive(installation: Installation, data: bytes, office_id: str) -> uploads.Receipt:
    kept = uploads.keep(installation.store, data, "bag.pdf", limit_bytes=LIMIT)
    with installation.db.write() as session:
        return uploads.receive(
            session, kept, office_id=office_id, actor="user:casey", channel="web"
        )


@pytest.fixture
def office_id(installation: Installation) -> str:
    with installation.db.write() as session:
        return add_office(session).id


def test_an_answer_means_bytes_row_and_job_are_there(
    installation: Installation, office_id: str
) -> None:
    receipt = receive(installation, b"%PDF-1.4 a bag", office_id)
    assert not receipt.duplicate
    with installation.db.read() as session:
        file = session.get_one(SourceFile, receipt.source_file_id)
        assert installation.store.get(file.sha256) == b"%PDF-1.4 a bag"
        assert session.scalars(select(Job.stage)).all() == ["intake.decode"]


def test_the_same_bytes_again_answer_with_the_first_item(
    installation: Installation, office_id: str
) -> None:
    first = receive(installation, b"bag", office_id)
    again = receive(installation, b"bag", office_id)
    assert again.duplicate
    assert again.ref == first.ref
    assert again.message == f"already received, item {first.ref}"
    with installation.db.read() as session:
        assert session.scalar(select(func.count()).select_from(SourceFile)) == 1
        assert session.scalar(select(func.count()).select_from(ReceivedNotice)) == 1


@pytest.mark.both_databases
def test_eight_people_sending_the_same_bytes_at_once_make_one_item(
    installation: Installation, office_id: str
) -> None:
    receipts: list[uploads.Receipt] = []
    start = threading.Barrier(8)

    def send() -> None:
        start.wait()
        receipts.append(receive(installation, b"one bag", office_id))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 8
    assert len({receipt.ref for receipt in receipts}) == 1
    assert sum(not receipt.duplicate for receipt in receipts) == 1


def test_a_file_over_the_limit_is_refused_and_nothing_is_kept(
    installation: Installation,
) -> None:
    with pytest.raises(WrongUse) as refused:
        uploads.keep(installation.store, b"x" * (LIMIT + 1), "big.pdf", limit_bytes=LIMIT)
    assert refused.value.code == "too_large"
    assert not any(path.is_file() for path in installation.settings.files_dir.rglob("*"))


def test_names_lose_their_folders_and_control_characters(
    installation: Installation,
) -> None:
    kept = uploads.keep(installation.store, b"x", "..\\..\\a/b\x00\n.pdf", limit_bytes=LIMIT)
    assert kept.name == "b.pdf"


def test_an_unknown_office_is_refused(installation: Installation) -> None:
    with pytest.raises(NotFound):
        receive(installation, b"x", "no such office")


def test_a_quarantined_file_is_tried_again_by_a_person_as_often_as_they_like(
    installation: Installation, office_id: str
) -> None:
    receipt = receive(installation, b"broken", office_id)
    for attempt in range(2):
        with installation.db.write() as session:
            file = session.get_one(SourceFile, receipt.source_file_id)
            move(file, SOURCE_FILE, "quarantined")
            file.error_code = "corrupt_file"
        with installation.db.write() as session:
            uploads.retry(session, receipt.source_file_id, "user:ada")
        with installation.db.read() as session:
            assert session.get_one(SourceFile, receipt.source_file_id).state == "received"
            assert session.scalar(select(func.count()).select_from(Job)) == attempt + 2


def test_only_a_quarantined_file_can_be_dismissed(
    installation: Installation, office_id: str
) -> None:
    receipt = receive(installation, b"fine", office_id)
    with pytest.raises(Conflict), installation.db.write() as session:
        uploads.dismiss(session, receipt.source_file_id, "user:ada")
