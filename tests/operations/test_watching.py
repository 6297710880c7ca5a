"""The watched folder: files are taken when they have stopped growing, each once."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sqlalchemy import func, select

from records.installation import Installation
from records.models import SourceFile
from tests.world import add_office
from web import watching


def drop(folder: Path, name: str, data: bytes, *, age_seconds: float = 10) -> Path:
    path = folder / name
    path.write_bytes(data)
    at = time.time() - age_seconds
    os.utime(path, (at, at))
    return path


def test_a_finished_file_is_taken_and_moved_and_a_growing_one_waits(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.db.write() as session:
        office_id = add_office(session).id
    folder = tmp_path / "drop"
    folder.mkdir()
    drop(folder, "done.pdf", b"%PDF done")
    drop(folder, "growing.pdf", b"%PDF grow", age_seconds=0)
    drop(folder, ".hidden", b"not mail")
    taken = watching.take(installation, folder, office_id)
    assert [each.name for each in taken] == ["done.pdf"]
    assert (folder / "taken" / "done.pdf").exists()
    assert (folder / "growing.pdf").exists()
    assert (folder / ".hidden").exists()


def test_the_same_scan_twice_is_one_item_and_both_files_stay(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.db.write() as session:
        office_id = add_office(session).id
    folder = tmp_path / "drop"
    folder.mkdir()
    for _ in range(2):
        drop(folder, "scan.pdf", b"%PDF same")
        watching.take(installation, folder, office_id)
    with installation.db.read() as session:
        assert session.scalar(select(func.count()).select_from(SourceFile)) == 1
    assert {path.name for path in (folder / "taken").iterdir()} == {"scan.pdf", "scan-1.pdf"}


def test_a_link_out_of_the_folder_is_not_followed(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.db.write() as session:
        office_id = add_office(session).id
    folder = tmp_path / "drop"
    folder.mkdir()
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"not mail")
    os.utime(secret, (1, 1))
    (folder / "link.pdf").symlink_to(secret)
    assert watching.take(installation, folder, office_id) == []
    assert secret.exists()


def test_a_file_that_is_too_large_is_set_aside_and_the_rest_goes_on(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.db.write() as session:
        office_id = add_office(session).id
    folder = tmp_path / "drop"
    folder.mkdir()
    small = Installation(
        installation.settings.model_copy(update={"max_upload_bytes": 20}),
        installation.db,
        installation.store,
    )
    drop(folder, "a-big.pdf", b"x" * 21)
    drop(folder, "b-small.pdf", b"y")
    assert [each.name for each in watching.take(small, folder, office_id)] == ["b-small.pdf"]
    assert (folder / "refused" / "a-big.pdf").exists()


def test_a_file_that_cannot_be_read_or_moved_stops_no_other(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.db.write() as session:
        office_id = add_office(session).id
    folder = tmp_path / "drop"
    (folder / "taken").mkdir(parents=True)
    longest = "a" * 251 + ".pdf"
    (folder / "taken" / longest).write_bytes(b"an older one")  # no room for a number
    drop(folder, longest, b"%PDF long")
    drop(folder, "b.pdf", b"%PDF next")
    taken = watching.take(installation, folder, office_id)
    assert len(taken) == 2
    assert [path.name for path in folder.iterdir()] == ["taken"]
    assert len(list((folder / "taken").iterdir())) == 3


def test_a_folder_that_files_cannot_be_moved_into_stops_no_other_file(
    installation: Installation, tmp_path: Path
) -> None:
    with installation.db.write() as session:
        office_id = add_office(session).id
    folder = tmp_path / "drop"
    folder.mkdir()
    drop(folder, "a.pdf", b"%PDF one")
    drop(folder, "taken", b"a file where the folder should be", age_seconds=0)
    drop(folder, "z.pdf", b"%PDF two")
    assert len(watching.take(installation, folder, office_id)) == 2
    assert (folder / "a.pdf").exists()
